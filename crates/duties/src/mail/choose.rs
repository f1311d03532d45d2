//! Whose mail it is and who reads it: the configured monitors by address, the readers by what the mail says. Never lets two
//! monitors share a mail.

use super::draft::Draft;
use super::letter::addresses::addresses;
use super::letter::{Letter, Mail};
use super::readers::{self, ALL, Reader};
use super::rx::Rx;
use super::{Desk, Monitor};
use jiff::tz::TimeZone;
use model::mail::{Envelope, Reading, State};

static FORWARD: Rx = Rx::new(r"^\s*(?:\[[^\]]*\]\s*)*(?:fwd?|転送|wg|tr|rv)\s*:");

static ANSWER: Rx = Rx::new(r"^\s*(?:re|aw|返信)\s*:");

/// The letters of a mail in the order in which readers look at them: what is forwarded before what forwards it.
fn letters(mail: &Mail) -> Vec<&Letter> {
    let mut letters: Vec<&Letter> = std::iter::once(&mail.outer).chain(&mail.inner).collect();
    if mail.outer.subject.is_match(&FORWARD) {
        letters.rotate_left(1);
    }
    letters
}

/// The first reader that claims one of the letters.
pub fn recognised(mail: &Mail, zone: &TimeZone) -> Option<(&'static str, Draft)> {
    letters(mail)
        .into_iter()
        .find_map(|letter| ALL.iter().find_map(|reader| Some((reader.name, (reader.read)(letter, zone)?))))
}

/// All the readers that claim a mail: more than one would be a fault of ours.
pub fn claimants(mail: &Mail, zone: &TimeZone) -> Vec<&'static str> {
    let claims = |reader: &&Reader| letters(mail).into_iter().any(|letter| (reader.read)(letter, zone).is_some());
    ALL.iter().filter(claims).map(|reader| reader.name).collect()
}

/// The reading of a mail by its monitor's reader, or by whoever recognises it.
pub fn reading(
    mail: &Mail,
    monitor: Option<&Monitor>,
    found: Option<(&'static str, Draft)>,
    zone: &TimeZone,
    notes: &mut Vec<String>,
) -> Reading {
    let scope = monitor.map_or_else(|| sender(mail), |monitor| monitor.name.clone());
    if let Some((name, draft)) = monitor.and_then(|monitor| own(mail, monitor, zone)) {
        return draft.finish(name, &scope);
    }
    if let (Some(monitor), Some(wanted)) = (monitor, monitor.and_then(wanted)) {
        let by = found.as_ref().map_or(readers::UNKNOWN, |(name, _)| name);
        notes.push(format!(
            "the monitor {} is to be read by {wanted}, which can't read this mail; {by} did",
            monitor.name
        ));
    }
    match found {
        Some((name, draft)) => answered(mail, draft, notes).finish(name, &scope),
        None => {
            let best = letters(mail).into_iter().next().unwrap_or(&mail.outer);
            readers::unknown::read(best, &scope, zone).finish(readers::UNKNOWN, "")
        }
    }
}

/// What stands for a mail that could not be fetched is an alert of its own, of unknown kind.
pub fn unfetched(mail: &Mail, place: &str) -> Draft {
    let draft = Draft::new("its mail could not be fetched", State::Unknown).titled(&mail.outer.subject.shown);
    draft.global().keyed(["unfetched", place])
}

/// A person who answers an alert and quotes it reports no new one.
fn answered(mail: &Mail, mut draft: Draft, notes: &mut Vec<String>) -> Draft {
    let outer = &mail.outer;
    let is_answer = outer.subject.is_match(&ANSWER) && outer.headers.has("in-reply-to");
    if is_answer && draft.state.needs_balance() {
        notes.push("the mail answers another and quotes its alert; it counts as news of that alert".into());
        draft.state = State::Update;
        draft.rule = "an answer to the alert";
    }
    draft
}

fn wanted(monitor: &Monitor) -> Option<&str> {
    monitor.patterns.as_ref().map(|_| readers::patterns::NAME).or(monitor.reader.as_deref())
}

/// By the monitor's patterns, or by the one reader that it names.
fn own(mail: &Mail, monitor: &Monitor, zone: &TimeZone) -> Option<(&'static str, Draft)> {
    if let Some(patterns) = &monitor.patterns {
        let read = |letter: &Letter| readers::patterns::read(patterns, letter, zone);
        if let Some(draft) = letters(mail).into_iter().find_map(read) {
            return Some((readers::patterns::NAME, draft));
        }
    }
    let reader: &Reader = readers::by_name(monitor.reader.as_deref()?)?;
    let draft = letters(mail).into_iter().find_map(|letter| (reader.read)(letter, zone))?;
    Some((reader.name, draft))
}

/// Who wrote what is read: of a forwarded mail, not the one who forwarded it.
fn sender(mail: &Mail) -> String {
    letters(mail)
        .into_iter()
        .map(|letter| letter.from.as_str())
        .find(|from| !from.is_empty())
        .unwrap_or_default()
        .to_owned()
}

/// What of a mail says whose it is.
struct Addressed<'a> {
    to: Vec<String>,
    from: Vec<String>,
    mail: &'a Mail,
    reader: Option<&'a str>,
}

