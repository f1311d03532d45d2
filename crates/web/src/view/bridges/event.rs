//! One event of a calendar: when and where, which rule chose it, what people were told, who acted and after how long.

use super::{Called, Said, WindowRow};
use crate::markup::{Markup, encode};
use crate::raw;
use crate::view::Frame;
use crate::when;
use duties::calendar::{Acted, End, EndWhy, Notice, Standing, Window};
use model::Micros;
use model::calendar::{Attendee, CalendarEvent};

/// An event in a list.
#[derive(Clone, Debug)]
pub struct EventRow {
    pub event: CalendarEvent,
    pub customer: Option<String>,
    pub standing: Standing,
    /// The rule that chooses it.
    pub rule: Option<String>,
    /// When people hear of it: the early posts, and when they are called.
    pub early: Vec<Micros>,
    pub due: Option<Micros>,
    /// Its rule opens a window.
    pub is_maintenance: bool,
    /// Its window is not as it should be in PagerDuty.
    pub has_window_trouble: bool,
    /// The last thing that people were called for.
    pub notice: Option<NoticeRow>,
}

/// What people were told at a time, and what became of it.
#[derive(Clone, Debug)]
pub struct NoticeRow {
    pub called: Called,
    pub notice: Option<Notice>,
    pub end: Option<End>,
    /// It had begun before we first looked: nobody heard of it.
    pub is_baseline: bool,
}

#[derive(Clone, Debug)]
pub struct EventView {
    pub row: EventRow,
    pub seen_at: Micros,
    /// Maintenance windows of ours for it, the latest first.
    pub windows: Vec<WindowRow>,
    /// The last first.
    pub notices: Vec<NoticeRow>,
}

impl EventRow {
    pub fn href(&self) -> String {
        let id = &self.event.id;
        let (calendar, event) = id.split_once('/').unwrap_or((id, ""));
        format!("/calendar/{}/{}", encode(calendar), encode(event))
    }

    pub fn title(&self, f: &Frame) -> String {
        if self.event.title.trim().is_empty() { f.t("event-no-title") } else { f.brief(&self.event.title) }
    }

    /// From when to when, with the zone.
    pub fn when(&self, f: &Frame) -> String {
        let (locale, event) = (f.locale(), &self.event);
        match event.is_all_day {
            true => locale.days(event.starts_at, event.ends_at),
            false => locale.span(event.starts_at, event.ends_at),
        }
    }

    /// Somebody has it, although it is not over.
    pub fn taken(&self) -> Option<&Called> {
        let open = self.notice.as_ref().filter(|_| matches!(self.standing, Standing::Told(_)))?;
        Some(&open.called).filter(|called| called.taken_at.is_some())
    }

    pub fn is_untaken(&self) -> bool {
        let is_told = matches!(self.standing, Standing::Told(_)) && self.taken().is_none();
        is_told && !self.notice.as_ref().is_some_and(|notice| notice.called.is_observed())
    }

    fn state(&self) -> &'static str {
        let is_observed = self.notice.as_ref().is_some_and(|notice| notice.called.is_observed());
        match &self.standing {
            Standing::Told(_) if self.taken().is_some() => "taken",
            Standing::Told(_) if is_observed => "observed",
            other => other.as_str(),
        }
    }

    pub fn mark(&self, f: &Frame) -> Markup {
        f.mark(self.shape(), self.word(f))
    }

    pub fn word(&self, f: &Frame) -> String {
        f.word("standing", self.state())
    }

    pub fn shape(&self) -> &'static str {
        match self.state() {
            "told" => "triggered",
            "taken" | "window" => "acknowledged",
            "served" => "resolved",
            "unserved" => "missing",
            _ => "unknown",
        }
    }

    pub fn sentence(&self, f: &Frame) -> String {
        f.word("standing-says", self.state())
    }

    pub fn is_lacking(&self) -> bool {
        self.is_untaken() || self.has_window_trouble || matches!(self.standing, Standing::Unserved(_))
    }

    /// Which rule, and what follows or what came of it.
    pub fn why(&self, f: &Frame) -> String {
        match &self.standing {
            Standing::Told(_) => self.taken().map_or_else(|| self.told(f), |called| taken_words(f, called)),
            Standing::Served(_, end) => self.notice.as_ref().map_or_else(|| end_words(f, end), |row| row.said(f).1),
            Standing::Unserved(None) => f.t("event-found-late"),
            Standing::Unserved(Some(_)) => f.t("event-end-unserved"),
            Standing::Window(window) => window_words(f, window),
            Standing::Planned { .. } => self.planned(f),
            Standing::NotChosen | Standing::Cancelled | Standing::Baseline | Standing::WindowOver => String::new(),
        }
    }

    fn told(&self, f: &Frame) -> String {
        if self.state() == "observed" {
            return f.t("raised-observed");
        }
        let since = self.notice.as_ref().map(|notice| when::between(f.language, notice.called.since, f.now));
        since.map_or_else(String::new, |span| f.t1("event-told-since", "span", span))
    }

    /// When people hear of it.
    pub fn planned(&self, f: &Frame) -> String {
        let exact = |at: &Micros| when::exact(f.language, &f.zone, f.now, *at);
        let Some(due) = &self.due else { return String::new() };
        let coming: Vec<String> = self.early.iter().filter(|at| **at > f.now).map(exact).collect();
        if self.is_maintenance {
            return f.t1("event-window-due", "due", exact(due));
        }
        match coming.is_empty() {
            true => f.t1("event-due", "due", exact(due)),
            false => f.t2("event-due-early", "early", coming.join(&f.t("list-comma")), "due", exact(due)),
        }
    }

    pub fn window(&self) -> Option<&Window> {
        match &self.standing {
            Standing::Window(window) => Some(window),
            _ => None,
        }
    }

    /// Whoever took it or closed it.
    pub fn who(&self, f: &Frame) -> String {
        let by = match &self.standing {
            Standing::Served(_, end) => end.by.as_deref().map(|by| f.short(by)),
            Standing::Told(_) => {
                Some(self.taken().and_then(|called| called.taker(f)).unwrap_or_else(|| f.t("who-nobody")))
            }
            _ => None,
        };
        by.unwrap_or_default()
    }
}

