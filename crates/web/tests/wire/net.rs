//! The safety net from outside: what people decide goes into the inbox once, the one-time link answers once, a mail that is
//! tried leaves nothing, tests of routes are in no list.

use crate::bed::{Answer, Bed, as_who, bed, with};
use crate::seats::thing;
use axum::http::{Request, StatusCode};
use duties::safety_net::canary::Lack;
use duties::safety_net::desk::{Act, Said};
use model::Scope;
use model::incident::Status;
use model::person::Role;
use model::reference::Kind;
use std::sync::Arc;
use store::{callouts, duty_state, inbox, incidents, nets, outages, reference};

const MAIL: &str = "From: zabbix@example.jp\r\nTo: ops@example.jp\r\nSubject: PROBLEM: Disk full on web01\r\nMessage-ID: <1@example.jp>\r\n\r\nTrigger: Disk full\r\n";

async fn routed() -> Bed {
    let net = web::SafetyNet {
        routes: vec!["main".into(), "barred".into()],
        lacks: [("barred".into(), Lack::Relay)].into(),
        people: vec![("sato".into(), "佐藤 花子".into())],
        ..web::SafetyNet::default()
    };
    with(|s| web::Settings { safety_net: Arc::new(net), ..s }).await
}

/// What waits in the inbox of what people decided.
async fn decided(bed: &Bed) -> Vec<Said> {
    let rows = bed.store.read(|tx| Box::pin(inbox::waiting(tx, 100, 0, 1))).await.unwrap();
    let desk = rows.into_iter().filter(|row| row.source == "desk");
    desk.map(|row| serde_json::from_slice(&row.raw).unwrap()).collect()
}

async fn acts(bed: &Bed) -> Vec<String> {
    bed.audit().await.into_iter().map(|entry| entry.action).collect()
}

