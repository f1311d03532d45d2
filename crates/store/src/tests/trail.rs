//! The audit record: its filters, and rows that a flood can't multiply.

use super::bed::{Bed, for_each_store};
use super::words::now;
use crate::audit::{self, Filter};
use crate::{Store, accounts, tokens};
use model::Scope;
use model::person::Role;
use serde_json::json;

async fn write(store: &Store, actor: &'static str, action: &'static str, customer: Option<&'static str>) {
    let unit = store.write("test", move |tx| {
        Box::pin(async move { audit::add(tx, actor, action, "subject", customer, &json!({})).await })
    });
    unit.await.unwrap();
}

/// (actor, action) of the rows, newest first.
async fn list(store: &Store, scope: Scope, filter: Filter) -> Vec<(String, String)> {
    let listed = store.read(move |tx| Box::pin(async move { audit::list(tx, &scope, &filter, 100).await }));
    listed.await.unwrap().into_iter().map(|e| (e.actor, e.action)).collect()
}

async fn seed(store: &Store) {
    let at = now(store).await;
    let account = |id: &str, name: &str| accounts::Account {
        id: id.into(),
        email: format!("{id}@example.com"),
        name: name.into(),
        role: Role::Admin,
        scope: Scope::All,
        password: None,
        language: None,
        time_zone: None,
        created_at: at,
        disabled_at: None,
    };
    let people = [account("a1", "Hanako 100%"), account("a2", "佐藤 花子")];
    let token = tokens::Token {
        id: "k1".into(),
        name: "Hana-poller".into(),
        role: Role::Viewer,
        scope: Scope::All,
        created_by: "a1".into(),
        created_at: at,
        used_at: None,
        revoked_at: None,
    };
    let unit = store.write("test", move |tx| {
        Box::pin(async move {
            for person in &people {
                accounts::add(tx, person).await?;
            }
            tokens::add(tx, [1; 32], &token).await
        })
    });
    unit.await.unwrap();
    write(store, "a1", "job.retry", None).await;
    write(store, "a2", "job.retry", Some("acme")).await;
    write(store, "token:Hana-poller", "signal.open", Some("acme")).await;
    write(store, "system", "signal.open", None).await;
}

#[test]
fn actors_and_acts_are_filtered_by_the_database() {
    for_each_store(async |bed: &Bed| {
        seed(&bed.store).await;
        let some = |text: &str| Some(text.to_owned());
        let named = |text: &str| Filter { named: some(text), ..Filter::default() };
        let cases = [
            (Filter::default(), vec!["system", "token:Hana-poller", "a2", "a1"]),
            (Filter { action: some("job.retry"), ..Filter::default() }, vec!["a2", "a1"]),
            (Filter { actor: some("a1"), ..Filter::default() }, vec!["a1"]),
            (Filter { actor: some("hana"), ..Filter::default() }, vec![]),
            (named("hANA"), vec!["token:Hana-poller", "a1"]),
            (named("花子"), vec!["a2"]),
            (named("a2"), vec!["a2"]),
            (named("system"), vec!["system"]),
            (named("100%"), vec!["a1"]),
            (named("%"), vec!["a1"]),
            (named("_"), vec![]),
            (Filter { action: some("signal.open"), ..named("hana") }, vec!["token:Hana-poller"]),
            (Filter { action: some("' OR '1' = '1"), ..Filter::default() }, vec![]),
        ];
        for (filter, wanted) in cases {
            let actors: Vec<String> =
                list(&bed.store, Scope::All, filter.clone()).await.into_iter().map(|(actor, _)| actor).collect();
            assert_eq!(actors, wanted, "{filter:?}");
        }
    });
}

#[test]
fn a_filter_shows_nobody_a_row_of_another_customer_nor_a_name_that_is_not_his_to_know() {
    for_each_store(async |bed: &Bed| {
        seed(&bed.store).await;
        let acme = || Scope::Customers(vec!["acme".into()]);
        let named = |text: &str| Filter { named: Some(text.to_owned()), ..Filter::default() };
        assert_eq!(list(&bed.store, acme(), Filter::default()).await.len(), 2);
        assert_eq!(list(&bed.store, acme(), named("花子")).await, [], "accounts are not his to search");
        assert_eq!(list(&bed.store, acme(), named("a2")).await, [("a2".to_owned(), "job.retry".to_owned())]);
        assert_eq!(list(&bed.store, acme(), named("a1")).await, []);
    });
}

#[test]
fn what_a_stranger_can_repeat_is_written_once_in_its_time() {
    for_each_store(async |bed: &Bed| {
        let refused = async |email: &'static str| {
            let unit = bed.store.write("test", move |tx| {
                Box::pin(async move {
                    audit::add_seldom(tx, "a1", "session.refused", email, &json!({ "from": "192.0.2.1" }), 900).await
                })
            });
            unit.await.unwrap()
        };
        assert!(refused("a@example.com").await);
        assert!(!refused("a@example.com").await);
        assert!(refused("b@example.com").await, "each subject by itself");
        bed.clock.advance_s(899);
        assert!(!refused("a@example.com").await);
        bed.clock.advance_s(2);
        assert!(refused("a@example.com").await);
        let (a, b) = tokio::join!(refused("c@example.com"), refused("c@example.com"));
        assert!(a != b, "two at once write one");
        assert_eq!(list(&bed.store, Scope::All, Filter::default()).await.len(), 4);
    });
}
