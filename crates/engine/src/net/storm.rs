//! A storm: so many alerts of one monitor lack an incident that one of ours stands for all of them. Its list is told again
//! when it has grown; an alert of it counts as registered once a list that has it was taken and the incident seen.

use super::missing::{find_cause, lacking};
use super::{arrive, lock_name, whose};
use crate::Settings;
use crate::read::apply;
use duties::safety_net::{dedup_key, register, storm_id, words};
use duties::{Decision, Mode};
use model::Micros;
use model::mail::Reason;
use std::collections::{BTreeMap, BTreeSet};
use store::actions::Doing;
use store::mails::{self, Whole};
use store::nets::{self, Net, Registration};
use store::{StoreError, Tx, crash_point};

const MINUTE_S: i64 = 60;
/// Alerts that a storm's incident lists.
const MOST_LISTED: i64 = 50;
/// Alerts that the note about a longer list names.
const MOST_NEW: i64 = 20;

/// A storm that takes in the mails of a batch.
pub struct Gathering {
    id: String,
    /// As far as the best of its mails allows.
    allowed: Mode,
    customers: BTreeSet<Option<String>>,
}

impl Gathering {
    /// An alert is in this storm, and in no list of it yet.
    pub fn take(&mut self, net: &mut Net, allowed: Mode) {
        self.allowed = allowed.max(self.allowed);
        self.customers.insert(net.customer.clone());
        if net.storm.as_deref() != Some(&self.id) {
            (net.asked_at, net.seen_at) = (None, None);
        }
        net.storm = Some(self.id.clone());
    }
}

/// The monitors of a batch that have a storm: one that lasts, or one that begins now.
pub async fn gather<'a>(
    tx: &mut Tx,
    settings: &Settings,
    lacking: &[(&'a Whole, Reason)],
) -> Result<BTreeMap<&'a str, Gathering>, StoreError> {
    let mut monitors = BTreeMap::<&str, i64>::new();
    for (mail, _) in lacking {
        *monitors.entry(&mail.item.monitor).or_default() += 1;
    }
    let (mut storms, now) = (BTreeMap::new(), tx.now());
    for (monitor, count) in monitors {
        let lasting = nets::last_storm(tx, monitor)
            .await?
            .filter(|storm| storm.open_since.is_some_and(|since| register::storm_lasts(since, storm.last_mail, now)));
        let id = match lasting {
            Some(storm) => storm.id,
            None => {
                let before = mails::lacking_of_monitor(tx, monitor, now.plus_s(-MINUTE_S)).await?;
                if !register::is_storm(&settings.net, before + count) {
                    continue;
                }
                storm_id(monitor, now)
            }
        };
        storms.insert(monitor, Gathering { id, allowed: Mode::Observe, customers: BTreeSet::new() });
    }
    Ok(storms)
}

/// A storm has begun, or has grown: one incident stands for all of its alerts. A list that PagerDuty has is told again by
/// `again`, not with each batch.
pub async fn rise(tx: &mut Tx, settings: &Settings, monitor: &str, gathering: Gathering) -> Result<(), StoreError> {
    let (id, now) = (&gathering.id, tx.now());
    let (members, count) = nets::of_storm(tx, id, MOST_LISTED).await?;
    if count == 0 {
        return Ok(());
    }
    let known = nets::get(tx, id).await?;
    let is_new = known.is_none();
    let mut storm = known.unwrap_or_else(|| Net {
        monitor: monitor.to_owned(),
        title: monitor.to_owned(),
        customer: gathering.customers.first().cloned().flatten(),
        missing_since: members.first().and_then(|first| first.missing_since).or(Some(now)),
        ..arrive::begun(1, count, id, now)
    });
    (storm.mails, storm.last_mail) = (count, Some(now));
    // It is a customer's as long as all of its alerts are.
    if gathering.customers.iter().any(|customer| *customer != storm.customer) && storm.customer.take().is_some() {
        whose::moved(tx, settings, storm.ours.as_deref()).await?;
    }
    if gathering.allowed >= Mode::Page && !storm.registration.is_live() {
        storm.dedup_key = Some(dedup_key(id, storm.generation));
        ask(tx, settings, &mut storm).await?;
    } else {
        // Its number is used up: a page that is really sent later has another.
        let page = is_new.then(|| register::page(&settings.net, &listed(&storm, &members, count), storm.tries));
        storm.tries += i64::from(is_new);
        nets::save(tx, &storm).await?;
        if let Some(page) = page {
            apply(tx, Decision::act(page), Doing::Observed).await?;
        }
        if gathering.allowed >= Mode::Post {
            tell_grown(tx, settings, &storm, count).await?;
        }
    }
    if is_new { find_cause(tx, &storm, None).await } else { Ok(()) }
}

