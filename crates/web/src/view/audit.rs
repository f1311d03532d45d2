//! Who did what here: sign-ins, openings of sealed signals, changes of accounts, retries.

use crate::markup::encode;
use model::Micros;

#[derive(Clone, Debug)]
pub struct AuditView {
    pub rows: Vec<AuditRow>,
    /// As in the address: an actor, or empty.
    pub who: String,
    /// As in the address: an act, or empty.
    pub act: String,
    /// The acts that ever happened.
    pub acts: Vec<String>,
    pub next_cursor: Option<String>,
}

#[derive(Clone, Debug)]
pub struct AuditRow {
    pub at: Micros,
    pub who: String,
    /// `page`, `api`, `cli`, `system`.
    pub door: String,
    /// Our name of the act, e.g. `signal.open`.
    pub act: String,
    pub subject: Option<String>,
    /// A path of ours that shows the subject.
    pub href: Option<String>,
    pub detail: Option<String>,
    /// The network address it came from.
    pub from: Option<String>,
}

impl AuditRow {
    pub fn subject_href(&self) -> Option<&str> {
        self.href.as_deref().filter(|h| crate::markup::safe_path(h) == *h)
    }
}

impl AuditView {
    pub fn next_href(&self, cursor: &str) -> String {
        let mut out = format!("/audit?cursor={}", encode(cursor));
        for (name, value) in [("who", &self.who), ("act", &self.act)] {
            if !value.is_empty() {
                out.push_str(&format!("&{name}={}", encode(value)));
            }
        }
        out
    }
}
