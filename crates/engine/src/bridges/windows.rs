//! Maintenance windows of events: how each is wanted, what became of it in PagerDuty, and which go on as far as we know. Never calls
//! out, and decides nothing about events.

use super::calendar::Calendar;
use super::{concern, event, locks};
use crate::Settings;
use duties::Mode;
use duties::calendar::{CloseWhy, DUTY, Settings as Rules, Window, WindowTrouble, words};
use model::action::{Action, Effect, Precondition, Queue};
use model::calendar::CalendarEvent;
use model::connection::poll as names;
use model::reference::{Kind, Thing};
use model::signal::{digest, source};
use model::text::cut;
use model::{Micros, Scope};
use std::collections::BTreeSet;
use store::actions::{self, Doing};
use store::own_windows::{self, Stands, Wanted, Window as Own};
use store::{StoreError, Tx, calendar_events, crash_point, inbox, polls, reference};

const MOST_TITLE: usize = 160;
/// What the mirror lacks is looked at no oftener than this.
const LOOK_EVERY_S: i64 = 60;
/// Whoever works hears of it when PagerDuty has not taken it so long after it was to begin.
const OPENS_WITHIN_S: i64 = 60;
const KEPT_S: i64 = 90 * 86_400;
const MOST_FORGOTTEN: i64 = 100;

fn id(event: &CalendarEvent, window: &Window) -> String {
    format!("{}/{}", event.id, window.key)
}

/// It is to be opened or changed, as far as its rule goes. False: somebody ended it in PagerDuty, and meant it.
pub async fn want(
    tx: &mut Tx,
    calendar: &Calendar,
    event: &CalendarEvent,
    window: &Window,
) -> Result<bool, StoreError> {
    let id = id(event, window);
    if window.mode < Mode::Page {
        let key = format!("{}-{}", window.starts_at.second(), window.ends_at.second());
        return actions::add(tx, &keep(&id, &key, event, calendar), Doing::Observed).await.map(|_| true);
    }
    if own_windows::get(tx, &id).await?.is_some_and(|own| own.over_at.is_some()) {
        return Ok(false);
    }
    let title = cut(event.title.trim(), MOST_TITLE);
    let wanted = Wanted {
        id: &id,
        event: &event.id,
        rule: &window.rule,
        customer: calendar.customer.as_deref(),
        title: &title,
        services: &window.services,
        starts_at: window.starts_at,
        ends_at: window.ends_at,
    };
    let version = own_windows::want(tx, &wanted).await?;
    crash_point!("window.wanted");
    actions::add(tx, &keep(&id, &version.to_string(), event, calendar), Doing::Really).await.map(|_| true)
}

/// Its event is over, gone or elsewhere. What ended by the clock PagerDuty ends by itself.
pub async fn unwant(
    tx: &mut Tx,
    calendar: &Calendar,
    event: &CalendarEvent,
    (window, why): (&Window, CloseWhy),
) -> Result<(), StoreError> {
    let id = id(event, window);
    let shown = own_windows::get(tx, &id).await?.map_or(0, |own| own.shown);
    match own_windows::unwant(tx, &id).await? {
        // Only if PagerDuty was told of this end: where the telling still waits, it has a later one, or none at all.
        Some(version) if why == CloseWhy::Over && shown + 1 >= version => {
            own_windows::over(tx, &id, version).await.map(|_| ())
        }
        Some(version) => {
            actions::add(tx, &keep(&id, &version.to_string(), event, calendar), Doing::Really).await.map(|_| ())
        }
        None => Ok(()),
    }
}

fn keep(id: &str, version: &str, event: &CalendarEvent, calendar: &Calendar) -> Action {
    action(id, version, &event.id, calendar.customer.clone())
}

fn action(id: &str, version: &str, event: &str, customer: Option<String>) -> Action {
    Action {
        key: format!("{DUTY}/window/{id}/{version}"),
        duty: DUTY.into(),
        subject: event.to_owned(),
        lane: format!("window:{id}"),
        effect: Effect::KeepWindow { window: id.to_owned() },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "a maintenance stands in the calendar".into(),
        customer,
        queue: Queue::Live,
    }
}

