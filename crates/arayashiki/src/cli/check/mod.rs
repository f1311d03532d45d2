//! `check`: what is wrong with a configuration, all of it at once, and with each connection that it names. Changes nothing
//! anywhere: PagerDuty is asked to read, and for one write that it can only refuse.

mod disk;
mod events;
mod line;
mod pagerduty;
mod sockets;
mod store;

use super::{Failure, say};
use crate::config::{self, Config, ConfigError};
use clap::Args;
use line::{Line, State};
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
    if !check.offline {
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
    let counted = match warnings.len() {
        1 => "1 warning".to_owned(),
        n => format!("{n} warnings"),
    };
    let good = Line::ok(what, format!("{place}: no errors, {counted}"));
    let warned = warnings.iter().map(|warning| Line::told(what, State::Warn, warning));
    std::iter::once(good).chain(warned).collect()
}

/// All connections side by side: one that hangs holds up no other.
async fn online(config: &Config) -> Vec<Line> {
    let (store, rest, events, sockets) =
        tokio::join!(store::look(config), pagerduty::look(config), events::look(config), sockets::look(config));
    let mut lines = rest.lines;
    lines.extend(pagerduty::secret(config, &rest.subscriptions, &store.refused, store.last_webhook_at));
    lines.extend(events);
    lines.extend(store.lines);
    lines.extend(sockets);
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
