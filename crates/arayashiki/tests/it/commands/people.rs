//! `person hours`, `oncall` and what `check` says of people, their hours, Backlog and calendars: answers, reasons, exit statuses.

use super::check::lines;
use super::ends;
use crate::net::others::Other;
use crate::outside::process::{err, out, run};
use crate::world::{Arms, Database, SHORT, World};
use serde_json::{Value, json};
use std::process::Output;
use store::{Clock, Options, Place, Store, person_days};
use tempfile::TempDir;

const CONFIG: &str = r#"
[server]
time_zone = "Asia/Tokyo"
language = "LANGUAGE"

[[person]]
id = "sato"
name = "Sato Hanako"
mail = "sato@example.jp"

[[person]]
id = "abe"
name = "Abe Jiro"

[[group]]
id = "desk"
name = "運用窓口"
members = ["sato"]
hours = "desk"

[[hours]]
name = "desk"
week = ["mon-fri 09:00-18:00"]
breaks = ["12:00-13:00 昼休み"]
holidays = "company"
closed = ["12-29..01-03 年末年始"]

[[holidays]]
name = "company"
add = ["2026-12-28 全社休業"]
"#;

/// Some line of this kind and state has all of these words.
fn holds(said: &Value, what: &str, state: &str, words: &[&str]) {
    let of_state = lines(said, what).into_iter().filter(|line| line["state"] == state);
    let mut texts = of_state.map(|line| format!("{} {}", line["text"], line["remedy"]).replace('\\', ""));
    assert!(texts.any(|text| words.iter().all(|word| text.contains(word))), "{what} {state} {words:?}: {said:#}");
}

struct Office {
    folder: TempDir,
}

impl Office {
    fn new(language: &str) -> Self {
        let office = Self { folder: tempfile::tempdir().unwrap() };
        office.write(&CONFIG.replace("LANGUAGE", language));
        office
    }

    fn write(&self, text: &str) {
        std::fs::write(self.folder.path().join("arayashiki.toml"), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let config = self.folder.path().join("arayashiki.toml");
        let mut all = vec!["--config", config.to_str().unwrap()];
        all.extend(arguments);
        run(&all)
    }

    fn hours(&self, name: &str, at: &str) -> Output {
        self.run(&["person", "hours", name, "--at", at])
    }

    fn asked(&self, name: &str, at: &str) -> Value {
        let output = self.run(&["person", "hours", name, "--at", at, "--json"]);
        serde_json::from_str(&out(&output)).unwrap_or_else(|e| panic!("{e}: {}{}", out(&output), err(&output)))
    }

    /// What somebody wrote on the page of people.
    fn says(&self, kind: &str, body: &Value) {
        std::fs::create_dir_all(self.folder.path().join("data")).unwrap();
        let place = Place::Sqlite(self.folder.path().join("data/arayashiki.db"));
        let instant = |text: &str| model::Micros::parse(text).unwrap();
        let day = person_days::Day {
            id: format!("{kind}-{body}"),
            person: "sato".into(),
            kind: kind.into(),
            from: instant("2026-12-01T00:00:00Z"),
            until: instant("2026-12-31T00:00:00Z"),
            body: body.to_string(),
            said_by: "sato".into(),
            said_at: instant("2026-11-30T00:00:00Z"),
            withdrawn_by: None,
            withdrawn_at: None,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = Store::open(Options { place, readers: 1, clock: Clock::default() }).unwrap();
            let unit = store.write("say", move |tx| {
                let day = day.clone();
                Box::pin(async move { person_days::say(tx, &day).await })
            });
            assert!(unit.await.unwrap());
            store.close().await;
        });
    }
}

#[test]
fn a_person_is_at_work_or_not_and_the_reason_is_told_in_both_languages() {
    for (language, at, words) in [
        (
            "en",
            "2026-12-01 10:00",
            ["Sato Hanako is at work Tue 1 Dec, 10:00 JST.", "within mon-fri 09:00-18:00", "of the group desk"],
        ),
        (
            "en",
            "2026-12-01 12:30",
            ["is not at work Tue 1 Dec, 12:30 JST.", "It is a break (昼休み)", "Work begins Tue 1 Dec, 13:00 JST."],
        ),
        (
            "en",
            "2026-12-28 10:00",
            ["is not at work", "is a holiday: 全社休業 (the configuration)", "Work begins Mon 4 Jan, 09:00 JST."],
        ),
        (
            "ja",
            "2026-12-30 19:00",
            ["12月30日(水) 19:00 JST には勤務していません", "12-29..01-03 年末年始", "グループ desk の勤務時間"],
        ),
        (
            "ja",
            "2026-11-23T10:00:00+09:00",
            ["勤務していません", "勤労感謝の日 (国民の祝日の計算)", "11月24日(火) 09:00 JST に勤務が始まります"],
        ),
    ] {
        let text = ends(&Office::new(language).hours("sato", at), 0);
        assert!(words.iter().all(|word| text.contains(word)), "{words:?}: {text}");
    }
}

