//! Reminders: whoever should have moved is asked again, in the thread, until somebody does. When and whom is decided elsewhere; what it
//! is about is looked up when it is due.

use super::concern;
use super::roster::roster;
use crate::slack::{self, reply};
use crate::{Settings, Shared, sweep, wake};
use duties::reminders::words::{self, Way};
use duties::reminders::{self, Due, State, Stop, Target};
use duties::safety_net::callout;
use model::incident::{Incident, Ref, Status, Urgency, fold};
use model::message::{Card, Message};
use model::{Micros, Scope};
use std::time::Duration;
use store::concerns::{self, Concern};
use store::posts::{self, Post};
use store::{StoreError, Tx, calendar_events, crash_point, facts, reference, tickets};
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
        match look(&shared).await {
            Ok(0) => {}
            Ok(_) => shared.wake.act.notify_waiters(),
            Err(error) => shared.trouble.failed(&error, "looking for whom to remind"),
        }
    }
}

/// From now on people are reminded in the thread of this post. One that is known goes on as it was.
pub async fn start(tx: &mut Tx, settings: &Settings, post: &str, is_urgent: bool) -> Result<(), StoreError> {
    let state = reminders::start(&settings.bridges.reminders, tx.now(), is_urgent);
    store::reminders::start(tx, post, &concern::json(&state)?, state.next_at).await.map(|_| ())
}

/// An incident that has a message: people are reminded while nobody has it.
pub async fn incident(tx: &mut Tx, settings: &Settings, post: &str, incident: &Incident) -> Result<(), StoreError> {
    let data = &incident.data;
    if data.status != Status::Triggered {
        return store::reminders::stop(tx, post).await.map(|_| ());
    }
    if !settings.bridges.reminders.incidents.means(data.urgency) {
        return Ok(());
    }
    if store::reminders::get(tx, post).await?.is_none() {
        return start(tx, settings, post, data.urgency == Urgency::High).await;
    }
    again(tx, settings, post).await
}

/// Whoever had it let it go, or was too slow for PagerDuty. Nothing where people are being reminded, or never were.
pub async fn again(tx: &mut Tx, settings: &Settings, post: &str) -> Result<(), StoreError> {
    let Some(known) = store::reminders::get(tx, post).await? else { return Ok(()) };
    if let (None, Some(state)) = (known.due_at, state(&known.state).filter(|state| state.stopped.is_none())) {
        let state = reminders::again(&settings.bridges.reminders, &state, tx.now());
        store::reminders::resume(tx, post, &concern::json(&state)?, state.next_at).await?;
    }
    Ok(())
}

/// Whether this reminder is still to be said when its turn comes. Where nothing could be posted for long, the latest says all.
pub async fn is_latest(tx: &mut Tx, post: &str, n: u32) -> Result<bool, StoreError> {
    let known = store::reminders::get(tx, post).await?.filter(|one| one.due_at.is_some());
    Ok(known.and_then(|known| state(&known.state)).is_some_and(|state| state.count == n))
}

fn state(text: &str) -> Option<State> {
    serde_json::from_str(text).ok()
}

/// Each has a transaction of its own, which needs the lock of one thing.
async fn look(shared: &Shared) -> Result<usize, StoreError> {
    let due = shared.store.read(|tx| {
        Box::pin(async move {
            let now = tx.now();
            store::reminders::due(tx, now, MOST).await
        })
    });
    let mut made = 0;
    for one in due.await? {
        let settings = shared.settings.clone();
        let reminded =
            shared.store.write("reminders", move |tx| Box::pin(async move { remind(tx, &settings, &one.post).await }));
        made += usize::from(reminded.await?);
    }
    Ok(made)
}

