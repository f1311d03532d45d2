//! PagerDuty's own silence: what we see of it, the times at which it is held to be out, and the report at the end.

use super::calls;
use crate::Settings;
use crate::read::apply;
use duties::safety_net::outage::{Evidence, Report};
use duties::safety_net::{DUTY, register, words};
use duties::{Decision, Mode, webhook_guard};
use model::action::Effect;
use model::mail::Ledger;
use model::{Micros, Scope};
use store::actions::Doing;
use store::outages::{self, Outage};
use store::{StoreError, Tx, breakers, callouts, canaries, crash_point, duty_state, mails, nets};

const VERSION: i64 = 1;
const SUBJECT: &str = "pagerduty";
const MOST: i64 = 500;
/// Registrations that came to nothing speak against it for so long.
const UNSEEN_WITHIN_S: i64 = 600;
/// Mails that came shortly before it was noticed belong to it.
const BEFORE_S: i64 = 120;

/// Looks how PagerDuty does; begins or ends an outage.
pub async fn look(tx: &mut Tx, settings: &Settings, can_read: bool) -> Result<(), StoreError> {
    if !can_read && !settings.posts {
        return Ok(());
    }
    let now = tx.now();
    let before: Evidence = duty_state::get(tx, DUTY, SUBJECT, VERSION).await?.unwrap_or_default();
    let evidence = gather(tx).await?.after(&before, now);
    if evidence != before {
        duty_state::set(tx, DUTY, SUBJECT, VERSION, &evidence).await?;
    }
    match outages::open(tx, &Scope::All).await? {
        None if evidence.is_out(now) => begin(tx, settings, &evidence).await,
        Some(outage) if evidence.is_over(now) => end(tx, settings, &outage).await,
        Some(outage) if !evidence.is_clean() && evidence != before => keep(tx, &outage, &evidence).await,
        _ => Ok(()),
    }
}

async fn gather(tx: &mut Tx) -> Result<Evidence, StoreError> {
    let mut evidence = Evidence::default();
    let events = Effect::Settle { dedup_key: String::new(), route: None }.destination();
    for breaker in breakers::all(tx).await? {
        let Some(since) = breaker.opened_at else { continue };
        if breaker.destination == events {
            (evidence.events_fail_since, evidence.events_why) = (Some(since), breaker.why);
        } else if breaker.destination == Effect::LookAtToken.destination() {
            (evidence.rest_fails_since, evidence.rest_why) = (Some(since), breaker.why);
        }
    }
    let now = tx.now();
    evidence.unseen = nets::unseen_since(tx, now.plus_s(-UNSEEN_WITHIN_S)).await?;
    let guards = duty_state::all::<webhook_guard::State>(tx, webhook_guard::DUTY, webhook_guard::VERSION).await?;
    let silent = guards.iter().filter(|(_, state, _)| state.health == webhook_guard::Health::Silent);
    evidence.silent_since = silent.map(|(_, _, at)| *at).min();
    evidence.canary_lost = canaries::lost_since(tx, now.plus_s(-1_800)).await?;
    Ok(evidence)
}

async fn begin(tx: &mut Tx, settings: &Settings, evidence: &Evidence) -> Result<(), StoreError> {
    let now = tx.now();
    let began = [evidence.events_fail_since, evidence.rest_fails_since].into_iter().flatten().min().unwrap_or(now);
    let id = format!("{}", began.second());
    let json = serde_json::to_string(evidence).map_err(|error| StoreError::Bug(error.to_string()))?;
    if !outages::begin(tx, &id, began, &json).await? {
        return Ok(());
    }
    crash_point!("net.outage_begun");
    tracing::error!(since = %began, "PagerDuty does not do its work; alerts wait for it, and go by the second path");
    let on_call = calls::names(tx, settings).await?;
    let message = words::outage(&settings.net, began, evidence, &on_call);
    tell(tx, settings, &id, "began", message).await
}

async fn keep(tx: &mut Tx, outage: &Outage, evidence: &Evidence) -> Result<(), StoreError> {
    let json = serde_json::to_string(evidence).map_err(|error| StoreError::Bug(error.to_string()))?;
    outages::update(tx, &outage.id, &json).await
}

async fn end(tx: &mut Tx, settings: &Settings, outage: &Outage) -> Result<(), StoreError> {
    let now = tx.now();
    let report = report(tx, outage.began_at, now).await?;
    let json = serde_json::to_string(&report).map_err(|error| StoreError::Bug(error.to_string()))?;
    if !outages::end(tx, &outage.id, &json).await? {
        return Ok(());
    }
    crash_point!("net.outage_ended");
    tracing::info!(began = %outage.began_at, ?report, "PagerDuty is back");
    let message = words::outage_over(&settings.net, (outage.began_at, now), &report);
    tell(tx, settings, &outage.id, "over", message).await
}

/// What an outage came to: every mail of a problem in one place.
pub async fn report(tx: &mut Tx, began_at: Micros, ended_at: Micros) -> Result<Report, StoreError> {
    let since = began_at.plus_s(-BEFORE_S);
    let (counts, over) = mails::problems(tx, since, ended_at).await?;
    let mut report = Report::default();
    for (ledger, count) in counts {
        report.problems += count;
        match ledger {
            Ledger::Matched | Ledger::MatchedLate | Ledger::Joined => report.matched += count,
            Ledger::Registered | Ledger::UnreadableRegistered => report.registered += count,
            Ledger::Missing | Ledger::Unreadable | Ledger::Expected => report.lacking += count,
            _ => report.set_aside += count,
        }
    }
    report.recovered = over;
    report.lacking -= over;
    let calls = callouts::list(tx, &Scope::All, None, MOST).await?;
    let within = calls.iter().filter(|call| call.asked_at >= since && call.asked_at < ended_at);
    report.calls = i64::try_from(within.clone().count()).unwrap_or(0);
    report.answered = i64::try_from(within.filter(|call| call.answered_at.is_some()).count()).unwrap_or(0);
    Ok(report)
}

async fn tell(
    tx: &mut Tx,
    settings: &Settings,
    id: &str,
    step: &str,
    message: model::message::Message,
) -> Result<(), StoreError> {
    let action = register::tell(&format!("outage:{id}"), step, None, message, "PagerDuty does not do its work");
    let doing = if settings.posts && settings.net.mode >= Mode::Post { Doing::Really } else { Doing::Observed };
    apply(tx, Decision::act(action), doing).await
}
