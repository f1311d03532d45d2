//! The ways to people beside PagerDuty: Slack, the second path's webhook and SMS. Says where each goes without showing the
//! secret in its address. Posts nothing and calls nobody: what only a real message would show is said to be untried.

use super::PATIENCE;
use super::events::answers;
use super::line::{Line, State};
use crate::config::{Config, Mode, Secret};

const SLACK: &str = "slack";
const PATH: &str = "second path";
const WAY_OUT: &str = "let this machine reach it; a firewall may be in the way";

/// A way as it is set: what it is for, the key that it stands in, and the origin of its address.
struct Way {
    what: &'static str,
    key: String,
    origin: String,
    untried: &'static str,
}

/// What is set, by the file alone.
pub fn set(config: &Config) -> Vec<Line> {
    let ways = ways(config);
    let mut lines = unset(config, &ways);
    lines.extend(ways.into_iter().map(|way| {
        let Way { what, key, origin, .. } = way;
        Line::ok(what, format!("{key} is set and goes to {origin} (not asked)"))
    }));
    lines
}

/// The same, and whether the other side answers at all.
pub async fn look(config: &Config) -> Vec<Line> {
    let ways = ways(config);
    let mut lines = unset(config, &ways);
    let asked = ways.into_iter().map(one);
    lines.extend(futures_util::future::join_all(asked).await);
    lines
}

async fn one(way: Way) -> Line {
    let Way { what, key, origin, untried } = way;
    match tokio::time::timeout(PATIENCE, answers(&origin)).await {
        Ok(Ok(())) => Line::ok(what, format!("{key} is set and {origin} answers ({untried})")),
        Ok(Err(error)) => {
            let told = Line::told(what, State::Fail, &error).or_do(WAY_OUT);
            Line { text: format!("{key}: {}", told.text), ..told }
        }
        Err(_) => Line::fail(what, format!("{key}: {origin} did not answer within 10 s"), WAY_OUT),
    }
}

fn unset(config: &Config, ways: &[Way]) -> Vec<Line> {
    let mut lines = Vec::new();
    if !ways.iter().any(|way| way.what == SLACK) && config.slack.bot_token.is_none() {
        lines.push(Line::ok(SLACK, "neither bot_token nor webhook_url is set: nothing is posted, the pages show it"));
    }
    let path = &config.second_path;
    if path.mode != Mode::Page {
        lines.push(Line::ok(
            PATH,
            "[second_path] mode is \"observe\": nobody is paged while PagerDuty does not, the pages show it",
        ));
    }
    lines
}

fn ways(config: &Config) -> Vec<Way> {
    let path = &config.second_path;
    let hook = |what, key: String, url: &Secret, untried| Way { what, key, origin: origin(url.expose()), untried };
    let paged = "nobody was paged, so whether the other side takes a page is not tried";
    let posted = "nothing was posted, and only a post would show whether its channel takes it";
    let alone = config.slack.webhook_url.iter().filter(|_| config.slack.bot_token.is_none());
    let slack = alone.map(|url| hook(SLACK, "[slack] webhook_url".into(), url, posted));
    let own = config.people.iter().filter_map(|person| {
        let key = format!("[[person]] {} webhook_url", person.id);
        Some(hook(PATH, key, person.webhook_url.as_ref()?, paged))
    });
    let shared = path.webhook_url.iter().map(|url| hook(PATH, "[second_path] webhook_url".into(), url, paged));
    slack.chain(shared).chain(own).chain(sms(config)).collect()
}

fn sms(config: &Config) -> Option<Way> {
    let path = &config.second_path;
    let region = path.sns_region.as_deref().filter(|_| path.sms)?;
    let origin = match &path.sns_url {
        Some(url) => origin(url),
        None => format!("https://sns.{region}.amazonaws.com"),
    };
    let untried = "no message was sent, so neither the key nor the account's spending limit is tried";
    Some(Way { what: PATH, key: "[second_path] sms".into(), origin, untried })
}

/// An address without its path: that is the secret of a webhook.
fn origin(url: &str) -> String {
    url::Url::parse(url)
        .map_or_else(|_| "an address that can't be read".to_owned(), |url| url.origin().ascii_serialization())
}
