//! What is said of what came back.

use crate::samples::SAMPLES;
use duties::runbooks::{Came, Ended, Judged, State, Where, judge, parse};
use model::plan::{Level, Plan, PlanStep, Words};
use std::collections::BTreeMap;

fn plan(name: &str) -> Plan {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks").join(format!("{name}.yaml"));
    let runbook = parse(name, &std::fs::read_to_string(path).unwrap()).unwrap();
    runbook.plan(Where { host: "web-1".into(), ..Where::default() }, &BTreeMap::new()).unwrap()
}

fn step(runbook: &str, name: &str) -> PlanStep {
    plan(runbook).steps.into_iter().find(|step| step.name == name).unwrap_or_else(|| panic!("{runbook} has no {name}"))
}

fn came(step: &PlanStep, ended: Ended, out: &str, err: &str) -> Judged {
    judge(step, &Came { ended: &ended, out, err, is_whole: true })
}

fn said(judged: &Judged) -> Vec<(Level, &str)> {
    judged.findings.iter().map(|finding| (finding.level, finding.words.en.as_str())).collect()
}

const DF: &str = "Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/nvme0n1p1    20971520 19922944   1048576      96% /
/dev/nvme1n1     104857600 31457280  73400320      30% /data
tmpfs              4014020     1024   4012996       1% /run
/dev/nvme2n1      10485760 10380902    104858     100% /var/lib/mysql
";

#[test]
fn figures_out_of_bounds_are_findings_with_what_they_are_of() {
    let judged = came(&step("linux", "disk"), Ended::Exit(0), DF, "");
    assert_eq!(judged.state, State::Finding);
    assert_eq!(said(&judged), [(Level::Warning, "/ is 96 % full"), (Level::Critical, "/var/lib/mysql is 100 % full")]);
    assert_eq!(judged.findings[0].words.ja, "/ の使用率は 96 % です");
    assert_eq!(judged.findings[0].value.as_deref(), Some("96"));
}

#[test]
fn a_figure_can_be_meant_per_another() {
    let load = step("linux", "load");
    let out = |load: &str| format!("processors: 4\n{load} 3.00 2.00 1/200 999\n");
    assert_eq!(came(&load, Ended::Exit(0), &out("7.90"), "").state, State::Ok);
    let judged = came(&load, Ended::Exit(0), &out("9.00"), "");
    assert_eq!(said(&judged), [(Level::Warning, "the load is 2.25 per processor")]);
    let judged = came(&load, Ended::Exit(0), &out("40.00"), "");
    assert_eq!(said(&judged), [(Level::Critical, "the load is 10.00 per processor")]);
    // Nothing to divide by: nothing is said.
    assert_eq!(came(&load, Ended::Exit(0), "processors: 0\n9.00 3.00 2.00 1/200 9\n", "").state, State::Ok);
    assert_eq!(came(&load, Ended::Exit(0), "9.00 3.00 2.00 1/200 9\n", "").state, State::Ok);
}

#[test]
fn what_shipped_runbooks_find_in_the_output_of_real_tools() {
    for (runbook, name, out, expected) in SAMPLES.iter().copied() {
        let judged = came(&step(runbook, name), Ended::Exit(0), out, "");
        let said: Vec<&str> = said(&judged).into_iter().map(|(_, words)| words).collect();
        assert!(said.contains(&expected), "{runbook} {name}: {said:?}\nwanted {expected}");
        assert!(judged.findings.iter().all(|f| !f.words.ja.contains('{')), "{:?}", judged.findings);
    }
}

