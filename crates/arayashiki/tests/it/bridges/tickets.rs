//! Tickets that nobody watches: each reason is told once in Slack and paged once, and ends where the ticket's history shows it gone.

use super::desk::{Desk, Plan, SATO};
use super::spaces::{CUSTOMER, OURS, SECRET};
use crate::net::each;
use crate::outside::http::Request;
use crate::outside::wait;
use crate::world::{Arms, Database};
use serde_json::{Value, json};

const HEADLINE: &str = "担当者のいない課題";

fn plan(more: &str) -> Plan {
    Plan { tickets: true, tables: more.to_owned(), ..Plan::default() }
}

fn started(database: Database, more: &str) -> Desk {
    let desk = Desk::started(database, &plan(more));
    desk.tracker().settled(&desk.world);
    desk
}

/// Our incidents about this ticket.
fn paged(desk: &Desk, key: &str) -> Vec<Value> {
    let all = desk.sandbox().incidents();
    all.into_iter().filter(|one| one["title"].as_str().is_some_and(|title| title.contains(key))).collect()
}

fn until_paged(desk: &Desk, key: &str, status: &str) {
    let is = || {
        let found = paged(desk, key);
        (found.len() == 1 && found[0]["status"] == status).then_some(())
    };
    assert!(
        wait::within(wait::LONG, is).is_some(),
        "{key} is not {status}: {:?}\n{}",
        paged(desk, key),
        desk.world.unrest()
    );
}

#[test]
fn a_ticket_of_nobodys_is_told_and_paged_once_and_ends_when_somebody_has_it() {
    each(|database| {
        let desk = started(database, "");
        let key = desk.tracker().create("夜間バッチが止まっています");
        let message = desk.until(&[HEADLINE, &key, "ルール"]);
        until_paged(&desk, &key, "triggered");
        // The same again while it lasts is no second page.
        desk.tracker().acted("comment", &json!({ "as": CUSTOMER, "ticket": key, "content": "いかがでしょうか" }));
        desk.world.settle();
        desk.tracker().acted("assign", &json!({ "as": OURS, "ticket": key, "to": OURS }));
        until_paged(&desk, &key, "resolved");
        let last = desk.until(&["対応されました", &key]);
        assert_eq!(last["ts"], message["ts"], "the same message says so");
        desk.rests();
        assert_eq!(desk.messages().iter().filter(|one| one.to_string().contains(&key)).count(), 1);
        assert_eq!(paged(&desk, &key).len(), 1);
    });
}

#[test]
fn what_was_there_before_pages_nobody_and_is_listed() {
    let desk = Desk::started(Database::Sqlite, &plan(""));
    desk.tracker().settled(&desk.world);
    assert!(desk.messages().is_empty(), "{:?}", desk.messages());
    let ours = desk
        .sandbox()
        .incidents()
        .into_iter()
        .filter(|one| one["incident_key"].as_str().is_some_and(|key| key.starts_with("arayashiki/ticket/")));
    assert_eq!(ours.count(), 0);
}

#[test]
fn hints_that_are_lost_doubled_and_out_of_order_tell_each_reason_once() {
    each(|database| {
        let desk = started(database, "");
        let tracker = desk.tracker();
        tracker.control("mischief", &json!({ "lose": 1 }));
        let lost = tracker.create("誰も見ていない: 失われた通知");
        tracker.control("mischief", &json!({ "duplicate": 1, "copies": 3 }));
        let doubled = tracker.create("誰も見ていない: 重複した通知");
        tracker.control("mischief", &json!({ "hold": true }));
        let held = tracker.create("誰も見ていない: 遅れた通知");
        tracker.acted("comment", &json!({ "as": CUSTOMER, "ticket": held, "content": "急ぎです" }));
        tracker.control("release", &json!({ "order": "reversed" }));
        for key in [&lost, &doubled, &held] {
            desk.until(&[HEADLINE, key]);
            until_paged(&desk, key, "triggered");
        }
        desk.rests();
        for key in [&lost, &doubled, &held] {
            assert_eq!(desk.messages().iter().filter(|one| one.to_string().contains(key.as_str())).count(), 1, "{key}");
            assert_eq!(paged(&desk, key).len(), 1, "{key}");
        }
    });
}

