//! The form of a sealed original: what is said in the clear, what is encrypted. Pure; hostile bytes are errors.
//!
//! `magic "ARYSEAL" · version 1 · key id (8) · length of the original (8, big endian) · nonce (12)`, then AES-256-GCM over
//! `SHA-256 of the original (32) · zstd of the original`. The head and the name are authenticated, so that neither can be
//! exchanged.

use crate::key::{ID_BYTES, Key, Keys};
use crate::{EvidenceError, MAX_BYTES};
use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 7] = b"ARYSEAL";
const VERSION: u8 = 1;
const HEAD_BYTES: usize = MAGIC.len() + 1 + ID_BYTES + 8 + NONCE_LEN;
const DIGEST_BYTES: usize = 32;
/// Mails shrink to a third at this level, at hundreds of megabytes a second.
const LEVEL: i32 = 3;

pub fn digest(bytes: &[u8]) -> [u8; DIGEST_BYTES] {
    Sha256::digest(bytes).into()
}

pub fn seal(name: &str, bytes: &[u8], key: &Key) -> Result<Vec<u8>, EvidenceError> {
    let failed = |_| EvidenceError::Away { why: "the cipher failed".to_owned() };
    let mut nonce = [0; NONCE_LEN];
    aws_lc_rs::rand::fill(&mut nonce).map_err(failed)?;
    let mut head = [MAGIC, [VERSION].as_slice(), &key.id, &(bytes.len() as u64).to_be_bytes()].concat();
    head.extend_from_slice(&nonce);
    let packed = zstd::bulk::compress(bytes, LEVEL)
        .map_err(|e| EvidenceError::Away { why: format!("the compression failed: {e}") })?;
    let mut inner = [digest(bytes).as_slice(), &packed].concat();
    let aad = Aad::from([&head, name.as_bytes()].concat());
    key.cipher().seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut inner).map_err(failed)?;
    head.append(&mut inner);
    Ok(head)
}

pub fn open(name: &str, packed: &[u8], keys: &Keys) -> Result<Vec<u8>, EvidenceError> {
    let damaged = |why| EvidenceError::Damaged { name: name.to_owned(), why };
    let (head, inner) = packed.split_at_checked(HEAD_BYTES).ok_or_else(|| damaged("it is cut off"))?;
    let (magic, rest) = head.split_at(MAGIC.len());
    let (version, rest) = rest.split_at(1);
    let (id, rest) = rest.split_at(ID_BYTES);
    let (length, nonce) = rest.split_at(8);
    if magic != MAGIC {
        return Err(damaged("it does not begin as a sealed original does"));
    }
    if version != [VERSION] {
        return Err(damaged("it was sealed by a newer version, or its head is spoilt"));
    }
    let key = keys.of(id).ok_or_else(|| EvidenceError::KeyUnknown { name: name.to_owned(), id: hex::encode(id) })?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged("it is cut off"))?;
    let aad = Aad::from([head, name.as_bytes()].concat());
    let mut inner = inner.to_vec();
    let plain = key
        .cipher()
        .open_in_place(nonce, aad, &mut inner)
        .map_err(|_| damaged("its bytes are not those that were sealed under this name"))?;
    unpacked(plain, length).ok_or_else(|| damaged("its content does not fit its digest"))
}

fn unpacked(plain: &[u8], length: &[u8]) -> Option<Vec<u8>> {
    let (told, packed) = plain.split_at_checked(DIGEST_BYTES)?;
    let length = usize::try_from(u64::from_be_bytes(length.try_into().ok()?)).ok()?;
    if length > MAX_BYTES {
        return None;
    }
    let bytes = zstd::bulk::decompress(packed, length).ok()?;
    (bytes.len() == length && digest(&bytes) == told).then_some(bytes)
}
