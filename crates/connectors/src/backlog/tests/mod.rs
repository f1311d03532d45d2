//! Backlog's connector against hand-made fixtures and tiny servers.

mod activities;
mod comments;
mod limits;
mod oauth;
mod reads;
mod refusals;
mod ticket;

use super::{Auth, Client, Settings};
use crate::Secret;
use crate::testing::Server;

const KEY: &str = "made-up-api-key-0001";
const ISSUE: &str = include_str!("../fixtures/issue.json");
const COMMENTS: &str = include_str!("../fixtures/comments.json");
const WEBHOOKS: &str = include_str!("../fixtures/webhooks.json");

fn settings(url: &str) -> Settings {
    let http = crate::http::Settings::default();
    Settings { space: "main".into(), url: url.to_owned(), auth: Auth::ApiKey(Secret::new(KEY)), http }
}

fn client(server: &Server) -> Client {
    Client::new(&settings(&server.url)).unwrap()
}

/// A list of so many rows, from the first id, one more or one less each.
fn rows(from: i64, step: i64, count: i64, row: impl Fn(i64) -> serde_json::Value) -> String {
    let rows: Vec<_> = (0..count).map(|n| row(from + n * step)).collect();
    serde_json::to_string(&rows).unwrap()
}
