//! Backlog's errors, and that none of them shows the key.

use super::{KEY, client, settings};
use crate::backlog::Client;
use crate::testing::{Server, call, reply};
use crate::{CallError, Kind};

async fn refused(status: u16, body: &'static str) -> CallError {
    let server = Server::always(status, body).await;
    client(&server).users(&call()).await.unwrap_err()
}

#[tokio::test]
async fn codes_have_their_kinds_and_their_remedies() {
    for (status, code, kind, remedy) in [
        (500, 1, Kind::Server, "tried again"),
        (403, 2, Kind::Forbidden, "plan"),
        (403, 3, Kind::Forbidden, "run out"),
        (403, 4, Kind::Forbidden, "add this machine's address"),
        (403, 5, Kind::Forbidden, "add the user to the project"),
        (404, 6, Kind::NotFound, "is gone, or the user"),
        (400, 7, Kind::BadRequest, "own words"),
        (400, 8, Kind::BadRequest, "is full"),
        (400, 9, Kind::BadRequest, "own words"),
        (413, 10, Kind::BadRequest, "own words"),
        (401, 11, Kind::Auth, "make a new API key"),
        (401, 12, Kind::Auth, "two-factor"),
        (429, 13, Kind::Limited, "when the limit allows"),
        // The code is what is written down, the status is not.
        (400, 11, Kind::Auth, "make a new API key"),
        (400, 6, Kind::NotFound, "is gone"),
    ] {
        let body = format!(r#"{{"errors":[{{"message":"Said so.","code":{code},"moreInfo":"field x"}}],"other":1}}"#);
        let server = Server::start(move |_| reply(status, body.clone())).await;
        let error = client(&server).users(&call()).await.unwrap_err();
        assert_eq!((error.kind, error.code, error.status), (kind, Some(code), Some(status)), "{code}");
        assert!(error.text.contains(remedy), "{code}: {}", error.text);
        assert!(error.text.contains("\u{201c}Said so.; field x\u{201d}"), "{}", error.text);
    }
}

#[tokio::test]
async fn a_status_alone_is_enough() {
    for (status, kind) in
        [(400, Kind::BadRequest), (401, Kind::Auth), (403, Kind::Forbidden), (404, Kind::NotFound), (502, Kind::Server)]
    {
        for body in ["", "{}", r#"{"errors":null}"#, r#"{"errors":[{}]}"#, "[1]"] {
            assert_eq!(refused(status, body).await.kind, kind, "{status} {body}");
        }
    }
    assert_eq!(refused(403, "<html>").await.kind, Kind::InTheWay);
}

#[tokio::test]
async fn the_key_is_nowhere_in_what_is_told() {
    let quoting = Server::always(401, r#"{"errors":[{"message":"no user for made-up-api-key-0001","code":11}]}"#).await;
    let elsewhere = Server::start(|heard| {
        let mut answer = reply(302, "");
        let target = format!("https://x.example.jp/login?apiKey={}", heard.query("apiKey")[0]);
        answer.headers_mut().insert("location", target.parse().unwrap());
        answer
    })
    .await;
    let nobody = crate::testing::nobody().await;
    for url in [&quoting.url, &elsewhere.url, &nobody] {
        let client = Client::new(&settings(url)).unwrap();
        let error = client.users(&call()).await.unwrap_err();
        assert!(!format!("{error} {error:?} {client:?} {:?}", settings(url)).contains(KEY), "{error}");
    }
    assert_eq!(elsewhere.heard().len(), 1, "nobody is followed with the key");
}

#[test]
fn an_address_that_holds_more_than_the_space_is_refused() {
    for url in ["https://x.backlog.jp/?apiKey=made-up-api-key-0001", "http://x.backlog.jp", "x.backlog.jp"] {
        let error = Client::new(&settings(url)).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(KEY), "{error}");
    }
}
