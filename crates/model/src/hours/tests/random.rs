//! Random rosters, zones and instants, put near the edges that hurt: clock changes, midnights, year ends.

use super::super::*;
use super::oracle;
use crate::Micros;
use jiff::civil::Date;
use proptest::prelude::*;

const MINUTE_S: i64 = 60;
const ZONES: [&str; 12] = [
    "Asia/Tokyo",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
    "America/Havana",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Antarctica/Troll",
    "UTC",
];

fn zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(ZONES.to_vec()).prop_map(|name| Zone::parse(name).unwrap())
}

/// Times of day, often on those at which clocks change.
fn time() -> impl Strategy<Value = (u16, u16)> {
    let edges = prop::sample::select(vec![(0, 0), (0, 1), (1, 0), (1, 30), (2, 0), (2, 15), (2, 30), (3, 0), (23, 0)]);
    prop_oneof![edges, (0u16..24, 0u16..60)]
}

fn span() -> impl Strategy<Value = String> {
    (time(), prop_oneof![time(), Just((24, 0))])
        .prop_filter("a span has a length", |(start, end)| start != end)
        .prop_map(|(start, end)| format!("{:02}:{:02}-{:02}:{:02}", start.0, start.1, end.0, end.1))
}

fn line() -> impl Strategy<Value = String> {
    let days = prop::sample::select(vec!["mon-fri", "mon-sun", "sat-sun", "sun", "fri-mon", "tue,thu,sat", ""]);
    (days, prop::collection::vec(span(), 1..3)).prop_map(|(days, spans)| format!("{days} {}", spans.join(" ")))
}

prop_compose! {
    fn pattern()(
        zone in zone(),
        lines in prop::collection::vec(line(), 0..3),
        is_always in prop::bool::weighted(0.1),
        breaks in prop::collection::vec(line(), 0..2),
        holidays in prop::sample::select(vec![Observed::None, Observed::Japan]),
        closed in prop::sample::subsequence(vec!["12-29..01-03 年末年始", "10-31..11-01", "03-08"], 0..=3),
    ) -> Pattern {
        let week = lines.iter().flat_map(|line| Week::parse(line).unwrap().0).collect();
        Pattern {
            name: "any".into(),
            zone,
            week: if is_always { Week::always() } else { Week(week) },
            breaks: breaks.iter().map(|line| Break::parse(&format!("{line} pause")).unwrap()).collect(),
            holidays,
            closed: closed.into_iter().map(|text| YearSpan::parse(text).unwrap()).collect(),
        }
    }
}

/// Instants within some days of one, to the minute.
fn near(around: i64) -> impl Strategy<Value = i64> {
    (-3 * 1_440..3 * 1_440i64).prop_map(move |minutes| around.div_euclid(MINUTE_S) * MINUTE_S + minutes * MINUTE_S)
}

/// An instant that hurts in a zone: a clock change, a year's end, or any.
fn pivot(zone: &Zone) -> BoxedStrategy<i64> {
    let start: jiff::Timestamp = "2009-01-01T00:00:00Z".parse().unwrap();
    let changes: Vec<i64> =
        zone.time_zone().following(start).take(40).map(|change| change.timestamp().as_second()).collect();
    let years = (2009i16..2030).prop_map({
        let zone = zone.clone();
        move |year| zone.midnight(Date::constant(year, 1, 1))
    });
    let any = 1_230_768_000i64..1_893_456_000;
    if changes.is_empty() {
        prop_oneof![years, any].boxed()
    } else {
        prop_oneof![4 => prop::sample::select(changes), 1 => years, 1 => any].boxed()
    }
}

fn leaves(around: i64) -> impl Strategy<Value = Vec<Leave>> {
    let timed = (near(around), 1i64..4_000).prop_map(|(from, minutes)| {
        let until = Micros::from_seconds(from + minutes * MINUTE_S);
        LeaveSpan::Time { from: Micros::from_seconds(from), until }
    });
    let days = (near(around), 0i32..4, zone()).prop_map(|(from, days, zone)| {
        let from = zone.day_of(from);
        LeaveSpan::Days { from, until: from.checked_add(jiff::Span::new().days(days)).unwrap(), zone }
    });
    let leave = prop_oneof![timed, days].prop_map(|span| {
        let source = LeaveSource::File;
        Leave { who: "one".into(), span, note: String::new(), source }
    });
    prop::collection::vec(leave, 0..3)
}

fn exceptions(around: i64, zone: Zone) -> impl Strategy<Value = Vec<Exception>> {
    let one = (near(around), prop::collection::vec(span(), 0..3)).prop_map(move |(at, spans)| {
        let hours = if spans.is_empty() { "off".into() } else { spans.join(" ") };
        let day = DayHours::parse(&format!("{} {hours}", zone.day_of(at))).unwrap();
        Exception { who: "one".into(), day, note: String::new() }
    });
    prop::collection::vec(one, 0..3)
}

/// A roster of one person, and an instant near to what hurts there.
fn case() -> impl Strategy<Value = (Roster, i64)> {
    let pivoted = pattern().prop_flat_map(|pattern| (pivot(&pattern.zone), Just(pattern)));
    let whole = pivoted.prop_flat_map(|(around, pattern)| {
        let zone = pattern.zone.clone();
        (Just(pattern), leaves(around), exceptions(around, zone), near(around))
    });
    whole.prop_map(|(pattern, leaves, exceptions, at)| {
        let person = Person { id: "one".into(), groups: vec![], pattern: Some("any".into()) };
        let roster = Roster { patterns: vec![pattern], persons: vec![person], leaves, exceptions, ..Roster::default() };
        (roster, at)
    })
}

