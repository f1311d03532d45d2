//! One effect, done once: how each is sent, how it is looked up when nobody knows whether it was, and what follows from
//! it in the same transaction as its outcome.

use crate::fetch::{self, Span};
use crate::follow::After;
use crate::poll::{POLL, Window};
use crate::{Shared, bridges, buttons, notes, person, reach, record, slack, why};
use connectors::pagerduty::{Client, Events, Link as EventLink, ListReference, Severity, Trigger};
use connectors::{Call, CallError, Class, Kind};
use duties::confirm::{self, Pending};
use duties::safety_net::{REGISTRATIONS, canary};
use model::Micros;
use model::action::{Effect, Fault, Outcome, Queue, Repeat};
use model::incident::Status;
use model::signal::Origin;
use std::time::{Duration, Instant};
use store::canaries::Step;
use store::jobs::Claimed;
use store::{crash_point, faults};

/// Kept back from the lease for writing the outcome.
const LEASE_MARGIN_MS: i64 = 400;
const NO_TOKEN: &str = "no [pagerduty] token is set: set it, restart, and retry this job";
/// The longest wait before a job is tried again.
const LONGEST_WAIT_S: i64 = 600;

/// How a try ended, and what follows from it in the same transaction.
pub type Done = (Outcome, Vec<After>);

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
    pub fn now(&self) -> Micros {
        Micros(self.job.claimed_at.0 + i64::try_from(self.begun.elapsed().as_micros()).unwrap_or(0))
    }

    fn left(&self) -> Duration {
        let lease_ms = self.job.lease_until.since(self.job.claimed_at) / 1_000 - LEASE_MARGIN_MS;
        Duration::from_millis(lease_ms.max(0).unsigned_abs()).saturating_sub(self.begun.elapsed())
    }

    /// Asked right before sending, after anything that took time: we may have been stopped meanwhile.
    pub fn kept_from_sending(&self) -> Option<Done> {
        if self.left().is_zero() {
            return Some(later(self.now(), Fault::Ours, "the lease was over before it could be sent"));
        }
        self.look_only.as_ref().map(|why| {
            let doubt = if self.job.unsettled.is_some() { "an earlier try was looked up and not found; " } else { "" };
            (Outcome::Skipped { why: format!("{doubt}{why}") }, Vec::new())
        })
    }

    /// What a call's end means for the job.
    fn settled(&self, shared: &Shared, sent: Result<Option<String>, CallError>) -> Done {
        match sent {
            Ok(external) => (done(external), Vec::new()),
            Err(error) => self.failed(shared, &error),
        }
    }

    /// What a call's failing means for the job.
    pub fn failed(&self, shared: &Shared, error: &CallError) -> Done {
        let now = self.now();
        // A refused token is put right by a person, and then everything goes on by itself: nothing dies of it.
        if error.kind == Kind::Auth {
            let outcome = Outcome::Later { at: now.plus_s(60), fault: Fault::Destination, why: error.text.clone() };
            return (outcome, Vec::new());
        }
        let action = &self.job.action;
        // What the key or the plan does not allow is named on the page of connections, and asked for again much later.
        if action.duty == POLL && matches!(error.kind, Kind::Forbidden | Kind::NotFound | Kind::BadRequest) {
            let refused = After::PollRefused { poll: action.subject.clone(), why: error.text.clone() };
            return (Outcome::Skipped { why: error.text.clone() }, vec![refused]);
        }
        // No reading dies of a permission: the key is to blame once, not each job.
        let is_reading = matches!(
            action.effect,
            Effect::ReadAlerts { .. }
                | Effect::ListIncidents { .. }
                | Effect::ListLog { .. }
                | Effect::ConfirmPress { .. }
        );
        // Nor does the net's incident, which says what is so without a note; and what a note of ours says stands on the page.
        let is_extra = matches!(action.effect, Effect::Note { .. }) && action.duty == duties::safety_net::DUTY;
        let is_extra = is_extra || matches!(action.effect, Effect::KeepNote { .. });
        if error.kind == Kind::Forbidden && (is_reading || is_extra) {
            return (Outcome::Skipped { why: error.text.clone() }, Vec::new());
        }
        let outcome = match error.to_outcome(now, shared.settings.terms.settle_ms) {
            // However absurd the wait that the other side names: it is asked again.
            Outcome::Later { at, fault, why } => Outcome::Later { at: at.min(now.plus_s(LONGEST_WAIT_S)), fault, why },
            outcome => outcome,
        };
        (outcome, Vec::new())
    }

    /// A call made now, from the budget of the job's queue.
    pub fn call(&self) -> Call {
        Call::new(Class::from(self.job.action.queue), self.now())
    }

    /// History that is fetched stays history.
    pub const fn origin(&self) -> Origin {
        match self.job.action.queue {
            Queue::Bulk => Origin::Backfill,
            _ => Origin::Repair,
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
        (outcome, Vec::new())
    })
}

