//! What was missing once is missing again: neither an incident of before, nor what was told of it, nor a storm stands against
//! the next time. And what PagerDuty makes of ours that nobody planned for.

use super::letters::{address, letter, monitor, over, problem};
use super::scene::{Plan, Scene, shown};
use super::{each, late};
use crate::outside::wait;
use crate::world::Database;
use crate::world::sandbox::{ALARMS, PEOPLE};
use model::mail::Ledger;
use sandbox::monitors::{Alert, Style};
use serde_json::json;
use store::mails::Item;

fn last(scene: &Scene, mails: usize, ledger: Ledger) -> Item {
    let all = scene.until("the last mail stands so", |all| {
        all.len() == mails && all.last().is_some_and(|mail| mail.ledger == ledger)
    });
    all.last().unwrap().clone()
}

fn post(scene: &Scene, alert: &Alert) {
    scene.post(&letter(alert, Style::default(), "zbx"));
}

#[test]
fn after_a_merge_the_next_miss_is_registered_anew() {
    each(|database| {
        let scene = Scene::started(database, &late::plan());
        let alert = problem("web01", "disk /var");
        let ours = late::registered(&scene, &alert);
        let theirs = late::original(&scene, &alert);
        late::withdrawn(&scene, &ours);
        scene.world.settle();
        scene.world.sandbox.control("act", &json!({ "incident": theirs, "act": "resolve", "by": PEOPLE[0] }));
        scene.world.settle();
        post(&scene, &over(&alert));
        last(&scene, 2, Ledger::Recovery);
        post(&scene, &alert);
        let mail = last(&scene, 3, Ledger::Registered);
        assert!(mail.incident.is_some_and(|incident| incident != ours && incident != theirs));
        scene.balances(3);
    });
}

/// A key that may only look can't merge; an event resolves ours all the same.
#[test]
fn where_merging_is_forbidden_ours_is_resolved() {
    let scene = Scene::started(Database::Sqlite, &late::plan());
    let refused = json!({ "status": 403, "body": { "error": { "message": "Access Denied", "code": 2010 } } });
    scene.world.sandbox.fault(&json!({ "on": "rest", "method": "PUT", "path": "/incidents/*/merge", "do": refused }));
    let alert = problem("web01", "disk /var");
    let ours = late::registered(&scene, &alert);
    let theirs = late::original(&scene, &alert);
    late::withdrawn(&scene, &ours);
    scene.world.settle();
    assert_eq!(late::incident(&scene, &theirs)["status"], "triggered");
    scene.balances(1);
}

/// The monitor's sender is not proven: nothing is registered, and neither its silence nor its recovery is believed. It is
/// heard the next time all the same.
#[test]
fn an_unproven_miss_is_told_each_time() {
    let table =
        format!("\n[[mail.monitor]]\nname = \"zbx\"\nreader = \"zabbix\"\nrecipients = [\"{}\"]\n", address("zbx"));
    let scene = Scene::started(Database::Sqlite, &Plan::paging().with(&table));
    let alert = problem("web01", "disk /var");
    let posts = || scene.slack.as_ref().unwrap().posts().into_iter().filter(|post| post.contains("web01")).count();
    for turn in 1..=3 {
        post(&scene, &alert);
        last(&scene, 2 * turn - 1, Ledger::Missing);
        wait::until("it is posted", || (posts() == turn).then_some(()));
        post(&scene, &over(&alert));
        last(&scene, 2 * turn, Ledger::Recovery);
    }
    // A repeat is no news.
    post(&scene, &alert);
    last(&scene, 7, Ledger::Missing);
    wait::until("it is posted", || (posts() == 4).then_some(()));
    post(&scene, &alert);
    last(&scene, 8, Ledger::Missing);
    scene.world.settle();
    assert_eq!(posts(), 4);
    assert!(scene.ours().is_empty());
}

#[test]
fn a_storm_whose_originals_all_come_is_over_and_the_next_is_another() {
    each(|database| {
        let scene = Scene::started(database, &Plan::paging().net("storm = 2").with(&monitor("zbx", "zabbix", "")));
        let alerts: Vec<Alert> = (0..6).map(|n| problem(&format!("web0{n}"), "HTTP")).collect();
        let storms = || scene.ours().into_iter().filter(|one| one["incident_key"].to_string().contains("/storm:"));
        let open = || scene.ours().into_iter().filter(|one| one["status"] != "resolved").count();
        for (turn, mails) in [(1, 6), (2, 18)] {
            alerts.iter().for_each(|alert| post(&scene, alert));
            scene.until("each has ours", |all| {
                all.len() == mails
                    && all[mails - 6..].iter().all(|m| matches!(m.ledger, Ledger::Registered | Ledger::Joined))
            });
            assert_eq!(storms().count(), turn, "{}", shown(&scene.books.mails()));
            let originals: Vec<String> = alerts.iter().map(|alert| late::original(&scene, alert)).collect();
            wait::until("nothing of ours stands any more", || (open() == 0).then_some(()));
            scene.world.settle();
            for incident in originals {
                scene.world.sandbox.control("act", &json!({ "incident": incident, "act": "resolve", "by": PEOPLE[0] }));
            }
            scene.world.settle();
            alerts.iter().for_each(|alert| post(&scene, &over(alert)));
            scene.until("the recoveries are read", |all| all.len() == mails + 6);
        }
        scene.balances(24);
    });
}

/// Grouping on the service for what is unconfigured puts the second into the incident of the first: it is seen there.
#[test]
fn what_pagerduty_groups_under_ours_is_seen_in_it() {
    let scene = Scene::made_and_started(Database::Sqlite, |sandbox, _| {
        sandbox.control("grouping", &json!({ "service": ALARMS, "type": "time", "config": { "timeout": 3600 } }));
        Plan::paging().with(&monitor("zbx", "zabbix", ""))
    });
    for (n, host) in ["web01", "web02"].iter().enumerate() {
        post(&scene, &problem(host, "HTTP"));
        last(&scene, n + 1, Ledger::Registered);
    }
    scene.world.settle();
    let incidents: Vec<Option<String>> = scene.books.mails().into_iter().map(|mail| mail.incident).collect();
    assert!(incidents[0].is_some() && incidents[0] == incidents[1], "{incidents:?}");
    let pages = scene.world.sandbox.effects().iter().filter(|e| e["kind"] == "event.trigger").count();
    assert_eq!(pages, 2, "each page was sent once");
    scene.world.sandbox.control("act", &json!({ "incident": incidents[0], "act": "resolve", "by": PEOPLE[0] }));
    for mail in scene.books.mails() {
        wait::until("nothing of ours stands any more", || {
            (!scene.books.net_of(&mail).registration.is_live()).then_some(())
        });
    }
}
