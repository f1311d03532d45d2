//! Every page held against axe-core: WCAG 2.2 AA and the checker's own good practice, in both languages, light and dark,
//! wide and on a phone; and nothing runs out of a phone's sides.

use super::window::shown;
use super::*;
use crate::net::letters::{address, letter, monitor, over, plain, problem};
use crate::net::scene::{Plan, Scene};
use crate::outside::{environment, skip};
use model::mail::Ledger;
use sandbox::monitors::{Language, Style};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// How many elements of a rule are shown; the rest is as many words more.
const SHOWN: usize = 6;

/// What was found wrong: by rule, the elements with their remedies and the dresses of the pages.
#[derive(Default)]
struct Found {
    rules: BTreeMap<String, Broken>,
    looked: usize,
}

#[derive(Default)]
struct Broken {
    elements: BTreeSet<String>,
    places: BTreeSet<String>,
}

impl Found {
    /// Looks at the page that is open, in every dress.
    fn look_at(&mut self, window: &mut Window, axe: &str, name: &str) {
        // What is folded away is part of the page too.
        window.see("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
        window.see(&format!("globalThis.axe ? 0 : (() => {{ {axe}\n; return 0; }})()"));
        for (width, size) in [(WIDE, "wide"), (PHONE, "phone")] {
            window.resize(width);
            self.note(too_wide(window, width), &format!("{name} {size}"));
            for scheme in ["light", "dark"] {
                window.dress(scheme);
                self.note(violations(window), &format!("{name} {size} {scheme}"));
                self.looked += 1;
            }
        }
        window.resize(WIDE);
    }

    fn note(&mut self, found: Vec<(String, String)>, place: &str) {
        for (rule, element) in found {
            let broken = self.rules.entry(rule).or_default();
            broken.elements.insert(element);
            broken.places.insert(place.to_owned());
        }
    }

    fn assert_none(&self) {
        let said: Vec<String> = self.rules.iter().map(|(rule, broken)| broken.words(rule)).collect();
        assert!(said.is_empty(), "{} rules broken in {} page views:\n\n{}", said.len(), self.looked, said.join("\n"));
        eprintln!("no violation in {} page views", self.looked);
    }
}

impl Broken {
    fn words(&self, rule: &str) -> String {
        let places: Vec<&str> = self.places.iter().take(SHOWN).map(String::as_str).collect();
        let elements: Vec<&str> = self.elements.iter().take(SHOWN).map(String::as_str).collect();
        let (n, m) = (self.elements.len(), self.places.len());
        format!("{rule}\n  {m} page views, e.g. {}\n  {n} elements, e.g.\n{}\n", places.join("; "), elements.join("\n"))
    }
}

/// Of each violation the rule, and the element with its remedy.
fn violations(window: &mut Window) -> Vec<(String, String)> {
    let options = json!({ "runOnly": { "type": "tag", "values": TAGS }, "resultTypes": ["violations"] });
    pairs(&window.see(&format!(
        "axe.run(document, {options}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => [\
         `${{v.id}} (${{v.impact}}): ${{v.help}}  ${{v.helpUrl}}`, \
         `    ${{n.target.join(' ')}}  ${{n.html.slice(0, 240)}}\n${{n.failureSummary}}`.replaceAll('\\n', '\\n      ')])))"
    )))
}

/// Elements that make the page wider than its window.
fn too_wide(window: &mut Window, width: u32) -> Vec<(String, String)> {
    pairs(&window.see(&format!(
        "(() => {{ if (document.documentElement.scrollWidth <= {width}) return []; \
         const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > {width} + 1); \
         return [['runs out of the side', '    ' + (out.at(-1)?.outerHTML.slice(0, 240) ?? 'nothing in particular')]]; }})()"
    )))
}

fn pairs(list: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// The checker's source, where it was fetched.
fn axe() -> Option<String> {
    let found = environment("ARAYASHIKI_AXE").and_then(|path| std::fs::read_to_string(path).ok());
    if found.is_none() {
        skip("accessibility", "axe-core is not here; eval \"$(scripts/services start)\" brings it");
    }
    found
}

/// Every address that the navigation leads to, and tabs and links from there, each path once.
fn navigation(window: &mut Window, desk: &Desk) -> Vec<String> {
    let mut paths = vec!["/".to_owned(), "/help".to_owned()];
    let mut at = 0;
    while at < paths.len() {
        window.go(&desk.url(&paths[at]));
        let links =
            "[...document.querySelectorAll('nav a[href], .tabs a[href], footer a[href]')].map((a) => a.pathname)";
        for path in texts(&window.see(links)) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        at += 1;
    }
    assert!(paths.len() >= 8, "the navigation was not found: {paths:?}");
    paths
}

/// The first row of a list leads to one of its kind.
fn first(window: &mut Window, desk: &Desk, list: &str) -> Option<String> {
    window.go(&desk.url(list));
    let href = window.see("document.querySelector('#live [data-go]')?.getAttribute('href') ?? null");
    href.as_str().map(str::to_owned)
}

fn signed_out(found: &mut Found, desk: &Desk, axe: &str, language: &'static str) {
    let mut window = desk.chromium.window(look(language, WIDE));
    window.go(&desk.url("/sign-in"));
    found.look_at(&mut window, axe, &format!("{language} /sign-in"));
    window.click(&shown("input[name=email]"));
    window.write("nobody@example.jp");
    window.tab_to("input[name=password]");
    window.write("not the password");
    window.follow("a refusal", |w| w.press("Enter"));
    found.look_at(&mut window, axe, &format!("{language} /sign-in refused"));
    let link = desk.link(&format!("new-{language}@example.jp"), "viewer");
    window.go(&desk.url(&link));
    found.look_at(&mut window, axe, &format!("{language} /setup"));
}

fn signed_in(found: &mut Found, desk: &Desk, axe: &str, language: &'static str, ids: &[String]) {
    let mut window = desk.signed_in(PEOPLE[0], look(language, WIDE), "/");
    let mut paths = navigation(&mut window, desk);
    paths.extend(ids.iter().take(3).map(|id| format!("/incidents/{id}")));
    paths.extend(
        [
            "/incidents?status=resolved",
            "/incidents?text=nothing-like-it",
            "/jobs?state=done",
            "/jobs?state=dead",
            "/signals?state=done",
            "/signals?state=unreadable",
        ]
        .map(str::to_owned),
    );
    paths.push("/no-such-page".to_owned());
    paths.push(first(&mut window, desk, "/signals").unwrap_or_else(|| panic!("no signal")));
    for path in paths {
        window.go(&desk.url(&path));
        found.look_at(&mut window, axe, &format!("{language} {path}"));
    }
}

#[test]
fn no_page_has_a_barrier() {
    let Some(axe) = axe() else { return };
    let Some(desk) = Desk::new() else { return };
    let ids = desk.fill();
    desk.account(PEOPLE[0], "admin");
    let mut found = Found::default();
    for language in ["en", "ja"] {
        signed_out(&mut found, &desk, &axe, language);
        signed_in(&mut found, &desk, &axe, language, &ids);
    }
    found.assert_none();
}

/// Mails of every kind, one with words that no line holds, on the pages of the net.
#[test]
fn no_page_of_the_safety_net_has_a_barrier() {
    let Some(axe) = axe() else { return };
    let Some(chromium) = Chromium::start() else { return };
    let rule = "\n[[mail.rule]]\nname = \"test-machines\"\nis = \"suppressed\"\nhost = '^test'\n";
    let plan = Plan::paging().with(&monitor("zbx", "zabbix", "")).with(rule);
    let scene = Scene::started(Database::Sqlite, &plan);
    scene.world.sandbox.trigger(SERVICES[0], "nothing to do with it");
    let (ja, long) = (Style { language: Language::Ja, ..Style::default() }, "web".repeat(80));
    let to = address("zbx");
    scene.post_all(&[
        letter(&problem("web01", "ディスク使用率"), ja, "zbx"),
        letter(&problem(&long, "disk"), Style::default(), "zbx"),
        letter(&problem("test01", "disk"), Style::default(), "zbx"),
        letter(&over(&problem("db01", "disk")), Style::default(), "zbx"),
        plain("root@example.jp", &to, "", &"x".repeat(400), &"y".repeat(2_000)),
        plain("root@example.jp", &to, "Auto-Submitted: auto-replied\r\n", "Re: disk", "I am away"),
    ]);
    let mails = scene.until("each is judged", |mails| {
        mails.len() == 6
            && mails.iter().all(|m| !matches!(m.ledger, Ledger::Expected | Ledger::Missing | Ledger::Unreadable))
    });
    let desk = Desk { chromium, world: scene.world };
    desk.account(PEOPLE[0], "admin");
    let mut found = Found::default();
    for language in ["en", "ja"] {
        let mut window = desk.signed_in(PEOPLE[0], look(language, WIDE), "/safety-net");
        let lists = ["", "?ledger=lacking", "?text=nothing-like-it", "/ledger", "/monitors", "/outages", "/try"];
        let mut paths: Vec<String> = lists.iter().map(|list| format!("/safety-net{list}")).collect();
        paths.extend(mails.iter().map(|mail| format!("/safety-net/mails/{}", mail.id)));
        for path in paths {
            window.go(&desk.url(&path));
            found.look_at(&mut window, &axe, &format!("{language} {path}"));
        }
    }
    found.assert_none();
}

const PEOPLE_TABLES: &str = r#"
[[hours]]
name = "day"
week = ["mon-fri 09:00-18:00"]
breaks = ["mon-fri 12:00-13:00 昼休み"]
closed = ["12-29..01-03 年末年始"]

[[person]]
id = "sato"
name = "佐藤 花子"
mail = "MAIL"

[[person]]
id = "abe"
name = "Abe Jiro"

[[group]]
id = "desk"
name = "運用窓口"
members = ["sato"]
hours = "day"

[[backlog.rule]]
name = "担当者がいない"
when = "unassigned"
"#;

/// Working hours and rules with something entered, refused and looked at beforehand.
#[test]
fn no_page_of_people_has_a_barrier() {
    let Some(axe) = axe() else { return };
    let Some(chromium) = Chromium::start() else { return };
    let plan = Plan::paging().with(&PEOPLE_TABLES.replace("MAIL", PEOPLE[0]));
    let desk = Desk { chromium, world: Scene::started(Database::Sqlite, &plan).world };
    desk.account(PEOPLE[0], "admin");
    let mut found = Found::default();
    let day = |ahead: i64| store::Clock::default().now().plus_s(86_400 * ahead).rfc3339()[..10].to_owned();
    for (language, nonce, ahead) in [("en", "leave-en-1", 3), ("ja", "leave-ja-1", 30)] {
        let mut window = desk.signed_in(PEOPLE[0], look(language, WIDE), "/people/hours");
        found.look_at(&mut window, &axe, &format!("{language} /people/hours"));
        for (what, path, fields) in [
            (
                "entered",
                "/people/hours/sato/entries",
                format!("kind=leave&nonce={nonce}&from={}&until={}", day(ahead), day(ahead + 2)),
            ),
            ("refused", "/people/hours/sato/entries", format!("kind=leave&nonce={nonce}x&from={}", day(ahead))),
            (
                "looked at",
                "/people/rules",
                "name=urgent&version=0&position=1&when=any&keywords=urgent&do=preview".into(),
            ),
            (
                "kept",
                "/people/rules",
                format!("name=urgent-{language}&version=0&position=1&when=any&do=save&nonce={nonce}r"),
            ),
            (
                "hours looked at",
                "/people/groups/desk",
                "version=0&zone=Asia/Tokyo&week=always&holidays=none&do=preview".into(),
            ),
        ] {
            window.follow(what, |w| submit(w, path, &fields));
            found.look_at(&mut window, &axe, &format!("{language} {what}"));
        }
        for path in [
            "/people/hours/abe".to_owned(),
            format!("/people/hours/sato?edit={nonce}"),
            "/people/groups/desk".to_owned(),
            "/people/rules/edit".to_owned(),
            format!("/people/rules/edit?name=urgent-{language}"),
        ] {
            window.go(&desk.url(&path));
            found.look_at(&mut window, &axe, &format!("{language} {path}"));
        }
    }
    found.assert_none();
}

/// Tickets that people are called for and old ones, promises whose time has come and some that are to come.
#[test]
fn no_page_of_tickets_and_calendars_has_a_barrier() {
    let Some(axe) = axe() else { return };
    let Some(chromium) = Chromium::start() else { return };
    let plan = crate::bridges::desk::Plan { tickets: true, calendars: true, ..Default::default() };
    let outside = crate::bridges::desk::Desk::started(Database::Sqlite, &plan);
    outside.tracker().settled(&outside.world);
    let key = outside.tracker().create("夜間バッチが止まっています");
    outside.until(&[&key]);
    outside.tracker().create(&"web".repeat(80));
    for (title, minutes) in [("夜間作業の立ち会い", 5), ("来週の作業", 7 * 24 * 60)] {
        outside.promise(title, minutes);
    }
    outside.until(&["夜間作業の立ち会い"]);
    outside.world.settle();
    let ids = |list: &str| -> Vec<String> {
        let items = outside.world.site.all(list).unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let mut paths = vec!["/".to_owned(), "/tickets?state=would".to_owned(), "/tickets?text=nothing-like-it".to_owned()];
    paths.extend(["/tickets", "/calendar", "/calendar?when=over", "/calendar?events=all"].map(str::to_owned));
    paths.extend(ids("tickets").iter().take(3).map(|id| format!("/tickets/{id}")));
    paths.extend(ids("calendar-events").iter().take(3).map(|id| format!("/calendar/{id}")));
    let desk = Desk { chromium, world: outside.world };
    desk.account(PEOPLE[1], "admin");
    let mut found = Found::default();
    for language in ["en", "ja"] {
        let mut window = desk.signed_in(PEOPLE[1], look(language, WIDE), "/tickets");
        for path in &paths {
            window.go(&desk.url(path));
            found.look_at(&mut window, &axe, &format!("{language} {path}"));
        }
    }
    found.assert_none();
}

/// Sends a form as a page of ours would.
fn submit(window: &mut Window, path: &str, fields: &str) {
    window.see(&format!(
        "(() => {{ const form = document.createElement('form'); form.method = 'post'; form.action = {path:?}; \
         for (const [name, value] of new URLSearchParams({fields:?})) {{ \
         const field = document.createElement('input'); field.type = 'hidden'; field.name = name; field.value = value; form.append(field); }} \
         document.body.append(form); setTimeout(() => form.submit(), 0); return 0; }})()"
    ));
}

/// An installation that nobody has used: every page says what will appear on it.
#[test]
fn no_empty_page_has_a_barrier() {
    let Some(axe) = axe() else { return };
    let Some(desk) = Desk::new() else { return };
    desk.account(PEOPLE[0], "admin");
    let mut found = Found::default();
    let mut window = desk.signed_in(PEOPLE[0], look("ja", WIDE), "/");
    for path in navigation(&mut window, &desk) {
        window.go(&desk.url(&path));
        found.look_at(&mut window, &axe, &format!("empty {path}"));
    }
    found.assert_none();
}

/// A checker that finds nothing anywhere would be no checker.
#[test]
fn the_checker_sees_a_barrier_that_is_put_there() {
    let Some(axe) = axe() else { return };
    let Some(desk) = Desk::new() else { return };
    let mut window = desk.chromium.window(look("en", WIDE));
    window.go(&desk.url("/sign-in"));
    window.see("document.querySelector('main').innerHTML += '<img src=\"/favicon.svg\"><div id=\"wide\">wide</div>'");
    window.see("document.getElementById('wide').style.width = '2000px'");
    let mut found = Found::default();
    found.look_at(&mut window, &axe, "spoilt");
    let said: Vec<&String> = found.rules.keys().collect();
    assert!(said.iter().any(|what| what.starts_with("image-alt")), "{said:?}");
    assert!(said.iter().any(|what| what.starts_with("runs out")), "{said:?}");
}
