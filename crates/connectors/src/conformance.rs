//! What every connector must do, whichever system it talks to over HTTP. A new connector adds a line to `all`. Mail, which
//! goes another way, has the same in `pager/tests/mail.rs`.

use crate::google::{self, Feed, FeedVersion, ListEvents, NewChannel, Since};
use crate::http::Settings;
use crate::pager::{Sms, SmsSetup, Webhook, WebhookSetup};
use crate::pagerduty::{Client, Events, Setup, parse_webhook};
use crate::sigv4::Credentials;
use crate::slack::{self, Incoming, Message, Post, Reply, SocketSetup, Sockets};
use crate::testing::{Mute, NOW, Server, call, nobody};
use crate::{CallError, Secret};
use crate::{backlog, testing};
use model::act::Act;
use model::action::{Fault, Outcome};
use std::pin::Pin;

const SECRET: &str = "conformance-secret-0001";
const SETTLE_MS: i64 = 5_000;
const PATIENT: Settings = Settings { connect_timeout_ms: 5_000, call_timeout_ms: 20_000, max_response_bytes: 10_000 };
/// Only for a server that never answers.
const HASTY: Settings = Settings { call_timeout_ms: 150, ..PATIENT };

type Tried = Pin<Box<dyn Future<Output = Result<(), CallError>>>>;

/// Where to call, and how patiently.
#[derive(Clone)]
struct Target {
    url: String,
    http: Settings,
}

/// A connector as this test sees it: bytes in, if it takes any, its reads and writes against a base URL with `SECRET`.
struct Connector {
    name: &'static str,
    inbound: Option<Inbound>,
    reads: &'static [fn(Target) -> Tried],
    writes: &'static [fn(Target) -> Tried],
    /// Whether a 2xx that makes no sense leaves doubt. Where anybody's program may answer, 2xx alone is the answer.
    words_matter: bool,
    /// Everything that holds a secret, as Debug shows it.
    shown: fn() -> String,
}

