//! Alert after alert while PagerDuty is out: people are paged for all of them and not for each; and a person whom no way reaches
//! keeps nobody from being paged.

use super::alert::Alert;
use super::scene::{Scene, Terms};
use super::silent::{How, SPEED, TIMES, answer, begin, end, page, wired};
use super::verdict::{Counted, End};
use crate::outside::http::Request;
use crate::outside::{parallel, wait};
use crate::world::{Arms, Database};
use duties::safety_net::callout::JOINS_S;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use store::callouts::Callout;

const TERMS: Terms =
    Terms { net: "grace = \"30s\"", path: "unanswered = \"5m\"\nlevels = 3", more: "", times: TIMES, sandbox: &[] };

fn on_every(case: impl Fn(Database) + Sync) {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|database| (format!("{database:?}"), database)).collect();
    parallel::all(&cases, |database| case(*database));
}

#[test]
fn alert_after_alert_people_are_paged_for_all_and_not_for_each() {
    on_every(|database| {
        let (mut scene, proxy) = wired(database, TERMS);
        scene.start(Arms::default());
        scene.world.settle_at_first();
        let alerts: Vec<Alert> = (0..8).map(|n| Alert::nth("many", n)).collect();
        scene.while_time_flies(SPEED, || {
            begin(&scene, &proxy, How::Refused);
            scene.problem(&alerts[0]);
            let first = page(&scene, &alerts[0], 1);
            for alert in &alerts[1..5] {
                scene.problem(alert);
                std::thread::sleep(Duration::from_millis(15_000 / u64::from(SPEED)));
            }
            let call = called_alike(&scene, &alerts[..5]);
            shows(&scene, &first, &alerts[..5]);
            let second = wait::within(wait::LONG, || of_level(&scene, &call, 2));
            let second = second.unwrap_or_else(|| panic!("no second level: {:?}", scene.books().callouts()));
            names(&second["text"], &alerts[..5], &[]);
            assert_eq!(steps(&scene), BTreeSet::from([(call.clone(), 1), (call.clone(), 2)]), "paged for each");
            answer(&scene, &second);
            alerts[5..].iter().for_each(|alert| scene.problem(alert));
            assert_eq!(called_alike(&scene, &alerts[5..]), call, "they join what was just answered");
            let next = wait::within(wait::LONG, || after(&scene, &call));
            let next = next.unwrap_or_else(|| panic!("never told: {:?}\n{}", steps(&scene), scene.world.unrest()));
            names(&Value::from(next.text.clone()), &alerts[5..], &alerts[..5]);
            let answered = scene.books().callouts().iter().filter_map(|call| call.answered_at).max().unwrap();
            assert!(next.asked_at >= answered.plus_s(JOINS_S), "{next:?}, although one answered at {answered}");
            end(&scene, &proxy);
            scene.settle();
        });
        let mut counted = Counted { answers: 8, ..Counted::default() };
        counted.taken.extend(alerts.iter().map(|alert| alert.message_id("problem", 0)));
        let ends: Vec<_> = alerts.into_iter().map(|alert| (alert, End::Registered)).collect();
        let found = scene.complaints(&counted, &ends);
        assert!(found.is_empty(), "{}\n{}", found.join("\n"), scene.world.site.log_tail());
    });
}

/// The one call that all of these are in.
fn called_alike(scene: &Scene, alerts: &[Alert]) -> String {
    let books = scene.books();
    let calls = || {
        let mails = books.mails();
        let of = |alert: &Alert| mails.iter().find(|mail| mail.host.as_deref() == Some(&alert.host))?.net.clone();
        alerts.iter().map(|alert| books.net(&of(alert)?)?.called).collect::<Option<BTreeSet<String>>>()
    };
    let calls = wait::within(wait::LONG, calls).unwrap_or_else(|| panic!("not called: {}", scene.world.unrest()));
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls.into_iter().next().unwrap()
}

/// Whoever opens an earlier link sees all that it is for by now.
fn shows(scene: &Scene, page: &Value, alerts: &[Alert]) {
    let link = page["acknowledge_url"].as_str().unwrap();
    let path = format!("/answer/{}", link.rsplit('/').next().unwrap());
    let shown = Request::new("GET", &path).send(scene.world.site.address).unwrap();
    names(&Value::from(shown.text()), alerts, &[]);
}

fn names(text: &Value, are: &[Alert], are_not: &[Alert]) {
    for (alerts, is) in [(are, true), (are_not, false)] {
        for alert in alerts {
            assert_eq!(text.to_string().contains(&alert.host), is, "{} in {text}", alert.host);
        }
    }
}

fn of_level(scene: &Scene, call: &str, level: i64) -> Option<Value> {
    let calls = scene.phone.all("calls").into_iter().map(|told| told["body"].clone());
    let mut of = calls.filter(|body| body["id"].as_str().is_some_and(|id| id.contains(&format!("{call}/"))));
    of.find(|body| body["level"] == level)
}

/// Everything that was ever called for, and at which level.
fn steps(scene: &Scene) -> BTreeSet<(String, i64)> {
    scene.books().callouts().into_iter().map(|call| (call.subject, call.level)).collect()
}

fn after(scene: &Scene, call: &str) -> Option<Callout> {
    scene.books().callouts().into_iter().find(|next| next.subject != call)
}

#[test]
fn a_person_whom_no_way_reaches_keeps_nobody_from_being_paged() {
    on_every(|database| {
        let (mut scene, proxy) = wired(database, TERMS);
        let reached = only_one_has_a_way(&scene);
        scene.start(Arms::default());
        scene.world.settle_at_first();
        let alert = Alert::nth("alone", 1);
        scene.while_time_flies(SPEED, || {
            begin(&scene, &proxy, How::Refused);
            scene.problem(&alert);
            let told = page(&scene, &alert, 1);
            assert_eq!(told["to"]["name"], reached, "{told}");
        });
        let people: BTreeSet<String> = scene.books().callouts().into_iter().map(|call| call.person).collect();
        assert_eq!(people.len(), 1, "called for nothing: {people:?}");
    });
}

/// The address is one person's alone, who is not on call at the first level; that person's name.
fn only_one_has_a_way(scene: &Scene) -> String {
    let token = format!("Token token={}", scene.world.sandbox.info["token"].as_str().unwrap());
    let get = |path| {
        let answer = Request::new("GET", path).with("authorization", token.clone()).send(scene.world.sandbox.address);
        answer.unwrap().json()
    };
    let (rows, users) = (get("/oncalls?limit=100"), get("/users?limit=100"));
    let is_on_call = |user: &Value| {
        let rows = rows["oncalls"].as_array().unwrap();
        rows.iter().any(|row| row["escalation_level"] == 1 && row["user"]["id"] == user["id"])
    };
    let user = users["users"].as_array().unwrap().iter().find(|user| !is_on_call(user)).expect("all are on call");
    let (name, email) = (user["name"].as_str().unwrap(), user["email"].as_str().unwrap());
    let config = std::fs::read_to_string(scene.world.site.config()).unwrap();
    let address = format!("webhook_url = \"{}\"\n", scene.phone.text("webhook_url"));
    let whose = format!("pagerduty = \"{email}\"\n");
    assert!(config.contains(&address) && config.contains(&whose), "{config}");
    let config = config.replace(&address, "").replace(&whose, &format!("{whose}{address}"));
    std::fs::write(scene.world.site.config(), config).unwrap();
    name.to_owned()
}
