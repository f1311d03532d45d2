//! Patterns of our own: compiled once when first used. One that does not compile matches nothing, and a test says so.

use regex::{Captures, Regex, RegexBuilder, bytes};
use std::sync::OnceLock;

/// Looked for in folded text, ignoring case.
pub struct Rx {
    text: &'static str,
    cell: OnceLock<Option<Regex>>,
}

impl Rx {
    pub const fn new(text: &'static str) -> Self {
        Self { text, cell: OnceLock::new() }
    }

    pub fn get(&self) -> Option<&Regex> {
        let compiled = self.cell.get_or_init(|| RegexBuilder::new(self.text).case_insensitive(true).build().ok());
        debug_assert!(compiled.is_some(), "{} does not compile", self.text);
        compiled.as_ref()
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.get().is_some_and(|regex| regex.is_match(text))
    }

    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.get()?.captures(text)
    }

    /// The first group, or all of it.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let found = self.captures(text)?;
        found.get(1).or_else(|| found.get(0)).map(|found| found.as_str())
    }

    pub fn replace_all(&self, text: &str, with: &str) -> String {
        self.get().map_or_else(|| text.to_owned(), |regex| regex.replace_all(text, with).into_owned())
    }
}

/// The same for bytes, case and all.
pub struct BytesRx {
    text: &'static str,
    cell: OnceLock<Option<bytes::Regex>>,
}

impl BytesRx {
    pub const fn new(text: &'static str) -> Self {
        Self { text, cell: OnceLock::new() }
    }

    pub fn get(&self) -> Option<&bytes::Regex> {
        let compiled = self.cell.get_or_init(|| bytes::RegexBuilder::new(self.text).build().ok());
        debug_assert!(compiled.is_some(), "{} does not compile", self.text);
        compiled.as_ref()
    }
}
