//! What pretends to come from Slack or Backlog, what comes a second time, and what others write into titles: refused, or harmless.

use super::clock::Clock;
use super::desk::{CHANNEL, Desk, Plan, SATO};
use super::spaces::{CUSTOMER, OURS, PROJECT, SECRET};
use crate::net::each;
use crate::outside::http::{Answer, Request};
use crate::outside::wait;
use crate::world::Database;
use crate::world::sandbox::SERVICES;
use serde_json::{Value, json};

/// How many changes came in at PagerDuty by its API.
fn changes(desk: &Desk) -> usize {
    desk.sandbox().effects().iter().filter(|effect| effect["via"] == "rest").count()
}

fn inbox(desk: &Desk) -> usize {
    desk.world.site.all("inbox?source=slack").unwrap().len()
}

/// An incident with its message, in a Slack where Sato is known.
fn pressed(desk: &Desk) -> Value {
    desk.sandbox().trigger(SERVICES[0], "disk");
    let message = desk.until(&["発生中", "disk"]);
    desk.link("hanako", SATO);
    desk.rests();
    message
}

#[test]
fn what_is_old_or_wrongly_signed_is_refused_and_leaves_nothing() {
    let desk = Desk::started(Database::Sqlite, &Plan::default());
    let message = pressed(&desk);
    let (before, kept) = (changes(&desk), inbox(&desk));
    let press = json!({ "user": "hanako", "channel": CHANNEL, "ts": message["ts"], "action_id": "acknowledge" });
    let command = json!({ "user": "hanako", "channel": CHANNEL, "command": "/arayashiki", "text": "status" });
    let bad = [
        json!({ "skew_s": -310 }),
        json!({ "skew_s": -86_400 }),
        json!({ "skew_s": 310 }),
        json!({ "wrong_signature": true }),
        json!({ "wrong_signature": true, "skew_s": -310 }),
    ];
    for how in &bad {
        for (what, body) in [("press", &press), ("command", &command)] {
            let mut body = body.clone();
            body.as_object_mut().unwrap().extend(how.as_object().unwrap().clone());
            let answered = desk.slack.control(what, &body);
            assert_eq!(answered["status"], 401, "{what} {how}: {answered}");
        }
    }
    desk.rests();
    assert_eq!((changes(&desk), inbox(&desk)), (before, kept), "something of it was done or kept");
    assert_eq!(desk.answers(), 0, "somebody was answered");
    // The same within the time and rightly signed is taken, so it is these differences that were refused.
    let mut late = press;
    late["skew_s"] = json!(-280);
    assert_eq!(desk.slack.control("press", &late)["status"], 200);
    desk.until(&["確認済み", "Sato Hanako"]);
}

#[test]
fn the_same_bytes_again_do_nothing_again_and_are_refused_when_they_are_old() {
    each(|database| {
        let mut desk = Desk::made(database, &Plan::default());
        let clock = Clock::of(&desk);
        desk.begin_with(&clock.arms());
        let message = pressed(&desk);
        let press = json!({ "user": "hanako", "channel": CHANNEL, "ts": message["ts"], "action_id": "acknowledge" });
        let press = desk.slack.control("press", &press)["id"].clone();
        desk.until(&["確認済み", "Sato Hanako"]);
        let command = json!({ "user": "hanako", "channel": CHANNEL, "command": "/arayashiki", "text": "status" });
        let command = desk.slack.control("command", &command)["id"].clone();
        desk.whispered(&["未解決のインシデント"]);
        let note = note(&desk, &message);
        desk.rests();
        let (before, kept, told) = (changes(&desk), inbox(&desk), desk.answers());
        let elsewhere = format!("http://{}/webhooks/slack/commands", desk.world.site.address);
        for id in [&press, &command, &note] {
            for _ in 0..2 {
                assert_eq!(desk.slack.control("replay", &json!({ "id": id }))["status"], 200);
            }
            // Signed is what it says, not where to; so it has to be the same there as well.
            desk.slack.control("replay", &json!({ "id": id, "to": elsewhere }));
        }
        desk.rests();
        assert_eq!((changes(&desk), inbox(&desk)), (before, kept), "something was done or kept again");
        assert_eq!(desk.answers(), told, "somebody was answered again");
        altered(&desk, press.as_str().unwrap());
        clock.jump_s(320);
        for id in [&press, &command, &note] {
            let refused = || (desk.slack.control("replay", &json!({ "id": id }))["status"] == 401).then_some(());
            wait::until("what is old by now to be refused", refused);
        }
        desk.rests();
        assert_eq!((changes(&desk), inbox(&desk)), (before, kept));
    });
}

