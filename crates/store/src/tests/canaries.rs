//! Which lost canary speaks against PagerDuty: one that it had taken, and none that our own side lost.

use super::bed::for_each_store;
use crate::canaries::{self, Step};
use model::Micros;

#[test]
fn a_canary_that_pagerduty_never_had_says_nothing_against_it() {
    for_each_store(async |bed| {
        let of = |id: &'static str, steps: &'static [Step], lost: Option<&'static str>| {
            bed.store.write("test", move |tx| {
                Box::pin(async move {
                    canaries::add(tx, id, "zbx", "").await?;
                    for step in steps {
                        canaries::passed(tx, id, *step, tx.now()).await?;
                    }
                    canaries::end(tx, id, None, lost).await?;
                    canaries::lost_since(tx, Micros(0)).await
                })
            })
        };
        for (id, steps) in [("relay", &[][..]), ("door", &[Step::Mailed]), ("event", &[Step::Mailed, Step::Received])] {
            assert_eq!(of(id, steps, Some("lost")).await.unwrap(), None, "{id}");
        }
        let taken = &[Step::Mailed, Step::Received, Step::Accepted];
        assert!(of("taken", taken, Some("lost")).await.unwrap().is_some());
    });
}
