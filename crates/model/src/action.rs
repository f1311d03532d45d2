//! What we mean to do to the outside, with an identity that makes doing it twice impossible to mistake for doing it once.

use crate::act::Act;
use crate::mail::Envelope;
use crate::message::{Card, Link, Message};
use crate::press::Claim;
use crate::{Micros, reference};
use serde::{Deserialize, Serialize};

/// An intention. `key` (duty / subject / reason / generation) is unique for ever, so that a webhook and a poll of one
/// happening make one action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    pub key: String,
    pub duty: String,
    /// What it is about, e.g. an incident's id.
    pub subject: String,
    /// Only a lane's oldest live job runs, so effects on one thing keep their order.
    pub lane: String,
    pub effect: Effect,
    pub not_before: Option<Micros>,
    /// Later than this the effect would mislead: it is skipped, with the reason.
    pub not_after: Option<Micros>,
    pub precondition: Precondition,
    pub why: String,
    pub customer: Option<String>,
    pub queue: Queue,
}

/// What is to be done, by intent. How it is said to the other side is the connector's business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Read one incident whole from PagerDuty's API. Converges: reads the state when it runs.
    ReadIncident { incident: String },
    /// Fetch one page of incidents created in this span (all open ones when `open_only`), then the next page.
    ListIncidents { since: Micros, until: Micros, open_only: bool, offset: u32 },
    /// Fetch one page of the account-wide log between two fixed instants, then the next page.
    ListLog { since: Micros, until: Micros, offset: u32 },
    /// Fetch one page of what is configured; shifts within the span, then those up to `end`. What a whole round since
    /// `round_at` does not show is gone.
    ListReference {
        kind: reference::Kind,
        since: Option<Micros>,
        until: Option<Micros>,
        #[serde(default)]
        end: Option<Micros>,
        offset: u32,
        round_at: Micros,
    },
    /// Fetch the alerts of one incident, for history that needs nothing else.
    ReadAlerts { incident: String },
    /// Look how PagerDuty's webhook subscriptions are.
    LookAtSubscriptions,
    /// Look whose token it is and whether it may write, then which lists it may read.
    LookAtToken,
    /// Look which of the next few lists the token may read.
    LookAtScopes { from: usize },
    /// Switch a webhook subscription on again that PagerDuty gave up on.
    EnableSubscription { subscription: String },
    /// What a person asked for, in that person's own name.
    Act {
        incident: String,
        act: Act,
        /// The PagerDuty user's id and address.
        user: String,
        from: String,
        /// What a note is found by again.
        marker: String,
    },
    /// Add a note to an incident. Looked up by its marker before it is ever sent again.
    Note { incident: String, text: String, marker: String },
    /// Bring our one note of this name beside an incident to what it is to say now. Looked up by its marker before it is ever written.
    KeepNote { incident: String, name: String },
    /// Look in an incident's log whether a button was pressed there as a signal claims, so that it may be believed.
    ConfirmPress { signal: i64, heard_at: Micros, claim: Claim },
    /// Open an alert through Events v2. Its dedup key is native; an unknown outcome is looked up, resolved ones included.
    Page {
        dedup_key: String,
        summary: String,
        source: String,
        severity: String,
        details: serde_json::Value,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        links: Vec<Link>,
        /// The route whose integration key it goes by; `None`: that of our own alarms.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        route: Option<String>,
        /// It tells more than the page before it under the same key: found open, it is sent all the same.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        tells_more: bool,
    },
    /// Acknowledge what `Page` opened: somebody has it, and nobody else need be woken.
    Acknowledge {
        dedup_key: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        route: Option<String>,
    },
    /// Resolve what `Page` opened.
    Settle {
        dedup_key: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        route: Option<String>,
    },
    /// Look whether a page that was accepted (202) became an incident that somebody is assigned to.
    Confirm { dedup_key: String, paged_at: Micros, look: u32 },
    /// Fetch one page of the incidents created in this span, for mails that wait for theirs.
    ListRecent { since: Micros, until: Micros, offset: u32 },
    /// Ask DNS whether a mail's sender is who it says.
    Authenticate { mail: i64 },
    /// Fetch a mail that Amazon SES put into a bucket.
    FetchMail { envelope: Box<Envelope>, bucket: String, object: String },
    /// Look what kept an alert from becoming an incident. Whatever it finds, the post follows.
    FindCause { net: String, generation: i64 },
    /// Post a message to the people. What may be there already is sent once more with a mark, for it can't be looked up.
    Tell {
        /// What kind of thing it is: its channel is looked up when it is sent.
        channel: String,
        /// A channel that a rule names, which goes before the kind's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        message: Message,
    },
    /// Page a person by the second path.
    CallOut { callout: String, channel: Channel },
    /// Put our incident into the one that came late, or resolve it under that, with a note.
    Merge { ours: String, into: String, note: String },
    /// Send the mail of a canary on its way.
    SendCanary { canary: String, route: String },
    /// Bring a post of ours to the state of what it is about. Reads that state when it runs.
    Show { post: String },
    /// Say something in a post's thread, once; to the whole channel as well where it is `loud`.
    Reply { post: String, card: Card, loud: bool },
    /// Answer whoever pressed or asked something in Slack, by the address that came with the signal.
    Respond { signal: i64, answer: Answer },
    /// Fetch what happened in a space since an activity, page after page; without one, only where to begin.
    ListActivities { space: String, since: Option<i64> },
    /// Fetch one page of a space's tickets that changed since then, oldest change first, then the next page.
    ListTickets { space: String, since: Micros, offset: u32 },
    /// Read one ticket whole, with its history. Converges: reads the state when it runs.
    ReadTicket { space: String, key: String },
    /// Write a comment on a ticket. Looked up by its marker before it is ever written again.
    Comment { space: String, key: String, text: String, marker: String },
    /// Fetch one page of a calendar's events: all that end after `since`, or what changed since the token; then the next page.
    SyncCalendar { calendar: String, since: Option<Micros>, token: Option<String>, page: Option<String> },
    /// Fetch a calendar by its ICS address.
    ReadFeed { calendar: String },
    /// Ask Google to tell of a calendar's changes by a channel of ours. Known again by what comes by it.
    OpenChannel { channel: String },
    /// Close a channel, by its id and what Google calls the calendar there.
    CloseChannel { channel: String, resource: String },
    /// Bring a maintenance window of ours to what is wanted. Reads that when it runs; looked up by its marker before it is ever opened
    /// again.
    KeepWindow { window: String },
    /// Carry out a run on its host. Looks at most: each step is begun once, and what was under way when a worker died is not begun again.
    Run { run: i64 },
    /// Try whether a host or a bastion can be reached, and how its clock stands.
    Reach { host: String },
    /// Open the form for a note for whoever pressed; Slack allows three seconds.
    OpenForm { signal: i64, incident: String },
    /// Show a checkpoint of the record outside, by mail or in a bucket that lets nobody change it: an anchor, by its number.
    Anchor { anchor: i64, by: Outside },
}

