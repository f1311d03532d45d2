//! Events of calendars: what a page or a feed tells is judged in the transaction that keeps it, and again when its timer fires. Decides
//! nothing itself, and never calls out.

use super::{Settings as Bridges, event, locks, lost};
use crate::Settings;
use duties::calendar::{self as duty, Act, DUTY, Decision, Memory, Sighting, Step, View};
use model::calendar::{CalendarEvent, Change};
use model::connection::{CalendarState, poll as names};
use model::hours::HolidaySource;
use model::signal::{Key, Origin, Signal, digest, source};
use model::{Micros, Scope};
use serde::{Deserialize, Serialize};
use store::calendar_events::{self, Kept};
use store::{StoreError, Tx, crash_point, inbox, polls, timers};

/// What was over by then is of no series that anybody asks for.
const BACK_S: i64 = 2 * 86_400;

/// A calendar that is read, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub name: String,
    pub customer: Option<String>,
    /// `None`: it is a feed.
    pub google_id: Option<String>,
    pub reads: Reads,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Its events are promises.
    Events,
    /// Its events are people's leave; `None`: each tells whose it is.
    Leave { person: Option<String> },
    /// Its days are holidays of a list.
    Holidays { list: String, source: HolidaySource },
}

impl Calendar {
    /// What its signals are called.
    pub const fn source(&self) -> &'static str {
        if self.google_id.is_some() { source::CALENDAR_API } else { source::CALENDAR_FEED }
    }

    /// How far ahead a feed is read, which has no end: far enough for any lead, or for whoever asks for next year's holidays.
    pub fn ahead_s(&self) -> i64 {
        match self.reads {
            Reads::Events => 60 * 86_400,
            Reads::Leave { .. } | Reads::Holidays { .. } => 400 * 86_400,
        }
    }
}

/// What a timer of an event carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub event: String,
}

/// What a page or a feed told of a calendar.
#[derive(Debug)]
pub struct News {
    pub calendar: String,
    pub changes: Vec<Change>,
    /// The ids of events and series that nobody can read now: what is known of them stands.
    pub unread: Vec<String>,
    pub asked_at: Micros,
}

/// So many changes are judged in a transaction.
const MOST_JUDGED: usize = 500;

/// Some of what a feed told that is too much for one transaction, as a signal of its own.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Part {
    pub changes: Vec<Change>,
    pub unread: Vec<String>,
}

impl News {
    pub const fn is_too_much(&self) -> bool {
        self.changes.len() > MOST_JUDGED
    }

    /// What could not be read goes with the last.
    fn parts(&self) -> Vec<Part> {
        let part = |changes: &[Change]| Part { changes: changes.to_vec(), unread: Vec::new() };
        let mut parts: Vec<Part> = self.changes.chunks(MOST_JUDGED).map(part).collect();
        if let Some(last) = parts.last_mut() {
            last.unread.clone_from(&self.unread);
        }
        parts
    }
}

/// Comes in once more, in parts: by the same door as everything, in the transaction in which the whole of it is done. Read again, the
/// whole makes no other parts.
pub(crate) async fn divide(
    tx: &mut Tx,
    settings: &Settings,
    news: &News,
    (signal, origin): (i64, Origin),
) -> Result<(), StoreError> {
    let Some(calendar) = settings.bridges.calendar(&news.calendar) else { return Ok(()) };
    for (n, part) in news.parts().iter().enumerate() {
        let raw = serde_json::to_vec(part).map_err(|error| StoreError::Bug(error.to_string()))?;
        let headers = serde_json::json!({ "calendar": news.calendar, "asked_at": news.asked_at, "part": n });
        let signal = Signal {
            source: calendar.source(),
            key: Key::of("calendar part", &[&signal.to_le_bytes(), &n.to_le_bytes()]),
            digest: digest(&raw),
            received_at: tx.now(),
            origin,
            raw,
            headers: headers.to_string(),
        };
        inbox::insert(tx, &signal).await?;
    }
    Ok(())
}

