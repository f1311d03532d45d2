//! A pattern that somebody wrote into the configuration: matched in linear time, bounded in size. Never panics on one that
//! is wrong: the error names it.

use super::fold;
use regex::{Captures, Regex, RegexBuilder};

/// What a compiled pattern may take.
const MOST_BYTES: usize = 1 << 20;

/// Matched against text whose full-width letters and digits are folded, ignoring case.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern {name} can't be used: {why}. It reads {text:?}")]
pub struct BadPattern {
    pub name: String,
    pub text: String,
    pub why: String,
}

impl Pattern {
    /// `name` is for the error: where in the configuration it stands.
    pub fn new(name: &str, text: &str) -> Result<Self, BadPattern> {
        let bad = |why: String| BadPattern { name: name.to_owned(), text: text.to_owned(), why };
        if text.is_empty() {
            return Err(bad("it is empty and would match every mail; leave it out instead".into()));
        }
        let mut builder = RegexBuilder::new(&folded(text));
        builder
            .case_insensitive(true)
            .multi_line(true)
            .size_limit(MOST_BYTES)
            .dfa_size_limit(MOST_BYTES)
            .nest_limit(64);
        builder.build().map(Self).map_err(|error| bad(last_line(&error.to_string())))
    }

    pub fn is_match(&self, folded: &str) -> bool {
        self.0.is_match(folded)
    }

    pub(super) fn captures<'t>(&self, folded: &'t str) -> Option<Captures<'t>> {
        self.0.captures(folded)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.capture_names().flatten()
    }
}

/// Full-width letters stand for what they are folded into, never for the syntax that they then look like.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            out.push_str(&regex::escape(&fold::fold(&std::mem::take(&mut run))));
            out.push(c);
        } else {
            run.push(c);
        }
    }
    out.push_str(&regex::escape(&fold::fold(&run)));
    out
}

/// The library draws the pattern with a marker below it; its last line says what is wrong.
fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or(text).trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_what_is_written_in_several_ways() {
        for (pattern, text) in [
            ("【障害】", "【障害】web01"),
            ("（緊急）", "(緊急) web01"),
            ("ＣＰＵ", "cpu 90%"),
            ("ﾃﾞｨｽｸ", "ディスク"),
            (r"^host: (\S+)", "a\nHost: web01"),
        ] {
            assert!(Pattern::new("p", pattern).unwrap().is_match(&fold::fold(text)), "{pattern}");
        }
        assert!(!Pattern::new("p", "（緊急）").unwrap().is_match("緊急"));
    }

    #[test]
    fn one_that_is_wrong_is_named_with_what_is_wrong() {
        for (text, why) in
            [("(web", "unclosed"), ("", "empty"), (r"(a{1000}){1000}", "size"), (r"(?=a)", "look-around")]
        {
            let error = Pattern::new("mail.monitor.backup.subject", text).unwrap_err().to_string();
            assert!(error.contains("mail.monitor.backup.subject") && error.contains(why), "{error}");
        }
    }
}
