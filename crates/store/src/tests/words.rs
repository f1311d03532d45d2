//! Words that many tests share: signals, actions, claims. Never asserts anything by itself.

use crate::actions::{self, Doing};
use crate::jobs::{self, Claim, Claimed, Terms};
use crate::receipts::{self, Account};
use crate::{Store, StoreError};
use model::action::{Action, Effect, Fault, Outcome, Precondition, Queue};
use model::signal::{Key, Origin, Signal, digest, source};
use model::{Micros, Scope};

pub const TERMS: Terms = Terms { lease_ms: 30_000, settle_ms: 5_000 };
/// Moves past a lease of `TERMS` and the settle time after it.
pub const PAST_LEASE_S: i64 = 36;

pub fn signal(n: u64) -> Signal {
    signal_with(n, format!("{{\"event\":{n}}}").into_bytes())
}

pub fn signal_with(n: u64, raw: Vec<u8>) -> Signal {
    Signal {
        source: source::PAGERDUTY_WEBHOOK,
        key: Key::of(source::PAGERDUTY_WEBHOOK, &[&n.to_le_bytes()]),
        digest: digest(&raw),
        received_at: Micros::from_seconds(1_790_000_000),
        origin: Origin::Live,
        raw,
        headers: "{}".to_owned(),
    }
}

pub fn action(key: &str, lane: &str, queue: Queue, effect: Effect) -> Action {
    Action {
        key: key.to_owned(),
        duty: "mirror".to_owned(),
        subject: lane.to_owned(),
        lane: lane.to_owned(),
        effect,
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: format!("because of {key}"),
        customer: None,
        queue,
    }
}

/// An action in the live queue that goes to PagerDuty's REST API.
pub fn note(key: &str, lane: &str) -> Action {
    let effect = Effect::Note { incident: lane.to_owned(), text: "seen".to_owned(), marker: key.to_owned() };
    action(key, lane, Queue::Live, effect)
}

/// An action in the live queue that goes to Events v2, before any note.
pub fn page(key: &str, lane: &str) -> Action {
    let effect = Effect::Page {
        dedup_key: key.to_owned(),
        summary: "disk".to_owned(),
        source: "host".to_owned(),
        severity: "critical".to_owned(),
        details: serde_json::Value::Null,
        links: Vec::new(),
        route: None,
        tells_more: false,
    };
    action(key, lane, Queue::Live, effect)
}

/// An action in the bulk queue.
pub fn bulk(key: &str, customer: &str) -> Action {
    let effect = Effect::ReadIncident { incident: key.to_owned() };
    Action { customer: Some(customer.to_owned()), ..action(key, key, Queue::Bulk, effect) }
}

pub async fn add(store: &Store, action: &Action) -> bool {
    let action = action.clone();
    store
        .write("decide", move |tx| Box::pin(async move { actions::add(tx, &action, Doing::Really).await }))
        .await
        .unwrap()
}

pub async fn try_claim(store: &Store, queue: Queue) -> Claim {
    store.write("claim", move |tx| Box::pin(jobs::claim(tx, queue, "worker", TERMS))).await.unwrap()
}

/// The next job of a queue, if one can be had.
pub async fn claim(store: &Store, queue: Queue) -> Option<Claimed> {
    match try_claim(store, queue).await {
        Claim::Job(job) => Some(*job),
        Claim::Nothing => None,
        Claim::PutAside => panic!("a job was put aside"),
    }
}

pub async fn claim_live(store: &Store) -> Claimed {
    claim(store, Queue::Live).await.expect("a live job that can be claimed")
}

pub async fn finish(store: &Store, job: &Claimed, outcome: Outcome) -> Result<(), StoreError> {
    let job = job.clone();
    store.write("finish", move |tx| Box::pin(async move { jobs::finish(tx, &job, &outcome).await })).await
}

pub fn done() -> Outcome {
    Outcome::Done { external: None }
}

pub fn later(at: Micros, fault: Fault) -> Outcome {
    Outcome::Later { at, fault, why: "not now".to_owned() }
}

/// The instant of a transaction that begins now.
pub async fn now(store: &Store) -> Micros {
    store.read(|tx| Box::pin(async move { Ok(tx.now()) })).await.unwrap()
}

pub async fn job(store: &Store, key: &str) -> jobs::Item {
    let all = store.read(|tx| Box::pin(jobs::list(tx, &Scope::All, &[], None, 1_000))).await.unwrap();
    all.into_iter().find(|job| job.key == key).expect("a job of that key")
}

/// How a job's tries ended, oldest first; an open one is `open`.
pub async fn tries(store: &Store, job: i64) -> Vec<String> {
    let sql = "SELECT coalesce(outcome, 'open') FROM attempt WHERE job = ?1 ORDER BY token";
    texts(store, sql, vec![job.into()]).await
}

/// The first column of an answer, as text.
pub async fn texts(store: &Store, sql: &'static str, vals: Vec<crate::Val>) -> Vec<String> {
    let rows = store.read(move |tx| Box::pin(async move { tx.all(sql, &vals).await })).await.unwrap();
    rows.iter().map(|row| row.string(0).unwrap()).collect()
}

pub async fn number(store: &Store, sql: &'static str) -> i64 {
    let row = store.read(move |tx| Box::pin(async move { tx.sure(sql, &[]).await })).await.unwrap();
    row.int(0).unwrap()
}

pub async fn exec(store: &Store, sql: &'static str, vals: Vec<crate::Val>) -> u64 {
    store.write("test", move |tx| Box::pin(async move { tx.exec(sql, &vals).await })).await.unwrap()
}

pub async fn retry(store: &Store, id: i64) -> bool {
    store.write("retry", move |tx| Box::pin(jobs::retry(tx, id))).await.unwrap()
}

pub async fn account(store: &Store) -> Account {
    store.read(|tx| Box::pin(receipts::count(tx, &Scope::All))).await.unwrap()
}

/// Waits for something that has to become true by itself; gives up loudly.
pub async fn eventually(what: &str, is_true: impl AsyncFn() -> bool) {
    let tries = 2_000;
    for _ in 0..tries {
        if is_true().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("never came true: {what}");
}
