//! Which alert of PagerDuty stands against a mail: by key, by what its integration read of the same mail, by title and
//! host, by the words of host and check. Words never outweigh keys that differ. Pure; claims nothing itself.

use super::tokens::{is_among, is_same_host, share, tokens, words};
use model::Micros;
use model::mail::{Ledger, Reason};
use model::text::fold;
use std::collections::BTreeSet;

/// From here on an alert is this mail's for certain, whoever else claimed it by likeness.
const CERTAIN: i64 = 99;
/// As like as that, and it is the same happening told by two monitors.
const TWIN: i64 = 90;
/// All of a check's words have to be found but for a small rest.
const LEAST_OF_CHECK: f64 = 0.8;
/// As much of the alert's own title has to be found in the mail: `disk inodes` is not `disk`.
const LEAST_OF_TITLE: f64 = 0.6;

/// What is looked for: one mail.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub mail: i64,
    /// The alert at its monitor: mails of one alert have one.
    pub net: String,
    pub customer: Option<String>,
    /// The service its alerts go to, by id or name, if that is configured.
    pub service: Option<String>,
    pub received_at: Micros,
    names: Vec<String>,
    reading: Option<String>,
    host: Option<String>,
    titles: Vec<String>,
    check: BTreeSet<String>,
    text: BTreeSet<String>,
}

/// What a mail says, in the shape that matching needs.
#[derive(Clone, Debug, Default)]
pub struct Said<'a> {
    /// As `mail::Read::alike`.
    pub alike: Option<&'a str>,
    pub names: &'a [String],
    pub host: Option<&'a str>,
    pub check: Option<&'a str>,
    pub title: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
}

impl Wanted {
    pub fn new(mail: i64, net: &str, received_at: Micros, said: &Said<'_>) -> Self {
        let host = said.host.map(fold).filter(|host| !host.is_empty());
        let (title, subject) = (fold(said.title), fold(said.subject));
        let check = said.check.map_or_else(|| title.clone(), fold);
        let mut check = tokens(&check);
        check.retain(|word| host.as_ref().is_none_or(|host| !is_same_host(word, host)));
        let mut text = tokens(&fold(said.text));
        text.extend(tokens(&subject));
        text.extend(tokens(&title));
        Self {
            mail,
            net: net.to_owned(),
            customer: None,
            service: None,
            received_at,
            names: said.names.iter().map(|name| fold(name.trim())).filter(|name| !name.is_empty()).collect(),
            reading: said.alike.map(str::to_owned),
            titles: [title, subject].into_iter().filter(|title| !title.is_empty()).collect(),
            check,
            text,
            host,
        }
    }
}

/// An alert of the mirror that may stand against a mail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidate {
    pub alert: String,
    pub incident: String,
    pub key: Option<String>,
    pub title: String,
    pub service_id: Option<String>,
    pub service_name: Option<String>,
    pub customer: Option<String>,
    pub created_at: Micros,
    pub resolved_at: Option<Micros>,
    pub is_open: bool,
    pub suppressed: bool,
    /// All that it says, folded.
    pub words: String,
    /// Hosts that it names in fields made for that, folded.
    pub hosts: Vec<String>,
    /// What a reader of ours made of its text, as `mail::alike`.
    pub reading: Option<String>,
    /// The mail that it balances, and that mail's alert.
    pub mail: Option<i64>,
    pub net: Option<String>,
    pub score: i64,
}

/// Whose an alert is already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    pub mail: Option<i64>,
    pub net: Option<String>,
    pub score: i64,
}

/// A candidate made ready, so that a storm of mails costs its words once.
#[derive(Clone, Debug)]
pub struct Ready<'a> {
    pub candidate: &'a Candidate,
    pub claim: Claim,
    title: String,
    key: Option<String>,
    title_tokens: BTreeSet<String>,
    tokens: BTreeSet<String>,
    words: BTreeSet<&'a str>,
}

impl<'a> Ready<'a> {
    pub fn new(candidate: &'a Candidate) -> Self {
        let title = fold(&candidate.title);
        let title_tokens = tokens(&title);
        let mut all = tokens(&candidate.words);
        all.extend(title_tokens.iter().cloned());
        let claim = Claim { mail: candidate.mail, net: candidate.net.clone(), score: candidate.score };
        Self {
            candidate,
            claim,
            key: candidate.key.as_deref().map(|key| fold(key.trim())),
            title,
            title_tokens,
            tokens: all,
            words: words(&candidate.words).collect(),
        }
    }
}

