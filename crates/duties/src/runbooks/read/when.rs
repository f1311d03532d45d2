//! When a runbook is run, as its file says it.

use super::super::fields::{self, Fields};
use super::super::problem::Problems;
use super::super::when::{Asks, Field, Pattern, Schedule, When};
use super::super::yaml::Node;
use super::super::{amount, judge};

const KINDS: [&str; 3] = ["incident", "schedule", "button"];
const SHORTEST_S: u64 = 300;
const LONGEST_S: u64 = 366 * DAY_S;
const DAY_S: u64 = 86_400;

pub(super) fn read(fields: &Fields<'_>, problems: &mut Problems) -> Vec<When> {
    let nodes = fields.list("when");
    if nodes.is_empty() {
        let remedy = "write when: [button] so that people can start it";
        problems.warn(fields.place_of("when"), "nothing ever runs this runbook", remedy);
    }
    nodes.into_iter().filter_map(|node| one(node, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<When> {
    match node.text() {
        Some("button") => return Some(When::Button),
        Some("incident") => return Some(When::Incident(Vec::new())),
        Some(other) => {
            problems.error(node.place, format!("when can't be {other:?}"), fields::suggestion(other, &KINDS));
            return None;
        }
        None => {}
    }
    let fields = Fields::of(node, "when", &KINDS[..2], problems);
    match (fields.get("incident"), fields.get("schedule")) {
        (Some(inner), None) => incident(inner, problems),
        (None, Some(inner)) => schedule(inner, problems),
        _ => {
            problems.error(node.place, "this is neither an incident nor a schedule", "write - incident: {title: …}");
            None
        }
    }
}

fn incident(node: &Node, problems: &mut Problems) -> Option<When> {
    let names = Field::ALL.map(|(name, _)| name);
    let fields = Fields::of(node, "incident", &names, problems);
    let mut asks = Vec::new();
    for (name, field) in Field::ALL {
        let texts = fields.texts(name, problems);
        let any_of: Vec<Pattern> = texts
            .into_iter()
            .filter_map(|(text, place)| {
                pattern(text)
                    .map_err(|why| {
                        problems.error(place, format!("{name} can't be {text:?}: {why}"), "mend the pattern");
                    })
                    .ok()
            })
            .collect();
        if !any_of.is_empty() {
            asks.push(Asks { field, any_of });
        }
    }
    if asks.is_empty() {
        problems.error(node.place, "the incident is not described", "write - incident alone if it is run on every one");
        return None;
    }
    Some(When::Incident(asks))
}

fn pattern(text: &str) -> Result<Pattern, String> {
    if let Some(inner) =
        text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|inner| !inner.is_empty())
    {
        return judge::pattern(&format!("(?i){inner}")).map(Pattern::Regex);
    }
    let folded = model::text::fold(text.trim());
    if folded.is_empty() { Err("it is empty and would match all".into()) } else { Ok(Pattern::Text(folded)) }
}

fn schedule(node: &Node, problems: &mut Problems) -> Option<When> {
    let fields = Fields::of(node, "schedule", &["every", "at"], problems);
    let every = fields.must("every", "write every: 1d", problems)?;
    let every_s = fields::text(every, "every", problems).and_then(amount::seconds);
    let Some(every_s @ SHORTEST_S..=LONGEST_S) = every_s else {
        problems.error(every.place, "every is no span from 5m to 366d", "write it as 1h or 1d");
        return None;
    };
    let Some(at) = fields.text("at", problems) else {
        return Some(When::Schedule(Schedule { every_s, at_minute: None }));
    };
    let at_minute = minute(at);
    if at_minute.is_none() {
        problems.error(fields.place_of("at"), format!("{at:?} is no time of day"), "write it as \"03:30\"");
    } else if every_s % DAY_S != 0 {
        problems.error(fields.place_of("at"), "at is for whole days", "write every: 1d, or take at out");
    }
    Some(When::Schedule(Schedule { every_s, at_minute }))
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str, below: u16| {
        let is_plain = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<u16>().ok().filter(|number| is_plain && *number < below)
    };
    Some(two(hour, 24)? * 60 + two(minute, 60)?)
}
