//! Words that must not stand in the source, and pages that must be found.

use super::{File, files, none, root};
use std::collections::BTreeSet;
use store::faults::POINTS;

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not find itself.
    let words = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["XX", "X"].concat(),
        ["dbg", "!("].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
        ["#[ign", "ore]"].concat(),
    ];
    let mut found = Vec::new();
    for file in files().iter().filter(|file| file.is_rust()) {
        for word in &words {
            if contains_word(&file.text, word) {
                found.push(format!("{} has {word}", file.path));
            }
        }
    }
    none(found);
}

/// The word alone, not as a part of a longer one.
fn contains_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !is_letter(before) && (!is_letter(after) || word.ends_with('('))
    })
}

/// A test that is left out by default says why and for whom it is.
#[test]
fn a_test_that_does_not_run_by_itself_runs_for_another() {
    let mark = ["#[ign", "ore = \""].concat();
    let mut found = Vec::new();
    for file in files().iter().filter(|file| file.is_rust()) {
        for reason in file.text.split(&mark).skip(1).filter_map(|rest| rest.split('"').next()) {
            if !reason.contains("child") {
                found.push(format!("{}: {reason}", file.path));
            }
        }
    }
    none(found);
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    let places = [["/ro", "ot/"].concat(), ["/ho", "me/"].concat(), ["/wo", "rk/"].concat(), ["/Us", "ers/"].concat()];
    let mut found = Vec::new();
    for file in files() {
        for (n, line) in file.text.lines().enumerate() {
            for place in &places {
                // In an address it is a path there, not here.
                if line
                    .match_indices(place)
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '}'))
                {
                    found.push(format!("{}:{}: {place}", file.path, n + 1));
                }
            }
        }
    }
    none(found);
}

/// The store's own test holds its list against the source; here, that every point outside of it is passed by a hop.
#[test]
fn every_crash_point_outside_the_store_is_on_the_list() {
    let mut named = BTreeSet::new();
    for file in files().iter().filter(|file| file.is_program() && file.of() != "store") {
        let points = file.text.split("crash_point!(\"").skip(1).filter_map(|rest| rest.split('"').next());
        named.extend(points.map(str::to_owned));
    }
    let unknown = named.iter().filter(|point| !POINTS.contains(&point.as_str()));
    none(unknown.map(|point| format!("{point} is on no list, so nothing hits it")).collect());
    assert!(named.len() >= 6, "the points were not found: {named:?}");
}

#[test]
fn the_first_page_says_how_to_begin_and_the_changes_are_written_down() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap_or_default();
    for command in ["cargo run --release -- demo", "arayashiki serve"] {
        assert!(readme.contains(command), "README.md does not say {command}");
    }
    let changes = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap_or_default();
    assert!(changes.lines().any(|line| line.starts_with("## ")), "CHANGELOG.md has no entry");
}

#[test]
fn every_page_of_the_documents_is_linked_from_another() {
    let pages: Vec<File> = files().into_iter().filter(|file| file.path.ends_with(".md")).collect();
    let mut linked = BTreeSet::new();
    let mut found = Vec::new();
    for page in &pages {
        for target in targets(&page.text) {
            match resolved(&page.path, &target) {
                Some(path) if root().join(&path).exists() => {
                    linked.insert(path);
                }
                Some(path) => found.push(format!("{} links to {path}, which is not there", page.path)),
                None => {}
            }
        }
    }
    let of_documents = pages.iter().filter(|page| page.path.starts_with("docs/"));
    found.extend(
        of_documents
            .filter(|page| !linked.contains(&page.path))
            .map(|page| format!("{} is linked from nowhere", page.path)),
    );
    none(found);
}

/// What stands in `](…)`.
fn targets(text: &str) -> Vec<String> {
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    ends.map(|target| target.split('#').next().unwrap_or_default().to_owned()).collect()
}

/// A link's target from the project's root; `None` when it leads elsewhere.
fn resolved(page: &str, target: &str) -> Option<String> {
    if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}
