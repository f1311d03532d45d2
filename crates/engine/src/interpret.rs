//! What a signal means. Pure but for its inputs: bytes in, events out, nothing written; what can't be read says where
//! and why, and stays in the inbox as *unreadable*.

mod beside;

use connectors::pagerduty;
use connectors::slack::Inbound;
use duties::confirm::Pending;
use duties::intake_guard::Noticed;
use duties::mail::{Desk, Read};
use duties::safety_net::desk::Said;
use model::Micros;
use model::connection::SubscriptionsState;
use model::event::Event;
use model::incident::Fact;
use model::mail::{Door, Envelope, Reading, Trust};
use model::press::Claim;
use model::reference;
use model::signal::{Origin, source};
use model::ticket::Hint;
use serde::{Deserialize, Serialize};
use store::inbox::New;
use store::timers::Timer;

/// The headers of a document that we fetched ourselves: what it is, and when it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Fetched {
    Incident {
        incident: String,
        asked_at: Micros,
    },
    List {
        asked_at: Micros,
    },
    /// A page of the account-wide log.
    Log {
        asked_at: Micros,
    },
    Alerts {
        incident: String,
        asked_at: Micros,
    },
    Reference {
        of: reference::Kind,
        asked_at: Micros,
    },
    /// The webhook subscriptions, in our own words.
    Subscriptions {
        asked_at: Micros,
    },
}

/// What SPF and DKIM said of a mail that came earlier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    pub mail: i64,
    pub trust: Trust,
    pub why: String,
}

/// A mail, read.
#[derive(Debug)]
pub struct Mailed {
    pub door: Door,
    pub envelope: Envelope,
    pub read: Read,
}

/// What is kept of a mail's reading beside the columns of its row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub reading: Reading,
    /// See `duties::mail::Read::alike`.
    #[serde(default)]
    pub alike: Option<String>,
    pub text: String,
    pub sent_at: Option<Micros>,
    pub from_name: String,
    pub to: Vec<String>,
    pub trust_why: String,
    pub notes: Vec<String>,
    pub envelope: Envelope,
    pub is_configured: bool,
}

/// So much of a mail's text is kept beside the mail itself.
const MOST_TEXT: usize = 16_000;

impl Mailed {
    pub fn kept(&self) -> Kept {
        let read = &self.read;
        Kept {
            reading: read.reading.clone(),
            alike: read.alike.clone(),
            text: model::text::cut(&read.text, MOST_TEXT),
            sent_at: read.sent_at,
            from_name: read.from_name.clone(),
            to: read.to.clone(),
            trust_why: read.trust_why.clone(),
            notes: read.notes.clone(),
            envelope: self.envelope.clone(),
            is_configured: read.is_configured,
        }
    }
}

/// What a page of the account-wide log is called.
pub const LOG_LISTED: &str = "log.listed";

/// A signal, read.
#[derive(Debug)]
pub struct Interpreted {
    pub id: i64,
    pub origin: Origin,
    pub received_at: Micros,
    pub event_type: Option<String>,
    /// The webhook subscription that it came by.
    pub subscription: Option<String>,
    pub meaning: Meaning,
}

#[derive(Debug)]
pub enum Meaning {
    /// Facts that somebody told us.
    Told(Vec<Fact>),
    /// One incident, read whole.
    Whole {
        incident: String,
        asked_at: Micros,
        facts: Vec<Fact>,
    },
    /// A page of a list: snapshots only.
    Listed(Vec<Fact>),
    /// The alerts of one incident of history.
    Alerts {
        incident: String,
        asked_at: Micros,
        facts: Vec<Fact>,
    },
    /// A page of what is configured.
    Configured {
        asked_at: Micros,
        things: Vec<reference::Thing>,
    },
    Subscriptions(SubscriptionsState),
    Noticed(Noticed),
    Confirm(Pending),
    Mail(Box<Mailed>),
    Checked(Checked),
    Desk(Said),
    /// Buttons in PagerDuty, pressed as far as somebody claims.
    Pressed(Vec<Claim>),
    /// Something happened to tickets of a space.
    Hint {
        space: String,
        hint: Hint,
    },
    Ticket {
        reading: Box<model::ticket::Reading>,
        asked_at: Micros,
    },
    TicketTimer(crate::bridges::Told),
    /// What a calendar told of its events.
    Events(crate::bridges::calendar::News),
    EventTimer(crate::bridges::calendar::Told),
    /// Google says that a calendar has changed.
    Push(crate::bridges::push::Heard),
    /// What people pressed or asked for in Slack.
    Slack(Box<Inbound>),
    /// A mail inside another signal.
    Inside(Box<(Envelope, Vec<u8>)>),
    /// A mail that lies in a bucket.
    Stored {
        envelope: Box<Envelope>,
        bucket: String,
        object: String,
    },
    /// Understood, and nothing follows from it.
    Nothing,
    Unreadable(String),
}

