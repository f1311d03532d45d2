//! What a person does: the requests as they go out, what their answers mean, and how each is found again.

use super::client;
use crate::pagerduty::{Acted, Client, Sought};
use crate::testing::{Heard, NOW, Server, call, reply};
use crate::{CallError, Kind};
use model::act::Act;
use serde_json::{Value, json};

const FROM: &str = "mori@northwind.example";
const MARKER: &str = "[arayashiki:act:7f]";
pub(super) const OPEN: &str =
    r#"{"incident":{"id":"Q1","status":"triggered","acknowledgements":[]},"notes":[],"log_entries":[]}"#;
const DONE: Acted = Acted::Done { external: None };

pub(super) fn all() -> Vec<Act> {
    vec![
        Act::Acknowledge,
        Act::Resolve { resolution: Some("再起動した".into()) },
        Act::Note { text: "調べた\n".into() },
        Act::Snooze { seconds: 3_600 },
        Act::Reassign { users: vec!["U1".into(), "U2".into()] },
        Act::Escalate { level: 2 },
        Act::Priority { to: Some("P1".into()) },
        Act::Merge { sources: vec!["Q2".into(), "Q3".into()] },
    ]
}

async fn act(server: &Server, act: &Act) -> Result<Acted, CallError> {
    client(server).act(&call(), "Q1", act, FROM, MARKER).await
}

const fn sought(act: &Act) -> Sought<'_> {
    Sought { incident: "Q1", act, user: "U1", marker: MARKER, since: NOW, earlier: 0 }
}

async fn find(server: &Server, act: &Act) -> Option<Acted> {
    client(server).find_act(&call(), &sought(act)).await.unwrap()
}

/// A server that shows this incident, these log entries and notes, and answers every write so.
async fn showing(incident: Value, log_entries: Value, write: (u16, &'static str)) -> Server {
    Server::start(move |heard: &Heard| match (heard.method.as_str(), heard.path.rsplit('/').next().unwrap()) {
        ("GET", "log_entries") => reply(200, json!({ "log_entries": log_entries, "more": false }).to_string()),
        ("GET", _) => reply(200, json!({ "incident": incident, "notes": [] }).to_string()),
        _ => reply(write.0, write.1),
    })
    .await
}

fn incident(status: &str) -> Value {
    json!({ "id": "Q1", "status": status, "acknowledgements": [] })
}

fn refusal(code: i64) -> &'static str {
    match code {
        1001 => r#"{"error":{"message":"Incident Already Resolved","code":1001}}"#,
        1002 => r#"{"error":{"message":"Incident Already Acknowledged","code":1002}}"#,
        _ => r#"{"error":{"message":"Incident Already Merged","code":1019}}"#,
    }
}

