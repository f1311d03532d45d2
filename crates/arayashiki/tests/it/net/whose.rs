//! Whose things are: a mail is the customer's whose team owns its service in PagerDuty, and what we register for it is the same
//! customer's, though it lies on a service that is nobody's; a storm of several customers' alerts is nobody's.

use super::each;
use super::letters::{letter, monitor, problem};
use super::scene::{Plan, Scene, shown};
use crate::outside::wait;
use crate::world::Sandbox;
use crate::world::sandbox::ALARMS;
use model::mail::Ledger;
use sandbox::monitors::Style;
use serde_json::Value;
use std::fmt::Write;

/// Each customer by the id of its team alone, as the account has them; services by name.
fn plan(sandbox: &Sandbox, storm: u32) -> Plan {
    let mut tables = String::new();
    for customer in sandbox.info["customers"].as_array().unwrap() {
        let text = |name: &str| customer[name].as_str().unwrap();
        let _ = write!(
            tables,
            "\n[[customer]]\nid = \"{}\"\nname = \"{}\"\nteams = [\"{}\"]\n",
            text("id"),
            text("name"),
            text("team")
        );
    }
    tables.push_str(&monitor("zbx", "zabbix", "service = \"Hoshino Foods / EC site\""));
    tables.push_str(
        "\n[[mail.service]]\nmonitor = \"zbx\"\nhost = \"pay*\"\nservice = \"Minato Pay / 決済API\"\n\
         \n[[mail.service]]\nmonitor = \"zbx\"\nhost = \"lost*\"\nservice = \"Nowhere at all\"\n",
    );
    Plan::paging().net(&format!("storm = {storm}")).with(&tables)
}

/// Started, and the account's services and teams are known.
fn scene(database: crate::world::Database, storm: u32) -> Scene {
    let scene = Scene::made_and_started(database, |sandbox, _| plan(sandbox, storm));
    wait::until("the account's services and teams to be known", || {
        scene.books.knows_service("Minato Pay / 決済API").then_some(())
    });
    scene
}

fn nobodys(scene: &Scene) -> Vec<Value> {
    scene.ours().into_iter().filter(|one| one["service"]["summary"] == ALARMS).collect()
}

fn table(scene: &Scene) -> String {
    let out = scene.world.site.folder.path().join("mails.csv");
    let file = out.to_str().unwrap();
    let done = scene.world.site.command(&["export", "--what", "mails", "--format", "csv", "--out", file]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::read_to_string(out).unwrap()
}

#[test]
fn what_we_register_is_the_customers_whose_alert_it_is() {
    each(|database| {
        let scene = scene(database, 1_000);
        for (host, check) in [("web01", "HTTP"), ("pay01", "TLS"), ("lost01", "swap")] {
            scene.post(&letter(&problem(host, check), Style::default(), "zbx"));
        }
        let mails = scene.until("three registered mails", |mails| {
            mails.len() == 3 && mails.iter().all(|mail| mail.ledger == Ledger::Registered)
        });
        let wanted = [Some("hoshino"), Some("minato"), None];
        for (mail, wanted) in mails.iter().zip(wanted) {
            assert_eq!(mail.customer.as_deref(), wanted, "{}", shown(std::slice::from_ref(mail)));
            let ours = mail.incident.as_deref().unwrap();
            assert_eq!(scene.books.customer_of(ours), Some(wanted.map(str::to_owned)), "{ours}");
        }
        assert_eq!(nobodys(&scene).len(), 3, "they lie on the service that is nobody's");
        let table = table(&scene);
        assert!(table.lines().any(|line| line.contains("web01") && line.contains(",hoshino,")), "{table}");
        scene.balances(3);
    });
}

#[test]
fn a_storm_of_several_customers_is_nobodys_and_one_customers_is_its_own() {
    each(|database| {
        let scene = scene(database, 2);
        let post = |hosts: &[&str]| {
            hosts.iter().for_each(|host| scene.post(&letter(&problem(host, "PING"), Style::default(), "zbx")));
        };
        let storm = || {
            let is = |one: &Value| one["incident_key"].as_str().is_some_and(|key| key.contains("/storm:"));
            scene.ours().into_iter().find(is).and_then(|one| one["id"].as_str().map(str::to_owned))
        };
        post(&["web01", "web02", "web03", "web04", "web05", "web06"]);
        let storm = wait::until("a storm's incident", storm);
        wait::until("the storm to be the one customer's", || {
            (scene.books.customer_of(&storm) == Some(Some("hoshino".into()))).then_some(())
        });
        post(&["pay01", "pay02"]);
        wait::until("the storm to be nobody's", || (scene.books.customer_of(&storm) == Some(None)).then_some(()));
    });
}
