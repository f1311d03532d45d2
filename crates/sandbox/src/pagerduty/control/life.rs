//! A subscription's fate: disabled, deactivated, deleted, its secret replaced, its webhooks lost, late or repeated.

use serde_json::{Value, json};

use super::{Outcome, text};
use crate::pagerduty::call::Reply;
use crate::pagerduty::state::State;
use crate::pagerduty::webhooks::DISABLED_S;

/// Two days, as long as the vendor itself would go on trying.
const MAX_HOLD_S: i64 = 48 * 3600;

/// Without a named subscription the first one is meant: the one made at the start.
pub(super) fn place(state: &State, body: &Value) -> Result<usize, String> {
    let all = &state.hooks.subscriptions;
    let place = match body["subscription"].as_str() {
        Some(id) => all.iter().position(|s| s.id == id),
        None => (!all.is_empty()).then_some(0),
    };
    place.ok_or_else(|| "no such subscription".into())
}

fn shown(state: &State, place: usize) -> Reply {
    Reply::json(200, &json!({ "webhook_subscription": state.subscription(place, false) }))
}

pub(super) fn change(state: &mut State, body: &Value) -> Outcome {
    let place = place(state, body)?;
    let now = state.now;
    let own = &mut state.hooks.subscriptions[place];
    match text(body, "act")? {
        "disable" => own.disable(now, body["seconds"].as_i64().unwrap_or(DISABLED_S)),
        "enable" => own.enable(),
        "deactivate" => own.active = false,
        "activate" => own.active = true,
        "delete" => {
            state.hooks.subscriptions.remove(place);
            return Ok(Reply::json(200, &json!({ "webhook_subscription": null })));
        }
        act => return Err(format!("{act} is not disable, enable, deactivate, activate or delete")),
    }
    Ok(shown(state, place))
}

/// A new secret; the old one signs beside it until `finish`, or not at all with `at_once`.
pub(super) fn rotate(state: &mut State, body: &Value) -> Outcome {
    let place = place(state, body)?;
    let fresh = state.dice.secret(64);
    let own = &mut state.hooks.subscriptions[place];
    if body["finish"] == true {
        own.old_secret = None;
    } else {
        let old = std::mem::replace(&mut own.secret, fresh);
        own.old_secret = (body["at_once"] != true).then_some(old);
    }
    Ok(Reply::json(200, &json!({ "subscription": own.id, "secret": own.secret, "old_secret": own.old_secret })))
}

pub(super) fn point(state: &mut State, body: &Value) -> Outcome {
    let place = place(state, body)?;
    let url = text(body, "url")?;
    url::Url::parse(url).map_err(|e| format!("url: {e}"))?;
    state.hooks.subscriptions[place].url = Some(url.to_owned());
    Ok(shown(state, place))
}

fn count(body: &Value, name: &str) -> Result<u32, String> {
    let count = body[name].as_u64().and_then(|n| u32::try_from(n).ok());
    count.ok_or_else(|| format!("{name} must be a whole number of 0 or more"))
}

pub(super) fn lose(state: &mut State, body: &Value) -> Outcome {
    let place = place(state, body)?;
    let own = &mut state.hooks.subscriptions[place].mischief;
    own.lose_next = count(body, "next")?;
    Ok(Reply::json(200, &json!({ "lose_next": own.lose_next, "lost": own.lost })))
}

pub(super) fn duplicate(state: &mut State, body: &Value) -> Outcome {
    let place = place(state, body)?;
    let own = &mut state.hooks.subscriptions[place].mischief;
    own.copies = count(body, "copies")?;
    Ok(Reply::json(200, &json!({ "copies": own.copies })))
}

pub(super) fn hold(state: &mut State, body: &Value) -> Outcome {
    let place = place(state, body)?;
    let seconds = body["seconds"].as_i64().filter(|s| (0..=MAX_HOLD_S).contains(s));
    let seconds = seconds.ok_or("seconds must be from 0 to 172800, which is 48 hours")?;
    state.hold(place, seconds, body["reversed"] == true);
    let until = state.hooks.subscriptions[place].mischief.held_until();
    Ok(Reply::json(200, &json!({ "held_until": until.map(crate::pagerduty::clock::micros) })))
}
