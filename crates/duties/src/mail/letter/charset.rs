//! Bytes into text, whatever they call themselves: Japanese mail carries wrong labels, none, and characters outside of its
//! charset. Never fails: what can't be read becomes the replacement character.

use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, WINDOWS_1252};
use mail_parser::decoders::charsets::map::charset_decoder;

const ESC: u8 = 0x1b;
const SHIFT_OUT: u8 = 0x0e;
const SHIFT_IN: u8 = 0x0f;

/// The text, and what was wrong with its label.
pub fn decode(label: Option<&str>, bytes: &[u8]) -> (String, Option<String>) {
    let label =
        label.map(|label| label.trim().trim_matches('"').to_ascii_lowercase()).filter(|label| !label.is_empty());
    let Some(label) = label else { return (guess(bytes).0, None) };
    let (text, found) = labelled(&label, bytes);
    let note = found.map(|found| format!("the charset is called {label}, the text was read as {found}"));
    (text, note)
}

/// The text, and what it was read as if that is not its label.
fn labelled(label: &str, bytes: &[u8]) -> (String, Option<&'static str>) {
    if let Some(encoding) = japanese(label).or_else(|| (label.replace('_', "-") == "utf-8").then_some(UTF_8)) {
        if encoding != ISO_2022_JP && bytes.is_ascii() && has_escape(bytes) {
            return (lossy(ISO_2022_JP, bytes), Some("ISO-2022-JP"));
        }
        return match strict(encoding, bytes) {
            Some(text) => (text, None),
            None => guessed_unless(encoding, bytes),
        };
    }
    let is_empty_claim =
        ["us-ascii", "ascii", "ansi_x3.4-1968", "iso-8859-1", "latin1", "windows-1252", "unknown-8bit"]
            .contains(&label);
    if is_empty_claim && (has_escape(bytes) || !bytes.is_ascii()) {
        return weak(label, bytes);
    }
    match (charset_decoder(label.as_bytes()), Encoding::for_label(label.as_bytes())) {
        (_, Some(encoding)) => (encoding.decode_without_bom_handling(bytes).0.into_owned(), None),
        (Some(decoder), _) => (decoder(bytes), None),
        _ if bytes.is_ascii() && !has_escape(bytes) => (String::from_utf8_lossy(bytes).into_owned(), None),
        _ => {
            let (text, name) = guess(bytes);
            (text, Some(name))
        }
    }
}

/// A label that says little: ASCII, or Latin-1, which mailers write for what they do not know.
fn weak(label: &str, bytes: &[u8]) -> (String, Option<&'static str>) {
    let is_latin = label.starts_with("iso-8859") || label.starts_with("latin") || label.starts_with("windows");
    let (text, name) = guess(bytes);
    // Latin-1 has no letters between 0x80 and 0x9f, where Shift_JIS has its first bytes.
    let high = bytes.iter().filter(|b| !b.is_ascii()).count();
    let is_strange = bytes.iter().filter(|b| (0x80..0xa0).contains(*b)).count() * 4 > high;
    let is_sure = name == "UTF-8" || name == "ISO-2022-JP" || is_strange || text.chars().any(is_kana);
    if is_latin && !is_sure {
        return (WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), None);
    }
    (text, Some(name))
}

fn guessed_unless(encoding: &'static Encoding, bytes: &[u8]) -> (String, Option<&'static str>) {
    let own = lossy(encoding, bytes);
    if encoding != UTF_8
        && !bytes.is_ascii()
        && let Some(text) = strict(UTF_8, bytes)
    {
        return (text, Some("UTF-8"));
    }
    // One broken byte does not make a text another's.
    if is_mostly_whole(&own, bytes) {
        return (own, None);
    }
    let (text, name) = guess(bytes);
    (text, Some(name))
}

fn is_mostly_whole(text: &str, bytes: &[u8]) -> bool {
    broken(text) * 10 <= bytes.iter().filter(|b| !b.is_ascii()).count()
}

