//! Tickets and events from outside: lists by what people were called for, one of each whole, whose they are, and what is nobody's to see.

use crate::bed::{Bed, bed, with};
use crate::seats::thing;
use axum::http::StatusCode;
use duties::calendar::{Memory, Notice, Refusal, Rule, Window, WindowTrouble};
use duties::tickets::{End, EndWhy, Hit, Instead, Kind, Reason};
use model::calendar::{Attendee, CalendarEvent};
use model::incident::Status;
use model::mail::Severity;
use model::person::Role;
use model::reference::Thing;
use model::signal::{Key, Origin, Signal, digest, source};
use model::ticket::{Change, Happening, Named, Reading, Ticket, Who};
use model::{Micros, Scope};
use serde_json::json;
use std::sync::Arc;
use store::concerns::{self, Concern};
use store::{calendar_events, inbox, own_windows, posts, reference, tickets};

fn who(name: &str) -> Who {
    Who { id: 7, login: Some("tanaka".into()), name: name.into(), mail: None }
}

fn reading(id: &str, title: &str, at: Micros) -> Reading {
    let (space, number) = id.split_once('/').unwrap();
    let ticket = Ticket {
        id: id.into(),
        space: space.into(),
        key: format!("OPS-{number}"),
        project: "OPS".into(),
        title: title.into(),
        body: format!("text of {title}"),
        kind: "task".into(),
        categories: vec!["EC".into()],
        priority: Some(Named { id: 2, name: "High".into() }),
        status: Named { id: 1, name: "Open".into() },
        is_done: false,
        assignee: None,
        created_by: who("Tanaka Misaki"),
        created_at: at,
        updated_at: at,
        url: format!("https://{space}.backlog.example/view/OPS-{number}"),
    };
    let happening = |id, text: &str, changes| Happening {
        id,
        at: at.plus_s(id),
        by: who("Tanaka Misaki"),
        text: Some(text.to_owned()),
        changes,
    };
    let history = vec![happening(0, "it is slow", vec![Change::Created]), happening(1, "still <slow>", Vec::new())];
    Reading { ticket, history }
}

/// A ticket that was read.
pub async fn ticket(bed: &Bed, id: &str, title: &str, customer: Option<&str>) {
    let (reading, customer) = (reading(id, title, bed.clock.now().plus_s(-600)), customer.map(str::to_owned));
    let unit = bed.store.write("test", move |tx| {
        Box::pin(async move {
            let now = tx.now();
            tickets::save(tx, &reading, customer.as_deref(), now, "{}").await
        })
    });
    assert!(unit.await.unwrap());
}

/// An event that a calendar told of, in an hour.
pub async fn event(bed: &Bed, id: &str, title: &str, customer: Option<&str>, memory: &Memory) {
    let starts_at = bed.clock.now().floor_s().plus_s(3_600);
    let attendee = |name: &str| Attendee { name: Some(name.into()), mail: None, has_declined: false };
    let kept = calendar_events::Kept {
        event: CalendarEvent {
            id: id.into(),
            calendar: id.split('/').next().unwrap().into(),
            title: title.into(),
            text: format!("text of {title}"),
            place: "Room 12".into(),
            starts_at,
            ends_at: starts_at.plus_s(1_800),
            registrant: Some(attendee("Suzuki Ichiro")),
            attendees: vec![attendee("Sato Hanako")],
            url: Some("javascript:alert(1)".into()),
            ..CalendarEvent::default()
        },
        customer: customer.map(str::to_owned),
        seen_at: bed.clock.now(),
        is_gone: false,
        memory: serde_json::to_string(memory).unwrap(),
    };
    let unit = bed.store.write("test", move |tx| {
        let kept = kept.clone();
        Box::pin(async move { calendar_events::save(tx, &kept).await })
    });
    assert!(unit.await.unwrap());
}

/// What people are called for, as the engine writes it down.
fn concern(duty: &str, subject: &str, generation: i64, reason: String, since: Micros) -> Concern {
    let id = format!("{duty}/{subject}/{generation}");
    Concern {
        dedup_key: format!("arayashiki/{id}"),
        id,
        duty: duty.into(),
        subject: subject.into(),
        generation,
        rule: "nobody's".into(),
        customer: Some("aoba".into()),
        channel: Some("#desk".into()),
        title: "as it was raised".into(),
        reason,
        severity: "error".into(),
        mode: "page".into(),
        since,
        incident: None,
        moved_at: None,
        moved_by: None,
        ended_at: None,
        ended: None,
    }
}

