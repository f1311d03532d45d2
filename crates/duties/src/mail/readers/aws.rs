//! What mails of Amazon SNS have in common: JSON as the text, or labelled lines. Never trusts a region's or an account's name.

use crate::mail::letter::Letter;
use serde_json::Value;

/// The message as JSON, whether it is the mail's text or stands in SNS's own envelope.
pub fn json(letter: &Letter) -> Option<Value> {
    let text = letter.shown();
    let start = text.find('{')?;
    let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
    let value = values.next()?.ok()?;
    match value.get("Message").and_then(Value::as_str).filter(|_| value.get("TopicArn").is_some()) {
        Some(message) => serde_json::from_str(message).ok(),
        None => Some(value),
    }
}

/// A member's text, of the first name that has one.
pub fn text<'v>(value: &'v Value, names: &[&str]) -> Option<&'v str> {
    names.iter().find_map(|name| value.get(name).and_then(Value::as_str)).map(str::trim).filter(|text| !text.is_empty())
}

/// What is said under one of these names, in JSON or in lines.
pub fn said<'a>(letter: &'a Letter, json: Option<&'a Value>, names: &[&str]) -> Option<&'a str> {
    match json {
        Some(value) => text(value, names),
        None => {
            let lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
            letter.label(&lower.iter().map(String::as_str).collect::<Vec<_>>())
        }
    }
}

/// Account, region and name of an ARN.
pub fn arn_parts(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.strip_prefix("arn:")?.split(':');
    let region = parts.nth(2)?;
    Some((parts.next()?, region))
}
