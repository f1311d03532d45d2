//! A feed's occurrences as events in our words, for whoever judges promises.

use super::{Answer, Attendee, Occurrence, Status, When, read};
use jiff::tz::TimeZone;
use model::Micros;
use model::calendar::{self, CalendarEvent, Change};
use model::hours::Zone;

/// What lies further back is nobody's promise any more.
const BACK_S: i64 = 2 * 86_400;

/// The events of a feed around an instant, so far ahead, for it has no end. `calendar` is our own name of it. The reason where
/// nothing of it can be read.
pub fn events(bytes: &[u8], calendar: &str, zone: &TimeZone, at: Micros, ahead_s: i64) -> Result<Vec<Change>, String> {
    let zone = zone.iana_name().and_then(|name| Zone::parse(name).ok()).unwrap_or_else(Zone::utc);
    let read = read(bytes, &zone, at.plus_s(-BACK_S), at.plus_s(ahead_s)).map_err(|problem| problem.to_string())?;
    Ok(read.occurrences.iter().map(|one| Change::Event(Box::new(event(calendar, one)))).collect())
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

    #[test]
    fn a_feeds_events_are_promises_with_ids_that_stay() {
        let feed = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a@example.jp\r\nDTSTART:20260501T010000Z\r\n\
                    DTEND:20260501T020000Z\r\nSUMMARY:夜間メンテナンス\r\nRRULE:FREQ=DAILY;COUNT=2\r\nEND:VEVENT\r\n\
                    BEGIN:VEVENT\r\nUID:b@example.jp\r\nDTSTART;VALUE=DATE:20260502\r\nSUMMARY:休み\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let at = Micros::parse("2026-05-01T00:00:00Z").unwrap();
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let changes = events(feed.as_bytes(), "work", &zone, at, 86_400 * 60).unwrap();
        let found: Vec<(String, bool)> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Event(event) => Some((event.id.clone(), event.is_all_day)),
                Change::Gone { .. } => None,
            })
            .collect();
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().any(|(id, is_all_day)| id == "work/b@example.jp" && *is_all_day), "{found:?}");
        assert!(events(b"no calendar", "work", &zone, at, 86_400 * 60).is_err());
    }
}
