//! `incidents/{id}/acts`: asking for an act in PagerDuty, and what became of those that were asked for. A token acts as
//! the person who made it; the same nonce is the same act, however often it is sent.

use super::params::{Params, bad_cursor};
use super::{cursor, inbox::number, instant, page};
use crate::acts::{Ask, Key, Refusal, Said, ask, field_of};
use crate::auth::Reader;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::ActState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::act::Act;
use serde_json::{Map, Value, json};
use store::acts::Asked;
use store::{incidents, jobs};

pub(super) const PARAMS: [&str; 2] = ["limit", "cursor"];

/// Newest first.
pub(super) async fn list(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    let limit = params.limit()?;
    let place = params.one("cursor")?.map(|text| cursor::read_spot(text).ok_or_else(bad_cursor)).transpose()?;
    let scope = reader.person.scope.clone();
    let found = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(whole) = incidents::find(tx, &scope, &id).await? else { return Ok(None) };
                let place = place.as_ref().map(|(at, key)| (*at, key.as_str()));
                Ok(Some(store::acts::list_after(tx, &scope, &whole.item.id, place, limit + 1).await?))
            })
        })
        .await?;
    let mut asked = found.ok_or(Fault::NotFound)?;
    let next = cursor::next(&mut asked, limit, |one| cursor::spot(one.asked_at, &one.key));
    Ok(Json(page(asked.iter().map(shown).collect(), next)))
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path((id, act)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let (job, scope) = (number(&act)?, reader.person.scope.clone());
    let found = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(whole) = incidents::find(tx, &scope, &id).await? else { return Ok(None) };
                let Some(item) = jobs::find(tx, &scope, job).await? else { return Ok(None) };
                if item.subject != whole.item.id {
                    return Ok(None);
                }
                store::acts::find(tx, &scope, &item.key).await
            })
        })
        .await?;
    Ok(Json(shown(&found.ok_or(Fault::NotFound)?)))
}

pub(super) async fn add(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    params.only(&[])?;
    let (act, nonce) = read(&body)?;
    let field = field_of(&act);
    let wanted = Ask { incident: id.clone(), act, nonce };
    let (by, key) = (reader, Key::of(&desk.settings));
    let said = desk.store.write("act", move |tx| Box::pin(async move { ask(tx, &by, &key, wanted).await })).await?;
    match said {
        Said::New(asked) => {
            desk.act.notify_waiters();
            desk.show.notify_waiters();
            tracing::info!(job = asked.job, act = asked.act.name(), incident = id, "an act was asked for");
            Ok(answer(StatusCode::ACCEPTED, &id, &asked))
        }
        Said::Again(asked) => Ok(answer(StatusCode::OK, &id, &asked)),
        other => Err(refused(other, field)),
    }
}

fn answer(status: StatusCode, incident: &str, asked: &Asked) -> Response {
    let at = format!("/api/v1/incidents/{}/acts/{}", crate::markup::encode(incident), asked.job);
    let mut response = (status, Json(shown(asked))).into_response();
    if let Ok(at) = HeaderValue::from_str(&at) {
        response.headers_mut().insert(header::LOCATION, at);
    }
    response
}

fn refused(said: Said, field: &'static str) -> Fault {
    let unfit = |field: &str, detail: String| Fault::Unfit { field: field.to_owned(), detail };
    match said {
        Said::MayNot(_, Refusal::MakerScope) => Refusal::MakerScope.fault(&Default::default()),
        Said::MayNot(standing, why) => why.fault(&standing.named),
        Said::Unfit(why) => unfit(field, format!("Nothing was sent: {why}.")),
        Said::Unknown { field, value } => {
            unfit(field, format!("Nothing was sent: \"{value}\" is nothing that the mirror knows as open to this act."))
        }
        Said::OddNonce => {
            unfit("nonce", "It has 8 to 64 letters, digits, \"-\" and \"_\", new for every new act.".into())
        }
        Said::OtherWords => Fault::Conflict {
            detail: "This nonce was used with other content. Nothing was sent; take a new nonce for a new act.".into(),
        },
        Said::Over => Fault::Conflict { detail: "The incident is resolved: only notes can be added.".into() },
        Said::NotFound | Said::New(_) | Said::Again(_) => Fault::NotFound,
    }
}