impl Meaning {
    /// What it says of incidents.
    pub fn facts(&self) -> &[Fact] {
        match self {
            Self::Told(facts) | Self::Whole { facts, .. } | Self::Listed(facts) | Self::Alerts { facts, .. } => facts,
            _ => &[],
        }
    }

    /// How much of a transaction it takes.
    pub const fn weight(&self) -> usize {
        match self {
            Self::Told(facts) | Self::Whole { facts, .. } | Self::Alerts { facts, .. } => 1 + facts.len(),
            // Each is an incident of its own, to be folded and saved.
            Self::Listed(facts) => 1 + 4 * facts.len(),
            Self::Configured { things, .. } => 1 + things.len(),
            // Each is an event of its own, to be judged and saved.
            Self::Events(news) => 1 + 2 * news.changes.len() + news.unread.len(),
            // Its row, its words, its alert and its timer.
            Self::Mail(_) => 3,
            _ => 1,
        }
    }
}

pub fn interpret(row: &New, desk: &Desk) -> Interpreted {
    let (event_type, meaning) = match row.source.as_str() {
        source::PAGERDUTY_WEBHOOK => webhook(&row.raw),
        source::PAGERDUTY_ACTION => beside::pressed(row),
        source::PAGERDUTY_API => fetched(row),
        source::GUARD => noticed(&row.raw),
        source::TIMER => timer(&row.raw),
        source::MAIL_CHECK => checked(&row.raw),
        source::DESK => desk_said(&row.raw),
        source::SLACK => beside::slack(&row.raw),
        source::BACKLOG_WEBHOOK => beside::backlog_hint(row),
        source::BACKLOG_API => beside::ticket(row),
        source::CALENDAR_API | source::CALENDAR_FEED => beside::events(row, desk),
        source::CALENDAR_PUSH => beside::pushed(row),
        source::SNS => sns(&row.raw),
        other if Door::of_source(other).is_some() => mail(row, desk),
        other => (None, Meaning::Unreadable(format!("no reader for the source {other:?}: run the newer program"))),
    };
    let subscription = if row.source == source::PAGERDUTY_WEBHOOK { subscription(&row.headers) } else { None };
    Interpreted { id: row.id, origin: row.origin, received_at: row.received_at, event_type, subscription, meaning }
}

fn subscription(headers: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Kept {
        #[serde(rename = "x-webhook-subscription")]
        subscription: Option<String>,
    }
    serde_json::from_str::<Kept>(headers).ok()?.subscription.filter(|id| !id.is_empty())
}

fn webhook(raw: &[u8]) -> (Option<String>, Meaning) {
    let parsed = match pagerduty::parse_webhook(raw) {
        Ok(parsed) => parsed,
        Err(error) => return (None, Meaning::Unreadable(error.to_string())),
    };
    let facts: Vec<Fact> = parsed
        .events
        .into_iter()
        .filter_map(|event| match event {
            Event::Incident(fact) => Some(*fact),
            Event::Service { .. } | Event::Ping { .. } | Event::Unknown { .. } => None,
        })
        .collect();
    let meaning = if facts.is_empty() { Meaning::Nothing } else { Meaning::Told(facts) };
    (Some(parsed.event_type), meaning)
}

fn fetched(row: &New) -> (Option<String>, Meaning) {
    match json::<Fetched>(row.headers.as_bytes(), "what was fetched") {
        Ok(Fetched::Incident { incident, asked_at }) => {
            let meaning = match pagerduty::facts_from_whole(&row.raw, asked_at) {
                Ok(facts) => Meaning::Whole { incident, asked_at, facts },
                Err(error) => Meaning::Unreadable(error.to_string()),
            };
            (Some("incident.read".into()), meaning)
        }
        Ok(Fetched::List { asked_at }) => {
            let facts = pagerduty::facts_from_list(&row.raw, asked_at);
            let meaning = facts.map_or_else(|error| Meaning::Unreadable(error.to_string()), Meaning::Listed);
            (Some("incidents.listed".into()), meaning)
        }
        Ok(Fetched::Log { asked_at: _ }) => {
            let facts = pagerduty::facts_from_log_entries(&row.raw);
            let meaning = facts.map_or_else(|error| Meaning::Unreadable(error.to_string()), Meaning::Told);
            (Some(LOG_LISTED.into()), meaning)
        }
        Ok(Fetched::Alerts { incident, asked_at }) => {
            let meaning = match pagerduty::facts_from_alerts(&row.raw, asked_at) {
                Ok(facts) => Meaning::Alerts { incident, asked_at, facts },
                Err(error) => Meaning::Unreadable(error.to_string()),
            };
            (Some("alerts.read".into()), meaning)
        }
        Ok(Fetched::Reference { of: kind, asked_at }) => {
            let meaning = match pagerduty::reference_from_list(kind, &row.raw) {
                Ok(things) => Meaning::Configured { asked_at, things },
                Err(error) => Meaning::Unreadable(error.to_string()),
            };
            (Some(format!("{}.listed", kind.as_str())), meaning)
        }
        Ok(Fetched::Subscriptions { .. }) => {
            let state = json(&row.raw, "how the webhook subscriptions are");
            (Some("subscriptions.seen".into()), state.map_or_else(Meaning::Unreadable, Meaning::Subscriptions))
        }
        Err(why) => (None, Meaning::Unreadable(why)),
    }
}

