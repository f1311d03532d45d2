//! Receipts as SES writes them, and a bucket that gives or refuses.

use super::*;
use crate::sigv4::Credentials;
use crate::testing::{Server, call, nobody, reply};
use crate::{CallError, Kind, Secret};
use model::Micros;
use model::mail::{Authentication, Door, Envelope};
use serde_json::{Value, json};

const STORED: &str = include_str!("fixtures/stored.json");

fn stored() -> Value {
    serde_json::from_str(STORED).unwrap()
}

fn mail(value: &Value) -> Received {
    match read(&value.to_string()).unwrap() {
        Receipt::Mail(received) => *received,
        other => panic!("{other:?}"),
    }
}

fn checked(value: &Value) -> Authentication {
    mail(value).envelope.checked.unwrap()
}

#[test]
fn a_mail_in_a_bucket_comes_with_its_envelope_and_what_ses_checked() {
    let received = mail(&stored());
    let expected = Envelope {
        door: Door::Ses,
        from: Some("zabbix@Mon.example.jp".into()),
        recipients: vec!["alerts@ops.example.jp".into()],
        peer: Some("203.0.113.5".into()),
        helo: Some("mail.example.jp".into()),
        tls: false,
        checked: Some(Authentication {
            spf: Some("mon.example.jp".into()),
            dkim: vec!["example.jp".into()],
            why: vec![],
            is_incomplete: false,
        }),
        place: Some("o3vrnil0e2ic28tr".into()),
    };
    assert_eq!(received.envelope, expected);
    assert_eq!(received.content, Content::Stored { bucket: "example-mails".into(), key: "in/o3vrnil0e2ic28tr".into() });
    assert_eq!((received.at, received.note), (Micros::parse("2026-05-01T00:00:00.123Z"), None));
}

#[test]
fn an_inline_mail_is_taken_as_text_or_as_base64() {
    use base64::Engine;
    let raw = "Subject: =?utf-8?b?6Zqc5a6z?=\r\n\r\nディスク\r\n";
    let base64 = base64::engine::general_purpose::STANDARD.encode(raw);
    let folded = format!("{}\r\n{}", &base64[..20], &base64[20..]);
    for content in [raw, &base64, &folded] {
        let mut value = stored();
        value["content"] = json!(content);
        value["receipt"]["action"] = json!({"type": "SNS", "topicArn": "x"});
        assert_eq!(mail(&value).content, Content::Inline(raw.as_bytes().to_vec()));
    }
}

#[test]
fn what_does_not_hold_proves_no_domain() {
    for (verdict, status, incomplete) in [
        ("spfVerdict", "FAIL", false),
        ("spfVerdict", "GRAY", false),
        ("dkimVerdict", "FAIL", false),
        ("dkimVerdict", "PROCESSING_FAILED", true),
    ] {
        let mut value = stored();
        value["receipt"][verdict]["status"] = json!(status);
        let found = checked(&value);
        assert_eq!((found.spf.is_none(), found.dkim.is_empty()), (verdict == "spfVerdict", verdict == "dkimVerdict"));
        assert!(found.why[0].contains(status) && found.is_incomplete == incomplete, "{found:?}");
    }
    let mut none = stored();
    none["receipt"] = json!({"action": none["receipt"]["action"]});
    assert_eq!((checked(&none).spf, checked(&none).dkim), (None, vec![]));
}

#[test]
fn with_several_signers_or_cut_headers_nobody_knows_who_signed() {
    let mut two = stored();
    two["mail"]["headers"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "DKIM-Signature", "value": "v=1; d=bank.example; b=x"}));
    let mut cut = stored();
    cut["mail"]["headersTruncated"] = json!(true);
    let mut double = stored();
    double["mail"]["headers"][5]["value"] = json!("v=1; d=example.jp; d=bank.example; b=x");
    for value in [&two, &cut, &double] {
        let found = checked(value);
        assert!(found.dkim.is_empty() && found.is_incomplete && found.why[0].contains("does not tell"), "{found:?}");
    }
    assert!(mail(&cut).note.unwrap().contains("left out headers"));
}

#[test]
fn a_null_sender_has_no_domain_and_a_forged_greeting_no_address() {
    for source in ["", "<>"] {
        let mut value = stored();
        value["mail"]["source"] = json!(source);
        let received = mail(&value);
        assert_eq!((received.envelope.from, received.envelope.checked.unwrap().spf), (None, None));
    }
    let way = |received: &str| {
        let mut value = stored();
        value["mail"]["headers"][1]["value"] = json!(received);
        mail(&value).envelope.peer
    };
    let forged = "from x[192.0.2.1] (x [192.0.2.1]) by inbound-smtp.x (a [203.0.113.9]) by inbound-smtp.us-east-1.amazonaws.com with SMTP";
    assert_eq!(way(forged).as_deref(), Some("203.0.113.9"));
    assert_eq!(
        way("from x ([IPv6:2001:db8::1]) by inbound-smtp.us-east-1.amazonaws.com").as_deref(),
        Some("2001:db8::1")
    );
    for odd in ["from x (x [192.0.2.1]) by elsewhere.example", "", " by inbound-smtp.", "[] by inbound-smtp.x"] {
        assert_eq!(way(odd), None, "{odd}");
    }
}

