//! Fetching: what is read from PagerDuty to feed and to repair the mirror, page by page. Changes nothing over there, so
//! that a try of unknown outcome is simply made again.

use crate::Shared;
use crate::effects::{Done, Hand, done, later};
use crate::follow::{After, ids};
use crate::interpret::Fetched;
use crate::poll::{self, Window};
use connectors::pagerduty::{Answer, Client, Identity, ListIncidents, ListLogEntries, ListReference, Page};
use connectors::{CallError, Kind};
use duties::backfill::MOST_ROWS;
use model::Micros;
use model::action::{Action, Effect, Fault, Outcome};
use model::connection::{MissingScope, Owner, RateSeen, SubscriptionSeen, TokenState, poll as names};
use model::incident::{Fact, IncidentData, Status};
use model::signal::Origin;
use store::backfills;
use store::crash_point;

/// As many as PagerDuty gives: few pages have many.
const RECENT_ROWS: u32 = 100;
/// Half of what PagerDuty gives at most: a page is read in one transaction.
const PAGE_ROWS: u32 = 50;

pub async fn incident(shared: &Shared, client: &Client, hand: &Hand<'_>, incident: &str) -> Done {
    let asked_at = hand.now();
    crash_point!("act.before_send");
    match client.incident_whole(&hand.call(), incident).await {
        Ok(whole) => {
            let fetched = Fetched::Incident { incident: incident.to_owned(), asked_at };
            (done(None), vec![document(fetched, whole.raw, hand.origin())])
        }
        // The key may read none, or not all of it: that is told of the key. Asking again would tell nothing else.
        Err(error) if error.kind == Kind::Forbidden => (Outcome::Skipped { why: error.text }, Vec::new()),
        Err(error) if error.kind == Kind::NotFound => not_found(shared, client, hand, incident, &error).await,
        Err(error) => hand.failed(shared, &error),
    }
}

/// Whether it is the incident itself that is gone, or a part of what belongs to it.
async fn not_found(shared: &Shared, client: &Client, hand: &Hand<'_>, incident: &str, error: &CallError) -> Done {
    match client.incident(&hand.call(), incident).await {
        Err(itself) if itself.kind == Kind::NotFound => {
            let why = format!("PagerDuty shows it to this key no more: {}", error.text);
            (Outcome::Skipped { why }, vec![After::NotShown(incident.to_owned())])
        }
        Err(other) => hand.failed(shared, &other),
        Ok(_) => later(hand.now().plus_s(60), Fault::Ours, &error.text),
    }
}

pub async fn alerts(shared: &Shared, client: &Client, hand: &Hand<'_>, incident: &str) -> Done {
    let asked_at = hand.now();
    crash_point!("act.before_send");
    match client.alerts_document(&hand.call(), incident).await {
        Ok((_, raw)) => {
            let fetched = Fetched::Alerts { incident: incident.to_owned(), asked_at };
            (done(None), vec![document(fetched, raw, Origin::Backfill), After::BackfillCall])
        }
        Err(error) => hand.failed(shared, &error),
    }
}

const fn document(fetched: Fetched, raw: Vec<u8>, origin: Origin) -> After {
    After::Document { fetched, raw, origin, unless_known: None }
}

/// Lists that one job asks for to see whether the key may read them.
const LISTS_A_JOB: usize = 3;

/// A span of creation times, or all open incidents, from an offset on.
#[derive(Clone, Copy)]
pub struct Span {
    pub since: Micros,
    pub until: Micros,
    pub open_only: bool,
    pub offset: u32,
}

pub async fn incidents(shared: &Shared, client: &Client, hand: &Hand<'_>, span: Span) -> Done {
    let asked_at = hand.now();
    let list = if span.open_only {
        // Open ones have no age: without a span all of them are listed.
        let statuses = vec![Status::Triggered, Status::Acknowledged];
        ListIncidents { statuses, offset: span.offset, limit: PAGE_ROWS, ..ListIncidents::default() }
    } else {
        let (since, until) = (Some(span.since), Some(span.until));
        ListIncidents { since, until, statuses: Vec::new(), offset: span.offset, limit: PAGE_ROWS, with_total: true }
    };
    crash_point!("act.before_send");
    match client.incidents(&hand.call(), &list).await {
        Ok(answer) => incidents_answer(hand, span, answer, asked_at),
        Err(error) => hand.failed(shared, &error),
    }
}