/// What the mirror does not show any more, though it was read since, is looked at; what should stand and does not is told.
pub async fn tick(tx: &mut Tx, settings: &Settings) -> Result<usize, StoreError> {
    let now = tx.now();
    let (mut unopened, mut told) = watched(tx).await?;
    if tx.is_postgres() {
        let names: BTreeSet<String> = unopened.iter().chain(&told).map(|own| locks::event(&own.event)).collect();
        locks::take(tx, names.clone()).await?;
        // What somebody did meanwhile counts, and what came meanwhile is looked at the next time.
        (unopened, told) = watched(tx).await?;
        unopened.retain(|own| names.contains(&locks::event(&own.event)));
        told.retain(|own| names.contains(&locks::event(&own.event)));
    }
    own_windows::forget(tx, now.plus_s(-KEPT_S), MOST_FORGOTTEN).await?;
    for own in unopened {
        troubled(tx, settings, &own.id, &WindowTrouble::NotYet).await?;
    }
    let mut made = 0;
    for own in told {
        let is_settled = own.over_at.is_none() && own.is_wanted && own.shown >= own.wanted && own.ends_at > now;
        if !is_settled || !is_missed(tx, &own).await? {
            continue;
        }
        if own_windows::look(tx, &own.id, now.plus_s(-LOOK_EVERY_S)).await? {
            let version = format!("look-{}", now.second());
            let look = action(&own.id, &version, &own.event, own.customer.clone());
            made += usize::from(actions::add(tx, &look, Doing::Really).await?);
        }
    }
    Ok(made)
}

/// Those that should stand and do not, and those that PagerDuty was told of.
async fn watched(tx: &mut Tx) -> Result<(Vec<Own>, Vec<Own>), StoreError> {
    let now = tx.now();
    Ok((own_windows::unopened(tx, now.plus_s(-OPENS_WITHIN_S)).await?, own_windows::told(tx, now).await?))
}

/// When we last knew how it is from PagerDuty itself, or set it otherwise.
fn known_at(own: &Own) -> Micros {
    [own.changed_at, own.over_at, own.looked_at].into_iter().flatten().max().unwrap_or(own.made_at)
}

async fn is_missed(tx: &mut Tx, own: &Own) -> Result<bool, StoreError> {
    let (known_at, now) = (known_at(own), tx.now());
    let Some(id) = &own.pagerduty else { return Ok(false) };
    match reference::sight(tx, Kind::MaintenanceWindow, id).await? {
        Some(sight) if sight.gone_at.is_some_and(|at| at > known_at) => Ok(true),
        Some(sight) => Ok(sight.seen_at > known_at && sight.ends_at.is_some_and(|at| at <= now)),
        None => was_listed_since(tx, known_at).await,
    }
}

/// A whole round of the list began after this, and all of it was read.
async fn was_listed_since(tx: &mut Tx, at: Micros) -> Result<bool, StoreError> {
    let Some(poll) = polls::get(tx, &mirror()).await? else { return Ok(false) };
    match (poll.begun_at, poll.ended_at) {
        (Some(begun), Some(ended)) if begun > at && ended >= begun => {
            Ok(!inbox::is_waiting_since(tx, source::PAGERDUTY_API, ended).await?)
        }
        _ => Ok(false),
    }
}

fn mirror() -> String {
    format!("{}{}", names::REFERENCE, Kind::MaintenanceWindow.as_str())
}

/// It stands in PagerDuty as this version wants it. The mirror is to know it soon.
pub async fn stands(tx: &mut Tx, id: &str, version: i64, stands: &Stands) -> Result<(), StoreError> {
    polls::hurry(tx, &mirror()).await?;
    own_windows::stands(tx, id, version, stands).await?;
    crash_point!("window.stands");
    Ok(())
}

