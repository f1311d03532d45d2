//! Whether somebody is at work, and why, in words: for the command line, the pages and Slack alike. Decides nothing.

use crate::locale::{Locale, say};
use crate::say::{Language, japanese_day};
use jiff::civil::Date;
use model::Micros;
use model::hours::{HolidaySource, Layer, LeaveSource, Standing, Why};

/// All that is to be said: the answer, the reason, until when it holds, and whose hours were asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub headline: String,
    pub why: String,
    pub until: String,
    /// `None`: nobody's hours are known.
    pub hours_of: Option<String>,
}

pub fn words(locale: &Locale, name: &str, at: Micros, standing: &Standing) -> Words {
    Words {
        headline: headline(locale, name, at, standing),
        why: why(locale, &standing.why),
        until: until(locale, standing),
        hours_of: standing.hours_of.as_ref().map(|layer| layer_of(locale, layer)),
    }
}

fn headline(locale: &Locale, name: &str, at: Micros, standing: &Standing) -> String {
    let (l, at) = (locale.language, locale.when(at));
    match (standing.is_at_work, &standing.why) {
        (true, _) => say!(l, ja: "{name} は {at} に勤務中です。", en: "{name} is at work {at}.", name = name, at = at),
        (false, Why::NoPattern) => {
            say!(l, ja: "{name} が {at} に勤務中かどうかは分かりません。", en: "Whether {name} is at work {at} is not known.", name = name, at = at)
        }
        (false, _) => {
            say!(l, ja: "{name} は {at} には勤務していません。", en: "{name} is not at work {at}.", name = name, at = at)
        }
    }
}

/// The reason alone, as a sentence.
pub fn why(locale: &Locale, why: &Why) -> String {
    let l = locale.language;
    match why {
        Why::InHours { pattern, span, day } => {
            say!(l, ja: "{day} の勤務時間 {span} の中です (勤務時間「{pattern}」)。", en: "It is within {span} of {day}, by the hours \"{pattern}\".",
                day = date(l, *day), span = span, pattern = pattern)
        }
        Why::BeforeHours { pattern, .. } => {
            say!(l, ja: "その日の勤務はまだ始まっていません (勤務時間「{pattern}」)。", en: "The day's hours have not begun, by the hours \"{pattern}\".", pattern = pattern)
        }
        Why::BetweenHours { pattern, .. } => {
            say!(l, ja: "その日の勤務と勤務の間です (勤務時間「{pattern}」)。", en: "It is between two spans of the day, by the hours \"{pattern}\".", pattern = pattern)
        }
        Why::AfterHours { pattern, .. } => {
            say!(l, ja: "その日の勤務は終わっています (勤務時間「{pattern}」)。", en: "The day's hours are over, by the hours \"{pattern}\".", pattern = pattern)
        }
        Why::NoHoursThatDay { pattern, .. } => {
            say!(l, ja: "勤務のない曜日です (勤務時間「{pattern}」)。", en: "That day of the week has no hours, by the hours \"{pattern}\".", pattern = pattern)
        }
        Why::Break { pattern, name, span } => {
            let name = named(l, name);
            say!(l, ja: "休憩中です{name}: {span} (勤務時間「{pattern}」)。", en: "It is a break{name}: {span}, by the hours \"{pattern}\".", name = name, span = span, pattern = pattern)
        }
        Why::Holiday { name, source, day } => {
            say!(l, ja: "{day} は休日です: {name} ({source})。", en: "{day} is a holiday: {name} ({source}).", day = date(l, *day), name = name, source = holiday_source(l, source))
        }
        Why::Closed { pattern, span, day, .. } => {
            say!(l, ja: "{day} は毎年の休業日です: {span} (勤務時間「{pattern}」)。", en: "{day} is closed every year: {span}, by the hours \"{pattern}\".", day = date(l, *day), span = span, pattern = pattern)
        }
        Why::Leave { note, source, from, until } => {
            let (note, source) = (named(l, note), leave_source(l, source));
            say!(l, ja: "休暇中です{note}: {span} ({source})。", en: "On leave{note}: {span} ({source}).", note = note, span = locale.span(*from, *until), source = source)
        }
        Why::Exception { day, hours, note } => {
            let hours = if hours == "off" { say!(l, ja: "休み", en: "off") } else { hours.clone() };
            let note = named(l, note);
            say!(l, ja: "{day} は特別に {hours} です{note}。", en: "{day} has hours of its own: {hours}{note}.", day = date(l, *day), hours = hours, note = note)
        }
        Why::NoPattern => {
            say!(l, ja: "勤務時間が設定されていません。本人、グループ、または [server] に hours を設定してください。", en: "Nobody has said their hours: set hours for the person, for a group of theirs, or in [server].")
        }
    }
}

/// What people call it, in brackets; nothing where it has no name.
fn named(l: Language, name: &str) -> String {
    if name.is_empty() { String::new() } else { say!(l, ja: "「{name}」", en: " ({name})", name = name) }
}

