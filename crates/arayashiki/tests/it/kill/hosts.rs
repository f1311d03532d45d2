//! The program is killed while it runs something on a host, at every point of a run and at any instant. No step is sent twice, every
//! run comes to a known end, what had come of a step stays, and the record proves itself. The host itself is the witness.

use super::{databases, kills, of_hosts};
use crate::hosts::bed::{Bed, HOST, Plan};
use crate::hosts::runbook::{marked, step};
use crate::hosts::seen::{self, states};
use crate::outside::{Dice, parallel, seed, wait};
use crate::world::{Arms, Database};
use serde_json::{Value, json};
use std::time::Duration;
use store::faults::POINTS;

const FIVE: &str = "five";
const STEPS: [&str; 5] = ["one", "two", "three", "four", "five"];
/// From the start of the next program to the end of every run.
const ENDS_WITHIN: Duration = Duration::from_secs(60);

/// Writes down on the host that a step of a run was there.
const WITNESS: &str = "#!/bin/sh\necho \"$1 $2\" >>\"$(dirname \"$0\")/lines\"\n";

/// Configured and not started; `None` where there is no OpenSSH server.
fn bed(database: Database) -> Option<Bed> {
    let plan = Plan::usual(database)?;
    let witness = plan.host.folder.path().join("witness");
    let steps = STEPS.map(|name| {
        let script =
            format!("echo begun {name}\n{} {{{{ mark }}}} {name}\nsleep 0.2\necho ended {name}", witness.display());
        step(name, &["time: 20s"], &script)
    });
    let bed = Bed::made(plan, &[(FIVE, marked(FIVE, &steps))]);
    bed.put("witness", WITNESS.as_bytes(), true);
    Some(bed)
}

impl Bed {
    /// Asks for a run; whether that was acknowledged.
    fn ask_marked(&self, mark: &str) -> bool {
        let body = json!({ "host": HOST, "runbook": FIVE, "parameters": { "mark": mark } });
        let answer = self.try_post("runs", body);
        answer.is_ok_and(|answer| answer.status == 202)
    }

    fn marked(&self, mark: &str) -> Option<Value> {
        let all = self.world.site.all("runs").ok()?;
        let ids = all.iter().filter_map(|run| run["id"].as_i64());
        let mut runs = ids.filter_map(|id| self.world.site.api(&format!("runs/{id}")).ok());
        runs.find(|run| run["parameters"]["mark"] == mark)
    }

    /// How often the host saw a step of a run.
    fn seen(&self, mark: &str, step: &str) -> usize {
        let lines = std::fs::read_to_string(self.host.folder.path().join("lines")).unwrap_or_default();
        lines.lines().filter(|line| *line == format!("{mark} {step}")).count()
    }

    /// The run has come to a known end, and the host saw what the record says.
    fn judge(&self, mark: &str, within: Duration) -> Value {
        let ended = || self.marked(mark).filter(|run| !run["finished_at"].is_null());
        let run = wait::within(within, ended);
        let run = run.unwrap_or_else(|| panic!("{mark}: {:?}\n{}", self.marked(mark), self.world.unrest()));
        self.agrees(&run);
        for (step, state) in states(&run) {
            let times = self.seen(mark, step);
            let expected = match state {
                "ok" => 1..=1,
                "not_run" => 0..=0,
                "interrupted" | "cut" => 0..=1,
                other => panic!("{mark}: {step} is {other}: {run}"),
            };
            assert!(expected.contains(&times), "{mark}: {step} is {state} and ran {times} times: {run}");
        }
        let known = match run["state"].as_str().unwrap() {
            "done" => states(&run).iter().all(|(_, state)| *state != "not_run"),
            "interrupted" => !run["cause"].is_null(),
            _ => false,
        };
        assert!(known, "{mark}: {run}");
        run
    }
}

struct Case {
    database: Database,
    point: &'static str,
    nth: u32,
    /// Armed again during the recovery.
    then: &'static str,
}

