//! Every way to tamper with a small record, and that each is found and named.

use super::super::fault::{Fault, Subject, Verdict, Witness};
use super::super::verify::Claim;
use super::super::{Entry, kind};
use super::record::{ORIGIN, Record};

const ROWS: usize = 8;

fn whole() -> Record {
    let record = Record::new(ROWS);
    let verdict = record.verify();
    assert!(verdict.is_whole(), "{:?}", verdict.faults);
    record
}

/// Every text that one wrong byte makes of this one, as far as it is still text.
fn touched(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (at, c) in text.char_indices() {
        for bit in 0..7 {
            let other = char::from_u32(u32::from(c) ^ (1 << bit)).unwrap_or('\u{fffd}');
            let mut changed = text.to_owned();
            changed.replace_range(at..at + c.len_utf8(), &other.to_string());
            all.push(changed);
        }
    }
    all
}

fn names_entry(verdict: &Verdict, at: i64) -> bool {
    verdict.faults.iter().any(|fault| match fault {
        Fault::EntryChanged { seq, .. } | Fault::EntryMoved { seq, .. } => *seq == at,
        Fault::Rewritten { from, to, .. } => (*from..=*to).contains(&at),
        Fault::Changed { seq, .. } | Fault::Missing { seq, .. } => *seq == at,
        _ => false,
    })
}

fn says(verdict: &Verdict, is_it: impl Fn(&Fault) -> bool) {
    assert!(verdict.faults.iter().any(is_it), "{:#?}", verdict.faults);
}

#[test]
fn every_byte_of_every_row_counts() {
    let record = whole();
    for ((kind, subject), text) in &record.rows {
        for changed in touched(text) {
            let mut spoilt = record.clone();
            spoilt.rows.insert((kind.clone(), subject.clone()), changed);
            let verdict = spoilt.verify();
            let of = Subject { kind: kind.clone(), subject: subject.clone() };
            assert!(matches!(verdict.faults.as_slice(), [Fault::Changed { of: named, .. }] if *named == of));
        }
    }
}

/// A change of one field of one entry.
type Change = fn(&mut Entry) -> &mut String;

#[test]
fn every_byte_of_every_entry_counts() {
    let record = whole();
    let fields: [Change; 4] = [|e| &mut e.kind, |e| &mut e.subject, |e| &mut e.digest, |e| &mut e.prev];
    // What stands after the last checkpoint is signed by the next one; there a link of its own can be changed unseen.
    for at in 0..record.entries.len() - 2 {
        for field in fields {
            let text = field(&mut record.entries[at].clone()).clone();
            for changed in touched(&text) {
                let mut spoilt = record.clone();
                *field(&mut spoilt.entries[at]) = changed;
                let verdict = spoilt.verify();
                assert!(names_entry(&verdict, at as i64), "{at} {text}: {:#?}", verdict.faults);
            }
        }
    }
}

#[test]
fn only_the_entry_that_was_changed_is_blamed() {
    let record = whole();
    for at in 0..record.entries.len() - 2 {
        let mut spoilt = record.clone();
        spoilt.entries[at].prev = "0".repeat(63) + "1";
        let blamed = spoilt.verify().faults;
        assert!(
            matches!(blamed.as_slice(), [Fault::EntryChanged { seq, .. }] if *seq == at as i64),
            "{at} {blamed:#?}"
        );
    }
}

#[test]
fn a_row_changed_together_with_its_entry_is_named() {
    let record = whole();
    for at in 0..record.entries.len() - 2 {
        let mut spoilt = record.clone();
        let entry = &mut spoilt.entries[at];
        if [kind::CHECKPOINT, kind::ANCHOR].contains(&entry.kind.as_str()) {
            continue;
        }
        entry.digest = super::super::Hash::of(b"something else").to_string();
        spoilt.rows.insert((entry.kind.clone(), entry.subject.clone()), "something else".into());
        let faults = spoilt.verify().faults;
        assert!(matches!(faults.as_slice(), [Fault::EntryChanged { seq, .. }] if *seq == at as i64), "{faults:#?}");
    }
}

#[test]
fn a_changed_row_with_all_links_made_anew_does_not_fit_what_was_signed() {
    let record = whole();
    for at in 0..record.entries.len() - 2 {
        let mut spoilt = record.clone();
        if [kind::CHECKPOINT, kind::ANCHOR].contains(&spoilt.entries[at].kind.as_str()) {
            continue;
        }
        let (kind, subject) = (spoilt.entries[at].kind.clone(), spoilt.entries[at].subject.clone());
        spoilt.entries[at].digest = super::super::Hash::of(b"something else").to_string();
        spoilt.rows.insert((kind, subject), "something else".into());
        spoilt.relink();
        let verdict = spoilt.verify();
        assert!(names_entry(&verdict, at as i64), "{at}: {:#?}", verdict.faults);
        says(&verdict, |fault| matches!(fault, Fault::Rewritten { .. } | Fault::EntryChanged { .. }));
    }
}

#[test]
fn every_removal_is_named() {
    let record = whole();
    for at in 0..record.entries.len() - 1 {
        let mut spoilt = record.clone();
        let gone = spoilt.entries.remove(at);
        let place = at as i64;
        says(&spoilt.verify(), |fault| *fault == Fault::EntriesMissing { from: place, to: place });
        // Moved together, as if it had never been.
        spoilt.relink();
        spoilt.rows.remove(&(gone.kind, gone.subject));
        let verdict = spoilt.verify();
        says(&verdict, |fault| {
            matches!(
                fault,
                Fault::Rewritten { .. } | Fault::Cut { .. } | Fault::EntryChanged { .. } | Fault::Added { .. }
            )
        });
    }
    for (kind, subject) in record.rows.keys() {
        let mut spoilt = record.clone();
        spoilt.rows.remove(&(kind.clone(), subject.clone()));
        let faults = spoilt.verify().faults;
        assert!(matches!(faults.as_slice(), [Fault::Missing { of, .. }] if of.kind == *kind && of.subject == *subject));
    }
}