/// What a connector is told from outside.
struct Inbound {
    /// A body that is well formed, its signature's header and the secret it was made with.
    signed: (&'static str, fn(&[u8]) -> String),
    verify: fn(header: &str, body: &[u8], secrets: &[&str]) -> bool,
    parse: fn(&[u8]) -> bool,
}

fn all() -> Vec<Connector> {
    vec![
        pagerduty_connector(),
        slack_connector(),
        slack_bot_connector(),
        slack_socket_connector(),
        backlog_connector(),
        google_connector(),
        feed_connector(),
        webhook_connector(),
        sms_connector(),
    ]
}

fn pagerduty_connector() -> Connector {
    Connector {
        name: "pagerduty",
        inbound: Some(Inbound {
            signed: (include_str!("pagerduty/fixtures/webhooks.json"), pagerduty_signature),
            verify: |header, body, secrets| model::signature::pagerduty(header, body, secrets),
            parse: |raw| parse_webhook(raw).is_ok(),
        }),
        reads: &[|to| Box::pin(async move { pagerduty(to).incident(&call(), "Q1").await.map(drop) })],
        writes: &[
            |to| Box::pin(async move { pagerduty(to).add_note(&call(), "Q1", None, "x").await.map(drop) }),
            |to| Box::pin(async move { pagerduty(to).update_note(&call(), "Q1", "N1", None, "x").await.map(drop) }),
            |to| Box::pin(async move { pagerduty_act(to, Act::Note { text: "x".into() }).await }),
            |to| Box::pin(async move { pagerduty_act(to, Act::Merge { sources: vec!["Q2".into()] }).await }),
            |to| Box::pin(async move { pagerduty_events(to).resolve(&call(), "k").await.map(drop) }),
        ],
        words_matter: true,
        shown: || {
            let to = Target { url: "https://api.pagerduty.com".to_owned(), http: PATIENT };
            format!("{:?} {:?} {:?}", pagerduty(to.clone()), pagerduty_events(to.clone()), pagerduty_setup(to))
        },
    }
}

fn slack_connector() -> Connector {
    Connector {
        name: "slack",
        inbound: None,
        reads: &[],
        writes: &[|to| Box::pin(async move { slack(to).post(&call(), &Message::text("x")).await })],
        words_matter: true,
        shown: || format!("{:?}", slack(Target { url: "https://hooks.slack.com".to_owned(), http: PATIENT })),
    }
}

fn slack_bot_connector() -> Connector {
    Connector {
        name: "slack bot",
        inbound: Some(Inbound {
            signed: ("payload=%7B%22type%22%3A%22block_actions%22%7D", slack_signature),
            verify: |header, body, secrets| {
                slack::verify(secrets, &NOW.second().to_string(), header, body, NOW.second()).is_ok()
            },
            parse: |raw| slack::parse(raw).is_ok(),
        }),
        reads: &[
            |to| Box::pin(async move { bot(to).auth_test(&call()).await.map(drop) }),
            |to| Box::pin(async move { bot(to).channel(&call(), "C1").await.map(drop) }),
            |to| Box::pin(async move { bot(to).person_by_email(&call(), "sato@example.jp").await.map(drop) }),
            |to| Box::pin(async move { bot(to).open_direct(&call(), &user()).await.map(drop) }),
            |to| Box::pin(async move { bot(to).find_post(&call(), &look()).await.map(drop) }),
            // Until its last step nothing shows of it.
            |to| Box::pin(async move { bot(to).upload(&call(), &upload()).await.map(drop) }),
        ],
        writes: &[
            |to| Box::pin(async move { bot(to).post(&call(), &Post::new("C1", &text())).await.map(drop) }),
            |to| Box::pin(async move { bot(to).update(&call(), &posted(), &text(), None).await.map(drop) }),
            |to| Box::pin(async move { bot(to).post_ephemeral(&call(), "C1", &user(), &text(), None).await }),
            |to| Box::pin(async move { bot(to).open_modal(&call(), "1.2", &modal()).await.map(drop) }),
            |to| {
                let address = Secret::new(format!("{}/actions/T0/{SECRET}", to.url));
                Box::pin(async move { bot(to).respond(&call(), &address, &Reply::Say(text())).await })
            },
        ],
        words_matter: true,
        shown: || {
            let to = Target { url: "https://slack.example.jp".to_owned(), http: PATIENT };
            format!("{:?} {:?}", bot(to.clone()), bot_setup(to))
        },
    }
}

fn slack_socket_connector() -> Connector {
    Connector {
        name: "slack socket",
        inbound: None,
        reads: &[|to| Box::pin(async move { Sockets::new(&socket_setup(to)).unwrap().open(&call()).await.map(drop) })],
        writes: &[],
        words_matter: true,
        shown: || {
            let to = Target { url: "https://slack.example.jp".to_owned(), http: PATIENT };
            format!("{:?} {:?}", Sockets::new(&socket_setup(to.clone())).unwrap(), socket_setup(to))
        },
    }
}

fn bot_setup(to: Target) -> slack::Setup {
    slack::Setup { api_url: format!("{}/api", to.url), http: to.http, ..slack::Setup::new(Secret::new(SECRET)) }
}

fn bot(to: Target) -> slack::Client {
    slack::Client::new(&bot_setup(to)).unwrap()
}

fn socket_setup(to: Target) -> SocketSetup {
    SocketSetup { api_url: format!("{}/api", to.url), http: to.http, ..SocketSetup::new(Secret::new(SECRET)) }
}

fn slack_signature(body: &[u8]) -> String {
    let base = [format!("v0:{}:", NOW.second()).as_bytes(), body].concat();
    format!("v0={}", hex::encode(model::signature::hmac_sha256(SECRET.as_bytes(), &base)))
}

fn text() -> Message {
    Message::text("x")
}

fn user() -> slack::UserId {
    slack::UserId::parse("U1").unwrap()
}

fn posted() -> slack::Posted {
    slack::Posted { channel: "C1".into(), ts: "1.000001".into() }
}

fn modal() -> slack::Modal {
    slack::Modal { callback_id: "c".into(), title: "t".into(), ..slack::Modal::default() }
}

fn look() -> slack::Look<'static> {
    slack::Look { channel: "C1", thread_ts: None, marker: "m", oldest: NOW }
}

fn upload() -> slack::Upload<'static> {
    slack::Upload { bytes: b"x", filename: "x", title: "x", alt: None, channel: None, thread_ts: None }
}

fn slack(to: Target) -> Incoming {
    Incoming::new(&Secret::new(format!("{}/services/T0/B0/{SECRET}", to.url)), to.http).unwrap()
}

