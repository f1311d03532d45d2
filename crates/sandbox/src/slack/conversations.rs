//! conversations.list, info, open and users.conversations: which rooms there are. What is said in them is told elsewhere.

use serde_json::{Value, json};

use super::call::{Call, Outcome, Refusal};
use super::history::page;
use super::world::{Channel, Health, Kind, World};

const MOST: i64 = 1000;

pub(super) fn list(world: &mut World, call: &Call) -> Outcome {
    listed(world, call, |channel| channel.is_member || channel.kind == Kind::Public)
}

pub(super) fn own(world: &mut World, call: &Call) -> Outcome {
    let user = call.text("user")?.unwrap_or(&world.app.user).to_owned();
    if world.user(&user).is_none() {
        return Err("user_not_found".into());
    }
    listed(world, call, |channel| channel.members.contains(&user))
}

fn listed(world: &World, call: &Call, is_seen: impl Fn(&Channel) -> bool) -> Outcome {
    let types = call.text("types")?.unwrap_or("public_channel");
    let kinds = types.split(',').map(|word| match word.trim() {
        "public_channel" => Ok(Some(Kind::Public)),
        "private_channel" => Ok(Some(Kind::Private)),
        "im" => Ok(Some(Kind::Direct)),
        "mpim" => Ok(None),
        _ => Err(Refusal::from("invalid_types")),
    });
    let kinds = kinds.collect::<Result<Vec<_>, _>>()?;
    for kind in kinds.iter().flatten() {
        match kind {
            Kind::Public => {}
            Kind::Private => world.needs("groups:read")?,
            Kind::Direct => world.needs("im:read")?,
        }
    }
    let is_left_out = call.flag("exclude_archived");
    let wanted = |c: &&Channel| {
        c.health != Health::Gone
            && kinds.contains(&Some(c.kind))
            && !(is_left_out && c.health == Health::Archived)
            && is_seen(c)
    };
    let all: Vec<&Channel> = world.channels.iter().filter(wanted).collect();
    let (page, cursor) = page(call, &all, |c| c.id.clone(), MOST)?;
    let channels: Vec<Value> = page.iter().map(|c| told(world, c)).collect();
    Ok(json!({ "channels": channels, "response_metadata": { "next_cursor": cursor.unwrap_or_default() } }))
}

pub(super) fn info(world: &mut World, call: &Call) -> Outcome {
    let id = call.required("channel")?;
    let is = |c: &&Channel| c.id == id && c.health != Health::Gone && (c.is_member || c.kind == Kind::Public);
    let channel = world.channels.iter().find(is).ok_or("channel_not_found")?;
    let mut shown = told(world, channel);
    if call.flag("include_num_members") {
        shown["num_members"] = json!(channel.members.len());
    }
    Ok(json!({ "channel": shown }))
}

/// The direct messages with one person; several people at once are not simulated.
pub(super) fn open(world: &mut World, call: &Call) -> Outcome {
    let (place, was_open) = match (call.text("channel")?, call.text("users")?) {
        (Some(id), _) => (world.channels.iter().position(|c| c.id == id).ok_or("channel_not_found")?, true),
        (None, Some(user)) => {
            let found = world.user(user).ok_or("user_not_found")?;
            if found.is_deleted {
                return Err("user_disabled".into());
            }
            world.direct(user)
        }
        (None, None) => return Err("users_list_not_supplied".into()),
    };
    let channel = &world.channels[place];
    if channel.kind != Kind::Direct {
        return Err("method_not_supported_for_channel_type".into());
    }
    let shown = if call.flag("return_im") { told(world, channel) } else { json!({ "id": channel.id }) };
    let mut answer = json!({ "channel": shown });
    if was_open {
        answer["no_op"] = json!(true);
        answer["already_open"] = json!(true);
    }
    Ok(answer)
}

pub(super) fn told(world: &World, channel: &Channel) -> Value {
    let is_direct = channel.kind == Kind::Direct;
    let mut told = json!({
        "id": channel.id, "created": channel.created, "is_im": is_direct, "is_channel": channel.kind == Kind::Public,
        "is_group": channel.kind == Kind::Private, "is_mpim": false, "is_private": channel.kind != Kind::Public,
        "is_archived": channel.health == Health::Archived, "is_member": channel.is_member, "is_org_shared": false, "is_shared": false,
    });
    if is_direct {
        told["user"] = json!(channel.members.iter().find(|m| **m != world.app.user));
        told["is_open"] = json!(true);
    } else {
        told["name"] = json!(channel.name);
        told["name_normalized"] = json!(channel.name);
        told["is_general"] = json!(false);
        told["context_team_id"] = json!(world.team.id);
    }
    told
}