#[test]
fn somebody_is_found_by_id_name_and_address_and_a_group_too() {
    let office = Office::new("en");
    for name in ["sato", "Sato Hanako", "sato hanako", "SATO@example.jp", "desk", "運用窓口"] {
        let said = office.asked(name, "2026-12-01 10:00");
        assert_eq!((&said["at_work"], &said["why"]["why"]), (&json!(true), &json!("in_hours")), "{name}: {said}");
        assert_eq!(said["until"], "2026-12-01T03:00:00Z", "{said}");
    }
    let told = office.hours("sat", "2026-12-01 10:00");
    ends(&told, 2);
    assert!(
        err(&told).contains("there is no person and no group called \"sat\"; did you mean \"sato\"?"),
        "{}",
        err(&told)
    );
    let told = office.hours("sato", "tomorrow");
    ends(&told, 2);
    assert!(err(&told).contains("--at \"tomorrow\" is no time: write it such as"), "{}", err(&told));
    let told = office.hours("abe", "2026-12-01 10:00");
    assert!(ends(&told, 1).contains("Nobody has said their hours"), "{}", out(&told));
    let told = office.run(&["person", "hours", "sato", "--customer", "nobody"]);
    ends(&told, 2);
    assert!(err(&told).contains("there is no [[customer]] of that id"), "{}", err(&told));
}

/// Who has no hours of their own works in the customer's, and keeps the customer's days.
#[test]
fn work_for_a_customer_goes_by_the_customers_hours_and_days() {
    let office = Office::new("en");
    let customer = "[[customer]]\nid = \"minato\"\nname = \"Minato\"\nservices = [\"P1\"]\nhours = \"desk\"\n\
                    days = [\"2026-12-02 港の日\"]\n";
    office.write(&format!("{}\n{customer}", CONFIG.replace("LANGUAGE", "en")));
    let hours =
        |name: &str, at: &str| ends(&office.run(&["person", "hours", name, "--customer", "minato", "--at", at]), 0);
    assert!(hours("abe", "2026-12-01 10:00").contains("The hours are those of the customer minato."));
    let told = hours("abe", "2026-12-02 10:00");
    assert!(told.contains("is a holiday: 港の日 (the days of the customer minato)"), "{told}");
    assert!(hours("sato", "2026-12-02 10:00").contains("is at work"), "whose hours are not the customer's");
}

#[test]
fn leave_and_other_hours_from_the_page_count_and_what_can_not_be_read_is_told() {
    let office = Office::new("en");
    office.says(
        "leave",
        &json!({ "who": "sato", "note": "有給", "source": { "by": "page", "name": "Sato Hanako" },
            "span": { "days": { "from": "2026-12-02", "until": "2026-12-03", "zone": "Asia/Tokyo" } } }),
    );
    office.says("exception", &json!({ "who": "sato", "day": "2026-12-05 10:00-15:00", "note": "移行作業" }));
    let text = ends(&office.hours("sato", "2026-12-02 10:00"), 0);
    assert!(text.contains("On leave (有給)") && text.contains("entered on the page by Sato Hanako"), "{text}");
    let text = ends(&office.hours("sato", "2026-12-05 11:00"), 0);
    assert!(text.contains("is at work") && text.contains("has hours of its own: 10:00-15:00 (移行作業)"), "{text}");
    office.says("leave", &json!({ "who": 7 }));
    let told = office.hours("sato", "2026-12-02 10:00");
    ends(&told, 0);
    assert!(err(&told).contains("1 entries of the page of people can't be read"), "{}", err(&told));
}

