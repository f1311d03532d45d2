//! One message an incident, whatever happens on the way; presses in people's own names, once; nobody but Slack is believed.

use super::desk::{CHANNEL, Desk, Plan, SATO};
use crate::net::each;
use crate::outside::http::Request;
use crate::outside::wait;
use crate::world::Database;
use crate::world::sandbox::SERVICES;
use serde_json::{Value, json};

fn act(desk: &Desk, incident: &str, what: &str) {
    desk.sandbox().control("act", &json!({ "incident": incident, "act": what, "by": SATO }));
}

#[test]
fn an_incident_has_one_message_that_follows_it_with_its_story_in_the_thread() {
    each(|database| {
        let desk = Desk::started(database, &Plan::default());
        let incident = desk.sandbox().trigger(SERVICES[0], "disk");
        let message = desk.until(&["発生中", "disk"]);
        assert!(message.to_string().contains("acknowledge"), "{message}");
        act(&desk, &incident, "acknowledge");
        desk.until(&["確認済み", "disk"]);
        act(&desk, &incident, "resolve");
        let last = desk.until(&["解決", "→"]);
        assert_eq!(last["ts"], message["ts"], "it is the same message");
        desk.rests();
        let all = desk.messages();
        assert_eq!(all.len(), 1, "{}", json!(all));
        let replies = all[0]["replies"].as_array().unwrap();
        assert_eq!(replies.len(), 1, "{}", json!(replies));
        assert!(replies[0].to_string().contains("これまでの経過"), "{}", replies[0]);
    });
}

#[test]
fn a_press_is_done_once_in_the_name_of_whoever_signed_in() {
    each(|database| {
        let desk = Desk::started(database, &Plan::default());
        let incident = desk.sandbox().trigger(SERVICES[0], "disk");
        let message = desk.until(&["発生中", "disk"]);
        // Whoever is not known yet is shown a link, and nothing happens.
        desk.press("hanako", &message, "acknowledge");
        let told = desk.whispered(&["/link/slack/"]);
        assert!(!told.contains("確認しました"), "{told}");
        assert_eq!(status(&desk, &incident), "triggered");
        desk.link("hanako", SATO);
        let pressed = desk.press("hanako", &message, "acknowledge");
        desk.until(&["確認済み", "Sato Hanako"]);
        assert_eq!(status(&desk, &incident), "acknowledged");
        // Told again by Slack, byte by byte: it is the same press.
        if let Some(id) = pressed["id"].as_str() {
            desk.slack.control("replay", &json!({ "id": id }));
        }
        desk.rests();
        let acts = desk.world.site.all(&format!("incidents/{incident}/acts")).unwrap();
        assert_eq!(acts.len(), 1, "{acts:?}");
    });
}

