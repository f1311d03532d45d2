//! Mails, outages and calls on a bad night, on a good one, and before the first mail.

pub use super::called::answer_page;
use super::{NOW, before, named};
use duties::Mode;
use duties::safety_net::canary::Lack;
use duties::safety_net::outage::{Evidence, Report};
use model::mail::{Cause, CauseKind, Door, Envelope, Ledger, Reading, Reason, Severity, State, Trust};
use store::nets::Registration;
use web::view::*;

fn link(number: i64, title: &str) -> IncidentLink {
    IncidentLink { id: format!("Q{number}"), number: Some(number), title: title.into() }
}

fn row(id: i64, ledger: Ledger, reason: Reason, subject: &str, monitor: &str) -> MailRow {
    let state = match ledger {
        Ledger::Recovery => State::Recovery,
        Ledger::Unreadable | Ledger::UnreadableRegistered => State::Unknown,
        Ledger::NotAnAlert => State::Notice,
        _ => State::Problem,
    };
    MailRow {
        id,
        ledger,
        reason,
        subject: subject.into(),
        monitor: monitor.into(),
        host: Some("web01.example.jp".into()),
        check: Some("HTTP".into()),
        state,
        severity: Some("critical".into()),
        trust: Trust::Trusted,
        received_at: before(id * 97),
        customer: Some("青葉商事".into()),
        incident: None,
    }
}

pub fn rows() -> Vec<MailRow> {
    let with = |row: MailRow, number| MailRow { incident: Some(link(number, "web01: HTTP 5xx")), ..row };
    let rule = |rule: &str| Reason::Rule { rule: rule.into() };
    vec![
        row(1, Ledger::Expected, Reason::Grace { until: NOW.plus_s(42) }, "PROBLEM: Disk full on db01", "zabbix-tokyo"),
        row(2, Ledger::Missing, Reason::Nothing, "【障害】決済API 応答なし（web01）", "zabbix-tokyo"),
        with(
            row(
                3,
                Ledger::Registered,
                Reason::Nothing,
                "** PROBLEM Service Alert: app-07/Swap is CRITICAL **",
                "nagios",
            ),
            48_231,
        ),
        row(4, Ledger::Unreadable, Reason::Blind { why: "PagerDuty did not answer in time".into() }, "", "unknown"),
        with(
            row(
                5,
                Ledger::Matched,
                Reason::SameKey { key: "1700234".into() },
                "ALARM: \"cpu-high\" in Asia Pacific (Tokyo)",
                "cloudwatch",
            ),
            48_213,
        ),
        with(row(6, Ledger::Joined, Reason::IsOpen, "PROBLEM: HTTP 5xx on web01", "zabbix-tokyo"), 48_213),
        row(7, Ledger::Recovery, Reason::Over, "RECOVERY: HTTP 5xx on web01", "zabbix-tokyo"),
        row(8, Ledger::NotAnAlert, rule("an automatic reply"), "自動返信: 不在のお知らせ", "unknown"),
        row(
            9,
            Ledger::Suppressed,
            Reason::MaintenanceWindow { id: "M1".into(), name: "夜間メンテナンス".into() },
            "PROBLEM: ping on db02",
            "zabbix-tokyo",
        ),
        row(10, Ledger::Baseline, Reason::Baseline, "PROBLEM: old", "zabbix-tokyo"),
    ]
}

/// Every reason there is.
pub fn reasons() -> Vec<Reason> {
    let text = || "x".to_owned();
    vec![
        Reason::Grace { until: NOW },
        Reason::Asked,
        Reason::SameKey { key: text() },
        Reason::SameReading,
        Reason::SameTitle,
        Reason::Similar,
        Reason::IsOpen,
        Reason::IsRegistered,
        Reason::InStorm { storm: text() },
        Reason::Rule { rule: text() },
        Reason::HeldBack { rule: text() },
        Reason::Person { name: text() },
        Reason::MaintenanceWindow { id: text(), name: text() },
        Reason::SuppressedThere,
        Reason::OrchestrationRule { rule: text(), url: None },
        Reason::Over,
        Reason::OverUntrusted { why: "no monitor is configured that this mail is of".into() },
        Reason::News,
        Reason::Nothing,
        Reason::Blind { why: text() },
        Reason::RecoveredMeanwhile,
        Reason::Capped { most: 600 },
        Reason::Baseline,
        Reason::Canary { id: text() },
    ]
}

pub fn answer(lacking: u64, registered: u64, difference: i64, mode: Mode) -> NetAnswer {
    NetAnswer {
        ever: true,
        has_door: true,
        lacking,
        oldest_at: (lacking > 0).then(|| before(5_400)),
        registered,
        today: Some(Today {
            mails: 1_204,
            entries: 1_204_u64.saturating_sub(difference.unsigned_abs()),
            waiting: 0,
            difference,
        }),
        mode,
    }
}

