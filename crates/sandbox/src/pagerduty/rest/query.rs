//! What REST queries share: pages, instants, flags, sort orders, includes and the zone of rendered times.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::pagerduty::account::ZONE;
use crate::pagerduty::call::{Call, Fail};
use crate::pagerduty::shapes::Include;

/// `offset + limit` may not pass this.
const CEILING: usize = 10_000;
const DEFAULT_LIMIT: usize = 25;
const MAX_LIMIT: usize = 100;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub limit: usize,
    pub offset: usize,
    total: bool,
}

fn number(call: &Call, name: &str, default: usize) -> Result<usize, Fail> {
    let Some(text) = call.one(name) else { return Ok(default) };
    text.parse().map_err(|_| Fail::invalid(format!("{name} must be a whole number of 0 or more")))
}

pub(crate) fn flag(call: &Call, name: &str) -> Result<bool, Fail> {
    match call.one(name) {
        None => Ok(false),
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(_) => Err(Fail::invalid(format!("{name} must be true or false"))),
    }
}

pub(crate) fn page(call: &Call) -> Result<Page, Fail> {
    let limit = number(call, "limit", DEFAULT_LIMIT)?;
    if limit == 0 || limit > MAX_LIMIT {
        return Err(Fail::invalid(format!("limit must be from 1 to {MAX_LIMIT}")));
    }
    let offset = number(call, "offset", 0)?;
    if offset.saturating_add(limit) > CEILING {
        return Err(Fail::invalid(format!("the sum of offset and limit must not be over {CEILING}")));
    }
    Ok(Page { limit, offset, total: flag(call, "total")? })
}

impl Page {
    /// The page's part of `items` under `name`, with the paging fields.
    pub(crate) fn wrap<T>(self, name: &str, items: &[T], render: impl Fn(&T) -> Value) -> Value {
        let shown = items.iter().skip(self.offset).take(self.limit).map(render).collect();
        self.shape(name, shown, items.len())
    }

    /// Rows of this page and how many there are in all, or at least one more than fits when the total is not asked for.
    pub(crate) fn shape(self, name: &str, shown: Vec<Value>, count: usize) -> Value {
        let more = self.offset + shown.len() < count;
        json!({ name: shown, "limit": self.limit, "offset": self.offset, "more": more, "total": self.total.then_some(count) })
    }

    /// Where the page ends.
    pub(crate) fn end(self) -> usize {
        self.offset + self.limit
    }

    /// How many rows must be looked for: all of them for a total, else one more than the page shows.
    pub(crate) fn enough(self) -> usize {
        if self.total { usize::MAX } else { self.end() + 1 }
    }
}

pub(crate) fn include(call: &Call) -> Include {
    Include(call.all("include[]").into_iter().map(str::to_owned).collect())
}

/// An ISO 8601 instant; without an offset it is read in the account's zone, without a time at midnight.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let civil = text
        .parse::<DateTime>()
        .ok()
        .or_else(|| Some(text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())))?;
    civil.to_zoned(zone).ok().map(|z| z.timestamp())
}

/// The instant a parameter names, if it is there.
pub(crate) fn instant_of(call: &Call, name: &str) -> Result<Option<Timestamp>, Fail> {
    let Some(text) = call.one(name) else { return Ok(None) };
    let wrong = || Fail::new(400, 2004, "Invalid Date").because(format!("{name} is not an ISO 8601 time"));
    instant(text).map(Some).ok_or_else(wrong)
}

fn months(at: Timestamp, months: i64) -> Timestamp {
    let zoned = at.to_zoned(TimeZone::UTC);
    zoned.checked_add(months.months()).map_or(at, |z| z.timestamp())
}

/// The span of an incident list: a month back when not told, never more than six.
pub(crate) fn span(call: &Call, now: Timestamp) -> Result<Option<(Timestamp, Timestamp)>, Fail> {
    match call.one("date_range") {
        Some("all") => return Ok(None),
        Some(_) => return Err(Fail::invalid("date_range can only be all")),
        None => {}
    }
    let until = instant_of(call, "until")?.unwrap_or(now);
    let since = instant_of(call, "since")?.unwrap_or_else(|| months(until, -1));
    if since > until {
        return Err(Fail::new(400, 2005, "Invalid Date Range").because("since is later than until"));
    }
    if months(since, 6) < until {
        return Err(
            Fail::new(400, 2005, "Invalid Date Range").because("since and until may be six months apart at most")
        );
    }
    Ok(Some((since, until)))
}

/// At most two fields, each with true for descending.
pub(crate) fn sort_by<'a>(call: &'a Call, allowed: &[&str]) -> Result<Vec<(&'a str, bool)>, Fail> {
    let Some(text) = call.one("sort_by").filter(|t| !t.is_empty()) else { return Ok(Vec::new()) };
    let fields: Vec<(&str, bool)> = text
        .split(',')
        .map(|part| match part.split_once(':') {
            Some((field, "desc")) => Some((field, true)),
            Some((field, "asc")) => Some((field, false)),
            Some(_) => None,
            None => Some((part, false)),
        })
        .collect::<Option<_>>()
        .ok_or_else(|| Fail::invalid("sort_by knows asc and desc"))?;
    if fields.len() > 2 || fields.iter().any(|(field, _)| !allowed.contains(field)) {
        return Err(Fail::invalid(format!("sort_by takes at most two of {}", allowed.join(", "))));
    }
    Ok(fields)
}

/// Only values of the list are allowed in a set filter.
pub(crate) fn words<'a>(call: &'a Call, name: &str, allowed: &[&str]) -> Result<Vec<&'a str>, Fail> {
    let words = call.all(name);
    match words.iter().find(|w| !allowed.contains(w)) {
        Some(wrong) => Err(Fail::invalid(format!("{wrong} is not a value of {name}"))),
        None => Ok(words),
    }
}

const TIMES: &[&str] =
    &["created_at", "updated_at", "resolved_at", "last_status_change_at", "at", "start", "end", "requested_at"];

/// Times are written in UTC unless `time_zone` asks for another zone.
pub(crate) fn in_zone(call: &Call, mut body: Value) -> Result<Value, Fail> {
    if let Some(name) = call.one("time_zone").filter(|n| *n != "UTC") {
        let zone = TimeZone::get(name).map_err(|_| Fail::invalid(format!("{name} is not a time zone")))?;
        rewrite_times(&mut body, &zone);
    }
    Ok(body)
}

fn rewrite_times(value: &mut Value, zone: &TimeZone) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite_times(item, zone)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let at =
                    field.as_str().filter(|_| TIMES.contains(&name.as_str())).and_then(|t| t.parse::<Timestamp>().ok());
                match at {
                    Some(at) => *field = json!(at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()),
                    None => rewrite_times(field, zone),
                }
            }
        }
        _ => {}
    }
}
