//! The second path: whoever is on call is paged besides PagerDuty when a registration is not seen in time; unanswered, the
//! next level is.

use super::lock_name;
use crate::Settings;
use crate::read::apply;
use duties::safety_net::callout::{self, User};
use duties::safety_net::{DUTY, register, words};
use duties::{Decision, Mode};
use model::action::{Action, Channel, Effect, Precondition, Queue};
use model::message::Message;
use model::reference::{Kind, Thing};
use model::{Micros, Scope};
use store::actions::Doing;
use store::callouts::{self, Callout};
use store::nets::{self, Net, Registration};
use store::{StoreError, Tx, crash_point, outages, reference};

const MOST: i64 = 200;

/// Begins calls that are due, and passes on those that nobody answered. Says how many jobs it made.
pub async fn look(tx: &mut Tx, settings: &Settings) -> Result<i64, StoreError> {
    if !settings.net.calls || settings.net.mode < Mode::Page {
        return Ok(0);
    }
    Ok(begin(tx, settings).await? + pass_on(tx, settings).await?)
}

/// Alerts whose registration nobody has seen in time; at once while PagerDuty is out.
async fn begin(tx: &mut Tx, settings: &Settings) -> Result<i64, StoreError> {
    let now = tx.now();
    let is_outage = outages::open(tx, &Scope::All).await?.is_some();
    let mut waiting: Vec<Net> = Vec::new();
    for registration in [Registration::Asked, Registration::Unseen] {
        waiting.extend(nets::registered(tx, registration, now, MOST).await?);
    }
    waiting.retain(|net| net.called.is_none() && net.open_since.is_some());
    waiting.retain(|net| match (net.missing_since, net.asked_at) {
        (Some(since), Some(asked)) => is_outage || register::call_at(&settings.net, since, asked) <= now,
        _ => false,
    });
    let mut waiting = as_locked(tx, waiting).await?;
    waiting.retain(|net| net.called.is_none() && net.open_since.is_some() && net.missing_since.is_some());
    if waiting.is_empty() {
        return Ok(0);
    }
    waiting.sort_by_key(|net| net.missing_since);
    let subject = format!("call/{}", now.0);
    let alerts: Vec<String> = waiting.iter().map(named).collect();
    let count = i64::try_from(waiting.len()).unwrap_or(0);
    let message = words::call(&settings.net, &alerts, count, is_outage);
    let customer = one_customer(&waiting);
    for mut net in waiting {
        net.called = Some(subject.clone());
        nets::save(tx, &net).await?;
    }
    crash_point!("net.call_taken");
    call(tx, settings, &subject, 1, &message, customer).await
}

/// The same rows, read again under their locks: one may have recovered meanwhile, and a row is written whole.
async fn as_locked(tx: &mut Tx, nets: Vec<Net>) -> Result<Vec<Net>, StoreError> {
    let mut names: Vec<String> = nets.iter().map(|net| lock_name(&net.id)).collect();
    names.sort();
    tx.lock(&names).await?;
    let mut found = Vec::with_capacity(nets.len());
    for net in nets {
        found.extend(nets::get(tx, &net.id).await?.filter(|now| now.registration == net.registration));
    }
    Ok(found)
}

fn named(net: &Net) -> String {
    match &net.host {
        Some(host) if !net.title.contains(host.as_str()) => format!("{} ({host})", net.title),
        _ => net.title.clone(),
    }
}

/// A call about several customers' alerts is no customer's.
fn one_customer(nets: &[Net]) -> Option<String> {
    let first = nets.first()?.customer.clone();
    if nets.iter().all(|net| net.customer == first) { first } else { None }
}

