//! Secrets that run over several lines: private keys, YAML's block scalars, a name on one line with its value on the next. Remembers what
//! began, never the text of it.

use super::check::{is_path, is_placeholder};
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

pub(super) const PRIVATE_KEY: &str = "private-key";
const PRIVATE_KEY_TEXT: &str = "private-key-numbers";
const PUTTY_KEY: &str = "putty-private-key";
const BLOCK_VALUE: &str = "block-value";
const NEXT_LINE: &str = "next-line-value";
pub(super) const NAMES: [&str; 5] = [PRIVATE_KEY, PRIVATE_KEY_TEXT, PUTTY_KEY, BLOCK_VALUE, NEXT_LINE];

/// Every armour says it.
pub(super) const ARMOUR_HINT: &str = "PRIVATE KEY";

/// A line on which another block begins has one of these.
pub(super) const HINTS: &[&str] = &[
    "Private-Lines",
    "privateExponent",
    "prime1",
    "prime2",
    "exponent1",
    "exponent2",
    "coefficient",
    "priv:",
    "pass",
    "passphrase",
    "secret",
    "token",
    "key",
    "credential",
    "requirepass",
    "masterauth",
    "pwd",
];

/// No BEGIN and no END is longer.
pub(super) const LONGEST_ARMOUR_BYTES: usize = 128;

/// So many lines in a row without key material, and an armour that never closed is over.
const FOREIGN_LINES: u8 = 3;

/// What has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// `-----BEGIN … PRIVATE KEY-----` until its END; `foreign` lines in a row looked like anything but a key.
    Armour { foreign: u8 },
    /// Lines of one look, of which the first becomes a mark.
    Lines { rule: &'static str, look: Look, marked: bool },
    /// The next line's value.
    Next { rule: &'static str, is_pair: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// `00:ab:…`, as openssl prints numbers.
    Hex,
    Base64,
    /// Indented deeper than this.
    Deeper(usize),
}

/// What becomes of a line that stands in a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The block is over, and the line is none of it.
    Over,
    /// It goes out as it is.
    Keep,
    /// This part of it is hidden; the rest goes out.
    Hide(Range<usize>, &'static str),
    /// Nothing of it goes out.
    Drop,
    /// The armour closes here; what follows on the line is ordinary.
    Closed(usize),
}

static BEGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}"));
static END: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r"-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}"));
static NUMBERS: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r"^\s*(?:privateExponent|prime[12]|exponent[12]|coefficient|priv):\s*$"));
static SCALAR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r#"(?i)^\s*(?:- )?["']?[a-z0-9_.-]*(?:password|passwd|passphrase|secret|token|(?:api|private|secret|access|ssh|tls|signing|encryption|auth)[_.-]?key|tls\.key|credentials?)["']?:\s+[|>][-+0-9]*\s*$"#,
    )
});
static PAIR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r#"(?i)^\s*(?:- )?\{?\s*["']?(?:name|key|parametername|parameterkey)["']?\s*[:=]\s*["']?[a-z0-9_./-]*(?:password|passwd|passphrase|_pass|_pwd|pwd|secret|token|(?:api|access|secret|private|encryption|signing|auth|master|app|account|license|app)[_-]?key|secret_key_base|credentials?)["']?,?\s*$"#,
    )
});
static ASKED: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r#"^\s*(?:\d+\) )?"?(?:requirepass|masterauth)"?\s*$"#));
static VALUE: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r#"(?i)^\s*["']?(?:value|stringvalue|parametervalue)["']?\s*[:=]\s*["']?([^"'\x00]+)"#));
static ANSWER: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r#"^\s*(?:\d+\) )?"?([^"\x00]+)"#));

fn compiled(pattern: &str) -> Option<Regex> {
    regex::bytes::RegexBuilder::new(pattern).unicode(false).build().ok()
}

fn is_match(pattern: &Option<Regex>, text: &[u8]) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Where an armour opens, from `from` on.
pub(super) fn begin(text: &[u8], from: usize) -> Option<Range<usize>> {
    BEGIN.as_ref()?.find_at(text, from).map(|found| found.range())
}

/// Where it closes.
pub(super) fn end(text: &[u8], from: usize) -> Option<usize> {
    END.as_ref()?.find_at(text, from).map(|found| found.end())
}

