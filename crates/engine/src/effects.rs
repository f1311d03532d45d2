//! One effect, done once: how each is sent, how it is looked up when nobody knows whether it was, and what follows from
//! it in the same transaction as its outcome.

use crate::Shared;
use crate::interpret::Fetched;
use crate::read::set_timer;
use connectors::pagerduty::{Client, Events, ListIncidents, Severity, Trigger};
use connectors::{Call, CallError, Class, Kind};
use duties::confirm::{self, Pending};
use model::Micros;
use model::action::{Action, Effect, Fault, Outcome, Precondition, Queue};
use model::incident::Status;
use model::signal::{Key, Origin, Signal, digest, source};
use std::time::Duration;
use store::actions::{self, Doing};
use store::jobs::Claimed;
use store::{StoreError, Tx, crash_point, faults, inbox};

/// Kept back from the lease for writing the outcome.
const LEASE_MARGIN_MS: i64 = 400;
/// A page of a list, as PagerDuty gives it at most.
const PAGE_ROWS: u32 = 100;

/// What follows from an outcome, written with it.
#[derive(Clone, Debug)]
pub enum Follow {
    Nothing,
    /// A document that we fetched: into the inbox, by the same door as everything.
    Document {
        fetched: Fetched,
        raw: Vec<u8>,
        origin: Origin,
        next: Option<Box<Action>>,
    },
    Timer(duties::Timer),
}

type Done = (Outcome, Follow);

/// Does the job's effect within its lease.
pub async fn perform(shared: &Shared, job: &Claimed) -> Done {
    let now = shared.store.clock().now();
    let left_ms = job.lease_until.since(now) / 1_000 - LEASE_MARGIN_MS;
    if left_ms <= 0 {
        return later(now, Fault::Ours, "the lease was nearly over before the work began");
    }
    let left = Duration::from_millis(left_ms.unsigned_abs());
    let settle_ms = shared.settings.terms.settle_ms;
    tokio::time::timeout(left, effect(shared, job, now)).await.unwrap_or_else(|_| {
        let look_after = shared.store.clock().now().plus_ms(settle_ms);
        (Outcome::Unknown { look_after, why: "no answer within the lease".into() }, Follow::Nothing)
    })
}

async fn effect(shared: &Shared, job: &Claimed, now: Micros) -> Done {
    let rest = shared.outside.pagerduty.as_ref();
    let events = shared.outside.events.as_ref();
    match (&job.action.effect, rest, events) {
        (Effect::ReadIncident { incident }, Some(client), _) => read_incident(client, job, incident, now).await,
        (Effect::ListIncidents { since, until, open_only, offset }, Some(client), _) => {
            let span = Span { since: *since, until: *until, open_only: *open_only, offset: *offset };
            list_incidents(client, job, span, now).await
        }
        (Effect::Note { incident, text, marker }, Some(client), _) => {
            let note = Note { incident, text, marker, from: shared.settings.from.as_deref() };
            settled(shared, add_note(client, job, note, now).await)
        }
        (Effect::Page { .. }, rest, Some(events)) => page(shared, rest, events, job, now).await,
        (Effect::Settle { dedup_key }, _, Some(events)) => {
            let call = Call::new(Class::Live, now);
            crash_point!("act.before_send");
            // A resolve of something that is not open is taken and changes nothing, so it may be repeated.
            let sent = events.resolve(&call, dedup_key).await.map(|accepted| Some(accepted.dedup_key));
            settled(shared, sent)
        }
        (Effect::Confirm { dedup_key, paged_at, look }, Some(client), _) => {
            let pending = Pending { dedup_key: dedup_key.clone(), paged_at: *paged_at, look: *look };
            look_for_incident(shared, client, &pending, now).await
        }
        (Effect::Confirm { .. }, None, _) => {
            let why = "accepted by PagerDuty; without [pagerduty] token nobody can look whether it became an incident";
            (Outcome::Human { why: why.into() }, Follow::Nothing)
        }
        (Effect::Page { .. } | Effect::Settle { .. }, _, None) => {
            never("no [pagerduty] unconfigured_routing_key is set: set it, restart, and retry this job")
        }
        (_, None, _) => never("no [pagerduty] token is set: set it, restart, and retry this job"),
    }
}

