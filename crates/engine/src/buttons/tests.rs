//! Buttons beside a simulated PagerDuty, from the press to the run that is asked for: who is believed, who may, and that a press is one
//! visit whatever is sent.

use super::heard;
use crate::testing::{SERVICE, Scene, on_a_scene, with_key};
use crate::{Settings, intake};
use connectors::pagerduty::ListReference;
use connectors::{Call, Class};
use model::action::{Outcome, Queue};
use model::person::Role;
use model::press::Claim;
use model::signal::digest;
use model::{Scope, reference as mirrored};
use serde_json::{Value, json};
use store::accounts::{self, Account};
use store::audit::{self, Entry, Filter};
use store::{reference, runs};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const SECRET: &str = "made-up-secret-of-a-button";
const OLD_SECRET: &str = "made-up-secret-of-before";
const PRESSER: &str = "tanaka.ken@example.com";

fn with_secrets() -> Settings {
    Settings { action_secrets: vec![digest(SECRET.as_bytes()), digest(OLD_SECRET.as_bytes())], ..with_key() }
}

/// A scene with a receiver, a button that points to it, and people who are known here.
struct Desk<'a> {
    scene: &'a Scene<'a>,
    url: String,
    incident: String,
    _receiver: JoinSet<()>,
}

impl<'a> Desk<'a> {
    async fn of(scene: &'a Scene<'a>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/pagerduty/action", listener.local_addr().unwrap());
        let routes = intake::routes(scene.shared.clone());
        let mut receiver = JoinSet::new();
        receiver.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let incident = scene.trigger();
        scene.mirror(&incident).await;
        let desk = Self { scene, url, incident, _receiver: receiver };
        desk.mirror_people().await;
        desk.point(&format!("{}/{SECRET}", desk.url));
        desk
    }

    fn point(&self, url: &str) {
        self.scene.control("extension", &json!({ "service": SERVICE, "label": "Diagnose", "url": url }));
    }

    async fn mirror_people(&self) {
        let client = self.scene.shared.outside.pagerduty.as_ref().unwrap();
        let list = ListReference { kind: mirrored::Kind::User, offset: 0, since: None, until: None };
        let now = self.scene.bed.clock.now();
        let people = client.reference(&Call::new(Class::Live, now), &list).await.unwrap().value.items;
        self.scene
            .write(move |tx| {
                Box::pin(async move {
                    for person in &people {
                        reference::save(tx, person, now).await?;
                    }
                    Ok(())
                })
            })
            .await;
    }

    async fn account(&self, email: &str, role: Role, scope: Scope) {
        let account = Account {
            id: format!("a-{email}"),
            email: email.to_owned(),
            name: email.to_owned(),
            role,
            scope,
            password: None,
            language: None,
            time_zone: None,
            created_at: self.scene.bed.clock.now(),
            disabled_at: None,
        };
        self.scene.write(move |tx| Box::pin(async move { accounts::add(tx, &account).await })).await;
    }

    /// The status that the press was answered with.
    async fn press(&self, more: Value) -> Value {
        let mut body = json!({ "incident": self.incident, "by": PRESSER });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.scene.sandbox.press(&body).await.unwrap()["delivery"]["status"].clone()
    }

    async fn runs(&self) -> Vec<runs::Run> {
        let filter = runs::Filter { incident: Some(self.incident.clone()), ..runs::Filter::default() };
        self.scene.write(move |tx| Box::pin(async move { runs::list(tx, &Scope::All, &filter, 50).await })).await
    }

    /// Rows about presses, the oldest first.
    async fn audited(&self) -> Vec<Entry> {
        let list =
            self.scene.write(|tx| Box::pin(async move { audit::list(tx, &Scope::All, &Filter::default(), 50).await }));
        let mut rows: Vec<Entry> = list.await;
        rows.retain(|row| row.action.starts_with("pagerduty.press"));
        rows.reverse();
        rows
    }

