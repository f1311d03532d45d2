//! Maintenance windows that we opened ourselves: they count for mails from when they were opened, whatever the mirror has seen, and no
//! longer than they are wanted.

use super::{Bed, on_a_bed};
use crate::bridges::calendar::{Calendar, Reads};
use crate::bridges::laid_over;
use crate::bridges::windows::{tick, unwant};
use duties::Mode;
use duties::calendar::{CloseWhy, Window};
use model::calendar::CalendarEvent;
use model::reference::{Kind, Thing};
use model::{Micros, Scope};
use store::own_windows::{self, Stands, Wanted};
use store::{StoreError, Tx, jobs, reference};

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
        bed.write(|tx| Box::pin(async move { own_windows::over(tx, "w", 2).await })).await;
        assert_eq!(counts(bed).await, []);
    });
}

#[test]
fn one_that_somebody_ended_counts_no_more_and_theirs_always_do() {
    on_a_bed(async |bed| {
        bed.write(|tx| Box::pin(opened(tx))).await;
        bed.write(|tx| Box::pin(async move { own_windows::gone(tx, "w", 1).await })).await;
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

#[test]
fn one_that_is_to_end_keeps_back_no_page_though_the_mirror_has_seen_it_since() {
    on_a_bed(async |bed| {
        bed.write(|tx| Box::pin(opened(tx))).await;
        seen(bed, 60).await;
        bed.write(|tx| Box::pin(async move { own_windows::unwant(tx, "w").await })).await;
        assert_eq!(counts(bed).await, []);
    });
}

/// The window "ops/ev1/work#1", wanted from now for so long; gives its version.
async fn wanted(bed: &Bed, ends_in_s: i64) -> i64 {
    bed.write(move |tx| {
        Box::pin(async move {
            let (now, services) = (tx.now(), vec!["Shop".to_owned()]);
            let wanted = Wanted {
                id: "ops/ev1/work#1",
                event: "ops/ev1",
                rule: "work",
                customer: None,
                title: "電源作業",
                services: &services,
                starts_at: now,
                ends_at: now.plus_s(ends_in_s),
            };
            own_windows::want(tx, &wanted).await
        })
    })
    .await
}

async fn shown(bed: &Bed, version: i64, ends_in_s: i64) {
    bed.write(move |tx| {
        Box::pin(async move {
            let ends_at = tx.now().plus_s(ends_in_s);
            let stands = Stands { pagerduty: "PW1".into(), names: vec!["Shop".into()], ends_at };
            own_windows::stands(tx, "ops/ev1/work#1", version, &stands).await
        })
    })
    .await;
}

/// Its event is over by the clock: whether nothing more is to be done for it, and how many jobs are.
async fn ended_by_the_clock(bed: &Bed) -> (bool, usize) {
    bed.write(|tx| {
        Box::pin(async move {
            let now = tx.now();
            let calendar = Calendar { name: "ops".into(), customer: None, google_id: None, reads: Reads::Events };
            let event = CalendarEvent { id: "ops/ev1".into(), calendar: "ops".into(), ..CalendarEvent::default() };
            let window = Window {
                key: "work#1".into(),
                rule: "work".into(),
                services: vec!["Shop".into()],
                starts_at: now,
                ends_at: now,
                mode: Mode::Page,
                channel: None,
            };
            unwant(tx, &calendar, &event, (&window, CloseWhy::Over)).await?;
            let own = own_windows::get(tx, "ops/ev1/work#1").await?;
            let is_over = own.is_some_and(|own| own.over_at.is_some());
            Ok((is_over, usize::from(jobs::is_live(tx, "window:ops/ev1/work#1").await?)))
        })
    })
    .await
}

#[test]
fn one_that_ends_by_the_clock_is_left_to_it_only_if_pagerduty_was_told_of_that_end() {
    on_a_bed(async |bed| {
        let first = wanted(bed, HOUR_S).await;
        shown(bed, first, HOUR_S).await;
        assert_eq!(ended_by_the_clock(bed).await, (true, 0));
    });
    on_a_bed(async |bed| {
        let first = wanted(bed, HOUR_S).await;
        shown(bed, first, HOUR_S).await;
        wanted(bed, 60).await;
        assert_eq!(ended_by_the_clock(bed).await, (false, 1), "shortened, and that was not told yet");
    });
    on_a_bed(async |bed| {
        wanted(bed, HOUR_S).await;
        assert_eq!(ended_by_the_clock(bed).await, (false, 1), "never opened");
    });
}

#[test]
fn one_that_should_have_begun_and_does_not_stand_is_told_once() {
    let trouble = async |bed: &Bed| {
        let settings = bed.settings.clone();
        bed.write(move |tx| {
            Box::pin(async move {
                tick(tx, &settings).await?;
                Ok(own_windows::get(tx, "ops/ev1/work#1").await?.and_then(|own| own.trouble))
            })
        })
        .await
    };
    on_a_bed(async |bed| {
        let version = wanted(bed, HOUR_S).await;
        assert_eq!(trouble(bed).await, None, "it may be on its way");
        bed.clock.advance_s(61);
        let told = trouble(bed).await;
        assert_eq!(told.as_deref(), Some(r#"{"cause":"not_yet"}"#));
        shown(bed, version, HOUR_S).await;
        assert_eq!(trouble(bed).await, None, "it stands");
    });
}
