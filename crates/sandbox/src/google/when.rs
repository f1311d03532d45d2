//! A calendar's times: a day, or an instant in a zone. How they are read and written in JSON, ids and iCalendar.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum When {
    Day(Date),
    At { at: Timestamp, zone: String },
}

pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

impl When {
    /// `{date}` or `{dateTime, timeZone?}`; `in_zone` is the calendar's.
    pub(super) fn read(of: &Value, in_zone: &str) -> Result<Self, String> {
        if let Some(day) = of["date"].as_str() {
            return day.parse().map(Self::Day).map_err(|_| format!("Invalid date: {day}"));
        }
        let text = of["dateTime"].as_str().ok_or("Missing date or dateTime.")?;
        let own = of["timeZone"].as_str().unwrap_or(in_zone);
        let tz = TimeZone::get(own).map_err(|_| "Invalid time zone definition.".to_owned())?;
        let at = text.parse::<Timestamp>().or_else(|_| {
            let civil: Result<jiff::civil::DateTime, _> = text.parse();
            civil.and_then(|c| c.to_zoned(tz)).map(|z| z.timestamp())
        });
        at.map(|at| Self::At { at, zone: own.to_owned() }).map_err(|_| format!("Invalid dateTime: {text}"))
    }

    /// A short form for people: `2026-05-01` is a day, all else an instant.
    pub(super) fn short(text: &str, in_zone: &str) -> Result<Self, String> {
        let name = if text.len() == 10 { "date" } else { "dateTime" };
        Self::read(&json!({ name: text }), in_zone)
    }

    pub(super) fn is_day(&self) -> bool {
        matches!(self, Self::Day(_))
    }

    /// A day begins at midnight in the calendar's zone.
    pub(super) fn instant(&self, of_calendar: &str) -> Timestamp {
        match self {
            Self::At { at, .. } => *at,
            Self::Day(day) => day.to_zoned(zone(of_calendar)).map(|z| z.timestamp()).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Written with the offset of `in_zone`.
    pub(super) fn shown(&self, in_zone: &str) -> Value {
        match self {
            Self::Day(day) => json!({ "date": day.to_string() }),
            Self::At { at, zone: own } => {
                let local = at.to_zoned(zone(in_zone));
                json!({ "dateTime": local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(), "timeZone": own })
            }
        }
    }

    /// As an instance's id ends.
    pub(super) fn stamp(&self) -> String {
        match self {
            Self::Day(day) => day.strftime("%Y%m%d").to_string(),
            Self::At { at, .. } => at.strftime("%Y%m%dT%H%M%SZ").to_string(),
        }
    }

    /// As far behind `self` as `to` is behind `from`.
    pub(super) fn shifted(&self, from: &Self, to: &Self) -> Self {
        match (self, from, to) {
            (Self::Day(own), Self::Day(from), Self::Day(to)) => {
                let days = (*to - *from).get_days();
                Self::Day(own.checked_add(days.days()).unwrap_or(*own))
            }
            (Self::At { at, zone }, Self::At { at: from, .. }, Self::At { at: to, .. }) => {
                Self::At { at: at.checked_add(to.duration_since(*from)).unwrap_or(*at), zone: zone.clone() }
            }
            _ => to.clone(),
        }
    }

    /// A property line's parameters and value, in iCalendar.
    pub(super) fn line(&self, name: &str, local: bool) -> String {
        match self {
            Self::Day(day) => format!("{name};VALUE=DATE:{}", day.strftime("%Y%m%d")),
            Self::At { at, zone: own } if local && own != "UTC" => {
                format!("{name};TZID={own}:{}", at.to_zoned(zone(own)).strftime("%Y%m%dT%H%M%S"))
            }
            Self::At { at, .. } => format!("{name}:{}", at.strftime("%Y%m%dT%H%M%SZ")),
        }
    }
}
