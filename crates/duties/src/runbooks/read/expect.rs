//! What is expected of a step: exit statuses, patterns and figures. An expectation that can't be met, or always is, is found here.

use super::super::fields::{self, Fields};
use super::super::judge::{pattern, placeholders};
use super::super::problem::Problems;
use super::super::yaml::Node;
use model::plan::{Expect, Level, Says, Words};
use regex::Regex;

const KINDS: [&str; 4] = ["exit", "matches", "lacks", "number"];
const LEVELS: [(&str, Level); 3] = [("warning", Level::Warning), ("critical", Level::Critical), ("info", Level::Info)];

pub(super) fn read(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Expect> {
    let nodes = fields.list("expect");
    nodes.into_iter().filter_map(|node| one(node, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<Expect> {
    let outer = Fields::of(node, "an expectation", &KINDS, problems);
    let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| outer.get(kind).is_some()).collect();
    let [kind] = kinds.as_slice() else {
        problems.error(node.place, "an expectation has one key", format!("it is one of {}", KINDS.join(", ")));
        return None;
    };
    let inner = outer.get(kind)?;
    match *kind {
        "exit" => exit(inner, problems),
        "number" => number(inner, problems),
        kind => matches(inner, kind == "lacks", problems),
    }
}

/// `exit: 0`, `exit: [0, 1]`, or with a sentence: `exit: {any_of: [0], says: …}`.
fn exit(node: &Node, problems: &mut Problems) -> Option<Expect> {
    let (items, says) = match &node.kind {
        super::Kind::Map(_) => {
            let fields = Fields::of(node, "exit", &["any_of", "says", "level"], problems);
            fields.must("any_of", "name the statuses that are right", problems)?;
            let says = match fields.get("says") {
                Some(_) => Some(says(&fields, None, problems)?),
                None => None,
            };
            (fields.list("any_of"), says)
        }
        super::Kind::List(items) => (items.iter().collect(), None),
        super::Kind::Text(_) => (vec![node], None),
    };
    let mut any_of = Vec::new();
    for item in items {
        match item.text().and_then(|text| text.parse::<u8>().ok()) {
            Some(status) => any_of.push(i32::from(status)),
            None => problems.error(item.place, "this is no exit status", "write a number from 0 to 255"),
        }
    }
    if any_of.is_empty() {
        problems.error(node.place, "no exit status is right", "name at least one");
    }
    Some(Expect::Exit { any_of, says })
}

fn matches(node: &Node, not: bool, problems: &mut Problems) -> Option<Expect> {
    let what = if not { "lacks" } else { "matches" };
    let fields = Fields::of(node, what, &["pattern", "says", "level"], problems);
    let regex = regex_of(&fields, "pattern", problems);
    if let Some(regex) = regex.as_ref().filter(|regex| regex.is_match("")) {
        let place = fields.place_of("pattern");
        let says = format!("{:?} is found in every text, even an empty one", regex.as_str());
        problems.error(place, says, "ask for at least one character that tells");
    }
    // A pattern that was not found has no groups to speak of.
    let says = says(&fields, regex.as_ref().filter(|_| not), problems);
    Some(Expect::Matches { pattern: regex?.as_str().to_owned(), not, says: says? })
}

fn number(node: &Node, problems: &mut Problems) -> Option<Expect> {
    let fields = Fields::of(node, "number", &["pattern", "min", "max", "per", "says", "level"], problems);
    let regex = regex_of(&fields, "pattern", problems);
    let per = fields.get("per").map(|_| regex_of(&fields, "per", problems));
    for (name, regex) in [("pattern", regex.as_ref()), ("per", per.as_ref().and_then(Option::as_ref))] {
        if regex.is_some_and(|regex| regex.captures_len() < 2) {
            let says = format!("{name} has no group, so there is no figure to look at");
            problems.error(fields.place_of(name), says, r"put parentheses around the figure: (\d+)%");
        }
    }
    let (min, max) = (bound(&fields, "min", problems), bound(&fields, "max", problems));
    match (&min, &max) {
        (None, None) => problems.error(fields.place, "number has neither min nor max", "give one of them"),
        (Some((min, _)), Some((max, _))) if min > max => {
            problems.error(fields.place_of("min"), "no number is above min and below max", "swap them");
        }
        _ => {}
    }
    let says = says(&fields, regex.as_ref(), problems);
    let per = match per {
        Some(per) => Some(per?.as_str().to_owned()),
        None => None,
    };
    let (min, max) = (min.map(|(_, text)| text), max.map(|(_, text)| text));
    Some(Expect::Number { pattern: regex?.as_str().to_owned(), min, max, per, says: says? })
}

fn bound(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Option<(f64, String)> {
    let text = fields.text(name, problems)?;
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b".-".contains(&b));
    let number = text.parse::<f64>().ok().filter(|_| is_plain);
    if number.is_none() {
        problems.error(fields.place_of(name), format!("{name} is no number"), "write it as 90 or 1.5");
    }
    number.map(|number| (number, text.to_owned()))
}

fn regex_of(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Option<Regex> {
    let node = fields.must(name, "write a regular expression", problems)?;
    let text = fields::text(node, name, problems)?;
    match pattern(text) {
        Ok(regex) => Some(regex),
        Err(why) => {
            problems.error(
                node.place,
                format!("{name} is no regular expression: {why}"),
                "mend it, or quote it with '…'",
            );
            None
        }
    }
}

fn says(fields: &Fields<'_>, regex: Option<&Regex>, problems: &mut Problems) -> Option<Says> {
    let level = fields.one_of("level", &LEVELS, problems);
    let words = fields.words("says", problems)?;
    known(&words, fields, regex, problems);
    Some(Says { level: level?, words })
}

/// Every placeholder is a group of the pattern.
fn known(words: &Words, fields: &Fields<'_>, regex: Option<&Regex>, problems: &mut Problems) {
    let mut names: Vec<&str> = regex.into_iter().flat_map(|regex| regex.capture_names().flatten()).collect();
    if regex.is_some() {
        names.push("value");
    }
    for text in [&words.en, &words.ja] {
        for name in placeholders(text) {
            if !names.contains(&name) {
                let says = format!("{{{name}}} is nothing that the pattern finds");
                let remedy =
                    format!("known here are: {}", if names.is_empty() { "none".into() } else { names.join(", ") });
                problems.error(fields.place_of("says"), says, remedy);
            }
        }
    }
}
