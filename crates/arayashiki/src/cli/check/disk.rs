//! The disk below a folder: room, kind, whether it can be written, and how often a second a small write reaches it. Writes
//! one file of its own and removes it.

use super::line::Line;
use std::ffi::CString;
use std::fs::File;
use std::io::{Error, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SYNCS: u32 = 200;
/// A disk this slow is told as it is, without waiting for the rest.
const LONGEST: Duration = Duration::from_secs(4);
/// What an acknowledgement writes, about.
const WRITE_BYTES: usize = 4_096;
/// Each webhook waits for a sync; a group of them shares one.
const SLOW_PER_S: f64 = 50.0;
const SCARCE_BYTES: u64 = 1 << 30;
const NONE_LEFT_BYTES: u64 = 64 << 20;

/// Looks at a folder, or at the nearest one above that exists: the rest is made when it is needed.
pub fn look(what: &'static str, folder: &Path) -> Vec<Line> {
    let there = nearest(folder);
    // "." and ".." tell nobody which disk it is.
    let there = there.canonicalize().unwrap_or(there);
    let shown = there.display();
    match measure(what, &there) {
        Err(error) => vec![Line::fail(what, format!("{shown} can't be written: {error}"), remedy(&error))],
        Ok((syncs, took)) => {
            let per_s = f64::from(syncs) / took.as_secs_f64().max(1e-6);
            vec![rate(what, &there, per_s), room(what, &there)]
        }
    }
}

fn nearest(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let above = folder.ancestors().find(|path| path.is_dir()).map(Path::to_path_buf);
    above.filter(|path| !path.as_os_str().is_empty()).unwrap_or_else(|| PathBuf::from("."))
}

/// How many syncs in what time.
fn measure(what: &str, folder: &Path) -> Result<(u32, Duration), Error> {
    let path = folder.join(format!(".arayashiki-check-{}-{what}", std::process::id()));
    let measured = File::options().write(true).create_new(true).open(&path).and_then(|mut file| {
        let page = [0u8; WRITE_BYTES];
        let begun = Instant::now();
        let mut syncs = 0;
        while syncs < SYNCS && begun.elapsed() < LONGEST {
            file.write_all(&page)?;
            file.sync_data()?;
            syncs += 1;
        }
        Ok((syncs, begun.elapsed()))
    });
    let _ = std::fs::remove_file(&path);
    measured
}

fn remedy(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::PermissionDenied => "run this as the service's own user, and let that user own the folder",
        ErrorKind::ReadOnlyFilesystem => "mount it writable, or name another folder in [store]",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room: webhooks are answered 503 until there is some",
        _ => "see the kernel's log for the disk's own words",
    }
}

fn rate(what: &'static str, folder: &Path, per_s: f64) -> Line {
    let text = format!("{} takes {per_s:.0} synced writes a second", folder.display());
    match kind(folder) {
        Some(Kind::Memory) => Line::warn(
            what,
            format!(
                "{} lies in memory: what is acknowledged would not survive a restart of the machine",
                folder.display()
            ),
            "name a folder on a disk in [store]",
        ),
        Some(Kind::Network) => Line::warn(
            what,
            format!("{text}, but it is a network file system, whose locks and syncs can't be relied on"),
            "take a local disk, or PostgreSQL",
        ),
        _ if per_s < SLOW_PER_S => {
            Line::warn(what, text, "each acknowledgement waits for this disk: take a faster one before a storm comes")
        }
        _ => Line::ok(what, text),
    }
}

fn room(what: &'static str, folder: &Path) -> Line {
    let Some(free_bytes) = free_bytes(folder) else {
        return Line::warn(what, format!("how much room {} has could not be asked", folder.display()), "");
    };
    let text = format!("{:.1} GB are free below {}", free_bytes as f64 / 1e9, folder.display());
    if free_bytes < NONE_LEFT_BYTES {
        Line::fail(what, text, "make room: a full disk answers webhooks with 503")
    } else if free_bytes < SCARCE_BYTES {
        Line::warn(what, text, "make room before it is full: a full disk answers webhooks with 503")
    } else {
        Line::ok(what, text)
    }
}

fn c_path(folder: &Path) -> Option<CString> {
    CString::new(folder.as_os_str().as_bytes()).ok()
}

fn free_bytes(folder: &Path) -> Option<u64> {
    let path = c_path(folder)?;
    #[expect(unsafe_code, reason = "std can't ask for free space; path and result are locals of the right types")]
    unsafe {
        let mut told = std::mem::zeroed::<libc::statvfs>();
        (libc::statvfs(path.as_ptr(), &raw mut told) == 0).then(|| told.f_bavail.saturating_mul(told.f_frsize))
    }
}

enum Kind {
    Memory,
    Network,
    Other,
}

/// Magic numbers of the kernel's statfs: tmpfs and ramfs; NFS, SMB 1 to 3, Ceph, FUSE.
const MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6];
const NETWORK: [i64; 6] = [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x00c3_6400, 0x6573_5546];

#[cfg(target_os = "linux")]
fn kind(folder: &Path) -> Option<Kind> {
    let path = c_path(folder)?;
    #[expect(
        unsafe_code,
        reason = "std can't ask for a file system's kind; path and result are locals of the right types"
    )]
    let magic = unsafe {
        let mut told = std::mem::zeroed::<libc::statfs>();
        (libc::statfs(path.as_ptr(), &raw mut told) == 0).then_some(told.f_type as i64)
    }?;
    Some(match magic & 0xffff_ffff {
        magic if MEMORY.contains(&magic) => Kind::Memory,
        magic if NETWORK.contains(&magic) => Kind::Network,
        _ => Kind::Other,
    })
}

#[cfg(not(target_os = "linux"))]
fn kind(_folder: &Path) -> Option<Kind> {
    None
}

#[cfg(test)]
mod tests {
    use super::super::line::State;
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_yet_is_judged_by_the_one_above_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let lines = look("disk", &folder.path().join("data/deeper"));
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines.iter().all(|line| line.state != State::Fail), "{lines:?}");
        assert!(lines[0].text.contains(&*folder.path().to_string_lossy()), "{lines:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_written_fails_with_a_remedy() {
        let lines = look("disk", Path::new("/proc/self"));
        assert_eq!((lines.len(), lines[0].state), (1, State::Fail), "{lines:?}");
        assert!(lines[0].remedy.is_some());
    }
}
