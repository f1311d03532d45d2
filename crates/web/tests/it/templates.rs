//! Templates hold structure and no words: those are in the locale files, in both languages.

use crate::locales::files;
use std::path::PathBuf;

/// Names that are the same in every language: the product, keys on the keyboard, commands, an address.
const NAMES: [&str; 10] = [
    "a",
    "Arayashiki",
    "Enter",
    "arayashiki check",
    "arayashiki user add",
    "j",
    "k",
    "arayashiki backfill --since 2026-01-01",
    "/api/v1/openapi.json",
    "/",
];

#[test]
fn no_template_has_bare_text() {
    for file in files(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("templates"), "html") {
        let html = std::fs::read_to_string(&file).expect("file");
        for text in texts_between_tags(&html) {
            let is_name = NAMES.contains(&text.trim_matches([' ', '\n', '·']));
            assert!(is_name || !text.chars().any(char::is_alphabetic), "{}: {text:?}", file.display());
        }
        for attribute in ["title=\"", "placeholder=\"", "aria-label=\"", "alt=\""] {
            for (at, _) in html.match_indices(attribute) {
                let rest = &html[at + attribute.len()..];
                assert!(rest.starts_with("{{"), "{}: {attribute}{}", file.display(), &rest[..rest.len().min(24)]);
            }
        }
    }
}

#[test]
fn no_template_switches_escaping_off() {
    for file in files(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("templates"), "html") {
        let html = std::fs::read_to_string(&file).expect("file");
        assert!(!html.contains("|safe") && !html.contains("| safe") && !html.contains("escape("), "{}", file.display());
    }
}

/// What stands outside tags, expressions and statements.
fn texts_between_tags(html: &str) -> Vec<String> {
    let mut plain = html.to_owned();
    for (open, close) in [("{{", "}}"), ("{%", "%}")] {
        while let Some(start) = plain.find(open) {
            let end = plain[start..].find(close).map_or(plain.len(), |e| start + e + close.len());
            plain.replace_range(start..end, "");
        }
    }
    let mut texts = Vec::new();
    let mut rest = plain.as_str();
    while let Some(start) = rest.find('>') {
        let after = &rest[start + 1..];
        let end = after.find('<').unwrap_or(after.len());
        texts.push(after[..end].to_owned());
        rest = &after[end..];
    }
    texts
}
