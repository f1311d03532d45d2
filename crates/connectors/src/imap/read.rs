//! Reads what a mail's head and the server's own words tell: sender of the envelope, dates. Pure; never panics on any bytes.

use jiff::Timestamp;
use jiff::fmt::{rfc2822, strtime};
use model::Micros;

/// Nobody's envelope is longer.
const MAX_RETURN_PATH_BYTES: usize = 512;
const MAX_ADDRESS: usize = 320;

/// The sender of the envelope as the server kept it: `None` is the null sender, an empty text a mail without Return-Path.
pub fn return_path(raw: &[u8]) -> Option<String> {
    let Some(value) = header(raw, "return-path") else { return Some(String::new()) };
    let inside =
        value.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(value.as_str(), |(path, _)| path);
    let path = inside.trim();
    (!path.is_empty()).then(|| path.chars().take(MAX_RETURN_PATH_BYTES).collect())
}

/// To whom the mailbox's own server delivered it, by the header of this name that stands above the topmost `Received`. Whoever
/// sends a mail can write every header below it and none above: a server puts its own on top as it takes the mail.
pub fn recipient(raw: &[u8], name: &str) -> Option<String> {
    let is_named = |line: &&[u8], name: &str| value_of(line, name).is_some();
    let mut lines = raw.split(|byte| *byte == b'\n').take_while(|line| !matches!(line, [] | [b'\r']));
    let before = lines.by_ref().take_while(|line| !is_named(line, "received"));
    let own: Vec<&[u8]> = before.collect();
    // Without any `Received` nothing tells the server's own headers from the sender's.
    let passed: usize = own.iter().map(|line| line.len() + 1).sum();
    is_named(&raw.get(passed..)?, "received").then_some(())?;
    let value = header(&own.join(&b'\n'), name)?;
    let address = value.trim().trim_start_matches('<').trim_end_matches('>').trim();
    (address.contains('@') && !address.contains(char::is_whitespace))
        .then(|| address.chars().take(MAX_ADDRESS).collect())
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
    fn only_the_header_that_the_mailboxs_server_put_on_top_tells_the_recipient() {
        let received = "Received: from a (b [192.0.2.1])\r\n\tby c with ESMTP; Fri, 1 May 2026 09:00:00 +0900\r\n";
        let own = "Return-Path: <z@example.jp>\r\nX-Original-To: <zbx-7f3a@example.jp>\r\nDelivered-To:\r\n alerts@example.jp\r\n";
        let forged = "Delivered-To: forged@example.jp\r\nX-Original-To: forged@example.jp\r\n";
        for (raw, delivered, original) in [
            (format!("{own}{received}{forged}"), Some("alerts@example.jp"), Some("zbx-7f3a@example.jp")),
            (format!("{own}{received}"), Some("alerts@example.jp"), Some("zbx-7f3a@example.jp")),
            (format!("{received}{forged}{received}"), None, None),
            (format!("Return-Path: <>\r\n{received}{forged}"), None, None),
            (forged.to_owned(), None, None),
            (format!("{forged}Subject: x\r\n\r\n{received}"), None, None),
            (format!("{forged} Received: by x\r\n"), None, None),
            (format!("Delivered-To: undisclosed\r\nX-Original-To: <a b@example.jp>\r\n{received}"), None, None),
            (String::new(), None, None),
        ] {
            let mail = format!("{raw}Subject: x\r\n\r\nbody");
            assert_eq!(recipient(mail.as_bytes(), "Delivered-To").as_deref(), delivered, "{mail}");
            assert_eq!(recipient(mail.as_bytes(), "x-original-to").as_deref(), original, "{mail}");
            let unix = mail.replace("\r\n", "\n");
            assert_eq!(recipient(unix.as_bytes(), "delivered-to").as_deref(), delivered, "{unix}");
        }
        assert_eq!(recipient(b"\xff\x00:\n\nDelivered-To: a@b", "delivered-to"), None);
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
