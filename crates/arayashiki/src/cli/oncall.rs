//! `oncall`: who is on call, by what was mirrored of PagerDuty. Names and schedules only: how somebody is reached is not said here.

use super::{Failure, say, when};
use crate::config::Config;
use crate::wiring::{self, people};
use clap::Args;
use duties::locale::Locale;
use duties::on_duty::{self, Duty};
use duties::say::Language;
use model::reference::{Kind, Thing};
use model::{Micros, Scope};
use serde_json::{Value, json};
use store::{Store, StoreError, Tx, reference};

#[derive(Debug, Args)]
pub struct OnCall {
    /// Then instead of now: "2026-12-30 19:00" in the installation's zone, or RFC 3339.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// One escalation policy alone, by its exact name.
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
}

pub async fn run(config: &Config, asked: &OnCall, json: bool) -> Result<(), Failure> {
    let at = when::at(asked.at.as_deref(), &people::zone(config))?;
    let store = wiring::open_store(config)?;
    let read = rows(&store).await;
    let at = at.unwrap_or_else(|| store.clock().now());
    store.close().await;
    let rows = read?;
    if rows.is_empty() {
        return Err(Failure::Failed(
            "nothing is known of who is on call: set [pagerduty] token and let `arayashiki serve` read the account once"
                .to_owned(),
        ));
    }
    let duties: Vec<Duty<'_>> = on_duty::at(&rows, at).into_iter().filter(|duty| is_meant(asked, duty)).collect();
    if json {
        say(as_json(at, on_duty::known_until(&rows), &duties));
    } else {
        duties.iter().for_each(|duty| say(line(&people::locale(config), duty)));
    }
    if duties.is_empty() { Err(nobody(config, asked, at, &rows)) } else { Ok(()) }
}

async fn rows(store: &Store) -> Result<Vec<Thing>, StoreError> {
    async fn both(tx: &mut Tx) -> Result<Vec<Thing>, StoreError> {
        let mut rows = reference::list(tx, &Scope::All, Kind::OnCall).await?;
        rows.extend(reference::list(tx, &Scope::All, Kind::Shift).await?);
        Ok(rows)
    }
    store.read(|tx| Box::pin(both(tx))).await
}

fn is_meant(asked: &OnCall, duty: &Duty<'_>) -> bool {
    asked.policy.as_deref().is_none_or(|policy| policy == duty.policy)
}

fn line(locale: &Locale, duty: &Duty<'_>) -> String {
    let until = duty.until.map(|until| locale.when(until));
    match locale.language {
        Language::Ja => {
            let by = duty.schedule.map_or_else(|| "ポリシーで指名".to_owned(), |name| format!("スケジュール {name}"));
            let until = until.map_or_else(|| "期限なし".to_owned(), |until| format!("{until} まで"));
            format!("{} レベル {}: {} ({by}、{until})", duty.policy, duty.level, duty.name)
        }
        Language::En => {
            let by = duty.schedule.map_or_else(|| "named by the policy".to_owned(), |name| format!("schedule {name}"));
            let until = until.map_or_else(|| "always".to_owned(), |until| format!("until {until}"));
            format!("{} level {}: {} ({by}, {until})", duty.policy, duty.level, duty.name)
        }
    }
}

fn as_json(at: Micros, known_until: Option<Micros>, duties: &[Duty<'_>]) -> Value {
    let row = |duty: &Duty<'_>| {
        json!({
            "policy": duty.policy, "level": duty.level, "schedule": duty.schedule, "name": duty.name, "user": duty.user,
            "from": duty.from.map(Micros::rfc3339), "until": duty.until.map(Micros::rfc3339),
        })
    };
    let rows: Vec<Value> = duties.iter().map(row).collect();
    json!({ "at": at.rfc3339(), "known_until": known_until.map(Micros::rfc3339), "on_call": rows })
}

/// Why nobody is: a policy that is not there, a time too far ahead, or truly nobody.
fn nobody(config: &Config, asked: &OnCall, at: Micros, rows: &[Thing]) -> Failure {
    let locale = people::locale(config);
    let has = |name: &str| rows.iter().any(|row| row.names.first().is_some_and(|policy| policy == name));
    if let Some(policy) = asked.policy.as_deref().filter(|policy| !has(policy)) {
        return Failure::Failed(format!("nobody is known to be on call by a policy {policy:?}: write its exact name"));
    }
    match on_duty::known_until(rows) {
        Some(known) if known <= at => Failure::Failed(format!(
            "who is on call {} is not known: shifts are known until {}; ask again later, or look in PagerDuty",
            locale.when(at),
            locale.when(known)
        )),
        _ => Failure::Failed(format!(
            "nobody is on call {}: look at the schedules in PagerDuty, since a page would reach nobody",
            locale.when(at)
        )),
    }
}
