//! The parts of a mail: which of them are its text. Walks by itself because alert mail needs each part's own bytes (labels lie),
//! and a depth and a number of parts that no mail can exceed. Never fails.

use super::headers::{Headers, Lines};
use super::{charset, html, transfer};
use mail_parser::parsers::MessageStream;

const MOST_DEPTH: usize = 8;
const MOST_PARTS: usize = 64;
const MOST_NESTED: usize = 4;
/// A text shorter than this beside HTML says only that there is HTML.
const THIN: usize = 40;

/// What a mail's body holds.
#[derive(Debug, Default)]
pub struct Body {
    pub text: String,
    pub links: Vec<String>,
    /// Mails that are attached.
    pub nested: Vec<Vec<u8>>,
    /// Parts that are no text.
    pub left_out: usize,
    pub notes: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Kind {
    Plain,
    Html,
    Other,
}

#[derive(Debug)]
struct Leaf {
    kind: Kind,
    /// The multipart/alternative that it is a form of.
    group: usize,
    is_attached: bool,
    text: String,
}

/// `type/subtype` and what is said beside it.
#[derive(Debug, Default)]
pub struct ContentType {
    pub kind: String,
    attributes: Vec<(String, String)>,
}

impl ContentType {
    pub fn of(headers: &Headers) -> Self {
        let Some(raw) = headers.raw("content-type") else { return Self::default() };
        Self::parse(raw)
    }

    fn parse(raw: &[u8]) -> Self {
        let line = [raw, b"\n"].concat();
        let value = MessageStream::new(&line).parse_content_type();
        let Some(parsed) = value.as_content_type() else { return Self::default() };
        let kind = format!("{}/{}", parsed.ctype(), parsed.subtype().unwrap_or_default()).to_ascii_lowercase();
        let attributes = parsed.attributes().unwrap_or_default().iter();
        Self { kind, attributes: attributes.map(|a| (a.name.to_ascii_lowercase(), a.value.to_string())).collect() }
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

pub fn read(headers: &Headers, body: &[u8]) -> Body {
    let mut walk = Walk::default();
    walk.part(headers, body, 0, 0);
    walk.finish()
}

#[derive(Default)]
struct Walk {
    leaves: Vec<Leaf>,
    groups: usize,
    parts: usize,
    bytes: usize,
    out: Body,
}

impl Walk {
    fn part(&mut self, headers: &Headers, body: &[u8], depth: usize, group: usize) {
        self.parts += 1;
        if depth > MOST_DEPTH || self.parts > MOST_PARTS {
            self.note("the mail has more parts than anybody needs; the rest was left out");
            return;
        }
        let kind = ContentType::of(headers);
        if kind.kind.starts_with("multipart/") && self.multipart(&kind, body, depth, group) {
            return;
        }
        if kind.kind == "message/rfc822" || kind.kind == "message/global" {
            return self.mail(headers, body);
        }
        self.leaf(headers, &kind, body, group);
    }

    /// Whether parts were found.
    fn multipart(&mut self, kind: &ContentType, body: &[u8], depth: usize, mut group: usize) -> bool {
        let boundary = kind.attribute("boundary").map(|b| b.as_bytes().to_vec()).or_else(|| guessed_boundary(body));
        let Some(boundary) = boundary.filter(|b| !b.is_empty()) else { return false };
        let parts = split(body, &boundary);
        if parts.is_empty() {
            self.note("the mail's boundary does not stand in its body; it was read as one text");
            return false;
        }
        if kind.kind == "multipart/alternative" && group == 0 {
            self.groups += 1;
            group = self.groups;
        }
        for part in parts {
            let (headers, body) = Headers::split_part(part);
            self.part(&headers, body, depth + 1, group);
        }
        true
    }

    fn mail(&mut self, headers: &Headers, body: &[u8]) {
        if self.out.nested.len() < MOST_NESTED {
            let encoding = headers.text("content-transfer-encoding");
            self.out.nested.push(transfer::decode(encoding.as_deref(), body).0);
        }
    }

    fn leaf(&mut self, headers: &Headers, kind: &ContentType, body: &[u8], group: usize) {
        let is_json = kind.kind.ends_with("json");
        let is_text = kind.kind.is_empty() || kind.kind.starts_with("text/") || kind.kind.starts_with("multipart/");
        // A type that is no type is what a script wrote by hand.
        let is_text = is_text || !kind.kind.contains('/') || kind.kind.starts_with('/') || kind.kind.ends_with('/');
        if !is_text && !is_json || self.bytes > transfer::MOST_BYTES {
            self.out.left_out += 1;
            return;
        }
        let encoding = headers.text("content-transfer-encoding");
        let (bytes, note) = transfer::decode(encoding.as_deref(), body);
        note.into_iter().for_each(|note| self.note(note));
        self.bytes += bytes.len();
        let (text, note) = charset::decode(kind.attribute("charset"), &bytes);
        note.iter().for_each(|note| self.note(note));
        let disposition = headers.raw("content-disposition").map(ContentType::parse).unwrap_or_default();
        let is_attached = disposition.kind.starts_with("attachment");
        let leaf = self.read_as(kind, text, is_json);
        self.leaves.push(Leaf { group, is_attached, ..leaf });
    }

    fn read_as(&mut self, kind: &ContentType, text: String, is_json: bool) -> Leaf {
        let looks_like_html =
            kind.kind.is_empty() && text.trim_start().get(..5).is_some_and(|top| top.eq_ignore_ascii_case("<html"));
        let (kind, text) = if kind.kind == "text/html" || looks_like_html {
            self.out.links.extend(html::links(&text));
            (Kind::Html, html::to_text(&text))
        } else if is_json {
            (Kind::Other, text)
        } else if kind.attribute("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed")) {
            (Kind::Plain, unflowed(&text, kind.attribute("delsp").is_some_and(|d| d.eq_ignore_ascii_case("yes"))))
        } else {
            (Kind::Plain, text)
        };
        Leaf { kind, group: 0, is_attached: false, text }
    }

    fn note(&mut self, text: &str) {
        if !self.out.notes.iter().any(|note| note == text) {
            self.out.notes.push(text.to_owned());
        }
    }

    fn finish(mut self) -> Body {
        let mut texts: Vec<&str> = Vec::new();
        for (at, leaf) in self.leaves.iter().enumerate() {
            if !leaf.is_attached && leaf.kind != Kind::Other && self.is_best(at, leaf) {
                texts.push(&leaf.text);
            }
        }
        if texts.iter().all(|text| text.trim().is_empty()) {
            texts = self.leaves.iter().map(|leaf| leaf.text.as_str()).collect();
        }
        self.out.text = texts.join("\n");
        self.out
    }

    /// Of the forms of one text, the plain one, unless it is only a hint to look at the other.
    fn is_best(&self, at: usize, leaf: &Leaf) -> bool {
        if leaf.group == 0 {
            return true;
        }
        let best =
            self.leaves.iter().enumerate().filter(|(_, other)| other.group == leaf.group).max_by_key(|(at, l)| {
                let length = l.text.trim().len();
                (length > THIN, l.kind == Kind::Plain && length > 0, length.min(THIN), usize::MAX - at)
            });
        best.is_some_and(|(best, _)| best == at)
    }
}

/// The pieces between the lines of the boundary.
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let (mut at, mut start) = (0, None);
    for line in Lines::new(body) {
        let end = at;
        at += line.len() + usize::from(body.get(at + line.len()) == Some(&b'\r')) + 1;
        let Some(rest) = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary)) else { continue };
        let rest = rest.trim_ascii();
        if !rest.is_empty() && rest != b"--" {
            continue;
        }
        if let Some(start) = start {
            parts.push(trimmed(body.get(start..end).unwrap_or_default()));
        }
        start = (rest != b"--").then_some(at.min(body.len()));
        if start.is_none() || parts.len() > MOST_PARTS {
            return parts;
        }
    }
    // The end was cut off.
    parts.extend(start.and_then(|start| body.get(start..)));
    parts
}

