//! The original comes late: what was registered meanwhile goes into it, or is resolved beside it, and a note says so once.

use super::each;
use super::letters::{letter, monitor, problem};
use super::scene::{Plan, Scene, shown};
use crate::outside::wait;
use crate::world::Database;
use crate::world::sandbox::PEOPLE;
use model::mail::Ledger;
use sandbox::monitors::{Alert, Language, Style};
use serde_json::{Value, json};

const SERVICE: &str = "Hoshino Foods / EC site";

pub(super) fn plan() -> Plan {
    Plan::paging().with(&monitor("zbx", "zabbix", &format!("service = \"{SERVICE}\"")))
}

/// Missing, registered, and seen.
pub(super) fn registered(scene: &Scene, alert: &Alert) -> String {
    scene.post(&letter(alert, Style::default(), "zbx"));
    scene.until("it is registered", |mails| mails.iter().any(|mail| mail.ledger == Ledger::Registered));
    scene.ours()[0]["id"].as_str().unwrap().to_owned()
}

pub(super) fn original(scene: &Scene, alert: &Alert) -> String {
    let body =
        json!({ "service": SERVICE, "title": alert.title(Language::En), "key": alert.key(), "source": alert.host });
    scene.world.sandbox.control("trigger", &body)["incident"]["id"].as_str().unwrap().to_owned()
}

pub(super) fn incident(scene: &Scene, id: &str) -> Value {
    scene.world.sandbox.incidents().into_iter().find(|one| one["id"] == id).unwrap()
}

/// Waits until ours is no open incident of its own any more.
pub(super) fn withdrawn(scene: &Scene, ours: &str) -> Value {
    let is_gone = || Some(incident(scene, ours)).filter(|one| one["status"] == "resolved");
    wait::within(wait::LONG, is_gone)
        .unwrap_or_else(|| panic!("ours stays open: {}\n{}", shown(&scene.books.mails()), scene.world.unrest()))
}

fn our_notes(incident: &Value) -> usize {
    let notes = incident["notes"].as_array().unwrap();
    notes.iter().filter(|note| note["content"].as_str().is_some_and(|text| text.contains("arayashiki/merged/"))).count()
}

fn truth(scene: &Scene, id: &str) -> Value {
    let all = scene.world.sandbox.get("truth?limit=1000");
    all["incidents"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone()
}

#[test]
fn ours_goes_into_the_original_with_one_note() {
    each(|database| {
        let scene = Scene::started(database, &plan());
        let alert = problem("web01", "disk /var");
        let ours = registered(&scene, &alert);
        let theirs = original(&scene, &alert);
        withdrawn(&scene, &ours);
        scene.world.settle();
        let mails = scene.until("matched late", |mails| mails[0].ledger == Ledger::MatchedLate);
        assert_eq!(mails[0].incident.as_deref(), Some(theirs.as_str()));
        assert_eq!(truth(&scene, &ours)["merged_into"], theirs.as_str());
        assert_eq!(incident(&scene, &theirs)["status"], "triggered", "the original is left alone");
        assert_eq!(our_notes(&incident(&scene, &ours)), 1);
        scene.balances(1);
    });
}

#[test]
fn beside_an_original_that_is_over_ours_is_resolved() {
    let scene = Scene::started(Database::Sqlite, &plan());
    let alert = problem("web01", "disk /var");
    let ours = registered(&scene, &alert);
    // Nobody hears of it before it is over.
    scene.world.sandbox.control("hold", &json!({ "seconds": 5 }));
    let theirs = original(&scene, &alert);
    scene.world.sandbox.control("act", &json!({ "incident": theirs, "act": "resolve", "by": PEOPLE[0] }));
    withdrawn(&scene, &ours);
    scene.world.settle();
    let mails = scene.until("matched late", |mails| mails[0].ledger == Ledger::MatchedLate);
    assert_eq!(mails[0].incident.as_deref(), Some(theirs.as_str()));
    assert!(our_notes(&incident(&scene, &ours)) <= 1);
    scene.balances(1);
}

/// PagerDuty takes our event and shows nothing for a while; the original comes in between.
#[test]
fn an_original_that_comes_while_ours_is_on_its_way_wins() {
    let scene = Scene::started(Database::Sqlite, &plan());
    let alert = problem("web01", "disk /var");
    scene.world.sandbox.fault(&json!({ "on": "events", "path": "/v2/enqueue", "do": { "appear_ms": 6_000 } }));
    scene.post(&letter(&alert, Style::default(), "zbx"));
    scene.until("it is missing", |mails| mails.iter().any(|mail| mail.ledger == Ledger::Missing));
    wait::until("our event to be taken", || (scene.world.sandbox.fired() > 0).then_some(()));
    let theirs = original(&scene, &alert);
    scene.until("matched late", |mails| mails[0].ledger == Ledger::MatchedLate);
    wait::until("our incident to appear", || scene.ours().first().map(drop));
    let ours = scene.ours()[0]["id"].as_str().unwrap().to_owned();
    withdrawn(&scene, &ours);
    scene.world.settle();
    assert_eq!(incident(&scene, &theirs)["status"], "triggered");
    let mails = scene.books.mails();
    assert_eq!((mails[0].ledger, mails[0].incident.as_deref()), (Ledger::MatchedLate, Some(theirs.as_str())));
    scene.balances(1);
}

/// What PagerDuty itself held back comes when its pause is over.
#[test]
fn an_alert_that_auto_pause_held_back_takes_its_place() {
    let scene = Scene::made_and_started(Database::Sqlite, |sandbox, _| {
        sandbox.control("service", &json!({ "service": SERVICE, "auto_pause_s": 120 }));
        plan()
    });
    let alert = problem("web01", "disk /var");
    assert_eq!(scene.enqueue(&super::letters::event(&alert, &scene.key_of(SERVICE))), 202);
    let ours = registered(&scene, &alert);
    scene.world.sandbox.control("advance", &json!({ "seconds": 121 }));
    withdrawn(&scene, &ours);
    let mails = scene.until("matched late", |mails| mails[0].ledger == Ledger::MatchedLate);
    assert_ne!(mails[0].incident.as_deref(), Some(ours.as_str()));
    scene.balances(1);
}
