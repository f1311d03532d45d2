//! Asking Backlog: what happened in a space, its open tickets, one ticket whole; and the one thing that is written there, a comment.

use crate::Shared;
use crate::effects::{Done, Hand, done, later, never};
use crate::follow::After;
use connectors::Kind;
use connectors::backlog::{Client, ListTickets, Scope, Sort};
use model::Micros;
use model::action::{Effect, Fault, Outcome};
use store::{crash_point, faults};

pub async fn perform(shared: &Shared, hand: &Hand<'_>) -> Done {
    let effect = &hand.job.action.effect;
    let space = match effect {
        Effect::ListActivities { space, .. }
        | Effect::ListTickets { space, .. }
        | Effect::ReadTicket { space, .. }
        | Effect::Comment { space, .. } => space,
        _ => return never("this effect does not go to Backlog"),
    };
    let Some(client) = shared.outside.backlog.get(space) else {
        return never("this space is not in the configuration any more");
    };
    match effect {
        Effect::ListActivities { space, since } => activities(shared, hand, client, space, *since).await,
        Effect::ListTickets { space, since, offset } => list(shared, hand, client, space, (*since, *offset)).await,
        Effect::ReadTicket { space, key } => ticket(shared, hand, client, space, key).await,
        Effect::Comment { key, text, marker, .. } => comment(shared, hand, client, (key, text, marker)).await,
        _ => never("this effect does not go to Backlog"),
    }
}

/// The first time only where to begin: what happened before is history.
async fn activities(shared: &Shared, hand: &Hand<'_>, client: &Client, space: &str, since: Option<i64>) -> Done {
    let space = space.to_owned();
    let Some(since) = since else {
        return match client.newest_activity(&hand.call(), Scope::Space).await {
            Ok(newest) => (
                done(None),
                vec![After::Activities { space, hints: Vec::new(), newest: newest.or(Some(0)), more: false }],
            ),
            Err(error) => hand.failed(shared, &error),
        };
    };
    match client.activities_since(&hand.call(), Scope::Space, since).await {
        Ok(found) => {
            let (hints, newest) = (found.hints, found.newest.or(Some(since)));
            (done(None), vec![After::Activities { space, hints, newest, more: found.more }])
        }
        Err(error) => hand.failed(shared, &error),
    }
}

async fn list(shared: &Shared, hand: &Hand<'_>, client: &Client, space: &str, (since, offset): (Micros, u32)) -> Done {
    let day = since.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let list = ListTickets { updated_since: Some(day), offset, sort: Sort::Updated, ..ListTickets::default() };
    // Each round begins with whose key it is: the key may be another's by now.
    let own = match offset {
        0 => match client.myself(&hand.call()).await {
            Ok(own) => Some(own),
            Err(error) => return hand.failed(shared, &error),
        },
        _ => None,
    };
    match client.list_tickets(&hand.call(), &list).await {
        Ok(page) => {
            let more = page.more.then_some(page.next_offset);
            (done(None), vec![After::TicketPage { space: space.to_owned(), own, tickets: page.tickets, since, more }])
        }
        Err(error) => hand.failed(shared, &error),
    }
}

async fn ticket(shared: &Shared, hand: &Hand<'_>, client: &Client, space: &str, key: &str) -> Done {
    let asked_at = hand.now();
    match client.ticket(&hand.call(), key).await {
        Ok(whole) => (done(None), vec![After::TicketRead { space: space.to_owned(), raw: whole.raw, asked_at }]),
        Err(error) if error.kind == Kind::NotFound => {
            let gone = After::TicketGone { space: space.to_owned(), key: key.to_owned(), asked_at };
            (Outcome::Skipped { why: error.text }, vec![gone])
        }
        Err(error) if error.kind == Kind::Forbidden => (Outcome::Skipped { why: error.text }, Vec::new()),
        Err(error) => hand.failed(shared, &error),
    }
}

/// Only its absence among the newest comments lets it be written again; a look-up that fails is no licence.
async fn comment(shared: &Shared, hand: &Hand<'_>, client: &Client, (key, text, marker): (&str, &str, &str)) -> Done {
    if let (Some(since), false) = (hand.job.unsettled, faults::sabotaged("no_look_up")) {
        match client.find_comment(&hand.call(), key, marker, since).await {
            Ok(Some(id)) => return (done(Some(id.to_string())), Vec::new()),
            Ok(None) => tracing::info!(job = hand.job.id, "looked up and not found"),
            Err(error) => return later(hand.now().plus_s(30), Fault::Limit, &error.text),
        }
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    match client.add_comment(&hand.call(), key, text, &[]).await {
        Ok(id) => (done(Some(id.to_string())), Vec::new()),
        Err(error) => hand.failed(shared, &error),
    }
}
