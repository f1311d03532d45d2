//! Who did what here, newest first. Rows about a customer are shown to those who see that customer.

use super::{Asks, PAGE_ROWS, cut, html};
use crate::api::cursor;
use crate::auth::Reader;
use crate::page;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{AuditRow, AuditView, Section};
use axum::extract::State;
use axum::response::Response;
use model::Scope;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use store::audit::{self, Entry, Filter};
use store::{StoreError, Tx, accounts};

/// The acts that are written down, for the filter.
const ACTS: &[&str] = &[
    "backfill.ask",
    "backfill.stop",
    "seats.export",
    "mail.register",
    "mail.not-an-alert",
    "mail.hold-back",
    "mail.rule-end",
    "mails.export",
    "mend.accept",
    "mend.take-back",
    "route.test",
    "host.run",
    "host.test",
    "host.trust",
    "host.key-changed",
    "run.refused",
    "runbook.run",
    "run.stop",
    "incident.diagnose",
    "runbook.approve",
    "runbook.withdraw",
    "runs.export",
    "pagerduty.press",
    "evidence.expired",
    "hold.set",
    "hold.release",
    "callout.answer",
    "act.acknowledge",
    "act.resolve",
    "act.note",
    "act.snooze",
    "act.reassign",
    "act.escalate",
    "act.priority",
    "act.merge",
    "incidents.export",
    "data.export",
    "filter.add",
    "filter.delete",
    "session.sign-in",
    "session.sign-out",
    "session.revoke",
    "signal.open",
    "signal.read-again",
    "job.retry",
    "job.settle",
    "person.add",
    "person.disable",
    "person.enable",
    "person.role",
    "person.password",
    "person.link",
    "hours.enter",
    "hours.change",
    "hours.end",
    "hours.undo",
    "rule.save",
    "rule.off",
    "rule.on",
    "rule.delete",
    "rule.restore",
    "token.create",
    "token.revoke",
    "setup.account",
    "slack.link",
    "slack.unlink",
    "slack.mute",
    "session.refused",
];

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Query {
    who: String,
    act: String,
    cursor: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    reader.person.need_auditor()?;
    let frame = reader.frame(&desk, Section::Settings).await?;
    let scope = reader.person.scope.clone();
    let view = desk.store.read(move |tx| Box::pin(async move { load(tx, &scope, &query).await })).await?;
    html(page::audit(&frame, &view))
}

async fn load(tx: &mut Tx, scope: &Scope, query: &Query) -> Result<AuditView, StoreError> {
    let names: HashMap<String, String> = accounts::list(tx, scope).await?.into_iter().map(|a| (a.id, a.name)).collect();
    let (who, act) = (cut(&query.who), cut(&query.act));
    let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    let before = cursor::read_id(&query.cursor);
    let filter = Filter { named: some(&who), action: some(&act), before, actor: None };
    let mut entries = audit::list(tx, scope, &filter, PAGE_ROWS + 1).await?;
    let next_cursor = cursor::next(&mut entries, PAGE_ROWS, |entry| cursor::id(entry.id));
    Ok(AuditView {
        rows: entries.iter().map(|entry| row(entry, &names)).collect(),
        who,
        act,
        acts: ACTS.iter().map(|a| (*a).to_owned()).collect(),
        next_cursor,
    })
}

fn row(entry: &Entry, names: &HashMap<String, String>) -> AuditRow {
    let mut detail: serde_json::Map<String, Value> = serde_json::from_str(&entry.detail).unwrap_or_default();
    let mut take = |name: &str| detail.remove(name).and_then(|v| v.as_str().map(str::to_owned));
    let (door, from) = (take("door").or_else(|| take("via")).unwrap_or_else(|| "system".into()), take("from"));
    let href = match entry.subject.split_once('/') {
        Some(("signal", id)) => Some(format!("/signals/{id}")),
        Some(("mail", id)) => Some(format!("/safety-net/mails/{id}")),
        Some(("rule" | "mend", _)) => Some("/safety-net/monitors".to_owned()),
        Some(("route", _)) => Some("/connections".to_owned()),
        Some(("callout", _)) => Some("/safety-net/outages".to_owned()),
        Some(("incident", id)) => Some(format!("/incidents/{id}")),
        Some(("backfill", _)) => Some("/backfills".to_owned()),
        Some(("run", id)) => Some(format!("/runs/{id}")),
        Some(("host", name)) => Some(format!("/hosts/{}", crate::markup::encode(name))),
        Some(("runbook", name)) => Some(format!("/runbooks/{}", crate::markup::encode(name))),
        Some(("job", _)) => Some("/jobs".to_owned()),
        Some(("channel", _)) => Some("/connections#slack".to_owned()),
        Some(("person", id)) => Some(format!("/people/hours/{}", crate::markup::encode(id))),
        Some(("ticket-rule", _)) => Some("/people/rules".to_owned()),
        Some(("group-hours", id)) => Some(format!("/people/groups/{}", crate::markup::encode(id))),
        Some(("account" | "token", _)) => Some("/people".to_owned()),
        _ => None,
    };
    let subject = match entry.subject.split_once('/') {
        Some(("account", id)) => names.get(id).cloned().unwrap_or_else(|| id.to_owned()),
        _ => entry.subject.clone(),
    };
    AuditRow {
        at: entry.at,
        who: names.get(&entry.actor).cloned().unwrap_or_else(|| entry.actor.clone()),
        door,
        act: entry.action.clone(),
        subject: Some(subject).filter(|s| !s.is_empty()),
        href,
        detail: (!detail.is_empty()).then(|| said(&detail)),
        from,
    }
}

fn said(detail: &serde_json::Map<String, Value>) -> String {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    detail.iter().map(|(name, value)| format!("{name}: {}", text(value))).collect::<Vec<_>>().join(", ")
}
