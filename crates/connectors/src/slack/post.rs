//! Posts into channels, threads and to one person's eyes, and their updates. Slack knows no key against doubles: what may have to be
//! found again carries a marker in its metadata.

use super::answer;
use super::block::Message;
use super::client::Client;
use super::markup::UserId;
use super::method::Method;
use super::modal::Modal;
use crate::{Call, CallError, Kind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What is to be posted, and where.
#[derive(Clone, Copy, Debug)]
pub struct Post<'a> {
    /// A channel's id; `#name` works for public ones, but can't be looked up.
    pub channel: &'a str,
    pub message: &'a Message,
    /// The `ts` of the message that the thread hangs on.
    pub thread_ts: Option<&'a str>,
    /// In the channel as well as in the thread.
    pub reply_broadcast: bool,
    pub metadata: Option<&'a Metadata>,
}

/// What goes along with a message for programs; people of the workspace can read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    pub event_type: String,
    pub payload: Map<String, Value>,
}

/// A message's id: the pair. `ts` is a text, never a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    pub channel: String,
    pub ts: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Updated {
    Done(Posted),
    /// It was deleted, is too old, or not ours: only a new message can say it. The error says which.
    Never(CallError),
}

const PAST_CHANGE: [&str; 4] = ["message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"];
/// The payload's field that a look-up goes by.
pub const MARKER: &str = "marker";

impl Metadata {
    pub fn new(event_type: impl Into<String>, marker: impl Into<String>) -> Self {
        let payload = Map::from_iter([(MARKER.to_owned(), Value::String(marker.into()))]);
        Self { event_type: event_type.into(), payload }
    }

    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.payload.insert(name.into(), value.into());
        self
    }

    fn wire(&self) -> Value {
        json!({ "event_type": self.event_type, "event_payload": self.payload })
    }
}

impl<'a> Post<'a> {
    pub const fn new(channel: &'a str, message: &'a Message) -> Self {
        Self { channel, message, thread_ts: None, reply_broadcast: false, metadata: None }
    }

    fn body(&self) -> Value {
        let mut body = self.message.body();
        body["channel"] = json!(self.channel);
        if let Some(thread_ts) = self.thread_ts {
            body["thread_ts"] = json!(thread_ts);
            body["reply_broadcast"] = json!(self.reply_broadcast);
        }
        if let Some(metadata) = self.metadata {
            body["metadata"] = metadata.wire();
        }
        body
    }
}

#[derive(Deserialize)]
struct PostedAnswer {
    channel: String,
    ts: String,
}

#[derive(Deserialize)]
struct ViewAnswer {
    view: ViewId,
}

#[derive(Deserialize)]
struct ViewId {
    id: String,
}

impl Client {
    pub async fn post(&self, call: &Call, post: &Post<'_>) -> Result<Posted, CallError> {
        speaks(post.message)?;
        self.post_into(call, post.channel)?;
        let response = self.json(call, Method::Post, &post.body()).await?;
        let PostedAnswer { channel, ts } = answer::read(&response, true)?;
        Ok(Posted { channel, ts })
    }

    /// Changes our own message. Metadata that are not given stay as they are.
    pub async fn update(
        &self,
        call: &Call,
        posted: &Posted,
        message: &Message,
        metadata: Option<&Metadata>,
    ) -> Result<Updated, CallError> {
        speaks(message)?;
        let body = update_body(posted, message, metadata);
        let response = match self.json(call, Method::Update, &body).await {
            Err(failed) if failed.is(&PAST_CHANGE) => return Ok(Updated::Never(failed.error)),
            other => other?,
        };
        let PostedAnswer { channel, ts } = answer::read(&response, true)?;
        Ok(Updated::Done(Posted { channel, ts }))
    }

    /// Shows a message to one person in a channel. It can neither be changed nor found again.
    pub async fn post_ephemeral(
        &self,
        call: &Call,
        channel: &str,
        user: &UserId,
        message: &Message,
        thread_ts: Option<&str>,
    ) -> Result<(), CallError> {
        speaks(message)?;
        let mut body = message.body();
        body["channel"] = json!(channel);
        body["user"] = json!(user.as_str());
        if let Some(thread_ts) = thread_ts {
            body["thread_ts"] = json!(thread_ts);
        }
        self.json(call, Method::PostEphemeral, &body).await?;
        Ok(())
    }

    /// Opens a form for whoever pressed, which works for three seconds after that. Gives the form's id.
    pub async fn open_modal(&self, call: &Call, trigger_id: &str, modal: &Modal) -> Result<String, CallError> {
        let view = modal.wire().map_err(|why| {
            CallError::new(Kind::BadRequest, true, format!("the form will not work: {why}; nothing was sent"))
        })?;
        let body = json!({ "trigger_id": trigger_id, "view": view });
        let response = self.json(call, Method::OpenView, &body).await?;
        answer::read::<ViewAnswer>(&response, true).map(|answer| answer.view.id)
    }
}

/// Text that is to be all the message says, and is nothing, is refused by Slack.
pub(super) fn speaks(message: &Message) -> Result<(), CallError> {
    if !message.is_silent() {
        return Ok(());
    }
    let text = "a message needs a text, which is what notifications show; nothing was sent";
    Err(CallError::new(Kind::BadRequest, true, text))
}

/// An update parses names and links out of the text by itself unless told not to.
fn update_body(posted: &Posted, message: &Message, metadata: Option<&Metadata>) -> Value {
    let mut body = message.body();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("unfurl_links");
        fields.remove("unfurl_media");
    }
    body["channel"] = json!(posted.channel);
    body["ts"] = json!(posted.ts);
    body["parse"] = json!("none");
    body["link_names"] = json!(false);
    if let Some(metadata) = metadata {
        body["metadata"] = metadata.wire();
    }
    body
}
