//! Regular expressions and globs: their texts, once it is certain that they can be compiled.

use crate::config::problem::quoted;
use crate::config::raw::Text;
use duties::mail::{Pattern, PatternTexts, Patterns};

const GLOB_MOST_BYTES: usize = 256;

pub fn pattern(text: &Text) -> Result<String, String> {
    regex_syntax::parse(&text.text).map_err(|error| syntax(text, &error))?;
    match Pattern::new("", &text.text) {
        Ok(_) => Ok(text.text.clone()),
        Err(bad) => Err(format!("{} can't be used: {}; mend it, or write it simpler", text.named(), bad.why)),
    }
}

/// One that finds several things at once by its groups' names.
pub fn with_groups(text: &Text) -> Result<String, String> {
    let text = Text { text: pattern(text)?, ..text.clone() };
    let alone = PatternTexts { subject: Some(text.text.clone()), ..PatternTexts::default() };
    match Patterns::parse("", &alone) {
        Ok(_) => Ok(text.text),
        Err(bad) => Err(format!("{} can't be used: {}", text.named(), bad.why)),
    }
}

/// What is wrong, at which character, since the parser's own drawing takes several lines.
fn syntax(text: &Text, error: &regex_syntax::Error) -> String {
    let (what, at) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), error.span().start.offset),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), error.span().start.offset),
        _ => ("it can't be read".to_owned(), 0),
    };
    let character = 1 + text.text.get(..at).unwrap_or_default().chars().count();
    // What was read from elsewhere is not repeated, not even in part.
    let rest = match text.text.get(at..).filter(|rest| text.direct && !rest.is_empty()) {
        Some(rest) => format!(" ({})", quoted(rest)),
        None => String::new(),
    };
    format!(
        "{} is no pattern: {what}, at character {character}{rest}; mend it, and write patterns in 'single quotes'",
        text.named()
    )
}

/// Tried on an instant: what can't be written that way can't be read either.
pub fn time_format(text: &Text) -> Result<String, String> {
    let instant = jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC);
    match jiff::fmt::strtime::format(&text.text, &instant) {
        Ok(shown) if shown != text.text => Ok(text.text.clone()),
        _ => Err(format!("{} is no form of time; write it such as \"%Y/%m/%d %H:%M:%S\"", text.named())),
    }
}

pub fn glob(text: &Text) -> Result<String, String> {
    if text.text.len() <= GLOB_MOST_BYTES && !text.text.chars().any(char::is_control) {
        return Ok(text.text.clone());
    }
    Err(format!("{} is too long; write a name with * for any characters and ? for one, such as \"web*\"", text.named()))
}
