//! Whether two mails are one that was delivered twice. Never looks at what a relay adds on the way.

use super::letter::headers::{Headers, Lines};
use sha2::{Digest, Sha256};

/// Of Message-ID, Date, From, Subject and body; `None` without a Message-ID, when nobody can tell a repeat.
pub fn fingerprint(raw: &[u8]) -> Option<[u8; 32]> {
    let (headers, body) = Headers::split(raw);
    let id = headers.raw("message-id").map(<[u8]>::trim_ascii).filter(|id| !id.is_empty())?;
    let mut digest = Sha256::new();
    let mut field = |value: &[u8]| {
        let words: Vec<&[u8]> = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        let joined = words.join(&b' ');
        digest.update((joined.len() as u64).to_be_bytes());
        digest.update(&joined);
    };
    field(id);
    for name in ["date", "from", "subject"] {
        field(headers.raw(name).unwrap_or_default());
    }
    // A relay may change the line ends, and those at the end of all.
    let mut empty = 0_u64;
    for line in Lines::new(body) {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        (0..std::mem::take(&mut empty)).for_each(|_| digest.update(b"\n"));
        digest.update(line);
        digest.update(b"\n");
    }
    Some(digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    const MAIL: &[u8] = b"Received: from a by b\r\nMessage-ID: <1@example.jp>\r\nDate: Fri, 1 May 2026 09:00:00 +0900\r\nFrom: a@example.jp\r\nSubject: one\r\n two\r\n\r\nbody\r\n\r\nend\r\n";

    #[test]
    fn a_second_delivery_is_the_same_mail() {
        let again = b"Return-Path: <a@example.jp>\nDelivered-To: b@example.jp\nX-Trace: 2\nMessage-ID:\n <1@example.jp>\nDate: Fri, 1 May 2026 09:00:00 +0900\nFrom: a@example.jp\nSubject: one two\n\nbody\n\nend\n\n\n";
        assert_eq!(fingerprint(MAIL), fingerprint(again));
    }

    #[test]
    fn another_mail_is_another() {
        let text = String::from_utf8_lossy(MAIL).into_owned();
        for (from, to) in [
            ("<1@", "<2@"),
            ("09:00:00", "09:00:01"),
            ("a@example.jp", "b@example.jp"),
            ("two", "three"),
            ("end", "enD"),
            ("\r\n\r\nend", "\r\nend"),
        ] {
            assert_ne!(fingerprint(MAIL), fingerprint(text.replace(from, to).as_bytes()), "{from}");
        }
        assert_eq!(fingerprint(b"Subject: x\n\nbody"), None);
    }
}
