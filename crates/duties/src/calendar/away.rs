//! What hours take from calendars: whose leave an entry is, and which days a calendar makes holidays. Never asks the time.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::Micros;
use model::calendar::CalendarEvent;
use model::hours::{HolidayLayer, HolidaySource, Leave, LeaveSource, LeaveSpan};
use model::text::fold;

const DAY_S: i64 = 86_400;
/// One entry of a year is the most that anybody calls a holiday.
const MOST_DAYS: i64 = 366;

/// Somebody who may be away, as calendars know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub id: String,
    pub name: String,
    /// Mail addresses in small letters.
    pub addresses: Vec<String>,
}

/// An entry of a calendar of leave, for each whom it is about. `owner`: the calendar is theirs alone. Cancelled ones, ones without
/// length and, unless whole days are meant by it, free ones are none: most programs mark a whole-day entry as free by default.
pub fn leaves(event: &CalendarEvent, owner: Option<&str>, known: &[Known]) -> Vec<Leave> {
    let is_none = event.is_cancelled || event.starts_at >= event.ends_at || (event.is_free && !event.is_all_day);
    if is_none {
        return Vec::new();
    }
    let whose = owner.map_or_else(|| whose(event, known), |owner| vec![owner.to_owned()]);
    let leave = |who: String| Leave {
        who,
        span: LeaveSpan::Time { from: event.starts_at, until: event.ends_at },
        note: event.title.trim().to_owned(),
        source: LeaveSource::Calendar(event.calendar.clone()),
    };
    whose.into_iter().map(leave).collect()
}

/// Those whom the title names; else whoever is invited and did not decline, and whoever entered it.
fn whose(event: &CalendarEvent, known: &[Known]) -> Vec<String> {
    let bare = |text: &str| fold(text).split_whitespace().collect::<String>();
    let title = bare(&event.title);
    let is_named = |one: &&Known| !one.name.trim().is_empty() && title.contains(&bare(&one.name));
    let named: Vec<String> = known.iter().filter(is_named).map(|one| one.id.clone()).collect();
    if !named.is_empty() {
        return named;
    }
    let there = event.attendees.iter().chain(&event.registrant).filter(|one| !one.has_declined);
    let addresses: Vec<&str> = there.filter_map(|one| one.mail.as_deref()).collect();
    let is_there = |one: &&Known| one.addresses.iter().any(|address| addresses.contains(&address.as_str()));
    known.iter().filter(is_there).map(|one| one.id.clone()).collect()
}

/// The whole days of a calendar as holidays. Cancelled entries and those with a time are none.
pub fn holidays<'a>(
    events: impl IntoIterator<Item = &'a CalendarEvent>,
    source: HolidaySource,
    zone: &TimeZone,
) -> HolidayLayer {
    let mut layer = HolidayLayer::new(source);
    for event in events.into_iter().filter(|event| event.is_all_day && !event.is_cancelled) {
        let Some((first, count)) = event.days.map(counted).or_else(|| guessed(event, zone)) else { continue };
        for day in first.series(1.day()).take(count) {
            layer = layer.with(day, event.title.trim());
        }
    }
    layer
}

/// As the calendar itself tells them: the first one, and how many.
fn counted((first, after): (Date, Date)) -> (Date, usize) {
    let days = first.until(after).map_or(1, |span| i64::from(span.get_days()));
    (first, bounded(days))
}

/// Of an event that was kept without its days.
fn guessed(event: &CalendarEvent, zone: &TimeZone) -> Option<(Date, usize)> {
    let days = (event.ends_at.since(event.starts_at) / 1_000_000 + DAY_S / 2) / DAY_S;
    Some((day(event.starts_at, zone)?, bounded(days)))
}

fn bounded(days: i64) -> usize {
    usize::try_from(days.clamp(1, MOST_DAYS)).unwrap_or(1)
}

