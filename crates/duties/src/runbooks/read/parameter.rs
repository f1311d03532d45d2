//! A runbook's parameters, their types and defaults.

use super::super::fields::{self, Fields};
use super::super::parameter::{Kind, Parameter};
use super::super::problem::Problems;
use super::super::yaml::Node;
use super::super::{Step, shell};

const KEYS: [&str; 7] = ["type", "title", "default", "required", "min", "max", "choices"];
const TYPES: [(&str, Kind); 8] = [
    ("text", Kind::Text),
    ("word", Kind::Word),
    ("number", Kind::Number { min: None, max: None }),
    ("choice", Kind::Choice(Vec::new())),
    ("path", Kind::Path),
    ("host", Kind::Host),
    ("unit", Kind::Unit),
    ("duration", Kind::Duration),
];

pub(super) fn read(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Parameter> {
    let Some(node) = fields.get("parameters") else { return Vec::new() };
    let super::Kind::Map(entries) = &node.kind else {
        problems.error(node.place, "parameters is no mapping", "write name: {type: word}");
        return Vec::new();
    };
    let mut found: Vec<Parameter> = Vec::new();
    for (key, value) in entries {
        let name = key.text().unwrap_or_default();
        if !is_name(name) {
            problems.error(
                key.place,
                format!("{name:?} can't be a parameter"),
                "small letters, digits and _; not end or else",
            );
        } else if found.iter().any(|other| other.name == name) {
            problems.error(key.place, format!("the parameter {name} stands here a second time"), "keep one of them");
        } else if let Some(parameter) = one(name, value, problems) {
            found.push(parameter);
        }
    }
    found
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 40
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !matches!(name, "end" | "else")
}

fn one(name: &str, node: &Node, problems: &mut Problems) -> Option<Parameter> {
    let fields = Fields::of(node, "a parameter", &KEYS, problems);
    let kind = kind(&fields, problems)?;
    let title = fields.get("title").and_then(|node| fields::words(node, "title", problems));
    let default = fields.text("default", problems).map(str::to_owned);
    let required = match fields.get("required") {
        Some(_) => fields.one_of("required", &[("true", true), ("false", false)], problems)?,
        None => default.is_none(),
    };
    let parameter = Parameter { name: name.to_owned(), title, kind, default, required };
    if let Some(error) = parameter.default.as_deref().and_then(|value| parameter.check(value).err()) {
        problems.error(fields.place_of("default"), error.to_string(), "give a default that it takes");
    }
    Some(parameter)
}

fn kind(fields: &Fields<'_>, problems: &mut Problems) -> Option<Kind> {
    let node = fields.must("type", "say what its values are: text, word, number, …", problems)?;
    let given = fields::text(node, "type", problems)?;
    let Some((_, kind)) = TYPES.into_iter().find(|(name, _)| *name == given) else {
        let known: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
        problems.error(node.place, format!("there is no type {given:?}"), fields::suggestion(given, &known));
        return None;
    };
    foreign(given, fields, problems);
    match kind {
        Kind::Number { .. } => {
            let (min, max) = (whole(fields, "min", problems), whole(fields, "max", problems));
            if min.zip(max).is_some_and(|(min, max)| min > max) {
                problems.error(fields.place_of("min"), "no number is above min and below max", "swap them");
            }
            Some(Kind::Number { min, max })
        }
        Kind::Choice(_) => {
            fields.must("choices", "list what may be chosen", problems)?;
            let choices = fields.texts("choices", problems);
            Some(Kind::Choice(choices.into_iter().map(|(text, _)| text.to_owned()).collect()))
        }
        kind => Some(kind),
    }
}

/// Keys that say nothing for this type.
fn foreign(given: &str, fields: &Fields<'_>, problems: &mut Problems) {
    for (name, of) in [("min", "number"), ("max", "number"), ("choices", "choice")] {
        if fields.get(name).is_some() && given != of {
            problems.error(
                fields.place_of(name),
                format!("{name} is for the type {of}"),
                "take it out, or change the type",
            );
        }
    }
}

fn whole(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Option<i64> {
    let number = fields.text(name, problems)?.parse().ok();
    if number.is_none() {
        problems.error(fields.place_of(name), format!("{name} is no whole number"), "write it in digits");
    }
    number
}

/// A parameter that no step uses is asked of people for nothing.
pub(super) fn unused(fields: &Fields<'_>, parameters: &[Parameter], steps: &[Step], problems: &mut Problems) {
    let used: Vec<String> = steps.iter().flat_map(|step| shell::lex(&step.run).uses).map(|used| used.name).collect();
    for parameter in parameters.iter().filter(|p| !used.contains(&p.name)) {
        problems.warn(
            fields.place_of("parameters"),
            format!("no step uses the parameter {}", parameter.name),
            format!("write {{{{ {} }}}} where it belongs, or take it out", parameter.name),
        );
    }
}