/// Asked again under the lock of what it is about: several processes may look at once, and one of them reminds. False when nothing was
/// said.
async fn remind(tx: &mut Tx, settings: &Settings, post: &str) -> Result<bool, StoreError> {
    match post.split_once('/') {
        Some(("concern", id)) => concern::hold(tx, id).await?,
        Some((_, incident)) => tx.lock(&[incident.to_owned()]).await?,
        None => {}
    }
    let roster = &roster(tx, &settings.bridges).await?;
    let now = tx.now();
    let known = store::reminders::get(tx, post).await?.filter(|one| one.due_at.is_some_and(|at| at <= now));
    let Some(before) = known.and_then(|known| state(&known.state)) else {
        store::reminders::stop(tx, post).await?;
        return Ok(false);
    };
    let (state, due) = reminders::due(&settings.bridges.reminders, &before, roster, now);
    let next = state.stopped.is_none().then_some(state.next_at);
    if !store::reminders::keep(tx, post, &concern::json(&state)?, next).await? {
        return Ok(false);
    }
    crash_point!("remind.kept");
    let (Some(post), Some(matter)) = (posts::get(tx, post).await?, matter(tx, settings, post).await?) else {
        return Ok(false);
    };
    say(tx, settings, &post, &matter, (&state, due)).await
}

async fn say(
    tx: &mut Tx,
    settings: &Settings,
    post: &Post,
    matter: &Matter,
    (state, due): (&State, Due),
) -> Result<bool, StoreError> {
    let now = tx.now();
    let locale = &settings.bridges.locale;
    let about = matter.words(settings);
    match due {
        Due::Remind { n, to } => {
            let message = words::remind(locale, &settings.bridges.reminders, &about, state, now);
            let mut card = Card::of(through(settings, &message));
            card.mentions = whom(tx, settings, matter, &to).await?;
            slack::remind(tx, post, n, card, to.contains(&Target::Channel)).await
        }
        Due::Stop(Stop::NobodyActed { count }) => {
            let message = words::nobody_acted(locale, &about, state, now);
            reply(tx, post, &format!("nobody/{count}"), Card::of(message), true).await
        }
        Due::Stop(_) | Due::Postpone { .. } | Due::Nothing => Ok(false),
    }
}

fn through(settings: &Settings, message: &Message) -> Message {
    match &settings.slack {
        Some(slack) => concern::through(&slack.wording, "reminder", slack.language, message),
        None => message.clone(),
    }
}

/// What people are reminded of, as it is now.
pub struct Matter {
    headline: String,
    rule: Option<String>,
    url: Option<String>,
    /// What stops it where there are no buttons.
    way: Way,
    /// Whom PagerDuty has given it to.
    assignees: Vec<Ref>,
    /// The address or the name of whoever entered it.
    registrant: Vec<String>,
}

impl Matter {
    pub fn words<'a>(&'a self, settings: &Settings) -> words::Matter<'a> {
        let way = if concern::can_press(settings) { Way::Press } else { self.way };
        words::Matter { headline: &self.headline, rule: self.rule.as_deref(), url: self.url.as_deref(), way }
    }
}

/// `None`: there is nothing to be reminded of any more.
pub async fn matter(tx: &mut Tx, settings: &Settings, post: &str) -> Result<Option<Matter>, StoreError> {
    match post.split_once('/') {
        Some(("concern", id)) => match concerns::get(tx, id).await? {
            Some(one) => of_concern(tx, settings, one).await.map(Some),
            None => Ok(None),
        },
        Some(("incident", id)) => of_incident(tx, settings, id).await,
        _ => Ok(None),
    }
}

async fn of_concern(tx: &mut Tx, settings: &Settings, one: Concern) -> Result<Matter, StoreError> {
    let assignees = match &one.incident {
        Some(incident) => of_incident(tx, settings, incident).await?.map(|found| found.assignees).unwrap_or_default(),
        None => Vec::new(),
    };
    let (url, registrant) = origin(tx, &one).await?;
    let is_paged = one.mode == "page";
    let way = match (one.duty == duties::CALENDAR, is_paged) {
        (true, true) => Way::PagerDuty,
        (true, false) => Way::Event,
        (false, _) => Way::Ticket { is_paged },
    };
    Ok(Matter { headline: one.title, rule: Some(one.rule), url, way, assignees, registrant })
}

