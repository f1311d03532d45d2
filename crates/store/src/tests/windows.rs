//! Channels of pushes and maintenance windows of ours, on both databases.

use super::bed::{Bed, for_each_store};
use crate::own_windows::{self, Stands, Wanted};
use crate::{Tx, push_channels};
use model::{Micros, Scope};

async fn write<T: Send + 'static>(
    bed: &Bed,
    unit: impl for<'a> Fn(&'a mut Tx) -> crate::Unit<'a, T> + Send + Sync + 'static,
) -> T {
    bed.store.write("test", unit).await.unwrap()
}

#[test]
fn a_channel_whose_answer_was_lost_is_known_by_what_comes_by_it() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let until = tx.now().plus_s(3_600);
                push_channels::add(tx, "c1", "promises", "g", "https://ops.example.jp/x").await?;
                push_channels::heard(tx, "c1", Some("r1"), Some(until)).await?;
                push_channels::heard(tx, "c1", Some("r2"), None).await?;
                let one = push_channels::get(tx, "c1").await?.unwrap();
                assert_eq!((one.resource_id.as_deref(), one.expires_at), (Some("r1"), Some(until)));
                push_channels::opened(tx, "c1", "r1", until.plus_s(1)).await?;
                push_channels::add(tx, "c2", "promises", "g", "a").await?;
                push_channels::failed(tx, "c2", "refused", true).await?;
                push_channels::add(tx, "c3", "promises", "g", "a").await?;
                push_channels::failed(tx, "c3", "lost", false).await?;
                let all = push_channels::list(tx, &Scope::All).await?;
                let stopped: Vec<bool> = all.iter().map(|one| one.stopped_at.is_some()).collect();
                assert_eq!(stopped, [false, true, false], "only what was refused never was");
                push_channels::forgive(tx).await?;
                assert_eq!(push_channels::list(tx, &Scope::All).await?.len(), 2, "a lost one stays known");
                push_channels::forget(tx, until.plus_s(2), tx.now()).await?;
                assert_eq!(push_channels::list(tx, &Scope::All).await?.len(), 1, "one that ended is forgotten");
                push_channels::forget(tx, Micros(0), tx.now().plus_s(1)).await?;
                assert!(push_channels::list(tx, &Scope::All).await?.is_empty());
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn a_window_keeps_what_is_wanted_apart_from_what_stands_there() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let now = tx.now();
                let services = vec!["Shop".to_owned()];
                let wanted = Wanted {
                    id: "w",
                    event: "e",
                    rule: "work",
                    customer: Some("minato"),
                    title: "電源工事",
                    services: &services,
                    starts_at: now,
                    ends_at: now.plus_s(600),
                };
                assert_eq!(own_windows::want(tx, &wanted).await?, 1);
                own_windows::begin(tx, "w").await?;
                let stands = Stands { pagerduty: "PW1".into(), names: services.clone(), ends_at: now.plus_s(600) };
                own_windows::stands(tx, "w", 1, &stands).await?;
                assert_eq!(own_windows::want(tx, &Wanted { ends_at: now.plus_s(900), ..wanted }).await?, 2);
                let one = own_windows::get(tx, "w").await?.unwrap();
                assert_eq!((one.wanted, one.shown, one.is_wanted, one.begun_at), (2, 1, true, Some(now)));
                assert_eq!((one.ends_at, one.shown_ends_at), (now.plus_s(900), Some(now.plus_s(600))));
                assert_eq!(own_windows::told(tx, now.plus_s(899)).await?.len(), 1);
                assert!(own_windows::told(tx, now.plus_s(900)).await?.is_empty());
                assert!(own_windows::troubled(tx, "w", "no").await? && !own_windows::troubled(tx, "w", "no").await?);
                assert!(own_windows::look(tx, "w", now).await? && !own_windows::look(tx, "w", now).await?);
                let other = Scope::Customers(vec!["hoshino".to_owned()]);
                assert!(own_windows::list_of_event(tx, &other, "e").await?.is_empty());
                assert_eq!(own_windows::unwant(tx, "w").await?, Some(3));
                assert!(!own_windows::gone(tx, "w", 2).await?, "another is wanted since");
                assert!(own_windows::gone(tx, "w", 3).await? && !own_windows::gone(tx, "w", 3).await?);
                assert_eq!(own_windows::unwant(tx, "w").await?, None, "it is over");
                assert!(!own_windows::over(tx, "w", 3).await?);
                assert_eq!(own_windows::forget(tx, now.plus_s(900), 9).await?, 0);
                assert_eq!(own_windows::forget(tx, now.plus_s(901), 9).await?, 1);
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn what_is_wanted_while_an_older_wish_is_ended_stays_wanted_and_another_is_opened() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let now = tx.now();
                let services = vec!["Shop".to_owned()];
                let wanted = Wanted {
                    id: "w",
                    event: "e",
                    rule: "work",
                    customer: None,
                    title: "電源工事",
                    services: &services,
                    starts_at: now.plus_s(-60),
                    ends_at: now.plus_s(600),
                };
                own_windows::want(tx, &wanted).await?;
                assert_eq!(own_windows::unopened(tx, now).await?.len(), 1);
                assert!(own_windows::unopened(tx, now.plus_s(-1)).await?.is_empty(), "made a moment ago");
                let stands = Stands { pagerduty: "PW1".into(), names: services.clone(), ends_at: now.plus_s(600) };
                own_windows::stands(tx, "w", 1, &stands).await?;
                assert!(own_windows::unopened(tx, now).await?.is_empty());
                own_windows::unwant(tx, "w").await?;
                assert_eq!(own_windows::want(tx, &wanted).await?, 3);
                assert!(!own_windows::over(tx, "w", 2).await?);
                own_windows::ended(tx, "w").await?;
                let one = own_windows::get(tx, "w").await?.unwrap();
                assert_eq!((one.over_at, one.pagerduty, one.shown_ends_at, one.begun_at), (None, None, None, None));
                assert!(own_windows::over(tx, "w", 3).await?);
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn a_window_is_in_trouble_until_it_stands_or_is_over_and_for_good_if_its_time_went_by_without_it() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let now = tx.now();
                let services = vec!["Shop".to_owned()];
                let wanted = |id, ends_at| Wanted {
                    id,
                    event: id,
                    rule: "work",
                    customer: Some("minato"),
                    title: "電源工事",
                    services: &services,
                    starts_at: now.plus_s(-60),
                    ends_at,
                };
                let stands = Stands { pagerduty: "PW1".into(), names: services.clone(), ends_at: now.plus_s(600) };
                for (id, ends_at) in [("good", now), ("bad", now), ("missed", now), ("called off", now.plus_s(600))] {
                    own_windows::want(tx, &wanted(id, ends_at)).await?;
                    own_windows::troubled(tx, id, "refused").await?;
                }
                own_windows::stands(tx, "good", 1, &stands).await?;
                own_windows::over(tx, "missed", 1).await?;
                own_windows::over(tx, "called off", 1).await?;
                let all = ["good", "bad", "missed", "called off", "no such"];
                let troubled = own_windows::troubled_events(tx, &Scope::All, &all).await?;
                assert_eq!(troubled.iter().map(String::as_str).collect::<Vec<_>>(), ["bad", "missed"]);
                let some = own_windows::troubled_events(tx, &Scope::All, &["good", "missed"]).await?;
                assert_eq!(some.len(), 1);
                let other = Scope::Customers(vec!["hoshino".to_owned()]);
                assert!(own_windows::troubled_events(tx, &other, &all).await?.is_empty());
                assert!(own_windows::troubled_events(tx, &Scope::All, &[]).await?.is_empty());
                Ok(())
            })
        })
        .await;
    });
}
