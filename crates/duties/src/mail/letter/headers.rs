//! The header block of a mail or of a part, and where its body begins. Reads what is broken too: no blank line, folding
//! without a blank, a line of mbox on top. Never reads more than is sensible.

use super::words;

/// Nobody's header is longer; the rest is not looked at.
const MOST_BYTES: usize = 512 << 10;
const MOST_HEADERS: usize = 1_000;
/// So many lines are looked at to tell a broken line from the beginning of the body.
const LOOK_AHEAD: usize = 40;

/// Names in lower case and values without their folding, as bytes.
#[derive(Debug, Default)]
pub struct Headers {
    all: Vec<(String, Vec<u8>)>,
    pub notes: Vec<String>,
}

/// What may stand after a broken line, so that the block is known to go on.
const KNOWN: [&str; 12] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "received",
    "return-path",
    "reply-to",
    "sender",
];

impl Headers {
    /// The headers, and the body after them.
    pub fn split(raw: &[u8]) -> (Self, &[u8]) {
        let mut headers = Self::default();
        let mut at = 0;
        let is_empty_top =
            |at: usize| raw.get(at..).is_some_and(|rest| rest.starts_with(b"\n") || rest.starts_with(b"\r\n"));
        if is_empty_top(0) && Lines::new(raw).skip_while(|l| l.is_empty()).take(1).any(known) {
            while is_empty_top(at) {
                at += if raw[at] == b'\r' { 2 } else { 1 };
            }
            headers.note("blank lines above the headers were left out");
        }
        let body = headers.take(raw, at);
        (headers, &raw[body.min(raw.len())..])
    }

    /// The same for a part, whose first line may be the blank one.
    pub fn split_part(raw: &[u8]) -> (Self, &[u8]) {
        let mut headers = Self::default();
        let body = headers.take(raw, 0);
        (headers, &raw[body.min(raw.len())..])
    }

    /// Where the body begins.
    fn take(&mut self, raw: &[u8], mut at: usize) -> usize {
        let most = raw.len().min(MOST_BYTES);
        while at < most {
            let line = line_at(raw, at);
            let next = at + line.len() + 1;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                return next;
            }
            if !self.line(line, raw, at, next) {
                return at;
            }
            at = next;
        }
        if raw.len() > MOST_BYTES {
            self.note("the headers are longer than 512 KiB; the rest was not read as headers");
        }
        at
    }

    /// Whether the line is one of the block.
    fn line(&mut self, line: &[u8], raw: &[u8], at: usize, next: usize) -> bool {
        let is_first = self.all.is_empty();
        if line[0] == b' ' || line[0] == b'\t' {
            if let Some((_, value)) = self.all.last_mut() {
                value.push(b' ');
                value.extend_from_slice(line.trim_ascii());
            }
            return true;
        }
        if is_first && at == 0 && (line.starts_with(b"From ") || line.starts_with(b">From ")) {
            return true;
        }
        if let Some((name, value)) = field(line) {
            if self.all.len() < MOST_HEADERS {
                self.all.push((name, value.trim_ascii().to_vec()));
            }
            return true;
        }
        self.broken(line, &raw[next.min(raw.len())..])
    }

    /// A line that is no header: folding that lost its blank, rubbish, or the body without a blank line before it.
    fn broken(&mut self, line: &[u8], rest: &[u8]) -> bool {
        let goes_on = Lines::new(rest).take(LOOK_AHEAD).take_while(|line| !line.is_empty()).any(known);
        if self.all.is_empty() && !goes_on {
            return false;
        }
        let is_word = line.starts_with(b"=?");
        if !is_word && !goes_on {
            self.note("there is no blank line between the headers and the body");
            return false;
        }
        self.note("a header line without a name was taken as a part of the header above");
        if let Some((_, value)) = self.all.last_mut() {
            value.push(b' ');
            value.extend_from_slice(line.trim_ascii());
        }
        true
    }

    fn note(&mut self, text: &str) {
        if !self.notes.iter().any(|note| note == text) {
            self.notes.push(text.to_owned());
        }
    }

    /// The first of that name, as bytes.
    pub fn raw(&self, name: &str) -> Option<&[u8]> {
        self.all.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_slice())
    }

    /// The first of that name, decoded.
    pub fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(words::decode).map(|text| clean(&text)).filter(|text| !text.is_empty())
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.all.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_slice())
    }

    pub fn count(&self, name: &str) -> usize {
        self.all(name).count()
    }

    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }
}

/// One line, without control characters.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| *c == '\t' || !c.is_control())
        .map(|c| if c == '\t' { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

fn field(line: &[u8]) -> Option<(String, &[u8])> {
    let colon = line.iter().position(|b| *b == b':')?;
    let name = line[..colon].trim_ascii_end();
    let is_name = !name.is_empty() && name.len() <= 76 && name.iter().all(|b| b.is_ascii_graphic());
    let is_link = line[colon + 1..].starts_with(b"//");
    (is_name && !is_link).then(|| (String::from_utf8_lossy(name).to_ascii_lowercase(), &line[colon + 1..]))
}

fn known(line: &[u8]) -> bool {
    field(line).is_some_and(|(name, _)| KNOWN.contains(&name.as_str()))
}

fn line_at(raw: &[u8], at: usize) -> &[u8] {
    let rest = &raw[at..];
    &rest[..rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())]
}

/// Lines without their ends.
pub struct Lines<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Lines<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: Some(bytes) }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let end = rest.iter().position(|b| *b == b'\n');
        self.rest = end.map(|end| &rest[end + 1..]);
        let line = &rest[..end.unwrap_or(rest.len())];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(raw: &[u8]) -> (Headers, String) {
        let (headers, body) = Headers::split(raw);
        let body = String::from_utf8_lossy(body).into_owned();
        (headers, body)
    }

    #[test]
    fn folding_and_ends_of_lines_are_undone() {
        for raw in [&b"Subject: a\r\n b\r\n\tc\r\nX: 1\r\n\r\nbody"[..], b"Subject: a\n b\n\tc\nX: 1\n\nbody"] {
            let (headers, body) = split(raw);
            assert_eq!((headers.text("subject").unwrap().as_str(), body.as_str()), ("a b c", "body"));
            assert!(headers.notes.is_empty());
        }
    }

    #[test]
    fn a_block_that_is_broken_is_read_all_the_same() {
        let (headers, body) = split(b"Subject: =?utf-8?b?6Zqc?=\n=?utf-8?b?5a6z?=\nFrom: a@example.jp\n\nbody");
        assert_eq!(headers.text("subject").unwrap(), "障害");
        assert_eq!(body, "body");
        let (headers, body) = split(b"From: a@example.jp\nSubject: x\n***** Nagios *****\n\nHost: web01\n");
        assert_eq!(body, "***** Nagios *****\n\nHost: web01\n");
        assert_eq!(headers.notes.len(), 1);
        let (headers, body) = split(b"From root Fri May  1 09:00:00 2026\nSubject: x\n\nbody");
        assert_eq!((headers.text("subject").unwrap().as_str(), body.as_str()), ("x", "body"));
        let (headers, body) = split(b"\r\n\r\nSubject: x\r\n\r\nbody");
        assert_eq!((headers.text("subject").unwrap().as_str(), body.as_str()), ("x", "body"));
    }

    #[test]
    fn what_is_no_mail_is_all_body() {
        let (headers, body) = split(b"web01 is down\n\nreally");
        assert!(headers.all.is_empty());
        assert_eq!(body, "web01 is down\n\nreally");
        assert!(split(b"").0.all.is_empty());
        assert!(split(b"\n\n\n").0.all.is_empty());
    }
}
