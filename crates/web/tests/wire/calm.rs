//! Calm is shown only where it is known that all is calm: signals that wait unread, workers that are silent, a key that
//! may not read, webhooks that lead nowhere.

use crate::bed::{Bed, bed, with};
use crate::feed::{ended, write};
use model::connection::{LogState, MissingScope, OpenState, SubscriptionSeen, SubscriptionsState, TokenState, poll};
use model::incident::Status;
use model::person::Role;
use model::signal::{Key, Origin, Signal, digest, source};
use model::{Micros, Scope};
use store::processes::{self, Me};

pub async fn ada(bed: &Bed) -> String {
    bed.person("ada", Role::Viewer, Scope::All).await
}

/// A webhook that nobody reads.
async fn unread(bed: &Bed, raw: &[u8]) {
    let signal = Signal {
        source: source::PAGERDUTY_WEBHOOK,
        key: Key::of("test", &[raw]),
        digest: digest(raw),
        received_at: bed.clock.now(),
        origin: Origin::Live,
        raw: raw.to_vec(),
        headers: "{}".into(),
    };
    bed.store.accept(signal).await.unwrap();
}

async fn beat(bed: &Bed, role: &'static str, started_at: Micros) {
    let me = Me { id: format!("p-{role}"), role: role.into(), host: "ops-1".into(), version: "0".into(), started_at };
    write(bed, move |tx| Box::pin(async move { processes::beat(tx, &me).await })).await;
}

async fn log(bed: &Bed) {
    let covered = Some(bed.clock.now());
    ended(bed, poll::LOG, LogState { covered, news_at: None, rate: None }).await;
}

#[tokio::test]
async fn signals_that_nobody_reads_are_an_alarm_and_nothing_is_called_closed() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    let started = bed.clock.now();
    beat(&bed, "work", started).await;
    bed.signal(b"1", "Q1", None).await;
    log(&bed).await;
    for n in 0..3 {
        unread(&bed, format!("w{n}").as_bytes()).await;
    }
    bed.clock.advance_s(20);
    beat(&bed, "work", started).await;
    let page = bed.get("/?lang=en", &ada).await.body;
    assert!(page.contains("Nothing is open") && !page.contains("class=\"alarms\""), "{page}");
    bed.clock.advance_s(15);
    let page = bed.get("/?lang=en", &ada).await.body;
    for part in ["nothing was open; 3 signals are not read yet", "unread, the oldest for 35", "None is lost"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains("A worker is alive and behind") && page.contains("Needs a look"), "{page}");
    assert!(!page.contains("Nothing is open") && !page.contains("All well"), "{page}");
    bed.clock.advance_s(100);
    let page = bed.get("/?lang=en", &ada).await.body;
    assert!(page.contains("has been silent for 1\u{A0}min 55\u{A0}s") && page.contains("start it again"), "{page}");
    assert!(page.contains("/connections#processes") && !page.contains("All well"), "{page}");
    bed.incident("Q1", 2, "the disk is full", None, Status::Triggered).await;
    let page = bed.get("/?lang=en", &ada).await.body;
    assert!(page.contains("nobody has taken it (as of") && page.contains("3 signals are not read yet)"), "{page}");
    assert!(bed.get("/?lang=ja", &ada).await.body.contains("未読のシグナルが 3件あります"));
}

#[tokio::test]
async fn what_a_person_puts_back_is_no_backlog() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    let id = bed.signal(b"1", "Q1", None).await;
    bed.clock.advance_s(300);
    log(&bed).await;
    write(&bed, move |tx| Box::pin(async move { store::inbox::read_again(tx, id).await })).await;
    let page = bed.get("/?lang=en", &ada).await.body;
    assert!(page.contains("Nothing is open") && !page.contains("class=\"alarms\""), "{page}");
}