#[test]
fn who_is_on_call_is_told_by_what_was_mirrored() {
    let mut world = World::new(Database::Sqlite, SHORT);
    let told = world.site.command(&["oncall"]);
    ends(&told, 1);
    assert!(err(&told).contains("nothing is known of who is on call: set [pagerduty] token"), "{}", err(&told));
    world.site.start(&Arms::default());
    world.settle();
    let known = || {
        let output = world.site.command(&["oncall", "--json"]);
        let said: Value = serde_json::from_str(&out(&output)).ok()?;
        said["on_call"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(said)
    };
    let said = crate::outside::wait::within(crate::outside::wait::LONG, known).expect("nobody is on call");
    let row = &said["on_call"][0];
    assert!(row["policy"].as_str().is_some_and(|name| !name.is_empty()) && row["level"].is_number(), "{said}");
    let text = ends(&world.site.command(&["oncall"]), 0);
    assert!(text.contains(row["name"].as_str().unwrap()) && !text.contains('@'), "{text}");
    let told = world.site.command(&["oncall", "--policy", "no such policy"]);
    ends(&told, 1);
    assert!(err(&told).contains("write its exact name"), "{}", err(&told));
    ends(&world.site.command(&["oncall", "--at", "soon"]), 2);
}

#[test]
fn a_check_of_the_file_alone_names_people_whom_nothing_joins_and_hours_that_lack() {
    let office = Office::new("en");
    let space = "[[backlog.space]]\nname = \"minato\"\nurl = \"https://minato.backlog.jp\"\napi_key = \"k\"\n";
    office.write(&format!("{}\n{space}", CONFIG.replace("LANGUAGE", "en")));
    let output = office.run(&["check", "--offline", "--json"]);
    let said: Value = serde_json::from_str(&out(&output)).unwrap();
    holds(&said, "hours", "ok", &["1 patterns of hours for 2 persons"]);
    holds(&said, "hours", "warn", &["nobody says when abe are at work"]);
    holds(&said, "backlog", "warn", &["minato: no account is joined to abe", "set backlog or mail"]);
    assert!(lines(&said, "calendar").is_empty(), "{said}");
}

/// Against the simulated ones, as they are, and with what is wrong.
#[test]
fn a_check_asks_backlog_google_and_feeds() {
    let office = Office::new("en");
    let folder = office.folder.path();
    let backlog = Other::start(folder, "backlog", &[]);
    let google = Other::start(folder, "google", &[]);
    let calendar = google.info["calendars"].as_object().and_then(|all| all.values().next()).cloned();
    let calendar = calendar.unwrap_or_else(|| panic!("no calendars in {}", google.info));
    let id = calendar.as_str().map(str::to_owned).unwrap_or_else(|| calendar["id"].as_str().unwrap().to_owned());
    let feeds = google.info["ics_urls"].as_object().and_then(|all| all.values().next()).cloned();
    let feed = feeds.and_then(|url| url.as_str().map(str::to_owned)).unwrap_or_else(|| panic!("{}", google.info));
    let written = |key: &str, more: &str, id: &str| {
        format!(
            "{}\n[[backlog.space]]\nname = \"minato\"\nurl = \"{}\"\napi_key = \"{key}\"\n{more}\n\
             [[backlog.rule]]\nname = \"nobody\"\nwhen = \"unassigned\"\n\
             [google_calendar]\nkey_file = \"{}\"\napi_url = \"{}\"\ntoken_url = \"{}\"\n\
             [[calendar]]\nname = \"promises\"\ngoogle_id = \"{id}\"\n\
             [[calendar]]\nname = \"feed\"\nics_url = \"{feed}\"\n\
             [[calendar.rule]]\nname = \"all\"\n",
            CONFIG.replace("LANGUAGE", "en"),
            backlog.text("url"),
            google.text("service_account"),
            google.text("url"),
            google.text("token_url"),
        )
    };
    let check = || -> Value {
        let output = office.run(&["check", "--json"]);
        serde_json::from_str(&out(&output)).unwrap_or_else(|e| panic!("{e}: {}{}", out(&output), err(&output)))
    };
    office.write(&written(&backlog.text("api_key"), "", &id));
    let said = check();
    holds(&said, "backlog", "ok", &["the key is that of ", "what it writes is known as ours"]);
    holds(&said, "backlog", "ok", &["reads a minute are left"]);
    holds(&said, "calendar", "ok", &["promises (", "is read by"]);
    holds(&said, "calendar", "ok", &["feed: ", " answers; ", " events within three months"]);
    assert!(!said.to_string().contains(&feed), "the feed's address is a secret: {said}");
    office.write(&written(&backlog.text("api_key"), "projects = [\"NOSUCH\"]", &id));
    let said = check();
    holds(&said, "backlog", "fail", &["the key may see none of the projects"]);
    office.write(&written("wrong-key-0123456789", "", "nobody@group.calendar.google.com"));
    let said = check();
    holds(&said, "backlog", "fail", &["minato: "]);
    holds(&said, "calendar", "fail", &["promises: "]);
    assert!(!said.to_string().contains("wrong-key-0123456789"), "{said}");
}
