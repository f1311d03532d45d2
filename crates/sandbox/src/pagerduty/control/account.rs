//! Switches of the account: what a key may do, which region it belongs to, which features it has, what time its headers tell.

use serde_json::{Value, json};

use super::{Outcome, text};
use crate::pagerduty::call::Reply;
use crate::pagerduty::clock::Clock;
use crate::pagerduty::state::State;

/// Features that can be turned off.
const FEATURES: &[&str] = &["priorities", "teams", "audit_trail"];
const MAX_OFFSET_S: f64 = 366.0 * 86_400.0;

fn words(body: &Value, name: &str) -> Result<Vec<String>, String> {
    let words = body[name].as_array().and_then(|l| l.iter().map(|w| w.as_str().map(str::to_owned)).collect());
    words.ok_or_else(|| format!("{name} must be a list of words"))
}

pub(super) fn scopes(state: &mut State, body: &Value) -> Outcome {
    let token = text(body, "token")?;
    if !state.account.knows(token) {
        return Err("no such token".into());
    }
    let deny = words(body, "deny")?;
    if let Some(wrong) = deny.iter().find(|w| !w.split(' ').next_back().is_some_and(|path| path.starts_with('/'))) {
        return Err(format!("{wrong} names no path; write \"/schedules\" or \"PUT /incidents\""));
    }
    state.access.deny(token, deny.clone());
    Ok(Reply::json(200, &json!({ "token": token, "deny": deny })))
}

pub(super) fn region(state: &mut State, body: &Value) -> Outcome {
    state.access.wrong_region = body["wrong"].as_bool().ok_or("wrong must be true or false")?;
    Ok(Reply::json(200, &json!({ "wrong": state.access.wrong_region })))
}

pub(super) fn features(state: &mut State, body: &Value) -> Outcome {
    let off = words(body, "off")?;
    if let Some(wrong) = off.iter().find(|f| !FEATURES.contains(&f.as_str())) {
        return Err(format!("{wrong} is not one of {}", FEATURES.join(", ")));
    }
    state.access.turn_off(off.clone());
    Ok(Reply::json(200, &json!({ "off": off })))
}

pub(super) fn clock_offset(clock: &Clock, body: &Value) -> Outcome {
    let seconds = body["seconds"].as_f64().filter(|s| s.abs() <= MAX_OFFSET_S).ok_or("seconds must be a number")?;
    clock.offset_headers((seconds * 1000.0) as i64);
    Ok(Reply::json(200, &json!({ "seconds": seconds })))
}
