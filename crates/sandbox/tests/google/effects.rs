//! What is written to the simulated Google Calendar and what it tells by itself: pushes, scripted refusals, the feed, the page.

use reqwest::Method;
use sandbox::google::Options;
use serde_json::{Value, json};

use crate::common::{Receiver, send};
use crate::{START_S, World, reason};

#[tokio::test]
async fn writes_are_checked_and_kept() {
    let world = World::empty().await;
    let day = |n: u32| json!({ "date": format!("2026-05-{n:02}") });
    let body = json!({ "id": "promise0001", "summary": "約束", "start": day(2), "end": day(3), "extendedProperties": { "private": { "k": "v" } } });
    let made = world.write(Method::POST, "", &body).await;
    assert_eq!(
        (made.status.as_u16(), &made.body["iCalUID"], &made.body["status"]),
        (200, &json!("promise0001@google.com"), &json!("confirmed"))
    );
    for (body, expected) in [
        (body.clone(), (409, "duplicate")),
        (json!({ "id": "UPPER", "start": day(2), "end": day(3) }), (400, "invalid")),
        (json!({ "summary": "x", "end": day(3) }), (400, "required")),
        (json!({ "start": day(3), "end": day(2) }), (400, "timeRangeEmpty")),
        (json!({ "start": day(3), "end": day(3) }), (400, "timeRangeEmpty")),
        (json!({ "start": day(3), "end": { "dateTime": "2026-05-04T00:00:00Z" } }), (400, "invalid")),
        (json!({ "start": day(3), "end": day(4), "recurrence": ["RRULE:FREQ=HOURLY"] }), (400, "invalid")),
        (
            json!({ "start": day(3), "end": day(4), "extendedProperties": { "private": { "k": "v".repeat(1_025) } } }),
            (400, "invalid"),
        ),
        (json!({ "start": day(3), "end": day(4), "summary": 5 }), (400, "invalid")),
    ] {
        let answer = world.write(Method::POST, "", &body).await;
        assert_eq!(reason(&answer), (expected.0, expected.1.to_owned()), "{body}");
    }
    let path = format!("calendars/{}/events/promise0001", world.calendar("maintenance"));
    let etag = made.body["etag"].as_str().expect("an etag");
    let patch = |etag: &str| {
        send(world.request(Method::PATCH, &path).header("if-match", etag).json(&json!({ "summary": "済" })))
    };
    assert_eq!(patch(etag).await.expect("an answer").body["summary"], "済");
    assert_eq!(reason(&patch(etag).await.expect("an answer")), (412, "conditionNotMet".into()));
    assert_eq!(
        world.events(&[("privateExtendedProperty", "k=v")]).await.body["items"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(world.events(&[("privateExtendedProperty", "k=w")]).await.body["items"], json!([]));
    assert_eq!(world.write(Method::DELETE, "/promise0001", &json!({})).await.status, 204);
    assert_eq!(reason(&world.write(Method::DELETE, "/promise0001", &json!({})).await), (410, "deleted".into()));
    assert_eq!(reason(&world.write(Method::DELETE, "/nothing", &json!({})).await), (404, "notFound".into()));
    assert_eq!(world.get(&path).await.body["status"], "cancelled");
    assert_eq!(reason(&world.write(Method::POST, "", &body).await), (409, "duplicate".into()), "an id is used up");
    let kinds: Vec<Value> = world.sandbox.effects().iter().map(|e| e["kind"].clone()).collect();
    assert_eq!(kinds, ["google.event_inserted", "google.event_changed", "google.event_deleted"]);
}

#[tokio::test]
async fn pushes_come_once_for_several_changes_and_say_nothing_more() {
    let receiver = Receiver::new(&[200, 503, 500]).await;
    let world = World::empty().await;
    let path = "/watch";
    let body = json!({ "id": "channel-1", "type": "web_hook", "address": receiver.url, "token": "secret=1", "params": { "ttl": "999999999" } });
    let channel = world.write(Method::POST, path, &body).await;
    let week_ms = ((START_S + 604_800) / 100_000).to_string();
    let expiration = channel.body["expiration"].as_str().expect("a text");
    assert!(expiration.starts_with(&week_ms), "a week at most: {expiration}");
    assert_eq!(reason(&world.write(Method::POST, path, &body).await), (400, "channelIdNotUnique".into()));
    for (name, value, expected) in [
        ("id", json!("日本"), "invalid"),
        ("address", json!("ftp://x"), "push.webhookUrlNotHttps"),
        ("type", json!("mail"), "unknownChannelType"),
        ("address", Value::Null, "required"),
    ] {
        let mut wrong = body.clone();
        wrong["id"] = json!("channel-2");
        wrong[name] = value;
        assert_eq!(reason(&world.write(Method::POST, path, &wrong).await), (400, expected.into()));
    }
    assert!(world.sandbox.settle(20_000).await);
    (0..5).for_each(|n| drop(world.plan(&json!({ "summary": n.to_string(), "start": "2026-05-02" }))));
    assert!(world.sandbox.settle(20_000).await);
    let seen = receiver.all();
    let header = |n: usize, name: &str| seen[n].headers.get(&format!("x-goog-{name}")).cloned().unwrap_or_default();
    assert_eq!(
        (header(0, "resource-state"), header(0, "message-number"), header(0, "channel-token")),
        ("sync".into(), "1".into(), "secret=1".into())
    );
    assert!(
        seen.len() == 4 && seen.iter().all(|d| d.body.is_empty()),
        "coalesced, with repeats after 503 and 500: {}",
        seen.len()
    );
    assert_eq!(
        (header(1, "resource-state"), header(1, "message-number")),
        ("exists".into(), header(2, "message-number")),
        "repeated as it was"
    );
    assert!(header(1, "message-number").parse::<u64>().expect("a number") > 1);
    assert!(
        header(1, "resource-uri").contains("/calendar/v3/calendars/")
            && header(1, "channel-expiration").ends_with("GMT")
    );
    // A lost message, a stopped channel, an expired one.
    world.does("mischief", &json!({ "lose": true }));
    world.plan(&json!({ "summary": "lost", "start": "2026-05-02" }));
    assert!(world.sandbox.settle(20_000).await);
    world.does("mischief", &json!({ "lose": false }));
    let count = seen.len();
    assert_eq!(receiver.all().len(), count);
    let stop = json!({ "id": "channel-1", "resourceId": channel.body["resourceId"] });
    let stop = || send(world.request(Method::POST, "channels/stop").json(&stop));
    assert_eq!(stop().await.expect("an answer").status, 204);
    assert_eq!(reason(&stop().await.expect("an answer")), (404, "notFound".into()));
    world.plan(&json!({ "summary": "untold", "start": "2026-05-02" }));
    assert!(world.sandbox.settle(20_000).await);
    assert_eq!(receiver.all().len(), count);
    let short =
        json!({ "id": "channel-3", "type": "web_hook", "address": receiver.url, "expiration": (START_S + 60) * 1_000 });
    assert_eq!(world.write(Method::POST, path, &short).await.status, 200);
    assert!(world.sandbox.settle(20_000).await);
    world.does("advance", &json!({ "seconds": 61 }));
    world.plan(&json!({ "summary": "untold too", "start": "2026-05-02" }));
    assert!(world.sandbox.settle(20_000).await);
    assert_eq!(receiver.all().len(), count + 1, "its sync and nothing else");
    let kinds: Vec<Value> = world.sandbox.effects().iter().map(|e| e["kind"].clone()).collect();
    assert_eq!(kinds, ["google.watched", "google.channel_stopped", "google.watched"]);
}

#[tokio::test]
async fn refusals_are_scripted_and_requests_are_counted() {
    let world = World::empty().await;
    for (status, named, expected) in [
        (403, Value::Null, "userRateLimitExceeded"),
        (403, json!("quotaExceeded"), "quotaExceeded"),
        (429, Value::Null, "rateLimitExceeded"),
        (500, Value::Null, "backendError"),
        (410, Value::Null, "fullSyncRequired"),
        (401, Value::Null, "authError"),
    ] {
        world.does("refuse", &json!({ "status": status, "reason": named }));
        let answer = world.events(&[]).await;
        assert_eq!(reason(&answer), (status, expected.into()));
        let is_limit = [403, 429].contains(&status);
        assert_eq!(answer.body["error"]["errors"][0]["domain"] == "usageLimits", is_limit);
    }
    assert_eq!(world.events(&[]).await.status, 200);
    world.does("settings", &json!({ "requests_per_minute": 2 }));
    world.events(&[]).await;
    assert_eq!(reason(&world.events(&[]).await), (403, "rateLimitExceeded".into()));
    assert_eq!(world.events(&[("quotaUser", "other")]).await.status, 200);
    world.does("advance", &json!({ "seconds": 60 }));
    assert_eq!(world.events(&[]).await.status, 200);
    let calls = world.sandbox.shown("calls");
    let statuses: Vec<Value> = calls["calls"].as_array().expect("a list").iter().map(|c| c["status"].clone()).collect();
    assert_eq!(statuses, [200, 403, 403, 429, 500, 410, 401, 200, 200, 403, 200, 200]);
}

#[tokio::test]
async fn the_feed_holds_the_same_and_only_its_secret_opens_it() {
    let world = World::empty().await;
    let summary = "長い題名の保守作業、戻し手順; 連絡先は運用デスク".repeat(2);
    world
        .plan(&json!({ "summary": summary, "start": "2026-05-02T10:00:00+09:00", "attendees": ["suzuki@example.jp"] }));
    let id = world.plan(&json!({ "summary": "週次", "start": "2026-05-04T10:00:00+09:00", "rrule": "FREQ=WEEKLY" }));
    world.plan(&json!({ "summary": "終日", "start": "2026-05-10" }));
    let own = |instance: &str| json!({ "calendar": "maintenance", "event": id, "instance": instance, "start": "2026-05-12T15:00:00+09:00" });
    world.does("move", &own("2026-05-11T10:00:00+09:00"));
    world.does("cancel", &own("2026-05-18T10:00:00+09:00"));
    let address = world.sandbox.info().ics_urls["maintenance"].clone();
    let get = async |address: &str| {
        let reply = world.http.get(address).send().await.expect("an answer");
        (reply.status().as_u16(), reply.bytes().await.expect("bytes").to_vec())
    };
    let (_, bytes) = get(&address).await;
    assert!(bytes.split(|b| *b == b'\n').all(|l| l.len() <= 76 && (l.is_empty() || l.ends_with(b"\r"))));
    // Octets are joined before they are read.
    let mut joined = bytes.clone();
    while let Some(at) = joined.windows(3).position(|w| w == b"\r\n ") {
        joined.drain(at..at + 3);
    }
    let text = String::from_utf8(joined).expect("UTF-8 once it is unfolded");
    let escaped = summary.replace(';', "\\;");
    for line in [
        "DTSTART:20260502T010000Z",
        "DTSTART;TZID=Asia/Tokyo:20260504T100000",
        "DTSTART;VALUE=DATE:20260510",
        "DTEND;VALUE=DATE:20260511",
        "RRULE:FREQ=WEEKLY",
        "EXDATE;TZID=Asia/Tokyo:20260518T100000",
        "RECURRENCE-ID;TZID=Asia/Tokyo:20260511T100000",
        "DTSTART;TZID=Asia/Tokyo:20260512T150000",
        "BEGIN:VTIMEZONE",
        "TZOFFSETTO:+0900",
        "X-WR-TIMEZONE:Asia/Tokyo",
        &format!("SUMMARY:{escaped}"),
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is missing in\n{text}");
    }
    assert!(text.contains("CN=\"鈴木一郎\"") && !text.contains("STATUS:CANCELLED"));
    world.does("settings", &json!({ "ics_cancelled": "status" }));
    let (_, bytes) = get(&address).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("STATUS:CANCELLED") && !text.contains("EXDATE"));
    world.does("ics", &json!({ "frozen": true }));
    world.plan(&json!({ "summary": "new", "start": "2026-05-20" }));
    assert!(!String::from_utf8_lossy(&get(&address).await.1).contains("SUMMARY:new"), "the feed lags");
    world.does("ics", &json!({ "frozen": false }));
    assert!(String::from_utf8_lossy(&get(&address).await.1).contains("SUMMARY:new"));
    assert_eq!(get(&address.replace("private-", "private-0")).await.0, 404);
}

#[tokio::test]
async fn the_page_and_the_key_file_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key.json");
    let world = World::new(Options { key_file: Some(path.clone()), ..Options::default() }).await;
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), world.sandbox.info().service_account_json);
    world.plan(&json!({ "summary": "<script>alert(1)</script>", "start": "2026-05-02T10:00:00+09:00" }));
    let page = world.http.get(format!("{}/", world.sandbox.info().url)).send().await.expect("an answer");
    let page = page.text().await.expect("a text");
    assert!(page.contains("simulated Google Calendar") && page.contains("&lt;script&gt;alert(1)"));
    assert!(page.contains("週次バックアップ確認") && !page.contains("<script>"));
}
