//! What is wrong with the way in which the mirror is fed, for *Now* and for *Connections*: what is so, and what to do.

use super::connections::{again, is_of_pagerduty, poll_remedy, slack_channel};
use super::frame::counted;
use super::{BackfillRow, Frame, GapRow};
use crate::i18n::Arg;
use crate::when;
use duties::webhook_guard::Health;
use model::Micros;
use model::connection::poll;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Signals wait unread; `silent_since` if no worker has been heard of since then.
    Unread { waiting: u64, since: Micros, is_long: bool, silent_since: Option<Micros> },
    /// No process that reads and acts has been heard of since.
    NoWorker { seen: Micros },
    /// PagerDuty refuses the key itself.
    KeyRefused { why: String },
    /// Lists that the key may not read.
    MissingScopes { what: Vec<String> },
    /// Polls that are refused, all by PagerDuty or none by it; `why` is what was said of the first of them.
    PollsRefused { names: Vec<String>, why: String, read_at: Option<Micros>, due: Micros },
    /// Polls whose tries have come to nothing for a while.
    PollsWait { names: Vec<String>, why: String, due: Micros },
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
    /// A secret is set, and no subscription leads here.
    NoSubscription { address: String, has_url: bool },
    /// History that could not be fetched whole.
    History(Box<BackfillRow>),
    /// One that is being filled, or was closed a short while ago.
    Gap(GapRow),
    /// PagerDuty is held to be out.
    Outage { waiting: u64 },
    /// Alerts that nothing in PagerDuty stands against.
    Missing { n: u64 },
    /// A closed day whose ledger has another number of mails than the receivers counted.
    Unbalanced { day: String, difference: i64 },
    /// Messages that can't be shown in Slack; `why` is what is said of the oldest.
    SlackPosts { channels: Vec<String>, why: String, waiting: u64 },
    /// Socket Mode's connection is not open.
    SlackSocket { why: String },
    /// Slack refuses the token that posts are made with.
    SlackToken { why: String },
}

