//! What is wrong with an inventory, where, and what to do about it. One line each; never a secret.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Something was left out.
    Error,
    /// All is there, though not everything is honoured that was written.
    Note,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    pub weight: Weight,
    /// A file with its line, or a table of the configuration.
    pub place: String,
    pub says: String,
    pub remedy: String,
}

impl Complaint {
    pub fn error(place: impl Into<String>, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { weight: Weight::Error, place: place.into(), says: says.into(), remedy: remedy.into() }
    }

    pub fn note(place: impl Into<String>, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { weight: Weight::Note, ..Self::error(place, says, remedy) }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.says, self.remedy)
    }
}

const ECHO_CHARS: usize = 60;

/// A text in quotes that fits one line, whatever is in it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", model::text::cut(text, ECHO_CHARS).escape_debug())
}
