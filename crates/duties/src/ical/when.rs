//! Dates, times and durations as iCalendar writes them. Knows no zone.

use jiff::civil::{Date, DateTime};

/// A date, or a time that is local to some clock, or one in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    Day(Date),
    Local(DateTime),
    Utc(DateTime),
}

impl Stamp {
    /// `20261127`, `20261127T090000`, `20261127T000000Z`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, time) = text.split_once(['T', 't']).map_or((text, None), |(date, time)| (date, Some(time)));
        let date = Date::new(digits(date, 0, 4)?, digits(date, 4, 6)?, digits(date, 6, 8)?).ok()?;
        if text.len() > 16 || !(1900..2200).contains(&date.year()) {
            return None;
        }
        let Some(time) = time else { return (text.len() == 8).then_some(Self::Day(date)) };
        let clock = time.strip_suffix(['Z', 'z']);
        let local = at(date, clock.unwrap_or(time))?;
        Some(if clock.is_some() { Self::Utc(local) } else { Self::Local(local) })
    }

    pub const fn is_day(self) -> bool {
        matches!(self, Self::Day(_))
    }

    /// What the clock shows; midnight of a day.
    pub fn wall(self) -> DateTime {
        match self {
            Self::Day(date) => date.at(0, 0, 0, 0),
            Self::Local(wall) | Self::Utc(wall) => wall,
        }
    }
}

fn at(date: Date, time: &str) -> Option<DateTime> {
    if !matches!(time.len(), 4 | 6) {
        return None;
    }
    let second: i8 = if time.len() == 6 { digits(time, 4, 6)? } else { 0 };
    // A leap second is the one before it.
    jiff::civil::Time::new(digits(time, 0, 2)?, digits(time, 2, 4)?, second.min(59), 0)
        .ok()
        .map(|time| date.to_datetime(time))
}

fn digits<T: std::str::FromStr>(text: &str, from: usize, until: usize) -> Option<T> {
    text.get(from..until).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

/// `P1W`, `P1DT2H`, `-PT15M`: days by the wall clock, the rest as time that passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Duration {
    pub days: i32,
    pub seconds: i64,
}

impl Duration {
    const LONGEST_DAYS: i64 = 36_600;

    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let text = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
        let (mut days, mut seconds, mut number, mut is_time, mut parts) = (0i64, 0i64, None::<i64>, false, 0);
        for letter in text.chars() {
            if let Some(digit) = letter.to_digit(10) {
                number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(i64::from(digit))?);
                continue;
            }
            if letter == 'T' && number.is_none() && !is_time {
                is_time = true;
                continue;
            }
            let amount = number.take()?;
            match (letter, is_time) {
                ('W', false) => days = days.checked_add(amount.checked_mul(7)?)?,
                ('D', false) => days = days.checked_add(amount)?,
                ('H', true) => seconds = seconds.checked_add(amount.checked_mul(3_600)?)?,
                ('M', true) => seconds = seconds.checked_add(amount.checked_mul(60)?)?,
                ('S', true) => seconds = seconds.checked_add(amount)?,
                _ => return None,
            }
            parts += 1;
        }
        let is_sane =
            parts > 0 && number.is_none() && days <= Self::LONGEST_DAYS && seconds <= Self::LONGEST_DAYS * 86_400;
        let sign = if is_negative { -1 } else { 1 };
        is_sane.then_some(Self { days: i32::try_from(days * sign).ok()?, seconds: seconds * sign })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_read_exactly() {
        let day = Date::constant(2026, 11, 27);
        assert_eq!(Stamp::parse("20261127"), Some(Stamp::Day(day)));
        assert_eq!(Stamp::parse("20261127T090030"), Some(Stamp::Local(day.at(9, 0, 30, 0))));
        assert_eq!(Stamp::parse(" 20261127T0900Z "), Some(Stamp::Utc(day.at(9, 0, 0, 0))));
        assert_eq!(Stamp::parse("20261231T235960Z"), Some(Stamp::Utc(Date::constant(2026, 12, 31).at(23, 59, 59, 0))));
        for wrong in [
            "",
            "2026",
            "20261340",
            "20261127T",
            "20261127T25",
            "20261127T250000",
            "2026112７",
            "99991231",
            "20261127T0900000Z",
            "2026-11-27",
            "T",
            "+2026112",
        ] {
            assert_eq!(Stamp::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_are_days_and_seconds() {
        for (text, days, seconds) in [
            ("P1W", 7, 0),
            ("P1D", 1, 0),
            ("PT1H30M", 0, 5_400),
            ("P1DT2H3M4S", 1, 7_384),
            ("-PT15M", 0, -900),
            ("+P0D", 0, 0),
        ] {
            assert_eq!(Duration::parse(text), Some(Duration { days, seconds }), "{text}");
        }
        for wrong in ["", "P", "PT", "1D", "P1", "PT1D", "P1H", "P99999999999999999999D", "PTT1H", "P1.5D", "P999999D"]
        {
            assert_eq!(Duration::parse(wrong), None, "{wrong}");
        }
    }
}
