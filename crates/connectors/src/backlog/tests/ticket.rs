//! A ticket read whole, and read again out of the document that was kept.

use super::{COMMENTS, ISSUE, client, rows};
use crate::backlog::reading_from_document;
use crate::testing::{Server, call, reply};
use model::Micros;
use model::ticket::{Change, Named};
use serde_json::json;

async fn fixture() -> Server {
    Server::start(|heard| reply(200, if heard.path.ends_with("/comments") { COMMENTS } else { ISSUE })).await
}

fn at(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

#[tokio::test]
async fn a_ticket_is_read_with_all_that_led_to_it_oldest_first() {
    let server = fixture().await;
    let whole = client(&server).ticket(&call(), "OPS-12").await.unwrap();
    let ticket = &whole.reading.ticket;
    assert_eq!((ticket.id.as_str(), ticket.key.as_str(), ticket.project.as_str()), ("main/1001", "OPS-12", "OPS"));
    assert_eq!((ticket.title.as_str(), ticket.kind.as_str()), ("web01 ディスク逼迫", "障害"));
    assert_eq!(ticket.body, "90% を超えました\u{fffd}", "no database can keep U+0000");
    assert_eq!(ticket.categories, ["監視"]);
    assert_eq!(ticket.priority, Some(Named { id: 2, name: "高".into() }));
    assert!(ticket.is_done);
    assert_eq!(ticket.assignee.as_ref().unwrap().login.as_deref(), Some("hanako"));
    assert_eq!((ticket.created_by.id, ticket.created_by.login.as_deref()), (9, None));
    assert_eq!((ticket.created_at, ticket.updated_at), (at("2026-05-01T01:02:03Z"), at("2026-05-01T03:00:00Z")));
    assert_eq!(ticket.url, format!("{}/view/OPS-12", server.url));

    let history = &whole.reading.history;
    assert_eq!(history.iter().map(|h| h.id).collect::<Vec<_>>(), [0, 77, 78, 79]);
    assert_eq!((history[0].at, &history[0].changes[..]), (ticket.created_at, &[Change::Created][..]));
    assert_eq!(history[0].by, ticket.created_by);
    let paths: Vec<_> = server.heard().iter().map(|heard| heard.path.clone()).collect();
    assert_eq!(paths, ["/api/v2/issues/OPS-12", "/api/v2/issues/1001/comments"], "comments by the number, which stays");
}

#[tokio::test]
async fn changes_are_told_in_names_whichever_form_they_came_in() {
    let server = fixture().await;
    let history = client(&server).ticket(&call(), "OPS-12").await.unwrap().reading.history;
    let other = |field: &str, from: Option<&str>, to: Option<&str>| Change::Other {
        field: field.into(),
        from: from.map(Into::into),
        to: to.map(Into::into),
    };
    let status = |from: &str, to: &str| Change::Status { from: from.into(), to: to.into() };
    let assigned = Change::Assignee { from: None, to: Some("佐藤花子".into()) };
    assert_eq!(history[1].changes, [assigned, other("notification", None, None)]);
    assert_eq!(history[1].text, None, "an empty text is none");
    assert_eq!(history[2].changes, [status("処理済み", "未対応")], "numbers become names");
    assert_eq!(history[2].text.as_deref(), Some("まだ赤いです"));
    assert_eq!(history[2].by, model::ticket::Who::default(), "an account that is gone");
    let last = [
        status("未対応", "処理済み"),
        other("limitDate", None, Some("2026-05-10")),
        other("actualHours", None, Some("1.5")),
    ];
    assert_eq!(history[3].changes, last);
}

#[test]
fn numbers_become_the_names_that_the_space_uses() {
    let read = |status: serde_json::Value, from: &str, to: &str| {
        let issue = json!({"id":1,"issueKey":"A-1","status":status,"created":"2026-05-01T00:00:00Z",
            "assignee":{"id":7,"name":"Sato Hanako"}});
        let comment = json!({"id":5,"created":"2026-05-01T00:00:00Z","changeLog":[
            {"field":"status","originalValue":from,"newValue":to},{"field":"assignee","originalValue":"8","newValue":"7"}]});
        let document = json!({"space":"s","url":"https://x.backlog.com","issue":issue,"comments":[comment]});
        reading_from_document(document.to_string().as_bytes()).unwrap().history[1].changes.clone()
    };
    let status = |from: &str, to: &str| Change::Status { from: from.into(), to: to.into() };
    let own = json!({"id":12345,"name":"Waiting for vendor"});
    let assignee = Change::Assignee { from: Some("8".into()), to: Some("Sato Hanako".into()) };
    assert_eq!(read(own.clone(), "1", "12345"), [status("Open", "Waiting for vendor"), assignee]);
    assert_eq!(read(own, "777", "Closed")[0], status("777", "Closed"), "an unknown number stays as it is");
    assert_eq!(read(json!({"id":4,"name":"完了"}), "2", "4")[0], status("処理中", "完了"));
}

#[tokio::test]
async fn the_kept_document_reads_the_same_again() {
    let server = fixture().await;
    let whole = client(&server).ticket(&call(), "1001").await.unwrap();
    assert_eq!(reading_from_document(&whole.raw).unwrap(), whole.reading);
    let kept = String::from_utf8(whole.raw).unwrap();
    assert!(kept.contains("\"keyword\":\"サトウ\""), "bytes that we don't read yet are kept");
    assert!(!kept.contains(super::KEY));
}

#[test]
fn a_document_that_can_not_be_read_names_the_place() {
    let broken = json!({"space":"s","url":"u","issue":{"id":1,"issueKey":"A-1","status":{"id":1},"created":"2026-05-01T00:00:00Z"},
        "comments":[{"id":5,"created":"2026-05-01T00:00:00Z"},{"id":6,"created":"yesterday"}]});
    let error = reading_from_document(broken.to_string().as_bytes()).unwrap_err();
    assert!(error.place.starts_with("comments[1]: created"), "{}", error.place);
    assert!(
        reading_from_document(br#"{"space":"s","url":"u","issue":{"id":1},"comments":[]}"#)
            .unwrap_err()
            .place
            .starts_with("issue: ")
    );
    for odd in ["", "[]", "null", "{\"issue\":[[["] {
        assert!(reading_from_document(odd.as_bytes()).is_err());
    }
}

/// Whether the row named by maxId is in the page itself is not written down, so both have to work.
#[tokio::test]
async fn long_histories_are_paged_without_a_hole_or_a_repeat() {
    for is_inclusive in [true, false] {
        let server = Server::start(move |heard| {
            if !heard.path.ends_with("/comments") {
                return reply(200, ISSUE);
            }
            assert_eq!((heard.query("order"), heard.query("count")), (vec!["desc"], vec!["100"]));
            let below: i64 = heard.query("maxId").first().map_or(250, |id| id.parse().unwrap());
            let from = if is_inclusive || heard.query("maxId").is_empty() { below } else { below - 1 };
            let row = |id: i64| json!({"id":id,"content":id.to_string(),"created":"2026-05-01T01:02:03Z"});
            reply(200, rows(from, -1, from.min(100), row))
        })
        .await;
        let history = client(&server).ticket(&call(), "OPS-12").await.unwrap().reading.history;
        assert_eq!(history.iter().map(|h| h.id).collect::<Vec<_>>(), (0..=250).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_history_beyond_all_bounds_loses_its_oldest_part_and_says_so() {
    let server = Server::start(|heard| {
        if !heard.path.ends_with("/comments") {
            return reply(200, ISSUE);
        }
        let below: i64 = heard.query("maxId").first().map_or(1_000_000, |id| id.parse().unwrap());
        reply(200, rows(below - 1, -1, 100, |id| json!({"id":id,"created":"2026-05-01T01:02:03Z"})))
    })
    .await;
    let whole = client(&server).ticket(&call(), "OPS-12").await.unwrap();
    assert_eq!(whole.reading.history.last().unwrap().id, 999_999);
    assert!(String::from_utf8(whole.raw).unwrap().ends_with(r#""truncated":true}"#));
}

#[tokio::test]
async fn a_key_that_would_lead_elsewhere_is_not_sent() {
    let server = fixture().await;
    for odd in ["", "..", "OPS-1/comments", "OPS-1?x", "課題-1", &"A".repeat(65)] {
        assert!(client(&server).ticket(&call(), odd).await.is_err(), "{odd}");
    }
    assert!(server.heard().is_empty());
}
