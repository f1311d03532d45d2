//! A small record in memory: rows, entries and checkpoints as they would be kept, and how they are checked.

use super::super::checkpoint::{Checkpoint, Note, Signed, VerifierKey, signed};
use super::super::fault::{Verdict, Witness};
use super::super::merkle::{Peaks, leaf};
use super::super::verify::{Claim, Content, Verifier};
use super::super::{AnchorRow, CheckpointRow, Entry, Hash, kind};
use crate::Micros;
use crate::canonical;
use std::collections::BTreeMap;

pub const ORIGIN: &str = "example/record";

/// A row by its kind and name, as the text that it is kept as.
pub type Rows = BTreeMap<(String, String), String>;

#[derive(Clone, Debug)]
pub struct Record {
    pub rows: Rows,
    pub entries: Vec<Entry>,
    pub checkpoints: Vec<CheckpointRow>,
    pub anchors: Vec<AnchorRow>,
}

/// A signature that stands for one of Ed25519: it binds the key and the text.
pub fn sign(secret: u8, text: &str) -> [u8; 64] {
    let half = Hash::of(&[&[secret], text.as_bytes()].concat()).0;
    [half, half].concat().try_into().unwrap()
}

pub fn key(secret: u8) -> VerifierKey {
    VerifierKey { name: ORIGIN.into(), public: [secret; 32] }
}

impl Record {
    /// `count` rows, a checkpoint after every third, the last one shown outside.
    pub fn new(count: usize) -> Self {
        let mut record = Self { rows: Rows::new(), entries: vec![], checkpoints: vec![], anchors: vec![] };
        for n in 0..count {
            let kind = if n % 2 == 0 { kind::AUDIT } else { kind::CAPSULE };
            record.add(kind, &format!("s{n}"), &format!("what was found, {n}"));
            if n % 3 == 2 {
                record.checkpoint(1);
            }
        }
        record.checkpoint(1);
        let note = record.checkpoints.last().unwrap().note.clone();
        let anchor = AnchorRow { number: 1, at: 9, way: "slack".into(), place: "#record".into(), note };
        record.enter(kind::ANCHOR, "1", &canonical::digest(&anchor).unwrap());
        record.anchors.push(anchor);
        record
    }

    pub fn add(&mut self, kind: &str, subject: &str, text: &str) {
        self.rows.insert((kind.to_owned(), subject.to_owned()), text.to_owned());
        self.enter(kind, subject, &Hash::of(text.as_bytes()).to_string());
    }

    fn enter(&mut self, kind: &str, subject: &str, digest: &str) {
        let prev = self.entries.last().map_or(Hash::NONE, |entry| entry.hash().unwrap()).to_string();
        let seq = i64::try_from(self.entries.len()).unwrap();
        self.entries.push(Entry { seq, kind: kind.into(), subject: subject.into(), digest: digest.into(), prev });
    }

    pub fn checkpoint(&mut self, secret: u8) {
        let row = self.checkpoint_row(secret);
        self.enter(kind::CHECKPOINT, &row.number.to_string(), &canonical::digest(&row).unwrap());
        self.checkpoints.push(row);
    }

    fn checkpoint_row(&self, secret: u8) -> CheckpointRow {
        let mut peaks = Peaks::default();
        self.entries.iter().for_each(|entry| peaks.push(leaf(&entry.bytes().unwrap())));
        let number = i64::try_from(self.checkpoints.len()).unwrap() + 1;
        let checkpoint = Checkpoint {
            origin: ORIGIN.into(),
            size: peaks.size(),
            root: peaks.root(),
            head: self.entries.last().map_or(Hash::NONE, |entry| entry.hash().unwrap()),
            at: Micros(number * 1_000_000),
        };
        let signature = sign(secret, &checkpoint.text());
        let note = Note::new(checkpoint, &key(secret), signature).text();
        CheckpointRow { number, at: number * 1_000_000, note }
    }

    /// All links made anew from here on, as somebody would who knows how.
    pub fn relink(&mut self) {
        let mut prev = Hash::NONE;
        for (seq, entry) in self.entries.iter_mut().enumerate() {
            entry.seq = i64::try_from(seq).unwrap();
            entry.prev = prev.to_string();
            prev = entry.hash().unwrap();
        }
    }

    fn now(&self, entry: &Entry) -> Content {
        let number = |text: &str| text.parse::<i64>().ok();
        let digest = match entry.kind.as_str() {
            kind::CHECKPOINT => {
                let row = self.checkpoints.iter().find(|row| Some(row.number) == number(&entry.subject));
                row.map(|row| canonical::digest(row).unwrap())
            }
            kind::ANCHOR => {
                let row = self.anchors.iter().find(|row| Some(row.number) == number(&entry.subject));
                row.map(|row| canonical::digest(row).unwrap())
            }
            _ => {
                let row = self.rows.get(&(entry.kind.clone(), entry.subject.clone()));
                row.map(|text| Hash::of(text.as_bytes()).to_string())
            }
        };
        digest.map_or(Content::Missing, Content::Digest)
    }

    fn claims(&self) -> Vec<Claim> {
        let checkpoints = self.checkpoints.iter().map(|row| Claim {
            by: Witness::Checkpoint(row.number),
            note: row.note.clone(),
            at: Some(Micros(row.at)),
        });
        let anchors = self.anchors.iter().map(|row| Claim {
            by: Witness::Anchor(row.number),
            note: row.note.clone(),
            at: Some(Micros(row.at)),
        });
        checkpoints.chain(anchors).collect()
    }

    pub fn verify(&self) -> Verdict {
        self.verify_with(&[])
    }

    pub fn verify_with(&self, brought: &[Claim]) -> Verdict {
        let keys = [key(1)];
        let holds = |public: &[u8; 32], text: &[u8], signature: &[u8; 64]| {
            sign(public[0], std::str::from_utf8(text).unwrap()) == *signature
        };
        let claims = [self.claims(), brought.to_vec()].concat();
        let mut verifier = Verifier::new(&claims, |note: &Note| -> Signed { signed(note, &keys, holds) });
        for entry in &self.entries {
            verifier.entry(entry, &self.now(entry));
        }
        let is_entered = |kind: &str, which: &str| self.entries.iter().any(|e| e.kind == kind && e.subject == which);
        for (kind, subject) in self.rows.keys() {
            if !is_entered(kind, subject) {
                verifier.extra(kind, subject);
            }
        }
        for row in self.checkpoints.iter().filter(|row| !is_entered(kind::CHECKPOINT, &row.number.to_string())) {
            verifier.extra(kind::CHECKPOINT, &row.number.to_string());
        }
        verifier.finish()
    }
}
