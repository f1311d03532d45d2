//! What a post says now: loaded from the store when it is to be shown, so that whatever moved meanwhile is told at once.

use super::Settings;
use super::heard::{self, Mute};
use crate::Settings as All;
use duties::wording::incident;
use model::Micros;
use model::incident::{fold, timeline};
use model::message::Card;
use store::posts::{self, Post};
use store::{StoreError, Tx, duty_state, facts};

/// A post with what it is to say, and where its thread hangs.
#[derive(Debug)]
pub struct View {
    pub post: Post,
    pub parent: Option<Post>,
    pub card: Card,
    /// What it is about has come to its end.
    pub is_over: bool,
}

/// What is shown of a thing.
pub struct Said {
    pub card: Card,
    pub is_over: bool,
}

/// `None` when there is nothing to show any more.
pub async fn view(tx: &mut Tx, all: &All, id: &str) -> Result<Option<View>, StoreError> {
    let Some(slack) = &all.slack else { return Ok(None) };
    let Some(post) = posts::get(tx, id).await? else { return Ok(None) };
    let parent = match &post.parent {
        Some(parent) => posts::get(tx, parent).await?,
        None => None,
    };
    let said = match id.split('/').next().unwrap_or_default() {
        "incident" if id.ends_with("/diagnosis") => crate::hosts::say::card(tx, all, &post).await?,
        "incident" => about_incident(tx, all, slack, &post).await?,
        "concern" => {
            let said = crate::bridges::concern::card(tx, all, &post.subject).await?;
            said.map(|(card, is_over)| Said { card, is_over })
        }
        _ => None,
    };
    Ok(said.map(|Said { card, is_over }| View { post, parent, card, is_over }))
}

async fn about_incident(tx: &mut Tx, all: &All, slack: &Settings, post: &Post) -> Result<Option<Said>, StoreError> {
    let facts = facts::of(tx, &post.subject).await?;
    let Some(found) = fold(&facts) else { return Ok(None) };
    let entries = timeline(&facts, Some(&found));
    let customer = customer_name(all, post.customer.as_deref());
    let told = slack.told(customer);
    let facts = incident::facts(&told, &found, &entries);
    let card = match post.parent {
        Some(_) => incident::details(&slack.wording, &told, &facts),
        None => incident::card(&slack.wording, &told, &facts, slack.can_press()),
    };
    let card = card.map_err(|problem| StoreError::Bug(problem.to_string()))?;
    Ok(Some(Said { card, is_over: !found.data.status.is_open() }))
}

/// As people read it.
pub fn customer_name<'a>(all: &'a All, id: Option<&'a str>) -> Option<&'a str> {
    let known = all.customers.iter().find(|customer| Some(customer.id.as_str()) == id);
    known.map(|customer| customer.name.as_str()).or(id)
}

/// Whether new posts to this channel are held back, and until when.
pub async fn muted(tx: &mut Tx, channel: &str) -> Result<Option<Micros>, StoreError> {
    let mute = duty_state::get::<Mute>(tx, heard::MUTE, channel, 1).await?;
    let now = tx.now();
    Ok(mute.map(|mute| mute.until).filter(|until| *until > now))
}
