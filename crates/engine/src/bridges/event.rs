//! What people are told of events: the notice as a concern like others, early posts, what nobody served, windows of maintenance. Renders
//! what was decided; decides nothing.

use super::calendar::Calendar;
use super::concern::{self, Ending, Raising, can_press};
use super::windows;
use crate::Settings;
use crate::read::apply;
use duties::calendar::{
    Announcement, CloseWhy, DUTY, End, Notice, Settings as Rules, Unserved, Window, dedup_key, words,
};
use duties::{Decision, Mode};
use model::action::{Action, Effect, Precondition, Queue};
use model::calendar::CalendarEvent;
use model::message::{Card, Link, Look, Message, Press};
use store::actions::Doing;
use store::concerns::{self, Concern};
use store::{StoreError, Tx};

type Of<'a> = (&'a Rules, &'a Calendar);

pub async fn raise(
    tx: &mut Tx,
    settings: &Settings,
    (rules, calendar): Of<'_>,
    event: &CalendarEvent,
    notice: &Notice,
) -> Result<(), StoreError> {
    let page = words::page(rules, event, notice);
    let raising = Raising {
        duty: DUTY,
        kind: "calendar",
        subject: &event.id,
        generation: notice.generation,
        rule: &notice.rule,
        customer: calendar.customer.as_deref(),
        channel: notice.channel.clone(),
        title: words::notice(rules, event, notice, can_press(settings)).headline,
        reason: concern::json(notice)?,
        severity: notice.severity.as_str(),
        mode: notice.mode,
        since: notice.at,
        dedup_key: dedup_key(&event.id, notice.generation),
        summary: page.summary,
        source: calendar.name.clone(),
        details: page.details,
        links: event.url.iter().map(|url| Link { text: event.title.clone(), url: url.clone() }).collect(),
        route: settings.bridges.calendar_route.clone(),
    };
    concern::raise(tx, settings, raising).await
}

/// Title, text, place or end are others: the message says so, and so do the reminders.
pub async fn retell(tx: &mut Tx, settings: &Settings, rules: &Rules, event: &CalendarEvent) -> Result<(), StoreError> {
    let Some(one) = concerns::last(tx, DUTY, &event.id).await? else { return Ok(()) };
    if let Ok(notice) = serde_json::from_str::<Notice>(&one.reason) {
        concerns::retell(tx, &one.id, &words::notice(rules, event, &notice, can_press(settings)).headline).await?;
    }
    concern::want(tx, &one).await
}

pub async fn end(
    tx: &mut Tx,
    settings: &Settings,
    (rules, _): Of<'_>,
    event: &CalendarEvent,
    (notice, end): (&Notice, &End),
) -> Result<(), StoreError> {
    let ending = Ending {
        id: concern::id(DUTY, &event.id, notice.generation),
        ended: concern::json(end)?,
        template: "event_ended",
        said: words::ended(rules, event, notice, end),
        route: settings.bridges.calendar_route.clone(),
    };
    concern::end(tx, settings, ending).await
}

/// An early post, told once.
pub async fn announce(
    tx: &mut Tx,
    settings: &Settings,
    (rules, calendar): Of<'_>,
    event: &CalendarEvent,
    early: &Announcement,
) -> Result<(), StoreError> {
    let message = words::announcement(rules, event, early, tx.now());
    tell(tx, settings, (calendar, early.channel.as_deref()), event, (&early.key, early.mode), message).await
}

/// The report of what nobody served.
pub async fn unserved(
    tx: &mut Tx,
    settings: &Settings,
    (rules, calendar): Of<'_>,
    event: &CalendarEvent,
    unserved: &Unserved,
) -> Result<(), StoreError> {
    let message = concern::worded(settings, "event_unserved", &words::unserved(rules, event, unserved));
    let key = format!("{}/unserved", unserved.key);
    tell(tx, settings, (calendar, unserved.channel.as_deref()), event, (&key, unserved.mode), message).await
}

pub async fn window(
    tx: &mut Tx,
    settings: &Settings,
    (rules, calendar): Of<'_>,
    event: &CalendarEvent,
    window: &Window,
    is_change: bool,
) -> Result<(), StoreError> {
    let message = match windows::want(tx, calendar, event, window).await? {
        true => words::window(rules, event, window, is_change),
        false => words::window_left(rules, event, window),
    };
    let key = format!("{}/window/{}-{}", window.key, window.starts_at.second(), window.ends_at.second());
    tell(tx, settings, (calendar, window.channel.as_deref()), event, (&key, window.mode), message).await
}

