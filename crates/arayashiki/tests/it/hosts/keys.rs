//! Whose key is not the trusted one, or nobody's, or who may not sign in: nothing is sent there, and why is said.

use super::bed::{Bed, HOST, Plan};
use super::runbook::{LOOK, button, step};
use super::seen::states;
use super::sshd::script;
use crate::outside::wait;
use crate::world::Database;
use serde_json::{Value, json};
use std::process::Command;

const AUDITED: &str = "SELECT count(*) FROM audit WHERE action = 'host.key-changed'";
/// Messages to people, whether they are sent or, without a Slack, shown as what would be.
const TOLD: &str = "SELECT count(*) FROM action WHERE key LIKE 'diagnose/host/%/key_changed/%'";

fn runbook() -> [(&'static str, String); 1] {
    [(LOOK, button(LOOK, &[step("first", &[], "echo first"), step("second", &[], "echo second")]))]
}

/// The host's server stops and comes back with a key that nobody has seen.
fn change_key(bed: &Bed) {
    let (script, folder) = (script().unwrap(), bed.host.folder.path());
    assert!(Command::new(&script).arg("stop").arg(folder).status().unwrap().success());
    for name in ["host_key", "host_key.pub"] {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    let started = Command::new(&script).arg(folder).output().unwrap();
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
}

/// It failed before anything was sent, for this cause, and the host is known to be reached so.
fn is_not_reached(bed: &Bed, run: &Value, reach: &str, cause: &str) {
    assert_eq!(run["state"], "failed", "{run}");
    assert_eq!(states(run), [("first", "not_run"), ("second", "not_run")]);
    assert!(run["cause"].to_string().contains(cause), "{}", run["cause"]);
    let seen = bed.reach();
    assert_eq!((&seen["state"], &seen["hop"]), (&json!(reach), &json!(HOST)), "{seen}");
    assert!(seen["cause"].to_string().contains(cause), "{seen}");
}

#[test]
fn a_changed_key_stops_everything_and_is_told_once() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let bed = Bed::started(plan, &runbook());
    assert_eq!(bed.run(LOOK)["state"], "done");
    change_key(&bed);
    let (logins, sessions) = (bed.host.logged("Accepted publickey"), bed.host.logged("Starting session"));
    for _ in 0..2 {
        is_not_reached(&bed, &bed.run(LOOK), "key_changed", "key");
    }
    let answer = bed.post(&format!("hosts/{HOST}/test"), json!({}));
    assert_eq!(answer.status, 202, "{}", answer.text());
    bed.world.settle();
    assert_eq!((bed.count(AUDITED), bed.count(TOLD)), (1, 1), "people are told once");
    assert_eq!((bed.host.logged("Accepted publickey"), bed.host.logged("Starting session")), (logins, sessions));
    // Whoever has asked the host's owner trusts the new one.
    bed.trust(HOST, &bed.host);
    wait::until("the new key to be known", || (bed.run(LOOK)["state"] == "done").then_some(()));
    assert_eq!(bed.reach()["state"], "reached");
    bed.is_well_recorded();
}

#[test]
fn a_host_that_nobody_trusts_is_sent_nothing() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let bed = Bed::started(Plan { trusts: false, ..plan }, &runbook());
    is_not_reached(&bed, &bed.run(LOOK), "key_unknown", HOST);
    assert_eq!(bed.host.logged("Accepted publickey"), 0);
    assert_eq!((bed.count(AUDITED), bed.count(TOLD)), (0, 0));
}

#[test]
fn a_stranger_to_the_host_is_refused_there() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let login = format!("user = \"nobody-here\"\nkey_file = \"{}\"\n", plan.host.key.display());
    let bed = Bed::started(Plan { login, ..plan }, &runbook());
    is_not_reached(&bed, &bed.run(LOOK), "login_refused", "nobody-here");
    assert_eq!(bed.host.logged("Accepted publickey"), 0);
    bed.is_well_recorded();
}
