//! Commands that hang, and runs that somebody stops: what had come is kept, and nothing is left on the host.

use super::bed::{Bed, Plan};
use super::runbook::{LOOK, button, step};
use super::seen::{self, states};
use crate::outside::wait;
use crate::world::Database;
use serde_json::Value;

const SHORT: &str = "short";
/// Says something and then nothing for longer than any step here may take.
const HANGS: &str = "echo begun\nexec sleep 300";

#[test]
fn a_step_that_takes_too_long_is_ended_and_the_next_ones_run() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let steps = [step("hangs", &["time: 1s"], HANGS), step("after", &[], "echo after")];
    let bed = Bed::started(plan, &[(LOOK, button(LOOK, &steps))]);
    let run = bed.run(LOOK);
    assert_eq!((run["state"].as_str(), states(&run)), (Some("done"), vec![("hangs", "timed_out"), ("after", "ok")]));
    assert_eq!(bed.download(seen::step(&run, "hangs"), "out"), b"begun\n");
    assert!(!seen::step(&run, "hangs")["cause"].is_null(), "{run}");
}

#[test]
fn whoever_stops_a_run_ends_it_on_the_host() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let steps = [step("hangs", &["time: 100s"], "echo $$\nexec sleep 300"), step("after", &[], "echo after")];
    let bed = Bed::started(plan, &[(LOOK, button(LOOK, &steps))]);
    let run = bed.ask(LOOK);
    bed.until_said(run, "hangs", "\"bytes\":");
    let said = wait::until("its process", || {
        let said = bed.download(seen::step(&bed.whole(run), "hangs"), "out");
        String::from_utf8(said).unwrap().trim().parse::<u32>().ok()
    });
    let answer = bed.post(&format!("runs/{run}/stop"), serde_json::json!({}));
    assert_eq!(answer.status, 202, "{}", answer.text());
    let run = bed.ended(run);
    assert_eq!(
        (run["state"].as_str(), states(&run)),
        (Some("stopped"), vec![("hangs", "stopped"), ("after", "not_run")])
    );
    let process = format!("/proc/{said}/exe");
    wait::until("the command to be gone from the host", || std::fs::metadata(&process).is_err().then_some(()));
    bed.is_well_recorded();
}

fn hanging() -> [String; 2] {
    [step("hangs", &["time: 100s"], HANGS), step("after", &[], "echo after")]
}

/// A run whose first step has said something and hangs.
fn hung(bed: &Bed) -> i64 {
    let run = bed.ask(LOOK);
    wait::until("the step to say something", || {
        seen::step(&bed.whole(run), "hangs")["streams"].to_string().contains("begun").then_some(())
    });
    run
}

fn has_kept_what_had_come(bed: &Bed, run: &Value) {
    let hangs = seen::step(run, "hangs");
    assert_eq!(bed.download(hangs, "out"), b"begun\n");
    assert!(hangs["cause"]["en"].as_str().is_some_and(|cause| !cause.is_empty()), "{run}");
    bed.is_well_recorded();
}

#[test]
fn a_bastion_that_cuts_everybody_off_leaves_what_had_come_and_the_next_step_finds_a_new_way() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let bed = Bed::started(plan, &[(LOOK, button(LOOK, &hanging()))]);
    let run = hung(&bed);
    bed.bastion.cut();
    let run = bed.ended(run);
    assert_eq!((run["state"].as_str(), states(&run)), (Some("done"), vec![("hangs", "cut"), ("after", "ok")]));
    has_kept_what_had_come(&bed, &run);
    assert_eq!(bed.host.logged("Accepted publickey"), 2, "one session was cut off, and nothing was sent a second time");
}

#[test]
fn a_host_that_stands_still_is_given_up_and_the_steps_that_it_never_saw_are_said_to_be_so() {
    let Some(usual) = Plan::usual(Database::Sqlite) else { return };
    let short = button(SHORT, &[step("say", &[], "echo back")]);
    let plan = Plan { ssh: "keepalive = \"1s\"\n".to_owned(), ..usual };
    let bed = Bed::started(plan, &[(LOOK, button(LOOK, &hanging())), (SHORT, short)]);
    let run = hung(&bed);
    let stands_still = bed.host.hang();
    let run = bed.ended(run);
    assert_eq!((run["state"].as_str(), states(&run)), (Some("failed"), vec![("hangs", "cut"), ("after", "not_run")]));
    has_kept_what_had_come(&bed, &run);
    wait::until("the host to count as hanging", || (bed.reach()["state"] == "timeout").then_some(()));
    drop(stands_still);
    assert_eq!(states(&bed.run(SHORT))[0].1, "ok", "it is looked at again as soon as it is back");
}
