//! A storm's incident stands when PagerDuty stops taking events: what joins the storm is not registered by that, people are
//! called for it, and when events are taken again the incident's notes name it.

use super::alert::Alert;
use super::scene::{Scene, Terms};
use super::silent::{How, SPEED, TIMES, answer, begin, end, wired};
use crate::outside::{parallel, wait};
use crate::spool::proxy::Proxy;
use crate::world::{Arms, Database};
use model::mail::Ledger;
use serde_json::{Value, json};
use store::mails::Item;

const TERMS: Terms = Terms {
    net: "grace = \"30s\"\nstorm = 2",
    path: "unanswered = \"5m\"\nlevels = 3",
    more: "",
    times: TIMES,
    sandbox: &[],
};

/// What PagerDuty does.
#[derive(Clone, Copy, Debug)]
enum Out {
    /// It refuses events; whoever looks for the storm's incident finds it open.
    Events,
    Whole,
}

#[test]
fn what_joins_a_storm_while_pagerduty_is_out_is_told_to_people_and_named_when_it_is_back() {
    let databases = Database::at_hand();
    let outs = [Out::Events, Out::Whole];
    let cases: Vec<_> = outs.into_iter().enumerate().map(|(n, out)| (databases[n % databases.len()], out)).collect();
    let cases: Vec<_> = cases.into_iter().map(|case| (format!("{case:?}"), case)).collect();
    parallel::all(&cases, |(database, out)| joins(*database, *out));
}

fn joins(database: Database, out: Out) {
    let (mut scene, proxy) = wired(database, TERMS);
    scene.start(Arms::default());
    scene.world.settle_at_first();
    let alerts: Vec<Alert> = (0..5).map(|n| Alert::nth("gale", n)).collect();
    let (late, first) = alerts.split_last().unwrap();
    scene.while_time_flies(SPEED, || {
        first.iter().for_each(|alert| scene.problem(alert));
        until(&scene, "a storm's incident stands", |mails| mails.iter().all(is_registered) && mails.len() == 4);
        let storm = ours(&scene);
        let [storm] = storm.as_slice() else { panic!("no storm: {storm:?}") };
        stop(&scene, &proxy, out);
        scene.problem(late);
        let page = called(&scene);
        let lacks = of(&scene.books().mails(), late).unwrap();
        assert_eq!(lacks.ledger, Ledger::Missing, "it counts as registered while PagerDuty has no list with it");
        answer(&scene, &page);
        end(&scene, &proxy);
        until(&scene, "it is registered", |mails| of(mails, late).is_some_and(|mail| is_registered(&mail)));
        let mail = of(&scene.books().mails(), late).unwrap();
        assert_eq!(mail.incident.as_deref(), storm["id"].as_str(), "one storm, one incident");
        scene.world.settle();
    });
    let notes = scene.world.sandbox.effects().into_iter().filter(|effect| effect["kind"] == "note.created");
    let notes: Vec<String> = notes.map(|note| note.to_string()).filter(|note| note.contains(&late.host)).collect();
    assert_eq!(notes.len(), 1, "{:?}", scene.world.sandbox.effects());
    assert_eq!(ours(&scene).len(), 1);
}

fn stop(scene: &Scene, proxy: &Proxy, out: Out) {
    match out {
        Out::Whole => begin(scene, proxy, How::Refused),
        Out::Events => {
            scene.world.sandbox.fault(&json!({ "on": "events", "times": 1_000_000, "do": { "status": 503 } }));
        }
    }
}

fn is_registered(mail: &Item) -> bool {
    mail.ledger == Ledger::Registered
}

fn of(mails: &[Item], alert: &Alert) -> Option<Item> {
    mails.iter().find(|mail| mail.host.as_deref() == Some(&alert.host)).cloned()
}

fn ours(scene: &Scene) -> Vec<Value> {
    let incidents = scene.world.sandbox.incidents().into_iter();
    incidents.filter(|one| one["incident_key"].as_str().is_some_and(|key| key.contains("/storm:"))).collect()
}

fn until(scene: &Scene, what: &str, is_so: impl Fn(&[Item]) -> bool) {
    let books = scene.books();
    let so = wait::within(wait::LONG, || is_so(&books.mails()).then_some(()));
    let stand: Vec<_> = books.mails().into_iter().map(|mail| (mail.host, mail.ledger)).collect();
    assert!(so.is_some(), "never: {what}: {stand:?}\n{}", scene.world.unrest());
}

/// The page of the second path for the storm.
fn called(scene: &Scene) -> Value {
    let is_storms = |body: &Value| body["title"].as_str().is_some_and(|title| title.contains("zbx"));
    let calls = || scene.phone.all("calls").into_iter().map(|call| call["body"].clone()).find(is_storms);
    wait::within(wait::LONG, calls).unwrap_or_else(|| panic!("nobody is called: {}", scene.world.unrest()))
}
