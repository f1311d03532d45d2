//! Reads a mapping's fields: what is unknown, missing or of another kind is a problem at its place, and the reading goes on, so
//! that one look names every mistake. Never stops at the first.

use super::problem::{Place, Problems, nearest};
use super::yaml::{Kind, Node};
use model::plan::Words;

pub(super) struct Fields<'n> {
    pub place: Place,
    entries: Vec<(&'n str, &'n Node, Place)>,
}

impl<'n> Fields<'n> {
    /// The mapping's fields, of which only the `known` ones are meant. What is no mapping has none.
    pub fn of(node: &'n Node, what: &str, known: &[&str], problems: &mut Problems) -> Self {
        let mut fields = Self { place: node.place, entries: Vec::new() };
        let Kind::Map(entries) = &node.kind else {
            problems.error(
                node.place,
                format!("{what} is {}, not a mapping", node.what()),
                format!("its keys are {}", known.join(", ")),
            );
            return fields;
        };
        for (key, value) in entries {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                problems.error(key.place, format!("{what} has no key {name:?}"), suggestion(name, known));
            } else if fields.get(name).is_some() {
                problems.error(key.place, format!("{name} stands here a second time"), "keep one of them");
            } else {
                fields.entries.push((name, value, key.place));
            }
        }
        fields
    }

    /// A field that has a value.
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(key, node, _)| *key == name && !node.is_nothing()).map(|(_, node, _)| *node)
    }

    /// Where a field's name stands; else where the mapping begins.
    pub fn place_of(&self, name: &str) -> Place {
        self.entries.iter().find(|(key, ..)| *key == name).map_or(self.place, |(_, _, place)| *place)
    }

    /// A field that must be there.
    pub fn must(&self, name: &str, remedy: &str, problems: &mut Problems) -> Option<&'n Node> {
        let found = self.get(name);
        if found.is_none() {
            problems.error(self.place_of(name), format!("{name} is missing"), remedy);
        }
        found
    }

    pub fn text(&self, name: &str, problems: &mut Problems) -> Option<&'n str> {
        self.get(name).and_then(|node| text(node, name, problems))
    }

    /// One of some words; the first of them where nothing stands.
    pub fn one_of<T: Copy>(&self, name: &str, words: &[(&'static str, T)], problems: &mut Problems) -> Option<T> {
        let Some(node) = self.get(name) else { return words.first().map(|(_, value)| *value) };
        let given = text(node, name, problems)?;
        let found = words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            problems.error(node.place, format!("{name} can't be {given:?}"), suggestion(given, &known));
        }
        found
    }

    /// A list, or one value that stands for a list of one.
    pub fn list(&self, name: &str) -> Vec<&'n Node> {
        match self.get(name) {
            Some(Node { kind: Kind::List(items), .. }) => items.iter().collect(),
            Some(node) => vec![node],
            None => Vec::new(),
        }
    }

    pub fn texts(&self, name: &str, problems: &mut Problems) -> Vec<(&'n str, Place)> {
        let nodes = self.list(name);
        nodes.into_iter().filter_map(|node| text(node, name, problems).map(|text| (text, node.place))).collect()
    }

    /// Text in both languages: `{en: …, ja: …}`.
    pub fn words(&self, name: &str, problems: &mut Problems) -> Option<Words> {
        let node = self.must(name, "give it in both languages: {en: …, ja: …}", problems)?;
        words(node, name, problems)
    }
}

pub(super) fn words(node: &Node, name: &str, problems: &mut Problems) -> Option<Words> {
    let fields = Fields::of(node, name, &["en", "ja"], problems);
    let remedy = format!("{name} is read by people of both languages");
    let en = fields.must("en", &remedy, problems).and_then(|node| text(node, "en", problems));
    let ja = fields.must("ja", &remedy, problems).and_then(|node| text(node, "ja", problems));
    Some(Words::new(en?.trim(), ja?.trim()))
}

pub(super) fn text<'n>(node: &'n Node, name: &str, problems: &mut Problems) -> Option<&'n str> {
    let found = node.text();
    if found.is_none() {
        problems.error(node.place, format!("{name} is {}, not a single value", node.what()), "write one value");
    }
    found
}

pub(super) fn suggestion(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("known are {}", known.join(", ")),
    }
}
