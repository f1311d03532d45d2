//! A recurrence rule and the days it names, by the wall clock. Knows no zone: whoever asks turns wall time into instants,
//! so a rule keeps its wall time whatever the clocks do (docs/decisions/0012).

use super::problem::Fault;
use super::when::Stamp;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freq {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub freq: Freq,
    pub interval: i32,
    pub count: Option<u32>,
    pub until: Option<Stamp>,
    by_month: Vec<i32>,
    by_week: Vec<i32>,
    by_year_day: Vec<i32>,
    by_month_day: Vec<i32>,
    /// Which one of the month or year (0: each), and the day of the week.
    by_day: Vec<(i32, Weekday)>,
    by_hour: Vec<i32>,
    by_minute: Vec<i32>,
    by_second: Vec<i32>,
    by_position: Vec<i32>,
    week_start: Weekday,
}

impl Rule {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let wrong = || Fault::Rule { rule: text.chars().take(200).collect() };
        let mut rule = Self::new(Freq::Daily);
        let mut has_freq = false;
        for part in text.trim().split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let (name, value) = (name.trim().to_ascii_uppercase(), value.trim().to_ascii_uppercase());
            if name == "FREQ" {
                rule.freq = freq(&value).ok_or_else(|| too_frequent(&value).unwrap_or_else(wrong))?;
                has_freq = true;
            } else {
                rule.part(&name, &value).ok_or_else(wrong)?;
            }
        }
        if has_freq { Ok(rule) } else { Err(wrong()) }
    }

    const fn new(freq: Freq) -> Self {
        Self {
            freq,
            interval: 1,
            count: None,
            until: None,
            by_month: Vec::new(),
            by_week: Vec::new(),
            by_year_day: Vec::new(),
            by_month_day: Vec::new(),
            by_day: Vec::new(),
            by_hour: Vec::new(),
            by_minute: Vec::new(),
            by_second: Vec::new(),
            by_position: Vec::new(),
            week_start: Weekday::Monday,
        }
    }

    fn part(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "INTERVAL" => self.interval = value.parse().ok().filter(|n| (1..=10_000).contains(n))?,
            "COUNT" => self.count = Some(value.parse().ok()?),
            "UNTIL" => self.until = Some(Stamp::parse(value)?),
            "BYMONTH" => self.by_month = numbers(value, 1, 12)?,
            "BYWEEKNO" => self.by_week = numbers(value, -53, 53)?,
            "BYYEARDAY" => self.by_year_day = numbers(value, -366, 366)?,
            "BYMONTHDAY" => self.by_month_day = numbers(value, -31, 31)?,
            "BYHOUR" => self.by_hour = numbers(value, 0, 23)?,
            "BYMINUTE" => self.by_minute = numbers(value, 0, 59)?,
            "BYSECOND" => self.by_second = numbers(value, 0, 59)?,
            "BYSETPOS" => self.by_position = numbers(value, -366, 366)?,
            "BYDAY" => self.by_day = value.split(',').map(|day| nth_day(day.trim())).collect::<Option<_>>()?,
            "WKST" => self.week_start = weekday(value)?,
            // A part of somebody's own.
            _ if name.starts_with("X-") => {}
            _ => return None,
        }
        Some(())
    }

    /// With what a rule leaves to its start.
    pub fn filled(mut self, start: DateTime) -> Self {
        let has_day = !(self.by_year_day.is_empty() && self.by_month_day.is_empty() && self.by_day.is_empty());
        match self.freq {
            _ if has_day => {}
            Freq::Daily => {}
            Freq::Weekly => self.by_day = vec![(0, start.weekday())],
            Freq::Yearly if !self.by_week.is_empty() => self.by_day = vec![(0, start.weekday())],
            Freq::Monthly => self.by_month_day = vec![i32::from(start.day())],
            Freq::Yearly => {
                self.by_month_day = vec![i32::from(start.day())];
                if self.by_month.is_empty() {
                    self.by_month = vec![i32::from(start.month())];
                }
            }
        }
        self
    }

    /// The times of one period, in order: the day, week, month or year that is `number` steps from the start's.
    /// `None` past the last day that is known. `budget` falls by what is looked at.
    pub fn period(&self, start: DateTime, number: i32, budget: &mut usize) -> Option<Vec<DateTime>> {
        let first = self.first_day(start.date(), number)?;
        let times = self.times(start);
        let mut found = Vec::new();
        for day in first.series(1.day()).take(self.days(first)) {
            *budget = budget.saturating_sub(1);
            if self.names(day) {
                *budget = budget.saturating_sub(times.len());
                found.extend(times.iter().map(|time| day.to_datetime(*time)));
            }
        }
        Some(self.picked(found))
    }

    /// The first day of a period.
    pub fn first_day(&self, start: Date, number: i32) -> Option<Date> {
        let steps = number.checked_mul(self.interval)?;
        let first = match self.freq {
            Freq::Daily => start.checked_add(steps.days()),
            Freq::Weekly => {
                let into = start.weekday().since(self.week_start);
                start.checked_add(steps.checked_mul(7)?.checked_sub(i32::from(into))?.days())
            }
            Freq::Monthly => start.first_of_month().checked_add(steps.months()),
            Freq::Yearly => start.first_of_year().checked_add(i16::try_from(steps).ok()?.years()),
        };
        first.ok().filter(|day| day.year() < 2200)
    }

    /// A period that surely does not lie after `day`, and near to it.
    pub fn near(&self, start: Date, day: Date) -> i32 {
        let days = day.since(start).map_or(0, |span| span.get_days());
        let length = match self.freq {
            Freq::Daily => 1,
            Freq::Weekly => 7,
            Freq::Monthly => 31,
            Freq::Yearly => 366,
        };
        (days / length / self.interval - 1).max(0)
    }

    fn days(&self, first: Date) -> usize {
        match self.freq {
            Freq::Daily => 1,
            Freq::Weekly => 7,
            Freq::Monthly => usize::try_from(first.days_in_month()).unwrap_or(31),
            Freq::Yearly => usize::try_from(first.days_in_year()).unwrap_or(366),
        }
    }

    fn names(&self, day: Date) -> bool {
        let (month_day, month_days) = (i32::from(day.day()), i32::from(day.days_in_month()));
        let (year_day, year_days) = (i32::from(day.day_of_year()), i32::from(day.days_in_year()));
        has(&self.by_month, i32::from(day.month()), 12)
            && has(&self.by_month_day, month_day, month_days)
            && has(&self.by_year_day, year_day, year_days)
            && self.has_week(day)
            && (self.by_day.is_empty() || self.by_day.iter().any(|wanted| self.is_nth(*wanted, day)))
    }

    fn is_nth(&self, (nth, weekday): (i32, Weekday), day: Date) -> bool {
        let of_month = self.freq == Freq::Monthly || !self.by_month.is_empty();
        let (at, all) = match self.freq {
            Freq::Monthly | Freq::Yearly if nth != 0 && of_month => {
                (i32::from(day.day()), i32::from(day.days_in_month()))
            }
            Freq::Yearly if nth != 0 => (i32::from(day.day_of_year()), i32::from(day.days_in_year())),
            _ => return day.weekday() == weekday,
        };
        day.weekday() == weekday && nth == if nth > 0 { (at - 1) / 7 + 1 } else { -((all - at) / 7 + 1) }
    }

    fn has_week(&self, day: Date) -> bool {
        if self.by_week.is_empty() || self.freq != Freq::Yearly {
            return true;
        }
        // The day of this week that decides which year the week belongs to.
        let into = i32::from(day.weekday().since(self.week_start));
        let Ok(middle) = day.checked_add((3 - into).days()) else { return false };
        let week = (i32::from(middle.day_of_year()) - 1) / 7 + 1;
        let weeks = week + (i32::from(middle.days_in_year()) - i32::from(middle.day_of_year())) / 7;
        has(&self.by_week, week, weeks)
    }

    fn times(&self, start: DateTime) -> Vec<jiff::civil::Time> {
        let or = |list: &[i32], own: i8| if list.is_empty() { vec![i32::from(own)] } else { list.to_vec() };
        let (hours, minutes) = (or(&self.by_hour, start.hour()), or(&self.by_minute, start.minute()));
        let seconds = or(&self.by_second, start.second());
        let mut found = Vec::new();
        for (hour, minute) in hours.iter().flat_map(|hour| minutes.iter().map(move |minute| (hour, minute))) {
            let time = |second: &i32| {
                let part = |number: &i32| i8::try_from(*number).ok();
                jiff::civil::Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()
            };
            found.extend(seconds.iter().filter_map(time));
        }
        found
    }

    fn picked(&self, found: Vec<DateTime>) -> Vec<DateTime> {
        if self.by_position.is_empty() {
            return found;
        }
        let all = i32::try_from(found.len()).unwrap_or(i32::MAX);
        let at = |at: usize| i32::try_from(at + 1).unwrap_or(i32::MAX);
        let kept = found.into_iter().enumerate().filter(|(index, _)| has(&self.by_position, at(*index), all));
        kept.map(|(_, time)| time).collect()
    }
}

