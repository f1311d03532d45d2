//! Scopes: whoever may see some customers never meets a row of another one, by whatever read.

use super::bed::{Bed, for_each_store};
use super::incidents::{count, incident, list, save};
use super::words::*;
use crate::incidents::Filter;
use crate::{Store, accounts, audit, inbox, incidents, jobs, tokens};
use model::Scope;
use model::action::Action;
use model::person::Role;
use std::collections::BTreeSet;

const CUSTOMERS: [Option<&str>; 5] = [None, Some("acme"), Some("acme2"), Some("bolt"), Some("cord")];

/// One row of everything for each customer; a row's own words name its customer.
async fn seed(store: &Store) {
    for (n, customer) in CUSTOMERS.into_iter().enumerate() {
        let name = customer.unwrap_or("nobody");
        let mut one = incident(n as i64);
        one.data.service = Some(super::incidents::named(&format!("S-{name}")));
        one.data.teams = vec![super::incidents::named(&format!("T-{name}"))];
        one.data.assignees = vec![super::incidents::named(&format!("U-{name}"))];
        save(store, one, customer).await;
        let action = Action { customer: customer.map(str::to_owned), ..note(name, name) };
        add(store, &action).await;
        store.accept(signal(n as u64)).await.unwrap();
        let read = inbox::Reading {
            subject: Some(name.to_owned()),
            customer: customer.map(str::to_owned),
            ..inbox::Reading::default()
        };
        let written = store.write("test", move |tx| {
            Box::pin(async move {
                let id = inbox::waiting(tx, 1, 0, 1).await?[0].id;
                inbox::mark_read(tx, id, &read).await?;
                audit::add(tx, "system", "seen", name, customer, &serde_json::json!({})).await
            })
        });
        written.await.unwrap();
    }
}

fn scopes() -> Vec<Scope> {
    let named: Vec<&str> = CUSTOMERS.iter().flatten().copied().collect();
    let subsets = (0..1u32 << named.len()).map(|bits| {
        let chosen = named.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0);
        Scope::Customers(chosen.map(|(_, name)| (*name).to_owned()).collect())
    });
    subsets
        .chain([Scope::All, Scope::Customers(vec!["stranger".into()]), Scope::Customers(vec![String::new()])])
        .collect()
}

