//! The list of tickets and the answer above it: whether somebody has everything that people were called for.

use super::ticket::{HappeningRow, Raised};
use super::{Said, TicketFilters};
use crate::markup::{Markup, encode};
use crate::view::{Asked, Frame, Named};
use crate::when;
use duties::Mode;
use duties::tickets::Wait;
use model::Micros;
use store::tickets::Watch;

#[derive(Clone, Debug)]
pub struct TicketsView {
    pub answer: TicketsAnswer,
    pub filters: TicketFilters,
    /// Where open tickets are watched.
    pub places: Vec<PlaceRow>,
    pub customers: Vec<Named>,
    /// Those that people were called for and nobody has taken; on the first page without filters.
    pub called: Vec<TicketRow>,
    pub rows: Vec<TicketRow>,
    pub next_cursor: Option<String>,
}

/// How the tickets stand.
#[derive(Clone, Copy, Debug)]
pub struct TicketsAnswer {
    /// A space is configured.
    pub has_space: bool,
    /// Any ticket was ever read that this person may see.
    pub ever: bool,
    pub mode: Mode,
}

/// A project whose tickets are watched.
#[derive(Clone, Debug)]
pub struct PlaceRow {
    pub space: String,
    pub project: String,
    pub open: u64,
    pub called: u64,
    pub read_at: Micros,
    /// Its webhooks come to us.
    pub hears: Option<bool>,
}

/// A ticket in a list.
#[derive(Clone, Debug)]
pub struct TicketRow {
    /// "SPACE/NUMBER".
    pub id: String,
    pub space: String,
    pub key: String,
    pub project: String,
    pub title: String,
    pub status: String,
    pub is_done: bool,
    pub gone_at: Option<Micros>,
    pub customer: Option<String>,
    pub assignee: Option<String>,
    pub updated_at: Micros,
    pub watch: Watch,
    /// The last thing that people were called for.
    pub raised: Option<Raised>,
    /// What happened last.
    pub last: Option<HappeningRow>,
    /// The customer's side waits for an answer.
    pub wait: Option<Wait>,
}

impl TicketRow {
    pub fn href(&self) -> String {
        let (space, number) = self.id.split_once('/').unwrap_or((&self.id, ""));
        format!("/tickets/{}/{}", encode(space), encode(number))
    }

    pub fn is_called(&self) -> bool {
        self.watch == Watch::Called
    }

    /// A shape and a word.
    pub fn mark(&self, f: &Frame) -> Markup {
        f.mark(shape(self.watch), self.word(f))
    }

    pub fn word(&self, f: &Frame) -> String {
        f.word("watch", self.watch.as_str())
    }

    /// Why people were called and what became of it; else what is waited for.
    pub fn why(&self, f: &Frame) -> String {
        match (&self.raised, &self.wait) {
            (Some(raised), _) if self.watch != Watch::Would => raised.brief(f),
            (_, Some(wait)) => self.waits(f, wait),
            (Some(raised), None) => raised.brief(f),
            (None, None) => String::new(),
        }
    }

    fn waits(&self, f: &Frame, wait: &Wait) -> String {
        f.t2("ticket-waits", "at", when::exact(f.language, &f.zone, f.now, wait.due), "rule", f.short(&wait.rule))
    }

    /// Whoever took it, else whoever is its assignee.
    pub fn who(&self, f: &Frame) -> String {
        let taker = self.raised.as_ref().and_then(|raised| raised.called.taker(f));
        let assignee = || self.assignee.as_deref().map(|name| f.short(name));
        taker.or_else(assignee).unwrap_or_else(|| f.t("who-nobody"))
    }

    pub fn last_words(&self, f: &Frame) -> String {
        self.last.as_ref().map(|last| last.line(f)).unwrap_or_default()
    }

    /// Open, done or deleted over there.
    pub fn status_words(&self, f: &Frame) -> String {
        if self.gone_at.is_some() { f.t("ticket-gone") } else { f.short(&self.status) }
    }
}

/// Red is for people who were called and do nothing.
pub(super) const fn shape(watch: Watch) -> &'static str {
    match watch {
        Watch::Called => "triggered",
        Watch::Taken => "acknowledged",
        Watch::Ended => "resolved",
        Watch::Observed | Watch::Would | Watch::Watched => "unknown",
    }
}

impl PlaceRow {
    pub fn href(&self) -> String {
        format!("/tickets?space={}&project={}", encode(&self.space), encode(&self.project))
    }

    pub fn how(&self, f: &Frame) -> String {
        match self.hears {
            Some(true) => f.t("place-hears"),
            Some(false) => f.t("place-asks"),
            None => f.t("place-off"),
        }
    }
}

impl TicketsView {
    pub fn open(&self) -> u64 {
        self.places.iter().map(|place| place.open).sum()
    }

    /// The answer: a shape and words.
    pub fn said(&self, f: &Frame) -> Said {
        let since = f.tickets.since.map_or_else(String::new, |at| when::between(f.language, at, f.now));
        match (f.tickets.n, self.open()) {
            (0, 0) if !self.answer.ever => ("unknown", f.t("tickets-never")),
            (0, 0) => ("resolved", f.t("tickets-none-open")),
            (0, open) => ("resolved", f.t2("tickets-quiet", "open", open, "places", self.places.len())),
            (n, _) => ("triggered", f.t2("tickets-called", "n", n, "oldest", since)),
        }
    }

    pub fn state(&self, f: &Frame) -> &'static str {
        self.said(f).0
    }

    pub fn sentence(&self, f: &Frame) -> String {
        self.said(f).1
    }

    pub fn mode_words(&self, f: &Frame) -> Option<String> {
        match self.answer.mode {
            _ if !self.answer.has_space => None,
            Mode::Observe => Some(f.t("tickets-mode-observe")),
            Mode::Post => Some(f.t("tickets-mode-post")),
            Mode::Page => None,
        }
    }

    pub fn is_narrowed(&self) -> bool {
        !self.filters.narrowing().is_empty()
    }

    /// The tabs: the state in the address and its word.
    pub fn tabs(&self, f: &Frame) -> Vec<(&'static str, String)> {
        let states = Watch::ALL.into_iter().map(|watch| (watch.as_str(), f.word("watch", watch.as_str())));
        [("", f.t("tickets-open"))].into_iter().chain(states).chain([("all", f.t("filter-all"))]).collect()
    }

    /// What a filter's value is called, for the mark that takes it off again.
    pub fn filter_value(&self, f: &Frame, name: &str, value: &str) -> String {
        let known = self.customers.iter().find(|c| name == "customer" && c.id == value);
        known.map_or_else(|| f.brief(value), |customer| f.brief(&customer.name))
    }

    /// What is said where nothing is listed.
    pub fn none(&self, f: &Frame) -> String {
        match self.filters.state.as_str() {
            _ if self.is_narrowed() => f.t("tickets-none-so"),
            "would" => f.t("tickets-none-would"),
            _ => f.t("tickets-none-so"),
        }
    }
}