async fn read_incident(client: &Client, job: &Claimed, incident: &str, now: Micros) -> Done {
    let call = Call::new(class(job), now);
    crash_point!("act.before_send");
    match client.incident_whole(&call, incident).await {
        Ok(whole) => {
            let fetched = Fetched::Incident { incident: incident.to_owned(), asked_at: now };
            (done(None), Follow::Document { fetched, raw: whole.raw, origin: origin(job), next: None })
        }
        Err(error) => (read_failed(&error, now), Follow::Nothing),
    }
}

/// A span of creation times, or all open incidents, from an offset on.
#[derive(Clone, Copy)]
struct Span {
    since: Micros,
    until: Micros,
    open_only: bool,
    offset: u32,
}

async fn list_incidents(client: &Client, job: &Claimed, span: Span, now: Micros) -> Done {
    let statuses = if span.open_only { vec![Status::Triggered, Status::Acknowledged] } else { Vec::new() };
    let list = ListIncidents {
        since: Some(span.since),
        until: Some(span.until),
        statuses,
        offset: span.offset,
        limit: PAGE_ROWS,
    };
    crash_point!("act.before_send");
    match client.incidents(&Call::new(class(job), now), &list).await {
        Ok(answer) => {
            let next = answer.value.more.then(|| Box::new(next_page(job, span, answer.value.next_offset)));
            let fetched = Fetched::List { asked_at: now };
            (done(None), Follow::Document { fetched, raw: answer.raw.to_vec(), origin: Origin::Backfill, next })
        }
        Err(error) => (read_failed(&error, now), Follow::Nothing),
    }
}

fn next_page(job: &Claimed, span: Span, offset: u32) -> Action {
    let Span { since, until, open_only, .. } = span;
    list_action(since, until, open_only, offset, &job.action.subject)
}

/// The action that lists one page of a span of creation times.
pub fn list_action(since: Micros, until: Micros, open_only: bool, offset: u32, subject: &str) -> Action {
    let which = if open_only { "open" } else { "all" };
    Action {
        key: format!("first_sight/{subject}/{which}/{}/{offset}", since.0),
        duty: "first_sight".into(),
        subject: subject.into(),
        lane: format!("list:{which}:{}", since.0),
        effect: Effect::ListIncidents { since, until, open_only, offset },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "the first sight of the account".into(),
        customer: None,
        queue: Queue::Bulk,
    }
}

struct Note<'a> {
    incident: &'a str,
    text: &'a str,
    marker: &'a str,
    from: Option<&'a str>,
}

/// A note has no native key: in doubt it is looked for by its marker, and only its absence lets it be sent again.
async fn add_note(client: &Client, job: &Claimed, note: Note<'_>, now: Micros) -> Result<Option<String>, CallError> {
    let call = Call::new(Class::Live, now);
    if job.unsettled && !faults::sabotaged("no_look_up") {
        if let Some(id) = client.find_note(&call, note.incident, note.marker).await.map_err(in_doubt)? {
            return Ok(Some(id));
        }
        tracing::info!(job = job.id, "looked up and not found: it is sent now");
    }
    crash_point!("act.before_send");
    client.add_note(&call, note.incident, note.from, note.text).await.map(Some)
}

async fn page(shared: &Shared, rest: Option<&Client>, events: &Events, job: &Claimed, now: Micros) -> Done {
    let Effect::Page { dedup_key, summary, source, severity, details } = &job.action.effect else {
        return never("this job is no page");
    };
    let call = Call::new(Class::Live, now);
    // A trigger after a resolution would open a second incident, so resolved ones count as found.
    if let (true, Some(client), false) = (job.unsettled, rest, faults::sabotaged("no_look_up")) {
        match client.find_incidents_by_key(&call, dedup_key, None).await {
            Ok(found) if !found.is_empty() => return accepted(dedup_key, now),
            Ok(_) => {}
            Err(error) => return settled(shared, Err(in_doubt(error))),
        }
    }
    let trigger = Trigger {
        dedup_key: dedup_key.clone(),
        summary: summary.clone(),
        source: source.clone(),
        severity: Severity::parse(severity).unwrap_or(Severity::Error),
        details: details.clone(),
        links: Vec::new(),
    };
    crash_point!("act.before_send");
    match events.trigger(&call, &trigger).await {
        Ok(answer) => accepted(&answer.dedup_key, now),
        Err(error) => settled(shared, Err(error)),
    }
}