pub fn mails(answer: NetAnswer, filters: MailFilters) -> MailsView {
    MailsView {
        answer,
        filters,
        monitors: vec!["cloudwatch".into(), "nagios".into(), "zabbix-tokyo".into()],
        customers: vec![named("aoba", "青葉商事"), named("mina", "みなと病院")],
        rows: rows(),
        total: 1_001,
        next_cursor: Some("next".into()),
    }
}

pub fn mails_none(ever: bool, has_door: bool) -> MailsView {
    let none = NetAnswer { ever, has_door, ..answer(0, 0, 0, Mode::Page) };
    let filters = MailFilters { ledger: if ever { LACKING.into() } else { String::new() }, ..MailFilters::default() };
    MailsView { rows: Vec::new(), total: 0, next_cursor: None, ..mails(none, filters) }
}

fn read(text: &str) -> ReadMail {
    ReadMail {
        reading: Reading {
            reader: "zabbix".into(),
            rule: "subject PROBLEM".into(),
            host: Some("web01.example.jp".into()),
            check: Some("決済API".into()),
            state: State::Problem,
            severity: Some(Severity::Critical),
            at: Some(before(190)),
            key: "1700235".into(),
            names: vec!["1700235".into()],
            title: "決済API 応答なし".into(),
            details: vec![("Trigger severity".into(), "High".into()), ("Item value".into(), "0".into())],
        },
        text: text.into(),
        from_name: "Zabbix 東京".into(),
        to: vec!["ops@example.jp".into()],
        trust_why: "203.0.113.9 handed it over, which is in 203.0.113.0/24".into(),
        notes: vec!["the charset gb18030x is not known; read as UTF-8".into()],
        envelope: Envelope {
            door: Door::Smtp,
            from: Some("zabbix@example.jp".into()),
            recipients: vec!["zabbix-7f3a@alerts.example.jp".into()],
            peer: Some("203.0.113.9".into()),
            helo: Some("zabbix.example.jp".into()),
            tls: true,
            checked: None,
            place: None,
        },
    }
}

pub fn cause(kind: CauseKind) -> Cause {
    Cause {
        kind,
        name: "決済 Web".into(),
        url: Some("https://example.pagerduty.com/services/PSVC1".into()),
        changed_by: Some("鈴木 一郎".into()),
        changed_at: Some(before(90_000)),
        detail: String::new(),
    }
}

pub fn mail(ledger: Ledger, state: Registration, original: Original) -> MailView {
    let reason = if ledger == Ledger::Matched { Reason::SameTitle } else { Reason::Nothing };
    let first = row(2, ledger, reason, "【障害】決済API 応答なし（web01）", "zabbix-tokyo");
    let lacks = ledger.is_unbalanced();
    let is_live = state.is_live();
    MailView {
        row: MailRow {
            incident: (ledger != Ledger::Missing).then(|| link(48_231, "Arayashiki: 決済API 応答なし")),
            ..first
        },
        sender: "zabbix@example.jp".into(),
        message_id: Some("<1700235@zabbix.example.jp>".into()),
        door: "mail-smtp".into(),
        occurred_at: Some(before(190)),
        judged_at: Some(before(120)),
        due: Some(before(130)),
        score: (ledger == Ledger::Matched).then_some(95),
        key: "1700235".into(),
        service: Some("決済 Web".into()),
        sealed_at: None,
        read: Some(read(
            "Problem started at 03:11:02 on 2026.11.22\nProblem name: 決済API 応答なし\nHost: web01.example.jp\nSeverity: High\n",
        )),
        alert: Some(AlertAt {
            open_since: Some(before(190)),
            ended_at: None,
            mails: 3,
            is_in_storm: false,
            registered: Registered {
                state,
                dedup_key: is_live.then(|| "arayashiki/net/5e1f/1".into()),
                asked_at: is_live.then(|| before(118)),
                tries: u64::from(is_live),
                seen_at: (state == Registration::Seen).then(|| before(101)),
                incident: (state == Registration::Seen).then(|| link(48_231, "Arayashiki: 決済API 応答なし")),
            },
            cause: lacks.then(|| cause(CauseKind::ServiceDisabled)),
        }),
        others: rows().into_iter().skip(4).take(3).collect(),
        calls: if state == Registration::Unseen { calls() } else { Vec::new() },
        acts: Acts {
            may: true,
            nonce: "0123456789abcdef".into(),
            registers: lacks && !is_live,
            sets_aside: lacks,
            done: (state == Registration::Asked).then_some("register"),
        },
        original,
        mode: Mode::Post,
    }
}