/// Where else than in Slack a checkpoint is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    Mail,
    Bucket,
}

/// What is answered in Slack. What has to be looked up is looked up when it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Say(Message),
    /// A link by which this member of the workspace signs in once.
    Link,
    Status,
    OnCall,
    Incidents,
    HandOver,
}

/// What the second path reaches a person by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// An address of the desk's own that takes JSON.
    Webhook,
    Mail,
    Sms,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Webhook, Self::Mail, Self::Sms];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }
}

impl Effect {
    /// How a repeat is made harmless (DESIGN: repeat kinds).
    pub const fn repeat(&self) -> Repeat {
        match self {
            Self::ReadIncident { .. }
            | Self::ListIncidents { .. }
            | Self::ListLog { .. }
            | Self::ListReference { .. }
            | Self::ReadAlerts { .. }
            | Self::LookAtSubscriptions
            | Self::LookAtToken
            | Self::LookAtScopes { .. }
            | Self::ListRecent { .. }
            | Self::Authenticate { .. }
            | Self::FetchMail { .. }
            | Self::FindCause { .. }
            | Self::ListActivities { .. }
            | Self::ListTickets { .. }
            | Self::ReadTicket { .. }
            | Self::SyncCalendar { .. }
            | Self::ReadFeed { .. }
            | Self::Run { .. }
            | Self::Reach { .. }
            | Self::ConfirmPress { .. }
            | Self::Confirm { .. } => Repeat::Converge,
            Self::Note { .. } | Self::Page { .. } | Self::Act { .. } | Self::Merge { .. } => Repeat::LookUp,
            Self::KeepNote { .. } | Self::Show { .. } | Self::Reply { .. } | Self::Comment { .. } => Repeat::LookUp,
            Self::OpenChannel { .. } | Self::KeepWindow { .. } => Repeat::LookUp,
            // What is switched on already stays on; a mail that comes twice is known by its Message-ID.
            // A form's trigger works once.
            Self::Acknowledge { .. } | Self::Settle { .. } | Self::EnableSubscription { .. } => Repeat::NativeKey,
            Self::SendCanary { .. } | Self::OpenForm { .. } | Self::CloseChannel { .. } => Repeat::NativeKey,
            // The same mail by its Message-ID, the same object by its name.
            Self::Anchor { .. } => Repeat::NativeKey,
            Self::Tell { .. } | Self::CallOut { .. } | Self::Respond { .. } => Repeat::Marked,
        }
    }

