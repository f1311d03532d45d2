//! Every incident, page after page: each once, in the order of opening, whole, and nobody else's.

use super::bed::for_each_store;
use super::incidents::{incident, save};
use crate::Store;
use crate::incidents::{self, Kept};
use model::Scope;

async fn page(store: &Store, scope: Scope, after: Option<i64>) -> Vec<Kept> {
    let read = store.read(move |tx| Box::pin(async move { incidents::list_every(tx, &scope, after, 4).await }));
    read.await.unwrap()
}

async fn all(store: &Store, scope: &Scope) -> Vec<Kept> {
    let mut kept: Vec<Kept> = Vec::new();
    loop {
        let next = page(store, scope.clone(), kept.last().map(|k| k.slot)).await;
        if next.is_empty() {
            return kept;
        }
        kept.extend(next);
    }
}

#[test]
fn every_incident_comes_once_in_order_and_whole() {
    for_each_store(async |bed| {
        for n in [5, 3, 11, 0, 7, 2, 9, 4, 1, 6, 10, 8] {
            save(&bed.store, incident(n), Some(if n % 3 == 0 { "acme" } else { "other" })).await;
        }
        let kept = all(&bed.store, &Scope::All).await;
        let ids: Vec<&str> = kept.iter().map(|k| k.item.id.as_str()).collect();
        assert_eq!(ids, (0..12).map(|n| format!("Q{n:03}")).collect::<Vec<_>>());
        for (n, one) in (0i64..).zip(&kept) {
            assert_eq!(one.incident, incident(n));
            assert_eq!(one.item.assignees, incident(n).data.assignees);
        }
        let theirs = all(&bed.store, &Scope::Customers(vec!["acme".into()])).await;
        assert_eq!(theirs.len(), 4);
        assert!(theirs.iter().all(|k| k.item.customer.as_deref() == Some("acme")));
        assert!(all(&bed.store, &Scope::Customers(Vec::new())).await.is_empty());
    });
}