/// Nobody signs its webhooks: what hostile bodies do stands in its own tests.
fn backlog_connector() -> Connector {
    Connector {
        name: "backlog",
        inbound: None,
        reads: &[
            |to| Box::pin(async move { backlog(to).ticket(&call(), "OPS-1").await.map(drop) }),
            |to| {
                Box::pin(async move { backlog(to).activities_since(&call(), backlog::Scope::Space, 1).await.map(drop) })
            },
            |to| Box::pin(async move { backlog(to).find_comment(&call(), "OPS-1", "[m]", NOW).await.map(drop) }),
        ],
        writes: &[|to| Box::pin(async move { backlog(to).add_comment(&call(), "OPS-1", "x", &[]).await.map(drop) })],
        words_matter: true,
        shown: || {
            let to = Target { url: "https://northwind.backlog.jp".to_owned(), http: PATIENT };
            format!("{:?} {:?}", backlog(to.clone()), backlog_settings(to))
        },
    }
}

fn backlog_settings(to: Target) -> backlog::Settings {
    let auth = backlog::Auth::ApiKey(Secret::new(SECRET));
    backlog::Settings { space: "main".into(), url: to.url, auth, http: to.http }
}

fn backlog(to: Target) -> backlog::Client {
    backlog::Client::new(&backlog_settings(to)).unwrap()
}

/// Its pushes have no body: whose they are stands in its own tests.
fn google_connector() -> Connector {
    Connector {
        name: "google",
        inbound: None,
        reads: &[
            |to| Box::pin(async move { google_events(to).await }),
            |to| Box::pin(async move { google(to).await.0.calendar(&call(), "c@example.jp").await.map(drop) }),
        ],
        writes: &[
            |to| Box::pin(async move { google_watch(to).await }),
            |to| Box::pin(async move { google(to).await.0.stop(&call(), "c", "r").await }),
        ],
        words_matter: true,
        shown: || {
            let (api, token) = ("https://www.googleapis.com", "https://oauth2.googleapis.com/token");
            format!("{:?}", google::tests::client_holding(SECRET, api, token, PATIENT))
        },
    }
}

/// Tokens come from elsewhere, where all is well: one is held, and a fresh one is to be had.
async fn google(to: Target) -> (google::Client, Server) {
    let granted = r#"{"access_token":"conformance-secret-0001","expires_in":3599,"token_type":"Bearer"}"#;
    let tokens = Server::start(move |_| testing::reply(200, granted)).await;
    (google::tests::client_holding(SECRET, &to.url, &tokens.url, to.http), tokens)
}

async fn google_events(to: Target) -> Result<(), CallError> {
    let since = Since::Changes { sync_token: "s".into() };
    let list = ListEvents { calendar: "c@example.jp", since, page_token: None, max_results: 0 };
    google(to).await.0.events(&call(), &list).await.map(drop)
}

async fn google_watch(to: Target) -> Result<(), CallError> {
    let token = Secret::new(SECRET);
    let new = NewChannel { id: "c", token: &token, address: "https://ops.example.jp/", ttl_s: 60 };
    google(to).await.0.watch(&call(), "c@example.jp", &new).await.map(drop)
}

/// What a feed's bytes mean is read elsewhere.
fn feed_connector() -> Connector {
    Connector {
        name: "calendar feed",
        inbound: None,
        reads: &[|to| Box::pin(async move { feed(to).fetch(&call(), &FeedVersion::default()).await.map(drop) })],
        writes: &[],
        words_matter: false,
        shown: || format!("{:?}", feed(Target { url: "https://calendar.example.jp".to_owned(), http: PATIENT })),
    }
}

fn feed(to: Target) -> Feed {
    Feed::new(&Secret::new(format!("{}/private-{SECRET}/basic.ics", to.url)), to.http).unwrap()
}

fn pagerduty_setup(to: Target) -> Setup {
    Setup { from: Some("bot@northwind.example".into()), http: to.http, ..Setup::new(to.url, Secret::new(SECRET)) }
}

fn pagerduty(to: Target) -> Client {
    Client::new(&pagerduty_setup(to)).unwrap()
}

async fn pagerduty_act(to: Target, act: Act) -> Result<(), CallError> {
    pagerduty(to).act(&call(), "Q1", &act, "mori@northwind.example", "[m]").await.map(drop)
}

fn pagerduty_events(to: Target) -> Events {
    Events::new(&pagerduty_setup(to), Secret::new(SECRET)).unwrap()
}