fn date(l: Language, day: Date) -> String {
    match l {
        Language::Ja => format!("{}年{}", day.year(), japanese_day(day)),
        Language::En => day.strftime("%a %-d %b %Y").to_string(),
    }
}

fn holiday_source(l: Language, source: &HolidaySource) -> String {
    match source {
        HolidaySource::Computed => say!(l, ja: "国民の祝日の計算", en: "Japan's public holidays, computed"),
        HolidaySource::File(name) => say!(l, ja: "ファイル {name}", en: "the file {name}", name = name),
        HolidaySource::Feed(name) => say!(l, ja: "カレンダー {name}", en: "the calendar {name}", name = name),
        HolidaySource::Own => say!(l, ja: "設定", en: "the configuration"),
        HolidaySource::Customer(id) => say!(l, ja: "お客様 {id} の休日", en: "the days of the customer {id}", id = id),
    }
}

fn leave_source(l: Language, source: &LeaveSource) -> String {
    match source {
        LeaveSource::File => say!(l, ja: "設定", en: "the configuration"),
        LeaveSource::Page(by) => say!(l, ja: "{by} が画面で入力", en: "entered on the page by {by}", by = by),
        LeaveSource::Calendar(name) => say!(l, ja: "カレンダー {name}", en: "the calendar {name}", name = name),
    }
}

fn until(locale: &Locale, standing: &Standing) -> String {
    let l = locale.language;
    match (standing.until, standing.is_at_work) {
        (Some(until), true) => {
            say!(l, ja: "{until} に勤務が終わります。", en: "Work ends {until}.", until = locale.when(until))
        }
        (Some(until), false) => {
            say!(l, ja: "{until} に勤務が始まります。", en: "Work begins {until}.", until = locale.when(until))
        }
        (None, _) => say!(l, ja: "1 年以内には変わりません。", en: "That does not change within a year."),
    }
}

