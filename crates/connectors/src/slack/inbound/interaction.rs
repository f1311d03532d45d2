//! Presses of buttons, choices, forms that were sent or closed. Takes what it knows out of the payload and leaves the rest.

use super::{Inbound, lenient, secret, unreadable};
use crate::Secret;
use crate::pagerduty::Unreadable;
use crate::pagerduty::json;
use crate::slack::block::{AGAIN, OPENS};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Somebody pressed or chose something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    pub user: String,
    pub user_name: String,
    pub team: String,
    pub app: String,
    /// As it was given to the element.
    pub action_id: String,
    pub block_id: String,
    /// The button's value, or that of what was chosen.
    pub value: Option<String>,
    pub channel: Option<String>,
    pub message_ts: Option<String>,
    pub thread_ts: Option<String>,
    /// Only one person sees the message, so it can't be changed but by `response_url`.
    pub is_ephemeral: bool,
    pub response_url: Option<Secret>,
    pub trigger_id: String,
    pub key: String,
}

/// Somebody sent a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    pub user: String,
    pub user_name: String,
    pub team: String,
    pub app: String,
    pub callback_id: String,
    pub view_id: String,
    pub private_metadata: String,
    pub entered: Vec<Entered>,
    pub trigger_id: String,
    pub key: String,
}

/// What stands in one field; `None`: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    pub block_id: String,
    pub action_id: String,
    pub value: Option<String>,
}

