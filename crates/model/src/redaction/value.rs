//! Reads the value that follows a telling name: in quotes, bare, or to the line's end. Rather hides a little too much than leaves the end of
//! a secret standing. Never reads past the line.

use super::check::{all_digits, is_generated, is_path, is_placeholder, is_prose, is_random, is_sources};
use std::ops::Range;

/// What is rejected is read again behind the next name, so a name that says little is not followed far.
const LONGEST_GENERATED_BYTES: usize = 4096;

/// How a value is joined to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// `=`, `=>`, `:` without a blank, a quoted name: what follows is a value for certain.
    Close,
    /// `name: value` at a line's beginning.
    First,
    /// `name: value` further on in a line, which may be a sentence.
    Prose,
    /// `name | value`, as tables print it.
    Table,
}

struct Read {
    at: Range<usize>,
    quoted: bool,
    joined: Joined,
}

/// What follows a name of passwords.
pub(super) fn password(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let read = read(line, &key)?;
    let value = &line[read.at.clone()];
    let short_number = all_digits(value) && value.len() < 4;
    let no_value = is_placeholder(value) || is_path(value) || is_sources(value) || short_number;
    let name = line[key.start..read.at.start].split(|b| *b == b':').next().unwrap_or_default().trim_ascii();
    let unlikely = match read.joined {
        // `passwd: password updated` is what the program says, `PASS: name` what a test does.
        Joined::First if name == b"passwd" => value.contains(&b' '),
        Joined::First if name == b"PASS" => true,
        Joined::Prose => is_prose(value),
        Joined::Table => !is_random(value),
        Joined::Close | Joined::First => false,
    };
    let unlikely = unlikely && !read.quoted;
    (!no_value && !unlikely).then_some(read.at)
}

/// What follows a name of tokens, keys and other secrets, which sentences have more often.
pub(super) fn secret(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let read = read(line, &key)?;
    let value = &line[read.at.clone()];
    let no_value = value.len() < 4 || is_placeholder(value) || is_path(value) || all_digits(value) && value.len() < 6;
    let likely = match read.joined {
        Joined::Close => true,
        Joined::First => !is_prose(value) && (!value.contains(&b' ') || read.quoted),
        Joined::Prose | Joined::Table => read.quoted && value.len() >= 8 || value.len() >= 6 && is_random(value),
    };
    (!no_value && likely).then_some(read.at)
}

/// What follows a name that says little: only what a generator made.
pub(super) fn generated(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let line = &line[..line.len().min(key.end + LONGEST_GENERATED_BYTES)];
    let read = read(line, &key)?;
    let value = &line[read.at.clone()];
    (is_generated(value) && !is_path(value) && !value.windows(3).any(|w| w == b"://")).then_some(read.at)
}

/// The next word of a command's arguments, in quotes or not.
pub(super) fn argument(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let (at, quoted) = match quoted(line, key.end) {
        Some(at) => (at, true),
        None => (key.end..word_end(line, key.end), false),
    };
    let value = line.get(at.clone())?;
    let is_option = value.first() == Some(&b'-') && !quoted;
    let no_value = is_option || is_placeholder(value) || is_path(value);
    (!no_value).then_some(at)
}

/// The second half of `user:password` as the next argument, whatever stands between the two being part of the match.
pub(super) fn rest_of_argument(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let before = &line[..key.end];
    let opened = before.iter().rposition(|b| b" \t\0".contains(b)).and_then(|blank| before.get(blank + 1));
    let end = match opened.filter(|b| b"\"'".contains(b)) {
        Some(quote) => {
            line[key.end..].iter().position(|b| b == quote || *b == 0).map_or(line.len(), |end| key.end + end)
        }
        None => word_end(line, key.end),
    };
    let at = key.end..end;
    (!is_placeholder(&line[at.clone()])).then_some(at)
}

/// All that follows in a header, which ends with the line or with the quotes around it.
pub(super) fn header(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    if let Some(at) = quoted(line, key.end) {
        return (!is_placeholder(&line[at.clone()])).then_some(at);
    }
    let end = key.end + header_end(&line[key.end..], opening_quote(line, key.start));
    let at = key.end..key.end + trimmed_end(&line[key.end..end]);
    let value = &line[at.clone()];
    let variable =
        value.first() == Some(&b'$') && value.iter().skip(1).all(|b| b.is_ascii_alphanumeric() || b"_;".contains(b));
    (!is_placeholder(value) && !variable).then_some(at)
}

/// Where a header ends: at the quote that was opened before its name, or at one that is no parameter's, as in `realm="…"`.
fn header_end(rest: &[u8], opened: Option<u8>) -> usize {
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
    (0..rest.len()).find(|at| ends(*at)).unwrap_or(rest.len())
}

/// What follows a name that no sentence has: whatever it is, unless it says nothing.
pub(super) fn close(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let at = quoted(line, key.end).unwrap_or_else(|| bare(line, &key));
    let value = &line[at.clone()];
    (value.len() >= 4 && !is_placeholder(value) && !is_path(value) && value[0] != b'-').then_some(at)
}

