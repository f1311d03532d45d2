//! The store: whether it opens and takes a commit durably, on what disk, and what it remembers about refused webhooks and
//! running servers. Makes no new database: before the first start only the folder is looked at.

use super::line::{Line, State};
use super::{PATIENCE, disk};
use crate::config::{Config, SpoolPlace, StoreUrl};
use crate::wiring;
use duties::intake_guard;
use model::Micros;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::processes::{self, Process};
use store::{Store, StoreError, Tx, duty_state, receipts};

const COMMITS: u32 = 20;
/// A server says that it lives every few seconds.
const ALIVE_S: i64 = 20;

/// What was found, and what the store remembers of webhooks.
#[derive(Default)]
pub struct Found {
    pub lines: Vec<Line>,
    /// Subscriptions whose webhooks fail their signature, since when.
    pub refused: Vec<(String, Micros)>,
    pub last_webhook_at: Option<Micros>,
}

#[derive(Default)]
struct Remembered {
    refused: Vec<(String, Micros)>,
    last_webhook_at: Option<Micros>,
    alive: Vec<Process>,
}

pub async fn look(config: &Config) -> Found {
    let (place, is_made) = match &config.store.url {
        StoreUrl::Sqlite(path) => (format!("SQLite in {}", path.display()), path.exists()),
        StoreUrl::Postgres(_) => ("PostgreSQL".to_owned(), true),
    };
    let mut found = if is_made {
        match tokio::time::timeout(PATIENCE, open(config, &place)).await {
            Ok(found) => found,
            Err(_) => failed(Line::fail(
                "store",
                format!("{place} did not answer within {} s", PATIENCE.as_secs()),
                "look at [store] url, and whether the database or its disk hangs",
            )),
        }
    } else {
        failed(Line::ok("store", format!("{place} is made by the first start")))
    };
    found.lines.extend(disks(config).await);
    found
}

fn failed(line: Line) -> Found {
    Found { lines: vec![line], ..Found::default() }
}

async fn open(config: &Config, place: &str) -> Found {
    let opened = async {
        let store = wiring::open_store(config).map_err(|error| StoreError::Refused(error.text().to_owned()))?;
        let looked = ask(&store, place).await;
        store.close().await;
        looked
    };
    opened.await.unwrap_or_else(|error: StoreError| {
        failed(match error {
            StoreError::Refused(text) => Line::told("store", State::Fail, &text).or_do("correct [store] url"),
            StoreError::Unwritable(_) => Line::fail(
                "store",
                format!("{place}: {error}"),
                "run this as the service's own user; make room on the disk; mount it writable",
            ),
            _ => Line::fail("store", format!("{place}: {error}"), "look at [store] url and at the database's own log"),
        })
    })
}

async fn ask(store: &Store, place: &str) -> Result<Found, StoreError> {
    let settings = store.durability().await?;
    let begun = Instant::now();
    for _ in 0..COMMITS {
        store.probe().await?;
    }
    let commit = begun.elapsed() / COMMITS;
    let known = store.read(|tx| Box::pin(remembered(tx))).await?;
    let mut lines = vec![durable(place, &settings, commit)];
    lines.extend(known.alive.iter().map(running));
    Ok(Found { lines, refused: known.refused, last_webhook_at: known.last_webhook_at })
}

fn durable(place: &str, settings: &[(String, String)], commit: Duration) -> Line {
    let shown: Vec<String> = settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let text = format!("{place} takes a commit in {:.1} ms ({})", commit.as_secs_f64() * 1e3, shown.join(", "));
    let off: Vec<&str> =
        settings.iter().filter(|(name, value)| is_unsafe(name, value)).map(|(n, _)| n.as_str()).collect();
    if off.is_empty() {
        return Line::ok("store", text);
    }
    Line::fail(
        "store",
        format!("{text}; what is acknowledged would not survive a power cut"),
        format!("turn {} on in the database's configuration", off.join(" and ")),
    )
}

/// Settings with which a commit does not reach the disk.
fn is_unsafe(name: &str, value: &str) -> bool {
    match name {
        "fsync" | "full_page_writes" | "synchronous_commit" => value == "off",
        "synchronous" => value != "2" && value != "3",
        _ => false,
    }
}

fn running(process: &Process) -> Line {
    let Process { role, host, version, .. } = process;
    let text = format!("a server runs on {host} (role {role}, version {version})");
    let own = env!("CARGO_PKG_VERSION");
    if version == own {
        return Line::ok("server", text);
    }
    Line::warn(
        "server",
        format!("{text}, and this program is version {own}"),
        "restart it with this version when it suits",
    )
}

async fn remembered(tx: &mut Tx) -> Result<Remembered, StoreError> {
    let states = duty_state::all::<intake_guard::State>(tx, intake_guard::DUTY, intake_guard::VERSION).await?;
    let refused = states.into_iter().filter_map(|(subscription, state, _)| Some((subscription, state.open_since?)));
    Ok(Remembered {
        refused: refused.collect(),
        last_webhook_at: receipts::last_webhook(tx).await?,
        alive: processes::alive(tx, ALIVE_S).await?,
    })
}

/// The disks that acknowledgements wait for, measured away from the runtime's threads.
async fn disks(config: &Config) -> Vec<Line> {
    let folders = folders(config);
    let measured = tokio::task::spawn_blocking(move || {
        folders.iter().flat_map(|(what, folder)| disk::look(what, folder)).collect::<Vec<_>>()
    });
    measured.await.unwrap_or_default()
}

/// The database's own folder, or the spool's: where a webhook has to lie before it is acknowledged.
fn folders(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let above = |path: &Path| path.parent().map(Path::to_path_buf).unwrap_or_default();
    match (&config.store.url, &config.store.spool) {
        (StoreUrl::Sqlite(path), _) => vec![("disk", above(path))],
        (StoreUrl::Postgres(_), SpoolPlace::File(path)) => vec![("spool", above(path))],
        (StoreUrl::Postgres(_), SpoolPlace::Off) => Vec::new(),
    }
}
