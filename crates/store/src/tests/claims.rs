//! Claims: each job once, however many claim; leases, tokens, and what the next claim knows of the last try.

use super::bed::{Bed, for_each_store};
use super::words::*;
use crate::jobs::Claim;
use crate::{Store, StoreError};
use futures_util::future::join_all;
use model::action::{Fault, Outcome, Queue};
use std::collections::BTreeMap;

#[test]
fn workers_of_two_processes_do_two_hundred_jobs_once_each() {
    for_each_store(async |bed: &Bed| {
        for i in 0..200 {
            // Some share a lane, so that a worker may find nothing while another is at work.
            add(&bed.store, &note(&format!("job {i}"), &format!("lane {}", i % 120))).await;
        }
        let another = bed.another();
        let workers = [&bed.store, &another, &bed.store, &another, &bed.store, &another];
        let mut times: BTreeMap<i64, i64> = BTreeMap::new();
        for ids in join_all(workers.map(work_until_done)).await {
            for id in ids {
                *times.entry(id).or_default() += 1;
            }
        }
        assert_eq!(times.len(), 200);
        assert!(times.values().all(|n| *n == 1), "{times:?}");
        assert_eq!(number(&bed.store, "SELECT count(*) FROM attempt").await, 200);
        let overlapping = "SELECT count(*) FROM attempt a JOIN job x ON x.id = a.job JOIN job y ON y.lane = x.lane \
             AND y.id > x.id JOIN attempt b ON b.job = y.id WHERE b.started_at < a.ended_at";
        assert_eq!(number(&bed.store, overlapping).await, 0, "two jobs of one lane ran side by side");
        another.close().await;
    });
}

async fn work_until_done(store: &Store) -> Vec<i64> {
    let mut ids = Vec::new();
    loop {
        match claim(store, Queue::Live).await {
            Some(job) => {
                finish(store, &job, done()).await.unwrap();
                ids.push(job.id);
            }
            None if number(store, "SELECT count(*) FROM job WHERE state <> 'done'").await == 0 => return ids,
            None => tokio::task::yield_now().await,
        }
    }
}

#[test]
fn a_lost_lease_is_refused_and_changes_nothing() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("n", "lane")).await;
        let first = claim_live(&bed.store).await;
        bed.clock.advance_s(PAST_LEASE_S);
        let second = claim_live(&bed.store).await;
        assert_eq!((second.id, second.token), (first.id, first.token + 1));
        for outcome in [done(), Outcome::Never { why: "no".into() }, later(now(&bed.store).await, Fault::Destination)] {
            let late = finish(&bed.store, &first, outcome).await;
            assert!(matches!(late, Err(StoreError::LeaseLost(id)) if id == first.id), "{late:?}");
        }
        assert_eq!(job(&bed.store, "n").await.state, "leased");
        assert_eq!(tries(&bed.store, first.id).await, ["open", "open"]);
        assert_eq!(number(&bed.store, "SELECT count(*) FROM breaker").await, 0);
        finish(&bed.store, &second, done()).await.unwrap();
        assert!(matches!(finish(&bed.store, &second, done()).await, Err(StoreError::LeaseLost(_))), "only once");
        assert_eq!(tries(&bed.store, first.id).await, ["open", "done"]);
    });
}

#[test]
fn whatever_a_late_worker_writes_with_its_outcome_goes_with_it() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("n", "lane")).await;
        let first = claim_live(&bed.store).await;
        bed.clock.advance_s(PAST_LEASE_S);
        let _second = claim_live(&bed.store).await;
        let late = bed.store.write("finish", move |tx| {
            Box::pin(async move {
                crate::cursors::set(tx, "poll", "moved").await?;
                crate::jobs::finish(tx, &first, &done()).await
            })
        });
        assert!(matches!(late.await, Err(StoreError::LeaseLost(_))));
        let cursor = bed.store.read(|tx| Box::pin(crate::cursors::get(tx, "poll"))).await.unwrap();
        assert_eq!(cursor, None, "the cursor is fenced by the token");
    });
}

#[test]
fn a_worker_that_is_late_but_alone_is_believed() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("n", "lane")).await;
        let only = claim_live(&bed.store).await;
        bed.clock.advance_s(3_600);
        finish(&bed.store, &only, done()).await.unwrap();
        assert_eq!(job(&bed.store, "n").await.state, "done");
    });
}

