//! A storm: ten thousand mails of one monitor become one incident with a list, and PagerDuty is asked no more than its limits
//! allow; half of them with incidents of their own, each finds its own.

use super::letters::{letter, monitor, problem};
use super::scene::{Plan, Scene};
use super::sender::{Letter, Sender};
use crate::outside::wait;
use crate::world::Database;
use model::mail::Ledger;
use sandbox::monitors::{Alert, Language, Style};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use store::mails::Item;

const MAILS: usize = 10_000;
const SENDERS: usize = 16;
/// What PagerDuty takes in a minute: of REST by key, of Events v2 by integration.
const REST_A_MINUTE: u64 = 960;
const EVENTS_A_MINUTE: usize = 120;
/// Missing in a minute that are no storm yet.
const MOST_ALONE: usize = 20;
/// A debug build on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(240);

fn scene(database: Database) -> Scene {
    let mut scene = Scene::beside(database, &["--requests-per-minute", "960"], |_, _| {
        Plan::paging().with(&monitor("zbx", "zabbix", ""))
    });
    scene.start();
    scene
}

fn letters(alerts: &[Alert]) -> Vec<Letter> {
    alerts.iter().map(|alert| letter(alert, Style::default(), "zbx")).collect()
}

/// Over many connections at once.
fn pour(scene: &Scene, letters: &[Letter]) {
    std::thread::scope(|scope| {
        for part in letters.chunks(letters.len().div_ceil(SENDERS)) {
            scope.spawn(move || {
                let mut sender = Sender::open(scene.smtp).unwrap();
                part.iter().for_each(|letter| drop(sender.send(letter).unwrap()));
            });
        }
    });
}

/// Waits until nothing is expected and all that lacks an incident has one.
fn is_over(scene: &Scene, mails: usize) {
    let lacking = [Ledger::Expected, Ledger::Missing, Ledger::Unreadable];
    let done = wait::within(PATIENCE, || {
        let all = scene.books.count(&[]) == i64::try_from(mails).unwrap();
        (all && scene.books.count(&lacking) == 0).then_some(())
    });
    let counts = scene.books.balance().counts;
    assert!(done.is_some(), "{counts:?}\n{}", scene.world.unrest());
}

/// Calls of the REST API since then, by the other side's own count; and that nothing was refused.
fn within_limits(scene: &Scene, begun: Instant) {
    let minutes = begun.elapsed().as_secs() / 60 + 1;
    let calls = scene.world.sandbox.get("calls");
    let rest: u64 = calls.as_object().unwrap().values().filter_map(Value::as_u64).sum();
    eprintln!("{rest} calls of REST in {:?}", begun.elapsed());
    assert!(rest <= REST_A_MINUTE * minutes, "{rest} calls in {minutes} minutes: {calls}");
    let effects = scene.world.sandbox.effects();
    let events: Vec<&Value> = effects.iter().filter(|e| e["via"] == "events").collect();
    let refused = events.iter().filter(|e| e["kind"] == "event.rejected").count();
    assert_eq!(refused, 0, "Events v2 refused some");
    assert!(events.len() <= EVENTS_A_MINUTE * usize::try_from(minutes).unwrap(), "{} events", events.len());
}

#[test]
fn ten_thousand_mails_are_one_incident_with_a_list() {
    let scene = scene(Database::Sqlite);
    let alerts: Vec<Alert> = (0..MAILS).map(|n| problem(&format!("web{n:05}"), "HTTP")).collect();
    let begun = Instant::now();
    pour(&scene, &letters(&alerts));
    eprintln!("{MAILS} mails taken in {:?}", begun.elapsed());
    is_over(&scene, MAILS);
    within_limits(&scene, begun);
    // Until so many lack one in a minute nobody knows that it is a storm.
    let is_storm = |one: &&Value| one["incident_key"].as_str().unwrap().contains("/storm:");
    let ours = scene.ours();
    let storms: Vec<&Value> = ours.iter().filter(is_storm).collect();
    assert_eq!(storms.len(), 1, "{:?}", ours.iter().map(|one| &one["title"]).collect::<Vec<_>>());
    assert!(ours.len() <= 1 + MOST_ALONE, "{} incidents", ours.len());
    assert!(storms[0].to_string().contains("web0"), "the incident lists none of them: {}", storms[0]);
    scene.posted(&["zbx", "/safety-net?monitor=zbx"]);
    scene.balances(MAILS);
}

#[test]
fn in_a_storm_each_incident_finds_its_mail() {
    each_half(Database::Sqlite);
}

#[test]
fn in_a_storm_on_postgres_each_incident_finds_its_mail() {
    if Database::at_hand().contains(&Database::Postgres) {
        each_half(Database::Postgres);
    }
}

/// Every second alert has its incident; the others have none.
fn each_half(database: Database) {
    const HALF: usize = 300;
    let scene = scene(database);
    let alerts: Vec<Alert> = (0..2 * HALF).map(|n| problem(&format!("web{n:05}"), "HTTP")).collect();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| pour(&scene, &letters(&alerts)));
        scope.spawn(|| alerts.iter().step_by(2).for_each(|alert| trigger(&scene, alert)));
    });
    is_over(&scene, alerts.len());
    // What was missing for a moment only has its own by now.
    let wants = |mails: &[Item]| {
        let of = |even: bool, ledgers: &[Ledger]| {
            let is_half = |mail: &&Item| number(mail).is_multiple_of(2) == even && ledgers.contains(&mail.ledger);
            mails.iter().filter(is_half).count()
        };
        of(true, &[Ledger::Matched, Ledger::MatchedLate]) == HALF
            && of(false, &[Ledger::Registered, Ledger::Joined]) == HALF
    };
    scene.until("each of the one half matched and of the other registered", wants);
    within_limits(&scene, begun);
    assert!(scene.ours().iter().filter(|one| one["status"] != "resolved").count() <= 1 + MOST_ALONE);
    scene.balances(alerts.len());
}

fn number(mail: &Item) -> usize {
    mail.host.as_deref().unwrap().trim_start_matches("web").parse().unwrap()
}

fn trigger(scene: &Scene, alert: &Alert) {
    let body = json!({
        "service": "Hoshino Foods / EC site", "title": alert.title(Language::En), "key": alert.key(), "source": alert.host,
        "details": { "host": alert.host },
    });
    scene.world.sandbox.control("trigger", &body);
}