/// What begins on this line, other than an armour. The ends of a line tell most of them at a glance.
pub(super) fn after(line: &[u8]) -> Option<Block> {
    let text = line.trim_ascii();
    let lines = |rule, look| Some(Block::Lines { rule, look, marked: false });
    let next = |is_pair| Some(Block::Next { rule: NEXT_LINE, is_pair });
    match (text.first()?, text.last()?) {
        (_, b':') if is_match(&NUMBERS, line) => lines(PRIVATE_KEY_TEXT, Look::Hex),
        (b'P', _) if line.starts_with(b"Private-Lines:") => lines(PUTTY_KEY, Look::Base64),
        (_, b'|' | b'>' | b'-' | b'+' | b'0'..=b'9') if is_match(&SCALAR, line) => {
            lines(BLOCK_VALUE, Look::Deeper(indent(line)))
        }
        (b'-' | b'{' | b'"' | b'\'' | b'n' | b'N' | b'k' | b'K' | b'p' | b'P', _) if is_match(&PAIR, line) => {
            next(true)
        }
        (b'0'..=b'9' | b'"' | b'r' | b'm', _) if is_match(&ASKED, line) => next(false),
        _ => None,
    }
}

fn indent(line: &[u8]) -> usize {
    line.len() - line.trim_ascii_start().len()
}

impl Block {
    pub const ARMOUR: Block = Block::Armour { foreign: 0 };

    /// Whether it goes on behind a line of which this was said.
    pub fn lasts(&self, verdict: &Verdict) -> bool {
        !matches!((self, verdict), (Block::Next { .. }, _) | (_, Verdict::Over | Verdict::Closed(_)))
    }

    /// Reads the next line from `from` on.
    pub fn read(&mut self, line: &[u8], from: usize) -> Verdict {
        match self {
            Block::Armour { foreign } => armour(line, from, foreign),
            Block::Lines { rule, look, marked } => look.read(line, rule, marked),
            Block::Next { rule, is_pair } => next(line, rule, *is_pair),
        }
    }
}

fn armour(line: &[u8], from: usize, foreign: &mut u8) -> Verdict {
    if let Some(end) = end(line, from) {
        return Verdict::Closed(end);
    }
    // Another begins where the first never closed: the places of keys in a listing.
    if begin(line, from).is_some() {
        return Verdict::Over;
    }
    let text = line[from..].trim_ascii();
    *foreign = if is_key_material(text) { 0 } else { *foreign + 1 };
    if *foreign > FOREIGN_LINES { Verdict::Over } else { Verdict::Drop }
}

/// Blank, a header such as `DEK-Info: …`, base64 alone or as a part.
fn is_key_material(text: &[u8]) -> bool {
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || b"+/=".contains(b);
    let header = text.split(|b| *b == b':').next().is_some_and(|name| {
        [&b"Proc-Type"[..], b"DEK-Info", b"Version", b"Comment", b"Hash", b"Charset", b"Subject"].contains(&name)
    });
    let run = text.split(|b| !base64(b)).map(<[u8]>::len).max().unwrap_or(0);
    header || run == text.len() || run >= 20
}

impl Look {
    fn read(self, line: &[u8], rule: &'static str, marked: &mut bool) -> Verdict {
        let text = line.trim_ascii();
        let start = indent(line);
        let is_mark = super::marks(text).first().is_some_and(|mark| mark.len() == text.len());
        let belongs = match self {
            Look::Hex => start > 0 && text.len() >= 2 && text.iter().all(|b| b.is_ascii_hexdigit() || *b == b':'),
            Look::Base64 => !text.is_empty() && text.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)),
            Look::Deeper(indent) => start > indent || text.is_empty(),
        };
        if is_mark && (belongs || start > 0 || self == Look::Base64) {
            *marked = true;
            return Verdict::Keep;
        }
        match (belongs, text.is_empty()) {
            (false, _) => Verdict::Over,
            (true, true) => Verdict::Keep,
            (true, false) if std::mem::replace(marked, true) => Verdict::Drop,
            (true, false) => Verdict::Hide(start..start + text.len(), rule),
        }
    }
}

fn next(line: &[u8], rule: &'static str, is_pair: bool) -> Verdict {
    let pattern = if is_pair { &VALUE } else { &ANSWER };
    let captures = pattern.as_ref().and_then(|pattern| pattern.captures(line));
    let Some(value) = captures.and_then(|found| Some(found.get(1)?.range())) else { return Verdict::Over };
    let text = line[value.clone()].trim_ascii_end();
    let is_marked = !super::marks(text).is_empty();
    if is_marked || is_placeholder(text) || is_pair && is_path(text) {
        return Verdict::Over;
    }
    Verdict::Hide(value.start..value.start + text.len(), rule)
}
