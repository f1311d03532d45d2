//! How far a value reaches that begins at a place: in quotes, bare, or to the line's end. Reads each value in one pass, and looks back and ahead by
//! constants only. Never says whether it is a secret.

use std::ops::Range;

/// How far behind a place something may tell that the value ends there: the name of the next pair of a list.
pub(super) const AHEAD_BYTES: usize = 64;

/// No name is longer, as far as what stands before it is asked for.
const NAME_BYTES: usize = 128;

/// Nothing stands deeper in its line and is still the first thing on it.
const INDENT_BYTES: usize = 256;

/// A value's place, and where the reading of it stopped: what was trimmed off lies between.
#[derive(Debug, Clone)]
pub(super) struct Extent {
    pub at: Range<usize>,
    pub stop: usize,
}

impl Extent {
    pub fn new(start: usize, end: usize) -> Extent {
        Extent { at: start..end, stop: end }
    }

    /// From `at` to the first byte that ends it.
    pub fn until(line: &[u8], at: usize, ends: impl Fn(&u8) -> bool) -> Extent {
        Extent::new(at, line[at..].iter().position(ends).map_or(line.len(), |end| at + end))
    }
}

/// The next word.
pub(super) fn word(line: &[u8], at: usize) -> Extent {
    Extent::until(line, at, |b| b.is_ascii_whitespace() || b.is_ascii_control())
}

/// The inside of quotes that open at `at`; to the end of the text where they never close, as in output that was cut.
pub(super) fn quoted(line: &[u8], at: usize) -> Option<Extent> {
    let rest = &line[at..];
    let prefix = usize::from(matches!(rest, [b'b' | b'u' | b'r' | b'@' | b'N', b'"' | b'\'', ..]));
    let slashes = rest[prefix..].iter().take_while(|b| **b == b'\\').count();
    let quote = *rest.get(prefix + slashes).filter(|b| b"\"'`".contains(b))?;
    let inside = prefix + slashes + 1;
    let end = closing(&rest[inside..], quote, slashes).map_or(rest.len(), |end| inside + end);
    Some(Extent::new(at + inside, at + end))
}

/// Where quotes close that were opened behind so many backslashes, which is how JSON inside of JSON looks.
fn closing(inside: &[u8], quote: u8, slashes: usize) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr(quote, inside.get(at..)?)?;
        let escapes = inside[..at].iter().rev().take_while(|b| **b == b'\\').count();
        let doubled = at > 0 && slashes == 0 && quote == b'\'' && inside.get(at + 1) == Some(&quote);
        let closes = if slashes == 0 { escapes % 2 == 0 && !doubled } else { escapes <= slashes };
        if closes {
            return Some(at - escapes.min(slashes));
        }
        at += 1 + usize::from(doubled);
    }
}

/// A value without quotes inside of a line.
pub(super) fn bare(line: &[u8], key: &Range<usize>) -> Extent {
    let rest = &line[key.end..];
    let within = opening_quote(line, key.start);
    let ends = |at: usize| match rest[at] {
        b if b < b' ' => true,
        b' ' => within.is_none(),
        b if Some(b) == within => true,
        b'"' | b'\'' | b'`' => within.is_none() && rest.get(at + 1).is_none_or(|next| b" ,;:}])>/\\\t".contains(next)),
        _ => false,
    };
    let stop = stop(rest, ends, |value| value);
    Extent { at: key.end..key.end + unbracketed(&rest[..stop]), stop: key.end + stop }
}

/// A value without quotes that has the line for itself.
pub(super) fn line_value(line: &[u8], at: usize) -> Extent {
    let rest = &line[at..];
    let ends = |n: usize| match rest[n] {
        0 => true,
        b' ' => rest[n + 1..].starts_with(b"#") || is_named(&rest[n + 1..]),
        _ => false,
    };
    let stop = stop(rest, ends, <[u8]>::trim_ascii_end);
    let value = match rest.get(stop) {
        Some(b' ' | 0) | None => rest[..stop].trim_ascii_end(),
        Some(_) => &rest[..stop],
    };
    Extent { at: at..at + unbracketed(value), stop: at + stop }
}

/// Where a value ends that is ended by a byte, or by what follows in it. What follows is seen as far as the value may reach.
fn stop(rest: &[u8], ends: impl Fn(usize) -> bool, trimmed: fn(&[u8]) -> &[u8]) -> usize {
    // So far it is known that no byte ends it, but for the one that was found.
    let (mut seen, mut end) = (0, None);
    let mut at = 0;
    loop {
        let ahead = rest.len().min(at + AHEAD_BYTES);
        while end.is_none() && seen < ahead {
            end = ends(seen).then_some(seen);
            seen += 1;
        }
        let value_end = end.unwrap_or(seen);
        if at >= value_end {
            return at;
        }
        if at > 0 && b"&,;<\\".contains(&rest[at]) && splits(trimmed(&rest[at..value_end])) {
            return at;
        }
        at += 1;
    }
}

