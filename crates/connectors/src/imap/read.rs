//! Reads what a mail's head and the server's own words tell: sender of the envelope, dates. Pure; never panics on any bytes.

use jiff::Timestamp;
use jiff::fmt::{rfc2822, strtime};
use model::Micros;

/// Nobody's envelope is longer.
const MAX_RETURN_PATH_BYTES: usize = 512;

/// The sender of the envelope as the server kept it: `None` is the null sender, an empty text a mail without Return-Path.
pub fn return_path(raw: &[u8]) -> Option<String> {
    let Some(value) = header(raw, "return-path") else { return Some(String::new()) };
    let inside =
        value.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(value.as_str(), |(path, _)| path);
    let path = inside.trim();
    (!path.is_empty()).then(|| path.chars().take(MAX_RETURN_PATH_BYTES).collect())
}

/// When the last server on the way took it, by the topmost `Received`.
pub fn received_at(raw: &[u8]) -> Option<Micros> {
    let value = header(raw, "received")?;
    let (_, date) = value.rsplit_once(';')?;
    let zoned = rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_zoned(date.trim()).ok()?;
    Some(Micros(zoned.timestamp().as_microsecond()))
}

/// ` 1-May-2026 09:00:00 +0900`
pub fn internal_date(text: &str) -> Option<Micros> {
    let parsed: Timestamp = strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?.to_timestamp().ok()?;
    Some(Micros(parsed.as_microsecond()))
}

/// The first header of this name, unfolded.
fn header(raw: &[u8], name: &str) -> Option<String> {
    let mut found: Option<Vec<u8>> = None;
    for line in raw.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        match &mut found {
            Some(value) if line.starts_with(b" ") || line.starts_with(b"\t") => value.extend_from_slice(line),
            Some(_) => break,
            None => found = value_of(line, name),
        }
    }
    found.map(|value| String::from_utf8_lossy(&value).into_owned())
}

fn value_of(line: &[u8], name: &str) -> Option<Vec<u8>> {
    let (head, rest) = line.split_at_checked(name.len())?;
    let value = rest.strip_prefix(b":")?;
    head.eq_ignore_ascii_case(name.as_bytes()).then(|| value.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_return_path_is_the_envelopes_sender() {
        for (raw, path) in [
            (
                "Return-Path: <zabbix@example.jp>\r\nSubject: x\r\n\r\nReturn-Path: <no@example.jp>",
                Some("zabbix@example.jp"),
            ),
            ("return-path:\r\n <a@example.jp>\r\n\r\n", Some("a@example.jp")),
            ("Subject: x\nReturn-Path: a@example.jp\n\n", Some("a@example.jp")),
            ("Return-Path: <>\r\n\r\n", None),
            ("Subject: x\r\n\r\nReturn-Path: <no@example.jp>", Some("")),
            ("", Some("")),
        ] {
            assert_eq!(return_path(raw.as_bytes()).as_deref(), path, "{raw}");
        }
    }

    #[test]
    fn dates_of_the_server_and_of_the_way_are_read() {
        let expected = Micros::parse("2026-05-01T00:00:00Z");
        assert_eq!(internal_date(" 1-May-2026 09:00:00 +0900"), expected);
        assert_eq!(internal_date("01-May-2026 00:00:00 +0000"), expected);
        assert_eq!(internal_date("yesterday"), None);
        let way = "Received: from a (b [192.0.2.1])\r\n\tby c with ESMTP id 1;\r\n\tFri, 1 May 2026 09:00:00 +0900 (JST)\r\n\
                   Received: by d; Thu, 30 Apr 2026 09:00:00 +0900\r\n\r\n";
        assert_eq!(received_at(way.as_bytes()), expected);
        for odd in ["Received: by x\r\n\r\n", "Received: by x; soon\r\n\r\n", "Received:;\r\n\r\n", "\u{0}\u{ff}"] {
            assert_eq!(received_at(odd.as_bytes()), None);
        }
    }
}
