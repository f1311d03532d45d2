//! Slack's own markup, taken apart: mentions, links and dates in angle brackets, the three escaped characters, and what a person
//! reads. Never decides how something looks.

use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bit {
    Text(String),
    User(String),
    Channel(String),
    /// `here`, `channel`, `everyone` or `subteam^S…`.
    Special(String),
    Link {
        to: String,
        label: String,
    },
}

/// A mrkdwn text in its parts, with the three escapes resolved.
pub(super) fn bits(text: &str) -> Vec<Bit> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let Some(close) = rest[open..].find('>') else { break };
        push_text(&mut found, &rest[..open]);
        found.push(bracket(&rest[open + 1..open + close]));
        rest = &rest[open + close + 1..];
    }
    push_text(&mut found, rest);
    found
}

fn push_text(found: &mut Vec<Bit>, text: &str) {
    if !text.is_empty() {
        found.push(Bit::Text(plain(text)));
    }
}

fn bracket(inner: &str) -> Bit {
    let (what, label) = inner.split_once('|').map_or((inner, None), |(what, label)| (what, Some(label)));
    let mut chars = what.chars();
    match chars.next() {
        Some('@') => Bit::User(chars.as_str().to_owned()),
        Some('#') => Bit::Channel(chars.as_str().to_owned()),
        Some('!') if what.starts_with("!date^") => Bit::Text(plain(label.unwrap_or(what))),
        Some('!') => Bit::Special(chars.as_str().to_owned()),
        _ => Bit::Link { to: plain(what), label: plain(label.unwrap_or(what)) },
    }
}

/// The three escaped characters as they are meant.
pub(super) fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Whom a message would notify: user ids, `here`, `channel`, `everyone`, `subteam^…`.
pub(super) fn pings(message: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut texts = vec![message["text"].as_str().unwrap_or_default()];
    marked_up(&message["blocks"], &mut texts);
    marked_up(&message["attachments"], &mut texts);
    for bit in texts.into_iter().flat_map(bits) {
        if let Bit::User(whom) | Bit::Special(whom) = bit
            && !found.contains(&whom)
        {
            found.push(whom);
        }
    }
    found
}

fn marked_up<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| marked_up(item, texts)),
        Value::Object(fields) if value["type"] != "plain_text" => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if ["text", "pretext", "title"].contains(&name.as_str()) => texts.push(text),
                    _ => marked_up(field, texts),
                }
            }
        }
        _ => {}
    }
}

/// Everything that a person reads, a line each.
pub(super) fn shown(message: &Value) -> String {
    let mut lines: Vec<String> = message["text"].as_str().map(str::to_owned).into_iter().collect();
    collect(&message["blocks"], &mut lines);
    collect(&message["attachments"], &mut lines);
    lines.join("\n")
}

fn collect(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, lines)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if ["text", "fallback", "pretext", "title"].contains(&name.as_str()) => {
                        lines.push(text.clone());
                    }
                    _ => collect(field, lines),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn brackets_are_mentions_links_and_dates() {
        let text = "a &lt;b&gt; <@U1|hanako> <!here> <#C1> <https://a.example/?x=1&amp;y=2|see> <!date^1700000000^{date}|then> <open";
        assert_eq!(
            bits(text),
            [
                Bit::Text("a <b> ".into()),
                Bit::User("U1".into()),
                Bit::Text(" ".into()),
                Bit::Special("here".into()),
                Bit::Text(" ".into()),
                Bit::Channel("C1".into()),
                Bit::Text(" ".into()),
                Bit::Link { to: "https://a.example/?x=1&y=2".into(), label: "see".into() },
                Bit::Text(" ".into()),
                Bit::Text("then".into()),
                Bit::Text(" <open".into()),
            ]
        );
    }

    #[test]
    fn only_markup_notifies() {
        let blocks = json!([
            { "type": "section", "text": { "type": "mrkdwn", "text": "<@U2> &lt;!channel&gt;" } },
            { "type": "header", "text": { "type": "plain_text", "text": "<!everyone>" } },
        ]);
        assert_eq!(pings(&json!({ "text": "<!here> <!here>", "blocks": blocks })), ["here", "U2"]);
    }
}
