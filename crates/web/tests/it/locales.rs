//! Both languages have the same texts with the same variables, and each text is used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Texts = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Keys and their variables; a key that stands twice is an error.
fn texts(language: &str) -> Texts {
    let mut texts = Texts::new();
    for file in files(&root().join("locales").join(language), "ftl") {
        let mut current = String::new();
        for line in std::fs::read_to_string(&file).expect("file").lines() {
            if let Some((key, _)) = line.split_once(" =")
                && line.starts_with(|c: char| c.is_ascii_lowercase())
            {
                current = key.to_owned();
                assert!(texts.insert(current.clone(), BTreeSet::new()).is_none(), "{key} stands twice");
            }
            if line.starts_with('#') {
                continue;
            }
            for piece in line.split('$').skip(1) {
                let name: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                texts.get_mut(&current).expect("a key before its variables").insert(name);
            }
        }
    }
    texts
}

#[test]
fn both_languages_have_the_same_keys_and_variables() {
    let (en, ja) = (texts("en"), texts("ja"));
    assert!(en.len() > 300, "only {} texts were found", en.len());
    let keys = |t: &Texts| t.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&en).symmetric_difference(&keys(&ja)).collect::<Vec<_>>(), Vec::<&String>::new());
    for (key, variables) in &en {
        assert_eq!(variables, &ja[key], "{key}");
    }
}

#[test]
fn every_text_is_used() {
    let mut used = String::new();
    for file in files(&root().join("src"), "rs").into_iter().chain(files(&root().join("templates"), "html")) {
        used.push_str(&std::fs::read_to_string(file).expect("file"));
    }
    let families: Vec<String> = used
        .match_indices("word(\"")
        .map(|(at, _)| used[at + 6..].chars().take_while(|c| *c != '"').collect::<String>() + "-")
        .chain(["weekday-", "month-", "error-", "change-", "span-"].map(str::to_owned))
        .collect();
    for key in texts("en").keys() {
        let known = used.contains(&format!("\"{key}\"")) || families.iter().any(|f| key.starts_with(f.as_str()));
        assert!(known, "{key} is used nowhere");
    }
}

#[test]
fn every_key_that_a_template_names_exists() {
    let en = texts("en");
    for file in files(&root().join("templates"), "html") {
        let html = std::fs::read_to_string(&file).expect("file");
        for start in ["f.t(\"", "f.t1(\"", "f.t2(\""] {
            for (at, _) in html.match_indices(start) {
                let key: String = html[at + start.len()..].chars().take_while(|c| *c != '"').collect();
                assert!(en.contains_key(&key), "{}: {key}", file.display());
            }
        }
    }
}
