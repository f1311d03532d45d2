//! Words into a mail: charsets, encoded words, transfer encodings, parts. Written by hand, so that a reader's library is not checked
//! against itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::formats::Written;
use super::{Charset, Parts, Style, Transfer};

/// So many characters fit into an encoded word in every charset.
const WORD_CHARS: usize = 12;
const LINE_BYTES: usize = 76;
const BOUNDARY: &str = "=_alternatives_of_one_mail";

pub(super) struct Head<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub message_id: &'a str,
    pub at: Timestamp,
}

impl Charset {
    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Iso2022Jp => ISO_2022_JP,
            Self::ShiftJis => SHIFT_JIS,
            Self::EucJp => EUC_JP,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Iso2022Jp => "ISO-2022-JP",
            Self::ShiftJis => "Shift_JIS",
            Self::EucJp => "EUC-JP",
        }
    }
}

pub(super) fn compose(written: &Written, style: Style, head: &Head<'_>) -> Vec<u8> {
    let zone = TimeZone::fixed(Offset::constant(9));
    let date = head.at.to_zoned(zone).strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
    let subject = encoded_words(&written.subject, style.charset);
    let mut raw = format!(
        "From: {}\r\nTo: {}\r\nSubject: {subject}\r\nDate: {date}\r\nMessage-ID: <{}>\r\nMIME-Version: 1.0\r\n",
        head.from, head.to, head.message_id
    )
    .into_bytes();
    let text = written.text();
    match style.parts {
        Parts::Text => raw.extend(part("plain", &text, style)),
        Parts::Html => raw.extend(part("html", &html(&text), style)),
        Parts::Alternative => {
            raw.extend(format!("Content-Type: multipart/alternative; boundary=\"{BOUNDARY}\"\r\n\r\n").bytes());
            for (kind, text) in [("plain", text.clone()), ("html", html(&text))] {
                raw.extend(format!("--{BOUNDARY}\r\n").bytes());
                raw.extend(part(kind, &text, style));
                raw.extend(b"\r\n");
            }
            raw.extend(format!("--{BOUNDARY}--\r\n").bytes());
        }
    }
    raw
}

fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let lines: Vec<String> = escaped
        .lines()
        .map(|line| match line.split_once(": ") {
            Some((label, value)) if !label.contains("http") => format!("<b>{label}:</b> {value}<br>"),
            _ => format!("{line}<br>"),
        })
        .collect();
    format!("<html><body>\n{}\n</body></html>\n", lines.join("\n"))
}

/// A header's text; a pure ASCII one stays as it is.
fn encoded_words(text: &str, charset: Charset) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let words = chars.chunks(WORD_CHARS).map(|chunk| {
        let chunk: String = chunk.iter().collect();
        let (bytes, ..) = charset.encoding().encode(&chunk);
        format!("=?{}?B?{}?=", charset.name(), STANDARD.encode(bytes))
    });
    words.collect::<Vec<_>>().join("\r\n ")
}

fn part(kind: &str, text: &str, style: Style) -> Vec<u8> {
    let text = text.replace('\n', "\r\n");
    let (bytes, ..) = style.charset.encoding().encode(&text);
    let (transfer, body) = match style.transfer {
        Transfer::Plain if bytes.is_ascii() => ("7bit", bytes.to_vec()),
        Transfer::Plain => ("8bit", bytes.to_vec()),
        Transfer::Base64 => ("base64", base64_lines(&bytes)),
        Transfer::QuotedPrintable => ("quoted-printable", quoted_printable(&bytes)),
    };
    let head = format!(
        "Content-Type: text/{kind}; charset={}\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n",
        style.charset.name()
    );
    [head.into_bytes(), body].concat()
}

fn base64_lines(bytes: &[u8]) -> Vec<u8> {
    let all = STANDARD.encode(bytes);
    let lines: Vec<&[u8]> = all.as_bytes().chunks(LINE_BYTES).collect();
    [lines.join(&b"\r\n"[..]), b"\r\n".to_vec()].concat()
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut column = 0;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        if rest.starts_with(b"\r\n") {
            out.extend(b"\r\n");
            (column, rest) = (0, &rest[2..]);
            continue;
        }
        let ends_line = after.is_empty() || after.starts_with(b"\r\n");
        let is_plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (byte == b' ' && !ends_line);
        let piece = if is_plain { vec![byte] } else { format!("={byte:02X}").into_bytes() };
        if column + piece.len() >= LINE_BYTES {
            out.extend(b"=\r\n");
            column = 0;
        }
        column += piece.len();
        out.extend(piece);
        rest = after;
    }
    out
}
