//! The list of events and the answer above it: whether somebody has every promise whose time has come; and how each calendar is read.

use super::event::EventRow;
use super::{CalendarFilters, Said};
use crate::markup::Markup;
use crate::state::Reads;
use crate::view::{Asked, Frame, Named};
use crate::when;
use duties::Mode;
use model::Micros;

#[derive(Clone, Debug)]
pub struct CalendarView {
    pub filters: CalendarFilters,
    pub mode: Mode,
    /// Rules are configured: without one nobody hears of anything.
    pub has_rules: bool,
    pub calendars: Vec<CalendarRow>,
    pub customers: Vec<Named>,
    /// Those that people were called for and nobody has closed; on the first page without filters.
    pub due: Vec<EventRow>,
    pub rows: Vec<EventRow>,
    /// Many that no rule chooses were passed over, and the list may go on.
    pub next_cursor: Option<String>,
}

/// How a calendar is read.
#[derive(Clone, Debug)]
pub struct CalendarRow {
    pub name: String,
    pub customer: Option<String>,
    pub reads: Reads,
    /// "push", "poll" or "feed".
    pub how: &'static str,
    /// When it was read last as far as it was told.
    pub read_at: Option<Micros>,
    /// What keeps it from being read.
    pub trouble: Option<String>,
}

impl CalendarRow {
    pub fn shape(&self) -> &'static str {
        match (&self.trouble, self.read_at) {
            (Some(_), _) => "triggered",
            (None, None) => "unknown",
            (None, Some(_)) => "resolved",
        }
    }

    pub fn mark(&self, f: &Frame) -> Markup {
        f.mark(self.shape(), f.short(&self.name))
    }

    pub fn how_word(&self, f: &Frame) -> String {
        f.word("calendar-how", self.how)
    }

    pub fn reads_word(&self, f: &Frame) -> String {
        f.word("calendar-reads", self.reads.as_str())
    }
}

impl CalendarView {
    /// The answer: a shape and words.
    pub fn said(&self, f: &Frame) -> Said {
        let since = f.events.since.map_or_else(String::new, |at| when::between(f.language, at, f.now));
        let troubled = self.calendars.iter().filter(|calendar| calendar.trouble.is_some()).count();
        match f.events.n {
            0 if self.calendars.is_empty() => ("unknown", f.t("calendar-never")),
            0 if troubled > 0 => ("acknowledged", f.t1("calendar-unread", "n", troubled)),
            0 if !self.has_rules => ("unknown", f.t("calendar-no-rules")),
            0 => ("resolved", f.t("calendar-quiet")),
            n => ("triggered", f.t2("calendar-due", "n", n, "oldest", since)),
        }
    }

    pub fn state(&self, f: &Frame) -> &'static str {
        self.said(f).0
    }

    pub fn sentence(&self, f: &Frame) -> String {
        self.said(f).1
    }

    /// What people hear of next, where the list begins with it.
    pub fn next_words(&self, f: &Frame) -> Option<String> {
        let is_first = !self.filters.is_over() && self.filters.cursor.is_empty();
        let is_next = |row: &&EventRow| row.event.starts_at > f.now && row.rule.is_some();
        let next = self.rows.iter().find(is_next).filter(|_| is_first)?;
        let span = when::between(f.language, f.now, next.event.starts_at);
        Some(f.t2("calendar-next", "title", next.title(f), "span", span))
    }

    pub fn mode_words(&self, f: &Frame) -> Option<String> {
        match self.mode {
            _ if self.calendars.is_empty() => None,
            Mode::Observe => Some(f.t("calendar-mode-observe")),
            Mode::Post => Some(f.t("calendar-mode-post")),
            Mode::Page => None,
        }
    }

    pub fn is_narrowed(&self) -> bool {
        !self.filters.narrowing().is_empty()
    }

    /// The tabs: what the address says, its word, and whether it is the one that is shown.
    pub fn tabs(&self, f: &Frame) -> [(String, String, bool); 4] {
        let (is_over, is_all) = (self.filters.is_over(), self.filters.is_all());
        let tab = |when: &str, events: &str, key: &str| {
            let filters = CalendarFilters { when: when.into(), events: events.into(), ..self.filters.clone() };
            (filters.but("cursor", ""), f.t(key), is_over == (when == "over") && is_all == (events == "all"))
        };
        [
            tab("", "", "calendar-tab-coming"),
            tab("over", "", "calendar-tab-over"),
            tab("", "all", "calendar-tab-all-coming"),
            tab("over", "all", "calendar-tab-all-over"),
        ]
    }

    /// Calendars that a filter offers.
    pub fn choices(&self) -> Vec<Named> {
        let own = self.calendars.iter().filter(|calendar| calendar.reads == Reads::Events);
        own.map(|calendar| Named { id: calendar.name.clone(), name: calendar.name.clone() }).collect()
    }

    pub fn filter_value(&self, f: &Frame, name: &str, value: &str) -> String {
        let known = self.customers.iter().find(|c| name == "customer" && c.id == value);
        known.map_or_else(|| f.brief(value), |customer| f.brief(&customer.name))
    }
}
