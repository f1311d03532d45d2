//! *Connections*: every way in and out, the running account, the gaps. What is shown was counted a moment ago at most;
//! the page asks nobody outside.

use super::frame::unsigned;
use super::{Asks, backfills, live, ways};
use crate::auth::Reader;
use crate::health::{PAGERDUTY, Pulse};
use crate::page;
use crate::problem::Fault;
use crate::standing::{self, Standing};
use crate::state::{Bridges, Calendar, Desk, Settings};
use crate::troubles;
use crate::view::{
    BreakerRow, CalendarConnection, CalendarsView, ConnectionsView, Database, EventsApi, Lag, MutedChannel, PollWait,
    Polls, ProcessRow, Rest, RouteRow, Running, Section, SlackView, SourceRow, SpoolRow, SubscriptionRow, Sweep,
    Webhooks,
};
use axum::extract::State;
use axum::response::Response;
use model::connection::{CalendarState, poll};
use model::{Micros, Scope};
use serde::Deserialize;
use std::collections::BTreeMap;
use store::processes::{self, Process};
use store::push_channels::{self, Channel};
use store::receipts::SourceCount;
use store::{Spooled, StoreError, Tx, accounts, duty_state, inbox, reference};

/// Stopped processes are of interest for a day.
const STOPPED_S: i64 = 86_400;
const MOST_PROCESSES: usize = 50;
/// The latest webhooks, whose lag is told.
const LAGS: i64 = 100;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Query {
    done: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Settings).await?;
    let view = ConnectionsView { tests: query.done == "test", ..load(&desk, &reader).await? };
    live(&reader, &frame, &view, page::connections, page::connections_partial)
}

/// How everything is, for the page and the API: as much of it as the reader may see.
pub(crate) async fn load(desk: &Desk, reader: &Reader) -> Result<ConnectionsView, Fault> {
    let whole = load_whole(desk).await?;
    Ok(if reader.person.scope == Scope::All { whole } else { whole.narrowed() })
}

async fn load_whole(desk: &Desk) -> Result<ConnectionsView, Fault> {
    let pulse = desk.pulse().await?;
    let net = desk.settings.safety_net.clone();
    let beside = desk.store.read(move |tx| Box::pin(async move { beside(tx, &net).await })).await?;
    let settings = &desk.settings;
    let standing = &pulse.standing;
    Ok(ConnectionsView {
        is_whole: true,
        rest: rest(&pulse, settings),
        webhooks: Webhooks { lag: beside.lag, ..webhooks(&pulse, settings) },
        events: EventsApi { configured: settings.has_routing_key, breaker: breaker(&pulse, "pagerduty-events") },
        polls: Polls {
            is_polling: settings.is_polling(),
            covered: standing.log.covered,
            stale_after_s: standing::stale_after_s(settings),
            rows: standing.poll_rows(),
        },
        database: Database {
            is_postgres: desk.store.is_postgres(),
            settings: desk.durability().await,
            spool: pulse.spool.as_ref().map(spool),
        },
        processes: beside.processes,
        account: running(&pulse),
        sources: pulse.sources.iter().map(source).collect(),
        gaps: standing.gaps.iter().map(standing::gap_row).collect(),
        backfill: backfills::under_way(standing, pulse.taken_at),
        reference: beside.reference,
        ways: ways::ways(&pulse, &settings.safety_net, beside.routes, |name| breaker(&pulse, name)),
        slack: slack(&pulse, settings, beside.muted),
        calendars: calendars(standing, &settings.bridges, &beside.channels, pulse.taken_at),
        tests: false,
    })
}

/// What is asked for this page alone.
struct Beside {
    reference: Vec<(String, u64)>,
    processes: Vec<ProcessRow>,
    lag: Option<Lag>,
    routes: Vec<RouteRow>,
    muted: Vec<MutedChannel>,
    channels: Vec<Channel>,
}

