//! How far PagerDuty's clock is from ours, by the Date of its answers. Never asks the time: ours comes with each call.

use http::HeaderMap;
use http::header::DATE;
use jiff::fmt::rfc2822::DateTimeParser;
use model::Micros;
use std::sync::atomic::{AtomicI64, Ordering};

/// The offset as of the last answer that had a Date.
#[derive(Debug)]
pub struct Offset(AtomicI64);

const UNKNOWN: i64 = i64::MIN;

impl Offset {
    pub const fn unknown() -> Self {
        Self(AtomicI64::new(UNKNOWN))
    }

    /// `asked_at` is our clock when the call went out. The answer was written about half the round trip later.
    pub fn observe(&self, headers: &HeaderMap, asked_at: Micros, took_ms: i64) {
        if let Some(theirs) = date(headers) {
            self.0.store(theirs.since(asked_at.plus_ms(took_ms / 2)) / 1_000, Ordering::Relaxed);
        }
    }

    pub fn ms(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|ms| *ms != UNKNOWN)
    }
}

/// HTTP's date is a form of the mails' one.
fn date(headers: &HeaderMap) -> Option<Micros> {
    let text = headers.get(DATE)?.to_str().ok()?;
    DateTimeParser::new().parse_timestamp(text).ok().map(|at| Micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn after(date: &'static str, took_ms: i64) -> Option<i64> {
        let offset = Offset::unknown();
        let headers = HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))]);
        let asked_at = Micros::parse("2026-11-08T08:49:37Z").unwrap();
        offset.observe(&headers, asked_at, took_ms);
        offset.ms()
    }

    #[test]
    fn the_offset_is_their_date_less_ours_at_half_of_the_way() {
        assert_eq!(after("Sun, 08 Nov 2026 08:49:37 GMT", 0), Some(0));
        assert_eq!(after("Sun, 08 Nov 2026 08:51:07 GMT", 400), Some(89_800));
        assert_eq!(after("Sun, 08 Nov 2026 08:49:07 GMT", 0), Some(-30_000));
    }

    #[test]
    fn an_answer_without_a_date_that_can_be_read_teaches_nothing() {
        for odd in ["", "soon", "2026-11-08", "Sun, 99 Nov 2026 08:49:37 GMT"] {
            assert_eq!(after(odd, 0), None, "{odd}");
        }
    }
}