    pub const fn name(&self) -> &'static str {
        match self {
            Self::ReadIncident { .. } => "read_incident",
            Self::ListIncidents { .. } => "list_incidents",
            Self::ListLog { .. } => "list_log",
            Self::ListReference { .. } => "list_reference",
            Self::ReadAlerts { .. } => "read_alerts",
            Self::LookAtSubscriptions => "look_at_subscriptions",
            Self::LookAtToken => "look_at_token",
            Self::LookAtScopes { .. } => "look_at_scopes",
            Self::EnableSubscription { .. } => "enable_subscription",
            Self::Act { .. } => "act",
            Self::Note { .. } => "note",
            Self::KeepNote { .. } => "keep_note",
            Self::ConfirmPress { .. } => "confirm_press",
            Self::Page { .. } => "page",
            Self::Acknowledge { .. } => "acknowledge",
            Self::Settle { .. } => "settle",
            Self::Confirm { .. } => "confirm",
            Self::ListRecent { .. } => "list_recent",
            Self::Authenticate { .. } => "authenticate",
            Self::FetchMail { .. } => "fetch_mail",
            Self::FindCause { .. } => "find_cause",
            Self::Tell { .. } => "tell",
            Self::CallOut { .. } => "call_out",
            Self::Merge { .. } => "merge",
            Self::SendCanary { .. } => "send_canary",
            Self::Show { .. } => "show",
            Self::Reply { .. } => "reply",
            Self::Respond { .. } => "respond",
            Self::OpenForm { .. } => "open_form",
            Self::ListActivities { .. } => "list_activities",
            Self::ListTickets { .. } => "list_tickets",
            Self::ReadTicket { .. } => "read_ticket",
            Self::Comment { .. } => "comment",
            Self::SyncCalendar { .. } => "sync_calendar",
            Self::ReadFeed { .. } => "read_feed",
            Self::OpenChannel { .. } => "open_channel",
            Self::CloseChannel { .. } => "close_channel",
            Self::KeepWindow { .. } => "keep_window",
            Self::Run { .. } => "run",
            Self::Reach { .. } => "reach",
            Self::Anchor { .. } => "anchor",
        }
    }

    /// Whose breaker and limiter this effect passes through.
    pub const fn destination(&self) -> &'static str {
        match self {
            Self::Page { .. } | Self::Acknowledge { .. } | Self::Settle { .. } => "pagerduty-events",
            // Must not wait for a PagerDuty that does not answer: that is what it has to tell.
            Self::FindCause { .. } => "cause",
            Self::Authenticate { .. } => "dns",
            Self::FetchMail { .. } => "s3",
            Self::Tell { .. } | Self::Show { .. } | Self::Reply { .. } => "slack",
            // Somebody waits for it: a channel that can't be posted to must not hold it up.
            Self::Respond { .. } | Self::OpenForm { .. } => "slack-answers",
            Self::ListActivities { .. } | Self::ListTickets { .. } | Self::ReadTicket { .. } | Self::Comment { .. } => {
                "backlog"
            }
            Self::CallOut { channel: Channel::Webhook, .. } => "second-path-webhook",
            Self::CallOut { channel: Channel::Mail, .. }
            | Self::SendCanary { .. }
            | Self::Anchor { by: Outside::Mail, .. } => "mail-relay",
            Self::Anchor { by: Outside::Bucket, .. } => "anchor-bucket",
            Self::CallOut { channel: Channel::Sms, .. } => "second-path-sms",
            Self::SyncCalendar { .. } | Self::OpenChannel { .. } | Self::CloseChannel { .. } => "google-calendar",
            Self::ReadFeed { .. } => "calendar-feeds",
            Self::Run { .. } | Self::Reach { .. } => "hosts",
            _ => "pagerduty",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Carries no content of its own: doing it again reads the state again.
    Converge,
    /// The other side knows our key and takes a repeat for the same thing.
    NativeKey,
    /// We look for the effect by its marker before sending again.
    LookUp,
    /// Can't be looked up: what may have arrived is sent again and says that it may be a repeat.
    Marked,
}

