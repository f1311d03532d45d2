//! conversations.history and conversations.replies: what has been said, by time and page. Shows nothing that only one person sees.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::call::{Call, Outcome, Refusal};
use super::message::{Message, us_of};
use super::world::{Health, Kind, World};

const MOST: i64 = 999;

pub(super) fn history(world: &mut World, call: &Call) -> Outcome {
    let place = readable(world, call)?;
    let span = Span::of(call)?;
    let channel = &world.channels[place];
    let stands = |m: &&Message| m.only_for.is_none() && (!m.is_deleted || channel.replies(&m.ts).next().is_some());
    let is_here = |m: &&Message| m.thread_ts.is_none() || m.is_broadcast;
    let newest_first: Vec<&Message> =
        channel.messages.iter().rev().filter(stands).filter(is_here).filter(|m| span.has(&m.ts)).collect();
    let (page, cursor) = page(call, &newest_first, |m| m.ts.clone(), MOST)?;
    let with_metadata = call.flag("include_all_metadata");
    let messages: Vec<_> = page.iter().map(|m| world.told(place, m, with_metadata)).collect();
    Ok(json!({ "messages": messages, "has_more": cursor.is_some(), "pin_count": 0,
        "response_metadata": { "next_cursor": cursor.unwrap_or_default() } }))
}

pub(super) fn replies(world: &mut World, call: &Call) -> Outcome {
    let place = readable(world, call)?;
    let ts = call.required("ts")?;
    let span = Span::of(call)?;
    let channel = &world.channels[place];
    let found = channel.find(ts).filter(|m| m.only_for.is_none()).ok_or("thread_not_found")?;
    // A reply's own time leads to its thread.
    let root = found.thread_ts.as_deref().and_then(|parent| channel.find(parent)).unwrap_or(found);
    let replies: Vec<&Message> = channel.replies(&root.ts).filter(|m| span.has(&m.ts)).collect();
    if root.is_deleted && replies.is_empty() {
        return Err("thread_not_found".into());
    }
    let all: Vec<&Message> = std::iter::once(root).chain(replies).collect();
    let (page, cursor) = page(call, &all, |m| m.ts.clone(), MOST)?;
    let with_metadata = call.flag("include_all_metadata");
    let messages: Vec<_> = page.iter().map(|m| world.told(place, m, with_metadata)).collect();
    Ok(
        json!({ "messages": messages, "has_more": cursor.is_some(), "response_metadata": { "next_cursor": cursor.unwrap_or_default() } }),
    )
}

fn readable(world: &World, call: &Call) -> Result<usize, Refusal> {
    let id = call.required("channel")?;
    let place =
        world.channels.iter().position(|c| c.id == id && c.health != Health::Gone).ok_or("channel_not_found")?;
    let channel = &world.channels[place];
    world.needs(match channel.kind {
        Kind::Public => "channels:history",
        Kind::Private => "groups:history",
        Kind::Direct => "im:history",
    })?;
    match channel.is_member {
        true => Ok(place),
        false if channel.kind == Kind::Public => Err("not_in_channel".into()),
        false => Err("channel_not_found".into()),
    }
}

/// From oldest to latest, both left out unless told.
struct Span {
    oldest_us: i64,
    latest_us: i64,
    is_inclusive: bool,
}

impl Span {
    fn of(call: &Call) -> Result<Self, Refusal> {
        let oldest = call.text("oldest")?.map(|t| us_of(t).ok_or("invalid_ts_oldest")).transpose()?;
        let latest = call.text("latest")?.map(|t| us_of(t).ok_or("invalid_ts_latest")).transpose()?;
        Ok(Self {
            oldest_us: oldest.unwrap_or(-1),
            latest_us: latest.unwrap_or(i64::MAX),
            is_inclusive: call.flag("inclusive"),
        })
    }

    fn has(&self, ts: &str) -> bool {
        let Some(us) = us_of(ts) else { return false };
        let is_edge = us == self.oldest_us || us == self.latest_us;
        if is_edge { self.is_inclusive } else { (self.oldest_us..self.latest_us).contains(&us) }
    }
}

/// One page, and the cursor of the next.
pub(super) fn page<'a, T>(
    call: &Call,
    all: &'a [T],
    key: impl Fn(&T) -> String,
    most: i64,
) -> Result<(&'a [T], Option<String>), Refusal> {
    let limit = call.number("limit")?.filter(|n| *n != 0).unwrap_or(100);
    if !(1..=most).contains(&limit) {
        return Err("invalid_limit".into());
    }
    let from = match call.text("cursor")? {
        None => 0,
        Some(cursor) => {
            let bytes = STANDARD.decode(cursor).map_err(|_| "invalid_cursor")?;
            let wanted = String::from_utf8(bytes).ok().and_then(|t| t.strip_prefix("next:").map(str::to_owned));
            let wanted = wanted.ok_or("invalid_cursor")?;
            all.iter().position(|one| key(one) == wanted).ok_or("invalid_cursor")?
        }
    };
    let end = all.len().min(from + usize::try_from(limit).unwrap_or(100));
    let cursor = all.get(end).map(|next| STANDARD.encode(format!("next:{}", key(next))));
    Ok((&all[from..end], cursor))
}
