//! The record's chain: what was kept is entered once, in one order, and each entry holds the digest of the one before it.
//! Says what an entry is and how it is hashed; where entries are kept and who signs them is for others.
//!
//! `merkle` makes the tree over the entries, `checkpoint` the text that is signed and shown outside, `verify` finds what
//! was changed since.

pub mod checkpoint;
pub mod fault;
mod links;
pub mod merkle;
#[cfg(test)]
mod tests;
pub mod verify;

use crate::canonical::{self, CanonicalError};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What kinds of things are entered. A text, so that a later program's kinds can be read by this one.
pub mod kind {
    pub const CAPSULE: &str = "capsule";
    pub const AUDIT: &str = "audit";
    pub const CHECKPOINT: &str = "checkpoint";
    pub const ANCHOR: &str = "anchor";
    pub const ALL: [&str; 4] = [CAPSULE, AUDIT, CHECKPOINT, ANCHOR];
}

/// A SHA-256.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first entry has before it.
    pub const NONE: Self = Self([0; 32]);

    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits in small letters.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 32] = hex::decode(text).ok()?.try_into().ok()?;
        Some(Self(bytes)).filter(|hash| hash.to_string() == text)
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One entry, as it is kept: texts, so that no changed byte is lost in reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place, from 0.
    pub seq: i64,
    pub kind: String,
    /// Which of its kind.
    pub subject: String,
    /// SHA-256 of what it stands for, in its canonical form.
    pub digest: String,
    /// The hash of the entry before it.
    pub prev: String,
}

impl Entry {
    /// The bytes that are hashed: canonical JSON of the five fields.
    ///
    /// # Errors
    /// Its place is beyond what JSON's readers agree on.
    pub fn bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_vec(self)
    }

    /// What the next entry holds of it.
    ///
    /// # Errors
    /// As for [`Entry::bytes`].
    pub fn hash(&self) -> Result<Hash, CanonicalError> {
        Ok(Hash::of(&self.bytes()?))
    }
}

/// A row of the audit record, as it is entered. `detail` is the text as it was written, for its numbers may be of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    pub id: i64,
    pub at: i64,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub customer: Option<String>,
    pub detail: String,
}

/// A checkpoint as it is kept and entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointRow {
    /// From 1, without a gap.
    pub number: i64,
    pub at: i64,
    /// With its signature.
    pub note: String,
}

/// A checkpoint that was shown outside, as it is kept and entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorRow {
    /// From 1, without a gap.
    pub number: i64,
    pub at: i64,
    /// The way it went: `slack`, `mail`, `s3`.
    pub way: String,
    /// Where it can be looked at, in words for people.
    pub place: String,
    /// The checkpoint's note as it was shown.
    pub note: String,
}
