//! Tickets that nobody watches become somebody's case: by rules in order, judged on what the customer's side did, never because
//! the clock moved; the one rule of time is that nobody of ours answers. Decides; reads no tracker and sends nothing.

mod decide;
mod directory;
mod end;
mod history;
mod lost;
mod preview;
mod reason;
mod rule;
mod settings;
mod wait;
pub mod words;

#[cfg(test)]
mod tests;

pub use decide::decide;
pub use directory::{Directory, Group, Identity, Party, Person};
pub use history::MARKER;
pub use preview::{Found, Told, last_week};
pub use reason::{Again, End, EndWhy, Hit, Instead, Reason};
pub use rule::{HoursOf, Kind, Outcome, Rule, Waits, When};
pub use settings::Settings;

use model::Micros;
use model::hours::Roster;
use model::signal::Origin;
use model::ticket::{Reading, Ticket};
use serde::{Deserialize, Serialize};

pub const DUTY: &str = "tickets";
/// The version of the stored memory.
pub const VERSION: i64 = 1;

/// What is known when a ticket was read.
#[derive(Clone, Debug)]
pub struct View<'a> {
    pub sighting: Sighting<'a>,
    pub memory: &'a Memory,
    /// The customer whom the ticket belongs to.
    pub customer: Option<&'a str>,
    pub origin: Origin,
    /// When the tracker was asked.
    pub read_at: Micros,
    /// When its project was first read, by the tracker's clock: what happened until then is history.
    pub baseline_at: Micros,
    pub roster: &'a Roster,
    /// Its timer has fired, so that none is set any more.
    pub has_fired: bool,
    /// Somebody took the open hit outside of the tracker.
    pub closed: Option<&'a Closed>,
}

#[derive(Clone, Copy, Debug)]
pub enum Sighting<'a> {
    Read(&'a Reading),
    Deleted { at: Micros, by: Option<&'a str> },
}

/// Somebody closed in PagerDuty what people were called for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The hit's key.
    pub hit: String,
    pub by: String,
    pub at: Micros,
}

/// What is remembered of a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The newest reading: an older one that is read later changes nothing.
    pub seen: Option<Seen>,
    /// The last happening that was judged.
    pub judged: Option<i64>,
    pub generation: i64,
    /// The hit that is open.
    pub hit: Option<Hit>,
    /// The last one that ended.
    pub ended: Option<(Hit, End)>,
    pub wait: Option<Wait>,
    /// What the customer's side wrote that the wait was already told of.
    pub waited: Option<i64>,
    pub is_deleted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub updated_at: Micros,
    /// Its last happening.
    pub last: i64,
    pub read_at: Micros,
}

/// The customer's side waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    pub rule: String,
    /// What they wrote, and when.
    pub happening: i64,
    pub since: Micros,
    pub due: Micros,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    pub memory: Memory,
    pub steps: Vec<Step>,
}

/// What follows, in order; plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Hit(Hit),
    /// The customer's side is to be told that the desk was called.
    Comment {
        hit: String,
    },
    Again(Again),
    Ended {
        hit: Hit,
        end: End,
    },
    /// Nobody is called.
    WouldHave {
        hit: Hit,
        instead: Instead,
    },
    Timer(Timer),
}

/// A ticket has one timer. When it fires the ticket is read anew and decided on as ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    Set { due: Micros },
    Cancel,
}

/// What rules are asked of.
struct Ground<'a> {
    settings: &'a Settings,
    roster: &'a Roster,
    customer: Option<&'a str>,
    ticket: &'a Ticket,
}

/// The name of an alert of ours about a ticket: the same for ever, and short whatever the rule is called.
pub fn dedup_key(ticket: &str, hit: &Hit) -> String {
    format!("arayashiki/ticket/{}/{}", digest(&[ticket, &hit.rule]), hit.generation)
}

/// What a comment about a hit is found by again.
pub fn marker(ticket: &str, hit: &str) -> String {
    format!("{MARKER}ticket:{}]", digest(&[ticket, hit]))
}

fn digest(parts: &[&str]) -> String {
    let digest = model::signal::digest(parts.join("\n").as_bytes());
    hex::encode(digest.get(..8).unwrap_or_default())
}
