//! Comments that we write, and those of unknown outcome.

use super::{KEY, client, rows};
use crate::Kind;
use crate::testing::{NOW, Server, call, reply};
use serde_json::json;

#[tokio::test]
async fn a_comment_goes_out_as_a_form() {
    let server = Server::always(201, r#"{"id":77,"content":"x"}"#).await;
    let id = client(&server).add_comment(&call(), "OPS-12", "当番を呼びました & [m-1]", &[7, 8]).await.unwrap();
    assert_eq!(id, 77);
    let heard = &server.heard()[0];
    assert_eq!((heard.method.as_str(), heard.path.as_str()), ("POST", "/api/v2/issues/OPS-12/comments"));
    assert_eq!(heard.headers["content-type"], "application/x-www-form-urlencoded");
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&heard.body).into_owned().collect();
    let expected = [("content", "当番を呼びました & [m-1]"), ("notifiedUserId[]", "7"), ("notifiedUserId[]", "8")];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(heard.query("apiKey"), [KEY]);
}

#[tokio::test]
async fn an_empty_comment_is_not_sent() {
    let server = Server::always(201, "{}").await;
    assert_eq!(client(&server).add_comment(&call(), "OPS-12", " \n", &[]).await.unwrap_err().kind, Kind::BadRequest);
    assert!(server.heard().is_empty());
}

fn row(id: i64, text: &str, age_s: i64) -> serde_json::Value {
    json!({"id":id,"content":text,"created":NOW.plus_s(-age_s).rfc3339()})
}

#[tokio::test]
async fn ours_is_found_by_its_marker_among_newer_ones() {
    let server = Server::start(|heard| {
        let below: i64 = heard.query("maxId").first().map_or(300, |id| id.parse().unwrap());
        reply(200, rows(below - 1, -1, 100, |id| row(id, if id == 150 { "呼びました [m-1]" } else { "…" }, 300 - id)))
    })
    .await;
    let client = client(&server);
    assert_eq!(client.find_comment(&call(), "OPS-12", "[m-1]", NOW.plus_s(-600)).await.unwrap(), Some(150));
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn not_seen_is_said_only_when_it_would_have_been() {
    let server = Server::start(|heard| {
        let below: i64 = heard.query("maxId").first().map_or(100_000, |id| id.parse().unwrap());
        reply(200, rows(below - 1, -1, 100, |id| row(id, "…", 100_000 - id)))
    })
    .await;
    let client = client(&server);
    assert_eq!(client.find_comment(&call(), "OPS-12", "[m-1]", NOW.plus_s(-200)).await.unwrap(), None);
    assert_eq!(server.heard().len(), 4, "until they are older than two minutes before the sending");
    let doubt = client.find_comment(&call(), "OPS-12", "[m-1]", NOW.plus_s(-50_000)).await.unwrap_err();
    assert_eq!((doubt.kind, doubt.write), (Kind::TooLarge, false));
    let few = Server::always(200, "[]").await;
    assert_eq!(super::client(&few).find_comment(&call(), "OPS-12", "[m-1]", NOW).await.unwrap(), None);
    assert_eq!(client.find_comment(&call(), "OPS-12", " ", NOW).await.unwrap_err().kind, Kind::BadRequest);
}
