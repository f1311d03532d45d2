//! A file in three steps, and what each of them can leave behind.

use super::{client, form, said, shows_no_secret, slack};
use crate::slack::Upload;
use crate::testing::{Server, call, reply};
use crate::{CallError, Kind};
use model::action::Outcome;
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

/// A server that gives out an address of its own, once it knows itself.
async fn taking(status: u16, body: &'static str, complete: Value) -> Server {
    let own = Arc::new(OnceLock::new());
    let told = own.clone();
    let server = Server::start(move |heard| match heard.path.as_str() {
        "/api/files.getUploadURLExternal" => {
            let url = format!("{}/upload/v1/made-up-place", told.get().map_or("", |url: &String| url.as_str()));
            reply(200, json!({ "ok": true, "upload_url": url, "file_id": "F0PICTURE1" }).to_string())
        }
        "/api/files.completeUploadExternal" => reply(200, complete.to_string()),
        _ => reply(status, body),
    })
    .await;
    own.set(server.url.clone()).unwrap();
    server
}

const PICTURE: Upload<'static> = Upload {
    bytes: b"\x89PNG\r\n",
    filename: "負荷.png",
    title: "負荷",
    alt: Some("web01 の負荷"),
    channel: Some("C0INCIDENT"),
    thread_ts: Some("1780000000.000100"),
};

#[tokio::test]
async fn a_file_takes_three_steps() {
    let server = taking(200, "OK - 6", json!({ "ok": true, "files": [{ "id": "F0PICTURE1" }] })).await;
    assert_eq!(client(&server).upload(&call(), &PICTURE).await.unwrap(), "F0PICTURE1");
    let heard = server.heard();
    assert_eq!(form(&heard[0]), said(&[("filename", "負荷.png"), ("length", "6"), ("alt_txt", "web01 の負荷")]));
    assert_eq!((heard[1].path.as_str(), &heard[1].body[..]), ("/upload/v1/made-up-place", PICTURE.bytes));
    assert!(heard[1].headers.get("authorization").is_none(), "the token is for the API alone");
    let expected = json!({ "files": [{ "id": "F0PICTURE1", "title": "負荷" }], "channel_id": "C0INCIDENT", "thread_ts": "1780000000.000100" });
    assert_eq!(heard[2].json(), expected);
    let alone = Upload { channel: None, alt: None, ..PICTURE };
    client(&server).upload(&call(), &alone).await.unwrap();
    assert_eq!(server.heard()[5].json(), json!({ "files": [{ "id": "F0PICTURE1", "title": "負荷" }] }));
}

async fn failed(server: &Server, upload: &Upload<'_>) -> CallError {
    let error = client(server).upload(&call(), upload).await.unwrap_err();
    shows_no_secret(&error);
    error
}

#[tokio::test]
async fn only_the_last_step_leaves_doubt() {
    let done = json!({ "ok": true });
    let error = failed(&taking(500, "", done.clone()).await, &PICTURE).await;
    assert!(matches!(error.to_outcome(call().now, 0), Outcome::Later { .. }), "{error}");
    let error = failed(&taking(200, "<html>", done).await, &PICTURE).await;
    assert_eq!((error.kind, error.write), (Kind::InTheWay, false));
    let error = failed(&taking(200, "OK - 6", json!({ "ok": false, "error": "fatal_error" })).await, &PICTURE).await;
    assert!(matches!(error.to_outcome(call().now, 0), Outcome::Unknown { .. }), "{error}");
    let error = failed(&taking(200, "OK - 6", json!({ "ok": false, "error": "not_in_channel" })).await, &PICTURE).await;
    assert!(error.text.contains("/invite"), "{error}");
}

#[tokio::test]
async fn bytes_go_nowhere_but_to_slack() {
    let server =
        slack(|_, _| json!({ "ok": true, "upload_url": "https://192.0.2.7/upload/made-up", "file_id": "F1" })).await;
    let error = failed(&server, &PICTURE).await;
    assert_eq!((error.kind, server.heard().len()), (Kind::Refused, 1));
}

#[tokio::test]
async fn an_empty_file_is_none() {
    let server = taking(200, "OK", json!({ "ok": true })).await;
    assert_eq!(failed(&server, &Upload { bytes: b"", ..PICTURE }).await.kind, Kind::BadRequest);
    assert_eq!(failed(&server, &Upload { filename: "", ..PICTURE }).await.kind, Kind::BadRequest);
    assert!(server.heard().is_empty());
    assert!(!format!("{PICTURE:?}").contains("PNG"));
}
