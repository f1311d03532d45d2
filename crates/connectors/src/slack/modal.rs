//! A form in a window of its own, inside Slack's limits. What people enter comes back by block and action; what can't come
//! back whole is left out.

use super::block::{Block, fitting};
use super::element::{Choice, MAX_ID_CHARS, chosen_from, fits, plain};
use serde_json::{Value, json};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modal {
    /// What the answer is told apart by.
    pub callback_id: String,
    pub title: String,
    pub submit: String,
    pub close: String,
    /// Comes back with the answer; people don't see it, but it is no secret.
    pub private_metadata: String,
    /// Whether closing it without an answer is told.
    pub notify_on_close: bool,
    pub blocks: Vec<Block>,
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub block_id: String,
    pub action_id: String,
    pub label: String,
    pub hint: Option<String>,
    pub is_optional: bool,
    pub field: Field,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    Text { placeholder: String, initial: String, is_multiline: bool, max_chars: usize },
    Select { placeholder: String, options: Vec<Choice>, initial: Option<String> },
}

const MAX_TITLE_CHARS: usize = 24;
const MAX_METADATA_CHARS: usize = 3_000;
const MAX_BLOCKS: usize = 100;
const MAX_LABEL_CHARS: usize = 2_000;
const MAX_PLACEHOLDER_CHARS: usize = 150;
const MAX_TEXT_CHARS: usize = 3_000;
const MAX_OPTIONS: usize = 100;

impl Modal {
    /// The view to open; the reason where it could not come back as it is.
    pub(super) fn wire(&self) -> Result<Value, &'static str> {
        if !fits(&self.callback_id, MAX_ID_CHARS) {
            return Err("its callback id is empty or too long");
        }
        if self.private_metadata.chars().count() > MAX_METADATA_CHARS {
            return Err("its private metadata are longer than 3,000 characters");
        }
        let title = plain(&self.title, MAX_TITLE_CHARS).ok_or("it has no title")?;
        let mut view = json!({ "type": "modal", "callback_id": self.callback_id, "title": title,
            "private_metadata": self.private_metadata, "notify_on_close": self.notify_on_close,
            "blocks": fitting(&self.blocks, MAX_BLOCKS) });
        for (name, text) in [("submit", &self.submit), ("close", &self.close)] {
            if let Some(text) = plain(text, MAX_TITLE_CHARS) {
                view[name] = text;
            }
        }
        let has_input = view["blocks"].as_array().is_some_and(|blocks| blocks.iter().any(|b| b["type"] == "input"));
        if has_input && view.get("submit").is_none() {
            return Err("it asks for something and has no button to send it with");
        }
        Ok(view)
    }
}

impl Input {
    pub(super) fn wire(&self) -> Option<Value> {
        let label = plain(&self.label, MAX_LABEL_CHARS).filter(|_| fits(&self.block_id, MAX_ID_CHARS))?;
        let element = self.field.wire(&self.action_id)?;
        let mut input = json!({ "type": "input", "block_id": self.block_id, "label": label, "element": element,
            "optional": self.is_optional });
        if let Some(hint) = self.hint.as_ref().and_then(|hint| plain(hint, MAX_LABEL_CHARS)) {
            input["hint"] = hint;
        }
        Some(input)
    }
}

impl Field {
    fn wire(&self, action_id: &str) -> Option<Value> {
        let (mut element, placeholder) = match self {
            Self::Text { placeholder, initial, is_multiline, max_chars } => {
                (text(action_id, initial, *is_multiline, *max_chars)?, placeholder)
            }
            Self::Select { placeholder, options, initial } => {
                let mut select = chosen_from("static_select", action_id, options, MAX_OPTIONS)?;
                let chosen = options.iter().find(|option| Some(&option.value) == initial.as_ref());
                if let Some(chosen) = chosen.and_then(Choice::wire).filter(|chosen| offers(&select, chosen)) {
                    select["initial_option"] = chosen;
                }
                (select, placeholder)
            }
        };
        if let Some(placeholder) = plain(placeholder, MAX_PLACEHOLDER_CHARS) {
            element["placeholder"] = placeholder;
        }
        Some(element)
    }
}

fn offers(select: &Value, chosen: &Value) -> bool {
    select["options"].as_array().is_some_and(|options| options.contains(chosen))
}

fn text(action_id: &str, initial: &str, is_multiline: bool, max_chars: usize) -> Option<Value> {
    let max = max_chars.clamp(1, MAX_TEXT_CHARS);
    let mut element =
        json!({ "type": "plain_text_input", "action_id": action_id, "multiline": is_multiline, "max_length": max });
    if !initial.is_empty() {
        element["initial_value"] = json!(initial.chars().take(max).collect::<String>());
    }
    fits(action_id, MAX_ID_CHARS).then_some(element)
}