    async fn was_only(&self, action: &str, says: &str) {
        let rows = self.audited().await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0].action, action, "{rows:?}");
        assert!(rows[0].detail.contains(says), "{says:?} in {}", rows[0].detail);
        assert!(self.runs().await.is_empty());
    }
}

fn is_all_done(outcomes: &[Outcome]) -> bool {
    !outcomes.is_empty() && outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done { .. }))
}

#[test]
fn a_press_by_somebody_who_may_runs_what_looks_once() {
    for shape in ["v2", "v3"] {
        on_a_scene(with_secrets(), async |scene: &Scene<'_>| {
            let desk = Desk::of(scene).await;
            desk.account(PRESSER, Role::Responder, Scope::All).await;
            // It comes twice, with the same bytes.
            scene.fault(&json!({ "on": "webhook", "path": "incident.custom", "do": { "duplicate": 1 } }));
            assert_eq!(desk.press(json!({ "shape": shape })).await, 202);
            assert!(is_all_done(&scene.read_and_act(Queue::Live).await));
            let runs = desk.runs().await;
            assert_eq!(runs.len(), 1, "{runs:?}");
            let asked = (runs[0].host.as_str(), runs[0].runbook.as_str(), runs[0].reason.as_str());
            assert_eq!(asked, ("web01", "looks", "pagerduty"));
            assert_eq!(runs[0].asked_by, format!("a-{PRESSER}"));
            let rows = desk.audited().await;
            assert_eq!((rows.len(), rows[0].action.as_str()), (1, "pagerduty.press"), "{rows:?}");
            assert_eq!(rows[0].actor, format!("a-{PRESSER}"));
        });
    }
}

#[test]
fn another_press_is_another_visit_and_a_copy_of_one_is_none() {
    on_a_scene(with_secrets(), async |scene: &Scene<'_>| {
        let desk = Desk::of(scene).await;
        desk.account(PRESSER, Role::Responder, Scope::All).await;
        desk.press(json!({})).await;
        scene.read_and_act(Queue::Live).await;
        desk.press(json!({})).await;
        scene.read_and_act(Queue::Live).await;
        assert_eq!(desk.runs().await.len(), 2);
        // Somebody who knows the address names a press that was.
        let pressed: Vec<Value> =
            desk.audited().await.iter().map(|row| serde_json::from_str(&row.detail).unwrap()).collect();
        let (incident, entry) = (desk.incident.clone(), pressed[0]["press"].as_str().map(str::to_owned));
        let claim = Claim { incident, entry, runbook: Some("looks".into()), ..Claim::default() };
        scene
            .write(move |tx| {
                Box::pin(async move {
                    let now = tx.now();
                    heard(tx, (9_000, now), &[claim]).await
                })
            })
            .await;
        assert!(matches!(scene.act(Queue::Live).await, Some(Outcome::Done { .. })));
        assert_eq!((desk.runs().await.len(), desk.audited().await.len()), (2, 2));
    });
}

#[test]
fn the_runbook_of_a_button_is_the_one_that_runs() {
    on_a_scene(with_secrets(), async |scene: &Scene<'_>| {
        let desk = Desk::of(scene).await;
        desk.account(PRESSER, Role::Leader, Scope::All).await;
        let named = format!("{}/{OLD_SECRET}?runbook=nothing-of-ours", desk.url);
        scene.control("extension", &json!({ "service": SERVICE, "label": "Other", "url": named }));
        assert_eq!(desk.press(json!({ "extension": "Other" })).await, 202, "the old secret works beside the new one");
        assert!(is_all_done(&scene.read_and_act(Queue::Live).await));
        desk.was_only("pagerduty.press", "nothing-of-ours").await;
    });
}

