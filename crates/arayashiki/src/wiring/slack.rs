//! What is configured about Slack: the app, its channels, the wording. Reads the folder of templates and opens no socket.

use crate::cli::Failure;
use crate::config::{Config, Mode, Urgencies};
use connectors::slack::{Client, Incoming, Setup, SocketSetup, Sockets};
use connectors::{Secret, http};
use duties::say::Language;
use duties::wording::{NAMES, Wording};
use engine::Outside;
use engine::slack::Settings;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The longest template that is read, in bytes; a longer one is refused by the wording.
const MOST_BYTES: u64 = 100_000;

/// People can be told there.
pub const fn is_set(config: &Config) -> bool {
    config.slack.bot_token.is_some() || config.slack.webhook_url.is_some()
}

/// What pages tell of it.
pub fn shown(config: &Config) -> web::Slack {
    let slack = &config.slack;
    web::Slack {
        bot: slack.bot_token.is_some(),
        webhook: slack.webhook_url.is_some(),
        http: slack.signing_secret.is_some(),
        socket: slack.app_token.is_some(),
        posts_incidents: slack.incidents != Mode::Observe,
        all_urgencies: slack.urgency == Urgencies::All,
    }
}

/// What people press comes back to us.
pub const fn hears(config: &Config) -> bool {
    config.slack.signing_secret.is_some() || config.slack.app_token.is_some()
}

pub fn settings(config: &Config) -> Result<Option<Settings>, Failure> {
    let slack = &config.slack;
    let wording = Arc::new(wording(slack.templates.as_deref())?);
    if !is_set(config) {
        return Ok(None);
    }
    let own = &config.slack_channels;
    let named =
        [("alerts", &own.alerts), ("handover", &own.handover), ("tickets", &own.tickets), ("calendar", &own.calendar)];
    let channels: BTreeMap<String, String> =
        named.into_iter().filter_map(|(kind, channel)| Some((kind.to_owned(), channel.clone()?))).collect();
    let customers =
        config.customers.iter().filter_map(|customer| Some((customer.id.clone(), customer.slack_channel.clone()?)));
    let secrets = [&slack.signing_secret, &slack.old_signing_secret];
    Ok(Some(Settings {
        incidents: super::mode(slack.incidents),
        all_urgencies: slack.urgency == Urgencies::All,
        channels,
        customers: customers.collect(),
        signing_secrets: secrets.into_iter().flatten().map(|secret| secret.expose().as_bytes().to_vec()).collect(),
        has_bot: slack.bot_token.is_some(),
        hears: hears(config),
        wording,
        language: language(config),
        zone: config.server.time_zone.clone(),
        public_url: config.server.public_url.clone().unwrap_or_default(),
    }))
}

pub fn language(config: &Config) -> Language {
    Language::parse(config.server.language.as_str()).unwrap_or_default()
}

/// The built-in wording, with what the folder replaces.
pub fn wording(folder: Option<&Path>) -> Result<Wording, Failure> {
    let Some(folder) = folder else { return Ok(Wording::default()) };
    let unreadable =
        |path: &Path, error: &std::io::Error| Failure::Wrong(format!("[slack] templates: {}: {error}", path.display()));
    if !folder.is_dir() {
        return Err(Failure::Wrong(format!("[slack] templates: there is no folder {}", folder.display())));
    }
    let mut own = Vec::new();
    for (name, _) in NAMES {
        for language in Language::ALL {
            let path = folder.join(format!("{name}.{}.txt", language.as_str()));
            let Ok(found) = std::fs::metadata(&path) else { continue };
            if found.len() > MOST_BYTES {
                let text = format!("[slack] templates: {} is longer than any message", path.display());
                return Err(Failure::Wrong(text));
            }
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            own.push((name.to_owned(), language, text));
        }
    }
    Wording::with(own).map_err(|problems| {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| {
                format!("[slack] templates: {problem}; mend it, or take the file away for the built-in wording")
            })
            .collect();
        Failure::Wrong(lines.join("\n"))
    })
}

/// Fills in what may be called.
pub fn outside(config: &Config, outside: &mut Outside) -> Result<(), Failure> {
    let slack = &config.slack;
    if let Some(url) = &slack.webhook_url {
        let incoming = Incoming::new(&Secret::new(url.expose()), http::Settings::default());
        outside.slack = Some(incoming.map_err(|error| wrong("webhook_url", &error))?);
    }
    outside.bot = bot(config, http::Settings::default())?;
    outside.sockets = sockets(config, http::Settings::default())?;
    Ok(())
}

/// Slack's Web API within these limits, if there is a token for it.
pub fn bot(config: &Config, http: http::Settings) -> Result<Option<Client>, Failure> {
    let Some(token) = &config.slack.bot_token else { return Ok(None) };
    let setup = Setup { api_url: config.slack.api_url.clone(), http, ..Setup::new(Secret::new(token.expose())) };
    Client::new(&setup).map(Some).map_err(|error| wrong("bot_token", &error))
}

/// Socket Mode within these limits, if there is a token for it.
pub fn sockets(config: &Config, http: http::Settings) -> Result<Option<Sockets>, Failure> {
    let Some(token) = &config.slack.app_token else { return Ok(None) };
    let api_url = config.slack.api_url.clone();
    let setup = SocketSetup { api_url, http, ..SocketSetup::new(Secret::new(token.expose())) };
    Sockets::new(&setup).map(Some).map_err(|error| wrong("app_token", &error))
}

fn wrong(key: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::Wrong(format!("[slack] {key}: {error}"))
}
