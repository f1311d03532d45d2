//! The far ends of the second path: a webhook that records, a mailbox that records, both scripted to fail.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use sandbox::phone::{Options, Sandbox, start};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn post(phone: &Sandbox, url: &str, body: &str) -> Option<u16> {
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
    assert!(url.starts_with(&phone.info().url));
    client.post(url).body(body.to_owned()).send().await.ok().map(|reply| reply.status().as_u16())
}

/// All at once, as a pipelining client does; everything that was said.
async fn mail(phone: &Sandbox, raw: &str) -> String {
    let mut stream = TcpStream::connect(&phone.info().mail).await.expect("a mail port");
    let said =
        format!("EHLO x\r\nMAIL FROM:<net@example.jp>\r\nRCPT TO:<Sato@example.jp>\r\nDATA\r\n{raw}\r\n.\r\nQUIT\r\n");
    stream.write_all(said.as_bytes()).await.expect("written");
    let mut told = String::new();
    stream.read_to_string(&mut told).await.expect("read");
    told
}

#[tokio::test]
async fn calls_and_mails_are_recorded_with_their_links() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("effects.jsonl");
    let phone = start(Options { log: Some(log.clone()), ..Options::default() }).await.expect("it starts");
    let body = json!({ "text": "障害", "ack": "https://ops.example.jp/ack/abc" });
    assert_eq!(post(&phone, &phone.info().webhook_url, &body.to_string()).await, Some(200));
    assert_eq!(post(&phone, &phone.info().webhook_url, "nothing").await, Some(400));
    let calls = phone.calls();
    assert_eq!((calls.len(), &calls[0]["body"], &calls[0]["links"][0]), (1, &body, &body["ack"]));
    let told = mail(&phone, "Subject: =?utf-8?b?6Zqc5a6z?=\r\n\r\nhttps://ops.example.jp/ack/def?x=1\r\n").await;
    assert!(told.contains("250 2.0.0 kept"), "{told}");
    let mails = phone.mails();
    assert_eq!((&mails[0]["subject"], &mails[0]["to"]), (&json!("障害"), &json!(["sato@example.jp"])));
    assert_eq!(mails[0]["links"], json!(["https://ops.example.jp/ack/def?x=1"]));
    let text = std::fs::read_to_string(&log).expect("the log");
    let kinds: Vec<Value> =
        text.lines().map(|l| serde_json::from_str::<Value>(l).expect("JSON")["kind"].clone()).collect();
    assert_eq!(kinds, ["phone.called", "phone.unreadable", "phone.mailed"]);
}

#[tokio::test]
async fn both_fail_as_scripted() {
    let phone = start(Options::default()).await.expect("it starts");
    let faults = json!({ "faults": [
        { "path": "/call", "do": { "status": 503 } }, { "path": "smtp", "do": { "status": 451 } }, { "path": "smtp", "nth": 2, "do": { "cut": "after" } },
    ] });
    let control = format!("{}/faults", phone.info().control_url);
    assert_eq!(post(&phone, &control, &faults.to_string()).await, Some(200));
    assert_eq!(post(&phone, &phone.info().webhook_url, "{}").await, Some(503));
    assert_eq!(post(&phone, &phone.info().webhook_url, "{}").await, Some(200));
    let told = [
        mail(&phone, "Subject: 1\r\n").await,
        mail(&phone, "Subject: 2\r\n").await,
        mail(&phone, "Subject: 3\r\n").await,
    ];
    assert!(told[0].contains("451 4.3.0"), "{}", told[0]);
    assert!(told[1].ends_with("354 go on\r\n"), "{}", told[1]);
    assert!(told[2].contains("250 2.0.0 kept"), "{}", told[2]);
    let subjects: Vec<Value> = phone.mails().iter().map(|m| m["subject"].clone()).collect();
    assert_eq!(subjects, [json!("2"), json!("3")]);
}

#[tokio::test]
async fn what_hangs_ends_when_the_faults_are_cleared() {
    let phone = start(Options::default()).await.expect("it starts");
    let control = format!("{}/faults", phone.info().control_url);
    let hang = json!({ "faults": [{ "path": "/call", "do": { "hang": true } }] });
    assert_eq!(post(&phone, &control, &hang.to_string()).await, Some(200));
    let url = phone.info().webhook_url.clone();
    let clear = async {
        // The fault has fired once the call hangs in it.
        loop {
            let shown: Value = reqwest::get(&control).await.expect("an answer").json().await.expect("JSON");
            if shown["faults"][0]["fired"] == 1 {
                break;
            }
            tokio::task::yield_now().await;
        }
        reqwest::Client::builder().build().expect("a client").delete(&control).send().await.expect("an answer");
    };
    let (told, ()) = tokio::join!(post(&phone, &url, "{}"), clear);
    assert_eq!((told, phone.calls().len()), (None, 0));
}
