//! Every mail of the corpus is read, and what is expected of it holds. The mails lie in `corpus/eml`, what is
//! expected in `corpus/expected.json`; nothing else says what is right.

use duties::mail::{Desk, Monitor, Pattern, PatternTexts, Patterns, Read, Rule, RuleVerdict, Standing};
use jiff::tz::{Offset, TimeZone};
use model::Micros;
use model::mail::{Door, Envelope};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

pub static RECEIVED: LazyLock<Micros> = LazyLock::new(|| Micros::parse("2026-05-01T00:20:00Z").unwrap());

pub struct Case {
    pub file: String,
    pub raw: Vec<u8>,
    envelope: Envelope,
    expected: Value,
}

impl Case {
    fn read(&self) -> Read {
        duties::mail::read(&DESK, &self.envelope, &self.raw, None, *RECEIVED)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.expected.get(name).and_then(Value::as_str)
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

pub static CORPUS: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let expected = std::fs::read_to_string(folder().join("expected.json")).unwrap();
    let entries: Vec<Value> = serde_json::from_str(&expected).unwrap();
    entries.into_iter().map(case).collect()
});

fn case(expected: Value) -> Case {
    let file = expected["file"].as_str().unwrap().to_owned();
    let raw = std::fs::read(folder().join("eml").join(&file)).unwrap();
    let to = expected["envelope"]["to"].as_array().unwrap().iter().map(|to| to.as_str().unwrap().to_owned()).collect();
    let from = expected["envelope"]["from"].as_str().map(str::to_owned);
    Case { file, raw, envelope: envelope(from, to), expected }
}

pub fn envelope(from: Option<String>, recipients: Vec<String>) -> Envelope {
    let peer = Some("192.0.2.25".into());
    Envelope { door: Door::Smtp, from, recipients, peer, helo: None, tls: false, checked: None, place: None }
}

pub static DESK: LazyLock<Desk> = LazyLock::new(desk);

/// A team that knows three of its monitors and has two rules.
fn desk() -> Desk {
    let backup = PatternTexts {
        subject: Some("^【バックアップ(?P<state>異常|正常)】(?P<host>\\S+) (?P<check>\\S+)".into()),
        severity: Some("^重要度: (.+)$".into()),
        time: Some("^時刻: (.+)$".into()),
        time_format: Some("%Y/%m/%d %H時%M分%S秒".into()),
        ..PatternTexts::default()
    };
    let batch = PatternTexts {
        body: Some(r"JOB=(?P<check>\S+) HOST=(?P<host>\S+) STATE=(?P<state>\S+) LEVEL=(?P<severity>\S+) ID=(?P<key>\S+) AT=(?P<time>.+)".into()),
        ..PatternTexts::default()
    };
    let patterns = |texts: &PatternTexts| Some(Patterns::parse("mail.monitor", texts).unwrap());
    let of = |name: &str| Monitor { name: name.into(), ..Monitor::default() };
    let monitors = vec![
        Monitor {
            patterns: patterns(&backup),
            recipients: vec!["backup@alerts.example.jp".into()],
            ..of("backup-script")
        },
        Monitor { patterns: patterns(&batch), senders: vec!["batch@ops.example.jp".into()], ..of("batch-script") },
        Monitor {
            reader: Some("cron".into()),
            recipients: vec!["cron@alerts.example.jp".into()],
            ..of("cron-servers")
        },
    ];
    let rule = |name: &str, subject: Option<&str>, host: Option<&str>, verdict| Rule {
        name: name.into(),
        monitor: None,
        subject: subject.map(|text| Pattern::new("mail.rule.subject", text).unwrap()),
        body: None,
        sender: None,
        host: host.map(|text| Pattern::new("mail.rule.host", text).unwrap()),
        check: None,
        verdict,
    };
    let rules = vec![
        rule("daily reports", Some("^【定期】"), None, RuleVerdict::NotAnAlert),
        rule("the lab is nobody's", None, Some(r"^lab\d"), RuleVerdict::Suppressed),
    ];
    let zone = TimeZone::fixed(Offset::from_hours(9).unwrap());
    Desk { monitors, rules, own_senders: vec!["net@arayashiki.example.jp".into()], zone }
}

