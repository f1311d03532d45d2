//! What people do that the app is told of: pressing, commanding, sending a view, and events; and what the app's answer does to the
//! workspace. What a payload says and how it gets there are other files' matters.

use std::time::Duration;

use serde_json::{Value, json};

use super::control::{flag, number, word};
use super::deliver::{Got, How, Parcel};
use super::message::Message;
use super::payload::{commanded, event_parcel, pressed, submitted};
use super::world::{Health, Kind, World};
use super::{Slack, respond, views};

impl Slack {
    /// Presses what stands in a message now.
    pub(super) async fn press(&self, body: &Value) -> Result<Value, String> {
        let parcel = self.with(|world| pressed(world, body))?;
        let (_, told) = self.deliver(&parcel, &How::of(body)?).await?;
        Ok(told)
    }

    pub(super) async fn command(&self, body: &Value) -> Result<Value, String> {
        let parcel = self.with(|world| commanded(world, body))?;
        let (got, mut told) = self.deliver(&parcel, &How::of(body)?).await?;
        if got.is_well {
            let (channel, user) = (parcel.payload["channel_id"].as_str(), parcel.payload["user_id"].as_str());
            let (channel, user) = (channel.unwrap_or_default(), user.unwrap_or_default());
            told["answered"] = self.change(|world| respond::from_answer(world, channel, user, &got.answer())).await?;
        }
        Ok(told)
    }

    /// Sends a view that is open, or closes it.
    pub(super) async fn submit(&self, body: &Value) -> Result<Value, String> {
        let parcel = self.with(|world| submitted(world, body))?;
        let Some(parcel) = parcel else { return Ok(json!({ "ok": true, "told": false })) };
        let (got, mut told) = self.deliver(&parcel, &How::of(body)?).await?;
        let id = parcel.payload["view"]["id"].as_str().unwrap_or_default();
        if got.is_well && parcel.what == "view_submission" {
            told["answered"] = self.change(|world| Ok(views::act_on(world, id, &got.answer()))).await?;
        }
        Ok(told)
    }

    /// An event, sent again as Slack does until it is taken; all of it now when `wait` is asked for, else the rest later.
    pub(super) async fn event(&self, body: &Value) -> Result<Value, String> {
        let (parcel, how) = (self.with(|world| event_parcel(world, body))?, How::of(body)?);
        let retries = number(body, "retries")?.unwrap_or(3).clamp(0, 3);
        let retries = usize::try_from(retries).unwrap_or(3);
        let (got, told) = self.deliver(&parcel, &how).await?;
        let event_id = parcel.payload["event_id"].clone();
        let mut attempts = vec![told.clone()];
        // By socket it has been sent again already.
        let is_over = |got: &Got| got.is_well || got.wants_no_retry || !got.attempts.is_empty();
        if !is_over(&got) && retries > 0 {
            let reason = got.reason.unwrap_or("unknown_error");
            if flag(body, "wait") {
                attempts.extend(self.again(&parcel, &how, retries, reason).await);
            } else if let Some(own) = self.me.upgrade() {
                let job = async move { drop(own.again(&parcel, &how, retries, reason).await) };
                // The runner ends with the sandbox only.
                let _gone = self.jobs.send(Box::pin(job));
            }
        }
        let is_taken = attempts.last().is_some_and(|a| a["ok"] == true);
        Ok(json!({ "ok": is_taken, "event_id": event_id, "attempts": attempts }))
    }

    async fn again(&self, parcel: &Parcel, how: &How, retries: usize, reason: &'static str) -> Vec<Value> {
        let (mut told, mut reason) = (Vec::new(), reason);
        for n in 0..retries {
            tokio::time::sleep(Duration::from_millis(self.event_retry_ms[n])).await;
            let mut next = parcel.clone();
            next.headers.push(("x-slack-retry-num".into(), (n + 1).to_string()));
            next.headers.push(("x-slack-retry-reason".into(), reason.into()));
            next.about["retry_num"] = json!(n + 1);
            let Ok((got, one)) = self.deliver(&next, how).await else { break };
            told.push(one);
            if got.is_well || got.wants_no_retry {
                break;
            }
            reason = got.reason.unwrap_or("unknown_error");
        }
        told
    }

    /// Asks the events' address whether it is the app's.
    pub(super) async fn verify(&self, body: &Value) -> Result<Value, String> {
        let challenge = self.with(|world| world.dice.secret(52));
        let payload = json!({ "token": "deprecated", "challenge": challenge, "type": "url_verification" });
        let parcel = Parcel {
            what: "url_verification",
            envelope: "",
            url: self.with(|world| world.urls.events.clone()),
            body: payload.to_string().into_bytes(),
            payload,
            kind: "application/json",
            headers: Vec::new(),
            about: Value::Null,
            takes_answer: true,
        };
        let (got, mut told) = self.deliver(&parcel, &How::of(body)?).await?;
        let answer = got.answer();
        let echoed = answer["challenge"].as_str().or(answer.as_str()).map(str::trim);
        told["verified"] = json!(got.is_well && echoed == Some(challenge.as_str()));
        Ok(told)
    }

    /// A person says something; the app hears of it when `event` is asked for.
    pub(super) async fn say(&self, body: &Value) -> Result<Value, String> {
        let (channel, ts, event) = self.change(|world| said(world, body)).await?;
        let mut told = json!({ "channel": channel, "ts": ts });
        if flag(body, "event") {
            told["event"] = self.event(&json!({ "event": event, "via": body["via"] })).await?;
        }
        Ok(told)
    }
}

fn said(world: &mut World, body: &Value) -> Result<(String, String, Value), String> {
    let user = world.person(word(body, "user")?)?.id.clone();
    let place = world.known_place(word(body, "channel")?)?;
    let text = word(body, "text")?;
    let channel = &world.channels[place];
    if channel.health != Health::Active {
        return Err(format!("nobody can speak in {} now", channel.called()));
    }
    let thread_ts = body["thread_ts"].as_str().filter(|t| !t.is_empty());
    if thread_ts.is_some_and(|ts| channel.find(ts).is_none()) {
        return Err("thread_ts names no message".into());
    }
    let (id, is_direct) = (channel.id.clone(), channel.kind == Kind::Direct);
    let mut message = Message::new(world.next_ts(), &user, json!({ "text": text }));
    message.thread_ts = thread_ts.map(str::to_owned);
    let ts = world.post(place, message, "slack.said", "person");
    let mut event = json!({ "type": "message", "channel": id, "user": user, "text": text, "ts": ts, "event_ts": ts,
        "channel_type": if is_direct { "im" } else { "channel" } });
    if let Some(parent) = thread_ts {
        event["thread_ts"] = json!(parent);
    }
    Ok((id, ts, event))
}