#[test]
fn a_dead_workers_job_waits_for_the_lease_and_the_settle_time() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("n", "lane")).await;
        assert!(claim_live(&bed.store).await.unsettled.is_none(), "the first try is in no doubt");
        // Lease 30 s, settle time 5 s; the moves stay clear of both ends by two seconds.
        for (s, what) in [(28, "within the lease"), (5, "the lease is over, the settle time is not")] {
            bed.clock.advance_s(s);
            assert!(claim(&bed.store, Queue::Live).await.is_none(), "{what}");
        }
        bed.clock.advance_s(4);
        assert!(claim_live(&bed.store).await.unsettled.is_some(), "an open try means that nobody knows");
    });
}

#[test]
fn a_try_of_unknown_outcome_is_looked_up_and_one_that_did_nothing_is_not() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("unknown", "a")).await;
        let job = claim_live(&bed.store).await;
        let look_after = now(&bed.store).await.plus_s(20);
        finish(&bed.store, &job, Outcome::Unknown { look_after, why: "time-out".into() }).await.unwrap();
        bed.clock.advance_s(18);
        assert!(claim(&bed.store, Queue::Live).await.is_none(), "not before its effect can be seen");
        bed.clock.advance_s(4);
        assert!(claim_live(&bed.store).await.unsettled.is_some());

        add(&bed.store, &note("later", "b")).await;
        let job = claim_live(&bed.store).await;
        finish(&bed.store, &job, later(now(&bed.store).await, Fault::Destination)).await.unwrap();
        let again = claim_live(&bed.store).await;
        assert_eq!((again.id, again.unsettled), (job.id, None), "nothing was sent");
    });
}

#[test]
fn a_doubt_outlives_a_look_up_that_could_not_be_made() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("n", "lane")).await;
        let _dies = claim_live(&bed.store).await;
        bed.clock.advance_s(PAST_LEASE_S);
        let looks = claim_live(&bed.store).await;
        assert!(looks.unsettled.is_some());
        // The look-up met a limiter or a 503: nothing was learnt about the first try.
        finish(&bed.store, &looks, later(now(&bed.store).await, Fault::Limit)).await.unwrap();
        assert!(claim_live(&bed.store).await.unsettled.is_some(), "the first try's effect is as unknown as before");
    });
}

#[test]
fn three_tries_without_an_end_kill_the_job() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("n", "lane")).await;
        for _ in 0..2 {
            let _dies = claim_live(&bed.store).await;
            bed.clock.advance_s(PAST_LEASE_S);
        }
        // Twice under way when its worker died: nobody takes it beside other work any more.
        assert!(matches!(try_claim(&bed.store, Queue::Live).await, Claim::Nothing));
        assert!(matches!(suspect(&bed.store).await, Claim::Job(job) if job.unsettled.is_some()));
        bed.clock.advance_s(PAST_LEASE_S);
        assert!(matches!(suspect(&bed.store).await, Claim::PutAside));
        assert!(matches!(try_claim(&bed.store, Queue::Live).await, Claim::Nothing));
        let dead = job(&bed.store, "n").await;
        assert_eq!((dead.state.as_str(), dead.attempts), ("dead", 3));
        assert!(dead.cause.as_deref().is_some_and(|c| c.contains("kills its worker")), "{dead:?}");
        // A person may want it all the same: then it is looked up, and has three tries again.
        assert!(retry(&bed.store, dead.id).await);
        assert!(claim_live(&bed.store).await.unsettled.is_some());
    });
}

#[test]
fn a_payload_that_this_program_cannot_read_is_put_aside_with_words() {
    for_each_store(async |bed: &Bed| {
        for key in ["newer", "broken", "good"] {
            add(&bed.store, &note(key, key)).await;
        }
        exec(&bed.store, "UPDATE job SET version = 2 WHERE action = 'newer'", vec![]).await;
        exec(&bed.store, "UPDATE job SET payload = '{' WHERE action = 'broken'", vec![]).await;
        for _ in 0..2 {
            assert!(matches!(try_claim(&bed.store, Queue::Live).await, Claim::PutAside));
        }
        assert_eq!(claim_live(&bed.store).await.key, "good");
        let newer = job(&bed.store, "newer").await;
        assert_eq!(newer.state, "dead");
        assert!(newer.cause.as_deref().is_some_and(|c| c.contains("version 2") && c.contains("newer program")));
        let broken = job(&bed.store, "broken").await;
        assert_eq!(broken.state, "dead");
        assert!(!broken.cause.as_deref().unwrap_or_default().contains("newer program"), "{:?}", broken.cause);
    });
}

async fn suspect(store: &crate::Store) -> Claim {
    store.write("claim", |tx| Box::pin(crate::jobs::claim_suspect(tx, "alone", TERMS))).await.unwrap()
}
