//! A message in the few blocks that we use, inside Slack's limits: what is too long is cut, what is empty is left out,
//! since Slack refuses a whole message for one such block.

use super::markup::{Markup, cut_plain, escaped, safe_url};
use serde_json::{Value, json};

/// What is to be posted. `text` is what notifications and screen readers say, and the whole message where it has no blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    pub text: String,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Header(String),
    Section(Markup),
    /// Labels with their values, two in a row.
    Fields(Vec<(String, Markup)>),
    /// Small print.
    Context(Vec<Markup>),
    Buttons(Vec<Button>),
    Divider,
}

/// A button that opens an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub text: String,
    pub url: String,
    pub style: Option<Style>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Primary,
    Danger,
}

const MAX_TEXT_CHARS: usize = 3_000;
const MAX_SECTION_CHARS: usize = 3_000;
const MAX_HEADER_CHARS: usize = 150;
const MAX_FIELDS: usize = 10;
const MAX_FIELD_CHARS: usize = 2_000;
const MAX_CONTEXT: usize = 10;
const MAX_BUTTONS: usize = 25;
const MAX_BUTTON_CHARS: usize = 75;
const MAX_BLOCKS: usize = 50;

impl Message {
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), blocks: Vec::new() }
    }

    /// The body to post. Links are not unfolded: Slack would fetch them, and one of ours may work only once.
    pub(super) fn body(&self) -> Value {
        let text = escaped(&cut_plain(&self.text, MAX_TEXT_CHARS));
        let mut body = json!({ "text": text, "unfurl_links": false, "unfurl_media": false });
        let blocks = fitting(self.blocks.iter().flat_map(Block::wire).collect());
        if !blocks.is_empty() {
            body["blocks"] = Value::Array(blocks);
        }
        body
    }
}

/// The last block stays: that is where the buttons are.
fn fitting(mut blocks: Vec<Value>) -> Vec<Value> {
    if blocks.len() > MAX_BLOCKS {
        let left_out = blocks.len() - MAX_BLOCKS + 1;
        let note = context(&[Markup::text(&format!("… {left_out}"))]);
        blocks.splice(MAX_BLOCKS - 2..MAX_BLOCKS - 2 + left_out, [note]);
    }
    // One in the message only: Slack wants them to differ.
    let buttons = blocks.iter_mut().filter_map(|block| block.get_mut("elements")?.as_array_mut());
    for (n, button) in buttons.flatten().filter(|element| element["type"] == "button").enumerate() {
        button["action_id"] = json!(format!("open-{n}"));
    }
    blocks
}

impl Block {
    fn wire(&self) -> Vec<Value> {
        match self {
            Self::Header(text) if text.trim().is_empty() => Vec::new(),
            Self::Header(text) => vec![json!({ "type": "header", "text": plain(text, MAX_HEADER_CHARS) })],
            Self::Section(text) if text.is_empty() => Vec::new(),
            Self::Section(text) => vec![json!({ "type": "section", "text": markdown(text, MAX_SECTION_CHARS) })],
            Self::Fields(fields) => {
                let named = fields.iter().filter(|(label, _)| !label.trim().is_empty()).map(field);
                let named: Vec<Value> = named.collect();
                named.chunks(MAX_FIELDS).map(|row| json!({ "type": "section", "fields": row })).collect()
            }
            Self::Context(parts) => {
                let parts: Vec<Markup> = parts.iter().filter(|part| !part.is_empty()).cloned().collect();
                parts.chunks(MAX_CONTEXT).map(context).collect()
            }
            Self::Buttons(buttons) => {
                let buttons: Vec<Value> = buttons.iter().filter_map(Button::wire).collect();
                buttons.chunks(MAX_BUTTONS).map(|row| json!({ "type": "actions", "elements": row })).collect()
            }
            Self::Divider => vec![json!({ "type": "divider" })],
        }
    }
}

fn field((label, value): &(String, Markup)) -> Value {
    markdown(&Markup::bold(label).then(value), MAX_FIELD_CHARS)
}

fn context(parts: &[Markup]) -> Value {
    let parts: Vec<Value> = parts.iter().map(|part| markdown(part, MAX_FIELD_CHARS)).collect();
    json!({ "type": "context", "elements": parts })
}

impl Button {
    /// One that opens nothing is left out.
    fn wire(&self) -> Option<Value> {
        let label = if self.text.trim().is_empty() { self.url.as_str() } else { self.text.as_str() };
        let mut button =
            json!({ "type": "button", "text": plain(label, MAX_BUTTON_CHARS), "url": safe_url(&self.url)? });
        match self.style {
            Some(Style::Primary) => button["style"] = json!("primary"),
            Some(Style::Danger) => button["style"] = json!("danger"),
            None => {}
        }
        Some(button)
    }
}

/// "12:30:" is no picture.
fn plain(text: &str, max: usize) -> Value {
    json!({ "type": "plain_text", "text": escaped(&cut_plain(&one_line(text), max)), "emoji": false })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Verbatim: Slack makes no links and no mentions of its own out of what it finds in the text.
fn markdown(text: &Markup, max: usize) -> Value {
    json!({ "type": "mrkdwn", "text": text.cut(max), "verbatim": true })
}