/// What differs from what is expected.
fn differences(case: &Case) -> Vec<String> {
    let read = case.read();
    let reading = &read.reading;
    let (standing, rule) = match &read.standing {
        Standing::Alert => ("alert", ""),
        Standing::NotAnAlert { rule } => ("not_an_alert", rule.as_str()),
        Standing::Suppressed { rule } => ("suppressed", rule.as_str()),
        Standing::Canary { token, .. } => ("canary", token.as_str()),
    };
    let at = reading.at.map(Micros::rfc3339);
    let found: BTreeMap<&str, &str> = BTreeMap::from([
        ("reader", reading.reader.as_str()),
        ("monitor", read.monitor.as_str()),
        ("host", reading.host.as_deref().unwrap_or("")),
        ("check", reading.check.as_deref().unwrap_or("")),
        ("state", reading.state.as_str()),
        ("severity", reading.severity.map_or("", |severity| severity.as_str())),
        ("at", at.as_deref().unwrap_or("")),
        ("title", reading.title.as_str()),
        ("standing", standing),
    ]);
    let mut out = Vec::new();
    for (name, found) in found {
        if let Some(wanted) = case.text(name).filter(|wanted| *wanted != found) {
            out.push(format!("{}: {name} is {found:?}, expected {wanted:?}", case.file));
        }
    }
    let standing_of = case.text("standing").unwrap_or("alert");
    let holds = [
        ("standing", standing == standing_of),
        ("standing_rule", case.text("standing_rule").is_none_or(|wanted| rule.contains(wanted))),
        ("note", case.text("note").is_none_or(|wanted| read.notes.iter().any(|note| note.contains(wanted)))),
        ("text_has", case.text("text_has").is_none_or(|wanted| read.text.contains(wanted))),
        (
            "names",
            case.expected.get("names").is_none_or(|names| {
                names
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|name| reading.names.iter().any(|n| Some(n.as_str()) == name.as_str()))
            }),
        ),
    ];
    out.extend(holds.iter().filter(|(_, holds)| !holds).map(|(name, _)| {
        format!("{}: {name} does not hold: {standing} {rule:?} {:?} {:?}", case.file, read.notes, reading.names)
    }));
    out
}

fn none(found: Vec<String>) {
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_mail_reads_as_expected() {
    none(CORPUS.iter().flat_map(differences).collect());
}

#[test]
fn a_mail_is_claimed_by_its_reader_and_by_no_other() {
    let own =
        |case: &Case| case.text("reader").filter(|reader| !["unknown", "patterns"].contains(reader)).map(str::to_owned);
    let mut found = Vec::new();
    for case in CORPUS.iter().filter(|case| case.text("reader").is_some()) {
        let claimants = duties::mail::claimants(&case.raw);
        if claimants != own(case).iter().map(String::as_str).collect::<Vec<_>>() {
            found.push(format!("{}: claimed by {claimants:?}", case.file));
        }
    }
    none(found);
}

#[test]
fn a_key_is_equal_within_an_alert_and_nowhere_else() {
    let mut groups: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut keys: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for case in CORPUS.iter() {
        let Some(group) = case.text("group") else { continue };
        let key = case.read().reading.key;
        assert!(!key.is_empty() && key.len() <= 255, "{}: {key}", case.file);
        groups.entry(group).or_default().insert(key.clone());
        keys.entry(key).or_default().insert(group);
    }
    let split = groups.iter().filter(|(_, keys)| keys.len() > 1).map(|(group, keys)| format!("{group}: {keys:?}"));
    let shared = keys.iter().filter(|(_, groups)| groups.len() > 1).map(|(key, groups)| format!("{key}: {groups:?}"));
    none(split.chain(shared).collect());
}

#[test]
fn the_corpus_is_as_broad_as_it_is_said_to_be() {
    let readers: BTreeSet<&str> = CORPUS.iter().filter_map(|case| case.text("reader")).collect();
    let japanese = CORPUS.iter().filter(|case| case.expected["japanese"] == true).count();
    assert!(CORPUS.len() >= 250 && japanese >= 90, "{} mails, {japanese} Japanese", CORPUS.len());
    let unread: Vec<&str> = duties::mail::readers().filter(|reader| !readers.contains(reader)).collect();
    assert!(unread.is_empty() && readers.len() >= 22, "no mails of {unread:?}; {readers:?}");
    for case in CORPUS.iter() {
        assert!(
            case.text("source").is_some() && case.text("state").or(case.text("standing")).is_some(),
            "{}",
            case.file
        );
    }
}

#[test]
fn a_second_delivery_is_the_same_mail_and_two_mails_never_are() {
    let mut seen: BTreeMap<[u8; 32], &str> = BTreeMap::new();
    for case in CORPUS.iter() {
        let Some(fingerprint) = duties::mail::fingerprint(&case.raw) else { continue };
        let again = [
            &b"Return-Path: <x@example.jp>\r\nReceived: from x by y\r\nDelivered-To: z\r\nX-Spam: no\r\n"[..],
            &case.raw,
        ]
        .concat();
        assert_eq!(duties::mail::fingerprint(&again), Some(fingerprint), "{}", case.file);
        if let Some(other) = seen.insert(fingerprint, &case.file).filter(|_| !case.file.starts_with("hostile")) {
            panic!("{other} and {} are one", case.file);
        }
    }
    assert!(seen.len() > 200);
}