async fn effect(shared: &Shared, hand: &Hand<'_>) -> Done {
    let events = events(shared, &hand.job.action.effect);
    match (&hand.job.action.effect, shared.outside.pagerduty.as_ref(), events) {
        (Effect::Tell { .. }, ..) => slack::tell(shared, hand).await,
        (
            Effect::ListActivities { .. }
            | Effect::ListTickets { .. }
            | Effect::ReadTicket { .. }
            | Effect::Comment { .. },
            ..,
        ) => bridges::perform(shared, hand).await,
        (Effect::SyncCalendar { .. } | Effect::ReadFeed { .. }, ..) => bridges::ask_calendar(shared, hand).await,
        (Effect::OpenChannel { .. } | Effect::CloseChannel { .. }, ..) => bridges::keep_channel(shared, hand).await,
        (Effect::Show { .. }, ..) => slack::show(shared, hand).await,
        (Effect::Reply { .. }, ..) => slack::thread(shared, hand).await,
        (Effect::Respond { .. }, ..) => slack::respond(shared, hand).await,
        (Effect::OpenForm { .. }, ..) => slack::open_form(shared, hand).await,
        (Effect::CallOut { .. }, ..) => reach::call_out(shared, hand).await,
        (Effect::SendCanary { .. }, ..) => reach::send_canary(shared, hand).await,
        (Effect::Run { .. } | Effect::Reach { .. }, ..) => never("what is done on hosts has a queue of its own"),
        (Effect::Anchor { anchor, by }, ..) => record::show(shared, hand, *anchor, *by).await,
        (Effect::FindCause { net, generation }, ..) => why::find(shared, hand, net, *generation).await,
        (Effect::FetchMail { .. }, ..) => why::fetched(shared, hand).await,
        (Effect::Authenticate { mail }, ..) => why::authenticate(shared, hand, *mail).await,
        (Effect::Page { .. }, rest, Some(events)) => page(shared, rest, events, hand).await,
        (Effect::Acknowledge { dedup_key, .. } | Effect::Settle { dedup_key, .. }, _, Some(events)) => {
            settle(shared, events, hand, dedup_key).await
        }
        (Effect::Page { .. } | Effect::Acknowledge { .. } | Effect::Settle { .. }, _, None) => {
            never("no [pagerduty] unconfigured_routing_key is set: set it, restart, and retry this job")
        }
        (Effect::Confirm { .. }, None, _) => {
            let why = "accepted by PagerDuty; without [pagerduty] token nobody can look whether it became an incident";
            (Outcome::Human { why: why.into() }, Vec::new())
        }
        (_, Some(client), _) => by_rest(shared, client, hand).await,
        (Effect::KeepWindow { window }, None, _) => bridges::keep_no_window(window, NO_TOKEN),
        (_, None, _) => never(NO_TOKEN),
    }
}

/// By the integration key of its route, where it has one of its own.
fn events<'a>(shared: &'a Shared, effect: &Effect) -> Option<&'a Events> {
    let route = match effect {
        Effect::Page { route, .. } | Effect::Acknowledge { route, .. } | Effect::Settle { route, .. } => {
            route.as_deref()
        }
        _ => None,
    };
    let own = route.and_then(|route| shared.outside.routes.get(route));
    own.or(shared.outside.events.as_ref())
}

