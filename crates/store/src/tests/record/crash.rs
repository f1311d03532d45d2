//! The sequencer dies at each of its points: what was written is entered once, and nothing twice.

use super::*;
use crate::faults;
use crate::tests::bed::for_each_store;
use crate::tests::child::{Child, Job};
use std::os::unix::process::ExitStatusExt;

const SIGABRT: i32 = 6;
const ROWS: i64 = 40;

#[test]
fn nothing_is_entered_twice_and_nothing_left_out_after_a_crash_at_any_point() {
    let units = ["record.", "checkpoint."];
    let points = || faults::POINTS.iter().filter(|point| units.iter().any(|unit| point.starts_with(unit)));
    assert!(points().count() >= 5);
    for point in points() {
        for_each_store(async |bed: &Bed| {
            add_capsules(&bed.store, 0..ROWS).await;
            for nth in [1, 2] {
                let job = Job { point: format!("{point}:{nth}"), ..Job::new("sequence", &bed.place) };
                let mut child = Child::start(&job);
                assert_eq!(child.end().signal(), Some(SIGABRT), "{point} was not hit");
                act(&bed.store, "after a crash").await;
            }
            while sequence(&bed.store, 100).await > 0 {}
            checkpoint(&bed.store, 1, Due { entries: 1, after_s: 0 }).await;
            let verdict = verify(&bed.store).await;
            assert!(verdict.is_whole(), "{point}: {:#?}", verdict.faults);
            assert_eq!(verdict.counts.by_kind[kind::CAPSULE], ROWS as u64, "{point}");
            let acts = number(&bed.store, "SELECT count(*) FROM audit").await;
            assert_eq!(verdict.counts.by_kind[kind::AUDIT], acts as u64, "{point}");
            assert_eq!(number(&bed.store, "SELECT count(*) FROM chain_waiting WHERE kind <> 'checkpoint'").await, 0);
        });
    }
}

/// What the child does until it dies.
pub async fn until_it_dies(store: &Store) {
    for _ in 0..100 {
        sequence(store, 5).await;
        checkpoint(store, 1, AT_ONCE).await;
        act(store, "more").await;
    }
}
