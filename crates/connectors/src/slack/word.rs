//! Slack's one-word answers: what kind of failure each is, and what a person does about it.

use crate::Kind;

/// Each word that the methods we use may answer with.
const WORDS: &[(Kind, &[&str])] = &[
    (
        Kind::Auth,
        &["not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"],
    ),
    (
        Kind::Forbidden,
        &[
            "missing_scope",
            "no_permission",
            "access_denied",
            "app_access_restricted",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "team_access_not_granted",
            "not_in_channel",
            "user_not_in_channel",
            "messages_tab_disabled",
            "cannot_reply_to_message",
            "posting_to_channel_denied",
            "action_prohibited",
            "cant_update_message",
            "edit_window_closed",
            "is_inactive",
            "file_type_not_allowed",
            "cannot_dm_bot",
            "user_disabled",
        ],
    ),
    (
        Kind::NotFound,
        &[
            "channel_not_found",
            "is_archived",
            "channel_is_archived",
            "invalid_channel",
            "team_not_found",
            "message_not_found",
            "thread_not_found",
            "user_not_found",
            "users_not_found",
            "file_not_found",
            "used_url",
            "expired_url",
            "expired_trigger_id",
            "trigger_expired",
            "exchanged_trigger_id",
            "trigger_exchanged",
        ],
    ),
    (Kind::Limited, &["ratelimited", "rate_limited", "message_limit_exceeded"]),
    (
        Kind::Server,
        &[
            "internal_error",
            "fatal_error",
            "service_unavailable",
            "request_timeout",
            "team_added_to_org",
            "org_login_required",
            "update_failed",
            "external_channel_migrating",
        ],
    ),
    (Kind::Conflict, &["streaming_state_conflict"]),
    (
        Kind::BadRequest,
        &[
            "as_user_not_supported",
            "attachment_payload_limit_exceeded",
            "block_mismatch",
            "channels_limit_exceeded",
            "invalid_arg_name",
            "invalid_arguments",
            "invalid_array_arg",
            "invalid_blocks",
            "invalid_blocks_format",
            "invalid_charset",
            "invalid_form_data",
            "invalid_json",
            "invalid_metadata_format",
            "invalid_payload",
            "invalid_metadata_schema",
            "invalid_post_type",
            "invalid_trigger_id",
            "json_not_object",
            "markdown_text_conflict",
            "metadata_too_large",
            "method_deprecated",
            "missing_post_type",
            "msg_blocks_too_long",
            "msg_too_long",
            "no_text",
            "too_many_attachments",
            "too_many_contact_cards",
            "unknown_method",
        ],
    ),
];
/// Families of words, each with one meaning for us.
const FAMILIES: [&str; 2] = ["restricted_action", "slack_connect_"];

/// `None` for a word that Slack has thought of since.
pub fn kind(word: &str) -> Option<Kind> {
    let listed = WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(kind, _)| *kind);
    listed.or_else(|| FAMILIES.iter().any(|family| word.starts_with(family)).then_some(Kind::Forbidden))
}

pub const fn headline(kind: Kind) -> &'static str {
    match kind {
        Kind::Auth => "Slack refused the token",
        Kind::Forbidden => "Slack does not allow this",
        Kind::NotFound => "Slack does not know it any more",
        Kind::Conflict => "Slack says it changed meanwhile",
        Kind::Limited => "Slack's rate limit is used up",
        Kind::Server => "Slack has trouble of its own",
        Kind::InTheWay => "something in between answered instead of Slack",
        _ => "Slack did not accept the request",
    }
}

/// What to do about a word; where there is nothing of its own, what its kind says.
pub fn advice(kind: Kind, word: &str) -> Option<&'static str> {
    Some(match word {
        "not_allowed_token_type" => {
            "this is a token of another kind: [slack] bot_token begins with xoxb-, app_token (Socket Mode) with xapp-"
        }
        "token_expired" => {
            "the token has run out, since token rotation is switched on for this app: make a new token of an app without rotation, and set it \
             in [slack]"
        }
        "account_inactive" => {
            "the app was removed from the workspace: install it again, make a new token and set it in [slack]"
        }
        "no_permission" | "access_denied" | "app_access_restricted" | "team_access_not_granted" => {
            "the workspace does not grant the app this: ask an administrator, and install the app again"
        }
        "not_in_channel" => "invite the app into the channel with /invite, then it works",
        "user_not_in_channel" => "this person is not in the channel",
        "user_disabled" => "this person's account in Slack is switched off",
        "messages_tab_disabled" => "the app takes no direct messages: switch its Messages tab on under App Home",
        "cant_update_message" | "edit_window_closed" | "is_inactive" => {
            "this message can't be changed any more: only a new one can say it"
        }
        "message_not_found" => "the message was deleted, or is in another channel: only a new one can say it",
        "thread_not_found" => "the message that the thread hangs on was deleted",
        "channel_not_found" | "invalid_channel" => {
            "the channel is gone, or is private and the app is not in it: check [slack] channels (ids begin with C), or invite \
             the app with /invite"
        }
        "is_archived" | "channel_is_archived" => {
            "the channel is archived: bring it back, or set another one in [slack] channels"
        }
        "users_not_found" | "user_not_found" => "nobody active in the workspace has this address or id",
        "used_url" | "expired_url" => {
            "an answer to a press or command must come within 30 minutes, five times at most: post a new message instead"
        }
        "expired_trigger_id"
        | "trigger_expired"
        | "exchanged_trigger_id"
        | "trigger_exchanged"
        | "invalid_trigger_id" => "a form must be opened within three seconds of the press, once: press again",
        "message_limit_exceeded" => "the workspace posts more than Slack lets it",
        "team_added_to_org" | "org_login_required" | "external_channel_migrating" => {
            "the workspace or channel is being moved; it is tried again"
        }
        "msg_too_long" | "msg_blocks_too_long" => "the message is too long",
        _ => of_kind(kind)?,
    })
}

const fn of_kind(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Auth => "make a new token (install the app again at api.slack.com/apps) and set it in [slack]",
        Kind::Forbidden => "an administrator of the workspace has restricted it",
        Kind::NotFound => "it is gone, or was never there",
        Kind::Limited => "it goes out when the limit allows",
        Kind::Server => "see slack-status.com; it is tried again",
        Kind::Conflict => "it is looked at again before anything is repeated",
        _ => return None,
    })
}

const MAX_WORD_BYTES: usize = 60;

/// Slack's errors are a word in small letters; anything else is somebody else's text.
pub fn word(text: &[u8]) -> Option<&str> {
    let fits = (1..=MAX_WORD_BYTES).contains(&text.len());
    let is_word = fits && text.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_');
    if is_word { std::str::from_utf8(text).ok() } else { None }
}
