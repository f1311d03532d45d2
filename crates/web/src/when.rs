//! Instants and spans as people say them: how long ago, and exactly when with the zone named. Never asks what time it is.

use crate::Language;
use crate::i18n::{Arg, Value};
use jiff::Zoned;
use jiff::tz::TimeZone;
use model::Micros;
use model::time::SECOND_US;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;
const TEN_MINUTES_S: i64 = 10 * MINUTE_S;
const DAY_S: i64 = 86_400;
const TEN_DAYS_S: i64 = 10 * DAY_S;

/// A clock a little ahead of ours is still "just now".
const SKEW_S: i64 = 5;

/// `11月22日(日) 03:14 JST` / `Sun 22 Nov, 03:14 JST`; with the year where it is not this year.
pub fn exact(language: Language, zone: &TimeZone, now: Micros, at: Micros) -> String {
    let args = parts(language, zone, at);
    let this_year = now.timestamp().to_zoned(zone.clone()).year() == at.timestamp().to_zoned(zone.clone()).year();
    language.t_args(if this_year { "when-exact" } else { "when-exact-year" }, &args)
}

/// The exact time with seconds, for titles and proof.
pub fn exact_seconds(language: Language, zone: &TimeZone, at: Micros) -> String {
    let zoned = at.timestamp().to_zoned(zone.clone());
    let mut args = parts(language, zone, at);
    args.push(("seconds", Value::from(zoned.strftime("%H:%M:%S").to_string())));
    language.t_args("when-exact-seconds", &args)
}

/// The day alone, for headings: `11月22日(日)` / `Sun 22 Nov`.
pub fn day(language: Language, zone: &TimeZone, now: Micros, at: Micros) -> String {
    let args = parts(language, zone, at);
    let this_year = now.timestamp().to_zoned(zone.clone()).year() == at.timestamp().to_zoned(zone.clone()).year();
    language.t_args(if this_year { "when-day" } else { "when-day-year" }, &args)
}

/// The day that an instant lies in, from its beginning to the next one's.
pub fn day_of(zone: &TimeZone, at: Micros) -> (Micros, Micros) {
    let date = at.timestamp().to_zoned(zone.clone()).date();
    let begins = |date: jiff::civil::Date| {
        date.to_zoned(zone.clone()).map_or(at, |zoned| Micros(zoned.timestamp().as_microsecond()))
    };
    (begins(date), begins(date.tomorrow().unwrap_or(date)))
}

/// `03:14:07`.
pub fn clock(zone: &TimeZone, at: Micros) -> String {
    at.timestamp().to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// The zone's short name at that instant, e.g. `JST`.
pub fn zone_name(zone: &TimeZone, at: Micros) -> String {
    at.timestamp().to_zoned(zone.clone()).strftime("%Z").to_string()
}

/// `41 min ago`, `41分前`; `in 5 min` for what is to come.
pub fn ago(language: Language, now: Micros, at: Micros) -> String {
    let seconds = now.since(at).div_euclid(SECOND_US);
    match seconds {
        ..0 if seconds >= -SKEW_S => language.t("when-just-now"),
        ..0 => language.t_args("when-in", &[("span", span(language, -seconds).value())]),
        0 => language.t("when-just-now"),
        // A list of "5 min 12 s ago" is noise: seconds count only in the first minute.
        MINUTE_S.. => language.t_args("when-ago", &[("span", span(language, seconds - seconds % MINUTE_S).value())]),
        _ => language.t_args("when-ago", &[("span", span(language, seconds).value())]),
    }
}

/// How long: `12 s`, `2 min 10 s`, `41 min`, `2 h 5 min`, `3 d 4 h`, `41 d`.
pub fn span(language: Language, seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / MINUTE_S, seconds / HOUR_S, seconds / DAY_S);
    let say = |key: &str, a: i64, b: i64| language.t_args(key, &[("a", a.value()), ("b", b.value())]);
    match seconds {
        ..MINUTE_S => say("span-s", seconds, 0),
        MINUTE_S..TEN_MINUTES_S if seconds % MINUTE_S != 0 => say("span-min-s", minutes, seconds % MINUTE_S),
        MINUTE_S..HOUR_S => say("span-min", minutes, 0),
        HOUR_S..DAY_S if minutes % 60 != 0 => say("span-h-min", hours, minutes % 60),
        HOUR_S..DAY_S => say("span-h", hours, 0),
        DAY_S..TEN_DAYS_S if hours % 24 != 0 => say("span-d-h", days, hours % 24),
        _ => say("span-d", days, 0),
    }
}

