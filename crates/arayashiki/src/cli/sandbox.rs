//! `sandbox`: one simulated outside system by itself, until told to stop.

use super::{Failure, say};
use crate::server;
use clap::{Args, Subcommand, ValueEnum};
use sandbox::pagerduty::{self, Options};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Sandbox {
    /// PagerDuty: REST, Events v2 and webhooks, with faults scripted over /_control.
    Pagerduty(PagerDuty),
}

#[derive(Debug, Args)]
pub struct PagerDuty {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where its webhooks go.
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// Appends every effect on it as a line of JSON, synced before the answer.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, value_enum, default_value_t = Story::None)]
    story: Story,
    /// How many times faster than life the story goes.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    #[arg(long, default_value_t = 30)]
    history_days: u32,
    /// The first wait before a webhook is tried again, doubled each time.
    #[arg(long, default_value_t = 30_000)]
    retry_ms: u64,
    /// How long a webhook's receiver has.
    #[arg(long, default_value_t = 5_000)]
    deadline_ms: u64,
    #[arg(long, default_value_t = 960)]
    requests_per_minute: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Story {
    None,
    Night,
}

pub async fn run(command: Sandbox, json: bool) -> Result<(), Failure> {
    let Sandbox::Pagerduty(asked) = command;
    let story = match asked.story {
        Story::None => pagerduty::Story::None,
        Story::Night => pagerduty::Story::Night,
    };
    let options = Options {
        listen: asked.listen,
        log: asked.log,
        webhook_url: asked.webhook_url,
        seed: asked.seed,
        story,
        speed: asked.speed,
        history_days: asked.history_days,
        retry_ms: asked.retry_ms,
        deadline_ms: asked.deadline_ms,
        requests_per_minute: asked.requests_per_minute,
        ..Options::default()
    };
    let running = pagerduty::start(options).await.map_err(|error| Failure::Failed(error.to_string()))?;
    let info = running.info();
    if json {
        say(serde_json::to_string(info).map_err(|error| Failure::Failed(error.to_string()))?);
    } else {
        say(format_args!("simulated PagerDuty at {}", info.url));
        say(format_args!("  token           {}", info.token));
        say(format_args!("  from            {}", info.from));
        say(format_args!("  webhook secret  {}", info.webhook_secret));
        say(format_args!("  faults          {}", info.control_url));
    }
    server::asked_to_stop().await;
    running.stop().await;
    Ok(())
}
