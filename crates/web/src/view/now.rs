//! *Now*: what is open, who has it, what happened last, and whether the mirror can be trusted.

use super::frame::{counted, is_least};
use super::{BackfillRow, Cause, Doubt, Frame, IncidentLink, IncidentRow, JobCounts, Named, Trouble};
use crate::{text, when};
use model::Micros;
use model::incident::{Actor, Change};

#[derive(Clone, Debug)]
pub struct NowView {
    /// Counted no further than a little above a thousand, as all counts of incidents and waiting jobs are here.
    pub open: u64,
    /// Of the open ones, those that nobody has acknowledged.
    pub untaken: u64,
    pub oldest_at: Option<Micros>,
    /// By customer, the worst first; the rows may be fewer than `open`.
    pub groups: Vec<OpenGroup>,
    pub last_resolved_at: Option<Micros>,
    /// Newest first.
    pub recent: Vec<Happening>,
    pub mirror: Mirror,
    /// A key or a webhook secret is configured.
    pub is_connected: bool,
    pub is_demo: bool,
    /// Why what is said of open incidents can't be taken for the truth of this moment.
    pub doubt: Option<Doubt>,
    pub jobs: JobCounts,
    /// Of the open ones, those that PagerDuty shows no more.
    pub hidden: u64,
    pub alarms: Vec<Alarm>,
    pub fed: Fed,
}

/// What is no trouble and good to know of how the mirror is fed.
#[derive(Clone, Debug, Default)]
pub struct Fed {
    /// No webhooks are configured: PagerDuty is asked every so many seconds.
    pub poll_only_s: Option<i64>,
    pub backfill: Option<BackfillRow>,
}

impl Fed {
    /// (sentence, the page with more)
    pub fn lines(&self, f: &Frame) -> Vec<(String, &'static str)> {
        let poll = self.poll_only_s.map(|s| (f.t1("conn-hooks-none", "every", f.span(&s)), "/connections#webhooks"));
        let backfill = self
            .backfill
            .as_ref()
            .map(|row| (f.t2("backfills-live", "span", row.span(f), "told", row.told(f)), "/backfills"));
        poll.into_iter().chain(backfill).collect()
    }
}

#[derive(Clone, Debug)]
pub struct OpenGroup {
    /// `None` for what belongs to no customer.
    pub customer: Option<Named>,
    pub total: u64,
    pub high: u64,
    pub rows: Vec<IncidentRow>,
}

#[derive(Clone, Debug)]
pub struct Happening {
    pub at: Micros,
    pub incident: IncidentLink,
    pub actor: Option<Actor>,
    pub what: Change,
    pub again: bool,
}

impl Happening {
    pub fn line(&self, f: &Frame) -> String {
        text::happened(f, self.actor.as_ref(), &self.what, self.again)
    }
}

/// How well the mirror follows PagerDuty.
#[derive(Clone, Debug, Default)]
pub struct Mirror {
    pub received: u64,
    pub processed: u64,
    pub waiting: u64,
    /// Authentic, but nobody can read it.
    pub unreadable: u64,
    /// Reading it fails by our own fault.
    pub dead: u64,
    pub lost: u64,
    pub oldest_waiting_at: Option<Micros>,
    pub last_webhook_at: Option<Micros>,
    pub last_read_at: Option<Micros>,
}

/// Something about ourselves that a person should know now.
#[derive(Clone, Debug)]
pub struct Alarm {
    pub since: Option<Micros>,
    pub kind: AlarmKind,
}

#[derive(Clone, Debug)]
pub enum AlarmKind {
    /// A webhook came with a wrong signature for a subscription that is ours; PagerDuty keeps the events.
    WrongSignature {
        subscription: String,
        refused: u64,
    },
    /// The API refuses our token.
    ApiRefused {
        status: u16,
    },
    /// The API does not answer as it should; the last call said why.
    ApiAway {
        failed: u64,
        why: String,
    },
    /// The API shows changes that no webhook told.
    WebhooksSilent {
        missed: u64,
    },
    /// No token: incidents are known from webhooks alone.
    NoToken,
    /// Open here, and PagerDuty shows them to the key no more.
    Hidden {
        n: u64,
    },
    /// Jobs that will not be tried again unless a person says so.
    DeadJobs {
        dead: u64,
    },
    /// The two independent counts differ.
    Lost {
        lost: u64,
    },
    /// The way in which the mirror is fed.
    Fed(Trouble),
    /// People were called for tickets, or for promises whose time has come, and nobody has taken them.
    Tickets {
        n: u64,
    },
    Events {
        n: u64,
    },
    /// Anything else, already in the reader's language: what is so, and what to do.
    Other {
        worst: bool,
        what: String,
        remedy: String,
    },
}

impl Mirror {
    pub const fn ever_heard(&self) -> bool {
        self.last_webhook_at.is_some() || self.last_read_at.is_some() || self.received > 0
    }

    fn sentence_key(&self) -> &'static str {
        match self {
            _ if !self.ever_heard() => "mirror-never",
            m if m.lost > 0 => "mirror-lost",
            m if m.dead > 0 => "mirror-dead",
            // Counts are a moment older than the look at the oldest: it may have been read in between.
            m if m.waiting > 0 && m.oldest_waiting_at.is_none() => "mirror-waiting-new",
            m if m.waiting > 0 => "mirror-waiting",
            _ => "mirror-good",
        }
    }

    pub fn sentence(&self, f: &Frame) -> String {
        let oldest = self.oldest_waiting_at.map_or_else(String::new, |at| when::between(f.language, at, f.now));
        let (dead, waiting, lost) = (self.dead.into(), self.waiting.into(), self.lost.into());
        f.t_args(
            self.sentence_key(),
            &[("dead", dead), ("waiting", waiting), ("lost", lost), ("oldest", oldest.into())],
        )
    }
}

