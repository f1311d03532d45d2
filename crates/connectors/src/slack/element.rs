//! What people press and choose in a message or form: buttons, selects, the menu behind the dots. What comes back when they do
//! is an `action_id` and a value; one that does not fit is left out, since cut it would come back as another one.

use super::markup::{cleaned, cut_plain, escaped, one_line, safe_url};
use serde_json::{Value, json};

/// A button that opens an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub text: String,
    pub url: String,
    pub style: Option<Style>,
}

/// A button that tells us that it was pressed, by whom, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    pub text: String,
    pub action_id: String,
    pub value: String,
    pub style: Option<Style>,
    /// Asks before it tells us.
    pub confirm: Option<Confirm>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Primary,
    Danger,
}

/// "Are you sure?"
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    pub title: String,
    pub text: String,
    pub yes: String,
    pub no: String,
}

/// One of several; told as soon as it is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    pub action_id: String,
    pub placeholder: String,
    pub options: Vec<Choice>,
    pub confirm: Option<Confirm>,
}

/// The menu behind the dots; at most five choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overflow {
    pub action_id: String,
    pub options: Vec<Choice>,
    pub confirm: Option<Confirm>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub text: String,
    pub value: String,
}

/// What may stand in a row of actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    Open(Button),
    Press(Press),
    Select(Select),
    Overflow(Overflow),
}

const MAX_BUTTON_CHARS: usize = 75;
const MAX_VALUE_CHARS: usize = 2_000;
const MAX_OPTION_CHARS: usize = 75;
/// The documents say 150, Slack's own library 75.
const MAX_OPTION_VALUE_CHARS: usize = 75;
const MAX_OPTIONS: usize = 100;
const MAX_OVERFLOW: usize = 5;
const MAX_PLACEHOLDER_CHARS: usize = 150;
const MAX_CONFIRM_TITLE_CHARS: usize = 100;
const MAX_CONFIRM_TEXT_CHARS: usize = 300;
const MAX_CONFIRM_BUTTON_CHARS: usize = 30;
/// Slack's limit is 255; the rest is for the number that tells two of a name apart.
pub(super) const MAX_ID_CHARS: usize = 245;

impl Choice {
    pub fn new(text: impl Into<String>, value: impl Into<String>) -> Self {
        Self { text: text.into(), value: value.into() }
    }

    pub(super) fn wire(&self) -> Option<Value> {
        let text = plain(&self.text, MAX_OPTION_CHARS)?;
        fits(&self.value, MAX_OPTION_VALUE_CHARS).then(|| json!({ "text": text, "value": self.value }))
    }
}

impl Press {
    pub fn new(text: impl Into<String>, action_id: impl Into<String>, value: impl Into<String>) -> Self {
        Self { text: text.into(), action_id: action_id.into(), value: value.into(), style: None, confirm: None }
    }

    #[must_use]
    pub const fn styled(mut self, style: Style) -> Self {
        self.style = Some(style);
        self
    }

    #[must_use]
    pub fn confirmed(mut self, confirm: Confirm) -> Self {
        self.confirm = Some(confirm);
        self
    }

    fn wire(&self) -> Option<Value> {
        if !fits(&self.action_id, MAX_ID_CHARS) || self.value.chars().count() > MAX_VALUE_CHARS {
            return None;
        }
        let text = plain(&self.text, MAX_BUTTON_CHARS)?;
        let mut button = json!({ "type": "button", "action_id": self.action_id, "text": text });
        if !self.value.is_empty() {
            button["value"] = json!(self.value);
        }
        style(&mut button, self.style);
        confirm(&mut button, self.confirm.as_ref());
        Some(button)
    }
}

impl Button {
    /// One that opens nothing is left out.
    pub(super) fn wire(&self) -> Option<Value> {
        let url = safe_url(&self.url)?;
        let label = plain(&self.text, MAX_BUTTON_CHARS).or_else(|| plain(&self.url, MAX_BUTTON_CHARS))?;
        let mut button = json!({ "type": "button", "text": label, "url": url });
        style(&mut button, self.style);
        Some(button)
    }
}

impl Select {
    fn wire(&self) -> Option<Value> {
        let mut select = chosen_from("static_select", &self.action_id, &self.options, MAX_OPTIONS)?;
        if let Some(placeholder) = plain(&self.placeholder, MAX_PLACEHOLDER_CHARS) {
            select["placeholder"] = placeholder;
        }
        confirm(&mut select, self.confirm.as_ref());
        Some(select)
    }
}

impl Overflow {
    fn wire(&self) -> Option<Value> {
        let mut menu = chosen_from("overflow", &self.action_id, &self.options, MAX_OVERFLOW)?;
        confirm(&mut menu, self.confirm.as_ref());
        Some(menu)
    }
}

impl Element {
    /// `None` where Slack would refuse the whole message for it.
    pub(super) fn wire(&self) -> Option<Value> {
        match self {
            Self::Open(button) => button.wire(),
            Self::Press(press) => press.wire(),
            Self::Select(select) => select.wire(),
            Self::Overflow(menu) => menu.wire(),
        }
    }
}

/// One that offers nothing is left out.
pub(super) fn chosen_from(kind: &str, action_id: &str, options: &[Choice], most: usize) -> Option<Value> {
    let options: Vec<Value> = options.iter().filter_map(Choice::wire).take(most).collect();
    let works = fits(action_id, MAX_ID_CHARS) && !options.is_empty();
    works.then(|| json!({ "type": kind, "action_id": action_id, "options": options }))
}

fn style(button: &mut Value, style: Option<Style>) {
    match style {
        Some(Style::Primary) => button["style"] = json!("primary"),
        Some(Style::Danger) => button["style"] = json!("danger"),
        None => {}
    }
}

/// A dialogue that lacks a text asks nothing, and Slack would refuse it.
fn confirm(element: &mut Value, confirm: Option<&Confirm>) {
    let dialogue = confirm.and_then(|confirm| {
        Some(json!({
            "title": plain(&confirm.title, MAX_CONFIRM_TITLE_CHARS)?,
            "text": plain(&confirm.text, MAX_CONFIRM_TEXT_CHARS)?,
            "confirm": plain(&confirm.yes, MAX_CONFIRM_BUTTON_CHARS)?,
            "deny": plain(&confirm.no, MAX_CONFIRM_BUTTON_CHARS)?,
        }))
    });
    if let Some(dialogue) = dialogue {
        element["confirm"] = dialogue;
    }
}

/// Ids and values are ours: whole, without control characters, or not at all.
pub(super) fn fits(id: &str, max: usize) -> bool {
    !id.is_empty() && id.chars().count() <= max && cleaned(id) == id
}

/// "12:30:" is no picture. `None` where nothing is left to show.
pub(super) fn plain(text: &str, max: usize) -> Option<Value> {
    let text = cut_plain(&one_line(text), max);
    (!text.is_empty()).then(|| json!({ "type": "plain_text", "text": escaped(&text), "emoji": false }))
}
