//! Killed while it writes: what was promised is there, and nothing half is.

use super::*;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Long enough to be caught in the middle.
const BYTES: usize = 300_000;

fn content(n: usize) -> Vec<u8> {
    // Nothing that compresses well, so that writing takes its time.
    let mut state = n as u64 + 1;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(BYTES).collect()
}

fn name(n: usize) -> String {
    format!("d{}/{n}", n % 3)
}

/// Puts without end, in the folder that it was started in, and says after each what is promised.
#[test]
#[ignore = "a child of the kill test"]
fn child() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let evidence = open(Path::new(".")).await;
        for n in 0.. {
            evidence.put(&name(n), &content(n)).await.unwrap();
            println!("promised {n}");
        }
    });
}

fn files(folder: PathBuf, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(path, found) } else { found.push(path) }
    }
}

#[tokio::test]
async fn a_kill_at_any_instant_leaves_what_was_promised_and_nothing_half() {
    let folder = tempfile::tempdir().unwrap();
    for lives in 1..=12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "tests::kill::child", "--nocapture"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut promised = 0;
        for line in lines.map_while(Result::ok) {
            // Each life goes on a little further than the one before, then is cut at once.
            if let Some(n) = line.rsplit_once("promised ").and_then(|(_, n)| n.parse::<usize>().ok()) {
                promised = n + 1;
                if promised >= lives * 3 {
                    break;
                }
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(promised >= lives * 3, "the child ended by itself after {promised}");
        let evidence = open(folder.path()).await;
        for n in 0..promised {
            assert_eq!(evidence.get(&name(n)).await.unwrap(), content(n), "{n} was promised");
        }
        let root = folder.path().join("evidence");
        let mut found = Vec::new();
        files(root.clone(), &mut found);
        for path in found {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            let n: usize = name.rsplit_once('/').unwrap().1.parse().expect("nothing but originals is left");
            assert_eq!(evidence.get(&name).await.unwrap(), content(n), "{name} is whole");
        }
    }
}