fn incidents_answer(hand: &Hand<'_>, span: Span, answer: Answer<Page<IncidentData>>, asked_at: Micros) -> Done {
    let Answer { value: page, raw } = answer;
    let seen: Vec<String> = page.items.iter().map(|incident| incident.id.clone()).collect();
    let backfill = &hand.job.action.subject;
    if !span.open_only && span.offset == 0 && page.total.is_some_and(|total| total > MOST_ROWS) && can_split(span) {
        let (since, until) = (span.since, span.until);
        let split = After::BackfillSplit { backfill: backfill.clone(), step: backfills::INCIDENTS, since, until };
        return (done(None), vec![split]);
    }
    let is_last = !page.more;
    let mut after = Vec::new();
    if !page.items.is_empty() {
        let fetched = Fetched::List { asked_at };
        after.push(document(fetched, raw.to_vec(), if span.open_only { Origin::Repair } else { Origin::Backfill }));
    }
    if span.open_only {
        after.push(After::OpenPage { ids: seen, is_first: span.offset == 0, is_last });
    } else {
        after.push(After::BackfillPage {
            backfill: backfill.clone(),
            page: backfills::Page {
                step: backfills::INCIDENTS,
                since: span.since,
                until: span.until,
                listed: i64::try_from(seen.len()).unwrap_or(i64::MAX),
                total: page.total.map(i64::from),
                is_last,
            },
        });
        after.push(After::Sightings(seen));
    }
    if !is_last {
        // What is resolved while we page leaves the list of open ones and moves the rest up: pages overlap.
        let overlap = if span.open_only { PAGE_ROWS / 2 } else { 0 };
        let offset = page.next_offset.saturating_sub(overlap).max(span.offset + 1);
        after.push(next(hand, offset, |effect| {
            if let Effect::ListIncidents { offset: at, .. } = effect {
                *at = offset;
            }
        }));
    }
    (done(None), after)
}

/// The incidents created since some minutes: what a mail without an alert is held against. Alerts are read one by one, for
/// those that are new.
pub async fn recent(
    shared: &Shared,
    client: &Client,
    hand: &Hand<'_>,
    since: Micros,
    until: Micros,
    offset: u32,
) -> Done {
    let asked_at = hand.now();
    let list = ListIncidents {
        since: Some(since),
        until: Some(until),
        statuses: Vec::new(),
        offset,
        limit: RECENT_ROWS,
        with_total: false,
    };
    crash_point!("act.before_send");
    let Answer { value: page, raw } = match client.incidents(&hand.call(), &list).await {
        Ok(answer) => answer,
        Err(error) => return hand.failed(shared, &error),
    };
    let seen: Vec<String> = page.items.iter().map(|incident| incident.id.clone()).collect();
    let facts = connectors::pagerduty::facts_from_list(&raw, asked_at).map(|facts| ids(&facts)).unwrap_or_default();
    let mut after = Vec::new();
    if !page.items.is_empty() {
        let fetched = Fetched::List { asked_at };
        after.push(After::Document { fetched, raw: raw.to_vec(), origin: Origin::Repair, unless_known: Some(facts) });
        after.push(After::Sightings(seen));
    }
    after.push(After::RecentPage { is_last: !page.more });
    if page.more {
        let next_offset = page.next_offset.max(offset + 1);
        after.push(next(hand, next_offset, |effect| {
            if let Effect::ListRecent { offset: at, .. } = effect {
                *at = next_offset;
            }
        }));
    }
    (done(None), after)
}

/// A second holds what it holds: there is nothing to halve below it.
const fn can_split(span: Span) -> bool {
    span.until.0 - span.since.0 > 2 * model::time::SECOND_US
}

/// The same action for the next page. Its key ends in the offset.
fn next(hand: &Hand<'_>, offset: u32, change: impl FnOnce(&mut Effect)) -> After {
    let mut action: Action = hand.job.action.clone();
    change(&mut action.effect);
    let stem = action.key.rsplit_once('/').map_or(action.key.as_str(), |(stem, _)| stem);
    action.key = format!("{stem}/{offset}");
    action.not_before = None;
    After::Next(Box::new(action))
}