#[test]
fn every_two_that_change_places_are_named() {
    let record = whole();
    let count = record.entries.len() - 2;
    for one in 0..count {
        for other in one + 1..count {
            let mut spoilt = record.clone();
            spoilt.entries.swap(one, other);
            spoilt.entries[one].seq = one as i64;
            spoilt.entries[other].seq = other as i64;
            let verdict = spoilt.verify();
            for (at, from) in [(one, other), (other, one)] {
                let (at, from) = (at as i64, from as i64);
                says(
                    &verdict,
                    |f| matches!(f, Fault::EntryMoved { seq, belongs, .. } if (*seq, *belongs) == (at, from)),
                );
            }
            spoilt.relink();
            assert!(!spoilt.verify().is_whole(), "{one} {other}");
        }
    }
}

#[test]
fn what_is_one_too_many_is_named() {
    let record = whole();
    for at in 0..record.entries.len() {
        let mut spoilt = record.clone();
        let twice = spoilt.entries[at].clone();
        spoilt.entries.insert(at, twice.clone());
        says(&spoilt.verify(), |fault| matches!(fault, Fault::EntryAdded { seq, .. } if *seq == at as i64));
        // At the end, linked as it should be: it is entered already.
        let mut spoilt = record.clone();
        spoilt.entries.push(twice);
        spoilt.relink();
        says(
            &spoilt.verify(),
            |fault| matches!(fault, Fault::EntryAdded { of, .. } if of.subject == record.entries[at].subject),
        );
    }
    let mut spoilt = record;
    spoilt.rows.insert((kind::CAPSULE.into(), "planted".into()), "never happened".into());
    says(&spoilt.verify(), |fault| matches!(fault, Fault::Added { of } if of.subject == "planted"));
}

#[test]
fn every_cut_is_named() {
    let record = whole();
    let count = record.entries.len();
    for length in 0..count - 2 {
        let mut spoilt = record.clone();
        spoilt.entries.truncate(length);
        let found = length as i64;
        says(&spoilt.verify(), |fault| matches!(fault, Fault::Cut { found: there, .. } if *there == found));
        // With the checkpoints that tell of it, and the rows: then only what was shown outside knows.
        let kept = |kind: &str, which: &str| spoilt.entries.iter().any(|e| e.kind == kind && e.subject == which);
        let mut cut = spoilt.clone();
        cut.checkpoints.retain(|row| kept(kind::CHECKPOINT, &row.number.to_string()));
        cut.rows.retain(|(kind, subject), _| kept(kind, subject));
        let is_by_anchor = |fault: &Fault| matches!(fault, Fault::Cut { by: Witness::Anchor(1), .. });
        says(&cut.verify(), is_by_anchor);
        cut.anchors.clear();
        let shown = record.anchors[0].note.replace('\n', "\r\n");
        let brought = Claim { by: Witness::Brought("slack.txt".into()), note: format!(" {shown} "), at: None };
        says(&cut.verify_with(&[brought]), |fault| matches!(fault, Fault::Cut { by: Witness::Brought(_), .. }));
    }
}

#[test]
fn another_key_is_named() {
    let record = whole();
    let mut spoilt = Record::new(0);
    spoilt.entries.clear();
    spoilt.checkpoints.clear();
    spoilt.anchors.clear();
    for n in 0..ROWS {
        spoilt.add(kind::AUDIT, &format!("s{n}"), "a history that never was");
    }
    spoilt.checkpoint(2);
    let faults = spoilt.verify().faults;
    let is_named =
        |f: &Fault| matches!(f, Fault::OtherKey { by: Witness::Checkpoint(1), signer, .. } if signer == ORIGIN);
    assert!(faults.iter().any(is_named), "{faults:#?}");
    let brought = Claim { by: Witness::Brought("mail".into()), note: record.anchors[0].note.clone(), at: None };
    says(&spoilt.verify_with(&[brought]), |f| {
        matches!(f, Fault::Rewritten { .. } | Fault::Cut { .. } | Fault::EntryChanged { .. })
    });
}

#[test]
fn every_byte_of_every_checkpoint_and_anchor_counts() {
    let record = whole();
    for at in 0..record.checkpoints.len() {
        for changed in touched(&record.checkpoints[at].note) {
            let mut spoilt = record.clone();
            spoilt.checkpoints[at].note = changed.clone();
            assert!(!spoilt.verify().is_whole(), "{changed}");
        }
        let mut spoilt = record.clone();
        spoilt.checkpoints.remove(at);
        let number = at as i64 + 1;
        says(
            &spoilt.verify(),
            |f| matches!(f, Fault::Missing { of, .. } if of.kind == kind::CHECKPOINT && of.subject == number.to_string()),
        );
    }
    for changed in touched(&record.anchors[0].note) {
        let mut spoilt = record.clone();
        spoilt.anchors[0].note = changed.clone();
        assert!(!spoilt.verify().is_whole(), "{changed}");
    }
    let mut gap = record.clone();
    gap.checkpoints.remove(0);
    says(&gap.verify(), |f| matches!(f, Fault::WitnessMissing { by: Witness::Checkpoint(1) }));
}