async fn beside(tx: &mut Tx, net: &crate::state::SafetyNet) -> Result<Beside, StoreError> {
    let counts = reference::count(tx, &Scope::All).await?;
    Ok(Beside {
        reference: counts.into_iter().map(|(kind, n)| (kind, unsigned(n))).collect(),
        processes: machines(tx).await?,
        lag: Lag::of(inbox::list_lags(tx, &Scope::All, LAGS).await?),
        routes: ways::routes(tx, net).await?,
        muted: muted(tx).await?,
        channels: push_channels::list(tx, &Scope::All).await?,
    })
}

/// What `/arayashiki mute` keeps of a channel, as far as people are told.
#[derive(Deserialize)]
struct Mute {
    until: Micros,
    by: String,
}

/// Channels that are muted just now.
async fn muted(tx: &mut Tx) -> Result<Vec<MutedChannel>, StoreError> {
    let now = tx.now();
    let mutes = duty_state::all::<Mute>(tx, "slack_mute", 1).await?;
    let people = accounts::list(tx, &Scope::All).await?;
    let name = |id: &str| people.iter().find(|one| one.id == id).map_or_else(|| id.to_owned(), |one| one.name.clone());
    let muted = mutes.into_iter().filter(|(_, mute, _)| mute.until > now);
    Ok(muted.map(|(channel, mute, _)| MutedChannel { channel, until: mute.until, by: name(&mute.by) }).collect())
}

fn slack(pulse: &Pulse, settings: &Settings, muted: Vec<MutedChannel>) -> SlackView {
    SlackView {
        settings: settings.slack,
        socket: pulse.standing.socket.clone(),
        token: pulse.standing.slack_token.clone(),
        troubles: pulse.standing.posts.clone(),
        muted,
        breaker: breaker(pulse, "slack"),
    }
}

fn calendars(standing: &Standing, settings: &Bridges, channels: &[Channel], now: Micros) -> CalendarsView {
    let polls = standing.poll_rows();
    let row = |calendar: &Calendar| {
        let name = format!("{}{}", poll::CALENDAR, calendar.name);
        let (poll, kept) = (polls.iter().find(|poll| poll.name == name), standing.poll(&name));
        CalendarConnection {
            name: calendar.name.clone(),
            read_at: poll.and_then(|poll| poll.ended_at),
            why: poll.and_then(|poll| poll.why()).map(str::to_owned),
            unread: kept.and_then(|poll| poll.known::<CalendarState>().unread),
            push: super::bridges::push(settings.pushing, calendar, channels, now),
        }
    };
    CalendarsView { pushing: settings.pushing, rows: settings.calendars.iter().map(row).collect() }
}

async fn machines(tx: &mut Tx) -> Result<Vec<ProcessRow>, StoreError> {
    let since = tx.now().plus_s(-STOPPED_S);
    let known = processes::list(tx, &Scope::All).await?;
    let shown = known.into_iter().filter(|p| p.stopped_at.unwrap_or(p.seen_at) >= since);
    Ok(shown.take(MOST_PROCESSES).map(process).collect())
}

fn process(p: Process) -> ProcessRow {
    ProcessRow {
        id: p.id,
        role: p.role,
        host: p.host,
        version: p.version,
        started_at: p.started_at,
        seen_at: p.seen_at,
        stopped_at: p.stopped_at,
    }
}

fn rest(pulse: &Pulse, settings: &Settings) -> Rest {
    Rest {
        configured: settings.can_read,
        token: pulse.standing.token.clone(),
        link_notes: settings.link_notes,
        // The log is read every minute, the key is looked at every hour.
        rate: [pulse.standing.log.rate, pulse.standing.token.rate].into_iter().flatten().max_by_key(|rate| rate.at),
        refused: pulse.key_refused().map(str::to_owned),
        wait: first_wait(&pulse.standing),
        answered_at: pulse.standing.answered_at(),
        breaker: breaker(pulse, PAGERDUTY),
    }
}