/// Where it came from: where people open it, and who entered it.
async fn origin(tx: &mut Tx, one: &Concern) -> Result<(Option<String>, Vec<String>), StoreError> {
    if one.duty == duties::CALENDAR {
        let Some(kept) = calendar_events::get(tx, &Scope::All, &one.subject).await? else { return Ok((None, vec![])) };
        let entered = kept.event.registrant.into_iter().flat_map(|who| [who.mail, who.name]).flatten();
        return Ok((kept.event.url, entered.collect()));
    }
    let Some(kept) = tickets::get(tx, &Scope::All, &one.subject).await? else { return Ok((None, vec![])) };
    let ticket = kept.reading.ticket;
    Ok((Some(ticket.url), ticket.created_by.mail.into_iter().chain([ticket.created_by.name]).collect()))
}

async fn of_incident(tx: &mut Tx, settings: &Settings, id: &str) -> Result<Option<Matter>, StoreError> {
    let Some(found) = fold(&facts::of(tx, id).await?) else { return Ok(None) };
    let base = &settings.bridges.locale.public_url;
    let number = found.data.number.map(|number| format!("#{number} ")).unwrap_or_default();
    Ok(Some(Matter {
        headline: format!("{number}{}", found.data.title),
        rule: None,
        way: Way::PagerDuty,
        url: (!base.is_empty()).then(|| format!("{base}/incidents/{id}")).or(found.data.html_url),
        assignees: found.data.assignees,
        registrant: Vec::new(),
    }))
}

/// Their Slack accounts, where they are known; of a group that is one in Slack as well, that.
pub async fn whom(tx: &mut Tx, settings: &Settings, matter: &Matter, to: &[Target]) -> Result<Vec<String>, StoreError> {
    let bridges = &settings.bridges;
    let (mut ids, mut found): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for target in to {
        match target {
            Target::OnCall => ids.extend(on_call(tx, settings, matter).await?),
            Target::Person(id) => ids.push(id.clone()),
            Target::Group(id) if bridges.slack_groups.contains_key(id) => {
                found.extend(bridges.slack_groups.get(id).cloned());
            }
            Target::Group(id) => {
                let members = bridges.roster.persons.iter().filter(|person| person.groups.contains(id));
                ids.extend(members.map(|person| person.id.clone()));
            }
            Target::Registrant => ids.extend(registrant(settings, matter)),
            Target::Channel => {}
        }
    }
    found.extend(concern::slack_ids(bridges, &ids));
    found.sort();
    found.dedup();
    Ok(found)
}

/// By the address; by the name only where nobody's address is that.
fn registrant(settings: &Settings, matter: &Matter) -> Vec<String> {
    let found = |is_of: &dyn Fn(&super::Person, &str) -> bool| -> Vec<String> {
        let people = settings.bridges.people.iter();
        let is_it = |person: &&super::Person| matter.registrant.iter().any(|entered| is_of(person, entered));
        people.filter(is_it).map(|person| person.id.clone()).collect()
    };
    let by_address = found(&|person, entered| person.addresses().contains(&entered.to_lowercase()));
    if by_address.is_empty() { found(&|person, entered| person.name == entered) } else { by_address }
}

/// Whom PagerDuty has given it to; else whoever is on call at the first level.
async fn on_call(tx: &mut Tx, settings: &Settings, matter: &Matter) -> Result<Vec<String>, StoreError> {
    let now = tx.now();
    let users: Vec<String> = match matter.assignees.is_empty() {
        false => matter.assignees.iter().map(|user| user.id.clone()).collect(),
        true => on_duty(tx, settings, now).await?,
    };
    let known = reference::list(tx, &Scope::All, model::reference::Kind::User).await?;
    let mail = |user: &str| known.iter().find(|one| one.id == user).and_then(|one| one.email.as_deref());
    let is_of = |person: &&super::Person| {
        let theirs = person.pagerduty.as_deref();
        users.iter().any(|user| theirs == Some(user) || (theirs.is_some() && theirs == mail(user)))
    };
    Ok(settings.bridges.people.iter().filter(is_of).map(|person| person.id.clone()).collect())
}

async fn on_duty(tx: &mut Tx, settings: &Settings, now: Micros) -> Result<Vec<String>, StoreError> {
    let rows = reference::on_duty(tx, &Scope::All, now).await?;
    Ok(callout::on_call(&settings.net, 1, now, &rows).iter().filter_map(|row| row.user.clone()).collect())
}
