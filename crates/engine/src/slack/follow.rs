//! Which things have a message that follows them, and that it is brought up to date: a version more is wanted, and a job for it unless
//! one waits already. Sends nothing.

use crate::bridges::{concern, remind_incident};
use crate::{Settings, Shared, wake};
use duties::Mode;
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};
use model::incident::{Incident, Status, Urgency};
use model::message::Card;
use model::signal::Origin;
use std::time::Duration;
use store::actions::{self, Doing};
use store::posts::{self, Post, Wanted};
use store::{StoreError, Tx, duty_state};
use tokio_util::sync::CancellationToken;

pub const DUTY: &str = "slack";
const VERSION: i64 = 1;
const FIRST: &str = "first_contact";
/// An incident that is older than this when it is heard of gets no message any more: people have long dealt with it.
const NEW_FOR_S: i64 = 3_600;
/// PagerDuty tells whole seconds, by a clock of its own.
const CLOCKS_APART_S: i64 = 5;
/// A post that was wanted so long ago and has no job is asked for again.
const FORGOTTEN_S: i64 = 120;
const EVERY: Duration = Duration::from_secs(20);
const MOST: i64 = 100;

/// When posts began here: what is older has its readers already.
pub async fn first_contact(tx: &mut Tx) -> Result<Micros, StoreError> {
    if let Some(at) = duty_state::get::<Micros>(tx, DUTY, FIRST, VERSION).await? {
        return Ok(at);
    }
    let now = tx.now();
    duty_state::set(tx, DUTY, FIRST, VERSION, &now).await?;
    Ok(now)
}

/// An incident is another than it was: its message follows. A new one gets one, if it is news.
pub async fn incident_changed(
    tx: &mut Tx,
    settings: &Settings,
    incident: &Incident,
    customer: Option<&str>,
    origin: Option<Origin>,
) -> Result<(), StoreError> {
    let Some(slack) = &settings.slack else { return Ok(()) };
    let data = &incident.data;
    let main = format!("incident/{}", data.id);
    let is_known = posts::get(tx, &main).await?.is_some();
    // What people are called for by a message of its own is not told a second time.
    if !is_known && concern::tells(tx, incident).await? {
        return Ok(());
    }
    if !is_known && !is_news(tx, slack.all_urgencies, incident, origin).await? {
        return Ok(());
    }
    let Some(channel) = slack.channel("alerts", customer) else { return Ok(()) };
    let post = |id: String, parent: Option<&str>| Wanted {
        id,
        parent: parent.map(str::to_owned),
        subject: data.id.clone(),
        customer: customer.map(str::to_owned),
        channel: channel.clone(),
    };
    if slack.incidents == Mode::Observe {
        let observed = action(&post(main.clone(), None), 1, "a new incident gets a message that follows it");
        // There is no post to look at: it is shown at the incident.
        let observed = Action { subject: data.id.clone(), ..observed };
        return actions::add(tx, &observed, Doing::Observed).await.map(|_| ());
    }
    want(tx, &post(main.clone(), None)).await?;
    remind_incident(tx, settings, &main, incident).await?;
    if slack.has_bot {
        want(tx, &post(format!("{main}/details"), Some(&main))).await?;
    }
    Ok(())
}

async fn is_news(
    tx: &mut Tx,
    all_urgencies: bool,
    incident: &Incident,
    origin: Option<Origin>,
) -> Result<bool, StoreError> {
    let data = &incident.data;
    let created = data.created_at.unwrap_or(incident.changed_at);
    let is_meant = all_urgencies || data.urgency == Urgency::High;
    let is_fresh = tx.now().since(created) <= NEW_FOR_S * 1_000_000;
    let is_news = origin.is_some_and(Origin::may_act) && data.status != Status::Resolved && is_meant && is_fresh;
    Ok(is_news && created >= first_contact(tx).await?.plus_s(-CLOCKS_APART_S))
}

/// A version more of a post, and its job.
pub async fn want(tx: &mut Tx, post: &Wanted) -> Result<(), StoreError> {
    let version = posts::want(tx, post).await?;
    ask(tx, post, version, "what it is about has changed").await
}

async fn ask(tx: &mut Tx, post: &Wanted, version: i64, why: &str) -> Result<(), StoreError> {
    if posts::is_coming(tx, &lane(&post.id, post.parent.as_deref()), &post.id).await? {
        return Ok(());
    }
    actions::add(tx, &action(post, version, why), Doing::Really).await.map(|_| ())
}

/// A message and its thread keep their order.
fn lane(id: &str, parent: Option<&str>) -> String {
    format!("post:{}", parent.unwrap_or(id))
}

fn action(post: &Wanted, version: i64, why: &str) -> Action {
    Action {
        key: format!("{DUTY}/{}/{version}", post.id),
        duty: DUTY.into(),
        subject: post.id.clone(),
        lane: lane(&post.id, post.parent.as_deref()),
        effect: Effect::Show { post: post.id.clone() },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: why.into(),
        customer: post.customer.clone(),
        queue: Queue::Live,
    }
}

/// Something to be said once in the thread of a post; `what` tells it from anything else said there.
pub async fn reply(tx: &mut Tx, post: &Post, what: &str, card: Card, loud: bool) -> Result<bool, StoreError> {
    actions::add(tx, &said(post, what, card, loud), Doing::Really).await
}

/// The same, as long as it is the latest reminder by the time that it can be said.
pub async fn remind(tx: &mut Tx, post: &Post, n: u32, card: Card, loud: bool) -> Result<bool, StoreError> {
    let precondition = Precondition::Reminds { post: post.id.clone(), n };
    let action = Action { precondition, ..said(post, &format!("remind/{n}"), card, loud) };
    actions::add(tx, &action, Doing::Really).await
}

fn said(post: &Post, what: &str, card: Card, loud: bool) -> Action {
    Action {
        key: format!("{DUTY}/{}/says/{what}", post.id),
        duty: DUTY.into(),
        subject: post.id.clone(),
        lane: lane(&post.id, post.parent.as_deref()),
        effect: Effect::Reply { post: post.id.clone(), card, loud },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "it is told in the thread".into(),
        customer: post.customer.clone(),
        queue: Queue::Live,
    }
}

/// Looks after posts whose job came to nothing.
pub async fn run(shared: Shared, stop: CancellationToken) {
    if shared.settings.slack.is_none() {
        return;
    }
    if let Err(error) = shared.store.write("first_contact", |tx| Box::pin(first_contact(tx))).await {
        shared.trouble.failed(&error, "writing down when posts began");
    }
    while wake::pause(EVERY, &stop).await {
        match shared.store.write("posts_behind", |tx| Box::pin(behind(tx, MOST))).await {
            Ok(0) => {}
            Ok(_) => shared.wake.act.notify_waiters(),
            Err(error) => shared.trouble.failed(&error, "looking for posts that are behind"),
        }
    }
}

/// Posts whose job came to nothing are asked for again. Says how many.
async fn behind(tx: &mut Tx, most: i64) -> Result<usize, StoreError> {
    let before = tx.now().plus_s(-FORGOTTEN_S);
    let forgotten = posts::forgotten(tx, before, most).await?;
    for post in &forgotten {
        let wanted = Wanted {
            id: post.id.clone(),
            parent: post.parent.clone(),
            subject: post.subject.clone(),
            customer: post.customer.clone(),
            channel: post.channel.clone(),
        };
        want(tx, &wanted).await?;
    }
    Ok(forgotten.len())
}
