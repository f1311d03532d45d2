//! `check` with connections: a line each, a remedy for everything that is wrong, and nothing changed outside.

use super::ends;
use crate::outside::parallel;
use crate::outside::process::{err, out};
use crate::outside::wait;
use crate::world::sandbox::SERVICES;
use crate::world::{Arms, Database, SHORT, Site, World, site};
use serde_json::{Value, json};
use std::net::TcpListener;

pub fn check(site: &Site) -> (i32, Value) {
    let output = site.command(&["check", "--json"]);
    let text = out(&output);
    let said: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}{}", err(&output)));
    let status = output.status.code().unwrap();
    assert_eq!(said["ok"], status == 0, "{said}");
    (status, said)
}

pub fn lines<'a>(said: &'a Value, what: &str) -> Vec<&'a Value> {
    said["lines"].as_array().unwrap().iter().filter(|line| line["what"] == what).collect()
}

/// The line of this kind and state; its words hold each of these.
pub fn holds(said: &Value, what: &str, state: &str, words: &[&str]) {
    let found = lines(said, what);
    let line = found.iter().find(|line| line["state"] == state);
    let line = line.unwrap_or_else(|| panic!("no line {what} is {state}: {said:#}"));
    let text = format!("{} {}", line["text"], line["remedy"]);
    assert!(words.iter().all(|word| text.contains(word)), "{words:?} in {line:#}");
    assert!(state == "ok" || line["remedy"].is_string(), "no remedy: {line:#}");
}

#[test]
fn every_connection_has_its_line_and_nothing_is_changed_outside() {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| {
        let mut world = World::new(*database, SHORT);
        world.site.start(&Arms::default());
        world.sandbox.trigger(SERVICES[0], "check/0");
        world.settle();
        let before = world.sandbox.effects().len();
        let (status, said) = check(&world.site);
        assert_eq!(status, 0, "{said:#}");
        let secret = "1 set; the last good webhook came at";
        for (what, words) in [
            ("configuration", "0 warnings"),
            ("reached", "answered within"),
            ("identity", "the account's own key"),
            ("level", "full"),
            ("missing", "nothing"),
            ("clock", "within"),
            ("rate limit", "calls a minute are left"),
            ("subscription", "is enabled and sends to"),
            ("secret", secret),
            ("events", "a key is set"),
            ("store", "takes a commit in"),
            ("server", "role all"),
            (if *database == Database::Sqlite { "disk" } else { "spool" }, "synced writes a second"),
            ("listen", "served by a running arayashiki"),
        ] {
            let found = lines(&said, what);
            assert!(found.iter().any(|l| l["text"].as_str().unwrap().contains(words)), "{what}: {said:#}");
            assert!(found.iter().all(|l| l["state"] != "fail"), "{what}: {said:#}");
        }
        assert_eq!(world.sandbox.effects().len(), before, "the check changed something outside");
        let text = ends(&world.site.command(&["check"]), 0);
        let is_line = |line: &str| ["ok  ", "warn", "fail"].iter().any(|word| line.starts_with(word));
        assert!(text.lines().count() >= 14 && text.lines().all(is_line), "{text}");
        assert!(
            !text.contains(world.sandbox.info["token"].as_str().unwrap()) && !text.contains(&world.sandbox.secret())
        );
    });
}

/// Before the first start: nothing is made, not even the database.
#[test]
fn a_check_before_the_first_start_makes_nothing() {
    let world = World::new(Database::Sqlite, SHORT);
    let config = std::fs::read_to_string(world.site.config()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("arayashiki.toml");
    let elsewhere = config.replace(&*world.site.data().to_string_lossy(), "data");
    std::fs::write(&file, elsewhere).unwrap();
    let output = crate::outside::process::run(&["check", "--config", &file.to_string_lossy()]);
    let said = ends(&output, 0);
    assert!(said.contains("is made by the first start") && said.contains("is free"), "{said}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["arayashiki.toml"]);
}

/// What is wrong, how it comes about, and the line that says so.
struct Trouble {
    name: &'static str,
    sandbox: &'static [&'static str],
    /// Texts of the configuration, each with what stands there instead.
    instead: &'static [(&'static str, &'static str)],
    /// Told to the sandbox.
    control: Option<(&'static str, Value)>,
    status: i32,
    what: &'static str,
    state: &'static str,
    words: &'static [&'static str],
}

impl Trouble {
    fn fails(name: &'static str, what: &'static str, words: &'static [&'static str]) -> Self {
        Self { name, sandbox: &[], instead: &[], control: None, status: 1, what, state: "fail", words }
    }

    fn warns(name: &'static str, what: &'static str, words: &'static [&'static str]) -> Self {
        Self { status: 0, state: "warn", ..Self::fails(name, what, words) }
    }

    fn is_well(name: &'static str, what: &'static str, words: &'static [&'static str]) -> Self {
        Self { status: 0, state: "ok", ..Self::fails(name, what, words) }
    }

    fn instead(mut self, instead: &'static [(&'static str, &'static str)]) -> Self {
        self.instead = instead;
        self
    }

    fn sandbox(mut self, sandbox: &'static [&'static str]) -> Self {
        self.sandbox = sandbox;
        self
    }

    fn told(mut self, what: &'static str, body: Value) -> Self {
        self.control = Some((what, body));
        self
    }
}