/// How sure it is that an alert is a mail's, 0 to 100, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    pub score: i64,
    pub reason: Reason,
}

/// `None`: they have nothing to do with each other.
pub fn likeness(wanted: &Wanted, ready: &Ready<'_>) -> Option<Likeness> {
    let candidate = ready.candidate;
    if let (Some(ours), Some(theirs)) = (&wanted.customer, &candidate.customer)
        && ours != theirs
    {
        return None;
    }
    if let Some(key) = ready.key.as_ref().filter(|key| wanted.names.contains(key)) {
        return Some(Likeness { score: 100, reason: Reason::SameKey { key: key.clone() } });
    }
    if keys_differ(wanted, ready) || !is_expected_service(wanted, candidate) {
        return None;
    }
    // Two servers of one kind count their alerts alike: the host has to be the same too.
    if wanted.reading.is_some() && candidate.reading == wanted.reading && is_on_its_host(wanted, ready) {
        return Some(Likeness { score: CERTAIN, reason: Reason::SameReading });
    }
    by_words(wanted, ready)
}

fn is_expected_service(wanted: &Wanted, candidate: &Candidate) -> bool {
    let Some(service) = &wanted.service else { return true };
    let is = |name: &Option<String>| name.as_deref() == Some(service);
    (candidate.service_id.is_none() && candidate.service_name.is_none())
        || is(&candidate.service_id)
        || is(&candidate.service_name)
}

/// Keys of one kind that are not equal: whatever the words say, it is another alert.
fn keys_differ(wanted: &Wanted, ready: &Ready<'_>) -> bool {
    if let (Some(ours), Some(theirs)) = (&wanted.reading, &ready.candidate.reading)
        && is_other_reading(ours, theirs)
    {
        return true;
    }
    let Some(kind) = ready.key.as_deref().and_then(key_kind) else { return false };
    wanted.names.iter().any(|name| key_kind(name) == Some(kind))
}

/// Read by one reader and by the same parts, and another alert all the same.
fn is_other_reading(ours: &str, theirs: &str) -> bool {
    let is_whole = |reading: &str| reading.split('/').all(|part| !part.is_empty());
    let is_same_kind =
        ours.split('/').next() == theirs.split('/').next() && ours.split('/').count() == theirs.split('/').count();
    ours != theirs && is_same_kind && is_whole(ours) && is_whole(theirs)
}

fn is_on_its_host(wanted: &Wanted, ready: &Ready<'_>) -> bool {
    wanted.host.is_none() || names_host(wanted, ready) == Some(true)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Number,
    Uuid,
    Arn,
}

/// Kinds of key that are made by machines; a text may be anybody's.
fn key_kind(key: &str) -> Option<KeyKind> {
    let is_uuid = key.len() == 36 && key.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if key.len() >= 4 && key.bytes().all(|b| b.is_ascii_digit()) {
        Some(KeyKind::Number)
    } else if is_uuid {
        Some(KeyKind::Uuid)
    } else if key.starts_with("arn:") {
        Some(KeyKind::Arn)
    } else {
        None
    }
}

fn by_words(wanted: &Wanted, ready: &Ready<'_>) -> Option<Likeness> {
    let names_host = names_host(wanted, ready)?;
    if wanted.titles.contains(&ready.title) {
        let score = match (names_host, &wanted.host) {
            (true, _) => 95,
            (false, None) => TWIN,
            // Every mail of some monitors has this title: it may be any host's.
            (false, Some(_)) => return None,
        };
        return Some(Likeness { score, reason: Reason::SameTitle });
    }
    // A mail that names no host may have one in what it checks: `web01 HTTP`.
    let names_host = names_host || (wanted.host.is_none() && wanted.check.iter().any(|word| is_name(word)));
    // Without a host only the very same title tells.
    if !names_host || wanted.check.is_empty() {
        return None;
    }
    // What holds a digit names one thing among many: a disk, a port, an instance.
    if wanted.check.iter().any(|word| word.bytes().any(|b| b.is_ascii_digit()) && !is_among(word, &ready.tokens)) {
        return None;
    }
    let check = share(&wanted.check, &ready.tokens);
    let mut rest = ready.title_tokens.clone();
    rest.retain(|word| wanted.host.as_ref().is_none_or(|host| !is_same_host(word, host)));
    let title = share(&rest, &wanted.text);
    if check < LEAST_OF_CHECK || title < LEAST_OF_TITLE {
        return None;
    }
    let score = 60 + (check * 20.0) as i64 + (title * 14.0) as i64;
    Some(Likeness { score, reason: Reason::Similar })
}

