//! Files that are whole and durable or not there: written apart, synced, put in place under a name that is free. Never
//! writes over a file.

use crate::EvidenceError;
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Where files are written before they get their name. No name of an original begins with a point.
const PARTS: &str = ".parts";
/// Somebody else who begins with this store may tidy up what we are writing.
const TRIES: usize = 3;

#[derive(Clone, Debug)]
pub struct Folder {
    root: Arc<PathBuf>,
    /// Folders that are surely on the disk.
    synced: Arc<Mutex<HashSet<PathBuf>>>,
}

impl Folder {
    pub fn open(root: &Path) -> Result<Self, EvidenceError> {
        let folder = Self { root: Arc::new(root.to_owned()), synced: Arc::default() };
        let parts = root.join(PARTS);
        create_synced(root).map_err(|e| EvidenceError::io(root, &e))?;
        folder.ensure(&parts).map_err(|e| EvidenceError::io(&parts, &e))?;
        // What a crash left half-written has no name and was promised to nobody.
        for left in fs::read_dir(&parts).map_err(|e| EvidenceError::io(&parts, &e))?.flatten() {
            let _ = fs::remove_file(left.path());
        }
        Ok(folder)
    }

    pub fn is_empty(&self) -> Result<bool, EvidenceError> {
        let mut entries = fs::read_dir(&*self.root).map_err(|e| EvidenceError::io(&self.root, &e))?;
        Ok(entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == PARTS)))
    }

    /// False if the name is taken; then what lies there is durable too.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<bool, EvidenceError> {
        let path = self.root.join(name);
        self.put_at(&path, bytes).map_err(|e| EvidenceError::io(&path, &e))
    }

    fn put_at(&self, path: &Path, bytes: &[u8]) -> io::Result<bool> {
        let parent = parent(path);
        self.ensure(parent)?;
        let mut tries = 0;
        let is_new = loop {
            tries += 1;
            match self.once(path, bytes) {
                Err(e) if e.kind() == ErrorKind::NotFound && tries < TRIES => {}
                other => break other?,
            }
        };
        if !is_new {
            // Whoever put it may have died before it was on the disk.
            File::open(path)?.sync_all()?;
        }
        sync_folder(parent)?;
        Ok(is_new)
    }

    fn once(&self, path: &Path, bytes: &[u8]) -> io::Result<bool> {
        if path.try_exists()? {
            return Ok(false);
        }
        let part = self.root.join(PARTS).join(temporary()?);
        let placed = write_synced(&part, bytes).and_then(|()| place(&part, path));
        let _ = fs::remove_file(&part);
        placed
    }

    pub fn get(&self, name: &str) -> Result<Vec<u8>, EvidenceError> {
        let path = self.root.join(name);
        fs::read(&path).map_err(|e| match e.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory => {
                EvidenceError::NotFound { name: name.to_owned() }
            }
            _ => EvidenceError::io(&path, &e),
        })
    }

    /// A folder below the root, and all between, on the disk. Also of one that was there already: whoever made it may have
    /// died before.
    fn ensure(&self, folder: &Path) -> io::Result<()> {
        if folder == &**self.root || self.lock().contains(folder) {
            return Ok(());
        }
        self.ensure(parent(folder))?;
        create(folder)?;
        sync_folder(parent(folder))?;
        self.lock().insert(folder.to_owned());
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<PathBuf>> {
        self.synced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn create(folder: &Path) -> io::Result<()> {
    let made = DirBuilder::new().mode(0o700).create(folder);
    made.or_else(|e| if e.kind() == ErrorKind::AlreadyExists && folder.is_dir() { Ok(()) } else { Err(e) })
}

/// With everything above that is lacking.
fn create_synced(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    create_synced(parent(folder))?;
    create(folder)?;
    sync_folder(parent(folder))
}

/// Of a bare name it is the folder that we are in.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A name for a file that is being written.
fn temporary() -> io::Result<String> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
    Ok(hex::encode(bytes))
}

/// A file of its own that nobody else may read, made whole or not at all; one that is there already stays.
pub fn publish(path: &Path, bytes: &[u8]) -> Result<(), EvidenceError> {
    let publish = || {
        create_synced(parent(path))?;
        let part = parent(path).join(format!(".{}", temporary()?));
        let placed = write_synced(&part, bytes).and_then(|()| place(&part, path));
        let _ = fs::remove_file(&part);
        placed.and_then(|_| sync_folder(parent(path)))
    };
    publish().map_err(|e| EvidenceError::io(path, &e))
}

fn write_synced(part: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a written file its name; false if the name is taken. A link never replaces, as a renaming would.
fn place(part: &Path, path: &Path) -> io::Result<bool> {
    match fs::hard_link(part, path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
        // Where no file can have two names.
        Err(e) if matches!(e.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            if path.try_exists()? {
                return Ok(false);
            }
            fs::rename(part, path).map(|()| true)
        }
        Err(e) => Err(e),
    }
}

pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
