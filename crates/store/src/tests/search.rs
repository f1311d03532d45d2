//! The search: any script, any width, hostile texts, numbers and ids; and the index that follows its incidents.

use super::bed::{Bed, for_each_store};
use super::incidents::{count, incident, list, named, save};
use super::words::{exec, number};
use crate::incidents::{self, Filter};
use crate::{Store, search};
use model::incident::Incident;
use model::{Micros, Scope};

fn titled(n: i64, title: &str) -> Incident {
    let mut one = incident(n);
    one.data.title = title.to_owned();
    one
}

/// The numbers of the incidents that are found, in order.
async fn find(store: &Store, text: &str) -> Vec<i64> {
    let filter = Filter { text: Some(text.to_owned()), ..Filter::default() };
    let items = list(store, Scope::All, filter.clone(), 100).await;
    assert_eq!(count(store, Scope::All, filter).await, items.len() as i64, "{text:?}");
    let mut numbers: Vec<i64> = items.iter().map(|item| item.number.unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn titles_of_any_script_are_found_by_any_part_of_them() {
    for_each_store(async |bed: &Bed| {
        let titles = [
            "決済サービス障害 [PROD]",
            "Payment-API latency 遅延 > 500ms",
            "ＤＢ ｻｰﾊﾞｰ応答なし",
            "db-primary disk 91% full",
            "害",
            "payment queue stuck",
            "C:\\temp\\_x '\" ; DROP TABLE",
            "100% 🔥 of nodes down",
        ];
        for (n, title) in titles.iter().enumerate() {
            save(&bed.store, titled(n as i64 + 1_000, title), None).await;
        }
        for (text, wanted) in [
            ("障害", vec![0]),
            ("遅延", vec![1]),
            ("害", vec![0, 4]),
            ("害障", vec![]),
            ("PAYMENT", vec![1, 5]),
            ("payment api", vec![1]),
            ("api 遅延", vec![1]),
            ("api　遅延", vec![1]),
            ("api 障害", vec![]),
            ("ayme", vec![1, 5]),
            ("db", vec![2, 3]),
            ("ＤＢ", vec![2, 3]),
            ("サーバ", vec![2]),
            ("ｻｰﾋﾞｽ", vec![0]),
            ("%", vec![3, 7]),
            ("91%", vec![3]),
            ("_", vec![6]),
            ("\\", vec![6]),
            ("temp\\_x", vec![6]),
            ("'", vec![6]),
            ("\"", vec![6]),
            ("'\"", vec![6]),
            ("🔥", vec![7]),
            ("> 500", vec![1]),
            ("OR", vec![]),
            ("pay* -x", vec![]),
            ("(", vec![]),
            ("down\0", vec![7]),
            ("x", vec![6]),
            ("   ", (0..8).collect()),
        ] {
            let wanted: Vec<i64> = wanted.into_iter().map(|n| n + 1_000).collect();
            assert_eq!(find(&bed.store, text).await, wanted, "{text:?}");
        }
    });
}

#[test]
fn a_number_or_an_id_finds_its_incident() {
    for_each_store(async |bed: &Bed| {
        save(&bed.store, titled(4711, "one"), None).await;
        save(&bed.store, titled(12, "error 4711 again"), None).await;
        for (text, wanted) in [
            ("4711", vec![12, 4711]),
            ("#4711", vec![4711]),
            ("#4711 one", vec![4711]),
            ("#4711 two", vec![]),
            ("#47", vec![]),
            ("Q4711", vec![4711]),
            ("q4711", vec![4711]),
            ("Q47", vec![]),
        ] {
            assert_eq!(find(&bed.store, text).await, wanted, "{text:?}");
        }
    });
}

#[test]
fn very_long_and_empty_titles_are_kept_and_found() {
    for_each_store(async |bed: &Bed| {
        let long = format!("{} 最後 end", "長い title ".repeat(900));
        save(&bed.store, titled(1, &long), None).await;
        save(&bed.store, titled(2, ""), None).await;
        save(&bed.store, titled(3, &"x".repeat(10_000)), None).await;
        assert_eq!(find(&bed.store, "最後").await, [1]);
        assert_eq!(find(&bed.store, "xxxx").await, [3]);
        assert_eq!(find(&bed.store, &"x".repeat(5_000)).await, [3]);
        assert_eq!(find(&bed.store, "").await, [1, 2, 3]);
        assert_eq!(find(&bed.store, &"word ".repeat(3_000)).await, [0i64; 0]);
    });
}

#[test]
fn the_index_follows_the_incident() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        save(store, titled(1, "old name"), Some("acme")).await;
        assert_eq!(find(store, "old").await, [1]);
        let mut changed = titled(1, "new name");
        changed.data.service = Some(named("S9"));
        changed.data.teams = vec![named("T9")];
        changed.data.number = Some(77);
        save(store, changed, Some("bolt")).await;
        assert_eq!(find(store, "old").await, [0i64; 0]);
        assert_eq!(find(store, "new").await, [77]);
        assert_eq!(find(store, "#1").await, [0i64; 0]);
        for (filter, wanted) in [
            (Filter { service: Some("S9".into()), ..Filter::default() }, 1),
            (Filter { service: Some("S1".into()), ..Filter::default() }, 0),
            (Filter { team: Some("T9".into()), ..Filter::default() }, 1),
            (Filter { team: Some("T1".into()), ..Filter::default() }, 0),
            (Filter { customer: Some("bolt".into()), ..Filter::default() }, 1),
            (Filter { customer: Some("acme".into()), ..Filter::default() }, 0),
        ] {
            assert_eq!(count(store, Scope::All, filter.clone()).await, wanted, "{filter:?}");
        }
        assert_eq!(count(store, Scope::Customers(vec!["acme".into()]), Filter::default()).await, 0);
        assert_eq!(number(store, "SELECT count(*) FROM incident_link WHERE kind = 'team'").await, 1);
    });
}

