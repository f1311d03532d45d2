//! Backlog's JSON as REST tells it. Tolerant: only what names a thing must be there, null stands for absent, unknown fields
//! are ignored. Never leaves this folder.

pub use crate::lenient::{list, text};
use model::Micros;
use model::ticket::{Named, Who};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    pub id: i64,
    pub issue_key: String,
    pub issue_type: Option<Value>,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub priority: Option<Value>,
    pub status: Value,
    pub assignee: Option<User>,
    #[serde(default, deserialize_with = "list")]
    pub category: Vec<Value>,
    pub created_user: Option<User>,
    #[serde(deserialize_with = "instant")]
    pub created: Micros,
    #[serde(default, deserialize_with = "time")]
    pub updated: Option<Micros>,
}

/// A status, a priority, a type, a category. Within one that is unset both may be null.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Value {
    pub id: Option<i64>,
    pub name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct User {
    pub id: Option<i64>,
    pub user_id: Option<String>,
    pub name: Option<String>,
    pub mail_address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    pub id: i64,
    pub content: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub change_log: Vec<ChangeLog>,
    pub created_user: Option<User>,
    #[serde(deserialize_with = "instant")]
    pub created: Micros,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ChangeLog {
    pub field: Option<String>,
    #[serde(deserialize_with = "text")]
    pub new_value: Option<String>,
    #[serde(deserialize_with = "text")]
    pub original_value: Option<String>,
}

#[derive(Deserialize)]
pub struct RateLimits {
    pub read: Option<Rate>,
    pub update: Option<Rate>,
    pub search: Option<Rate>,
    pub icon: Option<Rate>,
}

#[derive(Deserialize)]
pub struct Rate {
    pub limit: u32,
    pub remaining: u32,
    pub reset: i64,
}

impl Value {
    /// `None` for one that is unset.
    pub fn named(self) -> Option<Named> {
        Some(Named { id: self.id?, name: self.name.unwrap_or_default() })
    }

    pub fn name(self) -> Option<String> {
        self.name.filter(|name| !name.is_empty())
    }
}

impl User {
    /// `None` where nobody is meant.
    pub fn who(self) -> Option<Who> {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let mail = filled(self.mail_address);
        Some(Who { id: self.id?, login: filled(self.user_id), name: self.name.unwrap_or_default(), mail })
    }
}

/// A number, or digits in a text.
pub fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let read = |text: String| text.trim().parse().map_err(|_| serde::de::Error::custom("not a number"));
    text(from)?.filter(|text| !text.trim().is_empty()).map(read).transpose()
}

pub fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Micros, D::Error> {
    let text = String::deserialize(from)?;
    Micros::parse(&text).ok_or_else(|| serde::de::Error::custom("not a time with its zone"))
}

pub fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Micros>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.as_deref().and_then(Micros::parse))
}
