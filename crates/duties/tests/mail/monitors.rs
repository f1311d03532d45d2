//! Configured monitors: whose mail is whose, by what it is read, how far its sender is believed. Never looks at a reader's work
//! for its own sake.

use super::corpus::{CORPUS, RECEIVED, envelope};
use duties::mail::{Desk, Monitor, Pattern, PatternTexts, Patterns, Read, Rule, RuleVerdict, Standing};
use model::mail::{Authentication, Envelope, State, Trust};

fn monitor(name: &str) -> Monitor {
    Monitor { name: name.into(), ..Monitor::default() }
}

fn raw(file: &str) -> &'static [u8] {
    &CORPUS.iter().find(|case| case.file == file).unwrap().raw
}

fn read(monitors: &[Monitor], envelope: &Envelope, raw: &[u8]) -> Read {
    let desk = Desk { monitors: monitors.to_vec(), ..Desk::default() };
    duties::mail::read(&desk, envelope, raw, None, *RECEIVED)
}

fn to(recipient: &str) -> Envelope {
    envelope(Some("zabbix@mon.example.jp".into()), vec![recipient.into()])
}

#[test]
fn a_mail_is_its_recipients_monitors_and_carries_what_is_configured() {
    let a = Monitor {
        recipients: vec!["a@alerts.example.jp".into()],
        customer: Some("A".into()),
        service: Some("PSERVICE".into()),
        grace_s: Some(90),
        ..monitor("a")
    };
    let b = Monitor { recipients: vec!["@b.example.jp".into()], ..monitor("b") };
    let monitors = [a, b];
    let mail = raw("zabbix-problem-en.eml");
    let found = read(&monitors, &to("A@alerts.example.jp"), mail);
    assert_eq!((found.monitor.as_str(), found.is_configured, found.grace_s), ("a", true, Some(90)));
    assert_eq!((found.customer.as_deref(), found.service.as_deref()), (Some("A"), Some("PSERVICE")));
    assert_eq!(read(&monitors, &to("x@b.example.jp"), mail).monitor, "b");
    let stranger = read(&monitors, &to("x@sub.b.example.jp"), mail);
    assert_eq!((stranger.monitor.as_str(), stranger.is_configured), ("zabbix", false));
    // A door without an envelope: the headers say whom it is for.
    let bare = envelope(Some(String::new()), Vec::new());
    let by_header = Monitor { recipients: vec!["alerts@example.jp".into()], ..monitor("header") };
    assert_eq!(read(&[by_header], &bare, mail).monitor, "header");
}

#[test]
fn an_address_that_is_shared_is_told_apart_by_sender_and_by_kind() {
    let shared = || vec!["alerts@example.jp".to_owned()];
    let of = |name: &str, sender: &str| Monitor { recipients: shared(), senders: vec![sender.into()], ..monitor(name) };
    let monitors = [of("a", "zabbix@a.example.jp"), of("b", "zabbix@mon.example.jp")];
    assert_eq!(read(&monitors, &to("alerts@example.jp"), raw("zabbix-problem-en.eml")).monitor, "b");
    assert_eq!(read(&monitors, &to("alerts@example.jp"), raw("zabbix-other-server.eml")).monitor, "b", "by MAIL FROM");
    let nobody = Envelope { from: Some("zabbix@c.example.jp".into()), ..to("alerts@example.jp") };
    assert!(!read(&monitors, &nobody, raw("zabbix-other-server.eml")).is_configured, "no other customer's");
    let kinds =
        ["zabbix", "nagios"].map(|kind| Monitor { recipients: shared(), reader: Some(kind.into()), ..monitor(kind) });
    assert_eq!(read(&kinds, &to("alerts@example.jp"), raw("nagios-http-critical.eml")).monitor, "nagios");
    assert_eq!(read(&kinds, &to("alerts@example.jp"), raw("zabbix-problem-en.eml")).monitor, "zabbix");
    let everywhere = [Monitor { reader: Some("nagios".into()), ..monitor("all nagios") }];
    assert_eq!(read(&everywhere, &to("x@example.jp"), raw("nagios-http-critical.eml")).monitor, "all nagios");
    assert!(!read(&everywhere, &to("x@example.jp"), raw("zabbix-problem-en.eml")).is_configured);
}

