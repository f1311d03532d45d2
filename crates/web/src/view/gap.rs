//! A gap in what webhooks told, as a story: what happened, since when, how it was mended and how we know.

use super::Frame;
use crate::i18n::Arg;
use crate::when;
use model::Micros;
use model::time::SECOND_US;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapRow {
    pub id: String,
    pub subscription: String,
    /// `inactive`, `temporarily_disabled`, `deleted`, `silent` or `wrong_secret`.
    pub why: String,
    /// `open`, `filling` or `closed`.
    pub state: String,
    pub since: Micros,
    pub until: Option<Micros>,
    /// How often the log of this span was read.
    pub pass: u64,
    /// Log entries of the last reading, and how many of them the mirror lacked.
    pub entries: u64,
    pub lacking: u64,
    /// Log entries that were lacking and are there now.
    pub repaired: u64,
}

impl GapRow {
    /// The shape beside it.
    pub fn shape(&self) -> &'static str {
        match self.state.as_str() {
            "closed" => "resolved",
            "open" => "triggered",
            _ => "acknowledged",
        }
    }

    /// What was so, and how it was proven mended.
    pub fn story(&self, f: &Frame) -> String {
        f.t2("gap-story", "what", self.what(f), "proof", self.proof(f))
    }

    fn what(&self, f: &Frame) -> String {
        let from = self.from(f);
        let Some(until) = self.until else {
            let span = when::between(f.language, self.since, f.now);
            let args = [("subscription", self.subscription.value()), ("from", from.value()), ("span", span.value())];
            return f.t_args(self.key_open(), &args);
        };
        let span = when::between(f.language, self.since, until);
        let args = [
            ("subscription", self.subscription.value()),
            ("from", from.value()),
            ("to", self.to(f, until).value()),
            ("span", span.value()),
        ];
        f.t_args(self.key_over(), &args)
    }

    /// With seconds where the minute would be the same at both ends.
    fn from(&self, f: &Frame) -> String {
        if self.is_short() {
            when::exact_seconds(f.language, &f.zone, self.since)
        } else {
            when::exact(f.language, &f.zone, f.now, self.since)
        }
    }

    /// Over within two minutes.
    fn is_short(&self) -> bool {
        self.until.is_some_and(|until| until.since(self.since) < 120 * SECOND_US)
    }

    /// The hour alone where the day is the same.
    fn to(&self, f: &Frame, until: Micros) -> String {
        let day = |at| when::day(f.language, &f.zone, f.now, at);
        if day(self.since) == day(until) {
            let clock = when::clock(&f.zone, until);
            if self.is_short() { clock } else { clock[..5].to_owned() }
        } else {
            when::exact(f.language, &f.zone, f.now, until)
        }
    }

    fn key_open(&self) -> &'static str {
        match self.why.as_str() {
            "temporarily_disabled" => "gap-open-given-up",
            "inactive" | "disabled" => "gap-open-inactive",
            "deleted" => "gap-open-deleted",
            "wrong_secret" => "gap-open-secret",
            _ => "gap-open-silent",
        }
    }

    fn key_over(&self) -> &'static str {
        match self.why.as_str() {
            "temporarily_disabled" => "gap-over-given-up",
            "inactive" | "disabled" => "gap-over-inactive",
            "deleted" => "gap-over-deleted",
            "wrong_secret" => "gap-over-secret",
            _ => "gap-over-silent",
        }
    }

    fn proof(&self, f: &Frame) -> String {
        let key = match self.state.as_str() {
            "open" => "gap-proof-open",
            "closed" if self.lacking > 0 => "gap-proof-short",
            "closed" if self.repaired > 0 => "gap-proof-repaired",
            "closed" => "gap-proof-whole",
            _ if self.pass > 1 => "gap-proof-again",
            _ => "gap-proof-filling",
        };
        let args = [
            ("pass", self.pass.value()),
            ("entries", self.entries.value()),
            ("lacking", self.lacking.value()),
            ("repaired", self.repaired.value()),
        ];
        f.t_args(key, &args)
    }

    /// What to do about it.
    pub fn remedy(&self, f: &Frame) -> String {
        f.t(match self.state.as_str() {
            "closed" if self.lacking > 0 => "gap-do-short",
            "closed" => "gap-do-closed",
            "open" => "gap-do-open",
            _ => "gap-do-filling",
        })
    }
}
