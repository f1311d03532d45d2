//! users.info, users.list and users.lookupByEmail. A mail address is told to those only who have been granted it.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::history::page;
use super::world::{User, World};

const MOST: i64 = 1000;

pub(super) fn info(world: &mut World, call: &Call) -> Outcome {
    let user = world.user(call.required("user")?).ok_or("user_not_found")?;
    Ok(json!({ "user": told(world, user) }))
}

pub(super) fn list(world: &mut World, call: &Call) -> Outcome {
    let (page, cursor) = page(call, &world.users, |u| u.id.clone(), MOST)?;
    let members: Vec<Value> = page.iter().map(|u| told(world, u)).collect();
    Ok(json!({ "members": members, "cache_ts": world.now.as_second(),
        "response_metadata": { "next_cursor": cursor.unwrap_or_default() } }))
}

pub(super) fn by_email(world: &mut World, call: &Call) -> Outcome {
    let email = call.required("email")?.trim();
    let is = |u: &&User| u.email.eq_ignore_ascii_case(email) && !u.is_deleted && !u.is_bot;
    let user = world.users.iter().find(is).ok_or("users_not_found")?;
    Ok(json!({ "user": told(world, user) }))
}

fn told(world: &World, user: &User) -> Value {
    let zone = TimeZone::get(&user.tz).unwrap_or(TimeZone::UTC);
    let offset = zone.to_offset(world.now);
    let mut profile = json!({
        "real_name": user.real_name, "real_name_normalized": user.real_name, "display_name": user.name,
        "display_name_normalized": user.name, "team": world.team.id, "image_48": format!("{}/avatar.svg", world.base),
    });
    if world.has("users:read.email") && !user.is_bot {
        profile["email"] = json!(user.email);
    }
    if user.is_bot {
        profile["bot_id"] = json!(world.app.bot);
        profile["api_app_id"] = json!(world.app.id);
    }
    json!({
        "id": user.id, "team_id": world.team.id, "name": user.name, "deleted": user.is_deleted, "real_name": user.real_name,
        "tz": user.tz, "tz_label": user.tz, "tz_offset": offset.seconds(), "profile": profile, "is_admin": user.is_admin,
        "is_owner": false, "is_primary_owner": false, "is_restricted": false, "is_ultra_restricted": false, "is_bot": user.is_bot,
        "is_app_user": false, "updated": world.now.as_second(),
    })
}