/// Calls everybody of a level.
async fn call(
    tx: &mut Tx,
    settings: &Settings,
    subject: &str,
    level: i64,
    message: &Message,
    customer: Option<String>,
) -> Result<i64, StoreError> {
    let now = tx.now();
    let (rows, users) = on_call(tx).await?;
    let reachable: Vec<callout::Reachable> = settings.people.clone();
    let mut made = 0;
    for person in callout::people(&settings.net, level, &rows, &users, &reachable) {
        let token: [u8; 24] = rand::random();
        let token = hex::encode(token);
        let link = settings.net.link(&format!("/answer/{token}"));
        let text = match &link {
            Some(url) => message.clone().link(words::answer(settings.net.language), url.clone()),
            None => message.clone(),
        };
        let one = Callout {
            id: format!("{subject}/{level}/{}", person.id),
            subject: subject.to_owned(),
            generation: 1,
            level,
            person: person.id.clone(),
            text: serde_json::to_string(&text).map_err(|error| StoreError::Bug(error.to_string()))?,
            digest: model::signal::digest(token.as_bytes()),
            customer: customer.clone(),
            asked_at: now,
            due: Some(now.plus_s(settings.net.unanswered_s)),
            sent_at: None,
            answered_at: None,
            answered_by: None,
            ended_at: None,
        };
        if callouts::add(tx, &one).await? {
            crash_point!("net.callout_added");
            for channel in channels(settings, person) {
                apply(tx, Decision::act(send(&one, channel)), Doing::Really).await?;
                made += 1;
            }
        }
    }
    Ok(made)
}

fn channels(settings: &Settings, person: &callout::Reachable) -> Vec<Channel> {
    let can = &settings.channels;
    let mut channels = Vec::new();
    if can.contains(&Channel::Webhook) || person.has_webhook {
        channels.push(Channel::Webhook);
    }
    if can.contains(&Channel::Sms) && person.phone.is_some() {
        channels.push(Channel::Sms);
    }
    if can.contains(&Channel::Mail) && person.mail.is_some() {
        channels.push(Channel::Mail);
    }
    channels
}

fn send(callout: &Callout, channel: Channel) -> Action {
    Action {
        key: format!("{DUTY}/{}/{}", callout.id, channel.as_str()),
        duty: DUTY.into(),
        subject: callout.subject.clone(),
        lane: format!("call:{}:{}", callout.id, channel.as_str()),
        effect: Effect::CallOut { callout: callout.id.clone(), channel },
        not_before: None,
        not_after: None,
        precondition: Precondition::CalloutOpen { callout: callout.id.clone() },
        why: "nobody saw it registered in PagerDuty in time".into(),
        customer: callout.customer.clone(),
        queue: Queue::Live,
    }
}

async fn on_call(tx: &mut Tx) -> Result<(Vec<Thing>, Vec<User>), StoreError> {
    let rows = reference::list(tx, &Scope::All, Kind::OnCall).await?;
    let users = reference::list(tx, &Scope::All, Kind::User).await?;
    let users = users.into_iter().map(|user| User { id: user.id, name: user.name, email: user.email }).collect();
    Ok((rows, users))
}

/// The names of those on call at the first level, for posts.
pub async fn names(tx: &mut Tx, settings: &Settings) -> Result<Vec<String>, StoreError> {
    let (rows, _) = on_call(tx).await?;
    let mut names: Vec<String> = callout::on_call(&settings.net, 1, &rows).iter().map(|row| row.name.clone()).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Unanswered: the next level, as long as there is one.
async fn pass_on(tx: &mut Tx, settings: &Settings) -> Result<i64, StoreError> {
    let now: Micros = tx.now();
    let unanswered = callouts::unanswered(tx, now, MOST).await?;
    let mut made = 0;
    let mut passed: Vec<(String, i64)> = Vec::new();
    for one in unanswered {
        callouts::passed_on(tx, &one.id).await?;
        let step = (one.subject.clone(), one.level);
        if passed.contains(&step) || one.level >= settings.net.levels {
            continue;
        }
        passed.push(step);
        let Ok(mut message) = serde_json::from_str::<Message>(&one.text) else { continue };
        // The link is the other person's own.
        message.links.retain(|link| !link.url.contains("/answer/"));
        // A level at which nobody can be reached must not be the end.
        for level in one.level + 1..=settings.net.levels {
            let called = call(tx, settings, &one.subject, level, &message, one.customer.clone()).await?;
            made += called;
            if called > 0 {
                break;
            }
        }
    }
    Ok(made)
}
