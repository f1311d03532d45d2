//! Bytes that mean harm: they are refused, or read at a bounded cost, and never panic.

use super::super::*;
use super::*;
use proptest::prelude::*;

fn read_any(bytes: &[u8]) -> Result<Calendar, Problem> {
    read(bytes, &zone("Asia/Tokyo"), at("2026-01-01T00:00Z"), at("2028-01-01T00:00Z"))
}

#[test]
fn what_repeats_without_end_is_cut_and_told() {
    for (rule, most) in [
        (
            "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11;BYMINUTE=0,5,10,15,20,25,30,35,40,45,50,55;BYSECOND=0,10,20,30,40,50",
            10_000,
        ),
        ("FREQ=DAILY;COUNT=4294967295", 800),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 1),
        ("FREQ=YEARLY;INTERVAL=10000;BYYEARDAY=366", 1),
        ("FREQ=MONTHLY;BYDAY=53MO", 1),
        ("FREQ=WEEKLY;INTERVAL=9999;COUNT=1000000", 2),
    ] {
        let calendar = read_any(event(&format!("UID:x\nDTSTART:20270101T000000Z\nRRULE:{rule}")).as_bytes()).unwrap();
        let count = calendar.occurrences.len();
        assert!((1..=most).contains(&count), "{rule}: {count}");
        assert_eq!(calendar.problems.iter().any(|problem| problem.fault == Fault::TooMany), count == 10_000, "{rule}");
    }
}

#[test]
fn many_greedy_events_share_one_budget() {
    let greedy = "BEGIN:VEVENT\nDTSTART:19000101T000000Z\nRRULE:FREQ=DAILY;COUNT=4000000000\nEND:VEVENT\n".repeat(500);
    let greedy = greedy.replace("BEGIN:VEVENT\n", "BEGIN:VEVENT\nUID:");
    let named: String = greedy
        .split("UID:")
        .enumerate()
        .map(|(n, part)| if n == 0 { part.to_owned() } else { format!("UID:{n}\n{part}") })
        .collect();
    let calendar = read_any(feed(&named).as_bytes()).unwrap();
    assert!(calendar.problems.iter().any(|problem| problem.fault == Fault::TooMany), "the budget has no end");
    assert!(calendar.occurrences.len() < 100_000);
}

#[test]
fn nests_and_broken_lines_are_bounded() {
    let deep = "BEGIN:A\r\n".repeat(100_000) + &"END:B\r\n".repeat(100_000);
    assert!(matches!(
        read_any(format!("BEGIN:VCALENDAR\n{deep}END:VCALENDAR").as_bytes()),
        Err(Problem::TooDeep { .. })
    ));
    let wide = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR", "A:\n".repeat(1_100_000));
    assert!(matches!(read_any(wide.as_bytes()), Err(Problem::TooLarge { .. })));
    let many = "BEGIN:VEVENT\nDTSTART:20270101\nEND:VEVENT\n".repeat(MOST_EVENTS + 2);
    let calendar = read_any(feed(&many).as_bytes()).unwrap();
    let told = calendar.problems.iter().find(|problem| matches!(problem.fault, Fault::TooManyEvents { .. })).unwrap();
    assert_eq!(
        told.to_string(),
        format!(
            "line {}: there are more than 20000 events, so this and the ones after it are left out",
            3 + 3 * MOST_EVENTS
        )
    );
    let dates = event(&format!("UID:x\nDTSTART:20270101\nEXDATE:{}", "x,".repeat(300_000)));
    assert!(read_any(dates.as_bytes()).unwrap().problems.len() < 100);
    let folded = event(&format!("UID:x\nDTSTART:20270101\nSUMMARY:{}", "é".repeat(200_000)));
    assert!(read_any(folded.as_bytes()).unwrap().occurrences[0].details.summary.len() <= 65_536);
}

/// Pieces of calendars, in any order.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "BEGIN:VEVENT\r\n",
        "END:VEVENT\r\n",
        "BEGIN:VTIMEZONE\r\nTZID:X\r\n",
        "END:VTIMEZONE\r\n",
        "BEGIN:STANDARD\r\n",
        "END:STANDARD\r\n",
        "BEGIN:DAYLIGHT\r\n",
        "END:DAYLIGHT\r\n",
        "TZOFFSETFROM:+2359\r\n",
        "TZOFFSETTO:-2359\r\n",
        "UID:a\r\n",
        "UID:b\r\n",
        "DTSTART:19000101T000000Z\r\n",
        "DTSTART:21991231T235959\r\n",
        "DTSTART;TZID=X:20260308T023000\r\n",
        "DTSTART;VALUE=DATE:20270131\r\n",
        "DTEND:21991231\r\n",
        "DTEND;TZID=X:19000101T000000\r\n",
        "DURATION:P36600D\r\n",
        "DURATION:-PT1S\r\n",
        "RRULE:FREQ=DAILY\r\n",
        "RRULE:FREQ=YEARLY;BYWEEKNO=-1,53;BYSETPOS=-1;WKST=SU\r\n",
        "RRULE:FREQ=MONTHLY;BYDAY=-5SU;INTERVAL=9999\r\n",
        "RRULE:FREQ=WEEKLY;UNTIL=19000101;COUNT=0\r\n",
        "RRULE:",
        "RDATE:21991231T235959Z,19000101\r\n",
        "EXDATE:20270101\r\n",
        "RECURRENCE-ID:20270101T000000Z\r\n",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20270131\r\n",
        "X-WR-TIMEZONE:X\r\n",
        "SEQUENCE:99999999999999999999\r\n",
        "ATTENDEE;CN=\"a:mailto:é\r\n",
        "ATTENDEE:mailt\u{e9}:\r\n",
        "SUMMARY:\\",
        "\r\n ",
        "\n\t",
        "^",
        "\"",
        ";",
        ":",
    ]);
    prop_oneof![4 => known.prop_map(|text| text.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..8)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = [b"BEGIN:VCALENDAR\r\n".to_vec(), pieces.concat(), b"\r\nEND:VCALENDAR\r\n".to_vec()].concat();
        if let Ok(calendar) = read_any(&text) {
            let (from, until) = (at("2026-01-01T00:00Z"), at("2028-01-01T00:00Z"));
            for one in &calendar.occurrences {
                prop_assert!(one.when.from() < until && one.when.until() >= from && one.when.from() <= one.when.until(), "{:?}", one);
            }
        }
        let _ = read_any(&pieces.concat());
        let _ = holiday_file(&pieces.concat(), model::hours::HolidaySource::Own);
    }

    #[test]
    fn no_text_of_a_rule_panics(text in "(FREQ=|DAILY|YEARLY|;|BYDAY=|-?[0-9]{1,3}|MO|,|COUNT=|UNTIL=|é|INTERVAL=|BYSETPOS=|X-A=){0,12}") {
        let _ = read_any(event(&format!("UID:x\nDTSTART:20270101\nRRULE:{text}")).as_bytes());
        let _ = read_any(event(&format!("UID:x\nDTSTART:20270101\nRRULE:FREQ=DAILY;{text}")).as_bytes());
    }
}