pub async fn over(tx: &mut Tx, id: &str, version: i64) -> Result<(), StoreError> {
    polls::hurry(tx, &mirror()).await?;
    if !own_windows::over(tx, id, version).await? {
        own_windows::ended(tx, id).await?;
    }
    crash_point!("window.over");
    Ok(())
}

/// Somebody ended it in PagerDuty: that stands, and people hear of it.
pub async fn gone(tx: &mut Tx, settings: &Settings, id: &str, version: i64) -> Result<(), StoreError> {
    polls::hurry(tx, &mirror()).await?;
    let Some(own) = own_windows::get(tx, id).await? else { return Ok(()) };
    if !own_windows::gone(tx, id, version).await? {
        return Ok(());
    }
    tell(tx, settings, &own, "gone", |rules, event| words::window_gone(rules, event, &own.services, &own.rule)).await
}

/// It can't be opened or changed: people hear of each reason once.
pub async fn troubled(tx: &mut Tx, settings: &Settings, id: &str, why: &WindowTrouble) -> Result<(), StoreError> {
    let Some(own) = own_windows::get(tx, id).await? else { return Ok(()) };
    let kept = concern::json(why)?;
    if !own_windows::troubled(tx, id, &kept).await? {
        return Ok(());
    }
    let reason = hex::encode(digest(kept.as_bytes()).get(..8).unwrap_or_default());
    let key = format!("trouble-{}-{reason}", own.wanted);
    tell(tx, settings, &own, &key, |rules, event| words::window_trouble(rules, event, why, &own.rule)).await
}

async fn tell(
    tx: &mut Tx,
    settings: &Settings,
    own: &Own,
    key: &str,
    words: impl FnOnce(&Rules, &CalendarEvent) -> model::message::Message,
) -> Result<(), StoreError> {
    let Some(kept) = calendar_events::get(tx, &Scope::All, &own.event).await? else { return Ok(()) };
    let Some(calendar) = settings.bridges.calendar(&kept.event.calendar) else { return Ok(()) };
    let rules = &settings.bridges.calendar_rules;
    let rule = rules.rules.iter().find(|rule| rule.name == own.rule);
    let channel = rule.and_then(|rule| rule.outcome.channel.as_deref());
    let message = words(rules, &kept.event);
    // The rule is part of it: an event may come to have another window.
    let key = format!("window/{}/{key}", own.id);
    event::tell(tx, settings, (calendar, channel), &kept.event, (&key, Mode::Page), message).await
}

/// The mirrored windows with ours laid over them: as we set them, as long as the mirror has not seen them since. One of ours counts
/// from when it was opened, and no longer than it is wanted.
pub(crate) async fn laid_over(tx: &mut Tx, mut mirrored: Vec<Thing>) -> Result<Vec<Thing>, StoreError> {
    let now = tx.now();
    for own in own_windows::told(tx, now).await? {
        let Some(id) = own.pagerduty.clone() else { continue };
        let sight = reference::sight(tx, Kind::MaintenanceWindow, &id).await?;
        let is_seen_since = sight.is_some_and(|sight| sight.seen_at > known_at(&own));
        if let Some(thing) = mirrored.iter_mut().find(|thing| thing.id == id) {
            thing.name.clone_from(&own.title);
        }
        // One that is to end pages again from now on, even while the mirror still shows it.
        if is_seen_since && (own.is_wanted || own.over_at.is_some()) {
            continue;
        }
        mirrored.retain(|thing| thing.id != id);
        if own.is_wanted && own.over_at.is_none() {
            mirrored.push(thing(id, own));
        }
    }
    Ok(mirrored)
}

fn thing(id: String, own: Own) -> Thing {
    Thing {
        kind: Kind::MaintenanceWindow,
        id,
        name: own.title,
        url: None,
        email: None,
        status: None,
        user: None,
        starts_at: Some(own.starts_at),
        // As PagerDuty has it, until it was told otherwise.
        ends_at: own.shown_ends_at,
        level: None,
        names: own.names,
    }
}