fn layer_of(locale: &Locale, layer: &Layer) -> String {
    let l = locale.language;
    match layer {
        Layer::Own => say!(l, ja: "自身の勤務時間によります。", en: "The hours are their own."),
        Layer::Group(id) => {
            say!(l, ja: "グループ {id} の勤務時間によります。", en: "The hours are those of the group {id}.", id = id)
        }
        Layer::Customer(id) => {
            say!(l, ja: "お客様 {id} の対応時間によります。", en: "The hours are those of the customer {id}.", id = id)
        }
        Layer::Default => {
            say!(l, ja: "全体の勤務時間 ([server] hours) によります。", en: "The hours are everybody's, of [server].")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::hours::{Leave, LeaveSpan, Observed, Pattern, Person, Roster, Week, YearSpan, Zone, standing};

    fn locale(language: Language) -> Locale {
        Locale { language, zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(9)), ..Locale::default() }
    }

    fn roster() -> Roster {
        let desk = Pattern {
            name: "desk".into(),
            zone: Zone::parse("Asia/Tokyo").unwrap(),
            week: Week::parse("mon-fri 09:00-18:00").unwrap(),
            breaks: vec![model::hours::Break::parse("mon-fri 12:00-13:00 昼休み").unwrap()],
            holidays: Observed::Japan,
            closed: vec![YearSpan::parse("12-29..01-03 年末年始").unwrap()],
        };
        let span = LeaveSpan::Days {
            from: "2026-12-24".parse().unwrap(),
            until: "2026-12-26".parse().unwrap(),
            zone: desk.zone.clone(),
        };
        let person = |id: &str, pattern: Option<&str>| Person {
            id: id.into(),
            groups: Vec::new(),
            pattern: pattern.map(str::to_owned),
        };
        Roster {
            zone: desk.zone.clone(),
            patterns: vec![desk],
            persons: vec![person("sato", Some("desk")), person("abe", None)],
            leaves: vec![Leave {
                who: "sato".into(),
                span,
                note: "有給".into(),
                source: LeaveSource::Calendar("leave".into()),
            }],
            exceptions: vec![model::hours::Exception {
                who: "sato".into(),
                day: model::hours::DayHours::parse("2026-12-05 10:00-15:00").unwrap(),
                note: "移行作業".into(),
            }],
            ..Roster::default()
        }
    }

    #[test]
    fn the_answer_and_its_reason_read_like_sentences_in_both_languages() {
        for (who, at, ja, en) in [
            (
                "sato",
                "2026-12-01T01:00:00Z",
                "佐藤 は 12月1日(火) 10:00 +09 に勤務中です。|2026年12月1日(火) の勤務時間 mon-fri 09:00-18:00 の中です (勤務時間「desk」)。|12月1日(火) 12:00 +09 に勤務が終わります。",
                "佐藤 is at work Tue 1 Dec, 10:00 +09.|It is within mon-fri 09:00-18:00 of Tue 1 Dec 2026, by the hours \"desk\".|Work ends Tue 1 Dec, 12:00 +09.",
            ),
            (
                "sato",
                "2026-12-01T03:30:00Z",
                "佐藤 は 12月1日(火) 12:30 +09 には勤務していません。|休憩中です「昼休み」: mon-fri 12:00-13:00 (勤務時間「desk」)。|12月1日(火) 13:00 +09 に勤務が始まります。",
                "佐藤 is not at work Tue 1 Dec, 12:30 +09.|It is a break (昼休み): mon-fri 12:00-13:00, by the hours \"desk\".|Work begins Tue 1 Dec, 13:00 +09.",
            ),
            (
                "sato",
                "2026-11-23T01:00:00Z",
                "佐藤 は 11月23日(月) 10:00 +09 には勤務していません。|2026年11月23日(月) は休日です: 勤労感謝の日 (国民の祝日の計算)。|11月24日(火) 09:00 +09 に勤務が始まります。",
                "佐藤 is not at work Mon 23 Nov, 10:00 +09.|Mon 23 Nov 2026 is a holiday: 勤労感謝の日 (Japan's public holidays, computed).|Work begins Tue 24 Nov, 09:00 +09.",
            ),
            (
                "sato",
                "2026-12-30T10:00:00Z",
                "佐藤 は 12月30日(水) 19:00 +09 には勤務していません。|2026年12月30日(水) は毎年の休業日です: 12-29..01-03 年末年始 (勤務時間「desk」)。|1月4日(月) 09:00 +09 に勤務が始まります。",
                "佐藤 is not at work Wed 30 Dec, 19:00 +09.|Wed 30 Dec 2026 is closed every year: 12-29..01-03 年末年始, by the hours \"desk\".|Work begins Mon 4 Jan, 09:00 +09.",
            ),
            (
                "sato",
                "2026-12-25T01:00:00Z",
                "佐藤 は 12月25日(金) 10:00 +09 には勤務していません。|休暇中です「有給」: 12月24日(木) 00:00 ～ 12月26日(土) 00:00 +09 (カレンダー leave)。|12月28日(月) 09:00 +09 に勤務が始まります。",
                "佐藤 is not at work Fri 25 Dec, 10:00 +09.|On leave (有給): Thu 24 Dec, 00:00 to Sat 26 Dec, 00:00 +09 (the calendar leave).|Work begins Mon 28 Dec, 09:00 +09.",
            ),
            (
                "sato",
                "2026-12-05T02:00:00Z",
                "佐藤 は 12月5日(土) 11:00 +09 に勤務中です。|2026年12月5日(土) は特別に 10:00-15:00 です「移行作業」。|12月5日(土) 15:00 +09 に勤務が終わります。",
                "佐藤 is at work Sat 5 Dec, 11:00 +09.|Sat 5 Dec 2026 has hours of its own: 10:00-15:00 (移行作業).|Work ends Sat 5 Dec, 15:00 +09.",
            ),
            (
                "abe",
                "2026-12-01T01:00:00Z",
                "佐藤 が 12月1日(火) 10:00 +09 に勤務中かどうかは分かりません。|勤務時間が設定されていません。本人、グループ、または [server] に hours を設定してください。|1 年以内には変わりません。",
                "Whether 佐藤 is at work Tue 1 Dec, 10:00 +09 is not known.|Nobody has said their hours: set hours for the person, for a group of theirs, or in [server].|That does not change within a year.",
            ),
        ] {
            let at = Micros::parse(at).unwrap();
            let found = standing(&roster(), who, None, at);
            for (language, wanted) in [(Language::Ja, ja), (Language::En, en)] {
                let said = words(&locale(language), "佐藤", at, &found);
                assert_eq!(format!("{}|{}|{}", said.headline, said.why, said.until), wanted);
                assert_eq!(said.hours_of.is_none(), who == "abe");
            }
        }
    }

    #[test]
    fn every_source_and_layer_is_named_in_both_languages() {
        for language in Language::ALL {
            let locale = locale(language);
            let sources = [
                HolidaySource::Computed,
                HolidaySource::File("x.csv".into()),
                HolidaySource::Feed("x".into()),
                HolidaySource::Own,
                HolidaySource::Customer("x".into()),
            ];
            let mut said: Vec<String> = sources.iter().map(|source| holiday_source(language, source)).collect();
            let layers = [Layer::Own, Layer::Group("x".into()), Layer::Customer("x".into()), Layer::Default];
            said.extend(layers.iter().map(|layer| layer_of(&locale, layer)));
            let leaves = [LeaveSource::File, LeaveSource::Page("x".into()), LeaveSource::Calendar("x".into())];
            said.extend(leaves[1..2].iter().map(|source| leave_source(language, source)));
            let count = said.len();
            said.sort();
            said.dedup();
            assert_eq!(said.len(), count, "{said:?}");
        }
    }
}
