//! What is wrong in a runbook, with its place and what to do about it. Says; never decides.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A place in a file, counted from 1 as editors do; columns are characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The runbook can't be used.
    Error,
    /// It can, but hardly as its author means it.
    Warning,
}

impl Severity {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub file: String,
    pub place: Place,
    pub severity: Severity,
    pub says: String,
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column } = self.place;
        write!(f, "{}:{line}:{column}: {}: {}", self.file, self.severity.as_str(), self.says)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, ": {}", self.remedy) }
    }
}

/// The problems of one file, in the order in which they were found.
#[derive(Debug)]
pub(super) struct Problems {
    file: String,
    list: Vec<Problem>,
}

/// More than this many are the same mistake, or a file that is no runbook.
const MOST: usize = 200;

impl Problems {
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), list: Vec::new() }
    }

    pub fn error(&mut self, place: Place, says: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Error, place, says.into(), remedy.into());
    }

    pub fn warn(&mut self, place: Place, says: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Warning, place, says.into(), remedy.into());
    }

    fn add(&mut self, severity: Severity, place: Place, says: String, remedy: String) {
        if self.list.len() < MOST {
            self.list.push(Problem { file: self.file.clone(), place, severity, says, remedy });
        }
    }

    pub fn any_error(&self) -> bool {
        self.list.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// In the order of the file.
    pub fn into_list(mut self) -> Vec<Problem> {
        self.list.sort_by_key(|problem| problem.place);
        self.list
    }
}

/// The known word that is meant, if one is near enough.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known.iter().map(|k| (strsim::damerau_levenshtein(word, k), *k)).min()?;
    (near.0 <= 1 + near.1.len() / 4).then_some(near.1)
}