fn hit(at: Micros) -> Hit {
    Hit {
        key: "nobody's#1".into(),
        rule: "nobody's".into(),
        generation: 1,
        reason: Reason::Unassigned,
        happening: 1,
        at,
        by: "Tanaka Misaki".into(),
        kinds: vec![Kind::Commented],
        found_at: at,
        mode: duties::Mode::Page,
        severity: Severity::Error,
        channel: None,
        tells_customer: false,
        last: 1,
        was_done: false,
        project: "OPS".into(),
    }
}

fn notice(at: Micros) -> Notice {
    Notice {
        key: "promise#1".into(),
        rule: "promise".into(),
        generation: 1,
        starts_at: at.plus_s(3_600),
        ends_at: at.plus_s(5_400),
        due: at,
        at,
        mode: duties::Mode::Page,
        severity: Severity::Error,
        channel: None,
    }
}

/// Three tickets: one that people are called for, with its post and incident; one whose call is over; one from before.
async fn called(bed: &Bed) {
    for (id, title) in [("aoba/1", "called one"), ("aoba/2", "ended one"), ("aoba/3", "old one")] {
        ticket(bed, id, title, Some("aoba")).await;
    }
    bed.incident("QTKT", 2, "nobody's ticket", Some("aoba"), Status::Triggered).await;
    let at = bed.clock.now().plus_s(-300);
    let unit = bed.store.write("test", move |tx| {
        Box::pin(async move {
            let reason = serde_json::to_string(&hit(at)).unwrap();
            let open = concern("tickets", "aoba/1", 1, reason.clone(), at);
            concerns::add(tx, &open).await?;
            concerns::became(tx, &open.id, "QTKT").await?;
            let post = posts::Wanted {
                id: format!("concern/{}", open.id),
                parent: None,
                subject: open.id.clone(),
                customer: Some("aoba".into()),
                channel: "#desk".into(),
            };
            posts::want(tx, &post).await?;
            store::reminders::start(tx, &post.id, "{}", at.plus_s(900)).await?;
            posts::shown(tx, &post.id, 1, ("C1", "17.5"), "d").await?;
            let over = concern("tickets", "aoba/2", 1, reason.clone(), at);
            let end = End { why: EndWhy::Answered, by: Some("Sato Hanako".into()), at: at.plus_s(60), happening: None };
            concerns::add(tx, &over).await?;
            concerns::end(tx, &over.id, at.plus_s(60), &serde_json::to_string(&end).unwrap()).await?;
            let would = Concern { mode: "observe".into(), ..concern("tickets", "aoba/3", 0, reason, at) };
            concerns::add(tx, &would).await?;
            concerns::end(tx, &would.id, at, &serde_json::to_string(&Instead::Baseline).unwrap()).await
        })
    });
    unit.await.unwrap();
}

#[tokio::test]
async fn tickets_are_listed_by_what_watching_them_came_to() {
    let bed = bed().await;
    called(&bed).await;
    ticket(&bed, "aoba/4", "watched one", Some("aoba")).await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    let page = bed.get("/tickets?lang=en", &ada).await.body;
    assert!(page.contains("For 1 ticket people have been called for 5"), "{page}");
    assert_eq!(page.matches("called one").count(), 1, "what is called for stands above the list alone");
    for (state, title) in
        [("called", "called one"), ("ended", "ended one"), ("would", "old one"), ("watched", "watched one")]
    {
        let page = bed.get(&format!("/tickets?state={state}&lang=en"), &ada).await.body;
        let titles = ["called one", "ended one", "old one", "watched one"];
        let shown: Vec<&str> = titles.into_iter().filter(|title| page.contains(title)).collect();
        assert_eq!(shown, [title], "{state}");
        let items = bed.get(&format!("/api/v1/tickets?state={state}"), &api).await.json()["items"].clone();
        assert_eq!(items.as_array().unwrap().iter().map(|one| &one["title"]).collect::<Vec<_>>(), [title], "{state}");
        assert_eq!(items[0]["state"], state);
    }
    let now = bed.get("/?lang=en", &ada).await.body;
    assert!(
        now.contains("For 1 ticket people have been called; nobody has taken it.")
            && now.contains("/tickets?state=called")
    );
    let csv = bed.get("/tickets.csv?state=called", &ada).await.body;
    assert_eq!(csv.lines().count(), 2, "{csv}");
    assert!(csv.contains("aoba/1,OPS-1,aoba,OPS,called one,task,High,Open,false,,aoba,"), "{csv}");
    assert!(bed.audit().await.iter().any(|entry| entry.action == "tickets.export"));
}

