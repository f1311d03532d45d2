//! Lists, searches and what *Now* reads, against a SQLite store of a million incidents, or mails, that is made once and kept.
//! Asks the store as the pages do; renders nothing.

mod asks;
mod made;
mod mails;

use crate::{say, sys};
use anyhow::Result;
use asks::Group;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Pages of a group that are named.
const SLOWEST: usize = 3;

/// What one group of pages took.
#[derive(Clone, Debug, Serialize)]
pub struct Timed {
    pub group: String,
    pub pages: usize,
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub max_ms: f64,
    /// CPU time of this program, which other programs do not lengthen.
    pub p50_cpu_ms: f64,
    pub p95_cpu_ms: f64,
    /// The pages that took longest, with their milliseconds.
    pub slowest: Vec<String>,
    /// Statements of one page at most.
    pub statements: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Lists {
    pub of: &'static str,
    pub rows: i64,
    pub file_mb: f64,
    /// Empty when the store was kept from an earlier run.
    pub saves_per_s: Option<f64>,
    pub groups: Vec<Timed>,
}

pub fn run(data: &Path, incidents: i64) -> Result<Lists> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let made = made::store(data, incidents).await?;
        let mut groups = Vec::new();
        for group in asks::all(&made).await? {
            say(&format!("lists: {}", group.name));
            groups.push(time(&made.store, group).await?);
        }
        let file_mb = std::fs::metadata(&made.file)?.len() as f64 / 1e6;
        let lists = Lists { of: "incidents", rows: incidents, file_mb, saves_per_s: made.saves_per_s, groups };
        made.store.close().await;
        Ok(lists)
    })
}

/// The same of mails, in a store of their own.
pub fn mails(data: &Path, rows: i64) -> Result<Lists> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let made = mails::store(data, rows).await?;
        let mut groups = Vec::new();
        for group in mails::groups(&made) {
            say(group.name);
            groups.push(time(&made.store, group).await?);
        }
        let file_mb = std::fs::metadata(&made.file)?.len() as f64 / 1e6;
        made.store.close().await;
        Ok(Lists { of: "mails", rows, file_mb, saves_per_s: made.saves_per_s, groups })
    })
}

async fn time(store: &store::Store, group: Group) -> Result<Timed> {
    let (mut took, mut cpu, mut statements) = (Vec::new(), Vec::new(), 0);
    for page in group.pages {
        let before = store::statements();
        let (begun, spent) = (Instant::now(), sys::cpu_time());
        let told = page.told.clone();
        page.read(store).await?;
        took.push((begun.elapsed(), told));
        cpu.push(sys::cpu_time().saturating_sub(spent));
        statements = statements.max(store::statements() - before);
    }
    took.sort();
    cpu.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let at = |share: f64| took.get(((took.len() - 1) as f64 * share).round() as usize).map_or(0.0, |(t, _)| ms(*t));
    let at_cpu = |percent| cpu.get(cpu.len().saturating_sub(1) * percent / 100).map_or(0.0, |time| ms(*time));
    Ok(Timed {
        group: group.name.to_owned(),
        pages: took.len(),
        p50_ms: at(0.5),
        p95_ms: at(0.95),
        max_ms: at(1.0),
        p50_cpu_ms: at_cpu(50),
        p95_cpu_ms: at_cpu(95),
        slowest: took.iter().rev().take(SLOWEST).map(|(t, told)| format!("{told}: {:.0}", ms(*t))).collect(),
        statements,
    })
}

impl Lists {
    pub fn text(&self) -> String {
        let mut out = format!("{} {}, {:.0} MB", self.rows, self.of, self.file_mb);
        if let Some(rate) = self.saves_per_s {
            let _ = write!(out, ", saved at {rate:.0}/s");
        }
        let _ = write!(
            out,
            "\n\n| group | pages | p50 ms | p95 ms | max ms | p50 CPU ms | p95 CPU ms | statements | slowest |\n"
        );
        let _ = writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for g in &self.groups {
            let _ = writeln!(
                out,
                "| {} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {} | {} |",
                g.group,
                g.pages,
                g.p50_ms,
                g.p95_ms,
                g.max_ms,
                g.p50_cpu_ms,
                g.p95_cpu_ms,
                g.statements,
                g.slowest.join("; ")
            );
        }
        out
    }

    /// Whether every group holds the bar.
    pub fn holds(&self) -> bool {
        self.groups.iter().all(|group| group.p95_ms < 100.0)
    }
}
