//! What is read out of a feed, as a table of small calendars.

use super::super::*;
use super::{all, at, event, feed, winter, zone};
use model::hours::HolidaySource;

/// A feed with what calendar programs write: folds, a zone by its Windows name, a series with a moved and a cancelled
/// repeat and an exception, whole days, an alarm.
const TEAM: &str = "BEGIN:VCALENDAR\r\nPRODID:-//Example//Calendar//EN\r\nVERSION:2.0\r\nX-WR-CALNAME:運用チーム\r\nX-WR-TIMEZONE:Asia/Tokyo\r\n\
BEGIN:VEVENT\r\nUID:weekly@example.jp\r\nDTSTART;TZID=Tokyo Standard Time:20261102T100000\r\nDTEND;TZID=Tokyo Standard Time:20261102T113000\r\n\
RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261207T145959Z\r\nEXDATE;TZID=Asia/Tokyo:20261116T100000\r\nSUMMARY:メンテナ\r\n ンス\\, web01\r\nDESCRIPTION:one\\ntwo\r\n\
LOCATION:DC 1\r\nORGANIZER;CN=Sato Hanako:mailto:sato@example.jp\r\nATTENDEE;CN=\"Suzuki; Ichiro\";PARTSTAT=ACCEPTED:MAILTO:suzuki@example.jp\r\n\
ATTENDEE;PARTSTAT=DECLINED:mailto:ito@example.jp\r\nCATEGORIES:maintenance,web\\,db\r\nCOLOR:tomato\r\nSEQUENCE:3\r\nLAST-MODIFIED:20261101T010203Z\r\n\
TRANSP:TRANSPARENT\r\nURL:https://calendar.example.jp/1\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:alarm\r\nTRIGGER:-PT10M\r\nEND:VALARM\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:weekly@example.jp\r\nRECURRENCE-ID:20261109T010000Z\r\nDTSTART:20261110T060000Z\r\nDURATION:PT45M\r\nSUMMARY:moved\r\nSEQUENCE:4\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:weekly@example.jp\r\nRECURRENCE-ID;TZID=Asia/Tokyo:20261123T100000\r\nDTSTART;TZID=Asia/Tokyo:20261123T100000\r\nSTATUS:CANCELLED\r\nSUMMARY:off\r\nSEQUENCE:4\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:leave@example.jp\r\nDTSTART;VALUE=DATE:20261228\r\nDTEND;VALUE=DATE:20270105\r\nSUMMARY:佐藤 休暇\r\nEND:VEVENT\r\n\
END:VCALENDAR\r\n";

#[test]
fn a_teams_feed_is_read_whole() {
    let calendar = winter(TEAM);
    assert_eq!((calendar.name.as_deref(), calendar.zone.name()), (Some("運用チーム"), "Asia/Tokyo"));
    assert_eq!(calendar.problems, []);
    assert_eq!(
        all(&calendar),
        [
            "11-02 10:00..11:30 メンテナンス, web01",
            "11-10 15:00..15:45 moved",
            "11-23 10:00..10:00 off",
            "11-30 10:00..11:30 メンテナンス, web01",
            "12-07 10:00..11:30 メンテナンス, web01",
            "12-28..01-05 佐藤 休暇",
        ]
    );
    let first = &calendar.occurrences[0];
    let attendee = |address: &str, name: &str, answer| Attendee { address: address.into(), name: name.into(), answer };
    assert_eq!(
        *first.details,
        Details {
            summary: "メンテナンス, web01".into(),
            description: "one\ntwo".into(),
            location: "DC 1".into(),
            organizer: Some(attendee("sato@example.jp", "Sato Hanako", Answer::None)),
            attendees: vec![
                attendee("suzuki@example.jp", "Suzuki; Ichiro", Answer::Accepted),
                attendee("ito@example.jp", "", Answer::Declined),
            ],
            categories: vec!["maintenance".into(), "web,db".into()],
            color: Some("tomato".into()),
            status: Status::Confirmed,
            sequence: 3,
            last_modified: Some(at("2026-11-01T01:02:03Z")),
            is_transparent: true,
            url: Some("https://calendar.example.jp/1".into()),
        }
    );
    let names: Vec<_> = calendar.occurrences.iter().map(|one| one.recurrence.as_deref()).collect();
    let expected = ["20261102T010000Z", "20261109T010000Z", "20261123T010000Z", "20261130T010000Z", "20261207T010000Z"];
    assert_eq!(names, expected.map(Some).into_iter().chain([None]).collect::<Vec<_>>());
    assert_eq!(calendar.occurrences[2].details.status, Status::Cancelled);
    let text = serde_json::to_string(&calendar.occurrences).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Occurrence>>(&text).unwrap(), calendar.occurrences);
}

