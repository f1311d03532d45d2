//! What the log tells: each line is JSON, with the ids by which a line is found again, and without a secret, a mail address
//! or anybody's name.

use crate::outside::http::Request;
use crate::outside::process::out;
use crate::outside::{signing, wait};
use crate::stranger::Browser;
use crate::world::sandbox::{PEOPLE, SERVICES};
use crate::world::{Arms, Database, SHORT, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NAME: &str = "Sato Hanako";
const PASSWORD: &str = "a long night at the desk";

/// A night in short, with everything in it that must not be told.
fn night(world: &mut World) -> Vec<String> {
    let link = out(&world.site.command(&["user", "add", "--email", PEOPLE[0], "--name", NAME, "--role", "responder"]));
    let path = link.trim().split_once(&world.site.address.to_string()).unwrap().1.to_owned();
    let mut browser = Browser::new(world.site.address);
    browser.get(&path);
    let fields = [("email", PEOPLE[0]), ("name", NAME), ("password", PASSWORD), ("password_again", PASSWORD)];
    assert!((300..400).contains(&browser.post(&path, &fields).status));
    assert_eq!(browser.sign_in(PEOPLE[0], "a wrong password of the night").status, 401);
    assert!((300..400).contains(&browser.sign_in(PEOPLE[0], PASSWORD).status));
    let incidents: Vec<String> = (0..3).map(|n| world.sandbox.trigger(SERVICES[n], &format!("log/{n}"))).collect();
    let secret = world.sandbox.secret();
    // A stranger's, once it is known which ones are ours.
    let strange = || signing::deliver(world.site.address, "another secret", signing::triggered("QFALSE")).unwrap();
    wait::until("a stranger to be known for one", || (strange().status == 401).then_some(()));
    // Authentic and no JSON.
    assert_eq!(signing::deliver(world.site.address, &secret, b"{ no json".to_vec()).unwrap().status, 202);
    world.settle();
    world.site.act_as(PEOPLE[0]);
    unfit(world, &incidents[0]);
    note(world, &incidents[0]);
    world.settle();
    let mut secrets: Vec<String> = ["token", "webhook_secret"].map(|key| text(&world.sandbox.info[key])).into();
    secrets.extend(world.sandbox.info["routing_keys"].as_object().unwrap().values().map(text));
    secrets.extend(["/setup/".to_owned() + path.rsplit('/').next().unwrap(), PASSWORD.to_owned()]);
    secrets
        .extend(["a wrong password of the night", "another secret", NAME, "Hanako", "見ています"].map(str::to_owned));
    secrets.extend(PEOPLE.map(str::to_owned));
    secrets.extend([text(&world.sandbox.info["from"]), bearer(world)]);
    secrets
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn bearer(world: &World) -> String {
    let request = world.site.authorized("GET", "/");
    let (_, value) = request.headers.iter().find(|(name, _)| name == "authorization").unwrap();
    value.trim_start_matches("Bearer ").to_owned()
}

/// An act that can't be sent as it stands.
fn unfit(world: &World, incident: &str) {
    let path = format!("/api/v1/incidents/{incident}/acts");
    let request =
        world.site.authorized("POST", &path).json_body(&json!({ "act": "escalate", "level": "up", "nonce": "n" }));
    let answer = request.send(world.site.address).unwrap();
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("a whole number") && !answer.text().contains("u32"), "{}", answer.text());
}

/// A note in one's own name, as soon as it is known who one is in PagerDuty.
fn note(world: &World, incident: &str) {
    let path = format!("/api/v1/incidents/{incident}/acts");
    let body =
        json!({ "act": "note", "text": "見ています 🔧", "nonce": "0123456789abcdef0123456789abcdef" }).to_string();
    wait::until("the note to be taken", || {
        let request = world.site.authorized("POST", &path).with("content-type", "application/json");
        let request = Request { body: body.clone().into_bytes(), ..request };
        let answer = request.send(world.site.address).ok()?;
        assert!(matches!(answer.status, 200 | 202 | 403 | 409), "{} {}", answer.status, answer.text());
        matches!(answer.status, 200 | 202).then_some(())
    });
}

#[test]
fn the_log_is_json_names_what_it_is_about_and_tells_no_secret_and_nobodys_name() {
    let mut world = World::new(Database::Sqlite, SHORT);
    let config = std::fs::read_to_string(world.site.config()).unwrap();
    let loud = config.replace("filter = \"warn\"", "filter = \"info\"\nformat = \"json\"");
    assert_ne!(loud, config);
    std::fs::write(world.site.config(), loud).unwrap();
    world.site.start(&Arms::default());
    let secrets = night(&mut world);
    // A destination that is away makes jobs wait, which is worth a line.
    world.sandbox.control("outage", &json!({ "rest": true, "mode": "5xx" }));
    world.sandbox.trigger(SERVICES[3], "log/late");
    wait::until("a job that has to wait", || world.site.log_text().contains("\"later\"").then_some(()));
    world.sandbox.control("outage", &json!({}));
    world.settle();
    world.site.stop();
    let log = world.site.log_text();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    for secret in &secrets {
        let told: Vec<&str> = log.lines().filter(|line| line.contains(secret.as_str())).collect();
        assert!(told.is_empty(), "{secret:?} stands in {told:?}");
    }
    assert!(!log.contains('@'), "a mail address: {:?}", log.lines().find(|line| line.contains('@')));
    names_what_it_is_about(&lines);
}

/// Lines of one kind carry the id of the thing that they are about.
fn names_what_it_is_about(lines: &[Value]) {
    let about = |line: &Value| -> Option<&str> {
        match line["message"].as_str()? {
            "later" | "skipped" | "dead" | "an act was asked for" => Some("job"),
            message if message.contains("signal can't be read") => Some("signal"),
            _ => None,
        }
    };
    let mut seen = BTreeSet::new();
    for line in lines {
        assert!(line["message"].is_string() && line["level"].is_string() && line["timestamp"].is_string(), "{line}");
        if let Some(id) = about(line) {
            assert!(line[id].is_i64(), "no {id} in {line}");
            seen.insert(id);
        }
        if line["message"] == "answered" {
            assert!(line["span"]["request"].is_string(), "{line}");
            seen.insert("request");
            if line["status"] == 422 {
                assert!(line["who"].as_str().is_some_and(|who| !who.is_empty()), "whose request was refused: {line}");
                seen.insert("who");
            }
        }
    }
    assert!(["job", "request", "who"].iter().all(|id| seen.contains(id)), "{seen:?} of {lines:?}");
}
