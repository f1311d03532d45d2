//! Slack's incoming webhooks: what is taken, what is refused and with which word, and what a judge reads of it.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use reqwest::Client;
use sandbox::slack::{Options, Sandbox, start};
use serde_json::{Value, json};

async fn slack(burst: u32) -> (Sandbox, Client) {
    let sandbox = start(Options { burst, channels: vec!["alerts".into(), "handover".into()], ..Options::default() });
    (sandbox.await.expect("it starts"), Client::builder().pool_max_idle_per_host(0).build().expect("a client"))
}

async fn post(client: &Client, url: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
    let reply = client.post(url).body(body).send().await.expect("an answer");
    (reply.status().as_u16(), reply.text().await.expect("a text"))
}

#[tokio::test]
async fn a_message_is_taken_with_ok_and_can_be_read() {
    let (slack, client) = slack(0).await;
    let url = &slack.info().webhooks["handover"];
    let blocks = json!([
        { "type": "section", "text": { "type": "mrkdwn", "text": "*見逃し* <https://ops.example.jp/mails/1|開く>" } },
        { "type": "actions", "elements": [{ "type": "button", "text": { "type": "plain_text", "text": "Register" }, "url": "https://ops.example.jp/mails/1/register" }] },
    ]);
    let body = json!({ "text": "missing incident", "blocks": blocks });
    assert_eq!(post(&client, url, body.to_string()).await, (200, "ok".into()));
    let form = format!("payload={}", "%7B%22text%22%3A%22by+form%22%7D");
    let reply = client.post(url).header("content-type", "application/x-www-form-urlencoded").body(form);
    assert_eq!(reply.send().await.expect("an answer").status(), 200);
    let seen = slack.messages();
    assert_eq!(seen.len(), 2);
    assert_eq!((&seen[0]["channel"], &seen[1]["text"]), (&json!("handover"), &json!("by form")));
    assert!(seen[0]["shown"].as_str().expect("a text").contains("Register"));
    assert_eq!(seen[0]["links"], json!(["https://ops.example.jp/mails/1", "https://ops.example.jp/mails/1/register"]));
}

#[tokio::test]
async fn refusals_have_slacks_own_words() {
    let (slack, client) = slack(0).await;
    let url = slack.info().webhook_url.clone();
    let with = |path: &str| format!("{}/services/{path}", slack.info().url);
    let team = url.split("/services/").nth(1).and_then(|p| p.split('/').next()).expect("a team").to_owned();
    let text = json!({ "text": "x" }).to_string();
    for (url, body, expected) in [
        (url.clone(), "not json".to_owned(), (400, "invalid_payload")),
        (url.clone(), "[]".to_owned(), (400, "invalid_payload")),
        (url.clone(), "{}".to_owned(), (400, "no_text")),
        (url.clone(), json!({ "text": "x", "blocks": [{ "type": "nonsense" }] }).to_string(), (400, "invalid_blocks")),
        (url.clone(), json!({ "attachments": vec![json!({}); 101] }).to_string(), (400, "too_many_attachments")),
        (with("TNOTHERE/B1/x"), text.clone(), (404, "no_team")),
        (with(&format!("{team}/B1/x")), text.clone(), (404, "no_service")),
    ] {
        let (status, word) = post(&client, &url, body.clone()).await;
        assert_eq!((status, word.as_str()), expected, "{body}");
    }
    for (health, expected) in [
        ("removed", (404, "no_service")),
        ("archived", (410, "channel_is_archived")),
        ("prohibited", (403, "action_prohibited")),
    ] {
        let control = format!("{}/webhook", slack.info().control_url);
        assert_eq!(post(&client, &control, json!({ "health": health }).to_string()).await.0, 200);
        let (status, word) = post(&client, &url, text.clone()).await;
        assert_eq!((status, word.as_str()), expected);
    }
    assert!(slack.messages().is_empty());
}

#[tokio::test]
async fn too_many_at_once_are_told_when_to_come_again() {
    let (slack, client) = slack(2).await;
    let url = &slack.info().webhook_url;
    let mut refused = None;
    for _ in 0..20 {
        let reply = client.post(url).body(r#"{"text":"x"}"#).send().await.expect("an answer");
        if reply.status() == 429 {
            refused = Some(reply.headers()["retry-after"].to_str().expect("a text").to_owned());
            break;
        }
    }
    assert_eq!(refused.as_deref(), Some("1"));
}

#[tokio::test]
async fn faults_are_scripted_and_a_cut_may_come_before_or_after() {
    let (slack, client) = slack(0).await;
    let faults = json!({ "faults": [
        { "do": { "status": 500, "body": "rollup_error" } }, { "nth": 2, "do": { "cut": "before" } }, { "nth": 3, "do": { "cut": "after" } },
        { "nth": 4, "do": { "status": 429, "headers": { "retry-after": "30" } } },
    ] });
    let control = format!("{}/faults", slack.info().control_url);
    assert_eq!(post(&client, &control, faults.to_string()).await.0, 200);
    let url = &slack.info().webhook_url;
    let mut seen: Vec<Option<u16>> = Vec::new();
    for n in 0..5 {
        let reply = client.post(url).body(json!({ "text": n.to_string() }).to_string()).send().await;
        seen.push(reply.ok().map(|r| r.status().as_u16()));
    }
    assert_eq!(seen, [Some(500), None, None, Some(429), Some(200)]);
    let texts: Vec<Value> = slack.messages().iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts, [json!("2"), json!("4")]);
}
