//! Patterns of our own: compiled once when first used. One that does not compile matches nothing, and a test says so.

use regex::{Captures, Regex, RegexBuilder, bytes};
use std::sync::OnceLock;

/// Looked for ignoring case. Most of what is looked for is not there: in text that is lower case already the search for it is
/// one for its letters alone, so that there are two compiled forms.
pub struct Rx {
    text: &'static str,
    any: OnceLock<Option<Regex>>,
    lower: OnceLock<Option<Regex>>,
}

impl Rx {
    pub const fn new(text: &'static str) -> Self {
        Self { text, any: OnceLock::new(), lower: OnceLock::new() }
    }

    /// For text of any case.
    pub fn get(&self) -> Option<&Regex> {
        compiled(&self.any, || RegexBuilder::new(&plain(self.text)).case_insensitive(true).build())
    }

    /// For text whose ASCII letters are lower case.
    pub fn lower(&self) -> Option<&Regex> {
        compiled(&self.lower, || RegexBuilder::new(&lowered(&plain(self.text))).build())
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.get().is_some_and(|regex| regex.is_match(text))
    }

    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.get()?.captures(text)
    }

    /// The first group, or all of it.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let found = self.captures(text)?;
        found.get(1).or_else(|| found.get(0)).map(|found| found.as_str())
    }

    pub fn replace_all(&self, text: &str, with: &str) -> String {
        self.get().map_or_else(|| text.to_owned(), |regex| regex.replace_all(text, with).into_owned())
    }
}

fn compiled(cell: &OnceLock<Option<Regex>>, build: impl Fn() -> Result<Regex, regex::Error>) -> Option<&Regex> {
    let built = cell.get_or_init(|| {
        let built = build();
        debug_assert!(built.is_ok(), "{built:?}");
        built.ok()
    });
    built.as_ref()
}

/// Words, their ends and digits of ASCII alone: a host's name ends where Japanese begins, and those of all alphabets are slow.
fn plain(pattern: &str) -> String {
    pattern.replace(r"\b", r"(?-u:\b)").replace(r"\d", "[0-9]").replace(r"\w", "[0-9A-Za-z_]")
}

/// Letters in lower case, but those that mean something.
fn lowered(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        out.push(letter.to_ascii_lowercase());
        match letter {
            '\\' => {
                let escape = letters.next().unwrap_or_default();
                out.push(escape);
                if matches!(escape, 'p' | 'P' | 'x' | 'u') {
                    out.extend(letters.by_ref().take_while(|letter| *letter != '}').chain(['}']));
                }
            }
            '?' if letters.as_str().starts_with("P<") => out.extend(letters.next()),
            _ => {}
        }
    }
    out
}

/// The same for bytes, case and all.
pub struct BytesRx {
    text: &'static str,
    cell: OnceLock<Option<bytes::Regex>>,
}

impl BytesRx {
    pub const fn new(text: &'static str) -> Self {
        Self { text, cell: OnceLock::new() }
    }

    pub fn get(&self) -> Option<&bytes::Regex> {
        let compiled = self.cell.get_or_init(|| bytes::RegexBuilder::new(self.text).build().ok());
        debug_assert!(compiled.is_some(), "{} does not compile", self.text);
        compiled.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_find_the_same() {
        static HOST: Rx = Rx::new(r"(?m)^HOST:\s*(?P<host>[A-Z]\w+\d)\b.*\p{Han}\S$");
        for text in ["x\nHost: Web01が停止。", "x\nHost: web01 停止!", "host: web 停止!", "host: web01"] {
            let (any, lower) = (HOST.captures(text), text.to_ascii_lowercase());
            let lower = HOST.lower().unwrap().captures(&lower);
            assert_eq!(any.is_some(), lower.is_some(), "{text}");
            assert_eq!(any.map(|c| c["host"].to_lowercase()), lower.map(|c| c["host"].to_owned()));
        }
        assert!(HOST.captures("Host: Web01が停止。").is_some());
    }
}
