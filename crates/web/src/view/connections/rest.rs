//! PagerDuty's REST API and its Events API as they answer us: whose key it is, what it may, how much it has left.

use super::{PollWait, Said};
use crate::i18n::Arg;
use crate::view::{Cause, Frame};
use crate::when;
use model::Micros;
use model::connection::{MissingScope, Owner, RateSeen, TokenState};

/// A clock that is further off makes times in the two systems disagree for people.
const CLOCK_MS: i64 = 30_000;
/// Within this time after its pause a destination is tried again.
const RETRY_S: i64 = 90;
/// So near, a span would say nothing.
const SOON_S: i64 = 5;

#[derive(Clone, Debug, Default)]
pub struct Rest {
    /// A token is set.
    pub configured: bool,
    pub token: TokenState,
    /// A link note is to be put into each new incident.
    pub link_notes: bool,
    /// What is left of its calls, as last told.
    pub rate: Option<RateSeen>,
    /// Why the key itself is refused.
    pub refused: Option<String>,
    /// A try of a poll that failed and is made again.
    pub wait: Option<PollWait>,
    /// When it last answered a whole round of a poll.
    pub answered_at: Option<Micros>,
    pub breaker: Option<BreakerRow>,
}

/// A destination that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerRow {
    pub failures: u64,
    pub opened_at: Option<Micros>,
    /// It is left alone until then.
    pub open_until: Option<Micros>,
    pub why: Option<String>,
}

impl BreakerRow {
    /// In its pause, or tried again and not heard yet.
    pub(super) fn is_open(&self, now: Micros) -> bool {
        self.open_until.is_some_and(|until| until.plus_s(RETRY_S) > now)
    }

    fn again(&self, f: &Frame) -> String {
        again(f, self.open_until)
    }

    /// What failed, when it is tried again, and what helps against it.
    fn said(&self, f: &Frame, key: &str) -> Said {
        let why = self.why.as_deref().unwrap_or_default();
        let args = [
            ("failed", self.failures.value()),
            ("again", self.again(f).value()),
            ("why", if why.is_empty() { f.t("conn-why-unsaid") } else { f.fault(why) }.value()),
        ];
        Said::new("triggered", f.t_args(key, &args), Cause::of(why).remedy(f))
    }
}

/// When something is tried again.
pub(in crate::view) fn again(f: &Frame, at: Option<Micros>) -> String {
    let ahead = at.filter(|at| *at > f.now.plus_s(SOON_S));
    ahead.map_or_else(|| f.t("conn-again-now"), |at| when::ago(f.language, f.now, at))
}

impl Rest {
    pub(super) fn narrowed(self) -> Self {
        let token = TokenState { key: String::new(), owner: Owner::Unknown, rate: None, ..self.token };
        let breaker = self.breaker.map(|breaker| BreakerRow { why: None, ..breaker });
        Self { token, rate: None, breaker, ..self }
    }

    fn broken(&self, f: &Frame) -> Option<Said> {
        if !self.configured {
            return Some(Said::new("unknown", f.t("conn-rest-none"), f.t("alarm-no-token-do")));
        }
        if let Some(why) = &self.refused {
            return Some(Said::new("triggered", f.t1("trouble-key", "why", f.fault(why)), f.t("cause-do-key")));
        }
        let breaker = self.breaker.as_ref().filter(|b| b.is_open(f.now))?;
        Some(breaker.said(f, "conn-rest-away"))
    }

    pub fn said(&self, f: &Frame) -> Said {
        if let Some(said) = self.broken(f) {
            return said;
        }
        if self.token.checked_at.is_none() {
            return self.unchecked(f);
        }
        if !self.token.missing.is_empty() {
            let what = f.t1("conn-rest-missing", "n", self.token.missing.len());
            return Said::new("acknowledged", what, f.t("trouble-scopes-do"));
        }
        if self.token.clock_offset_ms.is_some_and(|ms| ms.abs() > CLOCK_MS) {
            return Said::new(
                "acknowledged",
                f.t1("conn-rest-clock", "clock", self.clock(f)),
                f.t("conn-rest-clock-do"),
            );
        }
        if self.link_notes && self.token.can_write == Some(false) {
            return Said::new("acknowledged", f.t("conn-rest-no-notes"), f.t("conn-rest-no-notes-do"));
        }
        Said::good(f.t(match self.token.can_write {
            Some(true) => "conn-rest-writes",
            Some(false) => "conn-rest-reads",
            None => "conn-rest-maybe",
        }))
    }

