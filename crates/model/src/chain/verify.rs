//! Reads the whole record once, in order, and names everything that is not as it was entered. Keeps no entry, so that a
//! record of any length can be checked; whoever has the rows, the outputs and the public keys hands them in.

use super::checkpoint::{Checkpoint, Note, Signed};
use super::fault::{Counts, Fault, Subject, Verdict, Witness};
use super::links::{Links, subject};
use super::merkle::{Peaks, leaf};
use super::{Entry, Hash};
use crate::Micros;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Faults beyond these are counted.
const MOST_FAULTS: usize = 10_000;

/// What an entry stands for, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Its digest now.
    Digest(String),
    Missing,
    /// It is there, and is not what it should be.
    Unreadable(String),
}

/// One output, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputState {
    Whole,
    Changed,
    Missing,
    /// Taken by retention; the record says so.
    Expired(Micros),
    Unreadable(String),
}

/// A checkpoint that says what the chain was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub by: Witness,
    /// Its note, as it is kept or was brought.
    pub note: String,
    /// When its row says that it was made; `None` of what was brought.
    pub at: Option<Micros>,
}

struct Doubt {
    fault: Fault,
    /// What the checkpoint holds of the last entry.
    head: Hash,
}

pub struct Verifier {
    next: i64,
    links: Links,
    peaks: Peaks,
    /// The tree fits no checkpoint any more, for an entry in it was wrong.
    is_tainted: bool,
    /// Up to here a witness has agreed.
    agreed: u64,
    /// A checkpoint did not fit; the next entry may say which entry it was.
    doubt: Option<Doubt>,
    claims: BTreeMap<u64, Vec<(Witness, Checkpoint)>>,
    seen: HashSet<u64>,
    counts: Counts,
    faults: Vec<Fault>,
    unnamed: u64,
}

impl Verifier {
    /// With what is claimed about the chain, and whom to ask about signatures. Claims of one kind come in their order.
    pub fn new(claims: &[Claim], signed: impl Fn(&Note) -> Signed) -> Self {
        let mut verifier = Self {
            next: 0,
            links: Links::new(),
            peaks: Peaks::default(),
            is_tainted: false,
            agreed: 0,
            doubt: None,
            claims: BTreeMap::new(),
            seen: HashSet::new(),
            counts: Counts::default(),
            faults: Vec::new(),
            unnamed: 0,
        };
        verifier.missing_claims(claims);
        let mut origin = None;
        for claim in claims {
            match read(claim, &signed, origin.as_deref()) {
                Ok(checkpoint) => {
                    origin.get_or_insert_with(|| checkpoint.origin.clone());
                    verifier.claims.entry(checkpoint.size).or_default().push((claim.by.clone(), checkpoint));
                }
                Err(fault) => verifier.fault(fault),
            }
        }
        verifier
    }