pub async fn log(shared: &Shared, client: &Client, hand: &Hand<'_>, window: Window) -> Done {
    let asked_at = hand.now();
    let list = ListLogEntries {
        since: Some(window.since),
        until: Some(window.until),
        offset: window.offset,
        with_total: window.offset == 0,
    };
    crash_point!("act.before_send");
    match client.all_log_entries(&hand.call(), list).await {
        Ok(answer) => {
            // By PagerDuty's own clock: ours may be ahead, and what lies ahead of theirs has not happened yet.
            let theirs = hand.now().plus_ms(client.clock_offset_ms().unwrap_or(0)).floor_s();
            log_answer(hand, window, answer, (asked_at, theirs, rate(client, hand.now())))
        }
        Err(error) => hand.failed(shared, &error),
    }
}

fn rate(client: &Client, at: Micros) -> RateSeen {
    let limits = client.limiter().snapshot(at);
    RateSeen { limit: i64::from(limits.limit), left: i64::from(limits.remaining), at }
}

fn log_answer(
    hand: &Hand<'_>,
    window: Window,
    answer: Answer<Page<Fact>>,
    (asked_at, theirs, rate): (Micros, Micros, RateSeen),
) -> Done {
    let Answer { value: page, raw } = answer;
    let action = &hand.job.action;
    if page.total.is_some_and(|total| total > MOST_ROWS) && window.until.since(window.since) > 2_000_000 {
        return (done(None), vec![poll::too_long(action, window)]);
    }
    let is_last = !page.more;
    let facts = ids(&page.items);
    let mut after = Vec::new();
    // Counted before the document is there to be read, in one transaction with it.
    after.push(match action.duty.as_str() {
        poll::GAP => {
            let pass = poll::pass_of(&action.key);
            After::GapPage { gap: action.subject.clone(), pass, ids: facts.clone(), until: window.until, is_last }
        }
        poll::BACKFILL => After::BackfillPage {
            backfill: action.subject.clone(),
            page: backfills::Page {
                step: backfills::LOG,
                since: window.since,
                until: window.until,
                listed: i64::try_from(facts.len()).unwrap_or(i64::MAX),
                total: page.total.map(i64::from),
                is_last,
            },
        },
        _ => After::LogPage {
            ids: facts.clone(),
            covered: is_last.then_some(window.until.min(theirs)),
            rate,
            is_cut: hand.now().since(window.until) > 60 * model::time::SECOND_US,
        },
    });
    if !page.items.is_empty() {
        let origin = if action.duty == poll::BACKFILL { Origin::Backfill } else { Origin::Repair };
        let fetched = Fetched::Log { asked_at };
        after.push(After::Document { fetched, raw: raw.to_vec(), origin, unless_known: Some(facts) });
    }
    if !is_last {
        after.push(next(hand, page.next_offset, |effect| {
            if let Effect::ListLog { offset, .. } = effect {
                *offset = page.next_offset;
            }
        }));
    }
    (done(None), after)
}

pub async fn reference(
    shared: &Shared,
    client: &Client,
    hand: &Hand<'_>,
    list: ListReference,
    (end, round_at): (Option<Micros>, Micros),
) -> Done {
    let asked_at = hand.now();
    let kind = list.kind;
    crash_point!("act.before_send");
    match client.reference(&hand.call(), &list).await {
        Ok(answer) => {
            let page = answer.value;
            if let Some(half) = half(&list, page.total) {
                return (done(None), vec![span_of(hand, list.since, Some(half))]);
            }
            let is_last = !page.more;
            let fetched = Fetched::Reference { of: kind, asked_at: asked_at.max(round_at) };
            let ids = page.items.iter().map(|thing| thing.id.clone()).collect();
            let raw = answer.raw.to_vec();
            let mut after = vec![After::ReferencePage { fetched, raw, ids, offset: list.offset, is_last }];
            if let (true, Some(until), Some(end)) = (is_last, list.until, end.filter(|end| list.until < Some(*end))) {
                after.push(span_of(hand, Some(until), Some(end)));
            } else if is_last {
                after.push(After::PollEnded(format!("{}{}", names::REFERENCE, kind.as_str())));
            } else {
                after.push(next(hand, page.next_offset, |effect| {
                    if let Effect::ListReference { offset, .. } = effect {
                        *offset = page.next_offset;
                    }
                }));
            }
            (done(None), after)
        }
        Err(error) => hand.failed(shared, &error),
    }
}

/// The middle of a span of shifts of which there are more than PagerDuty pages through.
fn half(list: &ListReference, total: Option<u32>) -> Option<Micros> {
    let (since, until) = (list.since?, list.until?);
    let middle = Micros(since.0 + (until.0 - since.0) / 2).floor_s();
    (total? > MOST_ROWS && middle > since && middle < until).then_some(middle)
}

