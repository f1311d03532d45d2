//! Each day's two sides: what the receivers counted and what the mails' states amount to. A difference is loud.

use super::{Today, ledger_shape};
use crate::i18n::Arg;
use crate::markup::encode;
use crate::view::Frame;
use crate::when;
use duties::safety_net::CLOSE_AFTER_S;
use jiff::civil::Date;
use model::Micros;
use model::mail::Ledger;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct LedgerView {
    /// The reader sees everybody's mails: else there is only the ledger's side, of today.
    pub is_whole: bool,
    pub ever: bool,
    pub today: DayRow,
    /// Those that were closed, the latest first.
    pub days: Vec<DayRow>,
}

#[derive(Clone, Debug, Default)]
pub struct DayRow {
    /// In the installation's zone.
    pub day: String,
    pub since: Micros,
    pub until: Micros,
    /// A day in the address would be another one in this person's zone.
    pub is_other_zone: bool,
    pub received: u64,
    pub duplicates: u64,
    pub waiting: u64,
    pub counts: BTreeMap<String, i64>,
    pub closed_at: Option<Micros>,
}

/// A state's share of a day.
#[derive(Debug)]
pub struct Share {
    pub shape: &'static str,
    pub word: String,
    pub count: u64,
    pub href: String,
}

impl DayRow {
    pub fn entries(&self) -> u64 {
        u64::try_from(self.counts.values().sum::<i64>()).unwrap_or(0)
    }

    pub fn mails(&self) -> u64 {
        self.received.saturating_sub(self.duplicates)
    }

    pub fn difference(&self) -> i64 {
        let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        signed(self.received) - signed(self.duplicates) - signed(self.waiting) - signed(self.entries())
    }

    pub fn title(&self, f: &Frame) -> String {
        let date = self.day.parse::<Date>().ok().and_then(|day| day.at(12, 0, 0, 0).to_zoned(f.zone.clone()).ok());
        date.map_or_else(|| self.day.clone(), |noon| f.day(&Micros(noon.timestamp().as_microsecond())))
    }

    /// (shape, both sides in a sentence)
    pub fn said(&self, f: &Frame) -> (&'static str, String) {
        let args = [
            ("received", self.received.value()),
            ("duplicates", self.duplicates.value()),
            ("waiting", self.waiting.value()),
            ("entries", self.entries().value()),
            ("difference", self.difference().value()),
        ];
        match (self.difference(), self.waiting, self.received) {
            (0, _, 0) => ("unknown", f.t("ledger-day-empty")),
            (0, 0, _) => ("resolved", f.t_args("ledger-day-good", &args)),
            (0, _, _) => ("acknowledged", f.t_args("ledger-day-waiting", &args)),
            _ => ("triggered", f.t_args("ledger-day-off", &args)),
        }
    }

    /// The states that any mail of the day is in.
    pub fn shares(&self, f: &Frame) -> Vec<Share> {
        let known = Ledger::ALL.into_iter().filter_map(|ledger| Some((ledger, *self.counts.get(ledger.as_str())?)));
        known
            .map(|(ledger, count)| Share {
                shape: ledger_shape(ledger),
                word: f.ledger_word(&ledger),
                count: u64::try_from(count).unwrap_or(0),
                href: self.href(ledger.as_str()),
            })
            .collect()
    }

    /// The mails behind a number; all of the day's for an empty state.
    pub fn href(&self, ledger: &str) -> String {
        let (since, until) = match self.is_other_zone {
            true => (encode(&self.since.rfc3339()), encode(&self.until.rfc3339())),
            false => (self.day.clone(), self.day.clone()),
        };
        let ledger = if ledger.is_empty() { String::new() } else { format!("ledger={ledger}&") };
        format!("/safety-net?{ledger}since={since}&until={until}")
    }
}

impl LedgerView {
    pub fn sentence(&self, f: &Frame) -> String {
        if !self.ever {
            return f.t("net-never");
        }
        if !self.is_whole {
            return f.t1("ledger-own", "n", self.today.entries());
        }
        match self.off() {
            _ if self.days.is_empty() => {
                let first = when::exact(f.language, &f.zone, f.now, self.today.until.plus_s(CLOSE_AFTER_S));
                f.t2("ledger-none-closed", "today", self.now().sentence(f), "first", first)
            }
            0 => f.t1("ledger-good", "today", self.now().sentence(f)),
            off => f.t2("ledger-off", "n", off, "today", self.now().sentence(f)),
        }
    }

    /// Closed days that do not balance.
    fn off(&self) -> usize {
        self.days.iter().filter(|day| day.difference() != 0).count()
    }

    fn now(&self) -> Today {
        let today = &self.today;
        Today { mails: today.mails(), entries: today.entries(), waiting: today.waiting, difference: today.difference() }
    }

    pub fn state(&self) -> &'static str {
        match self {
            v if !v.ever || !v.is_whole => "unknown",
            v if v.off() > 0 || v.today.difference() != 0 => "triggered",
            _ => "resolved",
        }
    }
}
