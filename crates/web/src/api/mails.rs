//! `mails`: alert mails and where they stand in the ledger, one of them whole, its original, and what is decided about it.

use super::inbox::number;
use super::params::Params;
use super::{cursor, instant, page};
use crate::auth::Reader;
use crate::pages::{Decided, Decision, WishedMail, decide, load_mail, mail_file, open_original, tried};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{AlertAt, CallRow, LACKING, MOST_MAIL_BYTES, MailRow, MailView, Original, Tried};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::Scope;
use model::mail::{Ledger, Reason, State as MailState, Trust};
use serde::Deserialize;
use serde_json::{Value, json};
use store::mails::{self, Filter, Item};
use store::{StoreError, Tx};

pub(super) const PARAMS: [&str; 12] = [
    "ledger_state",
    "monitor",
    "state",
    "trust",
    "host",
    "customer",
    "incident",
    "text",
    "since",
    "until",
    "limit",
    "cursor",
];
/// Mails of one incident are few.
const MOST_OF_INCIDENT: i64 = 500;

/// What `ledger_state` may say: the states, and all that lack an incident of PagerDuty's own.
pub(super) fn ledger_states() -> Vec<&'static str> {
    Ledger::ALL.into_iter().map(Ledger::as_str).chain([LACKING]).collect()
}

pub(super) fn states() -> Vec<&'static str> {
    MailState::ALL.into_iter().map(MailState::as_str).collect()
}

pub(super) fn trusts() -> Vec<&'static str> {
    Trust::ALL.into_iter().map(Trust::as_str).collect()
}

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    let (filter, limit) = (filter(&params)?, params.limit()?);
    let (scope, incident) = (reader.person.scope.clone(), params.text("incident")?);
    let mut items = desk
        .store
        .read(move |tx| Box::pin(async move { found(tx, &scope, &filter, incident.as_deref(), limit + 1).await }))
        .await?;
    let next = cursor::next(&mut items, limit, |item| cursor::id(item.id));
    Ok(Json(page(items.iter().map(item).collect(), next)))
}

async fn found(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    incident: Option<&str>,
    limit: i64,
) -> Result<Vec<Item>, StoreError> {
    let Some(incident) = incident else { return mails::list(tx, scope, filter, limit).await };
    let mut of_it = mails::list_of_incident(tx, scope, incident, MOST_OF_INCIDENT).await?;
    of_it.retain(|item| filter.before.is_none_or(|before| item.id < before));
    of_it.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(of_it)
}

fn filter(params: &Params) -> Result<Filter, Fault> {
    let (since, until) = (params.instant("since")?, params.instant("until")?);
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        return Err(Fault::bad("since", "`since` lies after `until`: nothing can be between them."));
    }
    let named = params.some_of("ledger_state", &ledger_states())?;
    let mut ledgers: Vec<Ledger> = named.iter().filter_map(|name| Ledger::parse(name)).collect();
    if named.iter().any(|name| name == LACKING) {
        ledgers.extend(Ledger::ALL.into_iter().filter(|ledger| ledger.is_unbalanced()));
    }
    Ok(Filter {
        ledgers,
        monitor: params.text("monitor")?,
        state: params.one_of("state", &states())?,
        trust: params.one_of("trust", &trusts())?,
        host: params.text("host")?,
        customer: params.text("customer")?,
        text: params.text("text")?,
        since,
        until,
        before: params.before()?,
    })
}

fn reason_code(reason: &Reason) -> Value {
    serde_json::to_value(reason).ok().and_then(|value| value.get("is").cloned()).unwrap_or(Value::Null)
}

/// A reason as data, beside its code.
fn reason(reason: &Reason) -> Value {
    serde_json::to_value(reason).unwrap_or(Value::Null)
}

fn item(item: &Item) -> Value {
    json!({
        "id": item.id,
        "received_at": item.received_at.rfc3339(),
        "monitor": item.monitor,
        "host": item.host,
        "check": item.check,
        "state": item.state.as_str(),
        "severity": item.severity,
        "ledger_state": item.ledger.as_str(),
        "reason": reason(&item.reason),
        "reason_code": reason_code(&item.reason),
        "incident_id": item.incident,
        "subject": item.subject,
        "sender": item.sender,
        "trust": item.trust.as_str(),
        "customer": item.customer,
        "service": item.service,
        "key": item.key,
        "score": item.score,
        "occurred_at": instant(item.occurred_at),
        "due": instant(item.due),
        "judged_at": instant(item.judged_at),
        "door": item.door,
        "message_id": item.message_id,
        "alert_id": item.net,
    })
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let id = number(&id)?;
    let view = load_mail(&desk, &reader, id, Original::Refused).await?;
    let scope = reader.person.scope.clone();
    let found = desk.store.read(move |tx| Box::pin(async move { mails::find(tx, &scope, id).await })).await?;
    let mut body = item(&found.ok_or(Fault::NotFound)?.item);
    whole(&mut body, &view);
    Ok(Json(body))
}

fn whole(body: &mut Value, view: &MailView) {
    let read = view.read.as_ref();
    body["reading"] = json!(read.map(|read| &read.reading));
    body["text"] = json!(read.map(|read| &read.text));
    body["to"] = json!(read.map_or(&[][..], |read| &read.to));
    body["trust_why"] = json!(read.map(|read| &read.trust_why));
    body["notes"] = json!(read.map_or(&[][..], |read| &read.notes));
    body["envelope"] = json!(read.map(|read| &read.envelope));
    body["alert"] = view.alert.as_ref().map_or(Value::Null, alert);
    body["mails_of_alert"] = view.others.iter().map(brief).collect();
    body["calls"] = view.calls.iter().map(call).collect();
    body["sealed_at"] = instant(view.sealed_at);
}

