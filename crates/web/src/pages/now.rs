//! *Now*: what is open, what happened last, how the mirror is.

use super::frame::{count_incidents, open_filter, unsigned};
use super::incidents::row;
use super::live;
use crate::auth::Reader;
use crate::health::{PAGERDUTY, Pulse};
use crate::i18n::Arg;
use crate::page;
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::troubles;
use crate::view::Trouble;
use crate::view::{
    Alarm, AlarmKind, Fed, Frame, Happening, IncidentLink, IncidentRow, JobCounts, Mirror, Named, NowView, OpenGroup,
    Section,
};
use axum::extract::State;
use axum::response::Response;
use model::incident::{Change, timeline};
use model::{Micros, Scope};
use store::breakers::Breaker;
use store::incidents::{self, By, Filter, Item, Order};
use store::{StoreError, Tx};

/// Open incidents on the page; the rest is one click away.
const MOST_OPEN: i64 = 100;
/// What happened last: so many happenings, looked for in so many incidents.
const RECENT: usize = 10;
const RECENT_INCIDENTS: i64 = 6;

pub(super) async fn show(State(desk): State<Desk>, reader: Reader) -> Result<Response, Fault> {
    let (frame, jobs) = reader.frame_and_jobs(&desk, Section::Now).await?;
    let counts = (frame.open, jobs);
    let (scope, settings) = (reader.person.sees.clone(), desk.settings.clone());
    let pulse = desk.pulse().await?;
    let held = pulse.clone();
    let mut view =
        desk.store.read(move |tx| Box::pin(async move { load(tx, &scope, &settings, &held, counts).await })).await?;
    view.alarms = net_alarms(&frame);
    view.alarms.extend(untaken(&frame));
    view.alarms.extend(alarms(&frame, &desk.settings, &pulse, view.jobs.dead));
    if view.hidden > 0 {
        view.alarms.push(Alarm { since: None, kind: AlarmKind::Hidden { n: view.hidden } });
    }
    view.doubt = troubles::doubt(&pulse, &desk.settings, frame.now);
    view.fed = fed(&desk.settings, &pulse, frame.now);
    // How much history an account has is not for those who see some customers of it.
    if reader.person.scope != Scope::All {
        view.fed.backfill = None;
        let is_whole = |kind: &AlarmKind| {
            matches!(
                kind,
                AlarmKind::Fed(Trouble::History(_) | Trouble::Unbalanced { .. } | Trouble::SlackPosts { .. })
            )
        };
        view.alarms.retain(|alarm| !is_whole(&alarm.kind));
    }
    live(&reader, &frame, &view, page::now, page::now_partial)
}

async fn load(
    tx: &mut Tx,
    scope: &Scope,
    settings: &Settings,
    pulse: &Pulse,
    (open, jobs): (u64, JobCounts),
) -> Result<NowView, StoreError> {
    let oldest_first = Order { by: By::Opened, descending: false };
    let rows = incidents::list(tx, scope, &Filter { order: oldest_first, ..open_filter() }, MOST_OPEN).await?;
    let untaken = Filter { statuses: vec!["triggered".into()], ..Filter::default() };
    Ok(NowView {
        open,
        untaken: count_incidents(tx, scope, &untaken).await?,
        oldest_at: rows.first().map(|item| item.created_at),
        groups: groups(&rows, settings),
        last_resolved_at: if open == 0 { last_resolved(tx, scope).await? } else { None },
        recent: recent(tx, scope).await?,
        mirror: mirror(pulse, settings),
        jobs,
        is_connected: settings.mirrors_pagerduty,
        is_demo: settings.is_demo,
        doubt: None,
        hidden: if open == 0 { 0 } else { unsigned(incidents::count_hidden(tx, scope).await?) },
        alarms: Vec::new(),
        fed: Fed::default(),
    })
}

/// What people were called for besides incidents, and nobody has taken.
fn untaken(f: &Frame) -> impl Iterator<Item = Alarm> {
    let tickets = (f.tickets, AlarmKind::Tickets { n: f.tickets.n });
    let events = (f.events, AlarmKind::Events { n: f.events.n });
    let open = [tickets, events].into_iter().filter(|(untaken, _)| untaken.n > 0);
    open.map(|(untaken, kind)| Alarm { since: untaken.since, kind })
}

/// What the safety net has to tell first: PagerDuty itself, then alerts that nobody was paged for.
fn net_alarms(f: &Frame) -> Vec<Alarm> {
    let outage = f.outage.map(|since| (since, Trouble::Outage { waiting: f.registering }));
    let lacking = f.lacking_since.map(|since| (since, Trouble::Missing { n: f.lacking }));
    let told = outage.into_iter().chain(lacking);
    told.map(|(since, trouble)| Alarm { since: Some(since), kind: AlarmKind::Fed(trouble) }).collect()
}

