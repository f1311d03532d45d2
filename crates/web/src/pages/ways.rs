//! The ways of alert mail as the store knows them, for *Connections*: doors, routes with their canaries, ways out.

use super::frame::unsigned;
use crate::acts::new_nonce;
use crate::health::Pulse;
use crate::state::SafetyNet;
use crate::view::{BreakerRow, CanaryRow, DoorRow, RouteRow, WayOut, Ways, share};
use model::action::Channel;
use model::mail::Door;
use model::{Micros, Scope};
use store::canaries::{self, Canary};
use store::{StoreError, Tx};

/// The latest that came through, by which a way is told; those that were lost stand between them.
const THROUGH: usize = 100;
const LOOKED_AT: i64 = 200;

/// Each route with how its canaries fared.
pub(super) async fn routes(tx: &mut Tx, net: &SafetyNet) -> Result<Vec<RouteRow>, StoreError> {
    let mut routes = Vec::new();
    for name in &net.routes {
        let row = route(name, &canaries::list(tx, &Scope::All, name, LOOKED_AT).await?);
        routes.push(RouteRow { lacks: net.lacks.get(name).copied(), ..row });
    }
    Ok(routes)
}

fn took(one: &Canary) -> Option<i64> {
    one.heard_at.map(|heard| heard.since(one.began_at))
}

fn route(name: &str, newest_first: &[Canary]) -> RouteRow {
    let is_through = |one: &&Canary| one.lost.is_none() && one.heard_at.is_some();
    let through: Vec<&Canary> = newest_first.iter().filter(is_through).take(THROUGH).collect();
    let ways: Vec<i64> = through.iter().filter_map(|one| took(one)).collect();
    let median = |from: fn(&Canary) -> Option<Micros>, to: fn(&Canary) -> Option<Micros>| {
        let steps: Vec<i64> = through.iter().filter_map(|one| Some(to(one)?.since(from(one)?).max(0))).collect();
        share(&steps, 50)
    };
    RouteRow {
        name: name.to_owned(),
        last: newest_first.first().map(row),
        ended: newest_first.iter().find(|one| one.ended_at.is_some()).map(row),
        lacks: None,
        through: through.len() as u64,
        p50_us: share(&ways, 50),
        p99_us: share(&ways, 99),
        steps: [
            median(|one| Some(one.began_at), |one| one.mailed_at),
            median(|one| one.mailed_at, |one| one.received_at),
            median(|one| one.received_at, |one| one.accepted_at),
            median(|one| one.accepted_at, |one| one.heard_at),
        ],
    }
}

fn row(one: &Canary) -> CanaryRow {
    CanaryRow {
        began_at: one.began_at,
        ended_at: one.ended_at,
        lost: one.lost.clone(),
        took_us: took(one),
        asked_by: one.asked_by.clone(),
    }
}

pub(super) fn ways(
    pulse: &Pulse,
    net: &SafetyNet,
    routes: Vec<RouteRow>,
    breaker: impl Fn(&str) -> Option<BreakerRow>,
) -> Ways {
    let has = |channel| net.channels.contains(&channel);
    let out = |name, configured, destination| WayOut { name, configured, breaker: breaker(destination) };
    Ways {
        doors: Door::ALL.into_iter().map(|door| door_row(pulse, net, door)).collect(),
        routes,
        out: vec![
            out("way-slack", net.posts, "slack"),
            out("way-webhook", has(Channel::Webhook), "second-path-webhook"),
            out("way-mail", has(Channel::Mail), "mail-relay"),
            out("way-sms", has(Channel::Sms), "second-path-sms"),
        ],
        nonce: new_nonce(),
    }
}

fn door_row(pulse: &Pulse, net: &SafetyNet, door: Door) -> DoorRow {
    let counted = pulse.sources.iter().find(|source| source.source == door.source());
    DoorRow {
        source: door.source().to_owned(),
        is_open: net.doors.contains(&door),
        received: counted.map_or(0, |source| unsigned(source.received)),
        last_at: counted.map(|source| source.last_at),
    }
}