const API: &str = "api_url = \"http://127.0.0.1:";

fn of_the_key() -> Vec<Trouble> {
    let observe = &[("[link_note]\nmode = \"post\"", "[link_note]\nmode = \"observe\"")];
    let read_only = &["--key-level", "read-only"];
    vec![
        Trouble::fails("a wrong key", "identity", &["401", "[pagerduty] token", "region"])
            .instead(&[("token = \"", "token = \"x")]),
        Trouble::fails("a key of the other region", "identity", &["401", "api_url", "https://api.eu.pagerduty.com"])
            .told("region", json!({ "wrong": true })),
        Trouble::is_well("a read-only key", "level", &["read-only", "acts are hidden"])
            .sandbox(read_only)
            .instead(observe),
        Trouble::warns("a read-only key that shall write", "level", &["[link_note] mode", "does nothing", "may write"])
            .sandbox(read_only),
        Trouble::is_well("a user's key", "identity", &["the key of ", "acts as that user alone"])
            .sandbox(&["--key-level", "user"]),
        Trouble::warns("a missing scope", "missing", &["schedules", "403", "schedules.read", "Without it"])
            .told("scopes", json!({ "deny": ["/schedules"] })),
        Trouble::fails("a needed scope", "missing", &["incidents", "403", "no incident can be mirrored"])
            .told("scopes", json!({ "deny": ["/incidents"] })),
        Trouble::warns("a plan without priorities", "missing", &["priorities", "402", "plan"])
            .told("features", json!({ "off": ["priorities"] })),
    ]
}

fn of_the_way() -> Vec<Trouble> {
    vec![
        Trouble::fails("no network", "reached", &["no connection to 127.0.0.1", "firewall"])
            .instead(&[(API, "api_url = \"http://127.0.0.1:1\" # ")]),
        Trouble::fails("no such name", "reached", &["no connection to api.pagerduty.invalid", "DNS"])
            .instead(&[(API, "api_url = \"https://api.pagerduty.invalid\" # ")]),
        Trouble::warns("a clock that is off", "clock", &["behind", "NTP"])
            .told("clock_offset", json!({ "seconds": 90 })),
        Trouble::fails("no key for alarms", "events", &["can page nobody", "integration"])
            .instead(&[("unconfigured_routing_key", "#")]),
        Trouble::fails("a folder that can't be written", "disk", &["can't be written"])
            .instead(&[("sqlite:", "sqlite:/proc/nowhere/store.db\"\nreaders = 2 #")]),
    ]
}

fn of_webhooks() -> Vec<Trouble> {
    let act = |act: &str| json!({ "act": act });
    vec![
        Trouble::warns("no subscription of ours", "subscription", &["none has the address http://10", "public_url"])
            .instead(&[("public_url = \"http://127", "public_url = \"http://10"), ("webhook_subscriptions", "#")]),
        Trouble::fails(
            "no secret",
            "secret",
            &["every webhook of our subscription is refused", "put its secret there"],
        )
        .instead(&[("webhook_secrets", "#")]),
        Trouble::warns("one that may be ours", "subscription", &["leads to our path and port", "public_url"])
            .instead(&[("public_url = ", "#"), ("webhook_subscriptions", "#"), ("webhook_secrets", "#")]),
        Trouble::is_well("none that is known", "subscription", &["can't be told without [server] public_url"])
            .instead(&[("public_url = ", "#"), ("webhook_subscriptions", "#"), ("webhook_secrets", "#")])
            .told("subscription", act("delete")),
        Trouble::fails("one given up", "subscription", &["temporarily disabled", "Generic Webhooks (v3)"])
            .told("subscription", act("disable")),
        Trouble::fails("one switched off", "subscription", &["somebody switched it off", "enable it"])
            .told("subscription", act("deactivate")),
        Trouble::fails("one that is gone", "subscription", &["is not on PagerDuty's list", "make a new webhook"])
            .told("subscription", act("delete")),
    ]
}

#[test]
fn whatever_is_wrong_ends_in_a_line_with_its_remedy() {
    let all = of_the_key().into_iter().chain(of_the_way()).chain(of_webhooks());
    let all: Vec<(String, Trouble)> = all.map(|trouble| (trouble.name.to_owned(), trouble)).collect();
    parallel::all(&all, |trouble| {
        let world = World::beside(Database::Sqlite, SHORT, trouble.sandbox);
        let mut config = std::fs::read_to_string(world.site.config()).unwrap();
        for (was, is) in trouble.instead {
            assert!(config.contains(was), "{was} in {config}");
            config = config.replacen(was, is, 1);
        }
        std::fs::write(world.site.config(), config).unwrap();
        if let Some((what, mut body)) = trouble.control.clone() {
            body["token"] = world.sandbox.info["token"].clone();
            world.sandbox.control(what, &body);
        }
        let before = world.sandbox.effects().len();
        let (status, said) = check(&world.site);
        assert_eq!(status, trouble.status, "{said:#}");
        holds(&said, trouble.what, trouble.state, trouble.words);
        assert_eq!(world.sandbox.effects().len(), before);
    });
}

