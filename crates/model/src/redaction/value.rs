//! Reads the value that follows a telling name. Rather hides a little too much than leaves the end of a secret standing. Never reads past the
//! line, and nothing that is no value further than its beginning.

use super::check::{all_digits, is_generated, is_path, is_placeholder, is_prose, is_random, is_sources};
use super::extent::{self, AHEAD_BYTES, Extent};
use std::ops::Range;

/// By so much of its beginning a value is judged. What is rejected is read again behind the next name, which may be a byte further on: were it
/// read to its end, a line of many names would be read as often as it has names.
const JUDGED_BYTES: usize = 96;

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
    extent: Extent,
    quoted: bool,
    joined: Joined,
}

impl Read {
    /// What is known to be a value for certain.
    fn close(quoted: Option<Extent>, otherwise: impl FnOnce() -> Extent) -> Option<Read> {
        let is_quoted = quoted.is_some();
        Some(Read { extent: quoted.unwrap_or_else(otherwise), quoted: is_quoted, joined: Joined::Close })
    }

    /// All up to what ends it.
    fn until(line: &[u8], at: usize, ends: impl Fn(&u8) -> bool) -> Option<Read> {
        Read::close(None, || Extent::until(line, at, ends))
    }
}

/// Reads the beginning of what follows a name, and only if that fits the rest of it.
fn judged(
    line: &[u8],
    key: &Range<usize>,
    read: impl Fn(&[u8]) -> Option<Read>,
    fits: impl Fn(&[u8], &Read) -> bool,
) -> Option<Range<usize>> {
    let near = &line[..line.len().min(key.end + JUDGED_BYTES + AHEAD_BYTES)];
    let start = read(near)?;
    let is_whole = near.len() == line.len() || start.extent.stop + AHEAD_BYTES < near.len();
    // Only one name is the first on its line, and may well be read to its end.
    if start.joined == Joined::First {
        let all = if is_whole { start } else { read(line)? };
        let at = all.extent.at.clone();
        return fits(&line[at.clone()], &all).then_some(at);
    }
    let at = start.extent.at.clone();
    if !fits(&near[at.start..at.end.min(at.start + JUDGED_BYTES)], &start) {
        return None;
    }
    if is_whole { Some(at) } else { read(line).map(|read| read.extent.at) }
}

/// What follows a name of passwords.
pub(super) fn password(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let read = |line: &[u8]| read(line, &key);
    judged(line, &key, read, |value, read| {
        let short_number = all_digits(value) && value.len() < 4;
        let no_value = is_placeholder(value) || is_path(value) || is_sources(value) || short_number;
        let name = line[key.start..read.extent.at.start].split(|b| *b == b':').next().unwrap_or_default().trim_ascii();
        let unlikely = match read.joined {
            // `passwd: password updated` is what the program says, `PASS: name` what a test does.
            Joined::First if name == b"passwd" => value.contains(&b' '),
            Joined::First if name == b"PASS" => true,
            Joined::Prose => is_prose(value),
            Joined::Table => !is_random(value),
            Joined::Close | Joined::First => false,
        };
        !no_value && (!unlikely || read.quoted)
    })
}

/// What follows a name of tokens, keys and other secrets, which sentences have more often.
pub(super) fn secret(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let read = |line: &[u8]| read(line, &key);
    judged(line, &key, read, |value, read| {
        let short_number = all_digits(value) && value.len() < 6;
        let no_value = value.len() < 4 || is_placeholder(value) || is_path(value) || short_number;
        let likely = match read.joined {
            Joined::Close => true,
            Joined::First => !is_prose(value) && (!value.contains(&b' ') || read.quoted),
            Joined::Prose | Joined::Table => read.quoted && value.len() >= 8 || value.len() >= 6 && is_random(value),
        };
        !no_value && likely
    })
}

/// What follows a name that says little: only what a generator made.
pub(super) fn generated(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let read = |line: &[u8]| read(line, &key);
    judged(line, &key, read, |value, _| {
        is_generated(value) && !is_path(value) && memchr::memmem::find(value, b"://").is_none()
    })
}

/// The next word of a command's arguments, in quotes or not.
pub(super) fn argument(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let read = |line: &[u8]| Read::close(extent::quoted(line, key.end), || extent::word(line, key.end));
    judged(line, &key, read, |value, read| {
        let is_option = value.first() == Some(&b'-') && !read.quoted;
        !(is_option || is_placeholder(value) || is_path(value))
    })
}

/// The second half of `user:password` as the next argument, whatever stands between the two being part of the match.
pub(super) fn rest_of_argument(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let opened = extent::argument_quote(line, key.end);
    let read = |line: &[u8]| match opened {
        Some(quote) => Read::until(line, key.end, |b| *b == quote || *b == 0),
        None => Read::close(None, || extent::word(line, key.end)),
    };
    judged(line, &key, read, |value, _| !is_placeholder(value))
}

