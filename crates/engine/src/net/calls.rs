//! The second path: whoever is on call is paged besides PagerDuty when a registration is not seen in time; unanswered, the
//! next level is. What comes shortly after a page, or its answer, joins that call; nobody is paged for each alert of many.

use super::lock_name;
use crate::Settings;
use crate::read::apply;
use duties::safety_net::called::{self, Called};
use duties::safety_net::callout::{self, User};
use duties::safety_net::{DUTY, register, storm_monitor, words};
use duties::{Decision, Mode};
use model::Scope;
use model::action::{Action, Channel, Effect, Precondition, Queue};
use model::message::Message;
use model::reference::{Kind, Thing};
use std::collections::BTreeSet;
use store::actions::Doing;
use store::callouts::{self, Callout};
use store::nets::{self, Net};
use store::{StoreError, Tx, crash_point, outages, reference};

/// Alerts that one page is for at once; the rest joins it.
const MOST: i64 = 500;
/// A page names fewer.
const MOST_NAMED: i64 = 20;

/// Begins calls that are due, and passes on those that nobody answered. Says how many jobs it made.
pub async fn look(tx: &mut Tx, settings: &Settings) -> Result<i64, StoreError> {
    // With nobody to page, alerts wait as uncalled until somebody can be.
    if !settings.net.calls || settings.net.mode < Mode::Page || reachable(settings).is_empty() {
        return Ok(0);
    }
    let is_outage = outages::open(tx, &Scope::All).await?.is_some();
    let now = tx.now();
    let unanswered = callouts::unanswered(tx, now, MOST).await?;
    let found = waiting(tx, settings, is_outage).await?;
    let mut ids: BTreeSet<String> = found.into_iter().map(|net| net.id).collect();
    let subjects: BTreeSet<&str> = unanswered.iter().map(|call| call.subject.as_str()).collect();
    for subject in subjects {
        ids.extend(nets::joined(tx, subject).await?);
    }
    // All at once and in their order: whoever reads mails locks them so.
    tx.lock(&ids.iter().map(|id| lock_name(id)).collect::<Vec<_>>()).await?;
    let passed = pass_on(tx, settings, unanswered).await?;
    // Asked again under the locks: one may have recovered meanwhile, or was named by the next level's page.
    let mut due = waiting(tx, settings, is_outage).await?;
    due.retain(|net| ids.contains(&net.id));
    Ok(passed + begin(tx, settings, due, is_outage).await?)
}

/// Alerts whose registration nobody has seen in time, at once while PagerDuty is out; and those that joined a call which came
/// to nothing for them.
async fn waiting(tx: &mut Tx, settings: &Settings, is_outage: bool) -> Result<Vec<Net>, StoreError> {
    let now = tx.now();
    let register::CallDue { asked, long_asked, missing } = register::call_due(&settings.net, now, is_outage);
    let mut found = nets::uncalled(tx, nets::Due { asked, long_asked, missing }, MOST).await?;
    found.extend(nets::untold(tx, now.plus_s(-callout::JOINS_S), MOST).await?);
    Ok(found)
}

/// People are paged for all that is due, unless they were paged a moment ago: then it joins that call.
async fn begin(tx: &mut Tx, settings: &Settings, mut due: Vec<Net>, is_outage: bool) -> Result<i64, StoreError> {
    if due.is_empty() {
        return Ok(0);
    }
    let now = tx.now();
    if let Some(before) = callouts::joinable(tx, now.plus_s(-callout::JOINS_S)).await? {
        return join(tx, settings, &before, &due, is_outage).await.map(|()| 0);
    }
    due.sort_by_key(|net| net.missing_since);
    let subject = format!("call/{}", now.0);
    let message = message(settings, &due, due.len(), is_outage);
    for net in &due {
        nets::call(tx, &net.id, &subject, None).await?;
    }
    crash_point!("net.call_taken");
    call(tx, settings, &subject, 1, &message, one_customer(&due)).await
}

/// The call is for these as well: its pages show them at once, the next level's names them.
async fn join(
    tx: &mut Tx,
    settings: &Settings,
    before: &Callout,
    due: &[Net],
    is_outage: bool,
) -> Result<(), StoreError> {
    let now = tx.now();
    for net in due {
        nets::call(tx, &net.id, &before.subject, Some(now)).await?;
    }
    let (nets, count) = nets::of_call(tx, &before.subject, MOST_NAMED).await?;
    let message = message(settings, &nets, usize::try_from(count).unwrap_or(0), is_outage);
    let is_same = due.iter().all(|net| net.customer == before.customer);
    let customer = before.customer.as_deref().filter(|_| is_same);
    callouts::grown(tx, &before.subject, &json(&message)?, customer).await
}

