//! Finds the end of a DATA body and takes the dots out. Pure, and indifferent to how the bytes were cut into pieces.
//!
//! Of our own because the library's also takes CR LF `.` CR CR LF for the end, and no dot in the first line.

use memchr::memchr;

/// Where the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// After CR LF, or before the first byte.
    #[default]
    Begin,
    /// After a dot that began a line, and is gone.
    Dot,
    /// After that dot and a CR, which is held back.
    DotCr,
    Text,
    /// In text, after a CR.
    Cr,
}

#[derive(Debug, Default)]
pub struct Scan {
    at: At,
}

impl Scan {
    /// Gives what belongs to the mail to `keep`. Says how much of the input was used, and whether the mail ended there.
    pub fn take(&mut self, input: &[u8], keep: &mut impl FnMut(&[u8])) -> (usize, bool) {
        // Everything before `from` is kept or dropped; everything before `at` is understood.
        let (mut from, mut at) = (0, 0);
        while let Some(&byte) = input.get(at) {
            match self.at {
                At::Begin if byte == b'.' => {
                    keep(&input[from..at]);
                    at += 1;
                    from = at;
                    self.at = At::Dot;
                }
                At::Dot if byte == b'\r' => {
                    at += 1;
                    from = at;
                    self.at = At::DotCr;
                }
                At::DotCr if byte == b'\n' => return (at + 1, true),
                At::DotCr => {
                    keep(b"\r");
                    self.at = At::Cr;
                }
                At::Begin | At::Dot => self.at = At::Text,
                At::Text | At::Cr => at = self.line_end(input, at),
            }
        }
        keep(&input[from..]);
        (input.len(), false)
    }

    fn line_end(&mut self, input: &[u8], at: usize) -> usize {
        let Some(length) = memchr(b'\n', &input[at..]) else {
            self.at = if input.ends_with(b"\r") { At::Cr } else { At::Text };
            return input.len();
        };
        let has_cr = if length == 0 { self.at == At::Cr } else { input[at + length - 1] == b'\r' };
        self.at = if has_cr { At::Begin } else { At::Text };
        at + length + 1
    }
}

/// Whether a mail has gone through more hands than any honest way has.
pub fn is_looping(raw: &[u8]) -> bool {
    const MOST: usize = 100;
    let mut lines = raw.split(|byte| *byte == b'\n').take_while(|line| !matches!(*line, b"" | b"\r"));
    let is_received = |line: &&[u8]| line.get(..9).is_some_and(|name| name.eq_ignore_ascii_case(b"received:"));
    lines.by_ref().filter(is_received).nth(MOST).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a sender does (RFC 5321, 4.5.2).
    fn stuffed(mail: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for (n, byte) in mail.iter().enumerate() {
            if *byte == b'.' && (n == 0 || mail[..n].ends_with(b"\r\n")) {
                out.push(b'.');
            }
            out.push(*byte);
        }
        out.extend_from_slice(if mail.is_empty() || mail.ends_with(b"\r\n") { b".\r\n" } else { b"\r\n.\r\n" });
        out
    }

    fn scanned<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<u8>, Option<Vec<u8>>) {
        let (mut scan, mut mail, mut rest) = (Scan::default(), Vec::new(), None);
        for piece in pieces {
            let Some(rest) = &mut rest else {
                let (used, ended) = scan.take(piece, &mut |kept| mail.extend_from_slice(kept));
                rest = ended.then(|| piece[used..].to_vec());
                continue;
            };
            rest.extend_from_slice(piece);
        }
        (mail, rest)
    }

    #[test]
    fn only_a_dot_alone_between_two_line_ends_is_the_end() {
        for (sent, mail, rest) in [
            (&b".\r\nNOOP\r\n"[..], &b""[..], Some(&b"NOOP\r\n"[..])),
            (b"a\r\n.\r\n", b"a\r\n", Some(b"")),
            (b"a\r\n..\r\n.\r\nx", b"a\r\n.\r\n", Some(b"x")),
            (b"..a\r\n.\r\n", b".a\r\n", Some(b"")),
            (b".a\r\n.\r\n", b"a\r\n", Some(b"")),
            (b"a\n.\nMAIL\r\n.\r\n", b"a\n.\nMAIL\r\n", Some(b"")),
            (b"a\n.\r\nMAIL\r\n.\r\n", b"a\n.\r\nMAIL\r\n", Some(b"")),
            (b"a\r.\rMAIL\r\n.\r\n", b"a\r.\rMAIL\r\n", Some(b"")),
            (b"a\r.\r\nMAIL\r\n.\r\n", b"a\r.\r\nMAIL\r\n", Some(b"")),
            (b"a\r\n.\nMAIL\r\n.\r\n", b"a\r\n\nMAIL\r\n", Some(b"")),
            (b"a\r\n.\rMAIL\r\n.\r\n", b"a\r\n\rMAIL\r\n", Some(b"")),
            (b"a\r\n.\r\r\nMAIL\r\n.\r\n", b"a\r\n\r\r\nMAIL\r\n", Some(b"")),
            (b"a\r\r\n.\r\n", b"a\r\r\n", Some(b"")),
            (b"a\0\xff\r\n.\r\n", b"a\0\xff\r\n", Some(b"")),
            (b"a\r\n.", b"a\r\n", None),
            (b"a\r\n.\r", b"a\r\n", None),
            (b"a", b"a", None),
        ] {
            let told = String::from_utf8_lossy(sent);
            assert_eq!(scanned([sent]), (mail.to_vec(), rest.map(<[u8]>::to_vec)), "{told:?} at once");
            assert_eq!(scanned(sent.chunks(1)), (mail.to_vec(), rest.map(<[u8]>::to_vec)), "{told:?} byte by byte");
        }
    }

    #[test]
    fn a_loop_is_known_by_its_headers_alone() {
        let header = |n: usize| "Received: from a by b\r\n\tfor c\r\n".repeat(n) + "Subject: x\r\n";
        for (mail, expected) in [
            (header(100) + "\r\nbody", false),
            (header(101) + "\r\nbody", true),
            (header(101).to_uppercase(), true),
            (header(1) + "\r\n" + &header(200), false),
            (String::new(), false),
        ] {
            assert_eq!(is_looping(mail.as_bytes()), expected);
        }
    }

    proptest! {
        #[test]
        fn any_mail_arrives_as_it_was_sent_however_it_is_cut(
            mail in proptest::collection::vec(prop_oneof![Just(b'.'), Just(b'\r'), Just(b'\n'), any::<u8>()], 0..200),
            rest in proptest::collection::vec(any::<u8>(), 0..20),
            piece in 1..50_usize,
        ) {
            let mut sent = stuffed(&mail);
            sent.extend_from_slice(&rest);
            let mut expected = mail;
            if !expected.is_empty() && !expected.ends_with(b"\r\n") {
                expected.extend_from_slice(b"\r\n");
            }
            prop_assert_eq!(scanned(sent.chunks(piece)), (expected, Some(rest)));
        }
    }
}
