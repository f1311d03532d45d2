//! A mail has come: where it stands at first. What only a later look can tell waits for its grace time.

use super::Settings;
use crate::mail::Standing;
use model::Micros;
use model::mail::{Ledger, Reason, State, Trust};
use model::signal::Origin;

/// What is known of a mail when it is read.
#[derive(Clone, Debug)]
pub struct Arrived<'a> {
    pub origin: Origin,
    pub standing: &'a Standing,
    pub state: State,
    pub trust: Trust,
    pub trust_why: &'a str,
    pub received_at: Micros,
    pub grace_s: Option<i64>,
    /// A rule that a person made for this alert: its name, and whether it holds back rather than denies.
    pub rule: Option<(&'a str, bool)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    pub ledger: Ledger,
    pub reason: Reason,
    pub due: Option<Micros>,
}

/// Where the mail stands at first.
pub fn decide(settings: &Settings, mail: &Arrived<'_>) -> First {
    let at = |ledger, reason| First { ledger, reason, due: None };
    if !mail.origin.may_act() {
        return at(Ledger::Baseline, Reason::Baseline);
    }
    match mail.standing {
        Standing::Canary { token, .. } => return at(Ledger::Canary, Reason::Canary { id: token.clone() }),
        Standing::NotAnAlert { rule } => return at(Ledger::NotAnAlert, Reason::Rule { rule: rule.clone() }),
        Standing::Suppressed { rule } => return at(Ledger::Suppressed, Reason::HeldBack { rule: rule.clone() }),
        Standing::Alert => {}
    }
    let due = mail.received_at.plus_s(mail.grace_s.unwrap_or(settings.grace_s));
    let waits = First { ledger: Ledger::Expected, reason: Reason::Grace { until: due }, due: Some(due) };
    match (mail.state, mail.trust) {
        (State::Update | State::Notice, _) => at(Ledger::NotAnAlert, Reason::News),
        (State::Recovery, Trust::Waiting) => waits,
        (State::Recovery, trust) => recovery(trust, mail.trust_why),
        (State::Problem | State::Unknown, _) => match mail.rule {
            Some((name, false)) => at(Ledger::NotAnAlert, Reason::Person { name: name.to_owned() }),
            Some((name, true)) => at(Ledger::Suppressed, Reason::HeldBack { rule: name.to_owned() }),
            None => waits,
        },
    }
}

/// What becomes of a recovery once it is known how far its sender is believed.
pub fn recovery(trust: Trust, why: &str) -> First {
    let reason = match trust {
        Trust::Trusted => Reason::Over,
        Trust::Untrusted | Trust::Waiting => Reason::OverUntrusted { why: why.to_owned() },
    };
    First { ledger: Ledger::Recovery, reason, due: None }
}

/// The instant by which a mail's alert is looked for: when it was sent, if that can be, else when it came. Mail that lay in a
/// queue for an hour has its alert an hour ago. Mails tell whole seconds: it was sent before the next one began.
pub fn happened_at(received_at: Micros, sent_at: Option<Micros>) -> Micros {
    const OLDEST_S: i64 = 48 * 3_600;
    let sent_at = sent_at.filter(|at| *at <= received_at && received_at.since(*at) <= OLDEST_S * 1_000_000);
    sent_at.map_or(received_at, |at| Micros(at.0 + 999_999).min(received_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(state: State, trust: Trust) -> Arrived<'static> {
        Arrived {
            origin: Origin::Live,
            standing: &Standing::Alert,
            state,
            trust,
            trust_why: "no rule",
            received_at: Micros::from_seconds(100),
            grace_s: None,
            rule: None,
        }
    }

    #[test]
    fn each_kind_of_mail_has_its_first_place() {
        let settings = Settings::default();
        let ledger = |mail: &Arrived<'_>| decide(&settings, mail).ledger;
        assert_eq!(ledger(&arrived(State::Problem, Trust::Untrusted)), Ledger::Expected);
        assert_eq!(ledger(&arrived(State::Unknown, Trust::Untrusted)), Ledger::Expected);
        assert_eq!(ledger(&arrived(State::Recovery, Trust::Trusted)), Ledger::Recovery);
        assert_eq!(ledger(&arrived(State::Recovery, Trust::Waiting)), Ledger::Expected);
        assert_eq!(ledger(&arrived(State::Update, Trust::Trusted)), Ledger::NotAnAlert);
        let history = Arrived { origin: Origin::Backfill, ..arrived(State::Problem, Trust::Trusted) };
        assert_eq!(ledger(&history), Ledger::Baseline);
        let ruled = Arrived { rule: Some(("quiet", false)), ..arrived(State::Problem, Trust::Trusted) };
        assert_eq!(ledger(&ruled), Ledger::NotAnAlert);
    }

    #[test]
    fn a_recovery_of_nobody_proven_resolves_nothing() {
        let first = decide(&Settings::default(), &arrived(State::Recovery, Trust::Untrusted));
        assert_eq!(first.reason, Reason::OverUntrusted { why: "no rule".into() });
    }

    #[test]
    fn a_mail_that_lay_in_a_queue_is_of_the_time_it_was_sent() {
        let now = Micros::from_seconds(1_000_000);
        assert_eq!(happened_at(now, Some(now.plus_s(-3_600))), Micros(now.plus_s(-3_599).0 - 1));
        assert_eq!(happened_at(now, Some(now)), now);
        assert_eq!(happened_at(now, Some(now.plus_s(3_600))), now);
        assert_eq!(happened_at(now, Some(Micros(0))), now);
        assert_eq!(happened_at(now, None), now);
    }
}
