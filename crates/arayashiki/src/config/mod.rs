//! The configuration: one TOML file, environment overrides, checked whole before anything starts. It opens no socket
//! and no store, and shows no secret.

mod indirect;
mod keys;
mod kinds;
mod log_filter;
mod problem;
mod raw;
mod read;
mod resolve;
mod rules;
mod secret;
mod settings;
mod syntax;
#[cfg(test)]
mod tests;
mod unknown;
mod warnings;

pub use keys::{
    BastionRow, CalendarRule, Config, Holidays, HostRow, Hours, Log, MailRule, Monitor, Person, Space, TicketRule,
};
pub use kinds::{
    Anchor, CalendarUse, Diagnosis, Done, EvidencePlace, HolidayBase, LogFormat, MailTls, Mode, RecipientHeader,
    RuleVerdict, SpoolPlace, SshAddress, StartTls, StoreUrl, Urgencies,
};
pub use problem::{ConfigError, Place, Problem, nearest};
pub use secret::Secret;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where a configuration is looked for when none is named; the first that exists is taken.
pub const DEFAULT_PATHS: [&str; 2] = ["arayashiki.toml", "/etc/arayashiki/arayashiki.toml"];

/// The process's environment, for `load`: the only place that reads it. What is not UTF-8 is marked by U+FFFD, which
/// `load` refuses where it matters, so that no variable can crash a start.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    let text = |os: std::ffi::OsString| os.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (text(name), text(value)))
}

/// The configuration of the named file, or of the first default path that exists, or else of defaults alone; always
/// with the environment's overrides.
pub fn load(path: Option<&Path>, env: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let file = match path {
        Some(path) => Some(named(path)?),
        None => first_of(DEFAULT_PATHS.map(PathBuf::from))?,
    };
    resolve(file.as_ref(), &env.into_iter().collect())
}

fn named(path: &Path) -> Result<read::File, ConfigError> {
    read_file(path)?.ok_or_else(|| {
        let what = format!("there is no such file; name one that exists, or start from {}", problem::KEY_LIST);
        ConfigError::of_file(path.to_owned(), what)
    })
}

fn first_of(candidates: impl IntoIterator<Item = PathBuf>) -> Result<Option<read::File>, ConfigError> {
    for path in candidates {
        if let Some(file) = read_file(&path)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// None when there is no such file.
fn read_file(path: &Path) -> Result<Option<read::File>, ConfigError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => {
            let what = format!("can't be read ({e}); mend its permissions or name another file");
            return Err(ConfigError::of_file(path.to_owned(), what));
        }
    };
    let text = String::from_utf8(bytes).map_err(|e| {
        let good = e.utf8_error().valid_up_to();
        let line = 1 + e.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count();
        let what = "is not UTF-8 text; save the file as UTF-8".to_owned();
        ConfigError::new(vec![Problem { place: Place::Line(path.to_owned(), line), key: String::new(), what }])
    })?;
    Ok(Some(read::File { path: path.to_owned(), text }))
}

fn resolve(file: Option<&read::File>, env: &BTreeMap<String, String>) -> Result<Config, ConfigError> {
    let origin = file.map(|file| file.path.clone());
    let mut raw = read::read(file, env);
    rules::hold(&mut raw);
    let mut resolver = resolve::Resolver::new(raw);
    let config = keys::read(&mut resolver, origin);
    match (config, resolver.into_problems()) {
        (Some(config), problems) if problems.is_empty() => Ok(settled(config)),
        (_, problems) => Err(ConfigError::new(problems)),
    }
}

/// Fills in what follows from other settings.
fn settled(mut config: Config) -> Config {
    if config.pagerduty.events_url.is_empty() {
        config.pagerduty.events_url = events_url_of(&config.pagerduty.api_url);
    }
    if config.smtp.hostname.is_none() {
        config.smtp.hostname = config.server.public_url.as_deref().and_then(host_of);
    }
    // Others on the machine must not read these either, though the configuration only names them.
    config.secret_files.extend(config.smtp.tls_key.clone());
    config.secret_files.push(config.evidence.key_file.clone());
    config.secret_files.extend(config.google_calendar.key_file.clone());
    config.secret_files.extend(config.ssh.key_file.clone());
    config.secret_files.extend(config.bastions.iter().filter_map(|bastion| bastion.key_file.clone()));
    config.secret_files.extend(config.hosts.iter().filter_map(|host| host.key_file.clone()));
    config
}

/// The name in it; an address alone is no name to greet with.
fn host_of(url: &str) -> Option<String> {
    match url::Url::parse(url).ok()?.host()? {
        url::Host::Domain(name) => Some(name.to_owned()),
        url::Host::Ipv4(_) | url::Host::Ipv6(_) => None,
    }
}

/// PagerDuty's two regions have an Events host each; anything else is one simulated host for both.
fn events_url_of(api_url: &str) -> String {
    match api_url {
        "https://api.pagerduty.com" => "https://events.pagerduty.com",
        "https://api.eu.pagerduty.com" => "https://events.eu.pagerduty.com",
        other => other,
    }
    .to_owned()
}
