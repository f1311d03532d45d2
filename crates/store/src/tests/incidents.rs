//! Lists of incidents: filters, orders, pages, and texts that contain what LIKE would read as a pattern.

use super::bed::{Bed, for_each_store};
use super::words::now;
use crate::incidents::{self, By, Filter, Item, Order};
use crate::{Store, facts};
use model::incident::{Fact, FactBody, Incident, IncidentData, Note, Ref, Source, Status, Urgency};
use model::signal::Origin;
use model::{Micros, Scope};

pub fn named(id: &str) -> Ref {
    Ref { id: id.to_owned(), name: format!("name of {id}"), url: None }
}

pub fn incident(n: i64) -> Incident {
    let data = IncidentData {
        id: format!("Q{n:03}"),
        number: Some(n),
        title: format!("title {n}"),
        status: Status::ALL[n as usize % 3],
        urgency: if n % 2 == 0 { Urgency::High } else { Urgency::Low },
        html_url: None,
        incident_key: None,
        incident_type: None,
        created_at: Some(Micros::from_seconds(1_000 + n / 3)),
        updated_at: None,
        resolved_at: None,
        service: Some(named(&format!("S{}", n % 4))),
        teams: vec![named(&format!("T{}", n % 5))],
        assignees: vec![named(&format!("U{}", n % 6)), named("U9")],
        escalation_policy: None,
        priority: Some(named("P1")),
        acknowledgements: None,
        resolve_reason: None,
        alert_counts: None,
        conference_bridge: None,
    };
    Incident {
        data,
        acknowledged_at: None,
        acknowledgements: Vec::new(),
        notes: Vec::new(),
        alerts: Vec::new(),
        snapshot_at: None,
        stale: n % 7 == 0,
        changed_at: Micros::from_seconds(9_000 - n / 2),
    }
}

pub async fn save(store: &Store, incident: Incident, customer: Option<&'static str>) {
    let saved =
        store.write("test", move |tx| Box::pin(async move { incidents::save(tx, &incident, customer, 1, None).await }));
    saved.await.unwrap();
}

pub async fn list(store: &Store, scope: Scope, filter: Filter, limit: i64) -> Vec<Item> {
    let listed = store.read(move |tx| Box::pin(async move { incidents::list(tx, &scope, &filter, limit).await }));
    listed.await.unwrap()
}

pub async fn count(store: &Store, scope: Scope, filter: Filter) -> i64 {
    store.read(move |tx| Box::pin(async move { incidents::count(tx, &scope, &filter).await })).await.unwrap()
}

async fn thirty(store: &Store) {
    for n in 0..30 {
        save(store, incident(n), Some(if n % 2 == 0 { "even" } else { "odd" })).await;
    }
}

/// What the filter has to do, done by hand.
type Wanted = fn(i64) -> bool;

fn filters() -> Vec<(Filter, Wanted)> {
    let text = |s: &str| Some(s.to_owned());
    let all = Filter::default;
    vec![
        (all(), |_| true),
        (Filter { statuses: vec!["triggered".into(), "resolved".into()], ..all() }, |n| n % 3 != 1),
        (Filter { urgency: text("high"), ..all() }, |n| n % 2 == 0),
        (Filter { service: text("S3"), ..all() }, |n| n % 4 == 3),
        (Filter { team: text("T2"), ..all() }, |n| n % 5 == 2),
        (Filter { assignee: text("U4"), ..all() }, |n| n % 6 == 4),
        (Filter { assignee: text("T2"), ..all() }, |_| false),
        (Filter { customer: text("odd"), ..all() }, |n| n % 2 == 1),
        (Filter { text: text("TITLE 1"), ..all() }, |n| n == 1 || n == 21 || (10..20).contains(&n)),
        (Filter { since: Some(Micros::from_seconds(1_003)), ..all() }, |n| n / 3 >= 3),
        (Filter { until: Some(Micros::from_seconds(1_003)), ..all() }, |n| n / 3 < 3),
        (Filter { statuses: vec!["triggered".into()], assignee: text("U9"), text: text("LE 2"), ..all() }, |n| {
            n % 3 == 0 && n.to_string().contains('2')
        }),
    ]
}

#[test]
fn every_filter_lists_and_counts_what_it_says() {
    for_each_store(async |bed: &Bed| {
        thirty(&bed.store).await;
        for (filter, wanted) in filters() {
            let mut ids: Vec<String> =
                list(&bed.store, Scope::All, filter.clone(), 100).await.into_iter().map(|i| i.id).collect();
            ids.sort();
            let expected: Vec<String> = (0..30).filter(|n| wanted(*n)).map(|n| format!("Q{n:03}")).collect();
            assert_eq!(ids, expected, "{filter:?}");
            assert_eq!(count(&bed.store, Scope::All, filter.clone()).await, expected.len() as i64, "{filter:?}");
        }
    });
}

#[test]
fn turning_pages_shows_every_row_once_in_each_order() {
    for_each_store(async |bed: &Bed| {
        thirty(&bed.store).await;
        for (by, descending) in
            [By::Opened, By::Changed, By::Status, By::Service].map(|by| [(by, true), (by, false)]).concat()
        {
            let order = Order { by, descending };
            for size in [1, 4, 7, 30] {
                let rows = turn_pages(&bed.store, order, size).await;
                let mut sorted = rows.clone();
                sorted.sort();
                if descending {
                    sorted.reverse();
                }
                assert_eq!(rows, sorted, "{order:?} by {size}");
                sorted.dedup();
                assert_eq!(sorted.len(), 30, "{order:?} by {size}");
            }
        }
    });
}

