//! Lists that PagerDuty refuses and rounds that do not come through: told on *Now* and on *Connections*, with PagerDuty's
//! word, the next try and a remedy; nothing is called whole meanwhile.

use crate::bed::{Bed, bed};
use crate::bridges::with_calendars;
use crate::calm::ada;
use crate::feed::{ended, write};
use model::Scope;
use model::action::{Action, Effect, Fault, Outcome, Precondition, Queue};
use model::connection::{CalendarState, LogState, MissingScope, OpenState, PartUnread, TokenState, poll};
use model::person::Role;
use serde_json::{Value, json};
use store::jobs::{self, Claim, Terms};
use store::{actions, polls};

const WHY: &str = "PagerDuty does not allow this (403) \u{201c}Access Denied\u{201d}: the token lacks the permission to read \
     services; use a key of the account or of a user who may, or grant the app the scope services.read";

/// All that is asked has come through just now.
pub async fn well(bed: &Bed) {
    bed.signal(b"1", "Q1", None).await;
    log(bed).await;
    ended(bed, poll::OPEN, OpenState::default()).await;
    ended(bed, poll::TOKEN, TokenState { checked_at: Some(bed.clock.now()), ..TokenState::default() }).await;
    for kind in ["reference-service", "reference-team"] {
        ended(bed, kind, Value::Null).await;
    }
    bed.clock.advance_s(3);
}

async fn log(bed: &Bed) {
    let covered = Some(bed.clock.now());
    ended(bed, poll::LOG, LogState { covered, news_at: None, rate: None }).await;
}

async fn refuse(bed: &Bed, name: &'static str, why: &'static str) {
    write(bed, move |tx| {
        Box::pin(async move {
            polls::refuse(tx, name, why).await?;
            // Refused before, so that it is not asked for again at once.
            for _ in 0..5 {
                polls::refuse(tx, name, why).await?;
            }
            Ok(())
        })
    })
    .await;
    bed.clock.advance_s(3);
}

/// A round begins, and its try ends like this.
async fn try_in_vain(bed: &Bed, name: &'static str, fault: Fault, why: &'static str) {
    write(bed, move |tx| {
        Box::pin(async move {
            polls::register(tx, name).await?;
            let found = polls::get(tx, name).await?.expect("it is registered");
            let due = tx.now().plus_s(60);
            let round = polls::begin(tx, &found, due).await?.expect("nobody else begins it");
            let action = Action {
                key: format!("poll/{name}/{round:09}/0"),
                duty: "poll".into(),
                subject: name.into(),
                lane: format!("poll:{name}"),
                effect: Effect::LookAtToken,
                not_before: None,
                not_after: None,
                precondition: Precondition::None,
                why: "it is time to look again".into(),
                customer: None,
                queue: Queue::Read,
            };
            actions::add(tx, &action, actions::Doing::Really).await?;
            let terms = Terms { lease_ms: 1_000, settle_ms: 0 };
            let Claim::Job(job) = jobs::claim(tx, Queue::Read, "w", terms).await? else { panic!("no job") };
            let outcome = Outcome::Later { at: tx.now().plus_s(600), fault, why: why.into() };
            jobs::finish(tx, &job, &outcome).await
        })
    })
    .await;
    bed.clock.advance_s(3);
}

#[tokio::test]
async fn what_is_all_read_is_called_well() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    well(&bed).await;
    assert!(bed.get("/?lang=en", &ada).await.body.contains("All well"));
    assert!(bed.get("/connections?lang=en", &ada).await.body.contains("Every connection works"));
}

#[tokio::test]
async fn a_list_that_is_refused_is_told_whole_on_now() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    well(&bed).await;
    bed.clock.advance_s(120);
    log(&bed).await;
    refuse(&bed, "reference-service", WHY).await;
    refuse(&bed, "reference-team", "PagerDuty does not allow this (402): the account's plan lacks what teams needs")
        .await;
    let page = bed.get("/?lang=en", &ada).await.body;
    for part in [
        "PagerDuty refuses to list: Services, Teams (last read whole: 2\u{A0}min ago)",
        "grant the app the scope services.read (asked again in 31\u{A0}min",
        "Give the key&#39;s user a role that may read it",
        "/connections#polls",
        "Needs a look",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let connections = bed.get("/connections?lang=en", &ada).await.body;
    assert!(connections.contains("PagerDuty refuses 2 lists: Services, Teams"), "{connections}");
    assert!(connections.contains("grant the app the scope services.read") && !connections.contains("Every connection"));
    assert!(bed.get("/?lang=ja", &ada).await.body.contains("PagerDuty が一覧の読み取りを拒否しています"));
    // What the key check says of the same list is said once.
    let missing = ["services", "schedules"]
        .map(|what| MissingScope { what: what.into(), status: 403, text: "Access Denied".into() })
        .to_vec();
    let checked_at = Some(bed.clock.now());
    ended(&bed, poll::TOKEN, TokenState { missing, checked_at, ..TokenState::default() }).await;
    bed.clock.advance_s(3);
    let page = bed.get("/?lang=en", &ada).await.body;
    assert!(page.contains("The API key may not read: schedules"), "{page}");
}