/// A span with tenths of a second where they count: `0.4 s`, `12 s`, `2 min 10 s`.
pub fn tenths(language: Language, us: i64) -> String {
    if us >= 10 * SECOND_US {
        return span(language, us / SECOND_US);
    }
    let text = format!("{:.1}", us.max(0) as f64 / SECOND_US as f64);
    language.t_args("span-s", &[("a", Value::from(text)), ("b", Value::from(0))])
}

/// From one instant to the other, as a span.
pub fn between(language: Language, from: Micros, to: Micros) -> String {
    span(language, to.since(from).div_euclid(SECOND_US))
}

fn parts(language: Language, zone: &TimeZone, at: Micros) -> Vec<(&'static str, Value<'static>)> {
    let zoned: Zoned = at.timestamp().to_zoned(zone.clone());
    let weekday = language.t(&format!("weekday-{}", zoned.weekday().to_monday_one_offset()));
    let month = language.t(&format!("month-{}", zoned.month()));
    vec![
        ("year", Value::from(zoned.year().to_string())),
        ("month", Value::from(month)),
        ("day", Value::from(zoned.day().to_string())),
        ("weekday", Value::from(weekday)),
        ("clock", Value::from(zoned.strftime("%H:%M").to_string())),
        ("zone", Value::from(zoned.strftime("%Z").to_string())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokyo() -> TimeZone {
        TimeZone::get("Asia/Tokyo").expect("zone")
    }

    fn at(text: &str) -> Micros {
        Micros::parse(text).expect("time")
    }

    #[test]
    fn exact_times_name_their_zone_in_both_languages() {
        let (now, then) = (at("2026-11-21T19:00:00Z"), at("2026-11-21T18:14:07Z"));
        assert_eq!(exact(Language::Ja, &tokyo(), now, then), "11月22日(日) 03:14 JST");
        assert_eq!(exact(Language::En, &tokyo(), now, then), "Sun 22 Nov, 03:14 JST");
        assert_eq!(exact_seconds(Language::En, &tokyo(), then), "Sun 22 Nov 2026, 03:14:07 JST");
        let old = at("2025-11-21T18:14:07Z");
        assert_eq!(exact(Language::Ja, &tokyo(), now, old), "2025年11月22日(土) 03:14 JST");
        assert_eq!(exact(Language::En, &tokyo(), now, old), "Sat 22 Nov 2025, 03:14 JST");
    }

    #[test]
    fn spans_keep_two_units_at_most() {
        let cases = [
            (12, "12 s", "12秒"),
            (130, "2 min 10 s", "2分10秒"),
            (120, "2 min", "2分"),
            (41 * 60 + 9, "41 min", "41分"),
            (2 * 3600 + 5 * 60, "2 h 5 min", "2時間5分"),
            (3 * 3600, "3 h", "3時間"),
            (3 * 86_400 + 4 * 3600, "3 d 4 h", "3日4時間"),
            (41 * 86_400 + 4 * 3600, "41 d", "41日"),
        ];
        for (seconds, en, ja) in cases {
            assert_eq!(span(Language::En, seconds).replace('\u{A0}', " "), en);
            assert_eq!(span(Language::Ja, seconds), ja);
        }
    }

    #[test]
    fn a_clock_slightly_ahead_is_just_now_and_the_future_is_said() {
        let now = at("2026-11-21T19:00:00Z");
        assert_eq!(ago(Language::En, now, now.plus_s(3)), "just now");
        assert_eq!(
            ago(Language::En, now, now.plus_s(300)),
            "in 5 min".replacen(" min", "\u{A0}min", 1).replacen(" s", "\u{A0}s", 1)
        );
        assert_eq!(ago(Language::Ja, now, now.plus_s(-2460)), "41分前");
        assert_eq!(
            ago(Language::En, now, now.plus_s(-312)),
            "5 min ago".replacen(" min", "\u{A0}min", 1).replacen(" s", "\u{A0}s", 1)
        );
        assert_eq!(
            ago(Language::En, now, now.plus_s(-12)),
            "12 s ago".replacen(" min", "\u{A0}min", 1).replacen(" s", "\u{A0}s", 1)
        );
    }
}
