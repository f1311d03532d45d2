//! Seats, and what the whole account's pages keep from people of some customers: nobody is called unused before it is
//! known, and nobody gets what is not theirs.

use crate::bed::{Bed, bed, with};
use crate::feed::{ended, outage, write};
use axum::http::StatusCode;
use model::connection::{LogState, poll};
use model::person::Role;
use model::reference::{Kind, Thing};
use model::signal::{Key, Origin, Signal, digest, source};
use model::{Micros, Scope};
use serde_json::json;
use store::inbox::{self, Reading};
use store::{backfills, polls, processes, reference};

/// Something that is configured in PagerDuty, by its name.
pub fn thing(kind: Kind, id: &str, name: &str) -> Thing {
    Thing {
        kind,
        id: id.into(),
        name: name.into(),
        url: None,
        email: None,
        status: None,
        user: None,
        starts_at: None,
        ends_at: None,
        level: None,
        names: Vec::new(),
    }
}

fn user(id: &str, name: &str, role: &str) -> Thing {
    let email = Some(format!("{}@example.jp", id.to_lowercase()));
    Thing { status: Some(role.into()), email, ..thing(Kind::User, id, name) }
}

async fn people(bed: &Bed) {
    let now = bed.clock.now();
    write(bed, move |tx| {
        Box::pin(async move {
            let day = |days: i64| now.plus_s(-days * 86_400);
            for (id, name, role) in [
                ("PIDLE", "=cmd|'/c calc'!A0", "limited_user"),
                ("PSHIFT", "on shift in June", "user"),
                ("PPAGED", "paged last week", "user"),
                ("PALWAYS", "always on", "admin"),
                ("PLONG", "acted long ago", "limited_user"),
                ("PBOARD", "the board", "read_only_user"),
            ] {
                reference::save(tx, &user(id, name, role), now).await?;
            }
            let shift = |id: &str, user: &str, ends_at| Thing {
                user: Some(user.into()),
                starts_at: Some(day(95)),
                ends_at,
                ..thing(Kind::Shift, id, "shift")
            };
            reference::save(tx, &shift("s1", "PSHIFT", Some(day(80))), now).await?;
            reference::save(tx, &shift("s2", "PLONG", Some(day(94))), now).await?;
            reference::save(tx, &shift("s3", "PALWAYS", None), now).await?;
            reference::active(tx, "PPAGED", reference::PAGED, day(7)).await?;
            reference::active(tx, "PLONG", reference::ACTED, day(120)).await
        })
    })
    .await;
}

/// The log has been polled since this instant.
async fn log_polled_since(bed: &Bed, since: Micros) {
    write(bed, move |tx| {
        Box::pin(async move {
            let signal = Signal {
                source: source::PAGERDUTY_API,
                key: Key::of("test", &[b"log"]),
                digest: digest(b"log"),
                received_at: since,
                origin: Origin::Repair,
                raw: b"{}".to_vec(),
                headers: "{}".into(),
            };
            inbox::insert(tx, &signal).await?;
            let new = inbox::waiting(tx, 1, 0, 1).await?.remove(0);
            let reading = Reading { event_type: Some("log.listed".into()), ..Reading::default() };
            inbox::mark_read(tx, new.id, &reading).await
        })
    })
    .await;
    let covered = Some(bed.clock.now());
    ended(bed, poll::LOG, LogState { covered, news_at: None, rate: None }).await;
}