/// Registers it with all of its alerts; until that is seen, it is one that the second path may be called for.
pub async fn ask(tx: &mut Tx, settings: &Settings, storm: &mut Net) -> Result<(), StoreError> {
    let now = tx.now();
    if storm.registration == Registration::Seen {
        storm.called = None;
    }
    storm.registration = Registration::Asked;
    storm.asked_at = Some(now);
    storm.missing_since = nets::unseen_of_storm(tx, &storm.id).await?.or(storm.missing_since);
    nets::put_into_list(tx, &storm.id).await?;
    let (members, count) = nets::of_storm(tx, &storm.id, MOST_LISTED).await?;
    let page = register::page(&settings.net, &listed(storm, &members, count), storm.tries);
    storm.tries += 1;
    nets::save(tx, storm).await?;
    crash_point!("judge.registration_saved");
    apply(tx, Decision::act(page), Doing::Really).await
}

/// Whoever heard of it hears once more when it is about twice as long. The first post comes with the cause.
async fn tell_grown(tx: &mut Tx, settings: &Settings, storm: &Net, count: i64) -> Result<(), StoreError> {
    if storm.cause.is_none() {
        return Ok(());
    }
    let message = words::grown(&settings.net, &storm.monitor, count, storm.registration.is_live());
    let reason = format!("{}/grown/{}", storm.generation, count.max(1).ilog2());
    let action = register::tell(&storm.id, &reason, storm.customer.as_deref(), message, "a storm grows");
    let doing = if settings.posts && settings.net.mode >= Mode::Post { Doing::Really } else { Doing::Observed };
    apply(tx, Decision::act(action), doing).await
}

/// Its incident was seen, and the list of before was taken: whatever was in that list is registered. An incident keeps the title and
/// the list that it began with, so a note says what came after.
pub async fn registered(tx: &mut Tx, settings: &Settings, storm: &Net, incident: &str) -> Result<(), StoreError> {
    let (fresh, new) = nets::seen_in_storm(tx, &storm.id, storm.asked_at.unwrap_or(storm.changed_at), MOST_NEW).await?;
    mails::registered_of_storm(tx, &storm.id, incident).await?;
    if storm.tries < 2 || new == 0 || settings.key_mark.is_empty() {
        return Ok(());
    }
    let (_, count) = nets::of_storm(tx, &storm.id, 1).await?;
    let text = words::grown_note(&settings.net, &storm.monitor, count, &names(&fresh), new);
    let note = register::note(&storm.id, storm.generation, storm.customer.as_deref(), (incident, &text), storm.tries);
    apply(tx, Decision::act(note), Doing::Really).await
}

/// Somebody resolved its incident over there: what was in its list is dealt with; what was not has one of its own.
pub async fn resolved(tx: &mut Tx, settings: &Settings, storm: &mut Net) -> Result<(), StoreError> {
    nets::leave_storm(tx, &storm.id).await?;
    if nets::unseen_of_storm(tx, &storm.id).await?.is_some() {
        storm.generation += 1;
        storm.dedup_key = Some(dedup_key(&storm.id, storm.generation));
        (storm.ours, storm.seen_at) = (None, None);
        return ask(tx, settings, storm).await;
    }
    close(storm, tx.now());
    nets::save(tx, storm).await
}

fn close(storm: &mut Net, at: Micros) {
    storm.open_since = None;
    storm.ended_at = Some(at);
    storm.missing_since = None;
    storm.registration = Registration::None;
}

/// The last of its alerts is over, or has its incident: so is the storm.
pub async fn over(tx: &mut Tx, id: &str, at: Micros) -> Result<(), StoreError> {
    tx.lock(&[lock_name(id)]).await?;
    let (_, left) = nets::of_storm(tx, id, 1).await?;
    let Some(mut storm) = nets::get(tx, id).await?.filter(|storm| left == 0 && storm.open_since.is_some()) else {
        return Ok(());
    };
    let was_live = storm.registration.is_live();
    close(&mut storm, at);
    nets::save(tx, &storm).await?;
    if was_live {
        let settle =
            register::settle(id, storm.generation, None, "every alert of the storm is over or has its incident");
        apply(tx, Decision::act(settle), Doing::Really).await?;
    }
    match &storm.called {
        Some(called) => arrive::end_call(tx, called).await,
        None => Ok(()),
    }
}

fn listed<'a>(storm: &'a Net, members: &[Net], count: i64) -> register::Lacking<'a> {
    let lacking = lacking(storm, None, None);
    let since = storm.open_since.map_or(lacking.since, |began| began.min(lacking.since));
    register::Lacking { list: names(members), count: count.max(1), since, ..lacking }
}

fn names(nets: &[Net]) -> Vec<String> {
    nets.iter().map(Net::named).collect()
}
