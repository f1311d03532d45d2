//! What was asked of the hosts, as their own record shows it.

use serde::Serialize;
use serde_json::Value;

use crate::journal::Journal;

/// One command that a host was asked to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ran {
    /// Its number in the log of effects.
    pub run: u64,
    pub at: String,
    pub host: String,
    pub user: String,
    pub command: String,
    /// The script that came on standard input with a frame that reads one.
    pub stdin: String,
    /// How it ended: `{"status":0}`, `{"signal":"TERM"}`, `{"left":true}`, `{"cut":true}`, `{"no_status":true}`; null while it runs.
    pub end: Value,
    pub out_bytes: u64,
    pub err_bytes: u64,
}

impl Ran {
    pub fn status(&self) -> Option<i64> {
        self.end["status"].as_i64()
    }
}

fn text(of: &Value) -> String {
    of.as_str().unwrap_or_default().to_owned()
}

/// Oldest first.
pub(super) fn all(journal: &Journal) -> Vec<Ran> {
    let ends = journal.of_kind("host.ended");
    let begun = journal.of_kind("host.command").into_iter();
    let all = begun.map(|own| {
        let run = own["seq"].as_u64().unwrap_or(0);
        let end = ends.iter().find(|end| end["run"] == run);
        let count = |name: &str| end.and_then(|end| end[name].as_u64()).unwrap_or(0);
        Ran {
            run,
            at: text(&own["at"]),
            host: text(&own["host"]),
            user: text(&own["user"]),
            command: text(&own["command"]),
            stdin: text(&own["stdin"]),
            end: end.map_or(Value::Null, |end| end["end"].clone()),
            out_bytes: count("out_bytes"),
            err_bytes: count("err_bytes"),
        }
    });
    all.collect()
}
