//! Words that a key may hold: choices, names, short names, zones, secrets.

use crate::config::problem::nearest;
use crate::config::raw::Text;
use crate::config::secret::Secret;

/// What a duty does with what it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Shows what it would have done.
    Observe,
    Post,
    Page,
}

impl Mode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Post => "post",
            Self::Page => "page",
        }
    }
}

/// Of which incidents people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgencies {
    High,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Ja,
    En,
}

impl Language {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// What we ask of whoever brings us mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartTls {
    Offer,
    Require,
}

/// How we reach a mail server ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// TLS from the first byte.
    Implicit,
    StartTls,
    None,
}

/// What becomes of a mail in a mailbox once we keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Nothing,
    Flag,
    Move,
}

/// The header by which a mailbox's own server tells to whom it delivered a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecipientHeader {
    None,
    DeliveredTo,
    XOriginalTo,
}

/// What a rule says of the mails that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleVerdict {
    NotAnAlert,
    Suppressed,
}

pub fn zone(text: &Text) -> Result<jiff::tz::TimeZone, String> {
    jiff::tz::TimeZone::get(&text.text).map_err(|_| {
        let known = jiff::tz::db().available().map(|zone| zone.as_str().to_owned());
        let hint = nearest(&text.text, known).map_or_else(
            || "write an IANA name such as \"Asia/Tokyo\"; a system without zones needs its tzdata package".to_owned(),
            |near| format!("did you mean \"{near}\"?"),
        );
        format!("{} is no time zone known here; {hint}", text.named())
    })
}

const SLUG_MAX_BYTES: usize = 64;

pub fn slug(text: &Text) -> Result<String, String> {
    let plain = text.text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !text.text.is_empty() && text.text.len() <= SLUG_MAX_BYTES && plain {
        return Ok(text.text.clone());
    }
    Err(format!("{} is no id; write 1 to 64 of a-z, 0-9 and \"-\", such as \"example-bank\"", text.named()))
}

/// An empty name in a list would match everything.
pub fn name(text: &Text) -> Result<String, String> {
    match text.text.trim() {
        "" => Err("is empty; write the name, or take the entry out".to_owned()),
        name => Ok(name.to_owned()),
    }
}

/// An empty signing secret would let anybody sign, and a stray line end makes a right one wrong without a trace.
pub fn secret(text: &Text) -> Result<Secret, String> {
    let value = text.text.as_str();
    if value.is_empty() {
        return Err("holds an empty secret; fill the place it is read from, or take it out".to_owned());
    }
    if value.trim() != value || value.chars().any(char::is_control) {
        return Err("holds a space at an end or a line break; copy the secret again, alone on one line".to_owned());
    }
    Ok(Secret::new(value.to_owned()))
}
