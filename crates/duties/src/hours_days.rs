//! The hours of some days as they hold, one day after another: what is worked, and what takes the rest of the day. For pages; never
//! decides anything by it.

use jiff::civil::Date;
use model::Micros;
use model::hours::{Roster, Subject, Why, Zone, standing_of};

/// Whatever a roster says, a day has no more pieces than that.
const MOST_PIECES: usize = 48;

/// A day by the wall clock of its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: Date,
    /// What is worked of it, without breaks; a night's hours are cut at midnight.
    pub worked: Vec<(Micros, Micros)>,
    /// Why it is so: what is special about the day, or else by which hours.
    pub whys: Vec<Why>,
}

impl Day {
    pub fn worked_s(&self) -> i64 {
        self.worked.iter().map(|(from, until)| until.since(*from) / 1_000_000).sum()
    }
}

/// So many days from this one on.
pub fn days(roster: &Roster, subject: Subject<'_>, zone: &Zone, first: Date, count: usize) -> Vec<Day> {
    std::iter::successors(Some(first), |date| date.tomorrow().ok())
        .take(count)
        .map(|date| day(roster, subject, zone, date))
        .collect()
}

fn day(roster: &Roster, subject: Subject<'_>, zone: &Zone, date: Date) -> Day {
    let begins = |date: Date| Micros::from_seconds(zone.midnight(date));
    let (mut at, end) = (begins(date), begins(date.tomorrow().unwrap_or(date)));
    let mut day = Day { date, worked: Vec::new(), whys: Vec::new() };
    let mut others = Vec::new();
    for _ in 0..MOST_PIECES {
        if at >= end {
            break;
        }
        let found = standing_of(roster, subject, at);
        // What is so may have another reason before it ends: a holiday turns into an evening at midnight alone.
        let until = found.until.map_or(end, |until| until.min(end));
        if found.is_at_work {
            day.worked.push((at, until));
        }
        let list = if is_special(&found.why) { &mut day.whys } else { &mut others };
        if !list.contains(&found.why) {
            list.push(found.why);
        }
        at = until;
    }
    if day.whys.is_empty() {
        let worked = others.iter().position(|why| matches!(why, Why::InHours { .. })).unwrap_or(0);
        day.whys.extend((!others.is_empty()).then(|| others.swap_remove(worked)));
    }
    day
}

/// What a day has besides its usual hours.
const fn is_special(why: &Why) -> bool {
    matches!(why, Why::Holiday { .. } | Why::Closed { .. } | Why::Leave { .. } | Why::Exception { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::hours::{DayHours, Exception, Leave, LeaveSource, LeaveSpan, Observed, Pattern, Person, Week};

    fn roster() -> Roster {
        let pattern = Pattern {
            name: "day".into(),
            zone: Zone::parse("Asia/Tokyo").unwrap(),
            week: Week::parse("mon-fri 09:00-18:00; fri 22:00-02:00").unwrap(),
            breaks: vec![model::hours::Break::parse("12:00-13:00").unwrap()],
            holidays: Observed::Japan,
            closed: Vec::new(),
        };
        let instant = |text: &str| Micros::parse(text).unwrap();
        let span = LeaveSpan::Time { from: instant("2026-11-25T06:00:00Z"), until: instant("2026-11-25T23:00:00Z") };
        Roster {
            zone: pattern.zone.clone(),
            patterns: vec![pattern],
            persons: vec![Person { id: "sato".into(), groups: Vec::new(), pattern: Some("day".into()) }],
            leaves: vec![Leave { who: "sato".into(), span, note: String::new(), source: LeaveSource::File }],
            exceptions: vec![Exception {
                who: "sato".into(),
                day: DayHours::parse("2026-11-26 13:00-22:00").unwrap(),
                note: String::new(),
            }],
            ..Roster::default()
        }
    }

    #[test]
    fn a_week_reads_as_a_person_would_tell_it() {
        let roster = roster();
        let subject = Subject::Person { id: "sato", customer: None };
        let week = days(&roster, subject, &roster.zone, "2026-11-23".parse().unwrap(), 7);
        let told: Vec<String> = week.iter().map(|day| told(&roster.zone, day)).collect();
        assert_eq!(
            told,
            [
                "23  Holiday",
                "24 09:00-12:00 13:00-18:00 InHours",
                "25 09:00-12:00 13:00-15:00 Leave",
                "26 13:00-22:00 Exception",
                "27 09:00-12:00 13:00-18:00 22:00-00:00 InHours",
                "28 00:00-02:00 InHours",
                "29  NoHoursThatDay",
            ]
        );
        assert_eq!(week[1].worked_s(), 8 * 3_600);
    }

    #[test]
    fn a_day_of_which_nothing_is_known_says_so() {
        let roster = Roster::default();
        let subject = Subject::Person { id: "abe", customer: None };
        let found = days(&roster, subject, &roster.zone, "2026-11-23".parse().unwrap(), 2);
        assert_eq!((found.len(), &found[0].whys[..]), (2, &[Why::NoPattern][..]));
    }

    fn told(zone: &Zone, day: &Day) -> String {
        let clock = |at: Micros| at.timestamp().to_zoned(zone.time_zone().clone()).strftime("%H:%M").to_string();
        let spans: Vec<String> = day.worked.iter().map(|(a, b)| format!("{}-{}", clock(*a), clock(*b))).collect();
        let whys: Vec<String> =
            day.whys.iter().map(|why| format!("{why:?}").split([' ', '{']).next().unwrap().to_owned()).collect();
        format!("{} {} {}", day.date.day(), spans.join(" "), whys.join(" "))
    }
}
