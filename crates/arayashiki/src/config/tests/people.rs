//! People, their hours, Backlog and calendars: what the tables become, what must hold between them, how an error reads.

use super::super::kinds::{CalendarUse, HolidayBase};
use super::*;
use duties::reminders::{Quiet, Target};
use duties::tickets::{HoursOf, When};
use model::hours::Observed;

const PEOPLE: &str = r#"
[server]
hours = "desk"

[reminders]
circle = ["on-call", "group:desk", "person:sato"]
quiet = "22:00-07:00"

[[person]]
id = "sato"
name = "Sato Hanako"
hours = "late"
backlog = ["4711", "佐藤花子"]

[[group]]
id = "desk"
name = "運用窓口"
members = ["sato"]
hours = "desk"

[[hours]]
name = "desk"
week = ["mon-fri 09:00-18:00", "sat 10:00-12:00"]
breaks = ["12:00-13:00 lunch"]
holidays = "company"
closed = ["12-29..01-03 年末年始"]

[[hours]]
name = "late"
zone = "America/New_York"
week = ["fri 22:00-07:00"]
holidays = "none"

[[holidays]]
name = "company"
add = ["2027-06-01 創立記念日"]
remove = ["2027-02-11"]

[[customer]]
id = "example-bank"
name = "Example Bank"
services = ["PABC123"]
hours = "desk"
days = ["2026-12-28 全社休業"]
"#;

const BRIDGES: &str = r#"
[[backlog.space]]
name = "example"
url = "https://example.backlog.com/"
api_key = "k"
webhook_secret = "0123456789abcdef"
customers = ["OPS = example-bank"]
staff = ["example.jp", "@example.com"]

[[backlog.rule]]
name = "担当者なし"
when = "unassigned"
spaces = ["example"]
happenings = ["created", "commented"]
done = "open"

[[backlog.rule]]
name = "返事なし"
waits_minutes = 120
waits_of = "group:desk"

[[calendar]]
name = "promises"
ics_url = "webcal://calendar.example.jp/secret.ics"

[[calendar]]
name = "away"
ics_url = "https://calendar.example.jp/away.ics"
what = "leave"
person = "sato"

[[calendar.rule]]
name = "約束"
calendars = ["promises"]
leads = ["1d 18:00", "10m"]
"#;

#[test]
fn people_and_their_hours_become_what_the_model_reckons_with() {
    let config = loaded(PEOPLE, &[]);
    assert_eq!(config.hours[0].week.lines(), ["mon-fri 09:00-18:00", "sat 10:00-12:00"]);
    assert_eq!((config.hours[0].zone.as_ref(), &config.hours[0].holidays), (None, &Observed::List("company".into())));
    assert_eq!(config.hours[1].zone.as_ref().map(|zone| zone.name().to_owned()).as_deref(), Some("America/New_York"));
    assert_eq!(config.hours[0].breaks[0].to_string(), "mon-sun 12:00-13:00 lunch");
    assert_eq!(config.hours[0].closed[0].name, "年末年始");
    assert_eq!((config.holidays[0].based_on, config.holidays[0].remove.len()), (HolidayBase::Japan, 1));
    assert_eq!(config.customers[0].days.values().collect::<Vec<_>>(), ["全社休業"]);
    assert_eq!((config.groups[0].members[0].as_str(), config.people[0].backlog.len()), ("sato", 2));
    let circle = [Target::OnCall, Target::Group("desk".into()), Target::Person("sato".into())];
    assert_eq!((config.reminders.circle.as_slice(), config.reminders.most), (circle.as_slice(), 12));
    assert_eq!(config.reminders.quiet, Quiet::parse("22:00-07:00").unwrap());
}

