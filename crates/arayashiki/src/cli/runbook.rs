//! `runbook`: what is wrong with runbooks, which there are, and running one. A running server does the work; this asks for it and
//! shows what comes.

use super::{Failure, say};
use crate::config::Config;
use crate::wiring;
use clap::{Args, Subcommand};
use duties::runbooks::{self, Severity};
use duties::safety_net::desk::{Act, Said};
use engine::hosts::ask;
use model::Scope;
use model::signal::{Key, Origin, Signal, digest, source};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use store::runs::{self, Run};
use store::{Store, inbox};

#[derive(Debug, Subcommand)]
pub enum Runbook {
    /// Name every mistake in runbooks, with its line and column.
    #[command(after_help = "Without files: those that the configuration names, and those that ship.")]
    Lint { files: Vec<PathBuf> },
    /// Which runbooks there are, and which may run unattended.
    List,
    /// Run one on a host and show what comes back.
    Run(Asked),
}

#[derive(Debug, Args)]
pub struct Asked {
    name: String,
    #[arg(long)]
    host: String,
    /// The incident that it is for: what comes back stands beside it.
    #[arg(long, value_name = "ID")]
    incident: Option<String>,
    /// A parameter of the runbook, as NAME=VALUE.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Show exactly what would be sent to the host, and run nothing.
    #[arg(long)]
    dry_run: bool,
}

/// A server takes what is asked for within moments.
const TAKEN_WITHIN: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub async fn run(config: &Config, json: bool, command: Runbook) -> Result<(), Failure> {
    match command {
        Runbook::Lint { files } => lint(config, json, &files),
        Runbook::List => list(config, json).await,
        Runbook::Run(asked) => one(config, json, asked).await,
    }
}

fn lint(config: &Config, is_json: bool, files: &[PathBuf]) -> Result<(), Failure> {
    let texts = if files.is_empty() {
        wiring::hosts::runbook_files(config)
    } else {
        files.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?
    };
    let count = texts.len();
    let (_, problems) = runbooks::set(texts);
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if is_json {
        let rows: Vec<_> = problems
            .iter()
            .map(|one| {
                json!({ "file": one.file, "line": one.place.line, "column": one.place.column,
                    "severity": if one.severity == Severity::Error { "error" } else { "warning" }, "says": one.says, "remedy": one.remedy })
            })
            .collect();
        say(json!({ "files": count, "problems": rows }));
    } else {
        for problem in &problems {
            say(problem);
        }
        say(format_args!("{count} runbooks, {errors} errors, {} warnings", problems.len() - errors));
    }
    if errors > 0 { Err(Failure::Failed(format!("{errors} errors in {count} runbooks"))) } else { Ok(()) }
}

fn read(path: &std::path::Path) -> Result<(String, String), Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Failed(format!("{}: can't be read: {error}", path.display())))?;
    Ok((path.display().to_string(), text))
}

async fn list(config: &Config, is_json: bool) -> Result<(), Failure> {
    let (estate, store) = (wiring::hosts::estate(config)?, wiring::open_store(config)?);
    let mut rows = Vec::new();
    for runbook in estate.runbooks.iter() {
        let (name, digest) = (runbook.name.clone(), runbook.digest.clone());
        let is_shipped = estate.shipped.contains(&digest);
        let approved = store.read(move |tx| {
            let (name, digest) = (name.clone(), digest.clone());
            Box::pin(async move { store::runbook_approvals::is_approved(tx, &name, &digest).await })
        });
        let standing = match (is_shipped, approved.await?) {
            (true, _) => "shipped",
            (false, true) => "approved",
            (false, false) => "waits for approval",
        };
        rows.push((runbook, standing));
    }
    store.close().await;
    if is_json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(one, standing)| {
                json!({ "name": one.name, "title": one.title, "class": one.class.as_str(), "digest": one.digest, "standing": standing,
                    "steps": one.steps.len(), "file": one.file })
            })
            .collect();
        say(json!({ "runbooks": rows }));
        return Ok(());
    }
    for (one, standing) in rows {
        say(format_args!("{:<20} {:<8} {standing:<18} {}", one.name, one.class.as_str(), one.title.en));
    }
    Ok(())
}

