//! The buttons: what a person at the desk says of a mail is done, once, and holds from then on.

use super::each;
use super::letters::{letter, monitor, over, problem};
use super::scene::{Plan, Scene, shown};
use crate::outside::wait;
use crate::world::Database;
use duties::safety_net::desk::Act;
use model::mail::{Ledger, Reason};
use sandbox::monitors::Style;
use store::mails::Item;

const WHO: &str = "Sato Hanako";

fn has(ledger: Ledger, count: usize) -> impl FnMut(&[Item]) -> bool {
    move |mails| mails.iter().filter(|mail| mail.ledger == ledger).count() == count
}

fn plan(mode: &'static str) -> Plan {
    Plan::mode(mode).with(&monitor("zbx", "zabbix", ""))
}

#[test]
fn register_registers_what_the_mode_did_not() {
    each(|database| {
        let scene = Scene::started(database, &plan("post"));
        scene.post(&letter(&problem("web01", "disk /var"), Style::default(), "zbx"));
        let mails = scene.until("it is missing", has(Ledger::Missing, 1));
        assert!(scene.ours().is_empty());
        scene.books.say(WHO, Act::Register { mail: mails[0].id });
        scene.until("it is registered", has(Ledger::Registered, 1));
        // A second press of the button does nothing more.
        scene.books.say(WHO, Act::Register { mail: mails[0].id });
        scene.world.settle();
        assert_eq!(scene.ours().len(), 1);
        assert_eq!(scene.ours()[0]["status"], "triggered");
        scene.balances(1);
    });
}

#[test]
fn not_an_alert_resolves_ours_and_holds_for_the_next() {
    let scene = Scene::started(Database::Sqlite, &plan("page"));
    let alert = problem("web01", "disk /var");
    let post = || scene.post(&letter(&alert, Style::default(), "zbx"));
    post();
    let mails = scene.until("it is registered", has(Ledger::Registered, 1));
    scene.books.say(WHO, Act::NotAnAlert { mail: mails[0].id, always: true });
    scene.until("it is no alert", has(Ledger::NotAnAlert, 1));
    wait::until("ours is resolved", || (scene.ours()[0]["status"] == "resolved").then_some(()));
    post();
    let mails = scene.until("nor is the next", has(Ledger::NotAnAlert, 2));
    assert!(matches!(mails[0].reason, Reason::Person { .. }), "{}", shown(&mails));
    let rules = scene.books.rules();
    assert_eq!((rules.len(), rules[0].created_by.as_str()), (1, WHO));
    // Another alert of the same monitor is one still.
    scene.post(&letter(&problem("web01", "swap"), Style::default(), "zbx"));
    scene.until("the other is registered", has(Ledger::Registered, 1));
    // And so is this one again, once the rule is ended.
    scene.books.say(WHO, Act::EndRule { rule: rules[0].id.clone() });
    wait::until("the rule ends", || scene.books.rules().is_empty().then_some(()));
    post();
    scene.until("it is registered anew", has(Ledger::Registered, 2));
    assert_eq!(scene.ours().len(), 3, "{}", shown(&scene.books.mails()));
    scene.balances(4);
}

#[test]
fn not_an_alert_once_is_for_this_mail_alone() {
    let scene = Scene::started(Database::Sqlite, &plan("page"));
    let alert = problem("web01", "disk /var");
    scene.post(&letter(&alert, Style::default(), "zbx"));
    let mails = scene.until("it is registered", has(Ledger::Registered, 1));
    scene.books.say(WHO, Act::NotAnAlert { mail: mails[0].id, always: false });
    scene.until("it is no alert", has(Ledger::NotAnAlert, 1));
    assert!(scene.books.rules().is_empty());
    scene.post(&letter(&alert, Style::default(), "zbx"));
    scene.until("the next one is", has(Ledger::Registered, 1));
    scene.balances(2);
}

#[test]
fn what_is_held_back_is_known_and_meant_so() {
    let scene = Scene::started(Database::Sqlite, &plan("page"));
    let alert = problem("web01", "disk /var");
    scene.post(&letter(&alert, Style::default(), "zbx"));
    let mails = scene.until("it is registered", has(Ledger::Registered, 1));
    scene.books.say(WHO, Act::HoldBack { mail: mails[0].id });
    scene.until("it is held back", has(Ledger::Suppressed, 1));
    wait::until("ours is resolved", || (scene.ours()[0]["status"] == "resolved").then_some(()));
    scene.post(&letter(&over(&alert), Style::default(), "zbx"));
    scene.post(&letter(&alert, Style::default(), "zbx"));
    scene.until("so is the next", has(Ledger::Suppressed, 2));
    scene.world.settle();
    assert_eq!(scene.ours().len(), 1);
    scene.balances(3);
}