#[test]
fn spaces_calendars_and_their_rules_are_read_in_order() {
    let config = loaded(&format!("{PEOPLE}{BRIDGES}"), &[]);
    let space = &config.spaces[0];
    assert_eq!((space.url.as_str(), space.customers[0].1.as_str()), ("https://example.backlog.com", "example-bank"));
    assert_eq!(space.staff, ["@example.jp", "@example.com"]);
    assert_eq!((config.backlog.mode, config.backlog.done_statuses.len()), (Mode::Observe, 6));
    let rules = &config.ticket_rules;
    assert_eq!((rules[0].when, rules[0].done, rules[0].happenings.len()), (When::Unassigned, Some(false), 2));
    assert_eq!((rules[1].waits_minutes, &rules[1].waits_of), (120, &HoursOf::Group("desk".into())));
    let calendars = &config.calendars;
    assert_eq!(calendars[0].ics_url.as_ref().unwrap().expose(), "https://calendar.example.jp/secret.ics");
    assert_eq!((calendars[0].what, calendars[1].what), (CalendarUse::Events, CalendarUse::Leave));
    assert_eq!(config.calendar_rules[0].leads.len(), 2);
}

/// What was written, what is written in its place, and what is told then.
fn slips(rows: &[(&str, &str, &str)]) {
    let all = format!("{PEOPLE}{BRIDGES}");
    for (from, to, told) in rows {
        assert!(all.contains(from), "{from}");
        let error = Folder::with(&all.replacen(from, to, 1)).error(&[]);
        assert!(error.contains(told), "{to}: {error}");
    }
}

#[test]
fn each_slip_about_people_and_hours_is_told_where_it_stands_and_with_what_works() {
    slips(&[
        (
            "hours = \"late\"",
            "hours = \"lat\"",
            "[[person]] hours: \"lat\" is the name of no [[hours]]; did you mean \"late\"?",
        ),
        (
            "[server]\nhours = \"desk\"",
            "[server]\nhours = \"x\"",
            "[server] hours: \"x\" is the name of no [[hours]]; write a",
        ),
        (
            "members = [\"sato\"]",
            "members = [\"sat\"]",
            "[[group]] members: \"sat\" is the id of no [[person]]; did you mean",
        ),
        ("group:desk\", \"person", "group:des\", \"person", "[reminders] circle: \"des\" is the id of no [[group]]"),
        ("\"on-call\"", "\"oncall\"", "[reminders] circle: \"oncall\" is nobody; write \"on-call\", "),
        ("\"22:00-07:00\"", "\"nights\"", "[reminders] quiet: \"nights\" is the name of no [[hours]]"),
        ("\"22:00-07:00\"", "\"22-7\"", "[reminders] quiet: quiet hours \"22-7\": write a span such as 22:00-07:00"),
        (
            "holidays = \"company\"",
            "holidays = \"comp\"",
            "[[hours]] holidays: \"comp\" is the name of no [[holidays]]",
        ),
        (
            "mon-fri 09",
            "mon-fry 09",
            "[[hours]] week: \"mon-fry 09:00-18:00\": \"mon-fry\" is no day of the week; write mon",
        ),
        ("\"12:00-13:00 lunch\"", "\"lunch\"", "[[hours]] breaks: \"lunch\": \"lunch\" is no day of the week"),
        ("\"12-29..01-03 年末年始\"", "\"12-32\"", "[[hours]] closed: \"12-32\": \"12-32\" is no day of the year"),
        ("America/New_York", "New York", "[[hours]] zone: no time zone is called \"New York\"; write its IANA name"),
        (
            "\"2027-06-01 創立記念日\"",
            "\"2027-06-01\"",
            "[[holidays]] add: \"2027-06-01\" has no name; write it such as",
        ),
        ("\"2027-06-01 創", "\"2027/6/1 創", "[[holidays]] add: \"2027/6/1 創立記念日\" begins with no date"),
        ("remove = [\"2027-02-11\"]", "remove = [\"2027-02-30\"]", "[[holidays]] remove: \"2027-02-30\" is no date"),
        ("name = \"company\"", "name = \"none\"", "[[holidays]] name: \"none\" means that no holidays are kept"),
    ]);
}