fn status(desk: &Desk, incident: &str) -> String {
    let all = desk.sandbox().incidents();
    let found = all.iter().find(|one| one["id"] == incident).unwrap();
    found["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_note_is_written_in_a_form_and_stands_in_pagerduty() {
    let desk = Desk::started(Database::Sqlite, &Plan::default());
    let incident = desk.sandbox().trigger(SERVICES[0], "disk");
    let message = desk.until(&["発生中", "disk"]);
    desk.link("hanako", SATO);
    desk.press("hanako", &message, "note");
    let view = wait::until("the form to open", || {
        let views = desk.slack.get("views");
        views["views"].as_array()?.iter().find(|view| view["is_open"] == true).cloned()
    });
    let block = view["view"]["blocks"][0]["block_id"].as_str().unwrap().to_owned();
    let sent = json!({ "user": "hanako", "view": view["id"], "values": { block: { "text": "ログを削除しました" } } });
    desk.slack.control("submit", &sent);
    desk.rests();
    let shown = desk.sandbox().get("state").to_string();
    assert!(shown.contains(&incident));
    assert!(shown.contains("ログを削除しました"), "{shown}");
}

#[test]
fn commands_are_answered_to_whoever_asked_alone() {
    let desk = Desk::started(Database::Sqlite, &Plan::default());
    desk.sandbox().trigger(SERVICES[0], "disk");
    desk.until(&["発生中", "disk"]);
    desk.link("hanako", SATO);
    let ask = |text: &str| {
        let body = json!({ "user": "hanako", "channel": CHANNEL, "command": "/arayashiki", "text": text });
        desk.slack.control("command", &body)
    };
    ask("status");
    desk.whispered(&["未解決のインシデントは 1 件"]);
    ask("incidents");
    desk.whispered(&["disk"]);
    ask("mute 2h");
    desk.whispered(&["2時間"]);
    desk.sandbox().trigger(SERVICES[1], "swap");
    desk.world.sandbox.is_idle(wait::LONG);
    let waits = || {
        let jobs = desk.world.site.all("jobs?state=ready").ok()?;
        jobs.iter().any(|job| job.to_string().contains("muted")).then_some(())
    };
    assert!(wait::within(wait::LONG, waits).is_some(), "{}", desk.world.unrest());
    assert_eq!(desk.messages().len(), 1);
    ask("mute off");
    desk.whispered(&["再開します"]);
}

#[test]
fn a_lost_answer_is_settled_by_looking() {
    each(|database| {
        let desk = Desk::started(database, &Plan::default());
        let fault = json!({ "path": "/api/chat.postMessage", "nth": 1, "times": 1, "do": { "cut": "after" } });
        desk.slack.control("faults", &json!({ "faults": [fault] }));
        desk.sandbox().trigger(SERVICES[0], "disk");
        desk.until(&["発生中", "disk"]);
        desk.rests();
        let all = desk.messages();
        assert_eq!(all.len(), 1, "{}", json!(all));
        assert_eq!(all[0]["replies"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn what_happened_while_slack_was_down_is_told_once_as_it_stands_then() {
    let desk = Desk::started(Database::Sqlite, &Plan::default());
    desk.slack.control("set", &json!({ "down": true }));
    let first = desk.sandbox().trigger(SERVICES[0], "disk");
    desk.sandbox().trigger(SERVICES[1], "swap");
    let tried = || {
        let jobs = desk.world.site.all("jobs?state=ready").ok()?;
        jobs.iter().any(|job| job.to_string().contains("Slack")).then_some(())
    };
    assert!(wait::within(wait::LONG, tried).is_some(), "{}", desk.world.unrest());
    act(&desk, &first, "resolve");
    desk.slack.control("set", &json!({ "down": false }));
    desk.until(&["発生中", "swap"]);
    desk.until(&["解決", "disk"]);
    desk.rests();
    assert_eq!(desk.messages().len(), 2);
}

#[test]
fn a_channel_that_is_gone_makes_posts_wait_and_not_die() {
    let desk = Desk::started(Database::Sqlite, &Plan::default());
    desk.slack.control("set", &json!({ "channel": CHANNEL, "state": "archived" }));
    desk.sandbox().trigger(SERVICES[0], "disk");
    let waits = || {
        let jobs = desk.world.site.all("jobs?state=ready").ok()?;
        jobs.iter().any(|job| job.to_string().contains("archived")).then_some(())
    };
    assert!(wait::within(wait::LONG, waits).is_some(), "{}", desk.world.unrest());
    assert!(desk.world.site.all("jobs?state=dead").unwrap().is_empty());
    assert!(desk.messages().is_empty());
}

#[test]
fn by_socket_the_same_without_an_address_that_slack_can_call() {
    let desk = Desk::started(Database::Sqlite, &Plan { socket: true, ..Plan::default() });
    let incident = desk.sandbox().trigger(SERVICES[0], "disk");
    let message = desk.until(&["発生中", "disk"]);
    desk.link("hanako", SATO);
    let connected = || {
        let sockets = desk.slack.get("sockets");
        let numbers = sockets["connections"].as_array().unwrap_or_else(|| panic!("{sockets}"));
        numbers.iter().filter_map(Value::as_u64).max()
    };
    let first = wait::until("a socket to be open", connected);
    desk.slack.control("socket", &json!({ "act": "refresh_requested" }));
    wait::until("the next socket to be open", || connected().filter(|number| *number > first));
    desk.press("hanako", &message, "resolve");
    desk.until(&["解決", "→"]);
    assert_eq!(status(&desk, &incident), "resolved");
    desk.rests();
}

#[test]
fn with_an_incoming_webhook_alone_it_is_told_when_it_begins_and_when_it_ends() {
    let desk = Desk::started(Database::Sqlite, &Plan { webhook_only: true, ..Plan::default() });
    let incident = desk.sandbox().trigger(SERVICES[0], "disk");
    desk.until(&["発生中", "disk"]);
    act(&desk, &incident, "acknowledge");
    act(&desk, &incident, "resolve");
    desk.until(&["解決", "→"]);
    desk.rests();
    assert_eq!(desk.messages().len(), 2, "{}", json!(desk.messages()));
}

#[test]
fn nobody_but_slack_is_believed_and_nothing_old() {
    let desk = Desk::started(Database::Sqlite, &Plan::default());
    let incident = desk.sandbox().trigger(SERVICES[0], "disk");
    let message = desk.until(&["発生中", "disk"]);
    desk.link("hanako", SATO);
    let inbox = |desk: &Desk| desk.world.site.all("inbox?source=slack").unwrap().len();
    let before = inbox(&desk);
    for (skew_s, is_wrong) in [(-301, false), (301, false), (0, true)] {
        let mut body = json!({ "user": "hanako", "channel": CHANNEL, "ts": message["ts"], "action_id": "resolve" });
        body["skew_s"] = json!(skew_s);
        body["wrong_signature"] = json!(is_wrong);
        let answered = desk.slack.control("press", &body);
        assert_eq!(answered["status"], 401, "{skew_s} {is_wrong}: {answered}");
    }
    let bare = Request::new("POST", "/webhooks/slack/interactions");
    assert_eq!(desk.forge(bare).status, 401);
    assert_eq!(inbox(&desk), before, "nothing of it was kept");
    assert_eq!(status(&desk, &incident), "triggered");
}

#[test]
fn what_others_wrote_names_nobody_and_makes_no_link() {
    let desk = Desk::started(Database::Sqlite, &Plan::default());
    let hostile = "<!channel> <@U0SATO> <https://evil.example|ok> *_~` &amp;";
    let body = json!({ "service": SERVICES[0], "title": hostile, "key": "hostile" });
    desk.sandbox().control("trigger", &body);
    let message = desk.until(&["evil.example"]);
    let text = message["blocks"][0]["text"]["text"].as_str().unwrap_or_else(|| panic!("{message}"));
    for tag in ["<!", "<@", "<http"] {
        assert!(!text.contains(tag), "{text}");
    }
    let notice: &Value = &message["text"];
    assert!(!notice.as_str().unwrap().contains("<!channel>"), "{notice}");
}