/// The act and the nonce. A field that no act of this name has is refused: a mistyped one could mean something else.
fn read(body: &[u8]) -> Result<(Act, String), Fault> {
    let whole = |detail: &str| Fault::Bad { parameter: None, detail: detail.to_owned() };
    let unfit = |field: &str, detail: String| Fault::Unfit { field: field.to_owned(), detail };
    let body: Value =
        serde_json::from_slice(body).map_err(|_| whole("Send a JSON object with \"act\" and \"nonce\"."))?;
    let Value::Object(mut fields) = body else { return Err(whole("Send a JSON object with \"act\" and \"nonce\".")) };
    let nonce = match fields.remove("nonce") {
        Some(Value::String(nonce)) => nonce,
        _ => return Err(unfit("nonce", "Give a text that is new for every new act.".into())),
    };
    let name = fields.get("act").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !Act::NAMES.contains(&name.as_str()) {
        return Err(unfit("act", format!("It may be: {}.", Act::NAMES.join(", "))));
    }
    // Left out by mistake, it would take the priority away.
    if name == "priority" && !fields.contains_key("to") {
        return Err(unfit("to", "Name the priority's id, or null to take it away.".into()));
    }
    let given: Map<String, Value> = fields.clone();
    let act: Act = serde_json::from_value(Value::Object(fields)).map_err(|_| {
        let (field, form) = form_by_name(&name);
        unfit(field, format!("Give {form}. See the schema in /api/v1/openapi.json."))
    })?;
    let known = serde_json::to_value(&act).unwrap_or_default();
    match given.keys().find(|key| known.get(key.as_str()).is_none()) {
        Some(key) => Err(unfit(key, "The act has no such field.".into())),
        None => Ok((act, nonce)),
    }
}

/// The field that an act of this name lives by, and what it holds.
fn form_by_name(name: &str) -> (&'static str, &'static str) {
    match name {
        "resolve" => ("resolution", "a text, or leave it out"),
        "note" => ("text", "a text"),
        "snooze" => ("seconds", "a whole number of seconds, without quotes"),
        "reassign" => ("users", "a list of PagerDuty users' ids"),
        "escalate" => ("level", "a whole number from 1 on, without quotes"),
        "priority" => ("to", "the priority's id, or null"),
        "merge" => ("sources", "a list of incidents' ids"),
        _ => ("act", "an act with its fields"),
    }
}

fn shown(asked: &Asked) -> Value {
    let state = ActState::of(&asked.state, asked.outcome.as_deref());
    let next = matches!(state, ActState::Later | ActState::Unknown).then_some(asked.due);
    let mut arguments = serde_json::to_value(&asked.act).unwrap_or_default();
    if let Value::Object(fields) = &mut arguments {
        fields.remove("act");
    }
    json!({
        "id": asked.job,
        "act": asked.act.name(),
        "arguments": arguments,
        "user": asked.user,
        "from": asked.from,
        "nonce": asked.key.rsplit('/').next(),
        "asked_at": asked.asked_at.rfc3339(),
        "state": state.as_str(),
        "cause": asked.cause,
        "next_at": instant(next),
        "ended_at": instant(asked.ended_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(body: &str) -> String {
        match read(body.as_bytes()) {
            Err(Fault::Unfit { field, .. }) => field,
            Err(Fault::Bad { .. }) => "body".into(),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn a_body_is_an_act_or_told_by_the_field_at_fault() {
        let good = read(br#"{"act":"priority","to":null,"nonce":"n-1"}"#).unwrap();
        assert_eq!(good, (Act::Priority { to: None }, "n-1".to_owned()));
        for (body, at) in [
            ("", "body"),
            ("[]", "body"),
            (r#"{"act":"acknowledge"}"#, "nonce"),
            (r#"{"act":"acknowledge","nonce":1}"#, "nonce"),
            (r#"{"act":"delete","nonce":"n"}"#, "act"),
            (r#"{"nonce":"n"}"#, "act"),
            (r#"{"act":"priority","nonce":"n"}"#, "to"),
            (r#"{"act":"priority","to":null,"too":"P1","nonce":"n"}"#, "too"),
            (r#"{"act":"acknowledge","text":"x","nonce":"n"}"#, "text"),
            (r#"{"act":"note","nonce":"n"}"#, "text"),
            (r#"{"act":"snooze","seconds":"soon","nonce":"n"}"#, "seconds"),
            (r#"{"act":"escalate","level":-1,"nonce":"n"}"#, "level"),
            (r#"{"act":"merge","sources":"Q1","nonce":"n"}"#, "sources"),
        ] {
            assert_eq!(field(body), at, "{body}");
        }
    }
}