fn taken_words(f: &Frame, called: &Called) -> String {
    let (by, after) = (called.taker(f).unwrap_or_default(), called.taken_after(f).unwrap_or_default());
    f.t2("event-taken", "by", by, "after", after)
}

fn window_words(f: &Frame, window: &Window) -> String {
    let services: Vec<String> = window.services.iter().map(|service| f.short(service)).collect();
    let key = match (window.mode, window.starts_at <= f.now) {
        (duties::Mode::Page, true) => "event-window-open",
        (duties::Mode::Page, false) => "event-window-coming",
        _ => "event-window-observed",
    };
    f.t1(key, "services", services.join(&f.t("list-comma")))
}

/// What ended a notice and by whom.
pub(super) fn end_words(f: &Frame, end: &End) -> String {
    let by = end.by.as_deref().map_or_else(|| f.t("who-somebody"), |by| f.short(by));
    match end.why {
        EndWhy::Acted { what: Acted::Closed } => f.t1("event-end-closed", "by", by),
        EndWhy::Acted { what: Acted::Done } => f.t1("event-end-done", "by", by),
        EndWhy::Cancelled => f.t("event-end-cancelled"),
        EndWhy::Moved { to } => f.t1("event-end-moved", "to", when::exact(f.language, &f.zone, f.now, to)),
        EndWhy::NotChosen => f.t("event-end-not-chosen"),
        EndWhy::Unserved => f.t("event-end-unserved"),
        EndWhy::Lost => f.t("event-end-lost"),
    }
}

impl NoticeRow {
    /// Where it stands: a shape and words.
    pub fn said(&self, f: &Frame) -> Said {
        let called = &self.called;
        if self.is_baseline {
            return ("unknown", f.t("event-baseline"));
        }
        if let Some(end) = &self.end {
            let shape = match end.why {
                EndWhy::Acted { .. } => "resolved",
                EndWhy::Unserved => "missing",
                _ => "unknown",
            };
            let after = when::between(f.language, called.since, end.at);
            return (shape, f.t2("event-ended-after", "what", end_words(f, end), "after", after));
        }
        match called.taken_at {
            Some(_) => ("acknowledged", taken_words(f, called)),
            None if called.ended_at.is_some() => ("resolved", f.t("raised-over")),
            None if called.is_observed() => ("unknown", f.t("raised-observed")),
            None => ("triggered", f.t("raised-open")),
        }
    }

    pub fn mark(&self, f: &Frame) -> Markup {
        let (shape, words) = self.said(f);
        f.mark(shape, words)
    }

    /// When people were to hear of it, where they heard of it late.
    pub fn late(&self, f: &Frame) -> Option<String> {
        /// So much later than it was due is said.
        const LATE_US: i64 = 300_000_000;
        let notice = self.notice.as_ref().filter(|notice| notice.at.since(notice.due) > LATE_US)?;
        Some(f.t1("event-late", "due", when::exact(f.language, &f.zone, f.now, notice.due)))
    }

    /// Who took it before somebody closed it.
    pub fn taken(&self, f: &Frame) -> Option<String> {
        (self.end.is_some() && self.called.taken_at.is_some()).then(|| taken_words(f, &self.called))
    }
}

impl EventView {
    pub fn href(&self) -> String {
        self.row.href()
    }

    pub fn url(&self) -> Option<&str> {
        self.row.event.url.as_deref().and_then(crate::view::link)
    }

    pub fn step(&self, f: &Frame) -> Option<String> {
        match &self.row.standing {
            Standing::Told(_) if self.row.is_untaken() => Some(f.t("event-do")),
            Standing::Unserved(_) => Some(f.t("event-do-unserved")),
            Standing::NotChosen => Some(f.t("event-do-not-chosen")),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<String> {
        let text = self.row.event.text.trim_end();
        (!text.is_empty()).then(|| raw::show(text.as_bytes()).text)
    }

    pub fn registrant(&self, f: &Frame) -> Option<String> {
        self.row.event.registrant.as_ref().map(|who| person(f, who))
    }

    /// Those who are to come: their names, and whether they declined.
    pub fn attendees(&self, f: &Frame) -> Vec<(String, bool)> {
        self.row.event.attendees.iter().map(|who| (person(f, who), who.has_declined)).collect()
    }
}

fn person(f: &Frame, who: &Attendee) -> String {
    match (who.name.as_deref().filter(|name| !name.trim().is_empty()), who.mail.as_deref()) {
        (Some(name), Some(mail)) => format!("{} <{}>", f.short(name), f.short(mail)),
        (Some(one), None) | (None, Some(one)) => f.short(one),
        (None, None) => f.t("who-somebody"),
    }
}
