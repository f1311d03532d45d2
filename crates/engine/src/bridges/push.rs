//! Channels by which Google tells that a calendar has changed: one a calendar, opened after its first list, renewed before it ends, the
//! old one stopped once the new one stands. Decides and writes; never calls out.

use super::Settings as Bridges;
use crate::Settings;
use model::action::{Action, Effect, Precondition, Queue};
use model::connection::{CalendarState, poll as names};
use model::signal::digest;
use model::{Micros, Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::actions::{self, Doing};
use store::push_channels::{self, Channel};
use store::{StoreError, Tx, crash_point, jobs, polls};

pub const DUTY: &str = "calendar_push";
/// Renewed so long before its end, or when a quarter of its life is left.
const AHEAD_S: i64 = 86_400;
const DAY_US: i64 = 86_400_000_000;
/// No channel lives longer; one that nobody told of has ended by then.
const LONGEST_S: i64 = 8 * 86_400;
/// What was refused or lost is tried again after this, then after twice as long, up to the most.
const AGAIN_S: i64 = 300;
const AGAIN_MOST_S: i64 = 6 * 3_600;
/// A request without a job by now came to nothing.
const ASKED_S: i64 = 600;
/// While pushes come, a calendar is asked no oftener than this.
pub const REPAIR_S: i64 = 300;

/// What a push said, as it is kept beside the signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub channel: String,
    pub resource: Option<String>,
    pub expires_at: Option<Micros>,
}

/// How a calendar is to be watched.
#[derive(Clone, Copy, Debug)]
struct Wanted<'a> {
    google_id: &'a str,
    address: &'a str,
    /// Its first list is here.
    is_listed: bool,
    /// A request for a channel is under way.
    is_asking: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Todo {
    Open,
    /// Nobody knows what became of it.
    Lost(String),
    Unwanted(String),
    Close {
        channel: String,
        resource: String,
    },
}

pub async fn tick(tx: &mut Tx, settings: &Settings) -> Result<usize, StoreError> {
    let all = push_channels::list(tx, &Scope::All).await?;
    let bridges = &settings.bridges;
    let watched = bridges.calendars.iter().filter(|one| one.google_id.is_some()).map(|one| one.name.as_str());
    let named: BTreeSet<&str> = watched.chain(all.iter().map(|one| one.calendar.as_str())).collect();
    let mut made = 0;
    for name in named {
        let own: Vec<&Channel> = all.iter().filter(|one| one.calendar == name).collect();
        let wanted = wanted(tx, bridges, name).await?;
        for todo in plan(wanted.as_ref(), &own, tx.now()) {
            made += usize::from(perform(tx, name, wanted.as_ref(), todo).await?);
        }
    }
    if !all.is_empty() {
        push_channels::forget(tx, tx.now().plus_s(-86_400), tx.now().plus_s(-LONGEST_S)).await?;
    }
    Ok(made)
}

async fn wanted<'a>(tx: &mut Tx, bridges: &'a Bridges, name: &str) -> Result<Option<Wanted<'a>>, StoreError> {
    let google_id = bridges.calendar(name).and_then(|calendar| calendar.google_id.as_deref());
    let (Some(google_id), Some(address)) = (google_id, bridges.push_url.as_deref()) else { return Ok(None) };
    let poll = polls::get(tx, &poll_of(name)).await?;
    let is_listed = poll.is_some_and(|poll| poll.known::<CalendarState>().token.is_some());
    let is_asking = jobs::is_live(tx, &lane(name)).await?;
    Ok(Some(Wanted { google_id, address, is_listed, is_asking }))
}

fn poll_of(calendar: &str) -> String {
    format!("{}{calendar}", names::CALENDAR)
}

fn lane(calendar: &str) -> String {
    format!("channel:{calendar}")
}

