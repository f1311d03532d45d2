//! What pages show beside a row: a job's tries, a signal's facts, merges, holders, titles, and signals put aside by our
//! own fault.

use super::bed::{Bed, for_each_store};
use super::incidents::{incident, list, named, save};
use super::words::*;
use crate::incidents::{Filter, Title};
use crate::{Store, facts, inbox, incidents, jobs, receipts};
use model::action::{Action, Fault, Outcome};
use model::incident::{Acknowledgement, Fact, FactBody, Note, Ref, ResolveReason, Source, Status};
use model::signal::Origin;
use model::{Micros, Scope};

fn only(customer: &str) -> Scope {
    Scope::Customers(vec![customer.to_owned()])
}

async fn attempts(store: &Store, scope: Scope, ids: Vec<i64>) -> Vec<jobs::Attempt> {
    store.read(move |tx| Box::pin(async move { jobs::list_attempts(tx, &scope, &ids).await })).await.unwrap()
}

#[test]
fn the_tries_of_a_job_are_listed_newest_first_to_those_who_may_see_it() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        let of = |key: &str, customer: &str| Action { customer: Some(customer.to_owned()), ..note(key, key) };
        add(store, &of("a", "acme")).await;
        let first = claim_live(store).await;
        finish(store, &first, later(now(store).await, Fault::Limit)).await.unwrap();
        let second = claim_live(store).await;
        finish(store, &second, Outcome::Never { why: "gone".into() }).await.unwrap();
        add(store, &of("b", "bolt")).await;
        let open = claim_live(store).await;

        let all = attempts(store, Scope::All, vec![first.id, open.id]).await;
        let told: Vec<_> = all.iter().map(|a| (a.job, a.token, a.outcome.as_deref(), a.detail.as_deref())).collect();
        assert_eq!(
            told,
            [
                (first.id, 2, Some("never"), Some("gone")),
                (first.id, 1, Some("later"), Some("not now")),
                (open.id, 1, None, None)
            ]
        );
        assert!(all[0].started_at >= all[1].started_at && all[0].ended_at.is_some_and(|at| at >= all[0].started_at));
        assert_eq!((all[2].ended_at, all[2].worker.as_str()), (None, "worker"));
        assert!(attempts(store, only("bolt"), vec![first.id]).await.is_empty());
        assert_eq!(attempts(store, only("acme"), vec![first.id, open.id]).await.len(), 2);
        assert!(attempts(store, Scope::All, Vec::new()).await.is_empty());

        for (scope, is_found) in [(Scope::All, true), (only("acme"), true), (only("bolt"), false)] {
            let id = first.id;
            let s = scope.clone();
            let found = store.read(move |tx| Box::pin(async move { jobs::find(tx, &s, id).await })).await.unwrap();
            assert_eq!(found.map(|job| (job.key, job.attempts)), is_found.then(|| ("a".to_owned(), 2)), "{scope:?}");
        }
    });
}

#[test]
fn a_job_with_very_many_tries_shows_the_latest() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        add(store, &note("a", "a")).await;
        for _ in 0..53 {
            let job = claim_live(store).await;
            finish(store, &job, later(now(store).await, Fault::Limit)).await.unwrap();
        }
        let id = job(store, "a").await.id;
        let tokens: Vec<i64> = attempts(store, Scope::All, vec![id]).await.iter().map(|a| a.token).collect();
        assert_eq!(tokens, (4..=53).rev().collect::<Vec<_>>());
    });
}

fn fact(incident: &str, n: i64) -> Fact {
    Fact {
        incident: incident.to_owned(),
        source: Source::Note,
        source_id: format!("N{n}"),
        at: Micros::from_seconds(n),
        actor: None,
        body: FactBody::Note(Note { id: format!("N{n}"), content: "seen".into(), trimmed: false }),
    }
}

async fn facts_of_signal(store: &Store, scope: Scope, id: i64) -> i64 {
    store.read(move |tx| Box::pin(async move { facts::count_of_signal(tx, &scope, id).await })).await.unwrap()
}

