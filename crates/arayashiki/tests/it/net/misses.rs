//! True misses beside look-alikes: what is like a mail and is not its alert never stands against it, and each miss is
//! registered once and seen open with somebody assigned.

use super::each;
use super::letters::{letter, monitor, of_kind};
use super::scene::{Plan, Scene, shown};
use super::sender::Letter;
use crate::world::sandbox::PEOPLE;
use model::mail::Ledger;
use sandbox::monitors::{Alert, Kind, Language, Style};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::mails::Item;

const CHECKS: [&str; 5] = ["HTTP", "disk /var", "replication lag", "CPU 使用率", "swap usage"];
const KINDS: [(Kind, &str); 4] =
    [(Kind::Nagios, "nagios"), (Kind::Icinga, "icinga2"), (Kind::Zabbix, "zabbix"), (Kind::Mackerel, "mackerel")];

/// An alert of the account that somebody may take for another's.
fn there(scene: &Scene, service: &str, alert: &Alert, key: &str) -> String {
    let body = json!({
        "service": service, "title": alert.title(Language::En), "key": key, "source": alert.host,
        "details": { "host": alert.host, "check": alert.check },
    });
    let told = scene.world.sandbox.control("trigger", &body);
    assert_eq!(told["became"], "incident", "{told}");
    told["incident"]["id"].as_str().unwrap().to_owned()
}

/// What a miss is mistaken for, by turns.
fn look_alikes(n: usize, missed: &Alert) -> Vec<Alert> {
    let other = |host: &str, check: &str| Alert { host: host.into(), check: check.into(), ..missed.clone() };
    let (host, check) = (missed.host.as_str(), missed.check.as_str());
    match n % TURNS {
        // The same host, another check.
        0 => vec![other(host, "certificate of api.example.jp"), other(host, "load average")],
        // The same check, other hosts.
        1 => vec![other(&format!("{host}0"), check), other(&format!("x{host}"), check)],
        // Numbers that differ.
        2 => vec![other(&host.replace("web", "web9"), check), other(host, "port 8443")],
        // A title that has the other's within it.
        3 => vec![other(host, &format!("{check} forecast for next week on the standby"))],
        // Short names that are the beginning of others.
        4 => vec![other(&format!("{host}-standby"), check), other(&format!("{host}.other.example.com"), "ping")],
        _ => Vec::new(),
    }
}

const TURNS: usize = 8;
/// Another customer's host has the same name and the same trouble.
const OF_ANOTHER_CUSTOMER: usize = 5;
/// The very same, yesterday, and resolved then.
const YESTERDAYS: usize = 6;
const YESTERDAY_S: i64 = 80_000;
const SERVICES: [&str; 3] = ["Minato Pay / 決済API", "Minato Pay / Card gateway", "Minato Pay / Batch"];

fn plan() -> Plan {
    let customers = "\n[[customer]]\nid = \"minato\"\nname = \"Minato Pay\"\nservice_contains = [\"Minato Pay\"]\n\
                     \n[[customer]]\nid = \"hoshino\"\nname = \"Hoshino Foods\"\nservice_contains = [\"Hoshino Foods\"]\n";
    let monitors: String = KINDS.iter().map(|(_, name)| monitor(name, name, "customer = \"minato\"")).collect();
    Plan::paging().net("storm = 1000").with(customers).with(&monitors)
}

fn missed() -> Vec<(&'static str, Alert)> {
    let one = |n: usize| {
        let (kind, name) = KINDS[n % KINDS.len()];
        (name, of_kind(kind, &format!("web{:03}", 100 + n), CHECKS[n % CHECKS.len()]))
    };
    (0..100).map(one).collect()
}

fn yesterdays(scene: &Scene, missed: &[(&str, Alert)]) {
    for (n, (_, alert)) in missed.iter().enumerate().filter(|(n, _)| n % TURNS == YESTERDAYS) {
        let incident = there(scene, SERVICES[n % SERVICES.len()], alert, &format!("yesterday/{n}"));
        scene.world.sandbox.control("act", &json!({ "incident": incident, "act": "resolve", "by": PEOPLE[0] }));
    }
    scene.world.sandbox.control("advance", &json!({ "seconds": YESTERDAY_S }));
}

fn todays(scene: &Scene, missed: &[(&str, Alert)]) {
    for (n, (_, alert)) in missed.iter().enumerate() {
        for (i, beside) in look_alikes(n, alert).iter().enumerate() {
            there(scene, SERVICES[(n + i) % SERVICES.len()], beside, &format!("beside/{n}/{i}"));
        }
        if n % TURNS == OF_ANOTHER_CUSTOMER {
            there(scene, "Hoshino Foods / EC site", alert, &format!("another/{n}"));
        }
    }
}

#[test]
fn a_hundred_misses_beside_look_alikes_are_each_registered_once() {
    each(|database| {
        let behind = YESTERDAY_S.to_string();
        let mut scene = Scene::beside(database, &["--behind-s", &behind], |_, _| plan());
        let missed = missed();
        yesterdays(&scene, &missed);
        scene.start();
        todays(&scene, &missed);
        let letters: Vec<Letter> =
            missed.iter().map(|(monitor, alert)| letter(alert, Style::default(), monitor)).collect();
        scene.post_all(&letters);
        let mails = scene.until("a hundred registered mails", |mails| {
            mails.len() == letters.len() && mails.iter().all(|mail| mail.ledger == Ledger::Registered)
        });
        each_is_registered(&scene, &mails);
        scene.balances(letters.len());
    });
}

/// Once, under its own key, open, with somebody assigned.
fn each_is_registered(scene: &Scene, mails: &[Item]) {
    let mut by_key: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for one in scene.ours() {
        by_key.entry(one["incident_key"].as_str().unwrap().to_owned()).or_default().push(one);
    }
    assert_eq!(by_key.len(), mails.len(), "{by_key:#?}");
    for mail in mails {
        let net = scene.books.net_of(mail);
        let ours = &by_key[net.dedup_key.as_deref().unwrap()];
        assert_eq!(ours.len(), 1, "registered twice: {ours:#?}");
        assert_eq!(mail.incident.as_deref(), ours[0]["id"].as_str(), "{}", shown(std::slice::from_ref(mail)));
        assert_eq!(ours[0]["status"], "triggered");
        assert!(!ours[0]["assignments"].as_array().unwrap().is_empty(), "nobody is assigned: {}", ours[0]);
    }
    let sent = scene.world.sandbox.effects();
    let pages = sent.iter().filter(|e| e["kind"] == "event.trigger" && e["via"] == "events").count();
    assert_eq!(pages, mails.len(), "each page was sent once");
}
