//! The list of mails and the answer above it: whether every alert has its incident, and whether the day's ledger balances.

use super::super::frame::{counted, is_least};
use super::{MailFilters, reason};
use crate::i18n::Arg;
use crate::markup::encode;
use crate::view::{Asked, Frame, IncidentLink, Named};
use crate::when;
use duties::Mode;
use model::Micros;
use model::mail::{Ledger, Reason, State, Trust};

#[derive(Clone, Debug)]
pub struct MailsView {
    pub answer: NetAnswer,
    pub filters: MailFilters,
    pub monitors: Vec<String>,
    pub customers: Vec<Named>,
    pub rows: Vec<MailRow>,
    /// How many match, counted a little above a thousand at most.
    pub total: u64,
    pub next_cursor: Option<String>,
}

/// How the net stands, in one sentence.
#[derive(Clone, Debug)]
pub struct NetAnswer {
    /// Whether any mail ever came that this person may see.
    pub ever: bool,
    /// A door for mail is open.
    pub has_door: bool,
    pub lacking: u64,
    pub oldest_at: Option<Micros>,
    pub registered: u64,
    /// Of everybody's mails; `None` for those who see some customers only.
    pub today: Option<Today>,
    pub mode: Mode,
}

/// Both sides of today's ledger.
#[derive(Clone, Copy, Debug, Default)]
pub struct Today {
    /// Without repeats.
    pub mails: u64,
    pub entries: u64,
    /// Not read yet.
    pub waiting: u64,
    pub difference: i64,
}

/// A mail in a list.
#[derive(Clone, Debug)]
pub struct MailRow {
    pub id: i64,
    pub ledger: Ledger,
    pub reason: Reason,
    pub subject: String,
    pub monitor: String,
    pub host: Option<String>,
    pub check: Option<String>,
    pub state: State,
    pub severity: Option<String>,
    pub trust: Trust,
    pub received_at: Micros,
    pub customer: Option<String>,
    pub incident: Option<IncidentLink>,
}

/// A line of the list: a mail, or a run of mails of one storm.
#[derive(Debug)]
pub enum Line<'a> {
    One(&'a MailRow),
    /// At least `STORM_ROWS`, newest first.
    Storm(&'a [MailRow]),
}

/// Fewer of a storm stand for themselves.
const STORM_ROWS: usize = 5;

impl Line<'_> {
    /// The newest of its mails.
    pub fn first(&self) -> Option<&MailRow> {
        match self {
            Self::One(row) => Some(row),
            Self::Storm(rows) => rows.first(),
        }
    }

    pub fn is_storm(&self) -> bool {
        matches!(self, Self::Storm(_))
    }

    fn rows(&self) -> &[MailRow] {
        match self {
            Self::One(row) => std::slice::from_ref(row),
            Self::Storm(rows) => rows,
        }
    }

    pub fn title(&self, f: &Frame) -> String {
        let monitor = self.first().map(|row| f.short(&row.monitor)).unwrap_or_default();
        f.t2("mails-storm", "monitor", monitor, "n", self.rows().len())
    }

    pub fn span(&self, f: &Frame) -> String {
        let clock = |row: Option<&MailRow>| row.map(|row| when::clock(&f.zone, row.received_at)).unwrap_or_default();
        f.t2("mails-storm-span", "first", clock(self.rows().last()), "last", clock(self.first()))
    }

    /// Where each of them stands: of one time and one monitor, in which the list groups nothing.
    pub fn href(&self) -> String {
        let (Some(first), Some(last)) = (self.first(), self.rows().last()) else { return "/safety-net".into() };
        let (since, until) = (last.received_at.rfc3339(), first.received_at.plus_s(1).rfc3339());
        format!("/safety-net?monitor={}&since={}&until={}", encode(&first.monitor), encode(&since), encode(&until))
    }
}

fn storm(row: &MailRow) -> Option<(&str, Ledger)> {
    match &row.reason {
        Reason::InStorm { storm } => Some((storm, row.ledger)),
        _ => None,
    }
}

impl MailRow {
    pub fn href(&self) -> String {
        format!("/safety-net/mails/{}", self.id)
    }

    pub fn monitor_href(&self) -> String {
        format!("/safety-net?monitor={}", encode(&self.monitor))
    }

    /// Problem, and how bad.
    pub fn what(&self, f: &Frame) -> String {
        let state = f.mail_state(&self.state);
        match &self.severity {
            Some(severity) if self.state.needs_balance() => {
                f.t2("mail-what", "state", state, "severity", f.word("severity", severity))
            }
            _ => state,
        }
    }

    pub fn why(&self, f: &Frame) -> String {
        reason(f, &self.reason)
    }

    /// Host and check, as far as they are known.
    pub fn about(&self, f: &Frame) -> String {
        let parts = [self.host.as_deref(), self.check.as_deref()];
        let parts: Vec<String> =
            parts.into_iter().flatten().filter(|part| !part.is_empty()).map(|p| f.short(p)).collect();
        parts.join(" · ")
    }

