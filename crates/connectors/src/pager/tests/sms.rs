//! Short messages: the request as AWS wants it, and what its XML means.

use crate::http::Settings;
use crate::pager::{Sms, SmsSetup};
use crate::sigv4::{Credentials, Scope, Unsigned, sign};
use crate::testing::{NOW, Server, call};
use crate::{CallError, Kind, Secret};
use model::action::{Fault, Outcome};

fn setup(url: &str) -> SmsSetup {
    SmsSetup {
        region: "ap-northeast-1".into(),
        credentials: Credentials {
            access_key: "AKIDMADEUP".into(),
            secret_key: Secret::new("made-up-aws-secret"),
            session_token: Some(Secret::new("made-up-session")),
        },
        url: Some(url.into()),
        sender_id: None,
        parts: 1,
        http: Settings::default(),
    }
}

const TAKEN: &str = r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>
    <MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult></PublishResponse>"#;

async fn refused(status: u16, body: &'static str) -> CallError {
    let server = Server::always(status, body).await;
    Sms::new(&setup(&server.url)).unwrap().send(&call(), "+819000000000", "x", None).await.unwrap_err()
}

#[tokio::test]
async fn a_message_goes_out_as_a_signed_form_and_comes_back_with_its_id() {
    let server = Server::always(200, TAKEN).await;
    let sms = Sms::new(&SmsSetup { sender_id: Some("Ops".into()), ..setup(&server.url) }).unwrap();
    let id = sms.send(&call(), "+819000000000", "web01 & db01", Some("https://ops.example.jp/a/1")).await.unwrap();
    assert_eq!(id, "94f20ce6-13c5-43a0-9a9e-ca52d816e90b");
    let heard = &server.heard()[0];
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&heard.body).into_owned().collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let expected = [
        ("Action", "Publish"),
        ("Version", "2010-03-31"),
        ("PhoneNumber", "+819000000000"),
        ("Message", "web01 & db01\nhttps://ops.example.jp/a/1"),
        ("MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SMSType"),
        ("MessageAttributes.entry.1.Value.DataType", "String"),
        ("MessageAttributes.entry.1.Value.StringValue", "Transactional"),
        ("MessageAttributes.entry.2.Name", "AWS.SNS.SMS.SenderID"),
        ("MessageAttributes.entry.2.Value.DataType", "String"),
        ("MessageAttributes.entry.2.Value.StringValue", "Ops"),
    ];
    assert_eq!(form, expected);
    assert_eq!(heard.headers["x-amz-security-token"], "made-up-session");
    assert_eq!(heard.headers["content-type"], "application/x-www-form-urlencoded");
    // What arrived, host and all, is what was signed.
    let url = format!("http://{}/", heard.headers["host"].to_str().unwrap()).parse().unwrap();
    let headers = [("content-type", heard.headers["content-type"].to_str().unwrap())];
    let arrived = Unsigned { method: &http::Method::POST, url: &url, headers: &headers, body: &heard.body };
    let scope = Scope { region: "ap-northeast-1", service: "sns" };
    let expected = sign(&arrived, &scope, &setup("").credentials, NOW).unwrap();
    assert_eq!(heard.headers["authorization"], expected["authorization"]);
}

#[tokio::test]
async fn errors_are_told_by_their_codes() {
    for (status, body, kind) in [
        (403, "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>", Kind::Auth),
        (403, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>", Kind::Auth),
        (400, "<ErrorResponse><Error><Code>RequestExpired</Code></Error></ErrorResponse>", Kind::Auth),
        (403, "<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>", Kind::Forbidden),
        (400, "<ErrorResponse><Error><Code>InvalidParameter</Code></Error></ErrorResponse>", Kind::BadRequest),
        (400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", Kind::Limited),
        (500, "<ErrorResponse><Error><Code>InternalError</Code></Error></ErrorResponse>", Kind::Server),
        (400, "<ErrorResponse><Error><Code>OfTomorrow</Code></Error></ErrorResponse>", Kind::BadRequest),
        (403, "<html>sign in</html>", Kind::InTheWay),
    ] {
        let error = refused(status, body).await;
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{body}");
    }
    let said = refused(
        400,
        "<ErrorResponse><Error><Code>InvalidParameter</Code><Message>&quot;made-up-aws-secret&quot; &amp;lt; AKIDMADEUP made-up-session</Message></Error></ErrorResponse>",
    )
    .await;
    assert!(said.text.contains("InvalidParameter: \"[secret]\" &lt; [secret] [secret]"), "{}", said.text);
    assert!(said.text.contains("opted out"), "{}", said.text);
}

#[tokio::test]
async fn what_may_have_gone_out_is_unknown_and_throttling_is_not() {
    for (status, body) in [(503, ""), (200, ""), (200, "<MessageId></MessageId>"), (200, "<html>")] {
        let outcome = refused(status, body).await.to_outcome(NOW, 0);
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{status} {body}: {outcome:?}");
    }
    let throttled = refused(400, "<Code>Throttled</Code>").await.to_outcome(NOW, 0);
    assert!(matches!(throttled, Outcome::Later { fault: Fault::Limit, .. }), "{throttled:?}");
}

#[tokio::test]
async fn odd_numbers_and_empty_texts_are_not_sent() {
    let server = Server::always(200, TAKEN).await;
    let sms = Sms::new(&setup(&server.url)).unwrap();
    for phone in ["", "090-0000-0000", "+", "+0900000000", "+81 90 0000", "+8190000000000000", "+81９０００００００"]
    {
        assert_eq!(sms.send(&call(), phone, "x", None).await.unwrap_err().kind, Kind::BadRequest, "{phone}");
    }
    assert_eq!(sms.send(&call(), "+819000000000", " ", None).await.unwrap_err().kind, Kind::BadRequest);
    assert!(server.heard().is_empty());
}

#[test]
fn the_region_says_where_it_is_unless_told() {
    let of_region = Sms::new(&SmsSetup { url: None, ..setup("") }).unwrap();
    assert!(format!("{of_region:?}").contains("https://sns.ap-northeast-1.amazonaws.com"));
    assert!(!format!("{of_region:?}").contains("made-up"));
    assert!(Sms::new(&SmsSetup { url: None, region: "a b".into(), ..setup("") }).is_err());
}
