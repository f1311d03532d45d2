//! Alerts as the mirror gets them, against mails that wait for theirs or lack one; and what becomes of our registration
//! when the original comes late.

use super::{AT_ONCE, alone, arrive, lock_name, storm, view};
use crate::read::apply;
use crate::{Settings, Shared};
use duties::Decision;
use duties::safety_net::matching::{Candidate, Found, Ready, Wanted, find, likeness};
use duties::safety_net::{candidate, is_ours, register, words};
use model::incident::{Incident, Status};
use model::mail::{Ledger, Reason};
use model::text::fold;
use store::actions::Doing;
use store::alerts::{self, Saved};
use store::mails::{self, Standing, Whole};
use store::nets::{self, Net, Registration};
use store::{StoreError, Tx, crash_point, cursors, incidents, ledger};

/// Mails that alerts are compared with.
const MOST_MAILS: i64 = 1_000;
/// A mail that lacks an incident waits for the original so long.
const LATE_S: i64 = 24 * 3_600;
/// Only what is certain is taken before the grace time is over: until then a better one may come.
const SURE: i64 = 90;
/// Resolved incidents older than this stand against nothing any more.
const OLD_S: i64 = 2 * 86_400;
/// No incident has an id behind this.
const DONE: &str = "~";

/// The rows that an incident's alerts are kept as; none of our own, wherever they were merged into, and none of history.
pub fn rows(incident: &Incident, now: model::Micros) -> Option<Vec<Saved>> {
    let data = &incident.data;
    let created_at = data.created_at.unwrap_or(incident.changed_at);
    if data.status == Status::Resolved && now.since(created_at) > OLD_S * 1_000_000 {
        return None;
    }
    if incident.alerts.is_empty() {
        if is_ours(data.incident_key.as_deref(), &data.title) {
            return None;
        }
        return Some(vec![Saved {
            id: alerts::stand_in(&data.id),
            key: data.incident_key.clone(),
            title: data.title.clone(),
            created_at,
            resolved_at: data.resolved_at.or((data.status == Status::Resolved).then_some(incident.changed_at)),
            is_open: data.status.is_open(),
            suppressed: false,
            words: fold(&data.title),
            hosts: Vec::new(),
            reading: None,
        }]);
    }
    let theirs = incident.alerts.iter().filter(|alert| !is_ours(alert.key.as_deref(), &alert.title));
    let saved = theirs.map(|alert| {
        let said = candidate::words(alert);
        let is_open = alert.status != "resolved" && data.status.is_open();
        Saved {
            id: alert.id.clone(),
            key: alert.key.clone(),
            title: alert.title.clone(),
            created_at: alert.created_at.unwrap_or(created_at),
            resolved_at: (!is_open).then(|| data.resolved_at.unwrap_or(incident.changed_at)),
            is_open,
            suppressed: alert.suppressed,
            words: said.words,
            hosts: said.hosts,
            reading: said.reading,
        }
    });
    Some(saved.collect::<Vec<_>>()).filter(|rows| !rows.is_empty())
}

/// Open incidents of a database that an older program kept have no alerts in rows yet. Says whether there are more.
pub async fn catch_up(tx: &mut Tx) -> Result<bool, StoreError> {
    const CURSOR: &str = "net-catch-up";
    let after = cursors::get(tx, CURSOR).await?.map(|(id, _)| id);
    if after.as_deref() == Some(DONE) {
        return Ok(false);
    }
    let some = incidents::open_after(tx, after.as_deref().unwrap_or_default(), AT_ONCE).await?;
    let now = tx.now();
    for (incident, customer) in &some {
        if let Some(rows) = rows(incident, now) {
            let service = incident.data.service.as_ref().map(|service| service.id.as_str());
            alerts::save(tx, &incident.data.id, (service, customer.as_deref()), &rows).await?;
        }
    }
    let last = some.last().map_or(DONE, |(incident, _)| incident.data.id.as_str());
    cursors::set(tx, CURSOR, last).await?;
    Ok(!some.is_empty())
}

/// Compares fresh alerts with the mails that wait or lack one, until none is fresh.
pub async fn compare(shared: &Shared) -> Result<(), StoreError> {
    loop {
        let is_any = shared.store.read(|tx| Box::pin(async move { Ok(!alerts::fresh(tx, 1).await?.is_empty()) }));
        if !is_any.await? {
            return Ok(());
        }
        let settings = shared.settings.clone();
        let compared =
            shared.store.write("late", move |tx| Box::pin(async move { batch(tx, &settings).await })).await?;
        shared.wake.act.notify_waiters();
        shared.wake.show.notify_waiters();
        if compared < AT_ONCE {
            return Ok(());
        }
    }
}

async fn batch(tx: &mut Tx, settings: &Settings) -> Result<i64, StoreError> {
    alone(tx).await?;
    let fresh: Vec<Candidate> = alerts::fresh(tx, AT_ONCE).await?.into_iter().map(view::candidate).collect();
    let since = tx.now().plus_s(-LATE_S);
    let open = mails::open(tx, since, MOST_MAILS).await?;
    if !open.is_empty() {
        assign(tx, settings, &fresh, &open).await?;
    }
    for alert in &fresh {
        alerts::compared(tx, &alert.alert).await?;
    }
    Ok(i64::try_from(fresh.len()).unwrap_or(0))
}

