//! One effect, done once: how each is sent, how it is looked up when nobody knows whether it was, and what follows from
//! it in the same transaction as its outcome.

use crate::Shared;
use crate::interpret::Fetched;
use crate::read::set_timer;
use connectors::pagerduty::{Client, Events, ListIncidents, Severity, Trigger};
use connectors::{Call, CallError, Class, Kind};
use duties::confirm::{self, Pending};
use model::Micros;
use model::action::{Action, Effect, Fault, Outcome, Precondition, Queue, Repeat};
use model::incident::Status;
use model::signal::{Key, Origin, Signal, digest, source};
use std::time::{Duration, Instant};
use store::actions::{self, Doing};
use store::jobs::Claimed;
use store::{StoreError, Tx, crash_point, faults, inbox};

/// Kept back from the lease for writing the outcome.
const LEASE_MARGIN_MS: i64 = 400;
/// Half of what PagerDuty gives at most: a page is read in one transaction.
const PAGE_ROWS: u32 = 50;
/// The longest wait before a job is tried again.
const LONGEST_WAIT_S: i64 = 600;

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

/// A job in hand: until when, by a clock that no jump moves, and whether it may still be sent.
pub struct Hand<'a> {
    pub job: &'a Claimed,
    /// Taken before the claim, so that our idea of the lease ends before the database's.
    pub begun: Instant,
    /// Why it is not to be sent any more; what may have been done is looked up all the same.
    pub look_only: Option<String>,
}

impl Hand<'_> {
    /// The instant by the clock that rules leases, whatever this machine's own clock says.
    fn now(&self) -> Micros {
        Micros(self.job.claimed_at.0 + i64::try_from(self.begun.elapsed().as_micros()).unwrap_or(0))
    }

    fn left(&self) -> Duration {
        let lease_ms = self.job.lease_until.since(self.job.claimed_at) / 1_000 - LEASE_MARGIN_MS;
        Duration::from_millis(lease_ms.max(0).unsigned_abs()).saturating_sub(self.begun.elapsed())
    }

    /// Asked right before sending, after anything that took time: we may have been stopped meanwhile.
    fn kept_from_sending(&self) -> Option<Done> {
        if self.left().is_zero() {
            return Some(later(self.now(), Fault::Ours, "the lease was over before it could be sent"));
        }
        self.look_only.as_ref().map(|why| (Outcome::Skipped { why: why.clone() }, Follow::Nothing))
    }

    /// What a call's end means for the job.
    fn settled(&self, shared: &Shared, sent: Result<Option<String>, CallError>) -> Done {
        match sent {
            Ok(external) => (done(external), Follow::Nothing),
            Err(error) => (self.failed(shared, &error), Follow::Nothing),
        }
    }

    fn failed(&self, shared: &Shared, error: &CallError) -> Outcome {
        let now = self.now();
        // A refused token is put right by a person, and then everything goes on by itself: nothing dies of it.
        if error.kind == Kind::Auth {
            return Outcome::Later { at: now.plus_s(60), fault: Fault::Destination, why: error.text.clone() };
        }
        match error.to_outcome(now, shared.settings.terms.settle_ms) {
            // However absurd the wait that the other side names: it is asked again.
            Outcome::Later { at, fault, why } => Outcome::Later { at: at.min(now.plus_s(LONGEST_WAIT_S)), fault, why },
            outcome => outcome,
        }
    }
}

/// Does the job's effect within its lease.
pub async fn perform(shared: &Shared, hand: &Hand<'_>) -> Done {
    if hand.left().is_zero() {
        return later(hand.now(), Fault::Ours, "the lease was nearly over before the work began");
    }
    tokio::time::timeout(hand.left(), effect(shared, hand)).await.unwrap_or_else(|_| {
        let why = "no answer within the lease".to_owned();
        let outcome = match hand.job.action.effect.repeat() {
            // Nothing was changed, so nothing is in doubt; what never fits into a lease has to come to an end.
            Repeat::Converge => Outcome::Later { at: hand.now().plus_s(30), fault: Fault::Ours, why },
            _ => Outcome::Unknown { look_after: hand.now().plus_ms(shared.settings.terms.settle_ms), why },
        };
        (outcome, Follow::Nothing)
    })
}