/// The configured monitor that a mail is of.
pub fn monitor<'d>(desk: &'d Desk, envelope: &Envelope, mail: &Mail, reader: Option<&str>) -> Option<&'d Monitor> {
    let seen = Addressed { to: recipients(envelope, &mail.outer), from: senders(envelope, mail), mail, reader };
    let mut best: Option<(u32, &Monitor)> = None;
    for monitor in &desk.monitors {
        let score = score(desk, monitor, &seen);
        if score > best.map_or(0, |(best, _)| best) {
            best = Some((score, monitor));
        }
    }
    best.map(|(_, monitor)| monitor)
}

/// How surely a mail is a monitor's; nothing when it is not.
fn score(desk: &Desk, monitor: &Monitor, seen: &Addressed<'_>) -> u32 {
    let content = 5 * u32::from(claims(monitor, seen));
    if monitor.recipients.is_empty() && monitor.senders.is_empty() {
        return content.min(1);
    }
    let (recipient, sender) = (best(&monitor.recipients, &seen.to), best(&monitor.senders, &seen.from));
    let is_foreign = sender == 0 && !monitor.senders.is_empty();
    // An address that several share says whose a mail is only together with the sender.
    if is_foreign && (recipient == 0 || is_shared(desk, monitor, &seen.to)) {
        return 0;
    }
    match recipient * 8 + sender * 2 {
        0 => 0,
        // Its address, though perhaps not its kind of mail: better than nobody.
        by_address => by_address + content,
    }
}

/// Whether it is the monitor's kind of mail.
fn claims(monitor: &Monitor, seen: &Addressed<'_>) -> bool {
    if let Some(patterns) = &monitor.patterns {
        let zone = TimeZone::UTC;
        return letters(seen.mail).into_iter().any(|letter| readers::patterns::read(patterns, letter, &zone).is_some());
    }
    monitor.reader.is_some() && monitor.reader.as_deref() == seen.reader
}

fn is_shared(desk: &Desk, monitor: &Monitor, to: &[String]) -> bool {
    desk.monitors.iter().any(|other| other.name != monitor.name && best(&other.recipients, to) > 0)
}

/// Two for the whole address, one for its domain.
fn best(known: &[String], given: &[String]) -> u32 {
    let one = |known: &str, given: &str| match known.strip_prefix('@') {
        Some(domain) => u32::from(given.rsplit_once('@').is_some_and(|(_, of)| of.eq_ignore_ascii_case(domain))),
        None => 2 * u32::from(known.eq_ignore_ascii_case(given)),
    };
    known.iter().flat_map(|known| given.iter().map(move |given| one(known, given))).max().unwrap_or(0)
}

/// Those of the envelope; where a door has none, those of the headers.
pub fn recipients(envelope: &Envelope, letter: &Letter) -> Vec<String> {
    if !envelope.recipients.is_empty() {
        return envelope.recipients.iter().map(|to| to.trim().to_lowercase()).collect();
    }
    let names = ["delivered-to", "x-original-to", "to", "cc"];
    let all = names.iter().flat_map(|name| letter.headers.all(name)).flat_map(addresses);
    all.map(|(address, _)| address).filter(|address| !address.is_empty()).take(100).collect()
}

fn senders(envelope: &Envelope, mail: &Mail) -> Vec<String> {
    let mut all: Vec<String> =
        std::iter::once(&mail.outer).chain(&mail.inner).map(|letter| letter.from.clone()).collect();
    all.retain(|from| !from.is_empty());
    match envelope.from.as_deref() {
        None => all.push(String::new()),
        Some(from) if !from.is_empty() => all.push(from.to_lowercase()),
        Some(_) => {}
    }
    all
}
