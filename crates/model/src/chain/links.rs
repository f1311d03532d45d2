//! Follows the links from entry to entry and says which entry it was where one does not hold. An entry is witnessed by the
//! one after it (or by a checkpoint), so it is judged one step late.

use super::fault::{Fault, Subject};
use super::{Entry, Hash};
use std::collections::HashSet;

/// The last entry, until its witness comes.
struct Pending {
    entry: Entry,
    hash: Hash,
    /// What its `prev` should say; `None` where the entry before it is missing.
    before: Option<Hash>,
    /// By its `prev`, the entry before it is not what it was.
    accuses: Option<(i64, Subject)>,
}

/// More broken entries than these are named one by one, without looking where they belong.
const MOST_SUSPECTS: usize = 300;

pub struct Links {
    pending: Option<Pending>,
    /// Entries that may stand in each other's place.
    suspects: Vec<Entry>,
    /// Hashes that some entry is known to have had.
    known: HashSet<String>,
    faults: Vec<Fault>,
}

pub fn subject(entry: &Entry) -> Subject {
    Subject { kind: entry.kind.clone(), subject: entry.subject.clone() }
}

impl Links {
    pub fn new() -> Self {
        Self { pending: None, suspects: Vec::new(), known: HashSet::new(), faults: Vec::new() }
    }

    /// The last entry's hash.
    pub fn head(&self) -> Hash {
        self.pending.as_ref().map_or(Hash::NONE, |pending| pending.hash)
    }

    /// The next entry, with its hash. `is_gap`: the one that should stand before it is missing.
    pub fn follow(&mut self, entry: Entry, hash: Hash, is_gap: bool) {
        let before = (!is_gap).then(|| self.head());
        let holds = before.is_none_or(|before| entry.prev == before.to_string());
        let accuses = if is_gap { None } else { self.judge(&entry.prev) };
        self.let_go();
        if !holds {
            self.suspect(&entry);
            if accuses.is_none() {
                // The first of all: nobody stands before it.
                self.blame(Fault::EntryChanged { seq: entry.seq, of: subject(&entry) });
            }
        }
        self.pending = Some(Pending { entry, hash, before, accuses });
    }

    /// A checkpoint holds this hash of the last entry.
    pub fn witness(&mut self, held: &str) {
        if let Some((seq, of)) = self.judge(held) {
            self.blame(Fault::EntryChanged { seq, of });
        }
    }

    /// Somebody holds this hash of the last entry: gives that entry if it has another one.
    fn judge(&mut self, held: &str) -> Option<(i64, Subject)> {
        let pending = self.pending.as_mut().filter(|pending| held != pending.hash.to_string())?;
        let entry = pending.entry.clone();
        let accused = pending.accuses.take();
        let mended = pending.before.map(|before| Entry { prev: before.to_string(), ..entry.clone() });
        let only_its_link = mended.and_then(|entry| entry.hash().ok()).is_some_and(|hash| hash.to_string() == held);
        if let Some((seq, of)) = accused.filter(|_| !only_its_link) {
            // The word of an entry that was changed itself proves nothing, for or against.
            self.blame(Fault::EntryUnproven { seq, of });
        }
        self.suspect(&entry);
        self.known.insert(held.to_owned());
        Some((entry.seq, subject(&entry)))
    }

    fn blame(&mut self, fault: Fault) {
        if !self.faults.iter().rev().take(4).any(|other| *other == fault) {
            self.faults.push(fault);
        }
    }

    fn suspect(&mut self, entry: &Entry) {
        if self.suspects.len() < MOST_SUSPECTS && !self.suspects.contains(entry) {
            self.suspects.push(entry.clone());
            self.known.insert(entry.prev.clone());
        }
    }

    /// The last entry is as good as its witness says; so its own word about the one before it counts.
    fn let_go(&mut self) {
        if let Some((seq, of)) = self.pending.take().and_then(|pending| pending.accuses) {
            self.blame(Fault::EntryChanged { seq, of });
        }
    }

    pub fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.pending.as_ref().is_none_or(|pending| pending.accuses.is_none())
    }

    /// The faults, with those entries named as moved that fit another place.
    pub fn finish(mut self) -> Vec<Fault> {
        self.let_go();
        if self.suspects.len() < MOST_SUSPECTS {
            let moved: Vec<Fault> = self.suspects.iter().filter_map(|entry| self.moved(entry)).collect();
            self.faults.retain(|fault| {
                let Fault::EntryChanged { seq, .. } = fault else { return true };
                !moved.iter().any(|other| matches!(other, Fault::EntryMoved { seq: at, .. } if at == seq))
            });
            self.faults.extend(moved);
        }
        self.faults
    }

    fn moved(&self, entry: &Entry) -> Option<Fault> {
        let places = self.suspects.iter().map(|other| other.seq).filter(|seq| *seq != entry.seq);
        let belongs = places.into_iter().find(|seq| {
            let there = Entry { seq: *seq, ..entry.clone() };
            there.hash().is_ok_and(|hash| self.known.contains(&hash.to_string()))
        })?;
        Some(Fault::EntryMoved { seq: entry.seq, belongs, of: subject(entry) })
    }
}
