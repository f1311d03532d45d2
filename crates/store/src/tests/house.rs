//! Rules of the house that the compiler can't hold: reads take a scope, and the list of crash points is the source's.

use crate::faults::POINTS;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Units of work that a process may die in the middle of.
const UNITS: [&str; 17] = [
    "intake",
    "read",
    "claim",
    "finish",
    "timers",
    "spool",
    "drain",
    "drained",
    "judge",
    "late",
    "net",
    "net_again",
    "net_call",
    "net_day",
    "reminders",
    "record",
    "checkpoint",
];
/// What has points outside of any unit, or in several.
const BETWEEN: [&str; 15] = [
    "act", "post", "sns", "seal", "slack", "show", "backlog", "ticket", "event", "remind", "concern", "push",
    "channel", "window", "run",
];
/// Groups of signals, which are no units of anybody's.
const GROUPS: [&str; 3] = ["intake", "spool", "drain"];

/// The program's own source: no tests, which may say anything.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

fn of_store() -> Vec<(PathBuf, String)> {
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

fn of_every_crate() -> Vec<(PathBuf, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folders = std::fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path().join("src"));
    folders.filter(|src| src.is_dir()).flat_map(|src| sources(&src)).collect()
}

/// What stands between each `before` and the next `"`.
fn literals(text: &str, before: &str) -> Vec<String> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn every_public_list_find_and_count_takes_a_scope() {
    let mut checked = 0;
    for (path, text) in of_store() {
        for rest in text.split("pub async fn ").skip(1) {
            let (name, rest) = rest.split_once(['(', '<']).unwrap();
            if !["list", "find", "count"].iter().any(|word| name.starts_with(word)) {
                continue;
            }
            let signature = rest.split('{').next().unwrap();
            assert!(signature.contains("&Scope"), "{}: {name} takes no scope", path.display());
            checked += 1;
        }
    }
    assert!(checked >= 8, "the source was not read: {checked}");
}

#[test]
fn only_this_crate_speaks_sql() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (path, text) in of_every_crate() {
        // Simulated hosts have simulated databases, whose clients are asked in SQL.
        if path.starts_with(crates.join("store")) || path.starts_with(crates.join("sandbox/src/hosts")) {
            continue;
        }
        for word in ["rusqlite", "tokio_postgres", "\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM "] {
            assert!(!text.contains(word), "{} has {word}: SQL belongs into the store", path.display());
        }
    }
}

#[test]
fn the_list_of_crash_points_is_whole_and_true() {
    let texts: Vec<String> = of_every_crate().into_iter().map(|(_, text)| text).collect();
    let named: BTreeSet<String> = texts.iter().flat_map(|text| literals(text, "crash_point!(\"")).collect();
    for point in &named {
        assert!(POINTS.contains(&point.as_str()), "{point} is missing from the list of crash points");
    }
    let units: BTreeSet<String> = texts.iter().flat_map(|text| written_units(text)).collect();
    for unit in UNITS {
        for moment in ["before_commit", "after_commit"] {
            let point = format!("{unit}.{moment}");
            assert!(POINTS.contains(&point.as_str()), "{point} is missing from the list of crash points");
        }
    }
    for point in POINTS {
        let (unit, moment) = point.split_once('.').unwrap();
        let is_there = match moment {
            "before_commit" | "after_commit" => GROUPS.contains(&unit) || units.contains(unit),
            _ => named.contains(*point),
        };
        assert!(is_there, "{point} is on the list and nowhere in the source");
        assert!(UNITS.contains(&unit) || BETWEEN.contains(&unit), "{point} belongs to no unit of work");
    }
}

/// The names of `.write("name", …)`, also where the line is broken after the parenthesis.
fn written_units(text: &str) -> Vec<String> {
    let calls = text.split(".write(").skip(1);
    calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn every_sabotage_is_on_the_list() {
    for (path, text) in of_store() {
        let is_list = path.ends_with("faults.rs");
        for switch in literals(&text, "sabotaged(\"") {
            assert!(crate::faults::SABOTAGES.contains(&switch.as_str()) || is_list, "{switch} is on no list");
        }
    }
}