const ONE: Subject<'static> = Subject::Person { id: "one", customer: None };

fn told(roster: &Roster, at_s: i64) -> Standing {
    standing(roster, "one", None, Micros::from_seconds(at_s))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn a_standing_is_what_the_naive_clock_says((roster, at) in case()) {
        let standing = told(&roster, at);
        prop_assert_eq!(standing.is_at_work, oracle::is_at_work(&roster, Micros::from_seconds(at)), "{:?}", standing);
        // A reason to be at work is given to whoever is, and only to them.
        let is_reason = match &standing.why {
            Why::InHours { .. } => standing.is_at_work,
            Why::Exception { .. } => true,
            _ => !standing.is_at_work,
        };
        prop_assert!(is_reason, "{:?}", standing);
    }

    #[test]
    fn the_answer_changes_at_its_end_and_not_before((roster, at) in case()) {
        let standing = told(&roster, at);
        let is = standing.is_at_work;
        let naive = |at_s: i64| oracle::is_at_work(&roster, Micros::from_seconds(at_s));
        if let Some(until) = standing.until {
            prop_assert!(until > Micros::from_seconds(at));
            prop_assert_eq!(standing_of(&roster, ONE, Micros(until.0 - 1)).is_at_work, is);
            prop_assert_eq!(standing_of(&roster, ONE, until).is_at_work, !is);
            prop_assert_eq!(naive(until.second()), !is);
        }
        if let Some(since) = standing.since {
            prop_assert!(since <= Micros::from_seconds(at));
            prop_assert_eq!(naive(since.second()), is);
            prop_assert_eq!(naive(since.second() - MINUTE_S), !is);
        }
        // No minute on the way says otherwise.
        let end = standing.until.map_or(i64::MAX, Micros::second).min(at + 2 * 86_400);
        for minute in (at..end).step_by(60 * 7) {
            prop_assert_eq!(naive(minute), is, "{}", Micros::from_seconds(minute));
        }
    }

    #[test]
    fn working_time_is_the_sum_of_the_naive_minutes((roster, at) in case(), minutes in 0i64..2_000, cut in 0i64..2_000) {
        let (from, until) = (Micros::from_seconds(at), Micros::from_seconds(at + minutes * MINUTE_S));
        let whole = working_s(&roster, ONE, from, until);
        let naive = (0..minutes).filter(|minute| oracle::is_at_work(&roster, from.plus_s(minute * MINUTE_S))).count();
        prop_assert_eq!(whole, i64::try_from(naive).unwrap() * MINUTE_S);
        let middle = Micros(from.0 + (until.0 - from.0) / 2_000 * cut);
        prop_assert_eq!(working_s(&roster, ONE, from, middle) + working_s(&roster, ONE, middle, until), whole);
    }

    #[test]
    fn the_instant_after_so_much_work_has_so_much_behind_it((roster, at) in case(), seconds in 1i64..400_000) {
        let from = Micros::from_seconds(at);
        if let Some(then) = after_working(&roster, ONE, from, seconds) {
            prop_assert_eq!(working_s(&roster, ONE, from, then), seconds);
            prop_assert_eq!(working_s(&roster, ONE, from, then.plus_s(-1)), seconds - 1);
        } else {
            prop_assert!(working_s(&roster, ONE, from, from.plus_s(3 * 366 * 86_400)) < seconds);
        }
    }

    #[test]
    fn long_spans_add_up_too((roster, at) in case(), days in prop::collection::vec(1i64..90, 1..5)) {
        let mut from = Micros::from_seconds(at);
        let (begin, mut sum) = (from, 0);
        for step in days {
            let until = from.plus_s(step * 86_400 + 12_345);
            sum += working_s(&roster, ONE, from, until);
            from = until;
        }
        prop_assert_eq!(sum, working_s(&roster, ONE, begin, from));
    }

    #[test]
    fn a_pattern_reads_back_the_same(pattern in pattern()) {
        let text = serde_json::to_string(&pattern).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Pattern>(&text).unwrap(), &pattern);
        prop_assert_eq!(Week::parse(&pattern.week.to_string()).unwrap(), pattern.week);
    }

    #[test]
    fn no_text_does_harm(text in "(mon|fri|-|,|;| |:|0|9|24|2|\\.\\.|off|[月水]|\\PC){0,12}") {
        for shown in [
            Week::parse(&text).map(|week| week.to_string()).and_then(|shown| Week::parse(&shown)).map(|week| week.to_string()),
            Break::parse(&text).map(|pause| pause.to_string()).and_then(|shown| Break::parse(&shown)).map(|pause| pause.to_string()),
            YearSpan::parse(&text).map(|span| span.to_string()).and_then(|shown| YearSpan::parse(&shown)).map(|span| span.to_string()),
            DayHours::parse(&text).map(|day| day.to_string()).and_then(|shown| DayHours::parse(&shown)).map(|day| day.to_string()),
        ] {
            // What is refused says what to do; what is taken reads back.
            prop_assert!(shown.is_ok() || shown.unwrap_err().to_string().contains("write"));
        }
        let _ = (Zone::parse(&text), HolidayLayer::from_csv(HolidaySource::Own, &text));
    }
}
