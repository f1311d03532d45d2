//! Pure decisions, one module a duty: what is known comes in as a plain view, what is to be done goes out as data.
//! Never does IO, never asks the time, never reads the environment.

pub mod acts;
pub mod backfill;
pub mod calendar;
pub mod confirm;
pub mod diagnose;
pub mod hours_days;
pub mod hours_words;
pub mod ical;
pub mod intake_guard;
pub mod inventory;
pub mod link_note;
pub mod locale;
pub mod mail;
pub mod mirror;
pub mod on_duty;
pub mod orchestration;
pub mod page_rules;
pub mod record;
pub mod reminders;
pub mod runbooks;
pub mod safety_net;
pub mod say;
pub mod tickets;
pub mod webhook_guard;
pub mod wording;

pub use say::Language;

/// The duties of the bridges, as their rows name them.
pub const TICKETS: &str = "tickets";
/// What the keys of our alerts about events begin with.
pub const OUR_EVENTS: &str = "arayashiki/event/";
/// What the keys of our alerts about tickets begin with.
pub const OUR_TICKETS: &str = "arayashiki/ticket/";
pub const CALENDAR: &str = "calendar";

use model::Micros;
use model::action::Action;
use serde::{Deserialize, Serialize};

/// How far a duty may go. What it would have done beyond that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Observe,
    Post,
    Page,
}

/// What a duty decided. The reason of each action stands in the action.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    pub actions: Vec<Action>,
    pub timers: Vec<Timer>,
}

/// A timer to set (or set anew), or to cancel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    Set { key: String, duty: &'static str, subject: String, due: Micros, effect: bool, payload: String },
    Cancel { key: String },
}

impl Decision {
    pub fn act(action: Action) -> Self {
        Self { actions: vec![action], timers: Vec::new() }
    }
}