#[test]
fn times_are_read_by_the_zone_they_name() {
    for (lines, wanted) in [
        ("DTSTART:20261127T000000Z\nDTEND:20261127T010000Z", "11-27 09:00..10:00"),
        ("DTSTART:20261127T090000\nDURATION:PT30M", "11-27 09:00..09:30"),
        ("DTSTART;TZID=America/New_York:20261127T090000\nDTEND;TZID=Asia/Tokyo:20261128T010000", "11-27 23:00..01:00"),
        ("DTSTART;TZID=\"Eastern Standard Time\":20261127T090000", "11-27 23:00..23:00"),
        ("DTSTART;TZID=/example.org/Europe/London:20261127T090000", "11-27 18:00..18:00"),
        ("DTSTART;VALUE=DATE:20261127", "11-27..11-28"),
        ("DTSTART:20261127\nDURATION:P2D", "11-27..11-29"),
        ("DTSTART;VALUE=DATE:20261127\nDTEND;VALUE=DATE:20261127", "11-27..11-28"),
    ] {
        assert_eq!(all(&winter(&event(lines))), [wanted], "{lines}");
    }
}

#[test]
fn a_calendars_own_zones_are_read_by_what_it_says_of_them() {
    let described = "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0545\nTZOFFSETTO:+0545\nEND:STANDARD\nEND:VTIMEZONE\n\
        BEGIN:VTIMEZONE\nTZID:Theirs\nX-LIC-LOCATION:Europe/Paris\nEND:VTIMEZONE\n";
    let events = "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Ours:20261127T090000\nEND:VEVENT\nBEGIN:VEVENT\nUID:b\nDTSTART;TZID=Theirs:20261127T090000\nEND:VEVENT";
    assert_eq!(all(&winter(&feed(&(described.to_owned() + events)))), ["11-27 12:15..12:15", "11-27 17:00..17:00"]);
    // Times without a zone, and whole days, are the calendar's.
    let named = feed(&format!(
        "X-WR-TIMEZONE:America/New_York\n{}",
        "BEGIN:VEVENT\nUID:a\nDTSTART:20261127T090000\nEND:VEVENT"
    ));
    let calendar = winter(&named);
    assert_eq!((all(&calendar), calendar.zone.name()), (vec!["11-27 23:00..23:00".to_owned()], "America/New_York"));
}

#[test]
fn what_can_not_be_read_is_told_and_the_rest_is_kept() {
    let good = "BEGIN:VEVENT\nUID:good\nDTSTART:20261127T000000Z\nSUMMARY:good\nEND:VEVENT";
    for (bad, kept, told) in [
        ("UID:x", 1, "line 3, event x: it has no DTSTART, so it is left out"),
        ("UID:x\nDTSTART:tomorrow", 1, "event x: DTSTART \"tomorrow\" is no date or time, so it is left out"),
        ("UID:x\nDTSTART:20261127T000000Z\nDTEND:soon", 2, "DTEND \"soon\" is no date or time, so it has no length"),
        ("UID:x\nDTSTART:20261127T000000Z\nDTEND:20261126T000000Z", 2, "it ends before it begins, so it has no length"),
        (
            "UID:x\nDTSTART;TZID=Mars/Base:20261127T000000",
            2,
            "\"Mars/Base\" is not known and not described, so its times are read in Asia/Tokyo",
        ),
        (
            "UID:x\nDTSTART:20261127T000000Z\nRRULE:FREQ=NEVER",
            2,
            "the rule \"FREQ=NEVER\" is not understood, so it does not repeat",
        ),
        ("UID:x\nDTSTART:20261127T000000Z\nRRULE:FREQ=HOURLY", 2, "it repeats hourly, which is not expanded"),
        ("UID:x\nDTSTART:20261127T000000Z\nRRULE:FREQ=DAILY;BYHOUR=1;COUNT=x", 2, "is not understood"),
        ("UID:x\nDTSTART:20261127T000000Z\nDURATION:1 hour", 2, "DURATION \"1 hour\" is no date or time"),
        (
            "UID:good\nDTSTART:20261127T000000Z\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261127T000000Z",
            1,
            "taken for the one repeat alone",
        ),
        ("UID:good\nDTSTART:20261128T000000Z\nSEQUENCE:1", 1, "another event has the same UID; the newer one counts"),
        (
            "UID:x\nDTSTART:20261127T000000Z\nEND:VALARM\nEXDATE:then",
            2,
            "EXDATE \"then\" is no date or time, so it is passed over",
        ),
    ] {
        let calendar = winter(&feed(&format!("BEGIN:VEVENT\n{bad}\nEND:VEVENT\n{good}")));
        let problems: Vec<String> = calendar.problems.iter().map(ToString::to_string).collect();
        assert_eq!(calendar.occurrences.len(), kept, "{bad}: {problems:?}");
        assert!(problems.len() == 1 && problems[0].contains(told), "{bad}: {problems:?}");
    }
    let calendar = winter(&feed(
        "X-WR-TIMEZONE:Mars\nBEGIN:VEVENT\nUID:a\nDTSTART:20261127T090000\nBEGIN:VEVENT\nUID:b\nDTSTART:20261127T100000\nEND:VEVENT",
    ));
    assert_eq!(all(&calendar), ["11-27 09:00..09:00", "11-27 10:00..10:00"], "an end that is missing costs no event");
    assert_eq!(calendar.problems.len(), 1);
}

