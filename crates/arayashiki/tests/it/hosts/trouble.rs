//! Commands that hang, and runs that somebody stops: what had come is kept, and nothing is left on the host.

use super::bed::{Bed, Plan};
use super::runbook::{LOOK, button, step};
use super::seen::{self, states};
use crate::outside::wait;
use crate::world::Database;

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
