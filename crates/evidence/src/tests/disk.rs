//! A full disk and a read-only one: nothing half is left, what was put stays.

use super::*;
use std::fs;
use std::io::{self, Write};
use std::process::Command;

/// A file system of a megabyte, gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder.path()).output();
        let is_mounted = mounted.is_ok_and(|output| output.status.success());
        if !is_mounted {
            println!("skipped: mounting a small disk needs root");
        }
        is_mounted.then_some(Self(folder))
    }

    fn remount(&self, how: &str) -> bool {
        let status = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(self.0.path()).status();
        status.is_ok_and(|status| status.success())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_is_no_reason_to_lose_anything() {
    let Some(disk) = SmallDisk::mount() else { return };
    let evidence = open(disk.0.path()).await;
    evidence.put("before", b"one").await.unwrap();
    let ballast = disk.0.path().join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    while file.write_all(&[0; 4_096]).is_ok() {}
    let mut noise = vec![0; 50_000];
    aws_lc_rs::rand::fill(&mut noise).unwrap();
    let error = evidence.put("a/b", &noise).await.unwrap_err();
    assert!(matches!(error, EvidenceError::Full { .. }) && error.is_temporary(), "{error}");
    assert_eq!(evidence.get("before").await.unwrap(), b"one");
    assert!(matches!(evidence.get("a/b").await, Err(EvidenceError::NotFound { .. })));
    drop(file);
    fs::remove_file(ballast).unwrap();
    evidence.put("a/b", &noise).await.unwrap();
    assert_eq!(evidence.get("a/b").await.unwrap(), noise);
    assert_eq!(fs::read_dir(disk.0.path().join("evidence/.parts")).unwrap().count(), 0);

    if !disk.remount("ro") {
        println!("skipped: a small disk can't be made read-only");
        return;
    }
    let error = evidence.put("c", b"x").await.unwrap_err();
    assert!(matches!(error, EvidenceError::ReadOnly { .. }) && error.is_temporary(), "{error}");
    assert_eq!(evidence.get("before").await.unwrap(), b"one");
}

#[test]
fn what_the_system_says_is_told_apart() {
    let of = |code| EvidenceError::io(Path::new("x"), &io::Error::from_raw_os_error(code));
    assert!(matches!(of(28), EvidenceError::Full { .. }));
    assert!(matches!(of(122), EvidenceError::Full { .. }));
    assert!(matches!(of(30), EvidenceError::ReadOnly { .. }));
    assert!(matches!(of(13), EvidenceError::ReadOnly { .. }));
    assert!(matches!(of(5), EvidenceError::Io { .. }));
}

#[tokio::test]
async fn a_place_that_is_a_file_is_no_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("evidence"), "x").unwrap();
    assert!(Evidence::open(&settings(folder.path())).await.is_err());
}
