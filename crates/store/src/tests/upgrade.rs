//! A database of the first schema, with incidents in it, opened by today's program: nothing is lost, lists are right
//! before the index is made and after.

use super::bed::{Bed, for_each_store, open, psql};
use super::incidents::{count, incident, list};
use crate::incidents::{self, Filter};
use crate::{Place, search};
use model::Scope;
use model::incident::Incident;

const SQLITE: &str = include_str!("../../ddl/sqlite/0001_first.sql");
const POSTGRES: &str = include_str!("../../ddl/postgres/0001_first.sql");

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// What the first program wrote of an incident.
fn old_rows(one: &Incident, customer: &str) -> String {
    let (data, service) = (&one.data, one.data.service.as_ref().unwrap());
    let state = serde_json::to_string(one).unwrap();
    let mut sql = format!(
        "INSERT INTO incident (id, number, title, status, urgency, service_id, service_name, customer, created_at, \
         changed_at, stale, facts, state) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, 0, 1, {});",
        text(&data.id),
        data.number.unwrap(),
        text(&data.title),
        text(data.status.as_str()),
        text(data.urgency.as_str()),
        text(&service.id),
        text(&service.name),
        if customer.is_empty() { "NULL".to_owned() } else { text(customer) },
        data.created_at.unwrap().0,
        one.changed_at.0,
        text(&state),
    );
    for (kind, other) in data.assignees.iter().map(|a| ("assignee", a)).chain(data.teams.iter().map(|t| ("team", t))) {
        sql.push_str(&format!(
            "INSERT INTO incident_link (incident, kind, other, name) VALUES ({}, '{kind}', {}, {});",
            text(&data.id),
            text(&other.id),
            text(&other.name)
        ));
    }
    sql
}

async fn old_database(place: &Place, incidents: &[(Incident, &str)]) {
    let rows: String = incidents.iter().map(|(one, customer)| old_rows(one, customer)).collect();
    match place {
        Place::Sqlite(path) => {
            let conn = rusqlite::Connection::open(path).unwrap();
            conn.execute_batch(&format!("{SQLITE}; {rows} PRAGMA user_version = 1;")).unwrap();
        }
        Place::Postgres(url) => {
            let version =
                "CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES (1)";
            psql(url, &format!("{POSTGRES}; {rows} {version}")).await.unwrap();
        }
    }
}

#[test]
fn a_database_of_the_first_schema_keeps_its_incidents() {
    for_each_store(async |bed: &Bed| {
        let place = bed.fresh_place().await;
        let told: Vec<(Incident, &str)> = (0..40)
            .map(|n| {
                let mut one = incident(n);
                one.data.title = format!("Ｄｉｓｋ 障害 {n} O'Neil");
                (one, ["", "acme", "bolt"][n as usize % 3])
            })
            .collect();
        old_database(&place, &told).await;
        let store = open(&place, &bed.clock);
        store.probe().await.unwrap();
        let word = |text: &str| Filter { text: Some(text.to_owned()), ..Filter::default() };
        for step in ["as migrated", "as indexed"] {
            let items = list(&store, Scope::All, Filter::default(), 100).await;
            let numbers: Vec<i64> = items.iter().map(|item| item.number.unwrap()).collect();
            assert_eq!(numbers, (0..40).rev().collect::<Vec<_>>(), "{step}");
            assert!(items.iter().all(|item| item.assignees.len() == 2), "{step}");
            assert_eq!(count(&store, Scope::Customers(vec!["acme".into()]), word("障害")).await, 13, "{step}");
            for filter in [
                Filter { team: Some("T2".into()), ..word("害") },
                Filter { assignee: Some("U9".into()), service: Some("S1".into()), ..word("o'neil") },
            ] {
                let wanted = if filter.team.is_some() { 8 } else { 10 };
                assert_eq!(count(&store, Scope::All, filter).await, wanted, "{step}");
            }
            let whole = store.read(|tx| Box::pin(incidents::find(tx, &Scope::All, "Q007"))).await.unwrap().unwrap();
            assert_eq!(whole.incident, told[7].0, "{step}");
            for (kind, wanted) in [("service", 4), ("team", 5), ("assignee", 7), ("customer", 2)] {
                let read = store.read(move |tx| Box::pin(incidents::list_choices(tx, &Scope::All, kind)));
                assert_eq!(read.await.unwrap().len(), wanted, "{kind}, {step}");
            }
            let left = store.write("test", |tx| Box::pin(search::rebuild_some(tx))).await.unwrap();
            assert_eq!(left, 0, "{step}");
        }
        assert_eq!(count(&store, Scope::All, word("disk")).await, 40, "full width is folded once it is indexed");
        store.close().await;
    });
}