pub async fn window_closed(
    tx: &mut Tx,
    settings: &Settings,
    (rules, calendar): Of<'_>,
    event: &CalendarEvent,
    (window, why): (&Window, CloseWhy),
) -> Result<(), StoreError> {
    windows::unwant(tx, calendar, event, (window, why)).await?;
    let message = words::window_closed(rules, event, window, why);
    let key = format!("{}/window/closed", window.key);
    tell(tx, settings, (calendar, window.channel.as_deref()), event, (&key, window.mode), message).await
}

/// To the channel that the rule names, or that of calendars.
pub async fn tell(
    tx: &mut Tx,
    settings: &Settings,
    (calendar, channel): (&Calendar, Option<&str>),
    event: &CalendarEvent,
    (key, mode): (&str, Mode),
    message: Message,
) -> Result<(), StoreError> {
    let action = Action {
        key: format!("{DUTY}/{}/{key}", event.id),
        duty: DUTY.into(),
        subject: event.id.clone(),
        lane: format!("event:{}", event.id),
        effect: Effect::Tell { channel: "calendar".into(), to: channel.map(str::to_owned), message },
        not_before: None,
        not_after: Some(event.ends_at.max(tx.now()).plus_s(86_400)),
        precondition: Precondition::None,
        why: "a rule of the calendar says so".into(),
        customer: calendar.customer.clone(),
        queue: Queue::Live,
    };
    let doing = if settings.posts && mode >= Mode::Post { Doing::Really } else { Doing::Observed };
    apply(tx, Decision::act(action), doing).await
}

/// What had begun at first contact is kept to be shown.
pub async fn would_have(
    tx: &mut Tx,
    (rules, calendar): Of<'_>,
    event: &CalendarEvent,
    rule: &str,
) -> Result<(), StoreError> {
    let one = Concern {
        id: format!("{DUTY}/{}/would", event.id),
        duty: DUTY.into(),
        subject: event.id.clone(),
        generation: 0,
        rule: rule.to_owned(),
        customer: calendar.customer.clone(),
        channel: None,
        title: words::would_have(rules, event, rule),
        reason: "{}".into(),
        severity: "info".into(),
        mode: "observe".into(),
        since: event.starts_at,
        dedup_key: format!("{}/would", dedup_key(&event.id, 0)),
        incident: None,
        moved_at: None,
        moved_by: None,
        ended_at: None,
        ended: None,
    };
    if concerns::add(tx, &one).await? {
        concerns::end(tx, &one.id, tx.now(), "{}").await?;
    }
    Ok(())
}

/// What is pressed when it is done.
pub const DONE: &str = "concern_done";

/// What the message of a notice says now.
pub async fn card(tx: &mut Tx, settings: &Settings, one: &Concern) -> Result<Option<Card>, StoreError> {
    let Some(kept) = store::calendar_events::get(tx, &model::Scope::All, &one.subject).await? else { return Ok(None) };
    let rules = &settings.bridges.calendar_rules;
    let notice = serde_json::from_str::<Notice>(&one.reason).ok();
    let end = one.ended.as_deref().and_then(|ended| serde_json::from_str::<End>(ended).ok());
    let said = match (notice, &end) {
        (Some(notice), Some(end)) => {
            concern::worded(settings, "event_ended", &words::ended(rules, &kept.event, &notice, end))
        }
        (Some(notice), None) => {
            concern::worded(settings, "event", &words::notice(rules, &kept.event, &notice, can_press(settings)))
        }
        (None, Some(_)) => concern::worded(settings, "event_ended", &words::lost(rules, &kept.event, &one.title)),
        (None, None) => return Ok(None),
    };
    let mut card = Card::of(said.and(concern::held(settings, one)));
    if one.ended_at.is_none() && can_press(settings) {
        let is_japanese = rules.locale.language == duties::Language::Ja;
        let press = |act: &str, ja: &str, en: &str, look| Press {
            act: act.into(),
            text: if is_japanese { ja.into() } else { en.into() },
            value: one.id.clone(),
            look,
            confirm: None,
        };
        if one.moved_at.is_none() {
            card.presses.push(press(concern::TAKE, "引き受ける", "Take it", Look::Main));
        }
        card.presses.push(press(DONE, "対応済みにする", "Done", Look::Plain));
    }
    Ok(Some(card))
}