#[tokio::test]
async fn a_decision_is_a_signal_with_its_audit_row_and_a_second_press_is_nothing() {
    let bed = bed().await;
    let mail = bed.mail("disk", None).await;
    let hana = bed.person("hana", Role::Responder, Scope::All).await;
    let form = "nonce=0123456789abcdef";
    for _ in 0..2 {
        let answer = bed.post(&format!("/safety-net/mails/{mail}/register"), &hana, form).await;
        assert_eq!(answer.location(), format!("/safety-net/mails/{mail}?done=register"));
    }
    assert_eq!(
        decided(&bed).await,
        [Said { by: "hana".into(), account: "id-hana".into(), act: Act::Register { mail } }]
    );
    assert_eq!(acts(&bed).await, ["mail.register"]);
    // Another button of the same page is another decision.
    let always = format!("{form}&always=1");
    bed.post(&format!("/safety-net/mails/{mail}/not-an-alert"), &hana, &always).await;
    bed.post(&format!("/safety-net/mails/{mail}/hold-back"), &hana, form).await;
    let said: Vec<Act> = decided(&bed).await.into_iter().map(|said| said.act).collect();
    assert_eq!(said[1..], [Act::NotAnAlert { mail, always: true }, Act::HoldBack { mail }]);
    let page = bed.get(&format!("/safety-net/mails/{mail}?done=register&lang=en"), &hana).await.body;
    assert!(page.contains("Registering it has begun") && page.contains("text of disk"));
    for bad in ["", "nonce=short", "nonce=with%20blank%20in%20it"] {
        let answer = bed.post(&format!("/safety-net/mails/{mail}/register"), &hana, bad).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    assert_eq!(bed.post(&format!("/safety-net/mails/{mail}/burn"), &hana, form).await.status, StatusCode::NOT_FOUND);
    assert_eq!(decided(&bed).await.len(), 3);
}

#[tokio::test]
async fn programs_decide_by_the_same_door() {
    let bed = routed().await;
    let mail = bed.mail("disk", None).await;
    let who = bed.token("t", Role::Responder, Scope::All).await;
    let send = async |path: &str, body: &str| bed.send(as_who(Request::post(path), &who), body.to_owned()).await;
    let path = format!("/api/v1/mails/{mail}/not-an-alert");
    let body = r#"{"nonce":"0123456789","always":true}"#;
    assert_eq!(send(&path, body).await.status, StatusCode::ACCEPTED);
    assert_eq!(send(&path, body).await.status, StatusCode::OK);
    assert_eq!(send(&path, "{}").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(send(&path, r#"{"nonce":"0123456789","forever":true}"#).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(send("/api/v1/routes/main/test", r#"{"nonce":"0123456789"}"#).await.status, StatusCode::ACCEPTED);
    assert_eq!(send("/api/v1/routes/other/test", r#"{"nonce":"0123456789"}"#).await.status, StatusCode::NOT_FOUND);
    let refused = send("/api/v1/routes/barred/test", r#"{"nonce":"0123456789"}"#).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.json()["detail"].as_str().unwrap().contains("[mail.relay]"), "what is missing");
    let said: Vec<Act> = decided(&bed).await.into_iter().map(|said| said.act).collect();
    assert_eq!(said, [Act::NotAnAlert { mail, always: true }, Act::TestRoute { route: "main".into() }]);
    let list = bed.get("/api/v1/mails?ledger_state=lacking&limit=5", &who).await.json();
    assert_eq!((list["items"][0]["id"].as_i64(), &list["items"][0]["reason_code"]), (Some(mail), &"nothing".into()));
    assert_eq!(bed.get("/api/v1/mails?ledger_state=odd", &who).await.status, StatusCode::BAD_REQUEST);
    let whole = bed.get(&format!("/api/v1/mails/{mail}"), &who).await.json();
    assert_eq!(whole["alert"]["registration"]["state"], "none");
    assert_eq!(whole["reading"]["names"][0], "17");
}

#[tokio::test]
async fn the_original_is_opened_with_a_record_and_never_rendered() {
    let bed = bed().await;
    let mail = bed.mail("disk", None).await;
    let hana = bed.person("hana", Role::Auditor, Scope::All).await;
    let sealed = bed.get(&format!("/safety-net/mails/{mail}"), &hana).await.body;
    assert!(!sealed.contains("body of disk"));
    let open = bed.post(&format!("/safety-net/mails/{mail}/open"), &hana, "").await;
    assert!(open.body.contains("body of disk"));
    let file = bed.post(&format!("/safety-net/mails/{mail}/download"), &hana, "").await;
    assert_eq!(file.headers["content-type"], "application/octet-stream");
    assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(acts(&bed).await, ["signal.open", "signal.open"]);
    let viewer = bed.token("v", Role::Viewer, Scope::All).await;
    assert_eq!(bed.get(&format!("/api/v1/mails/{mail}/raw"), &viewer).await.status, StatusCode::FORBIDDEN);
}

fn is_secret(answer: &Answer) {
    assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn the_one_time_link_answers_for_everybody_and_only_once() {
    let bed = routed().await;
    bed.callout("c1", "token-one", None).await;
    bed.callout("c2", "token-two", None).await;
    let page = bed.get("/answer/token-one?lang=en", "").await;
    assert!(
        page.body.contains("alert of c1")
            && page.body.contains("佐藤 花子")
            && page.body.contains("/answer/token-one\"")
    );
    is_secret(&page);
    let called = async || {
        let read = bed.store.read(|tx| Box::pin(async move { callouts::list(tx, &Scope::All, None, 9).await }));
        read.await.unwrap()
    };
    assert!(called().await.iter().all(|call| call.answered_at.is_none()), "looking answers nothing");
    let taken = bed.post("/answer/token-one", "", "").await;
    assert_eq!((taken.status, taken.location()), (StatusCode::SEE_OTHER, "/answer/token-one"));
    assert!(called().await.iter().all(|call| call.answered_by.as_deref() == Some("佐藤 花子")));
    // The other link, and the same once more, find it taken.
    for token in ["token-one", "token-two"] {
        bed.post(&format!("/answer/{token}"), "", "").await;
        let page = bed.get(&format!("/answer/{token}?lang=en"), "").await.body;
        assert!(page.contains("answered") && !page.contains("<button>I take it"), "{page}");
    }
    let audit = bed.audit().await;
    assert_eq!(audit.len(), 1, "{audit:?}");
    assert_eq!((audit[0].actor.as_str(), audit[0].action.as_str()), ("person:sato", "callout.answer"));
}

#[tokio::test]
async fn the_page_of_a_call_says_what_it_is_for_and_what_to_do_next() {
    let bed = routed().await;
    let mail = bed.mail("disk", None).await;
    bed.callout("c1", "token-one", None).await;
    let unit = bed.store.write("test", |tx| Box::pin(async move { nets::call(tx, "net-disk", "call/1", None).await }));
    unit.await.unwrap();
    let page = bed.get("/answer/token-one?lang=en", "").await.body;
    for said in ["What it is for", "Monitor: ", "zabbix", &format!("/safety-net/mails/{mail}"), "What to do next"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("PagerDuty has not done its work"), "no outage, none is said");
    bed.post("/answer/token-one", "", "").await;
    let page = bed.get("/answer/token-one?lang=en", "").await.body;
    assert!(page.contains("Look at the host") && !page.contains("If you can't, do nothing"), "{page}");
}

#[tokio::test]
async fn wrong_links_look_alike_and_guessing_is_slowed_down() {
    let bed = routed().await;
    let wrong = bed.get("/answer/no-such-token", "").await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    assert_eq!(bed.post("/answer/no-such-token", "", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(bed.get(&format!("/answer/{}", "x".repeat(4_000)), "").await.status, StatusCode::NOT_FOUND);
    let mut last = StatusCode::NOT_FOUND;
    for n in 0..12 {
        last = bed.get(&format!("/answer/guess-{n}"), "").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

fn form(mail: &str) -> String {
    let part = |name: &str, value: &str| {
        format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    format!("{}{}{}--line--\r\n", part("text", mail), part("to", "ops@example.jp"), part("peer", "203.0.113.9"))
}

#[tokio::test]
async fn a_service_that_is_configured_by_its_id_is_shown_by_its_name() {
    let bed = bed().await;
    let mail = bed.mail("disk", None).await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let page = async || bed.get(&format!("/safety-net/mails/{mail}?lang=en"), &hana).await.body;
    assert!(page().await.contains("PSHOP01"), "not known yet");
    let unit = bed.store.write("test", |tx| {
        Box::pin(async move {
            let thing = thing(Kind::Service, "PSHOP01", "Web shop");
            reference::save(tx, &thing, tx.now()).await
        })
    });
    unit.await.unwrap();
    let page = page().await;
    assert!(page.contains("Web shop") && !page.contains("PSHOP01"));
}

#[tokio::test]
async fn a_mail_that_is_tried_is_read_and_forgotten() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let send = async |body: String| {
        let request = Request::post("/safety-net/try?lang=en")
            .header("content-type", "multipart/form-data; boundary=line")
            .header("sec-fetch-site", "same-origin");
        bed.send(as_who(request, &hana), body).await
    };
    let tried = send(form(MAIL)).await;
    assert_eq!(tried.status, StatusCode::OK);
    assert!(tried.body.contains("it would be shown as missing") && tried.body.contains("Disk full"), "{}", tried.body);
    assert_eq!(send(form("")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send(form(&"x".repeat(1_100_000))).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send("nonsense".into()).await.status, StatusCode::BAD_REQUEST);
    let token = bed.token("t", Role::Viewer, Scope::All).await;
    let body = serde_json::json!({ "text": MAIL }).to_string();
    let answer = bed.send(as_who(Request::post("/api/v1/mails/try"), &token), body).await;
    assert_eq!(answer.json()["would_end_as"], "missing");
    let rows = bed.store.read(|tx| Box::pin(inbox::waiting(tx, 100, 0, 1))).await.unwrap();
    assert!(rows.is_empty() && bed.audit().await.is_empty(), "nothing is kept");
}

#[tokio::test]
async fn what_is_to_be_mended_is_accepted_by_name_and_taken_back() {
    let bed = bed().await;
    bed.mail("disk", None).await;
    let hana = bed.person("hana", Role::Responder, Scope::All).await;
    let page = async || bed.get("/safety-net/monitors?lang=en", &hana).await.body;
    assert!(page().await.contains("1 setting is to be mended"));
    let key = "key=monitor:zabbix:unconfigured";
    assert_eq!(bed.post("/safety-net/monitors/accept", &hana, key).await.status, StatusCode::SEE_OTHER);
    let accepted = page().await;
    assert!(
        accepted.contains("Nothing is to be mended; 1 setting is accepted") && accepted.contains("Accepted by hana")
    );
    bed.post("/safety-net/monitors/take-back", &hana, key).await;
    assert!(page().await.contains("1 setting is to be mended"));
    assert_eq!(
        bed.post("/safety-net/monitors/accept", &hana, "key=monitor:x:silent").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(acts(&bed).await, ["mend.take-back", "mend.accept"]);
    let kept: Vec<(String, serde_json::Value, _)> =
        bed.store.read(|tx| Box::pin(async move { duty_state::all(tx, "to_mend", 1).await })).await.unwrap();
    assert_eq!(kept[0].1["state"], "open");
}

#[tokio::test]
async fn tests_of_a_route_are_in_no_list_and_no_count() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    bed.incident("QREAL", 2, "real trouble", None, Status::Triggered).await;
    bed.incident("QCANARY", 4, "a canary", None, Status::Triggered).await;
    let unit = bed.store.write("test", |tx| Box::pin(async move { incidents::mark_canary(tx, "QCANARY").await }));
    unit.await.unwrap();
    for path in ["/", "/incidents", "/incidents?text=canary", "/incidents.csv", "/api/v1/incidents"] {
        let body = bed.get(path, &hana).await.body;
        assert!(!body.contains("QCANARY"), "{path}");
    }
    let list = bed.get("/incidents?status=open&lang=en", &hana).await.body;
    assert!(list.contains("Incidents <span class=\"count\">1</span>"), "{list}");
    let kept = bed.store.read(|tx| Box::pin(async move { incidents::list_every(tx, &Scope::All, None, 9).await }));
    assert_eq!(kept.await.unwrap().len(), 1);
    assert_eq!(bed.get("/incidents/QCANARY", &hana).await.status, StatusCode::OK, "a link opens all the same");
}

#[tokio::test]
async fn missing_alerts_and_an_outage_stand_on_now_and_the_outage_on_every_page() {
    let bed = bed().await;
    bed.mail("disk", None).await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let now = bed.get("/?lang=en", &hana).await.body;
    assert!(now.contains("1 alert lacks an incident") && now.contains("/safety-net?ledger=lacking"), "{now}");
    assert!(!now.contains("PagerDuty has not done its work"));
    let unit = bed.store.write("test", |tx| {
        Box::pin(async move {
            let began = tx.now().plus_s(-130);
            outages::begin(tx, "o1", began, r#"{"unseen":2}"#).await
        })
    });
    unit.await.unwrap();
    for path in ["/incidents", "/signals", "/account", "/safety-net/outages"] {
        let body = bed.get(&format!("{path}?lang=en"), &hana).await.body;
        assert!(body.replace('\u{A0}', " ").contains("PagerDuty has not done its work for 2 min 10 s"), "{path}");
    }
    let own = bed.person("kei", Role::Viewer, Scope::Customers(vec!["aoba".into()])).await;
    assert!(!bed.get("/?lang=en", &own).await.body.contains("lacks an incident"));
}

#[tokio::test]
async fn only_what_is_being_registered_waits_for_pagerduty_and_now_is_not_calm_meanwhile() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    bed.signal(b"{}", "x", None).await;
    for subject in ["a", "b"] {
        bed.mail(subject, None).await;
    }
    let now = bed.get("/?lang=en", &hana).await.body;
    assert!(
        now.contains("2 alerts that lack one are left to be looked at") && !now.contains("Nothing is open"),
        "{now}"
    );
    let unit = bed.store.write("test", |tx| {
        Box::pin(async move {
            let began = tx.now().plus_s(-130);
            outages::begin(tx, "o1", began, r#"{"unseen":2}"#).await
        })
    });
    unit.await.unwrap();
    let page = async || bed.get("/safety-net/outages?lang=en", &hana).await.body;
    let body = page().await;
    assert!(body.contains("no registration waits for it"), "{body}");
    assert!(body.contains("2 alerts lack an incident and are not registered: the mode is observe."), "{body}");
    let unit = bed.store.write("test", |tx| {
        Box::pin(async move {
            let mut net = nets::get(tx, "net-b").await?.unwrap();
            net.registration = nets::Registration::Asked;
            nets::save(tx, &net).await
        })
    });
    unit.await.unwrap();
    let body = page().await;
    assert!(body.contains("1 alert waits to be registered, none is lost"), "{body}");
    assert!(body.contains("1 alert lacks an incident and is not registered"), "{body}");
    let now = bed.get("/?lang=en", &hana).await.body;
    assert!(now.contains("1 alert waits to be registered.") && !now.contains("Nothing is open"), "{now}");
}

#[tokio::test]
async fn what_is_missing_is_counted_apart_from_what_was_registered() {
    let bed = bed().await;
    for subject in ["a", "b", "c"] {
        bed.mail(subject, None).await;
    }
    let unit = bed.store.write("test", |tx| {
        Box::pin(async move {
            let mut net = nets::get(tx, "net-b").await?.unwrap();
            net.registration = nets::Registration::Seen;
            nets::save(tx, &net).await
        })
    });
    unit.await.unwrap();
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let page = bed.get("/safety-net?lang=en", &hana).await.body;
    assert!(
        page.contains("2 alerts lack an incident") && page.contains("1 more has an incident only because"),
        "{page}"
    );
    assert!(page.contains("3 mails today, every one accounted for"));
    let csv = bed.get("/safety-net.csv?monitor=zabbix", &hana).await.body;
    assert_eq!(csv.lines().count(), 4);
}

#[tokio::test]
async fn a_ledgers_span_is_read_before_a_day_is_believed() {
    let bed = bed().await;
    let who = bed.token("t", Role::Viewer, Scope::All).await;
    for (query, status) in [
        ("day=2026-05-01", StatusCode::OK),
        ("since=2026-05-01T00:00:00Z&until=2026-05-02T00:00:00Z", StatusCode::OK),
        ("day=2026-05-01&until=%28", StatusCode::BAD_REQUEST),
        ("day=2026-05-01&since=%28", StatusCode::BAD_REQUEST),
        ("day=2026-02-30", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(bed.get(&format!("/api/v1/ledger?{query}"), &who).await.status, status, "{query}");
    }
}
