//! Transfer encodings undone, broken ones as far as they go. Never fails.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;

/// Nobody reads more of one part.
pub const MOST_BYTES: usize = 1 << 20;

/// The bytes, and what was wrong with them.
pub fn decode(encoding: Option<&str>, body: &[u8]) -> (Vec<u8>, Option<&'static str>) {
    let encoding = encoding.map(|e| e.trim().trim_matches('"').to_ascii_lowercase()).unwrap_or_default();
    match encoding.as_str() {
        "base64" => base64(body),
        "quoted-printable" => quoted_printable(cut(body, MOST_BYTES * 3)),
        "x-uuencode" | "uuencode" | "x-uue" => (Vec::new(), Some("a part in uuencode was left out")),
        _ => (cut(body, MOST_BYTES).to_vec(), None),
    }
}

fn cut(body: &[u8], most: usize) -> &[u8] {
    body.get(..most).unwrap_or(body)
}

/// Footers of mailing lists stand after the padding, in clear.
fn base64(body: &[u8]) -> (Vec<u8>, Option<&'static str>) {
    let body = cut(body, MOST_BYTES * 2);
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || b"+/=".contains(b);
    let strange = body.iter().filter(|b| !is_letter(b) && !b.is_ascii_whitespace()).count();
    if strange * 6 > body.len() {
        return (body.to_vec(), Some("a part calls itself base64 and is not; it was read as it stands"));
    }
    let letters: Vec<u8> = body.iter().copied().filter(is_letter).collect();
    let note = (strange > 0).then_some("a part has letters that are not base64; they were left out");
    (base64_decode(&letters).unwrap_or_default(), note)
}

fn quoted_printable(body: &[u8]) -> (Vec<u8>, Option<&'static str>) {
    match quoted_printable_decode(body) {
        Some(bytes) => (bytes, None),
        None => (lenient(body), Some("a part's quoted-printable is broken; what could not be read stands as it came")),
    }
}

fn lenient(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        let rest = &body[at..];
        let hex = rest.get(1..3).and_then(|hex| hex::decode(hex).ok()).filter(|_| byte == b'=');
        at += match hex {
            Some(hex) => {
                out.extend(hex);
                3
            }
            None if rest.starts_with(b"=\r\n") => 3,
            None if rest.starts_with(b"=\n") => 2,
            None => {
                out.push(byte);
                1
            }
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_undone_and_broken_ones_as_far_as_they_go() {
        for (encoding, body, text) in [
            (Some("base64"), &b"6Zqc\r\n5a6z\r\n"[..], "障害"),
            (Some("BASE64"), b"6Zqc5a6", "障\u{fffd}"),
            (Some("base64"), b"6Zqc5a6z\r\n--\r\n", "障害"),
            (Some("base64"), b"**** web01 (HTTP): down! ****", "**** web01 (HTTP): down! ****"),
            (Some("quoted-printable"), b"=E9=9A=9C=\r\n=E5=AE=B3", "障害"),
            (Some("quoted-printable"), b"100=% of =E9=9A=9C=\n", "100=% of 障"),
            (Some("7bit"), b"web01", "web01"),
            (None, b"web01", "web01"),
        ] {
            assert_eq!(String::from_utf8_lossy(&decode(encoding, body).0), text);
        }
    }
}
