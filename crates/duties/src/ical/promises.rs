//! A feed's occurrences as events in our words, for whoever judges promises.

use super::{Answer, Attendee, EventProblem, Fault, Occurrence, Status, When, read};
use jiff::tz::TimeZone;
use model::Micros;
use model::calendar::{self, CalendarEvent, Change};
use model::hours::Zone;
use std::collections::BTreeSet;

/// What lies further back is nobody's promise any more.
const BACK_S: i64 = 2 * 86_400;

/// What a feed says, and what of it can't be believed to be all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    pub changes: Vec<Change>,
    /// As `CalendarEvent::id` of an event, or of a series: what is known of it stands, for nobody can read what it says now.
    pub unread: Vec<String>,
    /// It was not read to its end: what it does not show may stand all the same.
    pub is_cut: bool,
    /// How many things could not be read as they were meant, and what the first of them is.
    pub problems: Option<(usize, String)>,
}

/// The events of a feed around an instant, so far ahead, for it has no end. `calendar` is our own name of it. The reason where
/// nothing of it can be read.
pub fn events(bytes: &[u8], calendar: &str, zone: &TimeZone, at: Micros, ahead_s: i64) -> Result<Feed, String> {
    let zone = zone.iana_name().and_then(|name| Zone::parse(name).ok()).unwrap_or_else(Zone::utc);
    let read = read(bytes, &zone, at.plus_s(-BACK_S), at.plus_s(ahead_s)).map_err(|problem| problem.to_string())?;
    let lost = |one: &&EventProblem| !one.uid.is_empty() && is_lost(&one.fault);
    let unread: BTreeSet<String> =
        read.problems.iter().filter(lost).map(|one| format!("{calendar}/{}", one.uid)).collect();
    Ok(Feed {
        changes: read.occurrences.iter().map(|one| Change::Event(Box::new(event(calendar, one)))).collect(),
        unread: unread.into_iter().collect(),
        is_cut: read.problems.iter().any(|one| matches!(one.fault, Fault::TooMany | Fault::TooManyEvents { .. })),
        problems: read.problems.first().map(|first| (read.problems.len(), first.to_string())),
    })
}

/// Whether it, or repeats of it, are not shown for this alone.
fn is_lost(fault: &Fault) -> bool {
    match fault {
        Fault::NoStart | Fault::Rule { .. } | Fault::TooFrequent { .. } => true,
        Fault::Time { name, .. } => matches!(*name, "DTSTART" | "RDATE" | "RECURRENCE-ID"),
        _ => false,
    }
}

fn event(calendar: &str, one: &Occurrence) -> CalendarEvent {
    let details = &one.details;
    let series = format!("{calendar}/{}", one.uid);
    CalendarEvent {
        id: one.recurrence.as_ref().map_or_else(|| series.clone(), |instance| format!("{series}/{instance}")),
        calendar: calendar.to_owned(),
        title: details.summary.clone(),
        text: details.description.clone(),
        place: details.location.clone(),
        starts_at: one.when.from(),
        ends_at: one.when.until(),
        is_all_day: matches!(one.when, When::Days { .. }),
        days: match one.when {
            When::Days { from, until, .. } => Some((from, until)),
            When::Time { .. } => None,
        },
        registrant: details.organizer.as_ref().map(attendee),
        attendees: details.attendees.iter().map(attendee).collect(),
        colours: details.categories.iter().cloned().chain(details.color.clone()).collect(),
        is_cancelled: details.status == Status::Cancelled,
        is_free: details.is_transparent,
        url: details.url.clone(),
        updated_at: details.last_modified,
        recurring: one.recurrence.is_some().then_some(series),
    }
}

fn attendee(one: &Attendee) -> calendar::Attendee {
    calendar::Attendee {
        mail: Some(one.address.to_lowercase()).filter(|address| !address.is_empty()),
        name: Some(one.name.clone()).filter(|name| !name.is_empty()),
        has_declined: one.answer == Answer::Declined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Date, date};

    #[test]
    fn a_feeds_events_are_promises_with_ids_that_stay() {
        let feed = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a@example.jp\r\nDTSTART:20260501T010000Z\r\n\
                    DTEND:20260501T020000Z\r\nSUMMARY:夜間メンテナンス\r\nRRULE:FREQ=DAILY;COUNT=2\r\nEND:VEVENT\r\n\
                    BEGIN:VEVENT\r\nUID:b@example.jp\r\nDTSTART;VALUE=DATE:20260502\r\nSUMMARY:休み\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let at = Micros::parse("2026-05-01T00:00:00Z").unwrap();
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let read = events(feed.as_bytes(), "work", &zone, at, 86_400 * 60).unwrap();
        let found: Vec<(String, Option<(Date, Date)>)> = read
            .changes
            .iter()
            .filter_map(|change| match change {
                Change::Event(event) => Some((event.id.clone(), event.days)),
                Change::Gone { .. } => None,
            })
            .collect();
        assert_eq!(found.len(), 3, "{found:?}");
        let day = ("work/b@example.jp".to_owned(), Some((date(2026, 5, 2), date(2026, 5, 3))));
        assert!(found.contains(&day), "{found:?}");
        assert!(read.unread.is_empty() && !read.is_cut && read.problems.is_none(), "{read:?}");
        assert!(events(b"no calendar", "work", &zone, at, 86_400 * 60).is_err());
        let cut = &feed.as_bytes()[..feed.len() - 20];
        assert!(events(cut, "work", &zone, at, 86_400 * 60).is_err(), "cut short it is no list of what stands");
    }

    #[test]
    fn what_can_not_be_read_is_named_so_that_nobody_takes_it_for_deleted() {
        let at = Micros::parse("2026-05-01T00:00:00Z").unwrap();
        for (lines, unread, is_cut, has_problem) in [
            ("DTSTART:20260501T010000Z", vec![], false, false),
            ("SUMMARY:x", vec!["work/a"], false, true),
            ("DTSTART:soon", vec!["work/a"], false, true),
            ("DTSTART:20260501T010000Z\r\nDTEND:late", vec![], false, true),
            ("DTSTART:20260501T010000Z\r\nRRULE:FREQ=SOMETIMES", vec!["work/a"], false, true),
            ("DTSTART:20260501T010000Z\r\nRRULE:FREQ=SECONDLY", vec!["work/a"], false, true),
            ("DTSTART;TZID=Somewhere:20260501T010000", vec![], false, true),
            (
                "DTSTART:20260501T010000Z\r\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12",
                vec![],
                true,
                true,
            ),
        ] {
            let feed =
                format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
            let read = events(feed.as_bytes(), "work", &TimeZone::UTC, at, 86_400 * 60).unwrap();
            assert_eq!(
                (read.unread, read.is_cut),
                (unread.into_iter().map(str::to_owned).collect(), is_cut),
                "{lines}"
            );
            assert_eq!(read.problems.is_some(), has_problem, "{lines}");
        }
    }
}
