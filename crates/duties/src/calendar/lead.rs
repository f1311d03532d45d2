//! How long before an event people hear of it: "10m", "2h", "1d", or "1d 18:00", a time of the day so many days before.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use model::Micros;
use serde::{Deserialize, Serialize};
use std::fmt;

const DAY_S: i64 = 86_400;
const MOST_DAYS: i64 = 366;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Lead {
    Before {
        seconds: i64,
    },
    /// By the wall clock, on the day so many days before the one that it begins on.
    DayAt {
        days: i64,
        time: Time,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("lead time \"{0}\": write 10m, 2h, 1d, or a time so many days before such as \"1d 18:00\"")]
pub struct Problem(String);

impl Lead {
    pub const TEN_MINUTES: Self = Self::Before { seconds: 600 };

    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::read(text.trim()).ok_or_else(|| Problem(text.to_owned()))
    }

    fn read(text: &str) -> Option<Self> {
        if let Some((days, time)) = text.split_once(' ') {
            let days = number(days.strip_suffix('d')?).filter(|days| *days <= MOST_DAYS)?;
            let (hour, minute) = time.trim().split_once(':').filter(|(_, minute)| minute.len() == 2)?;
            let (hour, minute) = (i8::try_from(number(hour)?).ok()?, i8::try_from(number(minute)?).ok()?);
            return Some(Self::DayAt { days, time: Time::new(hour, minute, 0, 0).ok()? });
        }
        let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let unit_s = match unit {
            "m" => 60,
            "h" => 3_600,
            "d" => DAY_S,
            _ => return None,
        };
        let seconds = number(count)?.checked_mul(unit_s).filter(|seconds| *seconds <= MOST_DAYS * DAY_S)?;
        Some(Self::Before { seconds })
    }

    /// 9 o'clock on the very day.
    pub fn morning() -> Self {
        Self::DayAt { days: 0, time: Time::constant(9, 0, 0, 0) }
    }

    /// When people are to hear of an event that begins then.
    pub fn due(self, starts_at: Micros, zone: &TimeZone) -> Micros {
        match self {
            Self::Before { seconds } => starts_at.plus_s(-seconds),
            Self::DayAt { days, time } => {
                let day = starts_at.timestamp().to_zoned(zone.clone()).date();
                let day = day.checked_sub(jiff::Span::new().days(days)).unwrap_or(day);
                let due = day.to_datetime(time).to_zoned(zone.clone());
                due.map_or(starts_at, |due| Micros(due.timestamp().as_microsecond()))
            }
        }
    }
}

fn number(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

impl TryFrom<String> for Lead {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<Lead> for String {
    fn from(lead: Lead) -> Self {
        lead.to_string()
    }
}

impl fmt::Display for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DayAt { days, time } => write!(f, "{days}d {}", time.strftime("%H:%M")),
            Self::Before { seconds } if *seconds > 0 && seconds % DAY_S == 0 => write!(f, "{}d", seconds / DAY_S),
            Self::Before { seconds } if *seconds > 0 && seconds % 3_600 == 0 => write!(f, "{}h", seconds / 3_600),
            Self::Before { seconds } => write!(f, "{}m", seconds / 60),
        }
    }
}
