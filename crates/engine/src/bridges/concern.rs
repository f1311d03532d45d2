//! What people are called for: raised once a reason and generation, told in Slack, paged in PagerDuty, and ended where it is seen to
//! end. Renders what was decided; decides nothing.

use super::{Settings as Bridges, Space, locks, remind, tickets};
use crate::Settings;
use crate::read::apply;
use crate::slack::{self, reply};
use duties::calendar::{Act, Acted};
use duties::reminders::words as reminding;
use duties::tickets::{Again, Closed, DUTY, End, Hit, Instead, dedup_key, words};
use duties::wording::Wording;
use duties::{Decision, Mode, OUR_EVENTS, OUR_TICKETS};
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};
use model::incident::{Incident, Status};
use model::message::{Card, Link, Look, Message, Press};
use model::ticket::Ticket;
use serde_json::json;
use store::actions::Doing;
use store::concerns::{self, Concern};
use store::posts::{self, Wanted};
use store::{StoreError, Tx, crash_point, reminders};

/// What is pressed on a message about a concern.
pub const TAKE: &str = "concern_take";

pub fn id(duty: &str, subject: &str, generation: i64) -> String {
    format!("{duty}/{subject}/{generation}")
}

/// What people are to be called for.
pub struct Raising<'a> {
    pub duty: &'static str,
    /// Which of the channels hears of it.
    pub kind: &'static str,
    pub subject: &'a str,
    pub generation: i64,
    pub rule: &'a str,
    pub customer: Option<&'a str>,
    pub channel: Option<String>,
    pub title: String,
    pub reason: String,
    pub severity: &'static str,
    pub mode: Mode,
    pub since: Micros,
    pub dedup_key: String,
    pub summary: String,
    pub source: String,
    pub details: serde_json::Value,
    pub links: Vec<Link>,
    pub route: Option<String>,
}

/// Raised once a reason and generation: told in Slack, paged in PagerDuty as far as its mode goes.
pub async fn raise(tx: &mut Tx, settings: &Settings, raising: Raising<'_>) -> Result<(), StoreError> {
    let channel = match &settings.slack {
        Some(slack) if raising.mode >= Mode::Post => {
            raising.channel.or_else(|| slack.channel(raising.kind, raising.customer))
        }
        _ => None,
    };
    let one = Concern {
        id: id(raising.duty, raising.subject, raising.generation),
        duty: raising.duty.into(),
        subject: raising.subject.to_owned(),
        generation: raising.generation,
        rule: raising.rule.to_owned(),
        customer: raising.customer.map(str::to_owned),
        channel,
        title: raising.title,
        reason: raising.reason,
        severity: raising.severity.into(),
        mode: mode(raising.mode).into(),
        since: raising.since,
        dedup_key: raising.dedup_key,
        incident: None,
        moved_at: None,
        moved_by: None,
        ended_at: None,
        ended: None,
    };
    if !concerns::add(tx, &one).await? {
        return Ok(());
    }
    crash_point!("concern.raised");
    if let Some(post) = post_of(&one) {
        slack::want(tx, &post).await?;
        remind::start(tx, settings, &post.id, raising.mode == Mode::Page).await?;
    }
    let effect = Effect::Page {
        dedup_key: one.dedup_key.clone(),
        summary: raising.summary,
        source: raising.source,
        severity: raising.severity.to_owned(),
        details: raising.details,
        links: raising.links,
        route: raising.route,
        tells_more: false,
    };
    let doing = if raising.mode == Mode::Page { Doing::Really } else { Doing::Observed };
    let why = format!("the rule \"{}\" calls somebody", raising.rule);
    apply(tx, Decision::act(event(&one, "page", effect, why)), doing).await
}

