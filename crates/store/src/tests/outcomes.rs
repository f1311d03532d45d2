//! What each outcome makes of a job, and what a person can still do about it.

use super::bed::{Bed, for_each_store};
use super::words::*;
use crate::actions::Doing;
use model::Micros;
use model::action::{Action, Fault, Outcome, Queue};

/// (name, outcome, job's state, try's outcome, spent, due in seconds or now, ended)
type Case = (&'static str, Outcome, &'static str, &'static str, i64, i64, bool);

fn cases(now: Micros) -> Vec<Case> {
    let at = now.plus_s(600);
    let why = || "words".to_owned();
    vec![
        ("done", Outcome::Done { external: Some("Q1".into()) }, "done", "done", 0, 0, true),
        ("theirs", later(at, Fault::Destination), "ready", "later", 0, 600, false),
        ("limit", later(at, Fault::Limit), "ready", "later", 0, 600, false),
        ("ours", later(at, Fault::Ours), "ready", "later", 1, 600, false),
        ("never", Outcome::Never { why: why() }, "dead", "never", 0, 0, true),
        ("unknown", Outcome::Unknown { look_after: at, why: why() }, "ready", "unknown", 0, 600, false),
        ("human", Outcome::Human { why: why() }, "human", "human", 0, 0, true),
        ("skipped", Outcome::Skipped { why: why() }, "skipped", "skipped", 0, 0, true),
    ]
}

#[test]
fn every_outcome_has_its_state() {
    for_each_store(async |bed: &Bed| {
        let start = now(&bed.store).await;
        for (name, outcome, state, tried, spent, due_s, ended) in cases(start) {
            add(&bed.store, &note(name, name)).await;
            let claimed = claim_live(&bed.store).await;
            finish(&bed.store, &claimed, outcome.clone()).await.unwrap();
            let job = job(&bed.store, name).await;
            assert_eq!((job.state.as_str(), job.spent, job.ended_at.is_some()), (state, spent, ended), "{name}");
            assert_eq!(tries(&bed.store, job.id).await, [tried], "{name}");
            if due_s > 0 {
                assert_eq!(job.due, start.plus_s(due_s), "{name}");
            }
            assert_eq!(job.cause.is_some(), name != "done", "{name}: {:?}", job.cause);
        }
        let external = "SELECT external FROM attempt WHERE external IS NOT NULL";
        assert_eq!(texts(&bed.store, external, vec![]).await, ["Q1"]);
        let looked = number(&bed.store, "SELECT look_after FROM attempt WHERE outcome = 'unknown'").await;
        assert_eq!(looked, start.plus_s(600).0);
        let leases = "SELECT count(*) FROM job WHERE state <> 'leased' AND lease_until IS NOT NULL";
        assert_eq!(number(&bed.store, leases).await, 0);
    });
}

#[test]
fn a_job_is_untried_until_a_try_of_it_has_ended() {
    for_each_store(async |bed: &Bed| {
        let is_untried = async || bed.store.read(|tx| Box::pin(crate::jobs::is_untried(tx, "a"))).await.unwrap();
        assert!(!is_untried().await, "there is none");
        add(&bed.store, &note("first", "a")).await;
        assert!(is_untried().await);
        let claimed = claim_live(&bed.store).await;
        assert!(is_untried().await, "under way is not told");
        finish(&bed.store, &claimed, later(now(&bed.store).await, Fault::Destination)).await.unwrap();
        assert!(!is_untried().await);
        let claimed = claim_live(&bed.store).await;
        finish(&bed.store, &claimed, Outcome::Done { external: None }).await.unwrap();
        assert!(!is_untried().await, "it is at an end");
    });
}

#[test]
fn our_own_faults_are_spent_up_and_theirs_never() {
    for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("ours", "a")).await;
        for spent in 0..8 {
            let job = claim_live(&bed.store).await;
            assert_eq!(job.spent, spent);
            finish(&bed.store, &job, later(now(&bed.store).await, Fault::Ours)).await.unwrap();
        }
        let dead = job(&bed.store, "ours").await;
        assert_eq!((dead.state.as_str(), dead.attempts), ("dead", 8));
        assert!(dead.cause.as_deref().is_some_and(|c| c.contains("gave up after 8") && c.contains("not now")));

        add(&bed.store, &note("theirs", "b")).await;
        for _ in 0..12 {
            let job = claim_live(&bed.store).await;
            finish(&bed.store, &job, later(now(&bed.store).await, Fault::Destination)).await.unwrap();
            bed.clock.advance_s(301);
        }
        let waits = job(&bed.store, "theirs").await;
        assert_eq!((waits.state.as_str(), waits.spent, waits.attempts), ("ready", 0, 12));
    });
}