async fn effect(shared: &Shared, hand: &Hand<'_>) -> Done {
    let rest = shared.outside.pagerduty.as_ref();
    let events = shared.outside.events.as_ref();
    match (&hand.job.action.effect, rest, events) {
        (Effect::ReadIncident { incident }, Some(client), _) => read_incident(shared, client, hand, incident).await,
        (Effect::ListIncidents { since, until, open_only, offset }, Some(client), _) => {
            let span = Span { since: *since, until: *until, open_only: *open_only, offset: *offset };
            list_incidents(shared, client, hand, span).await
        }
        (Effect::Note { incident, text, marker }, Some(client), _) => {
            let note = Note { incident, text, marker, from: shared.settings.from.as_deref() };
            add_note(shared, client, hand, note).await
        }
        (Effect::Page { .. }, rest, Some(events)) => page(shared, rest, events, hand).await,
        (Effect::Settle { dedup_key }, _, Some(events)) => {
            let call = Call::new(Class::Live, hand.now());
            crash_point!("act.before_send");
            // A resolve of something that is not open is taken and changes nothing, so it may be repeated.
            let sent = events.resolve(&call, dedup_key).await.map(|accepted| Some(accepted.dedup_key));
            hand.settled(shared, sent)
        }
        (Effect::Confirm { dedup_key, paged_at, look }, Some(client), _) => {
            let pending = Pending { dedup_key: dedup_key.clone(), paged_at: *paged_at, look: *look };
            look_for_incident(shared, client, hand, &pending).await
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

async fn read_incident(shared: &Shared, client: &Client, hand: &Hand<'_>, incident: &str) -> Done {
    let asked_at = hand.now();
    let call = Call::new(class(hand.job), asked_at);
    crash_point!("act.before_send");
    match client.incident_whole(&call, incident).await {
        Ok(whole) => {
            let fetched = Fetched::Incident { incident: incident.to_owned(), asked_at };
            (done(None), Follow::Document { fetched, raw: whole.raw, origin: origin(hand.job), next: None })
        }
        Err(error) => (hand.failed(shared, &error), Follow::Nothing),
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

async fn list_incidents(shared: &Shared, client: &Client, hand: &Hand<'_>, span: Span) -> Done {
    let asked_at = hand.now();
    let list = if span.open_only {
        // Open ones have no age: without a span all of them are listed.
        let statuses = vec![Status::Triggered, Status::Acknowledged];
        ListIncidents { since: None, until: None, statuses, offset: span.offset, limit: PAGE_ROWS }
    } else {
        let (since, until) = (Some(span.since), Some(span.until));
        ListIncidents { since, until, statuses: Vec::new(), offset: span.offset, limit: PAGE_ROWS }
    };
    crash_point!("act.before_send");
    match client.incidents(&Call::new(class(hand.job), asked_at), &list).await {
        Ok(answer) => {
            let next = answer.value.more.then(|| Box::new(next_page(hand.job, span, answer.value.next_offset)));
            let fetched = Fetched::List { asked_at };
            (done(None), Follow::Document { fetched, raw: answer.raw.to_vec(), origin: Origin::Backfill, next })
        }
        Err(error) => (hand.failed(shared, &error), Follow::Nothing),
    }
}

fn next_page(job: &Claimed, span: Span, next_offset: u32) -> Action {
    let Span { since, until, open_only, offset } = span;
    // What is resolved while we page leaves the list of open ones and moves the rest up: pages overlap.
    let overlap = if open_only { PAGE_ROWS / 2 } else { 0 };
    let next_offset = next_offset.saturating_sub(overlap).max(offset + 1);
    list_action(since, until, open_only, next_offset, &job.action.subject)
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

/// A note has no native key: in doubt it is looked for by its marker, and only its absence lets it be sent again. A look-up
/// that fails is no licence to send; the doubt stays.
async fn add_note(shared: &Shared, client: &Client, hand: &Hand<'_>, note: Note<'_>) -> Done {
    if hand.job.unsettled && !faults::sabotaged("no_look_up") {
        let call = Call::new(Class::Live, hand.now());
        match client.find_note(&call, note.incident, note.marker).await {
            Ok(Some(id)) => return (done(Some(id)), Follow::Nothing),
            Ok(None) => tracing::info!(job = hand.job.id, "looked up and not found"),
            Err(error) => return (hand.failed(shared, &error), Follow::Nothing),
        }
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    let call = Call::new(Class::Live, hand.now());
    hand.settled(shared, client.add_note(&call, note.incident, note.from, note.text).await.map(Some))
}

async fn page(shared: &Shared, rest: Option<&Client>, events: &Events, hand: &Hand<'_>) -> Done {
    let Effect::Page { dedup_key, summary, source, severity, details } = &hand.job.action.effect else {
        return never("this job is no page");
    };
    // A trigger after a resolution would open a second incident, so resolved ones count as found.
    if let (true, Some(client), false) = (hand.job.unsettled, rest, faults::sabotaged("no_look_up")) {
        let call = Call::new(Class::Live, hand.now());
        match client.find_incidents_by_key(&call, dedup_key, None).await {
            Ok(found) if !found.is_empty() => return accepted(dedup_key, hand.now()),
            Ok(_) => {}
            Err(error) => return (look_up_failed(hand.failed(shared, &error)), Follow::Nothing),
        }
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
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
    match events.trigger(&Call::new(Class::Live, hand.now()), &trigger).await {
        Ok(answer) => accepted(&answer.dedup_key, hand.now()),
        Err(error) => hand.settled(shared, Err(error)),
    }
}

/// The look-up goes through the REST API: its failing says nothing about Events v2, whose breaker other pages need.
fn look_up_failed(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Later { at, why, .. } => Outcome::Later { at, fault: Fault::Limit, why },
        outcome => outcome,
    }
}

/// 202 is not an incident: the first look is set with the outcome.
fn accepted(dedup_key: &str, now: Micros) -> Done {
    let pending = Pending { dedup_key: dedup_key.to_owned(), paged_at: now, look: 0 };
    let follow = confirm::next_timer(&pending).map_or(Follow::Nothing, Follow::Timer);
    (done(Some(dedup_key.to_owned())), follow)
}

async fn look_for_incident(shared: &Shared, client: &Client, hand: &Hand<'_>, pending: &Pending) -> Done {
    let call = Call::new(Class::Live, hand.now());
    let found = match client.find_incidents_by_key(&call, &pending.dedup_key, None).await {
        Ok(found) => found,
        Err(error) => return (hand.failed(shared, &error), Follow::Nothing),
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
