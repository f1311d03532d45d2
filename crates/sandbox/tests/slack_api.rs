//! The simulated Slack's Web API, from outside: what is taken, refused, limited, paged and uploaded, and that it is on disk first.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod workspace;

use sandbox::slack::{Limits, Options};
use serde_json::{Value, json};
use workspace::Workspace;

fn texts(told: &Value) -> Vec<String> {
    let all = told["messages"].as_array().expect("messages");
    all.iter().map(|m| m["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_message_is_posted_threaded_changed_and_deleted() {
    let own = Workspace::quick().await;
    let channel = own.alerts();
    let metadata = json!({ "event_type": "incident", "event_payload": { "id": "i-1" } });
    let told =
        own.api("chat.postMessage", json!({ "channel": "#alerts", "text": "P1 <web01>", "metadata": metadata })).await;
    assert_eq!((&told["ok"], &told["channel"]), (&json!(true), &json!(channel)));
    let ts = told["ts"].as_str().expect("a string").to_owned();
    assert_eq!(told["message"]["bot_id"].as_str().map(|b| &b[..1]), Some("B"));
    let reply = own.api("chat.postMessage", json!({ "channel": channel, "thread_ts": ts, "text": "found" })).await;
    assert_eq!(reply["message"]["thread_ts"], json!(ts));
    let changed = own.api("chat.update", json!({ "channel": channel, "ts": ts, "text": "P1 resolved" })).await;
    assert_eq!((&changed["ts"], &changed["text"]), (&json!(ts), &json!("P1 resolved")));
    let history = own.form("conversations.history", &[("channel", &channel), ("include_all_metadata", "true")]).await;
    let first = &history["messages"][0];
    assert_eq!(
        (&first["metadata"], &first["reply_count"], &first["text"]),
        (&metadata, &json!(1), &json!("P1 resolved"))
    );
    let replies = own.form("conversations.replies", &[("channel", &channel), ("ts", &ts)]).await;
    assert_eq!(texts(&replies), ["P1 resolved", "found"]);
    let gone = own.api("chat.delete", json!({ "channel": channel, "ts": reply["ts"] })).await;
    assert_eq!(gone["ok"], true);
    let replies = own.form("conversations.replies", &[("channel", &channel), ("ts", &ts)]).await;
    assert_eq!(texts(&replies), ["P1 resolved"]);
    let seen = own.get("/_control/messages?channel=alerts").await;
    let versions = &seen["messages"][0]["versions"];
    assert_eq!((&versions[0]["text"], &versions[1]["text"]), (&json!("P1 <web01>"), &json!("P1 resolved")));
    assert_eq!(seen["messages"][0]["replies"][0]["is_deleted"], true);
    let kinds = ["posted", "updated", "deleted"].map(|kind| own.slack.effects(&format!("slack.{kind}")).len());
    assert_eq!(kinds, [2, 1, 1]);
    assert_eq!(own.slack.messages()[0]["metadata"], metadata);
}

#[tokio::test]
async fn refusals_have_the_vendors_words() {
    let own = Workspace::quick().await;
    let channel = own.alerts();
    let reply_ts = {
        let parent = own.post(&channel, "parent").await;
        let reply =
            own.api("chat.postMessage", json!({ "channel": channel, "thread_ts": parent, "text": "reply" })).await;
        reply["ts"].clone()
    };
    let said = own.control("say", json!({ "user": "hanako", "channel": "alerts", "text": "mine" })).await;
    let button = json!([{ "type": "actions", "elements": [{ "type": "button", "action_id": "a", "text": { "type": "plain_text", "text": "x".repeat(76) } }] }]);
    for (method, body, word) in [
        ("chat.postMessage", json!({ "text": "x" }), "invalid_arguments"),
        ("chat.postMessage", json!({ "channel": "C0NONE", "text": "x" }), "channel_not_found"),
        ("chat.postMessage", json!({ "channel": "general", "text": "x" }), "not_in_channel"),
        ("chat.postMessage", json!({ "channel": channel }), "no_text"),
        ("chat.postMessage", json!({ "channel": channel, "text": "x", "blocks": button }), "invalid_blocks"),
        ("chat.postMessage", json!({ "channel": channel, "text": "x", "blocks": "[{" }), "invalid_blocks_format"),
        (
            "chat.postMessage",
            json!({ "channel": channel, "text": "x", "markdown_text": "y" }),
            "markdown_text_conflict",
        ),
        (
            "chat.postMessage",
            json!({ "channel": channel, "text": "x", "attachments": vec![json!({ "text": "a" }); 101] }),
            "too_many_attachments",
        ),
        ("chat.postMessage", json!({ "channel": channel, "text": "x", "metadata": "{" }), "invalid_metadata_format"),
        (
            "chat.postMessage",
            json!({ "channel": channel, "text": "x", "metadata": { "event_type": "t" } }),
            "invalid_metadata_schema",
        ),
        (
            "chat.postMessage",
            json!({ "channel": channel, "text": "x", "thread_ts": 1714521603.0002 }),
            "invalid_arguments",
        ),
        (
            "chat.postMessage",
            json!({ "channel": channel, "text": "x", "thread_ts": "1.000000" }),
            "cannot_reply_to_message",
        ),
        (
            "chat.postMessage",
            json!({ "channel": channel, "text": "x", "thread_ts": reply_ts }),
            "cannot_reply_to_message",
        ),
        ("chat.update", json!({ "channel": channel, "ts": "1.000000", "text": "x" }), "message_not_found"),
        ("chat.update", json!({ "channel": channel, "ts": said["ts"], "text": "x" }), "cant_update_message"),
        ("chat.delete", json!({ "channel": channel, "ts": said["ts"] }), "cant_delete_message"),
        ("chat.postEphemeral", json!({ "channel": channel, "user": "U0NONE", "text": "x" }), "user_not_in_channel"),
        ("conversations.open", json!({ "users": "U0NONE" }), "user_not_found"),
        (
            "views.open",
            json!({ "trigger_id": "1.2.3", "view": { "type": "modal", "title": { "type": "plain_text", "text": "T" }, "blocks": [] } }),
            "invalid_arguments",
        ),
        ("files.completeUploadExternal", json!({ "files": [{ "id": "F0NONE" }] }), "file_not_found"),
        ("files.upload", json!({}), "method_deprecated"),
        ("apps.connections.open", json!({}), "not_allowed_token_type"),
        ("chat.nothing", json!({}), "unknown_method"),
    ] {
        let (status, told) = own.raw(method, &body).await;
        assert_eq!((status, &told["ok"], told["error"].as_str()), (200, &json!(false), Some(word)), "{method} {body}");
    }
    let blocks = json!({ "channel": channel, "text": "x", "blocks": button });
    let told = own.api("chat.postMessage", blocks).await;
    let message = told["response_metadata"]["messages"][0].as_str().expect("a message");
    assert!(message.contains("/blocks/0/elements/0/text/text"), "{message}");
    assert_eq!(own.slack.messages().len(), 2, "what was refused was not posted");
}

#[tokio::test]
async fn tokens_and_scopes_are_looked_at() {
    let own = Workspace::quick().await;
    let info = own.slack.info().clone();
    let call = async |request: reqwest::RequestBuilder| -> Value {
        request.send().await.expect("an answer").json().await.expect("JSON")
    };
    let url = format!("{}/auth.test", info.api_url);
    assert_eq!(call(own.http.post(&url)).await["error"], "not_authed");
    assert_eq!(call(own.http.post(&url).bearer_auth("xoxb-wrong")).await["error"], "invalid_auth");
    assert_eq!(
        call(own.http.get(format!("{url}?token={}", info.bot_token))).await["user_id"],
        info.bot_user_id.as_str()
    );
    let json_token = own
        .http
        .post(&url)
        .header("content-type", "application/json")
        .body(json!({ "token": info.bot_token }).to_string());
    assert_eq!(call(json_token).await["error"], "not_authed", "a token in JSON does not count");
    for (health, word) in [("revoked", "token_revoked"), ("expired", "token_expired"), ("inactive", "account_inactive")]
    {
        own.control("set", json!({ "token": health })).await;
        assert_eq!(own.api("auth.test", json!({})).await["error"], word);
    }
    own.control("set", json!({ "token": "active", "scopes": ["chat:write"] })).await;
    let told = own.form("users.lookupByEmail", &[("email", "sato.hanako@example.com")]).await;
    assert_eq!(
        (&told["error"], &told["needed"], &told["provided"]),
        (&json!("missing_scope"), &json!("users:read.email"), &json!("chat:write"))
    );
    assert_eq!(
        own.api("chat.postMessage", json!({ "channel": "alerts", "text": "x", "username": "Net" })).await["needed"],
        "chat:write.customize"
    );
    own.control("set", json!({ "down": true })).await;
    assert_eq!(own.raw("auth.test", &json!({})).await.0, 503);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_told_apart() {
    let own = Workspace::quick().await;
    let info = own.slack.info();
    for (kind, body, word) in [
        (Some("application/json"), "{", "invalid_json"),
        (Some("application/json"), "[]", "json_not_object"),
        (Some("application/xml"), "<a/>", "invalid_post_type"),
        (Some("multipart/form-data"), "x", "invalid_form_data"),
        (None, "x", "missing_post_type"),
    ] {
        let mut request =
            own.http.post(format!("{}/chat.postMessage", info.api_url)).bearer_auth(&info.bot_token).body(body);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let told: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        assert_eq!(told["error"], word, "{kind:?} {body}");
    }
    let request = own.http.post(format!("{}/auth.test", info.api_url)).bearer_auth(&info.bot_token);
    let told: Value = request
        .header("content-type", "application/json")
        .body("{}")
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!((&told["ok"], &told["warning"]), (&json!(true), &json!("missing_charset")));
    let told = own.raw("users.lookupByEmail", &json!({ "email": "sato.hanako@example.com" })).await.1;
    assert_eq!(told["error"], "invalid_arguments", "it takes no JSON");
    let boundary = "----b";
    let body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"channel\"\r\n\r\nalerts\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n障害\r\n--{boundary}--\r\n"
    );
    let request = own.http.post(format!("{}/chat.postMessage", info.api_url)).bearer_auth(&info.bot_token);
    let request = request.header("content-type", format!("multipart/form-data; boundary={boundary}")).body(body);
    let told: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(told["message"]["text"], "障害", "{told}");
}

#[tokio::test]
async fn channels_can_be_archived_gone_or_closed_to_the_bot() {
    let own = Workspace::quick().await;
    let channel = own.alerts();
    let ts = own.post(&channel, "before").await;
    for (state, posting, changing) in [
        ("archived", "is_archived", "is_archived"),
        ("gone", "channel_not_found", "channel_not_found"),
        ("not_in_channel", "not_in_channel", "channel_not_found"),
    ] {
        own.control("set", json!({ "channel": "alerts", "state": state })).await;
        assert_eq!(own.api("chat.postMessage", json!({ "channel": channel, "text": "x" })).await["error"], posting);
        assert_eq!(
            own.api("chat.update", json!({ "channel": channel, "ts": ts, "text": "x" })).await["error"],
            changing
        );
    }
    own.control("set", json!({ "channel": "alerts", "state": "restricted" })).await;
    assert_eq!(
        own.api("chat.postMessage", json!({ "channel": channel, "text": "x" })).await["error"],
        "not_in_channel"
    );
    own.control("set", json!({ "channel": "alerts", "state": "active" })).await;
    own.control("set", json!({ "channel": "alerts", "state": "restricted" })).await;
    assert_eq!(
        own.api("chat.postMessage", json!({ "channel": channel, "text": "x" })).await["error"],
        "restricted_action"
    );
    own.control("set", json!({ "channel": "alerts", "state": "active" })).await;
    assert_eq!(own.api("chat.update", json!({ "channel": channel, "ts": ts, "text": "after" })).await["ok"], true);
}

#[tokio::test]
async fn too_many_calls_are_told_when_to_come_again() {
    let limits = Limits { tier3: 2, window_s: 60, ..Limits::NONE };
    let own = Workspace::new(Options { burst: 2, limits, ..Options::default() }).await;
    let channel = own.alerts();
    let url = format!("{}/chat.postMessage", own.slack.info().api_url);
    let mut seen = Vec::new();
    for n in 0..20 {
        let request = own.http.post(&url).bearer_auth(&own.slack.info().bot_token);
        let body = json!({ "channel": channel, "text": n.to_string() });
        let reply = request
            .header("content-type", "application/json; charset=utf-8")
            .body(body.to_string())
            .send()
            .await
            .expect("an answer");
        let after = reply.headers().get("retry-after").and_then(|v| v.to_str().ok()).map(str::to_owned);
        seen.push((reply.status().as_u16(), after));
    }
    let refused = seen.iter().find(|(status, _)| *status == 429).expect("one too many");
    assert_eq!(refused.1.as_deref(), Some("1"));
    let ts = own.slack.messages()[0]["ts"].clone();
    let update = json!({ "channel": channel, "ts": ts, "text": "y" });
    let mut words = Vec::new();
    for _ in 0..3 {
        words.push(own.raw("chat.update", &update).await);
    }
    assert_eq!((words[1].0, words[2].0, &words[2].1["error"]), (200, 429, &json!("ratelimited")));
    assert_eq!(own.raw("chat.delete", &json!({ "channel": channel, "ts": ts })).await.0, 200, "another method goes on");
    own.control("advance", json!({ "seconds": 60 })).await;
    assert_eq!(own.raw("chat.update", &json!({ "channel": channel, "ts": "1.1", "text": "y" })).await.0, 200);
    own.control("set", json!({ "limits": { "chat.update": 0, "burst": 0 } })).await;
    for _ in 0..5 {
        assert_eq!(own.raw("chat.update", &update).await.0, 200);
    }
}

#[tokio::test]
async fn history_is_paged_by_time_and_cursor() {
    let own = Workspace::quick().await;
    let channel = own.alerts();
    let mut all = Vec::new();
    for n in 0..5 {
        all.push(own.post(&channel, &n.to_string()).await);
    }
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page =
            own.form("conversations.history", &[("channel", &channel), ("limit", "2"), ("cursor", &cursor)]).await;
        seen.extend(texts(&page));
        cursor = page["response_metadata"]["next_cursor"].as_str().expect("a cursor").to_owned();
        assert_eq!(page["has_more"], json!(!cursor.is_empty()));
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
    for (fields, expected) in [
        (vec![("oldest", all[2].as_str())], vec!["4", "3"]),
        (vec![("oldest", all[2].as_str()), ("inclusive", "1")], vec!["4", "3", "2"]),
        (vec![("latest", all[2].as_str()), ("inclusive", "true")], vec!["2", "1", "0"]),
        (vec![("latest", all[2].as_str())], vec!["1", "0"]),
        (vec![("oldest", "0")], vec!["4", "3", "2", "1", "0"]),
    ] {
        let fields: Vec<(&str, &str)> = fields.into_iter().chain([("channel", channel.as_str())]).collect();
        assert_eq!(texts(&own.form("conversations.history", &fields).await), expected, "{fields:?}");
    }
    for (name, value, word) in [
        ("cursor", "nonsense", "invalid_cursor"),
        ("limit", "-1", "invalid_limit"),
        ("oldest", "x", "invalid_ts_oldest"),
    ] {
        assert_eq!(own.form("conversations.history", &[("channel", &channel), (name, value)]).await["error"], word);
    }
}

#[tokio::test]
async fn people_and_rooms_are_found() {
    let own = Workspace::quick().await;
    let hanako = own.user("hanako");
    let found = own.form("users.lookupByEmail", &[("email", "Sato.Hanako@example.com")]).await;
    assert_eq!((&found["user"]["id"], &found["user"]["tz_offset"]), (&json!(hanako), &json!(32_400)));
    let info = own.form("users.info", &[("user", &hanako)]).await;
    assert_eq!(info["user"]["profile"]["email"], "sato.hanako@example.com");
    own.control("user", json!({ "user": "hanako", "deleted": true })).await;
    assert_eq!(
        own.form("users.lookupByEmail", &[("email", "sato.hanako@example.com")]).await["error"],
        "users_not_found"
    );
    let names = async |fields: &[(&str, &str)]| {
        let told = own.form("conversations.list", fields).await;
        let all = told["channels"].as_array().expect("a list").clone();
        all.iter().map(|c| c["name"].as_str().unwrap_or("direct").to_owned()).collect::<Vec<_>>()
    };
    let opened = own.api("conversations.open", json!({ "users": own.user("ken") })).await;
    let again = own.api("conversations.open", json!({ "users": own.user("ken") })).await;
    assert_eq!((&again["channel"]["id"], &again["already_open"]), (&opened["channel"]["id"], &json!(true)));
    own.control("channel", json!({ "name": "secret", "is_private": true })).await;
    assert_eq!(names(&[]).await, ["alerts", "general"]);
    assert_eq!(
        names(&[("types", "public_channel,private_channel,im")]).await,
        ["alerts", "general", "direct", "secret"]
    );
    own.control("set", json!({ "channel": "alerts", "state": "archived" })).await;
    assert_eq!(names(&[("exclude_archived", "true")]).await, ["general"]);
    own.control("set", json!({ "channel": "alerts", "state": "gone" })).await;
    assert_eq!(own.form("conversations.info", &[("channel", &own.alerts())]).await["error"], "channel_not_found");
    let direct = own.api("chat.postMessage", json!({ "channel": own.user("ken"), "text": "to you" })).await;
    assert_eq!(direct["channel"], opened["channel"]["id"]);
    let page = own.form("users.list", &[("limit", "3")]).await;
    assert_eq!(page["members"].as_array().map(Vec::len), Some(3));
    assert_ne!(page["response_metadata"]["next_cursor"], "");
}

#[tokio::test]
async fn a_file_is_uploaded_in_three_steps() {
    let own = Workspace::quick().await;
    let channel = own.alerts();
    let bytes = b"\x89PNG\r\n\x1a\npicture".to_vec();
    let length = bytes.len().to_string();
    let step = own
        .form("files.getUploadURLExternal", &[("filename", "graph.png"), ("length", &length), ("alt_txt", "load")])
        .await;
    let (url, id) = (step["upload_url"].as_str().expect("an address").to_owned(), step["file_id"].clone());
    let complete = json!({ "files": [{ "id": id, "title": "Load" }], "channel_id": channel, "initial_comment": "see" });
    assert_eq!(own.api("files.completeUploadExternal", complete.clone()).await["error"], "file_not_found");
    let short = own.http.post(&url).body("x").send().await.expect("an answer");
    assert_eq!(short.status(), 400);
    let sent = own.http.post(&url).body(bytes.clone()).send().await.expect("an answer");
    assert_eq!((sent.status().as_u16(), sent.text().await.expect("a text")), (200, format!("OK - {length}")));
    let done = own.api("files.completeUploadExternal", complete.clone()).await;
    assert_eq!((&done["files"][0]["id"], &done["files"][0]["title"]), (&id, &json!("Load")));
    assert_eq!(own.api("files.completeUploadExternal", complete).await["error"], "file_not_found", "only once");
    let posted = &own.slack.messages()[0];
    assert_eq!((&posted["text"], &posted["via"], &posted["files"][0]["id"]), (&json!("see"), &json!("upload"), &id));
    let id = id.as_str().expect("an id");
    let shares = own.form("files.info", &[("file", id)]).await["file"]["shares"]["public"][&channel][0]["ts"].clone();
    assert_eq!(shares, posted["ts"]);
    let picture = own.http.get(format!("{}/files/{id}", own.slack.info().url)).send().await.expect("an answer");
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert_eq!(picture.bytes().await.expect("bytes").to_vec(), bytes);
}

#[tokio::test]
async fn faults_play_around_api_calls_and_the_log_is_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("slack.jsonl");
    let own = Workspace::new(Options { burst: 0, log: Some(log.clone()), ..Options::default() }).await;
    let faults = json!({ "faults": [
        { "path": "/api/chat.postMessage", "do": { "cut": "before" } }, { "path": "/api/chat.postMessage", "nth": 2, "do": { "cut": "after" } },
        { "path": "/api/chat.postMessage", "nth": 3, "do": { "status": 429, "headers": { "retry-after": "30" }, "body": { "ok": false, "error": "ratelimited" } } },
    ] });
    own.control("faults", faults).await;
    let info = own.slack.info();
    let mut seen = Vec::new();
    for n in 0..4 {
        let request = own.http.post(format!("{}/chat.postMessage", info.api_url)).bearer_auth(&info.bot_token);
        let body = json!({ "channel": own.alerts(), "text": n.to_string() }).to_string();
        let reply = request.header("content-type", "application/json; charset=utf-8").body(body).send().await;
        seen.push(reply.ok().map(|r| r.status().as_u16()));
    }
    assert_eq!(seen, [None, None, Some(429), Some(200)]);
    let text = std::fs::read_to_string(&log).expect("a log");
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let posted: Vec<&Value> =
        lines.iter().filter(|l| l["kind"] == "slack.posted").map(|l| &l["detail"]["text"]).collect();
    assert_eq!(posted, [&json!("1"), &json!("3")]);
}

#[tokio::test]
async fn whom_a_message_would_notify_is_on_record() {
    let own = Workspace::quick().await;
    own.post(&own.alerts(), "&lt;!channel&gt; is safe, <!here> and <@U1> are not").await;
    assert_eq!(own.slack.messages()[0]["pings"], json!(["here", "U1"]));
}

/// Whatever comes, an answer is given, and the workspace lives on.
#[tokio::test]
async fn odd_shapes_are_answered() {
    let own = Workspace::quick().await;
    let channel = own.alerts();
    let ts = own.post(&channel, "first").await;
    let odd = [
        json!(null),
        json!(7),
        json!(true),
        json!("<*_~`:"),
        json!([7, null]),
        json!({ "a": { "b": [] } }),
        json!("{\"type\":7}"),
    ];
    for method in [
        "chat.postMessage",
        "chat.update",
        "chat.delete",
        "chat.postEphemeral",
        "views.open",
        "files.completeUploadExternal",
        "conversations.open",
    ] {
        for value in &odd {
            for name in [
                "channel",
                "ts",
                "text",
                "blocks",
                "attachments",
                "metadata",
                "thread_ts",
                "view",
                "files",
                "users",
                "user",
                "limit",
            ] {
                let mut body = json!({ "channel": channel, "ts": ts, "text": "x", "user": own.user("ken"), "trigger_id": "1", "view": {} });
                body[name] = value.clone();
                let (status, told) = own.raw(method, &body).await;
                assert!(status == 200 && told["ok"].is_boolean(), "{method} {body} {told}");
            }
        }
    }
    for what in
        ["press", "command", "submit", "event", "say", "type", "replay", "set", "user", "channel", "socket", "webhook"]
    {
        for value in &odd {
            let body = json!({ "user": value, "channel": value, "text": value, "event": value, "act": value, "seconds": i64::MAX });
            assert!(own.slack.control(what, &body).await.is_err(), "{what} {body}");
            assert!(own.slack.control(what, value).await.is_err(), "{what} {value}");
        }
    }
    own.control("advance", json!({ "seconds": i64::MAX })).await;
    for path in ["/", "/channel/%ff", "/channel/alerts?as=%00", "/files/../x", "/nothing"] {
        assert!(!own.page(path).await.is_empty(), "{path}");
    }
}
