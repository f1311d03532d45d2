//! The Web API's door: which methods there are, who may call them and how often, and how they answer. What a method does is in the
//! file of its noun.

use serde_json::{Value, json};

use super::call::{Call, Outcome, Refusal};
use super::limits::Tier;
use super::world::{TokenHealth, World};
use super::{change, chat, conversations, files, history, users, views};
use crate::web::Told;

pub(super) struct Method {
    pub name: &'static str,
    tier: Tier,
    scope: Option<&'static str>,
    pub takes_json: bool,
    /// Called with the app-level token.
    is_of_app: bool,
    run: fn(&mut World, &Call) -> Outcome,
}

type Run = fn(&mut World, &Call) -> Outcome;

const fn json(name: &'static str, tier: Tier, scope: Option<&'static str>, run: Run) -> Method {
    Method { name, tier, scope, takes_json: true, is_of_app: false, run }
}

const fn form(name: &'static str, tier: Tier, scope: Option<&'static str>, run: Run) -> Method {
    Method { name, tier, scope, takes_json: false, is_of_app: false, run }
}

const METHODS: [Method; 20] = [
    json("auth.test", Tier::Special, None, auth_test),
    Method {
        name: "apps.connections.open",
        tier: Tier::Three,
        scope: None,
        takes_json: true,
        is_of_app: true,
        run: open_socket,
    },
    json("chat.postMessage", Tier::Special, Some("chat:write"), chat::post),
    json("chat.postEphemeral", Tier::Four, Some("chat:write"), chat::ephemeral),
    json("chat.update", Tier::Three, Some("chat:write"), change::update),
    json("chat.delete", Tier::Three, Some("chat:write"), change::delete),
    form("conversations.history", Tier::Three, None, history::history),
    form("conversations.replies", Tier::Three, None, history::replies),
    form("conversations.list", Tier::Two, Some("channels:read"), conversations::list),
    form("conversations.info", Tier::Three, Some("channels:read"), conversations::info),
    json("conversations.open", Tier::Three, Some("im:write"), conversations::open),
    form("users.conversations", Tier::Three, Some("channels:read"), conversations::own),
    form("users.info", Tier::Four, Some("users:read"), users::info),
    form("users.list", Tier::Two, Some("users:read"), users::list),
    form("users.lookupByEmail", Tier::Three, Some("users:read.email"), users::by_email),
    json("views.open", Tier::Four, None, views::open),
    form("files.getUploadURLExternal", Tier::Four, Some("files:write"), files::address),
    json("files.completeUploadExternal", Tier::Four, Some("files:write"), files::complete),
    form("files.info", Tier::Four, Some("files:read"), files::info),
    form("files.upload", Tier::Two, Some("files:write"), |_, _| Err("method_deprecated".into())),
];

/// All that the app has been granted unless told otherwise.
pub(super) const SCOPES: [&str; 14] = [
    "channels:history",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "users:read",
    "users:read.email",
];

pub(super) fn method(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|m| m.name == name)
}

/// Does it, notes a refusal, and says what is to be answered.
pub(super) fn answer(world: &mut World, name: &str, call: &Call) -> Told {
    if world.is_down {
        world.note("slack.refused", json!({ "method": name, "status": 503, "error": "service_unavailable" }));
        return Told::json(503, &json!({ "ok": false, "error": "service_unavailable" }));
    }
    let outcome = match method(name) {
        Some(method) => admit(world, method, call).and_then(|()| (method.run)(world, call)),
        None => Err("unknown_method".into()),
    };
    let scopes = world.app.scopes.join(",");
    match outcome {
        Ok(body) => Told::json(200, &with_warnings(body, call)).with("x-oauth-scopes", &scopes),
        Err(refusal) => refuse(world, name, refusal).with("x-oauth-scopes", &scopes),
    }
}

fn with_warnings(mut body: Value, call: &Call) -> Value {
    body["ok"] = json!(true);
    let mut warnings: Vec<Value> = call.warnings.iter().map(|w| json!(w)).collect();
    warnings.extend(body["warning"].as_str().map(|w| json!(w)));
    if let Some(first) = warnings.first().cloned() {
        body["warning"] = first;
        body["response_metadata"]["warnings"] = json!(warnings);
    }
    body
}

fn refuse(world: &mut World, name: &str, refusal: Refusal) -> Told {
    let status = if refusal.retry_s.is_some() { 429 } else { 200 };
    world.note("slack.refused", json!({ "method": name, "status": status, "error": refusal.error }));
    let mut body = json!({ "ok": false, "error": refusal.error });
    for (name, value) in refusal.beside.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let told = Told::json(status, &body);
    match refusal.retry_s {
        Some(seconds) => told.with("retry-after", &seconds.to_string()),
        None => told,
    }
}

fn admit(world: &mut World, method: &Method, call: &Call) -> Result<(), Refusal> {
    let token = call.token.as_deref().filter(|t| !t.is_empty()).ok_or("not_authed")?;
    let app = &world.app;
    let (is_app, health) = match token {
        t if t == app.bot_token => (false, app.bot_health),
        t if t == app.app_token => (true, app.app_health),
        _ => return Err("invalid_auth".into()),
    };
    match health {
        TokenHealth::Active => {}
        TokenHealth::Revoked => return Err("token_revoked".into()),
        TokenHealth::Expired => return Err("token_expired".into()),
        TokenHealth::Inactive => return Err("account_inactive".into()),
        TokenHealth::Invalid => return Err("invalid_auth".into()),
    }
    if is_app != method.is_of_app {
        return Err("not_allowed_token_type".into());
    }
    if let Some(scope) = method.scope {
        world.needs(scope)?;
    }
    world.limits.call(method.name, method.tier, world.now).map_err(Refusal::later)?;
    call.unreadable.map_or(Ok(()), |word| Err(word.into()))
}

impl World {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.app.scopes.iter().any(|s| s == scope)
    }

    pub(super) fn needs(&self, scope: &str) -> Result<(), Refusal> {
        if self.has(scope) {
            return Ok(());
        }
        let beside = json!({ "needed": scope, "provided": self.app.scopes.join(",") });
        Err(Refusal { error: "missing_scope", beside, retry_s: None })
    }
}

fn auth_test(world: &mut World, _: &Call) -> Outcome {
    let bot = world.user(&world.app.user).map(|u| u.name.clone());
    Ok(json!({
        "url": format!("{}/", world.base), "team": world.team.name, "user": bot, "team_id": world.team.id, "user_id": world.app.user,
        "bot_id": world.app.bot, "is_enterprise_install": false,
    }))
}

/// An address with a ticket that is good for one connection within half a minute.
fn open_socket(world: &mut World, call: &Call) -> Outcome {
    if !call.is_post {
        return Err("insecure_request".into());
    }
    let ticket = world.dice.uuid();
    world.tickets.push((ticket.clone(), world.now));
    let host = world.base.replacen("http", "ws", 1);
    Ok(json!({ "url": format!("{host}/link/?ticket={ticket}&app_id={}", world.app.id) }))
}
