//! Rounds of one load over several servers, each round beginning with another one, so that what the machine does
//! meanwhile falls on all of them alike.

use crate::load::Summary;
use crate::stats::Spread;
use crate::target::{Place, Server, Target, database};
use crate::{say, target};
use anyhow::{Context, Result};
use serde::Serialize;
use std::path::Path;

/// One server under one load, once.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    pub load: Summary,
    pub cpu_us_per_request: f64,
    pub pss_bytes: u64,
    /// Acknowledged but not in the database after the stop; absent where nothing is kept.
    pub lost: Option<u64>,
}

/// One server under one load, all rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub target: &'static str,
    pub rate: Spread,
    pub p50_ms: Spread,
    pub p99_ms: Spread,
    pub p999_ms: Spread,
    pub cpu_us_per_request: Spread,
    pub load_cpu_us_per_request: Spread,
    pub pss_mb: Spread,
    pub lag_p99_ms: Spread,
    pub non_2xx: u64,
    pub errors: u64,
    pub lost: Option<u64>,
    pub runs: Vec<Run>,
}

pub fn run(place: &Place, targets: &[Target], rounds: usize, name: &str, load: &[String]) -> Result<Vec<Row>> {
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); targets.len()];
    for round in 0..rounds {
        for turn in 0..targets.len() {
            let which = (round + turn) % targets.len();
            let run = once(place, targets[which], name, load)?;
            say(&format!(
                "{name} {}/{rounds} {}: {:.0}/s, p99 {:.2} ms, {:.0} us CPU a request",
                round + 1,
                targets[which].name(),
                run.load.rate,
                run.load.p99_us as f64 / 1e3,
                run.cpu_us_per_request,
            ));
            runs[which].push(run);
        }
    }
    Ok(targets.iter().zip(runs).map(|(target, runs)| Row::of(*target, runs)).collect())
}

fn once(place: &Place, target: Target, name: &str, load: &[String]) -> Result<Run> {
    let folder = place.folder(&format!("{name}-{}", target.name()))?;
    let server = Server::start(place, target, &folder)?;
    let load = place.load(&server, load)?;
    let pss_bytes = server.pss_bytes()?;
    server.stop()?;
    let lost = match target {
        Target::Alertmanager => None,
        Target::Ours | Target::Floor => Some(load.acknowledged.saturating_sub(rows(&folder)?)),
    };
    std::fs::remove_dir_all(&folder)?;
    Ok(Run { cpu_us_per_request: per_request(load.server_cpu_us, &load), pss_bytes, lost, load })
}

fn per_request(cpu_us: u64, load: &Summary) -> f64 {
    cpu_us as f64 / load.answered.max(1) as f64
}

/// Deliveries that the database has.
pub fn rows(folder: &Path) -> Result<u64> {
    let path = target::database(folder);
    let conn = rusqlite::Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)
        .with_context(|| format!("opening {}", path.display()))?;
    let rows: i64 = conn.query_row("SELECT count(*) FROM inbox WHERE source = 'pagerduty'", [], |row| row.get(0))?;
    Ok(rows.unsigned_abs())
}

/// What a database takes on the disk, its log included.
pub fn database_bytes(folder: &Path) -> (u64, u64) {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |meta| meta.len());
    let file = database(folder);
    (size(&file), size(&file.with_extension("db-wal")))
}

impl Row {
    fn of(target: Target, runs: Vec<Run>) -> Self {
        let spread = |value: &dyn Fn(&Run) -> f64| Spread::of(runs.iter().map(value));
        Self {
            target: target.name(),
            rate: spread(&|run| run.load.rate),
            p50_ms: spread(&|run| run.load.p50_us as f64 / 1e3),
            p99_ms: spread(&|run| run.load.p99_us as f64 / 1e3),
            p999_ms: spread(&|run| run.load.p999_us as f64 / 1e3),
            cpu_us_per_request: spread(&|run| run.cpu_us_per_request),
            load_cpu_us_per_request: spread(&|run| per_request(run.load.load_cpu_us, &run.load)),
            pss_mb: spread(&|run| run.pss_bytes as f64 / 1e6),
            lag_p99_ms: spread(&|run| run.load.lag_p99_us as f64 / 1e3),
            non_2xx: runs.iter().map(|run| run.load.non_2xx).sum(),
            errors: runs.iter().map(|run| run.load.errors).sum(),
            lost: runs.iter().map(|run| run.lost).sum(),
            runs,
        }
    }
}
