//! Files that are whole and durable or not there: written apart, synced, put in place under a name that is free. Never
//! writes over a file; takes one away only where retention says so.

use crate::EvidenceError;
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
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
        // What a crash left half-written has no name and was promised to nobody. What somebody holds is being written.
        for left in fs::read_dir(&parts).map_err(|e| EvidenceError::io(&parts, &e))?.flatten() {
            if File::open(left.path()).is_ok_and(|file| file.try_lock().is_ok()) {
                let _ = fs::remove_file(left.path());
            }
        }
        Ok(folder)
    }

    /// Of a folder that is only read: makes nothing and tidies nothing.
    pub fn look(root: &Path) -> Self {
        Self { root: Arc::new(root.to_owned()), synced: Arc::default() }
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
        fs::read(&path).map_err(|e| missing(name, &path, &e))
    }

    /// A file without a name yet, for what comes bit by bit.
    pub fn begin(&self) -> Result<Part, EvidenceError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.begin_at() {
                Err(e) if e.kind() == ErrorKind::NotFound && tries < TRIES => {}
                other => return other.map_err(|e| EvidenceError::io(&self.root.join(PARTS), &e)),
            }
        }
    }

    fn begin_at(&self) -> io::Result<Part> {
        let path = self.root.join(PARTS).join(temporary()?);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.lock()?;
        // Somebody who tidied up may have come between the two.
        fs::metadata(&path)?;
        Ok(Part { file, path })
    }

    /// Gives it its name; false if the name is taken.
    pub fn finish(&self, part: &Part, name: &str) -> Result<bool, EvidenceError> {
        let path = self.root.join(name);
        let finish = || {
            let parent = parent(&path);
            self.ensure(parent)?;
            part.file.sync_all()?;
            let is_new = place(&part.path, &path)?;
            if !is_new {
                File::open(&path)?.sync_all()?;
            }
            sync_folder(parent)?;
            Ok(is_new)
        };
        finish().map_err(|e| EvidenceError::io(&path, &e))
    }

    pub fn length(&self, name: &str) -> Result<u64, EvidenceError> {
        let path = self.root.join(name);
        match fs::metadata(&path) {
            Ok(about) if about.is_file() => Ok(about.len()),
            Ok(_) => Err(EvidenceError::NotFound { name: name.to_owned() }),
            Err(e) => Err(missing(name, &path, &e)),
        }
    }

    pub fn range(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, EvidenceError> {
        let path = self.root.join(name);
        let file = File::open(&path).map_err(|e| missing(name, &path, &e))?;
        let mut bytes = vec![0; usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(0)];
        match file.read_exact_at(&mut bytes, range.start) {
            Ok(()) => Ok(bytes),
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => {
                Err(EvidenceError::Damaged { name: name.to_owned(), why: "it is cut off" })
            }
            Err(e) => Err(EvidenceError::io(&path, &e)),
        }
    }

    /// What is not there is gone already.
    pub fn remove(&self, name: &str) -> Result<(), EvidenceError> {
        let path = self.root.join(name);
        match fs::remove_file(&path).and_then(|()| sync_folder(parent(&path))) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(EvidenceError::io(&path, &e)),
            _ => Ok(()),
        }
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

/// A file that is being written; gone when this is dropped, whatever name it was given besides.
#[derive(Debug)]
pub struct Part {
    file: File,
    path: PathBuf,
}

impl Part {
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), EvidenceError> {
        self.file.write_all(bytes).map_err(|e| EvidenceError::io(&self.path, &e))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn missing(name: &str, path: &Path, error: &io::Error) -> EvidenceError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory => {
            EvidenceError::NotFound { name: name.to_owned() }
        }
        _ => EvidenceError::io(path, error),
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
