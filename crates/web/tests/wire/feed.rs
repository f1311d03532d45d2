//! Connections and history as served: what the store knows is on the page and in the API.

use crate::bed::{Bed, bed, with};
use axum::http::StatusCode;
use duties::webhook_guard::{self, Health, State};
use model::action::{Fault, Outcome};
use model::connection::{
    LogState, MissingScope, OpenState, Owner, RateSeen, SubscriptionSeen, SubscriptionsState, TokenState, poll,
};
use model::person::Role;
use model::{Micros, Scope};
use serde::Serialize;
use serde_json::json;
use store::{Tx, backfills, breakers, duty_state, gaps, polls, sightings};

/// A poll whose last round ended just now, with this state.
pub async fn ended<T: Serialize + Send + Sync + 'static>(bed: &Bed, name: &'static str, state: T) {
    let unit = bed.store.write("test", move |tx| {
        Box::pin(async move {
            polls::register(tx, name).await?;
            polls::ended(tx, name, Some(&state)).await
        })
    });
    unit.await.unwrap();
}

pub async fn write<T: Send + 'static>(
    bed: &Bed,
    unit: impl for<'a> FnOnce(&'a mut Tx) -> store::Unit<'a, T> + Send + 'static,
) -> T {
    bed.store.write("test", unit).await.unwrap()
}

fn token(now: Micros) -> TokenState {
    TokenState {
        key: String::new(),
        owner: Owner::User {
            id: "P1".into(), name: "佐藤 花子".into(), email: Some("hanako@ops.example.jp".into())
        },
        can_write: Some(false),
        missing: vec![MissingScope { what: "schedules".into(), status: 403, text: "Access Denied".into() }],
        clock_offset_ms: Some(120),
        rate: Some(RateSeen { limit: 960, left: 3, at: now.plus_s(-3_000) }),
        checked_at: Some(now),
    }
}

/// PagerDuty gave a subscription up for a while; its gap was read again twice.
pub async fn outage(bed: &Bed) {
    let now = bed.clock.now();
    ended(bed, poll::TOKEN, token(now)).await;
    ended(
        bed,
        poll::LOG,
        LogState {
            covered: Some(now.plus_s(-20)),
            news_at: None,
            rate: Some(RateSeen { limit: 960, left: 871, at: now.plus_s(-20) }),
        },
    )
    .await;
    ended(bed, poll::OPEN, OpenState { seen: Vec::new(), shown: 37, lacked: 2, ours_alone: 1 }).await;
    let seen = |id: &str, is_ours, temporarily_disabled| SubscriptionSeen {
        id: id.into(),
        description: Some("<b>mine</b>".into()),
        url: Some("https://ops.example.jp/webhooks/pagerduty".into()),
        active: true,
        temporarily_disabled,
        is_ours,
        tells_all: is_ours,
    };
    let seen = vec![seen("PSUB1", true, true), seen("PSUB2", false, false)];
    ended(bed, poll::SUBSCRIPTIONS, SubscriptionsState { seen, is_refused: false, looked_at: Some(now) }).await;
    write(bed, move |tx| {
        Box::pin(async move {
            let state = State {
                health: Health::TemporarilyDisabled,
                since: Some(now.plus_s(-240)),
                gap: Some("g1".into()),
                asked_at: Some(now.plus_s(-60)),
                tries: 1,
                ..State::default()
            };
            duty_state::set(tx, webhook_guard::DUTY, "PSUB1", webhook_guard::VERSION, &state).await?;
            gaps::open(tx, "g1", "PSUB1", "temporarily_disabled", now.plus_s(-240)).await
        })
    })
    .await;
}

