//! The keys of the world: host keys follow from the seed, the client's key is new at every start.

use aws_lc_rs::rand;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{HashAlg, PrivateKey, PublicKey};

use crate::dice::Dice;

fn of_seed(seed: &[u8; 32], comment: &str) -> Result<PrivateKey, String> {
    PrivateKey::new(KeypairData::from(Ed25519Keypair::from_seed(seed)), comment).map_err(|e| e.to_string())
}

/// The same for the same seed and name.
pub(super) fn of_host(seed: u64, name: &str) -> Result<PrivateKey, String> {
    let mixed = name.bytes().fold(seed ^ 0x5E_C7, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3));
    let mut dice = Dice::new(mixed);
    let mut bytes = [0; 32];
    for part in bytes.chunks_mut(8) {
        part.copy_from_slice(&dice.next().to_le_bytes());
    }
    of_seed(&bytes, name)
}

/// One that nobody can foresee: it opens the world's hosts.
pub(super) fn of_client() -> Result<PrivateKey, String> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|e| e.to_string())?;
    of_seed(&bytes, "diagnostics")
}

/// `ssh-ed25519 AAAA…`, without the comment.
pub(super) fn public_line(key: &PublicKey) -> Result<String, String> {
    let line = key.to_openssh().map_err(|e| e.to_string())?;
    Ok(line.split(' ').take(2).collect::<Vec<_>>().join(" "))
}

pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

pub(super) fn private_text(key: &PrivateKey) -> Result<String, String> {
    key.to_openssh(LineEnding::LF).map(|text| text.to_string()).map_err(|e| e.to_string())
}
