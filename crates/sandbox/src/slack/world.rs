//! The workspace: its people, channels, messages and files, and what the app may do there. Everything here is under one lock; what
//! happens is noted and on disk before anybody is answered. Knows no HTTP.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::message::Message;
use crate::dice::Dice;

#[derive(Debug)]
pub(super) struct World {
    pub dice: Dice,
    pub now: Timestamp,
    pub last_us: i64,
    /// Where the listener is: `http://127.0.0.1:9400`.
    pub base: String,
    pub team: Team,
    pub app: App,
    pub users: Vec<User>,
    pub channels: Vec<Channel>,
    pub files: Vec<File>,
    pub views: Vec<View>,
    pub triggers: Vec<Trigger>,
    pub answers: Vec<super::respond::Address>,
    pub tickets: Vec<(String, Timestamp)>,
    pub limits: super::limits::Book,
    /// Every call is answered with 503.
    pub is_down: bool,
    pub urls: Urls,
    pub deadline_ms: u64,
    /// What has happened and is not yet in the journal.
    pub notes: Vec<(&'static str, Value)>,
}

#[derive(Debug, Clone)]
pub(super) struct Team {
    pub id: String,
    pub domain: String,
    pub name: String,
}

#[derive(Debug)]
pub(super) struct App {
    pub id: String,
    /// The user that the bot is.
    pub user: String,
    pub bot: String,
    pub bot_token: String,
    pub app_token: String,
    pub signing_secret: String,
    pub bot_health: TokenHealth,
    pub app_health: TokenHealth,
    pub scopes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TokenHealth {
    Active,
    Revoked,
    Expired,
    /// The app's account is gone.
    Inactive,
    /// As if it had never been issued.
    Invalid,
}

/// Where callbacks go; without an address they go by socket.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Urls {
    pub interactions: Option<String>,
    pub commands: Option<String>,
    pub events: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct User {
    pub id: String,
    pub name: String,
    pub real_name: String,
    pub email: String,
    pub tz: String,
    pub is_bot: bool,
    pub is_admin: bool,
    pub is_deleted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Health {
    Active,
    Archived,
    Gone,
    /// Only some may post there.
    Restricted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Public,
    Private,
    Direct,
}

#[derive(Debug)]
pub(super) struct Channel {
    pub id: String,
    /// Empty for direct messages.
    pub name: String,
    pub kind: Kind,
    pub health: Health,
    /// Whether the bot is in it.
    pub is_member: bool,
    pub members: Vec<String>,
    pub created: i64,
    pub messages: Vec<Message>,
}

#[derive(Debug)]
pub(super) struct File {
    pub id: String,
    pub secret: String,
    pub name: String,
    pub title: String,
    pub alt: String,
    pub length: usize,
    pub bytes: Option<bytes::Bytes>,
    pub is_complete: bool,
    pub channels: Vec<String>,
}

#[derive(Debug)]
pub(super) struct View {
    pub id: String,
    pub user: String,
    pub is_open: bool,
    pub body: Value,
}

#[derive(Debug)]
pub(super) struct Trigger {
    pub id: String,
    pub user: String,
    pub made: Timestamp,
    pub is_used: bool,
}

impl World {
    pub(super) fn note(&mut self, kind: &'static str, detail: Value) {
        self.notes.push((kind, detail));
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|u| u.id == id)
    }

    /// A person by id, handle, name or mail address.
    pub(super) fn person(&self, word: &str) -> Result<&User, String> {
        let is =
            |u: &&User| u.id == word || u.name == word || u.real_name == word || u.email.eq_ignore_ascii_case(word);
        self.users.iter().find(is).ok_or_else(|| format!("there is no user {word:?}; GET state lists them"))
    }

    /// A channel's place by id, or by name with or without its sign.
    pub(super) fn place(&self, word: &str) -> Option<usize> {
        let name = word.strip_prefix('#').unwrap_or(word);
        let by_id = self.channels.iter().position(|c| c.id == word);
        by_id.or_else(|| self.channels.iter().position(|c| !c.name.is_empty() && c.name == name))
    }

    pub(super) fn known_place(&self, word: &str) -> Result<usize, String> {
        self.place(word).ok_or_else(|| format!("there is no channel {word:?}; GET state lists them"))
    }

    /// The direct messages between the bot and a person; made when there are none.
    pub(super) fn direct(&mut self, user: &str) -> (usize, bool) {
        let found = self.channels.iter().position(|c| c.kind == Kind::Direct && c.members.iter().any(|m| m == user));
        if let Some(place) = found {
            return (place, true);
        }
        let id = self.dice.code("D", 11);
        let members = vec![user.to_owned(), self.app.user.clone()];
        self.add_channel(id, String::new(), Kind::Direct, members);
        (self.channels.len() - 1, false)
    }

    pub(super) fn add_channel(&mut self, id: String, name: String, kind: Kind, members: Vec<String>) {
        let is_member = members.contains(&self.app.user);
        let (health, created) = (Health::Active, self.now.as_second());
        self.channels.push(Channel { id, name, kind, health, is_member, members, created, messages: Vec::new() });
    }

    pub(super) fn trigger(&mut self, user: &str) -> String {
        let now = self.now.as_millisecond();
        let id = format!("{now}.{}.{}", self.dice.between(1_000_000, 9_999_999), self.dice.hex(32));
        self.triggers.push(Trigger { id: id.clone(), user: user.to_owned(), made: self.now, is_used: false });
        id
    }
}

impl Channel {
    /// What people call it; a direct message has its id only.
    pub(super) fn called(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }

    pub(super) fn find(&self, ts: &str) -> Option<&Message> {
        self.messages.iter().find(|m| m.ts == ts)
    }

    /// Replies that everybody in the channel can see, oldest first.
    pub(super) fn replies<'a>(&'a self, ts: &'a str) -> impl Iterator<Item = &'a Message> {
        let is = move |m: &&Message| m.thread_ts.as_deref() == Some(ts) && !m.is_deleted && m.only_for.is_none();
        self.messages.iter().filter(is)
    }
}
