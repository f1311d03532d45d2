//! What steps said, as pages read it: whole from the evidence store, and its beginning made fit to look at. The one place of this
//! crate that opens the evidence store. Never shows bytes that are no text as text, and never hides that something was cut.

use crate::raw;
use evidence::{Evidence, EvidenceError, Reader};
use model::capsule::{Output, Stored};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Of bytes that are no text, what is shown.
const MOST_HEX_BYTES: usize = 512;
/// What is looked at to tell text from other bytes.
pub(crate) const PROBED_BYTES: usize = 8 * 1024;
/// Of a hundred characters, more than so many that no text has make it none.
const MOST_ODD_PERCENT: usize = 10;

/// Where the two streams of a step lie whole, as the step keeps it. What can't be read counts as nothing kept.
pub(crate) fn whole(json: &str) -> Output {
    serde_json::from_str(json).unwrap_or_default()
}

pub(crate) fn of<'a>(whole: &'a Output, stream: &str) -> Option<&'a Stored> {
    if stream == "err" { whole.err.as_ref() } else { whole.out.as_ref() }
}

/// The evidence store, opened when something is first asked of it.
#[derive(Clone)]
pub(crate) struct Outputs {
    settings: Option<evidence::Settings>,
    open: Arc<OnceCell<Evidence>>,
}

/// Why it could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotHad {
    #[error("this process has no evidence store: set [evidence] url")]
    NoStore,
    #[error("{0}")]
    Store(String),
}

impl From<EvidenceError> for NotHad {
    fn from(error: EvidenceError) -> Self {
        Self::Store(error.to_string())
    }
}

impl Outputs {
    pub fn new(settings: Option<evidence::Settings>) -> Self {
        Self { settings, open: Arc::default() }
    }

    /// Looks only: the store is made by whoever keeps something there.
    async fn store(&self) -> Result<&Evidence, NotHad> {
        let settings = self.settings.as_ref().ok_or(NotHad::NoStore)?;
        Ok(self.open.get_or_try_init(|| Evidence::look(settings)).await?)
    }

    /// All of it, to be read in order or in parts.
    pub async fn open(&self, object: &str) -> Result<Reader, NotHad> {
        Ok(self.store().await?.reader(object).await?)
    }

    /// Its beginning.
    pub async fn head(&self, object: &str, most_bytes: usize) -> Result<Vec<u8>, NotHad> {
        Ok(self.open(object).await?.read(0, most_bytes).await?)
    }
}

/// A part of what a stream said, made fit to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Captured {
    #[default]
    Nothing,
    /// Lines, what can't be seen made visible. `before` and `after`: there is more than this.
    Text { text: String, before: bool, after: bool },
    /// Offset, hex and characters of bytes that are no text.
    Bytes { hex: String, after: bool },
}

/// Which end of a stream is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    First,
    Last,
}

impl Captured {
    /// At most so many lines of `bytes`; `is_part`: the stream has more than `bytes`, on the other side.
    pub(crate) fn of(bytes: &[u8], side: Side, most_lines: usize, is_part: bool) -> Self {
        if bytes.is_empty() {
            return Self::Nothing;
        }
        let whole = whole_characters(bytes, side, is_part);
        if !is_text(whole) {
            let shown = &bytes[..bytes.len().min(MOST_HEX_BYTES)];
            return Self::Bytes { hex: raw::hex(shown), after: is_part || shown.len() < bytes.len() };
        }
        let text = String::from_utf8_lossy(whole).replace("\r\n", "\n");
        let (kept, is_cut) = lines(&text, side, most_lines);
        let more = is_cut || is_part;
        let (before, after) = (more && side == Side::Last, more && side == Side::First);
        Self::Text { text: raw::visible(kept), before, after }
    }
}

/// Text in some charset near enough to UTF-8 that people can read it.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let probed = &bytes[..bytes.len().min(PROBED_BYTES)];
    if probed.contains(&0) {
        return false;
    }
    let text = String::from_utf8_lossy(probed);
    let is_odd = |c: char| c == '\u{FFFD}' || (c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{8}' | '\u{1B}'));
    let (all, odd) = text.chars().fold((0, 0), |(all, odd), c| (all + 1, odd + usize::from(is_odd(c))));
    // A single one is a slip, however short the text.
    odd <= 1 || odd * 100 <= all * MOST_ODD_PERCENT
}

