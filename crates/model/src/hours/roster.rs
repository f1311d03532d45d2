//! Who has which hours: persons, groups and customers, their leave and their exceptions. Plain data, kept and loaded by
//! others.

use super::holidays::HolidayLayer;
use super::week::TimeSpan;
use super::{Holidays, Pattern, Problem, WeekSpan, Zone};
use crate::Micros;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// All that the hours of an installation follow from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Roster {
    /// The installation's zone: what an exception is read in where no pattern is known.
    pub zone: Zone,
    /// The name of the pattern for whoever has none.
    pub default_pattern: Option<String>,
    pub patterns: Vec<Pattern>,
    /// Lists of holidays by the name that a pattern uses. `japan` is computed unless it stands here.
    pub holidays: BTreeMap<String, Holidays>,
    pub persons: Vec<Person>,
    pub groups: Vec<Group>,
    pub customers: Vec<Customer>,
    pub leaves: Vec<Leave>,
    pub exceptions: Vec<Exception>,
}

/// A person, for their hours alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: String,
    /// The first one that has a pattern lends it.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The name of their own pattern.
    #[serde(default)]
    pub pattern: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: String,
    #[serde(default)]
    pub pattern: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub id: String,
    #[serde(default)]
    pub pattern: Option<String>,
    /// Days that this customer keeps or does not keep, over the pattern's list. They count wherever the hours asked for
    /// are the customer's.
    #[serde(default)]
    pub days: Option<HolidayLayer>,
}

/// A time in which a person is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// The person's id.
    pub who: String,
    pub span: LeaveSpan,
    #[serde(default)]
    pub note: String,
    pub source: LeaveSource,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveSpan {
    /// To the second; `until` is no longer part of it.
    Time { from: Micros, until: Micros },
    /// Whole days from midnight to midnight; `until` is the first day back.
    Days { from: Date, until: Date, zone: Zone },
}

/// Who says that somebody is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "name")]
pub enum LeaveSource {
    /// The configuration file.
    File,
    /// A page, and who wrote it there.
    Page(String),
    /// A calendar, by its name.
    Calendar(String),
}

/// One day's other hours of a person. They are meant as they are: no break, no holiday and no leave takes from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The person's id.
    pub who: String,
    pub day: DayHours,
    #[serde(default)]
    pub note: String,
}

/// A day and its hours: `2026-12-01 off`, `2026-12-05 10:00-15:00`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayHours {
    pub date: Date,
    /// Empty: off.
    pub spans: Vec<TimeSpan>,
}

impl DayHours {
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (date, hours) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let parsed: Option<Date> = if date.len() == 10 { date.parse().ok() } else { None };
        let date = parsed.ok_or_else(|| Problem::date(text, date))?;
        let spans = match hours.trim() {
            "off" => Vec::new(),
            hours if hours.starts_with(|c: char| c.is_ascii_digit()) => WeekSpan::parse(hours)?.spans,
            hours => return Err(Problem::time(text, hours)),
        };
        Ok(Self { date, spans })
    }
}

impl TryFrom<String> for DayHours {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<DayHours> for String {
    fn from(day: DayHours) -> Self {
        day.to_string()
    }
}

impl fmt::Display for DayHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        if self.spans.is_empty() {
            return f.write_str(" off");
        }
        self.spans.iter().try_for_each(|span| write!(f, " {span}"))
    }
}

impl Roster {
    pub fn pattern(&self, name: &str) -> Option<&Pattern> {
        self.patterns.iter().find(|pattern| pattern.name == name)
    }

    /// What the roster names and does not have, in words. Such a name counts as if nothing stood there.
    pub fn unknown_names(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut patterns = |whose: String, name: Option<&String>| {
            if let Some(name) = name.filter(|name| self.pattern(name).is_none()) {
                found.push(format!("{whose} names the hours {name:?}, which are not defined"));
            }
        };
        patterns("the installation".into(), self.default_pattern.as_ref());
        self.persons.iter().for_each(|one| patterns(format!("person {}", one.id), one.pattern.as_ref()));
        self.groups.iter().for_each(|one| patterns(format!("group {}", one.id), one.pattern.as_ref()));
        self.customers.iter().for_each(|one| patterns(format!("customer {}", one.id), one.pattern.as_ref()));
        found.extend(self.unknown_lists().chain(self.unknown_groups()));
        found
    }

    fn unknown_lists(&self) -> impl Iterator<Item = String> {
        let lists = self.patterns.iter().filter_map(|pattern| Some((pattern, pattern.holidays.list()?)));
        let lists = lists.filter(|(_, list)| *list != super::Observed::JAPAN && !self.holidays.contains_key(*list));
        lists.map(|(pattern, list)| format!("hours {} name the holidays {list:?}, which are not defined", pattern.name))
    }

    fn unknown_groups(&self) -> impl Iterator<Item = String> {
        let named = self.persons.iter().flat_map(|person| person.groups.iter().map(move |group| (person, group)));
        let unknown = named.filter(|(_, name)| !self.groups.iter().any(|group| group.id == **name));
        unknown.map(|(person, group)| format!("person {} is in the group {group:?}, which is not defined", person.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_days_other_hours_read_back_and_what_is_wrong_is_named() {
        for (written, shown) in [
            ("2026-12-01 off", "2026-12-01 off"),
            ("2026-12-05 10:00-15:00", "2026-12-05 10:00-15:00"),
            ("2026-12-05  9:00-12:00, 22:00-02:00", "2026-12-05 09:00-12:00 22:00-02:00"),
        ] {
            let day = DayHours::parse(written).unwrap();
            assert_eq!(day.to_string(), shown);
            assert_eq!(DayHours::parse(shown).unwrap(), day);
        }
        for (written, part) in [
            ("2026-02-30 off", "\"2026-02-30\" is no date; write year-month-day"),
            ("2026-12-01", "\"\" is no span of time; write it as 09:00-18:00"),
            ("2026-12-01 mon 09:00-18:00", "\"mon 09:00-18:00\" is no span of time"),
            ("tomorrow off", "\"tomorrow\" is no date"),
        ] {
            let told = DayHours::parse(written).unwrap_err().to_string();
            assert!(told.contains(part), "{written}: {told}");
        }
    }

    #[test]
    fn names_that_lead_nowhere_are_listed() {
        let person = Person { id: "sato".into(), groups: vec!["day".into()], pattern: Some("late".into()) };
        let list = super::super::Observed::List("bank".into());
        let pattern = Pattern { name: "desk".into(), holidays: list, ..Pattern::default() };
        let roster = Roster {
            default_pattern: Some("desk".into()),
            patterns: vec![pattern],
            persons: vec![person],
            ..Roster::default()
        };
        assert_eq!(
            roster.unknown_names(),
            [
                "person sato names the hours \"late\", which are not defined",
                "hours desk name the holidays \"bank\", which are not defined",
                "person sato is in the group \"day\", which is not defined",
            ]
        );
    }
}