#[tokio::test]
async fn a_tickets_page_says_why_people_were_called_where_they_heard_of_it_and_what_ended_it() {
    let bed = bed().await;
    called(&bed).await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    let page = bed.get("/tickets/aoba/1?lang=en", &ada).await.body;
    for said in [
        "OPS-1",
        "Nobody is assigned.",
        "nobody&#39;s",
        "https://slack.com/app_redirect?channel=C1&#38;message_ts=17.5",
        "/incidents/QTKT",
        "still &#60;slow&#62;",
        "called people",
        "https://aoba.backlog.example/view/OPS-1",
        "Reminds again",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let over = bed.get("/tickets/aoba/2?lang=en", &ada).await.body;
    assert!(over.contains("Over: answered by Sato Hanako") && over.contains("after 1"), "{over}");
    let old = bed.get("/tickets/aoba/3?lang=en", &ada).await.body;
    assert!(old.contains("Not called: nobody is called, for it was so before we first looked"), "{old}");
    assert!(bed.get("/tickets/aoba/3?lang=ja", &ada).await.body.contains("呼び出し見送り"));
    let told = bed.get("/api/v1/tickets/aoba/1", &api).await.json();
    let call = &told["calls"][0];
    assert_eq!((&call["why"]["en"], &call["incident_id"]), (&json!("Nobody is assigned."), &json!("QTKT")));
    assert_eq!(call["slack"]["url"], "https://slack.com/app_redirect?channel=C1&message_ts=17.5");
    assert_eq!(
        (&told["history"][1]["text"], &told["last_happening"]["by"]),
        (&json!("still <slow>"), &json!("Tanaka Misaki"))
    );
    assert_eq!(bed.get("/tickets/aoba/9", &ada).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bed.get("/api/v1/tickets/aoba/9", &api).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_bytes_that_a_ticket_was_read_in_are_one_click_away_for_those_who_may_open_them() {
    let bed = bed().await;
    ticket(&bed, "aoba/1", "x", Some("aoba")).await;
    let signal = Signal {
        source: source::BACKLOG_API,
        key: Key::of("test", &[b"t"]),
        digest: digest(b"{}"),
        received_at: bed.clock.now(),
        origin: Origin::Live,
        raw: b"{}".to_vec(),
        headers: "{}".into(),
    };
    bed.store.accept(signal).await.unwrap();
    let unit = bed.store.write("test", |tx| {
        Box::pin(async move {
            let id = inbox::waiting(tx, 1, 0, 1).await?.remove(0).id;
            let (subject, customer) = (Some("ticket:aoba/1".to_owned()), Some("aoba".to_owned()));
            inbox::mark_read(tx, id, &inbox::Reading { subject, customer, ..inbox::Reading::default() }).await?;
            Ok(id)
        })
    });
    let id = unit.await.unwrap();
    let aoba = || Scope::Customers(vec!["aoba".into()]);
    let admin = bed.person("ada", Role::Admin, aoba()).await;
    let viewer = bed.person("hana", Role::Viewer, aoba()).await;
    let link = format!("/signals/{id}");
    assert!(bed.get("/tickets/aoba/1", &admin).await.body.contains(&link));
    assert!(!bed.get("/tickets/aoba/1", &viewer).await.body.contains(&link));
    assert_eq!(bed.get(&link, &admin).await.status, StatusCode::OK);
}

pub async fn with_calendars() -> Bed {
    let calendar =
        |name: &str, reads| web::Calendar { name: name.into(), customer: Some("aoba".into()), is_google: true, reads };
    let rule = |name: &str, word: &str| Rule { name: name.into(), keywords: vec![word.into()], ..Rule::default() };
    let bridges = web::Bridges {
        calendars: vec![calendar("work", web::Reads::Events), calendar("leave", web::Reads::Leave)],
        rules: duties::calendar::Settings {
            rules: vec![rule("promise", "promise")],
            ..duties::calendar::Settings::default()
        },
        ..web::Bridges::default()
    };
    with(|s| web::Settings { bridges: Arc::new(bridges), ..s }).await
}

#[tokio::test]
async fn events_are_shown_with_what_people_hear_of_them_and_leave_is_shown_to_nobody() {
    let bed = with_calendars().await;
    let at = bed.clock.now().plus_s(-120);
    let told = Memory { generation: 1, notice: Some(notice(at)), ..Memory::default() };
    event(&bed, "work/1", "promise A", Some("aoba"), &told).await;
    event(&bed, "work/2", "promise B", Some("aoba"), &Memory { generation: 1, ..Memory::default() }).await;
    event(&bed, "work/x%2Fy@z", "lunch", Some("aoba"), &Memory::default()).await;
    event(&bed, "leave/3", "promise to rest", Some("aoba"), &Memory::default()).await;
    let unit = bed.store.write("test", move |tx| {
        Box::pin(async move {
            let reason = serde_json::to_string(&notice(at)).unwrap();
            concerns::add(tx, &concern("calendar", "work/1", 1, reason, at)).await
        })
    });
    assert!(unit.await.unwrap());
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    let page = bed.get("/calendar?lang=en", &ada).await.body;
    assert!(page.contains("1 promise has been due for 2") && page.contains("promise B"), "{page}");
    assert!(!page.contains("lunch") && !page.contains("promise to rest"), "what no rule chooses stands aside");
    assert!(bed.get("/calendar?events=all", &ada).await.body.contains("lunch"));
    let one = bed.get("/calendar/work/1?lang=en", &ada).await.body;
    for said in
        ["due, nobody has it", "text of promise A", "Room 12", "Suzuki Ichiro", "Sato Hanako", "sent to PagerDuty"]
    {
        assert!(one.contains(said), "{said}: {one}");
    }
    assert!(!one.contains("javascript:"), "no address that runs is followed");
    assert_eq!(bed.get("/calendar/work/x%252Fy%40z", &ada).await.status, StatusCode::OK);
    assert_eq!(bed.get("/api/v1/calendar-events/work/x%252Fy%40z", &api).await.json()["state"], "not_chosen");
    for path in ["/calendar/leave/3", "/calendar/work/9", "/api/v1/calendar-events/leave/3"] {
        let who = if path.starts_with("/api") { &api } else { &ada };
        assert_eq!(bed.get(path, who).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let titles = async |query: &str| -> Vec<String> {
        let items = bed.get(&format!("/api/v1/calendar-events?{query}"), &api).await.json()["items"].clone();
        items.as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles("chosen=true").await, ["promise B", "promise A"]);
    assert_eq!(titles("").await, ["lunch", "promise B", "promise A"]);
    assert_eq!(titles("text=PROMISE%20A").await, ["promise A"]);
    let whole = bed.get("/api/v1/calendar-events/work/1", &api).await.json();
    assert_eq!((&whole["state"], &whole["calls"][0]["rule"]), (&json!("told"), &json!("nobody's")));
}

#[tokio::test]
async fn lists_go_on_page_by_page_and_nothing_is_shown_twice() {
    let bed = with_calendars().await;
    for n in 0..7 {
        event(
            &bed,
            &format!("work/{n}"),
            if n % 2 == 0 { "promise" } else { "lunch" },
            Some("aoba"),
            &Memory::default(),
        )
        .await;
        ticket(&bed, &format!("aoba/{n}"), "x", Some("aoba")).await;
    }
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    for (list, found) in [("tickets", 7), ("calendar-events", 7), ("calendar-events?chosen=true", 4)] {
        let sign = if list.contains('?') { '&' } else { '?' };
        let (mut ids, mut path) = (Vec::new(), format!("/api/v1/{list}{sign}limit=2"));
        loop {
            let page = bed.get(&path, &api).await.json();
            ids.extend(page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            path = format!("/api/v1/{list}{sign}limit=2&cursor={next}");
        }
        assert_eq!(ids.len(), found, "{list}: {ids:?}");
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), found, "{list}: {ids:?}");
    }
    for bad in [
        "tickets?state=x",
        "tickets?open=maybe",
        "tickets?cursor=%25",
        "calendar-events?cursor=AA",
        "calendar-events?since=x",
    ] {
        assert_eq!(bed.get(&format!("/api/v1/{bad}"), &api).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn an_events_window_is_shown_as_it_stands_in_pagerduty_to_those_who_see_the_event() {
    let bed = with_calendars().await;
    event(&bed, "work/1", "promise A", Some("aoba"), &Memory { window: Some(window()), ..Memory::default() }).await;
    event(&bed, "work/2", "promise B", Some("aoba"), &Memory { window: Some(window()), ..Memory::default() }).await;
    let now = bed.clock.now().floor_s();
    let unit = bed.store.write("test", move |tx| {
        Box::pin(async move {
            let services = ["P1".to_owned(), "customer:aoba".to_owned()];
            let wanted = |id, event| own_windows::Wanted {
                id,
                event,
                rule: "work",
                customer: Some("aoba"),
                title: "x",
                services: &services,
                starts_at: now,
                ends_at: now.plus_s(3_600),
            };
            own_windows::want(tx, &wanted("w1", "work/1")).await?;
            own_windows::want(tx, &wanted("w2", "work/2")).await?;
            let names = vec!["P1".to_owned()];
            let stands = own_windows::Stands { pagerduty: "PW1".into(), names, ends_at: now.plus_s(3_600) };
            own_windows::stands(tx, "w1", 1, &stands).await?;
            reference::save(tx, &mirrored("PW1"), now).await?;
            let refused = WindowTrouble::Refused {
                refusal: Refusal::Permission,
                status: Some(403),
                code: None,
                said: Some("<Access> Denied".into()),
            };
            own_windows::troubled(tx, "w2", &json!(refused).to_string()).await
        })
    });
    assert!(unit.await.unwrap());
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    let page = bed.get("/calendar/work/1?lang=en", &ada).await.body;
    for said in ["Stands in PagerDuty since", "https://example.pagerduty.com/maintenance_windows#/show/PW1", "P1, "] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains("all services of \u{2068}青葉商事") || page.contains("all services of 青葉商事"), "{page}");
    let page = bed.get("/calendar/work/2?lang=en", &ada).await.body;
    for said in [
        "Not opened in PagerDuty yet",
        "does not allow this (403) “&#60;Access&#62; Denied”: use a key",
        "pages whoever is on call",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let page = bed.get("/calendar/work/2?lang=ja", &ada).await.body;
    assert!(
        page.contains("PagerDuty ではまだ開いていません") && page.contains("PagerDuty が許可しません (403)"),
        "{page}"
    );
    let list = bed.get("/calendar?lang=en", &ada).await.body;
    assert_eq!(list.matches("its window is not right in PagerDuty").count(), 1, "{list}");

    let told = bed.get("/api/v1/calendar-events/work/1", &api).await.json();
    assert_eq!((&told["windows"][0]["state"], &told["window_troubled"]), (&json!("stands"), &json!(false)));
    assert_eq!(told["windows"][0]["services"], json!(["P1", "customer:aoba"]));
    assert_eq!(told["windows"][0]["html_url"], "https://example.pagerduty.com/maintenance_windows#/show/PW1");
    let items = bed.get("/api/v1/calendar-events?text=promise%20B", &api).await.json()["items"].clone();
    assert_eq!(items[0]["window_troubled"], true);
    let told = bed.get("/api/v1/calendar-events/work/2", &api).await.json();
    assert_eq!((&told["windows"][0]["state"], &told["windows"][0]["pagerduty_id"]), (&json!("waits"), &json!(null)));
    for language in ["ja", "en"] {
        assert!(told["windows"][0]["trouble"][language].as_str().unwrap().contains("(403)"), "{told}");
    }

    let minato = bed.person("mina", Role::Viewer, Scope::Customers(vec!["minato".into()])).await;
    assert_eq!(bed.get("/calendar/work/1", &minato).await.status, StatusCode::NOT_FOUND);
}

/// As the mirror has it.
fn mirrored(id: &str) -> Thing {
    let url = format!("https://example.pagerduty.com/maintenance_windows#/show/{id}");
    Thing { url: Some(url), ..thing(model::reference::Kind::MaintenanceWindow, id, "x") }
}

fn window() -> Window {
    let (starts_at, ends_at) = (Micros(1), Micros(2));
    let services = vec!["P1".to_owned()];
    let mode = duties::Mode::Page;
    Window { key: "work#1".into(), rule: "work".into(), services, starts_at, ends_at, mode, channel: None }
}
