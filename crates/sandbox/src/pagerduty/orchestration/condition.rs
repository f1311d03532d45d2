//! The condition language of orchestrations, as far as it is played: fields of the event compared with `matches`, `matches part`,
//! `matches regex` and `exists`, joined by `and`, `or`, `not` and parentheses. Schedules and counters are refused.

use regex::Regex;
use serde_json::Value;

#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Whole(String, String),
    Part(String, String),
    Regex(String, Regex),
    Exists(String),
    Not(Box<Condition>),
    Both(Box<Condition>, Box<Condition>),
    Either(Box<Condition>, Box<Condition>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
}

impl Condition {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = tokens(text)?;
        tokens.reverse();
        let found = either(&mut tokens)?;
        match tokens.pop() {
            None => Ok(found),
            Some(rest) => Err(format!("{rest:?} was not expected")),
        }
    }

    pub(crate) fn holds(&self, event: &Value) -> bool {
        match self {
            Self::Whole(field, wanted) => field_of(event, field).is_some_and(|v| v == *wanted),
            Self::Part(field, wanted) => field_of(event, field).is_some_and(|v| v.contains(wanted.as_str())),
            Self::Regex(field, wanted) => field_of(event, field).is_some_and(|v| wanted.is_match(&v)),
            Self::Exists(field) => field_of(event, field).is_some(),
            Self::Not(inner) => !inner.holds(event),
            Self::Both(one, other) => one.holds(event) && other.holds(event),
            Self::Either(one, other) => one.holds(event) || other.holds(event),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut found, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '(' | ')' => {
                found.push(if first == '(' { Token::Open } else { Token::Close });
                1
            }
            '\'' | '"' => {
                let end = rest[1..].find(first).ok_or("a quote is not closed")?;
                found.push(Token::Text(rest[1..=end].to_owned()));
                end + 2
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || c == '(' || c == ')').unwrap_or(rest.len());
                found.push(Token::Word(rest[..end].to_owned()));
                end
            }
        };
        rest = rest[taken..].trim_start();
    }
    Ok(found)
}

fn next_is(tokens: &mut Vec<Token>, word: &str) -> bool {
    let is = tokens.last() == Some(&Token::Word(word.to_owned()));
    if is {
        tokens.pop();
    }
    is
}

fn either(tokens: &mut Vec<Token>) -> Result<Condition, String> {
    let mut left = both(tokens)?;
    while next_is(tokens, "or") {
        left = Condition::Either(Box::new(left), Box::new(both(tokens)?));
    }
    Ok(left)
}

fn both(tokens: &mut Vec<Token>) -> Result<Condition, String> {
    let mut left = one(tokens)?;
    while next_is(tokens, "and") {
        left = Condition::Both(Box::new(left), Box::new(one(tokens)?));
    }
    Ok(left)
}

fn one(tokens: &mut Vec<Token>) -> Result<Condition, String> {
    match tokens.pop() {
        Some(Token::Open) => {
            let inner = either(tokens)?;
            if tokens.pop() == Some(Token::Close) { Ok(inner) } else { Err("a parenthesis is not closed".into()) }
        }
        Some(Token::Word(word)) if word == "not" => Ok(Condition::Not(Box::new(one(tokens)?))),
        Some(Token::Word(field)) if field.starts_with("event.") => comparison(tokens, field),
        other => Err(format!("a field of the event was expected, not {other:?}")),
    }
}

fn comparison(tokens: &mut Vec<Token>, field: String) -> Result<Condition, String> {
    if next_is(tokens, "exists") {
        return Ok(Condition::Exists(field));
    }
    if !next_is(tokens, "matches") {
        return Err(format!("after {field} comes matches or exists"));
    }
    let (is_part, is_regex) = (next_is(tokens, "part"), next_is(tokens, "regex"));
    let Some(Token::Text(wanted)) = tokens.pop() else { return Err(format!("{field} is compared with nothing")) };
    match (is_part, is_regex) {
        (_, true) => Regex::new(&wanted).map(|r| Condition::Regex(field, r)).map_err(|e| e.to_string()),
        (true, _) => Ok(Condition::Part(field, wanted)),
        _ => Ok(Condition::Whole(field, wanted)),
    }
}

/// Where a field stands in an event of Events v2.
pub(super) fn place(field: &str) -> String {
    let name = field.trim_start_matches("event.");
    match name.split('.').next().unwrap_or_default() {
        "client" | "client_url" | "event_action" | "dedup_key" | "routing_key" => format!("/{name}"),
        _ => format!("/payload/{}", name.replace('.', "/")),
    }
}

/// A field as text; none when it is not there.
pub(super) fn field_of(event: &Value, field: &str) -> Option<String> {
    match event.pointer(&place(field))? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_hold_or_not() {
        let event = json!({ "client": "Monitor", "payload": { "summary": "database db07-server is slow", "source": "db07-server", "severity": "critical", "custom_details": { "env": "prod", "n": 3 } } });
        for (text, holds) in [
            ("event.summary matches part 'database'", true),
            ("event.summary matches 'database'", false),
            ("event.source matches regex 'db[0-9]+-server'", true),
            ("event.severity matches 'critical' and not event.custom_details.env matches 'prod'", false),
            ("event.severity matches 'info' or (event.custom_details.n matches '3' and event.client exists)", true),
            ("event.custom_details.other exists", false),
            ("not event.component exists", true),
        ] {
            assert_eq!(Condition::parse(text).expect(text).holds(&event), holds, "{text}");
        }
    }

    #[test]
    fn what_is_not_played_is_refused() {
        for text in [
            "",
            "now in Mon,Tue 09:00:00 to 17:00:00 Asia/Tokyo",
            "event.summary",
            "event.summary matches",
            "event.summary matches regex '('",
            "(event.summary exists",
            "event.summary matches 'a",
            "event.a exists event.b exists",
        ] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }
}