/// Whether a list has the `at`-th of `all`, counted from either end; an empty list has each.
fn has(list: &[i32], at: i32, all: i32) -> bool {
    list.is_empty() || list.contains(&at) || list.contains(&(at - all - 1))
}

fn freq(value: &str) -> Option<Freq> {
    match value {
        "DAILY" => Some(Freq::Daily),
        "WEEKLY" => Some(Freq::Weekly),
        "MONTHLY" => Some(Freq::Monthly),
        "YEARLY" => Some(Freq::Yearly),
        _ => None,
    }
}

fn too_frequent(value: &str) -> Option<Fault> {
    let is = matches!(value, "HOURLY" | "MINUTELY" | "SECONDLY");
    is.then(|| Fault::TooFrequent { freq: value.to_ascii_lowercase() })
}

/// A list of numbers, each within its bounds; 0 only where the bounds begin with it.
fn numbers(value: &str, least: i32, most: i32) -> Option<Vec<i32>> {
    let number = |text: &str| {
        let number: i32 = text.trim().parse().ok()?;
        ((least..=most).contains(&number) && (number != 0 || least == 0)).then_some(number)
    };
    let mut found: Vec<i32> = value.split(',').map(number).collect::<Option<_>>()?;
    found.sort_unstable();
    found.dedup();
    Some(found)
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

/// `MO`, `2MO`, `-1FR`.
fn nth_day(text: &str) -> Option<(i32, Weekday)> {
    let cut = text.len().checked_sub(2).filter(|cut| text.is_char_boundary(*cut))?;
    let (number, day) = text.split_at(cut);
    let nth = if number.is_empty() { 0 } else { number.parse().ok().filter(|n| *n != 0 && (-53..=53).contains(n))? };
    Some((nth, weekday(day)?))
}
