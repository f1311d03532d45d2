//! The file of keys: a line each, the newest last. Made for its owner alone; never written over, never shown.

use crate::EvidenceError;
use crate::folder::{parent, publish, sync_folder};
use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

pub const ID_BYTES: usize = 8;
const KEY_BYTES: usize = 32;
/// What others may do with the file.
const OTHERS: u32 = 0o007;

pub struct Key {
    pub id: [u8; ID_BYTES],
    cipher: LessSafeKey,
}

impl Key {
    pub const fn cipher(&self) -> &LessSafeKey {
        &self.cipher
    }

    pub fn new(bytes: &[u8]) -> Option<Self> {
        let hash = Sha256::new().chain_update(b"arayashiki evidence key\0").chain_update(bytes).finalize();
        let mut id = [0; ID_BYTES];
        id.copy_from_slice(&hash[..ID_BYTES]);
        Some(Self { id, cipher: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).ok()?) })
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "key {}", hex::encode(self.id))
    }
}

/// At least one.
#[derive(Debug)]
pub struct Keys {
    older: Vec<Key>,
    newest: Key,
}

impl Keys {
    /// Reads the file, or makes it where nothing is sealed yet.
    pub fn open(path: &Path, is_new: bool) -> Result<Self, EvidenceError> {
        match fs::read_to_string(path) {
            Ok(text) => Self::read(path, &text),
            Err(e) if e.kind() == ErrorKind::NotFound && is_new => {
                // Somebody else may have made it meanwhile: then theirs counts.
                publish(path, text_with("", &fresh()?).as_bytes())?;
                Self::open(path, false)
            }
            Err(e) if e.kind() == ErrorKind::NotFound => Err(EvidenceError::KeyLost { path: path.to_owned() }),
            Err(e) => Err(bad(path, e.to_string())),
        }
    }

    fn read(path: &Path, text: &str) -> Result<Self, EvidenceError> {
        if is_for_others(path)? {
            return Err(EvidenceError::KeyExposed { path: path.to_owned() });
        }
        let lines =
            text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let keys = lines.map(|(at, line)| {
            parse(line)
                .ok_or_else(|| bad(path, format!("line {} is no key: \"v1 \" and 64 hexadecimal digits", at + 1)))
        });
        let mut older = keys.collect::<Result<Vec<Key>, _>>()?;
        let newest = older.pop().ok_or_else(|| bad(path, "there is no key in it".to_owned()))?;
        Ok(Self { older, newest })
    }

    pub const fn newest(&self) -> &Key {
        &self.newest
    }

    pub fn of(&self, id: &[u8]) -> Option<&Key> {
        std::iter::once(&self.newest).chain(&self.older).find(|key| key.id == id)
    }
}

/// Adds a key to the file. Stores that are open go on with the one they have until they are opened again.
pub fn rotate(path: &Path) -> Result<(), EvidenceError> {
    let text = fs::read_to_string(path).map_err(|e| bad(path, e.to_string()))?;
    Keys::read(path, &text)?;
    let next = path.with_extension("new");
    // One that a crash left behind may lack keys that were added since.
    let _ = fs::remove_file(&next);
    publish(&next, text_with(&text, &fresh()?).as_bytes())?;
    let replaced = fs::rename(&next, path).and_then(|()| sync_folder(parent(path)));
    replaced.map_err(|e| EvidenceError::io(path, &e))
}

fn parse(line: &str) -> Option<Key> {
    let digits = line.strip_prefix("v1 ")?.trim();
    let bytes = hex::decode(digits).ok().filter(|bytes| bytes.len() == KEY_BYTES)?;
    Key::new(&bytes)
}

fn fresh() -> Result<[u8; KEY_BYTES], EvidenceError> {
    let mut bytes = [0; KEY_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| EvidenceError::Away { why: "no randomness".to_owned() })?;
    Ok(bytes)
}

fn text_with(text: &str, key: &[u8; KEY_BYTES]) -> String {
    let head =
        "# What opens the sealed originals: one key a line, the newest last. Keep a copy apart from the originals.\n";
    let mut text = if text.is_empty() { head.to_owned() } else { text.to_owned() };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let _ = writeln!(text, "v1 {}", hex::encode(key));
    text
}

/// Whether others can read the file.
pub fn is_for_others(path: &Path) -> Result<bool, EvidenceError> {
    let about = fs::metadata(path).map_err(|e| bad(path, e.to_string()))?;
    Ok(about.permissions().mode() & OTHERS != 0)
}

pub fn bad(path: &Path, why: String) -> EvidenceError {
    EvidenceError::Key { path: path.to_owned(), why }
}
