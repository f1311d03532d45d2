//! Breakers: a destination that fails is left alone, its jobs keep their tries, and it is believed again once it works.

use super::bed::{Bed, for_each_store};
use super::words::*;
use crate::Store;
use crate::breakers::{self, Breaker};
use model::action::{Fault, Outcome, Queue};

async fn breaker(store: &Store, destination: &str) -> Option<Breaker> {
    let all = store.read(|tx| Box::pin(breakers::all(tx))).await.unwrap();
    all.into_iter().find(|b| b.destination == destination)
}

async fn fail(bed: &Bed, times: usize, outcome: impl Fn(model::Micros) -> Outcome) {
    for _ in 0..times {
        let job = claim_live(&bed.store).await;
        let at = now(&bed.store).await;
        finish(&bed.store, &job, outcome(at)).await.unwrap();
    }
}

async fn notes(bed: &Bed, most: usize) {
    for i in 0..most {
        add(&bed.store, &note(&format!("n{i}"), &format!("lane {i}"))).await;
    }
}

#[test]
fn three_faults_in_a_row_open_it_and_nothing_is_spent() {
    for_each_store(async |bed: &Bed| {
        notes(bed, 4).await;
        fail(bed, 2, |at| later(at, Fault::Destination)).await;
        assert_eq!(breaker(&bed.store, "pagerduty").await.unwrap().open_until, None);
        fail(bed, 1, |at| later(at, Fault::Destination)).await;
        let open = breaker(&bed.store, "pagerduty").await.unwrap();
        assert_eq!((open.failures, open.why.as_deref()), (3, Some("not now")));
        assert!(open.open_until.is_some() && open.opened_at.is_some());
        assert!(claim(&bed.store, Queue::Live).await.is_none(), "the destination is left alone");
        add(&bed.store, &page("p", "elsewhere")).await;
        assert_eq!(claim_live(&bed.store).await.key, "p", "another destination has its own breaker");
        assert_eq!(number(&bed.store, "SELECT CAST(sum(spent) AS BIGINT) FROM job").await, 0);
    });
}

#[test]
fn it_is_tried_again_after_its_pause_and_closes_on_success() {
    for_each_store(async |bed: &Bed| {
        notes(bed, 4).await;
        fail(bed, 3, |at| later(at, Fault::Destination)).await;
        bed.clock.advance_s(6);
        let job = claim_live(&bed.store).await;
        finish(&bed.store, &job, later(now(&bed.store).await, Fault::Destination)).await.unwrap();
        bed.clock.advance_s(6);
        assert!(claim(&bed.store, Queue::Live).await.is_none(), "the next pause is twice as long");
        bed.clock.advance_s(6);
        fail(bed, 1, |_| done()).await;
        let closed = breaker(&bed.store, "pagerduty").await.unwrap();
        assert_eq!((closed.failures, closed.open_until, closed.opened_at, closed.why), (0, None, None, None));
        fail(bed, 2, |at| later(at, Fault::Destination)).await;
        assert!(claim(&bed.store, Queue::Live).await.is_some(), "the count began anew");
    });
}

#[test]
fn its_pause_has_an_end() {
    for_each_store(async |bed: &Bed| {
        notes(bed, 1).await;
        for _ in 0..30 {
            fail(bed, 1, |at| later(at, Fault::Destination)).await;
            bed.clock.advance_s(302);
        }
        assert_eq!(breaker(&bed.store, "pagerduty").await.unwrap().failures, 30);
    });
}

#[test]
fn time_outs_count_and_limits_refusals_and_our_own_faults_do_not() {
    for_each_store(async |bed: &Bed| {
        notes(bed, 12).await;
        fail(bed, 4, |at| later(at, Fault::Limit)).await;
        fail(bed, 4, |at| later(at.plus_s(1_000), Fault::Ours)).await;
        fail(bed, 4, |_| Outcome::Never { why: "400".into() }).await;
        assert_eq!(breaker(&bed.store, "pagerduty").await, None);
        fail(bed, 3, |at| Outcome::Unknown { look_after: at, why: "time-out".into() }).await;
        assert!(breaker(&bed.store, "pagerduty").await.unwrap().open_until.is_some());
    });
}
