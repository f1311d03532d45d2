//! From Slack's one-word answers to errors that tell a person what to do. Quotes nothing but such a word.

use super::word;
use crate::gate::{self, Sent};
use crate::{CallError, Kind};

/// What Slack says when it has taken a message.
const TAKEN: &[u8] = b"ok";

pub fn check(sent: &Sent, host: &str) -> Result<(), CallError> {
    let response = &sent.response;
    let body = response.body.trim_ascii();
    if (200..300).contains(&response.status) {
        return if body == TAKEN { Ok(()) } else { Err(unreadable(sent, host)) };
    }
    let word = word::word(body);
    let kind = word.and_then(of_word).unwrap_or_else(|| gate::kind(response));
    let said = word.map(|word| format!(", {word}")).unwrap_or_default();
    let text = format!("{} ({}{said}): {}", headline(kind), response.status, advice(kind, word, host));
    let retry_after_ms = sent.wait_ms.filter(|_| kind == Kind::Limited);
    Err(CallError { kind, status: Some(response.status), code: None, text, retry_after_ms, write: sent.write })
}

fn unreadable(sent: &Sent, host: &str) -> CallError {
    let text = format!(
        "{host} answered something else than Slack's \u{201c}ok\u{201d}: is the webhook's address right, and is no proxy \
         or sign-in page on the way? Whether it was posted can't be told"
    );
    CallError::new(Kind::Unreadable, sent.write, text).with_status(sent.response.status)
}

fn of_word(word: &str) -> Option<Kind> {
    Some(match word {
        "invalid_token" | "no_service" | "no_service_id" | "no_active_hooks" | "no_team" | "team_disabled"
        | "token_revoked" => Kind::Auth,
        "channel_not_found" | "channel_is_archived" | "user_not_found" => Kind::NotFound,
        "action_prohibited" | "posting_to_general_channel_denied" => Kind::Forbidden,
        "invalid_payload" | "no_text" | "invalid_blocks" | "invalid_blocks_format" | "too_many_attachments" => {
            Kind::BadRequest
        }
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => Kind::Limited,
        _ => return None,
    })
}

const fn headline(kind: Kind) -> &'static str {
    match kind {
        Kind::Auth => "Slack does not know this webhook any more",
        Kind::NotFound => "Slack can't post there",
        Kind::Forbidden => "Slack does not allow this post",
        Kind::Limited => "Slack's rate limit is used up",
        Kind::Server => "Slack has trouble of its own",
        Kind::InTheWay => "something in between answered instead of Slack",
        _ => "Slack did not accept the message",
    }
}

fn advice(kind: Kind, word: Option<&str>, host: &str) -> String {
    match (kind, word) {
        (Kind::Auth, _) => "make a new incoming webhook in Slack and set its address; nothing was posted".to_owned(),
        (_, Some("channel_is_archived")) => {
            "the webhook's channel is archived: bring it back, or make a webhook for another one".to_owned()
        }
        (Kind::NotFound, _) => "the webhook's channel is gone: make a webhook for another one".to_owned(),
        (Kind::Forbidden, _) => "an administrator of the workspace has restricted who may post there".to_owned(),
        (Kind::Limited, _) => "it goes out when the limit allows".to_owned(),
        (Kind::Server, _) => "see slack-status.com; whether it was posted can't be told".to_owned(),
        (Kind::InTheWay, _) => format!(
            "a proxy, a firewall or a sign-in page is on the way to {host}: let this machine reach it directly; it is tried \
             again"
        ),
        _ => "it will not work as it is; nothing was posted".to_owned(),
    }
}