/// All that follows in a header, which ends with the line or with the quotes around it.
pub(super) fn header(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    judged(line, &key, |line| header_read(line, &key), is_header)
}

fn header_read(line: &[u8], key: &Range<usize>) -> Option<Read> {
    Read::close(extent::quoted(line, key.end), || extent::header(line, key))
}

fn is_header(value: &[u8], read: &Read) -> bool {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_;".contains(b);
    let variable = !read.quoted && value.first() == Some(&b'$') && value.iter().skip(1).all(is_name);
    !is_placeholder(value) && !variable
}

/// What follows a name that no sentence has: whatever it is, unless it says nothing.
pub(super) fn close(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let read = |line: &[u8]| Read::close(extent::quoted(line, key.end), || extent::bare(line, &key));
    judged(line, &key, read, |value, _| {
        value.len() >= 4 && !is_placeholder(value) && !is_path(value) && value[0] != b'-'
    })
}

/// What stands in quotes, and nothing that does not.
pub(super) fn quoted_only(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let read =
        |line: &[u8]| extent::quoted(line, key.end).map(|extent| Read { extent, quoted: true, joined: Joined::Close });
    judged(line, &key, read, |value, _| !is_placeholder(value))
}

/// The value of one parameter of an address.
pub(super) fn query(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    judged(line, &key, |line| query_read(line, &key), is_query)
}

fn query_read(line: &[u8], key: &Range<usize>) -> Option<Read> {
    Read::until(line, key.end, |b| b"&#\"'<>`;,)]}\\\0".contains(b) || b.is_ascii_whitespace())
}

fn is_query(value: &[u8], _: &Read) -> bool {
    value.len() >= 3 && !is_placeholder(value)
}

/// The same for parameters that are often short and open.
pub(super) fn long_query(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let fits = |value: &[u8], read: &Read| value.len() >= 16 && is_random(value) && is_query(value, read);
    judged(line, &key, |line| query_read(line, &key), fits)
}

/// All cookies that a browser sends, which are no words of a sentence.
pub(super) fn cookie(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    judged(line, &key, |line| header_read(line, &key), |value, read| value.contains(&b'=') && is_header(value, read))
}

/// One cookie's value as a server sets it; its attributes stay.
pub(super) fn set_cookie(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let read = |line: &[u8]| Read::until(line, key.end, |b| b";\"'\\\0".contains(b) || b.is_ascii_whitespace());
    judged(line, &key, read, |value, _| !is_placeholder(value))
}

/// A session's name: numbers that count sessions are none.
pub(super) fn session(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let fits =
        |value: &[u8], read: &Read| value.len() >= 12 && is_random(value) && (read.quoted || !is_placeholder(value));
    let read = |line: &[u8]| match extent::quoted(line, key.end) {
        None => query_read(line, &key),
        quoted => Read::close(quoted, || Extent::new(key.end, key.end)),
    };
    judged(line, &key, read, fits)
}

/// What a device's configuration has behind `enable secret`, with the number of its encoding before it or not.
pub(super) fn device(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let digit = matches!(line[key.end..], [b'0'..=b'9', b' ', ..]);
    argument(line, key.start..key.end + if digit { 2 } else { 0 })
}

/// What follows a Japanese word: up to a blank, a closing bracket or the verb.
pub(super) fn japanese(line: &[u8], key: Range<usize>) -> Option<Range<usize>> {
    let read = |line: &[u8]| Read::close(extent::quoted(line, key.end), || extent::japanese(line, key.end));
    judged(line, &key, read, |value, read| {
        // Letters of sentences begin with a byte of the upper half; what people set as passwords rarely does.
        let likely = value.len() >= 4 && value.iter().take(4).all(u8::is_ascii);
        !is_placeholder(value) && (read.quoted || likely)
    })
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
    let first = extent::starts_line(line, key.start);
    let named_in_quotes = name.iter().any(|b| b"\"'".contains(b));
    let joined = match line[sign] {
        b'|' => Joined::Table,
        b':' if spaced && !named_in_quotes && first => Joined::First,
        b':' if spaced && !named_in_quotes => Joined::Prose,
        _ => Joined::Close,
    };
    let quoted = extent::quoted(line, key.end);
    let is_quoted = quoted.is_some();
    let extent = match quoted {
        Some(extent) => extent,
        None if first && !named_in_quotes && joined != Joined::Table => extent::line_value(line, key.end),
        None => extent::bare(line, key),
    };
    (!extent.at.is_empty()).then_some(Read { extent, quoted: is_quoted, joined })
}
