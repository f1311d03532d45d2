//! A message: its id that is a time and a string, what it says, what it was before, and how the Web API and the journal tell it.
//! Decides nothing about who may post.

use serde_json::{Value, json};

use super::text;
use super::world::World;

#[derive(Debug, Clone)]
pub(super) struct Message {
    pub ts: String,
    pub thread_ts: Option<String>,
    pub user: String,
    /// What is there to read: text, blocks, attachments, files, username and icons.
    pub body: Value,
    pub metadata: Value,
    /// The one who sees it, when nobody else does.
    pub only_for: Option<String>,
    pub is_broadcast: bool,
    pub is_deleted: bool,
    pub edited_ts: Option<String>,
    /// Each state that it has been in, oldest first.
    pub versions: Vec<Value>,
}

impl World {
    /// A message's time, later than every one before it.
    pub(super) fn next_ts(&mut self) -> String {
        self.last_us = self.now.as_microsecond().max(self.last_us + 1);
        ts_of(self.last_us)
    }

    /// Appends a message and notes it under `kind`.
    pub(super) fn post(&mut self, place: usize, mut message: Message, kind: &'static str, via: &str) -> String {
        let ts = message.ts.clone();
        message.remember("posted", via, &ts);
        let detail = self.detail(place, &message, via);
        self.channels[place].messages.push(message);
        self.note(kind, detail);
        ts
    }

    /// What the journal keeps of a message as it stands.
    pub(super) fn detail(&self, place: usize, message: &Message, via: &str) -> Value {
        let channel = &self.channels[place];
        json!({
            "channel": channel.called(), "channel_id": channel.id, "ts": message.ts, "thread_ts": message.thread_ts, "user": message.user,
            "only_for": message.only_for, "text": message.body["text"], "blocks": message.body["blocks"],
            "attachments": message.body["attachments"], "files": message.body["files"], "metadata": message.metadata, "via": via,
            "shown": text::shown(&message.body), "links": crate::mail::links(&message.body.to_string()), "pings": text::pings(&message.body),
        })
    }

    /// A message as the Web API tells it.
    pub(super) fn told(&self, place: usize, message: &Message, with_metadata: bool) -> Value {
        let mut told = message.body.clone();
        told["type"] = json!("message");
        told["ts"] = json!(message.ts);
        told["user"] = json!(message.user);
        told["team"] = json!(self.team.id);
        if message.user == self.app.user {
            told["bot_id"] = json!(self.app.bot);
            told["app_id"] = json!(self.app.id);
        }
        if let Some(ts) = &message.edited_ts {
            told["edited"] = json!({ "user": message.user, "ts": ts });
        }
        if message.is_broadcast {
            told["subtype"] = json!("thread_broadcast");
        }
        if with_metadata && !message.metadata.is_null() {
            told["metadata"] = message.metadata.clone();
        }
        self.tell_thread(place, message, &mut told);
        told
    }

    fn tell_thread(&self, place: usize, message: &Message, told: &mut Value) {
        let channel = &self.channels[place];
        if let Some(parent) = &message.thread_ts {
            told["thread_ts"] = json!(parent);
            told["parent_user_id"] = json!(channel.find(parent).map(|p| &p.user));
            return;
        }
        let replies: Vec<&Message> = channel.replies(&message.ts).collect();
        if let Some(last) = replies.last() {
            let mut users: Vec<&String> = replies.iter().map(|r| &r.user).collect();
            users.sort();
            users.dedup();
            told["thread_ts"] = json!(message.ts);
            told["reply_count"] = json!(replies.len());
            told["reply_users"] = json!(users);
            told["reply_users_count"] = json!(users.len());
            told["latest_reply"] = json!(last.ts);
        }
        if message.is_deleted {
            *told = json!({ "type": "message", "subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT",
                "hidden": true, "ts": message.ts, "thread_ts": message.ts, "reply_count": replies.len() });
        }
    }
}

/// Microseconds as Slack writes them.
pub(super) fn ts_of(us: i64) -> String {
    format!("{}.{:06}", us.div_euclid(1_000_000), us.rem_euclid(1_000_000))
}

/// The microseconds of `1714521603.000200`, also without or with fewer digits after the point.
pub(super) fn us_of(ts: &str) -> Option<i64> {
    let (seconds, rest) = ts.split_once('.').unwrap_or((ts, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if seconds.is_empty() || seconds.len() > 12 || rest.len() > 6 || !digits(seconds) || !digits(rest) {
        return None;
    }
    Some(seconds.parse::<i64>().ok()? * 1_000_000 + format!("{rest:0<6}").parse::<i64>().ok()?)
}

impl Message {
    pub(super) fn new(ts: String, user: &str, body: Value) -> Self {
        Self {
            ts,
            thread_ts: None,
            user: user.to_owned(),
            body,
            metadata: Value::Null,
            only_for: None,
            is_broadcast: false,
            is_deleted: false,
            edited_ts: None,
            versions: Vec::new(),
        }
    }

    pub(super) fn remember(&mut self, what: &str, via: &str, at: &str) {
        self.versions.push(json!({
            "what": what, "via": via, "at": at, "text": self.body["text"], "blocks": self.body["blocks"], "metadata": self.metadata,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ts_is_read_as_a_string() {
        for (ts, us) in [
            ("1714521603.000200", Some(1_714_521_603_000_200)),
            ("1714521603", Some(1_714_521_603_000_000)),
            ("0", Some(0)),
            ("1.5", Some(1_500_000)),
            ("", None),
            ("now", None),
            ("-1", None),
            ("1.0000001", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(us_of(ts), us, "{ts}");
        }
        assert_eq!(ts_of(1_714_521_603_000_200), "1714521603.000200");
    }
}