/// Whether the value is over here, though no blank follows: the next pair of a list, or what was opened before it.
fn splits(here: &[u8]) -> bool {
    let Some((sign, rest)) = here.split_first() else { return false };
    match sign {
        b'&' => is_named(rest),
        b',' | b';' => rest.is_empty() || is_named(rest.trim_ascii_start()),
        b'<' => rest.starts_with(b"/"),
        b'\\' => {
            matches!(rest.first(), Some(b'"' | b'n' | b't'))
                && matches!(rest.get(1), None | Some(b',' | b'}' | b']' | b'"' | b':'))
        }
        _ => false,
    }
}

/// Whether a name and a sign follow, as in `user=x`, `"user": x` or `User Id=x`.
fn is_named(rest: &[u8]) -> bool {
    let rest = &rest[..rest.len().min(AHEAD_BYTES)];
    let unquoted = |text: &'_ [u8]| usize::from(matches!(text, [b'"' | b'\'', ..]));
    let rest = &rest[unquoted(rest)..];
    if !rest.first().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    let name = rest.iter().take(41).take_while(|b| b.is_ascii_alphanumeric() || b"_.- ".contains(b)).count();
    let sign = &rest[name..];
    name <= 40 && matches!(sign[unquoted(sign)..].trim_ascii_start(), [b'=' | b':', ..])
}

/// Without closing brackets that the value did not open.
fn unbracketed(value: &[u8]) -> usize {
    let mut end = value.len();
    let opened = |sign: u8| memchr::memchr(sign, value).unwrap_or(value.len());
    let mut first: [Option<usize>; 3] = [None; 3];
    while let Some(last) = end.checked_sub(1) {
        let (kind, open) = match value[last] {
            b')' => (0, b'('),
            b']' => (1, b'['),
            b'}' => (2, b'{'),
            _ => break,
        };
        if *first[kind].get_or_insert_with(|| opened(open)) < end {
            break;
        }
        end = last;
    }
    end
}

/// All of a header, which ends with the line or with the quotes around it: at the quote that was opened before its name, or at one that is no
/// parameter's, as in `realm="…"`.
pub(super) fn header(line: &[u8], key: &Range<usize>) -> Extent {
    let (rest, opened) = (&line[key.end..], opening_quote(line, key.start));
    let mut parameter = None;
    let mut ends = |at: usize| {
        let byte = rest[at];
        let is_quote = b"\"'`".contains(&byte);
        let opens =
            at > 0 && rest[at - 1] == b'=' && rest.get(at + 1).is_some_and(|next| !b" ,;}])\t\"'".contains(next));
        if byte == 0 || opened == Some(byte) {
            return true;
        } else if parameter == Some(byte) {
            parameter = None;
        } else if is_quote && parameter.is_none() && opened.is_none() {
            parameter = Some(byte).filter(|_| opens);
            return !opens;
        }
        false
    };
    let stop = (0..rest.len()).find(|at| ends(*at)).unwrap_or(rest.len());
    Extent { at: key.end..key.end + rest[..stop].trim_ascii_end().len(), stop: key.end + stop }
}

/// What follows a Japanese word: up to a blank, a closing bracket or the verb.
pub(super) fn japanese(line: &[u8], at: usize) -> Extent {
    const ENDS: [&str; 9] = ["」", "』", "】", "）", "、", "。", "です", "\u{3000}", "に変更"];
    let rest = &line[at..];
    let ends = |at: usize| {
        rest[at].is_ascii_whitespace()
            || b"\0|,\"'<".contains(&rest[at])
            || !rest[at].is_ascii() && ENDS.iter().any(|end| rest[at..].starts_with(end.as_bytes()))
    };
    Extent::new(at, at + (0..rest.len()).find(|at| ends(*at)).unwrap_or(rest.len()))
}

/// Where the name begins that a match is in; nothing where it is too long for one.
fn name_start(line: &[u8], at: usize) -> Option<usize> {
    let far = at.saturating_sub(NAME_BYTES);
    let before = line[far..at].iter().rposition(|b| !(b.is_ascii_alphanumeric() || b"_.-".contains(b)));
    before.map(|before| far + before + 1).or((far == 0).then_some(0))
}

/// The quote that was opened right before the name that the match is in.
fn opening_quote(line: &[u8], at: usize) -> Option<u8> {
    let before = name_start(line, at)?.checked_sub(1)?;
    Some(line[before]).filter(|b| b"\"'`".contains(b))
}

/// Whether the name is the first thing on its line, but for what lists and shells put before one.
pub(super) fn starts_line(line: &[u8], at: usize) -> bool {
    let Some(name) = name_start(line, at) else { return false };
    let far = name.saturating_sub(INDENT_BYTES);
    // In what `/proc` tells of a process, NUL ends a line.
    let start = memchr::memrchr(0, &line[far..name]).map(|nul| far + nul + 1).or((far == 0).then_some(0));
    let Some(start) = start else { return false };
    let before = line[start..name].trim_ascii();
    before.is_empty() || [&b"-"[..], b"#", b"export", b"set", b"- -", b"+", b"//", b";"].contains(&before)
}

/// The quote with which the argument opened that `at` is in.
pub(super) fn argument_quote(line: &[u8], at: usize) -> Option<u8> {
    let far = at.saturating_sub(INDENT_BYTES);
    let blank = line[far..at].iter().rposition(|b| b" \t\0".contains(b))?;
    line[..at].get(far + blank + 1).copied().filter(|b| b"\"'".contains(b))
}
