//! Slack: whose token it is and what it may, each channel, Socket Mode, the signing secret, the templates. Reads only: posts nothing and
//! opens no connection that Slack could tell things by.

use super::PATIENCE;
use super::line::{Line, State};
use crate::cli::Failure;
use crate::config::Config;
use crate::wiring::slack;
use connectors::http::Settings;
use connectors::slack::{Channel, Client, Who};
use connectors::{Call, CallError, Class, Kind};
use duties::say::Language;
use duties::wording::NAMES;
use std::path::Path;

const WHAT: &str = "slack";
/// All of a check has to end while somebody watches.
const LIMITS: Settings = Settings { connect_timeout_ms: 5_000, call_timeout_ms: 8_000, max_response_bytes: 1 << 20 };
const GUIDE: &str = "see docs/guide/slack.md";
const WAY_OUT: &str = "let this machine reach Slack; a firewall may be in the way";
const REINSTALL: &str = "add it under OAuth & Permissions in the app's settings and install the app again";

/// What is set, by the file alone.
pub fn set(config: &Config) -> Vec<Line> {
    let mut lines = templates(config.slack.templates.as_deref());
    if config.slack.bot_token.is_none() {
        return lines;
    }
    lines.push(Line::ok(WHAT, "[slack] bot_token is set (not asked)"));
    lines.extend(channels(config).into_iter().filter(|(_, channel)| !is_id(channel)).map(|one| nameless(&one)));
    lines.push(hears(config));
    lines
}

/// The same, and what Slack says of it.
pub async fn look(config: &Config) -> Vec<Line> {
    let mut lines = templates(config.slack.templates.as_deref());
    if config.slack.bot_token.is_none() {
        return lines;
    }
    match slack::bot(config, LIMITS) {
        Ok(Some(bot)) => {
            let asked = tokio::time::timeout(PATIENCE, of_bot(config, &bot)).await;
            lines.extend(asked.unwrap_or_else(|_| vec![silent(config)]));
        }
        Ok(None) => {}
        Err(failure) => lines.push(Line::told(WHAT, State::Fail, failure.text()).or_do(GUIDE)),
    }
    lines.push(hears(config));
    lines.extend(socket(config).await);
    lines
}

fn silent(config: &Config) -> Line {
    let text = format!("{} did not answer everything within {} s", config.slack.api_url, PATIENCE.as_secs());
    Line::fail(WHAT, text, WAY_OUT)
}

fn call() -> Call {
    Call::new(Class::Live, store::Clock::default().now())
}

fn told(what: &str, error: &CallError) -> Line {
    let told = Line::told(WHAT, State::Fail, &error.text).or_do(WAY_OUT);
    Line { text: format!("{what}: {}", told.text), ..told }
}

async fn of_bot(config: &Config, bot: &Client) -> Vec<Line> {
    let who = match bot.auth_test(&call()).await {
        Ok(who) => who,
        Err(error) => return vec![told("[slack] bot_token", &error)],
    };
    let mut lines = vec![identity(&who)];
    let (mut is_private, mut is_public) = (false, false);
    for one in channels(config) {
        if !is_id(&one.1) {
            lines.push(nameless(&one));
            continue;
        }
        let found = bot.channel(&call(), &one.1).await;
        if let Ok(channel) = &found {
            is_private |= channel.is_private;
            is_public |= !channel.is_private;
        }
        lines.push(channel(&one, found, &who));
    }
    if let Some(scopes) = &who.scopes {
        lines.extend(scopes_line(config, scopes, is_public, is_private));
    }
    lines
}

fn identity(who: &Who) -> Line {
    let text = format!("the app {} in the workspace {} ({})", who.user, who.team, who.team_id);
    if who.bot_id.is_some() {
        return Line::ok(WHAT, text);
    }
    let text = format!("[slack] bot_token is a person's, {} in the workspace {} ({})", who.user, who.team, who.team_id);
    Line::warn(WHAT, text, "take the Bot User OAuth Token of the app, which begins with xoxb-")
}

/// What the token lacks of what is configured.
fn scopes_line(config: &Config, scopes: &[String], is_public: bool, is_private: bool) -> Vec<Line> {
    let lacks = |scope: &str| !scopes.iter().any(|held| held == scope);
    let mut lines = Vec::new();
    let mut line = |state, scope: &str, without: &str| {
        if lacks(scope) {
            lines.push(Line {
                state,
                ..Line::warn(WHAT, format!("the scope {scope} is missing: {without}"), REINSTALL)
            });
        }
    };
    line(State::Fail, "chat:write", "nothing can be posted");
    let unread = "what may have been posted already can't be looked up, so that it is posted again with a mark";
    if is_public {
        line(State::Warn, "channels:history", unread);
    }
    if is_private {
        line(State::Warn, "groups:history", unread);
    }
    if slack::hears(config) {
        line(State::Warn, "commands", "/arayashiki is not there");
    }
    let beside: Vec<&str> = ["files:write", "users:read.email"].into_iter().filter(|scope| lacks(scope)).collect();
    if lines.is_empty() {
        let more = match beside.as_slice() {
            [] => String::new(),
            some => format!("; {} would let it attach pictures and suggest whose account is whose", some.join(" and ")),
        };
        lines.push(Line::ok(WHAT, format!("the app has the scopes that it needs{more}")));
    }
    lines
}