/// Whoever calls this holds the locks of all that it is about.
pub(crate) async fn absorb(tx: &mut Tx, settings: &Settings, news: &News, origin: Origin) -> Result<(), StoreError> {
    let Some(calendar) = settings.bridges.calendar(&news.calendar) else { return Ok(()) };
    let mut changes: Vec<&Change> = news.changes.iter().collect();
    // In one order for everybody, so that nobody waits for each other.
    changes.sort_by(|a, b| id_of(a).cmp(id_of(b)));
    for change in changes {
        let id = id_of(change);
        match change {
            Change::Event(event) => {
                judge(tx, settings, calendar, Sighting::Event(event), (id, news.asked_at, origin), None).await?;
            }
            Change::Gone { id } => gone(tx, settings, calendar, id, (news.asked_at, origin)).await?,
        }
    }
    stand(tx, news).await
}

/// What is there and can't be read is not taken for deleted.
async fn stand(tx: &mut Tx, news: &News) -> Result<(), StoreError> {
    for id in &news.unread {
        for id in calendar_events::named_after(tx, id, news.asked_at).await? {
            calendar_events::seen(tx, &id, news.asked_at).await?;
        }
    }
    Ok(())
}

fn id_of(change: &Change) -> &str {
    match change {
        Change::Event(event) => &event.id,
        Change::Gone { id } => id,
    }
}

/// A series that was deleted may be told by its own id alone: its instances go with it. What is known by that id is none.
async fn gone(
    tx: &mut Tx,
    settings: &Settings,
    calendar: &Calendar,
    id: &str,
    (asked_at, origin): (Micros, Origin),
) -> Result<(), StoreError> {
    for id in gone_with(tx, &calendar.name, id).await? {
        judge(tx, settings, calendar, Sighting::Gone, (&id, asked_at, origin), None).await?;
    }
    Ok(())
}

/// Those that go with an id of which only that is told.
pub(crate) async fn gone_with(tx: &mut Tx, calendar: &str, id: &str) -> Result<Vec<String>, StoreError> {
    let is_known = calendar_events::get(tx, &Scope::All, id).await?.is_some();
    let back = tx.now().plus_s(-BACK_S);
    match is_known {
        true => Ok(vec![id.to_owned()]),
        false => calendar_events::of_series(tx, calendar, id, back).await,
    }
}

/// What a whole list does not show is gone, once all of it has been read: so many at a time. Says how many they were.
pub(crate) async fn sweep(
    tx: &mut Tx,
    settings: &Settings,
    calendar: &Calendar,
    state: &CalendarState,
    most: i64,
) -> Result<usize, StoreError> {
    let (Some(listed_at), Some(since)) = (state.listed_at, state.listed_since) else { return Ok(0) };
    let unseen = calendar_events::unseen(tx, &calendar.name, (since, listed_at), most).await?;
    locks::take(tx, unseen.iter().map(|kept| locks::event(&kept.event.id)).collect()).await?;
    for kept in &unseen {
        let id = &kept.event.id;
        judge(tx, settings, calendar, Sighting::Gone, (id, listed_at, Origin::Repair), None).await?;
    }
    Ok(unseen.len())
}

/// Its timer fired.
pub(crate) async fn timer(tx: &mut Tx, settings: &Settings, told: &Told) -> Result<(), StoreError> {
    again(tx, settings, &told.event, Sighting::Timer, None).await
}

/// Somebody acted on what people were told.
pub(crate) async fn acted(tx: &mut Tx, settings: &Settings, event: &str, act: &Act) -> Result<(), StoreError> {
    again(tx, settings, event, Sighting::Known, Some(act)).await
}

async fn again(
    tx: &mut Tx,
    settings: &Settings,
    id: &str,
    sighting: Sighting<'_>,
    act: Option<&Act>,
) -> Result<(), StoreError> {
    tx.lock(&[locks::event(id)]).await?;
    let Some(kept) = calendar_events::get(tx, &Scope::All, id).await? else { return Ok(()) };
    let Some(calendar) = settings.bridges.calendar(&kept.event.calendar) else { return Ok(()) };
    judge(tx, settings, calendar, sighting, (id, kept.seen_at, Origin::Live), act).await
}

