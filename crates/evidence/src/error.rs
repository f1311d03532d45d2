//! What can go wrong with the originals, with what to do. Never carries an original's bytes or a key.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    #[error("[evidence] url {url:?} can't be used: {why}")]
    Url { url: String, why: String },
    #[error("{name:?} is no name for an original: parts of letters, digits, '.', '-' and '_', joined by '/'")]
    Name { name: String },
    #[error("{name} has {bytes} bytes, and an original may have 64 MiB")]
    TooLarge { name: String, bytes: usize },
    #[error("the originals' key {} is not there, but originals are: put the key back from a backup, for nothing else opens \
             them; to begin anew without them, name another place in [evidence] url", path.display())]
    KeyLost { path: PathBuf },
    #[error("the key {} that signs the record is not there, but the record was signed: put it back from a backup; a new one would \
             not be believed by whoever knows the old one", path.display())]
    SigningKeyLost { path: PathBuf },
    #[error("the key file {} can't be used: {why}", path.display())]
    Key { path: PathBuf, why: String },
    #[error("others can read the key file {}: chmod 600 it, and think about rotating it", path.display())]
    KeyExposed { path: PathBuf },
    #[error(
        "{name} was sealed with the key {id}, which is not in the key file: put that key's line back from a backup"
    )]
    KeyUnknown { name: String, id: String },
    #[error("there is no original {name}")]
    NotFound { name: String },
    #[error("there is another original under the name {name}, and originals are never changed")]
    Different { name: String },
    #[error("the original {name} is damaged ({why}): put it back from a backup, and have the disk looked at")]
    Damaged { name: String, why: &'static str },
    #[error("the disk with {} is full: make room; nothing that was put is lost", path.display())]
    Full { path: PathBuf },
    #[error("{} can't be written: it is read-only, or this user may not", path.display())]
    ReadOnly { path: PathBuf },
    #[error("{} failed: {why}", path.display())]
    Io { path: PathBuf, why: String },
    #[error("the store of originals does not answer ({why}); it is tried again")]
    Away { why: String },
    #[error("the program is stopping")]
    Stopped,
}

impl EvidenceError {
    /// Whether the same may work later: what was to be put has to be kept and put again.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::ReadOnly { .. } | Self::Io { .. } | Self::Away { .. } | Self::Stopped)
    }

    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full { path },
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Self::ReadOnly { path },
            _ => Self::Io { path, why: error.to_string() },
        }
    }
}