/// A ticket that is somebody's case.
pub async fn raise_ticket(
    tx: &mut Tx,
    settings: &Settings,
    space: &Space,
    ticket: &Ticket,
    hit: &Hit,
) -> Result<(), StoreError> {
    let page = words::page(&space.tickets, ticket, hit, None);
    let raising = Raising {
        duty: DUTY,
        kind: "tickets",
        subject: &ticket.id,
        generation: hit.generation,
        rule: &hit.rule,
        customer: space.customer_of(&ticket.project),
        channel: hit.channel.clone(),
        title: words::hit(&space.tickets, ticket, hit).headline,
        reason: json(hit)?,
        severity: hit.severity.as_str(),
        mode: hit.mode,
        since: hit.at,
        dedup_key: dedup_key(&ticket.id, hit),
        summary: page.summary,
        source: ticket.key.clone(),
        details: page.details,
        links: vec![Link { text: ticket.key.clone(), url: ticket.url.clone() }],
        route: space.route.clone(),
    };
    raise(tx, settings, raising).await
}

const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "observe",
        Mode::Post => "post",
        Mode::Page => "page",
    }
}

pub fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Bug(error.to_string()))
}

/// A trigger and its resolve keep their order.
fn event(one: &Concern, what: &str, effect: Effect, why: String) -> Action {
    Action {
        key: format!("{}/{what}", one.id),
        duty: one.duty.clone(),
        subject: one.subject.clone(),
        lane: format!("events:{}", one.dedup_key),
        effect,
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why,
        customer: one.customer.clone(),
        queue: Queue::Live,
    }
}

fn post_id(id: &str) -> String {
    format!("concern/{id}")
}

fn post_of(one: &Concern) -> Option<Wanted> {
    Some(Wanted {
        id: post_id(&one.id),
        parent: None,
        subject: one.id.clone(),
        customer: one.customer.clone(),
        channel: one.channel.clone()?,
    })
}

pub async fn want(tx: &mut Tx, one: &Concern) -> Result<(), StoreError> {
    match post_of(one) {
        Some(post) => slack::want(tx, &post).await,
        None => Ok(()),
    }
}

/// Something said in its thread; where it has none, nothing.
pub async fn say(tx: &mut Tx, one: &Concern, what: &str, card: Card, loud: bool) -> Result<(), StoreError> {
    let Some(wanted) = post_of(one) else { return Ok(()) };
    let Some(post) = posts::get(tx, &wanted.id).await? else { return Ok(()) };
    reply(tx, &post, what, card, loud).await.map(|_| ())
}

pub async fn again(tx: &mut Tx, space: &Space, ticket: &Ticket, again: &Again) -> Result<(), StoreError> {
    let Some(one) = concerns::last(tx, DUTY, &ticket.id).await?.filter(|one| one.ended_at.is_none()) else {
        return Ok(());
    };
    let card = Card::of(Message::new(words::again(&space.tickets, again)));
    say(tx, &one, &format!("again/{}", again.happening), card, false).await
}

/// How a concern ends.
pub struct Ending {
    pub id: String,
    pub ended: String,
    pub template: &'static str,
    pub said: Message,
    pub route: Option<String>,
}

pub async fn end(tx: &mut Tx, settings: &Settings, ending: Ending) -> Result<(), StoreError> {
    let Some(one) = concerns::get(tx, &ending.id).await? else { return Ok(()) };
    if !concerns::end(tx, &one.id, tx.now(), &ending.ended).await? {
        return Ok(());
    }
    reminders::stop(tx, &post_id(&one.id)).await?;
    crash_point!("concern.ended");
    want(tx, &one).await?;
    let message = worded(settings, ending.template, &ending.said);
    say(tx, &one, "ended", Card::of(message), false).await?;
    let effect = Effect::Settle { dedup_key: one.dedup_key.clone(), route: ending.route };
    let doing = if one.mode == "page" { Doing::Really } else { Doing::Observed };
    apply(tx, Decision::act(event(&one, "settle", effect, "the reason is seen to be gone".into())), doing).await
}

