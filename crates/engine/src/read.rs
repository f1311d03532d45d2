//! Reading: takes new signals, understands them outside of any transaction, then writes facts, incidents, actions and
//! timers in one. Never calls out. Reading a signal twice changes nothing.

use crate::interpret::{Interpreted, Meaning, interpret};
use crate::{Settings, Shared, wake};
use duties::{Decision, Mode, Timer, confirm, intake_guard, link_note, mirror};
use model::Micros;
use model::action::Queue;
use model::customer;
use model::incident::{Incident, fold};
use model::signal::Origin;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use store::actions::{self, Doing};
use store::inbox::{self, Reading};
use store::{StoreError, Tx, crash_point, dirty, duty_state, facts, incidents, jobs, timers};
use tokio_util::sync::CancellationToken;

const BATCH: i64 = 64;
/// Facts, and signals, in one transaction.
const MOST_WEIGHT: usize = 128;
const LOOK_EVERY: Duration = Duration::from_millis(1_000);
/// In a storm of signals the acknowledgements go first: reading takes a small part of the machine, then catches up.
const STORM_REST: u32 = 12;
const STORM_REST_LEAST: Duration = Duration::from_millis(60);
const STORM_REST_MOST: Duration = Duration::from_millis(600);

pub async fn run(shared: Shared, reader: usize, readers: usize, stop: CancellationToken) {
    let (reader, readers) = (reader as i64, readers as i64);
    loop {
        let begun = Instant::now();
        match read_some(&shared, reader, readers).await {
            Ok(0) => {
                if !wake::wait(&shared.wake.read, LOOK_EVERY, &stop).await {
                    return;
                }
            }
            Ok(_) if stop.is_cancelled() => return,
            Ok(_) if shared.store.is_storm() => {
                let rest = (begun.elapsed() * STORM_REST).clamp(STORM_REST_LEAST, STORM_REST_MOST);
                if !wake::pause(rest, &stop).await {
                    return;
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "signals could not be read; they wait in the inbox");
                if !wake::pause(Duration::from_millis(300), &stop).await {
                    return;
                }
            }
        }
    }
}

/// Reads one batch; says how many rows it had.
async fn read_some(shared: &Shared, reader: i64, readers: i64) -> Result<usize, StoreError> {
    let rows = shared.store.read(move |tx| Box::pin(inbox::waiting(tx, BATCH, reader, readers))).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let count = rows.len();
    let batch: Arc<Vec<Interpreted>> = Arc::new(rows.iter().map(interpret).collect());
    let mut from = 0;
    while from < count {
        let to = end_of_unit(&batch, from);
        unit(shared, &batch, from, to).await?;
        from = to;
    }
    shared.metrics.signals_read.fetch_add(count as u64, Relaxed);
    shared.wake.act.notify_waiters();
    shared.wake.show.notify_waiters();
    Ok(count)
}

/// One transaction holds so much and no more: a page of a list weighs as much as its incidents.
fn end_of_unit(batch: &[Interpreted], from: usize) -> usize {
    let mut weight = 0;
    let fits = batch[from..].iter().take_while(|row| {
        weight += row.meaning.weight();
        weight <= MOST_WEIGHT
    });
    from + fits.count().max(1)
}

/// A bug of ours in one signal, or a database that is too slow for all of them, must not hold up the others: then each is
/// read by itself, and a culprit is put aside.
async fn unit(shared: &Shared, batch: &Arc<Vec<Interpreted>>, from: usize, to: usize) -> Result<(), StoreError> {
    match write(shared, batch.clone(), from, to).await {
        Err(error @ (StoreError::Bug(_) | StoreError::Away(_))) if to - from > 1 => {
            tracing::error!(%error, "a batch could not be read whole; each signal is now read by itself");
            for i in from..to {
                one_by_itself(shared, batch.clone(), i).await?;
            }
            Ok(())
        }
        Err(StoreError::Bug(_)) => one_by_itself(shared, batch.clone(), from).await,
        other => other,
    }
}

async fn one_by_itself(shared: &Shared, batch: Arc<Vec<Interpreted>>, i: usize) -> Result<(), StoreError> {
    match write(shared, batch.clone(), i, i + 1).await {
        Err(StoreError::Bug(why)) => {
            tracing::error!(why, "a signal can't be read; it is kept as dead");
            let id = batch[i].id;
            let why = why.replace('\0', "\u{fffd}");
            let reading = Reading { dead: Some(format!("our own fault: {why}")), ..Reading::default() };
            shared
                .store
                .write("dead_signal", move |tx| Box::pin(async move { inbox::mark_read(tx, id, &reading).await }))
                .await
        }
        other => other,
    }
}

