//! The install's own key: signs the record's checkpoints. The file is made on first use, for its owner alone, a line a key,
//! the newest last; whoever only checks needs the public keys. Never shows the secret half.

use crate::folder::publish;
use crate::key::{bad, is_for_others};
use crate::{EvidenceError, blocking};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SEED_BYTES: usize = 32;
const MARK: &str = "ed25519 ";
const HEAD: &str = "# What signs the record: one key a line, the newest last. Keep a copy apart from the record, and show it to nobody.\n";

/// Clones share the key.
#[derive(Clone, Debug)]
pub struct Signer {
    newest: Arc<Ed25519KeyPair>,
    /// Of all keys in the file, the newest last.
    public: Vec<[u8; 32]>,
}

impl Signer {
    /// Reads the file, or makes it where nothing is signed yet.
    ///
    /// # Errors
    /// It is lost, open to others, or no file of keys.
    pub async fn open(path: &Path, may_make: bool) -> Result<Self, EvidenceError> {
        let path: PathBuf = path.to_owned();
        blocking(move || Self::open_at(&path, may_make)).await
    }

    fn open_at(path: &Path, may_make: bool) -> Result<Self, EvidenceError> {
        match fs::read_to_string(path) {
            Ok(text) => Self::read(path, &text),
            Err(e) if e.kind() == ErrorKind::NotFound && may_make => {
                let mut seed = [0; SEED_BYTES];
                aws_lc_rs::rand::fill(&mut seed)
                    .map_err(|_| EvidenceError::Away { why: "no randomness".to_owned() })?;
                // Somebody else may have made it meanwhile: then theirs counts.
                publish(path, format!("{HEAD}{MARK}{}\n", hex::encode(seed)).as_bytes())?;
                Self::open_at(path, false)
            }
            Err(e) if e.kind() == ErrorKind::NotFound => Err(EvidenceError::SigningKeyLost { path: path.to_owned() }),
            Err(e) => Err(bad(path, e.to_string())),
        }
    }

    fn read(path: &Path, text: &str) -> Result<Self, EvidenceError> {
        if is_for_others(path)? {
            return Err(EvidenceError::KeyExposed { path: path.to_owned() });
        }
        let lines =
            text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let pairs = lines.map(|(at, line)| {
            parse(line)
                .ok_or_else(|| bad(path, format!("line {} is no key: \"{MARK}\" and 64 hexadecimal digits", at + 1)))
        });
        let pairs = pairs.collect::<Result<Vec<Ed25519KeyPair>, _>>()?;
        let public = pairs.iter().filter_map(|pair| pair.public_key().as_ref().try_into().ok()).collect();
        let newest = pairs.into_iter().next_back().ok_or_else(|| bad(path, "there is no key in it".to_owned()))?;
        Ok(Self { newest: Arc::new(newest), public })
    }

    /// Signs with the newest key.
    pub fn sign(&self, text: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.newest.sign(text).as_ref());
        signature
    }

    /// The public half of the newest key.
    pub fn public(&self) -> [u8; 32] {
        self.public.last().copied().unwrap_or_default()
    }

    /// The public halves of all keys that this install has signed with.
    pub fn all_public(&self) -> &[[u8; 32]] {
        &self.public
    }
}

/// Whether the signature over the text was made by the key's secret half.
pub fn holds(public: &[u8; 32], text: &[u8], signature: &[u8; 64]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(text, signature).is_ok()
}

fn parse(line: &str) -> Option<Ed25519KeyPair> {
    let seed = hex::decode(line.strip_prefix(MARK)?.trim()).ok().filter(|seed| seed.len() == SEED_BYTES)?;
    Ed25519KeyPair::from_seed_unchecked(&seed).ok()
}
