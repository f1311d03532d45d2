//! `sandbox`: one simulated outside system by itself, until told to stop.

mod bridges;
mod hosts;

use super::{Failure, say};
use crate::server;
use clap::{Args, Subcommand, ValueEnum};
use sandbox::pagerduty::{self, Options};
use sandbox::{aws, phone, slack};
use serde::Serialize;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Sandbox {
    /// PagerDuty: REST, Events v2 and webhooks, with faults scripted over /_control.
    Pagerduty(Box<PagerDuty>),
    /// Slack: Web API, webhooks, buttons and commands over HTTP or Socket Mode, and the workspace as a page.
    Slack(Slack),
    /// Backlog: API v2 with keys and OAuth, webhooks; people act over /_control.
    Backlog(bridges::Backlog),
    /// Google Calendar: service account, events with sync and push, the private feed.
    Google(bridges::Google),
    /// Bastions and hosts behind SSH: state that breaks and heals, commands that answer, faults scripted over /_control.
    Hosts(hosts::Hosts),
    /// A webhook and a mailbox that stand for somebody's phone: they record what comes.
    Phone(Phone),
    /// SNS with SMS and signed notifications, SES receiving, the GET of S3.
    Aws(Aws),
}

#[derive(Debug, Args)]
pub struct PagerDuty {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where it takes mail for its e-mail integrations; a free port of the same address without it.
    #[arg(long, value_name = "ADDR")]
    mail_listen: Option<SocketAddr>,
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
    /// Of each integration key.
    #[arg(long, default_value_t = 120)]
    events_per_minute: u32,
    /// How long an accepted event or mail takes to become an alert.
    #[arg(long, default_value_t = 150)]
    event_lag_ms: u64,
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
            mail_listen: self.mail_listen,
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
            events_per_minute: self.events_per_minute,
            event_lag_ms: self.event_lag_ms,
        }
    }
}

/// A workspace with people, channels and an app.
#[derive(Debug, Args)]
pub struct Slack {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Appends every effect on it as a line of JSON, synced before the answer.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A channel with a webhook; may be given more than once.
    #[arg(long = "channel", value_name = "NAME", default_value = "alerts")]
    channels: Vec<String>,
    /// So many messages at once before one a second is all that a channel takes; 0 takes all.
    #[arg(long, default_value_t = 10)]
    burst: u32,
    /// Takes every call, however many come.
    #[arg(long)]
    no_limits: bool,
    /// Where presses and views go; by socket without it.
    #[arg(long, value_name = "URL")]
    interactions_url: Option<String>,
    /// Where slash commands go; by socket without it.
    #[arg(long, value_name = "URL")]
    commands_url: Option<String>,
    /// Where events go; by socket without it.
    #[arg(long, value_name = "URL")]
    events_url: Option<String>,
}

/// A webhook and a mailbox that stand for somebody's phone.
#[derive(Debug, Args)]
pub struct Phone {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where it takes mail; a free port of the same address without it.
    #[arg(long, value_name = "ADDR")]
    mail_listen: Option<SocketAddr>,
    /// Appends every effect on it as a line of JSON, synced before the answer.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// SNS, SES receiving and the GET of S3.
#[derive(Debug, Args)]
pub struct Aws {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Appends every effect on it as a line of JSON, synced before the answer.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value = "ap-northeast-1")]
    region: String,
    /// What notifications name as the address of their certificate; its own, where it is served, without it.
    #[arg(long, value_name = "URL")]
    cert_url: Option<String>,
    /// How long until a notification is tried again.
    #[arg(long, default_value_t = 20_000)]
    retry_ms: u64,
}

pub async fn run(command: Sandbox, json: bool) -> Result<(), Failure> {
    match command {
        Sandbox::Pagerduty(asked) => pagerduty(asked, json).await,
        Sandbox::Slack(asked) => slack(asked, json).await,
        Sandbox::Backlog(asked) => bridges::backlog(asked, json).await,
        Sandbox::Google(asked) => bridges::google(asked, json).await,
        Sandbox::Hosts(asked) => hosts::hosts(asked, json).await,
        Sandbox::Phone(asked) => phone(asked, json).await,
        Sandbox::Aws(asked) => aws(asked, json).await,
    }
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Failed(error.to_string())
}

/// One line of JSON, or what a person wants to know first.
fn announce(info: &impl Serialize, lines: &[(&str, &str)], json: bool) -> Result<(), Failure> {
    if json {
        say(serde_json::to_string(info).map_err(failed)?);
        return Ok(());
    }
    for (n, (name, value)) in lines.iter().enumerate() {
        if n == 0 {
            say(format_args!("{name} at {value}"));
        } else {
            say(format_args!("  {name:<15} {value}"));
        }
    }
    Ok(())
}

async fn pagerduty(asked: Box<PagerDuty>, json: bool) -> Result<(), Failure> {
    let running = pagerduty::start(asked.options()).await.map_err(failed)?;
    let info = running.info();
    let lines = [
        ("simulated PagerDuty", info.url.as_str()),
        ("token", &info.token),
        ("from", &info.from),
        ("webhook secret", &info.webhook_secret),
        ("mail", &info.mail),
        ("faults", &info.control_url),
    ];
    announce(info, &lines, json)?;
    server::asked_to_stop().await;
    running.stop().await;
    Ok(())
}

async fn slack(asked: Slack, json: bool) -> Result<(), Failure> {
    let options = slack::Options {
        listen: asked.listen,
        log: asked.log,
        seed: asked.seed,
        channels: asked.channels,
        burst: if asked.no_limits { 0 } else { asked.burst },
        limits: if asked.no_limits { slack::Limits::NONE } else { slack::Limits::default() },
        interactions_url: asked.interactions_url,
        commands_url: asked.commands_url,
        events_url: asked.events_url,
        ..slack::Options::default()
    };
    let running = slack::start(options).await.map_err(failed)?;
    let info = running.info();
    let lines = [
        ("simulated Slack", info.url.as_str()),
        ("api", &info.api_url),
        ("bot token", &info.bot_token),
        ("app token", &info.app_token),
        ("signing secret", &info.signing_secret),
        ("webhook", &info.webhook_url),
        ("faults", &info.control_url),
    ];
    announce(info, &lines, json)?;
    server::asked_to_stop().await;
    running.stop().await;
    Ok(())
}

async fn phone(asked: Phone, json: bool) -> Result<(), Failure> {
    let options = phone::Options { listen: asked.listen, mail_listen: asked.mail_listen, log: asked.log };
    let running = phone::start(options).await.map_err(failed)?;
    let info = running.info();
    let lines = [
        ("simulated phone", info.url.as_str()),
        ("webhook", &info.webhook_url),
        ("mail", &info.mail),
        ("faults", &info.control_url),
    ];
    announce(info, &lines, json)?;
    server::asked_to_stop().await;
    running.stop().await;
    Ok(())
}

async fn aws(asked: Aws, json: bool) -> Result<(), Failure> {
    let options = aws::Options {
        listen: asked.listen,
        log: asked.log,
        seed: asked.seed,
        region: asked.region,
        cert_url: asked.cert_url,
        retry_ms: asked.retry_ms,
        ..aws::Options::default()
    };
    let running = aws::start(options).await.map_err(failed)?;
    let info = running.info();
    let lines = [
        ("simulated AWS", info.url.as_str()),
        ("access key", &info.access_key),
        ("secret key", &info.secret_key),
        ("topic", &info.topic_arn),
        ("faults", &info.control_url),
    ];
    announce(info, &lines, json)?;
    server::asked_to_stop().await;
    running.stop().await;
    Ok(())
}
