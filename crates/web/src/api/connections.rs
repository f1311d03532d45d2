//! `connections`: what the page of that name shows, for programs. Never more than the page, and no secret. What is
//! the whole account's is empty for those who see some customers only.

use super::params::Params;
use super::{backfills, instant};
use crate::auth::Reader;
use crate::pages::load_connections;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{BreakerRow, CalendarConnection, ConnectionsView, GapRow, SubscriptionRow};
use axum::Json;
use axum::extract::State;
use model::connection::Owner;
use serde_json::{Map, Value, json};

pub(super) async fn show(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let view = load_connections(&desk, &reader).await?;
    Ok(Json(json!({
        "as_of": desk.store.clock().now().rfc3339(),
        "rest": rest(&view),
        "webhooks": webhooks(&view),
        "events": { "configured": view.events.configured, "breaker": breaker(view.events.breaker.as_ref()) },
        "slack": slack(&view),
        "calendars": view.calendars.rows.iter().map(calendar).collect::<Vec<_>>(),
        "log_covered_until": instant(view.polls.covered),
        "polls": polls(&view),
        "gaps": view.gaps.iter().map(gap).collect::<Vec<_>>(),
        "account": account(&view),
        "sources": sources(&view),
        "database": database(&view),
        "processes": processes(&view),
        "backfill": view.backfill.as_ref().map(backfills::shown),
        "mirrored": view.reference.iter().map(|(kind, n)| (kind.clone(), json!(n))).collect::<Map<_, _>>(),
    })))
}

fn rest(view: &ConnectionsView) -> Value {
    let token = &view.rest.token;
    let owner = match &token.owner {
        Owner::Unknown => json!({ "kind": "unknown" }),
        Owner::Account => json!({ "kind": "account" }),
        Owner::User { id, name, .. } => json!({ "kind": "user", "id": id, "name": name }),
    };
    json!({
        "configured": view.rest.configured,
        "answered_at": instant(view.rest.answered_at),
        "refused": view.rest.refused,
        "owner": owner,
        "can_write": token.can_write,
        "missing": token.missing,
        "rate_limit": view.rest.rate.map(|rate| rate.limit),
        "rate_left": view.rest.rate.map(|rate| rate.left),
        "rate_at": instant(view.rest.rate.map(|rate| rate.at)),
        "clock_offset_ms": token.clock_offset_ms,
        "checked_at": instant(token.checked_at),
        "breaker": breaker(view.rest.breaker.as_ref()),
    })
}

fn slack(view: &ConnectionsView) -> Value {
    let (slack, settings) = (&view.slack, view.slack.settings);
    let troubles = slack.troubles.iter().map(
        |one| json!({ "channel": one.channel, "why": one.why, "since": one.since.rfc3339(), "waiting": one.waiting }),
    );
    let muted =
        slack.muted.iter().map(|one| json!({ "channel": one.channel, "until": one.until.rfc3339(), "by": one.by }));
    let socket = slack.socket.as_ref().filter(|_| settings.socket);
    json!({
        "bot_configured": settings.bot,
        "webhook_configured": settings.webhook,
        "reduced": settings.webhook && !settings.bot,
        "hears_http": settings.bot && settings.http,
        "hears_socket": settings.bot && settings.socket,
        "incidents": if settings.posts_incidents { "post" } else { "observe" },
        "socket": socket.map(|s| json!({ "open_since": instant(s.open_since), "trouble": s.trouble, "down_since": instant(s.down_since) })),
        "troubles": troubles.collect::<Vec<_>>(),
        "muted": muted.collect::<Vec<_>>(),
        "token": {
            "workspace": slack.token.workspace, "bot": slack.token.bot, "refused": slack.token.refused,
            "asked_at": instant(slack.token.asked_at),
        },
        "breaker": breaker(slack.breaker.as_ref()),
    })
}

fn calendar(row: &CalendarConnection) -> Value {
    json!({
        "name": row.name,
        "read_at": instant(row.read_at),
        "push": row.push.name(),
        "push_until": instant(row.push.until()),
        "pushed_at": instant(row.push.heard_at()),
        "why": row.trouble(),
        "unread": row.unread,
    })
}

