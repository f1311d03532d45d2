//! PostgreSQL is away: mail is taken all the same, into the spool, and its alerts are judged when it is back.

use super::alert::Alert;
use super::scene::{Scene, Terms};
use super::verdict::{Counted, End};
use crate::outside::parallel;
use crate::spool::proxy::Wire;
use crate::spool::{drained, figure, has_postgres, wired};
use crate::world::{Arms, Database, SHORT};

const TERMS: Terms =
    Terms { net: "grace = \"1s\"\nstorm = 100000", path: "after = \"60s\"", more: "", times: SHORT, sandbox: &[] };

#[test]
fn mail_is_taken_while_postgresql_is_away_and_judged_when_it_is_back() {
    if !has_postgres() {
        return;
    }
    let wires = [Wire::Cut, Wire::Hung].map(|wire| (format!("{wire:?}"), wire));
    parallel::all(&wires, |wire| {
        let mut scene = Scene::new(Database::Postgres, TERMS);
        let proxy = wired(&scene.world.site);
        scene.start(Arms::default());
        scene.world.settle_at_first();
        proxy.set(*wire);
        let alerts: Vec<Alert> = (0..6).map(|n| Alert::nth("spool", n)).collect();
        for alert in &alerts {
            let answer = scene.mail(&alert.problem(scene.now(), 0)).unwrap();
            assert!(answer.starts_with("250"), "{answer}");
        }
        let answer = scene.mail(&alerts[5].recovery(scene.now())).unwrap();
        assert!(answer.starts_with("250"), "{answer}");
        assert!(alerts[0].event(&scene, "trigger"));
        assert!(figure(&scene.world.site, "arayashiki_spool_rows") >= Some(7), "the spool was not used");
        proxy.set(Wire::Whole);
        drained(&scene.world.site);
        scene.settle();
        let mut counted = Counted { answers: 7, ..Counted::default() };
        counted.taken.extend(alerts.iter().map(|alert| alert.message_id("problem", 0)));
        counted.taken.insert(alerts[5].message_id("recovery", 0));
        let end = |n| match n {
            0 => End::Original,
            5 => End::Over,
            _ => End::Registered,
        };
        let ends: Vec<_> = alerts.into_iter().enumerate().map(|(n, alert)| (alert, end(n))).collect();
        let found = scene.complaints(&counted, &ends);
        assert!(found.is_empty(), "{}\n{}", found.join("\n"), scene.world.site.log_tail());
        let is_five = |effect: &serde_json::Value| {
            effect["kind"] == "event.trigger" && effect["detail"].to_string().contains("spool0005")
        };
        assert!(!scene.world.sandbox.effects().iter().any(is_five), "what was over before it was read was registered");
    });
}