fn japanese(label: &str) -> Option<&'static Encoding> {
    match label.replace('_', "-").as_str() {
        "shift-jis" | "shiftjis" | "x-sjis" | "sjis" | "ms-kanji" | "cp932" | "ms932" | "windows-31j" | "cp943"
        | "x-ms-cp932" | "csshiftjis" | "cswindows31j" | "mskanji" | "windows-932" | "ibm943" => Some(SHIFT_JIS),
        "iso-2022-jp"
        | "iso2022jp"
        | "iso-2022-jp-1"
        | "iso-2022-jp-2"
        | "iso-2022-jp-3"
        | "iso-2022-jp-ms"
        | "cp50220"
        | "cp50221"
        | "cp50222"
        | "x-windows-iso2022jp"
        | "x-windows-50220"
        | "x-windows-50221"
        | "csiso2022jp"
        | "jis"
        | "jis7" => Some(ISO_2022_JP),
        "euc-jp" | "eucjp" | "x-euc-jp" | "x-euc" | "eucjp-ms" | "euc-jp-ms" | "cp51932" | "ujis" | "eucjp-win" => {
            Some(EUC_JP)
        }
        _ => None,
    }
}

/// What it most likely is, and its name.
pub fn guess(bytes: &[u8]) -> (String, &'static str) {
    if has_escape(bytes)
        && let Some(text) = strict(ISO_2022_JP, bytes)
    {
        return (text, "ISO-2022-JP");
    }
    if let Some(text) = strict(UTF_8, bytes) {
        return (text, "UTF-8");
    }
    match (strict(SHIFT_JIS, bytes), strict(EUC_JP, bytes)) {
        (Some(sjis), Some(euc)) if likeness(&euc) > likeness(&sjis) => (euc, "EUC-JP"),
        (Some(sjis), _) => (sjis, "Shift_JIS"),
        (None, Some(euc)) => (euc, "EUC-JP"),
        (None, None) => least_broken(bytes),
    }
}

fn least_broken(bytes: &[u8]) -> (String, &'static str) {
    let all = [(UTF_8, "UTF-8"), (SHIFT_JIS, "Shift_JIS"), (EUC_JP, "EUC-JP"), (ISO_2022_JP, "ISO-2022-JP")];
    let best = all.map(|(encoding, name)| (lossy(encoding, bytes), name)).into_iter().min_by_key(|(t, _)| broken(t));
    match best {
        Some((text, name)) if is_mostly_whole(&text, bytes) => (text, name),
        // A lone letter with an accent.
        _ => (WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), "windows-1252"),
    }
}

fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    if encoding == ISO_2022_JP {
        let bytes = tidied(bytes);
        return encoding.decode_without_bom_handling_and_without_replacement(&bytes).map(std::borrow::Cow::into_owned);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

fn lossy(encoding: &'static Encoding, bytes: &[u8]) -> String {
    let tidy = if encoding == ISO_2022_JP { tidied(bytes) } else { bytes.to_vec() };
    encoding.decode_without_bom_handling(&tidy).0.into_owned()
}

pub fn has_escape(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair[0] == ESC && (pair[1] == b'$' || pair[1] == b'('))
}

/// The strict decoder calls two escapes in a row an error, which joined words have; and half-width letters come in the old
/// form with shift-out, or with their eighth bit set.
fn tidied(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 8);
    let (mut at, mut mode, mut written) = (0, *b"(B", *b"(B");
    while let Some(&byte) = bytes.get(at) {
        let (wanted, taken, letter) = match byte {
            ESC if escape(bytes, at).is_some() => {
                mode = escape(bytes, at).unwrap_or(mode);
                at += 3;
                continue;
            }
            SHIFT_OUT => {
                mode = *b"(I";
                at += 1;
                continue;
            }
            SHIFT_IN => {
                mode = *b"(B";
                at += 1;
                continue;
            }
            0xa1..=0xdf => (*b"(I", 1, byte & 0x7f),
            b'\r' | b'\n' => (*b"(B", 1, byte),
            _ => (mode, 1, byte),
        };
        if wanted != written {
            out.push(ESC);
            out.extend_from_slice(&wanted);
            written = wanted;
        }
        if byte == b'\n' {
            mode = *b"(B";
        }
        out.push(letter);
        at += taken;
    }
    out
}

