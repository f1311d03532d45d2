//! What a reader makes of a mail, before it is known which monitor it is of. Never longer than what the ledger keeps.

use super::fold::fold;
use super::letter::cut;
use model::Micros;
use model::mail::{Reading, Severity, State};
use sha2::{Digest, Sha256};

const MOST_FIELD: usize = 500;
const MOST_TITLE: usize = 1_000;
/// What PagerDuty takes as a dedup key.
const MOST_KEY: usize = 255;

#[derive(Clone, Debug)]
pub struct Draft {
    pub rule: &'static str,
    pub host: Option<String>,
    pub check: Option<String>,
    pub state: State,
    pub severity: Option<Severity>,
    pub at: Option<Micros>,
    /// The parts of the key, most general first.
    pub key: Vec<String>,
    /// The key is unique in the world; else it is so for one monitor.
    pub is_global: bool,
    pub names: Vec<String>,
    pub title: String,
    pub details: Vec<(String, String)>,
}

impl Draft {
    pub fn new(rule: &'static str, state: State) -> Self {
        Self {
            rule,
            host: None,
            check: None,
            state,
            severity: None,
            at: None,
            key: Vec::new(),
            is_global: false,
            names: Vec::new(),
            title: String::new(),
            details: Vec::new(),
        }
    }

    #[must_use]
    pub fn on(mut self, host: Option<&str>, check: Option<&str>) -> Self {
        self.host = host.and_then(field);
        self.check = check.and_then(field);
        self
    }

    #[must_use]
    pub fn titled(mut self, title: &str) -> Self {
        self.title = line(title, MOST_TITLE);
        self
    }

    #[must_use]
    pub fn keyed<'a>(mut self, parts: impl IntoIterator<Item = &'a str>) -> Self {
        self.key = parts.into_iter().map(str::to_owned).collect();
        self
    }

    #[must_use]
    pub fn named(mut self, name: Option<&str>) -> Self {
        self.names.extend(name.map(fold).and_then(|name| field(&name)).filter(|name| !self.names.contains(name)));
        self
    }

    #[must_use]
    pub const fn severe(mut self, severity: Option<Severity>) -> Self {
        if severity.is_some() {
            self.severity = severity;
        }
        self
    }

    #[must_use]
    pub const fn at(mut self, at: Option<Micros>) -> Self {
        self.at = at;
        self
    }

    #[must_use]
    pub fn telling(mut self, details: Vec<(String, String)>) -> Self {
        self.details.extend(details);
        self
    }

    #[must_use]
    pub const fn global(mut self) -> Self {
        self.is_global = true;
        self
    }

    /// What the reader found it by, whosever mail it is.
    pub fn alike(&self, reader: &str) -> String {
        key([reader.to_owned()].into_iter().chain(self.key.iter().cloned()))
    }

    /// `scope` tells monitors of one kind apart.
    pub fn finish(self, reader: &str, scope: &str) -> Reading {
        let scope = if self.is_global { "" } else { scope };
        let parts = [reader, scope].into_iter().filter(|part| !part.is_empty()).map(str::to_owned).chain(self.key);
        Reading {
            reader: reader.to_owned(),
            rule: self.rule.to_owned(),
            key: key(parts),
            title: if self.title.is_empty() { "(no title)".into() } else { self.title },
            host: self.host,
            check: self.check,
            state: self.state,
            severity: self.severity,
            at: self.at,
            names: self.names,
            details: self.details,
        }
    }
}

fn field(text: &str) -> Option<String> {
    Some(line(text, MOST_FIELD)).filter(|text| !text.is_empty())
}

/// One line, blanks folded, not too long. What controls a terminal counts as a blank: a link may hide a NUL, which no database keeps.
pub fn line(text: &str, most: usize) -> String {
    let parts = text.split(|sign: char| sign.is_whitespace() || sign.is_control()).filter(|part| !part.is_empty());
    let joined = parts.collect::<Vec<_>>().join(" ");
    cut(&joined, most).to_owned()
}

/// Parts folded and joined so that no two lists of parts make one key; a long one ends in a digest of all of it.
fn key(parts: impl Iterator<Item = String>) -> String {
    let parts = parts.map(|part| line(&fold(&part), 8_192).replace('%', "%25").replace('/', "%2F"));
    let whole = parts.collect::<Vec<_>>().join("/");
    if whole.len() <= MOST_KEY {
        return whole;
    }
    let digest = hex::encode(&Sha256::digest(whole.as_bytes())[..16]);
    format!("{}/{digest}", cut(&whole, MOST_KEY - 33))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_and_no_key_has_a_sign_that_controls() {
        assert_eq!(line(" host\0 May\u{1b}[31m\r\n2026 ", 99), "host May [31m 2026");
        assert_eq!(key(["datadog", "host:\0web01"].map(str::to_owned).into_iter()), "datadog/host: web01");
    }

    #[test]
    fn keys_are_short_and_their_own() {
        let of = |parts: &[&str]| key(parts.iter().map(|part| (*part).to_owned()));
        assert_eq!(of(&["a", "ｂ  c"]), "a/b c");
        assert_ne!(of(&["a/b", "c"]), of(&["a", "b/c"]));
        let long = "障".repeat(300);
        assert!(of(&[&long, "a"]).len() <= MOST_KEY);
        assert_ne!(of(&[&long, "a"]), of(&[&long, "b"]));
    }
}
