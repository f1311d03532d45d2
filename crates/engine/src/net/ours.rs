//! What PagerDuty makes of our registrations: taken and seen, taken and not seen, resolved by somebody there.

use super::{arrive, canary, late, lock_name, missing, storm};
use crate::Settings;
use duties::confirm;
use duties::safety_net::{OUR_KEYS, of_dedup_key, register, storm_monitor};
use model::Micros;
use model::incident::{Fact, FactBody, Incident, Status};
use model::mail::{Ledger, Reason};
use std::collections::BTreeSet;
use store::mails::{self, Standing};
use store::nets::{self, Net, Registration};
use store::{StoreError, Tx, crash_point, jobs, timers};

const MOST: i64 = 100;
/// A registration without a job is made again after this.
const FORGOTTEN_S: i64 = 600;

/// The incident of this key was seen, open and assigned, or resolved by somebody; as far as is known, after PagerDuty took a
/// page at that time.
pub async fn seen(
    tx: &mut Tx,
    settings: &Settings,
    (dedup_key, paged_at): (&str, Option<Micros>),
    incident: &str,
) -> Result<(), StoreError> {
    if canary::of_key(dedup_key).is_some() {
        return Ok(());
    }
    let Some((id, generation)) = of_dedup_key(dedup_key) else { return Ok(()) };
    tx.lock(&[lock_name(id)]).await?;
    let Some(mut net) = nets::get(tx, id).await? else { return Ok(()) };
    if net.dedup_key.as_deref() != Some(dedup_key) {
        return if net.generation > generation { settle_late(tx, id, generation).await } else { Ok(()) };
    }
    // A storm's list of before was looked for, and a longer one is on its way.
    let is_of_before = net.asked_at.zip(paged_at).is_some_and(|(asked, paged)| paged < asked);
    if is_of_before && storm_monitor(id).is_some() {
        return Ok(());
    }
    net.ours = Some(incident.to_owned());
    net.seen_at = Some(tx.now());
    let is_live = net.registration.is_live();
    if is_live {
        net.registration = Registration::Seen;
    }
    nets::save(tx, &net).await?;
    crash_point!("net.seen_saved");
    match (is_live, net.incident.clone()) {
        (true, _) => registered(tx, settings, &net, incident).await?,
        // The original came while ours was on its way.
        (false, Some(into)) => late::withdraw(tx, settings, &net, Registration::Seen, &into).await?,
        (false, None) => settle_late(tx, id, net.generation).await?,
    }
    match net.called.clone() {
        Some(called) => arrive::end_call(tx, &called).await,
        None => Ok(()),
    }
}

/// It was over before PagerDuty showed ours: what resolved it then found nothing to resolve.
async fn settle_late(tx: &mut Tx, id: &str, generation: i64) -> Result<(), StoreError> {
    let settle = register::settle_seen(id, generation, "it was over before PagerDuty showed it");
    crate::read::apply(tx, duties::Decision::act(settle), store::actions::Doing::Really).await
}

/// The mails that lacked one have ours.
async fn registered(tx: &mut Tx, settings: &Settings, net: &Net, incident: &str) -> Result<(), StoreError> {
    if storm_monitor(&net.id).is_some() {
        return storm::registered(tx, settings, net, incident).await;
    }
    let of = |ledger| Standing { incident: Some(incident.to_owned()), ..Standing::of(ledger, Reason::Nothing) };
    mails::restate(tx, &net.id, &[Ledger::Missing], &of(Ledger::Registered)).await?;
    mails::restate(tx, &net.id, &[Ledger::Unreadable], &of(Ledger::UnreadableRegistered)).await?;
    mails::moved(tx, (&net.id, net.open_since.unwrap_or(net.changed_at)), None, incident).await?;
    Ok(())
}

/// PagerDuty took it a minute ago and shows nothing.
pub async fn unseen(tx: &mut Tx, dedup_key: &str) -> Result<(), StoreError> {
    let Some(net) = nets::of_key(tx, dedup_key).await? else { return Ok(()) };
    tx.lock(&[lock_name(&net.id)]).await?;
    let Some(mut net) = nets::get(tx, &net.id).await?.filter(|net| net.registration == Registration::Asked) else {
        return Ok(());
    };
    net.registration = Registration::Unseen;
    nets::save(tx, &net).await
}

/// The alert of the net that a fact is about, as a name to be locked: that of our own registration.
pub fn subject_of(fact: &Fact) -> Option<String> {
    let (net, _) = key_of(fact)?.strip_prefix(OUR_KEYS)?.strip_prefix("net/")?.rsplit_once('/')?;
    Some(lock_name(net))
}

/// The key that an incident or an alert was opened by, where a fact tells it.
pub fn key_of(fact: &Fact) -> Option<&str> {
    match &fact.body {
        FactBody::Changed { incident: Some(data), .. } | FactBody::Snapshot { incident: data, .. } => {
            data.incident_key.as_deref()
        }
        FactBody::Alert(alert) => alert.key.as_deref(),
        _ => None,
    }
}

/// The mirror has an incident of ours: a canary's, or a registration's.
pub async fn shown(tx: &mut Tx, settings: &Settings, incident: &Incident) -> Result<(), StoreError> {
    let keys =
        incident.alerts.iter().filter_map(|alert| alert.key.as_deref()).chain(incident.data.incident_key.as_deref());
    // Grouping over there puts several of ours into one incident.
    let ours: BTreeSet<&str> = keys.filter(|key| key.starts_with(OUR_KEYS)).collect();
    for key in ours {
        one_shown(tx, settings, incident, key).await?;
    }
    Ok(())
}

