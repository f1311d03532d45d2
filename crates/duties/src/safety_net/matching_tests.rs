//! What stands against a mail and what only looks like it.

use super::*;

const NOW: Micros = Micros::from_seconds(1_000_000);
const WINDOW_S: i64 = 900;

fn mail(host: &str, check: &str) -> Wanted {
    let title = format!("{check} on {host}");
    let alike = format!("nagios/{host}/{check}");
    let said = Said {
        alike: Some(&alike),
        host: Some(host),
        check: Some(check),
        title: &title,
        subject: &title,
        text: &title,
        names: &[],
    };
    Wanted::new(1, &format!("{host}/{check}"), NOW, &said)
}

fn alert(title: &str, source: &str) -> Candidate {
    Candidate {
        alert: format!("A-{title}"),
        incident: format!("Q-{title}"),
        title: title.into(),
        created_at: NOW.plus_s(2),
        is_open: true,
        words: fold(&format!("{title} {source}")),
        hosts: if source.is_empty() { Vec::new() } else { vec![fold(source)] },
        ..Candidate::default()
    }
}

fn found(wanted: &Wanted, candidates: &[Candidate]) -> Option<Found> {
    let ready: Vec<Ready<'_>> = candidates.iter().map(Ready::new).collect();
    find(wanted, &ready, WINDOW_S)
}

#[test]
fn the_words_of_host_and_check_are_enough_and_less_is_not() {
    let cases = [
        (mail("web01", "HTTP"), alert("CRITICAL: HTTP on web01", ""), true),
        (mail("web01", "HTTP"), alert("HTTP is down", "web01.example.jp"), true),
        (mail("web01", "HTTP"), alert("HTTP is down", "web02"), false),
        (mail("web01", "HTTP"), alert("HTTPS certificate on web01", ""), false),
        (mail("web01", "disk"), alert("disk inodes exhausted soon on web01", ""), false),
        (mail("web01", "Disk /var"), alert("Disk / on web01", ""), false),
        (mail("web01", "Disk /var"), alert("web01: Disk /var is full", ""), true),
        (mail("web01", "CPU load"), alert("CPU steal on web01", ""), false),
        (mail("web01", "port 443"), alert("port 80 on web01", ""), false),
        (mail("web1", "HTTP"), alert("HTTP on web10", ""), false),
        (mail("web01", "ディスク使用率"), alert("【障害】web01 ディスク使用率 超過", ""), true),
        (mail("web01", "ディスク使用率"), alert("【障害】web01 メモリ使用率 超過", ""), false),
        (mail("db01", "replication"), alert("HTTP on web01", ""), false),
    ];
    for (wanted, candidate, is) in cases {
        let title = candidate.title.clone();
        assert_eq!(found(&wanted, &[candidate]).is_some(), is, "{:?} and {title:?}", wanted.titles);
    }
}

#[test]
fn words_never_outweigh_keys_that_differ() {
    let said = Said {
        alike: Some("zabbix/4711"),
        names: &["4711".into()],
        host: Some("web01"),
        check: Some("HTTP"),
        title: "HTTP",
        subject: "Problem: HTTP",
        text: "",
    };
    let wanted = Wanted::new(1, "n", NOW, &said);
    let words = alert("HTTP on web01", "web01");
    assert!(found(&wanted, std::slice::from_ref(&words)).is_some());
    let other = Candidate { key: Some("4712".into()), ..words.clone() };
    assert_eq!(found(&wanted, &[other]), None);
    let read = Candidate { reading: Some("zabbix/4712".into()), ..words.clone() };
    assert_eq!(found(&wanted, &[read]), None);
    let same =
        Candidate { key: Some("4711".into()), title: "something else".into(), hosts: vec!["db01".into()], ..words };
    assert_eq!(found(&wanted, &[same]).unwrap().score, 100);
}

#[test]
fn one_reading_is_one_alert_on_its_own_host_only() {
    let read = |reading: &str| Candidate { reading: Some(reading.into()), ..alert("something else", "web01") };
    let same = found(&mail("web01", "HTTP"), &[read("nagios/web01/HTTP")]).unwrap();
    assert_eq!((same.score, same.reason), (CERTAIN, Reason::SameReading));
    // Another server of the same kind, counting alike.
    let elsewhere = Candidate { hosts: vec!["db01".into()], words: "db01".into(), ..read("nagios/web01/HTTP") };
    assert_eq!(found(&mail("web01", "HTTP"), &[elsewhere]), None);
    // What one of them leaves empty tells nothing apart.
    let vague = Candidate { reading: Some("nagios/web01/".into()), ..alert("HTTP on web01", "web01") };
    assert!(found(&mail("web01", "HTTP"), &[vague]).is_some());
}

