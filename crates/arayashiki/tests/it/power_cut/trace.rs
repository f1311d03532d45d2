//! In which order things reach the disk and the wire, by the kernel's own word: the row's bytes are written to the log,
//! the log is synced, and only then the 202 leaves.

use super::machine::{SECRET, config};
use super::mail;
use crate::outside::process::{Process, has_tool};
use crate::outside::{signing, skip, wait};
use crate::world::{Database, Site, site};
use std::collections::BTreeMap;
use std::process::Command;

const EVENTS: usize = 5;

#[test]
fn the_answer_leaves_after_the_row_has_been_synced() {
    traced("", |site| {
        for n in 0..EVENTS {
            let answer = signing::deliver(site.address, SECRET, signing::triggered(&format!("QTRACED{n}"))).unwrap();
            assert_eq!(answer.status, 202);
        }
        |calls| (0..EVENTS).for_each(|n| check(calls, &format!("QTRACED{n}"), ("HTTP/1.1 202", n)))
    });
}

#[test]
fn a_mails_250_leaves_after_its_row_has_been_synced() {
    let door = mail::door();
    traced(&mail::config(door), |_| {
        for n in 0..EVENTS {
            assert_eq!(mail::deliver(door, &format!("traced{n}"), 0).unwrap()[..3], *"250");
        }
        |calls| (0..EVENTS).for_each(|n| check(calls, &format!("<traced{n}@mon.example.jp>"), (mail::KEPT, n)))
    });
}

/// Runs the program under the tracer while something is sent to it; the verdict is given on the calls that it made.
fn traced<V: Fn(&[Call])>(more: &str, send: impl FnOnce(&Site) -> V) {
    if !can_trace() {
        return;
    }
    let config = format!("{}\n{more}", config());
    let site = Site::new(Database::Sqlite, tempfile::tempdir().unwrap(), site::free_port(), &config);
    let trace = site.folder.path().join("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-s", "16384", "-o"]).arg(&trace);
    command.args(["-e", "trace=write,writev,pwrite64,sendto,sendmsg,fsync,fdatasync"]);
    command.arg(env!("CARGO_BIN_EXE_arayashiki")).arg("--config").arg(site.config()).arg("serve");
    let mut process = Process::start(command, &site.folder.path().join("serve.log"));
    wait::until("the traced server", || site.get("/healthz").ok());
    let verdict = send(&site);
    end(&mut process);
    let lines = std::fs::read_to_string(&trace).unwrap();
    verdict(&whole_calls(&lines));
}

/// The tracer passes the signal on to nobody, so its child is asked.
fn end(process: &mut Process) {
    let children = format!("/proc/{0}/task/{0}/children", process.id());
    for child in std::fs::read_to_string(children).unwrap().split_whitespace() {
        crate::outside::process::signal(child.parse().unwrap(), "TERM");
    }
    wait::until("the end of the trace", || process.has_ended());
}

fn can_trace() -> bool {
    let allowed = has_tool("strace")
        && Command::new("strace")
            .args(["-o", "/dev/null", "true"])
            .output()
            .is_ok_and(|output| output.status.success());
    if !allowed {
        skip("the trace of syncs", "strace is not here, or not allowed");
    }
    allowed
}

/// A call, and the lines of the trace at which it began and ended.
struct Call {
    begun: usize,
    ended: usize,
    text: String,
}

/// One that others ran into is put together again.
fn whole_calls(trace: &str) -> Vec<Call> {
    let mut open = BTreeMap::new();
    let mut calls = Vec::new();
    for (at, line) in trace.lines().enumerate() {
        let (thread, call) = line.split_once(' ').unwrap_or(("", line));
        let call = call.trim_start();
        if let Some(first) = call.strip_suffix("<unfinished ...>") {
            open.insert(thread, (at, first));
        } else if let Some((_, rest)) = call.split_once("resumed>") {
            let (begun, first) = open.remove(thread).unwrap_or((at, ""));
            calls.push(Call { begun, ended: at, text: format!("{first}{rest}") });
        } else {
            calls.push(Call { begun: at, ended: at, text: call.to_owned() });
        }
    }
    calls
}

impl Call {
    fn is_on_log(&self) -> bool {
        self.text.contains("-wal>")
    }

    fn writes(&self, words: &str) -> bool {
        let names = ["pwrite64(", "write("];
        names.iter().any(|name| self.text.starts_with(name)) && self.text.contains(words)
    }

    fn is_sync(&self) -> bool {
        let names = ["fdatasync(", "fsync("];
        names.iter().any(|name| self.text.starts_with(name)) && self.text.trim_end().ends_with("= 0")
    }
}

/// The row of this event, the sync of the log after it, and the nth of these answers after that.
fn check(calls: &[Call], incident: &str, (word, n): (&str, usize)) {
    let row = calls.iter().find(|call| call.is_on_log() && call.writes(incident));
    let row = row.unwrap_or_else(|| panic!("{incident} was never written to the log")).ended;
    let sync = calls.iter().find(|call| call.is_on_log() && call.is_sync() && call.begun > row).map(|call| call.ended);
    let answer = calls.iter().filter(|call| call.text.contains(word)).nth(n);
    let answer = answer.unwrap_or_else(|| panic!("no answer to {incident}")).begun;
    assert!(
        sync.is_some_and(|sync| sync < answer),
        "{incident}: written at line {row}, synced at {sync:?}, answered at {answer}"
    );
}
