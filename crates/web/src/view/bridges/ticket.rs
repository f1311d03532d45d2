//! One ticket: what it says, what happened on it, what people were called for and what ended that.

use super::tickets::TicketRow;
use super::{Called, Said};
use crate::markup::Markup;
use crate::raw;
use crate::view::Frame;
use crate::when;
use duties::tickets::{End, Hit, Instead, words};
use model::Micros;
use model::ticket::{Change, Ticket};
use store::tickets::Watch;

#[derive(Clone, Debug)]
pub struct TicketView {
    pub row: TicketRow,
    pub ticket: Ticket,
    /// Oldest first.
    pub history: Vec<HappeningRow>,
    /// The last first.
    pub raised: Vec<Raised>,
    pub read_at: Micros,
    /// The signal that it was read in last, for those who may open it.
    pub signal: Option<i64>,
}

/// What people were called for, or would have been.
#[derive(Clone, Debug)]
pub struct Raised {
    pub called: Called,
    /// In the words of when it was raised, where nothing better can be read.
    pub title: String,
    pub hit: Option<Hit>,
    pub end: Option<End>,
    /// Why nobody was called.
    pub instead: Option<Instead>,
}

/// Whose side somebody is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Ours,
    Customer,
    /// A comment of ours, by this program.
    Tool,
}

/// Something that somebody did to a ticket.
#[derive(Clone, Debug)]
pub struct HappeningRow {
    pub id: i64,
    pub at: Micros,
    pub by: String,
    /// `None`: its space is not configured any more.
    pub side: Option<Side>,
    pub text: Option<String>,
    pub changes: Vec<Change>,
    /// People were called for it.
    pub calls: bool,
    /// It ended that.
    pub ends: bool,
}

impl Side {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Customer => "customer",
            Self::Tool => "tool",
        }
    }
}

impl Raised {
    /// Why people were called, in a sentence.
    pub fn why(&self, f: &Frame) -> String {
        self.hit.as_ref().map_or_else(|| self.title.clone(), |hit| words::reason(&f.locale(), &hit.reason))
    }

    /// What the customer's side did.
    pub fn happened(&self, f: &Frame) -> Option<String> {
        self.hit.as_ref().map(|hit| words::happened(&f.locale(), hit))
    }

    /// Where it stands: a shape and words.
    pub fn said(&self, f: &Frame) -> Said {
        let called = &self.called;
        if let Some(instead) = &self.instead {
            return ("unknown", f.t1("raised-would", "why", words::instead_words(&f.locale(), instead)));
        }
        if let Some(end) = &self.end {
            return ("resolved", f.t1("raised-ended", "what", words::end_words(&f.locale(), end)));
        }
        match called.taker(f) {
            Some(by) => ("acknowledged", f.t1("raised-taken", "by", by)),
            None if called.ended_at.is_some() => ("resolved", f.t("raised-over")),
            None if called.is_observed() => ("unknown", f.t("raised-observed")),
            None => ("triggered", f.t("raised-open")),
        }
    }

    pub fn mark(&self, f: &Frame) -> Markup {
        let (shape, words) = self.said(f);
        f.mark(shape, words)
    }

    /// Why and what became of it, in a line.
    pub fn brief(&self, f: &Frame) -> String {
        if self.called.is_untaken() {
            return self.why(f);
        }
        self.said(f).1
    }

    /// How long it lasted.
    pub fn lasted(&self, f: &Frame) -> Option<String> {
        let ended_at = self.end.as_ref().map(|end| end.at)?;
        Some(f.t1("raised-lasted", "span", when::between(f.language, self.called.since, ended_at)))
    }
}

impl HappeningRow {
    /// What was done, without who did it.
    pub fn did(&self, f: &Frame) -> String {
        let mut done: Vec<String> = self.changes.iter().map(|change| changed(f, change)).collect();
        if self.text.is_some() && !self.changes.contains(&Change::Created) {
            done.insert(0, f.t("happening-commented"));
        }
        done.join(&f.t("list-comma"))
    }

    pub fn line(&self, f: &Frame) -> String {
        f.t2("happening-by", "by", f.short(&self.by), "did", self.did(f))
    }

    pub fn side_word(&self, f: &Frame) -> Option<String> {
        self.side.map(|side| f.word("side", side.as_str()))
    }

    /// What was written, invisible signs made visible.
    pub fn quote(&self) -> Option<String> {
        self.text
            .as_deref()
            .map(str::trim_end)
            .filter(|text| !text.is_empty())
            .map(|text| raw::show(text.as_bytes()).text)
    }
}

fn changed(f: &Frame, change: &Change) -> String {
    match change {
        Change::Created => f.t("happening-created"),
        Change::Assignee { to: Some(to), .. } => f.t1("happening-assigned", "to", f.short(to)),
        Change::Assignee { to: None, .. } => f.t("happening-unassigned"),
        Change::Status { from, to } => f.t2("happening-status", "from", f.short(from), "to", f.short(to)),
        Change::Other { field, from, to } => {
            let value =
                |text: &Option<String>| text.as_deref().filter(|t| !t.trim().is_empty()).map(|t| f.short(t.trim()));
            let field = f.word("ticket-field", field);
            match (value(from), value(to)) {
                (_, Some(to)) => f.t2("happening-other", "field", field, "to", to),
                (_, None) => f.t1("happening-cleared", "field", field),
            }
        }
    }
}

impl TicketView {
    pub fn href(&self) -> String {
        self.row.href()
    }

    /// The answer in words.
    pub fn sentence(&self, f: &Frame) -> String {
        f.word("watch-says", self.row.watch.as_str())
    }

    /// What is to be done, while people are called.
    pub fn step(&self, f: &Frame) -> Option<String> {
        (self.row.watch == Watch::Called).then(|| f.t("ticket-do"))
    }

    pub fn url(&self) -> Option<&str> {
        crate::view::link(&self.ticket.url)
    }

    pub fn text(&self) -> Option<String> {
        let text = self.ticket.body.trim_end();
        (!text.is_empty()).then(|| raw::show(text.as_bytes()).text)
    }

    pub fn waits(&self, f: &Frame) -> Option<String> {
        let wait = self.row.wait.as_ref()?;
        Some(f.t2("ticket-waits", "at", when::exact(f.language, &f.zone, f.now, wait.due), "rule", f.short(&wait.rule)))
    }
}