/// The same action from the first page of another span on. Its key ends in the span and the offset.
fn span_of(hand: &Hand<'_>, from: Option<Micros>, to: Option<Micros>) -> After {
    let mut action: Action = hand.job.action.clone();
    if let Effect::ListReference { since, until, offset, .. } = &mut action.effect {
        (*since, *until, *offset) = (from, to, 0);
    }
    // poll/NAME/ROUND/…: what follows the round is the page's own.
    let round: Vec<&str> = action.key.splitn(4, '/').take(3).collect();
    let second = |at: Option<Micros>| at.map_or(0, Micros::second);
    action.key = format!("{}/{}-{}/0", round.join("/"), second(from), second(to));
    After::Next(Box::new(action))
}

pub async fn subscriptions(shared: &Shared, client: &Client, hand: &Hand<'_>) -> Done {
    let mut seen = Vec::new();
    let mut offset = 0;
    crash_point!("act.before_send");
    loop {
        match client.webhook_subscriptions(&hand.call(), offset).await {
            Ok(page) => {
                seen.extend(page.items.into_iter().map(|one| SubscriptionSeen {
                    id: one.id,
                    description: one.description,
                    url: one.url,
                    active: one.active,
                    temporarily_disabled: one.temporarily_disabled,
                    is_ours: false,
                    tells_all: one.is_account_wide && tells_all(&one.events),
                }));
                if !page.more {
                    return (done(None), vec![After::Looked(seen)]);
                }
                offset = page.next_offset;
            }
            Err(error) => return hand.failed(shared, &error),
        }
    }
}

/// Whether silence of it means that webhooks do not come.
fn tells_all(events: &[String]) -> bool {
    let told = ["incident.triggered", "incident.acknowledged", "incident.resolved"];
    events.is_empty() || told.iter().all(|kind| events.iter().any(|event| event == kind))
}

pub async fn token(shared: &Shared, client: &Client, hand: &Hand<'_>) -> Done {
    crash_point!("act.before_send");
    match client.token(&hand.call()).await {
        Ok(level) => {
            let now = hand.now();
            let state = TokenState {
                key: shared.settings.key_mark.clone(),
                owner: owner(level.identity),
                can_write: level.can_write,
                missing: Vec::new(),
                clock_offset_ms: client.clock_offset_ms(),
                rate: Some(rate(client, now)),
                checked_at: Some(now),
            };
            (done(None), vec![After::Token(state), next_scopes(hand, 0)])
        }
        Err(error) => hand.failed(shared, &error),
    }
}

/// A few lists a job, so that a slow PagerDuty does not take longer than a lease.
pub async fn scopes(shared: &Shared, client: &Client, hand: &Hand<'_>, from: usize) -> Done {
    crash_point!("act.before_send");
    match client.scopes(&hand.call(), from, LISTS_A_JOB).await {
        Ok(scopes) => {
            let missing = scopes.missing.into_iter();
            let page = After::Scopes {
                asked: scopes.asked,
                missing: missing.map(|m| MissingScope { what: m.what, status: m.status, text: m.text }).collect(),
                is_last: scopes.next.is_none(),
            };
            (done(None), [page].into_iter().chain(scopes.next.map(|from| next_scopes(hand, from))).collect())
        }
        Err(error) => hand.failed(shared, &error),
    }
}

fn next_scopes(hand: &Hand<'_>, from: usize) -> After {
    let mut action: Action = hand.job.action.clone();
    action.effect = Effect::LookAtScopes { from };
    let stem = action.key.rsplit_once('/').map_or(action.key.as_str(), |(stem, _)| stem);
    action.key = format!("{stem}/scopes-{from}");
    After::Next(Box::new(action))
}

fn owner(identity: Identity) -> Owner {
    match identity {
        Identity::User(user) => Owner::User { id: user.reference.id, name: user.reference.name, email: user.email },
        Identity::Account { .. } => Owner::Account,
    }
}

pub async fn enable(shared: &Shared, client: &Client, hand: &Hand<'_>, subscription: &str) -> Done {
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    match client.enable_webhook_subscription(&hand.call(), subscription).await {
        Ok(_) => (done(None), vec![After::LookAgain]),
        Err(error) => hand.failed(shared, &error),
    }
}
