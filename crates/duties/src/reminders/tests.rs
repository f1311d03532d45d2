//! Reminders as sentences, and what holds whatever the clock does.

use super::*;
use crate::locale::{Language, Locale};
use proptest::prelude::*;

fn at(text: &str) -> Micros {
    let (day, time) = text.split_once(' ').unwrap();
    Micros::parse(&format!("2026-{day}T{time}:00+09:00")).unwrap()
}

fn zone(name: &str) -> jiff::tz::TimeZone {
    jiff::tz::TimeZoneDatabase::bundled().get(name).unwrap()
}

fn settings() -> Settings {
    Settings { zone: zone("Asia/Tokyo"), ..Settings::default() }
}

fn roster() -> Roster {
    let pattern = r#"{"name":"day","zone":"Asia/Tokyo","week":"mon-fri 09:00-18:00","holidays":"japan"}"#;
    Roster { patterns: vec![serde_json::from_str(pattern).unwrap()], ..Roster::default() }
}

/// Asks at each instant, and tells what came in short.
fn play(settings: &Settings, mut state: State, asked: &[&str]) -> Vec<String> {
    let mut told = Vec::new();
    for when in asked {
        let (after, due) = due(settings, &state, &roster(), at(when));
        state = serde_json::from_str(&serde_json::to_string(&after).unwrap()).unwrap();
        told.push(match due {
            Due::Remind { n, to } => format!("{n} to {}", to.len()),
            Due::Postpone { until, is_quiet: true } => format!("quiet until {}", locale().when(until)),
            Due::Postpone { .. } => "early".into(),
            Due::Stop(Stop::Moved { by, .. }) => format!("stop: {by}"),
            Due::Stop(Stop::NobodyActed { count }) => format!("nobody after {count}"),
            Due::Nothing => "nothing".into(),
        });
    }
    told
}

fn locale() -> Locale {
    Locale { language: Language::En, zone: zone("Asia/Tokyo"), public_url: String::new() }
}

#[test]
fn the_circle_grows_and_in_the_end_it_is_reported() {
    let settings = Settings { most: Some(5), ..settings() };
    let state = start(&settings, at("05-08 10:00"), false);
    let asked =
        ["05-08 10:15", "05-08 10:30", "05-08 10:45", "05-08 11:00", "05-08 11:15", "05-08 11:30", "05-08 11:45"];
    assert_eq!(
        play(&settings, state, &asked),
        ["1 to 1", "2 to 1", "3 to 2", "4 to 2", "5 to 3", "nobody after 5", "nothing"]
    );
}

#[test]
fn whoever_moves_stops_it() {
    let settings = settings();
    let state = start(&settings, at("05-08 10:00"), false);
    let (state, _) = due(&settings, &state, &roster(), at("05-08 10:15"));
    let state = moved(&moved(&state, "Sato Hanako", at("05-08 10:20")), "Suzuki Jiro", at("05-08 10:25"));
    assert_eq!(play(&settings, state, &["05-08 10:21", "05-08 10:45"]), ["stop: Sato Hanako", "nothing"]);
}

#[test]
fn quiet_hours_postpone_and_the_urgent_may_ignore_them() {
    let quiet = |text: &str| Settings { quiet: Quiet::parse(text).unwrap(), ..settings() };
    let night = quiet("22:00-07:00");
    let start_at = |settings: &Settings, urgent| start(settings, at("05-08 21:50"), urgent);
    let asked = ["05-08 22:05", "05-08 23:00", "05-09 06:59", "05-09 07:00", "05-09 07:01"];
    assert_eq!(
        play(&night, start_at(&night, false), &asked),
        ["quiet until Sat 9 May, 07:00 JST", "early", "early", "1 to 1", "early"]
    );
    assert_eq!(play(&night, start_at(&night, true), &asked[..1]), ["1 to 1"]);
    let all = Settings { urgent_ignores_quiet: false, ..night };
    assert_eq!(play(&all, start_at(&all, true), &asked[..1]), ["quiet until Sat 9 May, 07:00 JST"]);
    let work = quiet("day");
    assert_eq!(play(&work, start_at(&work, false), &asked[..1]), ["quiet until Mon 11 May, 09:00 JST"]);
    let noon = quiet("12:00-13:00");
    assert_eq!(play(&noon, start_at(&noon, false), &["05-09 11:59"]), ["1 to 1"]);
    assert_eq!(play(&noon, start_at(&noon, false), &["05-09 12:00"]), ["quiet until Sat 9 May, 13:00 JST"]);
    assert_eq!(play(&noon, start_at(&noon, false), &["05-09 13:00"]), ["1 to 1"]);
    let unknown = quiet("no such pattern");
    assert_eq!(play(&unknown, start_at(&unknown, false), &asked[..1]), ["1 to 1"], "it is never quiet by mistake");
}

