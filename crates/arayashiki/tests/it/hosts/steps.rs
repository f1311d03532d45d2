//! Steps that the host does not let happen, each known as what it is; none of them fails the run.

use super::bed::{Bed, Plan};
use super::runbook::{LOOK, button, step};
use super::seen::{self, states};
use crate::outside::process::has_tool;
use crate::world::Database;
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
