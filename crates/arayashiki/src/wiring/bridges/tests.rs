//! What of the configuration reaches the duties and the engine: every field of a rule, names, routes, addresses.

use super::*;
use model::mail::Severity;
use model::signal::digest;

const TEXT: &str = r#"
[server]
public_url = "https://ops.example.jp"
language = "en"
[backlog]
mode = "page"
poll = "30s"
routing_key = "R0123456789"
pause_most = "2h"
[google_calendar]
mode = "post"
[reminders]
every = "5m"
circle = ["on-call", "group:desk"]
most = 0
quiet = "22:00-07:00"
[[customer]]
id = "minato"
name = "Minato"
services = ["P1"]
[[person]]
id = "sato"
name = "Sato Hanako"
slack = "U1"
mail = "Sato@Example.jp"
leave_ics_url = "https://calendar.example.jp/sato.ics"
[[group]]
id = "desk"
name = "Desk"
slack = "S1"
members = ["sato"]
[[holidays]]
name = "company"
ics_url = "https://calendar.example.jp/days.ics"
[[backlog.space]]
name = "a"
url = "https://a.backlog.jp"
api_key = "k"
webhook_secret = "0123456789abcdef"
projects = ["OPS"]
customers = ["OPS=minato"]
[[backlog.rule]]
name = "all"
when = "off_hours"
spaces = ["a"]
projects = ["OPS"]
kinds = ["Bug"]
categories = ["Web"]
priorities = ["2"]
keywords = ["down"]
customers = ["minato"]
by = ["@example.com"]
happenings = ["commented"]
while_off = "desk"
done = "open"
mode = "post"
severity = "critical"
channel = "C1"
[[backlog.rule]]
name = "waits"
waits_minutes = 60
waits_of = "group:desk"
[[calendar]]
name = "promises"
ics_url = "https://calendar.example.jp/promises.ics"
customer = "minato"
[[calendar]]
name = "away"
ics_url = "https://calendar.example.jp/away.ics"
what = "leave"
[[calendar.rule]]
name = "work"
calendars = ["promises"]
keywords = ["maintenance"]
colours = ["tomato"]
attendees = ["@example.com"]
registrants = ["sato@example.jp"]
maintenance = ["P1"]
leads = ["2h"]
grace = "30m"
"#;

fn config(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arayashiki.toml");
    std::fs::write(&path, text).unwrap();
    crate::config::load(Some(&path), []).unwrap()
}

#[test]
fn every_field_of_a_rule_of_tickets_arrives() {
    let settings = settings(&config(TEXT)).unwrap();
    let space = &settings.spaces[0];
    assert_eq!((space.poll_s, space.webhook), (30, Some(digest(b"0123456789abcdef"))));
    assert_eq!((space.route.as_deref(), space.customers["OPS"].as_str()), (Some(TICKETS_ROUTE), "minato"));
    assert_eq!((space.tickets.mode, space.tickets.pause_most_s), (duties::Mode::Page, 7_200));
    let text = |word: &str| vec![word.to_owned()];
    let rule = tickets::Rule {
        name: "all".into(),
        when: tickets::When::OffHours,
        spaces: text("a"),
        projects: text("OPS"),
        kinds: text("Bug"),
        categories: text("Web"),
        priorities: text("2"),
        keywords: text("down"),
        customers: text("minato"),
        by: text("@example.com"),
        happenings: vec![tickets::Kind::Commented],
        while_off: Some("desk".into()),
        done: Some(false),
        waits: None,
        ignore: false,
        outcome: tickets::Outcome {
            mode: Some(duties::Mode::Post),
            severity: Some(Severity::Critical),
            channel: Some("C1".into()),
            tells_customer: false,
        },
    };
    assert_eq!(space.tickets.rules[0], rule);
    let of = tickets::HoursOf::Group("desk".into());
    assert_eq!(space.tickets.rules[1].waits, Some(tickets::Waits { minutes: 60, of }));
    assert_eq!((settings.people[0].slack.as_deref(), settings.roster.persons[0].groups.len()), (Some("U1"), 1));
    assert_eq!(settings.slack_groups.get("desk").map(String::as_str), Some("S1"));
    let reminders = &settings.reminders;
    assert_eq!((reminders.every_s, reminders.most, reminders.circle.len()), (300, None, 2));
}

