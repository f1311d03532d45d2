//! Google's pushes: what is entered is known at once although the calendar is asked once an hour; whatever is lost, doubled or forged,
//! each calendar has one channel in the end.

use super::desk::{Desk, Plan};
use crate::net::each;
use crate::outside::http::Request;
use crate::outside::wait;
use crate::world::{Arms, Database};
use serde_json::{Value, json};

const PROMISES: &str = "oncall-promises";

pub fn plan() -> Plan {
    Plan { calendars: true, push: true, ..Plan::default() }
}

/// The channels that Google has, or had.
fn channels(desk: &Desk) -> Vec<Value> {
    let shown = desk.google().get("channels");
    shown["channels"].as_array().unwrap_or_else(|| panic!("{shown}")).clone()
}

fn live(desk: &Desk) -> Vec<Value> {
    channels(desk).into_iter().filter(|one| one["live"] == true).collect()
}

/// So many channels stood there at some time, and one of them stands now.
pub fn until_watched(desk: &Desk, at_least: usize) {
    let is_watched = || (channels(desk).len() >= at_least && live(desk).len() == 1).then_some(());
    let found = wait::within(wait::LONG, is_watched);
    assert!(found.is_some(), "not watched: {:?}\n{}", channels(desk), desk.world.unrest());
}

fn started(database: Database) -> Desk {
    let desk = Desk::started(database, &plan());
    until_watched(&desk, 1);
    desk.world.settle();
    desk
}

fn times(desk: &Desk, title: &str) -> usize {
    desk.messages().iter().filter(|one| one["text"].to_string().contains(title)).count()
}

#[test]
fn a_push_makes_an_event_known_at_once() {
    each(|database| {
        let desk = started(database);
        desk.promise("夜間作業の立ち会い", 5);
        desk.until(&["夜間作業の立ち会い"]);
        desk.rests();
        assert_eq!((times(&desk, "夜間作業の立ち会い"), channels(&desk).len()), (1, 1), "{:?}", channels(&desk));
    });
}

#[test]
fn what_a_lost_push_told_comes_with_the_next_and_doubled_ones_tell_nothing_twice() {
    each(|database| {
        let desk = started(database);
        desk.google().control("mischief", &json!({ "lose": 1 }));
        desk.promise("失われた通知", 5);
        let is_lost = || {
            let shown = desk.google().get("deliveries");
            shown.to_string().contains("lost").then_some(())
        };
        assert!(wait::within(wait::LONG, is_lost).is_some(), "{}", desk.google().get("deliveries"));
        desk.world.settle();
        assert_eq!(times(&desk, "失われた通知"), 0, "nobody could know of it");
        desk.google().control("mischief", &json!({ "duplicate": 2, "copies": 3 }));
        desk.promise("二重の通知", 5);
        desk.until(&["失われた通知"]);
        desk.until(&["二重の通知"]);
        desk.google().control("push", &json!({ "calendar": PROMISES, "state": "sync" }));
        desk.google().control("push", &json!({ "calendar": PROMISES, "state": "not_exists" }));
        desk.rests();
        assert_eq!((times(&desk, "失われた通知"), times(&desk, "二重の通知")), (1, 1));
    });
}

#[test]
fn a_forged_push_is_answered_like_any_address_where_nothing_is() {
    let desk = started(Database::Sqlite);
    let id = live(&desk)[0]["id"].as_str().unwrap().to_owned();
    let request = |channel: Option<&str>, token: &str| {
        let mut request = Request::new("POST", "/webhooks/google-calendar").with("x-goog-resource-state", "exists");
        if let Some(channel) = channel {
            request = request.with("x-goog-channel-id", channel).with("x-goog-channel-token", token);
        }
        desk.forge(request)
    };
    let elsewhere = desk.forge(Request::new("POST", "/webhooks/backlog/guessed"));
    let before = sync_jobs(&desk);
    for (channel, token) in
        [(None, ""), (Some(id.as_str()), ""), (Some(id.as_str()), "guessed"), (Some("other"), "guessed")]
    {
        let answer = request(channel, token);
        assert_eq!((answer.status, answer.text()), (elsewhere.status, elsewhere.text()), "{channel:?} {token:?}");
        assert_eq!(answer.status, 404);
    }
    desk.rests();
    assert_eq!(sync_jobs(&desk), before, "a forged one sets nothing going");
    let inbox = desk.world.site.all("inbox").unwrap();
    let kept = inbox.iter().filter(|row| row["source"] == "google-calendar").count();
    assert_eq!(kept, 1, "the channel's own first message, and nothing forged");
}

fn sync_jobs(desk: &Desk) -> usize {
    let jobs = desk.world.site.all("jobs?state=done").unwrap();
    jobs.iter().filter(|job| job["effect"] == "sync_calendar").count()
}