/// The surest pairs first, each alert and each mail once.
async fn assign(tx: &mut Tx, settings: &Settings, fresh: &[Candidate], open: &[Whole]) -> Result<(), StoreError> {
    let ready: Vec<Ready<'_>> = fresh.iter().map(Ready::new).collect();
    let mut names: Vec<String> = open.iter().filter_map(|mail| mail.item.net.as_deref().map(lock_name)).collect();
    names.sort();
    names.dedup();
    let mut pairs: Vec<(i64, i64, usize, usize)> = Vec::new();
    let wanted: Vec<Option<Wanted>> = open.iter().map(view::wanted).collect();
    for (m, wanted) in wanted.iter().enumerate() {
        let (Some(wanted), Some(mail)) = (wanted, open.get(m)) else { continue };
        let least = if mail.item.ledger == Ledger::Expected { SURE } else { 0 };
        for (a, ready) in ready.iter().enumerate() {
            if let Some(like) = likeness(wanted, ready).filter(|like| like.score >= least) {
                pairs.push((-like.score, mail.item.id, m, a));
            }
        }
    }
    if pairs.is_empty() {
        return Ok(());
    }
    tx.lock(&names).await?;
    pairs.sort_unstable();
    let (mut taken_mails, mut taken_alerts) = (Vec::new(), Vec::new());
    for (_, id, m, a) in pairs {
        if taken_mails.contains(&m) || taken_alerts.contains(&a) {
            continue;
        }
        let (Some(mail), Some(Some(wanted)), Some(one)) = (open.get(m), wanted.get(m), ready.get(a)) else { continue };
        let found = find(wanted, std::slice::from_ref(one), settings.net.window_s);
        let Some(found) = found.filter(|found| found.ledger != Ledger::Joined) else { continue };
        let Some(net) = net_of(tx, mail).await? else { continue };
        balance(tx, settings, mail, net, &found).await?;
        taken_mails.push(m);
        taken_alerts.push(a);
        tracing::debug!(mail = id, alert = found.alert, "an alert came for a mail");
    }
    Ok(())
}

async fn net_of(tx: &mut Tx, mail: &Whole) -> Result<Option<Net>, StoreError> {
    match &mail.item.net {
        Some(net) => nets::get(tx, net).await,
        None => Ok(None),
    }
}

/// An alert stands against the mail: it is the mail's, and what we registered meanwhile goes into its incident.
pub async fn balance(
    tx: &mut Tx,
    settings: &Settings,
    mail: &Whole,
    mut net: Net,
    found: &Found,
) -> Result<(), StoreError> {
    let item = &mail.item;
    let is_late = item.ledger.is_unbalanced();
    let ledger = if is_late && found.ledger == Ledger::Matched { Ledger::MatchedLate } else { found.ledger };
    let mut alert = Some(found.alert.clone());
    if matches!(found.ledger, Ledger::Matched | Ledger::Suppressed) {
        alert = alerts::claim(tx, (&found.alert, &found.incident), item.id, found.score).await?;
    }
    if let Some(other) = found.displaces {
        let now = tx.now();
        mails::expect(tx, other, now, &Reason::Asked).await?;
    }
    let standing = Standing {
        ledger,
        reason: found.reason.clone(),
        incident: Some(found.incident.clone()),
        alert,
        score: Some(found.score),
    };
    mails::stand(tx, item.id, &standing).await?;
    if ledger != Ledger::Suppressed {
        ledger::note_hour(tx, &item.monitor, item.received_at, 0, 1).await?;
    }
    let was_missing = net.missing_since.take().is_some();
    net.incident = Some(found.incident.clone());
    net.cause = None;
    let live = net.registration;
    net.registration = Registration::None;
    let (called, storm) = (net.called.clone(), net.storm.take());
    nets::save(tx, &net).await?;
    crash_point!("net.balanced");
    if live.is_live() {
        mails::moved(tx, (&net.id, net.open_since.unwrap_or(net.changed_at)), net.ours.as_deref(), &found.incident)
            .await?;
        withdraw(tx, settings, &net, live, &found.incident).await?;
    }
    if was_missing {
        // Repeats of the same alert that lacked one have it now.
        mails::expect_of_net(tx, &net.id).await?;
    }
    if let Some(called) = called.filter(|_| was_missing) {
        arrive::end_call(tx, &called).await?;
    }
    match storm {
        Some(storm) => {
            let now = tx.now();
            storm::over(tx, &storm, now).await
        }
        None => Ok(()),
    }
}

/// The original is there: ours goes into it, or is resolved under it.
pub(super) async fn withdraw(
    tx: &mut Tx,
    settings: &Settings,
    net: &Net,
    live: Registration,
    into: &str,
) -> Result<(), StoreError> {
    let customer = net.customer.as_deref();
    let action = match (&net.ours, live) {
        (Some(ours), Registration::Seen) if ours != into => {
            let title = incidents::list_titles(tx, &model::Scope::All, &[into.to_owned()]).await?;
            let named = title.get(into).map_or_else(
                || into.to_owned(),
                |title| format!("#{} {}", title.number.unwrap_or_default(), title.title),
            );
            let note = words::merged_note(&settings.net, &named);
            register::merge(&net.id, net.generation, customer, (ours, into), &note)
        }
        _ => register::settle(&net.id, net.generation, customer, "the original came late"),
    };
    apply(tx, Decision::act(action), Doing::Really).await
}
