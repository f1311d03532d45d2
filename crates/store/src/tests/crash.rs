//! A process that dies at each point of the intake: what it promised is there afterwards.

use super::bed::{Bed, for_each_store, psql};
use super::child::{Child, Job};
use super::words::{account, number, signal};
use crate::{Place, Val, faults};
use std::os::unix::process::ExitStatusExt;

const SIGABRT: i32 = 6;

/// The intake's points that lie in the store; the others are the receiver's.
fn points() -> Vec<&'static str> {
    let receiver = ["intake.verified", "intake.before_answer"];
    let points: Vec<_> =
        faults::POINTS.iter().copied().filter(|p| p.starts_with("intake.") && !receiver.contains(p)).collect();
    assert!(points.len() >= 3, "{points:?}");
    points
}

/// Runs a child until it aborts at the point's third hit; gives the promised signals that are not there.
async fn lost_after(bed: &Bed, point: &str) -> Vec<u64> {
    let job = Job { point: format!("{point}:3"), ..Job::new("accept", &bed.place) };
    let mut child = Child::start(&job);
    let mut promised: Vec<u64> = Vec::new();
    while let Some(word) = child.next() {
        promised.push(word.parse().unwrap());
    }
    assert_eq!(child.end().signal(), Some(SIGABRT), "{point} was not hit");
    assert!(promised.len() >= 2, "{point}: {promised:?}");
    let mut lost = Vec::new();
    for n in promised {
        if !is_there(bed, n).await {
            lost.push(n);
        }
    }
    lost
}

async fn is_there(bed: &Bed, n: u64) -> bool {
    let key = Val::from(signal(n).key.0);
    let sql = "SELECT 1 FROM inbox WHERE key = ?1";
    bed.store.read(move |tx| Box::pin(async move { tx.one(sql, &[key]).await })).await.unwrap().is_some()
}

#[test]
fn nothing_promised_is_missing_after_a_crash_at_any_point_of_the_intake() {
    for point in points() {
        for_each_store(async |bed: &Bed| {
            assert_eq!(lost_after(bed, point).await, Vec::<u64>::new(), "{point}");
            let account = account(&bed.store).await;
            assert_eq!((account.lost(), account.received), (0, account.rows), "{point}");
            let after_commit = i64::from(point.ends_with("after_commit"));
            assert_eq!(number(&bed.store, "SELECT count(*) FROM inbox").await, 2 + after_commit, "{point}");
        });
    }
}

#[test]
fn the_check_notices_an_acknowledgement_before_the_commit() {
    for_each_store(async |bed: &Bed| {
        bed.store.probe().await.unwrap();
        // A database that can't be written: what is promised on it is lost.
        match &bed.place {
            Place::Sqlite(path) => {
                rusqlite::Connection::open(path).unwrap().pragma_update(None, "user_version", 99).unwrap();
            }
            Place::Postgres(url) => psql(url, "INSERT INTO schema_version (version) VALUES (99)").await.unwrap(),
        }
        for (sabotage, word) in [("", "refused"), ("ack_early", "promised")] {
            let mut child = Child::start(&Job { sabotage: sabotage.to_owned(), ..Job::new("accept one", &bed.place) });
            assert_eq!(child.says(), word);
            assert!(child.end().success());
            assert!(!is_there(bed, 1).await);
        }
    });
}