#[test]
fn one_alert_balances_one_mail_and_a_key_takes_it_from_a_likeness() {
    let taken = Candidate { mail: Some(7), net: Some("other".into()), score: 80, ..alert("HTTP on web01", "web01") };
    let again = found(&mail("web01", "HTTP"), std::slice::from_ref(&taken));
    assert!(again.as_ref().is_none_or(|found| found.ledger == Ledger::Joined), "{again:?}");
    let by_key = Candidate { reading: Some("nagios/web01/HTTP".into()), ..taken };
    let found = found(&mail("web01", "HTTP"), &[by_key]).unwrap();
    assert_eq!((found.ledger, found.displaces), (Ledger::Matched, Some(7)));
}

#[test]
fn yesterdays_is_no_match_and_what_is_open_is_joined() {
    let old = Candidate { created_at: NOW.plus_s(-86_400), ..alert("HTTP on web01", "web01") };
    assert_eq!(found(&mail("web01", "HTTP"), std::slice::from_ref(&old)).unwrap().ledger, Ledger::Joined);
    let resolved = Candidate { is_open: false, resolved_at: Some(NOW.plus_s(-80_000)), ..old };
    assert_eq!(found(&mail("web01", "HTTP"), &[resolved]), None);
}

#[test]
fn a_suppressed_alert_is_told_as_such() {
    let one = Candidate { suppressed: true, ..alert("HTTP on web01", "web01") };
    assert_eq!(found(&mail("web01", "HTTP"), &[one]).unwrap().ledger, Ledger::Suppressed);
}

#[test]
fn another_service_or_customer_is_another_alert() {
    let mut wanted = mail("web01", "HTTP");
    wanted.service = Some("PSVC1".into());
    wanted.customer = Some("acme".into());
    let one = Candidate {
        service_id: Some("PSVC1".into()),
        customer: Some("acme".into()),
        ..alert("HTTP on web01", "web01")
    };
    assert!(found(&wanted, std::slice::from_ref(&one)).is_some());
    assert_eq!(found(&wanted, &[Candidate { service_id: Some("PSVC2".into()), ..one.clone() }]), None);
    assert_eq!(found(&wanted, &[Candidate { customer: Some("bolt".into()), ..one }]), None);
}

#[test]
fn a_title_that_many_mails_share_is_no_alert_of_this_host() {
    let rds = |host: &str| {
        let said = Said {
            alike: Some(host),
            host: Some(host),
            check: Some("RDS-EVENT-0013"),
            title: "DB instance restarted",
            subject: "RDS Notification Message",
            text: host,
            names: &[],
        };
        Wanted::new(1, host, NOW, &said)
    };
    let by_mail =
        Candidate { words: fold("RDS Notification Message Source ID: db01"), ..alert("RDS Notification Message", "") };
    assert_eq!(found(&rds("db01"), std::slice::from_ref(&by_mail)).unwrap().score, 95);
    assert_eq!(found(&rds("db02"), std::slice::from_ref(&by_mail)), None);
    // One whose alerts are not read yet says nothing but its title.
    assert_eq!(found(&rds("db02"), &[alert("RDS Notification Message", "")]), None);
}

#[test]
fn a_mail_without_a_host_names_one_in_its_check() {
    let robot = |check: &str| {
        let subject = format!("Monitor is DOWN: {check}");
        let said = Said { check: Some(check), title: check, subject: &subject, ..Said::default() };
        Wanted::new(1, check, NOW, &said)
    };
    let cases = [
        ("web01 HTTP", alert("HTTP on web01 is critical", "web01"), true),
        ("web01 HTTP", alert("HTTP on web02 is critical", "web02"), false),
        ("web01 HTTP", alert("certificate on web01 is critical", "web01"), false),
        ("Shop page", alert("page of the shop is critical", "web01"), false),
    ];
    for (check, candidate, is) in cases {
        assert_eq!(
            found(&robot(check), std::slice::from_ref(&candidate)).is_some(),
            is,
            "{check}: {}",
            candidate.title
        );
    }
}
