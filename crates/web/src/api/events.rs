//! `calendar-events`: promises with a time, with what people were told of them; one of them whole.

use super::params::{Params, bad_cursor};
use super::tickets::{both, called};
use super::{cursor, instant, page};
use crate::auth::Reader;
use crate::pages::{baselines, listed_events, load_event};
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{EventRow, EventView, NoticeRow, WindowRow};
use axum::Json;
use axum::extract::{Path, State};
use duties::calendar::words;
use model::calendar::Attendee;
use serde_json::{Value, json};
use store::calendar_events::Filter;
use store::polls;

pub(super) const PARAMS: [&str; 8] = ["calendar", "customer", "text", "chosen", "since", "until", "limit", "cursor"];

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    let (filter, limit) = (filter(&params, &desk.settings)?, params.limit()?);
    let is_all = params.one_of("chosen", &["true", "false"])?.as_deref() != Some("true");
    let (scope, settings) = (reader.person.scope.clone(), desk.settings.clone());
    let (rows, next) = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let known = baselines(&polls::list(tx, &scope).await?);
                listed_events(tx, &scope, &settings, (&filter, is_all), (limit, &known)).await
            })
        })
        .await?;
    Ok(Json(page(rows.iter().map(|row| item(row, &desk.settings)).collect(), next)))
}

fn filter(params: &Params, settings: &Settings) -> Result<Filter, Fault> {
    let (since, until) = (params.instant("since")?, params.instant("until")?);
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        return Err(Fault::bad("since", "`since` lies after `until`: nothing can be between them."));
    }
    Ok(Filter {
        but: settings.bridges.private(),
        calendar: params.text("calendar")?,
        customer: params.text("customer")?,
        text: params.text("text")?,
        since,
        until,
        after: params.one("cursor")?.map(|text| cursor::read_spot(text).ok_or_else(bad_cursor)).transpose()?,
        ..Filter::default()
    })
}

fn item(row: &EventRow, settings: &Settings) -> Value {
    let event = &row.event;
    let calendars = &settings.bridges.calendars;
    json!({
        "id": event.id,
        "calendar": event.calendar,
        "title": event.title,
        "starts_at": event.starts_at.rfc3339(),
        "ends_at": event.ends_at.rfc3339(),
        "all_day": event.is_all_day,
        "place": event.place,
        "customer": calendars.iter().find(|one| one.name == event.calendar).and_then(|one| one.customer.clone()),
        "html_url": event.url,
        "recurring": event.recurring.is_some(),
        "updated_at": instant(event.updated_at),
        "state": row.standing.as_str(),
        "rule": row.rule,
        "told_early_at": row.early.iter().map(|at| at.rfc3339()).collect::<Vec<_>>(),
        "due": instant(row.due),
        "window": row.window().map(|window| json!({
            "services": window.services, "starts_at": window.starts_at.rfc3339(), "ends_at": window.ends_at.rfc3339(),
            "mode": window.mode,
        })),
        "window_troubled": row.has_window_trouble,
        "called": row.notice.as_ref().map(notice),
    })
}

fn notice(row: &NoticeRow) -> Value {
    let mut body = called(&row.called);
    body["due"] = json!(row.notice.as_ref().map(|notice| notice.due.rfc3339()));
    body["ended"] = json!(row.end);
    body["baseline"] = json!(row.is_baseline);
    body
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path((calendar, event)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let view = load_event(&desk, &reader, &format!("{calendar}/{event}")).await?;
    let mut body = item(&view.row, &desk.settings);
    whole(&mut body, &view);
    Ok(Json(body))
}

fn whole(body: &mut Value, view: &EventView) {
    let event = &view.row.event;
    body["text"] = json!(event.text);
    body["registrant"] = json!(event.registrant.as_ref().map(person));
    body["attendees"] = event.attendees.iter().map(person).collect();
    body["seen_at"] = json!(view.seen_at.rfc3339());
    body["windows"] = view.windows.iter().map(window).collect();
    body["calls"] = view.notices.iter().map(notice).collect();
}

fn window(row: &WindowRow) -> Value {
    json!({
        "starts_at": row.starts_at.rfc3339(),
        "ends_at": row.ends_at.rfc3339(),
        "services": row.services,
        "state": row.state.as_str(),
        "pagerduty_id": row.pagerduty,
        "html_url": row.url(),
        "opened_at": instant(row.opened_at),
        "over_at": instant(row.over_at),
        "trouble": row.trouble.as_deref().map(|kept| both(|locale| words::window_why(locale, kept))),
    })
}

fn person(who: &Attendee) -> Value {
    json!({ "name": who.name, "mail": who.mail, "declined": who.has_declined })
}
