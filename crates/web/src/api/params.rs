//! The query of an API request: known names only, each value checked, each refusal naming its parameter.

use super::cursor;
use crate::problem::Fault;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use model::Micros;

const DEFAULT_LIMIT: i64 = 50;
const MOST: i64 = 500;
const MOST_CHARS: usize = 500;

/// The pairs as they stand in the address; nothing is believed until a handler asks for it by name.
pub(super) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let unreadable = |_| Fault::Bad { parameter: None, detail: "The query can't be read.".into() };
        pairs.map(|q| Self(q.0)).map_err(unreadable)
    }
}

impl Params {
    /// Refuses what nobody here knows.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Fault> {
        for (name, value) in &self.0 {
            if !known.contains(&name.as_str()) {
                let list = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Fault::bad(name, format!("There is no such parameter here. Known: {list}.")));
            }
            if value.chars().count() > MOST_CHARS && name != "cursor" {
                return Err(Fault::bad(name, format!("At most {MOST_CHARS} characters are taken.")));
            }
        }
        Ok(())
    }

    /// The value of a parameter that may stand once. An empty one is as good as none.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, Fault> {
        let mut values = self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(Fault::bad(name, "Give it once."));
        }
        Ok(first.filter(|v| !v.is_empty()))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(self.one(name)?.map(str::to_owned))
    }

    /// Values that may be repeated or parted by commas, each one of these.
    pub(super) fn some_of(&self, name: &str, known: &[&str]) -> Result<Vec<String>, Fault> {
        let mut found: Vec<String> = Vec::new();
        let values = self.0.iter().filter(|(n, _)| n == name).flat_map(|(_, v)| v.split(','));
        for value in values.map(str::trim).filter(|v| !v.is_empty()) {
            if !known.contains(&value) {
                return Err(Fault::bad(name, format!("It may be: {}.", known.join(", "))));
            }
            if !found.iter().any(|held| held == value) {
                found.push(value.to_owned());
            }
        }
        Ok(found)
    }

    pub(super) fn one_of(&self, name: &str, known: &[&str]) -> Result<Option<String>, Fault> {
        match self.one(name)? {
            None => Ok(None),
            Some(value) if known.contains(&value) => Ok(Some(value.to_owned())),
            Some(_) => Err(Fault::bad(name, format!("It may be: {}.", known.join(", ")))),
        }
    }

    pub(super) fn limit(&self) -> Result<i64, Fault> {
        let Some(text) = self.one("limit")? else { return Ok(DEFAULT_LIMIT) };
        text.parse()
            .ok()
            .filter(|n| (1..=MOST).contains(n))
            .ok_or_else(|| Fault::bad("limit", format!("It is a whole number from 1 to {MOST}.")))
    }

    pub(super) fn instant(&self, name: &str) -> Result<Option<Micros>, Fault> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        // A plus that nobody encoded arrives as a space.
        let read = Micros::parse(text).or_else(|| Micros::parse(&text.replace(' ', "+")));
        read.map(Some).ok_or_else(|| Fault::bad(name, "It is an RFC 3339 time with a zone, e.g. 2026-05-01T00:00:00Z."))
    }

    /// The cursor of a list that goes from the newest id down.
    pub(super) fn before(&self) -> Result<Option<i64>, Fault> {
        self.one("cursor")?.map(|text| cursor::read_id(text).ok_or_else(bad_cursor)).transpose()
    }
}

pub(super) fn bad_cursor() -> Fault {
    Fault::bad("cursor", "Take `next_cursor` of the page before, with the same `sort`; leave it out to begin anew.")
}