#[tokio::test]
async fn an_outage_of_webhooks_is_told_from_its_beginning_to_its_proof() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    bed.signal(b"1", "Q1", None).await;
    outage(&bed).await;
    let now = bed.get("/?lang=en", &ada).await.body;
    assert!(now.contains("PagerDuty switched the webhooks of subscription PSUB1 off."), "{now}");
    assert!(now.contains("was asked once to switch it on again"), "{now}");
    assert!(now.contains("The API key may not read: schedules"));
    assert!(now.contains("st triggered"), "the mark of the frame");
    let page = bed.get("/connections?lang=en", &ada).await.body;
    for part in [
        "What happens is read from PagerDuty&#39;s log meanwhile",
        "Switched off by PagerDuty",
        "Schedules can&#39;t be shown.",
        "schedules.read",
        "871 of 960 calls a minute",
        "PagerDuty showed 37, of which the mirror lacked 2; 1 were open here alone",
        "Key of",
        "佐藤 花子",
        "&#60;b&#62;mine",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<b>mine") && !page.contains("hanako@ops.example.jp"));

    let until = bed.clock.now();
    write(&bed, move |tx| {
        Box::pin(async move {
            for lacking in [12, 0] {
                let pass = gaps::begin_pass(tx, "g1", until).await?.expect("the gap lives");
                gaps::page(tx, "g1", pass, 40, lacking).await?;
            }
            gaps::close(tx, "g1").await?;
            let well = State { since: Some(until), ..State::default() };
            duty_state::set(tx, webhook_guard::DUTY, "PSUB1", webhook_guard::VERSION, &well).await
        })
    })
    .await;
    bed.clock.advance_s(3);
    let story = "Nothing was lost: the log was read again twice, 12 entries were lacking and are there now";
    let now = bed.get("/?lang=en", &ada).await.body;
    assert!(now.contains(story) && !now.contains("switched the webhooks"), "{now}");
    assert!(bed.get("/?lang=ja", &ada).await.body.contains("足りなかった 12件を補いました"));
    bed.clock.advance_s(3_700);
    ended(&bed, poll::LOG, LogState { covered: Some(bed.clock.now()), news_at: None, rate: None }).await;
    assert!(!bed.get("/?lang=en", &ada).await.body.contains(story), "on Now for an hour");
    assert!(bed.get("/connections?lang=en", &ada).await.body.contains(story), "on Connections for good");
}

#[tokio::test]
async fn lost_is_the_sum_of_both_counts_everywhere() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    bed.signal(b"1", "Q1", None).await;
    write(&bed, |tx| Box::pin(async move { sightings::seen(tx, &["QGONE".into(), "QGONE2".into()]).await })).await;
    let lost = async || bed.get("/api/v1/account", &api).await.json()["lost"].clone();
    assert_eq!(lost().await, 0, "an incident on its way is not lost yet");
    bed.clock.advance_s(61);
    let account = bed.get("/api/v1/account", &api).await.json();
    let counts = (&account["lost"], &account["lost_signals"], &account["lost_incidents"]);
    assert_eq!(counts, (&2.into(), &0.into(), &2.into()));
    assert!(bed.get("/metrics", "").await.body.contains("\narayashiki_lost 2\n"));
    assert!(bed.get("/?lang=en", &ada).await.body.contains("2 events are missing"));
    let connections = bed.get("/api/v1/connections", &api).await.json();
    assert_eq!((&connections["account"]["lost"], &connections["account"]["rows"]), (&2.into(), &1.into()));
    write(&bed, |tx| {
        Box::pin(async move {
            sightings::settled(tx, "QGONE").await?;
            sightings::settled(tx, "QGONE2").await
        })
    })
    .await;
    assert_eq!(lost().await, 0);
}

#[tokio::test]
async fn a_mirror_that_falls_behind_and_a_key_that_is_refused_are_alarms() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let covered = bed.clock.now().plus_s(-200);
    ended(&bed, poll::LOG, LogState { covered: Some(covered), news_at: None, rate: None }).await;
    assert!(!bed.get("/?lang=en", &ada).await.body.contains("The mirror is"));
    bed.clock.advance_s(120);
    assert!(bed.get("/?lang=en", &ada).await.body.contains("The mirror is 5\u{A0}min 20\u{A0}s old"));
    write(&bed, |tx| {
        Box::pin(async move {
            polls::register(tx, poll::TOKEN).await?;
            polls::refuse(tx, poll::TOKEN, "PagerDuty answered 401: the key is not valid").await
        })
    })
    .await;
    bed.clock.advance_s(3);
    let page = bed.get("/?lang=en", &ada).await.body;
    assert!(page.contains("PagerDuty refuses the API key: PagerDuty answered 401"), "{page}");
}

#[tokio::test]
async fn a_key_that_is_refused_by_every_call_is_named_and_not_called_silence() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let refused = async |why: &'static str| {
        write(&bed, move |tx| {
            Box::pin(async move {
                let fault = Fault::Destination;
                let outcome = Outcome::Later { at: tx.now(), fault, why: why.into() };
                for _ in 0..3 {
                    breakers::observe(tx, "pagerduty", &outcome).await?;
                }
                Ok(())
            })
        })
        .await;
        bed.clock.advance_s(3);
        bed.get("/?lang=en", &ada).await.body
    };
    let now = refused("PagerDuty refused the token (401, code 2006): Authentication failed").await;
    assert!(now.contains("PagerDuty refuses the API key") && !now.contains("does not answer"), "{now}");
    // Between two tries it is not forgotten.
    bed.clock.advance_s(60);
    let page = bed.get("/connections?lang=en", &ada).await.body;
    assert!(page.contains("PagerDuty refuses the API key") && page.contains("next try now"), "{page}");
    let now = refused("no connection within 10 s").await;
    assert!(!now.contains("PagerDuty refuses the API key") && now.contains("does not answer"), "{now}");
}