fn pagerduty_signature(body: &[u8]) -> String {
    format!("v1={}", hex::encode(model::signature::hmac_sha256(SECRET.as_bytes(), body)))
}

fn inbounds() -> impl Iterator<Item = (&'static str, Inbound)> {
    all().into_iter().filter_map(|connector| Some((connector.name, connector.inbound?)))
}

fn webhook_connector() -> Connector {
    Connector {
        name: "pager webhook",
        inbound: None,
        reads: &[],
        writes: &[|to| Box::pin(async move { webhook(to).page(&call(), &crate::pager::tests::page()).await })],
        words_matter: false,
        shown: || format!("{:?}", webhook(Target { url: "https://example.jp".to_owned(), http: PATIENT })),
    }
}

fn webhook(to: Target) -> Webhook {
    let secret = Some(Secret::new(SECRET));
    let address = Secret::new(format!("{}/{SECRET}?key={SECRET}", to.url));
    Webhook::new(&WebhookSetup { address, bearer: secret.clone(), signing_secret: secret, http: to.http }).unwrap()
}

fn sms_connector() -> Connector {
    Connector {
        name: "pager sms",
        inbound: None,
        reads: &[],
        writes: &[|to| Box::pin(async move { sms(to).send(&call(), "+819000000000", "x", None).await.map(drop) })],
        words_matter: true,
        shown: || format!("{:?}", sms(Target { url: "https://sns.example.jp".to_owned(), http: PATIENT })),
    }
}

fn sms(to: Target) -> Sms {
    let secret = Secret::new(SECRET);
    let credentials =
        Credentials { access_key: "AKIDMADEUP".into(), secret_key: secret.clone(), session_token: Some(secret) };
    let (region, url) = ("ap-northeast-1".to_owned(), Some(to.url));
    Sms::new(&SmsSetup { region, credentials, url, sender_id: None, parts: 1, http: to.http }).unwrap()
}

/// The outcome of every call of a connector against a base URL: (is a write, outcome).
async fn outcomes(connector: &Connector, url: &str, http: Settings) -> Vec<(bool, Outcome)> {
    let mut found = Vec::new();
    let calls = connector.reads.iter().map(|r| (false, r)).chain(connector.writes.iter().map(|w| (true, w)));
    for (write, call) in calls {
        let error = call(Target { url: url.to_owned(), http }).await.expect_err(connector.name);
        assert_eq!(error.write, write, "{}", connector.name);
        let shown = format!("{error} {error:?} {:?}", error.to_outcome(NOW, SETTLE_MS));
        assert!(!shown.contains(SECRET), "{}: {shown}", connector.name);
        assert!(!error.text.is_empty());
        found.push((write, error.to_outcome(NOW, SETTLE_MS)));
    }
    found
}

fn fault(outcome: &Outcome) -> Option<Fault> {
    match outcome {
        Outcome::Later { fault, .. } => Some(*fault),
        _ => None,
    }
}

fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown { look_after, .. } if *look_after == NOW.plus_ms(SETTLE_MS))
}

#[test]
fn a_bad_signature_is_refused() {
    for (name, inbound) in inbounds() {
        let (body, sign) = inbound.signed;
        let header = sign(body.as_bytes());
        assert!((inbound.verify)(&header, body.as_bytes(), &[SECRET]), "{name}");
        let mut touched = body.as_bytes().to_vec();
        touched[0] ^= 1;
        assert!(!(inbound.verify)(&header, &touched, &[SECRET]), "{name}");
        assert!(!(inbound.verify)(&header, body.as_bytes(), &["another-secret"]), "{name}");
        for odd in ["", "v1=", "v1=00", ",,,", &"v1=,".repeat(10_000), &header[..header.len() - 2]] {
            assert!(!(inbound.verify)(odd, body.as_bytes(), &[SECRET]), "{name}");
        }
    }
}