/// Writes a note by its form; the number of the request that brought it.
fn note(desk: &Desk, message: &Value) -> Value {
    desk.press("hanako", message, "note");
    let view = wait::until("the form to open", || {
        let views = desk.slack.get("views");
        views["views"].as_array()?.iter().find(|view| view["is_open"] == true).cloned()
    });
    let block = view["view"]["blocks"][0]["block_id"].as_str().unwrap().to_owned();
    let sent = json!({ "user": "hanako", "view": view["id"], "values": { block: { "text": "再送の確認" } } });
    let id = desk.slack.control("submit", &sent)["id"].clone();
    let is_written = || desk.sandbox().get("state").to_string().contains("再送の確認").then_some(());
    assert!(wait::within(wait::LONG, is_written).is_some(), "{}", desk.world.unrest());
    id
}

/// A request that was seen on its way, with another person or button in it.
fn altered(desk: &Desk, id: &str) {
    let seen = desk.slack.get(&format!("request?id={id}"));
    let body = seen["body"].as_str().unwrap_or_else(|| panic!("{seen}"));
    let kept = inbox(desk);
    for (from, to) in [("acknowledge", "resolve"), (desk.user("hanako").as_str(), "U0000000001")] {
        assert!(body.contains(from), "{body}");
        let mut request = Request::new("POST", "/webhooks/slack/interactions");
        for (name, value) in seen["headers"].as_object().unwrap() {
            request = request.with(name, value.as_str().unwrap());
        }
        request.body = body.replace(from, to).into_bytes();
        assert_eq!(desk.forge(request).status, 401, "{from} → {to}");
    }
    assert_eq!(inbox(desk), kept);
}

/// A hint as Backlog tells it.
fn hint(project: &str, key_id: i64, title: &str) -> Value {
    json!({
        "id": 26_400_000, "type": 1, "created": "2026-05-01T01:02:03Z", "notifications": [],
        "project": { "id": 11, "projectKey": project, "name": title },
        "content": { "id": key_id, "key_id": key_id, "summary": title, "description": title, "assignee": null },
        "createdUser": { "id": 105, "name": title },
    })
}

fn hinted(desk: &Desk, secret: &str, body: &Value) -> Answer {
    desk.forge(Request::new("POST", &format!("/webhooks/backlog/{secret}")).json_body(body))
}

fn started(database: Database) -> Desk {
    let desk = Desk::started(database, &Plan { tickets: true, calendars: true, ..Plan::default() });
    desk.first_contacts();
    desk
}

#[test]
fn an_address_with_a_wrong_secret_answers_like_any_that_is_not_there() {
    let desk = started(Database::Sqlite);
    let rows = || desk.world.site.all("inbox").unwrap().len();
    let before = rows();
    let (shorter, longer, upper) = (&SECRET[..SECRET.len() - 1], format!("{SECRET}0"), SECRET.to_uppercase());
    let body = hint(PROJECT, 1, "偽の課題");
    let unknown = hinted(&desk, "nobody-ever-had-this", &body);
    assert_eq!(unknown.status, 404);
    for secret in [shorter, &longer, &upper, "%20", "%2e%2e", "x%2Fy", &format!("{SECRET}%00")] {
        let answer = hinted(&desk, secret, &body);
        assert_eq!((answer.status, answer.text()), (404, unknown.text()), "{secret}");
        let names = |answer: &Answer| answer.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&answer), names(&unknown), "{secret}");
    }
    assert_eq!(rows(), before, "something of it was kept");
    assert_eq!(hinted(&desk, SECRET, &body).status, 200, "the right one is taken");
    assert!(!desk.world.site.log_text().contains(SECRET), "the secret stands in the log");
}

