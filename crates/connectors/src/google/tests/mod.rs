//! Google's connector against hand-made fixtures and tiny servers, with a key that is made for the run.

mod account;
mod calendars;
mod channel;
mod events;
mod feed;
mod page;
mod push;
mod refusals;
mod token;

use super::{Client, ServiceAccount, Setup};
use crate::http::Settings;
use crate::testing::{Heard, Server, reply};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::sync::LazyLock;

const EVENTS: &str = include_str!("../fixtures/events.json");
const EMAIL: &str = "cal-reader@demo-proj.iam.gserviceaccount.com";
const TOKEN: &str = "ya29.made-up-token";

static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

fn pem() -> String {
    let der: Pkcs8V1Der<'_> = KEY.as_der().unwrap();
    let text = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

fn key_file(token_url: &str) -> serde_json::Value {
    json!({
        "type": "service_account", "project_id": "demo-proj", "private_key": pem(), "client_email": EMAIL,
        "client_id": "100000000000000000001", "token_uri": token_url, "universe_domain": "googleapis.com",
    })
}

pub(crate) fn account(token_url: &str) -> ServiceAccount {
    ServiceAccount::from_key_file(key_file(token_url).to_string().as_bytes()).unwrap()
}

fn setup(url: &str) -> Setup {
    Setup { api_url: url.to_owned(), ..Setup::new(account(&format!("{url}/token"))) }
}

fn client(server: &Server) -> Client {
    Client::new(&setup(&server.url)).unwrap()
}

/// One that holds a token already and would ask for the next one there.
pub(crate) fn client_holding(token: &str, url: &str, token_url: &str, http: Settings) -> Client {
    let setup = Setup { api_url: url.to_owned(), http, ..Setup::new(account(token_url)) };
    let mut client = Client::new(&setup).unwrap();
    client.tokens.hold(token);
    client
}

fn is_token(heard: &Heard) -> bool {
    heard.path == "/token"
}

fn granted(token: &str, expires_in: i64) -> Response {
    reply(200, json!({"access_token": token, "expires_in": expires_in, "token_type": "Bearer"}).to_string())
}

/// Grants tokens, and answers all else so.
async fn server(answer: impl Fn(&Heard) -> Response + Send + Sync + 'static) -> Server {
    Server::start(move |heard| if is_token(heard) { granted(TOKEN, 3_599) } else { answer(heard) }).await
}

async fn always(status: u16, body: &'static str) -> Server {
    server(move |_| reply(status, body)).await
}

/// What came that is no question for a token.
fn asked(server: &Server) -> Vec<Heard> {
    server.heard().into_iter().filter(|heard| !is_token(heard)).collect()
}

#[test]
fn the_api_lies_below_an_address_without_a_path() {
    for (given, url) in [
        ("https://www.googleapis.com/calendar/v3", "https://www.googleapis.com/calendar/v3"),
        ("https://www.googleapis.com/calendar/v3/", "https://www.googleapis.com/calendar/v3"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/calendar/v3"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/calendar/v3"),
    ] {
        assert_eq!(setup(given).api_url(), url);
    }
    assert_eq!(Setup::new(account("https://oauth2.googleapis.com/token")).api_url(), super::API_URL);
}