#[test]
fn a_channel_is_renewed_before_it_ends_and_the_old_one_is_stopped_after() {
    each(|database| {
        let mut desk = Desk::made(database, &plan());
        desk.google().control("settings", &json!({ "channel_max_s": 12 }));
        desk.begin();
        until_watched(&desk, 1);
        desk.google().control("settings", &json!({ "channel_max_s": 604_800 }));
        let is_renewed = || {
            let all = channels(&desk);
            (all.len() == 2 && all[0]["stopped"] == true && all[1]["live"] == true).then_some(())
        };
        let found = wait::within(wait::LONG, is_renewed);
        assert!(found.is_some(), "not renewed: {:?}\n{}", channels(&desk), desk.world.unrest());
        let log: Vec<Value> = desk.google().get("calls")["calls"].as_array().unwrap().clone();
        let at =
            |what: &str| log.iter().rposition(|call| call["path"].as_str().is_some_and(|path| path.ends_with(what)));
        assert!(at("/channels/stop") > at("/events/watch"), "the new one first: {log:?}");
        desk.world.settle();
        desk.promise("更新後の予定", 5);
        desk.until(&["更新後の予定"]);
        desk.rests();
        assert_eq!(times(&desk, "更新後の予定"), 1);
    });
}

fn cut_the_answer(desk: &Desk) {
    let fault = json!({ "method": "POST", "path": "/calendar/v3/calendars", "do": { "cut": "after" } });
    desk.google().control("faults", &json!({ "faults": [fault] }));
}

#[test]
fn a_channel_whose_answer_was_lost_is_known_by_its_first_message() {
    each(|database| {
        let mut desk = Desk::made(database, &plan());
        cut_the_answer(&desk);
        desk.begin();
        until_watched(&desk, 1);
        desk.world.settle();
        desk.promise("答えのない登録", 5);
        desk.until(&["答えのない登録"]);
        desk.rests();
        assert_eq!(channels(&desk).len(), 1, "{:?}", channels(&desk));
    });
}

#[test]
fn one_of_which_nothing_ever_came_is_given_up_and_stopped_when_another_stands() {
    let mut desk = Desk::made(Database::Sqlite, &plan());
    cut_the_answer(&desk);
    desk.google().control("mischief", &json!({ "lose": 1 }));
    desk.begin();
    until_watched(&desk, 1);
    let is_given_up = || {
        let jobs = desk.world.site.all("jobs?state=skipped").ok()?;
        jobs.iter().any(|job| job["effect"] == "open_channel").then_some(())
    };
    assert!(wait::within(wait::LONG, is_given_up).is_some(), "{}", desk.world.unrest());
    desk.world.site.stop();
    desk.world.site.start(&Arms::default());
    let is_one = || {
        let all = channels(&desk);
        (all.len() == 2 && all[0]["stopped"] == true && all[1]["live"] == true).then_some(())
    };
    assert!(wait::within(wait::LONG, is_one).is_some(), "{:?}\n{}", channels(&desk), desk.world.unrest());
    desk.rests();
}

#[test]
fn without_pushes_or_without_the_calendar_no_channel_stays() {
    let cut = |text: &str| {
        let (head, _) = text.split_once("[[calendar]]").unwrap();
        head.to_owned()
    };
    let off = |text: &str| text.replace("push = true", "push = false");
    for (sentence, change) in [("switched off", &off as &dyn Fn(&str) -> String), ("no calendar", &cut)] {
        let mut desk = started(Database::Sqlite);
        desk.world.site.stop();
        let text = std::fs::read_to_string(desk.world.site.config()).unwrap();
        std::fs::write(desk.world.site.config(), change(&text)).unwrap();
        desk.world.site.start(&Arms::default());
        let is_stopped = || live(&desk).is_empty().then_some(());
        assert!(wait::within(wait::LONG, is_stopped).is_some(), "{sentence}: {:?}", channels(&desk));
        desk.rests();
    }
}

#[test]
fn an_address_that_google_refuses_is_named_on_connections() {
    let mut desk = Desk::made(Database::Sqlite, &plan());
    desk.google().control(
        "faults",
        &json!({ "faults": [{ "method": "POST", "path": "/calendar/v3/calendars", "times": 9,
        "do": { "status": 401, "body": { "error": { "code": 401, "message": "Unauthorized WebHook callback channel",
            "errors": [{ "reason": "push.webhookUrlUnauthorized", "message": "x" }] } } } }] }),
    );
    desk.begin();
    let is_named = || {
        let shown = desk.world.site.api("connections").ok()?;
        let rows = shown["calendars"].as_array()?.clone();
        rows.iter().any(|row| row["push"] == "refused" && row["why"].to_string().contains("public_url")).then_some(())
    };
    assert!(wait::within(wait::LONG, is_named).is_some(), "{:?}", desk.world.site.api("connections"));
    assert!(channels(&desk).is_empty());
    // It is asked all the same.
    desk.promise("通知のない予定", 5);
    desk.rests();
}
