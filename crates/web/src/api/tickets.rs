//! `tickets`: what is watched in Backlog, with the last thing that people were called for; one of them whole.

use super::params::{Params, bad_cursor};
use super::{cursor, instant, page};
use crate::Language;
use crate::auth::Reader;
use crate::pages::load_ticket;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{Called, Raised, TicketView};
use axum::Json;
use axum::extract::{Path, State};
use duties::locale::Locale;
use duties::tickets::{Memory, words};
use model::ticket::{Happening, Who};
use serde_json::{Value, json};
use store::concerns::Concern;
use store::tickets::{self, Filter, Item, Watch};

pub(super) const PARAMS: [&str; 8] = ["state", "open", "space", "project", "customer", "text", "limit", "cursor"];

pub(super) fn states() -> Vec<&'static str> {
    Watch::ALL.into_iter().map(Watch::as_str).collect()
}

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    let (filter, limit) = (filter(&params)?, params.limit()?);
    let scope = reader.person.scope.clone();
    let mut items =
        desk.store.read(move |tx| Box::pin(async move { tickets::list(tx, &scope, &filter, limit + 1).await })).await?;
    let next = cursor::next(&mut items, limit, |item| {
        let ticket = &item.kept.reading.ticket;
        cursor::spot(ticket.updated_at, &ticket.id)
    });
    Ok(Json(page(items.iter().map(item).collect(), next)))
}

fn filter(params: &Params) -> Result<Filter, Fault> {
    let before = params.one("cursor")?.map(|text| cursor::read_spot(text).ok_or_else(bad_cursor)).transpose()?;
    Ok(Filter {
        open_only: params.one_of("open", &["true", "false"])?.as_deref() == Some("true"),
        watch: params.one_of("state", &states())?.and_then(|state| Watch::parse(&state)),
        but: None,
        space: params.text("space")?,
        project: params.text("project")?,
        customer: params.text("customer")?,
        text: params.text("text")?,
        before,
    })
}

fn item(item: &Item) -> Value {
    let (kept, ticket) = (&item.kept, &item.kept.reading.ticket);
    let memory: Memory = serde_json::from_str(&kept.memory).unwrap_or_default();
    json!({
        "id": ticket.id,
        "key": ticket.key,
        "space": ticket.space,
        "project": ticket.project,
        "title": ticket.title,
        "kind": ticket.kind,
        "priority": ticket.priority.as_ref().map(|priority| &priority.name),
        "status": ticket.status.name,
        "done": ticket.is_done,
        "assignee": ticket.assignee.as_ref().map(|who| &who.name),
        "customer": kept.customer,
        "created_at": ticket.created_at.rfc3339(),
        "updated_at": ticket.updated_at.rfc3339(),
        "read_at": kept.read_at.rfc3339(),
        "deleted_at": instant(kept.gone_at),
        "html_url": ticket.url,
        "state": item.watch().as_str(),
        "last_happening": kept.reading.history.iter().max_by_key(|one| (one.at, one.id)).map(happening),
        "waits": memory.wait.map(|wait| json!({
            "rule": wait.rule, "since": wait.since.rfc3339(), "due": wait.due.rfc3339(),
        })),
        "called": item.last.as_ref().map(concern),
    })
}

/// What people were called for.
fn concern(one: &Concern) -> Value {
    json!({
        "id": one.id,
        "rule": one.rule,
        "mode": one.mode,
        "severity": one.severity,
        "since": one.since.rfc3339(),
        "incident_id": one.incident,
        "taken_at": instant(one.moved_at),
        "taken_by": one.moved_by,
        "ended_at": instant(one.ended_at),
        "would_have": one.generation == 0,
    })
}

fn happening(one: &Happening) -> Value {
    json!({ "id": one.id, "at": one.at.rfc3339(), "by": one.by.name, "commented": one.text.is_some(), "changes": one.changes })
}

fn happening_whole(one: &Happening) -> Value {
    let mut body = happening(one);
    body["text"] = json!(one.text);
    body
}

fn who(who: &Who) -> Value {
    json!({ "id": who.id, "login": who.login, "name": who.name })
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path((space, number)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let id = format!("{space}/{number}");
    let view = load_ticket(&desk, &reader, &id).await?;
    let scope = reader.person.scope.clone();
    let found = desk.store.read(move |tx| {
        Box::pin(async move {
            let Some(kept) = tickets::get(tx, &scope, &id).await? else { return Ok(None) };
            let last = store::concerns::of_subject(tx, &scope, duties::TICKETS, &id).await?.into_iter().next();
            Ok(Some(Item { kept, last }))
        })
    });
    let found = found.await?.ok_or(Fault::NotFound)?;
    let mut body = item(&found);
    whole(&mut body, &view, &found.kept.reading.history);
    Ok(Json(body))
}

fn whole(body: &mut Value, view: &TicketView, history: &[Happening]) {
    body["text"] = json!(view.ticket.body);
    body["categories"] = json!(view.ticket.categories);
    body["created_by"] = who(&view.ticket.created_by);
    body["history"] = history.iter().map(happening_whole).collect();
    body["calls"] = view.raised.iter().map(raised).collect();
}

fn raised(one: &Raised) -> Value {
    let mut body = called(&one.called);
    body["why"] = json!(both(|locale| {
        one.hit.as_ref().map_or_else(|| one.title.clone(), |hit| words::reason(locale, &hit.reason))
    }));
    body["reason"] = json!(one.hit.as_ref().map(|hit| &hit.reason));
    body["happening"] = json!(one.hit.as_ref().map(|hit| hit.happening));
    body["ended"] = json!(one.end);
    body["would_have"] = json!(one.instead.is_some());
    body["instead"] = json!(one.instead);
    body
}

/// What tickets and events have in common of a call.
pub(super) fn called(called: &Called) -> Value {
    let told = called.told.as_ref();
    json!({
        "rule": called.rule,
        "mode": called.mode,
        "severity": called.severity,
        "since": called.since.rfc3339(),
        "incident_id": called.incident.as_ref().map(|incident| &incident.id),
        "taken_at": instant(called.taken_at),
        "taken_by": called.taken_by,
        "ended_at": instant(called.ended_at),
        "remind_at": instant(called.remind_at),
        "slack": told.map(|told| json!({
            "channel": told.channel, "posted_at": instant(told.at), "url": told.href, "trouble": told.trouble,
        })),
    })
}

/// The same words in both languages.
pub(super) fn both(words: impl Fn(&Locale) -> String) -> Value {
    let of = |language| words(&Locale { language, ..Locale::default() });
    json!({ (Language::Ja.as_str()): of(duties::Language::Ja), (Language::En.as_str()): of(duties::Language::En) })
}
