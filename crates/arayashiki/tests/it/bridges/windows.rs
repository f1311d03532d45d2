//! Maintenance windows: the work that stands in the calendar opens one in PagerDuty, once, which follows its event; whoever ends it
//! over there is respected.

use super::desk::{Desk, Plan};
use crate::net::each;
use crate::outside::http::Request;
use crate::outside::wait;
use crate::world::Database;
use crate::world::sandbox::SERVICES;
use serde_json::{Value, json};

const GONE: &str = "メンテナンス時間枠が PagerDuty で終了されました";

pub fn plan(more: &str) -> Plan {
    let rules = format!(
        "[[calendar.rule]]\nname = \"work\"\nkeywords = [\"作業\"]\nmaintenance = [{}]\n{more}\n",
        json!(SERVICES[0])
    );
    Plan { calendars: true, rules, ..Plan::default() }
}

fn started(database: Database, more: &str) -> Desk {
    let desk = Desk::started(database, &plan(more));
    super::calendar::until_read(&desk);
    desk
}

/// The windows over the service that are not over.
pub fn open(desk: &Desk) -> Vec<Value> {
    let token = desk.sandbox().info["token"].as_str().unwrap();
    let request = Request::new("GET", "/maintenance_windows?filter=open&limit=100")
        .with("authorization", format!("Token token={token}"));
    let answer = request.send(desk.sandbox().address).unwrap().json();
    let all = answer["maintenance_windows"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
    let is_over_it =
        |one: &Value| one["services"].as_array().is_some_and(|of| of.iter().any(|s| s["summary"] == SERVICES[0]));
    all.into_iter().filter(is_over_it).collect()
}

pub fn until_open(desk: &Desk, title: &str) -> Value {
    let found = wait::within(wait::LONG, || match open(desk).as_slice() {
        [one] if one["description"].as_str().is_some_and(|text| text.contains(title)) => Some(one.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no window of {title}: {:?}\n{}", open(desk), desk.world.unrest()))
}

/// How often something of this kind was done to windows from outside.
pub fn count(desk: &Desk, kind: &str) -> usize {
    desk.sandbox().effects().iter().filter(|effect| effect["kind"] == kind).count()
}

fn instant(window: &Value, name: &str) -> jiff::Timestamp {
    window[name].as_str().unwrap().parse().unwrap()
}

fn begins(window: &Value) -> jiff::Timestamp {
    instant(window, "start_time")
}

fn length_s(window: &Value) -> i64 {
    instant(window, "end_time").duration_since(begins(window)).as_secs()
}

#[test]
fn a_window_is_opened_once_though_the_answer_was_lost_and_follows_its_event() {
    each(|database| {
        let desk = started(database, "");
        let cut =
            json!({ "on": "rest", "method": "POST", "path": "/maintenance_windows", "do": { "cut": "after_effect" } });
        desk.sandbox().fault(&cut);
        let event = desk.work("電源作業", 5);
        desk.until(&["メンテナンス", "電源作業", SERVICES[0]]);
        let window = until_open(&desk, "電源作業");
        assert_eq!(length_s(&window), 1_800);
        desk.rests();
        assert_eq!((desk.sandbox().fired(), count(&desk, "maintenance.opened")), (1, 1));
        assert!(
            desk.sandbox().incidents().iter().all(|one| !one["title"].to_string().contains("電源作業")),
            "nobody is called"
        );
        let start = begins(&window);
        let later = (start + jiff::SignedDuration::from_mins(1)).to_string();
        desk.google().control("move", &json!({ "calendar": "oncall-promises", "event": event, "start": later }));
        let is_moved = || {
            let now = open(&desk);
            let moved = begins(now.first()?);
            (moved > start && now[0]["id"] == window["id"] && length_s(&now[0]) == 1_800).then_some(())
        };
        assert!(wait::within(wait::LONG, is_moved).is_some(), "{:?}\n{}", open(&desk), desk.world.unrest());
        desk.google().control("cancel", &json!({ "calendar": "oncall-promises", "event": event }));
        let is_over = || open(&desk).is_empty().then_some(());
        assert!(wait::within(wait::LONG, is_over).is_some(), "{:?}\n{}", open(&desk), desk.world.unrest());
        desk.until(&["メンテナンス終了", "電源作業"]);
        desk.rests();
        let kinds = ["maintenance.opened", "maintenance.changed", "maintenance.ended"].map(|kind| count(&desk, kind));
        assert_eq!(kinds, [1, 1, 1], "{:?}", desk.sandbox().effects());
    });
}

#[test]
fn whoever_ends_a_window_in_pagerduty_is_respected_and_it_is_told() {
    each(|database| {
        let desk = started(database, "");
        let event = desk.work("配線作業", 5);
        let window = until_open(&desk, "配線作業");
        desk.world.settle();
        desk.sandbox().control("maintenance", &json!({ "end": window["id"], "by": super::desk::SATO }));
        desk.until(&[GONE, "配線作業", SERVICES[0]]);
        let start = begins(&window) + jiff::SignedDuration::from_mins(3);
        let moved = json!({ "calendar": "oncall-promises", "event": event, "start": start.to_string() });
        desk.google().control("move", &moved);
        desk.until(&["メンテナンスの時間が変わりました", "配線作業", "開き直しません"]);
        desk.rests();
        assert_eq!((open(&desk).len(), count(&desk, "maintenance.opened")), (0, 1), "{:?}", open(&desk));
        let told = desk.messages().iter().filter(|one| one.to_string().contains(GONE)).count();
        assert_eq!(told, 1, "{:?}", desk.messages());
    });
}

#[test]
fn a_rule_that_only_posts_opens_no_window() {
    let desk = started(Database::Sqlite, "mode = \"post\"");
    desk.work("棚卸し作業", 5);
    desk.until(&["メンテナンス", "棚卸し作業", "PagerDuty の通知は止めていません"]);
    desk.rests();
    assert_eq!((open(&desk).len(), count(&desk, "maintenance.opened")), (0, 0));
}

#[test]
fn a_refusal_of_pagerduty_is_told_with_what_to_do() {
    let desk = started(Database::Sqlite, "");
    let refusal = json!({ "status": 403, "body": { "error": { "message": "Access Denied", "code": 2010 } } });
    let fault = json!({ "on": "rest", "method": "POST", "path": "/maintenance_windows", "times": 9, "do": refusal });
    desk.sandbox().fault(&fault);
    desk.work("搬入作業", 5);
    desk.until(&["PagerDuty に設定できません", "搬入作業", "やり直してください"]);
    desk.world.settle();
    assert!(open(&desk).is_empty());
}