/// The day whose midnight that is, where the calendar is: its noon tells it within twelve hours of here.
fn day(midnight: Micros, zone: &TimeZone) -> Option<Date> {
    let noon = jiff::Timestamp::from_microsecond(midnight.plus_s(DAY_S / 2).0).ok()?;
    Some(zone.to_datetime(noon).date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::calendar::Attendee;

    fn at(text: &str) -> Micros {
        Micros::parse(text).unwrap()
    }

    fn event(title: &str, from: &str, until: &str, is_all_day: bool) -> CalendarEvent {
        CalendarEvent {
            id: "leave/1".into(),
            calendar: "leave".into(),
            title: title.into(),
            starts_at: at(from),
            ends_at: at(until),
            is_all_day,
            ..CalendarEvent::default()
        }
    }

    fn someone(mail: &str, has_declined: bool) -> Attendee {
        Attendee { mail: Some(mail.into()), name: None, has_declined }
    }

    #[test]
    fn leave_is_whose_the_title_the_guests_or_the_registrant_say() {
        let known = |id: &str, name: &str| Known {
            id: id.into(),
            name: name.into(),
            addresses: vec![format!("{id}@example.jp")],
        };
        let people = [known("sato", "佐藤 花子"), known("abe", "Abe Jiro"), known("ito", "伊藤 三郎")];
        let timed = |title: &str| event(title, "2026-12-02T00:00:00Z", "2026-12-02T02:00:00Z", false);
        let of =
            |event: &CalendarEvent| leaves(event, None, &people).into_iter().map(|one| one.who).collect::<Vec<_>>();
        let entered =
            |title: &str| CalendarEvent { registrant: Some(someone("ito@example.jp", false)), ..timed(title) };
        for (what, entry, whose) in [
            ("named, however it is written", entered("佐藤花子　有休"), vec!["sato"]),
            ("named in other letters", entered("ABE JIRO off"), vec!["abe"]),
            ("whoever entered it", entered("休み"), vec!["ito"]),
            ("a stranger", CalendarEvent { registrant: Some(someone("x@example.jp", false)), ..timed("休み") }, vec![]),
            ("cancelled", CalendarEvent { is_cancelled: true, ..entered("休み") }, vec![]),
            ("free", CalendarEvent { is_free: true, ..entered("休み") }, vec![]),
            ("without length", CalendarEvent { ends_at: at("2026-12-02T00:00:00Z"), ..entered("休み") }, vec![]),
            (
                "those invited who come",
                CalendarEvent {
                    attendees: vec![someone("abe@example.jp", false), someone("sato@example.jp", true)],
                    ..entered("休み")
                },
                vec!["abe", "ito"],
            ),
        ] {
            assert_eq!(of(&entry), whose, "{what}");
        }
        let own = leaves(&entered("doctor"), Some("sato"), &people);
        let span = LeaveSpan::Time { from: at("2026-12-02T00:00:00Z"), until: at("2026-12-02T02:00:00Z") };
        assert_eq!((own[0].who.as_str(), &own[0].span, own[0].note.as_str()), ("sato", &span, "doctor"));
        let free = event("x", "2026-12-01T15:00:00Z", "2026-12-02T15:00:00Z", true);
        assert_eq!(leaves(&CalendarEvent { is_free: true, ..free }, Some("sato"), &[]).len(), 1, "a whole day");
    }

    #[test]
    fn whole_days_are_holidays_whatever_zone_their_midnight_is_in() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let source = HolidaySource::Feed("company".into());
        let events = [
            event("会社休日 ", "2026-12-28T15:00:00Z", "2026-12-30T15:00:00Z", true),
            event("kept in UTC", "2027-01-04T00:00:00Z", "2027-01-05T00:00:00Z", true),
            event("a meeting", "2027-01-06T00:00:00Z", "2027-01-06T01:00:00Z", false),
            CalendarEvent { is_cancelled: true, ..event("off", "2027-01-07T15:00:00Z", "2027-01-08T15:00:00Z", true) },
            // Midnight in Honolulu is evening here, nineteen hours on.
            CalendarEvent {
                days: Some(("2027-02-01".parse().unwrap(), "2027-02-03".parse().unwrap())),
                ..event("far away", "2027-02-01T10:00:00Z", "2027-02-03T10:00:00Z", true)
            },
        ];
        let expected = [
            ("2026-12-29", "会社休日"),
            ("2026-12-30", "会社休日"),
            ("2027-01-04", "kept in UTC"),
            ("2027-02-01", "far away"),
            ("2027-02-02", "far away"),
        ]
        .iter()
        .fold(HolidayLayer::new(source.clone()), |layer, (day, name)| layer.with(day.parse().unwrap(), *name));
        assert_eq!(holidays(&events, source, &tokyo), expected);
    }
}
