//! The button in PagerDuty and the note beside an incident, from the outside: what is believed, who gets something for it, and that the
//! note is one whatever happens to the calls that bring it there.

use crate::hostile::say;
use crate::outside::http::{Answer, Request};
use crate::outside::{parallel, wait};
use crate::repair::{shows, world as asking};
use crate::world::sandbox::{PEOPLE, SERVICES};
use crate::world::{Arms, Database, World};
use serde_json::{Value, json};

const SECRET: &str = "made-up-secret-of-a-button";
const OLD_SECRET: &str = "made-up-secret-of-before";
const PRESSER: &str = PEOPLE[1];
/// What our note is found by.
const MARK: &str = "[arayashiki:diagnosis:";

/// A host that nobody answers for, so that each visit ends at once; what came of it is told all the same.
fn world(database: Database) -> World {
    let world = asking(database, |config| {
        let secrets = format!("action_secrets = [\"{SECRET}\", \"{OLD_SECRET}\"]\nfirst_sight = \"1d\"");
        let config = config.replace("first_sight = \"1d\"", &secrets);
        let config = config.replace("mode = \"post\"\n\n[intake", "mode = \"observe\"\n\n[intake");
        let host = "[[host]]\nname = \"web01\"\naddress = \"127.0.0.1:1\"\nuser = \"ops\"\nkey_file = \"key\"\n";
        format!("{config}\n[ssh]\nconnect = \"1s\"\n\n{host}")
    });
    std::fs::write(world.site.folder.path().join("key"), "no key, and never needed").unwrap();
    world
}

/// The program runs, somebody has an account, PagerDuty's people are known, and an incident names the host.
fn with_incident(database: Database, role: &str) -> (World, String) {
    let mut world = world(database);
    world.site.start(&Arms::default());
    let made = world.site.command(&["user", "add", "--email", PRESSER, "--name", "Tanaka Ken", "--role", role]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    shows(&world, "/api/v1/connections", "the people of PagerDuty", |all| all["mirrored"]["user"].as_i64() > Some(0));
    let incident = world.sandbox.trigger(SERVICES[0], "web01 disk");
    world.settle();
    for runbook in ["linux", "nginx"] {
        let url = format!("http://{}/webhooks/pagerduty/action/{SECRET}?runbook={runbook}", world.site.address);
        world.sandbox.control("extension", &json!({ "service": SERVICES[0], "label": runbook, "url": url }));
    }
    (world, incident)
}

fn press(world: &World, incident: &str, button: &str) {
    let told = world.sandbox.control("press", &json!({ "incident": incident, "by": PRESSER, "extension": button }));
    assert_eq!(told["delivery"]["status"], 202, "{told}");
}

/// Rows about presses, the newest first.
fn audited(world: &World) -> Vec<Value> {
    let mut rows = world.site.all("audit").unwrap();
    rows.retain(|row| row["action"].as_str().is_some_and(|action| action.starts_with("pagerduty.press")));
    rows
}

fn audited_once(world: &World, action: &str) -> Value {
    let found = wait::within(wait::LONG, || audited(world).into_iter().find(|row| row["action"] == action));
    let row = found.unwrap_or_else(|| panic!("no {action}: {:?} {}", audited(world), world.unrest()));
    world.settle();
    assert_eq!(audited(world).len(), 1, "{:?}", audited(world));
    row
}

/// Our notes on an incident.
fn notes(world: &World, incident: &str) -> Vec<String> {
    let incidents = world.sandbox.incidents();
    let own = incidents.iter().find(|one| one["id"] == incident).unwrap();
    let texts = own["notes"].as_array().unwrap().iter().filter_map(|note| note["content"].as_str());
    texts.filter(|text| text.contains(MARK)).map(str::to_owned).collect()
}

fn each(run: impl Fn(Database) + Sync) {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| run(*database));
}