/// Each channel once, with the keys that name it.
fn channels(config: &Config) -> Vec<(String, String)> {
    let own = &config.slack_channels;
    let kinds =
        [("alerts", &own.alerts), ("handover", &own.handover), ("tickets", &own.tickets), ("calendar", &own.calendar)];
    let of_kinds =
        kinds.into_iter().filter_map(|(kind, channel)| Some((format!("[slack.channels] {kind}"), channel.clone()?)));
    let of_customers = config.customers.iter().filter_map(|customer| {
        Some((format!("[[customer]] {} slack_channel", customer.id), customer.slack_channel.clone()?))
    });
    let mut all: Vec<(String, String)> = Vec::new();
    for (key, channel) in of_kinds.chain(of_customers) {
        match all.iter_mut().find(|(_, known)| *known == channel) {
            Some((keys, _)) => *keys = format!("{keys}, {key}"),
            None => all.push((key, channel)),
        }
    }
    all
}

fn is_id(channel: &str) -> bool {
    let is_rest = |rest: &str| rest.len() > 2 && rest.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    ['C', 'G', 'D'].iter().any(|first| channel.strip_prefix(*first).is_some_and(is_rest))
}

fn nameless((key, channel): &(String, String)) -> Line {
    Line::warn(
        WHAT,
        format!(
            "{key} = {channel:?} is a name: posts arrive, and can't be looked up when it is not known whether one did"
        ),
        "write the channel's id, such as C0123456789, which stands at the end of its details in Slack",
    )
}

fn channel((key, id): &(String, String), found: Result<Channel, CallError>, who: &Who) -> Line {
    let channel = match found {
        Ok(channel) => channel,
        Err(error) if error.kind == Kind::Forbidden => {
            let line = Line::told(WHAT, State::Warn, &error.text).or_do(REINSTALL);
            return Line { text: format!("{key} = {id} can't be looked at: {}", line.text), ..line };
        }
        Err(error) => return told(&format!("{key} = {id}"), &error),
    };
    let name = channel.name.as_deref().map_or_else(|| id.clone(), |name| format!("#{name} ({id})"));
    let holds = |scope: &str| who.scopes.iter().flatten().any(|held| held == scope);
    if channel.is_archived {
        return Line::fail(
            WHAT,
            format!("{key}: {name} is archived"),
            "bring it back in Slack, or write another channel",
        );
    }
    let invite = format!("write /invite @{} in it", who.user);
    match channel.is_member || channel.is_im {
        true => Line::ok(WHAT, format!("{key}: the app is in {name}")),
        false if holds("chat:write.public") && !channel.is_private => {
            Line::warn(WHAT, format!("{key}: the app is not in {name}: posts arrive and can't be looked up"), invite)
        }
        false => Line::fail(WHAT, format!("{key}: the app is not in {name}, so nothing arrives there"), invite),
    }
}

/// Whether what people press comes back.
fn hears(config: &Config) -> Line {
    let slack = &config.slack;
    if slack.signing_secret.is_none() && slack.app_token.is_none() {
        return Line::warn(
            WHAT,
            "neither signing_secret nor app_token is set: messages have no buttons, and /arayashiki is not heard",
            "set [slack] signing_secret if Slack can reach this server, or app_token for Socket Mode",
        );
    }
    if config.server.public_url.is_none() {
        return Line::warn(
            WHAT,
            "[server] public_url is not set: nobody can link their Slack account, so what they press is refused",
            "set it to the address at which people open these pages",
        );
    }
    match slack.signing_secret {
        Some(_) => Line::ok(WHAT, "a signing secret is set (only a press shows whether it is the app's)"),
        None => Line::ok(WHAT, "what is pressed comes by Socket Mode; no signing secret is needed"),
    }
}

/// Whether a connection could be opened. None is: Slack would tell it things that nobody here keeps.
async fn socket(config: &Config) -> Option<Line> {
    let sockets = match slack::sockets(config, LIMITS) {
        Ok(sockets) => sockets?,
        Err(failure) => return Some(Line::told(WHAT, State::Fail, failure.text()).or_do(GUIDE)),
    };
    Some(match tokio::time::timeout(PATIENCE, sockets.ask(&call())).await {
        Ok(Ok(())) => Line::ok(WHAT, "Socket Mode can be opened"),
        Ok(Err(error)) => told("[slack] app_token", &error),
        Err(_) => silent(config),
    })
}

/// Own wording: each template is tried, and a file that no message is named after is told.
fn templates(folder: Option<&Path>) -> Vec<Line> {
    let Some(folder) = folder else { return Vec::new() };
    if let Err(Failure::Wrong(text) | Failure::Failed(text)) = slack::wording(Some(folder)) {
        return text.lines().map(|line| Line::told(WHAT, State::Fail, line).or_do(GUIDE)).collect();
    }
    let files: Vec<String> = NAMES
        .iter()
        .flat_map(|(name, _)| Language::ALL.map(|language| format!("{name}.{}.txt", language.as_str())))
        .collect();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let found: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let own = found.iter().filter(|name| files.contains(name)).count();
    let good = Line::ok(
        WHAT,
        format!("[slack] templates: {own} of {} messages are worded by {}", files.len(), folder.display()),
    );
    let strays = found.into_iter().filter(|name| name.ends_with(".txt") && !files.contains(name)).map(|name| {
        Line::warn(
            WHAT,
            format!("[slack] templates: no message is named after {name}, so it is not used"),
            "arayashiki message preview lists the names; the file is NAME.ja.txt or NAME.en.txt",
        )
    });
    std::iter::once(good).chain(strays).collect()
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn a_channel_is_known_by_its_id_or_is_a_name() {
        for id in ["C0123456789", "G01ABC", "D0XYZ"] {
            assert!(is_id(id), "{id}");
        }
        for name in ["#alerts", "alerts", "Calerts", "C", "U0123", ""] {
            assert!(!is_id(name), "{name}");
        }
    }
}
