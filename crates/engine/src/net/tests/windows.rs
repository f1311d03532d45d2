//! Maintenance windows that we opened ourselves: they count for mails from when they were opened, whatever the mirror has seen, and no
//! longer than they are wanted.

use super::{Bed, on_a_bed};
use crate::bridges::laid_over;
use model::reference::{Kind, Thing};
use model::{Micros, Scope};
use store::own_windows::{self, Stands, Wanted};
use store::{StoreError, Tx, reference};

const HOUR_S: i64 = 3_600;

fn mirrored(id: &str, ends_at: Micros) -> Thing {
    Thing {
        kind: Kind::MaintenanceWindow,
        id: id.into(),
        name: "電源作業 [arayashiki 00ff]".into(),
        url: None,
        email: None,
        status: None,
        user: None,
        starts_at: None,
        ends_at: Some(ends_at),
        level: None,
        names: vec!["Shop".into()],
    }
}

/// Opened for an hour in PagerDuty.
async fn opened(tx: &mut Tx) -> Result<(), StoreError> {
    let (now, services) = (tx.now(), vec!["Shop".to_owned()]);
    let wanted = Wanted {
        id: "w",
        event: "e",
        rule: "work",
        customer: None,
        title: "電源作業",
        services: &services,
        starts_at: now,
        ends_at: now.plus_s(HOUR_S),
    };
    let version = own_windows::want(tx, &wanted).await?;
    let stands = Stands { pagerduty: "PW1".into(), names: services, ends_at: now.plus_s(HOUR_S) };
    own_windows::stands(tx, "w", version, &stands).await
}

/// What counts now: name and services of each.
async fn counts(bed: &Bed) -> Vec<(String, Vec<String>)> {
    bed.write(|tx| {
        Box::pin(async move {
            let all = reference::list(tx, &Scope::All, Kind::MaintenanceWindow).await?;
            let all = laid_over(tx, all).await?;
            Ok(all.into_iter().map(|one| (one.name, one.names)).collect())
        })
    })
    .await
}

fn ours() -> Vec<(String, Vec<String>)> {
    vec![("電源作業".into(), vec!["Shop".into()])]
}

async fn seen(bed: &Bed, after_s: i64) {
    bed.write(move |tx| {
        Box::pin(async move {
            let now = tx.now();
            reference::save(tx, &mirrored("PW1", now.plus_s(HOUR_S)), now.plus_s(after_s)).await
        })
    })
    .await;
}

#[test]
fn a_window_of_ours_counts_before_the_mirror_has_seen_it_and_under_its_own_name() {
    on_a_bed(async |bed| {
        bed.write(|tx| Box::pin(opened(tx))).await;
        assert_eq!(counts(bed).await, ours());
        seen(bed, -60).await;
        assert_eq!(counts(bed).await, ours(), "an older sight changes nothing");
        seen(bed, 60).await;
        assert_eq!(counts(bed).await, ours());
    });
}

#[test]
fn one_that_was_ended_counts_no_more_though_the_mirror_still_shows_it() {
    on_a_bed(async |bed| {
        bed.write(|tx| Box::pin(opened(tx))).await;
        seen(bed, -60).await;
        bed.write(|tx| Box::pin(async move { own_windows::unwant(tx, "w").await })).await;
        assert_eq!(counts(bed).await, [], "as soon as it is to end");
        bed.write(|tx| Box::pin(async move { own_windows::over(tx, "w").await })).await;
        assert_eq!(counts(bed).await, []);
    });
}

#[test]
fn one_that_somebody_ended_counts_no_more_and_theirs_always_do() {
    on_a_bed(async |bed| {
        bed.write(|tx| Box::pin(opened(tx))).await;
        bed.write(|tx| Box::pin(async move { own_windows::gone(tx, "w").await })).await;
        assert_eq!(counts(bed).await, []);
        bed.write(|tx| {
            Box::pin(async move {
                let now = tx.now();
                reference::save(tx, &Thing { name: "棚卸し".into(), ..mirrored("PW9", now.plus_s(60)) }, now).await
            })
        })
        .await;
        assert_eq!(counts(bed).await, [("棚卸し".to_owned(), vec!["Shop".to_owned()])]);
    });
}
