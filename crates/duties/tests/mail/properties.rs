//! What holds of any mail at all: it is read, within bounds, and the same way twice. Never looks at what is read.

use super::corpus::{CORPUS, DESK, RECEIVED, envelope};
use proptest::prelude::*;

#[test]
fn big_mails_are_read_in_bounded_work() {
    let head = b"Subject: [CRITICAL] web01 is down\r\n";
    for (top, unit) in [
        ("Content-Type: text/html\r\n\r\n", "<div><table><tr><td>"),
        ("Content-Type: text/html\r\n\r\n", "<style><pre><!--"),
        ("X: y\r\n", "=?utf-8?b?6Zqc?= "),
        ("X: y\r\n", "a\r\n"),
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\n"),
        ("\r\n", "{\"AlarmName\":"),
        ("\r\n", "Host: web01\r\n"),
        ("\r\n", "https://mackerel.io/orgs/a/alerts/"),
        ("\r\n", "\x1b$B\x1b(B"),
        ("\r\n", "---------- Forwarded message ---------\r\nFrom: a\r\nSubject: b\r\n\r\n"),
    ] {
        let raw = [head, top.as_bytes(), unit.repeat((4 << 20) / unit.len()).as_bytes()].concat();
        let read = duties::mail::read(&DESK, &envelope(None, Vec::new()), &raw, None, *RECEIVED);
        assert!(read.text.len() <= 64 << 10, "{top:?} {unit:?}");
    }
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let cuts = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..5), 1..12);
    (0..CORPUS.len(), any::<prop::sample::Index>(), cuts).prop_map(|(at, other, cuts)| {
        let mut raw = CORPUS[at].raw.clone();
        raw.truncate(16 << 10);
        for (place, byte, kind) in cuts {
            if raw.is_empty() {
                break;
            }
            let place = place.index(raw.len());
            match kind {
                0 => raw[place] = byte,
                1 => raw.truncate(place),
                2 => raw.insert(place, byte),
                3 => drop(raw.drain(place..(place + usize::from(byte)).min(raw.len()))),
                _ => {
                    let other = &CORPUS[other.index(CORPUS.len())].raw;
                    let end = other.len().min(usize::from(byte) * 8);
                    raw.splice(place..place, other[..end].iter().copied());
                }
            }
        }
        raw
    })
}

fn holds_for(raw: &[u8]) -> Result<(), TestCaseError> {
    let to = envelope(Some("a@example.jp".into()), vec!["backup@alerts.example.jp".into()]);
    let read = duties::mail::read(&DESK, &to, raw, None, *RECEIVED);
    prop_assert!(read.text.len() <= 64 << 10 && read.reading.key.len() <= 255);
    prop_assert!(!read.text.contains('\0') && !read.subject.contains('\0') && !read.reading.key.contains('\0'));
    let again = duties::mail::read(&DESK, &to, raw, None, *RECEIVED);
    prop_assert_eq!(read, again);
    let _ = duties::mail::fingerprint(raw);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        holds_for(&raw)?;
    }

    #[test]
    fn mutated_mails_are_read(raw in mutated()) {
        holds_for(&raw)?;
    }
}
