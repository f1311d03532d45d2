//! What goes out to Slack, what comes in, what foreign text can't do, and what Slack's answers mean. Each file has its servers.

mod client;
mod elements;
mod find;
mod foreign;
mod inbound;
mod incoming;
mod socket;
mod upload;
mod words;

use super::{Client, Message, Setup};
use crate::testing::{Heard, Server, reply};
use crate::{CallError, Secret};
use serde_json::{Value, json};

const TOKEN: &str = "xoxb-made-up-token-0001";

fn client(server: &Server) -> Client {
    let setup = Setup { api_url: format!("{}/api", server.url), ..Setup::new(Secret::new(TOKEN)) };
    Client::new(&setup).unwrap()
}

/// A server that answers each method in its own way, and that it is gone to all others.
async fn slack(answer: impl Fn(&str, &Heard) -> Value + Send + Sync + 'static) -> Server {
    Server::start(move |heard| {
        let method = heard.path.strip_prefix("/api/").unwrap_or(&heard.path).to_owned();
        reply(200, answer(&method, heard).to_string())
    })
    .await
}

fn who() -> Value {
    json!({ "ok": true, "url": "https://northwind.slack.com/", "team": "Northwind", "user": "arayashiki", "team_id": "T0AAA0001",
        "user_id": "U0BOT0001", "bot_id": "B0BOT0001", "is_enterprise_install": false })
}

/// The form that was sent.
fn form(heard: &Heard) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&heard.body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn said(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn shows_no_secret(error: &CallError) {
    let shown = format!("{error} {error:?}");
    for secret in [TOKEN, "made-up"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

fn hello() -> Message {
    Message::text("障害 web01")
}
