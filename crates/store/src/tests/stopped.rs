//! A worker that is stopped past its lease, and goes on as if nothing had happened.

use super::bed::{Bed, for_each_store};
use super::child::{Child, Job};
use super::words::*;

/// Gives the stopped worker's last word and how the job's tries ended.
async fn stopped_past_its_lease(bed: &Bed, sabotage: &str) -> (String, Vec<String>) {
    add(&bed.store, &note("n", "lane")).await;
    let mut child = Child::start(&Job { sabotage: sabotage.to_owned(), ..Job::new("claim", &bed.place) });
    assert_eq!(child.says(), "claimed");
    child.stop();
    // It will read this only when it goes on: the stop is what makes it late.
    child.tell("go");
    assert!(claim(&bed.store, model::action::Queue::Live).await.is_none(), "its lease is still good");
    bed.clock.advance_s(PAST_LEASE_S);
    let job = claim_live(&bed.store).await;
    assert!(job.unsettled.is_some(), "nobody knows what the stopped worker did");
    finish(&bed.store, &job, done()).await.unwrap();
    child.go_on();
    let word = child.says();
    assert!(child.end().success());
    (word, tries(&bed.store, job.id).await)
}

#[test]
fn a_stopped_workers_late_word_is_refused() {
    for_each_store(async |bed: &Bed| {
        let (word, tries) = stopped_past_its_lease(bed, "").await;
        assert_eq!(word, "lease lost");
        assert_eq!(tries, ["open", "done"]);
        assert_eq!(job(&bed.store, "n").await.state, "done");
    });
}

#[test]
fn the_check_notices_a_store_that_does_not_look_at_the_token() {
    for_each_store(async |bed: &Bed| {
        let (word, _) = stopped_past_its_lease(bed, "no_token_check").await;
        assert_eq!(word, "finished", "without the token nothing holds the late worker back");
    });
}
