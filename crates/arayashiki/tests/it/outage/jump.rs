//! The machine's clock jumps by an hour, forth or back. Nothing that has its incident counts as missing for that, nobody is
//! called, and no outage is told.

use super::alert::Alert;
use super::scene::{Scene, Terms};
use super::verdict::{Counted, End};
use crate::outside::{parallel, wait};
use crate::world::{Database, SHORT};
use model::mail::Ledger;
use std::time::Duration;

const TERMS: Terms = Terms { net: "grace = \"20s\"", path: "", more: "", times: SHORT, sandbox: &[] };
const HOUR_S: i64 = 3_600;

#[test]
fn a_clock_that_jumps_makes_nothing_missing() {
    let databases = Database::at_hand();
    let cases: Vec<_> = [HOUR_S, -HOUR_S]
        .into_iter()
        .enumerate()
        .map(|(n, by)| (format!("{by} s, {:?}", databases[n % databases.len()]), (databases[n % databases.len()], by)))
        .collect();
    parallel::all(&cases, |(database, by)| jump(*database, *by));
}

fn jump(database: Database, by: i64) {
    let scene = Scene::started(database, TERMS);
    let alerts: Vec<Alert> = (0..6).map(|n| Alert::nth("jump", n)).collect();
    // One lacks its incident and is being registered; the others' events are on their way when the clock jumps.
    alerts.iter().for_each(|alert| scene.problem(alert));
    for alert in &alerts[..3] {
        assert!(alert.event(&scene, "trigger"));
    }
    scene.jump_s(by);
    std::thread::sleep(Duration::from_secs(5));
    for alert in &alerts[3..5] {
        assert!(alert.event(&scene, "trigger"));
    }
    let books = scene.books();
    let judged = wait::within(Duration::from_secs(200), || {
        books.mails().iter().all(|mail| mail.ledger != Ledger::Expected).then_some(())
    });
    assert!(judged.is_some(), "mails wait for a time that is an hour away: {:?}", books.mails());
    scene.settle();
    let mut counted = Counted { answers: 6, ..Counted::default() };
    counted.taken.extend(alerts.iter().map(|alert| alert.message_id("problem", 0)));
    let ends = alerts
        .iter()
        .cloned()
        .enumerate()
        .map(|(n, alert)| (alert, if n < 5 { End::Original } else { End::Registered }));
    let mut found = scene.complaints(&counted, &ends.collect::<Vec<_>>());
    let posts = scene.slack.all("messages");
    if posts.len() != 1 || !posts[0].to_string().contains(&alerts[5].host) {
        found.push(format!("told besides the one that is missing: {posts:?}"));
    }
    let late = books.mails().into_iter().filter(|mail| mail.ledger == Ledger::MatchedLate).count();
    if late > 0 {
        found.push(format!("{late} counted as missing for a while"));
    }
    if !scene.phone.all("calls").is_empty() || !books.outages().is_empty() {
        found.push("people were called, or an outage was told".to_owned());
    }
    assert!(found.is_empty(), "{}\n{}", found.join("\n"), scene.world.site.log_tail());
}