#[tokio::test]
async fn without_the_list_of_what_is_open_nothing_is_said_to_be_closed() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    well(&bed).await;
    refuse(&bed, poll::OPEN, "PagerDuty does not allow this (403): incidents").await;
    let page = bed.get("/?lang=en", &ada).await.body;
    assert!(page.contains("Whether anything is open can&#39;t be known") && page.contains("st triggered"), "{page}");
    assert!(page.contains("refuses to list: Everything open") && !page.contains("Nothing is open"), "{page}");
}

#[tokio::test]
async fn a_redirect_is_no_refused_key() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    well(&bed).await;
    let why = "api.pagerduty.com answered with a redirect (302), which is never followed: check the URL";
    refuse(&bed, poll::TOKEN, why).await;
    for path in ["/?lang=en", "/connections?lang=en"] {
        let page = bed.get(path, &ada).await.body;
        assert!(page.contains("answered with a redirect (302)"), "{path}: {page}");
        assert!(page.contains("never redirects: see that [pagerduty] api_url"), "{path}: {page}");
        assert!(!page.contains("refuses the API key") && !page.contains("valid token"), "{path}: {page}");
    }
}

#[tokio::test]
async fn what_never_came_through_is_told_by_its_cause() {
    let limit = "PagerDuty's rate limit is used up (429): it goes out when the limit allows";
    let garbled = "PagerDuty's answer can't be read at ., line 1 column 1: expected value";
    for (fault, why, remedy) in
        [(Fault::Limit, limit, "a key of its own helps"), (Fault::Ours, garbled, "sign-in page")]
    {
        let bed = bed().await;
        let ada = ada(&bed).await;
        bed.signal(b"1", "Q1", None).await;
        for name in [poll::TOKEN, poll::LOG] {
            try_in_vain(&bed, name, fault, why).await;
        }
        let told = why.replace('\'', "&#39;");
        let connections = bed.get("/connections?lang=en", &ada).await.body;
        assert!(connections.contains("What the key may is not known yet. The last call ended with:"), "{connections}");
        assert_eq!(connections.matches(&told).count(), 3, "the block and both rows: {connections}");
        assert!(connections.contains(remedy) && connections.contains("in 9\u{A0}min"), "{connections}");
        assert!(!connections.contains("Every connection works") && !connections.contains("under way"));
        assert!(!bed.get("/?lang=en", &ada).await.body.contains("Not read:"), "a first try may fail");
        bed.clock.advance_s(120);
        let page = bed.get("/?lang=en", &ada).await.body;
        for part in ["Not read: Account-wide log, What the key may.", &told, remedy, "first seen", "Needs a look"] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}

#[tokio::test]
async fn a_list_that_is_overdue_is_not_called_well() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    well(&bed).await;
    try_in_vain(&bed, "reference-team", Fault::Limit, "PagerDuty's rate limit is used up (429)").await;
    bed.clock.advance_s(260);
    log(&bed).await;
    let page = bed.get("/connections?lang=en", &ada).await.body;
    assert!(page.contains("not come through for a while:") && page.contains("Teams"), "{page}");
    assert!(!page.contains("Every connection works"));
}

#[tokio::test]
async fn what_can_not_be_read_of_a_calendar_is_told_and_is_no_word_of_pagerdutys() {
    let bed = with_calendars().await;
    let ada = ada(&bed).await;
    well(&bed).await;
    log(&bed).await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    let before = bed.clock.now().rfc3339();
    bed.clock.advance_s(1);
    let part = PartUnread { count: 3, first: "line 7: <no> start".into() };
    ended(&bed, "calendar/work", CalendarState { unread: Some(part.clone()), ..CalendarState::default() }).await;
    let page = bed.get("/connections?lang=en", &ada).await.body;
    assert!(page.contains("Not everything in 1 calendar can be read: work"), "{page}");
    assert!(page.contains("3 things in it could not be read as meant") && page.contains("line 7: &lt;no&gt; start"));
    let page = bed.get("/connections?lang=ja", &ada).await.body;
    assert!(page.contains("意図どおりに読めなかったものが 3 件あります") && page.contains("line 7:"), "{page}");
    let told = bed.get("/api/v1/connections", &api).await.json();
    let is_its = told["rest"]["answered_at"].as_str().is_some_and(|at| at <= before.as_str());
    assert!(is_its, "a calendar's answer is none of PagerDuty's: {}", told["rest"]);
    assert_eq!((&told["calendars"][0]["unread"], &told["calendars"][1]["unread"]), (&json!(part), &Value::Null));

    ended(&bed, "calendar/leave", CalendarState::default()).await;
    refuse(&bed, "calendar/leave", "the calendar feed at cal.example.com did not come (404): make its address anew")
        .await;
    for (path, said) in [
        ("/?lang=en", "Can&#39;t be read: Calendar leave"),
        ("/?lang=ja", "読み取れません: "),
        ("/connections?lang=en", "1 list can&#39;t be read: Calendar leave"),
        ("/connections?lang=ja", "1件の一覧を読み取れません: "),
    ] {
        let page = bed.get(path, &ada).await.body;
        assert!(page.contains(said) && page.contains("make its address anew"), "{path}: {page}");
        for others in ["PagerDuty refuses", "PagerDuty が一覧", "status.pagerduty.com", "[pagerduty] api_url"] {
            assert!(!page.contains(others), "{path}: {others}: {page}");
        }
    }
    assert!(bed.get("/?lang=en", &ada).await.body.contains("Mend what the answer names"));
}