/// What stands in quotes, and nothing that does not.
pub(super) fn quoted_only(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    quoted(line, key.end).filter(|at| !is_placeholder(&line[at.clone()]))
}

/// The value of one parameter of an address.
pub(super) fn query(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let rest = &line[key.end..];
    let end = rest
        .iter()
        .position(|b| b"&#\"'<>`;,)]}\\".contains(b) || b.is_ascii_whitespace() || *b == 0)
        .unwrap_or(rest.len());
    let value = &rest[..end];
    (value.len() >= 3 && !is_placeholder(value)).then_some(key.end..key.end + end)
}

/// The same for parameters that are often short and open.
pub(super) fn long_query(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    query(line, key).filter(|at| at.len() >= 16 && is_random(&line[at.clone()]))
}

/// All cookies that a browser sends, which are no words of a sentence.
pub(super) fn cookie(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    header(line, key).filter(|at| line[at.clone()].contains(&b'='))
}

/// One cookie's value as a server sets it; its attributes stay.
pub(super) fn set_cookie(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let rest = &line[key.end..];
    let end =
        rest.iter().position(|b| b";\"'\\".contains(b) || b.is_ascii_whitespace() || *b == 0).unwrap_or(rest.len());
    (end > 0 && !is_placeholder(&rest[..end])).then_some(key.end..key.end + end)
}

/// A session's name: numbers that count sessions are none.
pub(super) fn session(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let at = quoted(line, key.end).unwrap_or_else(|| query(line, key.clone()).unwrap_or(key.end..key.end));
    let value = &line[at.clone()];
    (value.len() >= 12 && is_random(value)).then_some(at)
}

/// What a device's configuration has behind `enable secret`, with the number of its encoding before it or not.
pub(super) fn device(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let digit = matches!(line[key.end..], [b'0'..=b'9', b' ', ..]);
    argument(line, key.start..key.end + if digit { 2 } else { 0 })
}

/// What follows a Japanese word: up to a blank, a closing bracket or the verb.
pub(super) fn japanese(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    const ENDS: [&str; 9] = ["」", "』", "】", "）", "、", "。", "です", "\u{3000}", "に変更"];
    if let Some(at) = quoted(line, key.end) {
        return (!is_placeholder(&line[at.clone()])).then_some(at);
    }
    let rest = &line[key.end..];
    let ends = |at: usize| {
        rest[at].is_ascii_whitespace()
            || b"\0|,\"'<".contains(&rest[at])
            || ENDS.iter().any(|end| rest[at..].starts_with(end.as_bytes()))
    };
    let end = (0..rest.len()).find(|at| ends(*at)).unwrap_or(rest.len());
    let value = &rest[..end];
    // Letters of sentences begin with a byte of the upper half; what people set as passwords rarely does.
    (value.len() >= 4 && !is_placeholder(value) && value.iter().take(4).all(u8::is_ascii))
        .then_some(key.end..key.end + end)
}

fn read(line: &[u8], key: &Range<usize>) -> Option<Read> {
    let sign = key.start + line[key.clone()].iter().rposition(|b| b"=:|>".contains(b))?;
    let spaced = sign + 1 < key.end;
    // `::` joins names of programs, and `://` is an address.
    if line[sign] == b':' && !spaced && (line[key.end..].starts_with(b":") || line[key.end..].starts_with(b"//")) {
        return None;
    }
    let name = &line[key.start..sign];
    // `gdm-password]:` is how a log names a program.
    if line[sign] == b':' && name.ends_with(b"]") && !name.iter().any(|b| b"\"'".contains(b)) {
        return None;
    }
    let first = starts_line(line, key.start);
    let named_in_quotes = name.iter().any(|b| b"\"'".contains(b));
    let joined = match line[sign] {
        b'|' => Joined::Table,
        b':' if spaced && !named_in_quotes && first => Joined::First,
        b':' if spaced && !named_in_quotes => Joined::Prose,
        _ => Joined::Close,
    };
    let quoted = quoted(line, key.end);
    let at = match quoted.clone() {
        Some(at) => at,
        None if first && !named_in_quotes && joined != Joined::Table => line_value(line, key.end),
        None => bare(line, key),
    };
    (!at.is_empty()).then_some(Read { at, quoted: quoted.is_some(), joined })
}

/// Whether the name is the first thing on its line, but for what lists and shells put before one.
fn starts_line(line: &[u8], at: usize) -> bool {
    let name = line[..at].iter().rposition(|b| !(b.is_ascii_alphanumeric() || b"_.-".contains(b)));
    let before = &line[..name.map_or(0, |last| last + 1)];
    // In what `/proc` tells of a process, NUL ends a line.
    let before = before.rsplit(|b| *b == 0).next().unwrap_or_default().trim_ascii();
    before.is_empty() || [&b"-"[..], b"#", b"export", b"set", b"- -", b"+", b"//", b";"].contains(&before)
}