#[test]
fn what_is_at_an_end_can_be_tried_again_and_nothing_else() {
    for_each_store(async |bed: &Bed| {
        let too_late = now(&bed.store).await.plus_s(5);
        for (key, outcome) in [
            ("dead", Outcome::Never { why: "gone".into() }),
            ("skipped", Outcome::Skipped { why: "too late".into() }),
            ("human", Outcome::Human { why: "look".into() }),
        ] {
            add(&bed.store, &Action { not_after: Some(too_late), ..note(key, key) }).await;
            let job = claim_live(&bed.store).await;
            assert_eq!(job.action.not_after, Some(too_late));
            finish(&bed.store, &job, outcome).await.unwrap();
            assert!(claim(&bed.store, Queue::Live).await.is_none(), "{key} is at an end");
            assert!(retry(&bed.store, job.id).await, "{key}");
            assert!(!retry(&bed.store, job.id).await, "{key} is ready already");
            let again = claim_live(&bed.store).await;
            assert_eq!((again.id, again.spent, again.unsettled), (job.id, 0, None), "{key}");
            assert_eq!(again.action.not_after, None, "{key}: a person wants it although it is late");
            assert!(!retry(&bed.store, job.id).await, "{key} is leased");
            finish(&bed.store, &again, done()).await.unwrap();
            assert!(!retry(&bed.store, job.id).await, "{key} is done");
        }
    });
}

#[test]
fn counts_by_state_and_lists_agree() {
    for_each_store(async |bed: &Bed| {
        for key in ["a", "b", "c"] {
            add(&bed.store, &note(key, key)).await;
        }
        let job = claim_live(&bed.store).await;
        finish(&bed.store, &job, Outcome::Never { why: "gone".into() }).await.unwrap();
        let scope = model::Scope::All;
        let all = scope.clone();
        let counts = bed.store.read(move |tx| Box::pin(async move { crate::jobs::count_by_state(tx, &all).await }));
        assert_eq!(counts.await.unwrap(), [("dead".to_owned(), 1), ("ready".to_owned(), 2)]);
        let listed = bed
            .store
            .read(move |tx| Box::pin(async move { crate::jobs::list(tx, &scope, &["dead", "done"], None, 10).await }));
        let listed = listed.await.unwrap();
        assert_eq!(listed.iter().map(|j| j.key.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!((listed[0].effect.as_str(), listed[0].attempts), ("note", 1));
        assert_eq!(account(&bed.store).await.dead, 1);
    });
}

#[test]
fn a_waiting_job_of_a_lane_is_known() {
    for_each_store(async |bed: &Bed| {
        let is_ready = async || bed.store.read(|tx| Box::pin(crate::jobs::is_ready(tx, "lane"))).await.unwrap();
        assert!(!is_ready().await);
        let observed = note("observed", "lane");
        let add_observed = bed.store.write("decide", move |tx| {
            Box::pin(async move { crate::actions::add(tx, &observed, Doing::Observed).await })
        });
        assert!(add_observed.await.unwrap());
        assert!(!is_ready().await, "an observed action has no job");
        add(&bed.store, &note("n", "lane")).await;
        assert!(is_ready().await);
        let _begun = claim_live(&bed.store).await;
        assert!(!is_ready().await, "one that has begun no longer waits");
    });
}
