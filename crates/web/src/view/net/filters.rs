//! What a person asked the list of mails for, exactly as it stands in the address. Never fails: a value that means nothing is
//! shown as typed and filters by nothing.

use crate::view::Asked;
use model::mail::Ledger;
use serde::Deserialize;

/// What `ledger` says for every state that lacks an incident of PagerDuty's own.
pub const LACKING: &str = "lacking";

/// The query of `/safety-net`. Empty text means "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct MailFilters {
    pub ledger: String,
    pub monitor: String,
    pub state: String,
    pub trust: String,
    pub customer: String,
    pub host: String,
    pub text: String,
    /// Days as `YYYY-MM-DD` in the person's zone, `until` with its day; or instants (RFC 3339), `until` without it.
    pub since: String,
    pub until: String,
    pub cursor: String,
}

impl MailFilters {
    /// The states asked for; empty is all.
    pub fn ledgers(&self) -> Vec<Ledger> {
        match self.ledger.as_str() {
            LACKING => Ledger::ALL.into_iter().filter(|ledger| ledger.is_unbalanced()).collect(),
            other => Ledger::parse(other).into_iter().collect(),
        }
    }
}

impl Asked for MailFilters {
    const PATH: &'static str = "/safety-net";
    const BESIDES: &'static [&'static str] = &["ledger"];

    fn pairs(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("ledger", &self.ledger),
            ("monitor", &self.monitor),
            ("state", &self.state),
            ("trust", &self.trust),
            ("customer", &self.customer),
            ("host", &self.host),
            ("text", &self.text),
            ("since", &self.since),
            ("until", &self.until),
            ("cursor", &self.cursor),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lacking_is_every_state_without_an_incident_of_pagerdutys_own() {
        let of = |ledger: &str| MailFilters { ledger: ledger.into(), ..MailFilters::default() }.ledgers();
        assert_eq!(
            of("lacking"),
            [Ledger::Missing, Ledger::Registered, Ledger::Unreadable, Ledger::UnreadableRegistered]
        );
        assert_eq!(of("matched_late"), [Ledger::MatchedLate]);
        assert!(of("").is_empty() && of("nonsense").is_empty());
    }

    #[test]
    fn changing_a_filter_forgets_the_place_in_the_list() {
        let held = MailFilters {
            ledger: "lacking".into(),
            text: "障害 &".into(),
            cursor: "abc".into(),
            ..MailFilters::default()
        };
        assert_eq!(held.but("ledger", ""), "/safety-net?text=%E9%9A%9C%E5%AE%B3%20%26");
        assert!(held.but("cursor", "next").ends_with("&cursor=next"));
        assert_eq!(held.csv_href(), "/safety-net.csv?ledger=lacking&text=%E9%9A%9C%E5%AE%B3%20%26");
    }
}