/// The quote that was opened right before the name that the match is in.
fn opening_quote(line: &[u8], at: usize) -> Option<u8> {
    let name = line[..at].iter().rposition(|b| !(b.is_ascii_alphanumeric() || b"_.-".contains(b)))?;
    Some(line[name]).filter(|b| b"\"'`".contains(b))
}

/// The inside of quotes that open at `at`; to the end of the text where they never close, as in output that was cut.
fn quoted(line: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = &line[at..];
    let prefix = usize::from(matches!(rest, [b'b' | b'u' | b'r' | b'@' | b'N', b'"' | b'\'', ..]));
    let slashes = rest[prefix..].iter().take_while(|b| **b == b'\\').count();
    let quote = *rest.get(prefix + slashes).filter(|b| b"\"'`".contains(b))?;
    let inside = prefix + slashes + 1;
    let end = closing(&rest[inside..], quote, slashes).map_or(rest.len(), |end| inside + end);
    Some(at + inside..at + end)
}

/// Where quotes close that were opened behind so many backslashes, which is how JSON inside of JSON looks.
fn closing(inside: &[u8], quote: u8, slashes: usize) -> Option<usize> {
    let mut at = 0;
    loop {
        at += inside.get(at..)?.iter().position(|b| *b == quote)?;
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
fn bare(line: &[u8], key: &Range<usize>) -> Range<usize> {
    let rest = &line[key.end..];
    let within = opening_quote(line, key.start);
    let ends = |at: usize| match rest[at] {
        0 => true,
        b if b < b' ' => true,
        b' ' => within.is_none(),
        b if Some(b) == within => true,
        b'"' | b'\'' | b'`' => within.is_none() && rest.get(at + 1).is_none_or(|next| b" ,;:}])>/\\\t".contains(next)),
        _ => false,
    };
    let end = (0..rest.len()).find(|at| ends(*at)).unwrap_or(rest.len());
    key.end..key.end + structural(&rest[..end])
}

/// A value without quotes that has the line for itself.
fn line_value(line: &[u8], at: usize) -> Range<usize> {
    let rest = &line[at..];
    let end = rest.iter().position(|b| *b == 0).unwrap_or(rest.len());
    let rest = &rest[..end];
    let ends = |n: usize| rest[n] == b' ' && (rest[n + 1..].starts_with(b"#") || is_named(&rest[n + 1..]));
    let end = (0..rest.len()).find(|n| ends(*n)).unwrap_or(rest.len());
    at..at + structural(&rest[..trimmed_end(&rest[..end])])
}

/// How much of a bare value is the value: what follows may be the next pair of a list, or brackets that were opened before it.
fn structural(value: &[u8]) -> usize {
    let splits = |at: usize| {
        let rest = &value[at + 1..];
        match value[at] {
            b'&' => is_named(rest),
            b',' | b';' => rest.is_empty() || is_named(rest.trim_ascii_start()),
            b'<' => rest.starts_with(b"/"),
            b'\\' => {
                matches!(rest.first(), Some(b'"' | b'n' | b't'))
                    && matches!(rest.get(1), None | Some(b',' | b'}' | b']' | b'"' | b':'))
            }
            _ => false,
        }
    };
    let end = (1..value.len()).find(|at| splits(*at)).unwrap_or(value.len());
    unbracketed(&value[..end])
}

/// Whether a name and a sign follow, as in `user=x`, `"user": x` or `User Id=x`.
fn is_named(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b"\"").or(rest.strip_prefix(b"'")).unwrap_or(rest);
    let name = rest.iter().take(41).take_while(|b| b.is_ascii_alphanumeric() || b"_.- ".contains(b)).count();
    let starts = rest.first().is_some_and(u8::is_ascii_alphabetic);
    let sign = rest[name..].strip_prefix(b"\"").or(rest[name..].strip_prefix(b"'")).unwrap_or(&rest[name..]);
    starts && name <= 40 && matches!(sign.trim_ascii_start(), [b'=', ..] | [b':', ..])
}

/// Without closing brackets that the value did not open.
fn unbracketed(value: &[u8]) -> usize {
    let mut end = value.len();
    while let Some(open) = end.checked_sub(1).and_then(|last| match value[last] {
        b')' => Some(b'('),
        b']' => Some(b'['),
        b'}' => Some(b'{'),
        _ => None,
    }) {
        if value[..end].contains(&open) {
            break;
        }
        end -= 1;
    }
    end
}

fn word_end(line: &[u8], at: usize) -> usize {
    let ends = |b: &u8| *b == 0 || b.is_ascii_whitespace() || b.is_ascii_control();
    line[at..].iter().position(ends).map_or(line.len(), |end| at + end)
}

fn trimmed_end(value: &[u8]) -> usize {
    value.trim_ascii_end().len()
}
