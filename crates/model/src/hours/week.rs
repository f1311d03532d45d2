//! The hours of a week as a person writes them: `mon-fri 09:00-12:00 13:00-18:00`, `sat 22:00-07:00`, `always`. Reads
//! and writes them; knows no date and no zone.

use super::Problem;
use jiff::civil::{Date, DateTime, Weekday};
use serde::{Deserialize, Serialize};
use std::fmt;

const DAYS: [(&str, &str, char); 7] = [
    ("mon", "monday", '月'),
    ("tue", "tuesday", '火'),
    ("wed", "wednesday", '水'),
    ("thu", "thursday", '木'),
    ("fri", "friday", '金'),
    ("sat", "saturday", '土'),
    ("sun", "sunday", '日'),
];
const DAY_MIN: u16 = 24 * 60;

/// Days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(u8);

impl Days {
    pub const ALL: Self = Self(0b0111_1111);

    pub fn has(self, day: Weekday) -> bool {
        self.0 & bit(day.to_monday_zero_offset()) != 0
    }

    fn add(&mut self, text: &str, part: &str) -> Result<(), Problem> {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |word: &str| day_number(word).ok_or_else(|| Problem::day(text, part));
        let (mut day, last) = (number(first)?, number(last)?);
        self.0 |= bit(last);
        while day != last {
            self.0 |= bit(day);
            day = (day + 1) % 7;
        }
        Ok(())
    }
}

const fn bit(day: i8) -> u8 {
    1 << day
}

fn day_number(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let found = DAYS.iter().position(|(short, long, kanji)| {
        word == *short || word == *long || word.strip_suffix("曜日").unwrap_or(&word) == kanji.to_string()
    });
    found.and_then(|at| i8::try_from(at).ok())
}

impl fmt::Display for Days {
    /// As runs: `mon-wed,fri`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut day = 0;
        let mut comma = "";
        while day < 7 {
            let run = (day..7).take_while(|at| self.0 & (1 << at) != 0).count();
            match run {
                0 => {}
                1 => write!(f, "{comma}{}", DAYS[day].0)?,
                _ => write!(f, "{comma}{}-{}", DAYS[day].0, DAYS[day + run - 1].0)?,
            }
            comma = if run > 0 { "," } else { comma };
            day += run + 1;
        }
        Ok(())
    }
}

/// A span of one day by the wall clock. It belongs to the day on which it begins, and may end on the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeSpan {
    /// Minutes after midnight, below 24 hours.
    start_min: u16,
    /// Minutes after the same midnight, above `start_min` and at most 24 hours more.
    end_min: u16,
}

impl TimeSpan {
    pub const WHOLE_DAY: Self = Self { start_min: 0, end_min: DAY_MIN };

    fn read(text: &str, part: &str) -> Result<Self, Problem> {
        let wrong = || Problem::time(text, part);
        let (start, end) = part.split_once('-').ok_or_else(wrong)?;
        let (start_min, end_min) = (minutes(start).ok_or_else(wrong)?, minutes(end).ok_or_else(wrong)?);
        match (start_min, end_min) {
            (DAY_MIN, _) => Err(wrong()),
            (start, end) if start == end => Err(Problem::Empty { text: text.into(), at: part.into() }),
            (start, end) if end < start => Ok(Self { start_min, end_min: end + DAY_MIN }),
            _ => Ok(Self { start_min, end_min }),
        }
    }

    /// From when to when it lasts, of this day.
    pub fn on(self, date: Date) -> (DateTime, DateTime) {
        (at_minute(date, self.start_min), at_minute(date, self.end_min))
    }
}

/// Hours and minutes, from 0:00 to 24:00.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || !digits(minute) || minute.len() != 2 {
        return None;
    }
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= DAY_MIN).then_some(all)
}

fn at_minute(date: Date, minute: u16) -> DateTime {
    let begins = date.at(0, 0, 0, 0);
    begins.checked_add(jiff::Span::new().minutes(i64::from(minute))).unwrap_or(begins)
}

impl TryFrom<String> for TimeSpan {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::read(&text, text.trim())
    }
}

impl From<TimeSpan> for String {
    fn from(span: TimeSpan) -> Self {
        span.to_string()
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.end_min > DAY_MIN { self.end_min - DAY_MIN } else { self.end_min };
        let (start, end) = ((self.start_min / 60, self.start_min % 60), (end / 60, end % 60));
        write!(f, "{:02}:{:02}-{:02}:{:02}", start.0, start.1, end.0, end.1)
    }
}

/// Days of the week and their hours, as one line of a pattern says them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeekSpan {
    pub days: Days,
    pub spans: Vec<TimeSpan>,
}

impl WeekSpan {
    /// `mon-fri 09:00-12:00 13:00-18:00`; without days it is every day.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (span, rest) = Self::begin(text)?;
        match rest {
            "" => Ok(span),
            rest => Err(Problem::time(text, rest)),
        }
    }

    /// Reads as far as there are days and hours, and gives back what follows them.
    pub(super) fn begin(text: &str) -> Result<(Self, &str), Problem> {
        let (mut days, mut spans, mut rest) = (Days(0), Vec::new(), text.trim());
        while let Some(part) = rest.split([' ', '\t', ',', '　']).next().filter(|part| !part.is_empty()) {
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                spans.push(TimeSpan::read(text, part)?);
            } else if spans.is_empty() {
                days.add(text, part)?;
            } else {
                break;
            }
            rest = rest[part.len()..].trim_start_matches([' ', '\t', ',', '　']);
        }
        if spans.is_empty() {
            return Err(Problem::NoHours { text: text.into() });
        }
        let days = if days == Days(0) { Days::ALL } else { days };
        Ok((Self { days, spans }, rest))
    }
}

