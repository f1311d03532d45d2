//! Secrets that only their holder knows: sessions, tokens, one-time links. The store keeps their digests alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What an API token begins with, so that people and scanners know what they found.
pub const TOKEN_PREFIX: &str = "ary_";

/// Longer than any secret of ours: what is longer is not even hashed.
const MOST_CHARS: usize = 128;

/// 32 random bytes as text, and the digest by which the store knows them.
pub fn new_secret() -> (String, [u8; 32]) {
    let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let digest = digest_of(&secret);
    (secret, digest)
}

/// The same for an API token.
pub fn new_token() -> (String, [u8; 32]) {
    let secret = format!("{TOKEN_PREFIX}{}", new_secret().0);
    let digest = digest_of(&secret);
    (secret, digest)
}

/// An id for an account, a session or a token; no secret.
pub fn new_id() -> String {
    hex::encode(rand::random::<[u8; 10]>())
}

pub fn digest_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The digest of what somebody claims to be a secret of ours.
pub(crate) fn claimed(secret: &str) -> Option<[u8; 32]> {
    (!secret.is_empty() && secret.len() <= MOST_CHARS).then(|| digest_of(secret))
}
