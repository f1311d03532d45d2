//! What is wrong with the way in which the mirror is fed, for *Now* and for *Connections*: what is so, and what to do.

use super::{Frame, GapRow};
use crate::i18n::Arg;
use crate::when;
use duties::webhook_guard::Health;
use model::Micros;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// PagerDuty refuses the key itself.
    KeyRefused { why: String },
    /// Lists that the key may not read.
    MissingScopes { what: Vec<String> },
    /// The log was last read through at this instant.
    Stale { covered: Micros },
    /// Webhooks of a subscription do not come.
    Subscription {
        subscription: String,
        health: Health,
        asked_at: Option<Micros>,
        tries: u64,
        would_enable: bool,
        every_s: i64,
    },
    /// One that is being filled, or was closed a short while ago.
    Gap(GapRow),
}

impl Trouble {
    /// The shape beside it.
    pub fn shape(&self) -> &'static str {
        match self {
            Self::KeyRefused { .. } | Self::Stale { .. } | Self::Subscription { .. } => "triggered",
            Self::MissingScopes { .. } => "acknowledged",
            Self::Gap(gap) => gap.shape(),
        }
    }

    pub fn what(&self, f: &Frame) -> String {
        match self {
            Self::KeyRefused { why } => f.t1("trouble-key", "why", f.brief(why)),
            Self::MissingScopes { what } => f.t1("trouble-scopes", "what", f.join(what)),
            Self::Stale { covered } => f.t1("trouble-stale", "span", when::between(f.language, *covered, f.now)),
            Self::Subscription { subscription, health, every_s, .. } => {
                f.t2(health_key(*health), "subscription", subscription, "every", f.span(every_s))
            }
            Self::Gap(gap) => gap.story(f),
        }
    }

    pub fn remedy(&self, f: &Frame) -> String {
        match self {
            Self::KeyRefused { .. } => f.t("alarm-refused-do"),
            Self::MissingScopes { .. } => f.t("trouble-scopes-do"),
            Self::Stale { .. } => f.t("trouble-stale-do"),
            Self::Subscription { health, asked_at, tries, would_enable, .. } => {
                subscription_remedy(f, *health, *asked_at, *tries, *would_enable)
            }
            Self::Gap(gap) => gap.remedy(f),
        }
    }

    pub const fn href(&self) -> &'static str {
        match self {
            Self::KeyRefused { .. } | Self::MissingScopes { .. } => "/connections#rest",
            Self::Stale { .. } => "/connections#polls",
            Self::Subscription { .. } => "/connections#webhooks",
            Self::Gap(_) => "/connections#gaps",
        }
    }
}

const fn health_key(health: Health) -> &'static str {
    match health {
        Health::Ok => "trouble-sub-ok",
        Health::Inactive => "trouble-sub-inactive",
        Health::TemporarilyDisabled => "trouble-sub-given-up",
        Health::Deleted => "trouble-sub-deleted",
        Health::Silent => "trouble-sub-silent",
    }
}

/// What to do about a subscription whose webhooks do not come.
pub(super) fn subscription_remedy(
    f: &Frame,
    health: Health,
    asked_at: Option<Micros>,
    tries: u64,
    would_enable: bool,
) -> String {
    match (health, asked_at) {
        (Health::Ok, _) => f.t("sub-do-ok"),
        (Health::Inactive, _) => f.t("sub-do-inactive"),
        (Health::Deleted, _) => f.t("sub-do-deleted"),
        (Health::Silent, _) => f.t("alarm-silent-do"),
        (Health::TemporarilyDisabled, _) if would_enable => f.t("sub-do-would"),
        (Health::TemporarilyDisabled, Some(at)) => {
            let ago = when::ago(f.language, f.now, at);
            f.t_args("sub-do-asked", &[("tries", tries.value()), ("ago", ago.value())])
        }
        (Health::TemporarilyDisabled, None) => f.t("sub-do-will"),
    }
}
