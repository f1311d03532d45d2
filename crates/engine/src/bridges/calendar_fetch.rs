//! Asking calendars: a page of what changed, or of everything; a feed whole. Bytes come in by the same door as everything.

use super::calendar::Calendar;
use super::calendar_poll::{self, Read};
use crate::Shared;
use crate::effects::{Done, Hand, done, never};
use crate::follow::After;
use connectors::google::{
    Client, EventsAnswer, FeedAnswer, FeedVersion, ListEvents, Next, Page, Since, changes_from_page,
};
use duties::ical;
use model::Micros;
use model::action::{Effect, Outcome};
use model::connection::{CalendarState, PartUnread, poll as names};
use store::polls;

/// So much of the first thing that could not be read is told.
const MOST_TOLD: usize = 300;

pub async fn perform(shared: &Shared, hand: &Hand<'_>) -> Done {
    match &hand.job.action.effect {
        Effect::SyncCalendar { calendar, since, token, page } => {
            let ask = Ask { calendar, since: *since, token: token.as_deref(), page: page.clone() };
            sync(shared, hand, &ask).await
        }
        Effect::ReadFeed { calendar } => feed(shared, hand, calendar).await,
        _ => never("this effect asks no calendar"),
    }
}

struct Ask<'a> {
    calendar: &'a str,
    since: Option<Micros>,
    token: Option<&'a str>,
    page: Option<String>,
}

async fn sync(shared: &Shared, hand: &Hand<'_>, ask: &Ask<'_>) -> Done {
    let Some(client) = &shared.outside.google else {
        return never("no [google_calendar] key_file is set: set it, restart, and retry this job");
    };
    let known = shared.settings.bridges.calendar(ask.calendar);
    let Some(id) = known.and_then(|calendar| calendar.google_id.as_deref()) else {
        return never("this calendar is not in the configuration any more");
    };
    let since = match (ask.token, ask.since) {
        (Some(token), _) => Since::Changes { sync_token: token.to_owned() },
        (None, since) => Since::Full { time_min: since.unwrap_or_else(|| hand.now()) },
    };
    let list = ListEvents { calendar: id, since, page_token: ask.page.clone(), max_results: 0 };
    page(shared, hand, client, ask, &list).await
}

async fn page(shared: &Shared, hand: &Hand<'_>, client: &Client, ask: &Ask<'_>, list: &ListEvents<'_>) -> Done {
    let asked_at = hand.now();
    let calendar = ask.calendar.to_owned();
    match client.events(&hand.call(), list).await {
        Ok(EventsAnswer::Page { raw, next }) => {
            let read = match changes_from_page(&calendar, &shared.settings.desk.zone, &raw) {
                Ok(page) => read_page(&calendar, &page),
                Err(why) => return unreadable(hand, &calendar, &why.to_string()),
            };
            let (page, token) = match next {
                Next::Page(page) => (Some(page), None),
                Next::Sync(token) => (None, Some(token)),
                Next::Nothing => (None, None),
            };
            let since = ask.since.filter(|_| ask.token.is_none());
            let told = After::CalendarPage { calendar, raw: raw.to_vec(), asked_at, since, page, token, read };
            (done(None), vec![told])
        }
        Ok(EventsAnswer::FullSyncNeeded { why }) => {
            tracing::info!(calendar, why, "a calendar is read anew as a whole");
            (done(None), vec![After::CalendarAnew(calendar)])
        }
        Err(error) => hand.failed(shared, &error),
    }
}

