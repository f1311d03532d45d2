//! What may be found wrong with the record, each named by its place. Says what is so, never who did it.

use super::Hash;
use serde::Serialize;

/// Which of the entered things.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Subject {
    pub kind: String,
    pub subject: String,
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.subject)
    }
}

/// Who says how long the chain was, and what its hashes were.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "by", content = "which", rename_all = "snake_case")]
pub enum Witness {
    /// A checkpoint that is kept beside the chain, by its number.
    Checkpoint(i64),
    /// One that was shown outside, by its number.
    Anchor(i64),
    /// One that whoever checks has brought along.
    Brought(String),
}

impl std::fmt::Display for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Checkpoint(number) => write!(f, "checkpoint {number}"),
            Self::Anchor(number) => write!(f, "anchor {number}"),
            Self::Brought(name) => write!(f, "the checkpoint in {name}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    #[error("entry {seq} ({of}) was changed: the entry after it, or a checkpoint, holds another hash of it")]
    EntryChanged { seq: i64, of: Subject },
    #[error("entry {seq} ({of}) can't be proven any more, for the entry after it was changed too")]
    EntryUnproven { seq: i64, of: Subject },
    #[error("entry {seq} ({of}) stands in the wrong place: it was entered as {belongs}")]
    EntryMoved { seq: i64, belongs: i64, of: Subject },
    #[error("entries {from} to {to} are missing")]
    EntriesMissing { from: i64, to: i64 },
    #[error("entry {seq} ({of}) is one too many: that place, or what it stands for, is entered already")]
    EntryAdded { seq: i64, of: Subject },
    #[error(
        "between entry {from} and entry {to} something was rewritten: the chain holds together, but {by} has another hash of it"
    )]
    Rewritten { from: i64, to: i64, by: Witness },
    #[error("the end is cut off: {by} counted {signed} entries, and {found} are there")]
    Cut { found: i64, signed: u64, by: Witness },

    #[error("{of} was changed: it is no longer what entry {seq} was made of")]
    Changed { seq: i64, of: Subject },
    #[error("{of} is missing: entry {seq} was made of it")]
    Missing { seq: i64, of: Subject },
    #[error("{of} can't be read as what it was ({why}): entry {seq} was made of it")]
    Unreadable { seq: i64, of: Subject, why: String },
    #[error("{of} has no entry and waits for none: it was added past the record, or its entry was removed")]
    Added { of: Subject },

    #[error("the output {object} of capsule {capsule} was changed")]
    OutputChanged { capsule: String, object: String },
    #[error("the output {object} of capsule {capsule} is missing, and no retention took it")]
    OutputMissing { capsule: String, object: String },
    #[error("the output {object} of capsule {capsule} can't be read: {why}")]
    OutputUnreadable { capsule: String, object: String, why: String },

    #[error("{by} was changed: it is no longer what was signed")]
    WitnessChanged { by: Witness },
    #[error("{by} was signed by another key than this install's: {signer}, key {key}")]
    OtherKey { by: Witness, signer: String, key: String },
    #[error("{by} is of another record: {origin}")]
    OtherRecord { by: Witness, origin: String },
    #[error("{by} is missing: those after it are there")]
    WitnessMissing { by: Witness },
}

/// How far the record was found to reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub entries: u64,
    /// By what they stand for.
    pub by_kind: std::collections::BTreeMap<String, u64>,
    pub outputs: u64,
    /// Taken by retention, as the record itself says.
    pub outputs_expired: u64,
    /// Checkpoints and anchors that were signed by this install and fit the entries.
    pub witnesses: u64,
    /// Entries after the last of those.
    pub unsigned: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub counts: Counts,
    /// The last entry's hash.
    pub head: Hash,
    pub root: Hash,
    pub faults: Vec<Fault>,
    /// How many more there are than are named.
    pub unnamed: u64,
}

impl Verdict {
    pub const fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}
