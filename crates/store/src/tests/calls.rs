//! Whom the second path is to call for: none is hidden by others, none that joined a call is forgotten; and a link's secret.

use super::bed::{Bed, for_each_store, open, psql};
use super::net::{call, net};
use crate::callouts::Callout;
use crate::nets::{Due, Net, Registration};
use crate::{Place, Store, callouts, nets, reference};
use model::reference::{Kind, Thing};
use model::{Micros, Scope};

const NOW: Micros = Micros::from_seconds(100_000);
const ANY: Due = Due { asked: NOW, long_asked: NOW, missing: NOW };

fn at(s: i64) -> Micros {
    NOW.plus_s(s)
}

fn asked(id: &str, asked_s: i64) -> Net {
    Net { registration: Registration::Asked, asked_at: Some(at(asked_s)), ..net(id, None, at(asked_s - 60)) }
}

fn called(id: &str, asked_s: i64) -> Net {
    Net { called: Some("call/1".into()), ..asked(id, asked_s) }
}

async fn save(store: &Store, rows: Vec<Net>) {
    let unit = store.write("test", move |tx| {
        let rows = rows.clone();
        Box::pin(async move {
            for row in &rows {
                nets::save(tx, row).await?;
            }
            Ok(())
        })
    });
    unit.await.unwrap();
}

async fn uncalled(store: &Store, due: Due, most: i64) -> Vec<String> {
    let read = store.read(move |tx| Box::pin(async move { nets::uncalled(tx, due, most).await }));
    read.await.unwrap().into_iter().map(|net| net.id).collect()
}

#[test]
fn those_who_were_called_hide_nobody_who_was_not() {
    for_each_store(async |bed: &Bed| {
        let mut rows: Vec<Net> = (0..250).map(|n| called(&format!("called{n}"), -1_000 + n)).collect();
        rows.push(asked("late", -10));
        rows.push(Net { registration: Registration::Unseen, ..asked("unseen", -20) });
        rows.push(Net { registration: Registration::Seen, ..asked("seen", -30) });
        rows.push(Net { open_since: None, ..asked("over", -40) });
        rows.push(Net { missing_since: None, ..asked("found", -50) });
        rows.push(asked("ahead", 5));
        save(&bed.store, rows).await;
        assert_eq!(uncalled(&bed.store, ANY, 200).await, ["unseen", "late"]);
        assert_eq!(uncalled(&bed.store, ANY, 1).await, ["unseen"]);
    });
}

#[test]
fn who_is_not_due_yet_hides_nobody_who_is() {
    for_each_store(async |bed: &Bed| {
        let mut rows: Vec<Net> = (0..9).map(|n| asked(&format!("young{n}"), -40)).collect();
        // Asked for later, and missing for long: blind for a while.
        rows.push(Net { missing_since: Some(at(-300)), ..asked("blind", -30) });
        rows.push(Net { missing_since: Some(at(-300)), ..asked("just asked", -5) });
        save(&bed.store, rows).await;
        let due = Due { asked: at(-20), long_asked: at(-45), missing: at(-105) };
        assert_eq!(uncalled(&bed.store, due, 3).await, ["blind"]);
    });
}

#[test]
fn alerts_that_are_registered_hide_no_storm_that_grows() {
    for_each_store(async |bed: &Bed| {
        let seen = |id: &str, asked_s: i64, last_s: i64| Net {
            registration: Registration::Seen,
            last_mail: Some(at(last_s)),
            ..asked(id, asked_s)
        };
        let mut rows: Vec<Net> = (0..120).map(|n| seen(&format!("one{n}"), -5_000, -10)).collect();
        rows.extend([
            seen("storm:a", -90, -10),
            seen("storm:told", -90, -95),
            seen("storm:b", -61, -60),
            seen("storm:just told", -30, -10),
            seen("stormy", -90, -10),
            Net { open_since: None, ..seen("storm:over", -90, -10) },
            seen("storm:all seen", -90, -10),
            seen("storm:recovered", -90, -10),
        ]);
        for storm in ["storm:a", "storm:told", "storm:b", "storm:just told", "stormy", "storm:over", "storm:all seen"] {
            let one = Net { storm: Some(storm.into()), registration: Registration::None, ..asked(storm, -80) };
            let seen_at = (storm == "storm:all seen").then(|| at(-70));
            rows.push(Net { id: format!("one of {storm}"), seen_at, ..one });
        }
        save(&bed.store, rows).await;
        let read = bed.store.read(|tx| Box::pin(async move { nets::grown_storms(tx, at(-60), 100).await }));
        let found: Vec<String> = read.await.unwrap().into_iter().map(|net| net.id).collect();
        assert_eq!(found, ["storm:a", "storm:b"]);
    });
}

/// How a call stands to an alert that joined it 100 s ago, when 300 s are waited.
struct Case {
    name: &'static str,
    calls: Vec<Callout>,
    is_untold: bool,
}