fn message(settings: &Settings, nets: &[Net], count: usize, is_outage: bool) -> Message {
    let customer = one_customer(nets);
    let known = settings.customers.iter().find(|known| Some(&known.id) == customer.as_ref());
    let titles: Vec<String> = nets.iter().map(|net| title(settings, net)).collect();
    let called = Called {
        alerts: nets.iter().zip(&titles).map(|(net, title)| alert(net, title)).collect(),
        count: i64::try_from(count).unwrap_or(0),
        customer: known.map(|customer| customer.name.as_str()).or(customer.as_deref()),
        is_outage,
    };
    called::message(&settings.net, &called)
}

fn json(message: &Message) -> Result<String, StoreError> {
    serde_json::to_string(message).map_err(|error| StoreError::Bug(error.to_string()))
}

fn title(settings: &Settings, net: &Net) -> String {
    match storm_monitor(&net.id) {
        Some(monitor) => words::storm(&settings.net, monitor, net.mails),
        None => net.title.clone(),
    }
}

fn alert<'a>(net: &'a Net, title: &'a str) -> called::Alert<'a> {
    called::Alert {
        title,
        host: net.host.as_deref(),
        monitor: &net.monitor,
        since: net.missing_since.unwrap_or(net.changed_at),
    }
}

/// A call about several customers' alerts is no customer's.
fn one_customer(nets: &[Net]) -> Option<String> {
    let first = nets.first()?.customer.clone();
    if nets.iter().all(|net| net.customer == first) { first } else { None }
}

/// Those who can be paged by a way that is set.
fn reachable(settings: &Settings) -> Vec<callout::Reachable> {
    let can = |person: &&callout::Reachable| !callout::ways(person, &settings.channels).is_empty();
    settings.people.iter().filter(can).cloned().collect()
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
    let reachable = reachable(settings);
    let mut made = 0;
    for person in callout::people(&settings.net, (level, now), &rows, &users, &reachable) {
        let one = Callout {
            id: format!("{subject}/{level}/{}", person.id),
            subject: subject.to_owned(),
            generation: 1,
            level,
            person: person.id.clone(),
            text: json(message)?,
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
            for channel in callout::ways(person, &settings.channels) {
                apply(tx, Decision::act(send(&one, channel)), Doing::Really).await?;
                made += 1;
            }
        }
    }
    Ok(made)
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
    let now = tx.now();
    let rows = reference::on_duty(tx, &Scope::All, now).await?;
    let users = reference::list(tx, &Scope::All, Kind::User).await?;
    let users = users.into_iter().map(|user| User { id: user.id, name: user.name, email: user.email }).collect();
    Ok((rows, users))
}

/// The names of those on call at the first level, for posts.
pub async fn names(tx: &mut Tx, settings: &Settings) -> Result<Vec<String>, StoreError> {
    let (rows, _) = on_call(tx).await?;
    let on_call = callout::on_call(&settings.net, 1, tx.now(), &rows);
    let mut names: Vec<String> = on_call.iter().map(|row| row.name.clone()).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Unanswered: the next level, as long as there is one. Its page names what joined the call since the one before.
async fn pass_on(tx: &mut Tx, settings: &Settings, unanswered: Vec<Callout>) -> Result<i64, StoreError> {
    let mut made = 0;
    let mut passed: Vec<(String, i64)> = Vec::new();
    for one in unanswered {
        callouts::passed_on(tx, &one.id).await?;
        let step = (one.subject.clone(), one.level);
        if passed.contains(&step) || one.level >= settings.net.levels {
            continue;
        }
        passed.push(step);
        let Ok(message) = serde_json::from_str::<Message>(&one.text) else { continue };
        // A level at which nobody can be reached must not be the end.
        for level in one.level + 1..=settings.net.levels {
            let called = call(tx, settings, &one.subject, level, &message, one.customer.clone()).await?;
            made += called;
            if called > 0 {
                told(tx, &one.subject).await?;
                break;
            }
        }
    }
    Ok(made)
}

/// A page names all that the call is for.
async fn told(tx: &mut Tx, subject: &str) -> Result<(), StoreError> {
    for id in nets::joined(tx, subject).await? {
        nets::call(tx, &id, subject, None).await?;
    }
    Ok(())
}