impl Trouble {
    /// The shape beside it.
    pub fn shape(&self) -> &'static str {
        match self {
            Self::KeyRefused { .. } | Self::Stale { .. } | Self::Subscription { .. } | Self::NoWorker { .. } => {
                "triggered"
            }
            Self::Unread { is_long: true, .. } | Self::Outage { .. } | Self::Unbalanced { .. } => "triggered",
            Self::SlackPosts { .. } => "triggered",
            Self::SlackSocket { .. } => "acknowledged",
            Self::SlackToken { .. } => "triggered",
            Self::Missing { .. } => "missing",
            // Without that list, nothing is mirrored.
            Self::MissingScopes { what } if what.iter().any(|list| list == "incidents") => "triggered",
            Self::PollsRefused { names, .. } if names.iter().any(|name| name == poll::OPEN) => "triggered",
            Self::PollsRefused { .. } | Self::PollsWait { .. } | Self::History(_) => "acknowledged",
            Self::Unread { .. } | Self::MissingScopes { .. } | Self::NoSubscription { .. } => "acknowledged",
            Self::Gap(gap) => gap.shape(),
        }
    }

    pub fn what(&self, f: &Frame) -> String {
        match self {
            Self::Unread { waiting, since, .. } => {
                f.t2("trouble-unread", "waiting", waiting, "span", f.between(since, &f.now))
            }
            Self::NoWorker { seen } => f.t1("trouble-no-worker", "span", f.between(seen, &f.now)),
            Self::NoSubscription { .. } => f.t("trouble-no-sub"),
            Self::KeyRefused { why } => f.t1("trouble-key", "why", f.fault(why)),
            Self::MissingScopes { what } => f.t1("trouble-scopes", "what", f.join(what)),
            Self::PollsRefused { names, why, read_at, due } => refused(f, names, why, *read_at, *due),
            Self::PollsWait { names, why, due } => {
                let args = [("which", polls(f, names)), ("why", f.fault(why)), ("again", again(f, Some(*due)))];
                f.t_args("trouble-polls-wait", &args.map(|(name, text)| (name, text.value())))
            }
            Self::Stale { covered } => f.t1("trouble-stale", "span", when::between(f.language, *covered, f.now)),
            Self::Subscription { subscription, health, every_s, .. } => {
                f.t2(health_key(*health), "subscription", subscription, "every", f.span(every_s))
            }
            Self::History(row) => f.t2("trouble-history", "span", row.span(f), "why", row.why(f).unwrap_or_default()),
            Self::Gap(gap) => gap.story(f),
            Self::Outage { waiting } => f.t_args("trouble-outage", &[("n", counted(*waiting))]),
            Self::Missing { n } => f.t_args("trouble-missing", &[("n", counted(*n))]),
            Self::SlackPosts { channels, why, waiting } => {
                let which: Vec<String> = channels.iter().map(|channel| slack_channel(f, channel)).collect();
                let args = [("n", waiting.value()), ("which", f.join(&which).value()), ("why", f.whole(why).value())];
                f.t_args("trouble-slack-posts", &args)
            }
            Self::SlackSocket { why } => f.t1("trouble-slack-socket", "why", f.whole(why)),
            Self::SlackToken { why } => f.t1("trouble-slack-token", "why", f.whole(why)),
            Self::Unbalanced { day, difference } => f.t2("trouble-unbalanced", "day", day, "difference", difference),
        }
    }

    pub fn remedy(&self, f: &Frame) -> String {
        match self {
            Self::Unread { silent_since: Some(seen), .. } | Self::NoWorker { seen } => {
                f.t1("trouble-no-worker-do", "span", f.between(seen, &f.now))
            }
            Self::Unread { .. } => f.t("trouble-unread-do"),
            Self::NoSubscription { address, has_url } => subscribe(f, address, *has_url),
            Self::KeyRefused { .. } => f.t("cause-do-key"),
            Self::PollsRefused { names, why, .. } | Self::PollsWait { names, why, .. } => {
                poll_remedy(f, names.first().map_or("", String::as_str), why)
            }
            Self::MissingScopes { .. } => f.t("trouble-scopes-do"),
            Self::Stale { .. } => f.t("trouble-stale-do"),
            Self::Subscription { health, asked_at, tries, would_enable, .. } => {
                subscription_remedy(f, *health, *asked_at, *tries, *would_enable)
            }
            Self::History(row) => f.t1("trouble-history-do", "date", row.first_day(f)),
            Self::Gap(gap) => gap.remedy(f),
            Self::Outage { .. } => f.t("trouble-outage-do"),
            Self::Missing { .. } => f.t("trouble-missing-do"),
            Self::Unbalanced { .. } => f.t("trouble-unbalanced-do"),
            Self::SlackPosts { .. } => f.t("trouble-slack-posts-do"),
            Self::SlackSocket { .. } => f.t("trouble-slack-socket-do"),
            Self::SlackToken { .. } => f.t("trouble-slack-token-do"),
        }
    }

    pub const fn href(&self) -> &'static str {
        match self {
            Self::KeyRefused { .. } | Self::MissingScopes { .. } => "/connections#rest",
            Self::Stale { .. } | Self::PollsRefused { .. } | Self::PollsWait { .. } => "/connections#polls",
            Self::Unread { .. } | Self::NoWorker { .. } => "/connections#processes",
            Self::Subscription { .. } | Self::NoSubscription { .. } => "/connections#webhooks",
            Self::History(_) => "/backfills",
            Self::Gap(_) => "/connections#gaps",
            Self::Outage { .. } => "/safety-net/outages",
            Self::Missing { .. } => "/safety-net?ledger=lacking",
            Self::Unbalanced { .. } => "/safety-net/ledger",
            Self::SlackPosts { .. } | Self::SlackSocket { .. } | Self::SlackToken { .. } => "/connections#slack",
        }
    }
}

fn refused(f: &Frame, names: &[String], why: &str, read_at: Option<Micros>, due: Micros) -> String {
    let read = read_at.map_or_else(|| f.t("never"), |at| when::ago(f.language, f.now, at));
    let args = [("which", polls(f, names)), ("read", read), ("why", f.fault(why)), ("again", again(f, Some(due)))];
    let key =
        if names.iter().all(|name| is_of_pagerduty(name)) { "trouble-polls-refused" } else { "trouble-polls-unread" };
    f.t_args(key, &args.map(|(name, text)| (name, text.value())))
}

fn polls(f: &Frame, names: &[String]) -> String {
    f.join(&names.iter().map(|name| f.poll(name)).collect::<Vec<_>>())
}

/// How to let PagerDuty send webhooks here.
pub(super) fn subscribe(f: &Frame, address: &str, has_url: bool) -> String {
    f.t1(if has_url { "trouble-no-sub-do" } else { "trouble-no-sub-url-do" }, "address", address)
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
