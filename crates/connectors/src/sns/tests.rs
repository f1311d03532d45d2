//! Deliveries that openssl signed: told apart from everything that is not Amazon's.

use super::certificate::{Unfit, key};
use super::*;
use crate::Class;
use crate::testing::{Server, nobody, reply};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};

const TOPIC: &str = "arn:aws:sns:ap-northeast-1:111122223333:alerts";
const PEM: &str = include_str!("fixtures/sns.pem");
const CA: &str = include_str!("fixtures/ca.pem");
const V1: &str = include_str!("fixtures/notification_v1.json");
const V2: &str = include_str!("fixtures/notification_v2.json");
const NO_SUBJECT: &str = include_str!("fixtures/no_subject_v1.json");
const CONFIRMATION: &str = include_str!("fixtures/confirmation_v1.json");
const UNSUBSCRIBED: &str = include_str!("fixtures/unsubscribed_v2.json");
const AMAZON: &str = "https://sns.ap-northeast-1.amazonaws.com";

fn now() -> Micros {
    Micros::parse("2027-05-01T00:00:00Z").unwrap()
}

fn call() -> Call {
    Call::new(Class::Live, now())
}

fn only_ours() -> Trust {
    Trust::Only(CA.as_bytes().to_vec())
}

/// Knows the certificate already, so that nothing is fetched.
fn sns() -> Sns {
    let sns = Sns::new(Settings { topics: vec![TOPIC.into()], trust: only_ours(), ..Settings::default() }).unwrap();
    let url: serde_json::Value = serde_json::from_str(V1).unwrap();
    sns.lock().insert(url["SigningCertURL"].as_str().unwrap().to_owned(), PEM.as_bytes().to_vec().into());
    sns
}

async fn understand(body: &str) -> Result<Said, SnsError> {
    sns().understand(&call(), false, body.as_bytes()).await
}

#[tokio::test]
async fn both_versions_of_the_signature_hold_with_and_without_a_subject() {
    for (body, has_subject) in [(V1, true), (V2, true), (NO_SUBJECT, false)] {
        let Said::Notification { topic, subject, message, id, at } = understand(body).await.unwrap() else { panic!() };
        assert_eq!((topic.as_str(), id.as_str()), (TOPIC, "22b80b92-0000-4c2c-8f9d-000000000001"));
        assert_eq!(subject.is_some(), has_subject);
        assert!(message.contains("ディスク障害\\n二行目"), "{message}");
        assert_eq!(at, Micros::parse("2026-05-01T00:00:00.123Z"));
    }
    let Said::Unsubscribed { topic, .. } = understand(UNSUBSCRIBED).await.unwrap() else { panic!() };
    assert_eq!(topic, TOPIC);
}

#[tokio::test]
async fn whatever_is_signed_and_changed_is_refused() {
    for (body, from, to) in [
        (V1, "\"Subject\": \"ALARM", "\"Subject\": \"OK"),
        (V1, "NewStateValue\\\":\\\"ALARM", "NewStateValue\\\":\\\"OK"),
        (V1, "000000000001\"", "000000000009\""),
        (V1, "2026-05-01", "2026-05-02"),
        (V1, "\"Signature\": \"NoAr", "\"Signature\": \"NoAs"),
        (V1, "\"SignatureVersion\": \"1\"", "\"SignatureVersion\": \"2\""),
        (V1, "\"Subject\":", "\"subject\":"),
        (NO_SUBJECT, "\"Message\":", "\"Subject\": \"x\", \"Message\":"),
        (CONFIRMATION, "2336412f37fb687f5d51e6e2425f\"", "2336412f37fb687f5d51e6e2425e\""),
        (CONFIRMATION, "\"Type\": \"SubscriptionConfirmation\"", "\"Type\": \"UnsubscribeConfirmation\""),
    ] {
        let touched = body.replacen(from, to, 1);
        assert_ne!(touched, body, "{from}");
        assert_eq!(understand(&touched).await, Err(SnsError::Signature), "{from}");
    }
    // What Amazon does not sign may differ.
    assert!(understand(&V1.replace("Action=Unsubscribe", "Action=Else")).await.is_ok());
}