pub fn calls() -> Vec<CallRow> {
    let call = |person: &str, level, answered: Option<&str>, ended: bool| CallRow {
        person: person.into(),
        level,
        about: "【障害】決済API 応答なし（web01）".into(),
        asked_at: before(600),
        sent_at: Some(before(598)),
        due: None,
        answered_at: answered.map(|_| before(420)),
        answered_by: answered.map(str::to_owned),
        ended_at: ended.then(|| before(300)),
    };
    vec![
        call("佐藤 花子", 2, Some("佐藤 花子"), false),
        call("鈴木 一郎", 1, None, false),
        call("Marek Nowak", 1, None, true),
    ]
}

pub fn evidence() -> Evidence {
    Evidence {
        events_fail_since: Some(before(1_130)),
        events_why: Some("HTTP 500 for 7 calls in a row".into()),
        rest_fails_since: Some(before(1_100)),
        rest_why: Some("no answer within 10 s".into()),
        unseen: 4,
        silent_since: Some(before(900)),
        canary_lost: Some(before(600)),
        last_at: Some(before(3)),
    }
}

pub fn outages(lasts: bool) -> OutagesView {
    let report = Report {
        problems: 41,
        matched: 12,
        registered: 25,
        recovered: 3,
        lacking: 0,
        set_aside: 1,
        calls: 6,
        answered: 2,
    };
    let row = |report: Report, ago| OutageRow {
        id: format!("{ago}"),
        began_at: before(ago),
        ended_at: Some(before(ago - 2_280)),
        evidence: Evidence { canary_lost: None, ..evidence() },
        report: Some(report),
    };
    OutagesView {
        lasts: lasts.then(|| OutageRow { ended_at: None, report: None, ..row(Report::default(), 1_130) }),
        past: vec![
            row(report.clone(), 90_000),
            row(Report { lacking: 2, problems: 43, ..report.clone() }, 190_000),
            row(Report { problems: 99, ..report }, 290_000),
        ],
        evidence: if lasts { evidence() } else { Evidence::default() },
        is_judged: true,
        on_call: vec!["佐藤 花子".into(), "Marek Nowak".into()],
        waiting: if lasts { 4 } else { 0 },
        unregistered: if lasts { 2 } else { 0 },
        mode: Mode::Page,
        calls: if lasts { calls() } else { Vec::new() },
        calls_people: lasts,
    }
}

pub fn ways(is_bad: bool) -> Ways {
    let door = |source: &str, is_open, received, ago: i64| DoorRow {
        source: source.into(),
        is_open,
        received,
        last_at: (received > 0).then(|| before(ago)),
    };
    let canary = |lost: Option<&str>, is_over: bool| CanaryRow {
        began_at: before(700),
        ended_at: is_over.then(|| before(691)),
        lost: lost.map(str::to_owned),
        took_us: (is_over && lost.is_none()).then_some(8_400_000),
        asked_by: if is_over { String::new() } else { "佐藤 花子".into() },
    };
    let route = |name: &str, last: Option<CanaryRow>| RouteRow {
        name: name.into(),
        last: last.clone(),
        ended: last.filter(|last| last.ended_at.is_some()),
        lacks: None,
        through: 96,
        p50_us: Some(7_900_000),
        p99_us: Some(31_000_000),
        steps: [Some(900_000), Some(1_400_000), Some(600_000), Some(4_800_000)],
    };
    let lost = is_bad.then_some("PagerDuty did not take its event");
    let out = |name, configured, breaker| WayOut { name, configured, breaker };
    let breaker = is_bad.then(|| BreakerRow {
        failures: 7,
        opened_at: Some(before(130)),
        open_until: Some(before(-40)),
        why: Some("no connection to hooks.slack.com within 10 s".into()),
    });
    Ways {
        doors: vec![
            door("mail-smtp", true, 12_044, 41),
            door("mail-lmtp", false, 12, 900_000),
            door("mail-imap", true, 0, 0),
            door("mail-ses", false, 0, 0),
        ],
        routes: vec![
            route("main", Some(canary(lost, true))),
            route("青葉商事", Some(canary(None, !is_bad))),
            RouteRow { name: "new".into(), lacks: is_bad.then_some(Lack::Relay), ..RouteRow::default() },
        ],
        out: vec![
            out("way-slack", true, breaker),
            out("way-webhook", false, None),
            out("way-mail", true, None),
            out("way-sms", false, None),
        ],
        nonce: "0123456789abcdef".into(),
    }
}

