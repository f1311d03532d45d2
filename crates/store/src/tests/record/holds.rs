//! Retention and holds: outputs go when their time is over and nobody holds them; that they went is in the record.

use super::*;
use crate::holds::{self, Of};
use crate::tests::bed::for_each_store;

async fn due(store: &Store) -> Vec<String> {
    let read = store.read(|tx| Box::pin(capsules::expired(tx, Micros(8_000_000), 100)));
    read.await.unwrap().into_iter().map(|capsule| capsule.id.0).collect()
}

async fn hold(store: &Store, id: &'static str, what: (Of, &'static str), customer: Option<&'static str>) -> bool {
    store.write("test", move |tx| Box::pin(holds::set(tx, id, what, customer, "a claim is made", "a1"))).await.unwrap()
}

#[test]
fn what_is_held_is_not_past_its_time_until_it_is_released() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        add_capsules(store, 0..12).await;
        assert_eq!(due(store).await, ["c000", "c002", "c004", "c006"], "those with outputs, the oldest first");
        assert!(hold(store, "h1", (Of::Incident, "Q0"), None).await);
        assert_eq!(due(store).await, ["c002", "c004"]);
        assert!(hold(store, "h2", (Of::Customer, "acme"), None).await);
        assert!(!hold(store, "h3", (Of::Customer, "acme"), None).await, "it stands already");
        assert_eq!(due(store).await, ["c002"]);
        let bolt = Scope::Customers(vec!["bolt".to_owned()]);
        let release = async |scope: Scope| {
            let unit = store.write("test", move |tx| {
                Box::pin(async move { holds::release(tx, &scope, "h2", "a2", "settled").await })
            });
            unit.await.unwrap()
        };
        assert!(!release(bolt).await, "not his to release");
        assert!(release(Scope::All).await && !release(Scope::All).await);
        assert_eq!(due(store).await, ["c002", "c004"]);
        let listed = store.read(|tx| Box::pin(holds::list(tx, &Scope::All, 10))).await.unwrap();
        let standing: Vec<(&str, bool)> = listed.iter().map(|h| (h.id.as_str(), h.released_at.is_some())).collect();
        assert_eq!(standing, [("h1", false), ("h2", true)]);
        let acts = "SELECT count(*) FROM audit WHERE action IN ('hold.set', 'hold.release')";
        assert_eq!(number(store, acts).await, 3);
        assert!(hold(store, "h4", (Of::Customer, "acme"), None).await, "once released it can be set anew");
    });
}

#[test]
fn an_output_that_is_given_up_stays_in_the_record() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        add_capsules(store, 0..4).await;
        let expire = async |n: i64| {
            let unit =
                store.write("test", move |tx| Box::pin(async move { capsules::expire(tx, &capsule(n), "90d").await }));
            unit.await.unwrap()
        };
        assert!(expire(2).await && !expire(2).await);
        // A hold that was set while somebody was about to.
        assert!(hold(store, "h1", (Of::Incident, "Q0"), None).await);
        assert!(!expire(0).await);
        let doomed = store.read(|tx| Box::pin(capsules::doomed(tx, 10))).await.unwrap();
        assert_eq!(doomed.iter().map(|c| c.id.0.as_str()).collect::<Vec<_>>(), ["c002"]);
        let id = CapsuleId("c002".to_owned());
        let removed = store.write("test", move |tx| {
            Box::pin(async move {
                capsules::removed(tx, &id).await?;
                let kept = capsules::find(tx, &Scope::All, &id).await?.unwrap();
                let expiry = capsules::expiry(tx, &id).await?;
                let other = capsules::expiry(tx, &CapsuleId("c000".to_owned())).await?;
                Ok((kept.expired_at, expiry, other, capsules::doomed(tx, 10).await?.len()))
            })
        });
        let (expired_at, expiry, other, doomed) = removed.await.unwrap();
        assert!(expired_at.is_some() && expired_at == expiry);
        assert_eq!((other, doomed), (None, 0));
        assert_eq!(due(store).await, Vec::<String>::new());
        while sequence(store, 100).await > 0 {}
        assert!(verify(store).await.is_whole());
        let entered = "SELECT count(*) FROM chain_entry WHERE kind = 'audit'";
        assert_eq!(number(store, entered).await, 2, "the giving up and the hold");
    });
}
