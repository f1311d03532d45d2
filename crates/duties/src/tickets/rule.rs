//! The rules of tickets: in order, the first that matches. A rule is data with a name; what it asks of a ticket is all optional
//! and all of it must hold. Never looks at a clock: hours are asked for the instant of the happening.

use super::directory::{Party, is_of_domain};
use super::history::Moment;
use super::reason::Reason;
use super::{Ground, Settings};
use crate::Mode;
use model::hours::{Standing, Subject, Why, standing, standing_of};
use model::mail::Severity;
use model::text::fold;
use model::ticket::{Ticket, Who};
use serde::{Deserialize, Serialize};

/// Numbers of the tracker's priorities: high and low.
const HIGH: i64 = 2;
const LOW: i64 = 4;

/// What about the ticket makes it a case for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    Unassigned,
    /// The assignee is a group's account.
    GroupAccount,
    /// The assignee is a person of ours, outside their hours or on leave. One whose hours nobody has told is not.
    OffHours,
    /// The assignee is none of our persons or groups: the customer's side, a colleague, our own API account.
    AssigneeUnknown,
    #[default]
    Any,
}

/// What happened, as far as rules ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Created,
    Commented,
    Reopened,
    Assigned,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// Shown in every message.
    pub name: String,
    pub when: When,
    pub spaces: Vec<String>,
    /// By key.
    pub projects: Vec<String>,
    /// Issue types, by name.
    pub kinds: Vec<String>,
    pub categories: Vec<String>,
    /// By name or number.
    pub priorities: Vec<String>,
    /// In the title, the text or what was written just now; width and case don't matter.
    pub keywords: Vec<String>,
    /// By id.
    pub customers: Vec<String>,
    /// Who created the ticket: login, name, mail address or "@domain".
    pub by: Vec<String>,
    /// Empty: all of them.
    pub happenings: Vec<Kind>,
    /// Only while this group is not at work.
    pub while_off: Option<String>,
    /// `false`: only tickets that are open. `true`: only those that are done.
    pub done: Option<bool>,
    /// The one rule of time: nobody of ours answers for so long. Such a rule waits, and is not asked when something happens.
    pub waits: Option<Waits>,
    /// Whom this matches is nobody's case: no later rule is asked.
    pub ignore: bool,
    pub outcome: Outcome,
}

/// The customer's side wrote, and nobody of ours has answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waits {
    /// Working minutes.
    pub minutes: i64,
    pub of: HoursOf,
}

/// Whose working time counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoursOf {
    Person(String),
    Group(String),
    /// The ticket's own customer.
    Customer,
}

/// What a rule that matches leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outcome {
    /// At most as far as the duty goes.
    pub mode: Option<Mode>,
    /// `None`: by the ticket's priority.
    pub severity: Option<Severity>,
    pub channel: Option<String>,
    /// The customer's side is told that the desk was called.
    pub tells_customer: bool,
}

impl Outcome {
    pub fn mode(&self, most: Mode) -> Mode {
        self.mode.map_or(most, |mode| mode.min(most))
    }

    pub fn severity(&self, ticket: &Ticket) -> Severity {
        self.severity.unwrap_or_else(|| match ticket.priority.as_ref().map(|priority| priority.id) {
            Some(HIGH) => Severity::Critical,
            Some(LOW) => Severity::Warning,
            _ => Severity::Error,
        })
    }
}

/// The first rule for something that happened, with the reason; `None` when none matches or the first one ignores it.
pub(super) fn first<'s>(ground: &Ground<'s>, moment: &Moment<'_>) -> Option<(&'s Rule, Reason)> {
    let is_asked = |rule: &&Rule| rule.waits.is_none() && hears(rule, moment);
    found(ground, moment, is_asked).filter(|(rule, _)| !rule.ignore)
}

/// The first rule of those that wait.
pub(super) fn first_waiting<'s>(ground: &Ground<'s>, moment: &Moment<'_>) -> Option<(&'s Rule, &'s Waits)> {
    let (rule, _) = found(ground, moment, |rule| rule.waits.is_some() || (rule.ignore && hears(rule, moment)))?;
    Some((rule, rule.waits.as_ref().filter(|_| !rule.ignore)?))
}

/// Whether the first rule for it leaves it alone.
pub(super) fn is_ignored(ground: &Ground<'_>, moment: &Moment<'_>) -> bool {
    let asked = found(ground, moment, |rule| rule.waits.is_none() && hears(rule, moment));
    !is_watched(ground.settings, ground.ticket) || asked.is_some_and(|(rule, _)| rule.ignore)
}

fn found<'s>(
    ground: &Ground<'s>,
    moment: &Moment<'_>,
    is_asked: impl Fn(&&Rule) -> bool,
) -> Option<(&'s Rule, Reason)> {
    if !is_watched(ground.settings, ground.ticket) {
        return None;
    }
    let rules = ground.settings.rules.iter().filter(is_asked).filter(|rule| holds(rule, ground, moment));
    rules.filter_map(|rule| Some((rule, reason(rule, ground, moment)?))).next()
}