/// What is to be done about the channels of one calendar; `None`: it is not to be watched.
fn plan(wanted: Option<&Wanted<'_>>, channels: &[&Channel], now: Micros) -> Vec<Todo> {
    let mut todo = Vec::new();
    let has_ended = |one: &Channel| one.stopped_at.is_some() || one.expires_at.is_some_and(|at| at <= now);
    let there: Vec<&Channel> = channels.iter().copied().filter(|one| !has_ended(one)).collect();
    let fits = |one: &Channel| {
        let is_it = wanted.is_some_and(|it| it.google_id == one.google_id && it.address == one.address);
        is_it && one.unwanted_at.is_none() && one.failed_at.is_none()
    };
    let stands = there.iter().copied().rfind(|one| fits(one) && one.resource_id.is_some());
    let asked = there.iter().copied().rfind(|one| fits(one) && one.resource_id.is_none());
    match (wanted, asked) {
        (Some(wanted), Some(asked)) if !wanted.is_asking && now.since(asked.asked_at) > ASKED_S * 1_000_000 => {
            todo.push(Todo::Lost(asked.id.clone()));
        }
        (Some(wanted), None) if wanted.is_listed && stands.is_none_or(|one| is_ending(one, now)) => {
            todo.extend(may_ask(channels, now).then_some(Todo::Open));
        }
        _ => {}
    }
    // New first, then the old ones are stopped.
    let is_kept = |one: &Channel| [stands, asked].into_iter().flatten().any(|kept| kept.id == one.id);
    if wanted.is_none() || stands.is_some() {
        todo.extend(there.iter().filter(|one| !is_kept(one)).flat_map(|one| stop(one, channels)));
    }
    todo
}

fn is_ending(one: &Channel, now: Micros) -> bool {
    let Some(expires_at) = one.expires_at else { return false };
    let ahead_us = (expires_at.since(one.asked_at) / 4).clamp(0, AHEAD_S * 1_000_000);
    expires_at.since(now) < ahead_us
}

/// What came to nothing a while ago is not asked for at once.
fn may_ask(channels: &[&Channel], now: Micros) -> bool {
    let failed = channels.iter().filter_map(|one| one.failed_at).filter(|at| now.since(*at) < DAY_US);
    let doublings = u32::try_from(failed.clone().count().saturating_sub(1)).unwrap_or(0).min(16);
    let wait_s = AGAIN_S.saturating_mul(1 << doublings).min(AGAIN_MOST_S);
    failed.max().is_none_or(|last| now >= last.plus_s(wait_s))
}

/// All channels of a calendar name it alike, so that one whose answer was lost can be stopped too.
fn stop(one: &Channel, channels: &[&Channel]) -> Vec<Todo> {
    let unwanted = one.unwanted_at.is_none().then(|| Todo::Unwanted(one.id.clone()));
    let sibling = channels.iter().filter(|other| other.google_id == one.google_id);
    let resource = one.resource_id.clone().or_else(|| sibling.clone().find_map(|other| other.resource_id.clone()));
    let close = resource.map(|resource| Todo::Close { channel: one.id.clone(), resource });
    unwanted.into_iter().chain(close).collect()
}

async fn perform(tx: &mut Tx, calendar: &str, wanted: Option<&Wanted<'_>>, todo: Todo) -> Result<bool, StoreError> {
    match todo {
        Todo::Open => match wanted {
            Some(wanted) => open(tx, calendar, wanted).await,
            None => Ok(false),
        },
        Todo::Lost(id) => {
            let why = "its request came to nothing; another channel is asked for";
            push_channels::failed(tx, &id, why, false).await.map(|()| false)
        }
        Todo::Unwanted(id) => push_channels::unwanted(tx, &id).await.map(|()| false),
        Todo::Close { channel, resource } => close(tx, &channel, &resource).await,
    }
}

async fn open(tx: &mut Tx, calendar: &str, wanted: &Wanted<'_>) -> Result<bool, StoreError> {
    let seed = format!("{calendar}\n{}\n{}\n{}", wanted.google_id, wanted.address, tx.now().0);
    let id = hex::encode(digest(seed.as_bytes()).get(..16).unwrap_or_default());
    push_channels::add(tx, &id, calendar, wanted.google_id, wanted.address).await?;
    crash_point!("channel.asked");
    let effect = Effect::OpenChannel { channel: id.clone() };
    actions::add(tx, &action(format!("{DUTY}/open/{id}"), calendar, lane(calendar), effect), Doing::Really).await
}