#[test]
fn a_press_in_pagerduty_looks_at_the_host_once_and_the_note_follows_in_its_place() {
    each(|database| {
        let (world, incident) = with_incident(database, "responder");
        // Both calls that write the note lose their answer.
        for (method, path) in [("POST", "/incidents/*/notes"), ("PUT", "/incidents/*/notes/*")] {
            let cut = json!({ "on": "rest", "method": method, "path": path, "do": { "cut": "after_effect" } });
            world.sandbox.fault(&cut);
        }
        world.sandbox.fault(&json!({ "on": "webhook", "path": "incident.custom", "do": { "duplicate": 2 } }));
        press(&world, &incident, "linux");
        let row = audited_once(&world, "pagerduty.press");
        assert_eq!(row["detail"]["came"]["runs"].as_array().map(Vec::len), Some(1), "{row}");
        wait::until("the note", || (notes(&world, &incident).len() == 1).then_some(()));
        world.settle();
        press(&world, &incident, "nginx");
        let says = || notes(&world, &incident).first().is_some_and(|note| note.contains("nginx"));
        wait::until("the note to say more", || says().then_some(()));
        world.settle();
        let (rows, noted) = (audited(&world), notes(&world, &incident));
        assert_eq!((rows.len(), noted.len()), (2, 1), "{rows:?} {noted:?}");
        assert!(noted[0].contains("linux"), "{noted:?}");
        let effects = world.sandbox.effects();
        let count = |kind: &str| effects.iter().filter(|effect| effect["kind"] == kind).count();
        assert_eq!(count("note.created"), 1, "it was written once and changed in its place");
        assert!(count("note.updated") >= 1 && world.sandbox.fired() == 3, "{effects:?}");
    });
}

#[test]
fn a_press_by_somebody_who_only_looks_is_told_in_the_record_and_does_nothing() {
    each(|database| {
        let (world, incident) = with_incident(database, "viewer");
        press(&world, &incident, "linux");
        let row = audited_once(&world, "pagerduty.press-refused");
        assert!(row["detail"]["why"].as_str().is_some_and(|why| why.contains("looks only")), "{row}");
        assert!(notes(&world, &incident).is_empty());
    });
}

fn send(world: &World, address: &str, body: &[u8]) -> Answer {
    let path = format!("/webhooks/pagerduty/action/{address}");
    Request { body: body.to_vec(), ..Request::new("POST", &path) }.send(world.site.address).unwrap()
}

fn forged(incident: &str, user: &str) -> Vec<u8> {
    let agent = json!({ "id": user, "type": "user_reference" });
    let message = json!({
        "id": format!("m-{user}"), "event": "incident.custom", "incident": { "id": incident },
        "log_entries": [{ "id": "RFORGED", "type": "custom_log_entry", "agent": agent }],
    });
    json!({ "messages": [message] }).to_string().into_bytes()
}

fn kept(world: &World) -> Vec<Value> {
    world.site.all("inbox?source=pagerduty-action").unwrap()
}

#[test]
fn the_door_keeps_what_comes_by_a_right_address_and_nothing_else_and_believes_none_of_it() {
    each(|database| {
        let (world, incident) = with_incident(database, "admin");
        let user = world.sandbox.info["from"].as_str().unwrap();
        for wrong in ["x", &SECRET[1..], &format!("{SECRET}0"), "%00"] {
            assert_eq!(send(&world, wrong, &forged(&incident, user)).status, 404, "{wrong}");
        }
        let path = format!("/webhooks/pagerduty/action/{SECRET}");
        let head = Request::new("POST", &path).with("content-length", ((1 << 20) + 1).to_string()).head();
        assert_eq!(say(&world.site, head.as_bytes()).unwrap().status, 413);
        assert!(kept(&world).is_empty(), "{:?}", kept(&world));
        for address in [SECRET, OLD_SECRET] {
            assert_eq!(send(&world, address, &forged(&incident, "PNOBODY")).status, 202, "{address}");
        }
        for garbage in ["", "{", "[]", "\u{0}", r#"{"messages":[{"event":"incident.custom"}]}"#] {
            assert_eq!(send(&world, SECRET, garbage.as_bytes()).status, 202, "{garbage:?}");
        }
        // It is looked for over half a minute, for PagerDuty's log may be late.
        let row = audited_once(&world, "pagerduty.press-doubted");
        assert_eq!(row["detail"]["claimed_by"], "PNOBODY", "{row}");
        let rows = kept(&world);
        let unreadable = rows.iter().filter(|row| row["state"] == "unreadable").count();
        assert_eq!((rows.len(), unreadable), (6, 5), "the same bytes twice are one: {rows:?}");
        assert!(notes(&world, &incident).is_empty());
    });
}