    fn unchecked(&self, f: &Frame) -> Said {
        let Some(wait) = &self.wait else {
            return Said { state: "unknown", what: f.t("conn-rest-unchecked"), remedy: None };
        };
        let what = f.t2("conn-rest-waits", "why", f.fault(&wait.why), "again", again(f, Some(wait.due)));
        Said::new("acknowledged", what, Cause::of(&wait.why).remedy(f))
    }

    pub fn owner(&self, f: &Frame) -> String {
        match &self.token.owner {
            Owner::Unknown if self.token.checked_at.is_none() => f.t("conn-owner-unchecked"),
            Owner::Unknown => f.t("conn-owner-unknown"),
            Owner::Account => f.t("conn-owner-account"),
            Owner::User { name, .. } => f.t1("conn-owner-user", "name", f.brief(name)),
        }
    }

    pub fn may(&self, f: &Frame) -> String {
        f.t(match self.token.can_write {
            _ if self.refused.is_some() => "conn-may-nothing",
            None if self.token.checked_at.is_none() => "conn-may-unchecked",
            Some(true) => "conn-may-write",
            Some(false) => "conn-may-read",
            None => "conn-may-unknown",
        })
    }

    /// "742 of 960 calls a minute, 20 s ago".
    pub fn left(&self, f: &Frame) -> String {
        let Some(rate) = self.rate else { return f.t("state-unknown") };
        let ago = when::ago(f.language, f.now, rate.at);
        f.t_args("conn-rate", &[("left", rate.left.value()), ("limit", rate.limit.value()), ("ago", ago.value())])
    }

    /// How far PagerDuty's clock is from ours. An answer's Date has whole seconds, so less than two say nothing.
    pub fn clock(&self, f: &Frame) -> String {
        let Some(ms) = self.token.clock_offset_ms else { return f.t("state-unknown") };
        let span = when::span(f.language, ms.abs() / 1_000);
        match ms {
            -1_999..=1_999 => f.t("conn-clock-same"),
            2_000.. => f.t1("conn-clock-ahead", "span", span),
            _ => f.t1("conn-clock-behind", "span", span),
        }
    }

    pub fn breaker_text(&self, f: &Frame) -> Option<String> {
        breaker_text(self.breaker.as_ref(), f)
    }

    /// What does not work without a permission that is missing.
    pub fn without(&self, f: &Frame, missing: &MissingScope) -> String {
        let text = f.word("without", &missing.what);
        if text == f.brief(&missing.what) { f.brief(&missing.text) } else { text }
    }

    /// What to grant, and what PagerDuty answered.
    pub fn scope(&self, f: &Frame, missing: &MissingScope) -> String {
        let status = missing.status.to_string();
        f.t_args("conn-scope", &[("status", status.value()), ("scope", scope(&missing.what).value())])
    }
}

/// The permission that an app's key needs to read a list.
fn scope(what: &str) -> String {
    match what {
        "log_entries" => "incidents.read".to_owned(),
        "maintenance_windows" => "services.read".to_owned(),
        what => format!("{what}.read"),
    }
}

pub(super) fn breaker_text(breaker: Option<&BreakerRow>, f: &Frame) -> Option<String> {
    let breaker = breaker.filter(|b| b.failures > 0)?;
    let why = f.fault(breaker.why.as_deref().unwrap_or_default());
    let args = [("failed", breaker.failures.value()), ("again", breaker.again(f).value()), ("why", why.value())];
    Some(f.t_args(if breaker.is_open(f.now) { "conn-breaker-open" } else { "conn-breaker-failing" }, &args))
}

/// Events API v2: where our own alarms go.
#[derive(Clone, Debug, Default)]
pub struct EventsApi {
    pub configured: bool,
    pub breaker: Option<BreakerRow>,
}

impl EventsApi {
    pub fn said(&self, f: &Frame) -> Said {
        if !self.configured {
            return Said::new("unknown", f.t("conn-events-none"), f.t("conn-events-none-do"));
        }
        match self.breaker.as_ref().filter(|b| b.is_open(f.now)) {
            None => Said::good(f.t("conn-events-good")),
            Some(breaker) => Said { remedy: Some(f.t("alarm-breaker-do")), ..breaker.said(f, "conn-events-away") },
        }
    }

    pub fn breaker_text(&self, f: &Frame) -> Option<String> {
        breaker_text(self.breaker.as_ref(), f)
    }
}
