//! Who works when, as it is configured: names that lead nowhere, files of holidays, people whose hours nobody says. Asks nobody.

use super::line::{Line, State};
use crate::cli::Failure;
use crate::config::Config;
use crate::wiring::people;
use model::hours::Roster;

const WHAT: &str = "hours";

pub fn look(config: &Config) -> Vec<Line> {
    if config.hours.is_empty() && config.people.is_empty() {
        return Vec::new();
    }
    match people::roster(config) {
        Ok(roster) => of(&roster),
        Err(Failure::Wrong(text) | Failure::Failed(text)) => vec![Line::told(WHAT, State::Fail, &text)],
    }
}

fn of(roster: &Roster) -> Vec<Line> {
    let unknown = roster.unknown_names().into_iter();
    let mut lines: Vec<Line> =
        unknown.map(|name| Line::fail(WHAT, name, "write a table of that name, or take it out")).collect();
    let without = without_hours(roster);
    let (patterns, persons) = (roster.patterns.len(), roster.persons.len());
    lines.push(Line::ok(WHAT, format!("{patterns} patterns of hours for {persons} persons")));
    if !without.is_empty() && patterns > 0 {
        lines.push(Line::warn(
            WHAT,
            format!("nobody says when {} are at work, so that no rule finds them away", without.join(", ")),
            "set hours for them, for a group of theirs, or in [server]",
        ));
    }
    lines
}

/// Persons who have neither hours of their own, nor by a group, nor everybody's.
fn without_hours(roster: &Roster) -> Vec<&str> {
    if roster.default_pattern.is_some() {
        return Vec::new();
    }
    let lends = |id: &String| roster.groups.iter().any(|group| group.id == *id && group.pattern.is_some());
    let has = |person: &&model::hours::Person| person.pattern.is_some() || person.groups.iter().any(lends);
    roster.persons.iter().filter(|person| !has(person)).map(|person| person.id.as_str()).collect()
}