async fn judge(
    tx: &mut Tx,
    settings: &Settings,
    calendar: &Calendar,
    sighting: Sighting<'_>,
    (id, asked_at, origin): (&str, Micros, Origin),
    act: Option<&Act>,
) -> Result<(), StoreError> {
    let kept = calendar_events::get(tx, &Scope::All, id).await?;
    if kept.as_ref().is_some_and(|kept| kept.seen_at > asked_at) {
        return Ok(());
    }
    let memory = match &kept {
        Some(kept) => lost::event(tx, settings, kept).await?,
        None => Memory::default(),
    };
    let sighting = anew(sighting, kept.as_ref().filter(|kept| memory.event.is_none() && !kept.is_gone));
    let view = View { sighting, memory: &memory, origin, baseline_at: baseline(tx, &calendar.name).await?, act };
    let rules = rules(&settings.bridges, calendar);
    let decision = duty::decide(&rules, &view, tx.now());
    let is_gone = matches!(sighting, Sighting::Gone);
    let known = || kept.as_ref().filter(|_| is_gone).map(|kept| kept.event.clone());
    let Some(event) = decision.memory.event.clone().or_else(|| shown(sighting)).or_else(known) else { return Ok(()) };
    let saved = Kept {
        is_gone: event.is_cancelled || is_gone,
        customer: calendar.customer.clone(),
        seen_at: asked_at,
        memory: serde_json::to_string(&decision.memory).map_err(|error| StoreError::Bug(error.to_string()))?,
        event: event.clone(),
    };
    if calendar_events::save(tx, &saved).await? {
        crash_point!("event.judged");
        steps(tx, settings, (&rules, calendar), &event, decision).await?;
    }
    Ok(())
}

/// Of what nothing is remembered a timer says nothing: it is met again as it was told last.
fn anew<'a>(sighting: Sighting<'a>, lost: Option<&'a Kept>) -> Sighting<'a> {
    match (sighting, lost) {
        (Sighting::Timer | Sighting::Known, Some(kept)) => Sighting::Event(&kept.event),
        (sighting, _) => sighting,
    }
}

fn shown(sighting: Sighting<'_>) -> Option<CalendarEvent> {
    match sighting {
        Sighting::Event(event) => Some(event.clone()),
        _ => None,
    }
}

/// Calendars of leave and holidays call nobody.
fn rules(bridges: &Bridges, calendar: &Calendar) -> duty::Settings {
    let mut settings = bridges.calendar_rules.clone();
    if calendar.reads != Reads::Events {
        settings.rules.clear();
    }
    settings
}

async fn baseline(tx: &mut Tx, calendar: &str) -> Result<Micros, StoreError> {
    let poll = polls::get(tx, &format!("{}{calendar}", names::CALENDAR)).await?;
    Ok(poll.and_then(|poll| poll.known::<CalendarState>().baseline_at).unwrap_or_else(|| tx.now()))
}

async fn steps(
    tx: &mut Tx,
    settings: &Settings,
    (rules, calendar): (&duty::Settings, &Calendar),
    one: &CalendarEvent,
    decision: Decision,
) -> Result<(), StoreError> {
    for step in decision.steps {
        match step {
            Step::Announce(early) => event::announce(tx, settings, (rules, calendar), one, &early).await?,
            Step::Notice(notice) => event::raise(tx, settings, (rules, calendar), one, &notice).await?,
            Step::Update { .. } => event::retell(tx, settings, rules, one).await?,
            Step::Ended { notice, end } => event::end(tx, settings, (rules, calendar), one, (&notice, &end)).await?,
            Step::Unserved(unserved) => event::unserved(tx, settings, (rules, calendar), one, &unserved).await?,
            Step::OpenWindow(window) => event::window(tx, settings, (rules, calendar), one, &window, false).await?,
            Step::ChangeWindow(window) => event::window(tx, settings, (rules, calendar), one, &window, true).await?,
            Step::CloseWindow { window, why } => {
                event::window_closed(tx, settings, (rules, calendar), one, (&window, why)).await?;
            }
            Step::WouldHave { rule } => event::would_have(tx, (rules, calendar), one, &rule).await?,
            Step::SetTimer { due } => set_timer(tx, &one.id, due).await?,
            Step::CancelTimer => timers::cancel(tx, &format!("{DUTY}/{}", one.id)).await?,
        }
    }
    Ok(())
}

async fn set_timer(tx: &mut Tx, id: &str, due: Micros) -> Result<(), StoreError> {
    let payload = serde_json::to_string(&Told { event: id.to_owned() }).map_err(|e| StoreError::Bug(e.to_string()))?;
    timers::set(tx, &format!("{DUTY}/{id}"), DUTY, id, due, true, &payload).await.map(|_| ())
}