pub async fn end_ticket(
    tx: &mut Tx,
    settings: &Settings,
    space: &Space,
    ticket: &Ticket,
    (hit, end_): (&Hit, &End),
) -> Result<(), StoreError> {
    let ending = Ending {
        id: id(DUTY, &ticket.id, hit.generation),
        ended: json(end_)?,
        template: "ticket_ended",
        said: words::ended(&space.tickets, ticket, hit, end_),
        route: space.route.clone(),
    };
    end(tx, settings, ending).await
}

/// What nobody is called for is kept to be shown.
pub async fn would_have(
    tx: &mut Tx,
    space: &Space,
    ticket: &Ticket,
    hit: &Hit,
    instead: &Instead,
) -> Result<(), StoreError> {
    let now = tx.now();
    let one = Concern {
        id: format!("{DUTY}/{}/would/{}", ticket.id, hit.happening),
        duty: DUTY.into(),
        subject: ticket.id.clone(),
        generation: 0,
        rule: hit.rule.clone(),
        customer: space.customer_of(&ticket.project).map(str::to_owned),
        channel: None,
        title: words::hit(&space.tickets, ticket, hit).headline,
        reason: json(hit)?,
        severity: hit.severity.as_str().into(),
        mode: "observe".into(),
        since: hit.at,
        dedup_key: format!("{}/would/{}", dedup_key(&ticket.id, hit), hit.happening),
        incident: None,
        moved_at: None,
        moved_by: None,
        ended_at: None,
        ended: None,
    };
    if concerns::add(tx, &one).await? {
        concerns::end(tx, &one.id, now, &json(instead)?).await?;
    }
    Ok(())
}

/// A duty's own words through the installation's template.
pub fn worded(settings: &Settings, name: &str, said: &Message) -> Message {
    let Some(slack) = &settings.slack else { return said.clone() };
    through(&slack.wording, name, slack.language, said)
}

pub fn through(wording: &Wording, name: &str, language: duties::Language, said: &Message) -> Message {
    let facts = json!({ "headline": said.headline, "lines": said.lines });
    match wording.say(name, language, &facts) {
        Ok(message) => Message { links: said.links.clone(), ..message },
        Err(_) => said.clone(),
    }
}

/// Whether messages have buttons.
pub fn can_press(settings: &Settings) -> bool {
    settings.slack.as_ref().is_some_and(slack::Settings::can_press)
}

/// What its message says now, and whether it is over.
pub async fn card(tx: &mut Tx, settings: &Settings, id: &str) -> Result<Option<(Card, bool)>, StoreError> {
    let Some(one) = concerns::get(tx, id).await? else { return Ok(None) };
    let card = match one.duty.as_str() {
        duties::CALENDAR => super::event::card(tx, settings, &one).await?,
        _ => ticket_card(tx, settings, &one).await?,
    };
    Ok(card.map(|card| (card, one.ended_at.is_some())))
}

/// Who has it, while it goes on.
pub fn held(settings: &Settings, one: &Concern) -> Option<String> {
    let (by, at) = (one.moved_by.as_ref()?, one.moved_at?);
    one.ended_at.is_none().then(|| reminding::held(&settings.bridges.locale, by, at))
}

async fn ticket_card(tx: &mut Tx, settings: &Settings, one: &Concern) -> Result<Option<Card>, StoreError> {
    let Some(kept) = store::tickets::get(tx, &model::Scope::All, &one.subject).await? else { return Ok(None) };
    let ticket = &kept.reading.ticket;
    let Some(space) = settings.bridges.space(&ticket.space) else { return Ok(None) };
    let end = one.ended.as_deref().and_then(|ended| serde_json::from_str::<End>(ended).ok());
    let hit = tickets::hit_of(one);
    let message = match (&hit, &end) {
        (Some(hit), Some(end)) => worded(settings, "ticket_ended", &words::ended(&space.tickets, ticket, hit, end)),
        (Some(hit), None) => worded(settings, "ticket", &words::hit(&space.tickets, ticket, hit)),
        (None, Some(_)) => worded(settings, "ticket_ended", &words::lost(&space.tickets, ticket, &one.title)),
        (None, None) => return Ok(None),
    };
    let mut card = Card::of(message.and(held(settings, one)));
    if let Some(hit) = hit.filter(|_| one.ended_at.is_none()) {
        let group = space.tickets.group_of(&hit);
        card.mentions = group.and_then(|id| settings.bridges.slack_groups.get(id)).cloned().into_iter().collect();
    }
    if one.ended_at.is_none() && one.moved_at.is_none() && can_press(settings) {
        let text = if space.tickets.locale.language == duties::Language::Ja { "引き受ける" } else { "Take it" };
        card.presses.push(Press {
            act: TAKE.into(),
            text: text.into(),
            value: one.id.clone(),
            look: Look::Main,
            confirm: None,
        });
    }
    Ok(Some(card))
}

