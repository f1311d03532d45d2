//! What a list of events was asked with, and what may not be asked together.

use jiff::Timestamp;

use super::errors::Problem;
use crate::web::Ask;

/// Not beside a sync token.
const ALONE: [&str; 8] = [
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
];
/// After a list with one of these there is no sync token, unless switched otherwise.
const NO_TOKEN: [&str; 6] =
    ["iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin"];
/// These may differ between the calls of one sync.
const FREE: [&str; 12] = [
    "pageToken",
    "syncToken",
    "maxResults",
    "showDeleted",
    "timeMin",
    "timeMax",
    "updatedMin",
    "quotaUser",
    "prettyPrint",
    "fields",
    "key",
    "alt",
];
const LARGEST: usize = 2_500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Start,
    Updated,
}

#[derive(Debug, Clone)]
pub(super) struct Query {
    pub single: bool,
    pub show_deleted: Option<bool>,
    pub min: Option<Timestamp>,
    pub max: Option<Timestamp>,
    pub updated_min: Option<Timestamp>,
    pub order: Option<Order>,
    pub max_results: usize,
    pub zone: Option<String>,
    pub text: Option<String>,
    pub uid: Option<String>,
    /// `private` or `shared`, name, value
    pub properties: Vec<(&'static str, String, String)>,
    pub kinds: Vec<String>,
    pub page_token: Option<String>,
    pub sync_token: Option<String>,
    /// What has to be the same in every call of one sync.
    pub fingerprint: String,
    pub makes_token: bool,
}

impl Query {
    pub(super) fn read(ask: &Ask) -> Result<Self, Problem> {
        let own = Self {
            single: flag(ask, "singleEvents")?.unwrap_or(false),
            show_deleted: flag(ask, "showDeleted")?,
            min: instant(ask, "timeMin")?,
            max: instant(ask, "timeMax")?,
            updated_min: instant(ask, "updatedMin")?,
            order: order(ask)?,
            max_results: max_results(ask)?,
            zone: ask.one("timeZone").map(zone).transpose()?,
            text: ask.one("q").map(str::to_lowercase),
            uid: ask.one("iCalUID").map(str::to_owned),
            properties: properties(ask)?,
            kinds: ask.query.iter().filter(|(n, _)| n == "eventTypes").map(|(_, v)| v.clone()).collect(),
            page_token: ask.one("pageToken").map(str::to_owned),
            sync_token: ask.one("syncToken").map(str::to_owned),
            fingerprint: fingerprint(ask),
            makes_token: !NO_TOKEN.iter().any(|name| ask.one(name).is_some()),
        };
        own.checked(ask)
    }

    fn checked(self, ask: &Ask) -> Result<Self, Problem> {
        if self.order == Some(Order::Start) && !self.single {
            let said = "The requested ordering is not available for the particular query.";
            return Err(Problem::invalid(said).of_parameter("orderBy"));
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min >= max
        {
            return Err(
                Problem::new(400, "timeRangeEmpty", "The specified time range is empty.").of_parameter("timeMax")
            );
        }
        if self.sync_token.is_some() {
            let said = "Sync token cannot be used with other query restrictions.";
            if let Some(name) = ALONE.iter().find(|name| ask.one(name).is_some()) {
                return Err(Problem::invalid(said).of_parameter(name));
            }
            if self.show_deleted == Some(false) {
                return Err(Problem::invalid(said).of_parameter("showDeleted"));
            }
        }
        Ok(self)
    }
}

fn flag(ask: &Ask, name: &str) -> Result<Option<bool>, Problem> {
    ask.one(name).map(|v| v.parse().map_err(|_| bad(name))).transpose()
}

fn bad(name: &str) -> Problem {
    Problem::new(400, "badRequest", &format!("Invalid value for {name}.")).of_parameter(name)
}

/// With an offset; fractions of a second are ignored.
fn instant(ask: &Ask, name: &str) -> Result<Option<Timestamp>, Problem> {
    let own = ask.one(name).map(|v| v.parse::<Timestamp>().map_err(|_| bad(name))).transpose()?;
    Ok(own.and_then(|t| Timestamp::from_second(t.as_second()).ok()))
}

fn order(ask: &Ask) -> Result<Option<Order>, Problem> {
    Ok(match ask.one("orderBy") {
        None => None,
        Some("startTime") => Some(Order::Start),
        Some("updated") => Some(Order::Updated),
        Some(_) => return Err(bad("orderBy")),
    })
}

fn max_results(ask: &Ask) -> Result<usize, Problem> {
    let Some(text) = ask.one("maxResults") else { return Ok(250) };
    let own = text.parse::<usize>().ok().filter(|n| *n > 0).ok_or_else(|| bad("maxResults"))?;
    Ok(own.min(LARGEST))
}

fn zone(name: &str) -> Result<String, Problem> {
    jiff::tz::TimeZone::get(name).map(|_| name.to_owned()).map_err(|_| bad("timeZone"))
}

fn properties(ask: &Ask) -> Result<Vec<(&'static str, String, String)>, Problem> {
    let mut all = Vec::new();
    for (name, whose) in [("privateExtendedProperty", "private"), ("sharedExtendedProperty", "shared")] {
        for (_, value) in ask.query.iter().filter(|(n, _)| n == name) {
            let (key, value) = value.split_once('=').ok_or_else(|| bad(name))?;
            all.push((whose, key.to_owned(), value.to_owned()));
        }
    }
    Ok(all)
}

fn fingerprint(ask: &Ask) -> String {
    let mut own: Vec<&(String, String)> = ask.query.iter().filter(|(n, _)| !FREE.contains(&n.as_str())).collect();
    own.sort();
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(own).finish()
}
