//! A bucket that takes or refuses.

use super::*;
use crate::Secret;
use crate::testing::{Server, call, nobody, reply};

fn locker(url: &str) -> Locker {
    let credentials = Credentials {
        access_key: "AKIDEXAMPLE".into(),
        secret_key: Secret::new("made-up-secret-key"),
        session_token: None,
    };
    let (region, http) = ("ap-northeast-1".into(), HttpSettings::default());
    Locker::new(&LockerSettings { region, credentials, endpoint: Some(url.to_owned()), http }).unwrap()
}

const fn object(body: &[u8]) -> Object<'_> {
    Object { bucket: "example-record", key: "a/checkpoint-1.txt", body, until: Micros(1_790_000_000_123_456) }
}

#[tokio::test]
async fn an_object_goes_in_with_its_lock_and_all_of_that_is_signed() {
    let server = Server::start(|_| {
        let mut answer = reply(200, "");
        answer.headers_mut().insert("x-amz-version-id", HeaderValue::from_static("v1"));
        answer
    })
    .await;
    let version = locker(&server.url).put(&call(), &object("一\n".as_bytes())).await.unwrap();
    assert_eq!(version.as_deref(), Some("v1"));
    let heard = &server.heard()[0];
    assert_eq!((heard.method.as_str(), heard.path.as_str()), ("PUT", "/example-record/a/checkpoint-1.txt"));
    assert_eq!(heard.body, "一\n".as_bytes());
    let header = |name: &str| heard.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-amz-object-lock-mode"), "COMPLIANCE");
    assert_eq!(header("x-amz-object-lock-retain-until-date"), "2026-09-21T14:13:20Z");
    assert_eq!(BASE64.decode(header("x-amz-checksum-sha256")).unwrap(), Sha256::digest("一\n").to_vec());
    let signed = "SignedHeaders=host;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date;x-amz-object-lock-mode;\
                  x-amz-object-lock-retain-until-date,";
    assert!(header("authorization").contains(signed), "{}", header("authorization"));
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    for (status, body, kind, words) in [
        (404, "<Error><Code>NoSuchBucket</Code></Error>", Kind::NotFound, "not there"),
        (403, "<Error><Code>AccessDenied</Code></Error>", Kind::Forbidden, "s3:PutObjectRetention"),
        (403, "<Error><Code>SignatureDoesNotMatch</Code></Error>", Kind::Auth, "access key"),
        (403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", Kind::Auth, "clock"),
        (400, "<Error><Code>InvalidRequest</Code></Error>", Kind::BadRequest, "without Object Lock"),
        (400, "<Error><Code>AuthorizationHeaderMalformed</Code></Error>", Kind::BadRequest, "another region"),
        (503, "<Error><Code>SlowDown</Code></Error>", Kind::Limited, "tried again"),
        (500, "<html>", Kind::Server, "tried again"),
    ] {
        let server = Server::always(status, body).await;
        let error = locker(&server.url).put(&call(), &object(b"x")).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.text.contains(words) && !format!("{error:?}").contains("made-up"), "{error:?}");
    }
    let away = locker(&nobody().await).put(&call(), &object(b"x")).await.unwrap_err();
    assert_eq!(away.kind, Kind::NoConnection);
    let nowhere = Object { key: "../x", ..object(b"x") };
    assert_eq!(locker(&nobody().await).put(&call(), &nowhere).await.unwrap_err().kind, Kind::BadRequest);
}