#[test]
fn hostile_bodies_are_errors_and_never_panics() {
    let good = br#"{"event":{"id":"1","event_type":"incident.triggered","occurred_at":"2026-06-02T17:04:11Z",
        "data":{"id":"Q1","status":"triggered","title":"\u0000\ud83d\ude00"}}}"#;
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000)).into_bytes();
    let in_data = |data: &[u8]| {
        let head = br#"{"event":{"id":"1","event_type":"incident.custom_field_values.updated","occurred_at":
            "2026-06-02T17:04:11Z","data":{"incident":{"id":"Q1"},"custom_fields":[{"name":"n","value":"#;
        [head as &[u8], data, b"}]}}}"].concat()
    };
    for (name, inbound) in inbounds() {
        assert!((inbound.parse)(good), "{name}");
        assert!((inbound.parse)(&in_data(b"[[1]]")), "{name}");
        for cut in 0..good.len() {
            assert!(!(inbound.parse)(&good[..cut]), "{name} at {cut}");
        }
        for at in 0..good.len() {
            for byte in [0, b'"', b'\\', b'{', b'9', 0xff] {
                let mut touched = good.to_vec();
                touched[at] = byte;
                (inbound.parse)(&touched);
            }
        }
        for odd in [b"".to_vec(), b"null".to_vec(), b"[]".to_vec(), b"\xef\xbb\xbf{}".to_vec(), vec![b'1'; 1_000_000]] {
            assert!(!(inbound.parse)(&odd), "{name}");
        }
        for bomb in [deep("[", "]"), deep("{\"a\":", "}"), in_data(&deep("[", "]")), deep("\\", "u0000")] {
            (inbound.parse)(&bomb);
        }
        (inbound.parse)(&vec![b' '; 20_000_000]);
    }
}

#[tokio::test]
async fn a_refused_token_is_final() {
    let quoting =
        Server::always(401, r#"{"error":{"message":"no such token conformance-secret-0001","code":2006}}"#).await;
    for connector in all() {
        for (_, outcome) in outcomes(&connector, &quoting.url, PATIENT).await {
            assert!(matches!(outcome, Outcome::Never { .. }), "{}: {outcome:?}", connector.name);
        }
    }
}

#[tokio::test]
async fn a_limit_is_a_wait_that_costs_nobody() {
    let limited = Server::start(|_| {
        let mut answer = crate::testing::reply(429, "");
        answer.headers_mut().insert("retry-after", http::HeaderValue::from_static("33"));
        answer
    })
    .await;
    for connector in all() {
        for (_, outcome) in outcomes(&connector, &limited.url, PATIENT).await {
            let Outcome::Later { at, fault: Fault::Limit, .. } = outcome else {
                panic!("{}: {outcome:?}", connector.name)
            };
            assert_eq!(at.second(), NOW.plus_s(33).second(), "{}", connector.name);
        }
    }
}

#[tokio::test]
async fn their_trouble_delays_a_read_and_leaves_a_write_unknown() {
    let troubled = Server::always(503, "<html>").await;
    for connector in all() {
        for (write, outcome) in outcomes(&connector, &troubled.url, PATIENT).await {
            let right = if write { is_unknown(&outcome) } else { fault(&outcome) == Some(Fault::Destination) };
            assert!(right, "{}: {outcome:?}", connector.name);
        }
    }
}

#[tokio::test]
async fn silence_leaves_a_write_unknown() {
    let mute = Mute::start().await;
    for connector in all() {
        for (write, outcome) in outcomes(&connector, &mute.url, HASTY).await {
            let right = if write { is_unknown(&outcome) } else { fault(&outcome) == Some(Fault::Destination) };
            assert!(right, "{}: {outcome:?}", connector.name);
        }
    }
}

#[tokio::test]
async fn without_a_connection_nothing_happened() {
    let url = nobody().await;
    for connector in all() {
        for (_, outcome) in outcomes(&connector, &url, PATIENT).await {
            assert_eq!(fault(&outcome), Some(Fault::Destination), "{}: {outcome:?}", connector.name);
        }
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_leaves_a_write_unknown() {
    let odd = Server::always(200, "[\"hello").await;
    let endless = Server::start(|_| crate::testing::reply(200, vec![b'['; 20_000])).await;
    for connector in all().into_iter().filter(|connector| connector.words_matter) {
        for (write, outcome) in outcomes(&connector, &odd.url, PATIENT).await {
            let right = if write { is_unknown(&outcome) } else { fault(&outcome) == Some(Fault::Ours) };
            assert!(right, "{}: {outcome:?}", connector.name);
        }
        for (write, outcome) in outcomes(&connector, &endless.url, PATIENT).await {
            assert_eq!(is_unknown(&outcome), write, "{}: {outcome:?}", connector.name);
        }
    }
}

#[test]
fn secrets_are_not_shown() {
    for connector in all() {
        assert!(!(connector.shown)().contains(SECRET), "{}", connector.name);
    }
}
