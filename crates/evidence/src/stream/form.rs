//! The form of a sealed stream. Pure; hostile bytes are errors.
//!
//! `magic "ARYSTRM" · version 1 · key id (8)`, then frames, then an index, then the index's length (4). A frame is
//! `nonce (12) · AES-256-GCM over zstd of 256 KiB of the stream`, the last one over what was left. The index is sealed like a
//! frame, over `length of the stream (8) · SHA-256 of the stream (32) · the frames' lengths (4 each)`; numbers are big endian.
//! Head, name, and a frame's place are authenticated, so that frames can't be exchanged, left out or moved.

use crate::EvidenceError;
use crate::key::{ID_BYTES, Key, Keys};
use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};

const MAGIC: &[u8; 7] = b"ARYSTRM";
const VERSION: u8 = 1;
pub const HEAD_BYTES: usize = MAGIC.len() + 1 + ID_BYTES;
pub const TAIL_BYTES: usize = 4;
const DIGEST_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
/// Of the stream, in each frame but the last.
pub const FRAME_BYTES: usize = 256 << 10;
const LEVEL: i32 = 3;

/// What a sealed part of a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Frame(u64),
    /// After so many frames.
    Index(u64),
}

impl Part {
    /// What is authenticated beside the bytes.
    fn bound(self, head: &[u8], name: &str) -> Aad<Vec<u8>> {
        let (mark, place) = match self {
            Self::Frame(place) => (0, place),
            Self::Index(place) => (1, place),
        };
        Aad::from([head, &[mark], &place.to_be_bytes(), name.as_bytes()].concat())
    }
}

pub fn head(key: &Key) -> Vec<u8> {
    [MAGIC, [VERSION].as_slice(), &key.id].concat()
}

/// The key that a stream was sealed with.
pub fn key<'a>(name: &str, head: &[u8], keys: &'a Keys) -> Result<&'a Key, EvidenceError> {
    let (magic, rest) = head.split_at_checked(MAGIC.len()).ok_or_else(|| damaged(name, "it is cut off"))?;
    let (version, id) = rest.split_at_checked(1).ok_or_else(|| damaged(name, "it is cut off"))?;
    if magic != MAGIC {
        return Err(damaged(name, "it does not begin as a sealed stream does"));
    }
    if version != [VERSION] {
        return Err(damaged(name, "it was sealed by a newer version, or its head is spoilt"));
    }
    keys.of(id).ok_or_else(|| EvidenceError::KeyUnknown { name: name.to_owned(), id: hex::encode(id) })
}

pub fn pack(chunk: &[u8]) -> Result<Vec<u8>, EvidenceError> {
    zstd::bulk::compress(chunk, LEVEL).map_err(|e| EvidenceError::Away { why: format!("the compression failed: {e}") })
}

pub fn seal(name: &str, head: &[u8], key: &Key, part: Part, mut bytes: Vec<u8>) -> Result<Vec<u8>, EvidenceError> {
    let failed = |_| EvidenceError::Away { why: "the cipher failed".to_owned() };
    let mut nonce = [0; NONCE_LEN];
    aws_lc_rs::rand::fill(&mut nonce).map_err(failed)?;
    let bound = part.bound(head, name);
    key.cipher().seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut bytes).map_err(failed)?;
    Ok([nonce.as_slice(), &bytes].concat())
}

pub fn open(name: &str, head: &[u8], key: &Key, part: Part, sealed: &[u8]) -> Result<Vec<u8>, EvidenceError> {
    let cut = || damaged(name, "it is cut off");
    let (nonce, inner) = sealed.split_at_checked(NONCE_LEN).ok_or_else(cut)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| cut())?;
    let mut inner = inner.to_vec();
    let plain = key
        .cipher()
        .open_in_place(nonce, part.bound(head, name), &mut inner)
        .map_err(|_| damaged(name, "its bytes are not those that were sealed under this name"))?;
    Ok(plain.to_vec())
}

pub fn unpack(name: &str, packed: &[u8]) -> Result<Vec<u8>, EvidenceError> {
    zstd::bulk::decompress(packed, FRAME_BYTES).map_err(|_| damaged(name, "a part of it does not unpack"))
}

/// What stands at a stream's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub bytes: u64,
    pub digest: [u8; DIGEST_BYTES],
    /// Each frame's length, sealed.
    pub frames: Vec<u32>,
}

impl Index {
    pub fn to_vec(&self) -> Vec<u8> {
        let frames = self.frames.iter().flat_map(|length| length.to_be_bytes());
        self.bytes.to_be_bytes().into_iter().chain(self.digest).chain(frames).collect()
    }

    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, EvidenceError> {
        let read = || {
            let (length, rest) = bytes.split_first_chunk::<8>()?;
            let (digest, rest) = rest.split_first_chunk::<DIGEST_BYTES>()?;
            let (frames, rest) = rest.as_chunks::<4>();
            let frames: Vec<u32> = frames.iter().map(|length| u32::from_be_bytes(*length)).collect();
            let index = Self { bytes: u64::from_be_bytes(*length), digest: *digest, frames };
            let fits = index.bytes.div_ceil(FRAME_BYTES as u64) == index.frames.len() as u64;
            (rest.is_empty() && fits).then_some(index)
        };
        read().ok_or_else(|| damaged(name, "its index is none"))
    }
}

/// How many frames an index of this sealed length tells of.
pub fn frames_of(sealed_bytes: usize) -> Option<u64> {
    let lengths = sealed_bytes.checked_sub(NONCE_LEN + TAG_BYTES + 8 + DIGEST_BYTES)?;
    (lengths % 4 == 0).then_some(lengths as u64 / 4)
}

pub fn damaged(name: &str, why: &'static str) -> EvidenceError {
    EvidenceError::Damaged { name: name.to_owned(), why }
}
