//! `check`: what is wrong with a configuration, all of it at once.

use super::{Failure, say};
use crate::config::{self, ConfigError};
use clap::Args;
use std::path::Path;

#[derive(Debug, Args)]
pub struct Check {
    /// Check the file alone; connect to nothing.
    #[arg(long, required = true)]
    offline: bool,
}

pub fn run(_check: &Check, path: Option<&Path>, json: bool) -> Result<(), Failure> {
    let config = config::load(path, config::environment()).map_err(|error| told(&error, json))?;
    let warnings = config.warnings();
    if json {
        say(serde_json::json!({ "file": config.origin, "problems": [], "warnings": warnings }));
        return Ok(());
    }
    for warning in &warnings {
        say(format_args!("warning: {warning}"));
    }
    match &config.origin {
        Some(file) => say(format_args!("{}: no errors, {} warnings", file.display(), warnings.len())),
        None => say(format_args!("no configuration file: defaults apply, {} warnings", warnings.len())),
    }
    Ok(())
}

/// For a program the problems one by one; for people the lines of the error.
fn told(error: &ConfigError, json: bool) -> Failure {
    if json {
        let problems = error.problems().iter().map(|problem| {
            serde_json::json!({ "place": problem.place.to_string(), "key": problem.key, "what": problem.what })
        });
        say(serde_json::json!({ "problems": problems.collect::<Vec<_>>() }));
    }
    Failure::Wrong(error.to_string())
}
