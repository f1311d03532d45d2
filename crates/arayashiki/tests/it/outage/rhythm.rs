//! What takes days and weeks: a source falls silent against its rhythm, and a day's ledger is closed. The clock is moved between
//! two lives of the program, as on a machine that was off.

use super::alert::Alert;
use super::scene::{Scene, Terms};
use crate::outside::{parallel, wait};
use crate::world::sandbox::ALARMS;
use crate::world::{Arms, Database, SHORT};
use model::Scope;
use serde_json::Value;
use store::Val;

const TERMS: Terms =
    Terms { net: "grace = \"1s\"\nsilence = \"post\"", path: "", more: "", times: SHORT, sandbox: &[] };
const HOUR_S: i64 = 3_600;
const WEEKS: i64 = 4;

fn posts(scene: &Scene, word: &str) -> usize {
    scene.slack.all("messages").iter().filter(|post| post["text"].to_string().contains(word)).count()
}

fn told(scene: &Scene, word: &str) {
    let is_told = wait::within(wait::LONG, || (posts(scene, word) > 0).then_some(()));
    assert!(is_told.is_some(), "{word}: {:?}\n{}", scene.slack.all("messages"), scene.world.unrest());
}

/// So much later, in another life of the program.
fn later(scene: &mut Scene, seconds: i64) {
    scene.world.site.stop();
    scene.jump_s(seconds);
    scene.start(Arms::default());
}

fn everywhere(test: impl Fn(&mut Scene) + Sync) {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| {
        let mut scene = Scene::started(*database, TERMS);
        test(&mut scene);
    });
}

#[test]
fn a_source_that_falls_silent_is_told_once_and_its_return_once() {
    everywhere(|scene| {
        let alert = Alert::nth("beat", 0);
        scene.problem(&alert);
        scene.settle();
        let this = scene.books().read(|tx| Box::pin(async move { Ok(tx.now().second()) })) / HOUR_S;
        // Three mails an hour, at every hour of the weeks before.
        let books = scene.books();
        for hour in this - WEEKS * 7 * 24..this {
            books.forge(
                "INSERT INTO mail_hour (monitor, hour, mails, matched) VALUES (?1, ?2, 3, 0) \
                 ON CONFLICT (monitor, hour) DO NOTHING",
                vec![Val::from("zbx"), Val::Int(hour)],
            );
        }
        drop(books);
        later(scene, HOUR_S);
        assert_eq!(posts(scene, "メールが来ていません"), 0, "an hour of silence is nothing");
        later(scene, 4 * HOUR_S);
        told(scene, "zbx からメールが来ていません");
        later(scene, HOUR_S);
        scene.problem(&Alert::nth("beat", 1));
        later(scene, 60);
        told(scene, "zbx からメールが再び届いています");
        later(scene, 60);
        scene.settle();
        assert_eq!(posts(scene, "メールが来ていません"), 1);
        assert_eq!(posts(scene, "メールが再び届いています"), 1);
    });
}

#[test]
fn a_day_is_closed_with_its_balance_and_a_forged_one_raises_one_alarm() {
    everywhere(|scene| {
        for n in 0..5 {
            scene.problem(&Alert::nth("day", n));
        }
        scene.settle();
        later(scene, 25 * HOUR_S);
        told(scene, "すべて記帳済み");
        assert_eq!(alarms(scene), 0, "a day that balances is no alarm");
        for n in 5..8 {
            scene.problem(&Alert::nth("day", n));
        }
        scene.settle();
        let gone = scene.books().forge("DELETE FROM mail WHERE host = ?1", vec![Val::from("day0006")]);
        assert_eq!(gone, 1);
        later(scene, 24 * HOUR_S);
        told(scene, "台帳が合いません");
        wait::until("the alarm", || (alarms(scene) > 0).then_some(()));
        later(scene, 60);
        scene.settle();
        assert_eq!((alarms(scene), posts(scene, "台帳が合いません"), posts(scene, "すべて記帳済み")), (1, 1, 1));
        let days = scene.books().read(|tx| Box::pin(async move { store::ledger::list_days(tx, &Scope::All, 9).await }));
        let differences: Vec<i64> = days.iter().map(|day| day.balance.difference()).collect();
        assert_eq!(differences.iter().filter(|difference| **difference == 1).count(), 1, "{days:?}");
        assert_eq!(days.iter().map(|day| day.balance.received).sum::<i64>(), 8, "{days:?}");
    });
}

/// Alarms about a day's ledger, as PagerDuty has them.
fn alarms(scene: &Scene) -> usize {
    let is_one = |incident: &Value| {
        incident["service"]["summary"] == ALARMS
            && incident["incident_key"].as_str().is_some_and(|key| key.starts_with("arayashiki/balance/"))
    };
    scene.world.sandbox.incidents().iter().filter(|incident| is_one(incident)).count()
}