#[test]
fn each_slip_about_spaces_and_calendars_is_told_in_the_same_way() {
    slips(&[
        ("api_key = \"k\"\n", "", "[[backlog.space]]: has none of api_key, refresh_token: without a key"),
        (
            "api_key = \"k\"",
            "api_key = \"k\"\nrefresh_token = \"t\"",
            "[[backlog.space]]: has both api_key and refresh_token",
        ),
        (
            "api_key = \"k\"",
            "refresh_token = \"t\"",
            "[[backlog.space]] refresh_token: needs [[backlog.space]] client_id as well",
        ),
        (
            "0123456789abcdef",
            "short",
            "[[backlog.space]] webhook_secret: does not fit into an address or is short enough",
        ),
        ("OPS = example-bank", "OPS = bank", "[[backlog.space]] customers: \"bank\" is the id of no [[customer]]"),
        ("OPS = example-bank", "OPS", "[[backlog.space]] customers: \"OPS\" names no project and customer"),
        ("\"@example.com\"]", "\"@example\"]", "[[backlog.space]] staff: \"@example\" is no mail domain"),
        (
            "when = \"unassigned\"",
            "when = \"nobody\"",
            "[[backlog.rule]] when: \"nobody\" is not known here; write \"any\" or",
        ),
        ("\"created\"", "\"made\"", "[[backlog.rule]] happenings: \"made\" is not known here; write \"created\" or"),
        (
            "group:desk\"\n",
            "groups:desk\"\n",
            "[[backlog.rule]] waits_of: \"groups:desk\" has no hours; write \"customer\"",
        ),
        (
            "waits_minutes = 120",
            "waits_minutes = 120\nignore = true",
            "[[backlog.rule]]: has both ignore and waits_minutes",
        ),
        (
            "name = \"返事なし\"",
            "name = \"担当者なし\"",
            "[[backlog.rule]] name: \"担当者なし\" is taken by the [[backlog.rule]] at",
        ),
        ("what = \"leave\"", "what = \"holidays\"", "[[calendar]] what: needs [[calendar]] list as well"),
        ("ics_url = \"webcal", "google_id = \"x\"\nics_url = \"webcal", "[[calendar]]: has both google_id and ics_url"),
        (
            "ics_url = \"webcal://calendar.example.jp/secret.ics\"",
            "google_id = \"x\"",
            "google_id: needs [google_calendar] key_file",
        ),
        (
            "\"10m\"",
            "\"10 minutes\"",
            "[[calendar.rule]] leads: \"10 minutes\" is no lead time; write it such as \"10m\"",
        ),
        (
            "[\"promises\"]",
            "[\"promise\"]",
            "[[calendar.rule]] calendars: \"promise\" is the name of no [[calendar]]; did you mean",
        ),
    ]);
}

#[test]
fn the_weeks_hours_are_asked_for_as_a_list_and_what_stands_elsewhere_is_not_repeated() {
    let error = Folder::with("[[hours]]\nname = \"a\"").error(&[]);
    assert!(error.contains("[[hours]] week: is missing; write week = [\"…\"] below this line"), "{error}");
    let folder = Folder::with("[[hours]]\nname = \"a\"\nweek = [{ env = \"WEEK\" }]");
    let error = folder.error(&[("WEEK", "sesame")]);
    assert!(error.contains("the value can't be read; write it such as \"mon-fri 09:00-18:00\""), "{error}");
    assert!(!error.contains("sesame"), "{error}");
}

/// Two spaces under one secret: which is meant would be chance, and the error is no place for it.
#[test]
fn a_secret_that_stands_twice_is_not_shown() {
    let space = |name: &str| {
        format!(
            "[[backlog.space]]\nname = \"{name}\"\nurl = \"https://{name}.backlog.jp\"\napi_key = \"k\"\n\
             webhook_secret = \"0123456789abcdef\"\n"
        )
    };
    let error = Folder::with(&format!("{}{}", space("a"), space("b"))).error(&[]);
    assert!(
        error.contains("[[backlog.space]] webhook_secret: the value is taken by the [[backlog.space]] at"),
        "{error}"
    );
    assert!(!error.contains("0123456789abcdef"), "{error}");
}

#[test]
fn a_rule_above_every_calendar_is_told_where_it_belongs() {
    let error = Folder::with("[[calendar.rule]]\nname = \"x\"").error(&[]);
    assert_eq!(
        error,
        "arayashiki.toml:1: [[calendar.rule]]: belongs below the first [[calendar]] of the file; write \
         [[calendar]] above it"
    );
}