fn breaker(breaker: Option<&BreakerRow>) -> Value {
    breaker.map_or(Value::Null, |b| {
        json!({
            "failures": b.failures, "opened_at": instant(b.opened_at), "open_until": instant(b.open_until),
            "why": b.why,
        })
    })
}

fn webhooks(view: &ConnectionsView) -> Value {
    let webhooks = &view.webhooks;
    json!({
        "secret_configured": webhooks.has_secret,
        "poll_s": webhooks.poll_s,
        "last_at": instant(webhooks.last_at),
        "looked_at": instant(webhooks.looked_at),
        "lag": webhooks.lag.map(|lag| {
            json!({ "median_ms": lag.median_us / 1_000, "most_ms": lag.most_us / 1_000, "of": lag.of })
        }),
        "refused": webhooks.refused(),
        "elsewhere": webhooks.elsewhere,
        "subscriptions": webhooks.subscriptions.iter().map(subscription).collect::<Vec<_>>(),
    })
}

fn subscription(row: &SubscriptionRow) -> Value {
    json!({
        "id": row.id,
        "description": row.description,
        "url": row.url,
        "health": row.health,
        "since": instant(row.since),
        "asked_at": instant(row.asked_at),
        "tries": row.tries,
        "would_enable": row.would_enable,
        "refused": row.refused.unwrap_or(0),
        "refused_since": instant(row.refused_since),
    })
}

fn polls(view: &ConnectionsView) -> Vec<Value> {
    let rows = view.polls.rows.iter();
    let shown = rows.map(|row| {
        json!({
            "name": row.name, "due": row.due.rfc3339(), "begun_at": instant(row.begun_at),
            "ended_at": instant(row.ended_at), "refused": row.refused, "off": row.is_off,
            "waits_for": row.wait.as_ref().map(|wait| &wait.why), "next_at": row.next_at().rfc3339(),
        })
    });
    shown.collect()
}

fn gap(gap: &GapRow) -> Value {
    json!({
        "id": gap.id, "subscription": gap.subscription, "why": gap.why, "state": gap.state,
        "since": gap.since.rfc3339(), "until": instant(gap.until), "pass": gap.pass, "entries": gap.entries,
        "lacking": gap.lacking, "repaired": gap.repaired,
    })
}

fn account(view: &ConnectionsView) -> Value {
    let account = &view.account;
    let sweep = account
        .sweep
        .map(|s| json!({ "at": s.at.rfc3339(), "shown": s.shown, "lacked": s.lacked, "ours_alone": s.ours_alone }));
    json!({
        "received": account.received, "duplicates": account.duplicates, "rows": account.rows,
        "lost_signals": account.lost_signals, "lost_incidents": account.lost_incidents, "lost": account.lost(),
        "sweep": sweep,
    })
}

fn sources(view: &ConnectionsView) -> Vec<Value> {
    let rows = view.sources.iter();
    let shown = rows.map(|s| {
        json!({
            "source": s.source, "last_at": s.last_at.rfc3339(), "received": s.received, "duplicates": s.duplicates,
        })
    });
    shown.collect()
}

fn database(view: &ConnectionsView) -> Value {
    let database = &view.database;
    let spool = database.spool.as_ref().map(|s| {
        json!({
            "rows": s.rows, "oldest_at": instant(s.oldest_at), "away_since": instant(s.away_since),
            "stuck": s.stuck, "lost": s.lost, "trouble": s.trouble,
        })
    });
    json!({
        "kind": if database.is_postgres { "postgresql" } else { "sqlite" },
        "settings": database.settings.iter().map(|(k, v)| (k.clone(), json!(v))).collect::<Map<_, _>>(),
        "spool": spool,
    })
}

fn processes(view: &ConnectionsView) -> Vec<Value> {
    let rows = view.processes.iter();
    let shown = rows.map(|p| {
        json!({
            "id": p.id, "role": p.role, "host": p.host, "version": p.version,
            "started_at": p.started_at.rfc3339(), "seen_at": p.seen_at.rfc3339(), "stopped_at": instant(p.stopped_at),
        })
    });
    shown.collect()
}
