//! Killed before any of its calls: what was promised is there, and nothing half is. A tracer kills, so that no instant is
//! left to luck.

use super::trace::{can_trace, content, name, stream};
use super::*;
use std::path::PathBuf;
use std::process::{Command, Output};

/// The tracer counts for each thread by itself, so each kind of call has a count of its own.
const CALLS: [&str; 5] = ["write", "fsync", "link,linkat", "unlink,unlinkat", "mkdir,mkdirat"];
/// More than any thread makes.
const NEVER: usize = 60_000;

/// Puts in this folder, and is killed as a thread makes its n-th call of this kind.
fn life(folder: &Path, call: &str, n: usize) -> Output {
    Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=SIGKILL:when={n}")])
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "tests::trace::child", "--nocapture"])
        .current_dir(folder)
        .output()
        .unwrap()
}

fn files(folder: PathBuf, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(path, found) } else { found.push(path) }
    }
}

/// An original, or a stream to its end.
async fn whole(evidence: &Evidence, name: &str) -> Result<Vec<u8>, EvidenceError> {
    if !name.starts_with("output/") {
        return evidence.get(name).await;
    }
    let (mut reader, mut found) = (evidence.reader(name).await?, Vec::new());
    while let Some(part) = reader.next().await? {
        found.extend(part);
    }
    Ok(found)
}

async fn check(folder: &Path, told: &str, call: &str) {
    let evidence = open(folder).await;
    for n in told.lines().filter_map(|line| line.rsplit_once("promised ")?.1.parse::<usize>().ok()) {
        assert_eq!(evidence.get(&name(n)).await.unwrap(), content(n), "{n} was promised before call {call}");
        assert_eq!(whole(&evidence, &stream(n)).await.unwrap(), content(n), "{n} was promised before call {call}");
    }
    let root = folder.join("evidence");
    let mut found = Vec::new();
    files(root.clone(), &mut found);
    for path in found {
        let there = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let whole = whole(&evidence, &there).await;
        assert!(whole.is_ok(), "{there} after a kill at call {call}: {whole:?}");
    }
}

/// The number of kills of one kind.
async fn kills(call: &str) -> usize {
    for n in 1..1_000 {
        let folder = tempfile::tempdir().unwrap();
        let output = life(folder.path(), call, n);
        check(folder.path(), &String::from_utf8_lossy(&output.stdout), &format!("{call} {n}")).await;
        if output.status.success() {
            return n - 1;
        }
        // The next life goes on where that one was cut.
        let again = life(folder.path(), call, NEVER);
        assert!(again.status.success(), "after {call} {n}: {}", String::from_utf8_lossy(&again.stderr));
    }
    panic!("{call} is made without end");
}

#[tokio::test]
async fn a_kill_at_any_call_leaves_what_was_promised_and_nothing_half() {
    if !can_trace() {
        return;
    }
    for call in CALLS {
        let kills = kills(call).await;
        assert!(kills >= 3, "{call}: {kills}");
    }
}
