//! Forms that open over Slack's window.

use super::heard::{NOTE_FIELD, NOTE_FORM};
use connectors::slack::{Block, Field, Input, Modal};
use duties::say::Language;
use duties::wording::answers;

/// PagerDuty takes notes of up to 25,000 characters, Slack's fields 3,000.
const MOST_CHARS: usize = 3_000;

/// The incident, and the channel that it was opened in.
pub fn about(private_metadata: &str) -> (&str, Option<&str>) {
    match private_metadata.split_once(' ') {
        Some((incident, channel)) => (incident, Some(channel)),
        None => (private_metadata, None),
    }
}

pub fn note(language: Language, incident: &str, channel: Option<&str>) -> Modal {
    let (title, label, submit, close) = answers::note_form(language);
    let field =
        Field::Text { placeholder: String::new(), initial: String::new(), is_multiline: true, max_chars: MOST_CHARS };
    let input =
        Input { block_id: "note".into(), action_id: NOTE_FIELD.into(), label, hint: None, is_optional: false, field };
    Modal {
        callback_id: NOTE_FORM.into(),
        title,
        submit,
        close,
        private_metadata: channel.map_or_else(|| incident.to_owned(), |channel| format!("{incident} {channel}")),
        notify_on_close: false,
        blocks: vec![Block::Input(input)],
    }
}
