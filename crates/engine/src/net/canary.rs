//! Canaries on their way: begun on a timer or by a person, followed step by step, ended, and told when one is lost.

use crate::Settings;
use crate::read::apply;
use duties::safety_net::canary::{self, End, Steps};
use duties::safety_net::{register, words};
use duties::{Decision, Mode};
use model::{Micros, Scope};
use store::actions::Doing;
use store::canaries::{self, Canary, Step};
use store::{StoreError, Tx, crash_point};

pub use duties::safety_net::canary::of_key;

/// Begins a canary on a route.
pub async fn begin(tx: &mut Tx, route: &str, asked_by: &str) -> Result<String, StoreError> {
    let now = tx.now();
    let id = format!("{}-{:04x}", now.second(), rand::random::<u16>());
    canaries::add(tx, &id, route, asked_by).await?;
    crash_point!("net.canary_added");
    apply(tx, Decision::act(canary::send(&id, route, now)), Doing::Really).await?;
    Ok(id)
}

/// One of its own jobs is done.
pub async fn step(tx: &mut Tx, id: &str, step: Step) -> Result<(), StoreError> {
    let now = tx.now();
    canaries::passed(tx, id, step, now).await.map(|_| ())
}

/// Its mail came: it does what the route's monitor would.
pub async fn received(tx: &mut Tx, settings: &Settings, id: &str, at: Micros) -> Result<(), StoreError> {
    let _ = settings;
    let Some(one) = canaries::get(tx, id).await?.filter(|one| one.ended_at.is_none()) else { return Ok(()) };
    if canaries::passed(tx, id, Step::Received, at).await? {
        apply(tx, Decision::act(canary::page(id, &one.route, one.began_at)), Doing::Really).await?;
    }
    Ok(())
}

/// The mirror has its incident.
pub async fn heard(tx: &mut Tx, id: &str, incident: &str) -> Result<(), StoreError> {
    store::incidents::mark_canary(tx, incident).await?;
    let now = tx.now();
    let Some(one) = canaries::get(tx, id).await?.filter(|one| one.ended_at.is_none()) else { return Ok(()) };
    canaries::passed(tx, id, Step::Heard, now).await?;
    canaries::passed(tx, id, Step::Accepted, now).await?;
    apply(tx, Decision::act(canary::settle(id, &one.route)), Doing::Really).await?;
    canaries::end(tx, id, Some(incident), None).await.map(|_| ())
}

/// Ends what is through or lost, and begins what is due.
pub async fn look(tx: &mut Tx, settings: &Settings) -> Result<i64, StoreError> {
    let now = tx.now();
    let mut made = 0;
    for one in canaries::live(tx).await? {
        let steps = Steps {
            began_at: one.began_at,
            mailed: one.mailed_at.is_some(),
            received: one.received_at.is_some(),
            accepted: one.accepted_at.is_some(),
            heard: one.heard_at.is_some(),
        };
        if let End::Lost(lost) = canary::end(steps, now) {
            lose(tx, settings, &one, lost).await?;
            made += 1;
        }
    }
    if settings.net.canary_s == 0 {
        return Ok(made);
    }
    for route in settings.routes.iter().filter(|route| route.lacks.is_none()) {
        let last = canaries::list(tx, &Scope::All, &route.name, 1).await?;
        let is_due = last.first().is_none_or(|one| now.since(one.began_at) >= settings.net.canary_s * 1_000_000);
        if is_due {
            begin(tx, &route.name, "").await?;
            made += 1;
        }
    }
    Ok(made)
}

async fn lose(tx: &mut Tx, settings: &Settings, one: &Canary, lost: &str) -> Result<(), StoreError> {
    if !canaries::end(tx, &one.id, None, Some(lost)).await? {
        return Ok(());
    }
    tracing::error!(route = one.route, lost, "a canary was lost: real alerts may be lost on this route as well");
    if one.received_at.is_some() {
        apply(tx, Decision::act(canary::settle(&one.id, &one.route)), Doing::Really).await?;
    }
    let message = words::canary_lost(&settings.net, &one.route, lost);
    let action = register::tell(&format!("canary:{}", one.id), "lost", None, message, "a canary was lost");
    let doing = if settings.posts && settings.net.mode >= Mode::Post { Doing::Really } else { Doing::Observed };
    apply(tx, Decision::act(action), doing).await
}
