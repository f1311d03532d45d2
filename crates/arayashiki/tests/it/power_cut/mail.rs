//! The same for mail: 250 only for what lasts, 451 while nothing can be made to last.

use super::machine::Machine;
use crate::outside::{Dice, parallel, seed, smtp, wait};
use crate::world::{Arms, Books, site};
use std::collections::BTreeSet;
use std::io::Result;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// What the end of a mail is answered when it is kept.
pub const KEPT: &str = "250 2.0.0 Ok: it is safe here";
const CONNECTIONS: usize = 4;
/// Large enough that the log is moved into the database file while the test goes on.
const MAIL_BYTES: usize = 24_000;

pub fn door() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], site::free_port()))
}

pub fn config(door: SocketAddr) -> String {
    format!("[mail.smtp]\nlisten = \"{door}\"\nrecipients = [\"@net.example.jp\"]\nrate = 100000\n")
}

fn mail(name: &str, bytes: usize) -> Vec<u8> {
    let mut text = format!(
        "From: monitor@mon.example.jp\r\nTo: alerts@net.example.jp\r\nSubject: trouble {name}\r\n\
         Message-ID: <{name}@mon.example.jp>\r\n\r\nDisk is full\r\n"
    );
    while text.len() < bytes {
        text.push_str("and it goes on and on and on and on and on and on and on and on\r\n");
    }
    text.into_bytes()
}

pub fn deliver(door: SocketAddr, name: &str, bytes: usize) -> Result<String> {
    smtp::deliver(door, ("monitor@mon.example.jp", "alerts@net.example.jp"), &mail(name, bytes))
}

/// The names of the mails that a server on these files has read.
fn found_on(machine: &Machine, files: &Path) -> BTreeSet<String> {
    let mut site = machine.site.on_files(files, &super::machine::config());
    site.start(&Arms::default());
    wait::until("every mail to be read", || {
        let account = site.account().ok()?;
        (account["waiting"] == 0 && account["lost"] == 0).then_some(())
    });
    let books = Books::of(&site);
    let balance = books.balance();
    assert_eq!((balance.difference(), balance.waiting), (0, 0), "{balance:?}");
    let mails = books.mails();
    let names: BTreeSet<String> =
        mails.iter().filter_map(|mail| Some(mail.message_id.as_ref()?.split('@').next()?.to_owned())).collect();
    assert_eq!(names.len(), mails.len(), "a mail is there twice");
    drop(books);
    site.stop();
    names
}

#[test]
fn mail_that_was_answered_250_survives_a_power_cut() {
    let first = seed();
    let seeds = [first, first + 1].map(|seed| (format!("seed {seed}"), seed));
    parallel::all(&seeds, |seed| {
        let found = lost_mails("", *seed);
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

/// Cuts the power once, tearing what was not synced; the mails that are missing then.
pub fn lost_mails(sabotage: &str, seed: u64) -> Vec<String> {
    let (mut dice, door) = (Dice::new(seed), door());
    let Some(mut machine) = Machine::with(&config(door)) else { return Vec::new() };
    machine.start(sabotage);
    let promised = send_and_cut(&machine, door, &mut dice);
    assert!(!promised.is_empty(), "nothing was promised before the cut");
    let left = machine.cut(Some(&mut dice));
    let found = found_on(&machine, &left);
    promised.into_iter().filter(|name| !found.contains(name)).map(|name| format!("{name} was promised")).collect()
}

fn send_and_cut(machine: &Machine, door: SocketAddr, dice: &mut Dice) -> Vec<String> {
    let live = Duration::from_millis(500 + dice.below(900));
    let id = machine.site.id();
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..CONNECTIONS)
            .map(|n| scope.spawn(move || send_until_it_is_gone(door, n, if n == 0 { 0 } else { MAIL_BYTES })))
            .collect();
        std::thread::sleep(live);
        crate::outside::process::signal(id, "KILL");
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    })
}

fn send_until_it_is_gone(door: SocketAddr, sender: usize, bytes: usize) -> Vec<String> {
    let mut promised = Vec::new();
    for n in 0.. {
        let name = format!("s{sender}n{n:05}");
        match deliver(door, &name, bytes) {
            Ok(answer) if answer.starts_with("250") => promised.push(name),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    promised
}

#[test]
fn mail_is_answered_451_while_the_disk_is_broken_and_taken_again_when_it_is_well() {
    let words = ["ENOSPC", "EIO", "SYNC_EIO"].map(|word| (word.to_owned(), word));
    parallel::all(&words, |word| {
        let door = door();
        let Some(mut machine) = Machine::with(&config(door)) else { return };
        machine.start("");
        let mut promised = BTreeSet::new();
        let mut keep = |name: &str| {
            let answer = deliver(door, name, 0).unwrap();
            answer.starts_with("250").then(|| promised.insert(name.to_owned())).ok_or(answer)
        };
        keep("before").unwrap();
        machine.breaks(word);
        for n in 0..5 {
            let answer = deliver(door, &format!("during{n}"), 0).unwrap();
            assert!(answer.starts_with("451"), "{answer}");
        }
        machine.heals();
        wait::until("mail to be taken again", || keep("healed").ok());
        keep("after").unwrap();
        let left = machine.cut(None);
        let found = found_on(&machine, &left);
        let lost: Vec<_> = promised.iter().filter(|name| !found.contains(*name)).collect();
        assert!(lost.is_empty(), "{lost:?} were promised");
    });
}

/// What is promised while nothing can be written.
pub fn words_on_a_full_disk(sabotage: &str) -> Vec<String> {
    let door = door();
    let Some(mut machine) = Machine::with(&config(door)) else {
        return if sabotage.is_empty() { Vec::new() } else { vec!["not shown: no C compiler".to_owned()] };
    };
    machine.start(sabotage);
    machine.breaks("ENOSPC");
    let answers = (0..4).map(|n| deliver(door, &format!("full{n}"), 0).unwrap());
    answers.filter(|answer| !answer.starts_with("451")).map(|answer| format!("{answer} on a full disk")).collect()
}
