//! Names that programs write down have words for people in both languages: effects, sources, acts of the audit trail, destinations.

use crate::locales::files;
use std::collections::BTreeSet;
use std::path::Path;
use web::Language;

fn source(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(path).expect("a source file where it was")
}

/// The texts between quotes that follow a beginning.
fn quoted<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    let found = text.match_indices(start).filter_map(|(at, _)| text[at + start.len()..].split('"').next());
    found.collect()
}

/// The part of a file from the line with this to the first line that closes it.
fn part<'a>(text: &'a str, begins: &str, ends: &str) -> &'a str {
    let from = text.split_once(begins).expect("the part that is looked for").1;
    from.split(ends).next().unwrap_or_default()
}

fn each_has_a_word(family: &str, names: &BTreeSet<&str>) {
    let without: Vec<String> = names
        .iter()
        .flat_map(|name| Language::ALL.map(|language| (language, *name)))
        .map(|(language, name)| (language, format!("{family}-{}", name.replace(['_', '.'], "-"))))
        .filter(|(language, key)| language.t(key).contains('⟦'))
        .map(|(language, key)| format!("{}: {key}", language.as_str()))
        .collect();
    assert_eq!(without, Vec::<String>::new(), "write them into the locale files");
}

#[test]
fn every_effect_and_destination_has_its_words() {
    let text = source("model/src/action.rs");
    let names: BTreeSet<&str> = quoted(part(&text, "const fn name(&self)", "\n    }\n"), "=> \"").into_iter().collect();
    assert!(names.len() > 30, "{names:?}");
    each_has_a_word("effect", &names);
    let places = part(&text, "const fn destination(&self)", "\n    }\n");
    let places: BTreeSet<&str> = places.split('"').skip(1).step_by(2).collect();
    assert!(places.len() > 8, "{places:?}");
    each_has_a_word("destination", &places.into_iter().filter(|name| !["pagerduty", "cause"].contains(name)).collect());
}

#[test]
fn every_source_of_signals_has_its_words() {
    let text = source("model/src/signal.rs");
    let mut names: BTreeSet<&str> = quoted(part(&text, "pub mod source {", "\n}\n"), "&str = \"").into_iter().collect();
    assert!(names.len() > 10, "{names:?}");
    names.extend(model::mail::Door::ALL.map(|door| door.source()));
    each_has_a_word("source", &names);
}

#[test]
fn every_act_of_the_audit_trail_has_its_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut texts = Vec::new();
    for krate in ["web", "engine", "arayashiki"] {
        for file in files(&root.join(krate).join("src"), "rs") {
            texts.push(std::fs::read_to_string(file).expect("file"));
        }
    }
    let is_act = |name: &&str| {
        name.len() < 30
            && name.split_once('.').is_some_and(|(kind, act)| {
                let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                is_word(kind) && is_word(act)
            })
    };
    let mut names = BTreeSet::new();
    for text in &texts {
        for call in text.split("audit::add(").skip(1) {
            let end = call.find(';').unwrap_or(call.len());
            names.extend(call[..end].split('"').skip(1).step_by(2).filter(is_act));
        }
    }
    names.extend(["concern.take", "concern.done", "person.role", "person.disable", "person.enable"]);
    assert!(names.len() > 25, "{names:?}");
    each_has_a_word("act", &names);
}