#[test]
fn setups_and_alarms_are_told_apart_from_mails() {
    let mut setup = stored();
    setup["receipt"]["action"]["objectKey"] = json!("in/AMAZON_SES_SETUP_NOTIFICATION");
    for text in [setup.to_string(), "Successfully validated SNS topic for Amazon SES event publishing.".into()] {
        assert_eq!(read(&text), Ok(Receipt::Setup));
    }
    for text in ["", "ALARM", r#"{"AlarmName":"cpu"}"#, r#"{"notificationType":"Bounce"}"#, "[1]", &"[".repeat(100_000)]
    {
        assert_eq!(read(text), Ok(Receipt::Other), "{text:.40}");
    }
}

#[test]
fn a_receipt_without_a_mail_says_how_the_rule_has_to_be() {
    let mut value = stored();
    value["receipt"]["action"] = json!({"type": "Lambda", "functionArn": "x"});
    let why = read(&value.to_string()).unwrap_err().why;
    assert!(why.contains("Lambda") && why.contains("S3 action"), "{why}");
    for cut in (0..STORED.trim_end().len()).filter(|at| STORED.is_char_boundary(*at)) {
        assert!(matches!(read(&STORED[..cut]), Ok(Receipt::Other)), "{cut}");
    }
    assert!(read(r#"{"notificationType":"Received"}"#).is_err());
}

fn bucket(url: &str) -> S3 {
    let credentials = Credentials {
        access_key: "AKIDEXAMPLE".into(),
        secret_key: Secret::new("made-up-secret-key"),
        session_token: Some(Secret::new("made-up-session")),
    };
    let mut settings = S3Settings::new("ap-northeast-1", credentials);
    settings.endpoint = Some(url.to_owned());
    S3::new(&settings).unwrap()
}

#[tokio::test]
async fn a_mail_is_read_out_of_its_bucket_with_a_signed_request() {
    let server = Server::start(|_| reply(200, b"Subject: \xff\r\n\r\n".to_vec())).await;
    let raw = bucket(&server.url).get(&call(), "example-mails", "in/a b+c(1)/é").await.unwrap();
    assert_eq!(raw, b"Subject: \xff\r\n\r\n");
    let heard = &server.heard()[0];
    assert_eq!(heard.path, "/example-mails/in/a%20b+c(1)/%C3%A9");
    let header = |name: &str| heard.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-amz-security-token"), "made-up-session");
    assert!(
        header("authorization").contains("/ap-northeast-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;")
    );
}

async fn refusal(status: u16, body: &'static str) -> CallError {
    let server = Server::always(status, body).await;
    bucket(&server.url).get(&call(), "example-mails", "in/1").await.unwrap_err()
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    for (status, body, kind, words) in [
        (404, "<Error><Code>NoSuchKey</Code></Error>", Kind::NotFound, "lifecycle"),
        (404, "<Error><Code>NoSuchBucket</Code></Error>", Kind::NotFound, "S3 action"),
        (
            403,
            "<Error><Code>AccessDenied</Code></Error>",
            Kind::Forbidden,
            "s3:GetObject on arn:aws:s3:::example-mails/*",
        ),
        (403, "<Error><Code>SignatureDoesNotMatch</Code></Error>", Kind::Auth, "secret_access_key"),
        (403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", Kind::Auth, "clock"),
        (400, "<Error><Code>ExpiredToken</Code></Error>", Kind::Auth, "secret_access_key"),
        (400, "<Error><Code>AuthorizationHeaderMalformed</Code></Error>", Kind::BadRequest, "region"),
        (301, "<Error><Code>PermanentRedirect</Code></Error>", Kind::BadRequest, "another region"),
        (503, "<Error><Code>SlowDown</Code></Error>", Kind::Limited, "tried again"),
        (500, "<html>", Kind::Server, "tried again"),
        (403, "\u{0}<Code>", Kind::Forbidden, "s3:GetObject"),
    ] {
        let error = refusal(status, body).await;
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.text.contains(words), "{error}");
        assert!(!format!("{error:?}").contains("made-up"), "{error:?}");
    }
    let away = bucket(&nobody().await).get(&call(), "example-mails", "1").await.unwrap_err();
    assert_eq!(away.kind, Kind::NoConnection);
}

#[tokio::test]
async fn a_mail_that_ses_encrypted_itself_is_no_mail_to_us() {
    let server = Server::start(|_| {
        let mut answer = reply(200, "sealed");
        answer.headers_mut().insert("x-amz-meta-x-amz-key-v2", http::HeaderValue::from_static("x"));
        answer
    })
    .await;
    let error = bucket(&server.url).get(&call(), "example-mails", "1").await.unwrap_err();
    assert!(error.text.contains("encryption off"), "{error}");
}

#[tokio::test]
async fn nothing_is_asked_for_that_is_no_object() {
    let s3 = bucket(&nobody().await);
    for (name, key) in [
        ("example-mails", ""),
        ("example-mails", "../x"),
        ("example-mails", "a//b"),
        ("A", "k"),
        ("a/b", "k"),
        ("example-mails", "/"),
    ] {
        assert_eq!(s3.get(&call(), name, key).await.unwrap_err().kind, Kind::BadRequest, "{name} {key}");
    }
}

#[tokio::test]
async fn reading_stops_at_what_a_mail_may_have() {
    let server = Server::start(|_| reply(200, vec![b' '; 2_000])).await;
    let credentials = Credentials { access_key: "A".into(), secret_key: Secret::new("s"), session_token: None };
    let mut settings = S3Settings::new("cn-north-1", credentials);
    assert_eq!(
        (settings.endpoint(), settings.http.max_response_bytes),
        ("https://s3.cn-north-1.amazonaws.com.cn".into(), 40 << 20)
    );
    settings.endpoint = Some(server.url.clone());
    settings.http.max_response_bytes = 1_999;
    let error = S3::new(&settings).unwrap().get(&call(), "example-mails", "1").await.unwrap_err();
    assert_eq!(error.kind, Kind::TooLarge);
}
