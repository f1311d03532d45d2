//! Recoveries: an authentic one resolves what was registered, any other resolves nothing; one that DNS has to prove waits for
//! that; and what was over before it could be registered never is.

use super::each;
use super::letters::{address, letter, monitor, over, plain, problem};
use super::names::Names;
use super::scene::{Plan, Scene, shown};
use super::sender::Letter;
use crate::outside::wait;
use crate::world::Database;
use model::mail::{Ledger, Reason, Trust};
use sandbox::monitors::Style;
use serde_json::json;
use store::mails::Item;

/// Mails of the domain are believed where SPF allows them.
fn by_spf(names: &Names) -> Plan {
    let monitor = format!(
        "\n[[mail.monitor]]\nname = \"zbx\"\nreader = \"zabbix\"\nrecipients = [\"{}\"]\nspf = [\"mon.example.jp\"]\n",
        address("zbx")
    );
    let dns = format!("\n[mail.dns]\nservers = [\"{}\"]\n", names.address);
    Plan::paging().net("untrusted = \"page\"").with(&dns).with(&monitor)
}

fn from(letter: Letter, domain: &str) -> Letter {
    Letter { from: format!("zabbix@{domain}"), ..letter }
}

fn is_open(scene: &Scene) -> bool {
    scene.ours().first().is_some_and(|ours| ours["status"] != "resolved")
}

fn resolved(scene: &Scene) {
    let done = wait::within(wait::LONG, || (!scene.ours().is_empty() && !is_open(scene)).then_some(()));
    assert!(done.is_some(), "ours stays open: {}\n{}", shown(&scene.books.mails()), scene.world.unrest());
}

fn registered(scene: &Scene, problem: &Letter) {
    scene.post(problem);
    scene.until("it is registered", |mails| mails.iter().any(|mail| mail.ledger == Ledger::Registered));
    assert!(is_open(scene));
}

#[test]
fn an_authentic_recovery_resolves_what_was_registered() {
    each(|database| {
        let scene = Scene::started(database, &Plan::paging().with(&monitor("zbx", "zabbix", "")));
        let alert = problem("web01", "disk /var");
        registered(&scene, &letter(&alert, Style::default(), "zbx"));
        scene.post(&letter(&over(&alert), Style::default(), "zbx"));
        resolved(&scene);
        let mails = scene.judged(2);
        assert_eq!((mails[1].ledger, &mails[1].reason), (Ledger::Recovery, &Reason::Over), "{}", shown(&mails));
        // The next problem is another one, with an incident of its own.
        scene.post(&letter(&alert, Style::default(), "zbx"));
        let of = |mails: &[Item]| mails.iter().filter(|mail| mail.ledger == Ledger::Registered).count();
        scene.until("the next is registered", |mails| of(mails) == 2);
        assert_eq!(scene.ours().len(), 2);
        scene.balances(3);
    });
}

#[test]
fn a_recovery_that_nobody_proved_resolves_nothing() {
    let plan = Plan::paging().net("untrusted = \"page\"").with(&format!(
        "\n[[mail.monitor]]\nname = \"zbx\"\nreader = \"zabbix\"\nrecipients = [\"{}\"]\n",
        address("zbx")
    ));
    let scene = Scene::started(Database::Sqlite, &plan);
    let alert = problem("web01", "disk /var");
    registered(&scene, &letter(&alert, Style::default(), "zbx"));
    scene.post(&letter(&over(&alert), Style::default(), "zbx"));
    let mails = scene.judged(2);
    assert!(matches!(mails[1].reason, Reason::OverUntrusted { .. }), "{}", shown(&mails));
    scene.world.settle();
    assert!(is_open(&scene), "it was resolved by a mail that anybody may have sent");
    scene.balances(2);
}

#[test]
fn spf_proves_a_recovery_and_its_failing_does_not() {
    let names = Names::start(&[
        ("mon.example.jp", "v=spf1 ip4:127.0.0.1 -all"),
        ("evil.example.com", "v=spf1 ip4:127.0.0.1 -all"),
    ]);
    let scene = Scene::started(Database::Sqlite, &by_spf(&names));
    let alert = problem("web01", "disk /var");
    registered(&scene, &from(letter(&alert, Style::default(), "zbx"), "mon.example.jp"));
    // Allowed for a domain that is nobody's here.
    scene.post(&from(letter(&over(&alert), Style::default(), "zbx"), "evil.example.com"));
    let mails = scene.judged(2);
    assert!(matches!(mails[1].reason, Reason::OverUntrusted { .. }), "{}", shown(&mails));
    scene.world.settle();
    assert!(is_open(&scene));
    scene.post(&from(letter(&over(&alert), Style::default(), "zbx"), "mon.example.jp"));
    resolved(&scene);
    let mails = scene.judged(3);
    assert_eq!((mails[2].trust, mails[2].ledger), (Trust::Trusted, Ledger::Recovery), "{}", shown(&mails));
    scene.balances(3);
}

