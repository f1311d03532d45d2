//! Tokens that run out or are taken back while everything goes on: renewed where that is possible, said on Connections where a person
//! has to do it, and in the end each thing was told once.

use super::desk::{Desk, Plan};
use super::spaces::{CUSTOMER, OURS};
use crate::net::each;
use crate::outside::wait;
use crate::world::sandbox::SERVICES;
use crate::world::{Arms, Database};
use serde_json::{Value, json};

fn started(database: Database, plan: Plan) -> Desk {
    let desk = Desk::started(database, &plan);
    desk.first_contacts();
    desk
}

/// How often Google was asked for a token, and for everything in a calendar anew.
fn asked(desk: &Desk) -> (usize, usize) {
    let calls = desk.google().get("calls");
    let calls = calls["calls"].as_array().unwrap_or_else(|| panic!("{calls}"));
    let is_full = |call: &&Value| {
        let path = call["path"].as_str().unwrap_or_default();
        let query = &call["query"];
        path.ends_with("/events")
            && query["syncToken"].is_null()
            && query["pageToken"].is_null()
            && call["status"] == 200
    };
    (calls.iter().filter(|call| call["path"] == "/token").count(), calls.iter().filter(is_full).count())
}

#[test]
fn an_access_token_of_googles_that_runs_out_is_renewed_and_nothing_is_read_twice() {
    each(|database| {
        let desk = started(database, Plan { calendars: true, ..Plan::default() });
        let (tokens, full) = asked(&desk);
        desk.promise("予定-前", 5);
        desk.until(&["予定-前"]);
        desk.google().control("expire_tokens", &json!({}));
        desk.promise("予定-後", 5);
        desk.until(&["予定-後"]);
        desk.rests();
        assert_eq!(asked(&desk), (tokens + 1, full), "tokens, and readings of everything");
        desk.once("予定-前", 1);
        desk.once("予定-後", 1);
        desk.no_repeats();
    });
}

#[test]
fn a_sync_token_that_is_too_old_means_reading_everything_and_telling_nothing_twice() {
    each(|database| {
        let desk = started(database, Plan { calendars: true, ..Plan::default() });
        let gone = desk.promise("予定-取消", 5);
        desk.promise("予定-前", 5);
        desk.until(&["予定-前"]);
        desk.until(&["予定-取消"]);
        desk.rests();
        let (_, full) = asked(&desk);
        // What happens between the two is seen by the whole list alone.
        desk.google().control("refuse", &json!({ "status": 503, "times": 2 }));
        let event = json!({ "calendar": "oncall-promises", "event": gone["event"] });
        desk.google().control("cancel", &event);
        desk.promise("予定-後", 5);
        desk.google().control("expire_sync", &json!({}));
        desk.until(&["予定-後"]);
        desk.until(&["予定が取り消されました", "予定-取消"]);
        let is_read = || (asked(&desk).1 == full + 1).then_some(());
        assert!(wait::within(wait::LONG, is_read).is_some(), "it was not read anew: {:?}", asked(&desk));
        desk.rests();
        for title in ["予定-前", "予定-後", "予定-取消"] {
            desk.once(title, 1);
        }
        desk.no_repeats();
        assert_eq!(desk.told("予定").len(), 3);
    });
}

/// Each ticket was told and paged once.
fn tickets_once(desk: &Desk, titles: &[&str]) {
    for title in titles {
        desk.once(title, 1);
    }
    assert_eq!(desk.told("課題").len(), titles.len());
    desk.no_repeats();
}