fn cases() -> Vec<Case> {
    let paged = |level: i64, s: i64| Callout { id: format!("call/1/{level}"), level, ..call("sato", None, at(s)) };
    let answered = |s: i64| Callout { answered_at: Some(at(s)), ..paged(1, -900) };
    let case = |name, calls, is_untold| Case { name, calls, is_untold };
    vec![
        case("paged a while ago", vec![paged(1, -299)], false),
        case("paged too long ago", vec![paged(1, -300)], true),
        case("the next level was paged", vec![paged(1, -500), paged(2, -200)], false),
        case("answered before it joined", vec![answered(-299)], false),
        case("answered long before it joined", vec![answered(-300)], true),
        case("answered after it joined", vec![answered(-50)], false),
        case("over", vec![Callout { ended_at: Some(at(-1)), ..paged(1, -200) }], true),
        case("not there", vec![], true),
    ]
}

#[test]
fn what_joined_a_call_is_called_for_anew_when_that_comes_to_nothing_for_it() {
    for_each_store(async |bed: &Bed| {
        for (n, case) in cases().into_iter().enumerate() {
            let unit = bed.store.write("test", move |tx| {
                let calls = cases().remove(n).calls;
                Box::pin(async move {
                    let subject = format!("call/{n}");
                    for id in ["joined", "named", "seen", "over"] {
                        nets::save(tx, &asked(id, -150)).await?;
                        nets::call(tx, id, &subject, (id != "named").then(|| at(-100))).await?;
                    }
                    let seen = nets::get(tx, "seen").await?.unwrap();
                    nets::save(tx, &Net { registration: Registration::Seen, ..seen }).await?;
                    let over = nets::get(tx, "over").await?.unwrap();
                    nets::save(tx, &Net { open_since: None, ..over }).await?;
                    for call in calls {
                        let call =
                            Callout { id: format!("{subject}/{}", call.level), subject: subject.clone(), ..call };
                        callouts::add(tx, &call).await?;
                        stands(tx, &call).await?;
                    }
                    let untold = nets::untold(tx, at(-300), 9).await?;
                    let (of_call, count) = nets::of_call(tx, &subject, 9).await?;
                    let joined = nets::joined(tx, &subject).await?;
                    Ok((untold, of_call, count, joined))
                })
            });
            let (untold, of_call, count, joined) = unit.await.unwrap();
            let ids = |nets: Vec<Net>| nets.into_iter().map(|net| net.id).collect::<Vec<_>>();
            let expected: &[&str] = if case.is_untold { &["joined"] } else { &[] };
            assert_eq!(ids(untold), expected, "{}", case.name);
            assert_eq!((ids(of_call), count), (vec!["joined".to_owned(), "named".to_owned()], 2), "{}", case.name);
            assert_eq!(joined, ["joined", "over", "seen"], "{}", case.name);
        }
    });
}

/// Answered or ended at an instant of the case's.
async fn stands(tx: &mut crate::Tx, call: &Callout) -> Result<(), crate::StoreError> {
    let sql = "UPDATE callout SET answered_at = ?2, ended_at = ?3 WHERE id = ?1";
    tx.exec(sql, crate::vals![&call.id, call.answered_at, call.ended_at]).await.map(|_| ())
}

#[test]
fn the_latest_call_that_is_fresh_takes_in_what_comes_and_says_so() {
    for_each_store(async |bed: &Bed| {
        for (name, calls, expected) in [
            ("none", vec![], None),
            ("fresh", vec![("a", -299, None, None)], Some("a")),
            ("old", vec![("a", -300, None, None)], None),
            ("old and just answered", vec![("a", -900, Some(-10), None)], Some("a")),
            ("fresh and over", vec![("a", -10, None, Some(-5))], None),
            ("the later of two", vec![("a", -250, None, None), ("b", -100, None, None)], Some("b")),
        ] {
            let calls: Vec<(&str, i64, Option<i64>, Option<i64>)> = calls;
            let unit = bed.store.write("test", move |tx| {
                let calls = calls.clone();
                Box::pin(async move {
                    tx.exec("DELETE FROM callout", &[]).await?;
                    for (id, asked_s, answered_s, ended_s) in calls {
                        let call = Callout {
                            subject: id.into(),
                            answered_at: answered_s.map(at),
                            ended_at: ended_s.map(at),
                            ..call(id, Some("acme"), at(asked_s))
                        };
                        callouts::add(tx, &call).await?;
                        stands(tx, &call).await?;
                        callouts::grown(tx, id, "longer", None).await?;
                    }
                    let found = callouts::joinable(tx, at(-300)).await?;
                    Ok((found, callouts::list(tx, &Scope::All, None, 9).await?))
                })
            });
            let (found, all) = unit.await.unwrap();
            assert_eq!(found.map(|call| call.id).as_deref(), expected, "{name}");
            for call in all {
                let is_over = call.ended_at.is_some();
                assert_eq!(call.text, if is_over { "{}" } else { "longer" }, "{name}");
                assert_eq!(call.customer.is_some(), is_over, "{name}");
            }
        }
    });
}