/// The two bytes after the escape, where they name a set.
fn escape(bytes: &[u8], at: usize) -> Option<[u8; 2]> {
    let pair = [*bytes.get(at + 1)?, *bytes.get(at + 2)?];
    [*b"$B", *b"$@", *b"(B", *b"(J", *b"(I", *b"(H"].contains(&pair).then(|| if pair == *b"(H" { *b"(J" } else { pair })
}

fn broken(text: &str) -> usize {
    text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count()
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}')
}

/// How much it looks like Japanese that somebody wrote.
fn likeness(text: &str) -> i64 {
    let of = |c: char| match c {
        '\u{3041}'..='\u{30ff}' => 3,
        '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{3002}' | '\u{ff01}'..='\u{ff5e}' => 1,
        '\u{ff61}'..='\u{ff9f}' => -3,
        _ => 0,
    };
    text.chars().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn japanese_is_read_under_its_own_label_a_synonym_a_wrong_one_and_none() {
        let text = "ディスク障害が発生しました。";
        for (encoding, labels) in [
            (
                SHIFT_JIS,
                &[
                    "Shift_JIS",
                    "x-sjis",
                    "ms_kanji",
                    "cp932",
                    "windows-31j",
                    "us-ascii",
                    "utf-8",
                    "iso-8859-1",
                    "x-unknown",
                    "",
                ][..],
            ),
            (EUC_JP, &["EUC-JP", "eucJP-ms", "CP51932", "us-ascii", "utf-8", ""]),
            (ISO_2022_JP, &["ISO-2022-JP", "cp50221", "us-ascii", "utf-8", "iso-8859-1", ""]),
            (UTF_8, &["utf-8", "UTF8", "us-ascii", "iso-2022-jp", "shift_jis", "iso-8859-1", "x-unknown", ""]),
        ] {
            for label in labels {
                assert_eq!(decode(Some(label), &bytes(encoding, text)).0, text, "{} as {label}", encoding.name());
            }
            assert_eq!(decode(None, &bytes(encoding, text)).0, text);
        }
    }

    #[test]
    fn letters_outside_of_the_charset_are_read_as_vendors_write_them() {
        let nec = b"\x1b$B-!-j|b\x1b(B";
        assert_eq!(decode(Some("iso-2022-jp"), nec).0, "①㈱髙");
        assert_eq!(decode(Some("shift_jis"), b"\x87\x40\x87\x8a\xfb\xfc").0, "①㈱髙");
        assert_eq!(decode(Some("iso-2022-jp"), b"\x1b(IC^\x1b(B").0, "ﾃﾞ");
        assert_eq!(decode(Some("iso-2022-jp"), b"\x0eC^\x0f ok").0, "ﾃﾞ ok");
        assert_eq!(decode(Some("iso-2022-jp"), b"\xc3\xde ok").0, "ﾃﾞ ok");
    }

    #[test]
    fn escapes_in_a_row_are_no_error() {
        let joined = b"\x1b$B>c32\x1b(B\x1b$B%Y\x1b(B";
        assert_eq!(decode(Some("iso-2022-jp"), joined).0, "障害ベ");
        assert_eq!(decode(Some("iso-2022-jp"), b"\x1b$B>c32\nok").0, "障害\nok", "a line ends its mode");
    }

    #[test]
    fn western_letters_are_no_japanese() {
        assert_eq!(decode(Some("iso-8859-1"), b"caf\xe9 na\xefve").0, "café naïve");
        assert_eq!(decode(None, b"caf\xe9 down").0, "café down");
    }

    #[test]
    fn one_broken_byte_breaks_one_letter() {
        let mut broken = "ディスク障害が発生しました".as_bytes().to_vec();
        broken[4] = b' ';
        let text = decode(Some("utf-8"), &broken).0;
        assert!(text.contains("スク障害が発生しました"), "{text}");
    }
}