#[test]
fn a_missing_tool_and_a_refusal_are_no_failures() {
    let disk = step("linux", "disk");
    for (ended, err, state, why) in [
        (Ended::Exit(121), "not on this host: ss or netstat\n", State::Missing, "not on this host: ss or netstat"),
        (Ended::Exit(127), "sh: 1: df: not found\n", State::Missing, "not on this host: sh: 1: df: not found"),
        (
            Ended::Exit(122),
            "sudo without a password is refused for: dmesg\n",
            State::Denied,
            "not allowed: sudo without a password is refused for: dmesg",
        ),
        (Ended::Exit(2), "df: /x: Permission denied\n", State::Denied, "not allowed: df: /x: Permission denied"),
        (Ended::Exit(126), "sh: df: cannot execute\n", State::Denied, "not allowed: sh: df: cannot execute"),
        (Ended::Exit(2), "df: oops\n\n", State::Failed, "it ended with status 2: df: oops"),
        (Ended::Exit(123), "the script did not arrive whole\n", State::NotRun, "the script did not arrive whole"),
        (Ended::Exit(124), "", State::TimedOut, "it did not end within 15 s"),
        (Ended::TimedOut, "", State::TimedOut, "it did not end within 15 s"),
        (Ended::Signal("KILL".into()), "", State::Failed, "it was ended by the signal KILL"),
        (Ended::TooMuch, "", State::Cut, "more than 10000000 bytes came; the rest was not read"),
        (Ended::Cut, "", State::Cut, "the connection was lost"),
        (Ended::Cancelled, "", State::Cut, "it was stopped"),
        (
            Ended::NotRun(Words::new("the bastion is away", "踏み台に接続できません")),
            "",
            State::NotRun,
            "the bastion is away",
        ),
    ] {
        let judged = came(&disk, ended, "", err);
        assert_eq!((judged.state, judged.why.map(|w| w.en).as_deref()), (state, Some(why)));
        assert_eq!(judged.findings, []);
    }
}

#[test]
fn what_was_seen_counts_and_what_was_not_seen_is_not_claimed() {
    let disk = step("linux", "disk");
    let judged = came(&disk, Ended::TimedOut, DF, "");
    assert_eq!((judged.state, judged.findings.len()), (State::TimedOut, 2));
    let network = step("linux", "network");
    for (ended, is_whole) in [(Ended::TimedOut, true), (Ended::Cut, true), (Ended::Exit(0), false)] {
        let judged = judge(&network, &Came { ended: &ended, out: "1: lo", err: "", is_whole });
        assert_eq!(said(&judged), []);
    }
    assert_eq!(said(&came(&network, Ended::Exit(0), "1: lo", "")).len(), 1);
}

#[test]
fn an_exit_can_have_a_sentence_of_its_own() {
    let dns = step("linux", "dns");
    let judged = came(&dns, Ended::Exit(2), "nameserver 10.0.0.2\n", "");
    assert_eq!((judged.state, said(&judged)), (State::Finding, vec![(Level::Warning, "a name could not be resolved")]));
    let status = step("mysql", "status");
    let judged = came(&status, Ended::Exit(1), "ERROR 2002 (HY000): Can't connect to local server\n", "");
    assert_eq!((judged.state, said(&judged)), (State::Finding, vec![(Level::Critical, "the server does not answer")]));
    let judged = came(&status, Ended::Exit(1), "ERROR 1045 (28000): Access denied for user 'diag'@'localhost'\n", "");
    assert_eq!(judged.state, State::Denied);
}

#[test]
fn a_host_can_not_write_our_sentences() {
    let units = step("linux", "units");
    let long = "x".repeat(5_000);
    let out = format!("{{value}}\u{1b}[31m.service loaded failed failed\n{long}.service loaded failed failed\n");
    let judged = came(&units, Ended::Exit(0), &out, "");
    for finding in &judged.findings {
        assert!(
            !finding.words.en.contains(['\u{1b}', '\n', '{']) && finding.words.en.chars().count() < 200,
            "{finding:?}"
        );
    }
    let many: String = (0..40).map(|n| format!("u{n}.service loaded failed failed x\n")).collect();
    let judged = came(&units, Ended::Exit(0), &many, "");
    assert_eq!(judged.findings.len(), 6);
    assert_eq!(judged.findings[5].words.en, "and 35 more like these");
}