async fn write(shared: &Shared, batch: Arc<Vec<Interpreted>>, from: usize, to: usize) -> Result<(), StoreError> {
    let settings = shared.settings.clone();
    let can_read = shared.outside.pagerduty.is_some();
    shared
        .store
        .write("read", move |tx| {
            Box::pin(async move {
                let context = Context { settings: &settings, can_read };
                context.write(tx, &batch[from..to]).await
            })
        })
        .await
}

struct Context<'a> {
    settings: &'a Settings,
    can_read: bool,
}

/// What this batch has to say about one incident.
#[derive(Default)]
struct News {
    /// Somebody told something that was not known: whence, if so.
    told: Option<Origin>,
    /// A page of a list showed it for the first time, or changed.
    listed: Option<Origin>,
    /// It was read whole; asked for at this instant.
    asked_at: Option<Micros>,
    customer: Option<String>,
}

impl Context<'_> {
    async fn write(&self, tx: &mut Tx, batch: &[Interpreted]) -> Result<(), StoreError> {
        let ids: Vec<i64> = batch.iter().map(|row| row.id).collect();
        let taken = inbox::claim(tx, &ids).await?;
        let rows: Vec<&Interpreted> = batch.iter().filter(|row| taken.contains(&row.id)).collect();
        tx.lock(&subjects(&rows)).await?;
        let mut news = BTreeMap::new();
        for row in &rows {
            self.add_facts(tx, row, &mut news).await?;
        }
        crash_point!("read.facts_written");
        for (id, about) in &mut news {
            self.incident(tx, id, about).await?;
        }
        for row in &rows {
            self.others(tx, row).await?;
        }
        crash_point!("read.actions_written");
        for row in &rows {
            inbox::mark_read(tx, row.id, &reading(row, &news)).await?;
        }
        Ok(())
    }

    async fn add_facts<'b>(
        &self,
        tx: &mut Tx,
        row: &'b Interpreted,
        news: &mut BTreeMap<&'b str, News>,
    ) -> Result<(), StoreError> {
        let facts = match &row.meaning {
            Meaning::Told(facts) | Meaning::Listed(facts) => facts,
            Meaning::Whole { incident, asked_at, facts } => {
                news.entry(incident).or_default().asked_at = Some(*asked_at);
                facts
            }
            _ => return Ok(()),
        };
        for fact in facts {
            let is_new = facts::add(tx, fact, row.origin, Some(row.id)).await?;
            let about = news.entry(fact.incident.as_str()).or_default();
            match &row.meaning {
                Meaning::Told(_) if is_new => about.told = Some(row.origin),
                Meaning::Listed(_) if is_new => about.listed = Some(row.origin),
                _ => {}
            }
        }
        Ok(())
    }

    async fn incident(&self, tx: &mut Tx, id: &str, news: &mut News) -> Result<(), StoreError> {
        let all = facts::of(tx, id).await?;
        let folded = fold(&all);
        if let Some(incident) = &folded {
            news.customer = customer::of_incident(&self.settings.customers, &incident.data).map(str::to_owned);
            incidents::save(tx, incident, news.customer.as_deref(), all.len(), news.asked_at).await?;
        }
        crash_point!("read.incident_written");
        self.mirror(tx, id, news, folded.as_ref()).await?;
        if let (Some(incident), Some(origin)) = (&folded, news.told) {
            let settings = link_note::Settings { public_url: self.settings.public_url.clone() };
            let now = tx.now();
            let decision = link_note::decide(&settings, incident, news.customer.as_deref(), origin, now);
            apply(tx, decision, doing(self.settings.link_note, Mode::Post)).await?;
        }
        Ok(())
    }

    /// What was told marks the incident; what was read clears the mark, or asks once more.
    async fn mirror(&self, tx: &mut Tx, id: &str, news: &News, folded: Option<&Incident>) -> Result<(), StoreError> {
        if let Some(origin) = news.told.or(news.listed) {
            dirty::mark(tx, dirty::READ, id, origin).await?;
        }
        let Some(mark) = dirty::of(tx, dirty::READ, id).await? else { return Ok(()) };
        if news.asked_at.is_some_and(|asked_at| mark.since <= asked_at) {
            if !model::incident::needs_read(folded) || mirror::believes_the_api(mark.tries) {
                return dirty::clear(tx, dirty::READ, id).await;
            }
            dirty::try_again(tx, dirty::READ, id).await?;
        }
        ask_for_reading(tx, id, news.customer.clone(), self.can_read).await
    }

    async fn others(&self, tx: &mut Tx, row: &Interpreted) -> Result<(), StoreError> {
        // History never acts: what is read once more changes no alarm and sets nothing going.
        if !row.origin.may_act() {
            return Ok(());
        }
        match &row.meaning {
            Meaning::Noticed(noticed) => {
                let subject = noticed.subscription();
                let before: Option<intake_guard::State> =
                    duty_state::get(tx, intake_guard::DUTY, subject, intake_guard::VERSION).await?;
                // By the instant at which it was noticed: two readers may come to them in another order.
                let (state, decision) = intake_guard::decide(&before.unwrap_or_default(), noticed, row.received_at);
                duty_state::set(tx, intake_guard::DUTY, subject, intake_guard::VERSION, &state).await?;
                apply(tx, decision, doing(self.settings.intake_guard, Mode::Page)).await
            }
            Meaning::Confirm(pending) => apply(tx, confirm::decide(pending), Doing::Really).await,
            _ => Ok(()),
        }
    }
}