    /// Numbers are given without a gap, so one that lacks was taken away.
    fn missing_claims(&mut self, claims: &[Claim]) {
        let (mut checkpoints, mut anchors) = (1, 1);
        for claim in claims {
            let (next, number): (&mut i64, i64) = match &claim.by {
                Witness::Checkpoint(number) => (&mut checkpoints, *number),
                Witness::Anchor(number) => (&mut anchors, *number),
                Witness::Brought(_) => continue,
            };
            let lacking = *next..number.min(next.saturating_add(1_000));
            *next = number.saturating_add(1);
            for number in lacking {
                let by = match &claim.by {
                    Witness::Anchor(_) => Witness::Anchor(number),
                    _ => Witness::Checkpoint(number),
                };
                self.fault(Fault::WitnessMissing { by });
            }
        }
    }

    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < MOST_FAULTS { self.faults.push(fault) } else { self.unnamed += 1 }
    }

    /// The next entry, in the order of their places, with what it stands for as that is now.
    pub fn entry(&mut self, entry: &Entry, now: &Content) {
        self.content(entry, now);
        let Ok(bytes) = entry.bytes() else {
            return self.fault(Fault::EntryChanged { seq: entry.seq, of: subject(entry) });
        };
        if entry.seq < self.next {
            self.is_tainted = true;
            return self.fault(Fault::EntryAdded { seq: entry.seq, of: subject(entry) });
        }
        let is_gap = entry.seq > self.next;
        if is_gap {
            self.is_tainted = true;
            self.fault(Fault::EntriesMissing { from: self.next, to: entry.seq - 1 });
        }
        if !self.seen.insert(mark(entry)) {
            self.fault(Fault::EntryAdded { seq: entry.seq, of: subject(entry) });
        }
        self.settle(Some(&entry.prev));
        self.links.follow(entry.clone(), Hash::of(&bytes), is_gap);
        self.peaks.push(leaf(&bytes));
        self.next = entry.seq + 1;
        self.counts.entries += 1;
        *self.counts.by_kind.entry(entry.kind.clone()).or_default() += 1;
        self.weigh();
    }

    fn content(&mut self, entry: &Entry, now: &Content) {
        let (seq, of) = (entry.seq, subject(entry));
        match now {
            Content::Digest(digest) if *digest == entry.digest => {}
            Content::Digest(_) => self.fault(Fault::Changed { seq, of }),
            Content::Missing => self.fault(Fault::Missing { seq, of }),
            Content::Unreadable(why) => self.fault(Fault::Unreadable { seq, of, why: why.clone() }),
        }
    }

    /// Holds what witnesses say of the chain as it was when it ended here against what it is.
    fn weigh(&mut self) {
        let size = u64::try_from(self.next).unwrap_or(0);
        let Some(claims) = self.claims.remove(&size) else { return };
        for (by, claim) in claims {
            let was_sound = self.links.is_sound() && !self.is_tainted;
            let is_head = claim.head == self.links.head();
            let is_root = self.peaks.root() == claim.root;
            if is_head && (is_root || !was_sound) {
                self.counts.witnesses += 1;
                self.agreed = size;
                continue;
            }
            // One entry alone since the last agreement is named; of several nobody can tell which.
            if was_sound && (is_head || size > self.agreed + 1) {
                let (from, to) = (place(self.agreed), place(size) - 1);
                self.doubt.get_or_insert(Doubt { fault: Fault::Rewritten { from, to, by }, head: claim.head });
            } else {
                self.links.witness(&claim.head.to_string());
            }
            self.is_tainted = true;
            self.agreed = size;
        }
    }

    /// Where the next entry holds the same hash as the checkpoint, the entry between them is the one that was changed, and the
    /// links name it.
    fn settle(&mut self, prev: Option<&str>) {
        if let Some(doubt) = self.doubt.take()
            && prev != Some(doubt.head.to_string().as_str())
        {
            self.fault(doubt.fault);
        }
    }

    /// Something that can be entered, has no entry and waits for none.
    pub fn extra(&mut self, kind: &str, which: &str) {
        self.fault(Fault::Added { of: Subject { kind: kind.to_owned(), subject: which.to_owned() } });
    }

    /// One output of a capsule.
    pub fn output(&mut self, capsule: &str, object: &str, state: &OutputState) {
        self.counts.outputs += 1;
        let (capsule, object) = (capsule.to_owned(), object.to_owned());
        match state {
            OutputState::Whole => {}
            OutputState::Expired(_) => self.counts.outputs_expired += 1,
            OutputState::Changed => self.fault(Fault::OutputChanged { capsule, object }),
            OutputState::Missing => self.fault(Fault::OutputMissing { capsule, object }),
            OutputState::Unreadable(why) => {
                self.fault(Fault::OutputUnreadable { capsule, object, why: why.clone() });
            }
        }
    }

    /// What there is to say once all has been handed in.
    pub fn finish(mut self) -> Verdict {
        self.settle(None);
        let found = self.next;
        for (signed, claims) in std::mem::take(&mut self.claims) {
            for (by, _) in claims.into_iter().filter(|_| signed > place_count(found)) {
                self.fault(Fault::Cut { found, signed, by });
            }
        }
        let (head, root) = (self.links.head(), self.peaks.root());
        self.counts.unsigned = place_count(found).saturating_sub(self.agreed);
        for fault in std::mem::replace(&mut self.links, Links::new()).finish() {
            self.fault(fault);
        }
        Verdict { counts: self.counts, head, root, faults: self.faults, unnamed: self.unnamed }
    }
}

/// A kept note is held to the letter; one that was brought may have been through mail and chat.
fn read(claim: &Claim, signed: &impl Fn(&Note) -> Signed, origin: Option<&str>) -> Result<Checkpoint, Fault> {
    let by = claim.by.clone();
    let note = if matches!(by, Witness::Brought(_)) { Note::find(&claim.note) } else { Note::parse(&claim.note) };
    let Some(note) = note else { return Err(Fault::WitnessChanged { by }) };
    match signed(&note) {
        Signed::Ours => {}
        Signed::Broken => return Err(Fault::WitnessChanged { by }),
        Signed::Unknown => return Err(Fault::OtherKey { by, signer: note.signer, key: hex::encode(note.key_id) }),
    }
    let is_dated = match (&by, claim.at) {
        (Witness::Checkpoint(_), Some(at)) => at == note.checkpoint.at,
        _ => true,
    };
    if !is_dated {
        return Err(Fault::WitnessChanged { by });
    }
    if origin.is_some_and(|origin| origin != note.checkpoint.origin) {
        return Err(Fault::OtherRecord { by, origin: note.checkpoint.origin });
    }
    Ok(note.checkpoint)
}

fn mark(entry: &Entry) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&entry.kind, &entry.subject).hash(&mut hasher);
    hasher.finish()
}

fn place(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn place_count(place: i64) -> u64 {
    u64::try_from(place).unwrap_or(0)
}