    /// A mail without a subject has to be clicked all the same.
    pub fn title(&self, f: &Frame) -> String {
        if self.subject.trim().is_empty() { f.t("mail-no-subject") } else { f.brief(&self.subject) }
    }

    pub const fn is_lacking(&self) -> bool {
        matches!(self.ledger, Ledger::Missing | Ledger::Unreadable)
    }
}

impl NetAnswer {
    /// The answer in words.
    pub fn sentence(&self, f: &Frame) -> String {
        if !self.ever {
            return f.t("net-never");
        }
        let first = self.alerts(f);
        match self.today {
            Some(today) => f.t2("net-answer", "first", first, "second", today.sentence(f)),
            None => first,
        }
    }

    fn alerts(&self, f: &Frame) -> String {
        let oldest = self.oldest_at.map_or_else(String::new, |at| when::exact(f.language, &f.zone, f.now, at));
        match (self.lacking, self.registered) {
            (0, 0) => f.t("net-none-lacks"),
            (0, n) => f.t_args("net-only-registered", &[("n", counted(n))]),
            (n, _) => f.t_args("net-lacking", &[("n", counted(n)), ("oldest", oldest.value())]),
        }
    }

    /// Besides those that lack one, some have ours alone.
    pub fn besides(&self, f: &Frame) -> Option<String> {
        (self.ever && self.lacking > 0 && self.registered > 0)
            .then(|| f.t_args("net-registered-too", &[("n", counted(self.registered))]))
    }

    /// The shape beside the answer.
    pub fn state(&self) -> &'static str {
        match self {
            a if !a.ever => "unknown",
            a if a.today.is_some_and(|today| today.difference != 0) => "triggered",
            a if a.lacking > 0 => "missing",
            a if a.registered > 0 => "acknowledged",
            _ => "resolved",
        }
    }

    /// What the mode means, where it holds something back.
    pub fn mode_words(&self, f: &Frame) -> Option<String> {
        match self.mode {
            Mode::Observe => Some(f.t("net-mode-observe")),
            Mode::Post => Some(f.t("net-mode-post")),
            Mode::Page => None,
        }
    }
}

impl Today {
    pub fn sentence(&self, f: &Frame) -> String {
        match self {
            t if t.difference != 0 => f.t_args(
                "net-today-off",
                &[("mails", t.mails.value()), ("entries", t.entries.value()), ("difference", t.difference.value())],
            ),
            t if t.waiting > 0 => f.t2("net-today-waiting", "mails", t.mails, "waiting", t.waiting),
            t if t.mails == 0 => f.t("net-today-none"),
            t => f.t1("net-today-good", "mails", t.mails),
        }
    }
}

impl MailsView {
    /// What is read as a story is not told forty times; what somebody filtered for is listed whole.
    pub fn lines(&self) -> Vec<Line<'_>> {
        if self.is_narrowed() {
            return self.rows.iter().map(Line::One).collect();
        }
        let runs = self.rows.chunk_by(|a, b| storm(a).is_some() && storm(a) == storm(b));
        let lines = runs.flat_map(|run| match run.len() {
            n if n >= STORM_ROWS => vec![Line::Storm(run)],
            _ => run.iter().map(Line::One).collect(),
        });
        lines.collect()
    }

    pub fn is_narrowed(&self) -> bool {
        !self.filters.narrowing().is_empty()
    }

    /// How many the filters found.
    pub fn found(&self, f: &Frame) -> Option<String> {
        if !self.is_narrowed() && self.filters.ledger.is_empty() {
            return None;
        }
        let key = if is_least(self.total) { "mails-found-many" } else { "mails-found" };
        Some(f.t_args(key, &[("n", counted(self.total))]))
    }

    /// What a filter's value is called, for the mark that takes it off again.
    pub fn filter_value(&self, f: &Frame, name: &str, value: &str) -> String {
        match name {
            "state" => f.word("mail-state", value),
            "trust" => f.word("trust", value),
            "customer" => {
                self.customers.iter().find(|c| c.id == value).map_or_else(|| f.brief(value), |c| f.brief(&c.name))
            }
            _ => f.brief(value),
        }
    }

    pub fn ledgers(&self) -> [Ledger; 13] {
        Ledger::ALL
    }

    pub fn states(&self) -> [State; 5] {
        State::ALL
    }

    pub fn trusts(&self) -> [Trust; 3] {
        Trust::ALL
    }

    /// The tabs: the state in the address and its word.
    pub fn tabs(&self, f: &Frame) -> [(&'static str, String); 5] {
        [
            ("", f.t("filter-all")),
            (super::LACKING, f.t("net-tab-lacking")),
            ("expected", f.word("ledger", "expected")),
            ("matched", f.word("ledger", "matched")),
            ("suppressed", f.word("ledger", "suppressed")),
        ]
    }
}