async fn feed(shared: &Shared, hand: &Hand<'_>, calendar: &str) -> Done {
    let Some(feed) = shared.outside.feeds.get(calendar) else {
        return never("this calendar is not in the configuration any more");
    };
    let name = format!("{}{calendar}", names::CALENDAR);
    let state = shared.store.read(move |tx| {
        let name = name.clone();
        Box::pin(async move { polls::get(tx, &name).await })
    });
    let state: CalendarState = state.await.ok().flatten().map(|poll| poll.known()).unwrap_or_default();
    let asked_at = hand.now();
    match feed.fetch(&hand.call(), &version(state, asked_at)).await {
        Ok(FeedAnswer::Changed { raw, version }) => {
            let ahead_s = shared.settings.bridges.calendar(calendar).map_or(0, Calendar::ahead_s);
            let read = match ical::events(&raw, calendar, &shared.settings.desk.zone, asked_at, ahead_s) {
                Ok(feed) => read_feed(calendar, &feed),
                Err(why) => return unreadable(hand, calendar, &why),
            };
            let told = After::Feed {
                calendar: calendar.to_owned(),
                raw: raw.to_vec(),
                asked_at,
                etag: version.etag,
                last_modified: version.last_modified,
                read,
            };
            (done(None), vec![told])
        }
        Ok(FeedAnswer::Unchanged) => (done(None), vec![After::FeedUnchanged(calendar.to_owned())]),
        Err(error) => hand.failed(shared, &error),
    }
}

/// A feed is expanded only so far ahead: what never changes is fetched whole now and then all the same.
fn version(state: CalendarState, now: Micros) -> FeedVersion {
    if calendar_poll::is_old(&state, now) {
        return FeedVersion::default();
    }
    FeedVersion { etag: state.etag, last_modified: state.last_modified }
}

/// Nothing of it is believed, least of all that what it does not show is gone. Its poll says why, and asks again.
fn unreadable(hand: &Hand<'_>, calendar: &str, why: &str) -> Done {
    tracing::warn!(calendar, why, "a calendar was answered with what nobody can read; what is known of it stands");
    let refused = After::PollRefused { poll: hand.job.action.subject.clone(), why: why.to_owned() };
    (Outcome::Skipped { why: why.to_owned() }, vec![refused])
}

/// One that does not even tell its id may be any of those that are known.
fn read_page(calendar: &str, page: &Page) -> Read {
    let first = page.unread.first().map(|one| match &one.id {
        Some(id) => format!("{id}, {}", one.why),
        None => one.why.to_string(),
    });
    let is_cut = page.unread.iter().any(|one| one.id.is_none());
    told(calendar, first.map(|first| (page.unread.len(), first)), is_cut)
}

fn read_feed(calendar: &str, feed: &ical::Feed) -> Read {
    told(calendar, feed.problems.clone(), feed.is_cut)
}

fn told(calendar: &str, problems: Option<(usize, String)>, is_cut: bool) -> Read {
    let Some((count, first)) = problems else { return Read { unread: None, is_cut } };
    tracing::warn!(calendar, count, first, "not everything of a calendar could be read");
    let unread = PartUnread { count, first: model::text::cut(&first, MOST_TOLD) };
    Read { unread: Some(unread), is_cut }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn a_feed_is_asked_for_whole_when_it_was_read_long_ago() {
        let now = Micros::from_seconds(100 * 86_400);
        let read = |ago_s: i64| CalendarState {
            etag: Some("v1".into()),
            last_modified: Some("then".into()),
            listed_at: Some(now.plus_s(-ago_s)),
            ..CalendarState::default()
        };
        assert_eq!(version(read(60), now).etag.as_deref(), Some("v1"));
        assert_eq!(version(read(8 * 86_400), now), FeedVersion::default());
    }

    #[test]
    fn what_of_a_document_nobody_could_read_is_counted_and_the_first_named() {
        let page = |items: &str| {
            let raw = format!(r#"{{"items":[{items}]}}"#);
            read_page("work", &changes_from_page("work", &TimeZone::UTC, raw.as_bytes()).unwrap())
        };
        let good = r#"{"id":"a","start":{"date":"2026-05-01"}}"#;
        assert_eq!(page(good), Read::default());
        let named = page(&format!(r#"{good},{{"id":"b"}}"#));
        assert!(!named.is_cut && named.unread.is_some_and(|told| told.count == 1 && told.first.contains("work/b")));
        let nameless = page(r#"{"id":"b"},7"#);
        assert!(nameless.is_cut && nameless.unread.is_some_and(|told| told.count == 2));
        let feed = ical::Feed { is_cut: true, problems: Some((3, "x".repeat(1_000))), ..ical::Feed::default() };
        let read = read_feed("work", &feed);
        assert!(read.is_cut && read.unread.is_some_and(|told| told.first.chars().count() <= MOST_TOLD));
    }
}
