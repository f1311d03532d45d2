//! Promises in a calendar: at the time people hear of them once in Slack and in PagerDuty; who closes them there is told in the thread.

use super::desk::{Desk, Plan, SATO};
use crate::net::each;
use crate::outside::wait;
use crate::world::Database;
use serde_json::{Value, json};

fn started(database: Database) -> Desk {
    let desk = Desk::started(database, &Plan { calendars: true, ..Plan::default() });
    until_read(&desk);
    desk
}

/// Past its first contact with the calendar.
pub fn until_read(desk: &Desk) {
    let is_over = || {
        let jobs = desk.world.site.all("jobs?state=done").ok()?;
        jobs.iter().any(|job| job["effect"] == "sync_calendar").then_some(())
    };
    assert!(wait::within(wait::LONG, is_over).is_some(), "no first contact: {}", desk.world.unrest());
    desk.world.settle();
}

fn paged(desk: &Desk, title: &str) -> Vec<Value> {
    let all = desk.sandbox().incidents();
    all.into_iter().filter(|one| one["title"].as_str().is_some_and(|found| found.contains(title))).collect()
}

#[test]
fn a_promise_is_told_and_paged_when_its_time_comes_and_closed_by_whoever_closes_it() {
    each(|database| {
        let desk = started(database);
        desk.promise("夜間作業の立ち会い", 5);
        let message = desk.until(&["夜間作業の立ち会い"]);
        wait::until("it to be paged", || (paged(&desk, "夜間作業の立ち会い").len() == 1).then_some(()));
        let incident = paged(&desk, "夜間作業の立ち会い")[0]["id"].as_str().unwrap().to_owned();
        let act = |what: &str| desk.sandbox().control("act", &json!({ "incident": incident, "act": what, "by": SATO }));
        act("acknowledge");
        act("resolve");
        let closed = |desk: &Desk| {
            let last = desk.messages().into_iter().find(|one| one["ts"] == message["ts"])?;
            let replies = last["replies"].as_array()?.clone();
            replies.iter().any(|reply| reply.to_string().contains("Sato Hanako")).then_some(())
        };
        assert!(wait::within(wait::LONG, || closed(&desk)).is_some(), "{:?}\n{}", desk.messages(), desk.world.unrest());
        desk.rests();
        assert_eq!(desk.messages().len(), 1, "{:?}", desk.messages());
        assert_eq!(paged(&desk, "夜間作業の立ち会い").len(), 1);
    });
}

#[test]
fn who_takes_a_promise_has_it_and_it_is_kept_when_it_is_done() {
    let desk = started(Database::Sqlite);
    desk.link("hanako", SATO);
    desk.promise("証明書の更新", 5);
    let message = desk.until(&["証明書の更新", "concern_take"]);
    let is = |status: &str| {
        let found = || paged(&desk, "証明書の更新").iter().all(|one| one["status"] == status).then_some(());
        assert!(wait::within(wait::LONG, found).is_some(), "not {status}: {}", desk.world.unrest());
    };
    wait::until("it to be paged", || (paged(&desk, "証明書の更新").len() == 1).then_some(()));
    desk.press("hanako", &message, "concern_take");
    let held = desk.until(&["証明書の更新", "Sato Hanako が引き受けています"]);
    is("acknowledged");
    assert!(!held["blocks"].to_string().contains("concern_take"), "nobody takes it twice: {held}");
    desk.press("hanako", &held, "concern_done");
    is("resolved");
    desk.rests();
    assert_eq!(desk.messages().len(), 1, "{:?}", desk.messages());
}

#[test]
fn what_is_cancelled_or_far_away_calls_nobody() {
    let desk = started(Database::Sqlite);
    desk.promise("来週の作業", 7 * 24 * 60);
    let soon = desk.promise("取り消される作業", 5);
    desk.until(&["取り消される作業"]);
    let event = soon["event"].as_str().unwrap_or_else(|| panic!("{soon}")).to_owned();
    desk.google.as_ref().unwrap().control("cancel", &json!({ "calendar": "oncall-promises", "event": event }));
    desk.until(&["取り消されました"]);
    let is_resolved = || paged(&desk, "取り消される作業").iter().all(|one| one["status"] == "resolved").then_some(());
    assert!(wait::within(wait::LONG, is_resolved).is_some(), "{}", desk.world.unrest());
    desk.rests();
    assert_eq!(desk.messages().len(), 1, "{:?}", desk.messages());
}