/// Everything that goes through the REST API.
async fn by_rest(shared: &Shared, client: &Client, hand: &Hand<'_>) -> Done {
    match &hand.job.action.effect {
        Effect::ReadIncident { incident } => fetch::incident(shared, client, hand, incident).await,
        Effect::ReadAlerts { incident } => fetch::alerts(shared, client, hand, incident).await,
        Effect::ListIncidents { since, until, open_only, offset } => {
            let span = Span { since: *since, until: *until, open_only: *open_only, offset: *offset };
            fetch::incidents(shared, client, hand, span).await
        }
        Effect::ListLog { since, until, offset } => {
            fetch::log(shared, client, hand, Window { since: *since, until: *until, offset: *offset }).await
        }
        Effect::ListReference { kind, since, until, end, offset, round_at } => {
            let list = ListReference { kind: *kind, since: *since, until: *until, offset: *offset };
            fetch::reference(shared, client, hand, list, (*end, *round_at)).await
        }
        Effect::ListRecent { since, until, offset } => {
            fetch::recent(shared, client, hand, *since, *until, *offset).await
        }
        Effect::KeepWindow { window } => bridges::keep_window(shared, client, hand, window).await,
        Effect::Merge { ours, into, note } => reach::merge(shared, client, hand, (ours, into, note)).await,
        Effect::LookAtSubscriptions => fetch::subscriptions(shared, client, hand).await,
        Effect::LookAtToken => fetch::token(shared, client, hand).await,
        Effect::LookAtScopes { from } => fetch::scopes(shared, client, hand, *from).await,
        Effect::EnableSubscription { subscription } => fetch::enable(shared, client, hand, subscription).await,
        Effect::Act { .. } => person::act(shared, client, hand).await,
        Effect::Note { incident, text, marker } => {
            let note = Note { incident, text, marker, from: shared.settings.from.as_deref() };
            add_note(shared, client, hand, note).await
        }
        Effect::ConfirmPress { .. } => buttons::confirm(shared, client, hand).await,
        Effect::KeepNote { incident, name } => notes::keep(shared, client, hand, (incident, name)).await,
        Effect::Confirm { dedup_key, paged_at, look } => {
            let pending = Pending { dedup_key: dedup_key.clone(), paged_at: *paged_at, look: *look };
            look_for_incident(shared, client, hand, &pending).await
        }
        Effect::Page { .. } | Effect::Acknowledge { .. } | Effect::Settle { .. } => {
            never("this effect goes through Events v2")
        }
        Effect::Tell { .. }
        | Effect::Show { .. }
        | Effect::Reply { .. }
        | Effect::Respond { .. }
        | Effect::OpenForm { .. }
        | Effect::ListActivities { .. }
        | Effect::ListTickets { .. }
        | Effect::ReadTicket { .. }
        | Effect::Comment { .. }
        | Effect::SyncCalendar { .. }
        | Effect::ReadFeed { .. }
        | Effect::OpenChannel { .. }
        | Effect::CloseChannel { .. }
        | Effect::CallOut { .. }
        | Effect::Run { .. }
        | Effect::Reach { .. }
        | Effect::SendCanary { .. }
        | Effect::Anchor { .. }
        | Effect::FindCause { .. }
        | Effect::FetchMail { .. }
        | Effect::Authenticate { .. } => never("this effect does not go through PagerDuty's API"),
    }
}