/// By customer, the one with the most urgent trouble first.
fn groups(items: &[Item], settings: &Settings) -> Vec<OpenGroup> {
    let mut groups: Vec<OpenGroup> = Vec::new();
    for item in items {
        let row: IncidentRow = row(item, settings);
        let customer = item.customer.as_ref().map(|id| Named { id: id.clone(), name: settings.customer_name(id) });
        let index = groups.iter().position(|g| g.customer == customer).unwrap_or_else(|| {
            groups.push(OpenGroup { customer, total: 0, high: 0, rows: Vec::new() });
            groups.len() - 1
        });
        groups[index].total += 1;
        groups[index].high += u64::from(row.is_high());
        groups[index].rows.push(row);
    }
    groups.sort_by_key(|g| std::cmp::Reverse((g.high, g.total)));
    groups
}

async fn last_resolved(tx: &mut Tx, scope: &Scope) -> Result<Option<Micros>, StoreError> {
    let order = Order { by: By::Changed, descending: true };
    let filter = Filter { statuses: vec!["resolved".into()], order, ..Filter::default() };
    let last = incidents::list(tx, scope, &filter, 1).await?;
    Ok(last.first().and_then(|item| item.resolved_at))
}

async fn recent(tx: &mut Tx, scope: &Scope) -> Result<Vec<Happening>, StoreError> {
    let filter = Filter { order: Order { by: By::Changed, descending: true }, ..Filter::default() };
    let mut happenings = Vec::new();
    for item in incidents::list(tx, scope, &filter, RECENT_INCIDENTS).await? {
        let Some(whole) = incidents::find(tx, scope, &item.id).await? else { continue };
        let link = IncidentLink { id: item.id, number: item.number, title: item.title };
        let told = timeline(&whole.facts, Some(&whole.incident));
        let worth = told.into_iter().rev().filter(|e| !matches!(e.what, Change::Notified { .. }));
        happenings.extend(worth.take(RECENT).map(|e| Happening {
            at: e.at,
            incident: link.clone(),
            actor: e.actor,
            what: e.what,
            again: e.again,
        }));
    }
    happenings.sort_by_key(|h| std::cmp::Reverse(h.at));
    happenings.truncate(RECENT);
    Ok(happenings)
}

fn mirror(pulse: &Pulse, settings: &Settings) -> Mirror {
    let account = &pulse.account;
    Mirror {
        received: unsigned(account.received),
        processed: unsigned(account.processed()),
        waiting: unsigned(account.waiting),
        unreadable: unsigned(account.unreadable),
        dead: unsigned(account.dead_signals),
        lost: unsigned(pulse.lost()),
        oldest_waiting_at: pulse.standing.unread_since.filter(|_| account.waiting > 0),
        last_webhook_at: account.last_webhook_at,
        last_read_at: pulse.last_read_at().filter(|_| settings.can_read),
    }
}

fn fed(settings: &Settings, pulse: &Pulse, now: Micros) -> Fed {
    let is_poll_only = settings.is_polling() && !settings.has_webhook_secret;
    Fed {
        poll_only_s: is_poll_only.then_some(settings.poll_s),
        backfill: super::backfills::under_way(&pulse.standing, now),
    }
}

fn alarms(f: &Frame, settings: &Settings, pulse: &Pulse, dead_jobs: u64) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> = pulse
        .refusals
        .iter()
        .map(|(subscription, r)| Alarm {
            since: r.open_since,
            kind: AlarmKind::WrongSignature { subscription: subscription.clone(), refused: r.refused },
        })
        .collect();
    let lost = unsigned(pulse.lost());
    if lost > 0 {
        alarms.push(Alarm { since: None, kind: AlarmKind::Lost { lost } });
    }
    let is_refused = pulse.key_refused().is_some();
    let failing = pulse.failing().filter(|b| !(is_refused && b.destination == PAGERDUTY));
    alarms.extend(failing.map(|b| Alarm { since: b.opened_at, kind: away(f, b) }));
    let troubles = pulse.troubles(settings, f.now);
    alarms.extend(troubles.into_iter().map(|(since, trouble)| Alarm { since, kind: AlarmKind::Fed(trouble) }));
    if dead_jobs > 0 {
        alarms.push(Alarm { since: None, kind: AlarmKind::DeadJobs { dead: dead_jobs } });
    }
    if settings.mirrors_pagerduty && !settings.can_read {
        alarms.push(Alarm { since: None, kind: AlarmKind::NoToken });
    }
    alarms
}

fn away(f: &Frame, breaker: &Breaker) -> AlarmKind {
    let (failed, why) = (unsigned(breaker.failures), breaker.why.clone().unwrap_or_default());
    if breaker.destination == PAGERDUTY {
        return AlarmKind::ApiAway { failed, why };
    }
    let args = [
        ("destination", f.word("destination", &breaker.destination).value()),
        ("failed", failed.value()),
        ("why", f.fault(&why).value()),
    ];
    AlarmKind::Other { worst: true, what: f.t_args("alarm-breaker", &args), remedy: f.t("alarm-breaker-do") }
}