/// Somebody pressed *take*: it is theirs, the reminders stop, and PagerDuty wakes nobody else. It ends where it is seen to end, as
/// ever. False when somebody else was first, or it is over.
pub async fn take(tx: &mut Tx, settings: &Settings, id: &str, by: &str) -> Result<bool, StoreError> {
    let Some(one) = locked(tx, id).await?.filter(|one| one.ended_at.is_none()) else { return Ok(false) };
    let now = tx.now();
    if !moved(tx, &one, now, by).await? {
        return Ok(false);
    }
    // PagerDuty forgets what is said of an incident that it has not opened yet; it is said once that is there.
    if one.incident.is_some() {
        acknowledge(tx, settings, &one, (now, by)).await?;
    }
    Ok(true)
}

/// Once for each time that somebody takes it: whoever lets it go may take it again.
async fn acknowledge(
    tx: &mut Tx,
    settings: &Settings,
    one: &Concern,
    (moved_at, by): (Micros, &str),
) -> Result<(), StoreError> {
    let effect = Effect::Acknowledge { dedup_key: one.dedup_key.clone(), route: route(settings, one) };
    let doing = if one.mode == "page" { Doing::Really } else { Doing::Observed };
    let action = event(one, &format!("acknowledge/{}", moved_at.0), effect, format!("{by} has taken it"));
    apply(tx, Decision::act(action), doing).await
}

/// The route whose integration key it was paged by.
pub fn route(settings: &Settings, one: &Concern) -> Option<String> {
    let bridges = &settings.bridges;
    if one.duty == duties::CALENDAR {
        return bridges.calendar_route.clone();
    }
    let space = one.subject.split('/').next().and_then(|name| bridges.space(name));
    space.and_then(|space| space.route.clone())
}

/// Takes the lock of what it is about.
pub async fn hold(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    locked(tx, id).await.map(|_| ())
}

/// Under the lock of what it is about, which whoever judges that holds before the concern.
async fn locked(tx: &mut Tx, id: &str) -> Result<Option<Concern>, StoreError> {
    let Some(one) = concerns::get(tx, id).await? else { return Ok(None) };
    tx.lock(&[locks::of_concern(&one)]).await?;
    concerns::get(tx, id).await
}

/// Somebody has it: the reminders stop, and its message says who. False when somebody was first.
async fn moved(tx: &mut Tx, one: &Concern, at: Micros, by: &str) -> Result<bool, StoreError> {
    let is_first = concerns::moved(tx, &one.id, at, by).await?;
    reminders::stop(tx, &post_id(&one.id)).await?;
    if is_first {
        want(tx, one).await?;
    }
    Ok(is_first)
}

/// The duty that called for it hears that somebody closed it.
async fn acted(tx: &mut Tx, settings: &Settings, one: &Concern, what: Acted, by: &str) -> Result<(), StoreError> {
    // As the key of a hit and of a notice is made; whether or not the rest of it can still be read.
    let (at, key) = (tx.now(), format!("{}#{}", one.rule, one.generation));
    if one.duty == duties::CALENDAR {
        let act = Act { notice: key, what, by: Some(by.to_owned()), at };
        return super::calendar::acted(tx, settings, &one.subject, &act).await;
    }
    tickets::closed(tx, settings, &one.subject, Closed { hit: key, by: by.to_owned(), at }).await
}

