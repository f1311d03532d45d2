//! What a page costs: the number of statements stays the same however many rows there are. One test alone in its
//! process, because the count is the whole program's.

#![cfg(test)]

#[path = "../wire/bed.rs"]
#[allow(dead_code, reason = "the bed is made for more tests than this one")]
mod bed;

use bed::Bed;
use duties::webhook_guard::{self, State};
use model::Scope;
use model::incident::Status;
use model::person::Role;
use model::reference::{Kind, Thing};
use std::collections::BTreeMap;
use store::{backfills, duty_state, gaps, ledger, mails, outages, polls, processes, reference};

/// Pages whose rows this test makes more of.
const PAGES: [&str; 17] = [
    "/",
    "/incidents",
    "/incidents?status=open",
    "/safety-net",
    "/safety-net?ledger=lacking",
    "/safety-net/ledger",
    "/safety-net/monitors",
    "/safety-net/outages",
    "/incidents/Q1",
    "/api/v1/mails",
    "/api/v1/callouts",
    "/signals",
    "/jobs",
    "/connections",
    "/backfills",
    "/seats",
    "/api/v1/connections",
];

/// Rows of every kind, from one number up to another.
async fn fill(bed: &Bed, from: i64, to: i64) {
    for n in from..to {
        bed.incident(&format!("Q{n}"), n, "the disk is full", None, Status::Triggered).await;
        bed.signal(format!("{n}").as_bytes(), &format!("Q{n}"), None).await;
        bed.dead_job(&format!("Q{n}"), None).await;
        let mail = bed.mail(&format!("mail {n}"), None).await;
        bed.callout(&format!("c{n}"), &format!("token {n}"), None).await;
        let unit = bed.store.write("test", move |tx| Box::pin(async move { stands(tx, mail, n).await }));
        unit.await.unwrap();
        let unit = bed.store.write("test", move |tx| Box::pin(async move { feed(tx, n).await }));
        unit.await.unwrap();
    }
}

/// The mail stands against an incident; there was an outage, and a day was closed.
async fn stands(tx: &mut store::Tx, mail: i64, n: i64) -> Result<(), store::StoreError> {
    let now = tx.now();
    let reason = model::mail::Reason::IsOpen;
    let standing = mails::Standing::of(model::mail::Ledger::Missing, reason);
    mails::stand(tx, mail, &mails::Standing { incident: Some("Q1".into()), ..standing }).await?;
    outages::begin(tx, &format!("o{n}"), now, "{}").await?;
    outages::end(tx, &format!("o{n}"), "{}").await?;
    ledger::close(tx, &format!("day {n}"), &ledger::Balance::default()).await?;
    ledger::note_hour(tx, &format!("monitor {n}"), now, 5, 0).await
}

async fn feed(tx: &mut store::Tx, n: i64) -> Result<(), store::StoreError> {
    let now = tx.now();
    polls::register(tx, &format!("reference-{n}")).await?;
    duty_state::set(tx, webhook_guard::DUTY, &format!("PSUB{n}"), webhook_guard::VERSION, &State::default()).await?;
    gaps::open(tx, &format!("g{n}"), "PSUB", "silent", now).await?;
    backfills::add(tx, &format!("b{n}"), now.plus_s(-1_000), now, "system", &[(now.plus_s(-1_000), now)]).await?;
    let id = format!("p{n}");
    let me = processes::Me { id, role: "web".into(), host: "h".into(), version: "0".into(), started_at: now };
    processes::beat(tx, &me).await?;
    let user = Thing {
        kind: Kind::User,
        id: format!("PU{n}"),
        name: format!("user {n}"),
        url: None,
        email: Some(format!("u{n}@example.jp")),
        status: Some("user".into()),
        user: None,
        starts_at: None,
        ends_at: None,
        level: None,
        names: Vec::new(),
    };
    reference::save(tx, &user, now).await?;
    reference::active(tx, &user.id, reference::PAGED, now).await
}

/// Statements of each page, counts and session included.
async fn costs(bed: &Bed, who: &str) -> BTreeMap<&'static str, u64> {
    let mut costs = BTreeMap::new();
    // That somebody was here is written down once a minute; not while the pages are counted.
    bed.clock.advance_s(61);
    bed.get("/help", who).await;
    for path in PAGES {
        // What is kept for a moment is counted anew.
        bed.clock.advance_s(3);
        let before = store::statements();
        let answer = bed.get(path, who).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
        costs.insert(path, store::statements() - before);
    }
    costs
}

#[tokio::test]
async fn statements_do_not_grow_with_rows() {
    let bed = bed::bed().await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    // More than the few incidents whose stories Now tells.
    fill(&bed, 0, 8).await;
    // What is asked once in a while is asked first.
    costs(&bed, &ada).await;
    let few = costs(&bed, &ada).await;
    fill(&bed, 8, 40).await;
    assert_eq!(costs(&bed, &ada).await, few);
    assert!(few.values().all(|cost| (1..66).contains(cost)), "{few:?}");
}