#[test]
fn a_press_that_the_log_does_not_show_is_a_row_and_nothing_else() {
    on_a_scene(with_secrets(), async |scene: &Scene<'_>| {
        let desk = Desk::of(scene).await;
        desk.account(PRESSER, Role::Responder, Scope::All).await;
        let incident = desk.incident.clone();
        let claim = Claim { incident, user: Some("PNOBODY".into()), ..Claim::default() };
        for signal in [9_001, 9_002] {
            let claim = claim.clone();
            scene
                .write(move |tx| {
                    Box::pin(async move {
                        let now = tx.now();
                        heard(tx, (signal, now), &[claim]).await
                    })
                })
                .await;
        }
        // PagerDuty's log may be a little late, so that it is looked at again.
        assert!(matches!(scene.act(Queue::Live).await, Some(Outcome::Later { .. })));
        scene.bed.clock.advance_s(60);
        while let Some(outcome) = scene.act(Queue::Live).await {
            assert!(matches!(outcome, Outcome::Skipped { .. }), "{outcome:?}");
        }
        desk.was_only("pagerduty.press-doubted", "PNOBODY").await;
    });
}

#[test]
fn a_log_that_is_late_is_waited_for() {
    on_a_scene(with_secrets(), async |scene: &Scene<'_>| {
        let desk = Desk::of(scene).await;
        desk.account(PRESSER, Role::Responder, Scope::All).await;
        scene.fault(&json!({ "on": "rest", "path": "/incidents/*/log_entries", "do": { "stale": 1 } }));
        desk.press(json!({})).await;
        assert!(matches!(scene.read_and_act(Queue::Live).await.as_slice(), [Outcome::Later { .. }]));
        scene.bed.clock.advance_s(5);
        assert!(matches!(scene.act(Queue::Live).await, Some(Outcome::Done { .. })));
        assert_eq!(desk.runs().await.len(), 1);
    });
}

#[test]
fn who_may_not_ask_for_it_gets_nothing() {
    let cases: [(Option<(Role, Scope)>, &str); 3] = [
        (None, "nobody has an account"),
        (Some((Role::Viewer, Scope::All)), "looks only"),
        (Some((Role::Responder, Scope::Customers(vec!["another".into()]))), "another customer"),
    ];
    for (account, says) in cases {
        on_a_scene(with_secrets(), async |scene: &Scene<'_>| {
            let desk = Desk::of(scene).await;
            if let Some((role, scope)) = &account {
                desk.account(PRESSER, *role, scope.clone()).await;
            }
            assert_eq!(desk.press(json!({})).await, 202, "whoever pressed is told nothing of it");
            scene.read_and_act(Queue::Live).await;
            desk.was_only("pagerduty.press-refused", says).await;
        });
    }
}

#[test]
fn an_account_that_is_disabled_gets_nothing_either() {
    on_a_scene(with_secrets(), async |scene: &Scene<'_>| {
        let desk = Desk::of(scene).await;
        desk.account(PRESSER, Role::Admin, Scope::All).await;
        let id = format!("a-{PRESSER}");
        scene.write(move |tx| Box::pin(async move { accounts::set_disabled(tx, &id, true).await.map(|_| ()) })).await;
        desk.press(json!({})).await;
        scene.read_and_act(Queue::Live).await;
        desk.was_only("pagerduty.press-refused", "disabled").await;
    });
}

#[test]
fn a_wrong_secret_touches_no_row() {
    on_a_scene(with_secrets(), async |scene: &Scene<'_>| {
        let desk = Desk::of(scene).await;
        let made = scene.control("extension", &json!({ "service": SERVICE, "label": "Other", "url": desk.url }));
        let button = made["extension"]["id"].clone();
        for address in ["made-up-secret-of-a-butto", "made-up-secret-of-a-button0", "x"] {
            let url = format!("{}/{address}", desk.url);
            scene.control("extension", &json!({ "extension": button, "url": url }));
            assert_eq!(desk.press(json!({ "extension": button })).await, 404, "{address}");
        }
        let waiting = scene.write(|tx| Box::pin(store::inbox::waiting(tx, 100, 0, 1))).await;
        assert!(waiting.iter().all(|row| row.source != model::signal::source::PAGERDUTY_ACTION));
    });
}