/// Once a day: what still comes by a channel that was closed is closed again.
async fn close(tx: &mut Tx, channel: &str, resource: &str) -> Result<bool, StoreError> {
    let day = tx.now().0 / DAY_US;
    let known = hex::encode(digest(resource.as_bytes()).get(..4).unwrap_or_default());
    let effect = Effect::CloseChannel { channel: channel.to_owned(), resource: resource.to_owned() };
    let key = format!("{DUTY}/close/{channel}/{known}/{day}");
    actions::add(tx, &action(key, channel, format!("channel/{channel}"), effect), Doing::Really).await
}

fn action(key: String, subject: &str, lane: String, effect: Effect) -> Action {
    Action {
        key,
        duty: DUTY.into(),
        subject: subject.to_owned(),
        lane,
        effect,
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "so that a change of the calendar is known at once".into(),
        customer: None,
        queue: Queue::Read,
    }
}

/// A push came by a channel of ours: the calendar is asked at once. One that nobody wants any more, or that was given up, is stopped.
pub async fn heard(tx: &mut Tx, heard: &Heard) -> Result<(), StoreError> {
    let Some(channel) = push_channels::get(tx, &heard.channel).await? else {
        // Opened by us and forgotten, as with a database that was brought back from a copy.
        return match &heard.resource {
            Some(resource) => close(tx, &heard.channel, resource).await.map(|_| ()),
            None => Ok(()),
        };
    };
    polls::hurry(tx, &poll_of(&channel.calendar)).await?;
    push_channels::heard(tx, &channel.id, heard.resource.as_deref(), heard.expires_at).await?;
    crash_point!("channel.heard");
    let is_over = channel.failed_at.is_some() || channel.unwanted_at.is_some() || channel.stopped_at.is_some();
    match heard.resource.as_deref().or(channel.resource_id.as_deref()).filter(|_| is_over) {
        Some(resource) => close(tx, &channel.id, resource).await.map(|_| ()),
        None => Ok(()),
    }
}

/// Google has opened it: what the calendar was watched by before is stopped with the next tick.
pub async fn opened(tx: &mut Tx, id: &str, resource: &str, expires_at: Micros) -> Result<(), StoreError> {
    push_channels::opened(tx, id, resource, expires_at).await?;
    crash_point!("channel.opened");
    Ok(())
}

