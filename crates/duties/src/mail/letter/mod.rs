//! A mail as a reader sees it: decoded, folded for matching, its labelled lines at hand; and the mails within it, forwarded as
//! an attachment or quoted. Never fails.

pub mod addresses;
pub mod charset;
pub mod headers;
mod html;
pub mod mime;
mod quoted;
mod transfer;
pub mod words;

use super::fold::Folded;
use super::rx::Rx;
use addresses::address;
use headers::Headers;
use mime::ContentType;

/// Readers look at so much of the text.
const MOST_TEXT: usize = 256 << 10;
const MOST_SUBJECT: usize = 4 << 10;
const MOST_LABELS: usize = 600;
const MOST_LINKS: usize = 300;
/// A mail within a mail within a mail.
const MOST_NESTED: usize = 3;
const MOST_INNER: usize = 8;

/// What may stand before a label.
const BULLETS: &str = ">*-•・■◆●○▼| \t";
/// A longer one is no label but a sentence.
const MOST_LABEL: usize = 48;
static PREFIX: Rx = Rx::new(
    r"^(?:\s*\[[^\]]{1,60}\]\s*|\s*(?:fwd?|re|aw|wg|tr|rv|転送|返信)\s*:\s*|\s*\([^)]{1,20}\)\s*|[\p{So}\u{fe0f}\s]+)+",
);
static URL: Rx = Rx::new(r#"https?://[^\s<>"'）」】\])]+"#);

/// One mail.
#[derive(Debug, Default)]
pub struct Letter {
    pub headers: Headers,
    pub subject: Folded,
    /// The subject without marks of forwarding and what stands in brackets before it.
    pub bare: Folded,
    /// In lower case.
    pub from: String,
    pub from_name: String,
    pub text: Folded,
    pub links: Vec<String>,
    /// Name in lower case and value, of lines such as `Host: web01`.
    labels: Vec<(String, Folded)>,
}

/// A mail with those within it.
#[derive(Debug, Default)]
pub struct Mail {
    pub outer: Letter,
    pub inner: Vec<Letter>,
    pub kind: ContentType,
    pub notes: Vec<String>,
}

impl Mail {
    pub fn open(raw: &[u8]) -> Self {
        Self::open_within(raw, 0)
    }

    fn open_within(raw: &[u8], depth: usize) -> Self {
        let (headers, body) = Headers::split(raw);
        let body = mime::read(&headers, body);
        let mut notes = headers.notes.clone();
        notes.extend(body.notes);
        let kind = ContentType::of(&headers);
        if raw.contains(&0) {
            notes.push("the mail has NUL bytes; they were left out".into());
        }
        if body.text.trim().is_empty() && body.nested.is_empty() && body.left_out > 0 {
            notes.push("the mail has no text, only parts of other kinds".into());
        }
        let outer = Letter::new(headers, &body.text, body.links);
        let mut inner = Vec::new();
        for nested in body.nested.iter().filter(|_| depth < MOST_NESTED) {
            let mail = Self::open_within(nested, depth + 1);
            inner.push(mail.outer);
            inner.extend(mail.inner);
        }
        inner.extend(quoted::forwarded(&outer));
        inner.truncate(MOST_INNER);
        Self { outer, inner, kind, notes }
    }
}

impl Letter {
    fn new(headers: Headers, text: &str, links: Vec<String>) -> Self {
        let subject = headers.text("subject").unwrap_or_default();
        let (from, from_name) = headers.raw("from").map(address).unwrap_or_default();
        Self { from, from_name, ..Self::of(headers, &subject, text, links) }
    }

    fn of(headers: Headers, subject: &str, text: &str, mut links: Vec<String>) -> Self {
        let text = clean(text);
        let subject = Folded::new(&subject[..subject.floor_char_boundary(MOST_SUBJECT)]);
        let bare = Folded::new(stripped(&subject));
        links.extend(
            URL.get().into_iter().flat_map(|url| url.find_iter(&text)).map(|m| m.as_str().to_owned()).take(MOST_LINKS),
        );
        let labels = labels(&text);
        Self { headers, subject, bare, text: Folded::new(&text), links, labels, ..Self::default() }
    }

    /// The value of the first of these labels that stands in the text, as it was written.
    pub fn label(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.labels_of(name).next())
    }

    /// The values of all lines with that label.
    pub fn labels_of(&self, name: &str) -> impl Iterator<Item = &str> {
        let of = self.labels.iter().filter(move |(label, _)| label == name);
        of.map(|(_, value)| value.shown.as_str()).filter(|value| !value.is_empty())
    }

    /// Labels and values as they stand, for details.
    pub fn details(&self, names: &[&str]) -> Vec<(String, String)> {
        let wanted =
            self.labels.iter().filter(|(label, value)| names.contains(&label.as_str()) && !value.shown.is_empty());
        wanted.map(|(label, value)| (label.clone(), cut(&value.shown, 1_000).to_owned())).take(20).collect()
    }

    pub fn has_label(&self, name: &str) -> bool {
        self.labels.iter().any(|(label, _)| label == name)
    }

    /// What the pattern finds in a link.
    pub fn link(&self, rx: &Rx) -> Option<&str> {
        self.links.iter().find_map(|link| rx.find(link))
    }

    /// Whether it comes from that domain.
    pub fn is_from(&self, domain: &str) -> bool {
        self.from.rsplit_once('@').is_some_and(|(_, of)| is_within(of, domain))
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.text(name).unwrap_or_default()
    }

    /// The text as it was written.
    pub fn shown(&self) -> &str {
        &self.text.shown
    }
}