#[tokio::test]
async fn polling_alone_is_a_state_and_no_alarm() {
    let bed = with(|s| web::Settings { has_webhook_secret: false, poll_s: 60, ..s }).await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    ended(&bed, poll::LOG, LogState { covered: Some(bed.clock.now()), news_at: None, rate: None }).await;
    let now = bed.get("/?lang=en", &ada).await.body;
    assert!(now.contains("No webhooks are configured: PagerDuty is asked every 1\u{A0}min"), "{now}");
    assert!(!now.contains("class=\"alarms\""), "{now}");
    let page = bed.get("/connections?lang=en", &ada).await.body;
    assert!(page.contains("https://ops.example.jp/webhooks/pagerduty"));
    let off = with(|s| web::Settings { has_webhook_secret: false, poll_s: 0, ..s }).await;
    let ada = off.person("ada", Role::Viewer, Scope::All).await;
    assert!(off.get("/connections?lang=en", &ada).await.body.contains("nothing can be known"));
}

#[tokio::test]
async fn link_notes_that_a_read_only_key_keeps_back_are_told() {
    for (link_notes, can_write) in [(true, false), (true, true), (false, false)] {
        let bed = with(|s| web::Settings { link_notes, ..s }).await;
        let ada = bed.person("ada", Role::Viewer, Scope::All).await;
        let state = TokenState { can_write: Some(can_write), missing: Vec::new(), ..token(bed.clock.now()) };
        ended(&bed, poll::TOKEN, state).await;
        let page = bed.get("/connections?lang=en", &ada).await.body;
        let is_told = page.contains("no link note is written") && page.contains("set [link_note] mode to observe");
        assert_eq!(is_told, link_notes && !can_write, "{page}");
    }
}