/// Letters and digits in one word: the name of one thing among many.
fn is_name(word: &str) -> bool {
    word.len() > 3 && word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Whether the alert names the mail's host; `None` when it names another one.
fn names_host(wanted: &Wanted, ready: &Ready<'_>) -> Option<bool> {
    let Some(host) = &wanted.host else { return Some(false) };
    let hosts = &ready.candidate.hosts;
    let short = host.split('.').next().unwrap_or(host);
    // Most alerts are another host's: one look tells.
    if !ready.candidate.words.contains(short) && !ready.title.contains(short) {
        return if hosts.is_empty() { Some(false) } else { None };
    }
    if hosts.iter().any(|theirs| is_same_host(theirs, host)) {
        return Some(true);
    }
    let is_said = ready.words.iter().copied().chain(ready.title_tokens.iter().map(String::as_str)).any(|word| {
        // `web01:9100` and `web01/HTTP` name the host too.
        is_same_host(word, host) || word.split([':', '/', '@']).any(|part| is_same_host(part, host))
    });
    match (is_said, hosts.is_empty()) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

/// An alert that stands against a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub alert: String,
    pub incident: String,
    pub score: i64,
    pub reason: Reason,
    /// `Matched`, or `Joined`, or `Suppressed` where the alert is suppressed over there.
    pub ledger: Ledger,
    /// The mail that had it by likeness and has to look for another.
    pub displaces: Option<i64>,
}

/// The alert that stands against this mail, if one does: one that is free and of its time, else one that is open already.
pub fn find(wanted: &Wanted, candidates: &[Ready<'_>], window_s: i64) -> Option<Found> {
    let like: Vec<(Likeness, &Ready<'_>)> =
        candidates.iter().filter_map(|ready| Some((likeness(wanted, ready)?, ready))).collect();
    let near = |ready: &Ready<'_>| ready.candidate.created_at.since(wanted.received_at).abs();
    let free = like
        .iter()
        .filter(|(like, ready)| {
            is_of_its_time(wanted, ready.candidate, window_s) && is_free(wanted, like, &ready.claim)
        })
        .max_by_key(|(like, ready)| (like.score, -near(ready), ready.candidate.alert.clone()));
    if let Some((like, ready)) = free {
        return Some(found(wanted, like, ready, Ledger::Matched));
    }
    let is_own = |ready: &Ready<'_>| ready.claim.net.as_ref() == Some(&wanted.net);
    let open = like
        .iter()
        .filter(|(like, ready)| is_joinable(wanted, like, ready, window_s))
        .max_by_key(|(like, ready)| (is_own(ready), like.score, ready.candidate.created_at));
    open.map(|(like, ready)| found(wanted, like, ready, Ledger::Joined))
}

fn found(wanted: &Wanted, like: &Likeness, ready: &Ready<'_>, ledger: Ledger) -> Found {
    let candidate = ready.candidate;
    let displaces = match ledger {
        Ledger::Matched => ready.claim.mail.filter(|mail| *mail != wanted.mail),
        _ => None,
    };
    let (ledger, reason) = if candidate.suppressed {
        (Ledger::Suppressed, Reason::SuppressedThere)
    } else {
        (ledger, like.reason.clone())
    };
    Found {
        alert: candidate.alert.clone(),
        incident: candidate.incident.clone(),
        score: like.score,
        reason,
        ledger,
        displaces,
    }
}

fn is_of_its_time(wanted: &Wanted, candidate: &Candidate, window_s: i64) -> bool {
    candidate.created_at >= wanted.received_at.plus_s(-window_s)
}

/// One alert balances one mail; a key takes it from a mail that has it by likeness.
fn is_free(wanted: &Wanted, like: &Likeness, claim: &Claim) -> bool {
    match claim.mail {
        None => true,
        Some(mail) if mail == wanted.mail => true,
        Some(_) => like.score >= CERTAIN && claim.score < CERTAIN && claim.net.as_ref() != Some(&wanted.net),
    }
}

/// Open when the mail came, and this alert's own or told so alike that it is the same happening.
fn is_joinable(wanted: &Wanted, like: &Likeness, ready: &Ready<'_>, window_s: i64) -> bool {
    let candidate = ready.candidate;
    let was_open = candidate.is_open || candidate.resolved_at.is_some_and(|at| at >= wanted.received_at);
    let is_own = ready.claim.net.as_ref().is_none_or(|net| *net == wanted.net);
    was_open && candidate.created_at <= wanted.received_at.plus_s(window_s) && (is_own || like.score >= TWIN)
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