/// Whether a domain is that one or below it.
pub fn is_within(domain: &str, of: &str) -> bool {
    let (domain, of) =
        (domain.trim_end_matches('.').to_ascii_lowercase(), of.trim_end_matches('.').to_ascii_lowercase());
    let of = of.trim_start_matches('@');
    !of.is_empty() && domain.strip_suffix(of).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

pub fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

fn stripped(subject: &Folded) -> &str {
    let end = PREFIX.lower().and_then(|prefix| prefix.find(&subject.lower)).map_or(0, |found| found.end());
    let bare = subject.shown(end, subject.text.len());
    if bare.trim().is_empty() { &subject.shown } else { bare }
}

/// Line ends of one kind, and no control characters.
fn clean(text: &str) -> String {
    let text = cut(text, MOST_TEXT).replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).filter(|c| *c != '\u{feff}').collect()
}

fn labels(text: &str) -> Vec<(String, Folded)> {
    let lines = text.lines().filter(|line| line.contains([':', '：'])).filter_map(labelled);
    lines.filter(|(label, _)| !["http", "https"].contains(&label.as_str())).take(MOST_LABELS).collect()
}

/// Name and value of a line such as `* Host: web01`.
fn labelled(line: &str) -> Option<(String, Folded)> {
    let line = cut(line, 4_000).trim_start_matches(|c: char| BULLETS.contains(c) || c.is_whitespace());
    let (name, value) = line.split_once([':', '：'])?;
    let name = name.trim_end_matches(|c: char| c == '*' || c.is_whitespace());
    if name.is_empty() || name.chars().count() > MOST_LABEL || name.contains('=') {
        return None;
    }
    let value = value.trim_matches(|c: char| c == '*' || c.is_whitespace());
    Some((super::fold::fold(name).to_lowercase(), Folded::new(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_in_both_widths() {
        let mail = Mail::open(
            "Subject: x\n\n  Host: web01\nホスト名：ｗｅｂ０２\n - Name: a:b\n*Severity:* High\nhttp://x.example/\n"
                .as_bytes(),
        );
        let letter = mail.outer;
        assert_eq!(letter.label(&["host"]), Some("web01"));
        assert_eq!(letter.label(&["ホスト名"]), Some("ｗｅｂ０２"));
        assert_eq!(letter.label(&["name"]), Some("a:b"));
        assert_eq!(letter.label(&["severity"]), Some("High"));
        assert_eq!(letter.label(&["http"]), None);
        assert_eq!(letter.links, ["http://x.example/"]);
    }

    #[test]
    fn what_stands_before_a_subject_is_stripped() {
        for (subject, bare) in [
            ("Fwd: Problem: x", "Problem: x"),
            ("[障害] 【重要】Problem: x", "Problem: x"),
            ("転送: RE: FW: [a] Problem: x", "Problem: x"),
            ("(緊急)Problem: x", "Problem: x"),
            ("🔴 Problem: x", "Problem: x"),
            ("[only]", "[only]"),
        ] {
            let mail = Mail::open(format!("Subject: {subject}\n\n").as_bytes());
            assert_eq!(mail.outer.bare.shown, bare);
        }
    }
}
