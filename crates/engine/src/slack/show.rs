//! Showing a post: what it says is looked up, rendered and compared with what stands there. A first posting is written down before it
//! is sent, so that after a crash it is looked for by its marker and never made twice.

use super::card::{self, View};
use super::render;
use crate::Shared;
use crate::effects::{Done, Hand, done, later, never};
use crate::follow::After;
use connectors::slack::{Client, FoundPost, Look, Message as Words, Metadata, Post, Posted, Updated};
use connectors::{CallError, Kind};
use model::Micros;
use model::action::{Effect, Fault, Outcome};
use model::message::Card;
use store::{crash_point, faults, posts};

/// What kind of thing our markers belong to.
const EVENT: &str = "arayashiki_post";
/// How far before the first try a message is looked for: Slack's clock and ours differ.
const EARLIER_S: i64 = 60;
/// A post that can't be shown is tried again after this; the page of connections says why.
const TROUBLE_S: i64 = 300;

pub async fn show(shared: &Shared, hand: &Hand<'_>) -> Done {
    let Effect::Show { post } = &hand.job.action.effect else { return never("this job shows no post") };
    let (id, settings) = (post.clone(), shared.settings.clone());
    let loaded = shared.store.read(move |tx| {
        let (id, settings) = (id.clone(), settings.clone());
        Box::pin(async move {
            let view = card::view(tx, &settings, &id).await?;
            let muted = match &view {
                Some(view) if view.post.ts.is_none() => card::muted(tx, &view.post.channel).await?,
                _ => None,
            };
            Ok((view, muted))
        })
    });
    let view = match loaded.await {
        Ok((Some(_), Some(until))) => return later(until, Fault::Limit, "the channel is muted until then"),
        Ok((Some(view), None)) => view,
        Ok((None, _)) => return (Outcome::Skipped { why: "there is nothing to show any more".into() }, Vec::new()),
        Err(error) => return later(hand.now().plus_s(2), Fault::Limit, &error.to_string()),
    };
    match &shared.outside.bot {
        Some(bot) => by_bot(shared, hand, bot, &view).await,
        None => by_webhook(shared, hand, &view).await,
    }
}

async fn by_bot(shared: &Shared, hand: &Hand<'_>, bot: &Client, view: &View) -> Done {
    let post = &view.post;
    let thread = match &view.parent {
        None => None,
        Some(parent) => match &parent.ts {
            Some(ts) => Some(ts.as_str()),
            // The lane brings the parent first; when it could not be posted, this one waits with it.
            None => {
                return later(hand.now().plus_s(30), Fault::Limit, "the message that it belongs to is not there yet");
            }
        },
    };
    let language = shared.settings.slack.as_ref().map(|slack| slack.language).unwrap_or_default();
    let digest = digest(view);
    match (&post.place, &post.ts) {
        (Some(_), Some(_)) if post.digest.as_ref() == Some(&digest) => {
            (done(post.ts.clone()), vec![After::PostUnchanged { post: post.id.clone(), version: post.wanted }])
        }
        (Some(place), Some(ts)) => {
            let posted = Posted { channel: place.clone(), ts: ts.clone() };
            let message = render::card(&view.card, language, false);
            change(shared, hand, bot, view, &posted, &message, digest).await
        }
        _ => first(shared, hand, bot, view, thread, language, digest).await,
    }
}