fn day(day: &str, counts: &[(Ledger, i64)], (received, duplicates, waiting): (u64, u64, u64)) -> DayRow {
    DayRow {
        day: day.into(),
        since: before(90_000),
        until: before(3_600),
        is_other_zone: false,
        received,
        duplicates,
        waiting,
        counts: counts.iter().map(|(ledger, n)| (ledger.as_str().to_owned(), *n)).collect(),
        closed_at: Some(before(2_700)),
    }
}

pub fn ledger(is_whole: bool, is_off: bool) -> LedgerView {
    use Ledger::{Joined, Matched, Missing, NotAnAlert, Recovery, Registered};
    let counts = [(Matched, 801), (Joined, 12), (Recovery, 380), (NotAnAlert, 5), (Registered, 4), (Missing, 2)];
    let off = u64::from(is_off) * 2;
    LedgerView {
        is_whole,
        ever: true,
        today: DayRow { closed_at: None, ..day("2026-11-22", &counts, (1_216 + off, 6, 6)) },
        days: if is_whole {
            vec![
                day("2026-11-21", &counts, (1_210, 6, 0)),
                day("2026-11-20", &counts, (1_210 + off, 6, 0)),
                day("2026-11-19", &[], (0, 0, 0)),
            ]
        } else {
            Vec::new()
        },
    }
}

pub fn monitors() -> MonitorsView {
    let monitor = |name: &str, is_configured, mails, matched, silent: bool| MonitorRow {
        name: name.into(),
        is_configured,
        mails,
        matched,
        last_at: (mails > 0).then(|| before(1_900)),
        silent_since: silent.then(|| before(30_000)),
        has_sender_rule: is_configured && !silent,
        proofs: ProofRow {
            judged: mails.min(9),
            unproven: if silent { 0 } else { mails.min(2) },
            why: "it was not sent to the secret address".into(),
        },
    };
    let mend = |name: &str, kind: Mend, accepted: bool| MendRow {
        key: format!("monitor:{name}:{}", kind.name()),
        name: name.into(),
        kind,
        url: Some("https://example.pagerduty.com/services/PSVC1".into()),
        accepted: accepted.then(|| ("鈴木 一郎".to_owned(), before(400_000))),
    };
    MonitorsView {
        rows: vec![
            monitor("zabbix-tokyo", true, 10_441, 9_980, false),
            monitor("nagios", true, 120, 12, true),
            monitor("munin", false, 31, 0, false),
            monitor("cloudwatch", true, 0, 0, false),
        ],
        mend: vec![
            mend("nagios", Mend::Silent { since: before(30_000), expected: 14 }, false),
            mend("nagios", Mend::Unproven, false),
            mend("zabbix", Mend::NeverProven { mails: 9, why: duties::mail::NO_RECIPIENT.into() }, false),
            mend("munin", Mend::Unconfigured, false),
            mend("munin", Mend::OnlyMails { mails: 31 }, true),
            mend("cloudwatch", Mend::NeverSent, false),
            mend("旧決済サービス", Mend::NeverFired { since: before(31_000_000) }, true),
        ],
        rules: vec![
            RuleRow {
                id: "rule-9".into(),
                name: "PROBLEM: backup window".into(),
                monitor: "nagios".into(),
                holds_back: true,
                by: "佐藤 花子".into(),
                at: before(500_000),
            },
            RuleRow {
                id: "rule-12".into(),
                name: "週次レポート".into(),
                monitor: "munin".into(),
                holds_back: false,
                by: "佐藤 花子".into(),
                at: before(900_000),
            },
        ],
        nonce: "0123456789abcdef".into(),
        rule_ends: false,
    }
}

/// A mail as it is read, and what would happen: matched, or missing by each mode.
pub fn tried(is_found: bool, allowed: Mode) -> TryView {
    let raw = "From: zabbix@example.jp\r\nTo: ops@example.jp\r\nSubject: PROBLEM: Disk full on web01\r\n\r\nTrigger: Disk full\r\nHost: web01\r\n";
    let envelope = read("").envelope;
    let read = duties::mail::read(&duties::mail::Desk::default(), &envelope, raw.as_bytes(), None, NOW);
    let first = duties::safety_net::arrive::First {
        ledger: Ledger::Expected,
        reason: Reason::Grace { until: NOW },
        due: Some(NOW),
    };
    let found = is_found.then(|| Match {
        ledger: Ledger::Matched,
        reason: Reason::SameTitle,
        score: 95,
        incident: Some(link(48_213, "Disk full on web01")),
    });
    TryView {
        text: raw.into(),
        to: "ops@example.jp".into(),
        from: String::new(),
        peer: "203.0.113.9".into(),
        problem: None,
        tried: Some(Box::new(Tried {
            read,
            first,
            service: Some("Web".into()),
            customer: Some("青葉商事".into()),
            found,
            allowed,
            grace_s: 60,
        })),
    }
}
