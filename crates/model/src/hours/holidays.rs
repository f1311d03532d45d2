//! Which day is a holiday, by what name and who says so: layers of sources, of which a later one rules over those before
//! it. Reads no file and fetches nothing.

use super::{Problem, csv, japan};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Who says that a day is a holiday.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "name")]
pub enum HolidaySource {
    /// The law of Japan, computed.
    Computed,
    /// A file, such as the one that the Cabinet Office publishes.
    File(String),
    /// A calendar that is fetched.
    Feed(String),
    /// The installation's own configuration or a page.
    Own,
    /// A customer's own days, by the customer's id.
    Customer(String),
}

/// One source and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidayLayer {
    pub source: HolidaySource,
    #[serde(default)]
    pub add: BTreeMap<Date, String>,
    #[serde(default)]
    pub remove: BTreeSet<Date>,
    /// Years of which this source says all, so that what it does not name is no holiday, whatever lies below.
    #[serde(default)]
    pub whole_years: BTreeSet<i16>,
}

impl HolidayLayer {
    pub fn new(source: HolidaySource) -> Self {
        Self { source, add: BTreeMap::new(), remove: BTreeSet::new(), whole_years: BTreeSet::new() }
    }

    /// The layer that computes the public holidays of Japan.
    pub fn japan() -> Self {
        Self::new(HolidaySource::Computed)
    }

    /// The text of the Cabinet Office's list. It rules over the years that it has.
    pub fn from_csv(source: HolidaySource, text: &str) -> Result<Self, Problem> {
        let add = csv::read(text)?;
        let whole_years = add.keys().map(|date| date.year()).collect();
        Ok(Self { add, whole_years, ..Self::new(source) })
    }

    #[must_use]
    pub fn with(mut self, date: Date, name: impl Into<String>) -> Self {
        self.add.insert(date, name.into());
        self
    }

    #[must_use]
    pub fn without(mut self, date: Date) -> Self {
        self.remove.insert(date);
        self
    }

    /// The day's name; `Some(None)`: surely no holiday; `None`: ask the layer below.
    fn says(&self, date: Date) -> Option<Option<&str>> {
        if self.remove.contains(&date) {
            return Some(None);
        }
        let computed = || japan::holiday(date).filter(|_| self.source == HolidaySource::Computed);
        let name = self.add.get(&date).map(String::as_str).or_else(computed);
        match name {
            Some(name) => Some(Some(name)),
            None => self.whole_years.contains(&date.year()).then_some(None),
        }
    }
}

/// A holiday and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    pub date: Date,
    pub name: String,
    pub source: HolidaySource,
}

/// A list of holidays: its layers, the last of which rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Holidays(pub Vec<HolidayLayer>);

impl Holidays {
    /// The public holidays of Japan, computed.
    pub fn japan() -> Self {
        Self(vec![HolidayLayer::japan()])
    }

    #[must_use]
    pub fn over(mut self, layer: HolidayLayer) -> Self {
        self.0.push(layer);
        self
    }

    pub fn on(&self, date: Date) -> Option<Holiday> {
        on(self.0.iter().rev(), date)
    }

    /// Every holiday from `first` to `last`, both included.
    pub fn between(&self, first: Date, last: Date) -> Vec<Holiday> {
        let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
        days.filter_map(|day| self.on(day)).collect()
    }
}

/// Asks layers in their order, the one that rules first.
pub(super) fn on<'a>(mut layers: impl Iterator<Item = &'a HolidayLayer>, date: Date) -> Option<Holiday> {
    let (name, layer) = layers.find_map(|layer| Some((layer.says(date)?, layer)))?;
    Some(Holiday { date, name: name?.to_owned(), source: layer.source.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_later_source_rules_over_an_earlier_one_and_each_answer_names_its_source() {
        let file = HolidaySource::File("syukujitsu.csv".into());
        let list = "国民の祝日・休日月日,国民の祝日・休日名称\r\n2027/1/1,元日\r\n2027/8/12,山の日（移動）\r\n";
        let holidays = Holidays::japan()
            .over(HolidayLayer::from_csv(file.clone(), list).unwrap())
            .over(HolidayLayer::new(HolidaySource::Feed("company".into())).with(day("2027-06-01"), "創立記念日"))
            .over(
                HolidayLayer::new(HolidaySource::Customer("minato".into()))
                    .without(day("2026-11-23"))
                    .with(day("2027-06-01"), "港の日"),
            );
        let told = |date: &str| holidays.on(day(date)).map(|holiday| (holiday.name, holiday.source));
        let is = |name: &str, source: &HolidaySource| Some((name.to_owned(), source.clone()));
        assert_eq!(told("2026-11-03"), is("文化の日", &HolidaySource::Computed));
        assert_eq!(told("2026-11-23"), None, "the customer works on it");
        assert_eq!(told("2027-01-01"), is("元日", &file));
        assert_eq!(told("2027-08-11"), None, "the file has that year and does not name it");
        assert_eq!(told("2027-08-12"), is("山の日（移動）", &file));
        assert_eq!(told("2027-06-01"), is("港の日", &HolidaySource::Customer("minato".into())));
        assert_eq!(told("2028-01-01"), is("元日", &HolidaySource::Computed), "a year that the file lacks");
    }

    #[test]
    fn the_days_of_a_span_are_listed_in_order() {
        let found = Holidays::japan().between(day("2026-04-29"), day("2026-05-06"));
        let names: Vec<_> = found.iter().map(|holiday| holiday.name.as_str()).collect();
        assert_eq!(names, ["昭和の日", "憲法記念日", "みどりの日", "こどもの日", "振替休日"]);
    }
}
