//! Sections, keys and variables that nobody knows: what was likely meant. It decides nothing about values.

use super::keys::{CUSTOMER_KEYS, KEYS, Key};
use super::problem::{KEY_LIST, nearest, quoted};
use toml::de::DeValue;

pub fn is_section(name: &str) -> bool {
    sections().any(|section| section == name)
}

/// Each section once for each of its keys; good enough to search in.
fn sections() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|key| key.section)
}

fn keys_of(section: &str) -> Vec<&'static str> {
    let table = if section == "customer" { CUSTOMER_KEYS } else { KEYS };
    table.iter().filter(|key| key.section == section).map(|key| key.key).collect()
}

/// An unknown key of a known section: its label and what to do.
pub fn of_key(section: &str, key: &str) -> (String, String) {
    let header = if section == "customer" { "[[customer]]".to_owned() } else { format!("[{section}]") };
    let label = format!("{header} {}", bare(key));
    let known = keys_of(section);
    let hint = match (nearest(key, known.iter().copied()), KEYS.iter().find(|k| k.key == key)) {
        (_, Some(elsewhere)) => format!("unknown here; did you mean to put it under [{}]?", elsewhere.section),
        (Some(near), None) => format!("unknown key; did you mean \"{near}\"?"),
        (None, None) => format!("unknown key; {header} has {}.", known.join(", ")),
    };
    (label, format!("{hint} {KEY_LIST} lists every key"))
}

/// Something at the top of the file that is no section we know: its label and what to do.
pub fn of_top_level(name: &str, value: &DeValue<'_>) -> (String, String) {
    let hint = match value {
        DeValue::Array(_) if is_section(name) => format!("stands once only; write [{name}] in single brackets"),
        _ if is_section(name) => format!("is a section; write [{name}] and its keys below"),
        DeValue::Table(_) | DeValue::Array(_) => unknown_section(name),
        _ => match KEYS.iter().find(|k| k.key == name) {
            Some(key) => format!("stands outside any section; did you mean to put it under [{}]?", key.section),
            None => unknown_section(name),
        },
    };
    let label = if matches!(value, DeValue::Table(_)) { format!("[{}]", bare(name)) } else { bare(name) };
    (label, format!("{hint} {KEY_LIST} lists every key"))
}

fn unknown_section(name: &str) -> String {
    match nearest(name, sections().chain(["customer"])) {
        Some("customer") => "unknown section; did you mean [[customer]]?".to_owned(),
        Some(near) => format!("unknown section; did you mean [{near}]?"),
        None => {
            let mut all: Vec<_> = sections().map(|s| format!("[{s}]")).collect();
            all.dedup();
            format!("unknown section; there are {} and [[customer]].", all.join(", "))
        }
    }
}

/// The key that `SECTION__KEY` overrides, or why it overrides none.
pub fn of_variable(rest: &str) -> Result<&'static Key, String> {
    let lower = rest.to_lowercase();
    let form = || format!("overrides no key; the form is ARAYASHIKI__SECTION__KEY. {KEY_LIST} lists every key");
    let (section, key) = lower.split_once("__").ok_or_else(form)?;
    if let Some(known) = KEYS.iter().find(|k| k.section == section && k.key == key) {
        return Ok(known);
    }
    if section == "customer" {
        return Err("customers can't be set by a variable; write [[customer]] in the configuration file".to_owned());
    }
    let names = KEYS.iter().map(|k| format!("{}__{}", k.section, k.key).to_uppercase());
    Err(nearest(rest, names).map_or_else(form, |near| {
        format!("overrides no key; did you mean ARAYASHIKI__{near}? {KEY_LIST} lists every key")
    }))
}

/// A name as written, quoted only when it is no plain word.
fn bare(name: &str) -> String {
    let plain = !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    if plain { name.to_owned() } else { quoted(name) }
}
