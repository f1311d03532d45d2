//! Opening and closing the channels of pushes. One whose answer was lost is known by the message that Google sends by it at once; if
//! none has come, it is given up for another, and what comes by it later closes it.

use crate::Shared;
use crate::effects::{Done, Hand, done, later, never};
use crate::follow::After;
use connectors::google::{Client, NewChannel};
use connectors::{CallError, Kind};
use model::action::{Effect, Fault, Outcome};
use store::crash_point;
use store::push_channels::{self, Channel};

/// A week, which is about the longest that Google gives.
const TTL_S: u32 = 604_800;
/// Google did not say how long it lasts.
const UNSAID_S: i64 = 3_600;

pub async fn perform(shared: &Shared, hand: &Hand<'_>) -> Done {
    let Some(client) = &shared.outside.google else {
        let why = "no [google_calendar] key_file is set; a channel that is open ends by itself within a week";
        return (Outcome::Skipped { why: why.into() }, Vec::new());
    };
    match &hand.job.action.effect {
        Effect::OpenChannel { channel } => open(shared, hand, client, channel).await,
        Effect::CloseChannel { channel, resource } => close(shared, hand, client, channel, resource).await,
        _ => never("this effect is about no channel"),
    }
}

async fn open(shared: &Shared, hand: &Hand<'_>, client: &Client, id: &str) -> Done {
    let name = id.to_owned();
    let read = shared.store.read(move |tx| {
        let name = name.clone();
        Box::pin(async move { push_channels::get(tx, &name).await })
    });
    match read.await {
        Ok(Some(channel)) if hand.job.unsettled.is_some() => settle(channel),
        Ok(Some(channel)) if channel.failed_at.is_none() && channel.unwanted_at.is_none() => {
            watch(shared, hand, client, &channel).await
        }
        Ok(_) => (Outcome::Skipped { why: "nobody wants this channel any more".into() }, Vec::new()),
        Err(error) => later(hand.now().plus_s(2), Fault::Limit, &error.to_string()),
    }
}

/// It was asked for, and nobody knows what came of it but by what came by it.
fn settle(channel: Channel) -> Done {
    if let Some(resource) = channel.resource_id {
        return (done(Some(resource)), Vec::new());
    }
    let why = "Google's answer was lost and nothing has come by this channel: another is asked for".to_owned();
    let lost = After::ChannelFailed { channel: channel.id, why: why.clone(), never_was: false };
    (Outcome::Skipped { why }, vec![lost])
}

async fn watch(shared: &Shared, hand: &Hand<'_>, client: &Client, channel: &Channel) -> Done {
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    let token = client.channel_token(&channel.id);
    let new = NewChannel { id: &channel.id, token: &token, address: &channel.address, ttl_s: TTL_S };
    match client.watch(&hand.call(), &channel.google_id, &new).await {
        Ok(open) => {
            let expires_at = open.expires_at.unwrap_or_else(|| hand.now().plus_s(UNSAID_S));
            let (channel, resource) = (channel.id.clone(), open.resource_id);
            (done(Some(resource.clone())), vec![After::ChannelOpened { channel, resource, expires_at }])
        }
        Err(error) => refused(shared, hand, &channel.id, &error),
    }
}

fn refused(shared: &Shared, hand: &Hand<'_>, id: &str, error: &CallError) -> Done {
    let (channel, why) = (id.to_owned(), error.text.clone());
    if matches!(error.kind, Kind::BadRequest | Kind::Forbidden | Kind::NotFound) {
        let failed = After::ChannelFailed { channel, why: why.clone(), never_was: true };
        return (Outcome::Skipped { why }, vec![failed]);
    }
    let (outcome, mut after) = hand.failed(shared, error);
    after.push(After::ChannelTroubled { channel, why });
    (outcome, after)
}

async fn close(shared: &Shared, hand: &Hand<'_>, client: &Client, id: &str, resource: &str) -> Done {
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    match client.stop(&hand.call(), id, resource).await {
        Ok(()) => (done(None), vec![After::ChannelStopped(id.to_owned())]),
        Err(error) => hand.failed(shared, &error),
    }
}