#[tokio::test]
async fn a_topic_that_is_not_listed_costs_nobody_anything() {
    let other = V1.replace(":alerts", ":others");
    let error = understand(&other).await.unwrap_err();
    assert!(matches!(&error, SnsError::Topic { topic } if topic.ends_with(":others")));
    assert!(error.to_string().contains("[mail.ses] topics") && !error.is_temporary());
}

#[tokio::test]
async fn raw_deliveries_and_hostile_bodies_are_refused_with_words() {
    let raw = sns().understand(&call(), true, V1.as_bytes()).await.unwrap_err();
    assert!(raw.to_string().contains("switch it off"), "{raw}");
    for odd in [
        "",
        "{}",
        "null",
        "[]",
        "hello",
        &"[".repeat(100_000),
        &V1.replace("\"1\",", "\"3\","),
        &V1.replace("\"Notification\"", "\"X\""),
    ] {
        assert!(matches!(understand(odd).await, Err(SnsError::Unreadable { .. })), "{odd:.60}");
    }
    for cut in 0..V1.trim_end().len() {
        let _ = sns().understand(&call(), false, &V1.as_bytes()[..cut]).await.unwrap_err();
    }
}

#[tokio::test]
async fn only_amazons_own_addresses_are_visited() {
    let sns = sns();
    for good in [
        "https://sns.us-east-1.amazonaws.com/x.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/x.pem",
        "https://sns.us-gov-west-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com:443/x.pem",
    ] {
        assert!(sns.address(good).is_ok(), "{good}");
    }
    for bad in [
        "http://sns.us-east-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com:8443/x.pem",
        "https://sns.us-east-1.amazonaws.com.example.com/x.pem",
        "https://sns.us-east-1.amazonaws.com.cn.example.com/x.pem",
        "https://sns.example.com/sns.us-east-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com@example.com/x.pem",
        "https://user@sns.us-east-1.amazonaws.com/x.pem",
        "https://xsns.us-east-1.amazonaws.com/x.pem",
        "https://sns.a.b.amazonaws.com/x.pem",
        "https://sns..amazonaws.com/x.pem",
        "https://sns.ab.amazonaws.com/x.pem",
        "https://bucket.s3.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com/x.pem#y",
        "file:///etc/x.pem",
        "",
    ] {
        assert!(matches!(sns.address(bad), Err(SnsError::Address { .. })), "{bad}");
    }
    for (from, to) in
        [("0123456789abcdef.pem", "0123456789abcdef.pem?x=1"), ("0123456789abcdef.pem", "0123456789abcdef.txt")]
    {
        let touched = V1.replace(from, to);
        assert!(matches!(understand(&touched).await, Err(SnsError::Address { .. })), "{to}");
    }
}

/// A server in Amazon's place, and a delivery that names it.
async fn own(server: &Server, body: &str) -> (Sns, String) {
    let settings = Settings {
        topics: vec![TOPIC.into()],
        endpoint: Some(server.url.clone()),
        trust: only_ours(),
        ..Settings::default()
    };
    (Sns::new(settings).unwrap(), body.replace(AMAZON, &server.url))
}

#[tokio::test]
async fn the_certificate_is_fetched_once_and_the_topic_confirmed_by_visiting() {
    let server = Server::start(|heard| reply(200, if heard.path.ends_with(".pem") { PEM } else { "<Confirm/>" })).await;
    let (sns, body) = own(&server, V2).await;
    for _ in 0..3 {
        assert!(sns.understand(&call(), false, body.as_bytes()).await.is_ok());
    }
    assert_eq!(server.heard().len(), 1);
    let url = format!("{}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=a+b%2Fc", server.url);
    let confirmation = Confirmation { topic: TOPIC.into(), subscribe_url: url.parse().unwrap() };
    sns.confirm(&call(), &confirmation).await.unwrap();
    let heard = &server.heard()[1];
    assert_eq!((heard.path.as_str(), heard.method.as_str()), ("/", "GET"));
    assert_eq!(
        [heard.query("Action"), heard.query("TopicArn"), heard.query("Token")],
        [["ConfirmSubscription"], [TOPIC], ["a b/c"]]
    );
}

#[tokio::test]
async fn the_address_to_confirm_at_is_amazons_and_signed() {
    let Said::Confirm(confirmation) = understand(CONFIRMATION).await.unwrap() else { panic!() };
    assert!(
        confirmation.subscribe_url().as_str().starts_with("https://sns.ap-northeast-1.amazonaws.com/?Action=Confirm")
    );
    let moved = CONFIRMATION.replacen(
        "\"SubscribeURL\": \"https://sns.ap-northeast-1.amazonaws.com",
        "\"SubscribeURL\": \"https://example.com",
        1,
    );
    assert_eq!(understand(&moved).await, Err(SnsError::Signature));
}

