//! What must hold between the keys of people, hours, Backlog and calendars. A table, and how a name is found in a text.

use super::{Name, Rule};

const HOURS: Name = ("hours", "name");
const PERSON: Name = ("person", "id");
const GROUP: Name = ("group", "id");
const CUSTOMER: Name = ("customer", "id");
const HOLIDAYS: Name = ("holidays", "name");
const SPACE: &str = "backlog.space";
const TICKET_RULE: &str = "backlog.rule";
const EVENT_RULE: &str = "calendar.rule";

pub const OF_PEOPLE: &[Rule] = &[
    Rule::Leads(("server", "hours"), HOURS),
    Rule::Leads(("person", "hours"), HOURS),
    Rule::Leads(("group", "hours"), HOURS),
    Rule::Leads(("customer", "hours"), HOURS),
    Rule::Leads(("group", "members"), PERSON),
    Rule::Once(("person", "slack"), "it is one person's"),
    Rule::LeadsPart(("hours", "holidays"), listed, HOLIDAYS),
    Rule::LeadsPart(("reminders", "quiet"), outside, HOURS),
    Rule::LeadsPart(("reminders", "circle"), person, PERSON),
    Rule::LeadsPart(("reminders", "circle"), group, GROUP),
];

pub const OF_BRIDGES: &[Rule] = &[
    Rule::OneOf(SPACE, &[], &["api_key", "refresh_token"], "without a key nothing can be read"),
    Rule::NotBoth(SPACE, "api_key", "refresh_token", "calls are made in one user's name"),
    Rule::Needs(
        (SPACE, "client_id"),
        "",
        &[(SPACE, "client_secret"), (SPACE, "refresh_token")],
        "OAuth takes all three",
    ),
    Rule::Needs(
        (SPACE, "client_secret"),
        "",
        &[(SPACE, "client_id"), (SPACE, "refresh_token")],
        "OAuth takes all three",
    ),
    Rule::Needs(
        (SPACE, "refresh_token"),
        "",
        &[(SPACE, "client_id"), (SPACE, "client_secret")],
        "OAuth takes all three",
    ),
    Rule::Once((SPACE, "webhook_secret"), "it tells whose a webhook is"),
    Rule::Once((SPACE, "url"), "one space is watched once"),
    Rule::Leads((SPACE, "customer"), CUSTOMER),
    Rule::LeadsPart((SPACE, "customers"), behind_equals, CUSTOMER),
    Rule::Leads((TICKET_RULE, "spaces"), (SPACE, "name")),
    Rule::Leads((TICKET_RULE, "customers"), CUSTOMER),
    Rule::Leads((TICKET_RULE, "while_off"), GROUP),
    Rule::LeadsPart((TICKET_RULE, "waits_of"), person, PERSON),
    Rule::LeadsPart((TICKET_RULE, "waits_of"), group, GROUP),
    Rule::NotBoth(TICKET_RULE, "ignore", "waits_minutes", "what is ignored is not waited for"),
    Rule::OneOf("calendar", &[], &["google_id", "ics_url"], "something has to be read"),
    Rule::NotBoth("calendar", "google_id", "ics_url", "it is read in one way"),
    Rule::Needs(("calendar", "google_id"), "", &[("google_calendar", "key_file")], "Google asks who reads it"),
    Rule::Once(("calendar", "google_id"), "one calendar is read once"),
    Rule::Leads(("calendar", "customer"), CUSTOMER),
    Rule::Leads(("calendar", "person"), PERSON),
    Rule::Leads(("calendar", "list"), HOLIDAYS),
    Rule::Needs(("calendar", "what"), "holidays", &[("calendar", "list")], "its days have to belong to a list"),
    Rule::Leads((EVENT_RULE, "calendars"), ("calendar", "name")),
];

/// A list of holidays that is not built in.
fn listed(text: &str) -> Option<&str> {
    Some(text).filter(|text| !matches!(*text, "japan" | "none"))
}

/// The hours that quiet is told by, where no span is.
fn outside(text: &str) -> Option<&str> {
    Some(text.trim())
        .filter(|text| !text.eq_ignore_ascii_case("none") && !text.starts_with(|c: char| c.is_ascii_digit()))
}

fn person(text: &str) -> Option<&str> {
    text.strip_prefix("person:")
}

fn group(text: &str) -> Option<&str> {
    text.strip_prefix("group:")
}

pub(super) fn behind_equals(text: &str) -> Option<&str> {
    text.split_once('=').map(|(_, customer)| customer.trim())
}