/// Somebody closed a form without sending it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    pub user: String,
    pub team: String,
    pub callback_id: String,
    pub view_id: String,
    pub private_metadata: String,
    pub key: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload {
    user: Option<User>,
    team: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    api_app_id: String,
    container: Option<Container>,
    channel: Option<Id>,
    message: Option<MessageWire>,
    view: Option<View>,
    #[serde(deserialize_with = "lenient")]
    response_url: String,
    #[serde(deserialize_with = "lenient")]
    trigger_id: String,
    actions: Vec<Action>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    #[serde(deserialize_with = "lenient")]
    id: String,
    #[serde(deserialize_with = "lenient")]
    name: String,
    #[serde(deserialize_with = "lenient")]
    username: String,
    #[serde(deserialize_with = "lenient")]
    team_id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Id {
    #[serde(deserialize_with = "lenient")]
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Container {
    #[serde(deserialize_with = "lenient")]
    message_ts: String,
    #[serde(deserialize_with = "lenient")]
    channel_id: String,
    #[serde(deserialize_with = "lenient")]
    thread_ts: String,
    is_ephemeral: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MessageWire {
    #[serde(deserialize_with = "lenient")]
    ts: String,
    #[serde(deserialize_with = "lenient")]
    thread_ts: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct View {
    #[serde(deserialize_with = "lenient")]
    id: String,
    #[serde(deserialize_with = "lenient")]
    callback_id: String,
    #[serde(deserialize_with = "lenient")]
    hash: String,
    #[serde(deserialize_with = "lenient")]
    private_metadata: String,
    state: State,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct State {
    values: BTreeMap<String, BTreeMap<String, Action>>,
}

/// An element as it was used. A chosen user or channel is told under a name of its own, which we offer to nobody.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Action {
    #[serde(deserialize_with = "lenient")]
    action_id: String,
    #[serde(deserialize_with = "lenient")]
    block_id: String,
    value: Value,
    selected_option: Option<Choice>,
    #[serde(deserialize_with = "lenient")]
    action_ts: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    #[serde(deserialize_with = "lenient")]
    value: String,
}

impl Action {
    fn value(&self) -> Option<String> {
        match (&self.selected_option, &self.value) {
            (Some(choice), _) => Some(choice.value.clone()),
            (None, Value::String(text)) => Some(text.clone()),
            _ => None,
        }
    }
}

impl Payload {
    fn read(raw: &[u8]) -> Result<(Self, User), Unreadable> {
        let mut payload: Self = json::read(raw)?;
        match payload.user.take().filter(|user| !user.id.is_empty()) {
            Some(user) => Ok((payload, user)),
            None => Err(unreadable("user.id", "nobody is named who did it")),
        }
    }

    /// Of an app that a whole organisation has installed, only the person's own is told.
    fn team(&self, user: &User) -> String {
        let team = self.team.as_ref().map(|team| team.id.clone()).filter(|id| !id.is_empty());
        team.unwrap_or_else(|| user.team_id.clone())
    }
}

impl User {
    fn name(&self) -> String {
        if self.name.is_empty() { self.username.clone() } else { self.name.clone() }
    }
}

impl Pressed {
    /// A button that only opened an address: Slack tells of it all the same, and there is nothing to do.
    pub fn is_link(&self) -> bool {
        self.action_id.strip_prefix(OPENS).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    }
}

pub fn pressed(raw: &[u8]) -> Result<Inbound, Unreadable> {
    let (payload, user) = Payload::read(raw)?;
    // One press is one action, though it comes as a list.
    let action = payload.actions.first().ok_or_else(|| unreadable("actions", "there is none"))?;
    if action.action_id.is_empty() {
        return Err(unreadable("actions[0].action_id", "there is none"));
    }
    let (at, message) = (payload.container.as_ref(), payload.message.as_ref());
    let of = |container: fn(&Container) -> &String, message_part: fn(&MessageWire) -> &String| {
        at.map(container).filter(|text| !text.is_empty()).or(message.map(message_part)).cloned().and_then(some)
    };
    let message_ts = of(|at| &at.message_ts, |message| &message.ts);
    let channel =
        at.map(|at| at.channel_id.clone()).and_then(some).or_else(|| some(payload.channel.as_ref()?.id.clone()));
    let view = payload.view.as_ref().map(|view| view.id.as_str()).unwrap_or_default();
    let place = [channel.as_deref().unwrap_or_default(), message_ts.as_deref().unwrap_or(view)];
    let key = format!("press:{}:{}:{}:{}:{}", action.action_ts, user.id, place[0], place[1], action.action_id);
    Ok(Inbound::Pressed(Pressed {
        user_name: user.name(),
        team: payload.team(&user),
        app: payload.api_app_id.clone(),
        action_id: as_given(&action.action_id).to_owned(),
        block_id: as_given(&action.block_id).to_owned(),
        value: action.value(),
        thread_ts: of(|at| &at.thread_ts, |message| &message.thread_ts),
        is_ephemeral: at.is_some_and(|at| at.is_ephemeral),
        channel,
        message_ts,
        response_url: secret(payload.response_url.clone()),
        trigger_id: payload.trigger_id.clone(),
        user: user.id,
        key,
    }))
}

pub fn submitted(raw: &[u8]) -> Result<Inbound, Unreadable> {
    let (payload, user) = Payload::read(raw)?;
    let team = payload.team(&user);
    let view = payload.view.ok_or_else(|| unreadable("view", "there is none"))?;
    let entered: Vec<Entered> = view.state.values.iter().flat_map(|(block, fields)| fields_of(block, fields)).collect();
    // The same form may be sent again with other words, after an answer that named an error.
    let said: Vec<_> = entered.iter().map(|e| (&e.block_id, &e.action_id, &e.value)).collect();
    let digest = model::signature::sha256_hex(format!("{said:?}").as_bytes());
    let key = format!("submit:{}:{}:{}:{digest}", view.id, view.hash, user.id);
    Ok(Inbound::Submitted(Submitted {
        user_name: user.name(),
        team,
        app: payload.api_app_id,
        callback_id: view.callback_id,
        view_id: view.id,
        private_metadata: view.private_metadata,
        entered,
        trigger_id: payload.trigger_id,
        user: user.id,
        key,
    }))
}

fn fields_of<'a>(block: &'a str, fields: &'a BTreeMap<String, Action>) -> impl Iterator<Item = Entered> + 'a {
    fields.iter().map(move |(action, field)| Entered {
        block_id: as_given(block).to_owned(),
        action_id: as_given(action).to_owned(),
        value: field.value(),
    })
}

pub fn closed(raw: &[u8]) -> Result<Inbound, Unreadable> {
    let (payload, user) = Payload::read(raw)?;
    let team = payload.team(&user);
    let view = payload.view.ok_or_else(|| unreadable("view", "there is none"))?;
    let key = format!("close:{}:{}", view.id, user.id);
    let View { id: view_id, callback_id, private_metadata, .. } = view;
    Ok(Inbound::Closed(Closed { user: user.id, team, callback_id, view_id, private_metadata, key }))
}

/// Without the number that told it from another of its name in one message.
fn as_given(id: &str) -> &str {
    match id.rsplit_once(AGAIN) {
        Some((given, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => given,
        _ => id,
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
