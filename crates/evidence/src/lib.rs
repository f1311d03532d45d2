//! The sealed store of originals and of captured output: compressed, encrypted at rest, addressed by name; the only crate that
//! touches it. What was put is never changed, originals are never deleted here; nothing is ever given back that was not put just
//! so. And the install's own key, which signs the record.
//!
//! `Evidence::open(&Settings)` opens or begins a store. `put(name, bytes) -> Sealed` is durable when it answers, harmless to
//! repeat, and refuses another content under a name that is taken. `get(name) -> Vec<u8>` gives what was put, or says what is
//! wrong. `rotate(key_file)` adds a key: what is put from then on is sealed with it, and the old ones go on opening.
//! `writer(name)` and `reader(name)` are for streams: written bit by bit, read in parts.

mod error;
mod folder;
mod key;
mod name;
mod place;
mod seal;
mod signer;
mod stream;

#[cfg(feature = "s3")]
mod objects;
#[cfg(test)]
mod tests;

pub use error::EvidenceError;
pub use key::rotate;
pub use place::S3;
pub use signer::{Signer, holds};
pub use stream::{Reader, Writer};

use key::Keys;
use place::Place;
use std::path::PathBuf;
use std::sync::Arc;

/// Where the originals lie, and what opens them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `file:PATH`, or `s3://bucket/prefix` in a build with the feature `s3`.
    pub url: String,
    /// Made on first use, for its owner alone. Who loses it loses the originals.
    pub key_file: PathBuf,
    /// Access to S3; what the machine itself may when absent.
    pub s3: Option<S3>,
}

impl Settings {
    /// Where the key that signs the record lies: beside the one that seals.
    pub fn signing_key_file(&self) -> PathBuf {
        self.key_file.with_extension("record.key")
    }

    pub fn new(url: impl Into<String>, key_file: impl Into<PathBuf>) -> Self {
        Self { url: url.into(), key_file: key_file.into(), s3: None }
    }
}

/// What was put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Of the original.
    pub bytes: u64,
    /// SHA-256 of the original.
    pub digest: [u8; 32],
}

/// An open store. Clones share it.
#[derive(Clone, Debug)]
pub struct Evidence {
    place: Place,
    keys: Arc<Keys>,
}

/// No mail and no signal is larger; and a sealed one can't unpack to more.
const MAX_BYTES: usize = 64 << 20;

/// Under this lies what retention may take.
const OUTPUTS: &str = "output/";

impl Evidence {
    pub async fn open(settings: &Settings) -> Result<Self, EvidenceError> {
        let place = Place::open(settings, true).await?;
        let (is_new, key_file) = (place.is_empty().await?, settings.key_file.clone());
        let keys = blocking(move || Keys::open(&key_file, is_new)).await?;
        Ok(Self { place, keys: Arc::new(keys) })
    }

    /// Only to look: makes no folder and no key, and leaves alone what a server beside it is writing.
    pub async fn look(settings: &Settings) -> Result<Self, EvidenceError> {
        let (place, key_file) = (Place::open(settings, false).await?, settings.key_file.clone());
        let keys = blocking(move || Keys::open(&key_file, false)).await?;
        Ok(Self { place, keys: Arc::new(keys) })
    }

    /// Begins a stream; it is there once it is finished.
    pub async fn writer(&self, name: &str) -> Result<Writer, EvidenceError> {
        name::check(name)?;
        Writer::begin(self, name).await
    }

    /// A stream that was finished.
    pub async fn reader(&self, name: &str) -> Result<Reader, EvidenceError> {
        name::check(name)?;
        Reader::open(self, name).await
    }

    /// Takes a captured output away, for retention. Originals can't be.
    pub async fn remove_output(&self, name: &str) -> Result<(), EvidenceError> {
        name::check(name)?;
        if !name.starts_with(OUTPUTS) {
            return Err(EvidenceError::Name { name: name.to_owned() });
        }
        self.place.remove(name).await
    }

    /// Durable when it answers. The same content again is fine; another one under this name is refused.
    pub async fn put(&self, name: &str, bytes: &[u8]) -> Result<Sealed, EvidenceError> {
        name::check(name)?;
        if bytes.len() > MAX_BYTES {
            return Err(EvidenceError::TooLarge { name: name.to_owned(), bytes: bytes.len() });
        }
        let sealed = Sealed { bytes: bytes.len() as u64, digest: seal::digest(bytes) };
        let (keys, of_task, owned) = (self.keys.clone(), name.to_owned(), bytes.to_vec());
        let packed = blocking(move || seal::seal(&of_task, &owned, keys.newest())).await?;
        if self.place.put(name, packed).await? {
            return Ok(sealed);
        }
        match self.get(name).await {
            Ok(there) if there == bytes => Ok(sealed),
            Ok(_) => Err(EvidenceError::Different { name: name.to_owned() }),
            Err(why) => Err(why),
        }
    }

    pub async fn get(&self, name: &str) -> Result<Vec<u8>, EvidenceError> {
        name::check(name)?;
        let packed = self.place.get(name).await?;
        let (keys, name) = (self.keys.clone(), name.to_owned());
        blocking(move || seal::open(&name, &packed, &keys)).await
    }
}

/// Files and ciphers keep a thread busy that others wait for.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EvidenceError> + Send + 'static,
) -> Result<T, EvidenceError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(EvidenceError::Stopped),
    }
}
