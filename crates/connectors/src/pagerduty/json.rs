//! Reads PagerDuty's JSON and says where it can't. Never panics on hostile bytes: depth is bounded by the parser, and
//! what can't be read is an error with a place.

use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// Bytes that are not what they should be: where, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Unreadable {
    /// The path inside the document with line and column.
    pub place: String,
    pub why: String,
}

/// Parsers quote what they stumble over; a quote must not become the message.
const MAX_WHY_CHARS: usize = 300;

/// Reads a whole document. The bytes should have gone through `without_nul` first.
pub fn read<T: DeserializeOwned>(raw: &[u8]) -> Result<T, Unreadable> {
    let mut parser = serde_json::Deserializer::from_slice(raw);
    let value =
        serde_path_to_error::deserialize(&mut parser).map_err(|e| unreadable(&e.path().to_string(), e.inner()))?;
    parser.end().map_err(|e| unreadable(".", &e))?;
    Ok(value)
}

fn unreadable(path: &str, error: &serde_json::Error) -> Unreadable {
    let position = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let why = text.strip_suffix(&position).unwrap_or(&text).chars().take(MAX_WHY_CHARS).collect();
    let path = if path == "." { "document" } else { path };
    Unreadable { place: format!("{path}, line {} column {}", error.line(), error.column()), why }
}

/// The document with every U+0000 inside a string replaced by U+FFFD: PostgreSQL can't keep the former, and monitors
/// do send it. JSON has it only as an escape, and both escapes are six bytes long.
pub fn without_nul(raw: &[u8]) -> Cow<'_, [u8]> {
    const NUL: &[u8] = br"\u0000";
    const REPLACEMENT: &[u8] = br"\ufffd";
    if !raw.windows(NUL.len()).any(|w| w == NUL) {
        return Cow::Borrowed(raw);
    }
    let mut clean = raw.to_vec();
    let mut at = 0;
    while at < clean.len() {
        if clean[at] != b'\\' {
            at += 1;
        } else if clean[at..].starts_with(NUL) {
            clean[at..at + NUL.len()].copy_from_slice(REPLACEMENT);
            at += NUL.len();
        } else {
            // An escape of another kind: its second byte may be a backslash that starts nothing.
            at += 2;
        }
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn nul_is_replaced_and_escaped_backslashes_are_left_alone() {
        let raw = br#"["a\u0000b","\\u0000","\\\u0000","\u00001"]"#;
        let value: Value = read(&without_nul(raw)).unwrap();
        assert_eq!(value, serde_json::json!(["a\u{fffd}b", "\\u0000", "\\\u{fffd}", "\u{fffd}1"]));
    }

    #[test]
    fn a_document_without_nul_is_not_copied_and_a_trailing_backslash_does_not_overrun() {
        assert!(matches!(without_nul(b"{}"), Cow::Borrowed(_)));
        assert_eq!(&*without_nul(br"\u0000\"), br"\ufffd\");
    }

    #[test]
    fn the_place_names_the_path_and_the_position() {
        #[derive(Debug, serde::Deserialize)]
        struct Outer {
            #[serde(rename = "list")]
            _list: Vec<u8>,
        }
        let error = read::<Outer>(b"{\"list\":\n[1,\"x\"]}").unwrap_err();
        assert_eq!(error.place, "list[1], line 2 column 6");
        assert!(error.why.starts_with("invalid type"), "{}", error.why);
        assert!(!error.why.contains("line"), "{}", error.why);
    }

    #[test]
    fn depth_is_bounded_and_what_follows_the_end_is_refused() {
        let deep = "[".repeat(100_000);
        assert!(read::<Value>(deep.as_bytes()).unwrap_err().why.contains("recursion limit"));
        assert!(read::<Value>(b"{} x").is_err());
        assert!(read::<Value>(b"").is_err());
        assert!(read::<Value>(b"\"\xff\"").is_err());
    }
}
