//! What is wrong with a configuration, where, and what to do about it: one line a problem, all of them at once.
//! It never repeats a secret, nor anything that was read through `{ env = … }` or `{ file = … }`.

use std::fmt;
use std::path::PathBuf;

/// Where every key is listed with its default and its reason.
pub const KEY_LIST: &str = "arayashiki.example.toml";

/// Likeness below which a suggestion would only mislead.
const LIKE_ENOUGH: f64 = 0.8;
const ECHO_CHARS: usize = 60;

/// Where a value stands. Problems are shown in this order: the file's from top to bottom, then the environment's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Line(PathBuf, usize),
    File(PathBuf),
    Variable(String),
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Line(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Default => f.write_str("built-in default"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub place: Place,
    /// As in `[server] listen`; empty when the whole file is meant.
    pub key: String,
    /// What is wrong and what to do.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.place, self.what),
            key => write!(f, "{}: {key}: {}", self.place, self.what),
        }
    }
}

/// Why a configuration can't be used. Displays a line per problem.
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.problems))]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    pub fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self { problems }
    }

    pub fn of_file(path: PathBuf, what: String) -> Self {
        Self::new(vec![Problem { place: Place::File(path), key: String::new(), what }])
    }

    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

/// The known word that is most like this one, if any is like it at all.
pub fn nearest<T: AsRef<str>>(wanted: &str, known: impl IntoIterator<Item = T>) -> Option<T> {
    let wanted = wanted.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&wanted, &word.as_ref().to_lowercase()), word))
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

/// A text in quotes that fits one line, whatever is in it.
pub fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(ECHO_CHARS).collect();
    let rest = if chars.next().is_some() { "…" } else { "" };
    format!("\"{}{rest}\"", head.escape_debug())
}