#[test]
fn every_link_that_was_sent_leads_to_its_call_and_no_other_does() {
    for_each_store(async |bed: &Bed| {
        let unit = bed.store.write("test", |tx| {
            Box::pin(async move {
                for id in ["sato", "tanaka"] {
                    callouts::add(tx, &call(id, None, NOW)).await?;
                }
                for (link, id) in [("one", "sato"), ("two", "sato"), ("three", "tanaka")] {
                    callouts::link(tx, id, model::signal::digest(link.as_bytes())).await?;
                }
                let mut found = Vec::new();
                for link in ["one", "two", "three", "four"] {
                    let call = callouts::by_digest(tx, model::signal::digest(link.as_bytes())).await?;
                    found.push(call.map(|call| call.id));
                }
                Ok(found)
            })
        });
        let found = unit.await.unwrap();
        let found: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
        assert_eq!(found, [Some("sato"), Some("sato"), Some("tanaka"), None]);
    });
}

fn turn(kind: Kind, id: &str, from_s: Option<i64>, to_s: Option<i64>) -> Thing {
    Thing {
        kind,
        id: id.into(),
        name: id.into(),
        url: None,
        email: None,
        status: None,
        user: Some(id.into()),
        starts_at: from_s.map(at),
        ends_at: to_s.map(at),
        level: Some(1),
        names: Vec::new(),
    }
}

#[test]
fn who_is_on_duty_are_the_rows_of_now_and_the_shifts_of_this_instant() {
    for_each_store(async |bed: &Bed| {
        let unit = bed.store.write("test", |tx| {
            Box::pin(async move {
                for thing in [
                    turn(Kind::OnCall, "as last read", Some(-9), Some(-1)),
                    turn(Kind::Shift, "before", Some(-9), Some(0)),
                    turn(Kind::Shift, "now", Some(0), Some(9)),
                    turn(Kind::Shift, "for ever", None, None),
                    turn(Kind::Shift, "after", Some(1), Some(9)),
                    turn(Kind::User, "nobody", None, None),
                ] {
                    reference::save(tx, &thing, NOW).await?;
                }
                reference::on_duty(tx, &Scope::All, NOW).await
            })
        });
        let names: Vec<String> = unit.await.unwrap().into_iter().map(|thing| thing.name).collect();
        assert_eq!(names, ["as last read", "for ever", "now"]);
    });
}

const SQLITE: [&str; 6] = [
    include_str!("../../ddl/sqlite/0001_first.sql"),
    include_str!("../../ddl/sqlite/0002_search.sql"),
    include_str!("../../ddl/sqlite/0003_mirror.sql"),
    include_str!("../../ddl/sqlite/0004_heard.sql"),
    include_str!("../../ddl/sqlite/0005_refused.sql"),
    include_str!("../../ddl/sqlite/0006_mail.sql"),
];
const POSTGRES: [&str; 6] = [
    include_str!("../../ddl/postgres/0001_first.sql"),
    include_str!("../../ddl/postgres/0002_search.sql"),
    include_str!("../../ddl/postgres/0003_mirror.sql"),
    include_str!("../../ddl/postgres/0004_heard.sql"),
    include_str!("../../ddl/postgres/0005_refused.sql"),
    include_str!("../../ddl/postgres/0006_mail.sql"),
];

#[test]
fn a_call_of_before_keeps_its_link_and_its_secret_is_nowhere_any_more() {
    for_each_store(async |bed: &Bed| {
        let place = bed.fresh_place().await;
        let digest = hex::encode(model::signal::digest(b"secret"));
        let text = r#"{"headline":"Disk full","lines":["a"],"links":[{"text":"I take it","url":"https://o.example.jp/answer/secret"}]}"#;
        let row = |blob: &str| {
            format!(
                "INSERT INTO callout (id, subject, generation, level, person, text, digest, asked_at) VALUES \
                 ('c1', 'call/1', 1, 1, 'sato', '{text}', {blob}, 5), ('c2', 'call/1', 1, 1, 'mori', 'old', {}, 5);",
                blob.replace(&digest[..2], if digest.starts_with("00") { "11" } else { "00" })
            )
        };
        match &place {
            Place::Sqlite(path) => {
                let conn = rusqlite::Connection::open(path).unwrap();
                let rows = row(&format!("X'{digest}'"));
                conn.execute_batch(&format!("{} {rows} PRAGMA user_version = 6;", SQLITE.join(";"))).unwrap();
            }
            Place::Postgres(url) => {
                let version =
                    "CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES (6)";
                let rows = row(&format!("'\\x{digest}'::bytea"));
                psql(url, &format!("{}; {rows} {version}", POSTGRES.join(";"))).await.unwrap();
            }
        }
        let store = open(&place, &bed.clock);
        store.probe().await.unwrap();
        let read =
            store.read(|tx| Box::pin(async move { callouts::by_digest(tx, model::signal::digest(b"secret")).await }));
        let call = read.await.unwrap().unwrap();
        assert_eq!(call.id, "c1");
        assert!(call.text.contains("Disk full") && !call.text.contains("secret"), "{}", call.text);
        store.close().await;
    });
}
