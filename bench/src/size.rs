//! What it takes to have it: seconds until it is ready, memory while nothing happens, the program's file, the build.

use crate::load::Summary;
use crate::say;
use crate::stats::Spread;
use crate::target::{Place, Server, Target};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

#[derive(Clone, Debug, Serialize)]
pub struct Size {
    pub ready_fresh_s: Spread,
    pub ready_existing_s: Spread,
    /// Signals in the existing database.
    pub existing_signals: u64,
    pub idle_pss_mb: f64,
    pub idle_cpu_ms_per_s: f64,
    pub binary_mb: f64,
}

pub fn run(place: &Place, rounds: usize, idle: Duration) -> Result<Size> {
    say("size: starts");
    let mut fresh = Vec::new();
    for _ in 0..rounds {
        let server = Server::start(place, Target::Ours, &place.folder("size-fresh")?)?;
        fresh.push(server.ready_after.as_secs_f64());
        server.stop()?;
    }
    let folder = place.folder("size-existing")?;
    let filled = fill(place, &folder)?;
    let mut existing = Vec::new();
    for _ in 0..rounds {
        let server = Server::start(place, Target::Ours, &folder)?;
        existing.push(server.ready_after.as_secs_f64());
        server.stop()?;
    }
    let folder = place.folder("size-idle")?;
    let server = Server::start(place, Target::Ours, &folder)?;
    say(&format!("size: {} s of nothing", idle.as_secs_f64()));
    let before_us = server.cpu_us()?;
    std::thread::sleep(idle);
    let idle_cpu_us = server.cpu_us()?.saturating_sub(before_us);
    let idle_pss = server.pss_bytes()?;
    server.stop()?;
    for name in ["size-fresh", "size-existing", "size-idle"] {
        std::fs::remove_dir_all(place.data.join(name))?;
    }
    Ok(Size {
        ready_fresh_s: Spread::of(fresh),
        ready_existing_s: Spread::of(existing),
        existing_signals: filled.acknowledged,
        idle_pss_mb: idle_pss as f64 / 1e6,
        idle_cpu_ms_per_s: idle_cpu_us as f64 / 1e3 / idle.as_secs_f64().max(f64::EPSILON),
        binary_mb: std::fs::metadata(&place.ours)?.len() as f64 / 1e6,
    })
}

/// A database as a stop leaves it under load: with a backlog.
fn fill(place: &Place, folder: &Path) -> Result<Summary> {
    let server = Server::start(place, Target::Ours, folder)?;
    let summary = place.load(&server, &["--seconds".into(), "3".into()])?;
    server.stop()?;
    Ok(summary)
}

/// CPU seconds of a cold default release build, by `bench/build-cost`.
pub fn build() -> Result<f64> {
    say("build: a cold release build");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("build-cost");
    let output = Command::new(&script)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("starting {}", script.display()))?;
    ensure!(output.status.success(), "{} failed", script.display());
    let text = String::from_utf8(output.stdout)?;
    text.lines()
        .find_map(|line| line.strip_prefix("cpu_seconds ")?.trim().parse().ok())
        .with_context(|| format!("{} printed no cpu_seconds", script.display()))
}