#[tokio::test]
async fn each_act_goes_out_once_in_the_persons_own_name() {
    let server = Server::start(|heard| match heard.path.ends_with("notes") {
        true => reply(200, r#"{"note":{"id":"N1"}}"#),
        false => reply(200, OPEN),
    })
    .await;
    for one in all() {
        let external = matches!(one, Act::Note { .. }).then(|| "N1".to_owned());
        assert_eq!(act(&server, &one).await.unwrap(), Acted::Done { external }, "{one:?}");
    }
    let heard: Vec<Heard> = server.heard().into_iter().filter(|heard| heard.method != "GET").collect();
    assert!(heard.iter().all(|heard| heard.headers["from"] == FROM), "never the configured one");
    let sent: Vec<_> = heard.iter().map(|h| (h.method.as_str(), h.path.as_str(), h.json())).collect();
    let update = |field: &str, value: Value| json!({ "incident": { "type": "incident_reference", field: value } });
    let user = |id: &str| json!({ "assignee": { "id": id, "type": "user_reference" } });
    let source = |id: &str| json!({ "id": id, "type": "incident_reference" });
    let mut resolve = update("status", json!("resolved"));
    resolve["incident"]["resolution"] = json!("再起動した");
    let expected = [
        ("PUT", "/incidents/Q1", update("status", json!("acknowledged"))),
        ("PUT", "/incidents/Q1", resolve),
        ("POST", "/incidents/Q1/notes", json!({ "note": { "content": "調べた\n[arayashiki:act:7f]" } })),
        ("POST", "/incidents/Q1/snooze", json!({ "duration": 3_600 })),
        ("PUT", "/incidents/Q1", update("assignments", json!([user("U1"), user("U2")]))),
        ("PUT", "/incidents/Q1", update("escalation_level", json!(2))),
        ("PUT", "/incidents/Q1", update("priority", json!({ "id": "P1", "type": "priority_reference" }))),
        ("PUT", "/incidents/Q1/merge", json!({ "source_incidents": [source("Q2"), source("Q3")] })),
    ];
    assert_eq!(sent, expected);
    act(&server, &Act::Priority { to: None }).await.unwrap();
    act(&server, &Act::Resolve { resolution: Some(" ".into()) }).await.unwrap();
    let heard = server.heard();
    let writes: Vec<Value> = heard.iter().filter(|heard| heard.method == "PUT").skip(6).map(Heard::json).collect();
    assert_eq!(writes, [update("priority", Value::Null), update("status", json!("resolved"))]);
}

#[tokio::test]
async fn what_must_not_go_out_is_refused_before() {
    let server = Server::always(200, OPEN).await;
    let client = client(&server);
    for from in ["", "  ", "a@b\r\nx: y"] {
        let error = client.act(&call(), "Q1", &Act::Escalate { level: 2 }, from, MARKER).await.unwrap_err();
        assert_eq!((error.kind, error.write), (Kind::BadRequest, true), "{from:?}");
    }
    let note = Act::Note { text: "x".into() };
    assert_eq!(client.act(&call(), "Q1", &note, FROM, "").await.unwrap_err().kind, Kind::BadRequest);
    assert_eq!(client.act(&call(), "..", &note, FROM, MARKER).await.unwrap_err().kind, Kind::BadRequest);
    let unfit = client.act(&call(), "Q1", &Act::Merge { sources: vec!["Q1".into()] }, FROM, MARKER).await.unwrap_err();
    assert!(unfit.text.contains("not the one it goes into"), "{}", unfit.text);
    assert!(client.find_act(&call(), &Sought { marker: "", ..sought(&note) }).await.is_err());
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn what_is_resolved_is_never_opened_again_by_an_acknowledgement() {
    let server = showing(incident("resolved"), json!([]), (200, OPEN)).await;
    assert_eq!(act(&server, &Act::Acknowledge).await.unwrap(), Acted::Already);
    assert_eq!(act(&server, &Act::Resolve { resolution: None }).await.unwrap(), Acted::Already);
    assert!(server.heard().iter().all(|heard| heard.method == "GET"));
}

#[tokio::test]
async fn what_was_so_before_is_already_and_other_refusals_are_final() {
    let resolve = Act::Resolve { resolution: None };
    for (one, code, is_already) in [
        (Act::Acknowledge, 1001, true),
        (Act::Acknowledge, 1002, true),
        (resolve, 1001, true),
        (Act::Snooze { seconds: 60 }, 1001, false),
        (Act::Merge { sources: vec!["Q2".into()] }, 1001, false),
        (Act::Merge { sources: vec!["Q2".into()] }, 1019, false),
    ] {
        let server = showing(incident("triggered"), json!([]), (400, refusal(code))).await;
        match act(&server, &one).await {
            Ok(acted) => assert!(is_already && acted == Acted::Already, "{one:?} {code}"),
            Err(error) => {
                assert!(!is_already, "{one:?} {code}");
                assert_eq!((error.kind, error.code), (Kind::BadRequest, Some(code)));
            }
        }
    }
    let merged = json!({ "id": "Q2", "status": "resolved",
        "resolve_reason": { "type": "merge_resolve_reason", "incident": { "id": "Q1" } } });
    let server = showing(merged, json!([]), (400, refusal(1019))).await;
    assert_eq!(act(&server, &Act::Merge { sources: vec!["Q2".into()] }).await.unwrap(), Acted::Already);
}

#[tokio::test]
async fn a_silent_200_is_told_from_a_change() {
    let by = |id: &str| json!({ "at": "2026-05-28T20:00:00Z", "acknowledger": { "id": id } });
    let mut before = incident("acknowledged");
    before["acknowledgements"] = json!([by("U2")]);
    let unchanged = r#"{"incident":{"id":"Q1","status":"acknowledged","acknowledgements":
        [{"at":"2026-05-28T20:00:00Z","acknowledger":{"id":"U2"}}]}}"#;
    let server = showing(before.clone(), json!([]), (200, unchanged)).await;
    assert_eq!(act(&server, &Act::Acknowledge).await.unwrap(), Acted::Already);
    let changed = r#"{"incident":{"id":"Q1","status":"acknowledged","acknowledgements":[{},{}]}}"#;
    let server = showing(before, json!([]), (200, changed)).await;
    assert_eq!(act(&server, &Act::Acknowledge).await.unwrap(), DONE);
}

