//! *Tickets* and *Calendar*: what is watched, what people were called for, who has it and what ended it. What a page shows is loaded in
//! one consistent read; nothing is decided here.

pub(super) mod calendar;
pub(super) mod event;
pub(super) mod export;
pub(super) mod ticket;
pub(super) mod tickets;
mod window;

pub(crate) use calendar::{baselines, listed as listed_events, push};
pub(crate) use event::load as load_event;
pub(crate) use ticket::load as load_ticket;

use crate::view::{Called, IncidentLink, Told};
use model::text::encode;
use std::collections::BTreeMap;
use store::concerns::Concern;
use store::posts::{self, Post};
use store::{StoreError, Tx, reminders};

/// What people were called for, its message not looked for.
fn called(one: &Concern, links: &BTreeMap<String, IncidentLink>) -> Called {
    Called {
        rule: one.rule.clone(),
        mode: one.mode.clone(),
        severity: one.severity.clone(),
        since: one.since,
        told: one.channel.as_ref().map(|channel| Told {
            channel: channel.clone(),
            at: None,
            href: None,
            trouble: None,
        }),
        incident: one.incident.as_ref().and_then(|id| links.get(id).cloned()),
        taken_at: one.moved_at,
        taken_by: one.moved_by.clone(),
        ended_at: one.ended_at,
        remind_at: None,
    }
}

/// The same with where its message stands and when people are reminded there. Whoever sees what it is about sees that.
async fn called_whole(
    tx: &mut Tx,
    one: &Concern,
    links: &BTreeMap<String, IncidentLink>,
) -> Result<Called, StoreError> {
    let name = format!("concern/{}", one.id);
    let told = posts::get(tx, &name).await?.map(|post| told(&post));
    let remind_at = reminders::get(tx, &name).await?.and_then(|reminder| reminder.due_at);
    let called = called(one, links);
    Ok(Called { told: told.or_else(|| called.told.clone()), remind_at, ..called })
}

fn told(post: &Post) -> Told {
    // An incoming webhook tells neither channel nor message.
    let is_channel = |place: &&String| place.starts_with(['C', 'G', 'D']);
    let place = post.place.as_ref().filter(is_channel).zip(post.ts.as_ref());
    Told {
        channel: post.channel.clone(),
        at: post.posted_at,
        // Slack leads from there into whoever's workspace has the channel.
        href: place.map(|(channel, ts)| {
            format!("https://slack.com/app_redirect?channel={}&message_ts={}", encode(channel), encode(ts))
        }),
        trouble: post.trouble.clone(),
    }
}

/// The incidents that concerns became.
fn incidents<'a>(concerns: impl Iterator<Item = &'a Concern>) -> impl Iterator<Item = String> {
    concerns.filter_map(|one| one.incident.clone())
}
