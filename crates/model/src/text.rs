//! Text in one spelling, so that what people type and what machines write can be compared. Pure.

use unicode_normalization::UnicodeNormalization;

/// One spelling for full and half width, compatibility forms and case. Control characters and U+0000 become blanks.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.bytes().map(|b| if b.is_ascii_control() { ' ' } else { b.to_ascii_lowercase() as char }).collect();
    }
    // Letter by letter: a sigma at the end of a word is no other letter than one in its middle.
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    lower.nfkc().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The first so many characters, with a mark where something was cut.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// An alert's title, with its host where that is not in it.
pub fn with_host(title: &str, host: Option<&str>) -> String {
    match host {
        Some(host) if !title.contains(host) => format!("{title} ({host})"),
        _ => title.to_owned(),
    }
}

/// Percent-encodes one value of a query or one segment of a path.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