#[test]
fn a_hint_is_only_a_hint_whatever_it_says() {
    each(|database| {
        let desk = started(database);
        let tracker = desk.tracker();
        let served = tracker.create("課題-担当あり");
        tracker.acted("assign", &json!({ "as": OURS, "ticket": served, "to": OURS }));
        desk.rests();
        let (told, paged) = (desk.told("課題").len(), desk.paged("課題").len());
        // A ticket that is not there; one of a project that is not ours to see; other spaces and paths; numbers that are none.
        tracker.control("member", &json!({ "user": "arayashiki", "project": "SAKURA", "member": false }));
        let number: i64 = served.rsplit_once('-').unwrap().1.parse().unwrap();
        let hints = [
            hint(PROJECT, 9_999, "課題-偽"),
            hint("SAKURA", 1, "課題-偽"),
            hint("OTHER", 1, "課題-偽"),
            hint("../../users/myself?x=", 1, "課題-偽"),
            hint("MINATO-1/comments", 1, "課題-偽"),
            hint(PROJECT, -1, "課題-偽"),
            hint(PROJECT, i64::MAX, "課題-偽"),
            hint("", 0, ""),
            hint(PROJECT, number, "<!channel> 課題-偽"),
            json!({ "type": 14, "content": { "link": "not a list" }, "project": null }),
            json!([1, 2, 3]),
            json!("課題-偽"),
        ];
        for body in &hints {
            let status = hinted(&desk, SECRET, body).status;
            assert_eq!(status, 200, "{body}");
        }
        assert_eq!(
            desk.forge(Request {
                body: vec![0xff, 0x00, b'{'],
                ..Request::new("POST", &format!("/webhooks/backlog/{SECRET}"))
            })
            .status,
            200
        );
        desk.rests();
        assert_eq!((desk.told("課題").len(), desk.paged("課題").len()), (told, paged), "something was believed");
        // It goes on: what really happens is told.
        let key = tracker.create("課題-本物");
        desk.until(&[&key]);
        desk.rests();
        desk.once("課題-本物", 1);
    });
}

/// What others may write. Few and full, since a channel takes a message a second.
const HOSTILE: [&str; 4] = [
    "<!channel> <@UID|hanako> <!subteam^S0123456789|@oncall> <#C0123456789> <https://evil.example/login|サインイン>",
    "@here @channel *太字* _斜体_ ~取消~ `符号` db_01 https://evil.example/login a*b",
    "&lt;!channel&gt; &amp;lt; 右から\u{202e}左へ\u{202c}と\u{200f}印 > 引用 | 表 ^ 日付 <!date^0^{date}|いつか>",
    "</section><script>alert(1)</script> \"' <!here> 〆 *",
];

#[test]
fn what_others_write_calls_nobody_links_nowhere_and_reads_as_it_was_written() {
    each(|database| {
        let desk = started(database);
        let id = desk.user("hanako");
        let long = format!("<!channel> {}終わり", "とても長い".repeat(600));
        let texts: Vec<String> = HOSTILE.iter().map(|text| text.replace("UID", &id)).chain([long]).collect();
        for (n, text) in texts.iter().enumerate() {
            everywhere(&desk, n, text);
        }
        for n in 0..texts.len() {
            for word in [format!("障害{n}番"), format!("課題{n}番"), format!("予定{n}番")] {
                let is_told = || (!desk.told(&word).is_empty()).then_some(());
                assert!(wait::within(wait::LONG, is_told).is_some(), "{word} was not told: {}", desk.world.unrest());
            }
        }
        ended(&desk);
        desk.rests();
        for (n, text) in texts.iter().enumerate() {
            for word in [format!("障害{n}番"), format!("課題{n}番"), format!("予定{n}番")] {
                let told = desk.told(&word);
                assert_eq!(told.len(), 1, "{word}");
                reads(&told[0], text, &word);
            }
        }
        harmless(&desk, &id);
        desk.no_repeats();
    });
}

