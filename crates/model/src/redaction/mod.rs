//! Secrets are taken out of whatever a host said before it is stored, shown or sent. What is hidden becomes `[redacted:rule]`; every other byte stays
//! as it came, binary or not. Never decides what is done with the text, never keeps a secret longer than the line or block that it stands in.

mod block;
mod check;
mod extent;
mod line;
mod numbers;
mod rules;
mod shapes;
mod stream;
mod user_rule;
mod value;

pub use rules::Rules;
pub use stream::Redactor;
pub use user_rule::{RuleError, UserRule};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Nothing longer than this is held back: a line that goes on is read through windows of this size.
pub const WINDOW_BYTES: usize = 64 * 1024;

/// How far two windows of one line overlap. A secret shorter than this lies whole in one of them.
const OVERLAP_BYTES: usize = 16 * 1024;

/// The redaction map: how many secrets each rule hid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub by_rule: BTreeMap<String, u64>,
}

impl Found {
    fn count(&mut self, rule: &str) {
        match self.by_rule.get_mut(rule) {
            Some(n) => *n += 1,
            None => drop(self.by_rule.insert(rule.to_owned(), 1)),
        }
    }

    /// Adds what was found elsewhere, in another step or stream of the same run.
    pub fn merge(&mut self, other: &Found) {
        for (rule, n) in &other.by_rule {
            *self.by_rule.entry(rule.clone()).or_default() += n;
        }
    }

    pub fn total(&self) -> u64 {
        self.by_rule.values().sum()
    }
}

/// Redacts bytes that are at hand as a whole. A stream in any pieces gives the same.
pub fn redact(rules: &Rules, bytes: &[u8]) -> (Vec<u8>, Found) {
    let mut out = Vec::with_capacity(bytes.len());
    let mut redactor = Redactor::new(rules);
    redactor.push(bytes, &mut out);
    let found = redactor.finish(&mut out);
    (out, found)
}

/// The same for text.
pub fn redact_str(rules: &Rules, text: &str) -> (String, Found) {
    let (bytes, found) = redact(rules, text.as_bytes());
    // A span may end inside a letter only where a user's rule says so; such a letter becomes the sign for unreadable ones.
    let text = String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    (text, found)
}

/// How every mark begins.
const MARK_OPEN: &str = "[redacted:";

/// What stands in place of a secret.
fn mark(rule: &str) -> String {
    format!("{MARK_OPEN}{rule}]")
}

/// Where marks already stand: whatever overlaps one was hidden before.
fn marks(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let ends = memchr::memmem::find_iter(text, MARK_OPEN).filter_map(|start| {
        let name = text.get(start + MARK_OPEN.len()..)?;
        let end = name.iter().take(user_rule::LONGEST_NAME + 1).position(|b| *b == b']')?;
        let name = std::str::from_utf8(&name[..end]).ok()?;
        user_rule::is_name(name).then_some(start..start + MARK_OPEN.len() + name.len() + 1)
    });
    ends.collect()
}
