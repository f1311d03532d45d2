//! What must hold between keys before anything starts: ids that stand once, names that lead somewhere, keys that need others.
//! It looks at what was written, so that these problems are told together with all others; what a text means is not known.

mod hosts;
mod people;

use super::keys;
use super::problem::{nearest, quoted};
use super::raw::{Raw, Text};
use super::settings::{Key, Section};

/// A section and a key of it.
type Name = (&'static str, &'static str);

pub enum Rule {
    /// No text of it stands in two tables.
    Once(Name, &'static str),
    /// Its text, unless it is empty, stands under that other key.
    Leads(Name, Name),
    /// The part of its text that names something, if there is one, stands under that other key.
    LeadsPart(Name, fn(&str) -> Option<&str>, Name),
    /// Where it says this, or anything if this is empty, these are set.
    Needs(Name, &'static str, &'static [Name], &'static str),
    /// Where one of the first keys is set in a table, or there are no such, one of the second is.
    OneOf(&'static str, &'static [&'static str], &'static [&'static str], &'static str),
    /// Not both of these are set in a table.
    NotBoth(&'static str, &'static str, &'static str, &'static str),
}

/// Those of PagerDuty, of mail and of Slack.
const RULES: &[Rule] = &[
    Rule::Once(("mail.monitor", "recipients"), "take it out of one, since it tells whose a mail is"),
    Rule::Leads(("mail.monitor", "customer"), ("customer", "id")),
    Rule::Leads(("mail.rule", "monitor"), ("mail.monitor", "name")),
    Rule::Leads(("mail.service", "monitor"), ("mail.monitor", "name")),
    Rule::Leads(("mail.service", "customer"), ("customer", "id")),
    Rule::Needs(
        ("mail.monitor", "secret_recipient"),
        "true",
        &[("mail.monitor", "recipients")],
        "the address that nobody else knows",
    ),
    Rule::Needs(
        ("pagerduty", "action_secrets"),
        "",
        &[("pagerduty", "token")],
        "a press is believed only when PagerDuty's log shows it",
    ),
    Rule::Needs(("slack", "bot_token"), "", &[("slack.channels", "alerts")], "an app has to be told where it posts"),
    Rule::Needs(("slack", "signing_secret"), "", &[("slack", "bot_token")], "nothing can be answered without it"),
    Rule::Needs(("slack", "app_token"), "", &[("slack", "bot_token")], "nothing can be answered without it"),
    Rule::Needs(("mail.smtp", "tls_cert"), "", &[("mail.smtp", "tls_key")], "a certificate alone opens nothing"),
    Rule::Needs(("mail.smtp", "tls_key"), "", &[("mail.smtp", "tls_cert")], "a key alone opens nothing"),
    Rule::Needs(
        ("mail.smtp", "tls"),
        "require",
        &[("mail.smtp", "tls_cert"), ("mail.smtp", "tls_key")],
        "without a certificate every mail would be refused",
    ),
    Rule::Needs(
        ("mail.imap", "host"),
        "",
        &[("mail.imap", "user"), ("mail.imap", "password")],
        "no mailbox opens without signing in",
    ),
    Rule::Needs(("mail.ses", "access_key_id"), "", &[("mail.ses", "secret_access_key")], "they are made together"),
    Rule::Needs(("mail.ses", "secret_access_key"), "", &[("mail.ses", "access_key_id")], "they are made together"),
    Rule::Needs(("mail.relay", "host"), "", &[("mail.relay", "from")], "a mail comes from somebody"),
    Rule::Needs(("mail.relay", "user"), "", &[("mail.relay", "password")], "the server asks for both"),
    Rule::Needs(("mail.relay", "password"), "", &[("mail.relay", "user")], "the server asks for both"),
    Rule::Needs(("second_path", "mail"), "true", &[("mail.relay", "host")], "some server has to take the mails"),
    Rule::Needs(
        ("second_path", "sms"),
        "true",
        &[
            ("second_path", "sns_region"),
            ("second_path", "sns_access_key_id"),
            ("second_path", "sns_secret_access_key"),
        ],
        "Amazon SNS sends the SMS",
    ),
    Rule::OneOf(
        "mail.monitor",
        &["update", "ignore", "host", "check", "severity", "key", "time", "time_format"],
        &["subject", "body", "problem", "recovery"],
        "without one no mail would be read by its patterns",
    ),
    Rule::OneOf(
        "mail.rule",
        &[],
        &["monitor", "subject", "body", "sender", "host", "check"],
        "without any it would match every mail",
    ),
];

/// Beside these, the id of each kind of table stands once.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain(people::OF_PEOPLE).chain(people::OF_BRIDGES).chain(hosts::OF_HOSTS)
}

/// Finds what is broken and adds it to the problems.
pub fn hold(raw: &mut Raw) {
    for section in keys::SECTIONS {
        if let Some(id) = section.id.and_then(|id| section.key(id)) {
            once(raw, section, id, &format!("write another {}", id.key));
        }
    }
    for rule in all() {
        match rule {
            Rule::Once(name, remedy) => of(name, |section, key| once(raw, section, key, remedy)),
            Rule::Leads(name, to) => of(name, |section, key| leads(raw, section, key, (whole, to))),
            Rule::LeadsPart(name, part, to) => of(name, |section, key| leads(raw, section, key, (*part, to))),
            Rule::Needs(name, when, others, why) => {
                of(name, |section, key| needs(raw, section, (key, when), others, why))
            }
            Rule::OneOf(path, when, names, why) => one_of(raw, path, (when, names), why),
            Rule::NotBoth(path, one, other, why) => not_both(raw, path, (one, other), why),
        }
    }
}

fn of(name: &Name, run: impl FnOnce(&Section, &Key)) {
    if let Some((section, key)) = keys::section(name.0).and_then(|section| Some((section, section.key(name.1)?))) {
        run(section, key);
    }
}

/// Each text of the key that is not empty, with the number of its table.
fn texts(raw: &Raw, section: &Section, key: &Key) -> Vec<Text> {
    let all = (0..raw.count(section)).flat_map(|row| raw.texts(key, row).unwrap_or_default());
    all.filter(|text| !text.text.is_empty()).collect()
}

fn once(raw: &mut Raw, section: &Section, key: &Key, remedy: &str) {
    let all = texts(raw, section, key);
    for (at, text) in all.iter().enumerate() {
        let is_same = |earlier: &&Text| earlier.text.eq_ignore_ascii_case(&text.text);
        if let Some(first) = all.iter().take(at).find(is_same) {
            let named = if key.is_secret() { "the value".to_owned() } else { text.named() };
            let what = format!("{named} is taken by the {} at {}; {remedy}", section.header(), first.place);
            raw.problem(text.place.clone(), key.label.to_owned(), what);
        }
    }
}

fn whole(text: &str) -> Option<&str> {
    Some(text)
}

fn leads(raw: &mut Raw, section: &Section, key: &Key, (part, to): (fn(&str) -> Option<&str>, &Name)) {
    let mut known = Vec::new();
    of(to, |section, key| known = texts(raw, section, key));
    for text in texts(raw, section, key) {
        let Some(name) = part(&text.text) else { continue };
        if known.iter().all(|known| known.text != name) {
            let near = nearest(name, known.iter().map(|known| &known.text)).filter(|_| text.direct);
            let hint = match near {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("write a [[{}]] of that {}, or leave it empty", to.0, to.1),
            };
            let named = if text.direct { quoted(name) } else { text.named() };
            let what = format!("{named} is the {} of no [[{}]]; {hint}", to.1, to.0);
            raw.problem(text.place.clone(), key.label.to_owned(), what);
        }
    }
}

fn needs(raw: &mut Raw, section: &Section, (key, when): (&Key, &str), others: &[Name], why: &str) {
    for row in 0..raw.count(section) {
        let said = raw.texts(key, row).and_then(|texts| texts.into_iter().next());
        let said = said.filter(|text| !text.text.is_empty() && (when.is_empty() || text.text == when));
        let Some(text) = said else { continue };
        for other in others {
            if let Some(lacking) = lacking(raw, section, row, other) {
                let what = format!("needs {lacking} as well, which is not set: {why}; set it");
                raw.problem(text.place.clone(), key.label.to_owned(), what);
            }
        }
    }
}

/// The label of a key that is not set, in the same table or in a section that stands once.
fn lacking(raw: &Raw, section: &Section, row: usize, other: &Name) -> Option<&'static str> {
    let (its, key) = keys::section(other.0).and_then(|its| Some((its, its.key(other.1)?)))?;
    let row = if its.path == section.path { row } else { 0 };
    (!raw.is_set(key, row)).then_some(key.label)
}

fn one_of(raw: &mut Raw, path: &str, (when, names): (&[&str], &[&str]), why: &str) {
    let Some(section) = keys::section(path) else { return };
    for row in 0..raw.count(section) {
        let has = |names: &[&str]| names.iter().filter_map(|name| section.key(name)).any(|key| raw.is_set(key, row));
        if (when.is_empty() || has(when)) && !has(names) {
            let what = format!("has none of {}: {why}; write one of them", names.join(", "));
            raw.problem(raw.beginning(path, row), section.header(), what);
        }
    }
}

fn not_both(raw: &mut Raw, path: &str, (one, other): (&str, &str), why: &str) {
    let Some(section) = keys::section(path) else { return };
    let (Some(first), Some(second)) = (section.key(one), section.key(other)) else { return };
    for row in 0..raw.count(section) {
        if raw.is_set(first, row) && raw.is_set(second, row) {
            let what = format!("has both {one} and {other}: {why}; take one of them out");
            raw.problem(raw.beginning(path, row), section.header(), what);
        }
    }
}