#[tokio::test]
async fn a_killed_worker_is_told_before_anything_waits() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    let started = bed.clock.now();
    bed.signal(b"1", "Q1", None).await;
    beat(&bed, "work", started).await;
    beat(&bed, "web", started).await;
    bed.clock.advance_s(25);
    beat(&bed, "web", started).await;
    let page = bed.get("/connections?lang=en", &ada).await.body;
    assert!(page.contains("Not heard of for 25\u{A0}s") && page.contains("Runs"), "{page}");
    assert!(page.contains("1 process has not been heard of for over 20\u{A0}s"), "{page}");
    assert!(!bed.get("/?lang=en", &ada).await.body.contains("class=\"alarms\""));
    bed.clock.advance_s(10);
    log(&bed).await;
    let page = bed.get("/?lang=en", &ada).await.body;
    assert!(page.contains("No process that reads and acts has been heard of for 35\u{A0}s"), "{page}");
}

#[tokio::test]
async fn a_key_that_may_not_read_incidents_leaves_it_open_whether_anything_is() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    bed.signal(b"1", "Q1", None).await;
    log(&bed).await;
    ended(&bed, poll::OPEN, OpenState::default()).await;
    let missing = vec![MissingScope { what: "incidents".into(), status: 403, text: "Access Denied".into() }];
    let state = TokenState { missing, checked_at: Some(bed.clock.now()), ..TokenState::default() };
    ended(&bed, poll::TOKEN, state).await;
    let page = bed.get("/?lang=en", &ada).await.body;
    assert!(page.contains("Whether anything is open can&#39;t be known: the API key may not read incidents"), "{page}");
    assert!(page.contains("The API key may not read: incidents") && page.contains("Give the key what it lacks"));
    assert!(!page.contains("Nothing is open") && !page.contains("All well"), "{page}");
}

#[tokio::test]
async fn what_was_never_listed_is_not_called_closed() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    bed.signal(b"1", "Q1", None).await;
    write(&bed, |tx| Box::pin(async move { store::polls::register(tx, poll::OPEN).await })).await;
    let page = bed.get("/?lang=en", &ada).await.body;
    assert!(
        page.contains("PagerDuty has not listed its open incidents") && !page.contains("Nothing is open"),
        "{page}"
    );
    ended(&bed, poll::OPEN, OpenState::default()).await;
    bed.clock.advance_s(3);
    assert!(bed.get("/?lang=en", &ada).await.body.contains("Nothing is open"));
}

async fn listed(bed: &Bed, is_ours: bool) {
    let one = SubscriptionSeen {
        id: "PSUB2".into(),
        description: None,
        url: Some("https://elsewhere.example.jp/hook".into()),
        active: true,
        temporarily_disabled: false,
        is_ours,
        tells_all: true,
    };
    let looked_at = Some(bed.clock.now());
    ended(bed, poll::SUBSCRIPTIONS, SubscriptionsState { seen: vec![one], is_refused: false, looked_at }).await;
    bed.clock.advance_s(3);
}

#[tokio::test]
async fn a_secret_to_which_no_subscription_belongs_is_told_with_how_to_make_one() {
    for public_url in ["https://ops.example.jp", ""] {
        let bed = with(|s| web::Settings { public_url: public_url.into(), ..s }).await;
        let ada = ada(&bed).await;
        log(&bed).await;
        listed(&bed, false).await;
        for path in ["/?lang=en", "/connections?lang=en"] {
            let page = bed.get(path, &ada).await.body;
            assert!(page.contains("no subscription in PagerDuty leads here"), "{path}: {page}");
            assert!(page.contains("Make one in PagerDuty") || page.contains("Then make one in PagerDuty"), "{page}");
            assert!(page.contains(&format!("{public_url}/webhooks/pagerduty")), "{page}");
            assert_eq!(page.contains("Set [server] public_url"), public_url.is_empty(), "{page}");
            assert!(!page.contains("All well") && !page.contains("Every connection works"), "{page}");
            assert!(!page.contains("put their secret into"), "{page}");
        }
        listed(&bed, true).await;
        assert!(!bed.get("/?lang=en", &ada).await.body.contains("no subscription in PagerDuty leads here"));
    }
}
