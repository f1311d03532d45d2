//! Uploads in their three steps: an address, the bytes, and the end of it with or without a message. files.upload is retired.

use bytes::Bytes;
use serde_json::{Value, json};

use super::call::{Call, Outcome, Refusal, multipart};
use super::chat::{checked, dressed};
use super::message::Message;
use super::world::{File, World};
use crate::web::{Ask, Told};

const MOST_CHANNELS: usize = 100;

pub(super) fn address(world: &mut World, call: &Call) -> Outcome {
    let name = call.required("filename")?.to_owned();
    call.required("length")?;
    let length = call.number("length")?.and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    let length = length.ok_or_else(|| {
        Refusal::with_messages(
            "invalid_arguments",
            vec!["[ERROR] must be greater than 0 [json-pointer:/length]".into()],
        )
    })?;
    let (id, secret) = (world.dice.code("F", 11), world.dice.secret(40));
    let upload_url = format!("{}/upload/v1/{secret}", world.base);
    world.files.push(File {
        id: id.clone(),
        secret,
        title: name.clone(),
        name,
        alt: call.text("alt_txt")?.unwrap_or_default().to_owned(),
        length,
        bytes: None,
        is_complete: false,
        channels: Vec::new(),
    });
    Ok(json!({ "upload_url": upload_url, "file_id": id }))
}

/// The bytes as they are, or in a form.
pub(super) async fn bytes_of(ask: &Ask) -> Option<Bytes> {
    let kind = ask.header("content-type").unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        return Some(ask.body.clone());
    }
    let fields = multipart(kind, ask.body.clone()).await?;
    let has_name = fields.iter().find(|(name, file, _)| file.is_some() || name == "filename");
    has_name.or(fields.first()).map(|(_, _, bytes)| bytes.clone())
}

pub(super) fn receive(world: &mut World, secret: &str, bytes: Option<Bytes>) -> Told {
    let Some(place) = world.files.iter().position(|f| f.secret == secret && !f.is_complete) else {
        return Told::text(404, "no such upload");
    };
    let Some(bytes) = bytes else { return Told::text(400, "the form cannot be read") };
    let file = &mut world.files[place];
    if bytes.len() != file.length {
        let (promised, came) = (file.length, bytes.len());
        world.note(
            "slack.refused",
            json!({ "method": "upload", "status": 400, "error": "length", "promised": promised, "came": came }),
        );
        return Told::text(400, &format!("{promised} bytes were promised, {came} came"));
    }
    let said = format!("OK - {}", bytes.len());
    let detail = json!({ "file": file.id, "filename": file.name, "bytes": bytes.len() });
    file.bytes = Some(bytes);
    world.note("slack.uploaded", detail);
    Told::text(200, &said)
}

pub(super) fn complete(world: &mut World, call: &Call) -> Outcome {
    let wanted = call.nested("files", "invalid_arguments")?;
    let wanted = wanted.as_array().filter(|f| !f.is_empty()).ok_or("invalid_arguments")?;
    let mut places = Vec::new();
    for file in wanted {
        let id = file["id"].as_str().ok_or("invalid_arguments")?;
        let is = |f: &File| f.id == id && f.bytes.is_some() && !f.is_complete;
        places.push((
            world.files.iter().position(is).ok_or("file_not_found")?,
            file["title"].as_str().map(str::to_owned),
        ));
    }
    let rooms = rooms(world, call)?;
    let thread_ts = call.text("thread_ts")?.map(str::to_owned);
    if thread_ts.is_some() && rooms.len() != 1 {
        return Err("invalid_arguments".into());
    }
    let words = words(world, call)?;
    for (place, title) in &places {
        let file = &mut world.files[*place];
        file.is_complete = true;
        file.title = title.clone().unwrap_or_else(|| file.name.clone());
    }
    for room in rooms {
        share(world, room, &places, &words, thread_ts.as_deref())?;
    }
    let files: Vec<Value> = places.iter().map(|(place, _)| told(world, &world.files[*place])).collect();
    world.note("slack.upload_completed", json!({ "files": files }));
    Ok(json!({ "files": files }))
}

/// The comment or the blocks that go with the files; neither is needed.
fn words(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let comment = call.text("initial_comment")?.unwrap_or_default();
    let blocks = call.nested("blocks", "invalid_blocks_format")?;
    if comment.is_empty() && blocks.is_null() {
        return Ok(json!({ "text": "" }));
    }
    let (body, _) = checked(comment, blocks, Value::Null)?;
    Ok(dressed(&mut world.dice, body))
}

fn rooms(world: &mut World, call: &Call) -> Result<Vec<usize>, Refusal> {
    let list = call.text("channels")?.or(call.text("channel_id")?).unwrap_or_default().to_owned();
    let ids: Vec<&str> = list.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.len() > MOST_CHANNELS {
        return Err("channels_limit_exceeded".into());
    }
    let mut rooms = Vec::new();
    for id in ids {
        let place = match world.channels.iter().position(|c| c.id == id) {
            None if world.user(id).is_some() => world.direct(id).0,
            found => found.ok_or("channel_not_found")?,
        };
        world.writable(place)?;
        rooms.push(place);
    }
    Ok(rooms)
}

fn share(
    world: &mut World,
    room: usize,
    places: &[(usize, Option<String>)],
    words: &Value,
    thread_ts: Option<&str>,
) -> Result<(), Refusal> {
    if let Some(ts) = thread_ts
        && world.channels[room].find(ts).is_none_or(|m| m.thread_ts.is_some())
    {
        return Err("cannot_reply_to_message".into());
    }
    let channel = world.channels[room].id.clone();
    for (place, _) in places {
        world.files[*place].channels.push(channel.clone());
    }
    let files: Vec<Value> = places.iter().map(|(place, _)| told(world, &world.files[*place])).collect();
    let mut body = words.clone();
    body["files"] = json!(files);
    body["upload"] = json!(true);
    let user = world.app.user.clone();
    let mut message = Message::new(world.next_ts(), &user, body);
    message.thread_ts = thread_ts.map(str::to_owned);
    world.post(room, message, "slack.posted", "upload");
    Ok(())
}

pub(super) fn info(world: &mut World, call: &Call) -> Outcome {
    let id = call.required("file")?;
    let file = world.files.iter().find(|f| f.id == id && f.is_complete).ok_or("file_not_found")?;
    let mut shown = told(world, file);
    let shares = file.channels.iter().map(|channel| {
        let room = world.channels.iter().find(|c| c.id == *channel);
        let mut said = room.into_iter().flat_map(|c| &c.messages);
        let ts = said.find(|m| m.body["files"].as_array().is_some_and(|f| f.iter().any(|f| f["id"] == *id)));
        (channel.clone(), json!([{ "ts": ts.map(|m| &m.ts), "thread_ts": ts.and_then(|m| m.thread_ts.as_ref()) }]))
    });
    let shares: serde_json::Map<String, Value> = shares.collect();
    shown["shares"] = json!({ "public": shares });
    Ok(json!({ "file": shown }))
}

fn told(world: &World, file: &File) -> Value {
    let private = format!("{}/files/{}", world.base, file.id);
    json!({
        "id": file.id, "name": file.name, "title": file.title, "alt_txt": file.alt, "size": file.length, "mimetype": mimetype(&file.name),
        "url_private": private, "permalink": private, "channels": file.channels, "user": world.app.user,
    })
}

/// Pictures that a browser may show in place; the rest is bytes to it.
pub(super) fn mimetype(name: &str) -> &'static str {
    let end = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match end.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}
