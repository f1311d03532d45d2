//! *Seats*: PagerDuty users whom nothing has reached and who did nothing for three months, and what their seats cost.

use super::{Frame, PollRow};
use crate::i18n::Arg;
use crate::price::SeatPrice;
use crate::when;
use model::Micros;
use model::person::Role;

/// Days without a shift, a page or an act before a seat counts as unused.
pub const IDLE_DAYS: i64 = 90;

#[derive(Clone, Debug, Default)]
pub struct SeatsView {
    /// Unused ones first.
    pub rows: Vec<SeatRow>,
    /// Pages and acts are known since then: the log is here without a hole.
    pub known_since: Option<Micros>,
    /// What tells the use of a seat and is not known: while anything stands here, nobody is called unused.
    pub unread: Vec<PollRow>,
    /// A token is set, so that anything can be read at all.
    pub can_read: bool,
    pub price: Option<SeatPrice>,
    /// The price in the address is none.
    pub price_unknown: bool,
}

#[derive(Clone, Debug)]
pub struct SeatRow {
    pub id: String,
    pub name: String,
    pub email: Option<String>,
    /// PagerDuty's role.
    pub role: String,
    pub url: Option<String>,
    pub on_call: OnCall,
    pub paged_at: Option<Micros>,
    pub acted_at: Option<Micros>,
    /// The role of the account here with the same mail address.
    pub account: Option<Role>,
    /// A read-only role of PagerDuty's, which is priced apart.
    pub is_stakeholder: bool,
    pub is_idle: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnCall {
    Never,
    Always,
    /// The last known shift ends, or ended, then.
    Until(Micros),
}

impl SeatRow {
    pub fn role_word(&self, f: &Frame) -> String {
        f.word("pd-role", &self.role)
    }
}

impl SeatsView {
    /// Everything that tells the use of a seat has been read.
    pub const fn is_sure(&self) -> bool {
        self.unread.is_empty()
    }

    /// Whether the seat is unused. That it is used may be known before everything is.
    pub fn unused(&self, row: &SeatRow) -> Option<bool> {
        (self.is_sure() || !row.is_idle).then_some(row.is_idle)
    }

    /// What is not known, why, and what brings it.
    pub fn lacks(&self, f: &Frame) -> Vec<String> {
        if !self.can_read && !self.is_sure() {
            return vec![f.t("conn-rest-none")];
        }
        self.unread.iter().map(|poll| lack(poll, f)).collect()
    }

    fn counts(&self, is_stakeholder: bool) -> (usize, usize) {
        let all = self.rows.iter().filter(|row| row.is_stakeholder == is_stakeholder);
        (all.clone().filter(|row| self.unused(row) == Some(true)).count(), all.count())
    }

    /// Seats that are paid for and unused.
    pub fn idle(&self) -> usize {
        self.counts(false).0
    }

    /// Of the unused ones, those whose people can look here already.
    pub fn with_account(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| self.unused(row) == Some(true) && !row.is_stakeholder && row.account.is_some())
            .count()
    }

    pub fn known_days(&self, now: Micros) -> i64 {
        self.known_since.map_or(0, |since| now.since(since).max(0) / 86_400_000_000)
    }

    /// What is known is less than what is asked.
    pub fn is_short(&self, f: &Frame) -> bool {
        self.known_days(f.now) < IDLE_DAYS
    }

    /// The answer in words; that too little is known comes first.
    pub fn sentence(&self, f: &Frame) -> String {
        if self.rows.is_empty() {
            return f.t("seats-none");
        }
        if !self.is_sure() {
            return f.t("seats-unsure");
        }
        let (idle, all) = self.counts(false);
        let days = self.known_days(f.now);
        let args = [("idle", idle.value()), ("all", all.value()), ("days", days.value()), ("most", IDLE_DAYS.value())];
        f.t_args(if self.is_short(f) { "seats-answer-short" } else { "seats-answer" }, &args)
    }

    /// What that costs, where a price is known.
    pub fn cost(&self, f: &Frame) -> Option<String> {
        let price = self.price.as_ref()?;
        let idle = i64::try_from(self.idle()).unwrap_or(i64::MAX);
        (idle > 0).then(|| f.t2("seats-cost", "price", price.times(1), "year", price.times(idle.saturating_mul(12))))
    }

    pub fn instead(&self, f: &Frame) -> Option<String> {
        (self.idle() > 0).then(|| f.t1("seats-instead", "n", self.with_account()))
    }

    pub fn stakeholders(&self, f: &Frame) -> Option<String> {
        let (idle, all) = self.counts(true);
        (all > 0 && self.is_sure()).then(|| f.t2("seats-stakeholders", "all", all, "idle", idle))
    }

    /// Since when pages and acts are known.
    pub fn known(&self, f: &Frame) -> String {
        match self.known_since {
            None => f.t("seats-known-never"),
            Some(since) => {
                let day = when::day(f.language, &f.zone, f.now, since);
                f.t1(if self.is_short(f) { "seats-known-short" } else { "seats-known" }, "since", day)
            }
        }
    }

    pub fn price_field(&self) -> String {
        self.price.as_ref().map(SeatPrice::plain).unwrap_or_default()
    }

    pub fn currency_field(&self) -> String {
        self.price.as_ref().map_or_else(|| "JPY".to_owned(), |price| price.currency.clone())
    }

    pub fn csv_href(&self) -> &'static str {
        "/seats.csv"
    }
}

fn lack(poll: &PollRow, f: &Frame) -> String {
    let name = f.word("poll", &poll.name);
    if poll.is_off {
        return f.t1("seats-lack-off", "poll", name);
    }
    match &poll.refused {
        None => f.t1("seats-lack-unread", "poll", name),
        Some(why) => {
            let args = [("poll", name.value()), ("scope", scope(&poll.name).value()), ("why", f.fault(why).value())];
            f.t_args("seats-lack-refused", &args)
        }
    }
}

/// The permission that an app's key needs for a poll.
fn scope(poll: &str) -> &'static str {
    match poll {
        "reference-user" => "users.read",
        "reference-shift" | "reference-on_call" => "oncalls.read",
        _ => "incidents.read",
    }
}
