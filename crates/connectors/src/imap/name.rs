//! Names of mailboxes and flags as the wire wants them. Never guesses: what can't be written is refused.

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};

const ENGINE: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// A mailbox's name in modified UTF-7 and quotes; `None` if it holds what no name can.
pub fn mailbox(name: &str) -> Option<String> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return None;
    }
    let mut wire = String::from("\"");
    let mut other = String::new();
    for c in name.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            flush(&mut wire, &mut other);
            match c {
                '&' => wire.push_str("&-"),
                '"' | '\\' => wire.extend(['\\', c]),
                _ => wire.push(c),
            }
        } else {
            other.push(c);
        }
    }
    flush(&mut wire, &mut other);
    wire.push('"');
    Some(wire)
}

fn flush(wire: &mut String, other: &mut String) {
    if !other.is_empty() {
        let units: Vec<u8> = other.encode_utf16().flat_map(u16::to_be_bytes).collect();
        wire.push('&');
        wire.push_str(&ENGINE.encode(units));
        wire.push('-');
        other.clear();
    }
}

/// A flag or keyword that can stand in a STORE.
pub fn is_flag(text: &str) -> bool {
    let word = text.strip_prefix('\\').unwrap_or(text);
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'$'))
}

/// `1,2,5:9`.
pub fn set(uids: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &uid in uids {
        match runs.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(uid) => *end = uid,
            _ => runs.push((uid, uid)),
        }
    }
    let written = runs.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}:{b}") });
    written.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_modified_utf_7() {
        for (name, wire) in [
            ("INBOX", "\"INBOX\""),
            ("R&D \"x\\", "\"R&-D \\\"x\\\\\""),
            ("INBOX/アラート", "\"INBOX/&MKIw6TD8MMg-\""),
            ("台北/日本語", "\"&U,BTFw-/&ZeVnLIqe-\""),
            ("☺!", "\"&Jjo-!\""),
            ("🙂", "\"&2D3eQg-\""),
        ] {
            assert_eq!(mailbox(name).as_deref(), Some(wire), "{name}");
        }
        assert_eq!(mailbox(""), None);
        assert_eq!(mailbox("a\r\nb NOOP"), None, "nothing but a name goes out");
    }

    #[test]
    fn flags_are_words() {
        for good in ["\\Seen", "Arayashiki", "$Done", "a.b-c_1"] {
            assert!(is_flag(good), "{good}");
        }
        for bad in ["", "\\", "a b", "x)", "é", "a\r\nb"] {
            assert!(!is_flag(bad), "{bad}");
        }
    }

    #[test]
    fn sets_are_written_in_runs() {
        assert_eq!(set(&[1, 2, 3, 7, 9, 10, u32::MAX]), "1:3,7,9:10,4294967295");
        assert_eq!(set(&[]), "");
    }
}
