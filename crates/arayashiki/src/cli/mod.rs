//! The command line: what it takes, what it prints, how it ends. 0: done; 1: what was asked for failed or was found
//! wanting; 2: the command or the configuration is wrong, nothing was started or changed.

mod account;
mod backfill;
mod check;
mod demo;
mod export;
mod host;
mod mail;
mod message;
mod oncall;
mod person;
mod replay;
mod report;
mod runbook;
mod sandbox;
mod serve;
mod when;

use crate::config::{self, Config};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arayashiki: the storehouse beside PagerDuty. Nothing acknowledged is ever lost, nothing is done twice.
#[derive(Debug, Parser)]
#[command(name = "arayashiki", version, propagate_version = true)]
pub struct Arguments {
    /// The configuration; without it ./arayashiki.toml, then /etc/arayashiki/arayashiki.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print machine-readable output where there is output to read.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The whole system in one process with nothing to configure: a simulated PagerDuty account and a noisy night.
    #[command(
        after_help = "Example:\n  arayashiki demo --port 8080\n  arayashiki demo --data ./demo --speed 60 --seed 7"
    )]
    Demo(demo::Demo),
    /// Receivers, workers and the web interface, in one process or in several on one PostgreSQL.
    #[command(
        after_help = "Example:\n  arayashiki serve --config /etc/arayashiki/arayashiki.toml\n  arayashiki serve --role ingest"
    )]
    Serve(serve::Serve),
    /// Check the configuration and every connection in it, a line each with its remedy. Changes nothing in PagerDuty.
    #[command(after_help = "Example:\n  arayashiki check\n  arayashiki check --offline --config arayashiki.toml\n\n\
        Exit status: 0 all well, or warnings alone; 1 something failed; 2 the configuration is wrong.")]
    Check(check::Check),
    /// Fetch the incidents of a span of time, newest first. Safe to repeat; a running server does the work.
    #[command(
        after_help = "Example:\n  arayashiki backfill --since 2025-11-01\n  arayashiki backfill --since 2025-11-01 --until 2026-05-01"
    )]
    Backfill(backfill::Backfill),
    /// Write what is kept into a file, at any time.
    #[command(
        after_help = "Example:\n  arayashiki export --what incidents --format csv --out incidents.csv\n  arayashiki export --what alerts --format json --out - | jq length"
    )]
    Export(export::Export),
    /// Alert mail: what the safety net reads in it.
    #[command(after_help = "Example:\n  arayashiki mail test alert.eml")]
    Mail {
        #[command(subcommand)]
        command: mail::Mail,
    },
    /// Messages in Slack: how they are worded.
    #[command(after_help = "Example:\n  arayashiki message preview incident --language ja")]
    Message {
        #[command(subcommand)]
        command: message::Message,
    },
    /// Hosts: which there are, whether they can be reached, and whose keys are trusted.
    #[command(
        after_help = "Example:\n  arayashiki host list\n  arayashiki host find 'web-1: disk 95%'\n  arayashiki host trust web-1\n  arayashiki host test web-1"
    )]
    Host {
        #[command(subcommand)]
        command: host::Host,
    },
    /// Runbooks: what is wrong with them, which there are, and running one on a host.
    #[command(
        after_help = "Example:\n  arayashiki runbook lint runbooks/mine.yaml\n  arayashiki runbook run linux --host web-1 --dry-run"
    )]
    Runbook {
        #[command(subcommand)]
        command: runbook::Runbook,
    },
    /// Who is on call, by level, policy and schedule, and until when.
    #[command(
        name = "oncall",
        after_help = "Example:\n  arayashiki oncall\n  arayashiki oncall --at '2026-12-30 19:00' --json\n\n\
        Exit status: 0 told; 1 nobody is on call, or it is not known; 2 the time can't be read."
    )]
    OnCall(oncall::OnCall),
    /// People: when they are at work, and why.
    #[command(after_help = "Example:\n  arayashiki person hours sato --at '2026-12-30 19:00'")]
    Person {
        #[command(subcommand)]
        command: person::Person,
    },
    /// Accounts of people.
    #[command(
        after_help = "Example:\n  arayashiki user add --email sato@example.jp --name 'Sato Hanako' --role responder"
    )]
    User {
        #[command(subcommand)]
        command: account::User,
    },
    /// Tokens of programs.
    #[command(after_help = "Example:\n  arayashiki token create --name grafana --role viewer > token.txt")]
    Token {
        #[command(subcommand)]
        command: account::Token,
    },
    /// What is told of the record, and that nobody changed it.
    #[command(after_help = "Example:\n  arayashiki report verify --store")]
    Report {
        #[command(subcommand)]
        command: report::Report,
    },
    /// Read a signal, or run a job, once more by the same rules.
    #[command(after_help = "Example:\n  arayashiki replay inbox 4711\n  arayashiki replay job 12")]
    Replay {
        #[command(subcommand)]
        command: replay::Replay,
    },
    /// One simulated outside system by itself, for tests and for trying things.
    #[command(
        after_help = "Example:\n  arayashiki sandbox pagerduty --listen 127.0.0.1:9000 --json\n  arayashiki sandbox slack --channel alerts --json\n  arayashiki sandbox backlog --webhook-url http://127.0.0.1:8080/webhooks/backlog/SECRET"
    )]
    Sandbox {
        #[command(subcommand)]
        command: sandbox::Sandbox,
    },
}