#[test]
fn every_calendar_is_listed_with_what_it_is_read_for() {
    let calendars = calendars(&config(TEXT)).unwrap();
    let named: Vec<(&str, &Reads)> = calendars.list.iter().map(|one| (one.name.as_str(), &one.reads)).collect();
    let days = Reads::Holidays { list: "company".into(), source: HolidaySource::Feed("company".into()) };
    assert_eq!(
        named,
        [
            ("promises", &Reads::Events),
            ("away", &Reads::Leave { person: None }),
            ("person/sato", &Reads::Leave { person: Some("sato".into()) }),
            ("holidays/company", &days),
        ]
    );
    assert_eq!(calendars.feeds.len(), 4);
    assert_eq!(calendars.push_url.as_deref(), Some("https://ops.example.jp/webhooks/google-calendar"));
    assert!(calendars.route.is_none() && calendars.client.is_none());
    let rule = &calendars.settings.rules[0];
    assert_eq!((rule.grace_minutes, rule.leads.len(), rule.all_day_leads.len()), (30, 1, 1));
    assert_eq!(rule.purpose, calendar::Purpose::Maintenance { services: vec!["P1".into()] });
    assert_eq!((rule.colours.len(), rule.attendees.len(), rule.registrants.len()), (1, 1, 1));
}

#[test]
fn what_is_not_set_holds_the_defaults_of_the_duties() {
    let config = config("");
    let (ours, theirs) = (reminder_settings(&config), reminders::Settings::default());
    assert_eq!(
        (ours.first_after_s, ours.every_s, ours.grow_after),
        (theirs.first_after_s, theirs.every_s, theirs.grow_after)
    );
    assert_eq!((ours.circle, ours.quiet, ours.most), (theirs.circle, theirs.quiet, theirs.most));
    let space = config_of("");
    let settings = ticket_settings(&space, &space.spaces[0]).unwrap();
    let never = config_of("[backlog]\npoll = \"0s\"\n");
    assert!(super::settings(&never).unwrap().spaces[0].poll_s > 365 * 86_400, "never is not at once");
    let theirs = tickets::Settings::default();
    assert_eq!((settings.done, settings.pause_most_s, settings.mode), (theirs.done, theirs.pause_most_s, theirs.mode));
    let calendar = super::calendar_settings(&self::config(
        "[[calendar]]\nname = \"a\"\nics_url = \"https://c.example.jp/a\"\n[[calendar.rule]]\nname = \"x\"",
    ))
    .unwrap();
    let theirs = calendar::Rule { name: "x".into(), ..calendar::Rule::default() };
    let rule = &calendar.rules[0];
    assert_eq!((rule.grace_minutes, &rule.purpose, rule.ignore), (theirs.grace_minutes, &theirs.purpose, false));
    assert_eq!(rule.leads, [calendar::Lead::TEN_MINUTES]);
    assert_eq!(rule.all_day_leads, [calendar::Lead::morning()]);
}

fn config_of(head: &str) -> Config {
    let space = "[[backlog.space]]\nname = \"a\"\nurl = \"https://a.backlog.jp\"\napi_key = \"k\"";
    config(&format!("{head}{space}"))
}

#[test]
fn a_key_file_that_is_none_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arayashiki.toml");
    let text = "[google_calendar]\nkey_file = \"key.json\"\ntoken_url = \"https://token.example.jp\"";
    std::fs::write(&path, text).unwrap();
    let config = crate::config::load(Some(&path), []).unwrap();
    let told = |config: &Config| match google_client(config) {
        Err(failure) => failure.text().to_owned(),
        Ok(_) => String::new(),
    };
    assert!(told(&config).contains("[google_calendar] key_file: ") && told(&config).contains("can't be read ("));
    std::fs::write(folder.path().join("key.json"), "{").unwrap();
    assert!(told(&config).contains("is no JSON as Google writes it"), "{}", told(&config));
    std::fs::write(folder.path().join("key.json"), r#"{"type":"authorized_user"}"#).unwrap();
    assert!(told(&config).contains("another kind of account"), "{}", told(&config));
}
