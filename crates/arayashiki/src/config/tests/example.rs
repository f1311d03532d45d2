//! Holds `arayashiki.example.toml` against the table of keys, line by line.

use super::super::keys::{CUSTOMER_KEYS, KEYS, Key, SECTIONS};
use super::super::kinds::Shape;
use super::*;
use std::fmt::Write as _;

fn example_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(problem::KEY_LIST)
}

fn example() -> String {
    std::fs::read_to_string(example_path()).unwrap()
}

/// The customers' part is commented out, since a customer has no default.
fn parts() -> (String, String) {
    let text = example();
    let (settings, customers) = text.split_once("# [[customer]]").unwrap();
    (settings.to_owned(), format!("# [[customer]]{customers}"))
}

fn default_of(key: &Key) -> String {
    match key.shape {
        Shape::Number => key.default.to_owned(),
        Shape::Text => format!("{:?}", key.default),
        Shape::List => format!("{:?}", key.default.split(',').filter(|part| !part.is_empty()).collect::<Vec<_>>()),
    }
}

fn rendered() -> String {
    let mut text = String::new();
    for (section, about) in SECTIONS {
        write!(text, "# {about}\n[{section}]\n").unwrap();
        for key in KEYS.iter().filter(|key| key.section == *section) {
            write!(text, "# {}\n{} = {}\n", key.why, key.key, default_of(key)).unwrap();
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_example_shows_every_key_once_with_its_default_and_its_reason() {
    let (settings, _) = parts();
    let start = settings.find(&format!("# {}\n", SECTIONS[0].1)).expect("the first section");
    let shown = &settings[start..];
    for (number, (have, want)) in shown.lines().zip(rendered().lines()).enumerate() {
        assert_eq!(have, want, "line {} below the head", number + 1);
    }
    assert!(shown.starts_with(&rendered()), "lines are missing at the end; the table says:\n{}", rendered());
    let rest = &shown[rendered().len()..];
    assert!(rest.lines().all(|line| line.is_empty() || line.starts_with('#')), "more than the table has: {rest}");
}

#[test]
fn the_example_loads_and_changes_nothing() {
    let from_example = format!("{:?}", load(Some(&example_path()), []).unwrap());
    let folder = example_path().parent().unwrap().join("arayashiki.toml");
    let empty = raw::File { path: folder.clone(), text: String::new() };
    let from_nothing = format!("{:?}", resolve(Some(&empty), &BTreeMap::new()).unwrap());
    let same_origin = from_nothing.replace(&format!("{folder:?}"), &format!("{:?}", example_path()));
    assert_eq!(from_example, same_origin);
}

#[test]
fn the_examples_customer_has_every_key_of_one() {
    let (settings, commented) = parts();
    let lines: Vec<&str> = commented.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
    for key in CUSTOMER_KEYS {
        let at = lines.iter().position(|l| l.starts_with(&format!("{} = ", key.key))).expect(key.key);
        assert_eq!(lines[at - 1], format!("# {}", key.why));
    }
    let live = format!("{settings}{}", lines.join("\n"));
    let customers = loaded(&live, &[]).customers;
    assert_eq!(customers.len(), 1);
    let count = lines.iter().filter(|line| line.contains(" = ") && !line.starts_with('#')).count();
    assert_eq!(count, CUSTOMER_KEYS.len());
}

#[test]
fn no_key_stands_twice_in_the_table_and_every_reason_is_one_line() {
    for (at, key) in KEYS.iter().chain(CUSTOMER_KEYS).enumerate() {
        let twin = KEYS.iter().chain(CUSTOMER_KEYS).skip(at + 1).find(|k| (k.section, k.key) == (key.section, key.key));
        assert!(twin.is_none(), "{key:?}");
        assert!(!key.why.is_empty() && !key.why.contains('\n') && key.why.ends_with('.'), "{key:?}");
    }
}
