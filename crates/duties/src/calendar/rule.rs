//! Which events are promises or maintenance, and what follows. Rules in order, the first that matches; what a rule asks of an
//! event is all optional and all of it must hold.

use super::lead::Lead;
use crate::Mode;
use crate::locale::Locale;
use model::Micros;
use model::calendar::{Attendee, CalendarEvent};
use model::mail::Severity;
use model::text::fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
pub struct Settings {
    pub mode: Mode,
    pub locale: Locale,
    /// In order; the first that matches.
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// Shown in every message.
    pub name: String,
    /// By the configured name.
    pub calendars: Vec<String>,
    /// In the title, the text or the place; width and case don't matter.
    pub keywords: Vec<String>,
    pub colours: Vec<String>,
    /// Mail address, name or "@domain"; whoever has declined does not count.
    pub attendees: Vec<String>,
    /// The same of who entered it.
    pub registrants: Vec<String>,
    /// Whom this matches is nobody's case: no later rule is asked.
    pub ignore: bool,
    pub purpose: Purpose,
    /// When people hear of it; the latest pages, the earlier ones are posted. Empty: ten minutes before.
    pub leads: Vec<Lead>,
    /// The same for events of whole days. Empty: 9 o'clock on the day.
    pub all_day_leads: Vec<Lead>,
    /// So long after its end somebody may still act.
    pub grace_minutes: i64,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// People must act at the time.
    #[default]
    Promise,
    /// These services are worked on from its start to its end.
    Maintenance { services: Vec<String> },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outcome {
    /// At most as far as the duty goes.
    pub mode: Option<Mode>,
    pub severity: Option<Severity>,
    pub channel: Option<String>,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            name: String::new(),
            calendars: Vec::new(),
            keywords: Vec::new(),
            colours: Vec::new(),
            attendees: Vec::new(),
            registrants: Vec::new(),
            ignore: false,
            purpose: Purpose::Promise,
            leads: Vec::new(),
            all_day_leads: Vec::new(),
            grace_minutes: 60,
            outcome: Outcome::default(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { mode: Mode::Observe, locale: Locale::default(), rules: Vec::new() }
    }
}

impl Settings {
    /// The first rule for an event; `None` when none matches or the first one ignores it.
    pub fn rule(&self, event: &CalendarEvent) -> Option<&Rule> {
        self.rules.iter().find(|rule| holds(rule, event)).filter(|rule| !rule.ignore)
    }

    /// What is wrong; each line names the rule and what to write.
    pub fn problems(&self) -> Vec<String> {
        let mut names = BTreeSet::new();
        let mut found = Vec::new();
        for (n, rule) in self.rules.iter().enumerate() {
            let name = &rule.name;
            if name.trim().is_empty() {
                found.push(format!("calendar rule {} has no name: give it one, it stands in every message", n + 1));
            } else if !names.insert(name) {
                found.push(format!("two calendar rules are called \"{name}\": give each its own name"));
            }
            if matches!(&rule.purpose, Purpose::Maintenance { services } if services.is_empty()) {
                found.push(format!("calendar rule \"{name}\": a maintenance needs services; name them"));
            }
            if rule.grace_minutes < 0 {
                found.push(format!("calendar rule \"{name}\": grace_minutes must be 0 or more"));
            }
        }
        found
    }
}

impl Rule {
    /// When people hear of an event: the early posts in their order, and the notice itself.
    pub fn dues(&self, event: &CalendarEvent, locale: &Locale) -> (Vec<Micros>, Micros) {
        let (leads, otherwise) = match event.is_all_day {
            true => (&self.all_day_leads, Lead::morning()),
            false => (&self.leads, Lead::TEN_MINUTES),
        };
        let mut dues: Vec<Micros> = leads.iter().map(|lead| lead.due(event.starts_at, &locale.zone)).collect();
        dues.sort_unstable();
        dues.dedup();
        let last = dues.pop().unwrap_or_else(|| otherwise.due(event.starts_at, &locale.zone));
        match self.purpose {
            Purpose::Promise => (dues, last),
            // A window is there when the work begins, and nothing is posted before.
            Purpose::Maintenance { .. } => (Vec::new(), last.min(event.starts_at)),
        }
    }

    /// When it counts as over: an event without a length lasts as long as the grace.
    pub(super) fn given_up_at(&self, event: &CalendarEvent) -> Micros {
        event.ends_at.max(event.starts_at).plus_s(self.grace_minutes.max(0).saturating_mul(60))
    }

    pub(super) fn ends_at(&self, event: &CalendarEvent) -> Micros {
        if event.ends_at > event.starts_at { event.ends_at } else { self.given_up_at(event) }
    }
}

/// Whether a list has one that is meant; an empty list asks for nothing.
fn has<T>(list: &[T], is_meant: impl Fn(&T) -> bool) -> bool {
    list.is_empty() || list.iter().any(is_meant)
}

fn same(one: &str, other: &str) -> bool {
    fold(one).trim() == fold(other).trim()
}

fn holds(rule: &Rule, event: &CalendarEvent) -> bool {
    let texts = [fold(&event.title), fold(&event.text), fold(&event.place)];
    let is_there = |word: &String| {
        let word = fold(word);
        !word.trim().is_empty() && texts.iter().any(|text| text.contains(word.trim()))
    };
    let coming = |wanted: &String| event.attendees.iter().any(|who| !who.has_declined && is_who(wanted, who));
    has(&rule.calendars, |calendar| same(calendar, &event.calendar))
        && has(&rule.keywords, is_there)
        && has(&rule.colours, |colour| event.colours.iter().any(|theirs| same(colour, theirs)))
        && has(&rule.attendees, coming)
        && has(&rule.registrants, |wanted| event.registrant.as_ref().is_some_and(|who| is_who(wanted, who)))
}

fn is_who(wanted: &str, who: &Attendee) -> bool {
    let mail = who.mail.as_deref();
    let is_mail = match wanted.strip_prefix('@') {
        Some("") => false,
        Some(domain) => {
            mail.and_then(|mail| mail.rsplit_once('@')).is_some_and(|(_, d)| d.eq_ignore_ascii_case(domain))
        }
        None => mail.is_some_and(|mail| mail.eq_ignore_ascii_case(wanted)),
    };
    is_mail || who.name.as_deref() == Some(wanted)
}

impl Outcome {
    pub fn mode(&self, most: Mode) -> Mode {
        self.mode.map_or(most, |mode| mode.min(most))
    }
}
