//! Asking calendars: a page of what changed, or of everything; a feed whole. Bytes come in by the same door as everything.

use crate::Shared;
use crate::effects::{Done, Hand, done, never};
use crate::follow::After;
use connectors::google::{Client, EventsAnswer, FeedAnswer, FeedVersion, ListEvents, Next, Since};
use model::Micros;
use model::action::Effect;
use model::connection::{CalendarState, poll as names};
use store::polls;

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
            let (page, token) = match next {
                Next::Page(page) => (Some(page), None),
                Next::Sync(token) => (None, Some(token)),
                Next::Nothing => (None, None),
            };
            let since = ask.since.filter(|_| ask.token.is_none());
            let told = After::CalendarPage { calendar, raw: raw.to_vec(), asked_at, since, page, token };
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
    let version = FeedVersion { etag: state.etag, last_modified: state.last_modified };
    let asked_at = hand.now();
    match feed.fetch(&hand.call(), &version).await {
        Ok(FeedAnswer::Changed { raw, version }) => {
            let told = After::Feed {
                calendar: calendar.to_owned(),
                raw: raw.to_vec(),
                asked_at,
                etag: version.etag,
                last_modified: version.last_modified,
            };
            (done(None), vec![told])
        }
        Ok(FeedAnswer::Unchanged) => (done(None), vec![After::FeedUnchanged(calendar.to_owned())]),
        Err(error) => hand.failed(shared, &error),
    }
}