/// Every row in the order in which turning pages of this size shows it.
async fn turn_pages(store: &Store, order: Order, size: i64) -> Vec<(Option<i64>, Option<String>, String)> {
    let mut filter = Filter { order, ..Filter::default() };
    let mut rows = Vec::new();
    loop {
        let page = list(store, Scope::All, filter.clone(), size).await;
        let Some(last) = page.last() else { return rows };
        filter.after = Some(order.place(last));
        rows.extend(page.iter().map(|item| order.place(item)).map(|place| (place.number, place.text, place.id)));
    }
}

#[test]
fn a_text_is_no_pattern() {
    for_each_store(async |bed: &Bed| {
        let titles =
            ["100% full", "100 full", "a_b", "axb", r"C:\temp", "C:temp", "応答遅延 DB", "遅い", "it's \"?1\""];
        for (n, title) in titles.iter().enumerate() {
            let mut incident = incident(n as i64);
            incident.data.title = (*title).to_owned();
            save(&bed.store, incident, None).await;
        }
        let found = [
            ("100%", vec!["100% full"]),
            ("A_B", vec!["a_b"]),
            (r"c:\T", vec![r"C:\temp"]),
            ("%", vec!["100% full"]),
            ("遅延", vec!["応答遅延 DB"]),
            ("it's", vec!["it's \"?1\""]),
            ("?1", vec!["it's \"?1\""]),
            ("nowhere", vec![]),
        ];
        for (text, wanted) in found {
            let filter = Filter { text: Some(text.to_owned()), ..Filter::default() };
            let titles: Vec<String> =
                list(&bed.store, Scope::All, filter, 100).await.into_iter().map(|i| i.title).collect();
            assert_eq!(titles, wanted, "{text}");
        }
    });
}

#[test]
fn an_incident_is_found_whole_by_id_and_by_number() {
    for_each_store(async |bed: &Bed| {
        let saved = incident(12);
        save(&bed.store, saved.clone(), Some("acme")).await;
        let fact = Fact {
            incident: saved.data.id.clone(),
            source: Source::Note,
            source_id: "N1".into(),
            at: Micros::from_seconds(5),
            actor: None,
            body: FactBody::Note(Note { id: "N1".into(), content: "seen".into(), trimmed: false }),
        };
        for is_new in [true, false] {
            let fact = fact.clone();
            let added = bed
                .store
                .write("test", move |tx| Box::pin(async move { facts::add(tx, &fact, Origin::Live, None).await }));
            assert_eq!(added.await.unwrap(), is_new);
        }
        for id in ["Q012", "12"] {
            let found = bed.store.read(move |tx| Box::pin(incidents::find(tx, &Scope::All, id))).await.unwrap();
            let whole = found.expect("the incident");
            assert_eq!(whole.incident, saved);
            assert_eq!(whole.facts, std::slice::from_ref(&fact));
            assert_eq!((whole.item.number, whole.item.customer.as_deref()), (Some(12), Some("acme")));
        }
        let none = bed.store.read(|tx| Box::pin(incidents::find(tx, &Scope::All, "Q999"))).await.unwrap();
        assert!(none.is_none());
    });
}

#[test]
fn saving_again_replaces_what_changed_and_keeps_when_it_was_read() {
    for_each_store(async |bed: &Bed| {
        let read_at = now(&bed.store).await;
        let first = incident(1);
        let saved = bed.store.write("test", move |tx| {
            Box::pin(async move { incidents::save(tx, &first, None, 1, Some(read_at)).await })
        });
        saved.await.unwrap();
        let mut second = incident(1);
        second.data.status = Status::Resolved;
        second.data.assignees = vec![named("U7")];
        save(&bed.store, second, Some("acme")).await;
        let item = list(&bed.store, Scope::All, Filter::default(), 10).await.remove(0);
        assert_eq!(
            (item.status.as_str(), item.read_at, item.customer.as_deref()),
            ("resolved", Some(read_at), Some("acme"))
        );
        assert_eq!(item.assignees, [named("U7")]);
        let gone = Filter { assignee: Some("U9".into()), ..Filter::default() };
        assert_eq!(count(&bed.store, Scope::All, gone).await, 0);
        let is_open = bed.store.read(|tx| Box::pin(incidents::is_open(tx, "Q001"))).await.unwrap();
        assert_eq!(is_open, Some(false));
    });
}

#[test]
fn the_choices_of_a_filter_are_the_values_that_exist() {
    for_each_store(async |bed: &Bed| {
        thirty(&bed.store).await;
        for (kind, wanted) in [("service", 4), ("team", 5), ("assignee", 7), ("customer", 2), ("nothing", 0)] {
            let choices = bed.store.read(move |tx| Box::pin(incidents::list_choices(tx, &Scope::All, kind)));
            let choices = choices.await.unwrap();
            assert_eq!(choices.len(), wanted, "{kind}: {choices:?}");
            assert!(choices.iter().all(|(id, name)| !id.is_empty() && !name.is_empty()), "{kind}: {choices:?}");
        }
    });
}