/// Checked right before sending; not met → *skipped*, with the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precondition {
    #[default]
    None,
    IncidentOpen {
        incident: String,
    },
    /// The alert lasts and is of this generation.
    NetOpen {
        net: String,
        generation: i64,
    },
    /// Nobody has answered yet, and it lasts.
    CalloutOpen {
        callout: String,
    },
    /// The canary is neither through nor lost.
    CanaryLive {
        canary: String,
    },
    /// It is the latest reminder there, and nobody has moved.
    Reminds {
        post: String,
        n: u32,
    },
}

/// Queues with worker caps of their own: a page never waits behind a backfill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// What a person waits for: pages, notes.
    Live,
    /// Reading the other side to repair the mirror.
    Read,
    /// History. Round robin by customer.
    Bulk,
    /// Hosts. Round robin by customer; what runs there renews its lease.
    Ssh,
}

impl Queue {
    pub const ALL: [Self; 4] = [Self::Live, Self::Read, Self::Bulk, Self::Ssh];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Read => "read",
            Self::Bulk => "bulk",
            Self::Ssh => "ssh",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.as_str() == text)
    }
}

/// How one try ended. The kind drives what happens next; the text is for people and says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is done; `external` is the other side's id for it, if it has one.
    Done { external: Option<String> },
    /// Nothing happened; try again at `at_us`. `fault` says whose budget it costs.
    Later { at: Micros, fault: Fault, why: String },
    /// It can never work: bad request, gone, not allowed.
    Never { why: String },
    /// It may or may not have happened. Look it up, not before `look_after`.
    Unknown { look_after: Micros, why: String },
    /// Only a person can settle this.
    Human { why: String },
    /// No longer wanted: too late, or what it was for is over.
    Skipped { why: String },
}

/// Whose fault a failed try is: theirs opens the destination's breaker, ours spends the job's attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    Destination,
    Ours,
    /// A limiter's wait: nobody's fault, no attempt spent, breaker untouched.
    Limit,
}
