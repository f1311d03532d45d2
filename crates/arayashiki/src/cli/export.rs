//! `export`: everything that is kept of a kind, written out as CSV or JSON. Reads in stretches, so that its memory does not
//! grow with what there is, and puts the file in its place only when it is whole.

mod rows;
mod sink;
mod table;

use super::backfill::grouped;
use super::{Failure, say, say_on_stderr};
use crate::config::Config;
use crate::{server, wiring};
use clap::{Args, ValueEnum};
use rows::Place;
use sink::{Sink, Target};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use store::{Store, StoreError, audit};

const ACTOR: &str = "command line";
/// One consistent view lasts so long at most: a longer one would keep SQLite's log from starting anew, and PostgreSQL's
/// connection counts as hanging later.
const STRETCH: Duration = Duration::from_secs(8);
const TELL_EVERY: Duration = Duration::from_secs(4);

#[derive(Debug, Args)]
pub struct Export {
    #[arg(long, value_enum)]
    what: What,
    #[arg(long, value_enum)]
    format: Format,
    /// The file to write; - for standard output.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    Incidents,
    /// A row for each alert, with its incident.
    Alerts,
    /// Alert mails with their place in the ledger; their bytes stay sealed.
    Mails,
    #[value(hide = true)]
    Runs,
    /// Who did what, when.
    Audit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Json,
    #[value(hide = true)]
    Parquet,
}

impl What {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Incidents => "incidents",
            Self::Alerts => "alerts",
            Self::Mails => "mails",
            Self::Runs => "runs",
            Self::Audit => "audit rows",
        }
    }
}

pub async fn run(config: &Config, asked: &Export, json: bool) -> Result<(), Failure> {
    refuse(asked)?;
    let target = Target::new(&asked.out, asked.force).map_err(Failure::Wrong)?;
    let store = wiring::open_store(config)?;
    let written = tokio::select! {
        written = write(&store, asked.what, asked.format, &target) => written,
        () = server::asked_to_stop() => Err(Failure::Failed("stopped before the end: nothing was written".to_owned())),
    };
    store.close().await;
    if let Some(rows) = written? {
        tell(asked, &target, rows, json);
    }
    Ok(())
}

/// What this version keeps nothing of, or writes no file of.
fn refuse(asked: &Export) -> Result<(), Failure> {
    let wrong = |text: &str| Err(Failure::Wrong(text.to_owned()));
    match (asked.what, asked.format) {
        (What::Runs, _) => {
            wrong("this version runs no runbooks, so it keeps no runs: take incidents, alerts, mails or audit")
        }
        (_, Format::Parquet) => wrong("this version writes no Parquet: take --format csv or --format json"),
        _ => Ok(()),
    }
}

/// How many rows were written; `None` when whoever read them has read enough.
async fn write(store: &Store, what: What, format: Format, target: &Target) -> Result<Option<u64>, Failure> {
    note(store, what).await?;
    match all(store, what, format, target).await {
        Ok(rows) => Ok(Some(rows)),
        Err(Trouble::Store(error)) => Err(error.into()),
        Err(Trouble::Write(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(None),
        Err(Trouble::Write(error)) => Err(Failure::Failed(format!(
            "{target} can't be written: {error}. Make room or name another place; nothing was left behind"
        ))),
    }
}

async fn all(store: &Store, what: What, format: Format, target: &Target) -> Result<u64, Trouble> {
    let mut sink = Sink::open(target, what, format).map_err(Trouble::Write)?;
    let (mut place, mut told_at) = (Place::Begin, Instant::now());
    while !matches!(place, Place::End) {
        (sink, place) = stretch(store, what, sink, place).await?;
        if told_at.elapsed() > TELL_EVERY && target.is_file() {
            say_on_stderr(format_args!("{} {}", grouped(i64::try_from(sink.rows).unwrap_or(i64::MAX)), what.as_str()));
            told_at = Instant::now();
        }
    }
    sink.finish().map_err(Trouble::Write)
}

enum Trouble {
    Store(StoreError),
    Write(std::io::Error),
}

/// As many pages as fit into one view.
async fn stretch(store: &Store, what: What, mut sink: Sink, mut place: Place) -> Result<(Sink, Place), Trouble> {
    let begun = Instant::now();
    let read = store.read(move |tx| {
        Box::pin(async move {
            while !matches!(place, Place::End) && begun.elapsed() < STRETCH {
                place = match rows::page(tx, what, place, &mut sink).await? {
                    Ok(next) => next,
                    Err(error) => return Ok(Err(error)),
                };
            }
            Ok(Ok((sink, place)))
        })
    });
    read.await.map_err(Trouble::Store)?.map_err(Trouble::Write)
}

/// That everything was taken out is worth knowing afterwards.
async fn note(store: &Store, what: What) -> Result<(), StoreError> {
    let detail = serde_json::json!({ "what": what.as_str() });
    let unit = store.write("export", move |tx| {
        Box::pin(async move { audit::add(tx, ACTOR, "data.export", "export", None, &detail).await })
    });
    unit.await
}

fn tell(asked: &Export, target: &Target, rows: u64, json: bool) {
    if !target.is_file() {
        return;
    }
    if json {
        say(serde_json::json!({ "what": asked.what.as_str(), "rows": rows, "file": asked.out }));
    } else {
        let rows = grouped(i64::try_from(rows).unwrap_or(i64::MAX));
        say(format_args!("{rows} {} in {target}", asked.what.as_str()));
    }
}
