//! What a minute of full load leaves behind, and how fast the workers read it up once the load is over.

use crate::load::Summary;
use crate::rounds::{database_bytes, rows};
use crate::target::{Place, Server, Target};
use crate::{http, say, target};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::Value;
use std::time::{Duration, Instant};

const LOOK_EVERY: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(1_800);

#[derive(Clone, Debug, Serialize)]
pub struct Drain {
    pub load: Summary,
    /// Acknowledged and not yet read when the load ended.
    pub backlog: u64,
    pub seconds: f64,
    pub signals_per_s: f64,
    /// Read while the load was on, a second.
    pub read_under_load_per_s: f64,
    pub cpu_us_per_request: f64,
    /// Receiving and reading together, until nothing waits.
    pub cpu_us_per_signal: f64,
    pub pss_after_load_mb: f64,
    pub log_after_load_mb: f64,
    pub database_bytes_per_signal: f64,
    pub lost: u64,
}

pub fn run(place: &Place, seconds: f64, load: &[String]) -> Result<Drain> {
    let folder = place.folder("drain-ours")?;
    let token = target::token(place, &folder)?;
    let server = Server::start(place, Target::Ours, &folder)?;
    let cpu_before_us = server.cpu_us()?;
    say(&format!("drain: {seconds:.0} s of load"));
    let load = place.load(&server, load)?;
    let ended = Instant::now();
    let pss_after_load = server.pss_bytes()?;
    let (_, log_bytes) = database_bytes(&folder);
    let backlog = waiting(&server, &token)?;
    say(&format!("drain: {:.0}/s taken, {backlog} wait to be read", load.rate));
    let mut left = backlog;
    while left > 0 {
        ensure!(ended.elapsed() < PATIENCE, "{left} signals still wait after {PATIENCE:?}");
        std::thread::sleep(LOOK_EVERY);
        left = waiting(&server, &token)?;
    }
    let drained = ended.elapsed().as_secs_f64();
    let cpu_us = server.cpu_us()?.saturating_sub(cpu_before_us);
    server.stop()?;
    let kept = rows(&folder)?;
    let (file_bytes, _) = database_bytes(&folder);
    std::fs::remove_dir_all(&folder)?;
    let signals = load.acknowledged.max(1) as f64;
    Ok(Drain {
        backlog,
        seconds: drained,
        signals_per_s: backlog as f64 / drained.max(f64::EPSILON),
        read_under_load_per_s: load.acknowledged.saturating_sub(backlog) as f64 / seconds,
        cpu_us_per_request: load.server_cpu_us as f64 / load.answered.max(1) as f64,
        cpu_us_per_signal: cpu_us as f64 / signals,
        pss_after_load_mb: pss_after_load as f64 / 1e6,
        log_after_load_mb: log_bytes as f64 / 1e6,
        database_bytes_per_signal: file_bytes as f64 / signals,
        lost: load.acknowledged.saturating_sub(kept),
        load,
    })
}

fn waiting(server: &Server, token: &str) -> Result<u64> {
    let (status, body) = http::get(server.address, "/api/v1/account", Some(token))?;
    ensure!(status == 200, "/api/v1/account answered {status}: {body}");
    let account: Value = serde_json::from_str(&body)?;
    account["waiting"].as_u64().with_context(|| format!("no number \"waiting\" in {body}"))
}
