//! The corner of AWS: an SMS by a signed call, signed notifications that a verifier can check, confirmations, mail inline and in S3.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::Receiver;
use hmac::{Hmac, KeyInit, Mac};
use sandbox::aws::{Options, Sandbox, start};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

async fn aws() -> Sandbox {
    start(Options { retry_ms: 1, ..Options::default() }).await.expect("it starts")
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("a key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A caller's own SigV4, written apart from the checker.
fn signed(
    aws: &Sandbox,
    secret: &str,
    (method, path, service, body): (&str, &str, &str, &str),
) -> Vec<(String, String)> {
    let info = aws.info();
    let host = info.url.trim_start_matches("http://");
    #[expect(clippy::disallowed_methods, reason = "a caller from outside has a clock of its own")]
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let hash = hex::encode(Sha256::digest(body));
    let canonical = format!(
        "{method}\n{path}\n\nhost:{host}\nx-amz-content-sha256:{hash}\nx-amz-date:{stamp}\n\nhost;x-amz-content-sha256;x-amz-date\n{hash}"
    );
    let scope = format!("{}/{}/{service}/aws4_request", &stamp[..8], info.region);
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    let key =
        mac(&mac(&mac(&mac(format!("AWS4{secret}").as_bytes(), &stamp[..8]), &info.region), service), "aws4_request");
    let signature = hex::encode(mac(&key, &text));
    let own = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}",
        info.access_key
    );
    vec![("x-amz-date".into(), stamp), ("x-amz-content-sha256".into(), hash), ("authorization".into(), own)]
}

async fn send(aws: &Sandbox, method: &str, path: &str, headers: &[(String, String)], body: &str) -> (u16, String) {
    let client = reqwest::Client::builder().build().expect("a client");
    let method = method.parse::<reqwest::Method>().expect("a method");
    let mut request = client.request(method, format!("{}{path}", aws.info().url)).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let reply = request.send().await.expect("an answer");
    (reply.status().as_u16(), reply.text().await.expect("a text"))
}

async fn publish(aws: &Sandbox, secret: &str, phone: &str, text: &str) -> (u16, String) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("Action", "Publish"), ("Version", "2010-03-31"), ("PhoneNumber", phone), ("Message", text)])
        .finish();
    let headers = signed(aws, secret, ("POST", "/", "sns", &body));
    send(aws, "POST", "/", &headers, &body).await
}

async fn control(aws: &Sandbox, what: &str, body: &str) -> Value {
    let (status, text) = send(aws, "POST", &format!("/_control/{what}"), &[], body).await;
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).expect("JSON")
}

/// The key inside a certificate: the last BIT STRING that holds a sequence of two numbers.
fn public_key(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|l| !l.starts_with("-----")).collect();
    let der = STANDARD.decode(body).expect("base64");
    // BIT STRING, no unused bits, SEQUENCE of 266 bytes: an RSA key of 2048 bits.
    let mark = [0x03, 0x82, 0x01, 0x0F, 0x00];
    let at = der.windows(mark.len()).position(|w| w == mark).expect("a key") + mark.len();
    der[at..at + 0x010E].to_vec()
}

fn verifies(pem: &str, message: &Value) -> bool {
    let names: &[&str] = if message["Type"] == "Notification" {
        &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    } else {
        &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    };
    let mut text = String::new();
    for name in names.iter().filter(|n| message[**n].is_string()) {
        text.push_str(&format!("{name}\n{}\n", message[*name].as_str().expect("a text")));
    }
    let signature = STANDARD.decode(message["Signature"].as_str().unwrap_or_default()).expect("base64");
    let key = public_key(pem);
    match message["SignatureVersion"].as_str() {
        Some("1") => UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, &key)
            .verify(text.as_bytes(), &signature)
            .is_ok(),
        _ => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key).verify(text.as_bytes(), &signature).is_ok(),
    }
}