/// Why a command ended badly.
#[derive(Debug)]
pub enum Failure {
    /// It was tried and did not work, or was found wanting.
    Failed(String),
    /// The command or the configuration is wrong; nothing was started or changed.
    Wrong(String),
}

impl Failure {
    pub fn text(&self) -> &str {
        match self {
            Self::Failed(text) | Self::Wrong(text) => text,
        }
    }
}

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        Self::Failed(match error {
            store::StoreError::Refused(text) => text,
            other => format!("{other}: look at [store] url and at the database's own log"),
        })
    }
}

pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let json = arguments.json;
    let path = arguments.config;
    match arguments.command {
        Command::Demo(demo) => demo::run(&demo, json).await,
        Command::Sandbox { command } => sandbox::run(command, json).await,
        Command::Serve(serve) => serve::run(&serve, &load(path.as_deref())?).await,
        Command::Check(check) => check::run(&check, path.as_deref(), json).await,
        Command::Backfill(asked) => backfill::run(&load(path.as_deref())?, &asked, json).await,
        Command::Export(asked) => export::run(&load(path.as_deref())?, &asked, json).await,
        Command::Mail { command } => mail::run(&load(path.as_deref())?, &command, json),
        Command::Message { command } => message::run(&load(path.as_deref())?, &command, json),
        Command::OnCall(asked) => oncall::run(&load(path.as_deref())?, &asked, json).await,
        Command::Person { command } => person::run(&load(path.as_deref())?, &command, json).await,
        Command::User { command } => account::user(&load(path.as_deref())?, command, json).await,
        Command::Token { command } => account::token(&load(path.as_deref())?, command, json).await,
        Command::Host { command } => host::run(&load(path.as_deref())?, json, command).await,
        Command::Runbook { command } => runbook::run(&load(path.as_deref())?, json, command).await,
        Command::Report { command } => report::run(&load(path.as_deref())?, &command, json).await,
        Command::Replay { command } => replay::run(&load(path.as_deref())?, command).await,
    }
}

fn load(path: Option<&std::path::Path>) -> Result<Config, Failure> {
    config::load(path, config::environment()).map_err(|error| Failure::Wrong(error.to_string()))
}

/// Prints a failure and says how the process ends.
pub fn fail(failure: &Failure) -> ExitCode {
    say_on_stderr(failure.text());
    ExitCode::from(match failure {
        Failure::Failed(_) => 1,
        Failure::Wrong(_) => 2,
    })
}

/// An answer, on standard output.
pub fn say(text: impl std::fmt::Display) {
    use std::io::Write;
    // Whoever closed the pipe has read enough.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A remark, on standard error.
pub fn say_on_stderr(text: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Reads from the environment which crash point, sabotage and clock a test wants; a release build knows none of them.
pub fn arm_faults() {
    let of =
        |name: &str| config::environment().find(|(key, _)| key == name).map(|(_, value)| value).unwrap_or_default();
    store::faults::arm(&of("ARAYASHIKI_CRASH_POINT"), &of("ARAYASHIKI_SABOTAGE"));
    store::faults::follow_clock(&of("ARAYASHIKI_CLOCK"));
}
