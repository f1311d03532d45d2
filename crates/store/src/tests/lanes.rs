//! Which job comes next: lanes, priorities, dues, and turns of the customers.

use super::bed::{Bed, for_each_store, on_sqlite};
use super::words::*;
use futures_util::future::{join_all, join3};
use model::action::{Action, Outcome, Queue};

#[test]
fn only_the_oldest_live_job_of_a_lane_is_claimed() {
    for_each_store(async |bed: &Bed| {
        for key in ["first", "second", "third"] {
            add(&bed.store, &note(key, "lane")).await;
        }
        add(&bed.store, &note("elsewhere", "another lane")).await;
        let first = claim_live(&bed.store).await;
        assert_eq!(first.key, "first");
        assert_eq!(claim_live(&bed.store).await.key, "elsewhere");
        assert!(claim(&bed.store, Queue::Live).await.is_none(), "the lane is taken");
        finish(&bed.store, &first, later(now(&bed.store).await.plus_s(60), model::action::Fault::Ours)).await.unwrap();
        assert!(claim(&bed.store, Queue::Live).await.is_none(), "the first still waits, and the second behind it");
        bed.clock.advance_s(61);
        let first = loop_until(bed, "first").await;
        finish(&bed.store, &first, done()).await.unwrap();
        assert_eq!(claim_live(&bed.store).await.key, "second");
    });
}

/// Claims until this key comes up; what else is claimed on the way is done.
async fn loop_until(bed: &Bed, key: &str) -> crate::jobs::Claimed {
    loop {
        let job = claim_live(&bed.store).await;
        if job.key == key {
            return job;
        }
        finish(&bed.store, &job, done()).await.unwrap();
    }
}

#[test]
fn a_dead_job_frees_its_lane_unless_it_blocks() {
    for_each_store(async |bed: &Bed| {
        for key in ["free 1", "blocked 1", "free 2", "blocked 2"] {
            add(&bed.store, &note(key, &key[..4])).await;
        }
        let blocks = "UPDATE job SET blocking = 1 WHERE action = 'blocked 1'";
        exec(&bed.store, blocks, vec![]).await;
        for _ in 0..2 {
            let job = claim_live(&bed.store).await;
            finish(&bed.store, &job, Outcome::Never { why: "gone".into() }).await.unwrap();
        }
        assert_eq!(claim_live(&bed.store).await.key, "free 2");
        assert!(claim(&bed.store, Queue::Live).await.is_none());
    });
}

#[test]
fn a_job_that_waits_for_a_person_holds_its_lane() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("1", "lane")).await;
        add(&bed.store, &note("2", "lane")).await;
        let job = claim_live(&bed.store).await;
        finish(&bed.store, &job, Outcome::Human { why: "look".into() }).await.unwrap();
        assert!(claim(&bed.store, Queue::Live).await.is_none());
    });
}

#[test]
fn a_retried_job_never_runs_beside_another_of_its_lane() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("1", "lane")).await;
        add(&bed.store, &note("2", "lane")).await;
        let first = claim_live(&bed.store).await;
        finish(&bed.store, &first, Outcome::Never { why: "gone".into() }).await.unwrap();
        let second = claim_live(&bed.store).await;
        assert!(retry(&bed.store, first.id).await);
        assert!(claim(&bed.store, Queue::Live).await.is_none(), "the second still runs");
        // Its worker is dead: the lane must not be stuck for ever between the two.
        bed.clock.advance_s(PAST_LEASE_S);
        let again = claim_live(&bed.store).await;
        assert_eq!(again.key, "1");
        finish(&bed.store, &again, done()).await.unwrap();
        assert_eq!(claim_live(&bed.store).await.key, second.key);
    });
}

#[test]
fn priority_comes_first_and_then_what_is_due_longest() {
    for_each_store(async |bed: &Bed| {
        let start = now(&bed.store).await;
        let at = |action: Action, s: i64| Action { not_before: Some(start.plus_s(s)), ..action };
        add(&bed.store, &at(note("note at 40", "a"), 40)).await;
        add(&bed.store, &at(note("note at 20", "b"), 20)).await;
        add(&bed.store, &at(page("page at 30", "c"), 30)).await;
        add(&bed.store, &at(page("page at 90", "d"), 90)).await;
        assert!(claim(&bed.store, Queue::Live).await.is_none(), "nothing is due");
        bed.clock.advance_s(60);
        let mut order = Vec::new();
        while let Some(job) = claim(&bed.store, Queue::Live).await {
            order.push(job.key);
        }
        assert_eq!(order, ["page at 30", "note at 20", "note at 40"]);
    });
}

#[test]
fn a_queue_sees_its_own_jobs_only() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &bulk("history", "acme")).await;
        assert!(claim(&bed.store, Queue::Live).await.is_none());
        assert!(claim(&bed.store, Queue::Read).await.is_none());
        assert_eq!(claim(&bed.store, Queue::Bulk).await.unwrap().key, "history");
    });
}

async fn three_customers(bed: &Bed) {
    for (key, customer) in
        [("a1", "a"), ("a2", "a"), ("a3", "a"), ("a4", "a"), ("b1", "b"), ("b2", "b"), ("c1", "c"), ("a5", "a")]
    {
        add(&bed.store, &bulk(key, customer)).await;
    }
}

const IN_TURN: [&str; 8] = ["a1", "b1", "c1", "a2", "b2", "a3", "a4", "a5"];

#[test]
fn bulk_serves_the_customers_in_turn() {
    for_each_store(async |bed: &Bed| {
        three_customers(bed).await;
        let mut order = Vec::new();
        while let Some(job) = claim(&bed.store, Queue::Bulk).await {
            order.push(job.key);
        }
        assert_eq!(order, IN_TURN);
    });
}

#[test]
fn bulk_serves_the_customers_in_turn_within_one_commit_too() {
    on_sqlite(async |bed: &Bed| {
        three_customers(bed).await;
        let (go, held) = std::sync::mpsc::channel::<()>();
        let hold = bed.store.write("hold", move |_| Box::pin(async move { Ok(held.recv().is_ok()) }));
        let claims = join_all((0..8).map(|_| claim(&bed.store, Queue::Bulk)));
        let (held, claimed, ()) = join3(hold, claims, async move { go.send(()).unwrap() }).await;
        assert!(held.unwrap());
        let order: Vec<String> = claimed.into_iter().map(|job| job.unwrap().key).collect();
        assert_eq!(order, IN_TURN);
    });
}