/// Makes a job of a marked incident, unless one waits already.
pub async fn ask_for_reading(
    tx: &mut Tx,
    id: &str,
    customer: Option<String>,
    can_read: bool,
) -> Result<(), StoreError> {
    // Without a token the mark waits for one; asking what else is so would cost every signal three statements.
    if !can_read {
        return Ok(());
    }
    let Some(mark) = dirty::of(tx, dirty::READ, id).await? else { return Ok(()) };
    let lane = mirror::lane(id);
    if mark.origin.may_act() {
        // History that waits in line is not to hold up what is happening now.
        jobs::promote(tx, &lane, Queue::Bulk, Queue::Read).await?;
    }
    let view = mirror::View {
        incident: id.to_owned(),
        customer,
        generation: mark.generation,
        tries: mark.tries,
        origin: mark.origin,
        is_waiting: jobs::is_ready(tx, &lane).await?,
        can_read,
    };
    let now = tx.now();
    apply(tx, mirror::decide(&view, now), Doing::Really).await
}

/// Writes what was decided: actions with their jobs, timers.
pub async fn apply(tx: &mut Tx, decision: Decision, doing: Doing) -> Result<(), StoreError> {
    for action in &decision.actions {
        actions::add(tx, action, doing).await?;
    }
    for timer in decision.timers {
        set_timer(tx, timer).await?;
    }
    Ok(())
}

pub async fn set_timer(tx: &mut Tx, timer: Timer) -> Result<(), StoreError> {
    match timer {
        Timer::Set { key, duty, subject, due, effect, payload } => {
            timers::set(tx, &key, duty, &subject, due, effect, &payload).await.map(|_| ())
        }
        Timer::Cancel { key } => timers::cancel(tx, &key).await,
    }
}

fn doing(mode: Mode, needed: Mode) -> Doing {
    if mode >= needed { Doing::Really } else { Doing::Observed }
}

fn subjects(rows: &[&Interpreted]) -> Vec<String> {
    let mut subjects: Vec<String> = rows
        .iter()
        .flat_map(|row| match &row.meaning {
            Meaning::Told(facts) | Meaning::Listed(facts) => facts.iter().map(|f| f.incident.clone()).collect(),
            Meaning::Whole { incident, .. } => vec![incident.clone()],
            Meaning::Noticed(noticed) => vec![noticed.subscription().to_owned()],
            _ => Vec::new(),
        })
        .collect();
    subjects.sort();
    subjects.dedup();
    subjects
}

fn reading(row: &Interpreted, news: &BTreeMap<&str, News>) -> Reading {
    let subject = match &row.meaning {
        Meaning::Told(facts) => facts.first().map(|f| f.incident.clone()),
        Meaning::Whole { incident, .. } => Some(incident.clone()),
        Meaning::Noticed(noticed) => Some(noticed.subscription().to_owned()),
        _ => None,
    };
    let customer = subject.as_deref().and_then(|s| news.get(s)).and_then(|n| n.customer.clone());
    let unreadable = match &row.meaning {
        Meaning::Unreadable(why) => Some(why.replace('\0', "\u{fffd}")),
        _ => None,
    };
    Reading { subject, event_type: row.event_type.clone(), customer, unreadable, dead: None }
}
