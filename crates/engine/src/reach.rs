//! Reaching people besides PagerDuty: calls of the second path, the mail of a canary; and our incident put
//! into the one that came late. Renders what was decided; decides nothing.

use crate::Shared;
use crate::effects::{Done, Hand, done, later, never};
use crate::follow::After;
use connectors::pager::{Mail, Page, Person, Webhook};
use connectors::pagerduty::Client;
use duties::safety_net::callout::Reachable;
use duties::safety_net::{is_ours, words};
use model::act::Act;
use model::action::{Action, Channel, Effect, Fault};
use model::message::Message;
use store::canaries::Step;
use store::{StoreError, callouts, crash_point};

pub async fn call_out(shared: &Shared, hand: &Hand<'_>) -> Done {
    let Effect::CallOut { callout, channel } = &hand.job.action.effect else { return never("this job is no call") };
    let id = callout.clone();
    let row = match shared.store.read(move |tx| Box::pin(async move { callouts::get(tx, &id).await })).await {
        Ok(Some(row)) => row,
        Ok(None) => return never("this call is not known any more"),
        Err(error) => return later(hand.now().plus_s(2), Fault::Limit, &error.to_string()),
    };
    let Some(person) = shared.settings.people.iter().find(|person| person.id == row.person) else {
        return never("this person is not in the configuration any more");
    };
    let Ok(message) = serde_json::from_str::<Message>(&row.text) else { return never("this call can't be read") };
    let message = match with_link(shared, &row.id, message).await {
        Ok(message) => message,
        Err(error) => return later(hand.now().plus_s(2), Fault::Limit, &error.to_string()),
    };
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    let sent = match channel {
        Channel::Webhook => by_webhook(shared, hand, person, &message, row.level).await,
        Channel::Mail => by_mail(shared, hand, person, &message).await,
        Channel::Sms => by_sms(shared, hand, person, &message).await,
    };
    match sent {
        Some(Ok(())) => (done(None), vec![After::CalloutSent(callout.clone())]),
        Some(Err(error)) => hand.failed(shared, &error),
        None => never("this way of reaching people is not configured: see [second_path] and [[person]]"),
    }
}

/// With a link that answers it. The secret in it is made for this one sending and is nowhere afterwards; its digest is kept first.
async fn with_link(shared: &Shared, callout: &str, message: Message) -> Result<Message, StoreError> {
    let token = hex::encode(rand::random::<[u8; 24]>());
    let net = &shared.settings.net;
    let Some(url) = net.link(&format!("/answer/{token}")) else { return Ok(message) };
    let (id, digest) = (callout.to_owned(), model::signal::digest(token.as_bytes()));
    let kept = shared.store.write("callout_link", move |tx| {
        let id = id.clone();
        Box::pin(async move { callouts::link(tx, &id, digest).await })
    });
    kept.await?;
    Ok(message.link(words::answer(net.language), url))
}

type Sent = Option<Result<(), connectors::CallError>>;

async fn by_webhook(shared: &Shared, hand: &Hand<'_>, person: &Reachable, message: &Message, level: i64) -> Sent {
    let own: Option<&Webhook> = shared.outside.webhooks.get(&person.id);
    let webhook = own.or(shared.outside.webhook.as_ref())?;
    let answer = message.links.iter().find(|link| link.url.contains("/answer/")).map(|link| link.url.clone());
    let page = Page {
        id: hand.job.key.clone(),
        title: message.headline.clone(),
        text: message.lines.join("\n"),
        severity: "critical".into(),
        to: Person { name: person.name.clone(), email: person.mail.clone(), phone: person.phone.clone() },
        level: u32::try_from(level).unwrap_or(1),
        url: message.links.iter().find(|link| Some(&link.url) != answer.as_ref()).map(|link| link.url.clone()),
        acknowledge_url: answer,
        may_be_a_repeat: hand.job.unsettled.is_some(),
    };
    Some(webhook.page(&hand.call(), &page).await)
}

async fn by_mail(shared: &Shared, hand: &Hand<'_>, person: &Reachable, message: &Message) -> Sent {
    let (mailer, to) = (shared.outside.mailer.as_ref()?, person.mail.clone()?);
    let mail = Mail {
        to,
        subject: message.headline.clone(),
        text: message.plain(),
        message_id: format!("{}@arayashiki", hex::encode(&model::signal::digest(hand.job.key.as_bytes())[..16])),
        purpose: "call".into(),
        headers: Vec::new(),
    };
    Some(mailer.send(&hand.call(), &mail).await.map(|_| ()))
}