#[test]
fn a_clock_that_jumps_gives_no_burst_and_none_twice() {
    let settings = settings();
    let state = start(&settings, at("05-08 10:00"), false);
    let forward = ["05-08 10:15", "05-10 10:00", "05-10 10:01", "05-10 10:15"];
    assert_eq!(play(&settings, state.clone(), &forward), ["1 to 1", "2 to 1", "early", "3 to 2"]);
    let backward = ["05-08 10:15", "05-08 09:15", "05-08 10:15", "05-08 10:29", "05-08 10:30"];
    assert_eq!(play(&settings, state, &backward), ["1 to 1", "early", "early", "early", "2 to 1"]);
}

#[test]
fn quiet_hours_are_written_as_a_span_a_pattern_or_nothing() {
    for (text, shown) in [
        ("22:00-07:00", "22:00-07:00"),
        ("9:00-24:00", "09:00-00:00"),
        ("", "none"),
        ("None", "none"),
        ("day", "day"),
        (" 夜 ", "夜"),
    ] {
        let quiet = Quiet::parse(text).unwrap();
        assert_eq!(quiet.to_string(), shown, "{text}");
        assert_eq!(Quiet::parse(shown).unwrap(), quiet);
    }
    for text in ["22:00", "22-07", "22:00-07", "25:00-07:00", "22:60-07:00", "22:00-07:00-08:00", "1"] {
        assert!(Quiet::parse(text).unwrap_err().to_string().contains("write a span such as 22:00-07:00"), "{text}");
    }
    assert!(Quiet::parse("00:00-24:00").unwrap_err().to_string().contains("never come"));
}

#[test]
fn the_words_say_since_when_by_which_rule_and_how_to_stop_it() {
    let settings = Settings { most: Some(1), ..settings() };
    let state = start(&settings, at("05-08 10:00"), false);
    let (state, _) = due(&settings, &state, &roster(), at("05-08 10:15"));
    let matter =
        words::Matter { headline: "Change the certificate", rule: Some("promises"), url: None, way: words::Way::Press };
    let now = at("05-08 10:15");
    assert_eq!(
        words::remind(&locale(), &settings, &matter, &state, now).plain(),
        "Nobody has acted yet (reminder 1): Change the certificate\n\
         Since Fri 8 May, 10:00 JST, 15 min ago.\n\
         Rule: promises\n\
         Press a button on the message above, or act where it came from: reminders go on until somebody does.\n\
         This is the last reminder: without an act by Fri 8 May, 10:30 JST it is reported that nobody acted."
    );
    for language in [Language::Ja, Language::En] {
        let locale = Locale { language, ..locale() };
        for message in [
            words::remind(&locale, &settings, &matter, &state, now),
            words::nobody_acted(&locale, &matter, &state, now),
        ] {
            let text = message.plain();
            assert!(text.contains("promises") && text.contains(&locale.when(state.since)), "{text}");
        }
    }
}

