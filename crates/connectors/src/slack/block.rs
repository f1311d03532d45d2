//! A message in the few blocks that we use, inside Slack's limits: what is too long is cut, what is empty is left out,
//! since Slack refuses a whole message for one such block.

use super::element::{Button, Element, MAX_ID_CHARS, fits, plain};
use super::markup::{Markup, cut_plain, escaped, is_id, safe_url};
use super::modal::Input;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
    /// Buttons that only open addresses.
    Buttons(Vec<Button>),
    /// What people act with. A press tells the block's id as well.
    Actions {
        block_id: String,
        elements: Vec<Element>,
    },
    Image(Image),
    /// A field of a form; in messages it is no use without a button beside it.
    Input(Input),
    Divider,
}

/// A picture, with what it shows for those who can't see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub source: ImageSource,
    pub alt: String,
    pub title: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageSource {
    /// A public address: Slack fetches it.
    Url(String),
    /// The id of a file that was uploaded before.
    File(String),
}

const MAX_TEXT_CHARS: usize = 3_000;
const MAX_SECTION_CHARS: usize = 3_000;
const MAX_HEADER_CHARS: usize = 150;
const MAX_FIELDS: usize = 10;
const MAX_FIELD_CHARS: usize = 2_000;
const MAX_CONTEXT: usize = 10;
const MAX_BUTTONS: usize = 25;
const MAX_IMAGE_CHARS: usize = 2_000;
const MAX_BLOCKS: usize = 50;

/// Between an id and the number that tells it from another of that name in the same message.
pub(super) const AGAIN: char = '#';

impl Message {
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), blocks: Vec::new() }
    }

    /// Slack shows nothing for it, and refuses it.
    pub(super) fn is_silent(&self) -> bool {
        cut_plain(&self.text, MAX_TEXT_CHARS).is_empty()
    }

    /// The body to post. Links are not unfolded: Slack would fetch them, and one of ours may work only once. A text alone goes
    /// as a block as well, since only there Slack can be told to make no links out of it.
    pub(super) fn body(&self) -> Value {
        let text = escaped(&cut_plain(&self.text, MAX_TEXT_CHARS));
        let mut blocks = fitting(&self.blocks, MAX_BLOCKS);
        if blocks.is_empty() {
            blocks = Block::Section(Markup::text(&self.text)).wire();
        }
        json!({ "text": text, "unfurl_links": false, "unfurl_media": false, "blocks": blocks })
    }
}

/// As many as Slack takes. The last block stays: that is where the buttons are.
pub(super) fn fitting(blocks: &[Block], most: usize) -> Vec<Value> {
    let mut blocks: Vec<Value> = blocks.iter().flat_map(Block::wire).collect();
    if blocks.len() > most {
        let left_out = blocks.len() - most + 1;
        let note = context(&[Markup::text(&format!("… {left_out}"))]);
        blocks.splice(most - 2..most - 2 + left_out, [note]);
    }
    tell_apart(&mut blocks);
    blocks
}

/// Slack wants the ids of blocks to differ in a message, and those of actions in their block.
fn tell_apart(blocks: &mut [Value]) {
    let (mut block_ids, mut links) = (BTreeMap::new(), 0..);
    for block in blocks {
        if let Some(id) = block.get_mut("block_id") {
            number(id, &mut block_ids);
        }
        let Some(elements) = block.get_mut("elements").and_then(Value::as_array_mut) else { continue };
        let mut action_ids = BTreeMap::new();
        for element in elements {
            if element["type"] == "button" && element.get("action_id").is_none() {
                element["action_id"] = json!(format!("{OPENS}{}", links.next().unwrap_or(0)));
            } else if let Some(id) = element.get_mut("action_id") {
                number(id, &mut action_ids);
            }
        }
    }
}

/// Buttons that open an address are told of as well when they are pressed.
pub(super) const OPENS: &str = "open-";

fn number(id: &mut Value, met: &mut BTreeMap<String, usize>) {
    let Some(text) = id.as_str().map(str::to_owned) else { return };
    let times = met.entry(text.clone()).and_modify(|times| *times += 1).or_insert(1);
    if *times > 1 {
        *id = json!(format!("{text}{AGAIN}{times}"));
    }
}

impl Block {
    fn wire(&self) -> Vec<Value> {
        match self {
            Self::Header(text) => plain(text, MAX_HEADER_CHARS)
                .map(|text| json!({ "type": "header", "text": text }))
                .into_iter()
                .collect(),
            Self::Section(text) if text.is_empty() => Vec::new(),
            Self::Section(text) => vec![json!({ "type": "section", "text": markdown(text, MAX_SECTION_CHARS) })],
            Self::Fields(fields) => {
                let named = fields.iter().map(|(label, value)| (Markup::bold(label), value));
                let named: Vec<Value> = named.filter(|(label, _)| !label.is_empty()).map(field).collect();
                named.chunks(MAX_FIELDS).map(|row| json!({ "type": "section", "fields": row })).collect()
            }
            Self::Context(parts) => {
                let parts: Vec<Markup> = parts.iter().filter(|part| !part.is_empty()).cloned().collect();
                parts.chunks(MAX_CONTEXT).map(context).collect()
            }
            Self::Buttons(buttons) => rows(&buttons.iter().filter_map(Button::wire).collect::<Vec<_>>(), ""),
            Self::Actions { block_id, elements } => {
                rows(&elements.iter().filter_map(Element::wire).collect::<Vec<_>>(), block_id)
            }
            Self::Image(image) => image.wire().into_iter().collect(),
            Self::Input(input) => input.wire().into_iter().collect(),
            Self::Divider => vec![json!({ "type": "divider" })],
        }
    }
}

fn rows(elements: &[Value], block_id: &str) -> Vec<Value> {
    let row = |row: &[Value]| {
        let mut block = json!({ "type": "actions", "elements": row });
        if fits(block_id, MAX_ID_CHARS) {
            block["block_id"] = json!(block_id);
        }
        block
    };
    elements.chunks(MAX_BUTTONS).map(row).collect()
}

impl Image {
    /// One that leads nowhere is left out.
    fn wire(&self) -> Option<Value> {
        let alt = cut_plain(&self.alt, MAX_IMAGE_CHARS);
        let alt = if alt.is_empty() { "…" } else { &alt };
        let mut image = json!({ "type": "image", "alt_text": escaped(alt) });
        match &self.source {
            ImageSource::Url(url) => image["image_url"] = json!(safe_url(url)?),
            ImageSource::File(id) if is_id(id, &['F']) => image["slack_file"] = json!({ "id": id }),
            ImageSource::File(_) => return None,
        }
        if let Some(title) = self.title.as_ref().and_then(|title| plain(title, MAX_IMAGE_CHARS)) {
            image["title"] = title;
        }
        Some(image)
    }
}

fn field((label, value): (Markup, &Markup)) -> Value {
    markdown(&label.then(value), MAX_FIELD_CHARS)
}

fn context(parts: &[Markup]) -> Value {
    let parts: Vec<Value> = parts.iter().map(|part| markdown(part, MAX_FIELD_CHARS)).collect();
    json!({ "type": "context", "elements": parts })
}

/// Verbatim: Slack makes no links and no mentions of its own out of what it finds in the text.
fn markdown(text: &Markup, max: usize) -> Value {
    json!({ "type": "mrkdwn", "text": text.cut(max), "verbatim": true })
}