#[tokio::test]
async fn seats_are_told_unused_only_when_all_that_tells_it_was_read() {
    let bed = with(|s| web::Settings { seat_price: web::SeatPrice::parse("6000", "JPY"), ..s }).await;
    // Webhooks have come for long; they never tell who was paged.
    bed.signal(b"1", "Q1", None).await;
    bed.clock.advance_s(100 * 86_400);
    let lea = bed.person("lea", Role::Leader, Scope::All).await;
    let api = bed.token("t", Role::Leader, Scope::All).await;
    people(&bed).await;
    let quiet = async |lack: &str| {
        let page = bed.get("/seats?lang=en", &lea).await.body;
        assert!(page.contains("Which seats are unused is not known yet") && page.contains(lack), "{lack}: {page}");
        assert!(!page.contains("PagerDuty users had no shift") && !page.contains("JPY per seat"), "{page}");
        assert!(!page.contains(">Unused<") && !page.contains("#s-missing\"/></svg>Unused"), "{page}");
        let told = bed.get("/api/v1/seats", &api).await.json();
        assert_eq!((&told["unused"], &told["known_since"]), (&0.into(), &json!(null)));
        assert!(told["items"].as_array().unwrap().iter().all(|seat| seat["unused"] == false));
        let csv = bed.get("/seats.csv", &lea).await.body;
        let unused = csv.lines().skip(1).map(|line| line.split(',').nth(5).unwrap().trim_matches('"').to_owned());
        assert!(unused.clone().all(|cell| cell.is_empty() || cell == "false") && unused.count() == 6, "{csv}");
    };
    quiet("Users: not read through yet").await;
    ended(&bed, "reference-user", ()).await;
    ended(&bed, "reference-on_call", ()).await;
    quiet("Shifts: not read through yet").await;
    write(&bed, |tx| {
        Box::pin(async move {
            polls::register(tx, "reference-shift").await?;
            polls::refuse(tx, "reference-shift", "PagerDuty answered 403: Access Denied").await
        })
    })
    .await;
    quiet("oncalls.read").await;
    ended(&bed, "reference-shift", ()).await;
    quiet("Account-wide log: not read through yet").await;
    let since = bed.clock.now().plus_s(-12 * 86_400);
    log_polled_since(&bed, since).await;
    let page = bed.get("/seats?lang=en", &lea).await.body;
    assert!(page.contains("Only 12 days are known so far, not 90") && page.contains("JPY per seat"), "{page}");
    let told = bed.get("/api/v1/seats", &api).await.json();
    assert_eq!(told["known_since"], since.rfc3339());
    assert!(told["unused"].as_u64() > Some(0));
}

#[tokio::test]
async fn seats_are_counted_by_shifts_pages_and_acts() {
    let bed = with(|s| web::Settings { seat_price: web::SeatPrice::parse("6000", "JPY"), ..s }).await;
    let lea = bed.person("lea", Role::Leader, Scope::All).await;
    // She has a seat in PagerDuty that nobody uses, and an account here.
    bed.person("pidle", Role::Viewer, Scope::All).await;
    people(&bed).await;
    for name in ["reference-user", "reference-shift", "reference-on_call"] {
        ended(&bed, name, ()).await;
    }
    log_polled_since(&bed, bed.clock.now()).await;
    let page = bed.get("/seats?lang=en", &lea).await.body;
    assert!(page.contains("Only 0 days are known so far, not 90: in that time 2 of 5 PagerDuty users"), "{page}");
    assert!(page.contains("At 6,000 JPY per seat and month, that is 144,000 JPY a year."));
    assert!(page.contains("1 of them already has an account here") && page.contains("1 stakeholder"));
    let dear = bed.get("/seats?lang=en&price=41.50&currency=eur", &lea).await.body;
    assert!(dear.contains("At 41.50 EUR per seat and month, that is 996 EUR a year."));
    assert!(bed.get("/seats?lang=en&price=much", &lea).await.body.contains("This is no price"));
    let api = bed.token("t", Role::Leader, Scope::All).await;
    let told = bed.get("/api/v1/seats", &api).await.json();
    let unused: Vec<&str> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["unused"] == true)
        .map(|s| s["id"].as_str().unwrap())
        .collect();
    assert_eq!(unused, ["PIDLE", "PLONG", "PBOARD"]);
    assert_eq!((&told["unused"], &told["items"][0]["account_role"]), (&2.into(), &"viewer".into()));

    // A finished backfill that reaches to where the log is polled from makes the rest of the ninety days known.
    let now = bed.clock.now();
    write(&bed, move |tx| {
        Box::pin(async move {
            backfills::add(tx, "b", now.plus_s(-100 * 86_400), now, "system", &[]).await?;
            backfills::end(tx, "b", "done", None).await
        })
    })
    .await;
    assert!(bed.get("/seats?lang=en", &lea).await.body.contains("2 of 5 PagerDuty users had no shift"));
    let csv = bed.get("/seats.csv", &lea).await;
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!((lines.len(), lines[1].contains("\"'=cmd")), (7, true), "{}", csv.body);
    assert_eq!(bed.audit().await[0].action, "seats.export");
}