#[tokio::test]
async fn the_api_tells_of_connections_what_the_page_tells() {
    let bed = bed().await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    outage(&bed).await;
    let told = bed.get("/api/v1/connections", &api).await.json();
    assert_eq!(told["rest"]["missing"][0]["what"], "schedules");
    assert_eq!((&told["rest"]["can_write"], &told["rest"]["rate_left"]), (&false.into(), &871.into()));
    let subscription = &told["webhooks"]["subscriptions"][0];
    assert_eq!((&subscription["id"], &subscription["health"]), (&"PSUB1".into(), &"temporarily_disabled".into()));
    assert_eq!(told["webhooks"]["elsewhere"], 1);
    assert_eq!((&told["gaps"][0]["state"], &told["gaps"][0]["until"]), (&"open".into(), &json!(null)));
    assert_eq!(told["database"]["kind"], "sqlite");
    assert_eq!(told["database"]["settings"]["synchronous"], "2");
    assert_eq!(told["account"]["sweep"]["shown"], 37);
    assert_eq!(bed.get("/api/v1/connections?x=1", &api).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn history_is_asked_for_once_however_often_the_form_is_sent() {
    let bed = bed().await;
    let lea = bed.person("lea", Role::Leader, Scope::All).await;
    let form = "since=2026-01-01&until=2026-03-31";
    assert_eq!(bed.post("/backfills", &lea, form).await.location(), "/backfills?said=asked");
    assert_eq!(bed.post("/backfills", &lea, form).await.location(), "/backfills?said=already");
    let kept = bed.store.read(|tx| Box::pin(async move { backfills::list(tx, &Scope::All, 10).await })).await.unwrap();
    assert_eq!(kept.len(), 1);
    // Days of Tokyo, where this installation is.
    assert_eq!(
        (kept[0].since.rfc3339().as_str(), kept[0].until.rfc3339().as_str()),
        ("2025-12-31T15:00:00Z", "2026-03-31T15:00:00Z")
    );
    for bad in [
        "since=2026-04-01&until=2026-03-01",
        "since=x&until=y",
        "since=2999-01-01&until=2999-02-01",
        "since=1990-01-01&until=2026-01-01",
        "",
    ] {
        assert_eq!(bed.post("/backfills", &lea, bad).await.location(), "/backfills?said=dates", "{bad}");
    }
    for month in 1..5 {
        let form = format!("since=2025-0{month}-01&until=2025-0{month}-20");
        assert_eq!(bed.post("/backfills", &lea, &form).await.location(), "/backfills?said=asked");
    }
    assert_eq!(
        bed.post("/backfills", &lea, "since=2024-01-01&until=2024-02-01").await.location(),
        "/backfills?said=many"
    );
    let stop = format!("/backfills/{}/stop", kept[0].id);
    assert_eq!(bed.post(&stop, &lea, "").await.location(), "/backfills?said=stopped");
    assert_eq!(bed.post(&stop, &lea, "").await.status, StatusCode::CONFLICT);
    assert_eq!(bed.post("/backfills/none/stop", &lea, "").await.status, StatusCode::NOT_FOUND);
    let acts: Vec<String> = bed.audit().await.into_iter().map(|e| e.action).collect();
    assert_eq!(acts, ["backfill.stop", "backfill.ask", "backfill.ask", "backfill.ask", "backfill.ask", "backfill.ask"]);
    let page = bed.get("/backfills?lang=en&said=stopped", &lea).await.body;
    assert!(page.contains("It was stopped.") && page.contains("Thu 1 Jan – Tue 31 Mar"), "{page}");
}

#[tokio::test]
async fn programs_ask_for_history_and_follow_it() {
    let bed = bed().await;
    let api = bed.token("t", Role::Admin, Scope::All).await;
    let ask = async |body: &str| bed.post("/api/v1/backfills", &api, body).await;
    let made = ask(r#"{"since":"2026-01-01T00:00:00Z","until":"2026-02-01T00:00:00Z"}"#).await;
    assert_eq!(made.status, StatusCode::ACCEPTED);
    let place = made.headers["location"].to_str().unwrap().to_owned();
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(place, format!("/api/v1/backfills/{id}"));
    let again = ask(r#"{"since":"2026-01-01T00:00:00Z","until":"2026-02-01T00:00:00Z"}"#).await;
    assert_eq!((again.status, again.json()["id"].as_str()), (StatusCode::OK, Some(id.as_str())));
    for bad in [
        "",
        "{}",
        r#"{"since":"yesterday"}"#,
        r#"{"since":"2999-01-01T00:00:00Z"}"#,
        r#"{"since":"2026-01-01T00:00:00Z","x":1}"#,
    ] {
        assert_eq!(ask(bad).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    let unit = id.clone();
    write(&bed, move |tx| {
        Box::pin(async move {
            let slice = backfills::next_slice(tx, &unit).await?.expect("a slice waits");
            backfills::begin_slice(tx, &unit, &slice).await?;
            let page = backfills::Page {
                step: slice.step,
                since: slice.since,
                until: slice.until,
                listed: 412,
                total: Some(412),
                is_last: true,
            };
            backfills::page(tx, &unit, &page).await
        })
    })
    .await;
    bed.clock.advance_s(3);
    let one = bed.get(&place, &api).await.json();
    assert_eq!(
        (&one["state"], &one["calls"], &one["progress"]["incidents"]),
        (&"running".into(), &1.into(), &412.into())
    );
    let page = bed.get("/?lang=en", &bed.person("ada", Role::Viewer, Scope::All).await).await.body;
    assert!(page.contains("History of Thu 1 Jan") && page.contains("412 incidents"), "{page}");
    assert_eq!(bed.get("/api/v1/backfills", &api).await.json()["items"][0]["id"], id.as_str());
    assert_eq!(bed.post(&format!("{place}/stop"), &api, "").await.status, StatusCode::ACCEPTED);
    assert_eq!(bed.get(&place, &api).await.json()["state"], "stopped");
    assert_eq!(bed.get("/api/v1/backfills/none", &api).await.status, StatusCode::NOT_FOUND);
    let blind = with(|s| web::Settings { can_read: false, ..s }).await;
    let api = blind.token("t", Role::Admin, Scope::All).await;
    let refused = blind.post("/api/v1/backfills", &api, r#"{"since":"2026-01-01T00:00:00Z"}"#).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn history_that_could_not_be_fetched_is_told_until_it_is_made_up_for() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let bob = bed.person("bob", Role::Viewer, Scope::Customers(vec!["aoba".into()])).await;
    let add = async |id: &'static str, state: &'static str, why: Option<&'static str>| {
        write(&bed, move |tx| {
            Box::pin(async move {
                let (since, until) = (Micros::from_seconds(1_780_000_000), Micros::from_seconds(1_785_000_000));
                backfills::add(tx, id, since, until, "", &[]).await?;
                backfills::end(tx, id, state, why).await
            })
        })
        .await;
        bed.clock.advance_s(3);
    };
    add("by-hand", "stopped", None).await;
    assert!(!bed.get("/?lang=en", &ada).await.body.contains("is not whole"), "a person wanted it so");
    let why = "3 of its slices could not be fetched, everything else is here: the dead jobs say why";
    add("failed", "stopped", Some(why)).await;
    let page = bed.get("/?lang=en", &ada).await.body;
    for part in ["is not whole. 3 parts of it could not be fetched", "backfill --since 2026-05-29", "every few minutes"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!bed.get("/?lang=en", &bob).await.body.contains("is not whole"), "how much history there is, is not his");
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    for path in ["/backfills?lang=en", "/api/v1/backfills"] {
        let told = bed.get(path, if path.starts_with("/api") { &api } else { &ada }).await.body;
        assert!(told.contains("could not be fetched") && !told.contains("everything else"), "{told}");
    }
    add("again", "done", None).await;
    assert!(!bed.get("/?lang=en", &ada).await.body.contains("is not whole"));
}
