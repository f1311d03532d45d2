//! `sandbox backlog` and `sandbox google`: the places where work waits that is no alert.

use super::{announce, failed};
use crate::cli::Failure;
use crate::server;
use clap::Args;
use sandbox::{backlog, google};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

/// Two customers' projects in a space.
#[derive(Debug, Args)]
pub struct Backlog {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Appends every effect on it as a line of JSON, synced before the answer.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where webhooks of both projects go; may be given more than once.
    #[arg(long = "webhook-url", value_name = "URL")]
    webhook_urls: Vec<String>,
    /// When its clock begins, as 2026-05-01T09:00:00+09:00; now without it.
    #[arg(long, value_name = "INSTANT")]
    start: Option<jiff::Timestamp>,
    /// So many tickets of the past beside the six.
    #[arg(long, value_name = "N", default_value_t = 0)]
    old_tickets: usize,
    /// Reading requests a minute of each user.
    #[arg(long, default_value_t = 600)]
    reads_per_minute: u32,
    /// Writing requests a minute of each user.
    #[arg(long, default_value_t = 150)]
    updates_per_minute: u32,
}

/// Calendars of maintenance, promises and leave.
#[derive(Debug, Args)]
pub struct Google {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Appends every effect on it as a line of JSON, synced before the answer.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Where the service account's key is written; a new file under the temporary folder without it.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When its clock begins, as 2026-05-01T09:00:00+09:00; now without it.
    #[arg(long, value_name = "INSTANT")]
    start: Option<jiff::Timestamp>,
    /// Its calendars are empty at the start.
    #[arg(long)]
    empty: bool,
    /// The service account may act for the people of the domain.
    #[arg(long)]
    delegation: bool,
    /// How long changes gather before a push tells of them.
    #[arg(long, default_value_t = 500)]
    push_lag_ms: u64,
    /// Of each user.
    #[arg(long, default_value_t = 600)]
    requests_per_minute: u32,
}

pub(super) async fn backlog(asked: Backlog, json: bool) -> Result<(), Failure> {
    let per_minute = backlog::PerMinute {
        read: asked.reads_per_minute,
        update: asked.updates_per_minute,
        ..backlog::PerMinute::default()
    };
    let options = backlog::Options {
        listen: asked.listen,
        log: asked.log,
        seed: asked.seed,
        webhook_urls: asked.webhook_urls,
        start: asked.start,
        old_tickets: asked.old_tickets,
        settings: backlog::Settings { per_minute, ..backlog::Settings::default() },
        ..backlog::Options::default()
    };
    let running = backlog::start(options).await.map_err(failed)?;
    let info = running.info();
    let lines =
        [("simulated Backlog", info.url.as_str()), ("API key", &info.api_key), ("people act at", &info.control_url)];
    announce(info, &lines, json)?;
    server::asked_to_stop().await;
    running.stop().await;
    Ok(())
}

pub(super) async fn google(asked: Google, json: bool) -> Result<(), Failure> {
    let own_folder = asked.key_file.is_none().then(key_folder).transpose()?;
    let options = google::Options {
        listen: asked.listen,
        log: asked.log,
        key_file: asked.key_file.or_else(|| own_folder.as_ref().map(|folder| folder.join("service-account.json"))),
        seed: asked.seed,
        start: asked.start,
        is_empty: asked.empty,
        push_lag_ms: asked.push_lag_ms,
        settings: google::Settings {
            delegation: asked.delegation,
            requests_per_minute: asked.requests_per_minute,
            ..google::Settings::default()
        },
        ..google::Options::default()
    };
    let running = google::start(options).await.map_err(failed)?;
    let info = running.info();
    let key_file = info.service_account.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let lines = [
        ("simulated Google Calendar", info.url.as_str()),
        ("service account", &key_file),
        ("token", &info.token_url),
        ("people plan at", &info.control_url),
    ];
    announce(info, &lines, json)?;
    server::asked_to_stop().await;
    running.stop().await;
    if let Some(folder) = own_folder {
        std::fs::remove_dir_all(folder).map_err(failed)?;
    }
    Ok(())
}

/// A new folder that nobody else can look into; one that is there already is not trusted.
fn key_folder() -> Result<PathBuf, Failure> {
    let folder = std::env::temp_dir().join(format!("arayashiki-google-{}", std::process::id()));
    let made = std::fs::DirBuilder::new().mode(0o700).create(&folder);
    let named = |e| failed(format_args!("cannot make {}: {e}; name a file with --key-file", folder.display()));
    made.map_err(named)?;
    Ok(folder)
}
