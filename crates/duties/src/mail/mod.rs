//! Reading alert mail: bytes as they came in, what they say of an alert, how far their sender is believed and whether they
//! are an alert at all. Never fails, never does IO, never asks the time.

mod choose;
mod draft;
mod fingerprint;
mod fold;
mod letter;
mod network;
mod pattern;
mod patterns;
mod readers;
mod rx;
mod standing;
mod state;
mod time;
mod trust;

pub use fingerprint::fingerprint;
pub use network::{BadNetwork, Network};
pub use pattern::{BadPattern, Pattern};
pub use patterns::{PatternTexts, Patterns};
pub use trust::NO_RECIPIENT;

use letter::{Mail, cut};
use model::Micros;
use model::mail::{Authentication, Envelope, Reading, Trust};
use standing::Seen;

/// What is shown of a text.
const MOST_TEXT: usize = 64 << 10;
const MOST_SUBJECT: usize = 1_000;

/// What is configured about mail.
#[derive(Clone, Debug)]
pub struct Desk {
    pub monitors: Vec<Monitor>,
    pub rules: Vec<Rule>,
    /// Addresses that we send from ourselves.
    pub own_senders: Vec<String>,
    /// Dates in bodies that name no zone are of this one.
    pub zone: jiff::tz::TimeZone,
}

impl Default for Desk {
    fn default() -> Self {
        Self { monitors: Vec::new(), rules: Vec::new(), own_senders: Vec::new(), zone: jiff::tz::TimeZone::UTC }
    }
}

/// A monitor whose mails are expected.
#[derive(Clone, Debug, Default)]
pub struct Monitor {
    pub name: String,
    /// The built-in reader that its mails must be read by; `None`: whichever recognises them.
    pub reader: Option<String>,
    pub patterns: Option<Patterns>,
    /// Addresses, or `@domain`: a mail to one of them is this monitor's.
    pub recipients: Vec<String>,
    /// Addresses of From or MAIL FROM, or `@domain`; an empty text is the null sender.
    pub senders: Vec<String>,
    /// Knowing the recipient address proves the sender.
    pub is_secret_recipient: bool,
    /// Peers that are believed.
    pub sources: Vec<Network>,
    /// Domains whose SPF pass is believed, subdomains included.
    pub spf: Vec<String>,
    /// Domains whose DKIM signature is believed, subdomains included.
    pub dkim: Vec<String>,
    pub customer: Option<String>,
    /// The id or name of the PagerDuty service that its alerts go to.
    pub service: Option<String>,
    pub grace_s: Option<i64>,
    pub zone: Option<jiff::tz::TimeZone>,
}

/// What makes a mail no alert, or one that is meant to have no incident. All that is given must match.
#[derive(Clone, Debug)]
pub struct Rule {
    pub name: String,
    pub monitor: Option<String>,
    pub subject: Option<Pattern>,
    pub body: Option<Pattern>,
    pub sender: Option<Pattern>,
    pub host: Option<Pattern>,
    pub check: Option<Pattern>,
    pub verdict: RuleVerdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleVerdict {
    NotAnAlert,
    Suppressed,
}

/// All that is known of a mail from the mail itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub message_id: Option<String>,
    pub sent_at: Option<Micros>,
    pub from: String,
    pub from_name: String,
    pub to: Vec<String>,
    pub subject: String,
    /// The readable text, at most 64 KiB.
    pub text: String,
    /// The configured name, else the reader's, else `unknown`.
    pub monitor: String,
    pub is_configured: bool,
    pub grace_s: Option<i64>,
    pub service: Option<String>,
    pub customer: Option<String>,
    pub reading: Reading,
    /// Reader and key without whose mail it is: an alert that was made of the same mail has the same.
    pub alike: Option<String>,
    pub standing: Standing,
    pub trust: Trust,
    pub trust_why: String,
    /// What was broken in the mail and how it was read all the same.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Alert,
    NotAnAlert {
        rule: String,
    },
    Suppressed {
        rule: String,
    },
    /// Our own, to test a route: the value of the header `X-Arayashiki-Canary`.
    Canary {
        token: String,
        /// What it is when we sent no such canary: anybody can write that header.
        otherwise: Box<Standing>,
    },
}