/// The customers whose rows each read gives, by the name of the read.
async fn seen(store: &Store, scope: &Scope) -> Vec<(&'static str, BTreeSet<String>)> {
    let s = scope.clone();
    let reads = store.read(move |tx| {
        Box::pin(async move {
            let mut seen = Vec::new();
            let inbox = inbox::list(tx, &s, &inbox::Filter::default(), 100).await?;
            seen.push(("inbox", inbox.into_iter().filter_map(|i| i.subject).collect()));
            let jobs = jobs::list(tx, &s, &[], None, 100).await?;
            seen.push(("jobs", jobs.into_iter().map(|j| j.subject).collect()));
            let audit = audit::list(tx, &s, &audit::Filter::default(), 100).await?;
            seen.push(("audit", audit.into_iter().map(|a| a.subject).collect()));
            let ids: Vec<String> = (0..CUSTOMERS.len()).map(|n| format!("Q{n:03}")).collect();
            let titles = incidents::list_titles(tx, &s, &ids).await?.into_keys();
            let numbers = titles.filter_map(|id| id[1..].parse::<usize>().ok());
            seen.push(("titles", numbers.map(|n| CUSTOMERS[n].unwrap_or("nobody").to_owned()).collect()));
            for kind in ["service", "team", "assignee"] {
                let choices = incidents::list_choices(tx, &s, kind).await?;
                seen.push((kind, choices.into_iter().map(|(id, _)| id[2..].to_owned()).collect()));
            }
            Ok(seen)
        })
    });
    let mut seen: Vec<(&'static str, BTreeSet<String>)> = reads.await.unwrap();
    let items = list(store, scope.clone(), Filter::default(), 100).await;
    seen.push(("incidents", items.into_iter().map(|i| i.service.unwrap().id[2..].to_owned()).collect()));
    seen
}

#[test]
fn no_list_shows_a_row_of_another_customer() {
    for_each_store(async |bed: &Bed| {
        seed(&bed.store).await;
        for scope in scopes() {
            let allowed: BTreeSet<String> = CUSTOMERS
                .into_iter()
                .filter(|customer| scope.allows(*customer))
                .map(|customer| customer.unwrap_or("nobody").to_owned())
                .collect();
            for (read, rows) in seen(&bed.store, &scope).await {
                assert_eq!(rows, allowed, "{read} in {scope:?}");
            }
            assert_eq!(count(&bed.store, scope.clone(), Filter::default()).await, allowed.len() as i64, "{scope:?}");
            let s = scope.clone();
            let states = bed.store.read(move |tx| Box::pin(async move { jobs::count_by_state(tx, &s).await }));
            let counted: i64 = states.await.unwrap().iter().map(|(_, n)| n).sum();
            assert_eq!(counted, allowed.len() as i64, "{scope:?}");
        }
    });
}

#[test]
fn nothing_of_another_customer_is_found_by_its_name() {
    for_each_store(async |bed: &Bed| {
        seed(&bed.store).await;
        let ids = texts(&bed.store, "SELECT CAST(id AS TEXT) FROM inbox ORDER BY id", vec![]).await;
        for scope in scopes() {
            for (n, customer) in CUSTOMERS.into_iter().enumerate() {
                let allowed = scope.allows(customer);
                for id in [format!("Q{n:03}"), n.to_string()] {
                    let s = scope.clone();
                    let found = bed.store.read(move |tx| Box::pin(async move { incidents::find(tx, &s, &id).await }));
                    assert_eq!(found.await.unwrap().is_some(), allowed, "{customer:?} in {scope:?}");
                }
                let (s, id) = (scope.clone(), ids[n].parse().unwrap());
                let found = bed.store.read(move |tx| Box::pin(async move { inbox::find(tx, &s, id).await }));
                assert_eq!(found.await.unwrap().is_some(), allowed, "{customer:?} in {scope:?}");
            }
        }
    });
}

#[test]
fn a_filter_never_widens_a_scope() {
    for_each_store(async |bed: &Bed| {
        seed(&bed.store).await;
        let scope = Scope::Customers(vec!["acme".into()]);
        for filter in [
            Filter { customer: Some("bolt".into()), ..Filter::default() },
            Filter { service: Some("S-bolt".into()), ..Filter::default() },
            Filter { assignee: Some("U-nobody".into()), ..Filter::default() },
            Filter { text: Some("' OR '1' = '1".into()), ..Filter::default() },
            Filter { service: Some("S-bolt' OR 1 = 1 --".into()), ..Filter::default() },
        ] {
            assert_eq!(count(&bed.store, scope.clone(), filter.clone()).await, 0, "{filter:?}");
        }
        let hostile = Scope::Customers(vec!["acme') OR 1 = 1 --".into()]);
        assert_eq!(count(&bed.store, hostile, Filter::default()).await, 0);
    });
}

#[test]
fn accounts_and_tokens_are_for_those_who_see_everything() {
    for_each_store(async |bed: &Bed| {
        let now = now(&bed.store).await;
        let account = accounts::Account {
            id: "A1".into(),
            email: "Night@Example.com".into(),
            name: "Night".into(),
            role: Role::Responder,
            scope: Scope::All,
            password: None,
            language: None,
            time_zone: None,
            created_at: now,
            disabled_at: None,
        };
        let token = tokens::Token {
            id: "K1".into(),
            name: "poller".into(),
            role: Role::Viewer,
            scope: Scope::All,
            created_by: "A1".into(),
            created_at: now,
            used_at: None,
            revoked_at: None,
        };
        let written = bed.store.write("test", move |tx| {
            Box::pin(async move {
                accounts::add(tx, &account).await?;
                tokens::add(tx, [7; 32], &token).await
            })
        });
        written.await.unwrap();
        for scope in scopes() {
            let wanted = usize::from(scope == Scope::All);
            let s = scope.clone();
            let read = bed.store.read(move |tx| {
                Box::pin(async move { Ok((accounts::list(tx, &s).await?.len(), tokens::list(tx, &s).await?.len())) })
            });
            assert_eq!(read.await.unwrap(), (wanted, wanted), "{scope:?}");
        }
    });
}
