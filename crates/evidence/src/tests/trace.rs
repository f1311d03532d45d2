//! A power cut: a kill leaves the page cache, so what is synced before it is promised is watched from outside.

use super::*;
use std::process::Command;

const PUTS: usize = 3;

pub fn name(n: usize) -> String {
    format!("d{n}/sub/x")
}

pub fn content(n: usize) -> Vec<u8> {
    format!("Subject: {n}\r\n\r\n").repeat(100).into_bytes()
}

/// The stream that is written beside an original.
pub fn stream(n: usize) -> String {
    format!("output/{n}/x")
}

async fn write(evidence: &Evidence, n: usize) {
    let mut writer = evidence.writer(&stream(n)).await.unwrap();
    for chunk in content(n).chunks(700) {
        writer.write(chunk).await.unwrap();
    }
    writer.finish().await.unwrap();
}

/// Puts a few originals and streams, in the folder that it was started in, and says after each what is promised.
#[test]
#[ignore = "a child of the trace and of the kill test"]
fn child() {
    // One thread makes every call, so that the tracer, which counts for each thread by itself, counts them all.
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let evidence = open(Path::new(".")).await;
        for n in 0..PUTS {
            evidence.put(&name(n), &content(n)).await.unwrap();
            write(&evidence, n).await;
            println!("promised {n}");
        }
    });
}

pub fn can_trace() -> bool {
    let tried = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let can = tried.is_ok_and(|output| output.status.success());
    if !can {
        println!("skipped: strace is not here, or not allowed");
    }
    can
}

#[test]
fn file_and_folders_are_synced_before_anything_is_promised() {
    if !can_trace() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let traced = Command::new("strace")
        .args(["-f", "-y", "-o", "trace", "-e", "trace=write,fsync,fdatasync,link,linkat,mkdir,mkdirat"])
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "tests::trace::child", "--nocapture"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(traced.status.success(), "{}", String::from_utf8_lossy(&traced.stderr));
    let trace = std::fs::read_to_string(folder.path().join("trace")).unwrap();
    let lines: Vec<&str> = trace.lines().collect();
    for n in 0..PUTS {
        let at = |what: &str, has: &dyn Fn(&str) -> bool| {
            lines.iter().position(|line| has(line)).unwrap_or_else(|| panic!("{n}: no {what} in\n{trace}"))
        };
        let last_before = |end: usize, what: &str| {
            lines[..end]
                .iter()
                .rposition(|line| line.contains(what))
                .unwrap_or_else(|| panic!("{n}: no {what} in\n{trace}"))
        };
        let promised = at("promise", &|line| line.contains(&format!("promised {n}")));
        for folder in [format!("evidence/d{n}/sub"), format!("evidence/output/{n}")] {
            let placed = at("link", &|line| line.contains("link") && line.contains(&format!("{folder}/x\"")));
            let written = last_before(placed, "write(");
            let file = last_before(placed, "/.parts/");
            assert!(written <= file && lines[file].contains("fsync("), "{n}: the file before its name\n{trace}");
            let folder_of_name = last_before(promised, &format!("{folder}>"));
            assert!(lines[folder_of_name].contains("fsync(") && folder_of_name > placed, "{n}: the name\n{trace}");
        }
        for above in [format!("evidence/d{n}>"), "evidence>".to_owned()] {
            let synced = last_before(promised, &above);
            assert!(lines[synced].contains("fsync("), "{n}: {above}\n{trace}");
        }
    }
}