#[test]
fn backlogs_access_token_is_renewed_and_each_refresh_token_used_once() {
    each(|database| {
        let plan = Plan { tickets: true, oauth: true, ..Plan::default() };
        let mut desk = Desk::made(database, &plan);
        desk.tracker().control("settings", &json!({ "refresh_once": true }));
        desk.begin();
        desk.first_contacts();
        let told = |desk: &Desk, title: &str| {
            desk.tracker().create(title);
            desk.until(&[title]);
        };
        told(&desk, "課題-一");
        desk.tracker().control("expire_tokens", &json!({}));
        told(&desk, "課題-二");
        desk.rests();
        // The refresh token of the configuration is spent by now: only the one that was kept opens the space again.
        desk.world.site.kill();
        desk.tracker().control("expire_tokens", &json!({}));
        desk.world.site.start(&Arms::default());
        told(&desk, "課題-三");
        desk.tracker().control("expire_tokens", &json!({}));
        desk.tracker().acted(
            "comment",
            &json!({ "as": CUSTOMER, "ticket": desk.tracker().titled("課題-一")[0], "content": "いかがですか" }),
        );
        told(&desk, "課題-四");
        desk.rests();
        tickets_once(&desk, &["課題-一", "課題-二", "課題-三", "課題-四"]);
    });
}

#[test]
fn a_space_that_was_disconnected_is_said_and_goes_on_with_a_new_consent() {
    let plan = Plan { tickets: true, oauth: true, ..Plan::default() };
    let mut desk = started(Database::Sqlite, plan);
    let old = desk.tracker().backlog.info["oauth"]["refresh_token"].as_str().unwrap().to_owned();
    let new = desk.tracker().control("revoke", &json!({}))["refresh_token"].as_str().unwrap().to_owned();
    let key = desk.tracker().create("課題-切断中");
    let is_said = || {
        let shown = desk.world.site.api("connections").ok()?;
        let polls = shown["polls"].as_array()?.clone();
        let said = polls.iter().filter(|poll| poll["name"].as_str().is_some_and(|name| name.contains("hoshino")));
        said.map(|poll| poll["waits_for"].to_string()).any(|why| why.contains("connect Backlog again")).then_some(())
    };
    assert!(wait::within(wait::LONG, is_said).is_some(), "{}", desk.world.site.api("connections").unwrap()["polls"]);
    desk.world.site.stop();
    desk.edit(&old, &new);
    desk.world.site.start(&Arms::default());
    desk.until(&["課題-切断中"]);
    desk.tracker().acted("assign", &json!({ "as": OURS, "ticket": key, "to": OURS }));
    desk.until(&["対応されました", &key]);
    desk.rests();
    tickets_once(&desk, &["課題-切断中"]);
}

#[test]
fn a_bot_token_that_was_revoked_makes_posts_wait_and_pages_go_on() {
    each(|database| {
        let desk = started(database, Plan { tickets: true, calendars: true, ..Plan::default() });
        desk.slack.control("set", &json!({ "token": "revoked" }));
        desk.sandbox().trigger(SERVICES[0], "disk");
        desk.tracker().create("課題-失効中");
        desk.promise("予定-失効中", 5);
        let is_paged = || ["課題-失効中", "予定-失効中"].iter().all(|title| desk.paged(title).len() == 1).then_some(());
        assert!(wait::within(wait::LONG, is_paged).is_some(), "{}", desk.world.unrest());
        let is_said = || {
            let shown = desk.world.site.api("connections").ok()?;
            let why = shown["slack"]["troubles"][0]["why"].as_str()?.to_owned();
            (why.contains("token_revoked") && why.contains("install the app again")).then_some(())
        };
        assert!(
            wait::within(wait::LONG, is_said).is_some(),
            "{}",
            desk.world.site.api("connections").unwrap()["slack"]
        );
        assert!(desk.posted().is_empty(), "{}", json!(desk.posted()));
        assert!(desk.world.site.all("jobs?state=dead").unwrap().is_empty());
        desk.slack.control("set", &json!({ "token": "active" }));
        for title in ["disk", "課題-失効中", "予定-失効中"] {
            desk.until(&[title]);
        }
        desk.rests();
        for title in ["disk", "課題-失効中", "予定-失効中"] {
            desk.once(title, 1);
        }
        assert_eq!(desk.messages().len(), 3);
        desk.no_repeats();
    });
}