#[test]
fn an_incident_goes_to_its_place_when_its_creation_becomes_known() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        for n in [1, 2, 3] {
            let mut one = titled(n, &format!("disk {n}"));
            one.data.created_at = if n == 2 { None } else { Some(Micros::from_seconds(100 * n)) };
            one.changed_at = Micros::from_seconds(900);
            save(store, one, None).await;
        }
        let ids = async || -> Vec<i64> {
            let filter = Filter { text: Some("disk".into()), ..Filter::default() };
            list(store, Scope::All, filter, 9).await.iter().map(|i| i.number.unwrap()).collect()
        };
        assert_eq!(ids().await, [2, 3, 1]);
        let mut known = titled(2, "disk 2");
        known.data.created_at = Some(Micros::from_seconds(200));
        save(store, known.clone(), None).await;
        assert_eq!(ids().await, [3, 2, 1]);
        let found = store.read(|tx| Box::pin(incidents::find(tx, &Scope::All, "Q002"))).await.unwrap().unwrap();
        assert_eq!(found.incident, known);
        let item = list(store, Scope::All, Filter { after: None, ..Filter::default() }, 9).await.remove(1);
        assert_eq!((item.number, item.assignees.len()), (Some(2), 2));
        for table in ["incident", "incident_state"] {
            let slots: &'static str = match table {
                "incident" => "SELECT count(*) FROM incident WHERE slot >= 900000000",
                _ => "SELECT count(*) FROM incident_state WHERE slot >= 900000000",
            };
            assert_eq!(number(store, slots).await, 0, "{table}");
        }
        assert_eq!(number(store, "SELECT count(*) FROM incident_link WHERE slot >= 900000000").await, 0);
    });
}

#[test]
fn incidents_that_want_one_slot_each_get_their_own() {
    for_each_store(async |bed: &Bed| {
        for n in 0..5 {
            // One second, and numbers that differ by whole millions.
            let mut one = titled(n * 1_000_000 + 7, "same");
            one.data.id = format!("Q{n}");
            one.data.created_at = Some(Micros::from_seconds(100));
            save(&bed.store, one.clone(), None).await;
            save(&bed.store, one, None).await;
        }
        assert_eq!(find(&bed.store, "same").await.len(), 5);
        let slots = number(&bed.store, "SELECT count(DISTINCT slot) FROM incident_state").await;
        assert_eq!(slots, 5);
    });
}

#[test]
fn what_an_older_program_left_is_right_at_once_and_indexed_bit_by_bit() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        for n in 0..300 {
            save(store, titled(n, &format!("disk {n} 障害")), Some(if n % 2 == 0 { "even" } else { "odd" })).await;
        }
        // As the migration leaves them.
        exec(store, "DELETE FROM incident_gram", vec![]).await;
        exec(store, "UPDATE incident SET indexed = NULL, folded = lower(title)", vec![]).await;
        let odd = Filter { text: Some("障".into()), customer: Some("odd".into()), ..Filter::default() };
        let scope = Scope::Customers(vec!["odd".into()]);
        let mut left = Vec::new();
        for _ in 0..3 {
            assert_eq!(count(store, scope.clone(), odd.clone()).await, 150);
            // One that changes meanwhile is indexed by its own writing.
            save(store, titled(1, "disk 1 障害"), Some("odd")).await;
            left.push(store.write("test", |tx| Box::pin(search::rebuild_some(tx))).await.unwrap());
        }
        assert_eq!(left, [43, 0, 0]);
        assert_eq!(count(store, scope, odd).await, 150);
        assert_eq!(find(store, "#299").await, [299]);
    });
}

#[test]
fn a_bounded_count_stops_at_its_bound() {
    for_each_store(async |bed: &Bed| {
        for n in 0..30 {
            save(&bed.store, incident(n), None).await;
        }
        let up_to = async |filter: Filter, most: i64| {
            let counted = bed
                .store
                .read(move |tx| Box::pin(async move { incidents::count_up_to(tx, &Scope::All, &filter, most).await }));
            counted.await.unwrap()
        };
        assert_eq!(up_to(Filter::default(), 10).await, 10);
        assert_eq!(up_to(Filter::default(), 100).await, 30);
        let high = Filter { urgency: Some("high".into()), ..Filter::default() };
        assert_eq!((up_to(high.clone(), 10).await, up_to(high, 100).await), (10, 15));
    });
}
