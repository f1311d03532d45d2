//! What a signal means. Pure but for its inputs: bytes in, events out, nothing written; what can't be read says where
//! and why, and stays in the inbox as *unreadable*.

use connectors::pagerduty;
use duties::confirm::Pending;
use duties::intake_guard::Noticed;
use model::Micros;
use model::event::Event;
use model::incident::Fact;
use model::signal::{Origin, source};
use serde::{Deserialize, Serialize};
use store::inbox::New;
use store::timers::Timer;

/// The headers of a document that we fetched ourselves: what it is, and when it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Fetched {
    Incident { incident: String, asked_at: Micros },
    List { asked_at: Micros },
}

/// A signal, read.
#[derive(Debug)]
pub struct Interpreted {
    pub id: i64,
    pub origin: Origin,
    pub event_type: Option<String>,
    pub meaning: Meaning,
}

#[derive(Debug)]
pub enum Meaning {
    /// Facts that somebody told us.
    Told(Vec<Fact>),
    /// One incident, read whole.
    Whole {
        incident: String,
        asked_at: Micros,
        facts: Vec<Fact>,
    },
    /// A page of a list: snapshots only.
    Listed(Vec<Fact>),
    Noticed(Noticed),
    Confirm(Pending),
    /// Understood, and nothing follows from it.
    Nothing,
    Unreadable(String),
}

pub fn interpret(row: &New) -> Interpreted {
    let (event_type, meaning) = match row.source.as_str() {
        source::PAGERDUTY_WEBHOOK => webhook(&row.raw),
        source::PAGERDUTY_API => (None, fetched(row)),
        source::GUARD => {
            (None, json(&row.raw, "what the guard noticed").map_or_else(Meaning::Unreadable, Meaning::Noticed))
        }
        source::TIMER => (None, timer(&row.raw)),
        other => (None, Meaning::Unreadable(format!("no reader for the source {other:?}: run the newer program"))),
    };
    Interpreted { id: row.id, origin: row.origin, event_type, meaning }
}

fn webhook(raw: &[u8]) -> (Option<String>, Meaning) {
    let parsed = match pagerduty::parse_webhook(raw) {
        Ok(parsed) => parsed,
        Err(error) => return (None, Meaning::Unreadable(error.to_string())),
    };
    let facts: Vec<Fact> = parsed
        .events
        .into_iter()
        .filter_map(|event| match event {
            Event::Incident(fact) => Some(*fact),
            Event::Service { .. } | Event::Ping { .. } | Event::Unknown { .. } => None,
        })
        .collect();
    let meaning = if facts.is_empty() { Meaning::Nothing } else { Meaning::Told(facts) };
    (Some(parsed.event_type), meaning)
}

fn fetched(row: &New) -> Meaning {
    let what = match json::<Fetched>(row.headers.as_bytes(), "what was fetched") {
        Ok(what) => what,
        Err(why) => return Meaning::Unreadable(why),
    };
    match what {
        Fetched::Incident { incident, asked_at } => match pagerduty::facts_from_whole(&row.raw, asked_at) {
            Ok(facts) => Meaning::Whole { incident, asked_at, facts },
            Err(error) => Meaning::Unreadable(error.to_string()),
        },
        Fetched::List { asked_at } => match pagerduty::facts_from_list(&row.raw, asked_at) {
            Ok(facts) => Meaning::Listed(facts),
            Err(error) => Meaning::Unreadable(error.to_string()),
        },
    }
}

fn timer(raw: &[u8]) -> Meaning {
    let timer = match json::<Timer>(raw, "a timer") {
        Ok(timer) => timer,
        Err(why) => return Meaning::Unreadable(why),
    };
    match timer.duty.as_str() {
        duties::confirm::DUTY => {
            json(timer.payload.as_bytes(), "a confirm timer").map_or_else(Meaning::Unreadable, Meaning::Confirm)
        }
        other => Meaning::Unreadable(format!("no duty {other:?} for the timer {}", timer.key)),
    }
}

fn json<T: serde::de::DeserializeOwned>(raw: &[u8], what: &str) -> Result<T, String> {
    serde_json::from_slice(raw).map_err(|error| format!("{what} can't be read: {error}"))
}