/// Points that the recovery of a run passes.
const RECOVERY: [&str; 5] =
    ["claim.job_taken", "claim.after_commit", "finish.attempt_closed", "finish.before_commit", "finish.after_commit"];

fn cases() -> Vec<(String, Case)> {
    let points: Vec<&'static str> = POINTS.iter().copied().filter(|point| of_hosts(point)).collect();
    assert!(points.len() >= 5, "the points were not found: {points:?}");
    let mut cases = Vec::new();
    for (n, point) in points.into_iter().enumerate() {
        let later = point.starts_with("run.step_").then_some(3);
        for nth in std::iter::once(1).chain(later) {
            let then = RECOVERY[(n + nth as usize) % RECOVERY.len()];
            for database in databases(n + nth as usize) {
                let name = format!("{database:?}, {point} at its hit {nth}, then {then}");
                cases.push((name, Case { database, point, nth, then }));
            }
        }
    }
    cases
}

#[test]
fn whatever_point_of_a_run_it_dies_at_no_step_is_sent_twice() {
    parallel::all(&cases(), |case| {
        let Some(mut bed) = bed(case.database) else { return };
        bed.world.site.start(&Arms::point(case.point, case.nth));
        assert!(bed.ask_marked("first"), "it was not taken on");
        bed.world.site.was_aborted(case.point);
        bed.world.site.start(&Arms::point(case.then, 1));
        bed.world.site.was_aborted(case.then);
        bed.world.site.start(&Arms::default());
        let run = bed.judge("first", ENDS_WITHIN);
        is_as_far_as_it_came(&bed, case, &run);
        // The host and the program are well again.
        assert!(bed.ask_marked("second"), "it was not taken on");
        assert_eq!(bed.judge("second", ENDS_WITHIN)["state"], "done");
        bed.is_well_recorded();
    });
}

/// The step at which it died is known as what it was: sent and unknown, or never begun, or over.
fn is_as_far_as_it_came(bed: &Bed, case: &Case, run: &Value) {
    let at = STEPS[case.nth as usize - 1];
    let died_in = matches!(case.point, "run.step_begun" | "run.step_came_back");
    let state = seen::step(run, at)["state"].as_str().unwrap();
    assert_eq!(state == "interrupted", died_in, "{at} is {state}: {run}");
    if case.point == "run.step_begun" {
        assert_eq!(bed.seen("first", at), 0, "it died before it was sent");
    }
    if case.point == "run.step_came_back" {
        let said = bed.download(seen::step(run, at), "out");
        assert_eq!(String::from_utf8_lossy(&said), format!("begun {at}\nended {at}\n"), "what had come is kept");
    }
}

#[test]
fn killed_at_any_instant_of_a_run_no_step_is_sent_twice() {
    let (kills, seed) = (kills(), seed());
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}, seed {seed}"), d)).collect();
    parallel::all(&cases, |database| survive(*database, kills, seed));
}

fn survive(database: Database, kills: u32, seed: u64) {
    let Some(mut bed) = bed(database) else { return };
    let mut dice = Dice::new(seed);
    bed.world.site.start(&Arms::default());
    let mut asked = Vec::new();
    for n in 0..kills {
        let mark = format!("run-{n}");
        if bed.ask_marked(&mark) {
            asked.push(mark);
        }
        std::thread::sleep(Duration::from_millis(dice.below(2_500)));
        bed.world.site.kill();
        bed.world.site.start(&Arms::default());
    }
    assert_eq!(asked.len(), kills as usize, "a run was not taken on");
    // One after the other on one host: what was asked for last waits for the others.
    let within = ENDS_WITHIN + Duration::from_secs(5) * kills;
    let ends: Vec<String> = asked.iter().map(|mark| bed.judge(mark, within)["state"].to_string()).collect();
    eprintln!("{database:?}: {kills} kills, the runs ended as {ends:?}");
    bed.is_well_recorded();
}
