//! The shape of the source: how long files and functions are, and how a file begins.

use super::{files, none};

const LONGEST_FILE: usize = 500;
const MEDIAN: usize = 12;
const NINE_OF_TEN: usize = 40;

#[test]
fn every_file_says_first_what_it_is_for() {
    let files = files();
    let silent = files.iter().filter(|file| file.is_rust() && !file.text.starts_with("//! "));
    none(silent.map(|file| format!("{} does not begin with //!", file.path)).collect());
}

#[test]
fn no_file_is_longer_than_a_reader_can_bear() {
    let files = files();
    let long = files.iter().filter(|file| file.is_rust() || file.path.ends_with(".css") || file.path.ends_with(".c"));
    let long = long.map(|file| (file, file.text.lines().count())).filter(|(file, lines)| {
        // The one stylesheet has a norm of its own.
        *lines > if file.path.ends_with(".css") { 600 } else { LONGEST_FILE }
    });
    none(long.map(|(file, lines)| format!("{} has {lines} lines", file.path)).collect());
}

#[test]
fn functions_stay_short() {
    let mut lengths = Vec::new();
    for file in files().iter().filter(|file| file.is_program()) {
        lengths.extend(
            functions(file.program_text()).into_iter().map(|(name, lines)| (lines, format!("{} {name}", file.path))),
        );
    }
    lengths.sort();
    assert!(lengths.len() > 500, "the functions were not found: {}", lengths.len());
    let at = |share: usize| lengths[lengths.len() * share / 100].0;
    let longest: Vec<&(usize, String)> = lengths.iter().rev().take(10).collect();
    assert!(at(50) <= MEDIAN, "the median is {} lines", at(50));
    assert!(at(90) <= NINE_OF_TEN, "nine of ten are under {} lines; the longest: {longest:?}", at(90));
    eprintln!("{} functions: median {}, nine of ten under {}", lengths.len(), at(50), at(90));
}

/// Names of functions and how many lines each has, its signature included.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        // Formatted source: the closing brace stands under the first letter of the signature.
        let end = lines[at..].iter().position(|l| {
            let closes =
                l.len() - l.trim_start().len() == indent && l.trim_end() == format!("{}}}", " ".repeat(indent));
            closes || l.trim_end().ends_with(';') && l.len() - l.trim_start().len() == indent
        });
        let one_line = line.trim_end().ends_with('}') && line.contains('{');
        found.push((name, if one_line { 1 } else { end.map_or(1, |end| end + 1) }));
    }
    found
}

fn name(line: &str) -> Option<String> {
    let mut rest = line.trim_start();
    for word in ["pub ", "pub(crate) ", "pub(super) ", "pub(in crate) ", "const ", "async ", "unsafe "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

#[test]
fn the_scanner_counts_lines_as_a_reader_does() {
    let text = "pub async fn one(\n    a: u8,\n) -> u8 {\n    a\n}\n\nimpl X {\n    fn two(&self) -> u8 { 1 }\n\n    const fn three() {\n        if x {\n            y();\n        }\n    }\n}\n";
    let expected = [("one", 5), ("two", 1), ("three", 5)].map(|(name, lines)| (name.to_owned(), lines));
    assert_eq!(functions(text), expected);
}