#[tokio::test]
async fn people_of_one_customer_see_neither_seats_nor_ask_for_history() {
    let bed = bed().await;
    let lea = bed.person("lea", Role::Leader, Scope::Customers(vec!["aoba".into()])).await;
    assert_eq!(bed.get("/seats", &lea).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bed.get("/seats.csv", &lea).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bed.post("/backfills", &lea, "since=2026-01-01&until=2026-01-02").await.status, StatusCode::FORBIDDEN);
    assert_eq!(bed.get("/backfills", &lea).await.status, StatusCode::FORBIDDEN);
    let api = bed.token("t", Role::Leader, Scope::Customers(vec!["aoba".into()])).await;
    for path in ["/api/v1/backfills", "/api/v1/backfills/b", "/api/v1/seats"] {
        assert_eq!(bed.get(path, &api).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(bed.get("/connections", &lea).await.status, StatusCode::OK);
}

#[tokio::test]
async fn people_of_one_customer_learn_how_the_mirror_is_and_nothing_of_the_account() {
    let bed = bed().await;
    let own = Scope::Customers(vec!["aoba".into()]);
    let (hana, ada) =
        (bed.person("hana", Role::Admin, own.clone()).await, bed.person("ada", Role::Viewer, Scope::All).await);
    let (narrow, wide) = (bed.token("n", Role::Admin, own).await, bed.token("w", Role::Viewer, Scope::All).await);
    bed.signal(b"1", "Q1", None).await;
    people(&bed).await;
    outage(&bed).await;
    let now = bed.clock.now();
    write(&bed, move |tx| {
        Box::pin(async move {
            let me = processes::Me {
                id: "p-1".into(),
                role: "all".into(),
                host: "db-7.ops.example.jp".into(),
                version: "0.1.0".into(),
                started_at: now,
            };
            processes::beat(tx, &me).await?;
            backfills::add(tx, "b", now.plus_s(-9_000), now, "system", &[]).await.map(|_| ())
        })
    })
    .await;
    bed.clock.advance_s(3);
    let hidden = ["佐藤 花子", "ops.example.jp", "mine", "PagerDuty showed 37", "History of", "871 of 960"];
    let (page, whole) =
        (bed.get("/connections?lang=en", &hana).await.body, bed.get("/connections?lang=en", &ada).await.body);
    for word in hidden {
        assert!(whole.contains(word) && !page.contains(word), "{word}: {page}");
    }
    for kept in ["Switched off by PagerDuty", "Schedules can&#39;t be shown.", "is here up to", "Last whole round"] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    let told = bed.get("/api/v1/connections", &narrow).await.json();
    let text = told.to_string();
    for word in ["佐藤", "ops.example.jp", "mine", "871"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    for (field, empty) in
        [("gaps", json!([])), ("processes", json!([])), ("sources", json!([])), ("mirrored", json!({}))]
    {
        assert_eq!(told[field], empty, "{field}");
    }
    assert_eq!((&told["backfill"], &told["account"]["sweep"]), (&json!(null), &json!(null)));
    assert_eq!(told["database"]["settings"], json!({}));
    assert_eq!(told["webhooks"]["subscriptions"][0]["health"], "temporarily_disabled");
    assert_eq!(told["rest"]["missing"][0]["what"], "schedules");
    assert!(told["log_covered_until"].is_string() && !told["polls"].as_array().unwrap().is_empty());
    let all = bed.get("/api/v1/connections", &wide).await.json();
    assert_eq!((&all["rest"]["owner"]["name"], &all["mirrored"]["user"]), (&"佐藤 花子".into(), &6.into()));
}
