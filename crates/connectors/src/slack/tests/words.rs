//! Every word that the methods we use may answer with has a kind, and says what to do.

use super::{client, hello, shows_no_secret, slack};
use crate::CallError;
use crate::Kind::{self, Auth, BadRequest, Conflict, Forbidden, Limited, NotFound, Server as Trouble};
use crate::slack::Post;
use crate::testing::{Server, call};
use model::action::{Fault, Outcome};
use serde_json::json;

const WORDS: &[(Kind, &[&str])] = &[
    (
        Auth,
        &["not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"],
    ),
    (
        Forbidden,
        &[
            "missing_scope",
            "no_permission",
            "access_denied",
            "app_access_restricted",
            "ekm_access_denied",
            "not_in_channel",
            "user_not_in_channel",
            "messages_tab_disabled",
            "cannot_reply_to_message",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_locked",
            "restricted_action_thread_only_channel",
            "slack_connect_canvas_sharing_blocked",
            "slack_connect_file_link_sharing_blocked",
            "posting_to_channel_denied",
            "file_type_not_allowed",
            "cant_update_message",
            "edit_window_closed",
            "is_inactive",
            "enterprise_is_restricted",
            "team_access_not_granted",
        ],
    ),
    (
        NotFound,
        &[
            "channel_not_found",
            "is_archived",
            "invalid_channel",
            "team_not_found",
            "message_not_found",
            "thread_not_found",
            "user_not_found",
            "users_not_found",
            "file_not_found",
            "expired_trigger_id",
            "exchanged_trigger_id",
            "used_url",
            "expired_url",
        ],
    ),
    (Limited, &["ratelimited", "rate_limited", "message_limit_exceeded"]),
    (
        Trouble,
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
    (Conflict, &["streaming_state_conflict"]),
    (
        BadRequest,
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
            "invalid_metadata_schema",
            "invalid_post_type",
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
            "a_word_of_tomorrow",
        ],
    ),
];

async fn refused(answer: serde_json::Value) -> CallError {
    let server = slack(move |_, _| answer.clone()).await;
    let error = client(&server).post(&call(), &Post::new("C0INCIDENT", &hello())).await.unwrap_err();
    shows_no_secret(&error);
    error
}

/// Answers with the word that stands in the channel's place, so that one client meets them all.
async fn parrot() -> Server {
    slack(|_, heard| json!({ "ok": false, "error": heard.json()["channel"] })).await
}

#[tokio::test]
async fn each_word_of_slack_has_a_kind_and_an_outcome() {
    let server = parrot().await;
    for (kind, words) in WORDS {
        let mut slack = client(&server);
        for word in *words {
            let error = slack.post(&call(), &Post::new(word, &hello())).await.unwrap_err();
            assert_eq!((error.kind, error.write), (*kind, true), "{word}");
            assert!(error.text.contains(&format!("(chat.postMessage: {word}): ")), "{}", error.text);
            let outcome = error.to_outcome(call().now, 0);
            let right = match kind {
                Limited => matches!(outcome, Outcome::Later { fault: Fault::Limit, .. }),
                Trouble | Conflict => matches!(outcome, Outcome::Unknown { .. }),
                _ => matches!(outcome, Outcome::Never { .. }),
            };
            assert!(right, "{word}: {outcome:?}");
            if *kind == Limited {
                // The method waits now.
                slack = client(&server);
            }
        }
    }
}

#[tokio::test]
async fn what_a_person_can_do_is_said() {
    for (word, advice) in [
        ("token_revoked", "make a new token"),
        ("invalid_auth", "make a new token"),
        ("token_expired", "make a new token"),
        ("not_allowed_token_type", "xoxb-"),
        ("not_in_channel", "/invite"),
        ("channel_not_found", "[slack] channels"),
        ("is_archived", "archived"),
        ("restricted_action_read_only_channel", "administrator"),
        ("fatal_error", "slack-status.com"),
        ("invalid_blocks", "will not work"),
    ] {
        let error = refused(json!({ "ok": false, "error": word })).await;
        assert!(error.text.contains(advice), "{word}: {error}");
    }
}

#[tokio::test]
async fn a_lacking_scope_is_named_and_foreign_text_in_its_place_is_not() {
    let error =
        refused(json!({ "ok": false, "error": "missing_scope", "needed": "chat:write,chat:write.public" })).await;
    assert!(error.text.contains("lacks the scope chat:write,chat:write.public"), "{error}");
    let error = refused(json!({ "ok": false, "error": "missing_scope", "needed": "<script>" })).await;
    assert!(!error.text.contains("script"), "{error}");
}

#[tokio::test]
async fn slacks_remarks_on_a_block_are_quoted_short_and_in_one_line() {
    let remark = "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]";
    let long = format!("a\nb\u{1b}[31m xoxb-made-up-token-0001 {}", "x".repeat(1_000));
    let error = refused(json!({ "ok": false, "error": "invalid_blocks",
        "response_metadata": { "messages": [remark, long, "c", "the fourth"] } }))
    .await;
    assert!(error.text.contains(remark) && error.text.contains("a b[31m [secret]"), "{error}");
    assert!(!error.text.contains("fourth") && error.text.len() < 700, "{error}");
    assert!(!error.text.chars().any(char::is_control), "{error}");
}

#[tokio::test]
async fn what_is_no_word_is_not_quoted() {
    for odd in ["<b>Not a word</b>", "", "Über", "a word"] {
        let error = refused(json!({ "ok": false, "error": odd })).await;
        assert_eq!(error.kind, BadRequest, "{odd}");
        assert!(error.text.contains("(chat.postMessage: 200)"), "{error}");
    }
    let error = refused(json!({ "ok": false })).await;
    assert_eq!(error.kind, BadRequest);
}

#[tokio::test]
async fn the_status_alone_is_enough() {
    for (status, body, kind) in [
        (503, "<html>", Trouble),
        (500, r#"{"ok":false,"error":"not_in_channel"}"#, Trouble),
        (429, "", Limited),
        (401, "", Auth),
        (403, "<html>", Kind::InTheWay),
        (407, "", Kind::InTheWay),
        (302, "", Kind::InTheWay),
        (403, r#"{"ok":false,"error":"invalid_auth"}"#, Auth),
    ] {
        let server = Server::always(status, body).await;
        let error = client(&server).post(&call(), &Post::new("C1", &hello())).await.unwrap_err();
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{status} {body}: {error}");
    }
}