/// The text in every place that others write to.
fn everywhere(desk: &Desk, n: usize, text: &str) {
    let title = |what: &str| format!("{what}{n}番 {text}");
    // What a monitor sends is cut by PagerDuty where it is too long.
    let of_monitor: String = title("障害").chars().take(1_000).collect();
    let body = json!({ "service": SERVICES[n % SERVICES.len()], "title": of_monitor, "key": format!("hostile-{n}"), "details": { text: text } });
    let incident = desk.sandbox().control("trigger", &body)["incident"]["id"].clone();
    desk.sandbox().control("act", &json!({ "incident": incident, "act": "note", "content": text, "by": SATO }));
    let of_ticket: String = title("課題").chars().take(250).collect();
    let body = json!({ "as": CUSTOMER, "project": PROJECT, "summary": of_ticket, "description": text });
    let key = desk.tracker().acted("create", &body);
    desk.tracker().acted("comment", &json!({ "as": CUSTOMER, "ticket": key, "content": text }));
    let start_s = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() + 300;
    let start = jiff::Timestamp::from_second(start_s as i64).unwrap().to_string();
    let body = json!({
        "calendar": "oncall-promises", "summary": title("予定"), "start": start, "minutes": 60, "location": text, "description": text,
        "attendees": [{ "email": "guest@example.com", "displayName": text }],
    });
    desk.google().control("event", &body);
}

/// Threads and ends tell of the same things.
fn ended(desk: &Desk) {
    for incident in desk.paged("番") {
        let id = incident["id"].as_str().unwrap();
        desk.sandbox().control("act", &json!({ "incident": id, "act": "resolve", "by": SATO }));
    }
    let is_over = || desk.paged("番").iter().all(|one| one["status"] == "resolved").then_some(());
    wait::until("all to be resolved", is_over);
}

/// As Slack shows it: the three escapes undone. Marks that only turn text around are left out, marks of formats look the same and are none.
fn shown(text: &str) -> String {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let alike = [('ˋ', '`'), ('›', '>'), ('∗', '*'), ('ˍ', '_'), ('∼', '~')];
    let restored: String =
        plain.chars().map(|c| alike.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to)).collect();
    restored.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn reads(message: &Value, text: &str, word: &str) {
    let headline = message["blocks"][0]["text"]["text"].as_str().unwrap_or_else(|| panic!("{message}"));
    let written: String = text.chars().filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{200f}')).collect();
    let written = written.split_whitespace().collect::<Vec<_>>().join(" ");
    // Long ones are cut where people still know what it is.
    let expected: String = format!("{word} {written}").chars().take(90).collect();
    assert!(shown(headline).contains(&expected), "{expected}\nreads {}", shown(headline));
    assert!(headline.chars().count() <= 3_000);
}

/// Of everything that ever stood there, whoever wrote it.
fn harmless(desk: &Desk, id: &str) {
    let log = desk.log("slack");
    let is_seen =
        |entry: &&Value| ["slack.posted", "slack.updated", "slack.ephemeral"].iter().any(|kind| entry["kind"] == *kind);
    let seen: Vec<&Value> = log.iter().filter(is_seen).map(|entry| &entry["detail"]).collect();
    assert!(seen.len() > 4 * HOSTILE.len());
    for one in seen {
        assert_eq!(one["pings"], json!([]), "somebody is called: {one}");
        for field in ["text", "blocks"] {
            let said = one[field].to_string();
            for tag in ["<!channel", "<!here", "<!everyone", "<!subteam", "<#C", "<http", &format!("<@{id}")] {
                assert!(!said.contains(tag), "{tag} stands in {said}");
            }
            assert!(!said.contains(['\u{202e}', '\u{200f}']), "{said}");
        }
        // A button may lead to where it came from, and nowhere else.
        buttons(&one["blocks"], &mut |url| {
            assert!(!url.contains("evil.example"), "a button leads to {url}");
        });
    }
}

fn buttons(value: &Value, check: &mut impl FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| buttons(item, check)),
        Value::Object(fields) => {
            if let Some(url) = fields.get("url").and_then(Value::as_str) {
                check(url);
            }
            fields.values().for_each(|item| buttons(item, check));
        }
        _ => {}
    }
}