async fn one(config: &Config, is_json: bool, asked: Asked) -> Result<(), Failure> {
    let parameters = parameters(&asked.set)?;
    let hosts = wiring::hosts::some(config)?;
    let estate = hosts.estate();
    let (host, runbook) = ask::named(&estate, &asked.host, &asked.name).map_err(|why| Failure::Failed(why.en))?;
    let at = runbooks::Where { host: host.name.clone(), hops: host.via.clone(), customer: host.customer.clone() };
    let plan = hosts
        .settings
        .bounded(runbook)
        .plan(at, &parameters)
        .map_err(|wrong| Failure::Failed(wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
    if asked.dry_run {
        if is_json {
            say(serde_json::to_string(&plan).map_err(|error| Failure::Failed(error.to_string()))?);
            return Ok(());
        }
        let digest = plan.digest().map_err(|error| Failure::Failed(error.to_string()))?;
        say(format_args!("on {}{}, plan {digest}", plan.host, via(&plan.hops)));
        for step in &plan.steps {
            say(format_args!("\n# {} ({}), at most {} s", step.name, step.title.en, step.limits.time_ms / 1_000));
            say(step.stdin.as_deref().unwrap_or(&step.exec).trim_end());
        }
        return Ok(());
    }
    let store = wiring::open_store(config)?;
    let act = Act::Run {
        host: asked.host,
        runbook: asked.name,
        parameters,
        incident: asked.incident,
        digest: Some(runbook.digest.clone()),
    };
    let followed = follow(&store, act, is_json).await;
    store.close().await;
    followed
}

fn via(hops: &[String]) -> String {
    if hops.is_empty() { String::new() } else { format!(" via {}", hops.join(", ")) }
}

fn parameters(set: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let split = set.iter().map(|one| {
        let (name, value) = one
            .split_once('=')
            .ok_or_else(|| Failure::Wrong(format!("--set {one:?}: write NAME=VALUE, as in --set path=/var")))?;
        Ok((name.to_owned(), value.to_owned()))
    });
    split.collect()
}

/// Asks the running server for it, and shows what comes until it has ended.
async fn follow(store: &Store, act: Act, is_json: bool) -> Result<(), Failure> {
    let signal = ask_for(store, act).await?;
    let run = taken(store, signal).await?;
    let mut shown = BTreeMap::new();
    loop {
        let now = shown_of(store, run, &mut shown, is_json).await?;
        if now.ended_at.is_some() {
            return told(&now, is_json);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Gives the signal's number.
async fn ask_for(store: &Store, act: Act) -> Result<i64, Failure> {
    let said = Said { by: "command line".into(), account: "command line".into(), act };
    let raw = serde_json::to_vec(&said).map_err(|error| Failure::Failed(error.to_string()))?;
    let unit = store.write("ask_run", move |tx| {
        let raw = raw.clone();
        Box::pin(async move {
            let now = tx.now();
            let nonce = format!("{}-{}", std::process::id(), now.0);
            let signal = Signal {
                source: source::DESK,
                key: Key::of(source::DESK, &[nonce.as_bytes(), &raw]),
                digest: digest(&raw),
                received_at: now,
                origin: Origin::Live,
                raw,
                headers: "{}".into(),
            };
            inbox::insert(tx, &signal).await?;
            inbox::id_of(tx, &signal.key).await
        })
    });
    unit.await?.ok_or_else(|| Failure::Failed("what was asked for was not kept".into()))
}

async fn taken(store: &Store, signal: i64) -> Result<i64, Failure> {
    let begun = Instant::now();
    let key = format!("run/desk-{signal}");
    loop {
        let wanted = key.clone();
        let run = store.read(move |tx| {
            let wanted = wanted.clone();
            Box::pin(async move { runs::by_key(tx, &wanted).await })
        });
        if let Some(run) = run.await? {
            return Ok(run.id);
        }
        if begun.elapsed() > TAKEN_WITHIN {
            return Err(Failure::Failed(
                "nobody has taken it up: is `arayashiki serve` running on this database? What was asked for waits, and runs when a \
                 server starts"
                    .to_owned(),
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Prints what is new, and gives the run as it stands.
async fn shown_of(store: &Store, id: i64, shown: &mut BTreeMap<i64, i64>, is_json: bool) -> Result<Run, Failure> {
    let loaded = store.read(move |tx| {
        Box::pin(async move { Ok((runs::find(tx, &Scope::All, id).await?, runs::steps(tx, id).await?)) })
    });
    let (Some(run), steps) = loaded.await? else { return Err(Failure::Failed(format!("run {id} is not there"))) };
    for step in steps.iter().filter(|step| step.started_at.is_some()) {
        let (n, after) = (step.n, shown.get(&step.n).copied());
        if after.is_none() && !is_json {
            say(format_args!("\n# {}", step.name));
        }
        let last = after.unwrap_or(-1);
        let pieces =
            store.read(move |tx| Box::pin(async move { runs::output_after(tx, &Scope::All, id, n, last).await }));
        let pieces = pieces.await?;
        shown.insert(n, pieces.last().map_or(last, |piece| piece.piece));
        if !is_json {
            let mut out = std::io::stdout().lock();
            for piece in pieces {
                let _ = out.write_all(plain(&piece.body).as_bytes());
            }
            let _ = out.flush();
        }
    }
    Ok(run)
}

/// What a terminal would obey is shown instead.
fn plain(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c })
        .collect()
}

fn told(run: &Run, is_json: bool) -> Result<(), Failure> {
    let cause = run.cause.as_deref().map(model::plan::Words::kept);
    if is_json {
        say(json!({ "id": run.id, "state": run.state, "cause": cause, "level": run.level,
            "findings": serde_json::from_str::<serde_json::Value>(&run.findings).unwrap_or_default() }));
    } else {
        let cause = cause.map(|cause| format!(": {}", cause.en)).unwrap_or_default();
        say(format_args!("\nrun {} is {}{cause}", run.id, run.state));
        let findings: Vec<model::visit::Finding> = serde_json::from_str(&run.findings).unwrap_or_default();
        for finding in findings {
            say(format_args!("{}: {} ({})", finding.level.as_str(), finding.words.en, finding.step));
        }
    }
    if run.state == "done" { Ok(()) } else { Err(Failure::Failed(format!("run {} did not come to its end", run.id))) }
}
