//! Reminders: whoever should have moved is asked again, in the thread, until somebody does. When and whom is decided elsewhere.

use super::{Settings as Bridges, concern, roster};
use crate::{Settings, Shared, sweep, wake};
use duties::reminders::{self, Due, State, Target, words};
use duties::safety_net::callout;
use duties::tickets as tickets_duty;
use model::Scope;
use model::message::Card;
use std::time::Duration;
use store::concerns::{self, Concern};
use store::{StoreError, Tx, crash_point, reference};
use tokio_util::sync::CancellationToken;

const TICK: Duration = Duration::from_secs(1);
const MOST: i64 = 50;

pub async fn run(shared: Shared, stop: CancellationToken) {
    let mut jumps = sweep::Jumps::new(shared.store.clock().clone());
    while wake::pause(TICK, &stop).await {
        // A clock that jumped makes nothing late: the sources are read afresh first.
        if jumps.tick() {
            continue;
        }
        let settings = shared.settings.clone();
        let looked = shared.store.write("reminders", move |tx| {
            let settings = settings.clone();
            Box::pin(async move { look(tx, &settings).await })
        });
        match looked.await {
            Ok(0) => {}
            Ok(_) => shared.wake.act.notify_waiters(),
            Err(error) => shared.trouble.failed(&error, "looking for whom to remind"),
        }
    }
}

async fn look(tx: &mut Tx, settings: &Settings) -> Result<usize, StoreError> {
    let due = concerns::to_remind(tx, tx.now(), MOST).await?;
    if due.is_empty() {
        return Ok(0);
    }
    // Several processes may look at once: one of them reminds.
    tx.lock(&due.iter().map(|one| format!("remind:{}", one.id)).collect::<Vec<_>>()).await?;
    let roster = roster(tx, &settings.bridges).await?;
    let mut made = 0;
    for one in due {
        // Asked again under the lock.
        let Some(one) = concerns::get(tx, &one.id).await?.filter(|one| one.remind_at.is_some_and(|at| at <= tx.now()))
        else {
            continue;
        };
        made += usize::from(remind(tx, settings, &roster, &one).await?);
    }
    Ok(made)
}

async fn remind(
    tx: &mut Tx,
    settings: &Settings,
    roster: &model::hours::Roster,
    one: &Concern,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let bridges = &settings.bridges;
    let state = one.reminder.as_deref().and_then(|text| serde_json::from_str::<State>(text).ok());
    let Some(state) = state else {
        concerns::remind(tx, &one.id, "", None).await?;
        return Ok(false);
    };
    let (state, due) = reminders::due(&bridges.reminders, &state, roster, now);
    let json = serde_json::to_string(&state).map_err(|error| StoreError::Bug(error.to_string()))?;
    let next = state.stopped.is_none().then_some(state.next_at);
    concerns::remind(tx, &one.id, &json, next).await?;
    crash_point!("remind.counted");
    let locale = locale(settings, one);
    let matter = words::Matter { headline: &one.title, rule: &one.rule, url: None };
    match due {
        Due::Remind { n, to } => {
            let message = words::remind(&locale, &bridges.reminders, &matter, &state, now);
            let mut card = Card::of(through(settings, &message));
            card.mentions = whom(tx, settings, &to).await?;
            concern::say(tx, one, &format!("remind/{n}"), card, to.contains(&Target::Channel)).await?;
            Ok(true)
        }
        Due::Stop(reminders::Stop::NobodyActed { count }) => {
            let message = words::nobody_acted(&locale, &matter, &state, now);
            concern::say(tx, one, &format!("nobody/{count}"), Card::of(message), true).await?;
            Ok(true)
        }
        Due::Stop(_) | Due::Postpone { .. } | Due::Nothing => Ok(false),
    }
}

fn through(settings: &Settings, message: &model::message::Message) -> model::message::Message {
    match &settings.slack {
        Some(slack) => concern::through(&slack.wording, "reminder", slack.language, message),
        None => message.clone(),
    }
}

fn locale(settings: &Settings, one: &Concern) -> duties::locale::Locale {
    let space = one.subject.split('/').next().and_then(|name| settings.bridges.space(name));
    let own = space.filter(|_| one.duty == tickets_duty::DUTY).map(|space| space.tickets.locale.clone());
    own.unwrap_or_default()
}

/// Their Slack accounts, where they are known.
async fn whom(tx: &mut Tx, settings: &Settings, to: &[Target]) -> Result<Vec<String>, StoreError> {
    let bridges = &settings.bridges;
    let mut ids: Vec<String> = Vec::new();
    for target in to {
        match target {
            Target::OnCall => ids.extend(on_call(tx, settings, bridges).await?),
            Target::Person(id) => ids.push(id.clone()),
            Target::Group(id) => {
                let members = bridges.roster.persons.iter().filter(|person| person.groups.contains(id));
                ids.extend(members.map(|person| person.id.clone()));
            }
            Target::Registrant | Target::Channel => {}
        }
    }
    let mut found = concern::slack_ids(bridges, &ids);
    found.sort();
    found.dedup();
    Ok(found)
}

async fn on_call(tx: &mut Tx, settings: &Settings, bridges: &Bridges) -> Result<Vec<String>, StoreError> {
    let now = tx.now();
    let rows = reference::on_duty(tx, &Scope::All, now).await?;
    let users = reference::list(tx, &Scope::All, model::reference::Kind::User).await?;
    let first = callout::on_call(&settings.net, 1, now, &rows);
    let is_of = |person: &super::Person, user: &str| {
        let mail = users.iter().find(|known| known.id == user).and_then(|known| known.email.as_deref());
        person.pagerduty.as_deref() == Some(user) || (mail.is_some() && person.pagerduty.as_deref() == mail)
    };
    let users_on: Vec<&str> = first.iter().filter_map(|row| row.user.as_deref()).collect();
    let known = bridges.people.iter().filter(|person| users_on.iter().any(|user| is_of(person, user)));
    Ok(known.map(|person| person.id.clone()).collect())
}
