//! Steps that the host does not let happen, each known as what it is; none of them fails the run.

use super::bed::{Bed, Plan};
use super::runbook::{LOOK, button, step};
use super::seen::{self, states};
use crate::outside::process::has_tool;
use crate::world::{Arms, Database};
use serde_json::json;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether the account of the hosts may do what `sudo: must` asks for; then there is nothing to be refused.
fn may_sudo(user: &str) -> bool {
    has_tool("sudo")
        && Command::new("sudo").args(["-n", "-u", user, "sudo", "-n", "true"]).status().is_ok_and(|s| s.success())
}

#[test]
fn what_the_host_lacks_or_refuses_is_said_and_the_run_goes_on() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let is_denied = !may_sudo(&plan.host.user);
    // The server's own folder is where the disk is full.
    let full = plan.host.folder.path().join("fill");
    let steps = [
        step("must", &["sudo: must"], "$SUDO id -u"),
        step("tool", &["needs: [no-such-tool-anywhere]"], "no-such-tool-anywhere --all"),
        step("full", &[], &format!("echo before\n{}", full.display())),
        step("fails", &[], "echo said; echo complained >&2; exit 7"),
        step("last", &[], "echo last"),
    ];
    let bed = Bed::started(plan, &[(LOOK, button(LOOK, &steps))]);
    bed.put("fill", b"#!/bin/sh\ncat \"$0\" >/dev/full\n", true);
    let run = bed.run(LOOK);
    let must = if is_denied { "denied" } else { "ok" };
    assert_eq!(run["state"], "done", "{run}");
    assert_eq!(
        states(&run),
        [("must", must), ("tool", "missing"), ("full", "failed"), ("fails", "failed"), ("last", "ok")]
    );
    let full = seen::step(&run, "full");
    assert_eq!(bed.download(full, "out"), b"before\n");
    let complaint = String::from_utf8(bed.download(full, "err")).unwrap();
    assert!(complaint.contains("No space left"), "{complaint}");
    let fails = seen::step(&run, "fails");
    assert_eq!(
        (bed.download(fails, "out"), bed.download(fails, "err")),
        (b"said\n".to_vec(), b"complained\n".to_vec())
    );
    assert_eq!(fails["exit_status"], 7);
    assert!(seen::step(&run, "tool").to_string().contains("no-such-tool-anywhere"));
    bed.is_well_recorded();
}

/// A small file system of its own that is full, as long as it lives.
struct Full(PathBuf);

impl Full {
    /// `None`, with a word on standard error, for whoever may mount nothing.
    fn at(path: PathBuf) -> Option<Self> {
        std::fs::create_dir(&path).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs"]).arg(&path).output();
        if !mounted.is_ok_and(|mounted| mounted.status.success()) {
            eprintln!("skipped: only root may mount a file system to fill");
            return None;
        }
        let full = Self(path);
        let filled = std::fs::write(full.0.join("all"), vec![1; 1 << 20]);
        assert_eq!(filled.unwrap_err().kind(), ErrorKind::StorageFull);
        Some(full)
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_keeps_nobody_from_looking_and_the_shipped_runbook_finds_it() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let Some(full) = Full::at(plan.host.folder.path().join("full")) else { return };
    // A step that looks may write nowhere: it calls what does.
    let fill = plan.host.folder.path().join("fill");
    let writes = step("writes", &[], &fill.display().to_string());
    let mut bed = Bed::made(plan, &[(LOOK, button(LOOK, &[writes, step("after", &[], "echo after")]))]);
    bed.put("fill", format!("#!/bin/sh\ncat \"$0\" >{}/more\n", full.0.display()).as_bytes(), true);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks/linux.yaml");
    bed.write_runbook("linux", &std::fs::read_to_string(shipped).unwrap());
    bed.world.site.start(&Arms::default());
    let run = bed.run(LOOK);
    assert_eq!(states(&run), [("writes", "failed"), ("after", "ok")]);
    assert_eq!(run["level"], "unclear", "a step without an answer is no good news: {run}");
    let complaint = bed.download(seen::step(&run, "writes"), "err");
    assert!(String::from_utf8_lossy(&complaint).contains("No space left"), "{run}");
    let run = bed.run("linux");
    assert_eq!((&run["state"], &run["level"]), (&json!("done"), &json!("critical")), "{run}");
    let found = run["findings"].to_string();
    assert!(found.contains(&format!("{} is 100 % full", full.0.display())), "{found}");
    bed.is_well_recorded();
}