#[test]
fn two_monitors_of_one_kind_have_keys_of_their_own() {
    let mail = raw("zabbix-problem-en.eml");
    let of = |name: &str| [Monitor { recipients: vec!["alerts@example.jp".into()], ..monitor(name) }];
    let key = |name: &str| read(&of(name), &to("alerts@example.jp"), mail).reading.key;
    assert_ne!(key("a"), key("b"));
    let global = |name: &str| read(&of(name), &to("alerts@example.jp"), raw("cloudwatch-alarm.eml")).reading.key;
    assert_eq!(global("a"), global("b"), "an ARN is one in the world");
}

#[test]
fn a_monitors_zone_is_that_of_its_dates() {
    let zoned = Monitor {
        recipients: vec!["alerts@example.jp".into()],
        zone: Some(jiff::tz::TimeZone::fixed(jiff::tz::offset(-5))),
        ..monitor("far")
    };
    let at = read(&[zoned], &to("alerts@example.jp"), raw("zabbix-problem-en.eml")).reading.at;
    assert_eq!(at.map(model::Micros::rfc3339).as_deref(), Some("2026-05-01T14:00:00Z"));
}

#[test]
fn a_mail_of_another_kind_than_wanted_is_read_all_the_same_and_said_so() {
    let wants =
        Monitor { recipients: vec!["alerts@example.jp".into()], reader: Some("nagios".into()), ..monitor("nagios-a") };
    let found = read(&[wants], &to("alerts@example.jp"), raw("zabbix-problem-en.eml"));
    assert_eq!((found.monitor.as_str(), found.reading.reader.as_str()), ("nagios-a", "zabbix"));
    assert!(found.notes.iter().any(|note| note.contains("nagios-a") && note.contains("zabbix")), "{:?}", found.notes);
}

#[test]
fn spf_and_dkim_are_asked_for_only_where_nothing_else_proves_the_sender() {
    let mail = raw("zabbix-problem-en.eml");
    let dns = Monitor { recipients: vec!["alerts@example.jp".into()], spf: vec!["example.jp".into()], ..monitor("a") };
    let desk = |monitor: &Monitor| Desk { monitors: vec![monitor.clone()], ..Desk::default() };
    let of = |monitor: &Monitor, given: Option<&Authentication>| {
        duties::mail::read(&desk(monitor), &to("alerts@example.jp"), mail, given, *RECEIVED)
    };
    let waiting = of(&dns, None);
    assert!(waiting.trust == Trust::Waiting && duties::mail::needs_authentication(&waiting));
    let passed = Authentication { spf: Some("mon.example.jp".into()), ..Authentication::default() };
    let trusted = of(&dns, Some(&passed));
    assert!(trusted.trust == Trust::Trusted && !duties::mail::needs_authentication(&trusted));
    assert!(trusted.trust_why.contains("mon.example.jp"), "{}", trusted.trust_why);
    let failed = Authentication { why: vec!["SPF: 192.0.2.25 is not allowed".into()], ..Authentication::default() };
    let refused = of(&dns, Some(&failed));
    assert!(refused.trust == Trust::Untrusted && refused.trust_why.contains("192.0.2.25 is not allowed"));
    let by_source = Monitor { sources: vec!["192.0.2.0/24".parse().unwrap()], ..dns };
    assert_eq!(of(&by_source, None).trust, Trust::Trusted, "the peer is enough");
    assert_eq!(read(&[], &to("alerts@example.jp"), mail).trust, Trust::Untrusted);
}