#[test]
fn a_signal_counts_what_it_was_the_first_to_tell_of_incidents_in_sight() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        save(store, incident(1), Some("acme")).await;
        save(store, incident(2), Some("bolt")).await;
        let written = store.write("test", |tx| {
            Box::pin(async move {
                for (incident, n, signal) in [("Q001", 1, 7), ("Q001", 2, 7), ("Q002", 3, 7), ("Q001", 1, 8)] {
                    facts::add(tx, &fact(incident, n), Origin::Live, Some(signal)).await?;
                }
                facts::add(tx, &fact("Q001", 9), Origin::Live, None).await
            })
        });
        assert!(written.await.unwrap());
        assert_eq!(facts_of_signal(store, Scope::All, 7).await, 3);
        assert_eq!(facts_of_signal(store, only("acme"), 7).await, 2);
        assert_eq!(facts_of_signal(store, only("stranger"), 7).await, 0);
        assert_eq!(facts_of_signal(store, Scope::All, 8).await, 0, "it told nothing new");
    });
}

async fn merged_from(store: &Store, scope: Scope, id: &'static str) -> Vec<String> {
    let found = store.read(move |tx| Box::pin(async move { incidents::list_merged_from(tx, &scope, id).await }));
    found.await.unwrap().into_iter().map(|title| title.id).collect()
}

#[test]
fn what_was_merged_into_an_incident_is_found_until_it_is_reopened() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        save(store, incident(1), Some("acme")).await;
        for (n, customer) in [(5, "acme"), (3, "bolt"), (4, "acme")] {
            let mut merged = incident(n);
            merged.data.created_at = Some(Micros::from_seconds(n));
            merged.data.resolve_reason =
                Some(ResolveReason { kind: "merge_resolve_reason".into(), into: Some(named("Q001")) });
            save(store, merged, Some(customer)).await;
        }
        assert_eq!(merged_from(store, Scope::All, "Q001").await, ["Q003", "Q004", "Q005"]);
        assert_eq!(merged_from(store, only("acme"), "Q001").await, ["Q004", "Q005"]);
        assert!(merged_from(store, Scope::All, "Q003").await.is_empty());
        save(store, incident(3), Some("bolt")).await;
        assert_eq!(merged_from(store, Scope::All, "Q001").await, ["Q004", "Q005"]);
    });
}

#[test]
fn a_list_tells_who_holds_an_incident_now() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        let held = |by: &[&str]| {
            let acks =
                by.iter().map(|id| Acknowledgement { at: Micros::from_seconds(1), by: Ref { url: None, ..named(id) } });
            let mut incident = incident(1);
            incident.data.status = Status::Acknowledged;
            incident.data.acknowledgements = Some(acks.collect());
            incident
        };
        let holders = async || {
            let items = list(store, Scope::All, Filter::default(), 10).await;
            let found = store
                .read(|tx| Box::pin(async move { incidents::find(tx, &Scope::All, "Q001").await }))
                .await
                .unwrap()
                .unwrap();
            assert_eq!(found.item.holders.len(), items[0].holders.len());
            assert_eq!(items[0].assignees.len(), 2, "holders are no assignees");
            items[0].holders.iter().map(|r| r.name.clone()).collect::<Vec<_>>()
        };
        save(store, held(&["U8", "U9", ""]), None).await;
        assert_eq!(holders().await, ["name of U8", "name of U9"]);
        save(store, held(&["U9"]), None).await;
        assert_eq!(holders().await, ["name of U9"]);
        save(store, incident(1), None).await;
        assert_eq!(holders().await, Vec::<String>::new());
    });
}

#[test]
fn titles_of_many_ids_come_at_once_and_only_of_incidents_in_sight() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        for n in 0..60 {
            save(store, incident(n), Some(if n % 2 == 0 { "even" } else { "odd" })).await;
        }
        let titles = async |scope: Scope, ids: Vec<String>| {
            store.read(move |tx| Box::pin(async move { incidents::list_titles(tx, &scope, &ids).await })).await.unwrap()
        };
        let ids: Vec<String> = (0..60).map(|n| format!("Q{n:03}")).chain(["PSUB".into(), "Q001".into()]).collect();
        let all = titles(Scope::All, ids.clone()).await;
        assert_eq!(all.len(), 60);
        let wanted = Title { id: "Q059".into(), number: Some(59), title: "title 59".into() };
        assert_eq!(all.get("Q059"), Some(&wanted));
        let odd = titles(only("odd"), ids).await;
        assert!(odd.len() == 30 && odd.keys().all(|id| id.ends_with(['1', '3', '5', '7', '9'])));
        assert!(titles(Scope::All, Vec::new()).await.is_empty());
    });
}

