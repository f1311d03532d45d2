//! The public holidays of Japan from 1980 to 2099, computed from the law (国民の祝日に関する法律) and the special laws
//! beside it. What the Cabinet Office publishes rules over this (`csv.rs`): a law may change any year.

use jiff::civil::{Date, Weekday};

const SUBSTITUTE: &str = "振替休日";
const CITIZENS: &str = "国民の休日";

/// The years for which this holds.
pub const YEARS: std::ops::RangeInclusive<i16> = 1980..=2099;

/// The name of the holiday that this day is.
pub fn holiday(date: Date) -> Option<&'static str> {
    if !YEARS.contains(&date.year()) {
        return None;
    }
    if let Some(name) = named(date) {
        return Some(name);
    }
    if is_substitute(date) {
        return Some(SUBSTITUTE);
    }
    is_between(date).then_some(CITIZENS)
}

/// A holiday of the law, by name.
fn named(date: Date) -> Option<&'static str> {
    once(date).or_else(|| moved(date)).or_else(|| every_year(date)).or_else(|| mondays(date))
}

/// Days that were a holiday once.
fn once(date: Date) -> Option<&'static str> {
    match (date.year(), date.month(), date.day()) {
        (1989, 2, 24) => Some("昭和天皇の大喪の礼"),
        (1990, 11, 12) => Some("即位礼正殿の儀"),
        (1993, 6, 9) => Some("皇太子徳仁親王の結婚の儀"),
        (2019, 5, 1) => Some("天皇の即位の日"),
        (2019, 10, 22) => Some("即位礼正殿の儀"),
        _ => None,
    }
}

/// Where the Olympic games of 2020 and 2021 moved three of them.
fn moved(date: Date) -> Option<&'static str> {
    match (date.year(), date.month(), date.day()) {
        (2020, 7, 23) | (2021, 7, 22) => Some("海の日"),
        (2020, 7, 24) | (2021, 7, 23) => Some("スポーツの日"),
        (2020, 8, 10) | (2021, 8, 8) => Some("山の日"),
        _ => None,
    }
}

const fn is_olympic(year: i16) -> bool {
    matches!(year, 2020 | 2021)
}

fn every_year(date: Date) -> Option<&'static str> {
    let year = date.year();
    match (date.month(), date.day()) {
        (1, 1) => Some("元日"),
        (1, 15) if year < 2000 => Some("成人の日"),
        (2, 11) => Some("建国記念の日"),
        (2, 23) if year >= 2020 => Some("天皇誕生日"),
        (3, day) if day == vernal_equinox(year) => Some("春分の日"),
        (4, 29) => Some(april_29(year)),
        (5, 3) => Some("憲法記念日"),
        (5, 4) if year >= 2007 => Some("みどりの日"),
        (5, 5) => Some("こどもの日"),
        (7, 20) if (1996..2003).contains(&year) => Some("海の日"),
        (8, 11) if year >= 2016 && !is_olympic(year) => Some("山の日"),
        (9, 15) if year < 2003 => Some("敬老の日"),
        (9, day) if day == autumnal_equinox(year) => Some("秋分の日"),
        (10, 10) if year < 2000 => Some("体育の日"),
        (11, 3) => Some("文化の日"),
        (11, 23) => Some("勤労感謝の日"),
        (12, 23) if (1989..2019).contains(&year) => Some("天皇誕生日"),
        _ => None,
    }
}

const fn april_29(year: i16) -> &'static str {
    match year {
        ..1989 => "天皇誕生日",
        1989..2007 => "みどりの日",
        _ => "昭和の日",
    }
}

/// Those that moved to a Monday.
fn mondays(date: Date) -> Option<&'static str> {
    let year = date.year();
    if date.weekday() != Weekday::Monday {
        return None;
    }
    match (date.month(), (date.day() - 1) / 7 + 1) {
        (1, 2) if year >= 2000 => Some("成人の日"),
        (7, 3) if year >= 2003 && !is_olympic(year) => Some("海の日"),
        (9, 3) if year >= 2003 => Some("敬老の日"),
        (10, 2) if (2000..2020).contains(&year) => Some("体育の日"),
        (10, 2) if year >= 2022 => Some("スポーツの日"),
        _ => None,
    }
}

/// The day in March, as the astronomers' tables come out for 1980 to 2099.
fn vernal_equinox(year: i16) -> i8 {
    equinox(20.8431, year)
}

/// The day in September.
fn autumnal_equinox(year: i16) -> i8 {
    equinox(23.2488, year)
}

#[expect(clippy::cast_possible_truncation, reason = "a day of a month, between 19 and 24")]
fn equinox(base: f64, year: i16) -> i8 {
    let years = year - 1980;
    (base + 0.242_194 * f64::from(years) - f64::from(years.div_euclid(4))).floor() as i8
}

