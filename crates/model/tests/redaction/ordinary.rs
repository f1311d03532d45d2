//! Ordinary output stays as it is.

use crate::random::Random;
use model::redaction::{Rules, redact};

/// So often each line is filled with other values.
const TIMES: u64 = 20;

fn lines() -> Vec<String> {
    let table = include_str!("ordinary.txt");
    let lines = table.lines().filter(|line| !line.starts_with("# Ordinary"));
    let lines: Vec<&str> = lines.collect();
    (1..=TIMES)
        .flat_map(|seed| {
            let mut random = Random::new(seed);
            lines.iter().map(|line| random.fill(line)).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn ordinary_output_stays_as_it_is() {
    let lines = lines();
    let text = lines.join("\n");
    let (out, found) = redact(&Rules::shipped(), text.as_bytes());
    let out = String::from_utf8_lossy(&out);
    let marked: Vec<&str> = out.lines().filter(|line| line.contains("[redacted:")).collect();
    eprintln!("{} ordinary lines, {} false marks: {found:?}", lines.len(), marked.len());
    assert!(lines.len() >= 4000, "{}", lines.len());
    assert!(marked.is_empty(), "{}", marked.join("\n"));
    assert!(out == text, "what is not marked is the same");
}

#[test]
fn every_line_by_itself_stays_as_it_is() {
    let rules = Rules::shipped();
    let changed: Vec<String> =
        lines().into_iter().filter(|line| redact(&rules, line.as_bytes()).0 != line.as_bytes()).collect();
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}
