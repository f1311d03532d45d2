//! Header text: encoded words of RFC 2047 as mailers really write them (letters split over two words, words within quotes, cut
//! at the end), and raw bytes between them. Never fails.

use super::charset;
use crate::mail::rx::BytesRx;
use mail_parser::decoders::base64::base64_decode;
use regex::bytes::Captures;

static WORD: BytesRx = BytesRx::new(r"(?-u)=\?([A-Za-z0-9_.:*'-]{1,48})\?([bBqQ])\?([^?]*)(?:\?=|\??$)");

enum Piece<'a> {
    Raw(&'a [u8]),
    Word(Word),
}

struct Word {
    charset: String,
    bytes: Vec<u8>,
    /// Base64 that is not decoded yet: its last group may have been cut, and go on in the next word.
    letters: Vec<u8>,
}

/// The value's text, its folding undone already.
pub fn decode(value: &[u8]) -> String {
    let mut text = String::new();
    let mut pending: Option<Word> = None;
    for piece in pieces(value) {
        match (piece, pending.take()) {
            (Piece::Word(word), Some(before)) if before.charset == word.charset => pending = Some(joined(before, word)),
            (Piece::Word(word), before) => {
                push(&mut text, before);
                pending = Some(word);
            }
            (Piece::Raw(raw), before) => {
                push(&mut text, before);
                text.push_str(&charset::guess(raw).0);
            }
        }
    }
    push(&mut text, pending);
    text
}

/// What is empty between two words goes; before anything else it stays.
fn pieces(value: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut end = 0;
    let Some(regex) = WORD.get() else { return vec![Piece::Raw(value)] };
    for found in regex.captures_iter(value) {
        let Some(whole) = found.get(0) else { continue };
        let between = &value[end..whole.start()];
        let is_gap = between.iter().all(u8::is_ascii_whitespace);
        if !(between.is_empty() || is_gap && end > 0) {
            pieces.push(Piece::Raw(between));
        }
        pieces.push(Piece::Word(word(&found)));
        end = whole.end();
    }
    if end < value.len() {
        // A space before what follows the last word is text.
        pieces.push(Piece::Raw(&value[end..]));
    }
    pieces
}

fn word(found: &Captures<'_>) -> Word {
    let group = |n| found.get(n).map_or(&b""[..], |m| m.as_bytes());
    let charset = String::from_utf8_lossy(group(1)).to_ascii_lowercase();
    let charset = charset.split('*').next().unwrap_or_default().to_owned();
    let data = group(3);
    if group(2).eq_ignore_ascii_case(b"q") {
        return Word { charset, bytes: quoted(data), letters: Vec::new() };
    }
    let letters = data.iter().copied().filter(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)).collect();
    Word { charset, bytes: Vec::new(), letters }
}

fn joined(mut before: Word, after: Word) -> Word {
    let is_cut = !before.letters.len().is_multiple_of(4) && !before.letters.contains(&b'=');
    if is_cut && after.bytes.is_empty() {
        before.letters.extend(after.letters);
        return before;
    }
    before.bytes.extend(base64_decode(&before.letters).unwrap_or_default());
    before.bytes.extend(after.bytes);
    before.letters = after.letters;
    before
}

fn quoted(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut at = 0;
    while let Some(&byte) = data.get(at) {
        let hex = data.get(at + 1..at + 3).and_then(|hex| hex::decode(hex).ok());
        match (byte, hex) {
            (b'=', Some(hex)) => {
                out.extend(hex);
                at += 3;
                continue;
            }
            (b'_', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    out
}

fn push(text: &mut String, word: Option<Word>) {
    let Some(mut word) = word else { return };
    word.bytes.extend(base64_decode(&word.letters).unwrap_or_default());
    text.push_str(&charset::decode(Some(&word.charset), &word.bytes).0);
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn words_are_read_as_mailers_write_them() {
        for (value, text) in [
            ("=?iso-2022-jp?b?GyRCJUclIyU5JS8+YzMyGyhCICh3ZWIwMSk=?=", "ディスク障害 (web01)"),
            ("=?utf-8?b?44OH44Kj44K544Kv6Zqc5a6zICh3ZWIwMSk=?=", "ディスク障害 (web01)"),
            ("=?UTF-8?Q?Problem:_=E9=9A=9C=E5=AE=B3?= on web01", "Problem: 障害 on web01"),
            ("Re: =?utf-8?b?6Zqc?= \t =?utf-8?b?5a6z?=", "Re: 障害"),
            // A letter split over two words, and a group split over two.
            ("=?utf-8?b?6Zo=?= =?utf-8?b?nOWusw==?=", "障害"),
            ("=?utf-8?q?=E9=9A?= =?utf-8?q?=9C=E5=AE=B3?=", "障害"),
            ("=?utf-8?b?6Zqc5a?= =?utf-8?b?6z?=", "障害"),
            ("=?iso-2022-jp?B?GyRCPmMbKEI=?= =?iso-2022-jp?B?GyRCMzIbKEI=?=", "障害"),
            ("=?utf-8*ja?q?=E9=9A=9C?=", "障"),
            ("\"=?utf-8?b?6Zqc5a6z?=\"", "\"障害\""),
            ("=?utf-8?b?6Zqc5a6z", "障害"),
            ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
            ("100=?", "100=?"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(decode(value.as_bytes()), text, "{value}");
        }
        assert_eq!(decode("障害 raw".as_bytes()), "障害 raw");
        assert_eq!(decode(b"\x8f\xe1\x8aQ raw"), "障害 raw");
        assert_eq!(decode(b"\x1b$B>c32\x1b(B raw"), "障害 raw");
    }
}