async fn by_sms(shared: &Shared, hand: &Hand<'_>, person: &Reachable, message: &Message) -> Sent {
    let (sms, phone) = (shared.outside.sms.as_ref()?, person.phone.clone()?);
    let answer = message.links.iter().find(|link| link.url.contains("/answer/")).map(|link| link.url.as_str());
    Some(sms.send(&hand.call(), &phone, &message.headline, answer).await.map(|_| ()))
}

/// The canary's mail, to our own door by the way that the monitor's mails take.
pub async fn send_canary(shared: &Shared, hand: &Hand<'_>) -> Done {
    let Effect::SendCanary { canary, route } = &hand.job.action.effect else { return never("this job is no canary") };
    let Some(mailer) = &shared.outside.mailer else {
        return never("no [mail.relay] is set, so that no test mail can be sent: set it and restart");
    };
    let Some(route) = shared.settings.routes.iter().find(|one| one.name == *route) else {
        return never("this route is not in the configuration any more");
    };
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    let mail = Mail {
        to: route.recipient.clone(),
        subject: format!("Arayashiki: test of the route {}", route.name),
        text: "This mail tests a route. Nothing is wrong and nothing is to be done.".into(),
        message_id: format!("canary-{canary}@arayashiki"),
        purpose: "canary".into(),
        headers: vec![("X-Arayashiki-Canary".into(), canary.clone())],
    };
    crash_point!("act.before_send");
    match mailer.send(&hand.call(), &mail).await {
        Ok(_) => (done(None), vec![After::CanaryStep { canary: canary.clone(), step: Step::Mailed }]),
        Err(error) => hand.failed(shared, &error),
    }
}

/// Ours into the original; where that is resolved already, or does not take it, ours is resolved. A note says so.
pub async fn merge(shared: &Shared, client: &Client, hand: &Hand<'_>, (ours, into, note): (&str, &str, &str)) -> Done {
    let noted = || vec![After::Next(Box::new(merged_note(hand, ours, note))), After::Reread(ours.to_owned())];
    // Merged or resolved already, by an earlier try or by somebody: there is nothing left to do.
    let key = match client.incident(&hand.call(), ours).await {
        Ok(found) if !found.value.status.is_open() => return (done(None), noted()),
        Ok(found) => found.value.incident_key,
        Err(error) => return hand.failed(shared, &error),
    };
    // A key that may only look, or one that has no user to act as: the event API needs neither.
    let settled = |why: &str| match key.as_deref().filter(|key| is_ours(Some(key), "")) {
        Some(key) => {
            tracing::info!(ours, into, why, "ours can't be merged; an event resolves it");
            let settle = Action {
                key: format!("{}/settle", hand.job.key),
                lane: format!("events:{key}"),
                effect: Effect::Settle { dedup_key: key.to_owned(), route: None },
                not_before: None,
                ..hand.job.action.clone()
            };
            (done(None), vec![After::Next(Box::new(settle)), After::Reread(ours.to_owned())])
        }
        None => never(why),
    };
    let Some(from) = shared.settings.from.as_deref() else {
        return settled("no [pagerduty] from is set: an account's key needs a user to merge as");
    };
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    let merge = Act::Merge { sources: vec![ours.to_owned()] };
    match client.act(&hand.call(), into, &merge, from, "").await {
        Ok(_) => return (done(Some(into.to_owned())), noted()),
        Err(error) if is_forbidden(&error) => return settled(&error.text),
        Err(error) if is_refusal(&error) => {
            tracing::info!(ours, into, why = error.text, "PagerDuty does not merge these; ours is resolved");
        }
        Err(error) => return hand.failed(shared, &error),
    }
    let resolve = Act::Resolve { resolution: Some(note.to_owned()) };
    match client.act(&hand.call(), ours, &resolve, from, "").await {
        Ok(_) => (done(None), noted()),
        Err(error) if is_forbidden(&error) || is_refusal(&error) => settled(&error.text),
        Err(error) => hand.failed(shared, &error),
    }
}

const fn is_forbidden(error: &connectors::CallError) -> bool {
    matches!(error.kind, connectors::Kind::Forbidden)
}

fn merged_note(hand: &Hand<'_>, ours: &str, note: &str) -> Action {
    let marker = format!("arayashiki/merged/{ours}");
    Action {
        key: format!("{}/note", hand.job.key),
        effect: Effect::Note { incident: ours.to_owned(), text: format!("{note}\n{marker}"), marker },
        not_before: None,
        ..hand.job.action.clone()
    }
}

const fn is_refusal(error: &connectors::CallError) -> bool {
    use connectors::Kind;
    matches!(error.kind, Kind::BadRequest | Kind::NotFound | Kind::Conflict)
}