/// Reads a mail. Any bytes give an answer, in bounded time and memory.
pub fn read(
    desk: &Desk,
    envelope: &Envelope,
    raw: &[u8],
    authentication: Option<&Authentication>,
    received_at: Micros,
) -> Read {
    let mail = Mail::open(raw);
    let mut notes = mail.notes.clone();
    // What stands for a mail tells nothing of its state: no reader is asked, lest it finds a word of recovery.
    let stand_in = envelope.place.as_deref().filter(|_| envelope.is_unfetched());
    let mut recognised = match stand_in {
        Some(place) => Some((readers::UNKNOWN, choose::unfetched(&mail, place))),
        None => choose::recognised(&mail, &desk.zone),
    };
    let monitor = choose::monitor(desk, envelope, &mail, recognised.as_ref().map(|(name, _)| *name));
    let zone = monitor.and_then(|monitor| monitor.zone.as_ref()).unwrap_or(&desk.zone);
    if *zone != desk.zone && stand_in.is_none() {
        recognised = choose::recognised(&mail, zone);
    }
    let alike = recognised.as_ref().map(|(reader, draft)| draft.alike(reader));
    let mut reading = match (stand_in, recognised) {
        (Some(_), Some((reader, draft))) => draft.finish(reader, ""),
        (_, recognised) => choose::reading(&mail, monitor, recognised, zone, &mut notes),
    };
    reading.at = sensible(reading.at, received_at, "the mail's own time", &mut notes);
    let name = monitor.map_or_else(|| reading.reader.clone(), |monitor| monitor.name.clone());
    let standing = standing::judge(&Seen { desk, envelope, mail: &mail, monitor, name: &name, reading: &reading });
    let (trust, trust_why) = trust::judge(monitor, envelope, authentication);
    let outer = &mail.outer;
    let date = outer.headers.text("date").and_then(|text| time::instant(&text, &desk.zone));
    if outer.text.shown.len() > MOST_TEXT {
        notes.push("the text is longer than 64 KiB; the rest is not shown".into());
    }
    Read {
        message_id: outer.headers.text("message-id").map(|id| cut(id.trim_matches(['<', '>']), 998).to_owned()),
        sent_at: sensible(date, received_at, "the header Date", &mut notes),
        from: outer.from.clone(),
        from_name: outer.from_name.clone(),
        to: choose::recipients(envelope, outer),
        subject: outer.subject.shown.clone(),
        text: cut(&outer.text.shown, MOST_TEXT).to_owned(),
        monitor: name,
        is_configured: monitor.is_some(),
        grace_s: monitor.and_then(|monitor| monitor.grace_s),
        service: monitor.and_then(|monitor| monitor.service.clone()),
        customer: monitor.and_then(|monitor| monitor.customer.clone()),
        reading,
        alike,
        standing,
        trust,
        trust_why,
        notes,
    }
}

/// A time that lies ahead of the mail's arrival by more than clocks and zones differ was misread, or is wrong.
fn sensible(at: Option<Micros>, received_at: Micros, what: &str, notes: &mut Vec<String>) -> Option<Micros> {
    let at = at?;
    if at > received_at.plus_s(26 * 3_600) {
        notes.push(format!("{what} ({at}) lies more than a day after the mail came; it was left out"));
        return None;
    }
    Some(at)
}

/// The built-in readers that recognise a mail: one, or none.
pub fn claimants(raw: &[u8]) -> Vec<&'static str> {
    choose::claimants(&Mail::open(raw), &jiff::tz::TimeZone::UTC)
}

/// The names of the built-in readers.
pub fn readers() -> impl Iterator<Item = &'static str> {
    readers::ALL.iter().map(|reader| reader.name)
}

/// Whether SPF and DKIM have to be asked before it is known how far the sender is believed.
pub fn needs_authentication(read: &Read) -> bool {
    read.trust == Trust::Waiting
}

/// What the readers make of an alert whose title and text were a mail's subject and text, as PagerDuty's mail integrations
/// keep them; in the form of `Read::alike`. `None` when no monitor's reader recognises it, or when there is but a line.
pub fn alike(subject: &str, text: &str) -> Option<String> {
    // A mail's text has lines; reading what is none would cost every alert its time.
    if !text.trim().contains('\n') {
        return None;
    }
    let subject = draft::line(subject, MOST_SUBJECT);
    let raw = format!("Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}", cut(text, MOST_TEXT));
    let (reader, draft) = choose::recognised(&Mail::open(raw.as_bytes()), &jiff::tz::TimeZone::UTC)?;
    Some(draft.alike(reader))
}