/// The line end before a boundary is the boundary's.
fn trimmed(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

fn guessed_boundary(body: &[u8]) -> Option<Vec<u8>> {
    let line = Lines::new(body).take(50).find(|line| line.starts_with(b"--") && line.len() > 6)?;
    Some(line[2..].trim_ascii_end().to_vec())
}

/// Soft line ends and stuffed blanks of format=flowed undone.
fn unflowed(text: &str, deletes_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.ends_with(' ') && line != "-- " {
            out.push_str(if deletes_space { &line[..line.len() - 1] } else { line });
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &[u8]) -> String {
        let (headers, body) = Headers::split(raw);
        read(&headers, body).text.trim().replace('\r', "")
    }

    #[test]
    fn the_plain_form_is_the_text_unless_it_says_nothing() {
        let of = |plain: &str| {
            let mail = format!(
                "Content-Type: multipart/alternative; boundary=\"b 1\"\r\n\r\npreamble\r\n--b 1\r\nContent-Type: text/plain\r\n\r\n{plain}\r\n--b 1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>web01 is down, and this is the text in HTML.</p>\r\n--b 1--\r\nepilogue"
            );
            text(mail.as_bytes())
        };
        assert_eq!(
            of("web01 is down, and this is the text in plain."),
            "web01 is down, and this is the text in plain."
        );
        assert_eq!(of(""), "web01 is down, and this is the text in HTML.");
        assert_eq!(of("Please use HTML."), "web01 is down, and this is the text in HTML.");
    }

    #[test]
    fn parts_are_found_when_the_structure_is_broken() {
        let cut = b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nweb01 is down";
        assert_eq!(text(cut), "web01 is down");
        let nameless =
            b"Content-Type: multipart/mixed\n\n--abcdef\nContent-Type: text/plain\n\nweb01 is down\n--abcdef--\n";
        assert_eq!(text(nameless), "web01 is down");
        let lost = b"Content-Type: multipart/mixed; boundary=b\n\nweb01 is down";
        assert_eq!(text(lost), "web01 is down");
        let bare = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nweb01 is down\n--b--";
        assert_eq!(text(bare), "web01 is down");
    }

    #[test]
    fn flowed_lines_are_joined() {
        let mail = b"Content-Type: text/plain; format=flowed\n\nweb01 is \ndown\n  indented\n-- \nsig\n";
        assert_eq!(text(mail), "web01 is down\n indented\n-- \nsig");
        let japanese =
            "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\n障害が \n発生\n".as_bytes();
        assert_eq!(text(japanese), "障害が発生");
    }

    #[test]
    fn a_nest_without_end_is_left() {
        let mut mail = b"Content-Type: multipart/mixed; boundary=b0\n\n".to_vec();
        for n in 0..200 {
            mail.extend(format!("--b{n}\nContent-Type: multipart/mixed; boundary=b{}\n\n", n + 1).bytes());
        }
        let (headers, body) = Headers::split(&mail);
        assert!(read(&headers, body).notes.iter().any(|note| note.contains("more parts")));
    }
}
