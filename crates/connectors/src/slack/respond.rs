//! Answers to a press or a command at the address that came with it: five times, for half an hour. The address is a secret, and is
//! called only where Slack's addresses lie.

use super::block::Message;
use super::client::Client;
use super::post::speaks;
use super::word;
use crate::gate::{self, Sent};
use crate::pagerduty::json as lenient;
use crate::{Call, CallError, Kind, Secret};
use serde::Deserialize;
use serde_json::{Value, json};

/// What is to become of the message that was pressed, or what is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To whoever pressed, alone.
    Whisper(Message),
    /// To all in the channel.
    Say(Message),
    /// In place of the message.
    Replace(Message),
    /// Takes the message away.
    Delete,
}

impl Client {
    pub async fn respond(&self, call: &Call, response_url: &Secret, reply: &Reply) -> Result<(), CallError> {
        let sent = self.hooks.post_json(call, response_url, &reply.body()?).await?;
        taken(&sent, self.hooks.host()).map_err(|error| error.redacted(response_url))
    }
}

/// Slack answers with a word, bare or in JSON.
#[derive(Deserialize)]
struct Said {
    ok: bool,
    #[serde(default)]
    error: Option<String>,
}

fn taken(sent: &Sent, host: &str) -> Result<(), CallError> {
    let response = &sent.response;
    let body = response.body.trim_ascii();
    let is_2xx = (200..300).contains(&response.status);
    let said: Option<Said> = lenient::read(body).ok();
    if is_2xx && (body == b"ok" || said.as_ref().is_some_and(|said| said.ok)) {
        return Ok(());
    }
    let word = said.as_ref().and_then(|said| said.error.as_deref()).map_or(body, str::as_bytes);
    let word = word::word(word);
    let kind = match (word.and_then(word::kind), response.status) {
        (Some(kind), _) => kind,
        // An address that is used up, whoever draws the page that says so.
        (None, 404 | 410) => Kind::NotFound,
        (None, _) if is_2xx && word.is_none() => Kind::Unreadable,
        (None, _) => gate::kind(response),
    };
    let reason = word.map_or_else(|| response.status.to_string(), str::to_owned);
    let advice = match kind {
        Kind::NotFound if word.is_none() => word::advice(kind, "expired_url"),
        Kind::InTheWay | Kind::Unreadable => {
            Some("is a proxy or a sign-in page on the way? Let this machine reach it directly")
        }
        kind => word::advice(kind, word.unwrap_or_default()),
    };
    let text =
        format!("{} ({host}: {reason}): {}", word::headline(kind), advice.unwrap_or("it will not work as it is"));
    let retry_after_ms = sent.wait_ms.filter(|_| kind == Kind::Limited);
    Err(CallError { kind, status: Some(response.status), code: None, text, retry_after_ms, write: true })
}

impl Reply {
    fn body(&self) -> Result<Value, CallError> {
        let (message, kind, replaces) = match self {
            Self::Delete => return Ok(json!({ "delete_original": true })),
            Self::Whisper(message) => (message, "ephemeral", false),
            Self::Say(message) => (message, "in_channel", false),
            Self::Replace(message) => (message, "in_channel", true),
        };
        speaks(message)?;
        let mut body = message.body();
        body["replace_original"] = json!(replaces);
        if !replaces {
            body["response_type"] = json!(kind);
        }
        Ok(body)
    }
}