/// 202 is not an incident: the first look is set with the outcome.
fn accepted(dedup_key: &str, now: Micros) -> Done {
    let pending = Pending { dedup_key: dedup_key.to_owned(), paged_at: now, look: 0 };
    let follow = confirm::next_timer(&pending).map_or(Follow::Nothing, Follow::Timer);
    (done(Some(dedup_key.to_owned())), follow)
}

async fn look_for_incident(shared: &Shared, client: &Client, pending: &Pending, now: Micros) -> Done {
    let found = match client.find_incidents_by_key(&Call::new(Class::Live, now), &pending.dedup_key, None).await {
        Ok(found) => found,
        Err(error) => return settled(shared, Err(error)),
    };
    // Resolved counts: somebody, or its own recovery, has dealt with it.
    let seen = found.iter().find(|i| i.status == Status::Resolved || !i.assignees.is_empty());
    if let Some(incident) = seen {
        return (done(Some(incident.id.clone())), Follow::Nothing);
    }
    let next = Pending { look: pending.look + 1, ..pending.clone() };
    match confirm::next_timer(&next) {
        Some(timer) => (done(None), Follow::Timer(timer)),
        None => {
            let why = "PagerDuty accepted the page (202) a minute ago and shows no open incident that is assigned to \
                       anybody: call the person on call, then look at the service behind unconfigured_routing_key \
                       (disabled? in maintenance? suppressed by a rule?)";
            (Outcome::Human { why: why.into() }, Follow::Nothing)
        }
    }
}

/// A look-up that failed leaves the doubt as it was: it is never a licence to send.
fn in_doubt(error: CallError) -> CallError {
    CallError { kind: Kind::Unknown, write: true, ..error }
}

fn settled(shared: &Shared, sent: Result<Option<String>, CallError>) -> Done {
    let now = shared.store.clock().now();
    match sent {
        Ok(external) => (done(external), Follow::Nothing),
        Err(error) if error.kind == Kind::Auth => token_refused(&error, now),
        Err(error) => (error.to_outcome(now, shared.settings.terms.settle_ms), Follow::Nothing),
    }
}

fn read_failed(error: &CallError, now: Micros) -> Outcome {
    if error.kind == Kind::Auth { token_refused(error, now).0 } else { error.to_outcome(now, 0) }
}

/// A refused token is put right by a person, and then everything goes on by itself: nothing dies of it.
fn token_refused(error: &CallError, now: Micros) -> Done {
    later(now.plus_s(60), Fault::Destination, &error.text)
}

fn later(at: Micros, fault: Fault, why: &str) -> Done {
    (Outcome::Later { at, fault, why: why.to_owned() }, Follow::Nothing)
}

fn never(why: &str) -> Done {
    (Outcome::Never { why: why.to_owned() }, Follow::Nothing)
}

const fn done(external: Option<String>) -> Outcome {
    Outcome::Done { external }
}

const fn class(job: &Claimed) -> Class {
    match job.action.queue {
        Queue::Live => Class::Live,
        Queue::Read => Class::Read,
        Queue::Bulk => Class::Bulk,
    }
}

const fn origin(job: &Claimed) -> Origin {
    match job.action.queue {
        Queue::Bulk => Origin::Backfill,
        _ => Origin::Repair,
    }
}

/// Writes what follows, in the transaction that writes the outcome.
pub async fn follow(tx: &mut Tx, job: &Claimed, follow: Follow) -> Result<(), StoreError> {
    match follow {
        Follow::Nothing => Ok(()),
        Follow::Timer(timer) => set_timer(tx, timer).await,
        Follow::Document { fetched, raw, origin, next } => {
            let headers = serde_json::to_string(&fetched).map_err(|e| StoreError::Bug(e.to_string()))?;
            let signal = Signal {
                source: source::PAGERDUTY_API,
                key: Key::of(source::PAGERDUTY_API, &[job.key.as_bytes(), &job.token.to_le_bytes()]),
                digest: digest(&raw),
                received_at: tx.now(),
                origin,
                raw,
                headers,
            };
            inbox::insert(tx, &signal).await?;
            if let Some(next) = next {
                actions::add(tx, &next, Doing::Really).await?;
            }
            Ok(())
        }
    }
}
