//! A full disk under SQLite: nothing is promised while it is full, and no restart is needed once there is room.

use super::bed::{is_ci, open};
use super::words::*;
use crate::{Clock, Place, Store, StoreError};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of a few megabytes, gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(folder.path()).output();
        let is_mounted = mounted.is_ok_and(|output| output.status.success());
        if !is_mounted {
            assert!(!is_ci(), "CI has to be able to mount a small disk");
            eprintln!("the full disk is skipped: mounting a small one needs root");
        }
        is_mounted.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("ballast");
        let mut file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        for size in [65_536, 4_096, 512] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

async fn accept(store: &Store, n: u64, promised: &mut Vec<u64>) -> Result<(), StoreError> {
    let answer = store.accept(signal_with(n, vec![b'x'; 20_000])).await;
    if answer.is_ok() {
        promised.push(n);
    }
    answer
}

async fn check(store: &Store, promised: &[u64]) {
    for n in promised {
        let key = crate::Val::from(signal(*n).key.0);
        let raw = texts(store, "SELECT CAST(length(raw) AS TEXT) FROM inbox WHERE key = ?1", vec![key]).await;
        assert_eq!(raw, ["20000"], "signal {n} was promised");
    }
    let account = account(store).await;
    assert_eq!((account.rows, account.lost()), (promised.len() as i64, 0), "and nothing else was written");
}

#[tokio::test]
async fn a_full_disk_is_said_and_outlived() {
    let Some(disk) = SmallDisk::mount() else { return };
    let place = Place::Sqlite(disk.path().join("store.db"));
    let store = open(&place, &Clock::default());
    let mut promised = Vec::new();
    let mut n = 0;
    for round in 0..3 {
        for _ in 0..5 {
            n += 1;
            accept(&store, n, &mut promised).await.unwrap();
        }
        let ballast = disk.fill();
        let mut refused = 0;
        while refused < 20 {
            n += 1;
            assert!(n < 2_000, "the disk never became full");
            if let Err(error) = accept(&store, n, &mut promised).await {
                assert!(matches!(error, StoreError::Unwritable(_)), "round {round}: {error:?}");
                refused += 1;
            }
        }
        assert!(matches!(store.probe().await, Err(StoreError::Unwritable(_))), "round {round}");
        check(&store, &promised).await;
        std::fs::remove_file(ballast).unwrap();
        n += 1;
        accept(&store, n, &mut promised).await.unwrap();
        store.probe().await.unwrap();
    }
    check(&store, &promised).await;
    store.close().await;
    let again = open(&place, &Clock::default());
    again.probe().await.unwrap();
    check(&again, &promised).await;
    let whole = again.write("test", |tx| Box::pin(async move { tx.sure("PRAGMA integrity_check", &[]).await })).await;
    assert_eq!(whole.unwrap().text(0).unwrap(), "ok");
    again.close().await;
}
