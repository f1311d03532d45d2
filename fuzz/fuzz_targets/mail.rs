//! Any bytes as a mail: read, and read again, with what must hold of every answer. Never checks what is read, which the corpus does.
#![no_main]

use duties::mail::{Desk, Monitor, Pattern, PatternTexts, Patterns, Rule, RuleVerdict};
use libfuzzer_sys::fuzz_target;
use model::Micros;
use model::mail::{Door, Envelope};
use std::sync::LazyLock;

static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let texts = PatternTexts {
        subject: Some("(?P<state>異常|正常|NG|OK) (?P<host>\\S+)".into()),
        body: Some("^(?P<check>[^:]+): (?P<severity>.+)$".into()),
        time: Some("([0-9/: ]+)".into()),
        time_format: Some("%Y/%m/%d %H:%M:%S".into()),
        ..PatternTexts::default()
    };
    let scripts = Monitor {
        name: "scripts".into(),
        patterns: Patterns::parse("fuzz", &texts).ok(),
        senders: vec!["@ops.example.jp".into()],
        ..Monitor::default()
    };
    let rule = Rule {
        name: "lab".into(),
        monitor: None,
        subject: Pattern::new("fuzz", "lab").ok(),
        body: None,
        sender: None,
        host: None,
        check: None,
        verdict: RuleVerdict::Suppressed,
    };
    Desk { monitors: vec![scripts], rules: vec![rule], ..Desk::default() }
});

fuzz_target!(|raw: &[u8]| {
    let envelope = Envelope {
        door: Door::Smtp,
        from: raw.first().filter(|byte| **byte != b'<').map(|_| "monitor@mon.example.jp".into()),
        recipients: vec!["alerts@example.jp".into()],
        peer: None,
        helo: None,
        tls: false,
        checked: None,
        place: None,
    };
    let received_at = Micros::from_seconds(1_777_594_800);
    let read = duties::mail::read(&DESK, &envelope, raw, None, received_at);
    assert!(read.text.len() <= 64 << 10);
    assert!(!read.reading.key.is_empty() && read.reading.key.len() <= 255);
    for text in [&read.text, &read.subject, &read.from, &read.reading.key, &read.reading.title] {
        assert!(!text.contains('\0'));
    }
    // Once in a while, because it costs as much again.
    if raw.len() % 16 == 0 {
        assert_eq!(read, duties::mail::read(&DESK, &envelope, raw, None, received_at));
    }
    // What PagerDuty's mail integrations make of it, read as an alert.
    if raw.len() % 16 == 8 {
        let alike = duties::mail::alike(&read.subject, &read.text);
        assert!(alike.is_none_or(|alike| !alike.is_empty()));
    }
    let _ = duties::mail::fingerprint(raw);
});
