//! History that somebody wants: which spans, how far each has come, how long the rest will take.

use super::Frame;
use crate::i18n::Arg;
use crate::markup::encode;
use crate::when;
use model::Micros;

#[derive(Clone, Debug, Default)]
pub struct BackfillsView {
    /// The latest first.
    pub rows: Vec<BackfillRow>,
    /// A token is set, so that history can be fetched at all.
    pub can_read: bool,
    /// The reader may ask for one.
    pub may_ask: bool,
    /// What the form holds: dates in the reader's zone.
    pub since: String,
    pub until: String,
    pub notice: Option<BackfillNotice>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackfillRow {
    pub id: String,
    pub since: Micros,
    pub until: Micros,
    pub state: String,
    pub asked_by: String,
    pub created_at: Micros,
    pub ended_at: Option<Micros>,
    pub calls: u64,
    pub why: Option<String>,
    /// Of the one under way.
    pub progress: Option<Underway>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Underway {
    pub percent: u64,
    pub incidents: u64,
    pub entries: u64,
    pub alerts_waiting: u64,
    /// Seconds that the rest will take; `None` before there is a pace.
    pub left_s: Option<i64>,
}

/// What the last act did, or why it did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackfillNotice {
    Asked,
    /// The same span is being fetched already.
    Already,
    Stopped,
    BadDates,
    TooMany,
    NoToken,
}

impl BackfillNotice {
    pub const ALL: [Self; 6] =
        [Self::Asked, Self::Already, Self::Stopped, Self::BadDates, Self::TooMany, Self::NoToken];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Already => "already",
            Self::Stopped => "stopped",
            Self::BadDates => "dates",
            Self::TooMany => "many",
            Self::NoToken => "token",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == text)
    }

    pub const fn is_problem(self) -> bool {
        matches!(self, Self::BadDates | Self::TooMany | Self::NoToken)
    }

    pub fn text(self, f: &Frame) -> String {
        f.word("backfill-notice", self.as_str())
    }
}

impl BackfillRow {
    pub fn shape(&self) -> &'static str {
        match self.state.as_str() {
            "done" => "resolved",
            "waiting" | "running" => "acknowledged",
            _ => "unknown",
        }
    }

    pub fn is_live(&self) -> bool {
        matches!(self.state.as_str(), "waiting" | "running")
    }

    pub fn stop_href(&self) -> String {
        format!("/backfills/{}/stop", encode(&self.id))
    }

    /// "1 Jan – 31 Mar": the days that it covers.
    pub fn span(&self, f: &Frame) -> String {
        let day = |at| when::day(f.language, &f.zone, f.now, at);
        // The last day is the one before the end, unless the end is in its midst.
        let last = self.until.plus_s(-1).max(self.since);
        f.t2("backfill-span", "since", day(self.since), "until", day(last))
    }

    /// The first day of it, as commands take it.
    pub fn first_day(&self, f: &Frame) -> String {
        self.since.timestamp().to_zoned(f.zone.clone()).strftime("%Y-%m-%d").to_string()
    }

    /// Why it is not whole.
    pub fn why(&self, f: &Frame) -> Option<String> {
        let why = self.why.as_deref()?;
        Some(failed(why).map_or_else(|| f.fault(why), |n| f.t1("backfill-lacks", "n", n)))
    }

    /// How far it has come, in a sentence.
    pub fn told(&self, f: &Frame) -> String {
        let Some(p) = self.progress else {
            return match self.state.as_str() {
                "waiting" | "running" => f.t("backfill-waits"),
                _ => f.t1("backfill-calls", "calls", self.calls),
            };
        };
        let args = [
            ("percent", p.percent.value()),
            ("incidents", p.incidents.value()),
            ("entries", p.entries.value()),
            ("alerts", p.alerts_waiting.value()),
            ("left", p.left_s.map_or_else(String::new, |s| when::span(f.language, s)).value()),
        ];
        let key = if p.left_s.is_some() { "backfill-runs-left" } else { "backfill-runs" };
        f.t_args(key, &args)
    }
}

/// How many of its slices failed, as the engine words it.
fn failed(why: &str) -> Option<u64> {
    let (n, rest) = why.split_once(' ')?;
    n.parse().ok().filter(|_| rest.starts_with("of its slices could not be fetched"))
}

impl BackfillsView {
    pub fn sentence(&self, f: &Frame) -> String {
        match self.rows.iter().find(|row| row.is_live()) {
            Some(row) => f.t2("backfills-live", "span", row.span(f), "told", row.told(f)),
            None if self.rows.is_empty() => f.t("backfills-never"),
            None => f.t("backfills-none"),
        }
    }
}