#[tokio::test]
async fn a_confirmation_that_comes_too_late_says_what_to_do() {
    let server = Server::always(404, "<ErrorResponse/>").await;
    let (sns, _) = own(&server, V1).await;
    let confirmation = Confirmation { topic: TOPIC.into(), subscribe_url: server.url.parse().unwrap() };
    let error = sns.confirm(&call(), &confirmation).await.unwrap_err();
    assert!(error.kind == Kind::BadRequest && error.text.contains("ask for another"), "{error}");
}

#[tokio::test]
async fn what_keeps_the_certificate_away_is_temporary_and_nothing_wrong_is_remembered() {
    let server = Server::always(200, "<html>sign in</html>").await;
    let (sns, body) = own(&server, V1).await;
    for tries in 1..=2 {
        let error = sns.understand(&call(), false, body.as_bytes()).await.unwrap_err();
        assert!(error.is_temporary(), "{error}");
        assert_eq!(server.heard().len(), tries);
    }
    let troubled = Server::always(503, "").await;
    let (sns, body) = own(&troubled, V1).await;
    assert!(sns.understand(&call(), false, body.as_bytes()).await.unwrap_err().is_temporary());
    let settings = Settings { topics: vec![TOPIC.into()], endpoint: Some(nobody().await), ..Settings::default() };
    let away = settings.endpoint.clone().unwrap();
    let body = V1.replace(AMAZON, &away);
    assert!(Sns::new(settings).unwrap().understand(&call(), false, body.as_bytes()).await.unwrap_err().is_temporary());
}

#[tokio::test]
async fn strangers_can_not_make_us_fetch_without_end() {
    let server = Server::always(404, "").await;
    let (sns, body) = own(&server, V1).await;
    for n in 0..60 {
        let touched = body.replace("0123456789abcdef.pem", &format!("{n}.pem"));
        assert!(sns.understand(&call(), false, touched.as_bytes()).await.is_err());
    }
    assert_eq!(server.heard().len(), FETCHES_PER_MINUTE as usize);
}

fn certified(name: &str, from: i32, until: i32) -> (String, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = authority.self_signed(&authority_key).unwrap().pem();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
    let own = params.signed_by(&KeyPair::generate().unwrap(), &Issuer::new(authority, authority_key)).unwrap();
    (own.pem(), ca)
}

fn why(pem: &str, trust: &Trust) -> String {
    match key(pem.as_bytes(), trust, now()) {
        Ok(_) => "good".to_owned(),
        Err(Unfit::NoCertificate) => "none".to_owned(),
        Err(Unfit::Untrusted(why)) => why,
    }
}

#[test]
fn a_certificate_must_be_for_sns_and_good_today_whoever_signed_it() {
    let (good, ca) = certified("sns.amazonaws.com", 2026, 2028);
    let only = |ca: &str| Trust::Only(ca.as_bytes().to_vec());
    assert_eq!(why(&good, &only(&ca)), "good");
    assert_eq!(why(&good, &Trust::Web), "good", "alone in its file: TLS has vouched for it");
    assert!(why(&format!("{good}{ca}"), &Trust::Web).contains("nobody whom we trust"), "a chain must lead somewhere");
    assert!(why(&good, &only(CA)).contains("nobody whom we trust"));
    assert!(why(&good, &only("")).contains("nobody whom we trust"));
    for trust in [Trust::Web, only(&ca)] {
        let (expired, _) = certified("sns.amazonaws.com", 2020, 2027);
        assert!(why(&expired, &trust).contains("has expired"), "{}", why(&expired, &trust));
        let (early, _) = certified("sns.amazonaws.com", 2028, 2029);
        assert!(why(&early, &trust).contains("not valid yet"));
        let (other, _) = certified("sqs.amazonaws.com", 2026, 2028);
        assert!(why(&other, &trust).contains("not for sns.amazonaws.com"));
    }
    for odd in ["", "<html>", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        assert_eq!(why(odd, &Trust::Web), "none", "{odd}");
    }
    assert!(why("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &Trust::Web) != "good");
}