/// Pushes are known to come for a calendar: by its channel something has come.
pub async fn works(tx: &mut Tx, calendar: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let all = push_channels::list(tx, &Scope::All).await?;
    let is_good = |one: &Channel| {
        let is_there = one.stopped_at.is_none() && one.unwanted_at.is_none() && one.failed_at.is_none();
        is_there && one.heard_at.is_some() && one.expires_at.is_some_and(|at| at > now)
    };
    Ok(all.iter().any(|one| one.calendar == calendar && is_good(one)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_seconds(10_000_000);
    const WEEK_S: i64 = 7 * 86_400;
    const WANTED: Wanted<'_> = Wanted { google_id: "g", address: "https://a", is_listed: true, is_asking: false };

    /// Opened so long ago, for a week.
    fn open_since(id: &str, ago_s: i64) -> Channel {
        Channel {
            id: id.into(),
            google_id: "g".into(),
            address: "https://a".into(),
            asked_at: NOW.plus_s(-ago_s),
            resource_id: Some("r".into()),
            expires_at: Some(NOW.plus_s(WEEK_S - ago_s)),
            ..Channel::default()
        }
    }

    fn asked(id: &str, ago_s: i64) -> Channel {
        Channel { resource_id: None, expires_at: None, ..open_since(id, ago_s) }
    }

    fn failed(id: &str, ago_s: i64, never_was: bool) -> Channel {
        let at = Some(NOW.plus_s(-ago_s));
        Channel { failed_at: at, stopped_at: at.filter(|_| never_was), ..asked(id, ago_s) }
    }

    fn said(todo: &Todo) -> String {
        match todo {
            Todo::Open => "open".into(),
            Todo::Lost(id) => format!("lost {id}"),
            Todo::Unwanted(id) => format!("unwanted {id}"),
            Todo::Close { channel, resource } => format!("close {channel}/{resource}"),
        }
    }

    fn planned(wanted: Option<Wanted<'_>>, channels: &[Channel]) -> String {
        let channels: Vec<&Channel> = channels.iter().collect();
        plan(wanted.as_ref(), &channels, NOW).iter().map(said).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_calendar_has_one_channel() {
        let moved = |one: Channel| Channel { address: "https://b".into(), ..one };
        let hour =
            |id: &str, ago_s: i64| Channel { expires_at: Some(NOW.plus_s(3_600 - ago_s)), ..open_since(id, ago_s) };
        let unwanted = |one: Channel| Channel { unwanted_at: Some(NOW), ..one };
        let stopped = |one: Channel| Channel { stopped_at: Some(NOW), ..one };
        let (yes, no) = (Some(WANTED), None);
        let unlisted = Some(Wanted { is_listed: false, ..WANTED });
        let asking = Some(Wanted { is_asking: true, ..WANTED });
        for (sentence, wanted, channels, todo) in [
            ("before the first list there is none", unlisted, vec![], ""),
            ("after it one is asked for", yes, vec![], "open"),
            ("and no second one while it is", asking, vec![asked("a", 5)], ""),
            ("however long that takes", asking, vec![asked("a", 5_000)], ""),
            ("one whose request died is given up", yes, vec![asked("a", 601)], "lost a"),
            ("one that stands is enough", yes, vec![open_since("a", 60)], ""),
            ("a day before its end another is asked for", yes, vec![open_since("a", 6 * 86_400 + 1)], "open"),
            (
                "and the old one stays until that stands",
                asking,
                vec![open_since("a", 6 * 86_400 + 1), asked("b", 1)],
                "",
            ),
            ("then it is stopped", yes, vec![open_since("a", 6 * 86_400), open_since("b", 1)], "unwanted a, close a/r"),
            ("until it is", yes, vec![unwanted(open_since("a", 600)), open_since("b", 1)], "close a/r"),
            ("and no longer", yes, vec![stopped(unwanted(open_since("a", 600))), open_since("b", 1)], ""),
            ("a short one is renewed in its last quarter", yes, vec![hour("a", 2_699)], ""),
            ("which begins then", yes, vec![hour("a", 2_701)], "open"),
            ("one that ended is no channel", yes, vec![open_since("a", WEEK_S)], "open"),
            ("another address is another channel", yes, vec![moved(open_since("a", 60))], "open"),
            (
                "and the old one goes after it",
                yes,
                vec![moved(open_since("a", 60)), open_since("b", 1)],
                "unwanted a, close a/r",
            ),
            ("what is not to be watched is not", no, vec![open_since("a", 60)], "unwanted a, close a/r"),
            ("not even if nobody knows whether it is", no, vec![asked("a", 60)], "unwanted a"),
            (
                "a lost one is stopped like its sibling",
                yes,
                vec![failed("a", 400, false), open_since("b", 1)],
                "unwanted a, close a/r",
            ),
            ("but not before that stands", yes, vec![failed("a", 400, false)], "open"),
            ("a refusal waits five minutes", yes, vec![failed("a", 299, true)], ""),
            ("and then no longer", yes, vec![failed("a", 300, true)], "open"),
            ("the second one ten", yes, vec![failed("a", 900, true), failed("b", 599, true)], ""),
            (
                "what was refused yesterday does not count",
                yes,
                vec![failed("a", 90_000, true), failed("b", 300, true)],
                "open",
            ),
        ] {
            assert_eq!(planned(wanted, &channels), todo, "{sentence}");
        }
    }
}
