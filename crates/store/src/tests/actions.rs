//! Actions: an identity that is unique for ever.

use super::bed::{Bed, for_each_store};
use super::child::{Child, Job};
use super::words::*;
use crate::actions::{self, Doing};
use futures_util::future::join_all;
use model::action::Queue;

#[test]
fn deciding_the_same_twice_makes_one_job() {
    for_each_store(async |bed: &Bed| {
        assert!(add(&bed.store, &note("k", "lane")).await);
        assert!(!add(&bed.store, &note("k", "lane")).await);
        let job = claim_live(&bed.store).await;
        finish(&bed.store, &job, done()).await.unwrap();
        assert!(!add(&bed.store, &note("k", "lane")).await, "also after it was done");
        assert!(claim(&bed.store, Queue::Live).await.is_none());
        assert_eq!(number(&bed.store, "SELECT count(*) FROM job").await, 1);
    });
}

#[test]
fn two_processes_deciding_the_same_at_once_make_one_job() {
    for_each_store(async |bed: &Bed| {
        let another = bed.another();
        for round in 0..20 {
            let action = note(&format!("k{round}"), "lane");
            let stores = [&bed.store, &another, &bed.store, &another];
            let added = join_all(stores.map(|store| add(store, &action))).await;
            assert_eq!(added.iter().filter(|new| **new).count(), 1, "round {round}");
        }
        assert_eq!(number(&bed.store, "SELECT count(*) FROM job").await, 20);
        another.close().await;
    });
}

#[test]
fn an_observed_action_is_shown_and_makes_no_job() {
    for_each_store(async |bed: &Bed| {
        let action = note("k", "Q1");
        let observed = bed
            .store
            .write("decide", move |tx| Box::pin(async move { actions::add(tx, &action, Doing::Observed).await }));
        assert!(observed.await.unwrap());
        assert!(!add(&bed.store, &note("k", "Q1")).await, "its key is taken all the same");
        assert_eq!(number(&bed.store, "SELECT count(*) FROM job").await, 0);
        let shown = bed.store.read(|tx| Box::pin(actions::observed(tx, "Q1"))).await.unwrap();
        assert_eq!(shown.len(), 1);
        assert_eq!((shown[0].1.as_str(), shown[0].2.as_str()), ("mirror", "because of k"));
    });
}

#[test]
fn the_check_notices_a_store_without_action_keys() {
    for_each_store(async |bed: &Bed| {
        let mut child =
            Child::start(&Job { sabotage: "no_action_key".to_owned(), ..Job::new("decide twice", &bed.place) });
        assert_eq!(child.says(), "true true");
        assert!(child.end().success());
        assert_eq!(number(&bed.store, "SELECT count(*) FROM job").await, 2);
    });
}
