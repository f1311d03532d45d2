//! `/api/v2`: who asks, whether he still may, and which part answers.

mod comments;
mod hooks;
mod issues;
mod params;
mod read;
mod write;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors::Problem;
use super::limits::{KINDS, Kind, Left};
use super::world::State;
use crate::web::{Ask, Told};
use params::Params;
pub(super) use write::check;

/// An effect from outside, for the judge.
pub(super) type Effect = (&'static str, Value);

/// A request that is somebody's.
#[derive(Debug)]
struct Call<'a> {
    user: u64,
    method: &'a str,
    path: Vec<&'a str>,
    params: Params,
    now: Timestamp,
}

type Outcome = Result<(u16, Value, Option<Effect>), Problem>;

fn found(body: Value) -> Outcome {
    Ok((200, body, None))
}

/// The answer, and what has to be on disk before it is given.
pub(super) fn answer(state: &mut State, ask: &Ask, now: Timestamp) -> (Told, Option<Effect>) {
    let parts = ask.parts();
    let path: Vec<&str> = parts.iter().skip(2).map(String::as_str).collect();
    if path == ["oauth2", "token"] {
        return (state.token(ask, now), None);
    }
    let user = match state.who(ask, now) {
        Ok(user) => user,
        Err(stranger) => return (stranger.told(), None),
    };
    let kind = kind_of(state, ask, &path);
    let left = match state.limits.take(user, kind, &state.settings.per_minute, now) {
        Ok(left) => left,
        Err(left) => return (numbered(Problem::too_many().told(), left), None),
    };
    let call = Call { user, method: ask.method.as_str(), path, params: Params::of(ask), now };
    match route(state, &call) {
        Ok((status, body, effect)) => (numbered(super::told(status, &body), left), effect),
        Err(problem) => (numbered(problem.told(), left), None),
    }
}

fn numbered(told: Told, left: Left) -> Told {
    told.with("x-ratelimit-limit", &left.limit.to_string())
        .with("x-ratelimit-remaining", &left.remaining.to_string())
        .with("x-ratelimit-reset", &left.reset_s.to_string())
}

fn kind_of(state: &State, ask: &Ask, path: &[&str]) -> Kind {
    let lists = matches!(path, ["issues"] | ["issues", "count"]);
    match ask.method.as_str() {
        "GET" if path.last() == Some(&"icon") => Kind::Icon,
        "GET" if lists && (ask.one("keyword").is_some() || state.settings.list_is_search) => Kind::Search,
        "GET" => Kind::Read,
        _ => Kind::Update,
    }
}

fn route(state: &mut State, call: &Call) -> Outcome {
    match (call.method, call.path.as_slice()) {
        ("GET", ["rateLimit"]) => found(rate_limit(state, call)),
        (_, ["projects", project, "webhooks", rest @ ..]) => hooks::answer(state, call, project, rest),
        ("GET", ["issues"]) => issues::list(state, call),
        ("GET", ["issues", "count"]) => issues::count(state, call),
        ("POST", ["issues"]) => write::create(state, call),
        ("GET", ["issues", key]) => issues::one(state, call, key),
        ("PATCH", ["issues", key]) => write::update(state, call, key),
        ("DELETE", ["issues", key]) => write::delete(state, call, key),
        (_, ["issues", key, "comments", rest @ ..]) => comments::answer(state, call, key, rest),
        ("GET", path) => read::answer(state, call, path),
        _ => Err(Problem::none("Undefined resource.")),
    }
}

fn rate_limit(state: &mut State, call: &Call) -> Value {
    let of = state.settings.per_minute;
    let all = KINDS.map(|(kind, name)| (name.to_owned(), state.limits.left(call.user, kind, &of, call.now).shown()));
    json!({ "rateLimit": serde_json::Map::from_iter(all) })
}
