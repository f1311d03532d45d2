//! Whose hours are asked for, and by which layer they have them: a person's own, their group's, the customer's, the
//! installation's. Gathers what counts for them, once a question.

use super::holidays::{self, Holiday, HolidayLayer, Holidays};
use super::roster::{Customer, Exception, Leave, LeaveSpan, Roster};
use super::zone::second;
use super::{Pattern, Zone};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Whose hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A person, perhaps in their work for a customer.
    Person {
        id: &'a str,
        customer: Option<&'a str>,
    },
    Group(&'a str),
    Customer(&'a str),
    /// Hours by themselves, whoever has them.
    Pattern(&'a Pattern),
}

/// Which layer the hours come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of", content = "id")]
pub enum Layer {
    Own,
    Group(String),
    Customer(String),
    Default,
}

/// What counts for a subject.
pub(super) struct Hours<'a> {
    pub pattern: Option<(&'a Pattern, Layer)>,
    pub zone: &'a Zone,
    /// From when to when, in seconds, and which.
    pub leaves: Vec<(i64, i64, &'a Leave)>,
    exceptions: Vec<&'a Exception>,
    customer: Option<&'a HolidayLayer>,
    list: Option<&'a Holidays>,
    is_japan: bool,
}

/// The computed list, where the roster has none of that name.
static JAPAN: std::sync::LazyLock<Holidays> = std::sync::LazyLock::new(Holidays::japan);

impl<'a> Hours<'a> {
    pub fn of(roster: &'a Roster, subject: Subject<'a>) -> Self {
        let pattern = pattern_of(roster, subject);
        let list = pattern.as_ref().and_then(|(pattern, _)| pattern.holidays.list());
        let who = if let Subject::Person { id, .. } = subject { Some(id) } else { None };
        Self {
            zone: pattern.as_ref().map_or(&roster.zone, |(pattern, _)| &pattern.zone),
            leaves: roster.leaves.iter().filter(|leave| Some(leave.who.as_str()) == who).filter_map(times).collect(),
            exceptions: roster.exceptions.iter().filter(|day| Some(day.who.as_str()) == who).collect(),
            customer: customer_of(roster, subject, pattern.as_ref()).and_then(|customer| customer.days.as_ref()),
            list: list.and_then(|name| roster.holidays.get(name)),
            is_japan: list == Some(super::Observed::JAPAN),
            pattern,
        }
    }

    /// The last one written for a day counts.
    pub fn exception(&self, date: Date) -> Option<&'a Exception> {
        self.exceptions.iter().rev().find(|exception| exception.day.date == date).copied()
    }

    /// Whether the answer is the same at every instant, so that none has to be looked for.
    pub fn never_change(&self) -> bool {
        let is_constant = |pattern: &Pattern| {
            let is_plain = pattern.breaks.is_empty() && pattern.closed.is_empty() && pattern.holidays.list().is_none();
            let always = || is_plain && self.leaves.is_empty() && self.customer.is_none() && pattern.week.is_always();
            pattern.week.0.is_empty() || always()
        };
        self.exceptions.is_empty() && self.pattern.as_ref().is_none_or(|(pattern, _)| is_constant(pattern))
    }

    pub fn holiday(&self, date: Date) -> Option<Holiday> {
        let list = self.list.or_else(|| self.is_japan.then(|| &*JAPAN));
        let layers = list.into_iter().flat_map(|list| list.0.iter().rev());
        holidays::on(self.customer.into_iter().chain(layers), date)
    }
}

fn times(leave: &Leave) -> Option<(i64, i64, &Leave)> {
    let (from, until) = match &leave.span {
        LeaveSpan::Time { from, until } => (second(*from), second(*until)),
        LeaveSpan::Days { from, until, zone } => (zone.midnight(*from), zone.midnight(*until)),
    };
    (from < until).then_some((from, until, leave))
}

impl Roster {
    /// The usual hours of somebody, and which layer they are from.
    pub fn hours_of<'a>(&'a self, subject: Subject<'a>) -> Option<(&'a Pattern, Layer)> {
        pattern_of(self, subject)
    }
}

fn pattern_of<'a>(roster: &'a Roster, subject: Subject<'a>) -> Option<(&'a Pattern, Layer)> {
    let found = match subject {
        Subject::Pattern(pattern) => return Some((pattern, Layer::Own)),
        Subject::Person { id, customer } => own(roster, id)
            .or_else(|| groups(roster, id))
            .or_else(|| customer.and_then(|id| of_customer(roster, id, Layer::Customer(id.to_owned())))),
        Subject::Group(id) => of_group(roster, id, Layer::Own),
        Subject::Customer(id) => of_customer(roster, id, Layer::Own),
    };
    found.or_else(|| named(roster, roster.default_pattern.as_ref(), Layer::Default))
}

fn named<'a>(roster: &'a Roster, name: Option<&String>, layer: Layer) -> Option<(&'a Pattern, Layer)> {
    Some((roster.pattern(name?)?, layer))
}

fn own<'a>(roster: &'a Roster, id: &str) -> Option<(&'a Pattern, Layer)> {
    let person = roster.persons.iter().find(|person| person.id == id)?;
    named(roster, person.pattern.as_ref(), Layer::Own)
}

fn groups<'a>(roster: &'a Roster, id: &str) -> Option<(&'a Pattern, Layer)> {
    let person = roster.persons.iter().find(|person| person.id == id)?;
    person.groups.iter().find_map(|group| of_group(roster, group, Layer::Group(group.clone())))
}

fn of_group<'a>(roster: &'a Roster, id: &str, layer: Layer) -> Option<(&'a Pattern, Layer)> {
    let group = roster.groups.iter().find(|group| group.id == id)?;
    named(roster, group.pattern.as_ref(), layer)
}

fn of_customer<'a>(roster: &'a Roster, id: &str, layer: Layer) -> Option<(&'a Pattern, Layer)> {
    let customer = roster.customers.iter().find(|customer| customer.id == id)?;
    named(roster, customer.pattern.as_ref(), layer)
}

/// The customer whose own days count: the one asked for, or the one that lends a person its hours.
fn customer_of<'a>(
    roster: &'a Roster,
    subject: Subject<'a>,
    pattern: Option<&(&Pattern, Layer)>,
) -> Option<&'a Customer> {
    let id = match (subject, pattern) {
        (Subject::Customer(id), _) => id,
        (Subject::Person { customer: Some(id), .. }, Some((_, Layer::Customer(_)))) => id,
        _ => return None,
    };
    roster.customers.iter().find(|customer| customer.id == id)
}