#[tokio::test]
async fn trouble_before_sending_is_no_unknown_outcome_and_trouble_after_is_one() {
    let server = Server::always(503, "").await;
    let error = act(&server, &Act::Acknowledge).await.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::Server, false), "only the reading failed");
    let server = showing(incident("triggered"), json!([]), (503, "")).await;
    let error = act(&server, &Act::Acknowledge).await.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::Server, true));
    let server = showing(incident("triggered"), json!([]), (200, "[\"hello")).await;
    for one in all() {
        let error = act(&server, &one).await.unwrap_err();
        assert_eq!((error.kind, error.write), (Kind::Unreadable, true), "{one:?}");
    }
}

fn entry(kind: &str, user: &str, seconds: i64) -> Value {
    json!({ "id": "R1", "type": format!("{kind}_log_entry"), "created_at": NOW.plus_s(seconds).rfc3339(),
        "agent": { "id": user, "type": "user_reference" } })
}

#[tokio::test]
async fn an_act_is_found_by_the_log_entry_that_this_person_left_since() {
    let traced = [
        (Act::Acknowledge, "acknowledge"),
        (Act::Resolve { resolution: None }, "resolve"),
        (Act::Snooze { seconds: 60 }, "snooze"),
        (Act::Reassign { users: vec!["U2".into()] }, "assign"),
        (Act::Escalate { level: 2 }, "escalate"),
    ];
    for (one, kind) in traced {
        let found = async |row| find(&showing(incident("triggered"), json!([7, row]), (500, "")).await, &one).await;
        let done = Some(Acted::Done { external: Some("R1".into()) });
        assert_eq!(found(entry(kind, "U1", 1)).await, done, "{one:?}");
        assert_eq!(found(entry(kind, "U1", -60)).await, done, "{one:?}: clocks differ");
        assert_eq!(found(entry(kind, "U1", -61)).await, None, "{one:?}: an earlier one");
        assert_eq!(found(entry(kind, "U2", 1)).await, None, "{one:?}: somebody else's");
        assert_eq!(found(entry("notify", "U1", 1)).await, None, "{one:?}: another kind");
    }
}

#[tokio::test]
async fn a_trace_that_an_earlier_act_may_have_left_is_doubt_unless_the_incident_tells() {
    let look = async |act: &Act, kind: &str, traces: usize, earlier: usize| {
        let rows = vec![entry(kind, "U1", 1); traces];
        let server = showing(incident("triggered"), json!(rows), (500, "")).await;
        client(&server).find_act(&call(), &Sought { earlier, ..sought(act) }).await
    };
    let snooze = Act::Snooze { seconds: 60 };
    assert!(look(&snooze, "snooze", 2, 1).await.unwrap().is_some(), "one more than were asked for before");
    assert_eq!(look(&snooze, "snooze", 0, 1).await.unwrap(), None, "none at all");
    let doubt = look(&snooze, "snooze", 1, 1).await.unwrap_err();
    assert!(doubt.kind == Kind::TooLarge && doubt.text.contains("can't be told"), "{}", doubt.text);
    assert_eq!(look(&Act::Acknowledge, "acknowledge", 1, 1).await.unwrap(), None, "it is triggered: not acknowledged");
}

#[tokio::test]
async fn a_reassignment_to_others_is_not_the_one_looked_for() {
    let to = |id: &str| {
        let mut row = entry("assign", "U1", 1);
        row["assignees"] = json!([{ "id": id }]);
        row
    };
    let one = Act::Reassign { users: vec!["U2".into()] };
    assert_eq!(find(&showing(incident("triggered"), json!([to("U3")]), (500, "")).await, &one).await, None);
    assert!(find(&showing(incident("triggered"), json!([to("U2")]), (500, "")).await, &one).await.is_some());
}

