//! How a call failed, in kinds that drive the retry, with a text that tells a person what to do. Never carries a
//! secret or a request's body.

use model::Micros;
use model::action::{Fault, Outcome};

/// What kind of failure it was; the kind alone decides what happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The other side will never take this as it stands.
    BadRequest,
    /// 401: the token is wrong.
    Auth,
    /// 403 and 402: the token or the account may not.
    Forbidden,
    NotFound,
    /// 409: something changed meanwhile; look before doing it again.
    Conflict,
    /// 429, or our own limiter before anything was sent.
    Limited,
    /// 5xx and 408.
    Server,
    /// Surely nothing was sent: no address, connection refused, no TLS.
    NoConnection,
    /// Something between us and the other side answered: a proxy, a firewall, a sign-in page. The call never arrived.
    InTheWay,
    /// Our own address guard refused the target; nothing was sent.
    Refused,
    /// Timed out or cut after sending: it may have happened.
    Unknown,
    TooLarge,
    Unreadable,
}

/// A call that did not work out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct CallError {
    pub kind: Kind,
    /// The HTTP status, if an answer began to arrive.
    pub status: Option<u16>,
    /// The vendor's own code, if it gave one.
    pub code: Option<i64>,
    /// For people: what happened and what to do.
    pub text: String,
    pub retry_after_ms: Option<u64>,
    /// Whether the call could change anything over there. A failed read changed nothing, whatever went wrong.
    pub write: bool,
}

/// What the other side's own words stand between.
pub(crate) const OPENS: char = '\u{201c}';
pub(crate) const CLOSES: char = '\u{201d}';

/// The waits before a next try when nobody told one. The breaker of the destination adds its own.
const LIMIT_WAIT_MS: u64 = 5_000;
const DESTINATION_WAIT_MS: u64 = 10_000;
const OURS_WAIT_MS: u64 = 30_000;

impl CallError {
    pub fn new(kind: Kind, write: bool, text: impl Into<String>) -> Self {
        Self { kind, status: None, code: None, text: text.into(), retry_after_ms: None, write }
    }

    /// The other side's own words, as the text quotes them.
    pub fn said(&self) -> Option<&str> {
        let (_, quoted) = self.text.split_once(OPENS)?;
        quoted.rsplit_once(CLOSES).map(|(said, _)| said)
    }

    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    #[must_use]
    pub fn redacted(mut self, secret: &crate::Secret) -> Self {
        self.text = secret.redact(&self.text);
        self
    }

    /// What this failure means for the action that made the call. `settle_ms` is how long the other side may take to
    /// show an effect that did happen.
    pub fn to_outcome(&self, now: Micros, settle_ms: i64) -> Outcome {
        let why = self.text.clone();
        match (self.kind, self.write) {
            (Kind::BadRequest | Kind::Auth | Kind::Forbidden | Kind::NotFound, _) | (Kind::TooLarge, false) => {
                Outcome::Never { why }
            }
            (Kind::Limited, _) => self.later(now, Fault::Limit, LIMIT_WAIT_MS),
            (Kind::NoConnection | Kind::InTheWay, _) | (Kind::Server | Kind::Unknown, false) => {
                self.later(now, Fault::Destination, DESTINATION_WAIT_MS)
            }
            (Kind::Refused, _) | (Kind::Unreadable | Kind::Conflict, false) => {
                self.later(now, Fault::Ours, OURS_WAIT_MS)
            }
            // A server that answers 5xx, or with something we can't read, may have done it before it stumbled.
            (Kind::Server | Kind::Unknown | Kind::Unreadable | Kind::TooLarge | Kind::Conflict, true) => {
                Outcome::Unknown { look_after: now.plus_ms(settle_ms), why }
            }
        }
    }

    fn later(&self, now: Micros, fault: Fault, default_ms: u64) -> Outcome {
        let wait_ms = i64::try_from(self.retry_after_ms.unwrap_or(default_ms)).unwrap_or(i64::MAX);
        Outcome::Later { at: now.plus_ms(wait_ms), fault, why: self.text.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_seconds(1_000);

    fn outcome(kind: Kind, write: bool) -> Outcome {
        CallError::new(kind, write, "why").to_outcome(NOW, 7_000)
    }

    fn fault(outcome: &Outcome) -> Option<Fault> {
        match outcome {
            Outcome::Later { fault, .. } => Some(*fault),
            _ => None,
        }
    }

    #[test]
    fn what_can_never_work_is_never_tried_again() {
        for kind in [Kind::BadRequest, Kind::Auth, Kind::Forbidden, Kind::NotFound] {
            for write in [false, true] {
                assert_eq!(outcome(kind, write), Outcome::Never { why: "why".into() });
            }
        }
    }

    #[test]
    fn a_write_that_may_have_happened_is_looked_up_and_a_read_is_repeated() {
        for kind in [Kind::Server, Kind::Unknown] {
            assert_eq!(outcome(kind, true), Outcome::Unknown { look_after: NOW.plus_ms(7_000), why: "why".into() });
            assert_eq!(fault(&outcome(kind, false)), Some(Fault::Destination));
        }
        assert_eq!(fault(&outcome(Kind::NoConnection, true)), Some(Fault::Destination), "nothing was sent");
        assert_eq!(fault(&outcome(Kind::InTheWay, true)), Some(Fault::Destination), "it never arrived");
        assert!(matches!(outcome(Kind::Unreadable, true), Outcome::Unknown { .. }));
        assert_eq!(fault(&outcome(Kind::Unreadable, false)), Some(Fault::Ours));
    }

    #[test]
    fn a_limit_is_nobodys_fault_and_waits_as_told() {
        let mut error = CallError::new(Kind::Limited, true, "slow down");
        error.retry_after_ms = Some(42_000);
        let expected = Outcome::Later { at: NOW.plus_ms(42_000), fault: Fault::Limit, why: "slow down".into() };
        assert_eq!(error.to_outcome(NOW, 0), expected);
    }
}
