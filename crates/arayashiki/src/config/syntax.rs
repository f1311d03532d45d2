//! Lines of a file, and what its TOML syntax errors say. Never the line's own text, which may hold a token: TOML's own
//! error display would print it.

use super::problem::{Place, Problem};
use std::path::Path;

/// The place of a byte of the file.
pub fn place(path: &Path, text: &str, offset: usize) -> Place {
    let head = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    Place::Line(path.to_owned(), 1 + head.iter().filter(|byte| **byte == b'\n').count())
}

/// A problem for each broken line: one slip makes the parser stumble several times on its line.
pub fn problems(path: &Path, text: &str, errors: &[toml::de::Error]) -> Vec<Problem> {
    let mut found: Vec<Problem> = Vec::new();
    for error in errors {
        let offset = error.span().map_or(text.len(), |span| span.start);
        let place = place(path, text, offset);
        if found.iter().all(|problem| problem.place != place) {
            let what = format!("not TOML: {}; mend this line", error.message());
            found.push(Problem { place, key: String::new(), what });
        }
    }
    let what = "the other lines were not checked, since the file can't be read as TOML; mend it and check again";
    found.push(Problem { place: Place::File(path.to_owned()), key: String::new(), what: what.to_owned() });
    found
}
