//! A page of events as changes in our words. Pure: the engine keeps the bytes and reads them again whenever it wants.

use super::events::{Next, next};
use super::{Unreadable, colour, html, wire};
use crate::pagerduty::json;
use jiff::civil;
use jiff::tz::TimeZone;
use model::Micros;
use model::calendar::{Attendee, CalendarEvent, Change};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What one page told.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub changes: Vec<Change>,
    pub next: Next,
    /// The calendar's own zone, by its name.
    pub time_zone: Option<String>,
    /// Events that nobody can read; they spoil no other one.
    pub unread: Vec<UnreadEvent>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadEvent {
    /// As `CalendarEvent::id`, if it can be told.
    pub id: Option<String>,
    pub why: Unreadable,
}

#[derive(Deserialize)]
struct Items {
    #[serde(default, deserialize_with = "wire::list")]
    items: Vec<Box<RawValue>>,
}

struct Reader<'a> {
    calendar: &'a str,
    zone: TimeZone,
}

/// `calendar` is our own name of it. `zone` is for what tells none, where the page does not tell the calendar's own either.
pub fn changes_from_page(calendar: &str, zone: &TimeZone, raw: &[u8]) -> Result<Page, Unreadable> {
    let raw = json::without_nul(raw);
    let envelope: wire::Envelope = json::read(&raw)?;
    let items = json::read::<Items>(&raw)?.items;
    let time_zone = envelope.time_zone.clone().filter(|name| !name.is_empty());
    let own = time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let reader = Reader { calendar, zone: own.unwrap_or_else(|| zone.clone()) };
    let mut page = Page { changes: Vec::new(), next: next(envelope), time_zone, unread: Vec::new() };
    for (at, row) in items.iter().enumerate() {
        match json::read(row.get().as_bytes()).and_then(|event| reader.change(event)) {
            Ok(change) => page.changes.push(change),
            Err(why) => page.unread.push(reader.unread(at, row, why)),
        }
    }
    Ok(page)
}

impl Reader<'_> {
    fn id(&self, id: &str) -> String {
        format!("{}/{id}", self.calendar)
    }

    fn unread(&self, at: usize, row: &RawValue, why: Unreadable) -> UnreadEvent {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let id = json::read::<Named>(row.get().as_bytes()).ok().map(|named| self.id(&named.id));
        UnreadEvent { id, why: Unreadable { place: format!("items[{at}]: {}", why.place), ..why } }
    }

    /// Of what was deleted often nothing but its id is told.
    fn change(&self, event: wire::Event) -> Result<Change, Unreadable> {
        let is_cancelled = event.status.as_deref() == Some("cancelled");
        if is_cancelled && event.start.is_none() {
            return Ok(Change::Gone { id: self.id(&event.id) });
        }
        let (starts_at, is_all_day) = self.start(event.start.as_ref())?;
        let ends_at = self.end(event.end.as_ref(), event.start.as_ref(), starts_at)?;
        let description = event.description.unwrap_or_default();
        Ok(Change::Event(Box::new(CalendarEvent {
            id: self.id(&event.id),
            calendar: self.calendar.to_owned(),
            title: event.summary.unwrap_or_default(),
            text: html::to_text(&description),
            place: event.location.unwrap_or_default(),
            starts_at,
            ends_at,
            is_all_day,
            days: days(event.start.as_ref(), event.end.as_ref()),
            registrant: event.creator.and_then(attendee).or_else(|| event.organizer.and_then(attendee)),
            attendees: event.attendees.into_iter().filter_map(attendee).collect(),
            colours: colour::colours(event.color_id.as_deref()),
            is_cancelled,
            is_free: event.transparency.as_deref() == Some("transparent"),
            url: event.html_link.filter(|url| url.starts_with("https://") || url.starts_with("http://")),
            updated_at: event.updated.as_deref().and_then(Micros::parse),
            recurring: event.recurring_event_id.map(|id| self.id(&id)),
        })))
    }

    fn start(&self, when: Option<&wire::When>) -> Result<(Micros, bool), Unreadable> {
        let when = when.ok_or_else(|| bad("start", "an event without a beginning"))?;
        match &when.date {
            Some(day) => Ok((self.midnight("start.date", day)?, true)),
            None => Ok((self.instant("start.dateTime", when)?, false)),
        }
    }

    /// The day after the last one, for events of whole days. One without an end lasts a day, or no time.
    fn end(
        &self,
        when: Option<&wire::When>,
        start: Option<&wire::When>,
        starts_at: Micros,
    ) -> Result<Micros, Unreadable> {
        let first = start.and_then(|start| start.date.as_deref());
        let end = match (when, first) {
            (Some(wire::When { date: Some(day), .. }), _) => self.midnight("end.date", day)?,
            (Some(when @ wire::When { date_time: Some(_), .. }), _) => self.instant("end.dateTime", when)?,
            (_, Some(first)) => self.after(first)?,
            (_, None) => starts_at,
        };
        match first {
            Some(first) if end <= starts_at => self.after(first),
            _ => Ok(end.max(starts_at)),
        }
    }

    fn after(&self, day: &str) -> Result<Micros, Unreadable> {
        let next = date("start.date", day)?.tomorrow().map_err(|e| bad("start.date", &e.to_string()))?;
        self.beginning("start.date", next)
    }

    fn midnight(&self, place: &str, day: &str) -> Result<Micros, Unreadable> {
        self.beginning(place, date(place, day)?)
    }

    /// The first instant of a day; where clocks are put forward at midnight there is no midnight.
    fn beginning(&self, place: &str, day: civil::Date) -> Result<Micros, Unreadable> {
        let zoned = day.to_zoned(self.zone.clone()).map_err(|e| bad(place, &e.to_string()))?;
        Ok(Micros(zoned.timestamp().as_microsecond()))
    }

    /// With its offset, as Google answers; without one in the zone that is told, or the calendar's.
    fn instant(&self, place: &str, when: &wire::When) -> Result<Micros, Unreadable> {
        let text = when.date_time.as_deref().ok_or_else(|| bad(place, "neither a day nor a time"))?;
        if let Some(at) = Micros::parse(text) {
            return Ok(at);
        }
        let zone = when.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        let local = text.parse::<civil::DateTime>().map_err(|_| bad(place, "not a time"))?;
        let zoned =
            local.to_zoned(zone.unwrap_or_else(|| self.zone.clone())).map_err(|e| bad(place, &e.to_string()))?;
        Ok(Micros(zoned.timestamp().as_microsecond()))
    }
}

/// The first day and the first one after, of whole days; one at least.
fn days(start: Option<&wire::When>, end: Option<&wire::When>) -> Option<(civil::Date, civil::Date)> {
    let first = date("start.date", start?.date.as_deref()?).ok()?;
    let after = end.and_then(|end| date("end.date", end.date.as_deref()?).ok()).filter(|after| *after > first);
    Some((first, after.or_else(|| first.tomorrow().ok())?))
}

fn date(place: &str, text: &str) -> Result<civil::Date, Unreadable> {
    text.parse().map_err(|_| bad(place, "not a day"))
}

fn bad(place: &str, why: &str) -> Unreadable {
    Unreadable { place: place.to_owned(), why: why.to_owned() }
}

fn attendee(person: wire::Person) -> Option<Attendee> {
    let filled = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (mail, name) = (filled(person.email).map(|mail| mail.to_lowercase()), filled(person.display_name));
    let has_declined = person.response_status.as_deref() == Some("declined");
    (mail.is_some() || name.is_some()).then_some(Attendee { mail, name, has_declined })
}
