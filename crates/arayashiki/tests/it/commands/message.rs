//! `message preview`: what people get in Slack, worded by us or by the installation, and what a template that does not work is told.

use super::ends;
use crate::outside::process::{err, out, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Output;
use tempfile::TempDir;

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(desk.folder.path().join("wording")).unwrap();
        desk.write("arayashiki.toml", "[server]\nlanguage = \"en\"\n[slack]\ntemplates = \"wording\"\n");
        desk
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn preview(&self, arguments: &[&str]) -> Output {
        let config = self.folder.path().join("arayashiki.toml");
        run(&[&["--config", &config.to_string_lossy(), "message", "preview"], arguments].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&ends(&self.preview(&[arguments, &["--json"]].concat()), 0)).unwrap()
    }
}

#[test]
fn without_a_name_every_message_is_listed_and_each_can_be_shown_in_both_languages() {
    let desk = Desk::new();
    let listed = ends(&desk.preview(&[]), 0);
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"incident") && names.contains(&"summary"), "{listed}");
    let told = desk.json(&[]);
    assert_eq!(told["messages"].as_array().unwrap().len(), names.len());
    for name in names {
        let ja = ends(&desk.preview(&[name, "--language", "ja"]), 0);
        let en = ends(&desk.preview(&[name]), 0);
        assert!(ja != en && ja.chars().any(|c| ('\u{3040}'..='\u{30ff}').contains(&c)), "{name}: {ja}{en}");
    }
}

#[test]
fn an_own_template_is_shown_and_its_facts_are_what_it_may_use() {
    let desk = Desk::new();
    desk.write("wording/incident.en.txt", "{{ number }} of {{ customer }}\n{{ assignees|join(', ') }}\n");
    let told = desk.json(&["incident"]);
    let keys: BTreeSet<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["facts", "headline", "language", "lines", "name"]);
    let facts = &told["facts"];
    let headline = format!("{} of {}", facts["number"], facts["customer"].as_str().unwrap());
    assert_eq!((told["headline"].as_str().unwrap(), told["name"].as_str().unwrap()), (headline.as_str(), "incident"));
    assert_eq!(told["lines"], serde_json::json!([facts["assignees"][0]]));
    assert_eq!(ends(&desk.preview(&["incident"]), 0).lines().next(), Some(headline.as_str()));
    assert_ne!(
        desk.json(&["incident", "--language", "ja"])["headline"],
        told["headline"],
        "the other language is ours"
    );
}

#[test]
fn what_is_wrong_is_told_with_its_file_its_line_and_a_remedy() {
    let desk = Desk::new();
    for (text, words) in [
        ("{{ title }}\n{{ titel }}\n", ["incident.en.txt: line 2: it uses a value that is not there", "--json"]),
        ("{{ title }}\n{% if %}\n", ["incident.en.txt: line 2:", "mend it"]),
        ("\n \n", ["incident.en.txt: nothing comes out of it", "mend it"]),
    ] {
        desk.write("wording/incident.en.txt", text);
        let told = desk.preview(&["incident"]);
        assert_eq!((told.status.code(), out(&told).as_str()), (Some(2), ""), "{text:?}");
        assert!(words.iter().all(|word| err(&told).contains(word)), "{words:?}: {}", err(&told));
    }
    desk.write("wording/incident.en.txt", "{{ title }}\n");
    let told = desk.preview(&["incidents"]);
    assert_eq!(told.status.code(), Some(2));
    assert!(err(&told).contains("there is no message \"incidents\"; there are incident, "), "{}", err(&told));
    assert_eq!(desk.preview(&["incident", "--language", "fr"]).status.code(), Some(2));
    desk.write("arayashiki.toml", "[slack]\ntemplates = \"nowhere\"\n");
    let told = desk.preview(&[]);
    assert!(told.status.code() == Some(2) && err(&told).contains("there is no folder"), "{}", err(&told));
}
