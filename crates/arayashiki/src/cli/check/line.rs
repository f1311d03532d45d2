//! One finding of the check: what was looked at, how it is, and what to do about it. Prints and judges nothing else.

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    Warn,
    Fail,
}

#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub what: &'static str,
    pub state: State,
    pub text: String,
    pub remedy: Option<String>,
}

impl Line {
    pub fn ok(what: &'static str, text: impl Into<String>) -> Self {
        Self { what, state: State::Ok, text: text.into(), remedy: None }
    }

    pub fn warn(what: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what, state: State::Warn, text: text.into(), remedy: Some(remedy.into()).filter(|r| !r.is_empty()) }
    }

    pub fn fail(what: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Fail, ..Self::warn(what, text, remedy) }
    }

    /// The remedy stands behind what is so, as connectors and the store write their errors.
    pub fn told(what: &'static str, state: State, text: &str) -> Self {
        let (so, remedy) = parted(text);
        Self { what, state, text: so.to_owned(), remedy: remedy.map(str::to_owned) }
    }

    /// What to do where the words themselves don't say.
    #[must_use]
    pub fn or_do(mut self, remedy: &str) -> Self {
        self.remedy.get_or_insert_with(|| remedy.to_owned());
        self
    }
}

/// What is so, and what to do. Quoted words of others end before the remedy begins.
fn parted(text: &str) -> (&str, Option<&str>) {
    let after_quote = text.find("\u{201d}: ").map(|at| (at + '\u{201d}'.len_utf8(), 2));
    let after_status = text.find("): ").map(|at| (at + 1, 2));
    let after_cause = text.find("; ").map(|at| (at, 2));
    match after_quote.or(after_status).or(after_cause) {
        Some((at, skip)) => (&text[..at], Some(&text[at + skip..])),
        None => (text, None),
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self.state {
            State::Ok => "ok  ",
            State::Warn => "warn",
            State::Fail => "fail",
        };
        write!(f, "{word}  {}: {}", self.what, self.text)?;
        match &self.remedy {
            Some(remedy) => write!(f, ". {}", capital(remedy)),
            None => Ok(()),
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_is_told_apart_from_what_is_so() {
        let refused = "PagerDuty refused the token (401, code 2006) \u{201c}no (such): key\u{201d}: check the token";
        assert_eq!(
            parted(refused),
            ("PagerDuty refused the token (401, code 2006) \u{201c}no (such): key\u{201d}", Some("check the token"))
        );
        assert_eq!(
            parted("PagerDuty does not allow this (403): ask"),
            ("PagerDuty does not allow this (403)", Some("ask"))
        );
        assert_eq!(parted("no connection to a: b; open c; or d"), ("no connection to a: b", Some("open c; or d")));
        assert_eq!(parted("it is so"), ("it is so", None));
    }

    #[test]
    fn a_line_begins_with_its_word_and_ends_with_its_remedy() {
        assert_eq!(Line::ok("clock", "right").to_string(), "ok    clock: right");
        assert_eq!(Line::fail("disk", "full", "make room").to_string(), "fail  disk: full. Make room");
        assert_eq!(Line::told("reached", State::Warn, "cut").to_string(), "warn  reached: cut");
        assert_eq!(
            Line::told("reached", State::Warn, "cut; mend").or_do("ask").to_string(),
            "warn  reached: cut. Mend"
        );
        assert_eq!(Line::told("reached", State::Warn, "cut").or_do("ask").to_string(), "warn  reached: cut. Ask");
    }
}
