//! E-mail integrations: a mail becomes an incident, joins one, resolves one, or is discarded with the reason on record.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{World, send};
use reqwest::Method;
use sandbox::pagerduty::Options;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const SHOP: &str = "hoshino-ec@example.pagerduty.com";

fn letter(subject: &str, text: &str) -> String {
    format!(
        "From: Zabbix <zabbix@example.jp>\r\nTo: <{SHOP}>\r\nMessage-ID: <1@example.jp>\r\nSubject: {subject}\r\n\r\n{text}\r\n"
    )
}

/// By control; what became of it.
async fn mail(world: &World, query: &str, raw: &[u8]) -> Value {
    let request = world.bare(Method::POST, &format!("/_control/mail{query}")).body(raw.to_vec());
    let answer = send(request).await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["mails"][0].clone()
}

async fn became(world: &World, subject: &str, text: &str) -> String {
    mail(world, "", letter(subject, text).as_bytes()).await["became"].as_str().expect("a fate").to_owned()
}

async fn rules(world: &World, rules: Value) {
    world.control("integration", &json!({ "act": "change", "integration": SHOP, "rules": rules })).await;
}

/// Says the lines one by one; the replies' codes.
async fn smtp(world: &World, lines: &[&str]) -> Vec<String> {
    let stream = TcpStream::connect(&world.sandbox.info().mail).await.expect("a mail port");
    let mut stream = BufReader::new(stream);
    let mut codes = Vec::new();
    for line in std::iter::once(&"").chain(lines) {
        if !line.is_empty() {
            stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.expect("a line");
        }
        let mut reply = String::new();
        while reply.as_bytes().get(3) != Some(&b' ') {
            reply.clear();
            stream.read_line(&mut reply).await.expect("a reply");
        }
        codes.push(reply[..3].to_owned());
    }
    codes
}

#[tokio::test]
async fn a_mail_by_smtp_becomes_an_incident_with_its_words_in_it() {
    let world = World::quick().await;
    let rcpt = format!("RCPT TO:<{SHOP}>");
    let data =
        "From: zabbix@example.jp\r\nSubject: =?utf-8?b?44OH44Kj44K544Kv6Zqc5a6zICh3ZWIwMSk=?=\r\n\r\n..dotted\r\n.";
    let said = ["EHLO x", "MAIL FROM:<zabbix@example.jp>", &rcpt, "RCPT TO:<a@example.com>", "DATA", data, "QUIT"];
    assert_eq!(smtp(&world, &said).await, ["220", "250", "250", "250", "550", "354", "250", "221"]);
    let found = world.get("/incidents?include[]=first_trigger_log_entries").await.body["incidents"].clone();
    assert_eq!((found.as_array().map(Vec::len), &found[0]["title"]), (Some(1), &json!("ディスク障害 (web01)")));
    let id = found[0]["id"].as_str().expect("an id");
    let entries =
        world.get(&format!("/incidents/{id}/log_entries?include[]=channels")).await.body["log_entries"].clone();
    let trigger = entries.as_array().expect("a list").iter().find(|e| e["type"] == "trigger_log_entry").expect("one");
    let channel = &trigger["channel"];
    assert_eq!((&channel["type"], &channel["body"]), (&json!("email"), &json!(".dotted\r\n")));
    assert_eq!((&channel["from"], &channel["to"]), (&json!("zabbix@example.jp"), &json!(SHOP)));
    let alert = world.get(&format!("/incidents/{id}/alerts")).await.body["alerts"][0].clone();
    assert_eq!(alert["body"]["details"]["body"], ".dotted\r\n");
    assert_eq!(alert["integration"]["type"], "generic_email_inbound_integration_reference");
    let kinds: Vec<Value> = world.effects().await.iter().map(|e| e["kind"].clone()).collect();
    assert_eq!(kinds, ["mail.accepted", "mail.became"]);
}

#[tokio::test]
async fn what_makes_an_incident_is_the_integrations_choice() {
    for (choice, fates) in [
        ("on_new_email", ["incident", "incident", "incident"]),
        ("on_new_email_subject", ["incident", "repeat", "incident"]),
        ("only_if_no_open_incidents", ["incident", "joined", "joined"]),
    ] {
        let world = World::quick().await;
        rules(&world, json!({ "email_incident_creation": choice })).await;
        let mut seen = Vec::new();
        for subject in ["disk", "disk", "load"] {
            seen.push(became(&world, subject, "x").await);
        }
        assert_eq!(seen, fates, "{choice}");
    }
}