fn is_watched(settings: &Settings, ticket: &Ticket) -> bool {
    has(&settings.projects, |key| key.eq_ignore_ascii_case(&ticket.project))
}

fn hears(rule: &Rule, moment: &Moment<'_>) -> bool {
    has(&rule.happenings, |kind| moment.kinds.contains(kind))
}

/// Whether a list has one that is meant; an empty list asks for nothing.
fn has<T>(list: &[T], is_meant: impl Fn(&T) -> bool) -> bool {
    list.is_empty() || list.iter().any(is_meant)
}

fn same(one: &str, other: &str) -> bool {
    fold(one).trim() == fold(other).trim()
}

/// All that a rule asks for besides `when`.
fn holds(rule: &Rule, ground: &Ground<'_>, moment: &Moment<'_>) -> bool {
    let ticket = ground.ticket;
    has(&rule.spaces, |space| same(space, &ticket.space))
        && has(&rule.projects, |key| key.eq_ignore_ascii_case(&ticket.project))
        && has(&rule.kinds, |kind| same(kind, &ticket.kind))
        && has(&rule.categories, |wanted| ticket.categories.iter().any(|category| same(wanted, category)))
        && has(&rule.priorities, |wanted| is_priority(wanted, ticket))
        && has(&rule.customers, |customer| ground.customer == Some(customer.as_str()))
        && has(&rule.by, |by| is_by(by, &ticket.created_by))
        && rule.done.is_none_or(|done| done == moment.is_done)
        && (rule.keywords.is_empty() || keyword(rule, ticket, moment).is_some())
        && rule.while_off.as_ref().is_none_or(|group| is_off(ground, group, moment))
}

fn is_priority(wanted: &str, ticket: &Ticket) -> bool {
    ticket.priority.as_ref().is_some_and(|has| same(wanted, &has.name) || wanted.trim() == has.id.to_string())
}

fn is_by(by: &str, who: &Who) -> bool {
    let mail = who.mail.as_deref();
    let is_mail = match by.strip_prefix('@') {
        Some(domain) => mail.is_some_and(|mail| is_of_domain(mail, domain)),
        None => mail.is_some_and(|mail| mail.eq_ignore_ascii_case(by)),
    };
    is_mail || who.login.as_deref() == Some(by) || who.name == by
}

/// The first of its keywords that is found.
fn keyword<'r>(rule: &'r Rule, ticket: &Ticket, moment: &Moment<'_>) -> Option<&'r str> {
    let text = moment.happening.text.as_deref().unwrap_or_default();
    let texts = [fold(&ticket.title), fold(&ticket.body), fold(text)];
    let is_there = |word: &&String| {
        let word = fold(word);
        !word.trim().is_empty() && texts.iter().any(|text| text.contains(word.trim()))
    };
    rule.keywords.iter().find(is_there).map(String::as_str)
}

fn is_off(ground: &Ground<'_>, group: &str, moment: &Moment<'_>) -> bool {
    !standing_of(ground.roster, Subject::Group(group), moment.happening.at).is_at_work
}

/// Why this ticket is a case, by `when`; `None`: it is none.
fn reason(rule: &Rule, ground: &Ground<'_>, moment: &Moment<'_>) -> Option<Reason> {
    let directory = &ground.settings.directory;
    let assignee = moment.assignee.as_ref();
    let party = assignee.map(|who| directory.who(who));
    match (rule.when, party) {
        (When::Any, _) => {
            Some(Reason::Matches { keyword: keyword(rule, ground.ticket, moment).map(ToOwned::to_owned) })
        }
        (When::Unassigned, None) => Some(Reason::Unassigned),
        (When::GroupAccount, Some(Party::Group { id })) => {
            Some(Reason::GroupAccount { group: id, name: directory.name(assignee?) })
        }
        (When::OffHours, Some(Party::Person { id })) => {
            let standing = standing(ground.roster, &id, ground.customer, moment.happening.at);
            let name = directory.name(assignee?);
            counts_as_off(ground.settings, &standing).then_some(Reason::OffHours { person: id, name, standing })
        }
        (When::AssigneeUnknown, Some(Party::Own | Party::Colleague | Party::Customer)) => {
            Some(Reason::AssigneeUnknown { name: directory.name(assignee?) })
        }
        _ => None,
    }
}

/// Lunch is no absence, and nobody is outside hours that nobody has told.
fn counts_as_off(settings: &Settings, standing: &Standing) -> bool {
    let is_short = match (standing.since, standing.until) {
        (Some(since), Some(until)) => until.since(since) <= settings.pause_most_s * 1_000_000,
        _ => false,
    };
    match standing.why {
        Why::NoPattern => false,
        Why::Break { .. } | Why::BetweenHours { .. } => !standing.is_at_work && !is_short,
        _ => !standing.is_at_work,
    }
}
