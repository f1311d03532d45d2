//! The hours that somebody usually has: a week, its breaks, which holidays count and what is closed every year. Plain
//! data; what it comes to at an instant is told elsewhere.

use super::week::WeekSpan;
use super::{Problem, Week, YearSpan, Zone};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Usual hours, with a name by which persons, groups and customers have them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    pub name: String,
    pub zone: Zone,
    pub week: Week,
    /// What is no work although the week has it.
    #[serde(default)]
    pub breaks: Vec<Break>,
    #[serde(default)]
    pub holidays: Observed,
    /// What is closed every year.
    #[serde(default)]
    pub closed: Vec<YearSpan>,
}

/// Which holidays a pattern keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Observed {
    /// Works on every holiday.
    #[default]
    None,
    /// The public holidays of Japan.
    Japan,
    /// A list of the roster's, by its name.
    List(String),
}

impl Observed {
    pub const JAPAN: &str = "japan";

    /// The name of the list in the roster.
    pub fn list(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Japan => Some(Self::JAPAN),
            Self::List(name) => Some(name),
        }
    }
}

impl From<String> for Observed {
    fn from(name: String) -> Self {
        match name.trim() {
            "" | "none" => Self::None,
            Self::JAPAN => Self::Japan,
            other => Self::List(other.to_owned()),
        }
    }
}

impl From<Observed> for String {
    fn from(observed: Observed) -> Self {
        observed.list().unwrap_or("none").to_owned()
    }
}

/// A pause, told by the wall clock of the day it is on, whatever shift it falls into: `mon-fri 12:00-13:00 lunch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Break {
    pub hours: WeekSpan,
    /// What people call it; may be empty.
    pub name: String,
}

impl Break {
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (hours, name) = WeekSpan::begin(text)?;
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(Problem::time(text, name));
        }
        Ok(Self { hours, name: name.trim().to_owned() })
    }
}

impl TryFrom<String> for Break {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<Break> for String {
    fn from(pause: Break) -> Self {
        pause.to_string()
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // "always" would read back as a word, not as hours.
        write!(f, "{}", self.hours.days)?;
        self.hours.spans.iter().try_for_each(|span| write!(f, " {span}"))?;
        if self.name.is_empty() { Ok(()) } else { write!(f, " {}", self.name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_read_from_a_configuration_and_reads_back_the_same() {
        let text = r#"{"name":"desk","zone":"asia/tokyo","week":"mon-fri 9:00-18:00; sat 10:00-12:00",
            "breaks":["12:00-13:00 lunch"],"holidays":"japan","closed":["12-29..01-03 年末年始"]}"#;
        let pattern: Pattern = serde_json::from_str(text).unwrap();
        let shown = serde_json::to_string(&pattern).unwrap();
        assert_eq!(
            shown,
            r#"{"name":"desk","zone":"Asia/Tokyo","week":["mon-fri 09:00-18:00","sat 10:00-12:00"],"breaks":["mon-sun 12:00-13:00 lunch"],"holidays":"japan","closed":["12-29..01-03 年末年始"]}"#
        );
        assert_eq!(serde_json::from_str::<Pattern>(&shown).unwrap(), pattern);
    }

    #[test]
    fn breaks_have_hours_and_perhaps_a_name() {
        for (written, shown) in [
            ("12:00-13:00", "mon-sun 12:00-13:00"),
            ("mon-fri 12:00-13:00 lunch", "mon-fri 12:00-13:00 lunch"),
            ("mon-fri 12:00-12:45, 15:00-15:15 お昼と 休み", "mon-fri 12:00-12:45 15:00-15:15 お昼と 休み"),
            ("00:00-24:00 never here", "mon-sun 00:00-24:00 never here"),
        ] {
            let pause = Break::parse(written).unwrap();
            assert_eq!(pause.to_string(), shown);
            assert_eq!(Break::parse(shown).unwrap(), pause);
        }
        assert!(Break::parse("lunch").unwrap_err().to_string().contains("\"lunch\" is no day of the week"));
    }

    #[test]
    fn a_wrong_zone_in_a_configuration_says_what_to_write() {
        let told = serde_json::from_str::<Pattern>(r#"{"name":"a","zone":"JST","week":"always"}"#).unwrap_err();
        assert!(told.to_string().contains("no time zone is called \"JST\"; write its IANA name"), "{told}");
    }
}
