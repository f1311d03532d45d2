//! What people and leaders enter on the page holds at once for what calls people: leave, a day off, rules of tickets, hours of a group.

use super::desk::{Desk, Plan};
use super::spaces::{CUSTOMER, PROJECT};
use crate::outside::wait;
use crate::stranger::Browser;
use crate::world::Database;
use serde_json::json;

const PASSWORD: &str = "a lantern in the long corridor";
const AWAY: &str = "担当者が不在の課題";

/// Sato is always at work, by her own hours.
const TABLES: &str = r#"
[[hours]]
name = "always"
week = ["always"]
holidays = "none"

[[person]]
id = "sato"
name = "Sato Hanako"
mail = "sato@example.jp"
backlog = ["102"]

[[group]]
id = "people"
name = "運用の全員"
members = ["sato"]
hours = "always"

[[backlog.rule]]
name = "away"
when = "off_hours"
"#;

fn started() -> Desk {
    let desk = Desk::started(Database::Sqlite, &Plan { tickets: true, tables: TABLES.into(), ..Plan::default() });
    desk.tracker().settled(&desk.world);
    desk
}

fn signed_in(desk: &Desk, email: &str, role: &str) -> Browser {
    let site = &desk.world.site;
    let made = site.command(&["user", "add", "--email", email, "--name", "Sato Hanako", "--role", role]);
    let link = String::from_utf8(made.stdout).unwrap();
    let path = link.trim().split_once(&site.address.to_string()).unwrap_or_else(|| panic!("{link}")).1.to_owned();
    let mut browser = Browser::new(site.address);
    let fields = [("email", email), ("name", "Sato Hanako"), ("password", PASSWORD), ("password_again", PASSWORD)];
    browser.post(&path, &fields);
    assert!(browser.has_cookie("arayashiki_session"));
    browser
}

/// A day from today on, by the clock of her hours.
fn day(ahead: i64) -> String {
    let at = store::Clock::default().now().plus_s(ahead * 86_400);
    at.timestamp().to_zoned(jiff::tz::TimeZone::get("Asia/Tokyo").unwrap()).date().to_string()
}

/// A ticket that the customer gives to Sato.
fn given_to_sato(desk: &Desk, title: &str) -> String {
    let body = json!({ "as": CUSTOMER, "project": PROJECT, "summary": title, "assignee": "sato" });
    desk.tracker().acted("create", &body)
}

/// It was judged, and nobody was told of it.
fn hushed(desk: &Desk, key: &str) {
    let known = || {
        desk.world
            .site
            .all("jobs?state=done")
            .ok()
            .filter(|jobs| jobs.iter().any(|job| job["effect"] == "read_ticket" && job.to_string().contains(key)))
    };
    assert!(wait::within(wait::LONG, || known().map(|_| ())).is_some(), "{key} was not read: {}", desk.world.unrest());
    desk.world.settle();
    let told = desk.messages().iter().filter(|one| one.to_string().contains(key)).count();
    assert_eq!(told, 0, "{key}: {:?}", desk.messages());
}

#[test]
fn leave_that_somebody_enters_calls_the_desk_for_their_tickets_from_then_on() {
    let desk = started();
    let mut sato = signed_in(&desk, "sato@example.jp", "viewer");
    hushed(&desk, &given_to_sato(&desk, "在席中の課題"));
    let (from, until, path) = (day(0), day(1), "/people/hours/sato/entries");
    let leave =
        [("kind", "leave"), ("nonce", "leave-0001"), ("from", from.as_str()), ("until", &until), ("note", "通院")];
    let said = sato.post(path, &leave);
    assert_eq!(said.status, 303, "{}", said.text());
    let away = given_to_sato(&desk, "休暇中の課題");
    let message = desk.until(&[AWAY, &away, "away"]);
    assert!(!message.to_string().contains("通院"), "what she wrote to it is hers: {message}");
    let told = desk.world.site.api("people").unwrap();
    assert_eq!((&told["items"][0]["at_work"], &told["items"][0]["why"]), (&json!(false), &json!("leave")));
    sato.post("/people/hours/sato/undo", &[("nonce", "undo-00001"), ("said", "leave-0001")]);
    hushed(&desk, &given_to_sato(&desk, "戻った後の課題"));
    desk.rests();
}

#[test]
fn rules_and_hours_that_a_leader_keeps_hold_from_the_next_happening_on() {
    let desk = started();
    let mut lead = signed_in(&desk, "lead@example.jp", "leader");
    let rule = [("name", "至急の依頼"), ("version", "0"), ("position", "1"), ("when", "any"), ("keywords", "至急")];
    let with = |more: &[(&'static str, &'static str)]| [&rule, more].concat();
    let seen = lead.post("/people/rules", &with(&[("do", "preview")]));
    assert_eq!(seen.status, 200, "{}", seen.text());
    hushed(&desk, &given_to_sato(&desk, "至急: 下書きの間"));
    let kept = lead.post("/people/rules", &with(&[("do", "save"), ("nonce", "save-00001")]));
    assert_eq!(kept.status, 303, "{}", kept.text());
    let key = given_to_sato(&desk, "至急: 保存の後");
    desk.until(&["確認が必要な課題", &key, "至急の依頼"]);
    let off = [("name", "至急の依頼"), ("version", "1"), ("to", "off"), ("nonce", "turn-00001")];
    assert_eq!(lead.post("/people/rules/turn", &off).status, 303);
    hushed(&desk, &given_to_sato(&desk, "至急: 無効の間"));

    let week = [("version", "0"), ("zone", "Asia/Tokyo"), ("week", "never"), ("holidays", "none"), ("do", "save")];
    let hours = lead.post("/people/groups/people", &[&week[..], &[("nonce", "hours-0001")]].concat());
    assert_eq!(hours.status, 303, "{}", hours.text());
    let away = given_to_sato(&desk, "勤務時間外の課題");
    desk.until(&[AWAY, &away]);
    let told = desk.world.site.command(&["person", "hours", "sato", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["at_work"], false, "the command line goes by the same: {told}");
    desk.rests();
}