/// A holiday that fell on a Sunday is made up for on the next day that is none; until 2006 that could only be Monday.
fn is_substitute(date: Date) -> bool {
    let mut before = date;
    loop {
        let Some(day) = before.yesterday().ok().filter(|day| named(*day).is_some()) else { return false };
        if day.weekday() == Weekday::Sunday {
            return true;
        }
        if date.year() < 2007 {
            return false;
        }
        before = day;
    }
}

/// A working day between two holidays is one as well, since the end of 1985; a Sunday only in name, so not told.
fn is_between(date: Date) -> bool {
    let is_named = |day: Result<Date, jiff::Error>| day.is_ok_and(|day| named(day).is_some());
    date.year() >= 1986 && date.weekday() != Weekday::Sunday && is_named(date.yesterday()) && is_named(date.tomorrow())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(year: i16) -> Vec<String> {
        let first = Date::constant(year, 1, 1);
        let days = first.series(jiff::ToSpan::days(1)).take_while(|day| day.year() == year);
        days.filter_map(|day| Some(format!("{:02}-{:02} {}", day.month(), day.day(), holiday(day)?))).collect()
    }

    #[test]
    fn the_holidays_of_2026_have_a_citizens_holiday_in_september_and_a_substitute_in_may() {
        assert_eq!(
            year(2026),
            [
                "01-01 元日",
                "01-12 成人の日",
                "02-11 建国記念の日",
                "02-23 天皇誕生日",
                "03-20 春分の日",
                "04-29 昭和の日",
                "05-03 憲法記念日",
                "05-04 みどりの日",
                "05-05 こどもの日",
                "05-06 振替休日",
                "07-20 海の日",
                "08-11 山の日",
                "09-21 敬老の日",
                "09-22 国民の休日",
                "09-23 秋分の日",
                "10-12 スポーツの日",
                "11-03 文化の日",
                "11-23 勤労感謝の日",
            ]
        );
    }

    #[test]
    fn special_days_are_as_the_laws_of_their_year_said() {
        for (day, wanted) in [
            ("1980-01-15", Some("成人の日")),
            ("1985-05-04", None),
            ("1986-05-04", None),
            ("1988-05-04", Some("国民の休日")),
            ("1992-05-04", Some("振替休日")),
            ("1995-05-04", Some("国民の休日")),
            ("1989-02-24", Some("昭和天皇の大喪の礼")),
            ("1995-07-20", None),
            ("1996-07-20", Some("海の日")),
            ("2002-09-15", Some("敬老の日")),
            ("2002-09-16", Some("振替休日")),
            ("2003-09-15", Some("敬老の日")),
            ("2006-05-06", None),
            ("2008-05-06", Some("振替休日")),
            ("2009-05-06", Some("振替休日")),
            ("2009-09-22", Some("国民の休日")),
            ("2010-05-06", None),
            ("2015-09-22", Some("国民の休日")),
            ("2015-08-11", None),
            ("2016-08-11", Some("山の日")),
            ("2018-12-24", Some("振替休日")),
            ("2019-04-30", Some("国民の休日")),
            ("2019-05-01", Some("天皇の即位の日")),
            ("2019-05-02", Some("国民の休日")),
            ("2019-05-06", Some("振替休日")),
            ("2019-10-22", Some("即位礼正殿の儀")),
            ("2019-02-23", None),
            ("2019-12-23", None),
            ("2020-02-24", Some("振替休日")),
            ("2020-07-20", None),
            ("2020-07-23", Some("海の日")),
            ("2020-07-24", Some("スポーツの日")),
            ("2020-08-10", Some("山の日")),
            ("2020-08-11", None),
            ("2020-10-12", None),
            ("2021-07-19", None),
            ("2021-07-22", Some("海の日")),
            ("2021-07-23", Some("スポーツの日")),
            ("2021-08-08", Some("山の日")),
            ("2021-08-09", Some("振替休日")),
            ("2021-10-11", None),
            ("2022-10-10", Some("スポーツの日")),
            ("2032-09-21", Some("国民の休日")),
            ("2099-03-20", Some("春分の日")),
            ("2100-01-01", None),
            ("1979-01-01", None),
        ] {
            assert_eq!(holiday(day.parse().unwrap()), wanted, "{day}");
        }
    }

    /// Compared day by day with two public packages (holidays 0.109, jpholiday 1.0) when it was written.
    #[test]
    fn years_have_as_many_holidays_as_published() {
        for (at, wanted) in [(1990, 19), (2009, 17), (2019, 22), (2020, 18), (2026, 18)] {
            assert_eq!(year(at).len(), wanted, "{:?}", year(at));
        }
        assert_eq!(YEARS.map(|at| year(at).len()).sum::<usize>(), 2076);
    }
}
