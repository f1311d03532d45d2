//! What came to nothing is tried again: refused polls with growing pauses, slices of history whose jobs died, destinations.

use super::bed::{Bed, for_each_store};
use super::words::*;
use crate::actions::{self, Doing};
use crate::backfills::{self, INCIDENTS};
use crate::{Store, Tx, Unit, breakers, incidents, polls, unheard};
use model::action::{Effect, Fault, Outcome, Queue};
use model::incident::{Change, Fact, FactBody, Source};
use model::{Micros, Scope};

async fn write<T: Send + 'static>(store: &Store, unit: impl Fn(&mut Tx) -> Unit<'_, T> + Send + Sync + 'static) -> T {
    store.write("test", unit).await.unwrap()
}

async fn poll(store: &Store, name: &'static str) -> polls::Poll {
    let found = store.read(move |tx| Box::pin(polls::get(tx, name))).await.unwrap();
    found.unwrap()
}

#[test]
fn a_refused_poll_is_asked_for_again_soon_then_less_often_and_at_once_after_a_start() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        write(store, |tx| {
            Box::pin(async move {
                polls::register(tx, "log").await?;
                polls::register(tx, "token").await
            })
        })
        .await;
        let mut waits = Vec::new();
        for _ in 0..8 {
            write(store, |tx| Box::pin(polls::refuse(tx, "log", "403"))).await;
            let left_us = poll(store, "log").await.due.since(now(store).await);
            waits.push((left_us + 999_999) / 1_000_000);
        }
        assert_eq!(waits, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        let refused = poll(store, "log").await;
        assert_eq!((refused.refused.as_deref(), refused.refused_at.is_some()), (Some("403"), true));
        write(store, |tx| Box::pin(polls::try_refused(tx))).await;
        assert!(poll(store, "log").await.due <= now(store).await, "another start asks at once");
        exec(store, "UPDATE poll SET due = ?1 WHERE name = 'token'", vec![now(store).await.plus_s(3_600).into()]).await;
        write(store, |tx| Box::pin(polls::ended::<()>(tx, "log", None))).await;
        let well = poll(store, "log").await;
        assert_eq!((well.refused, well.refused_at), (None, None));
        assert!(poll(store, "token").await.due <= now(store).await, "what the key lacks is looked at again");
    });
}

#[test]
fn a_clock_that_is_set_back_does_not_stop_a_poll() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        write(store, |tx| Box::pin(polls::register(tx, "log"))).await;
        let ahead = now(store).await.plus_s(9 * 3_600);
        exec(store, "UPDATE poll SET begun_at = ?1, due = ?2", vec![ahead.into(), ahead.plus_s(60).into()]).await;
        let due = store.read(|tx| Box::pin(polls::due(tx))).await.unwrap();
        assert_eq!(due.len(), 1);
    });
}

#[test]
fn history_that_could_not_be_fetched_is_begun_again_unless_a_person_stopped_it() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        let span = (Micros::from_seconds(0), Micros::from_seconds(1_000));
        for id in ["failed", "by-a-person"] {
            write(store, move |tx| Box::pin(async move { backfills::add(tx, id, span.0, span.1, "", &[span]).await }))
                .await;
        }
        let key = format!("backfill/failed/{INCIDENTS}/0-1000/0");
        let list = Effect::ListIncidents { since: span.0, until: span.1, open_only: false, offset: 0 };
        let job = action(&key, "backfill:failed", Queue::Bulk, list);
        assert!(add(store, &job).await);
        let claimed = claim(store, Queue::Bulk).await.unwrap();
        finish(store, &claimed, Outcome::Never { why: "a proxy".into() }).await.unwrap();
        write(store, |tx| {
            Box::pin(async move {
                while let Some(slice) = backfills::next_slice(tx, "failed").await? {
                    backfills::fail_slice(tx, "failed", &slice).await?;
                }
                backfills::end(tx, "failed", "stopped", Some("2 slices")).await?;
                backfills::end(tx, "by-a-person", "stopped", None).await
            })
        })
        .await;
        let reopen = async |before: Micros| {
            write(store, move |tx| Box::pin(async move { backfills::reopen(tx, before).await })).await
        };
        assert_eq!(reopen(now(store).await.plus_s(-300)).await, 0, "not at once");
        assert_eq!(reopen(now(store).await).await, 1);
        let live = store.read(|tx| Box::pin(backfills::live(tx))).await.unwrap();
        assert_eq!(live.iter().map(|b| b.id.as_str()).collect::<Vec<_>>(), ["failed"]);
        let again = write(store, move |tx| {
            let job = job.clone();
            Box::pin(async move { actions::add(tx, &job, Doing::Really).await })
        })
        .await;
        assert!(again, "its jobs may be made again");
    });
}

#[test]
fn calls_that_were_under_way_when_a_breaker_opened_make_its_pause_no_longer() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        for n in 0..9 {
            add(store, &note(&format!("n{n}"), &format!("lane {n}"))).await;
        }
        let mut under_way = Vec::new();
        for _ in 0..9 {
            under_way.push(claim_live(store).await);
        }
        let at = now(store).await;
        for job in &under_way {
            finish(store, job, later(at, Fault::Destination)).await.unwrap();
        }
        let all = store.read(|tx| Box::pin(breakers::all(tx))).await.unwrap();
        assert_eq!(all[0].failures, 3);
        assert!(all[0].open_until.unwrap() <= now(store).await.plus_s(5));
        write(store, |tx| Box::pin(breakers::try_again(tx))).await;
        assert!(claim(store, Queue::Live).await.is_some(), "another start tries at once");
    });
}

#[test]
fn a_monitor_that_repeats_itself_is_no_sign_of_silence() {
    for_each_store(async |bed: &Bed| {
        let entry = |id: &str, at_s: i64| Fact {
            incident: "Q1".into(),
            source: Source::LogEntry,
            source_id: id.into(),
            at: Micros::from_seconds(at_s),
            actor: None,
            body: FactBody::Changed { what: Change::Triggered { channel: None, summary: None }, incident: None },
        };
        for fact in [entry("first", 1_000), entry("again", 5_000), entry("and again", 9_000)] {
            write(&bed.store, move |tx| {
                let fact = fact.clone();
                Box::pin(async move {
                    crate::facts::add(tx, &fact, model::signal::Origin::Repair, None).await?;
                    unheard::entry(tx, &fact, unheard::TRIGGERED).await
                })
            })
            .await;
        }
        let ids = texts(&bed.store, "SELECT source_id FROM unheard", vec![]).await;
        assert_eq!(ids, ["first"], "only that it opened should have been told");
    });
}

#[test]
fn an_incident_that_is_shown_no_more_is_asked_for_once_a_day() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        // Triggered and acknowledged.
        for n in [0, 1] {
            super::incidents::save(store, super::incidents::incident(n), None).await;
        }
        let at = now(store).await.plus_s(1);
        let alone = async || {
            store.read(move |tx| Box::pin(async move { incidents::open_since_before(tx, at).await })).await.unwrap()
        };
        let both = alone().await;
        assert_eq!(both.len(), 2);
        let hidden = both[0].clone();
        write(store, move |tx| {
            let hidden = hidden.clone();
            Box::pin(async move { incidents::hide(tx, &hidden).await })
        })
        .await;
        assert_eq!(alone().await, both[1..]);
        let count = store.read(|tx| Box::pin(incidents::count_hidden(tx, &Scope::All))).await.unwrap();
        assert_eq!(count, 1);
        bed.clock.advance_s(86_401);
        assert_eq!(alone().await, both);
    });
}