/// What is in the way of the poll that asks what the key may, or else of any.
fn first_wait(standing: &Standing) -> Option<PollWait> {
    let rows = standing.poll_rows();
    let of_key = rows.iter().find(|row| row.name == poll::TOKEN).and_then(|row| row.wait.clone());
    of_key.or_else(|| rows.into_iter().find_map(|row| row.wait))
}

fn breaker(pulse: &Pulse, destination: &str) -> Option<BreakerRow> {
    let found = pulse.breakers.iter().find(|b| b.destination == destination)?;
    Some(BreakerRow {
        failures: unsigned(found.failures),
        opened_at: found.opened_at,
        open_until: found.open_until,
        why: found.why.clone(),
    })
}

fn webhooks(pulse: &Pulse, settings: &Settings) -> Webhooks {
    let seen = &pulse.standing.subscriptions.seen;
    Webhooks {
        has_secret: settings.has_webhook_secret,
        is_polling: settings.is_polling(),
        poll_s: settings.poll_s,
        last_at: pulse.account.last_webhook_at,
        looked_at: pulse.standing.subscriptions.looked_at,
        subscriptions: subscriptions(pulse),
        lag: None,
        elsewhere: seen.iter().filter(|s| !s.is_ours).count() as u64,
        address: settings.webhook_address(),
        has_url: !settings.public_url.is_empty(),
        none_leads_here: troubles::none_leads_here(pulse, settings),
    }
}

/// What PagerDuty lists, what the guard remembers and what the receiver refuses, by subscription.
fn subscriptions(pulse: &Pulse) -> Vec<SubscriptionRow> {
    let mut rows: BTreeMap<String, SubscriptionRow> = BTreeMap::new();
    for seen in pulse.standing.subscriptions.seen.iter().filter(|s| s.is_ours) {
        let row = rows.entry(seen.id.clone()).or_default();
        row.description = seen.description.clone();
        row.url = seen.url.clone();
    }
    for (id, state) in &pulse.standing.guards {
        let row = rows.entry(id.clone()).or_default();
        row.health = Some(state.health);
        row.since = state.since;
        (row.asked_at, row.tries, row.would_enable) = (state.asked_at, state.tries, state.would_enable);
    }
    for (id, refusals) in &pulse.refusals {
        let row = rows.entry(id.clone()).or_default();
        row.refused = Some(refusals.refused);
        row.refused_since = refusals.open_since;
    }
    rows.into_iter().map(|(id, row)| SubscriptionRow { id, ..row }).collect()
}

fn source(count: &SourceCount) -> SourceRow {
    SourceRow {
        source: count.source.clone(),
        last_at: count.last_at,
        received: unsigned(count.received),
        duplicates: unsigned(count.duplicates),
    }
}

fn running(pulse: &Pulse) -> Running {
    let account = &pulse.account;
    Running {
        received: unsigned(account.received),
        duplicates: unsigned(account.duplicates),
        rows: unsigned(account.rows),
        lost_signals: unsigned(account.lost()),
        lost_incidents: unsigned(pulse.standing.lacking),
        sweep: sweep(&pulse.standing),
    }
}

fn sweep(standing: &Standing) -> Option<Sweep> {
    let at: Micros = standing.poll(poll::OPEN)?.ended_at?;
    let open = &standing.open;
    let (shown, lacked, ours_alone) = (unsigned(open.shown), unsigned(open.lacked), unsigned(open.ours_alone));
    Some(Sweep { at, shown, lacked, ours_alone })
}

fn spool(spooled: &Spooled) -> SpoolRow {
    SpoolRow {
        rows: unsigned(spooled.rows),
        oldest_at: spooled.oldest_at,
        away_since: spooled.away_since,
        stuck: unsigned(spooled.stuck),
        lost: unsigned(spooled.lost()),
        trouble: spooled.trouble.clone(),
    }
}