impl fmt::Display for WeekSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days == Days::ALL && self.spans == [TimeSpan::WHOLE_DAY] {
            return f.write_str("always");
        }
        write!(f, "{}", self.days)?;
        self.spans.iter().try_for_each(|span| write!(f, " {span}"))
    }
}

/// The hours of a week: none, or lines of them. Read from one text (`;` between lines) or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Week(pub Vec<WeekSpan>);

impl Week {
    pub fn always() -> Self {
        Self(vec![WeekSpan { days: Days::ALL, spans: vec![TimeSpan::WHOLE_DAY] }])
    }

    pub const fn never() -> Self {
        Self(Vec::new())
    }

    pub fn is_always(&self) -> bool {
        self.0.iter().any(|line| line.days == Days::ALL && line.spans.contains(&TimeSpan::WHOLE_DAY))
    }

    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut week = Self::never();
        for line in text.split([';', '\n']).map(str::trim).filter(|line| !line.is_empty()) {
            week.add(line)?;
        }
        if week.0.is_empty() && !text.trim().eq_ignore_ascii_case("never") {
            return Err(Problem::NoHours { text: text.into() });
        }
        Ok(week)
    }

    fn add(&mut self, line: &str) -> Result<(), Problem> {
        match line.to_ascii_lowercase().as_str() {
            "always" => self.0.extend(Self::always().0),
            "never" => {}
            _ => self.0.push(WeekSpan::parse(line)?),
        }
        Ok(())
    }

    /// The lines, as they read back.
    pub fn lines(&self) -> Vec<String> {
        if self.0.is_empty() { vec!["never".into()] } else { self.0.iter().map(ToString::to_string).collect() }
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("; "))
    }
}

impl Serialize for Week {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.lines())
    }
}

impl<'de> Deserialize<'de> for Week {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(WeekReader)
    }
}

struct WeekReader;

impl<'de> serde::de::Visitor<'de> for WeekReader {
    type Value = Week;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hours such as \"mon-fri 09:00-18:00\", or a list of them")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Week, E> {
        Week::parse(text).map_err(E::custom)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Week, A::Error> {
        let mut week = Week::never();
        while let Some(line) = list.next_element::<String>()? {
            week.0.extend(Week::parse(&line).map_err(serde::de::Error::custom)?.0);
        }
        Ok(week)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_read_back_as_they_are_written() {
        for (written, shown) in [
            ("mon-fri 09:00-18:00", "mon-fri 09:00-18:00"),
            ("Mon-Fri 9:00-12:00, 13:00-18:00", "mon-fri 09:00-12:00 13:00-18:00"),
            ("mon,wed,fri 22:00-07:00", "mon,wed,fri 22:00-07:00"),
            ("fri-mon 00:00-24:00", "mon,fri-sun 00:00-24:00"),
            ("月-金 09:00-17:30", "mon-fri 09:00-17:30"),
            ("土曜日,日 10:00-15:00", "sat-sun 10:00-15:00"),
            ("monday 10:00-15:00; sat 10:00-12:00", "mon 10:00-15:00; sat 10:00-12:00"),
            ("08:00-20:00", "mon-sun 08:00-20:00"),
            ("00:00-24:00", "always"),
            ("Always", "always"),
            ("never", "never"),
        ] {
            let week = Week::parse(written).unwrap();
            assert_eq!(week.to_string(), shown, "{written}");
            assert_eq!(Week::parse(shown).unwrap(), week, "{shown}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_what_to_write() {
        for (written, part) in [
            ("mon-fry 09:00-18:00", "\"mon-fry\" is no day of the week; write mon,"),
            ("mon 9-18", "\"9-18\" is no span of time; write it as 09:00-18:00"),
            ("mon 09:00-25:00", "\"09:00-25:00\" is no span of time"),
            ("mon 24:00-09:00", "\"24:00-09:00\" is no span of time"),
            ("mon 09:60-10:00", "\"09:60-10:00\" is no span of time"),
            ("mon 09:00-09:00", "begins and ends at the same time; write 00:00-24:00"),
            ("mon 09:00-12:00 lunch", "\"lunch\" is no span of time"),
            ("mon-fri", "has days but no hours"),
            ("", "has days but no hours"),
        ] {
            let told = Week::parse(written).unwrap_err().to_string();
            assert!(told.contains(part), "{written}: {told}");
        }
    }

    #[test]
    fn a_list_and_a_text_are_the_same_hours() {
        let text: Week = serde_json::from_str(r#""mon 09:00-18:00; sat 10:00-12:00""#).unwrap();
        let list: Week = serde_json::from_str(r#"["mon 09:00-18:00", "sat 10:00-12:00"]"#).unwrap();
        assert_eq!(text, list);
        assert_eq!(serde_json::to_string(&list).unwrap(), r#"["mon 09:00-18:00","sat 10:00-12:00"]"#);
        let told = serde_json::from_str::<Week>("7").unwrap_err().to_string();
        assert!(told.contains("expected hours such as \"mon-fri 09:00-18:00\""), "{told}");
    }
}