#[test]
fn a_signal_put_aside_by_our_own_fault_has_a_state_of_its_own_and_is_read_again() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        let read = async |n: u64, reading: inbox::Reading| {
            store.accept(signal(n)).await.unwrap();
            let written = store.write("test", move |tx| {
                Box::pin(async move {
                    let id = inbox::waiting(tx, 1, 0, 1).await?[0].id;
                    inbox::mark_read(tx, id, &reading).await?;
                    Ok(id)
                })
            });
            written.await.unwrap()
        };
        let some = |why: &str| Some(why.to_owned());
        read(1, inbox::Reading { unreadable: some("no JSON"), ..inbox::Reading::default() }).await;
        let id = read(2, inbox::Reading { dead: some("our own fault"), ..inbox::Reading::default() }).await;
        let counts = async || {
            let account = account(store).await;
            (account.unreadable, account.dead_signals, account.dead, account.waiting, account.lost())
        };
        assert_eq!(counts().await, (1, 1, 0, 0, 0));
        let filter = inbox::Filter { state: some("dead"), ..inbox::Filter::default() };
        let dead = store
            .read(move |tx| Box::pin(async move { inbox::list(tx, &Scope::All, &filter, 10).await }))
            .await
            .unwrap();
        assert_eq!(dead.iter().map(|i| (i.id, i.note.clone())).collect::<Vec<_>>(), [(id, some("our own fault"))]);
        assert!(store.write("test", move |tx| Box::pin(inbox::read_again(tx, id))).await.unwrap());
        assert_eq!(counts().await, (1, 0, 0, 1, 0));
        let since = store.read(|tx| Box::pin(inbox::unread_since(tx, &Scope::All))).await.unwrap();
        assert_eq!(since, None, "one that was put back makes nobody late");
    });
}

/// Nobody has acted on what could never be read; what was read is a replay from then on.
#[test]
fn only_what_was_read_before_is_a_replay() {
    for_each_store(async |bed: &Bed| {
        let some = |why: &str| Some(why.to_owned());
        let readings = [
            (inbox::Reading::default(), "replay"),
            (inbox::Reading { unreadable: some("no JSON"), ..inbox::Reading::default() }, "live"),
            (inbox::Reading { dead: some("our own fault"), ..inbox::Reading::default() }, "live"),
        ];
        for (n, (reading, wanted)) in (0u64..).zip(readings) {
            bed.store.accept(signal(n)).await.unwrap();
            let written = bed.store.write("test", move |tx| {
                Box::pin(async move {
                    let id = inbox::waiting(tx, 1, 0, 1).await?[0].id;
                    inbox::mark_read(tx, id, &reading).await?;
                    assert!(inbox::read_again(tx, id).await?);
                    let origin = inbox::waiting(tx, 1, 0, 1).await?[0].origin;
                    inbox::mark_read(tx, id, &inbox::Reading::default()).await?;
                    Ok(origin)
                })
            });
            assert_eq!(written.await.unwrap().as_str(), wanted, "{n}");
        }
    });
}

#[test]
fn the_sources_that_ever_sent_are_known() {
    for_each_store(async |bed: &Bed| {
        let sources = async || {
            bed.store.read(|tx| Box::pin(async move { receipts::list_sources(tx, &only("acme")).await })).await.unwrap()
        };
        assert!(sources().await.is_empty());
        bed.store.accept(signal(1)).await.unwrap();
        bed.store.accept(signal(1)).await.unwrap();
        let timer = model::signal::Signal { source: model::signal::source::TIMER, ..signal(2) };
        bed.store.write("test", move |tx| Box::pin(async move { inbox::insert(tx, &timer).await })).await.unwrap();
        assert_eq!(sources().await, ["pagerduty", "timer"]);
    });
}
