//! A file that belongs to one process: an advisory lock on another one beside it says so, and the system lets go of it however
//! the process ends. The lock's file is never removed, since somebody may be opening it just then.

use std::fs::{File, TryLockError};
use std::io::{Error, Read, Write};
use std::path::{Path, PathBuf};

/// Held as long as this lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

#[derive(Debug)]
pub enum NotTaken {
    /// Another process has it: its number, if that could be read.
    Held { by: Option<u32>, lock: PathBuf },
    /// Nobody can tell: this can't be opened or locked.
    Unopened { path: PathBuf, error: Error },
}

/// Takes the lock of a file, whose folder is made if there is none.
pub fn take(of: &Path) -> Result<Lock, NotTaken> {
    if let Some(folder) = of.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| unopened(folder, error))?;
    }
    let mut name = of.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let mut options = File::options();
    let mut file = options
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .map_err(|error| unopened(&path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(NotTaken::Held { by: holder(&mut file), lock: path }),
        Err(TryLockError::Error(error)) => return Err(unopened(&path, error)),
    }
    // Only for the message that another process gets; on a full disk it lacks the number.
    let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
    Ok(Lock { _file: file })
}

fn unopened(path: &Path, error: Error) -> NotTaken {
    NotTaken::Unopened { path: path.to_path_buf(), error }
}

fn holder(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_it_until_it_lets_go_and_the_other_learns_who() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper/store.db");
        let first = take(&path).unwrap();
        match take(&path) {
            Err(NotTaken::Held { by, lock }) => {
                assert_eq!(by, Some(std::process::id()));
                assert_eq!(lock, folder.path().join("deeper/store.db.lock"));
            }
            other => panic!("{other:?}"),
        }
        drop(first);
        assert!(take(&path).is_ok());
        assert!(matches!(take(Path::new("/proc/nowhere/store.db")), Err(NotTaken::Unopened { .. })));
    }
}
