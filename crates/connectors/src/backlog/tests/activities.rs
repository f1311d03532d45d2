//! Webhook bodies and lists of activities as hints.

use super::{WEBHOOKS, client, rows};
use crate::backlog::{Scope, hints_from_activities, parse_webhook};
use crate::testing::{Server, call, reply};
use model::Micros;
use model::ticket::Hint;
use serde_json::{Value, json};

fn bodies() -> Vec<Vec<u8>> {
    let all: Vec<Value> = serde_json::from_str(WEBHOOKS).unwrap();
    all.iter().map(|one| serde_json::to_vec(one).unwrap()).collect()
}

#[test]
fn every_kind_of_webhook_names_its_tickets() {
    let read: Vec<Hint> = bodies().iter().map(|raw| parse_webhook(raw).unwrap()).collect();
    let seen: Vec<_> = read.iter().map(|h| (h.activity, h.keys.join(" "), h.is_deleted)).collect();
    let of = |id, keys: &str, is_deleted| (id, keys.to_owned(), is_deleted);
    let expected = [
        of(26_319_024, "OPS-12", false),
        of(26_319_025, "OPS-12", false),
        of(26_319_026, "OPS-12", false),
        of(26_319_027, "OPS-12", true),
        of(26_319_028, "OPS-12 OPS-14", false),
        of(26_319_029, "OPS-12", false),
        of(26_319_030, "", false),
        of(26_319_031, "", false),
    ];
    assert_eq!(seen, expected);
    assert_eq!(read[0].at, Micros::parse("2026-05-01T01:02:03Z"));
    assert_eq!(read[4].at, None);
}

#[test]
fn a_body_that_lacks_what_names_the_ticket_says_what_is_missing() {
    for (body, place) in [
        (json!({"type":1,"content":{"key_id":1},"project":{"projectKey":"A"}}), "id"),
        (json!({"id":1,"content":{"key_id":1},"project":{"projectKey":"A"}}), "type"),
        (json!({"id":1,"type":2,"content":{"key_id":1},"project":null}), "project.projectKey"),
        (json!({"id":1,"type":2,"content":{"key_id":1},"project":{"projectKey":"../x?y="}}), "project.projectKey"),
        (json!({"id":1,"type":2,"content":{"key_id":1},"project":{"projectKey":"A".repeat(63)}}), "project.projectKey"),
        (json!({"id":1,"type":2,"content":{"key_id":"x"},"project":{"projectKey":"A"}}), "content.key_id"),
    ] {
        let error = parse_webhook(body.to_string().as_bytes()).unwrap_err();
        assert!(error.place.starts_with(place), "{error}");
    }
}

#[test]
fn hostile_bodies_are_errors_and_never_panics() {
    let good = bodies().remove(0);
    for cut in 0..good.len() {
        assert!(parse_webhook(&good[..cut]).is_err());
    }
    for at in 0..good.len() {
        for byte in [0, b'"', b'\\', b'{', b'9', 0xff] {
            let mut touched = good.clone();
            touched[at] = byte;
            let _either = parse_webhook(&touched);
        }
    }
    for odd in ["", "null", "[]", "1", "{}", "\u{feff}{}", &"[".repeat(100_000), &"{\"content\":".repeat(100_000)] {
        assert!(parse_webhook(odd.as_bytes()).is_err());
    }
    let huge = json!({"id":1,"type":2,"content":{"key_id":9_223_372_036_854_775_807_i64},"project":{"projectKey":"A"}});
    assert_eq!(parse_webhook(huge.to_string().as_bytes()).unwrap().keys, ["A-9223372036854775807"]);
}

#[test]
fn a_list_gives_hints_oldest_first_and_an_odd_row_spoils_no_other() {
    let mut all: Vec<Value> = serde_json::from_str(WEBHOOKS).unwrap();
    all.reverse();
    all.insert(2, json!({"id":"?","type":1}));
    let hints = hints_from_activities(&serde_json::to_vec(&all).unwrap()).unwrap();
    let ids: Vec<i64> = hints.iter().map(|hint| hint.activity - 26_319_000).collect();
    assert_eq!(ids, [24, 25, 26, 27, 28, 29], "what concerns no ticket is no hint");
    assert!(hints_from_activities(b"{}").is_err());
}

fn activity(id: i64) -> Value {
    json!({"id":id,"type":2,"created":"2026-05-01T01:02:03Z","project":{"projectKey":"OPS"},"content":{"key_id":id}})
}

#[tokio::test]
async fn activities_are_followed_page_by_page_until_caught_up() {
    for is_inclusive in [true, false] {
        let server = Server::start(move |heard| {
            let since: i64 = heard.query("minId")[0].parse().unwrap();
            let from = if is_inclusive { since } else { since + 1 };
            reply(200, rows(from, 1, (1_250 - from).clamp(0, 100), activity))
        })
        .await;
        let found = client(&server).activities_since(&call(), Scope::Space, 1_000).await.unwrap();
        let ids: Vec<i64> = found.hints.iter().map(|hint| hint.activity).collect();
        assert_eq!(ids, (1_001..1_250).collect::<Vec<_>>());
        assert_eq!((found.newest, found.more), (Some(1_249), false));
        let again: usize = found.raw.iter().map(|raw| hints_from_activities(raw).unwrap().len()).sum();
        assert!(again >= ids.len(), "the kept pages hold them all");
        let heard = &server.heard()[0];
        assert_eq!(heard.path, "/api/v2/space/activities");
        assert_eq!((heard.query("order"), heard.query("count")), (vec!["asc"], vec!["100"]));
        assert_eq!(heard.query("activityTypeId[]"), ["1", "2", "3", "4", "14", "17", "47"]);
    }
}

#[tokio::test]
async fn an_endless_list_stops_and_says_where_to_go_on() {
    let server = Server::start(|heard| {
        let since: i64 = heard.query("minId")[0].parse().unwrap();
        reply(200, rows(since + 1, 1, 100, activity))
    })
    .await;
    let found = client(&server).activities_since(&call(), Scope::Project("OPS"), 0).await.unwrap();
    assert_eq!((found.hints.len(), found.newest, found.more), (2_000, Some(2_000), true));
    assert_eq!(server.heard()[0].path, "/api/v2/projects/OPS/activities");
}

#[tokio::test]
async fn a_list_in_the_wrong_order_is_not_taken_for_complete() {
    let server = Server::start(|_| reply(200, rows(500, -1, 100, activity))).await;
    let error = client(&server).activities_since(&call(), Scope::Space, 0).await.unwrap_err();
    assert!(error.text.contains("another order"), "{}", error.text);
}

#[tokio::test]
async fn first_contact_begins_at_the_newest() {
    let server = Server::start(|_| reply(200, rows(500, -1, 1, activity))).await;
    assert_eq!(client(&server).newest_activity(&call(), Scope::Space).await.unwrap(), Some(500));
    let heard = &server.heard()[0];
    assert_eq!((heard.query("order"), heard.query("count")), (vec!["desc"], vec!["1"]));
    assert!(heard.query("minId").is_empty());
    let empty = Server::always(200, "[]").await;
    assert_eq!(client(&empty).newest_activity(&call(), Scope::Space).await.unwrap(), None);
}
