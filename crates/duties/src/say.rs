//! What all words for people share: the language, instants and spans as they are read. Never decides what is said.

use jiff::tz::TimeZone;
use model::Micros;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Ja,
    En,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == text)
    }
}

/// Text in one of both languages.
macro_rules! say {
    ($language:expr, ja: $ja:literal, en: $en:literal $(, $arg:ident = $value:expr)* $(,)?) => {
        match $language {
            $crate::say::Language::Ja => format!($ja $(, $arg = $value)*),
            $crate::say::Language::En => format!($en $(, $arg = $value)*),
        }
    };
}

pub(crate) use say;

/// An instant as people read it, to the second, with its zone.
pub fn when(language: Language, zone: &TimeZone, at: Micros) -> String {
    written(language, zone, at, "%H:%M:%S")
}

/// The same to the minute.
pub fn minute(language: Language, zone: &TimeZone, at: Micros) -> String {
    written(language, zone, at, "%H:%M")
}

fn written(language: Language, zone: &TimeZone, at: Micros, time: &str) -> String {
    let zoned = at.timestamp().to_zoned(zone.clone());
    let name = zoned.strftime("%Z").to_string();
    match language {
        Language::Ja => format!("{} {} {name}", japanese_day(zoned.date()), zoned.strftime(time)),
        Language::En => format!("{} {name}", zoned.strftime(&format!("%-d %b {time}"))),
    }
}

/// 5月1日(金)
pub fn japanese_day(day: jiff::civil::Date) -> String {
    const DAYS: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
    let name = DAYS.get(usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())).unwrap_or(&"");
    format!("{}月{}日({name})", day.month(), day.day())
}

/// A span in the two units that matter most.
pub fn span(language: Language, seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => say!(language, ja: "{n}秒", en: "{n} s", n = seconds),
        (0, 0, m) => say!(language, ja: "{m}分", en: "{m} min", m = m),
        (0, h, 0) => say!(language, ja: "{h}時間", en: "{h} h", h = h),
        (0, h, m) => say!(language, ja: "{h}時間{m}分", en: "{h} h {m} min", h = h, m = m),
        (d, 0, _) => say!(language, ja: "{d}日", en: "{d} d", d = d),
        (d, h, _) => say!(language, ja: "{d}日{h}時間", en: "{d} d {h} h", d = d, h = h),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_spans_read_as_people_write_them() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let at = Micros::parse("2026-11-21T18:14:05Z").unwrap();
        assert_eq!(when(Language::Ja, &tokyo, at), "11月22日(日) 03:14:05 JST");
        assert_eq!(minute(Language::En, &tokyo, at), "22 Nov 03:14 JST");
        for (seconds, ja, en) in [
            (-5, "0秒", "0 s"),
            (59, "59秒", "59 s"),
            (60, "1分", "1 min"),
            (3_600, "1時間", "1 h"),
            (3_660, "1時間1分", "1 h 1 min"),
            (86_400, "1日", "1 d"),
            (90_000, "1日1時間", "1 d 1 h"),
        ] {
            assert_eq!((span(Language::Ja, seconds).as_str(), span(Language::En, seconds).as_str()), (ja, en));
        }
    }
}