async fn one_shown(tx: &mut Tx, settings: &Settings, incident: &Incident, key: &str) -> Result<(), StoreError> {
    if let Some(id) = canary::of_key(key) {
        return canary::heard(tx, id, &incident.data.id).await;
    }
    let net = nets::of_key(tx, key).await?;
    if incident.data.status == Status::Resolved {
        return match net {
            Some(net) => resolved(tx, settings, &net, (key, &incident.data.id)).await,
            None => Ok(()),
        };
    }
    if net.is_none_or(|net| net.ours.is_none()) && !incident.data.assignees.is_empty() {
        return seen(tx, settings, (key, None), &incident.data.id).await;
    }
    Ok(())
}

/// Somebody resolved it over there: nothing of ours stands any more. The next mail of a problem begins anew.
async fn resolved(
    tx: &mut Tx,
    settings: &Settings,
    net: &Net,
    (key, incident): (&str, &str),
) -> Result<(), StoreError> {
    tx.lock(&[lock_name(&net.id)]).await?;
    let Some(mut net) = nets::get(tx, &net.id).await?.filter(|net| net.dedup_key.as_deref() == Some(key)) else {
        return Ok(());
    };
    // Told once more after that, it has another incident by now.
    if !net.registration.is_live() || net.ours.as_deref().is_some_and(|ours| ours != incident) {
        return Ok(());
    }
    // It was resolved before we saw it open: it was there all the same.
    if net.ours.is_none() {
        net.ours = Some(incident.to_owned());
        registered(tx, settings, &net, incident).await?;
    }
    let called = net.called.clone();
    if storm_monitor(&net.id).is_some() {
        storm::resolved(tx, settings, &mut net).await?;
    } else {
        net.registration = Registration::None;
        net.missing_since = None;
        nets::save(tx, &net).await?;
    }
    match called {
        Some(called) => arrive::end_call(tx, &called).await,
        None => Ok(()),
    }
}

/// The row again, under its lock: it may have recovered meanwhile, and a row is written whole.
async fn as_locked(tx: &mut Tx, found: &Net) -> Result<Option<Net>, StoreError> {
    tx.lock(&[lock_name(&found.id)]).await?;
    let net = nets::get(tx, &found.id).await?;
    Ok(net.filter(|net| net.registration == found.registration && net.asked_at == found.asked_at))
}

/// Registrations that PagerDuty took and does not show are sent again, and so are those that have no job any more; a storm that
/// has grown since its list was sent has the longer one sent.
pub async fn again(tx: &mut Tx, settings: &Settings) -> Result<i64, StoreError> {
    let now = tx.now();
    let mut waiting = nets::registered(tx, Registration::Unseen, now, MOST).await?;
    waiting.extend(forgotten(tx).await?);
    waiting.extend(nets::grown_storms(tx, register::listed_before(now), MOST).await?);
    // Locked in the order of their names, as whoever reads mails does.
    waiting.sort_by(|a, b| a.id.cmp(&b.id));
    let mut made = 0;
    for found in waiting {
        let Some(mut net) = as_locked(tx, &found).await?.filter(|net| net.open_since.is_some()) else { continue };
        if net.registration == Registration::Seen {
            storm::ask(tx, settings, &mut net).await?;
        } else {
            let asked_at = net.asked_at.unwrap_or(now);
            if net.missing_since.is_none() || register::again_at(asked_at, net.tries - 1) > now {
                continue;
            }
            one_again(tx, settings, &mut net).await?;
        }
        made += 1;
    }
    Ok(made)
}

async fn one_again(tx: &mut Tx, settings: &Settings, net: &mut Net) -> Result<(), StoreError> {
    if storm_monitor(&net.id).is_some() {
        return storm::ask(tx, settings, net).await;
    }
    net.registration = Registration::Asked;
    net.asked_at = Some(tx.now());
    missing::page_again(tx, settings, net).await?;
    net.tries += 1;
    nets::save(tx, net).await
}

/// Asked for long ago, and nothing is under way.
async fn forgotten(tx: &mut Tx) -> Result<Vec<Net>, StoreError> {
    let before = tx.now().plus_s(-FORGOTTEN_S);
    let mut forgotten = Vec::new();
    for net in nets::registered(tx, Registration::Asked, before, MOST).await? {
        let key = net.dedup_key.clone().unwrap_or_default();
        // Accepted a moment ago after a long wait: it is looked for soon.
        let is_live = jobs::is_live(tx, &format!("events:{key}")).await?
            || jobs::is_live(tx, &format!("confirm:{key}")).await?
            || timers::is_set(tx, &format!("{}/{key}", confirm::DUTY)).await?;
        if !is_live {
            forgotten.push(net);
        }
    }
    Ok(forgotten)
}

#[cfg(test)]
mod tests {
    use super::*;
    use duties::safety_net::dedup_key;
    use model::incident::{Alert, Source};

    #[test]
    fn a_fact_about_what_we_registered_names_its_alert() {
        let fact = |key: Option<String>| Fact {
            incident: "Q1".into(),
            source: Source::Snapshot,
            source_id: "1".into(),
            at: model::Micros(0),
            actor: None,
            body: FactBody::Alert(Box::new(Alert {
                id: "A1".into(),
                key,
                title: String::new(),
                status: "triggered".into(),
                severity: None,
                suppressed: false,
                created_at: None,
                html_url: None,
                integration: None,
                body: serde_json::Value::Null,
                links: Vec::new(),
            })),
        };
        assert_eq!(subject_of(&fact(Some(dedup_key("n1", 3)))).as_deref(), Some("net:n1"));
        assert_eq!(subject_of(&fact(Some(dedup_key("storm:zbx#7", 1)))).as_deref(), Some("net:storm:zbx"));
        assert_eq!(subject_of(&fact(Some("4711".into()))), None);
        assert_eq!(subject_of(&fact(None)), None);
    }
}
