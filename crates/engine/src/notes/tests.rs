//! The note beside a simulated PagerDuty: one for ever, whatever happens to its tries, and brought to what it is to say.

use super::{DIAGNOSIS, Kept, kept, marker, want};
use crate::Settings;
use crate::testing::{Scene, on_a_scene, with_key};
use model::action::{Outcome, Queue};
use model::connection::{TokenState, poll as names};
use serde_json::{Value, json};
use store::runs::{self, New};
use store::{actions, polls};

/// Longer than a lease and what follows it.
const LONG_S: i64 = 120;

/// Something more that the note is to say, and the job that brings it there.
async fn news(scene: &Scene<'_>, incident: &str, host: &str) -> bool {
    let (id, host, settings) = (incident.to_owned(), host.to_owned(), scene.shared.settings.clone());
    scene
        .write(move |tx| {
            Box::pin(async move {
                let new = New {
                    key: &format!("{id}/{host}"),
                    incident: Some(&id),
                    host: &host,
                    customer: None,
                    runbook: "linux",
                    runbook_digest: "d",
                    class: "read",
                    reason: "incident",
                    asked_by: "system",
                    plan: "{}",
                    plan_digest: "d",
                    steps: &[],
                };
                let version = runs::add(tx, &new).await?.unwrap();
                want(tx, &settings, &id, DIAGNOSIS, version).await
            })
        })
        .await
}

async fn known(scene: &Scene<'_>, incident: &str) -> Option<Kept> {
    let id = incident.to_owned();
    scene.write(move |tx| Box::pin(async move { kept(tx, &id, DIAGNOSIS).await })).await
}

/// The only note, which says all of this.
async fn the_note(scene: &Scene<'_>, incident: &str, says: &[&str]) -> String {
    let mut notes = scene.notes(incident).await;
    assert_eq!(notes.len(), 1, "{notes:?}");
    let (id, content) = notes.remove(0);
    for words in says {
        assert!(content.contains(words), "{words:?} in {content:?}");
    }
    assert!(content.ends_with(&marker(incident, DIAGNOSIS)), "{content:?}");
    id
}

fn is_done(outcome: Option<Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Done { external: Some(_) }))
}

fn on_notes(method: &str, act: Value) -> Value {
    let path = if method == "PUT" { "/incidents/*/notes/*" } else { "/incidents/*/notes" };
    json!({ "on": "rest", "method": method, "path": path, "do": act })
}

/// A note stands there and is to say more.
async fn written(scene: &Scene<'_>) -> (String, String) {
    let incident = scene.trigger();
    scene.mirror(&incident).await;
    assert!(news(scene, &incident, "web01").await && is_done(scene.act(Queue::Live).await));
    let note = the_note(scene, &incident, &["web01"]).await;
    assert!(news(scene, &incident, "db07").await);
    (incident, note)
}

#[test]
fn a_hundred_changes_are_one_note_in_its_place() {
    on_a_scene(with_key(), async |scene: &Scene<'_>| {
        let (incident, note) = written(scene).await;
        assert!(!news(scene, &incident, "db08").await, "one job waits already");
        assert!(is_done(scene.act(Queue::Live).await));
        let link = format!("https://ops.example.jp/incidents/{incident}#evidence");
        assert_eq!(the_note(scene, &incident, &["web01", "db07", "db08", &link]).await, note);
        assert_eq!(scene.act(Queue::Live).await, None);
        // What is changed by us is read again: no webhook tells of it.
        assert!(matches!(scene.act(Queue::Read).await, Some(Outcome::Done { .. })));
    });
}

#[test]
fn what_says_the_same_already_is_left_alone() {
    on_a_scene(with_key(), async |scene: &Scene<'_>| {
        let (incident, note) = written(scene).await;
        assert!(is_done(scene.act(Queue::Live).await));
        let (id, settings) = (incident.clone(), scene.shared.settings.clone());
        scene.write(move |tx| Box::pin(async move { want(tx, &settings, &id, DIAGNOSIS, 900).await })).await;
        scene.fault(&on_notes("PUT", json!({ "status": 500 })));
        assert!(is_done(scene.act(Queue::Live).await), "nothing was sent");
        assert_eq!(the_note(scene, &incident, &["db07"]).await, note);
    });
}

#[test]
fn a_try_that_ended_in_doubt_is_looked_up_and_never_written_twice() {
    on_a_scene(with_key(), async |scene: &Scene<'_>| {
        let incident = scene.trigger();
        news(scene, &incident, "web01").await;
        scene.fault(&on_notes("POST", json!({ "cut": "after_effect" })));
        assert!(matches!(scene.act(Queue::Live).await, Some(Outcome::Unknown { .. })));
        scene.bed.clock.advance_s(LONG_S);
        assert!(is_done(scene.act(Queue::Live).await));
        let note = the_note(scene, &incident, &["web01"]).await;
        assert_eq!(known(scene, &incident).await, Some(Kept { note, stays: false }));
    });
}

#[test]
fn a_worker_that_died_after_writing_leaves_one_note() {
    on_a_scene(with_key(), async |scene: &Scene<'_>| {
        let incident = scene.trigger();
        news(scene, &incident, "web01").await;
        let job = scene.claim(Queue::Live).await.unwrap();
        scene.effect(&job).await;
        // What it is to say has changed meanwhile.
        assert!(news(scene, &incident, "db07").await, "the job under way may say the old words");
        scene.bed.clock.advance_s(LONG_S);
        assert!(is_done(scene.act(Queue::Live).await) && is_done(scene.act(Queue::Live).await));
        the_note(scene, &incident, &["web01", "db07"]).await;
    });
}