/// Somebody pressed *done*: an event is served. False when it is over.
pub async fn finish(tx: &mut Tx, settings: &Settings, id: &str, by: &str) -> Result<bool, StoreError> {
    let Some(one) = locked(tx, id).await?.filter(|one| one.ended_at.is_none()) else { return Ok(false) };
    let now = tx.now();
    moved(tx, &one, now, by).await?;
    acted(tx, settings, &one, Acted::Done, by).await?;
    Ok(true)
}

/// An incident of ours changed in PagerDuty: whoever acknowledges it there has it, and whoever resolves it has closed the matter.
pub async fn shown(tx: &mut Tx, settings: &Settings, incident: &Incident) -> Result<(), StoreError> {
    let Some(key) = own_key(incident) else { return Ok(()) };
    let Some(one) = concerns::by_key(tx, key).await? else { return Ok(()) };
    let Some(one) = locked(tx, &one.id).await? else { return Ok(()) };
    concerns::became(tx, &one.id, &incident.data.id).await?;
    if one.ended_at.is_some() {
        return Ok(());
    }
    let last = incident.acknowledgements.last();
    let by = last.map(|ack| ack.by.name.clone()).filter(|name| !name.is_empty());
    let by = by.unwrap_or_else(|| "PagerDuty".to_owned());
    match incident.data.status {
        Status::Triggered => open(tx, settings, &one, last.map(|ack| ack.at)).await,
        Status::Acknowledged => {
            let at = last.map_or_else(|| tx.now(), |ack| ack.at);
            moved(tx, &one, at, &by).await.map(|_| ())
        }
        Status::Resolved => {
            let now = tx.now();
            moved(tx, &one, now, &by).await?;
            acted(tx, settings, &one, Acted::Closed, &by).await
        }
    }
}

/// Open, and acknowledged by nobody there. Where somebody has it here, PagerDuty has not heard of that yet, or took the acknowledgement
/// back: then nobody has it any more, and people are reminded anew. `acknowledged_at`: when it last was.
async fn open(
    tx: &mut Tx,
    settings: &Settings,
    one: &Concern,
    acknowledged_at: Option<Micros>,
) -> Result<(), StoreError> {
    let (Some(moved_at), Some(by)) = (one.moved_at, &one.moved_by) else { return Ok(()) };
    // PagerDuty tells whole seconds.
    if acknowledged_at.is_none_or(|at| at < moved_at.floor_s()) {
        return acknowledge(tx, settings, one, (moved_at, by)).await;
    }
    concerns::let_go(tx, &one.id).await?;
    remind::again(tx, settings, &post_id(&one.id)).await?;
    want(tx, one).await
}

/// Whether an incident is a concern's own, which has a message already.
pub async fn tells(tx: &mut Tx, incident: &Incident) -> Result<bool, StoreError> {
    let Some(key) = own_key(incident) else { return Ok(false) };
    Ok(concerns::by_key(tx, key).await?.is_some_and(|one| one.channel.is_some()))
}

/// The key of ours that an incident was opened by.
fn own_key(incident: &Incident) -> Option<&str> {
    let keys = incident
        .data
        .incident_key
        .as_deref()
        .into_iter()
        .chain(incident.alerts.iter().filter_map(|a| a.key.as_deref()));
    keys.into_iter().find(|key| key.starts_with(OUR_TICKETS) || key.starts_with(OUR_EVENTS))
}

/// Those of the configuration whom a reminder is for.
pub fn slack_ids(bridges: &Bridges, ids: &[String]) -> Vec<String> {
    let known = bridges.people.iter().filter(|person| ids.contains(&person.id));
    known.filter_map(|person| person.slack.clone()).collect()
}