#[test]
fn take_pressed_in_slack_gives_it_its_person() {
    let desk = started(Database::Sqlite, "");
    desk.link("hanako", SATO);
    let key = desk.tracker().create("夜間バッチが止まっています");
    let message = desk.until(&[HEADLINE, &key, "concern_take"]);
    desk.press("hanako", &message, "concern_take");
    // PagerDuty wakes nobody else; it ends where the ticket's own history shows it.
    let held = desk.until(&[&key, "Sato Hanako が引き受けています"]);
    assert_eq!(held["ts"], message["ts"], "the same message says so");
    until_paged(&desk, &key, "acknowledged");
    let incident = paged(&desk, &key)[0]["id"].clone();
    desk.sandbox().control("act", &json!({ "incident": incident, "act": "unacknowledge", "by": SATO }));
    let again = || {
        let is_open = |one: &Value| one["ts"] == message["ts"] && one["blocks"].to_string().contains("concern_take");
        desk.messages().into_iter().find(is_open)
    };
    wait::until("it to be anybody's again", again);
    // PagerDuty tells whole seconds: both happened within one, and a reading from before the second may come after it.
    desk.rests();
    desk.press("hanako", &again().expect("it stays anybody's"), "concern_take");
    until_paged(&desk, &key, "acknowledged");
    desk.tracker().acted("assign", &json!({ "as": OURS, "ticket": key, "to": OURS }));
    until_paged(&desk, &key, "resolved");
    desk.until(&["対応されました", &key]);
    desk.rests();
    assert_eq!(desk.messages().iter().filter(|one| one.to_string().contains(&key)).count(), 1);
}

#[test]
fn observe_shows_and_post_pages_nobody() {
    for (mode, posts) in [("observe", 0), ("post", 1)] {
        let mut desk = Desk::made(Database::Sqlite, &plan(""));
        let config = std::fs::read_to_string(desk.world.site.config()).unwrap();
        let config = config.replace("[backlog]\nmode = \"page\"", &format!("[backlog]\nmode = \"{mode}\""));
        std::fs::write(desk.world.site.config(), config).unwrap();
        desk.begin();
        desk.tracker().settled(&desk.world);
        let key = desk.tracker().create("夜間バッチが止まっています");
        if posts > 0 {
            desk.until(&[HEADLINE, &key]);
        }
        desk.tracker().backlog.get("idle?wait_ms=3000");
        desk.rests();
        assert_eq!(desk.messages().len(), posts, "{mode}");
        assert!(paged(&desk, &key).is_empty(), "{mode}");
    }
}

#[test]
fn a_hint_from_elsewhere_is_not_taken_and_a_forged_one_only_makes_us_look() {
    let desk = started(Database::Sqlite, "");
    let forged = json!({ "id": 1, "type": 1, "project": { "projectKey": "MINATO" }, "content": { "id": 1, "key_id": 9999, "summary": "<!channel>" },
        "created": "2026-05-01T01:02:03Z", "createdUser": { "id": 1, "name": "x" } });
    let to = |path: &str| desk.forge(Request::new("POST", path).json_body(&forged)).status;
    assert_eq!(to("/webhooks/backlog/wrong-secret"), 404);
    assert_eq!(to(&format!("/webhooks/backlog/{SECRET}")), 200);
    desk.rests();
    assert!(desk.messages().is_empty(), "{:?}", desk.messages());
    let log = std::fs::read_to_string(desk.world.site.folder.path().join("serve.log")).unwrap_or_default();
    assert!(!log.contains(SECRET), "the secret stands in the log");
}

#[test]
fn a_tracker_that_answers_429_and_500_for_a_while_costs_nothing() {
    let desk = started(Database::Sqlite, "");
    let fault = |status: u16| json!({ "path": "/api/v2/issues", "times": 3, "do": { "status": status, "body": { "errors": [] } } });
    desk.tracker().control("faults", &json!({ "faults": [fault(500), fault(503)] }));
    let key = desk.tracker().create("夜間バッチが止まっています");
    desk.until(&[HEADLINE, &key]);
    until_paged(&desk, &key, "triggered");
    desk.rests();
}

#[test]
fn what_happens_while_we_are_down_is_found_by_asking() {
    let mut desk = started(Database::Sqlite, "");
    desk.world.site.kill();
    let key = desk.tracker().create("誰も見ていない: 停止中の登録");
    desk.world.site.start(&Arms::default());
    let found = wait::within(wait::LONG, || (!paged(&desk, &key).is_empty()).then_some(()));
    assert!(found.is_some(), "{}", desk.world.unrest());
    desk.until(&[HEADLINE, &key]);
    desk.rests();
}
