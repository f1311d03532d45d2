//! Patterns in RE2's syntax, matched by a library of nearly that syntax. Where the two may differ nothing is said.

use super::Verdict;
use regex::{RegexBuilder, bytes};

/// What a compiled pattern may take.
const MOST_BYTES: usize = 1 << 20;

/// Found anywhere in the text, over lines, ignoring case unless `exactly`.
///
/// RE2 knows `\d`, `\w`, `\s` and `\b` for ASCII alone, and everything else for Unicode. So the pattern is matched both ways, and
/// what they don't agree on can't be said.
pub fn matches(pattern: &str, text: &str, exactly: bool) -> Verdict {
    let mut unicode = RegexBuilder::new(pattern);
    unicode.case_insensitive(!exactly).multi_line(true).dot_matches_new_line(true);
    unicode.size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES);
    let mut ascii = bytes::RegexBuilder::new(pattern);
    ascii.case_insensitive(!exactly).multi_line(true).dot_matches_new_line(true).unicode(false);
    ascii.size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES);
    match (unicode.build(), ascii.build()) {
        (Ok(unicode), Ok(ascii)) => {
            let is_so = unicode.is_match(text);
            if is_so == ascii.is_match(text.as_bytes()) { Verdict::of(is_so) } else { Verdict::CantSay }
        }
        _ => Verdict::CantSay,
    }
}
