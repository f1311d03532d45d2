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
    /// How far back its history goes.
    #[arg(long, alias = "days", value_name = "N", default_value_t = 30)]
    history_days: u32,
    /// So many seconds its clock begins behind; `/_control/advance` catches up.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    behind_s: u32,
    /// How many incidents its history holds; 0 leaves it to the story.
    #[arg(long, alias = "incidents", value_name = "N", default_value_t = 0)]
    history: usize,
    /// At least so many services; eleven without it.
    #[arg(long, value_name = "N", default_value_t = 0)]
    services: usize,
    /// Which key it names as its token.
    #[arg(long, value_enum, default_value_t = KeyLevel::Full)]
    key_level: KeyLevel,
    /// Answers every key as one of the other region.
    #[arg(long)]
    wrong_region: bool,
    /// So many seconds into the night its webhooks stop until somebody enables them; 0 lets them go on.
    #[arg(long, value_name = "SECONDS", default_value_t = 40)]
    night_outage_s: u32,
    /// The first wait before a webhook is tried again, doubled each time.
    #[arg(long, default_value_t = 30_000)]
    retry_ms: u64,
    /// How long a webhook's receiver has.
    #[arg(long, default_value_t = 5_000)]
    deadline_ms: u64,
    #[arg(long, alias = "rate-limit", default_value_t = 960)]
    requests_per_minute: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum KeyLevel {
    Full,
    ReadOnly,
    User,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Story {
    None,
    Past,
    Night,
}

impl PagerDuty {
    fn options(self) -> Options {
        Options {
            listen: self.listen,
            log: self.log,
            webhook_url: self.webhook_url,
            seed: self.seed,
            story: match self.story {
                Story::None => pagerduty::Story::None,
                Story::Past => pagerduty::Story::Past,
                Story::Night => pagerduty::Story::Night,
            },
            speed: self.speed,
            history_days: self.history_days,
            behind_s: self.behind_s,
            incidents: self.history,
            services: self.services,
            key_level: match self.key_level {
                KeyLevel::Full => pagerduty::KeyLevel::Full,
                KeyLevel::ReadOnly => pagerduty::KeyLevel::ReadOnly,
                KeyLevel::User => pagerduty::KeyLevel::User,
            },
            wrong_region: self.wrong_region,
            night_outage_s: Some(self.night_outage_s).filter(|s| *s > 0),
            retry_ms: self.retry_ms,
            deadline_ms: self.deadline_ms,
            requests_per_minute: self.requests_per_minute,
            ..Options::default()
        }
    }
}

pub async fn run(command: Sandbox, json: bool) -> Result<(), Failure> {
    let Sandbox::Pagerduty(asked) = command;
    let options = asked.options();
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