#[tokio::test]
async fn what_left_no_entry_is_known_by_how_the_incident_is() {
    let mut acknowledged = incident("acknowledged");
    acknowledged["acknowledgements"] = json!([{ "acknowledger": { "id": "U1" } }]);
    let mut by_another = incident("acknowledged");
    by_another["acknowledgements"] = json!([{ "acknowledger": { "id": "U2" } }]);
    let mut assigned = incident("triggered");
    assigned["assignments"] = json!([{ "assignee": { "id": "U2" } }, { "assignee": { "id": "U1" } }]);
    let mut important = incident("triggered");
    important["priority"] = json!({ "id": "P1" });
    let (resolve, plain) = (Act::Resolve { resolution: None }, Act::Priority { to: None });
    let both = Act::Reassign { users: vec!["U1".into(), "U2".into()] };
    let one = Act::Reassign { users: vec!["U1".into()] };
    let first = Act::Priority { to: Some("P1".into()) };
    for (act, seen, is_so) in [
        (Act::Acknowledge, &acknowledged, true),
        (Act::Acknowledge, &by_another, false),
        (Act::Acknowledge, &incident("resolved"), true),
        (resolve.clone(), &incident("resolved"), true),
        (resolve, &acknowledged, false),
        (both, &assigned, true),
        (one, &assigned, false),
        (first.clone(), &important, true),
        (first, &assigned, false),
        (plain.clone(), &important, false),
        (plain, &assigned, true),
        (Act::Snooze { seconds: 60 }, &acknowledged, false),
        (Act::Escalate { level: 2 }, &assigned, false),
    ] {
        let found = find(&showing(seen.clone(), json!([]), (500, "")).await, &act).await;
        assert_eq!(found, is_so.then_some(Acted::Already), "{act:?} {seen}");
    }
}

#[tokio::test]
async fn notes_are_found_by_their_marker_and_merges_by_every_source() {
    let server = Server::always(200, r#"{"notes":[{"id":"N2","content":"見た\n[arayashiki:act:7f]"}]}"#).await;
    let found = find(&server, &Act::Note { text: "見た".into() }).await;
    assert_eq!(found, Some(Acted::Done { external: Some("N2".into()) }));
    let merge = Act::Merge { sources: vec!["Q2".into(), "Q3".into()] };
    for (into, expected) in [("Q1", Some(DONE)), ("Q9", None)] {
        let server = Server::start(move |heard| {
            let into = if heard.path.ends_with("Q3") { into } else { "Q1" };
            let reason = json!({ "type": "merge_resolve_reason", "incident": { "id": into } });
            reply(200, json!({ "incident": { "status": "resolved", "resolve_reason": reason } }).to_string())
        })
        .await;
        assert_eq!(find(&server, &merge).await, expected, "{into}");
    }
}

#[tokio::test]
async fn doubt_is_an_error_and_never_a_no() {
    let statusless = showing(json!({ "id": "Q1" }), json!([]), (500, "")).await;
    let client_of = |server: &Server| -> Client { client(server) };
    for one in all().into_iter().filter(|act| !matches!(act, Act::Note { .. })) {
        let error = client_of(&statusless).find_act(&call(), &sought(&one)).await.unwrap_err();
        assert_eq!((error.kind, error.write), (Kind::Unreadable, false), "{one:?}");
    }
    let endless = Server::start(|heard| {
        let rows = vec![entry("notify", "U1", 1); 100];
        match heard.path.ends_with("log_entries") {
            true => reply(200, json!({ "log_entries": rows, "more": true }).to_string()),
            false => reply(200, OPEN),
        }
    })
    .await;
    let error = client_of(&endless).find_act(&call(), &sought(&Act::Acknowledge)).await.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::TooLarge, false));
}

#[tokio::test]
async fn a_clock_of_theirs_that_is_behind_moves_the_search_back() {
    let rows = json!({ "log_entries": [entry("snooze", "U1", -200)], "more": false }).to_string();
    let server = Server::start(move |heard| {
        let mut answer = if heard.path.ends_with("log_entries") { reply(200, rows.clone()) } else { reply(200, OPEN) };
        // 20:22:40, four minutes before NOW.
        answer.headers_mut().insert("date", http::HeaderValue::from_static("Thu, 28 May 2026 20:22:40 GMT"));
        answer
    })
    .await;
    let client = client(&server);
    client.incident(&call(), "Q1").await.unwrap();
    let found = client.find_act(&call(), &sought(&Act::Snooze { seconds: 60 })).await.unwrap();
    assert_eq!(found, Some(Acted::Done { external: Some("R1".into()) }));
}
