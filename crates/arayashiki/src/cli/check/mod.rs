//! `check`: what is wrong with a configuration, all of it at once, and with each connection that it names. Changes nothing
//! anywhere: PagerDuty is asked to read, and for one write that it can only refuse.

mod backlog;
mod calendars;
mod disk;
mod events;
mod hosts;
mod hours;
mod line;
mod mail;
mod pagerduty;
mod people;
mod slack;
mod sockets;
mod store;

use super::{Failure, say};
use crate::config::{self, Config, ConfigError};
use clap::Args;
use line::{Line, State};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// A connection that has said nothing by then is a finding by itself.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub struct Check {
    /// Check the file alone; connect to nothing.
    #[arg(long)]
    offline: bool,
}

pub async fn run(check: &Check, path: Option<&Path>, json: bool) -> Result<(), Failure> {
    let config = config::load(path, config::environment()).map_err(|error| told(&error, json))?;
    let mut lines = of_configuration(&config);
    if check.offline {
        lines.extend(people::set(&config));
        lines.extend(slack::set(&config));
        lines.extend(hours::look(&config));
        lines.extend(backlog::set(&config));
        lines.extend(calendars::set(&config));
        lines.extend(hosts::set(&config));
    } else {
        lines.extend(online(&config).await);
    }
    let failed = lines.iter().filter(|line| line.state == State::Fail).count();
    if json {
        say(serde_json::json!({
            "ok": failed == 0, "file": config.origin, "problems": [], "warnings": config.warnings(), "lines": lines,
        }));
    } else {
        lines.iter().for_each(say);
    }
    match failed {
        0 => Ok(()),
        1 => Err(Failure::Failed("one thing is wrong: see the line that begins with fail".to_owned())),
        n => Err(Failure::Failed(format!("{n} things are wrong: see the lines that begin with fail"))),
    }
}

fn of_configuration(config: &Config) -> Vec<Line> {
    let warnings = config.warnings();
    let what = "configuration";
    let place = match &config.origin {
        Some(file) => file.display().to_string(),
        None => "no file, so defaults apply".to_owned(),
    };
    let warned = warnings.iter().map(|warning| Line::told(what, State::Warn, warning));
    let open = config.secret_files.iter().filter_map(|file| open_secret(file));
    let warned: Vec<Line> = warned.chain(open).collect();
    let counted = match warned.len() {
        1 => "1 warning".to_owned(),
        n => format!("{n} warnings"),
    };
    let good = Line::ok(what, format!("{place}: no errors, {counted}"));
    std::iter::once(good).chain(warned).collect()
}

/// A secret that others on this machine can read or change.
fn open_secret(file: &Path) -> Option<Line> {
    let known = std::fs::metadata(file).ok()?;
    let (mode, shown) = (known.mode() & 0o777, file.display());
    is_open(mode, known.uid()).then(|| {
        Line::warn(
            "configuration",
            format!("{shown} holds a secret and is open to others on this machine (mode {mode:03o})"),
            format!(
                "run chmod 600 {shown}, with the service's own user for owner; or 640, with root for owner and the service's group"
            ),
        )
    })
}

/// Root's file that the service's group may read is how deploy/ lays secrets out: the service can't change it.
const fn is_open(mode: u32, owner: u32) -> bool {
    let others = mode & 0o077;
    others != 0 && !(others == 0o040 && owner == 0)
}

/// All connections side by side: one that hangs holds up no other.
async fn online(config: &Config) -> Vec<Line> {
    let (store, rest, events, sockets, mail, people, slack, backlog, calendars, hosts) = tokio::join!(
        store::look(config),
        pagerduty::look(config),
        events::look(config),
        sockets::look(config),
        mail::look(config),
        people::look(config),
        slack::look(config),
        backlog::look(config),
        calendars::look(config),
        hosts::look(config)
    );
    let mut lines = rest.lines;
    lines.extend(pagerduty::secret(config, &rest.subscriptions, &store.refused, store.last_webhook_at));
    lines.extend(events);
    lines.extend(store.lines);
    lines.extend(sockets);
    lines.extend(mail);
    lines.extend(people);
    lines.extend(slack);
    lines.extend(hours::look(config));
    lines.extend(backlog);
    lines.extend(calendars);
    lines.extend(hosts);
    lines
}

/// For a program the problems one by one; for people the lines of the error.
fn told(error: &ConfigError, json: bool) -> Failure {
    if json {
        let problems = error.problems().iter().map(|problem| {
            serde_json::json!({ "place": problem.place.to_string(), "key": problem.key, "what": problem.what })
        });
        let line = |problem: &config::Problem| {
            let text = format!("{}: {} {}", problem.place, problem.key, problem.what);
            Line::told("configuration", State::Fail, &text)
        };
        let lines: Vec<Line> = error.problems().iter().map(line).collect();
        say(serde_json::json!({ "ok": false, "problems": problems.collect::<Vec<_>>(), "lines": lines }));
    }
    Failure::Wrong(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn a_secret_is_its_owners_alone_or_roots_with_a_group_that_reads() {
        assert!(!is_open(0o600, 1_000) && !is_open(0o400, 1_000) && !is_open(0o640, 0));
        assert!(is_open(0o640, 1_000) && is_open(0o660, 0) && is_open(0o644, 0) && is_open(0o602, 1_000));
    }
}