#[test]
fn the_null_sender_is_believed_to_be_an_alert_only_of_a_known_monitor() {
    let null = envelope(None, vec!["cron@alerts.example.jp".into()]);
    let cron = [Monitor { recipients: vec!["cron@alerts.example.jp".into()], ..monitor("cron") }];
    assert_eq!(read(&cron, &null, raw("cron-job.eml")).standing, Standing::Alert);
    assert!(
        matches!(read(&[], &null, raw("cron-job.eml")).standing, Standing::NotAnAlert { rule } if rule.contains("null sender"))
    );
    assert!(
        matches!(read(&cron, &null, raw("no-dsn.eml")).standing, Standing::NotAnAlert { rule } if rule.contains("report"))
    );
    assert!(
        matches!(read(&cron, &null, raw("no-bounce.eml")).standing, Standing::NotAnAlert { rule } if rule.contains("bounce"))
    );
    let unknown = envelope(Some(String::new()), vec!["cron@alerts.example.jp".into()]);
    assert_eq!(read(&[], &unknown, raw("cron-job.eml")).standing, Standing::Alert, "a door that knows no envelope");
    let marked = [&b"X-Arayashiki-Canary: 4711\r\n"[..], raw("no-bounce.eml")].concat();
    let Standing::Canary { token, otherwise } = read(&cron, &null, &marked).standing else { panic!("no canary") };
    assert!(token == "4711" && matches!(*otherwise, Standing::NotAnAlert { rule } if rule.contains("bounce")));
}

#[test]
fn a_rule_needs_all_that_it_names() {
    let pattern = |text: &str| Some(Pattern::new("mail.rule", text).unwrap());
    let rule = |host: &str, check: Option<&str>, monitor: Option<&str>| Rule {
        name: "r".into(),
        monitor: monitor.map(str::to_owned),
        subject: None,
        body: pattern("operational data"),
        sender: pattern("^zabbix@"),
        host: pattern(host),
        check: check.and_then(pattern),
        verdict: RuleVerdict::Suppressed,
    };
    let standing = |rule: Rule| {
        let desk = Desk { rules: vec![rule], ..Desk::default() };
        duties::mail::read(&desk, &to("alerts@example.jp"), raw("zabbix-problem-en.eml"), None, *RECEIVED).standing
    };
    assert_eq!(standing(rule("^web", None, None)), Standing::Suppressed { rule: "r".into() });
    assert_eq!(standing(rule("^web", Some("cpu"), Some("zabbix"))), Standing::Suppressed { rule: "r".into() });
    assert_eq!(standing(rule("^db", None, None)), Standing::Alert);
    assert_eq!(standing(rule("^web", None, Some("nagios"))), Standing::Alert);
    let empty = Rule { body: None, sender: None, host: None, ..rule("x", None, None) };
    assert_eq!(standing(empty), Standing::Alert, "one that names nothing matches nothing");
}

#[test]
fn patterns_that_can_not_work_are_refused_with_their_place() {
    let refused = |texts: PatternTexts| Patterns::parse("mail.monitor[2]", &texts).unwrap_err().to_string();
    let subject = |text: &str| PatternTexts { subject: Some(text.into()), ..PatternTexts::default() };
    assert!(refused(PatternTexts::default()).contains("would match no mail"));
    let unknown = refused(subject("(?P<hostname>x)"));
    assert!(unknown.contains("mail.monitor[2].subject") && unknown.contains("hostname"), "{unknown}");
    assert!(refused(subject("(x")).contains("mail.monitor[2].subject"));
}

#[test]
fn single_patterns_say_state_and_fields() {
    let texts = PatternTexts {
        problem: Some("^処理異常".into()),
        recovery: Some("^処理回復".into()),
        host: Some(r"機器:(\S+)".into()),
        key: Some(r"受付番号\s*(\d+)".into()),
        ..PatternTexts::default()
    };
    let script = Monitor {
        senders: vec!["@ops.example.jp".into()],
        patterns: Some(Patterns::parse("p", &texts).unwrap()),
        ..monitor("script")
    };
    let mail =
        |subject: &str| format!("From: x@ops.example.jp\nSubject: {subject}\n\n機器：ｈｓｔ０１\n受付番号　１２３\n");
    let of =
        |subject: &str| read(std::slice::from_ref(&script), &to("alerts@example.jp"), mail(subject).as_bytes()).reading;
    let (problem, recovery) = (of("処理異常"), of("処理回復"));
    assert_eq!((problem.state, recovery.state), (State::Problem, State::Recovery));
    assert_eq!((problem.host.as_deref(), problem.names.as_slice()), (Some("ｈｓｔ０１"), &["123".to_owned()][..]));
    assert_eq!(problem.key, recovery.key);
}
