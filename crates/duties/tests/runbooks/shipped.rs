//! The runbooks that ship: without a problem, in both languages, and their scripts run in every shell that hosts have.

use crate::shells::{Done, Sh, run, values};
use duties::runbooks::{Came, Ended, Set, State, Where, judge, set};
use model::plan::{Class, Plan, PlanStep};
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks")
}

fn shipped() -> Set {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "yaml") {
            files.push((
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
    let (set, problems) = set(files);
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    set
}

fn plans() -> Vec<Plan> {
    let at = || Where { host: "web-1".into(), ..Where::default() };
    let local = |name: &str| if name == "linux" { values(&[("lookup", "localhost")]) } else { values(&[]) };
    shipped().iter().map(|runbook| runbook.plan(at(), &local(&runbook.name)).unwrap()).collect()
}

#[test]
fn they_are_all_there_and_only_look() {
    let set = shipped();
    let names: Vec<&str> = set.iter().map(|runbook| runbook.name.as_str()).collect();
    assert_eq!(
        names,
        ["apache", "aws-metadata", "docker", "java", "linux", "mysql", "nginx", "postgresql", "redis", "tls"]
    );
    for runbook in set.iter() {
        assert_eq!(format!("{}.yaml", runbook.name), runbook.file);
        assert!(runbook.class == Class::Read && runbook.description.is_some(), "{}", runbook.name);
        let together: u64 = runbook.steps.iter().map(|step| step.limits.time_ms).sum();
        assert!(together <= runbook.limits.time_ms, "{}: {together} ms", runbook.name);
        for words in runbook.steps.iter().map(|step| &step.title).chain([&runbook.title]) {
            assert!(!words.en.is_empty() && !words.ja.is_empty());
        }
    }
}

#[test]
fn every_shell_can_read_every_script() {
    for sh in Sh::all() {
        for plan in plans() {
            for step in &plan.steps {
                let script = step.stdin.as_deref().unwrap();
                let output = Command::new(sh.program()).args(["-n", "-c", script]).output().unwrap();
                let err = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success(), "{} {} {}: {err}", sh.name, plan.runbook, step.name);
            }
        }
    }
}

fn judged(step: &PlanStep, done: &Done) -> State {
    judge(step, &Came { ended: &Ended::Exit(done.status), out: &done.text(), err: &done.err, is_whole: true }).state
}

/// On whatever this is run: a step tells something, or says what it lacks.
#[test]
fn every_script_runs_here() {
    let sh = Sh::all().remove(0);
    let mut read = 0;
    for plan in plans() {
        for step in &plan.steps {
            let done = run(&sh.program(), &sh.path(), &step.exec, step.stdin.as_deref().unwrap());
            let state = judged(step, &done);
            let place =
                format!("{} {}: {state:?} {}\n{}\n{}", plan.runbook, step.name, done.status, done.text(), done.err);
            assert!(matches!(state, State::Ok | State::Finding | State::Missing | State::Denied), "{place}");
            assert!(!done.out.is_empty() || !done.err.is_empty(), "{place}");
            assert!(!done.err.to_lowercase().contains("syntax") && !done.err.contains("command not found"), "{place}");
            read += usize::from(state.is_read());
        }
    }
    assert!(read >= 15, "only {read} steps told something");
}

/// A host that has a shell and hardly anything else.
#[test]
fn what_a_host_lacks_is_said_and_never_a_failure() {
    let bare = tempfile::tempdir().unwrap();
    let sh = Sh::all().remove(0);
    for tool in ["cat", "sleep", "true", "setsid", "grep", "head", "tail", "id", "sort", "uniq"] {
        let found = crate::shells::find(tool);
        found.into_iter().for_each(|program| std::os::unix::fs::symlink(program, bare.path().join(tool)).unwrap());
    }
    std::os::unix::fs::symlink(sh.program(), bare.path().join("sh")).unwrap();
    let mut missing = 0;
    for plan in plans() {
        for step in &plan.steps {
            // The frame adds the sbin folders: here they are as bare as the rest.
            let exec = step.exec.replace(":/usr/local/sbin:/usr/sbin:/sbin", "");
            let done = run(&sh.program(), &bare.path().display().to_string(), &exec, step.stdin.as_deref().unwrap());
            let state = judged(step, &done);
            let place = format!("{} {}: {state:?}\n{}\n{}", plan.runbook, step.name, done.text(), done.err);
            assert!(!matches!(state, State::Failed | State::TimedOut), "{place}");
            if !step.needs.is_empty() {
                assert_eq!(state, State::Missing, "{place}");
                missing += 1;
            }
        }
    }
    assert!(missing > 30, "{missing}");
}