#[test]
fn a_reminder_says_what_can_be_done_where_it_is_told() {
    use words::Way;
    let state = start(&Settings::default(), at("05-08 10:00"), true);
    for (way, en, ja) in [
        (Way::Press, "Press a button on the message above", "元のメッセージのボタンを押すか"),
        (Way::PagerDuty, "Acknowledge it in PagerDuty: ", "対応する人は PagerDuty で確認 (Acknowledge) してください。"),
        (
            Way::Ticket { is_paged: true },
            "Acknowledge it in PagerDuty, or open the ticket and answer it",
            "対応する人は PagerDuty で確認 (Acknowledge) するか、課題を開いて返信するか",
        ),
        (Way::Ticket { is_paged: false }, "Open the ticket and answer it", "対応する人は課題を開き、返信するか"),
        (Way::Event, "Whoever sees to it says so in this channel.", "対応する人はこのチャンネルで知らせてください。"),
    ] {
        let matter = words::Matter { headline: "x", rule: None, url: None, way };
        for (language, wanted) in [(Language::En, en), (Language::Ja, ja)] {
            let locale = Locale { language, ..locale() };
            let told = words::remind(&locale, &Settings::default(), &matter, &state, at("05-08 10:15")).plain();
            assert!(told.contains(wanted), "{told}");
            let names_a_button = told.contains("button") || told.contains("ボタン");
            assert_eq!(names_a_button, way == Way::Press, "{told}");
        }
    }
}

fn quiets() -> impl Strategy<Value = Quiet> {
    prop_oneof![
        Just(Quiet::None),
        Just(Quiet::Outside("day".into())),
        (0..24_u8, 0..60_u8, 0..24_u8, 0..60_u8)
            .prop_filter_map("no span", |(a, b, c, d)| { Quiet::parse(&format!("{a}:{b:02}-{c}:{d:02}")).ok() }),
    ]
}

const ZONES: [&str; 5] = ["Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_two_for_one_instant_and_none_after_somebody_moved(
        quiet in quiets(), jumps in proptest::collection::vec(-7_200..14_400_i64, 1..60), stop_at in 0..60_usize,
        urgent in any::<bool>(),
    ) {
        let settings = Settings { quiet, most: None, ..settings() };
        let mut now = at("05-08 10:00");
        let mut state = start(&settings, now, urgent);
        let mut last: Option<Micros> = None;
        for (n, jump) in jumps.iter().enumerate() {
            now = now.plus_s(*jump);
            if n == stop_at {
                state = moved(&state, "Sato Hanako", now);
            }
            let (after, due) = due(&settings, &state, &roster(), now);
            state = after;
            match due {
                Due::Remind { n, .. } => {
                    prop_assert!(last.is_none_or(|last| now.since(last) >= 900 * 1_000_000), "too soon");
                    prop_assert!(state.moved.is_none());
                    prop_assert_eq!(n, state.count);
                    last = Some(now);
                }
                Due::Postpone { until, .. } => {
                    prop_assert!(until > now);
                    prop_assert_eq!(until, state.next_at);
                }
                Due::Stop(_) | Due::Nothing => prop_assert!(state.moved.is_some()),
            }
        }
    }

    #[test]
    fn quiet_hours_swallow_nothing_wherever_and_whenever(
        quiet in quiets(), zone_at in 0..ZONES.len(), hour in 0..17_520_i64, minute in 0..60_i64,
    ) {
        let settings = Settings { quiet: quiet.clone(), zone: zone(ZONES[zone_at]), ..settings() };
        let since = Micros::from_seconds(1_767_225_600 + hour * 3_600 + minute * 60);
        let mut state = start(&settings, since, false);
        let mut asked = 0;
        // The timers alone lead to the reminder, in a few steps.
        let reminded = loop {
            let now = state.next_at;
            let (after, due) = due(&settings, &state, &roster(), now);
            state = after;
            asked += 1;
            prop_assert!(asked < 4, "{quiet} in {} never ends at {now}", ZONES[zone_at]);
            if let Due::Remind { n, .. } = due {
                prop_assert_eq!(n, 1);
                break now;
            }
        };
        if !matches!(quiet, Quiet::Outside(_)) {
            prop_assert!(reminded.since(since) <= (24 + 2) * 3_600 * 1_000_000, "within a day: {}", reminded);
        }
        prop_assert_eq!(quiet.until(&settings.zone, &roster(), reminded), None);
    }
}
