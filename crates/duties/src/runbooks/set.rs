//! All runbooks of a folder. A file that can't be used leaves the others as they are.

use super::problem::{Place, Problem, Severity};
use super::read::lint;
use super::runbook::Runbook;
use super::when::{Facts, Schedule, When};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    runbooks: BTreeMap<String, Runbook>,
}

/// Reads files, each a name and a text, into a set, with everything that is wrong in them. Of two runbooks of one name
/// the first is kept.
pub fn set<N: AsRef<str>, T: AsRef<str>>(files: impl IntoIterator<Item = (N, T)>) -> (Set, Vec<Problem>) {
    let mut set = Set::default();
    let mut problems = Vec::new();
    for (file, text) in files {
        let linted = lint(file.as_ref(), text.as_ref());
        problems.extend(linted.problems);
        let Some(runbook) = linted.runbook else { continue };
        match set.runbooks.get(&runbook.name) {
            Some(first) => problems.push(taken(&runbook, first)),
            None => drop(set.runbooks.insert(runbook.name.clone(), runbook)),
        }
    }
    (set, problems)
}

fn taken(runbook: &Runbook, first: &Runbook) -> Problem {
    Problem {
        file: runbook.file.clone(),
        place: Place { line: 1, column: 1 },
        severity: Severity::Error,
        says: format!("{} has a runbook called {} already; this one is not used", first.file, runbook.name),
        remedy: "give one of them another name".into(),
    }
}

impl Set {
    pub fn get(&self, name: &str) -> Option<&Runbook> {
        self.runbooks.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Runbook> {
        self.runbooks.values()
    }

    /// Those to run on this incident and host, by name.
    pub fn for_incident(&self, facts: &Facts) -> Vec<&Runbook> {
        self.iter().filter(|runbook| runbook.when.iter().any(|when| when.knows(facts))).collect()
    }
}

impl Runbook {
    pub fn schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.when.iter().filter_map(|when| match when {
            When::Schedule(schedule) => Some(schedule),
            _ => None,
        })
    }
}
