//! Checkpoints: how long the chain is and what its hashes are, as a text that is signed (C2SP tlog-checkpoint, a signed note)
//! and that witnesses' tools read. Never signs by itself and never says whom to trust.

use super::Hash;
use crate::Micros;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Before a signature's line.
const DASH: &str = "\u{2014} ";
const CHAIN: &str = "chain ";
const TIME: &str = "time ";
/// Ed25519, in a note's keys.
const ALGORITHM: u8 = 1;
const SIGNATURE_BYTES: usize = 64;
const ID_BYTES: usize = 4;
const CHECKPOINT_LINES: usize = 5;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose record it is: a name without spaces and plus signs.
    pub origin: String,
    pub size: u64,
    /// The root of the tree over the entries.
    pub root: Hash,
    /// The last entry's hash.
    pub head: Hash,
    pub at: Micros,
}

impl Checkpoint {
    /// What is signed.
    pub fn text(&self) -> String {
        let Self { origin, size, root, head, at } = self;
        format!("{origin}\n{size}\n{}\n{CHAIN}{head}\n{TIME}{}\n", BASE64.encode(root.0), at.rfc3339())
    }

    /// Reads what `text` wrote, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let checkpoint = Self {
            origin: lines.next()?.to_owned(),
            size: lines.next()?.parse().ok()?,
            root: Hash(BASE64.decode(lines.next()?).ok()?.try_into().ok()?),
            head: Hash::parse(lines.next()?.strip_prefix(CHAIN)?)?,
            at: Micros::parse(lines.next()?.strip_prefix(TIME)?)?,
        };
        (is_name(&checkpoint.origin) && checkpoint.text() == text).then_some(checkpoint)
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '+')
}

/// A public key of Ed25519, under the name that its signatures carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    pub name: String,
    pub public: [u8; 32],
}

impl VerifierKey {
    /// What a signature's line begins with, so that its key is found.
    pub fn id(&self) -> [u8; ID_BYTES] {
        let hash = Hash::of(&[self.name.as_bytes(), b"\n", &[ALGORITHM], &self.public].concat()).0;
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// `name+id+key`: the form in which such keys are handed round.
    pub fn text(&self) -> String {
        let key = BASE64.encode([&[ALGORITHM], self.public.as_slice()].concat());
        format!("{}+{}+{key}", self.name, hex::encode(self.id()))
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.trim().split_once('+')?;
        let (_, key) = rest.split_once('+')?;
        let key = BASE64.decode(key).ok()?;
        let (algorithm, public) = key.split_first()?;
        let key = Self { name: name.to_owned(), public: public.try_into().ok()? };
        (*algorithm == ALGORITHM && is_name(name) && key.text() == text.trim()).then_some(key)
    }
}

/// A checkpoint with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub checkpoint: Checkpoint,
    /// Whose key signed, by its name and id.
    pub signer: String,
    pub key_id: [u8; ID_BYTES],
    pub signature: [u8; SIGNATURE_BYTES],
}

impl Note {
    pub fn new(checkpoint: Checkpoint, key: &VerifierKey, signature: [u8; SIGNATURE_BYTES]) -> Self {
        Self { checkpoint, signer: key.name.clone(), key_id: key.id(), signature }
    }

    pub fn text(&self) -> String {
        let signed = BASE64.encode([self.key_id.as_slice(), &self.signature].concat());
        format!("{}\n{DASH}{} {signed}\n", self.checkpoint.text(), self.signer)
    }

    /// Reads what `text` wrote, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (body, signature) = text.strip_suffix('\n')?.split_once("\n\n")?;
        let checkpoint = Checkpoint::parse(&format!("{body}\n"))?;
        let (signer, signed) = signature.strip_prefix(DASH)?.split_once(' ')?;
        let signed = BASE64.decode(signed).ok()?;
        let (key_id, signature) = signed.split_at_checked(ID_BYTES)?;
        let note = Self {
            checkpoint,
            signer: signer.to_owned(),
            key_id: key_id.try_into().ok()?,
            signature: signature.try_into().ok()?,
        };
        (note.text() == text).then_some(note)
    }

    /// Looks for a note in what went through mail or chat: with words around it, quoted, its empty lines lost.
    pub fn find(text: &str) -> Option<Self> {
        let tidied = text.lines().map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '>'));
        let lines: Vec<&str> = tidied.filter(|line| !line.is_empty()).collect();
        lines.windows(CHECKPOINT_LINES + 1).find_map(|lines| {
            let (signature, checkpoint) = lines.split_last()?;
            Self::parse(&format!("{}\n\n{signature}\n", checkpoint.join("\n")))
        })
    }
}

/// Who signed a note, as far as whoever asks knows keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signed {
    /// One of the keys that are trusted.
    Ours,
    /// The key is not among them.
    Unknown,
    /// It names a key that is trusted, and the signature does not hold: a byte was changed.
    Broken,
}

/// Judges a note by keys and a function that checks one signature over a text by a public key.
pub fn signed(
    note: &Note,
    keys: &[VerifierKey],
    holds: impl Fn(&[u8; 32], &[u8], &[u8; SIGNATURE_BYTES]) -> bool,
) -> Signed {
    let Some(key) = keys.iter().find(|key| key.id() == note.key_id && key.name == note.signer) else {
        return Signed::Unknown;
    };
    let text = note.checkpoint.text();
    if holds(&key.public, text.as_bytes(), &note.signature) { Signed::Ours } else { Signed::Broken }
}
