//! Block Kit's limits, and a message as plain text. Knows the blocks that messages are made of; an unknown one is refused as Slack
//! refuses it.

use serde_json::Value;

const REFUSED: &str = "invalid_blocks";
const MAX_BLOCKS: usize = 50;

/// An error word when something in the blocks is over a limit or of an unknown kind.
pub(super) fn check(blocks: &Value) -> Result<(), &'static str> {
    if blocks.is_null() {
        return Ok(());
    }
    let list = blocks.as_array().ok_or(REFUSED)?;
    let mut ids: Vec<&str> = list.iter().filter_map(|b| b["block_id"].as_str()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    let fits = list.len() <= MAX_BLOCKS && ids.len() == count && list.iter().all(block);
    if fits { Ok(()) } else { Err(REFUSED) }
}

fn block(own: &Value) -> bool {
    let id = own["block_id"].as_str().is_none_or(|id| id.chars().count() <= 255);
    id && match own["type"].as_str() {
        Some("section") => section(own),
        Some("header") => own["text"]["type"] == "plain_text" && text(&own["text"], 150),
        Some("context") => some(&own["elements"], 10, |e| e["type"] == "image" || text(e, 3000)),
        Some("actions") => some(&own["elements"], 25, element),
        Some("divider") => true,
        Some("image") => short(&own["image_url"], 3000) && short(&own["alt_text"], 2000),
        Some("markdown") => short(&own["text"], 12_000),
        Some("rich_text") => own["elements"].is_array(),
        _ => false,
    }
}

fn section(own: &Value) -> bool {
    let has_text = !own["text"].is_null();
    let has_fields = !own["fields"].is_null();
    (has_text || has_fields)
        && (!has_text || text(&own["text"], 3000))
        && (!has_fields || some(&own["fields"], 10, |f| text(f, 2000)))
        && (own["accessory"].is_null() || element(&own["accessory"]))
}

fn element(own: &Value) -> bool {
    match own["type"].as_str() {
        Some("button") => {
            let optional = |name: &str, limit| own[name].is_null() || short(&own[name], limit);
            own["text"]["type"] == "plain_text"
                && text(&own["text"], 75)
                && optional("value", 2000)
                && optional("url", 3000)
                && optional("action_id", 255)
                && (own["style"].is_null() || own["style"] == "primary" || own["style"] == "danger")
        }
        Some(
            "overflow" | "static_select" | "users_select" | "datepicker" | "image" | "checkboxes" | "radio_buttons",
        ) => true,
        _ => false,
    }
}

fn some(list: &Value, limit: usize, each: impl Fn(&Value) -> bool) -> bool {
    list.as_array().is_some_and(|l| (1..=limit).contains(&l.len()) && l.iter().all(each))
}

fn short(value: &Value, limit: usize) -> bool {
    value.as_str().is_some_and(|t| (1..=limit).contains(&t.chars().count()))
}

fn text(own: &Value, limit: usize) -> bool {
    matches!(own["type"].as_str(), Some("mrkdwn" | "plain_text")) && short(&own["text"], limit)
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
    fn limits_are_held() {
        let section = |n: usize| json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "あ".repeat(n) } }]);
        let button = |text: &str| json!([{ "type": "actions", "elements": [{ "type": "button", "text": { "type": "plain_text", "text": text } }] }]);
        for (blocks, is_well) in [
            (json!(null), true),
            (section(3000), true),
            (section(3001), false),
            (section(0), false),
            (button("Register"), true),
            (button(&"x".repeat(76)), false),
            (json!([{ "type": "header", "text": { "type": "mrkdwn", "text": "x" } }]), false),
            (json!([{ "type": "nonsense" }]), false),
            (json!({ "type": "divider" }), false),
            (json!(vec![json!({ "type": "divider" }); 51]), false),
            (json!([{ "type": "divider", "block_id": "a" }, { "type": "divider", "block_id": "a" }]), false),
        ] {
            assert_eq!(check(&blocks).is_ok(), is_well, "{blocks}");
        }
    }
}