/// Posts it, unless an earlier try may have.
async fn first(
    shared: &Shared,
    hand: &Hand<'_>,
    bot: &Client,
    view: &View,
    thread: Option<&str>,
    language: duties::Language,
    digest: String,
) -> Done {
    let post = &view.post;
    let mut in_doubt = false;
    let since = hand.job.unsettled.or(post.begun_at).filter(|_| !faults::sabotaged("no_look_up"));
    if let Some(since) = since {
        match look(bot, hand, post.place.as_deref().unwrap_or(&post.channel), thread, &post.id, since).await {
            Ok(FoundPost::Found(posted)) => {
                let message = render::card(&view.card, language, false);
                return change(shared, hand, bot, view, &posted, &message, digest).await;
            }
            Ok(FoundPost::Nothing) => tracing::info!(job = hand.job.id, "looked up and not found"),
            // Nobody can look: said once more, with a mark, which is better than not at all.
            Ok(FoundPost::CantTell(why)) => {
                tracing::info!(job = hand.job.id, why, "can't be looked up");
                in_doubt = true;
            }
            Err(error) => return trouble(shared, hand, &post.id, &error),
        }
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    if let Err(error) = begin(shared, &post.id).await {
        return later(hand.now().plus_s(2), Fault::Limit, &error.to_string());
    }
    crash_point!("show.begun");
    let message = render::card(&view.card, language, in_doubt);
    let metadata = Metadata::new(EVENT, &post.id);
    let sent = Post { thread_ts: thread, metadata: Some(&metadata), ..Post::new(&post.channel, &message) };
    match bot.post(&hand.call(), &sent).await {
        Ok(posted) => shown(view, &posted, digest),
        Err(error) => trouble(shared, hand, &post.id, &error),
    }
}

async fn begin(shared: &Shared, id: &str) -> Result<(), store::StoreError> {
    let id = id.to_owned();
    let begun = shared.store.write("begin_post", move |tx| {
        let id = id.clone();
        Box::pin(async move { posts::begin(tx, &id).await })
    });
    begun.await
}

async fn look(
    bot: &Client,
    hand: &Hand<'_>,
    channel: &str,
    thread_ts: Option<&str>,
    marker: &str,
    since: Micros,
) -> Result<FoundPost, CallError> {
    let look = Look { channel, thread_ts, marker, oldest: since.plus_s(-EARLIER_S) };
    bot.find_post(&hand.call(), &look).await
}

async fn change(
    shared: &Shared,
    hand: &Hand<'_>,
    bot: &Client,
    view: &View,
    posted: &Posted,
    message: &Words,
    digest: String,
) -> Done {
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("show.before_update");
    match bot.update(&hand.call(), posted, message, None).await {
        Ok(Updated::Done(posted)) => shown(view, &posted, digest),
        // Somebody deleted it: it is posted anew while it is still of use.
        Ok(Updated::Never(error)) if view.is_over || error.kind != Kind::NotFound => {
            tracing::info!(
                post = view.post.id,
                why = error.text,
                "a post can't be changed any more; it stays as it is"
            );
            (done(None), vec![After::PostUnchanged { post: view.post.id.clone(), version: view.post.wanted }])
        }
        Ok(Updated::Never(error)) => {
            let outcome = Outcome::Later { at: hand.now().plus_s(1), fault: Fault::Limit, why: error.text };
            (outcome, vec![After::PostLost(view.post.id.clone())])
        }
        Err(error) => trouble(shared, hand, &view.post.id, &error),
    }
}

fn shown(view: &View, posted: &Posted, digest: String) -> Done {
    let shown = After::PostShown {
        post: view.post.id.clone(),
        version: view.post.wanted,
        place: posted.channel.clone(),
        ts: posted.ts.clone(),
        digest,
    };
    (done(Some(posted.ts.clone())), vec![shown])
}

/// What keeps a channel or a token from taking posts is told, and the post waits: nobody has to press a button when it is mended.
fn trouble(shared: &Shared, hand: &Hand<'_>, post: &str, error: &CallError) -> Done {
    let told = After::PostTrouble { post: post.to_owned(), why: error.text.clone() };
    match error.kind {
        Kind::NotFound | Kind::Forbidden => {
            let at = hand.now().plus_s(TROUBLE_S);
            (Outcome::Later { at, fault: Fault::Limit, why: error.text.clone() }, vec![told])
        }
        Kind::Auth => (hand.failed(shared, error).0, vec![told]),
        _ => hand.failed(shared, error),
    }
}

/// What is said, so that the same is not said again.
fn digest(view: &View) -> String {
    let bytes = serde_json::to_vec(&view.card).unwrap_or_default();
    hex::encode(&model::signal::digest(&bytes)[..16])
}

/// Only an incoming webhook: posted once, and once more when it is over; nothing can be changed or found again.
async fn by_webhook(shared: &Shared, hand: &Hand<'_>, view: &View) -> Done {
    const OPEN: &str = "open";
    const OVER: &str = "over";
    let Some(webhook) = &shared.outside.slack else {
        return never("neither [slack] bot_token nor webhook_url is set: set one, restart, and retry this job");
    };
    let post = &view.post;
    let stage = if view.is_over { OVER } else { OPEN };
    if post.digest.as_deref() == Some(stage) || post.digest.as_deref() == Some(OVER) {
        return (done(None), vec![After::PostUnchanged { post: post.id.clone(), version: post.wanted }]);
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    let message = render::message(&view.card.message, hand.job.unsettled.is_some());
    crash_point!("show.before_webhook");
    match webhook.post(&hand.call(), &message).await {
        Ok(()) => {
            let posted = Posted { channel: super::WEBHOOK_CHANNEL.to_owned(), ts: String::new() };
            shown(view, &posted, stage.to_owned())
        }
        Err(error) => trouble(shared, hand, &post.id, &error),
    }
}

/// Says something once in a post's thread; where there are no threads, in the channel.
pub async fn thread(shared: &Shared, hand: &Hand<'_>) -> Done {
    let Effect::Reply { post, card, loud } = &hand.job.action.effect else { return never("this job says nothing") };
    let id = post.clone();
    let parent = match shared.store.read(move |tx| Box::pin(async move { posts::get(tx, &id).await })).await {
        Ok(Some(parent)) => parent,
        Ok(None) => return never("the message whose thread it belongs to is not known"),
        Err(error) => return later(hand.now().plus_s(2), Fault::Limit, &error.to_string()),
    };
    let Some(bot) = &shared.outside.bot else { return say_by_webhook(shared, hand, &card.message).await };
    let (Some(place), Some(ts)) = (parent.place.as_deref(), parent.ts.as_deref()) else {
        return later(hand.now().plus_s(30), Fault::Limit, "the message that it belongs to is not there yet");
    };
    say(shared, hand, bot, Where { channel: place, thread: Some(ts), loud: *loud }, card).await
}

/// A message by itself: to the channel that its rule names, or that of its kind.
pub async fn tell(shared: &Shared, hand: &Hand<'_>) -> Done {
    let Effect::Tell { channel, to, message } = &hand.job.action.effect else { return never("this job is no post") };
    let customer = hand.job.action.customer.as_deref();
    let slack = shared.settings.slack.as_ref();
    let channel = slack.and_then(|slack| to.clone().or_else(|| slack.channel(channel, customer)));
    match (&shared.outside.bot, channel) {
        (Some(bot), Some(channel)) => {
            say(shared, hand, bot, Where { channel: &channel, thread: None, loud: false }, &Card::of(message.clone()))
                .await
        }
        _ => say_by_webhook(shared, hand, message).await,
    }
}

#[derive(Clone, Copy)]
struct Where<'a> {
    channel: &'a str,
    thread: Option<&'a str>,
    loud: bool,
}

/// Looked for by the job's key before it is ever said again.
async fn say(shared: &Shared, hand: &Hand<'_>, bot: &Client, to: Where<'_>, card: &Card) -> Done {
    let marker = hand.job.key.as_str();
    let mut in_doubt = false;
    if let (Some(since), false) = (hand.job.unsettled, faults::sabotaged("no_look_up")) {
        match look(bot, hand, to.channel, to.thread, marker, since).await {
            Ok(FoundPost::Found(posted)) => return (done(Some(posted.ts)), Vec::new()),
            Ok(FoundPost::Nothing) => tracing::info!(job = hand.job.id, "looked up and not found"),
            Ok(FoundPost::CantTell(_)) => in_doubt = true,
            Err(error) => return waits(shared, hand, &error),
        }
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    let language = shared.settings.slack.as_ref().map(|slack| slack.language).unwrap_or_default();
    let (message, metadata) = (render::card(card, language, in_doubt), Metadata::new(EVENT, marker));
    let sent = Post {
        thread_ts: to.thread,
        reply_broadcast: to.loud,
        metadata: Some(&metadata),
        ..Post::new(to.channel, &message)
    };
    crash_point!("act.before_send");
    match bot.post(&hand.call(), &sent).await {
        Ok(posted) => (done(Some(posted.ts)), Vec::new()),
        Err(error) => waits(shared, hand, &error),
    }
}

fn waits(shared: &Shared, hand: &Hand<'_>, error: &CallError) -> Done {
    match error.kind {
        Kind::NotFound | Kind::Forbidden => later(hand.now().plus_s(TROUBLE_S), Fault::Limit, &error.text),
        _ => hand.failed(shared, error),
    }
}

async fn say_by_webhook(shared: &Shared, hand: &Hand<'_>, message: &model::message::Message) -> Done {
    let Some(slack) = &shared.outside.slack else {
        return never("neither [slack] bot_token nor webhook_url is set: set one, restart, and retry this job");
    };
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    let post = render::message(message, hand.job.unsettled.is_some());
    crash_point!("act.before_send");
    match slack.post(&hand.call(), &post).await {
        Ok(()) => (done(None), Vec::new()),
        Err(error) => hand.failed(shared, &error),
    }
}