#[tokio::test]
async fn an_sms_needs_the_right_signature_and_a_number() {
    let aws = aws().await;
    let secret = aws.info().secret_key.clone();
    let (status, xml) = publish(&aws, &secret, "+819012345678", "障害 https://ops.example.jp/a/1").await;
    assert_eq!(status, 200, "{xml}");
    assert!(
        xml.contains("<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">")
            && xml.contains("<MessageId>")
    );
    let seen = aws.messages();
    assert_eq!(
        (&seen[0]["phone"], &seen[0]["links"][0]),
        (&json!("+819012345678"), &json!("https://ops.example.jp/a/1"))
    );
    for (secret, phone, text, expected) in [
        ("wrong", "+819012345678", "x", (403, "SignatureDoesNotMatch")),
        (secret.as_str(), "090-1234", "x", (400, "InvalidParameter")),
        (secret.as_str(), "+819012345678", "", (400, "InvalidParameter")),
        (secret.as_str(), "+819012345678", &"x".repeat(1601), (400, "InvalidParameter")),
    ] {
        let (status, xml) = publish(&aws, secret, phone, text).await;
        assert_eq!(status, expected.0, "{xml}");
        assert!(xml.contains(&format!("<Code>{}</Code>", expected.1)), "{xml}");
    }
    assert!(send(&aws, "POST", "/", &[], "Action=Publish").await.1.contains("MissingAuthenticationToken"));
    control(&aws, "throttle", r#"{"next":1}"#).await;
    let (status, xml) = publish(&aws, &secret, "+819012345678", "x").await;
    assert!(status == 429 && xml.contains("<Code>Throttled</Code>"), "{status} {xml}");
    assert_eq!(publish(&aws, &secret, "+819012345678", "x").await.0, 200);
    assert_eq!(aws.messages().len(), 2);
}

#[tokio::test]
async fn notifications_are_signed_by_the_key_of_the_served_certificate() {
    let (aws, receiver) = (aws().await, Receiver::new(&[503, 200, 400]).await);
    let (_, pem) = send(&aws, "GET", aws.info().cert_url.trim_start_matches(&aws.info().url), &[], "").await;
    assert_eq!(pem, aws.info().cert_pem);
    for version in ["1", "2"] {
        let how = json!({ "endpoint": receiver.url, "message": { "AlarmName": "cpu" }, "subject": "ALARM: \"cpu\"", "version": version });
        let told = control(&aws, "notify", &how.to_string()).await;
        assert_eq!(
            told["attempts"],
            if version == "1" { json!([503, 200]) } else { json!([400]) },
            "a 4xx is never tried again"
        );
        assert!(verifies(&pem, &told["body"]), "{told}");
    }
    let seen = receiver.all();
    assert_eq!(seen[0].headers["x-amz-sns-message-id"], seen[1].headers["x-amz-sns-message-id"]);
    assert_eq!(seen[0].headers["x-amz-sns-message-type"], "Notification");
    assert_eq!(seen[0].headers["content-type"], "text/plain; charset=UTF-8");
    for tamper in ["signature", "message", "topic", "missing"] {
        let how = json!({ "message": "x", "send": false, "tamper": tamper });
        let told = control(&aws, "notify", &how.to_string()).await;
        assert_eq!(told["attempts"], json!([]));
        assert!(told["body"]["Signature"].is_null() || !verifies(&pem, &told["body"]), "{tamper}");
    }
}

#[tokio::test]
async fn a_subscription_is_confirmed_by_its_link() {
    let (aws, receiver) = (aws().await, Receiver::new(&[]).await);
    let told = control(&aws, "subscribe", &json!({ "endpoint": receiver.url }).to_string()).await;
    assert!(verifies(&aws.info().cert_pem, &told["body"]));
    let link = told["body"]["SubscribeURL"].as_str().expect("a link");
    let path = link.trim_start_matches(&aws.info().url);
    let (status, xml) = send(&aws, "GET", path, &[], "").await;
    assert!(status == 200 && xml.contains("<SubscriptionArn>arn:aws:sns:"), "{xml}");
    assert_eq!(send(&aws, "GET", "/?Action=ConfirmSubscription&Token=wrong", &[], "").await.0, 400);
    let (_, shown) = send(&aws, "GET", "/_control/subscriptions", &[], "").await;
    assert!(shown.contains(&receiver.url));
    let told = control(&aws, "notify", &json!({ "endpoint": receiver.url, "message": "x" }).to_string()).await;
    assert!(told["headers"]["x-amz-sns-subscription-arn"].is_string());
}

#[tokio::test]
async fn a_received_mail_comes_inline_or_lies_in_the_bucket() {
    let aws = aws().await;
    let raw = "From: zabbix@example.jp\r\nTo: ops@example.jp\r\nSubject: =?utf-8?b?6Zqc5a6z?=\r\n\r\n本文\r\n";
    for how in ["utf8", "base64", "s3"] {
        let told = control(&aws, &format!("mail?how={how}&send=false&spam=FAIL&version=2"), raw).await;
        assert!(verifies(&aws.info().cert_pem, &told["body"]));
        let message: Value = serde_json::from_str(told["body"]["Message"].as_str().expect("a text")).expect("JSON");
        assert_eq!(message["notificationType"], "Received");
        assert_eq!(
            (&message["receipt"]["spamVerdict"]["status"], &message["receipt"]["spfVerdict"]["status"]),
            (&json!("FAIL"), &json!("PASS"))
        );
        assert_eq!(message["mail"]["destination"], json!(["ops@example.jp"]));
        match how {
            "utf8" => assert_eq!(message["content"], raw),
            "base64" => assert_eq!(
                STANDARD.decode(message["content"].as_str().expect("a text")).expect("base64"),
                raw.as_bytes()
            ),
            _ => {
                assert!(message["content"].is_null());
                let action = &message["receipt"]["action"];
                let path = format!(
                    "/{}/{}",
                    action["bucketName"].as_str().expect("a bucket"),
                    action["objectKey"].as_str().expect("a key")
                );
                assert_eq!(send(&aws, "GET", &path, &[], "").await.0, 403);
                let headers = signed(&aws, &aws.info().secret_key, ("GET", &path, "s3", ""));
                let (status, content) = send(&aws, "GET", &path, &headers, "").await;
                assert!(status == 200 && content.ends_with(raw), "{status} {content}");
                let headers = signed(&aws, &aws.info().secret_key, ("GET", "/none/x", "s3", ""));
                let (status, xml) = send(&aws, "GET", "/none/x", &headers, "").await;
                assert!(status == 404 && xml.contains("NoSuchKey"), "{xml}");
            }
        }
    }
    let long = "x".repeat(151 * 1024);
    assert_eq!(send(&aws, "POST", "/_control/mail?how=utf8", &[], &long).await.0, 400);
}
