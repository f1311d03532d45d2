//! Bytes from outside, made fit to look at: as text where they are text, laid out where they are JSON, else in hex.
//! Never alters what it lays out beyond white space, and never hides that something was cut.

const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Many short members at great depth are mostly spaces.
const MAX_LAID_OUT_BYTES: usize = 1024 * 1024;
const MAX_HEX_BYTES: usize = 16 * 1024;

/// How a body is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The text as it came, invisible characters made visible; empty for bytes that are no text.
    pub text: String,
    /// The same, laid out, if it is JSON.
    pub laid_out: Option<String>,
    /// Offset, hex and characters, if it is no text.
    pub hex: Option<String>,
    /// Bytes that are not shown here.
    pub left_out: u64,
}

pub(crate) fn show(bytes: &[u8]) -> Shown {
    match std::str::from_utf8(bytes) {
        Ok(text) => show_text(text),
        Err(_) => show_hex(bytes),
    }
}

/// Of a mail: its lines as they came, whatever the charset; what is no UTF-8 shows as a sign each.
pub(crate) fn show_text_of(bytes: &[u8]) -> Shown {
    let text = String::from_utf8_lossy(bytes);
    Shown { laid_out: None, ..show_text(&text.replace("\r\n", "\n")) }
}

fn show_text(text: &str) -> Shown {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let is_json = end == text.len() && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    Shown {
        text: visible(&text[..end]),
        laid_out: is_json.then(|| visible(&lay_out(text))).filter(|laid| laid.len() <= MAX_LAID_OUT_BYTES),
        hex: None,
        left_out: (text.len() - end) as u64,
    }
}

fn show_hex(bytes: &[u8]) -> Shown {
    let shown = &bytes[..bytes.len().min(MAX_HEX_BYTES)];
    Shown { text: String::new(), laid_out: None, hex: Some(hex(shown)), left_out: (bytes.len() - shown.len()) as u64 }
}

/// Sixteen bytes a line: offset, hex, characters.
pub(crate) fn hex(shown: &[u8]) -> String {
    let mut out = String::with_capacity(shown.len() * 5);
    for (row, line) in shown.chunks(16).enumerate() {
        out.push_str(&format!("{:08x}  ", row * 16));
        for index in 0..16 {
            match line.get(index) {
                Some(byte) => out.push_str(&format!("{byte:02x} ")),
                None => out.push_str("   "),
            }
        }
        out.push(' ');
        out.extend(line.iter().map(|b| if b.is_ascii_graphic() || *b == b' ' { char::from(*b) } else { '·' }));
        out.push('\n');
    }
    out
}

/// Control characters and those that turn the line around, as signs that can be seen.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\0'..='\u{1F}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{FFFD}')),
            '\u{7F}'..='\u{9F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}' => {
                out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// JSON with a line for each member. Numbers, names, doubles and escapes stay as they came.
fn lay_out(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                in_text = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while chars.next_if(|n| n.is_ascii_whitespace()).is_some() {}
                if let Some(close) = chars.next_if(|n| matches!(n, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

/// Deep nesting stops moving to the right, so that hostile depth can't make megabytes of spaces.
fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth.min(32) {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laying_out_changes_nothing_but_white_space() {
        let json = r#"{"a":1.0,"a":[ ],"b":"x, \"{y}\\","c":[1,{"d":-1e5}]}"#;
        let laid = show(json.as_bytes()).laid_out.expect("json");
        let squeezed = |t: &str| t.split_whitespace().collect::<String>();
        assert_eq!(squeezed(&laid), squeezed(json));
        assert!(laid.contains("\n  \"a\": 1.0,\n  \"a\": [],\n"));
        assert!(laid.contains(r#""x, \"{y}\\""#));
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_in_hex() {
        let shown = show(&[0xff, 0x00, b'A', b'<']);
        let hex = shown.hex.expect("hex");
        assert!(hex.starts_with("00000000  ff 00 41 3c "));
        assert!(hex.trim_end().ends_with("··A<"));
    }

    #[test]
    fn invisible_characters_can_be_seen_and_long_bodies_say_what_is_missing() {
        assert_eq!(show("a\u{0}b\u{202E}c".as_bytes()).text, "a␀b⟨U+202E⟩c");
        let long = "あ".repeat(MAX_TEXT_BYTES);
        let shown = show(long.as_bytes());
        assert_eq!(shown.text.len() as u64 + shown.left_out, long.len() as u64);
        assert!(shown.left_out > 0 && shown.laid_out.is_none());
    }

    #[test]
    fn hostile_depth_stays_small() {
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert!(show(deep.as_bytes()).laid_out.expect("json").len() < 14_000);
        let wide = "[".repeat(60) + &"1,".repeat(60_000) + "1" + &"]".repeat(60);
        assert_eq!(show(wide.as_bytes()).laid_out, None);
    }
}