#[tokio::test]
async fn parsers_resolve_what_they_triggered() {
    let world = World::quick().await;
    let parser = |action: &str, word: &str| {
        json!({
            "action": action, "match_predicate": { "type": "contains", "part": "subject", "matcher": word, "children": [] },
            "value_extractors": [{ "type": "regex", "part": "body", "value_name": "incident_key", "regex": "problem ID: ([0-9]+)" }],
        })
    };
    let all = json!([parser("trigger", "Problem"), parser("resolve", "Resolved")]);
    rules(
        &world,
        json!({ "email_incident_creation": "use_rules", "email_parsers": all, "email_parsing_fallback": "discard" }),
    )
    .await;
    let mut seen = Vec::new();
    for (subject, text) in [
        ("Problem: disk", "Original problem ID: 42"),
        ("Problem: disk", "Original problem ID: 42"),
        ("Resolved: disk", "Original problem ID: 41"),
        ("Resolved: disk", "Original problem ID: 42"),
        ("Hello", "Original problem ID: 42"),
    ] {
        seen.push(became(&world, subject, text).await);
    }
    assert_eq!(seen, ["incident", "repeat", "nothing_open", "resolved", "unparsed"]);
    let incidents = world.state().await["incidents"].clone();
    assert_eq!((&incidents[0]["status"], &incidents[0]["incident_key"]), (&json!("resolved"), &json!("42")));
}

#[tokio::test]
async fn every_discarded_mail_says_why() {
    let world = World::quick().await;
    let filter = json!({ "subject_mode": "no-match", "subject_regex": "TEST", "body_mode": "always", "from_email_mode": "always" });
    rules(&world, json!({ "email_filter_mode": "and-rules-email", "email_filters": [filter] })).await;
    assert_eq!(became(&world, "TEST disk", "x").await, "filtered");
    assert_eq!(became(&world, "disk", "x").await, "incident");
    let other = mail(&world, "?to=nobody@example.pagerduty.com", letter("disk", "x").as_bytes()).await;
    assert_eq!((&other["became"], &other["service"]), (&json!("unknown_address"), &Value::Null));
    let (service, _) = world.service_named("EC").await;
    world.control("service", &json!({ "service": service, "status": "disabled" })).await;
    assert_eq!(became(&world, "disk", "x").await, "service_disabled");
    world.control("service", &json!({ "service": service, "status": "active" })).await;
    let window = world.control("maintenance", &json!({ "service": service, "seconds": 600 })).await;
    assert_eq!(became(&world, "disk", "x").await, "maintenance");
    world.control("maintenance", &json!({ "end": window["maintenance_window"] })).await;
    world.control("integration", &json!({ "act": "delete", "integration": SHOP })).await;
    assert_eq!(became(&world, "disk", "x").await, "integration_deleted");
    let shown = world.get(&format!("/services/{service}")).await.body["service"]["integrations"].clone();
    assert_eq!(shown.as_array().map(Vec::len), Some(1), "a deleted integration is not shown: {shown}");
    let mails = world.get("/_control/mails").await.body["mails"].clone();
    let all = mails.as_array().expect("a list");
    assert_eq!(all.len(), 6);
    assert!(all.iter().all(|m| (m["became"] == "incident") == m["reason"].is_null()), "{mails:#}");
}

#[tokio::test]
async fn a_late_mail_is_pending_until_it_shows() {
    let world = World::new(Options { event_lag_ms: 60_000, ..Options::default() }).await;
    let taken = mail(&world, "", letter("disk", "x").as_bytes()).await;
    assert!(taken["became"].is_null());
    assert_eq!(world.get("/_control/idle").await.body["scheduled"], 1);
    world.control("advance", &json!({ "seconds": 61 })).await;
    assert_eq!(world.get("/_control/mails").await.body["mails"][0]["became"], "incident");
}

#[tokio::test]
async fn hostile_mail_and_hostile_sessions_do_no_harm() {
    let world = World::quick().await;
    for raw in [
        &b"\0\0\xff"[..],
        b"Subject: \xff\xfe\r\n\r\n\x1b$B",
        b"To: <>\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x",
    ] {
        let seen = mail(&world, &format!("?to={SHOP}"), raw).await;
        assert_eq!(seen["became"], "incident");
    }
    assert_eq!(
        smtp(&world, &["DATA", "RCPT TO:<x>", "XYZ", "\u{1}\u{2}", &"A".repeat(5000), "QUIT"]).await,
        ["220", "503", "503", "502", "502", "500", "221"]
    );
}
