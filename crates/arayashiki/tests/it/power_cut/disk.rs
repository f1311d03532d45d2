//! A disk that is full, read-only or broken: nothing is promised then, the program says so, and it goes on by itself
//! when the disk is well again.

use super::machine::{Machine, found_on};
use crate::outside::{parallel, wait};

#[test]
fn a_broken_disk_is_answered_503_and_healed_without_a_restart() {
    let words = ["ENOSPC", "EROFS", "EIO", "SYNC_EIO"].map(|word| (word.to_owned(), word));
    parallel::all(&words, |word| {
        let Some(mut machine) = Machine::new() else { return };
        machine.start("");
        let mut promised = Vec::new();
        post(&machine, "BEFORE", &mut promised);
        assert_eq!(promised.len(), 5);
        machine.breaks(word);
        let during = refused(&machine);
        says_so(&machine);
        machine.heals();
        wait::until("an event to be taken again", || {
            (machine.post("QHEALED").status == 202).then(|| promised.push("QHEALED".to_owned()))
        });
        wait::until("readiness", || (machine.site.get("/readyz").unwrap().status == 200).then_some(()));
        post(&machine, "AFTER", &mut promised);
        let left = machine.cut(None);
        let found = found_on(&machine.site, &left).unwrap();
        let lost: Vec<_> = promised.iter().filter(|incident| !found.contains(*incident)).collect();
        assert!(lost.is_empty(), "{lost:?} were promised");
        eprintln!("{word}: {during} refused, {} kept", found.len());
    });
}

fn post(machine: &Machine, kind: &str, promised: &mut Vec<String>) {
    for n in 0..5 {
        let incident = format!("Q{kind}{n}");
        let answer = machine.post(&incident);
        assert_eq!(answer.status, 202, "{kind}: {}", answer.text());
        promised.push(incident);
    }
}

/// While the disk is broken nothing at all is promised.
fn refused(machine: &Machine) -> usize {
    for n in 0..8 {
        let answer = machine.post(&format!("QDURING{n}"));
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(answer.header("retry-after").is_some(), "{:?}", answer.headers);
    }
    8
}

fn says_so(machine: &Machine) {
    let words = wait::until("readiness to be denied", || {
        let answer = machine.site.get("/readyz").unwrap();
        (answer.status == 503).then(|| answer.text())
    });
    assert!(words.split_whitespace().count() >= 3, "no words: {words:?}");
    assert_eq!(machine.site.get("/healthz").unwrap().status, 200);
}