#[test]
fn a_change_that_ended_in_doubt_is_seen_or_made_again() {
    for cut in ["before_read", "after_effect"] {
        on_a_scene(with_key(), async |scene: &Scene<'_>| {
            let (incident, note) = written(scene).await;
            scene.fault(&on_notes("PUT", json!({ "cut": cut })));
            assert!(matches!(scene.act(Queue::Live).await, Some(Outcome::Unknown { .. })), "{cut}");
            scene.bed.clock.advance_s(LONG_S);
            assert!(is_done(scene.act(Queue::Live).await), "{cut}");
            assert_eq!(the_note(scene, &incident, &["web01", "db07"]).await, note, "{cut}");
        });
    }
}

#[test]
fn a_note_that_can_not_be_changed_stays_and_that_is_said_once() {
    for status in [403, 404, 405] {
        on_a_scene(with_key(), async |scene: &Scene<'_>| {
            let (incident, note) = written(scene).await;
            let body = json!({ "error": { "message": "no", "code": 2015 } });
            scene.fault(&on_notes("PUT", json!({ "status": status, "body": body })));
            let ended = scene.act(Queue::Live).await;
            let said = matches!(&ended, Some(Outcome::Skipped { why }) if why.contains("stays as it is"));
            assert!(said, "{status}: {ended:?}");
            assert_eq!(the_note(scene, &incident, &["web01"]).await, note, "{status}");
            assert_eq!(known(scene, &incident).await, Some(Kept { note, stays: true }));
            assert!(!news(scene, &incident, "db08").await, "it is not tried again");
            assert_eq!(scene.act(Queue::Live).await, None);
        });
    }
}

#[test]
fn one_that_is_not_shown_is_changed_or_given_up_and_never_written_again() {
    on_a_scene(with_key(), async |scene: &Scene<'_>| {
        let (incident, note) = written(scene).await;
        // A list that is behind.
        scene.fault(&on_notes("GET", json!({ "status": 200, "body": { "notes": [] } })));
        assert!(is_done(scene.act(Queue::Live).await));
        assert_eq!(the_note(scene, &incident, &["db07"]).await, note);
        // Somebody deleted it.
        assert!(news(scene, &incident, "db08").await);
        scene.fault(&on_notes("GET", json!({ "status": 200, "body": { "notes": [] } })));
        scene.fault(&on_notes("PUT", json!({ "status": 404, "body": {} })));
        assert!(matches!(scene.act(Queue::Live).await, Some(Outcome::Skipped { .. })));
        assert!(!news(scene, &incident, "db09").await);
        assert_eq!(scene.notes(&incident).await.len(), 1);
    });
}

#[test]
fn long_after_the_end_no_new_note_is_written() {
    on_a_scene(with_key(), async |scene: &Scene<'_>| {
        let (early, late) = (scene.trigger(), scene.bed);
        scene.control("act", &json!({ "incident": early, "act": "resolve" }));
        scene.mirror(&early).await;
        assert!(news(scene, &early, "web01").await);
        late.clock.advance_s(1_800);
        assert!(is_done(scene.act(Queue::Live).await), "half an hour later it is still of use");
        late.clock.advance_s(3_600);
        assert!(
            news(scene, &early, "db07").await && is_done(scene.act(Queue::Live).await),
            "what stands is kept right"
        );
        the_note(scene, &early, &["db07"]).await;
        let other = scene.trigger();
        scene.control("act", &json!({ "incident": other, "act": "resolve" }));
        scene.mirror(&other).await;
        late.clock.advance_s(3_700 + 5_400);
        assert!(news(scene, &other, "web01").await);
        let ended = scene.act(Queue::Live).await;
        assert!(matches!(&ended, Some(Outcome::Skipped { .. })), "{ended:?}");
        assert!(scene.notes(&other).await.is_empty());
    });
}

#[test]
fn nothing_is_wanted_without_a_key_and_only_shown_with_one_that_looks() {
    on_a_scene(Settings { key_mark: String::new(), ..with_key() }, async |scene: &Scene<'_>| {
        assert!(!news(scene, "Q1", "web01").await);
    });
    on_a_scene(with_key(), async |scene: &Scene<'_>| {
        let key = scene.shared.settings.key_mark.clone();
        scene
            .write(move |tx| {
                Box::pin(async move {
                    polls::register(tx, names::TOKEN).await?;
                    let state = TokenState { key, can_write: Some(false), ..TokenState::default() };
                    polls::ended(tx, names::TOKEN, Some(&state)).await
                })
            })
            .await;
        news(scene, "Q1", "web01").await;
        assert_eq!(scene.act(Queue::Live).await, None);
        let seen = scene.write(|tx| Box::pin(actions::observed(tx, "Q1"))).await;
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert!(!news(scene, "Q1", "db07").await, "once is enough");
    });
}

#[test]
fn a_note_with_nothing_to_say_or_of_an_unknown_incident_ends_quietly() {
    on_a_scene(with_key(), async |scene: &Scene<'_>| {
        let settings = scene.shared.settings.clone();
        scene.write(move |tx| Box::pin(async move { want(tx, &settings, "Q1", DIAGNOSIS, 1).await })).await;
        assert!(matches!(scene.act(Queue::Live).await, Some(Outcome::Skipped { .. })));
        news(scene, "QNONE", "web01").await;
        assert!(matches!(scene.act(Queue::Live).await, Some(Outcome::Skipped { .. })));
    });
}
