//! Block Kit's limits, each broken one in the words of Slack's `response_metadata.messages`. Knows the blocks that messages and
//! modals are made of; an unknown one is refused as Slack refuses it. Never changes what it looks at.

use std::collections::HashSet;

use serde_json::Value;

const MAX_IN_MESSAGE: usize = 50;
pub(super) const MAX_IN_VIEW: usize = 100;
const ID: usize = 255;

/// An error word when something in the blocks is over a limit or of an unknown kind.
pub(super) fn check(blocks: &Value) -> Result<(), &'static str> {
    if faults(blocks, "/blocks", MAX_IN_MESSAGE).is_empty() { Ok(()) } else { Err("invalid_blocks") }
}

/// Everything that is wrong with a message's blocks.
pub(super) fn in_message(blocks: &Value) -> Vec<String> {
    faults(blocks, "/blocks", MAX_IN_MESSAGE)
}

pub(super) fn faults(blocks: &Value, at: &str, limit: usize) -> Vec<String> {
    let mut out = Faults::default();
    if !blocks.is_null() {
        out.list(blocks, at, (0, limit), |out, own, at| out.block(own, at));
        out.ids(blocks, at);
    }
    out.0
}

#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn say(&mut self, at: &str, what: impl std::fmt::Display) {
        self.0.push(format!("[ERROR] {what} [json-pointer:{at}]"));
    }

    fn list(
        &mut self,
        list: &Value,
        at: &str,
        (least, most): (usize, usize),
        mut each: impl FnMut(&mut Self, &Value, &str),
    ) {
        let Some(all) = list.as_array() else { return self.say(at, "must be an array") };
        if all.len() < least {
            self.say(at, format_args!("must have at least {least} items"));
        }
        if all.len() > most {
            self.say(at, format_args!("no more than {most} items allowed"));
        }
        for (n, own) in all.iter().enumerate() {
            each(self, own, &format!("{at}/{n}"));
        }
    }

    fn ids(&mut self, blocks: &Value, at: &str) {
        let mut seen = HashSet::new();
        for (n, block) in blocks.as_array().into_iter().flatten().enumerate() {
            if let Some(id) = block["block_id"].as_str()
                && !seen.insert(id)
            {
                self.say(&format!("{at}/{n}/block_id"), "`block_id` must be unique");
            }
        }
    }

    fn block(&mut self, own: &Value, at: &str) {
        self.optional(own, "block_id", at, ID);
        let inner = |name: &str| format!("{at}/{name}");
        match own["type"].as_str() {
            Some("section") => self.section(own, at),
            Some("header") => self.plain(own, "text", at, 150),
            Some("context") => self.list(&own["elements"], &inner("elements"), (1, 10), |out, e, at| {
                if e["type"] == "image" { out.image(e, at) } else { out.text(e, at, 3000) }
            }),
            Some("actions") => {
                self.list(&own["elements"], &inner("elements"), (1, 25), |out, e, at| out.element(e, at));
            }
            Some("divider") => {}
            Some("image") => self.image(own, at),
            Some("markdown") => self.string(own, "text", at, 12_000),
            Some("rich_text") => self.list(&own["elements"], &inner("elements"), (0, usize::MAX), |_, _, _| {}),
            Some("input") => self.input(own, at),
            Some(other) => self.say(&inner("type"), format_args!("unsupported type: {other}")),
            None => self.say(at, "missing required field: type"),
        }
    }

    fn section(&mut self, own: &Value, at: &str) {
        if own["text"].is_null() && own["fields"].is_null() {
            self.say(at, "either `text` or `fields` must be specified");
        }
        if !own["text"].is_null() {
            self.text(&own["text"], &format!("{at}/text"), 3000);
        }
        if !own["fields"].is_null() {
            self.list(&own["fields"], &format!("{at}/fields"), (1, 10), |out, f, at| out.text(f, at, 2000));
        }
        if !own["accessory"].is_null() {
            self.element(&own["accessory"], &format!("{at}/accessory"));
        }
    }

    fn input(&mut self, own: &Value, at: &str) {
        self.plain(own, "label", at, 2000);
        if own["element"].is_null() {
            return self.say(at, "missing required field: element");
        }
        self.element(&own["element"], &format!("{at}/element"));
    }

    fn image(&mut self, own: &Value, at: &str) {
        self.string(own, "alt_text", at, 2000);
        if own["slack_file"].is_null() {
            self.string(own, "image_url", at, 3000);
        }
        if !own["title"].is_null() {
            self.plain(own, "title", at, 2000);
        }
    }

    fn element(&mut self, own: &Value, at: &str) {
        self.optional(own, "action_id", at, ID);
        let options = |name: &str| format!("{at}/{name}");
        match own["type"].as_str() {
            Some("button") => self.button(own, at),
            Some("overflow") => self.options(&own["options"], &options("options"), 5),
            Some("checkboxes" | "radio_buttons") => self.options(&own["options"], &options("options"), 10),
            Some("static_select" | "multi_static_select") if own["option_groups"].is_null() => {
                self.options(&own["options"], &options("options"), 100);
            }
            Some("static_select" | "multi_static_select") => {
                self.list(&own["option_groups"], &options("option_groups"), (1, 100), |_, _, _| {});
            }
            Some("plain_text_input") => {
                if own["max_length"].as_u64().is_some_and(|n| !(1..=3000).contains(&n)) {
                    self.say(&options("max_length"), "must be between 1 and 3000");
                }
            }
            Some("image") => self.image(own, at),
            Some(
                "users_select"
                | "conversations_select"
                | "channels_select"
                | "datepicker"
                | "timepicker"
                | "datetimepicker"
                | "number_input"
                | "email_text_input"
                | "url_text_input",
            ) => {}
            Some(other) => self.say(&options("type"), format_args!("unsupported type: {other}")),
            None => self.say(at, "missing required field: type"),
        }
    }

    fn button(&mut self, own: &Value, at: &str) {
        self.plain(own, "text", at, 75);
        self.optional(own, "value", at, 2000);
        self.optional(own, "url", at, 3000);
        self.optional(own, "accessibility_label", at, 75);
        if !own["style"].is_null() && own["style"] != "primary" && own["style"] != "danger" {
            self.say(&format!("{at}/style"), "must be primary or danger");
        }
        let confirm = &own["confirm"];
        if !confirm.is_null() {
            let at = format!("{at}/confirm");
            self.plain(confirm, "title", &at, 100);
            self.text(&confirm["text"], &format!("{at}/text"), 300);
            self.plain(confirm, "confirm", &at, 30);
            self.plain(confirm, "deny", &at, 30);
        }
    }

    fn options(&mut self, list: &Value, at: &str, most: usize) {
        self.list(list, at, (1, most), |out, option, at| {
            out.text(&option["text"], &format!("{at}/text"), 75);
            out.string(option, "value", at, 150);
        });
    }

    /// A text object that may not be mrkdwn.
    fn plain(&mut self, own: &Value, name: &str, at: &str, limit: usize) {
        let inner = format!("{at}/{name}");
        if own[name].is_null() {
            return self.say(at, format_args!("missing required field: {name}"));
        }
        if own[name]["type"] != "plain_text" {
            self.say(&format!("{inner}/type"), "must be plain_text");
        }
        self.text(&own[name], &inner, limit);
    }

    fn text(&mut self, own: &Value, at: &str, limit: usize) {
        if !matches!(own["type"].as_str(), Some("mrkdwn" | "plain_text")) {
            return self.say(at, "must be a text object of type mrkdwn or plain_text");
        }
        self.string(own, "text", at, limit);
    }

    fn string(&mut self, own: &Value, name: &str, at: &str, limit: usize) {
        if own[name].is_null() {
            self.say(at, format_args!("missing required field: {name}"))
        } else {
            self.optional(own, name, at, limit)
        }
    }

    fn optional(&mut self, own: &Value, name: &str, at: &str, limit: usize) {
        let at = format!("{at}/{name}");
        match &own[name] {
            Value::Null => {}
            Value::String(text) if text.is_empty() => self.say(&at, "must be more than 0 characters"),
            Value::String(text) if text.chars().count() > limit => {
                self.say(&at, format_args!("must be less than {} characters", limit + 1));
            }
            Value::String(_) => {}
            _ => self.say(&at, "must be a string"),
        }
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
            (json!([{ "type": "section" }]), false),
            (json!([7]), false),
            (json!({ "type": "divider" }), false),
            (json!(vec![json!({ "type": "divider" }); 50]), true),
            (json!(vec![json!({ "type": "divider" }); 51]), false),
            (json!([{ "type": "divider", "block_id": "a" }, { "type": "divider", "block_id": "a" }]), false),
            (json!([{ "type": "divider", "block_id": "x".repeat(256) }]), false),
            (json!([{ "type": "image", "alt_text": "graph", "slack_file": { "id": "F1" } }]), true),
            (json!([{ "type": "image", "alt_text": "graph" }]), false),
        ] {
            assert_eq!(check(&blocks).is_ok(), is_well, "{blocks}");
        }
    }

    #[test]
    fn a_broken_limit_is_named_with_its_place() {
        let text = json!({ "type": "plain_text", "text": "x".repeat(76) });
        let blocks =
            json!([{ "type": "divider" }, { "type": "actions", "elements": [{ "type": "button", "text": text }] }]);
        assert_eq!(
            in_message(&blocks),
            ["[ERROR] must be less than 76 characters [json-pointer:/blocks/1/elements/0/text/text]"]
        );
    }
}