/// A resolve or an acknowledgement of something that is not open is taken and changes nothing, so it may be repeated.
async fn settle(shared: &Shared, events: &Events, hand: &Hand<'_>, dedup_key: &str) -> Done {
    let call = Call::new(Class::Live, hand.now());
    crash_point!("act.before_send");
    let sent = match &hand.job.action.effect {
        Effect::Acknowledge { .. } => events.acknowledge(&call, dedup_key).await,
        _ => events.resolve(&call, dedup_key).await,
    };
    let sent = sent.map(|accepted| Some(accepted.dedup_key));
    hand.settled(shared, sent)
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
    if hand.job.unsettled.is_some() && !faults::sabotaged("no_look_up") {
        let call = Call::new(Class::Live, hand.now());
        match client.find_note(&call, note.incident, note.marker).await {
            Ok(Some(id)) => return (done(Some(id)), Vec::new()),
            Ok(None) => tracing::info!(job = hand.job.id, "looked up and not found"),
            Err(error) => return hand.failed(shared, &error),
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
    let Effect::Page { dedup_key, summary, source, severity, details, links, tells_more, .. } = &hand.job.action.effect
    else {
        return never("this job is no page");
    };
    // A trigger after a resolution would open a second incident, so resolved ones count as found.
    if let (true, Some(client), false) = (hand.job.unsettled.is_some(), rest, faults::sabotaged("no_look_up")) {
        let call = Call::new(Class::Live, hand.now());
        match client.find_incidents_by_key(&call, dedup_key, None).await {
            Ok(found) if *tells_more && found.iter().any(|one| one.status.is_open()) => {}
            Ok(found) if !found.is_empty() => return accepted(dedup_key, hand.now()),
            Ok(_) => {}
            Err(error) => match hand.failed(shared, &error) {
                // It can't be looked up, now or ever. Its key makes a repeat harmless as long as the alert is open, and a
                // page too many is better than none.
                (Outcome::Never { why }, _) => {
                    tracing::warn!(job = hand.job.id, why, "not looked up; sent by its own key")
                }
                failed => return look_up_failed(failed),
            },
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
        links: links.iter().map(|link| EventLink { href: link.url.clone(), text: link.text.clone() }).collect(),
    };
    crash_point!("act.before_send");
    match events.trigger(&Call::new(Class::Live, hand.now()), &trigger).await {
        Ok(answer) => accepted(&answer.dedup_key, hand.now()),
        Err(error) => hand.settled(shared, Err(error)),
    }
}

/// The look-up goes through the REST API: its failing says nothing about Events v2, whose breaker other pages need.
fn look_up_failed((outcome, after): Done) -> Done {
    match outcome {
        Outcome::Later { at, why, .. } => (Outcome::Later { at, fault: Fault::Limit, why }, after),
        outcome => (outcome, after),
    }
}

/// 202 is not an incident: the first look is set with the outcome.
fn accepted(dedup_key: &str, now: Micros) -> Done {
    // A canary is followed by its own steps.
    if let Some(canary) = canary::of_key(dedup_key) {
        let step = After::CanaryStep { canary: canary.to_owned(), step: Step::Accepted };
        return (done(Some(dedup_key.to_owned())), vec![step]);
    }
    let pending = Pending { dedup_key: dedup_key.to_owned(), paged_at: now, look: 0 };
    let after = confirm::next_timer(&pending).map(After::Timer).into_iter().collect();
    (done(Some(dedup_key.to_owned())), after)
}

async fn look_for_incident(shared: &Shared, client: &Client, hand: &Hand<'_>, pending: &Pending) -> Done {
    let call = Call::new(Class::Live, hand.now());
    let found = match client.find_incidents_by_key(&call, &pending.dedup_key, None).await {
        Ok(found) => found,
        Err(error) => return hand.failed(shared, &error),
    };
    // Resolved counts, where none is open: somebody, or its own recovery, has dealt with it.
    let open = found.iter().find(|one| one.status.is_open() && !one.assignees.is_empty());
    if let Some(incident) = open.or_else(|| found.iter().find(|one| one.status == Status::Resolved)) {
        let (dedup_key, incident) = (pending.dedup_key.clone(), incident.id.clone());
        let seen = After::Seen { dedup_key, paged_at: pending.paged_at, incident: incident.clone() };
        return (done(Some(incident)), vec![seen]);
    }
    let next = Pending { look: pending.look + 1, ..pending.clone() };
    match confirm::next_timer(&next) {
        Some(timer) => (done(None), vec![After::Timer(timer)]),
        // The net sends it again, and the second path pages.
        None if pending.dedup_key.starts_with(REGISTRATIONS) => {
            (done(None), vec![After::Unseen(pending.dedup_key.clone())])
        }
        None => {
            let why = "PagerDuty accepted the page (202) a minute ago and shows no open incident that is assigned to \
                       anybody: call the person on call, then look at the service behind unconfigured_routing_key \
                       (disabled? in maintenance? suppressed by a rule?)";
            (Outcome::Human { why: why.into() }, Vec::new())
        }
    }
}

pub fn later(at: Micros, fault: Fault, why: &str) -> Done {
    (Outcome::Later { at, fault, why: why.to_owned() }, Vec::new())
}

pub fn never(why: &str) -> Done {
    (Outcome::Never { why: why.to_owned() }, Vec::new())
}

pub const fn done(external: Option<String>) -> Outcome {
    Outcome::Done { external }
}