/// A mail is read whatever it is; only its envelope, which is ours, can be unreadable.
fn mail(row: &New, desk: &Desk) -> (Option<String>, Meaning) {
    let envelope = match json::<Envelope>(row.headers.as_bytes(), "the envelope of a mail") {
        Ok(envelope) => envelope,
        Err(why) => return (None, Meaning::Unreadable(why)),
    };
    let read = duties::mail::read(desk, &envelope, &row.raw, envelope.checked.as_ref(), row.received_at);
    let event_type = format!("mail.{}", read.reading.state.as_str());
    (Some(event_type), Meaning::Mail(Box::new(Mailed { door: envelope.door, envelope, read: without_nul(read) })))
}

/// No text of ours holds U+0000, which PostgreSQL refuses.
fn without_nul(mut read: Read) -> Read {
    let clean = |text: &mut String| {
        if text.contains('\0') {
            *text = text.replace('\0', "\u{fffd}");
        }
    };
    for text in [&mut read.from, &mut read.from_name, &mut read.subject, &mut read.text, &mut read.monitor] {
        clean(text);
    }
    for text in read.message_id.iter_mut().chain(&mut read.reading.host).chain(&mut read.reading.check) {
        clean(text);
    }
    clean(&mut read.reading.key);
    clean(&mut read.reading.title);
    read
}

/// A receipt of SES, or an alarm that somebody publishes to the topic.
fn sns(raw: &[u8]) -> (Option<String>, Meaning) {
    use connectors::ses::{Content, Receipt};
    let message = match connectors::sns::read(raw) {
        Ok(message) => message,
        Err(error) => return (None, Meaning::Unreadable(error.to_string())),
    };
    match connectors::ses::read(&message.message) {
        Ok(Receipt::Setup) => (Some("ses.setup".into()), Meaning::Nothing),
        Ok(Receipt::Mail(received)) => {
            let received = *received;
            let meaning = match received.content {
                Content::Inline(mail) => Meaning::Inside(Box::new((received.envelope, mail))),
                Content::Stored { bucket, key } => {
                    Meaning::Stored { envelope: Box::new(received.envelope), bucket, object: key }
                }
            };
            (Some("ses.received".into()), meaning)
        }
        Ok(Receipt::Other) => {
            let at = message.at;
            let mail = crate::post::of_notification(
                &message.topic,
                message.subject.as_deref(),
                &message.message,
                at,
                &message.id,
            );
            (Some("sns.notification".into()), Meaning::Inside(Box::new(mail)))
        }
        Err(error) => (Some("ses.received".into()), Meaning::Unreadable(error.to_string())),
    }
}

fn desk_said(raw: &[u8]) -> (Option<String>, Meaning) {
    let said = json(raw, "what somebody at the desk decided");
    (Some("desk.said".into()), said.map_or_else(Meaning::Unreadable, Meaning::Desk))
}

fn checked(raw: &[u8]) -> (Option<String>, Meaning) {
    let checked = json(raw, "what DNS said of a mail");
    (Some("mail.checked".into()), checked.map_or_else(Meaning::Unreadable, Meaning::Checked))
}

fn noticed(raw: &[u8]) -> (Option<String>, Meaning) {
    match json::<Noticed>(raw, "what the guard noticed") {
        Ok(noticed) => {
            let what = match &noticed {
                Noticed::BadSignature { .. } => "bad_signature",
                Noticed::GoodAgain { .. } => "good_again",
                Noticed::Learned { .. } => "learned",
            };
            (Some(format!("subscription.{what}")), Meaning::Noticed(noticed))
        }
        Err(why) => (None, Meaning::Unreadable(why)),
    }
}

fn timer(raw: &[u8]) -> (Option<String>, Meaning) {
    let timer = match json::<Timer>(raw, "a timer") {
        Ok(timer) => timer,
        Err(why) => return (None, Meaning::Unreadable(why)),
    };
    let meaning = match timer.duty.as_str() {
        duties::confirm::DUTY => {
            json(timer.payload.as_bytes(), "a confirm timer").map_or_else(Meaning::Unreadable, Meaning::Confirm)
        }
        duties::calendar::DUTY => {
            json(timer.payload.as_bytes(), "an event's timer").map_or_else(Meaning::Unreadable, Meaning::EventTimer)
        }
        duties::tickets::DUTY => {
            json(timer.payload.as_bytes(), "a ticket's timer").map_or_else(Meaning::Unreadable, Meaning::TicketTimer)
        }
        other => Meaning::Unreadable(format!("no duty {other:?} for the timer {}", timer.key)),
    };
    (Some(format!("timer.{}", timer.duty)), meaning)
}

fn json<T: serde::de::DeserializeOwned>(raw: &[u8], what: &str) -> Result<T, String> {
    serde_json::from_slice(raw).map_err(|error| format!("{what} can't be read: {error}"))
}