/// Without the part of a character at which a longer stream was cut.
fn whole_characters(bytes: &[u8], side: Side, is_part: bool) -> &[u8] {
    const fn goes_on(byte: u8) -> bool {
        byte & 0b1100_0000 == 0b1000_0000
    }
    if !is_part {
        return bytes;
    }
    if side == Side::Last {
        let begins = bytes.iter().take(4).position(|byte| !goes_on(*byte)).unwrap_or(0);
        return &bytes[begins..];
    }
    match std::str::from_utf8(bytes.get(bytes.len().saturating_sub(4)..).unwrap_or(bytes)) {
        Ok(_) => bytes,
        Err(_) => {
            let last = bytes.iter().rposition(|byte| !goes_on(*byte)).unwrap_or(bytes.len());
            let is_begun = bytes.len() - last < 4 && bytes.get(last).is_some_and(|byte| (0xC2..=0xF4).contains(byte));
            let is_whole = std::str::from_utf8(&bytes[last..]).is_ok();
            if is_begun && !is_whole { &bytes[..last] } else { bytes }
        }
    }
}

/// So many lines of one end, and whether that leaves some out.
fn lines(text: &str, side: Side, most: usize) -> (&str, bool) {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let cut = match side {
        Side::First => body.match_indices('\n').nth(most.saturating_sub(1)),
        Side::Last => body.rmatch_indices('\n').nth(most.saturating_sub(1)),
    };
    match (cut, side) {
        (None, _) => (body, false),
        (Some((at, _)), Side::First) => (&body[..at], true),
        (Some((at, _)), Side::Last) => (&body[at + 1..], true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], side: Side, most: usize, is_part: bool) -> (String, bool, bool) {
        match Captured::of(bytes, side, most, is_part) {
            Captured::Text { text, before, after } => (text, before, after),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn either_end_is_cut_by_lines_and_says_so() {
        let bytes = b"one\r\ntwo\nthree\n";
        assert_eq!(text(bytes, Side::First, 2, false), ("one\ntwo".into(), false, true));
        assert_eq!(text(bytes, Side::First, 3, false), ("one\ntwo\nthree".into(), false, false));
        assert_eq!(text(bytes, Side::Last, 1, false), ("three".into(), true, false));
        assert_eq!(text(bytes, Side::Last, 9, true), ("one\ntwo\nthree".into(), true, false));
        assert_eq!(Captured::of(b"", Side::First, 9, false), Captured::Nothing);
    }

    #[test]
    fn a_character_that_was_cut_in_two_is_left_out_and_broken_ones_stay_in_sight() {
        let whole = "障害".as_bytes();
        assert_eq!(text(&whole[..5], Side::First, 9, true).0, "障");
        assert_eq!(text(&whole[1..], Side::Last, 9, true).0, "害");
        assert_eq!(text(&whole[..5], Side::First, 9, false).0, "障\u{FFFD}", "the host itself said half of it");
        assert_eq!(text(whole, Side::First, 9, true).0, "障害");
        assert_eq!(
            text(b"plain text, and one byte: \xff", Side::First, 9, true).0,
            "plain text, and one byte: \u{FFFD}"
        );
    }

    #[test]
    fn what_is_no_text_is_never_shown_as_text() {
        for bytes in [&b"\x7fELF\x02\x01\x01\0\0\0"[..], &[0xff; 40], &[0x01; 40]] {
            let Captured::Bytes { hex, .. } = Captured::of(bytes, Side::First, 9, false) else { panic!("{bytes:?}") };
            assert!(hex.starts_with("00000000  "));
        }
        assert!(is_text("\u{1B}[31mred\u{1B}[0m".as_bytes()) && is_text("日本語\n".as_bytes()));
        let Captured::Bytes { hex, after } = Captured::of(&[0; 2_000], Side::First, 9, false) else { panic!() };
        assert!(after && hex.lines().count() == MOST_HEX_BYTES / 16);
    }

    #[test]
    fn escapes_and_turned_lines_are_made_visible() {
        let shown = text("a\u{1B}[2Kb\u{202E}c <script>".as_bytes(), Side::First, 9, false).0;
        assert_eq!(shown, "a␛[2Kb⟨U+202E⟩c <script>");
    }

    #[test]
    fn what_a_step_keeps_is_read_leniently() {
        let kept = whole(r#"{"out":{"object":"output/x.out","sha256":"00","bytes":5},"err":null,"new":1}"#);
        assert_eq!(of(&kept, "out").map(|stored| (stored.bytes, stored.is_cut)), Some((5, false)));
        assert!(of(&kept, "err").is_none() && of(&whole("{}"), "out").is_none());
        assert_eq!(whole("nonsense"), Output::default());
    }
}
