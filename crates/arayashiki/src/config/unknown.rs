//! Sections, keys and variables that nobody knows: what was likely meant. It decides nothing about values.

use super::keys::{SECTIONS, all};
use super::problem::{KEY_LIST, nearest, quoted};
use super::settings::{Key, Section};
use super::{indirect, keys};
use toml::de::{DeTable, DeValue};

/// A part's full name. What is no plain word is quoted, and so is no part of ours.
pub fn joined(path: &str, word: &str) -> String {
    let word = bare(word);
    if path.is_empty() { word } else { format!("{path}.{word}") }
}

/// Whether it is a section or the beginning of one's name.
pub fn leads_on(path: &str) -> bool {
    SECTIONS.iter().any(|section| section.path == path || is_below(section, path))
}

fn is_below(section: &Section, path: &str) -> bool {
    section.path.strip_prefix(path).is_some_and(|rest| path.is_empty() || rest.starts_with('.'))
}

/// An unknown key of a known section: its label and what to do.
pub fn of_key(section: &Section, key: &str) -> (String, String) {
    let header = section.header();
    let known: Vec<&str> = section.keys.iter().map(|key| key.key).collect();
    let hint = match (nearest(key, known.iter().copied()), elsewhere(key, "")) {
        (_, Some(elsewhere)) => format!("unknown here; did you mean to put it under {elsewhere}?"),
        (Some(near), None) => format!("unknown key; did you mean \"{near}\"?"),
        (None, None) => format!("unknown key; {header} has {}.", known.join(", ")),
    };
    (format!("{header} {}", bare(key)), format!("{hint} {KEY_LIST} lists every key"))
}

/// The first section below this path that has such a key.
fn elsewhere(key: &str, path: &str) -> Option<String> {
    SECTIONS
        .iter()
        .find(|section| is_below(section, path) && section.key(key).is_some())
        .map(|section| section.header())
}

/// Something that is no section we know, or none in that form: its label and what to do.
pub fn of_part(path: &str, section: Option<&Section>, value: &DeValue<'_>) -> (String, String) {
    if let Some(section) = section {
        return in_another_form(section, value);
    }
    let (parent, word) = path.rsplit_once('.').unwrap_or(("", path));
    let (label, hint) = match (value, elsewhere(word, parent)) {
        _ if leads_on(path) => (path.to_owned(), format!("only begins names such as {}.", first_below(path))),
        (DeValue::Table(_), _) => {
            let whole = deepest(path, value);
            (format!("[{whole}]"), unknown_section(&whole))
        }
        (DeValue::Array(_), _) | (_, None) => (path.to_owned(), unknown_section(path)),
        (_, Some(header)) => {
            (word.to_owned(), format!("stands outside any section; did you mean to put it under {header}?"))
        }
    };
    (label, format!("{hint} {KEY_LIST} lists every key"))
}

fn in_another_form(section: &Section, value: &DeValue<'_>) -> (String, String) {
    let (header, path) = (section.header(), section.path);
    let hint = match value {
        DeValue::Array(_) => format!("stands once only; write {header} in single brackets"),
        DeValue::Table(table) if section.is_many && is_only_parts(path, table) => {
            let below = first_below(path);
            let what = format!("belongs below the first {header} of the file; write {header} above it");
            return (below, what);
        }
        _ if section.is_many => {
            let what = format!("each {header} is a table of its own; write {header} in double brackets");
            return (format!("[{path}]"), what);
        }
        _ => format!("is a section; write {header} and its keys below"),
    };
    (path.to_owned(), format!("{hint} {KEY_LIST} lists every key"))
}

/// Nothing but sections whose names begin with this one's.
fn is_only_parts(path: &str, table: &DeTable<'_>) -> bool {
    !table.is_empty() && table.keys().all(|word| leads_on(&joined(path, word.get_ref())))
}

/// The whole name of a header such as `[maill.smtp]`, which TOML hands out word by word.
fn deepest(path: &str, value: &DeValue<'_>) -> String {
    let mut words = match value {
        DeValue::Table(table) => table.iter(),
        _ => return path.to_owned(),
    };
    match (words.next(), words.next()) {
        (Some((word, inner)), None) if is_header(inner.get_ref()) => {
            deepest(&joined(path, word.get_ref()), inner.get_ref())
        }
        _ => path.to_owned(),
    }
}

fn is_header(value: &DeValue<'_>) -> bool {
    let is_plain = |table: &DeTable<'_>| !indirect::is_one(table);
    match value {
        DeValue::Table(table) => is_plain(table),
        DeValue::Array(items) => items.iter().all(|item| matches!(item.get_ref(), DeValue::Table(t) if is_plain(t))),
        _ => false,
    }
}

fn unknown_section(name: &str) -> String {
    let known = SECTIONS.iter().map(|section| section.path);
    match nearest(name, known).and_then(keys::section) {
        Some(near) => format!("unknown section; did you mean {}?", near.header()),
        None => {
            let all: Vec<_> = SECTIONS.iter().map(|section| section.header()).collect();
            format!("unknown section; there are {}.", all.join(", "))
        }
    }
}

fn first_below(path: &str) -> String {
    SECTIONS.iter().find(|section| is_below(section, path)).map(|section| section.header()).unwrap_or_default()
}

/// The key that `SECTION__KEY` overrides, or why it overrides none.
pub fn of_variable(rest: &str) -> Result<&'static Key, String> {
    let form = || {
        format!("overrides no key; the form is ARAYASHIKI__SECTION__KEY, and [a.b] is A__B. {KEY_LIST} lists every key")
    };
    if let Some(many) = SECTIONS.iter().find(|section| section.is_many && is_of(rest, section)) {
        let header = many.header();
        return Err(format!("{header} can't be set by a variable; write {header} in the configuration file"));
    }
    let once = || all().filter(|key| keys::section(key.section).is_some_and(|section| !section.is_many));
    if let Some(known) = once().find(|key| variable(key) == rest) {
        return Ok(known);
    }
    if !rest.contains("__") {
        return Err(form());
    }
    Err(nearest(rest, once().map(variable)).map_or_else(form, |near| {
        format!("overrides no key; did you mean ARAYASHIKI__{near}? {KEY_LIST} lists every key")
    }))
}

fn variable(key: &Key) -> String {
    format!("{}__{}", key.section.replace('.', "__"), key.key).to_uppercase()
}

fn is_of(rest: &str, section: &Section) -> bool {
    let name = section.path.replace('.', "__").to_uppercase();
    rest.strip_prefix(&name).is_some_and(|after| after.is_empty() || after.starts_with("__"))
}

/// A name as written, quoted only when it is no plain word.
fn bare(name: &str) -> String {
    let plain = !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    if plain { name.to_owned() } else { quoted(name) }
}