impl NowView {
    /// The answer in words.
    pub fn sentence(&self, f: &Frame) -> String {
        if !self.mirror.ever_heard() {
            return f.t("now-never");
        }
        match (self.open, self.doubt) {
            (0, None) if f.outage.is_some() => f.t("now-none-outage"),
            (0, None) if f.lacking > 0 => f.t_args("now-none-lacking", &[("n", counted(f.lacking))]),
            (0, None) => f.t("now-none"),
            (0, Some(doubt)) => doubt.none(f),
            (_, None) => self.open_sentence(f),
            (_, Some(doubt)) => doubt.some(f, self.open_sentence(f)),
        }
    }

    fn open_sentence(&self, f: &Frame) -> String {
        let oldest = self.oldest_at.map_or_else(String::new, |at| when::between(f.language, at, f.now));
        let key = match self.untaken {
            0 => "now-all-taken",
            n if n == self.open && !is_least(n) => "now-none-taken",
            _ => "now-some-taken",
        };
        f.t_args(key, &[("open", counted(self.open)), ("untaken", counted(self.untaken)), ("oldest", oldest.into())])
    }

    /// The shape beside the answer.
    pub fn state(&self, f: &Frame) -> &'static str {
        match self {
            v if !v.mirror.ever_heard() => "unknown",
            v if v.open == 0 && f.lacking > 0 => "missing",
            v if v.open == 0 && (v.doubt.is_some() || f.outage.is_some()) => "unknown",
            v if v.open == 0 => "resolved",
            v if v.untaken > 0 => "triggered",
            _ => "acknowledged",
        }
    }

    pub fn all_open(&self, f: &Frame) -> String {
        f.t_args("now-all-open", &[("n", counted(self.open))])
    }

    pub fn shown(&self) -> u64 {
        self.groups.iter().map(|g| g.rows.len() as u64).sum()
    }
}

impl Alarm {
    pub fn state(&self) -> &'static str {
        match &self.kind {
            AlarmKind::Fed(trouble) => trouble.shape(),
            AlarmKind::NoToken | AlarmKind::Hidden { .. } | AlarmKind::Other { worst: false, .. } => "unknown",
            AlarmKind::WebhooksSilent { .. } | AlarmKind::DeadJobs { .. } => "acknowledged",
            _ => "triggered",
        }
    }

    /// What is so.
    pub fn what(&self, f: &Frame) -> String {
        match &self.kind {
            AlarmKind::WrongSignature { subscription, refused } => {
                f.t2("alarm-signature", "subscription", subscription, "refused", refused)
            }
            AlarmKind::ApiRefused { status } => f.t1("alarm-refused", "status", status.to_string()),
            AlarmKind::ApiAway { failed, why } => f.t2("alarm-away", "failed", failed, "why", f.fault(why)),
            AlarmKind::WebhooksSilent { missed } => f.t1("alarm-silent", "missed", missed),
            AlarmKind::NoToken => f.t("alarm-no-token"),
            AlarmKind::Hidden { n } => f.t1("alarm-hidden", "n", n),
            AlarmKind::DeadJobs { dead } => f.t1("alarm-dead-jobs", "dead", dead),
            AlarmKind::Lost { lost } => f.t1("alarm-lost", "lost", lost),
            AlarmKind::Fed(trouble) => trouble.what(f),
            AlarmKind::Tickets { n } => f.t1("alarm-tickets", "n", n),
            AlarmKind::Events { n } => f.t1("alarm-events", "n", n),
            AlarmKind::Other { what, .. } => what.clone(),
        }
    }

    /// What to do about it.
    pub fn remedy(&self, f: &Frame) -> String {
        match &self.kind {
            AlarmKind::WrongSignature { .. } => f.t("alarm-signature-do"),
            AlarmKind::ApiRefused { .. } => f.t("alarm-refused-do"),
            AlarmKind::ApiAway { why, .. } => Cause::of(why).remedy(f),
            AlarmKind::WebhooksSilent { .. } => f.t("alarm-silent-do"),
            AlarmKind::NoToken => f.t("alarm-no-token-do"),
            AlarmKind::Hidden { .. } => f.t("alarm-hidden-do"),
            AlarmKind::DeadJobs { .. } => f.t("alarm-dead-jobs-do"),
            AlarmKind::Lost { .. } => f.t("alarm-lost-do"),
            AlarmKind::Fed(trouble) => trouble.remedy(f),
            AlarmKind::Tickets { .. } => f.t("alarm-tickets-do"),
            AlarmKind::Events { .. } => f.t("alarm-events-do"),
            AlarmKind::Other { remedy, .. } => remedy.clone(),
        }
    }

    /// The word on the link to it.
    pub const fn link_key(&self) -> &'static str {
        if matches!(&self.kind, AlarmKind::Fed(_) | AlarmKind::ApiAway { .. }) { "notes-more" } else { "alarm-rows" }
    }

    /// The page with the rows behind it.
    pub const fn href(&self) -> Option<&'static str> {
        match &self.kind {
            AlarmKind::DeadJobs { .. } => Some("/jobs?state=dead"),
            AlarmKind::Hidden { .. } => Some("/incidents?status=open"),
            AlarmKind::Lost { .. } => Some("/connections#account"),
            AlarmKind::ApiAway { .. } => Some("/connections#rest"),
            AlarmKind::Fed(trouble) => Some(trouble.href()),
            AlarmKind::Tickets { .. } => Some("/tickets?state=called"),
            AlarmKind::Events { .. } => Some("/calendar"),
            _ => None,
        }
    }
}