/// A connection that swallows everything ends the check all the same.
#[test]
fn one_that_never_answers_is_told_and_holds_up_no_other() {
    let world = World::new(Database::Sqlite, SHORT);
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = std::fs::read_to_string(world.site.config()).unwrap();
    let api_url = format!("api_url = \"{}\"", world.sandbox.info["url"].as_str().unwrap());
    assert!(config.contains(&api_url));
    let hangs = format!("api_url = \"http://{}\"", deaf.local_addr().unwrap());
    std::fs::write(world.site.config(), config.replace(&api_url, &hangs)).unwrap();
    let (status, said) = check(&world.site);
    assert_eq!(status, 1);
    holds(&said, "reached", "fail", &["did not answer"]);
    holds(&said, "events", "ok", &["answers"]);
    holds(&said, "store", "ok", &[]);
}

#[test]
fn a_secret_that_is_wrong_is_known_by_the_deliveries() {
    let mut world = World::new(Database::Sqlite, SHORT);
    world.site.start(&Arms::default());
    world.sandbox.rotate_secretly();
    world.sandbox.trigger(SERVICES[1], "wrong/secret");
    let said = wait::until("the check to know of the wrong secret", || {
        let (status, said) = check(&world.site);
        (status == 1).then_some(said)
    });
    holds(&said, "secret", "fail", &["fail their signature", "webhook_secrets"]);
}

#[test]
fn an_address_that_somebody_else_has_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Site::new(Database::Sqlite, tempfile::tempdir().unwrap(), port, "");
    let (status, said) = check(&taken);
    assert_eq!(status, 1);
    holds(&said, "listen", "fail", &["taken by another program", "another port"]);
    holds(&said, "reached", "warn", &["no [pagerduty] token"]);
    drop(listener);
    let free = Site::new(Database::Sqlite, tempfile::tempdir().unwrap(), site::free_port(), "");
    let (status, said) = check(&free);
    assert_eq!(status, 0);
    holds(&said, "listen", "ok", &["is free"]);
}

#[test]
fn a_wrong_configuration_ends_with_2_and_connects_to_nothing() {
    let world = World::new(Database::Sqlite, SHORT);
    world.site.configure("[pagerdooty]\n");
    let output = world.site.command(&["check", "--json"]);
    let said: Value = serde_json::from_str(&ends(&output, 2)).unwrap();
    assert_eq!(said["ok"], false);
    holds(&said, "configuration", "fail", &["pagerdooty"]);
    assert_eq!(said["lines"].as_array().unwrap().len(), 1, "{said:#}");
}

/// Where people are told: what is set and answers, and who is nobody in PagerDuty. Nothing is posted, nobody called.
#[test]
fn the_ways_to_people_are_told_without_their_secrets_and_strangers_are_named() {
    let world = World::new(Database::Sqlite, SHORT);
    let origin = world.sandbox.info["url"].as_str().unwrap();
    let config = std::fs::read_to_string(world.site.config()).unwrap();
    let person = |id: &str, pagerduty: &str| {
        format!("\n[[person]]\nid = \"{id}\"\nname = \"{id}\"\npagerduty = \"{pagerduty}\"\n")
    };
    let ways = format!(
        "\n[slack]\nwebhook_url = \"{origin}/services/hush\"\n\n[second_path]\nmode = \"page\"\n\
         webhook_url = \"{origin}/pager/hush\"\nsms = true\nsns_url = \"http://127.0.0.1:1\"\nsns_region = \"ap-northeast-1\"\n\
         sns_access_key_id = \"k\"\nsns_secret_access_key = \"s\"\n{}{}",
        person("sato", "SATO.hanako@example.com"),
        person("nobody", "nobody@example.com"),
    );
    std::fs::write(world.site.config(), format!("{config}{ways}")).unwrap();
    let before = world.sandbox.effects().len();
    let (status, said) = check(&world.site);
    assert_eq!(status, 1, "SNS does not answer: {said:#}");
    holds(&said, "slack", "ok", &["[slack] webhook_url", origin, "nothing was posted"]);
    holds(&said, "second path", "ok", &["[second_path] webhook_url", origin, "nobody was paged"]);
    holds(&said, "second path", "fail", &["[second_path] sms", "127.0.0.1", "refused"]);
    holds(&said, "second path", "warn", &["[[person]] nobody", "nobody@example.com", "mail address"]);
    let text = said.to_string();
    assert!(!text.contains("hush") && !text.contains("[[person]] sato"), "{said:#}");
    assert_eq!(world.sandbox.effects().len(), before, "something was posted");
    let offline = ends(&world.site.command(&["check", "--offline"]), 0);
    assert!(offline.contains("[slack] webhook_url is set and goes to") && offline.contains("not asked"), "{offline}");
    assert!(!offline.contains("hush"), "{offline}");
}