#[test]
fn what_is_no_calendar_is_refused_with_what_to_do() {
    let none = |bytes: &[u8]| read(bytes, &zone("UTC"), at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z")).unwrap_err();
    assert_eq!(none(b"<html>Sign in</html>"), Problem::NoCalendar);
    assert_eq!(none(b""), Problem::NoCalendar);
    assert_eq!(none(b"BEGIN:VEVENT\nEND:VEVENT\n"), Problem::NoCalendar);
    assert_eq!(
        none(TEAM.split("END:VCALENDAR").next().unwrap().as_bytes()),
        Problem::CutShort { line: TEAM.lines().count() - 1 }
    );
    assert_eq!(none(&vec![b'a'; MOST_BYTES + 1]), Problem::TooLarge { bytes: MOST_BYTES + 1, most: MOST_BYTES });
}

#[test]
fn the_window_has_what_touches_it() {
    let text = feed(
        "BEGIN:VEVENT\nUID:night\nDTSTART;TZID=Asia/Tokyo:20200101T220000\nDTEND;TZID=Asia/Tokyo:20200102T060000\nRRULE:FREQ=DAILY\nEND:VEVENT
         BEGIN:VEVENT\nUID:days\nDTSTART:20261120\nDTEND:20261210\nEND:VEVENT
         BEGIN:VEVENT\nUID:moment\nDTSTART:20261127T000000Z\nEND:VEVENT
         BEGIN:VEVENT\nUID:touching\nDTSTART:20261126T230000Z\nDTEND:20261127T000000Z\nEND:VEVENT",
    );
    let within = |from: &str, until: &str| {
        let calendar = read(text.as_bytes(), &zone("Asia/Tokyo"), at(from), at(until)).unwrap();
        calendar.occurrences.iter().map(|one| format!("{} {}", one.uid, one.when.from())).collect::<Vec<_>>()
    };
    let days = "days 2026-11-19T15:00:00Z".to_owned();
    assert_eq!(within("2026-11-27T00:00Z", "2026-11-27T00:01Z"), [days.clone(), "moment 2026-11-27T00:00:00Z".into()]);
    assert_eq!(within("2026-11-26T20:59Z", "2026-11-26T21:00Z"), [days.clone(), "night 2026-11-26T13:00:00Z".into()]);
    assert_eq!(within("2026-11-26T21:00Z", "2026-11-26T21:01Z"), [days]);
}

#[test]
fn the_cabinet_offices_file_is_read_in_either_encoding() {
    let text = "国民の祝日・休日月日,国民の祝日・休日名称\r\n2026/1/1,元日\r\n2026/5/6,休日\r\n";
    let (shift_jis, _, _) = encoding_rs::SHIFT_JIS.encode(text);
    let source = HolidaySource::File("syukujitsu.csv".into());
    let layer = holiday_file(&shift_jis, source.clone()).unwrap();
    assert_eq!(layer, holiday_file(text.as_bytes(), source.clone()).unwrap());
    assert_eq!(layer.add.values().collect::<Vec<_>>(), ["元日", "休日"]);
    assert!(holiday_file(b"<html>", source).is_err());
}
