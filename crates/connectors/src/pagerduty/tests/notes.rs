//! Notes as they go out, how they are found again, and what becomes of one that was to say something else.

use super::client;
use crate::Kind;
use crate::pagerduty::NoteUpdate;
use crate::testing::{Server, call};
use serde_json::json;

#[tokio::test]
async fn a_note_goes_out_in_somebodys_name_and_comes_back_with_its_id() {
    let server = Server::always(200, r#"{"note":{"id":"PNOTE77","content":"x"}}"#).await;
    let client = client(&server);
    assert_eq!(client.add_note(&call(), "Q1", None, "調べた").await.unwrap(), "PNOTE77");
    client.add_note(&call(), "Q1", Some("mori@northwind.example"), "調べた").await.unwrap();
    let heard = server.heard();
    assert_eq!((heard[0].method.as_str(), heard[0].path.as_str()), ("POST", "/incidents/Q1/notes"));
    assert_eq!(heard[0].json(), json!({ "note": { "content": "調べた" } }));
    assert_eq!(heard[0].headers["from"], "bot@northwind.example");
    assert_eq!(heard[1].headers["from"], "mori@northwind.example");
    assert_eq!(heard[0].headers["content-type"], "application/json");
}

#[tokio::test]
async fn a_note_is_found_by_its_marker() {
    let notes = r#"{"notes":[{"id":"N1","content":"another"},{"id":"N2","content":"found it\n[ara:7f]"},{"id":"N3"}]}"#;
    let server = Server::always(200, notes).await;
    let client = client(&server);
    assert_eq!(client.find_note(&call(), "Q1", "[ara:7f]").await.unwrap().as_deref(), Some("N2"));
    assert_eq!(client.find_note(&call(), "Q1", "[ara:80]").await.unwrap(), None);
}

#[tokio::test]
async fn of_several_that_carry_the_marker_the_oldest_is_ours() {
    let notes = r#"{"notes":[{"id":"N3","content":"see [m] above","created_at":"2026-05-01T00:20:00Z"},
        {"id":"N1","content":"[m] ours","created_at":"2026-05-01T00:10:00Z"},{"id":"N2","content":"[m]"}]}"#;
    let server = Server::always(200, notes).await;
    let found = client(&server).marked_note(&call(), "Q1", "[m]").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.content.as_str()), ("N1", "[m] ours"));
    let none = client(&server).marked_note(&call(), "Q1", "").await.unwrap_err();
    assert_eq!((none.kind, none.write), (Kind::BadRequest, false));
}

#[tokio::test]
async fn a_note_is_changed_in_its_place_and_in_somebodys_name() {
    let server = Server::always(200, r#"{"note":{"id":"N1","content":"x"}}"#).await;
    let client = client(&server);
    assert_eq!(client.update_note(&call(), "Q1", "N1", None, "再調査").await.unwrap(), NoteUpdate::Done);
    client.update_note(&call(), "Q1", "N1", Some("mori@northwind.example"), "再調査").await.unwrap();
    let heard = server.heard();
    assert_eq!((heard[0].method.as_str(), heard[0].path.as_str()), ("PUT", "/incidents/Q1/notes/N1"));
    assert_eq!(heard[0].json(), json!({ "note": { "content": "再調査" } }));
    assert_eq!(heard[0].headers["from"], "bot@northwind.example");
    assert_eq!(heard[1].headers["from"], "mori@northwind.example");
    for (incident, note, text) in [("Q1", "N1", " "), ("Q1", "../x", "x"), ("..", "N1", "x")] {
        let error = client.update_note(&call(), incident, note, None, text).await.unwrap_err();
        assert_eq!(error.kind, Kind::BadRequest, "{incident} {note} {text:?}");
    }
    assert_eq!(server.heard().len(), 2, "what can't work is not sent");
}

#[tokio::test]
async fn a_note_that_can_not_be_changed_stays_and_doubt_stays_doubt() {
    let gone = r#"{"error":{"message":"Not Found","code":2100}}"#;
    for (status, kind) in [(404, Kind::NotFound), (403, Kind::Forbidden), (405, Kind::BadRequest)] {
        let server = Server::always(status, gone).await;
        let ended = client(&server).update_note(&call(), "Q1", "N1", None, "x").await.unwrap();
        assert!(matches!(&ended, NoteUpdate::Never(error) if error.kind == kind), "{status}: {ended:?}");
    }
    for (status, body) in [(400, gone), (401, gone), (404, "<html>"), (429, ""), (503, ""), (200, "[")] {
        let server = Server::always(status, body).await;
        assert!(client(&server).update_note(&call(), "Q1", "N1", None, "x").await.is_err(), "{status} {body}");
    }
}
