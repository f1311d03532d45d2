//! Tickets and events for people: what is watched, what people were called for and why, who has it, what ended it. Plain data; the
//! words are made here, in the reader's language.

mod calendar;
mod event;
mod filters;
mod ticket;
mod tickets;
mod window;

pub use calendar::{CalendarRow, CalendarView};
pub use event::{EventRow, EventView, NoticeRow};
pub use filters::{CalendarFilters, TicketFilters};
pub use ticket::{HappeningRow, Raised, Side, TicketView};
pub use tickets::{PlaceRow, TicketRow, TicketsAnswer, TicketsView};
pub(crate) use window::CUSTOMER as WINDOW_OF_CUSTOMER;
pub use window::{WindowRow, WindowState};

use super::{Frame, IncidentLink};
use crate::when;
use model::Micros;

/// What people were called for, as far as tickets and events have it in common.
#[derive(Clone, Debug)]
pub struct Called {
    pub rule: String,
    /// How far it went: observe, post or page.
    pub mode: String,
    pub severity: String,
    pub since: Micros,
    /// Its message in Slack.
    pub told: Option<Told>,
    pub incident: Option<IncidentLink>,
    pub taken_at: Option<Micros>,
    pub taken_by: Option<String>,
    pub ended_at: Option<Micros>,
    pub remind_at: Option<Micros>,
}

/// A message in Slack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub channel: String,
    pub at: Option<Micros>,
    /// Where it stands, if that is known.
    pub href: Option<String>,
    pub trouble: Option<String>,
}

impl Called {
    /// Nobody has taken it, and it is not over.
    pub const fn is_untaken(&self) -> bool {
        self.ended_at.is_none() && self.taken_at.is_none()
    }

    pub fn is_observed(&self) -> bool {
        self.mode == "observe"
    }

    pub fn taker(&self, f: &Frame) -> Option<String> {
        self.taken_at?;
        Some(self.taken_by.as_deref().map_or_else(|| f.t("who-somebody"), |by| f.short(by)))
    }

    /// Where people heard of it, or why not.
    pub fn told_words(&self, f: &Frame) -> String {
        match &self.told {
            Some(told) => match (&told.trouble, told.at) {
                (Some(why), _) => f.t2("called-told-trouble", "channel", &told.channel, "why", f.fault(why)),
                (None, Some(_)) => f.t1("called-told", "channel", &told.channel),
                (None, None) => f.t1("called-telling", "channel", &told.channel),
            },
            None if self.is_observed() => f.t("called-told-observe"),
            None => f.t("called-told-nowhere"),
        }
    }

    /// Whether PagerDuty was told; its incident has a link of its own.
    pub fn paged_words(&self, f: &Frame) -> String {
        match (self.mode.as_str(), &self.incident) {
            ("page", Some(_)) => f.t("called-paged"),
            ("page", None) => f.t("called-paged-unseen"),
            ("post", _) => f.t("called-not-paged-post"),
            _ => f.t("called-not-paged-observe"),
        }
    }

    /// After how long somebody took it.
    pub fn taken_after(&self, f: &Frame) -> Option<String> {
        Some(when::between(f.language, self.since, self.taken_at?))
    }

    pub fn reminds(&self, f: &Frame) -> Option<String> {
        let at = self.remind_at.filter(|_| self.is_untaken())?;
        Some(f.t1("called-reminds", "at", when::exact(f.language, &f.zone, f.now, at)))
    }
}

/// The rows of what people were called for speak in one way: a shape and words.
pub(super) type Said = (&'static str, String);
