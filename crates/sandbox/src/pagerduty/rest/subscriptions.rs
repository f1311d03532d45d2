//! Webhook subscriptions over REST. The secret leaves once, with the answer to its making.

use serde_json::{Value, json};

use super::query::page;
use super::{Caller, body};
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::clock::millis;
use crate::pagerduty::state::State;
use crate::pagerduty::webhooks::{EVENT_TYPES, Filter};

fn place(state: &State, call: &Call) -> Result<usize, Fail> {
    let id = call.segment(1);
    state.hooks.subscriptions.iter().position(|s| s.id == id).ok_or_else(Fail::not_found)
}

fn shown(state: &State, place: usize, with_secret: bool) -> Reply {
    Reply::json(200, &json!({ "webhook_subscription": state.subscription(place, with_secret) }))
}

fn record(state: &mut State, caller: &Caller, kind: &str, action: &str, place: usize) {
    let own = state.subscription(place, false);
    state.record(&caller.effect(kind, None, own.clone()));
    let resource = json!({ "id": own["id"], "type": "webhook_subscription_reference", "summary": own["description"], "self": null, "html_url": null });
    let actors: Vec<Value> = caller.user.map(|u| state.account.user_ref(u)).into_iter().collect();
    let record = json!({
        "id": state.dice.ulid(state.now), "self": null, "execution_time": millis(state.now), "execution_context": null, "actors": actors,
        "method": { "type": "api_token", "description": null, "truncated_token": "abcd" }, "root_resource": resource, "action": action, "details": null,
    });
    state.account.audit.push(record);
}

pub(super) fn list(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let page = page(call)?;
    let wanted = match call.one("filter_type") {
        None => None,
        Some(kind @ ("account" | "service" | "team")) => {
            let filter = json!({ "type": format!("{kind}_reference"), "id": call.one("filter_id") });
            Some(state.filter_from(&filter).ok_or_else(|| Fail::invalid("filter_id names nothing"))?)
        }
        Some(_) => return Err(Fail::invalid("filter_type must be account, service or team")),
    };
    let all = &state.hooks.subscriptions;
    let fits = |place: &usize| wanted.as_ref().is_none_or(|f| all[*place].filter == *f);
    let found: Vec<usize> = (0..all.len()).filter(fits).collect();
    Ok(Reply::json(200, &page.wrap("webhook_subscriptions", &found, |place| state.subscription(*place, false))))
}

pub(super) fn get(state: &mut State, call: &Call, _: &Caller) -> Answer {
    Ok(shown(state, place(state, call)?, false))
}

pub(super) fn create(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let wanted = body(call, "webhook_subscription")?;
    let method = &wanted["delivery_method"];
    if wanted["type"] != "webhook_subscription" || method["type"] != "http_delivery_method" {
        return Err(Fail::invalid("type must be webhook_subscription, delivery_method.type http_delivery_method"));
    }
    let url = method["url"].as_str().filter(|u| url::Url::parse(u).is_ok_and(|u| u.has_host()));
    let url = url.ok_or_else(|| Fail::invalid("delivery_method.url is not an address"))?.to_owned();
    let events = events(&wanted["events"])?;
    let filter = filter(state, &wanted)?;
    let headers = custom_headers(&method["custom_headers"])?;
    let place = state.subscribe(Some(url));
    let own = &mut state.hooks.subscriptions[place];
    own.events = events;
    own.filter = filter;
    own.custom_headers = headers;
    own.description = wanted["description"].as_str().unwrap_or_default().to_owned();
    own.active = wanted["active"].as_bool().unwrap_or(true);
    record(state, caller, "subscription.created", "create", place);
    Ok(shown(state, place, true))
}

fn filter(state: &State, wanted: &Value) -> Result<Filter, Fail> {
    state.filter_from(&wanted["filter"]).ok_or_else(|| Fail::invalid("filter names nothing that exists"))
}

fn events(list: &Value) -> Result<Vec<String>, Fail> {
    let events: Option<Vec<String>> =
        list.as_array().and_then(|l| l.iter().map(|e| e.as_str().map(str::to_owned)).collect());
    let events = events.filter(|e| !e.is_empty()).ok_or_else(|| Fail::invalid("events must name at least one"))?;
    match events.iter().find(|e| !EVENT_TYPES.contains(&e.as_str()) && *e != "pagey.ping") {
        Some(unknown) => Err(Fail::invalid(format!("{unknown} is not an event type"))),
        None => Ok(events),
    }
}

fn custom_headers(list: &Value) -> Result<Vec<(String, String)>, Fail> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for header in list.as_array().into_iter().flatten() {
        let (Some(name), Some(value)) = (header["name"].as_str(), header["value"].as_str()) else {
            return Err(Fail::invalid("a custom header has a name and a value"));
        };
        let valid = http::HeaderName::try_from(name).is_ok() && http::HeaderValue::try_from(value).is_ok();
        if !valid || headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)) {
            return Err(Fail::invalid("the names of custom headers must be valid and differ"));
        }
        headers.push((name.into(), value.into()));
    }
    Ok(headers)
}

pub(super) fn update(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let place = place(state, call)?;
    let wanted = body(call, "webhook_subscription")?;
    let events = wanted.get("events").map(events).transpose()?;
    let filter = wanted.get("filter").map(|_| filter(state, &wanted)).transpose()?;
    let own = &mut state.hooks.subscriptions[place];
    if wanted.get("delivery_method").is_some_and(|m| m["url"].as_str().is_some_and(|u| Some(u) != own.url.as_deref())) {
        return Err(Fail::invalid("delivery_method cannot be changed"));
    }
    own.events = events.unwrap_or_else(|| own.events.clone());
    own.filter = filter.unwrap_or_else(|| own.filter.clone());
    own.active = wanted["active"].as_bool().unwrap_or(own.active);
    if let Some(description) = wanted["description"].as_str() {
        own.description = description.to_owned();
    }
    record(state, caller, "subscription.updated", "update", place);
    Ok(shown(state, place, false))
}

pub(super) fn delete(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let place = place(state, call)?;
    record(state, caller, "subscription.deleted", "delete", place);
    state.hooks.subscriptions.remove(place);
    Ok(Reply::empty(204))
}

pub(super) fn enable(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let place = place(state, call)?;
    state.hooks.subscriptions[place].enable();
    record(state, caller, "subscription.enabled", "update", place);
    Ok(shown(state, place, false))
}

pub(super) fn ping(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let place = place(state, call)?;
    state.ping(place);
    Ok(Reply::empty(202))
}