#[test]
fn a_recovery_waits_for_a_name_server_that_is_slow() {
    let names = Names::start(&[("mon.example.jp", "v=spf1 ip4:127.0.0.1 -all")]);
    let scene = Scene::started(Database::Sqlite, &by_spf(&names).grace("40s"));
    names.be_silent(true);
    let alert = problem("web01", "disk /var");
    scene.post(&from(letter(&over(&alert), Style::default(), "zbx"), "mon.example.jp"));
    wait::until("it was asked", || (names.asked() > 0).then_some(()));
    let waiting = scene.until("it waits", |mails| mails.len() == 1);
    assert_eq!((waiting[0].ledger, waiting[0].trust), (Ledger::Expected, Trust::Waiting), "{}", shown(&waiting));
    names.be_silent(false);
    let mails = scene.judged(1);
    assert_eq!((mails[0].ledger, &mails[0].reason), (Ledger::Recovery, &Reason::Over), "{}", shown(&mails));
    scene.balances(1);
}

/// While Events v2 is down nothing can be registered; what is over by then stays unregistered, and the ledger says why.
#[test]
fn what_recovered_before_it_could_be_registered_never_is() {
    each(|database| {
        let scene = Scene::started(database, &Plan::paging().with(&monitor("zbx", "zabbix", "")));
        scene.world.sandbox.control("outage", &json!({ "events": true, "mode": "5xx" }));
        let alert = problem("web01", "disk /var");
        scene.post(&letter(&alert, Style::default(), "zbx"));
        scene.until("it is missing", |mails| mails.iter().any(|mail| mail.ledger == Ledger::Missing));
        let has_tried = || scene.world.sandbox.effects().iter().any(|e| e["kind"] == "event.rejected");
        wait::until("its registration was refused", || has_tried().then_some(()));
        scene.post(&letter(&over(&alert), Style::default(), "zbx"));
        scene.until("it is over", |mails| mails.iter().any(|mail| mail.ledger == Ledger::Recovery));
        // One that lasts is registered once PagerDuty is back, after whatever waited before it.
        scene.post(&letter(&problem("web02", "swap"), Style::default(), "zbx"));
        scene.world.sandbox.control("outage", &json!({}));
        let of = |mails: &[Item]| mails.iter().filter(|mail| mail.ledger == Ledger::Registered).count();
        let mails = scene.until("the other is registered", |mails| of(mails) == 1);
        scene.world.settle();
        let ours = scene.ours();
        assert!(ours.len() == 1 && ours[0]["title"].as_str().unwrap().contains("swap"), "{ours:#?}");
        assert_eq!(mails[0].ledger, Ledger::Missing, "{}", shown(&mails));
        assert_eq!(scene.books.net_of(&mails[0]).open_since, None);
        scene.balances(3);
    });
}

/// A text of nobody's is never a recovery.
#[test]
fn a_mail_that_nobody_can_read_is_registered_and_resolves_nothing() {
    let scene = Scene::started(Database::Sqlite, &Plan::paging().with(&monitor("odd", "", "")));
    scene.post(&plain("odd@example.jp", &address("odd"), "", "Unit 7 says hello", "All of it is back, or is it?"));
    let mails =
        scene.until("it is registered", |mails| mails.iter().any(|mail| mail.ledger == Ledger::UnreadableRegistered));
    assert_eq!(scene.ours().len(), 1, "{}", shown(&mails));
    scene.balances(1);
}

/// PagerDuty takes our event and shows it only when all is over, or when the next problem has begun.
#[test]
fn ours_that_is_shown_after_the_recovery_is_resolved_too() {
    for is_again in [false, true] {
        let scene = Scene::started(Database::Sqlite, &Plan::paging().with(&monitor("zbx", "zabbix", "")));
        scene.world.sandbox.fault(&json!({ "on": "events", "path": "/v2/enqueue", "do": { "appear_ms": 8_000 } }));
        let alert = problem("web01", "disk /var");
        scene.post(&letter(&alert, Style::default(), "zbx"));
        wait::until("our event to be taken", || (scene.world.sandbox.fired() > 0).then_some(()));
        scene.post(&letter(&over(&alert), Style::default(), "zbx"));
        if is_again {
            scene.post(&letter(&alert, Style::default(), "zbx"));
        }
        let is_first = |one: &serde_json::Value| one["incident_key"].as_str().unwrap().ends_with("/1");
        let done = wait::within(wait::LONG, || {
            let first = scene.ours().into_iter().find(is_first)?;
            (first["status"] == "resolved").then_some(())
        });
        assert!(done.is_some(), "{:#?}\n{}", scene.ours(), scene.world.unrest());
        if is_again {
            scene.until("the next is registered", |mails| mails.last().unwrap().ledger == Ledger::Registered);
            let open = scene.ours().into_iter().filter(|one| one["status"] != "resolved").count();
            assert_eq!(open, 1);
        }
        scene.balances(if is_again { 3 } else { 2 });
    }
}
