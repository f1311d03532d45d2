//! Clocks that jump an hour between a claim and its end: nothing is lost, and nothing runs twice unawares.

use super::bed::{Bed, for_each_store};
use super::words::*;
use crate::StoreError;
use model::action::Queue;

const HOUR_S: i64 = 3_600;

#[test]
fn a_jump_forward_hands_the_job_on_in_doubt_and_refuses_the_first() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("n", "lane")).await;
        let first = claim_live(&bed.store).await;
        bed.clock.advance_s(HOUR_S);
        let second = claim_live(&bed.store).await;
        assert!(second.unsettled.is_some(), "it must look before it sends");
        assert!(matches!(finish(&bed.store, &first, done()).await, Err(StoreError::LeaseLost(_))));
        finish(&bed.store, &second, done()).await.unwrap();
        assert_eq!(tries(&bed.store, first.id).await, ["open", "done"]);
    });
}

#[test]
fn a_jump_back_leaves_the_job_with_its_worker() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("n", "lane")).await;
        let first = claim_live(&bed.store).await;
        bed.clock.advance_s(-HOUR_S);
        assert!(claim(&bed.store, Queue::Live).await.is_none());
        add(&bed.store, &note("after the jump", "elsewhere")).await;
        assert_eq!(claim_live(&bed.store).await.key, "after the jump");
        finish(&bed.store, &first, done()).await.unwrap();
        assert_eq!(job(&bed.store, "n").await.state, "done");
    });
}

#[test]
fn nothing_is_lost_or_done_twice_while_the_clock_jumps_to_and_fro() {
    for_each_store(async |bed: &Bed| {
        for (i, jump_s) in [HOUR_S, -HOUR_S, -HOUR_S, HOUR_S, 2 * HOUR_S, -HOUR_S].into_iter().enumerate() {
            bed.store.accept(signal(i as u64)).await.unwrap();
            add(&bed.store, &note(&format!("n{i}"), &format!("lane {i}"))).await;
            let due = now(&bed.store).await;
            let key = format!("t{i}");
            let set = bed.store.write("test", move |tx| {
                Box::pin(async move { crate::timers::set(tx, &key, "guard", "s", due, true, "{}").await })
            });
            set.await.unwrap();
            bed.clock.advance_s(jump_s);
            if let Some(job) = claim(&bed.store, Queue::Live).await {
                bed.clock.advance_s(-jump_s);
                finish(&bed.store, &job, done()).await.unwrap();
                bed.clock.advance_s(jump_s);
            }
        }
        bed.clock.advance_s(3 * HOUR_S);
        while let Some(job) = claim(&bed.store, Queue::Live).await {
            finish(&bed.store, &job, done()).await.unwrap();
        }
        let fired = bed.store.write("timers", |tx| Box::pin(crate::timers::fire(tx, false, 100))).await.unwrap();
        assert_eq!(fired, 6);
        assert_eq!(number(&bed.store, "SELECT count(*) FROM job WHERE state = 'done'").await, 6);
        assert_eq!(number(&bed.store, "SELECT count(*) FROM attempt").await, 6);
        assert_eq!((account(&bed.store).await.rows, account(&bed.store).await.lost()), (12, 0));
    });
}