fn alert(alert: &AlertAt) -> Value {
    let registered = &alert.registered;
    json!({
        "open_since": instant(alert.open_since),
        "ended_at": instant(alert.ended_at),
        "mails": alert.mails,
        "in_storm": alert.is_in_storm,
        "cause": alert.cause,
        "registration": {
            "state": registered.state.as_str(),
            "dedup_key": registered.dedup_key,
            "asked_at": instant(registered.asked_at),
            "tries": registered.tries,
            "seen_at": instant(registered.seen_at),
            "incident_id": registered.incident.as_ref().map(|incident| &incident.id),
        },
    })
}

fn brief(row: &MailRow) -> Value {
    json!({
        "id": row.id,
        "received_at": row.received_at.rfc3339(),
        "subject": row.subject,
        "state": row.state.as_str(),
        "ledger_state": row.ledger.as_str(),
        "incident_id": row.incident.as_ref().map(|incident| &incident.id),
    })
}

pub(super) fn call(call: &CallRow) -> Value {
    json!({
        "person": call.person,
        "level": call.level,
        "about": call.about,
        "asked_at": call.asked_at.rfc3339(),
        "sent_at": instant(call.sent_at),
        "due": instant(call.due),
        "answered_at": instant(call.answered_at),
        "answered_by": call.answered_by,
        "ended_at": instant(call.ended_at),
    })
}

/// The bytes as they came. The opening is written down.
pub(super) async fn original(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, Fault> {
    params.only(&[])?;
    let id = number(&id)?;
    Ok(mail_file(id, open_original(&desk, &reader, id).await?.raw))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decides {
    nonce: String,
    #[serde(default)]
    always: bool,
}

pub(super) async fn register(
    desk: State<Desk>,
    reader: Reader,
    id: Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    decided(desk, reader, id, params, (&body, "register")).await
}

pub(super) async fn no_alert(
    desk: State<Desk>,
    reader: Reader,
    id: Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    decided(desk, reader, id, params, (&body, "not-an-alert")).await
}

pub(super) async fn hold_back(
    desk: State<Desk>,
    reader: Reader,
    id: Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    decided(desk, reader, id, params, (&body, "hold-back")).await
}

async fn decided(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
    (body, name): (&[u8], &str),
) -> Result<Response, Fault> {
    params.only(&[])?;
    let id = number(&id)?;
    let decides = read(body)?;
    if decides.always && name != "not-an-alert" {
        return Err(Fault::Unfit { field: "always".into(), detail: "Only `not-an-alert` takes it.".into() });
    }
    let decision = Decision::about(id, name, decides.always, &decides.nonce).ok_or(Fault::NotFound)?;
    Ok(answer(decide(&desk, &reader, decision).await?, json!({ "id": id, "decision": name })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tries {
    /// The mail in base64, or
    #[serde(default)]
    raw: String,
    /// as text.
    #[serde(default)]
    text: String,
    #[serde(default)]
    to: Vec<String>,
    #[serde(default)]
    from: String,
    #[serde(default)]
    peer: String,
}

/// What would be read in a mail and what would happen. Nothing is kept.
pub(super) async fn try_one(
    State(desk): State<Desk>,
    reader: Reader,
    params: Params,
    body: Bytes,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let tries: Tries = serde_json::from_slice(&body).map_err(|error| Fault::Bad {
        parameter: None,
        detail: format!("Send a JSON object with \"raw\", the mail in base64, or \"text\": {error}."),
    })?;
    let raw = match tries.raw.is_empty() {
        true => tries.text.into_bytes(),
        false => STANDARD
            .decode(&tries.raw)
            .map_err(|_| Fault::Unfit { field: "raw".into(), detail: "It is the mail's bytes in base64.".into() })?,
    };
    if raw.is_empty() || raw.len() > MOST_MAIL_BYTES {
        return Err(Fault::Unfit { field: "raw".into(), detail: "A mail of 1 byte to 1 MiB is taken.".into() });
    }
    let wished = WishedMail { raw, to: tries.to.join(","), from: tries.from, peer: tries.peer };
    Ok(Json(outcome(&tried(&desk, &reader, wished).await?)))
}

fn outcome(tried: &Tried) -> Value {
    let (read, first) = (&tried.read, &tried.first);
    json!({
        "monitor": read.monitor,
        "configured": read.is_configured,
        "subject": read.subject,
        "sender": read.from,
        "reading": read.reading,
        "trust": read.trust.as_str(),
        "trust_why": read.trust_why,
        "notes": read.notes,
        "service": tried.service,
        "ledger_state": first.ledger.as_str(),
        "reason": reason(&first.reason),
        "reason_code": reason_code(&first.reason),
        "would_end_as": tried.ends().as_str(),
        "allowed": tried.allowed,
        "grace_s": tried.grace_s,
        "match": tried.found.as_ref().map(|found| json!({
            "ledger_state": found.ledger.as_str(),
            "reason": reason(&found.reason),
            "score": found.score,
            "incident_id": found.incident.as_ref().map(|incident| &incident.id),
        })),
    })
}

/// A nonce alone.
pub(super) fn nonce(body: &[u8]) -> Result<String, Fault> {
    Ok(read(body)?.nonce)
}

fn read(body: &[u8]) -> Result<Decides, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::Bad {
        parameter: None,
        detail: format!("Send a JSON object with \"nonce\", a text that is new for every new decision: {error}."),
    })
}

/// 202: taken on; 200: the same was taken on before.
pub(super) fn answer(decided: Decided, body: Value) -> Response {
    let status = if decided == Decided::New { StatusCode::ACCEPTED } else { StatusCode::OK };
    (status, Json(body)).into_response()
}
