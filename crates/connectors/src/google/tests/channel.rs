//! Channels: opening and closing.

use super::{always, asked, client, server};
use crate::google::{Channel, NewChannel};
use crate::testing::{call, reply};
use crate::{Kind, Secret};
use model::Micros;
use serde_json::json;

const ADDRESS: &str = "https://ops.example.jp/webhooks/google-calendar";

#[tokio::test]
async fn a_channel_is_opened_and_its_end_is_read_whatever_form_it_has() {
    for expiration in [json!("1714521600000"), json!(1_714_521_600_000_i64), json!(null), json!("soon")] {
        let body = json!({"kind":"api#channel","id":"c-1","resourceId":"r-1","resourceUri":"u","token":"t","expiration":expiration});
        let server = server(move |_| reply(200, body.to_string())).await;
        let token = Secret::new("made-up-channel-token");
        let new = NewChannel { id: "c-1", token: &token, address: ADDRESS, ttl_s: 604_800 };
        let channel = client(&server).watch(&call(), "team@example.jp", &new).await.unwrap();
        let expires_at = expiration.to_string().contains("1714").then(|| Micros::from_seconds(1_714_521_600));
        assert_eq!(channel, Channel { id: "c-1".into(), resource_id: "r-1".into(), expires_at });
        let heard = &asked(&server)[0];
        assert_eq!(heard.path, "/calendar/v3/calendars/team@example.jp/events/watch");
        let sent = json!({"id":"c-1","type":"web_hook","address":ADDRESS,"token":"made-up-channel-token","params":{"ttl":"604800"}});
        assert_eq!((heard.method.as_str(), heard.json()), ("POST", sent));
    }
}

#[tokio::test]
async fn what_google_would_refuse_is_not_sent() {
    let server = always(200, "{}").await;
    let client = client(&server);
    let (token, long) = (Secret::new("t"), Secret::new("x".repeat(257)));
    let good = NewChannel { id: "c", token: &token, address: ADDRESS, ttl_s: 60 };
    let odd_id = "x".repeat(65);
    for new in [
        NewChannel { id: "", ..good },
        NewChannel { id: &odd_id, ..good },
        NewChannel { id: "a b", ..good },
        NewChannel { token: &long, ..good },
        NewChannel { address: "http://ops.example.jp/", ..good },
    ] {
        let error = client.watch(&call(), "c", &new).await.unwrap_err();
        assert_eq!(error.kind, Kind::BadRequest);
    }
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn a_refusal_does_not_show_the_token_and_says_what_to_do() {
    let refusal = r#"{"error":{"errors":[{"domain":"push","reason":"push.webhookUrlUnauthorized","message":"Unauthorized WebHook callback channel: made-up-channel-token"}],"code":401,"message":"x made-up-channel-token"}}"#;
    let token = Secret::new("made-up-channel-token");
    for status in [400, 401, 403] {
        let server = server(move |_| reply(status, refusal)).await;
        let new = NewChannel { id: "c", token: &token, address: ADDRESS, ttl_s: 60 };
        let error = client(&server).watch(&call(), "c", &new).await.unwrap_err();
        assert_eq!(error.kind, Kind::BadRequest, "{status}");
        assert!(!error.text.contains("made-up"), "{}", error.text);
        assert!(error.text.contains("[server] public_url"), "{}", error.text);
    }
}

#[tokio::test]
async fn closing_twice_is_closing() {
    for (status, body) in [(204, ""), (200, ""), (404, r#"{"error":{"code":404,"message":"Channel not found"}}"#)] {
        let server = always(status, body).await;
        client(&server).stop(&call(), "c-1", "r-1").await.unwrap();
        let heard = &asked(&server)[0];
        assert_eq!(heard.path, "/calendar/v3/channels/stop");
        assert_eq!(heard.json(), json!({"id":"c-1","resourceId":"r-1"}));
    }
}
