//! The HTML of an event's description as lines of text, with the targets of its links. Never runs, fetches or trusts anything of it.

use mail_parser::decoders::html::html_to_text;

/// More than any calendar takes.
const MOST_BYTES: usize = 64 << 10;
const LONGEST_ENTITY_BYTES: usize = 12;

/// What has no tag and no entity is taken as it is.
pub fn to_text(html: &str) -> String {
    let html = &html[..html.floor_char_boundary(MOST_BYTES)];
    let mut writer = Writer::default();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        writer.text.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('&') { writer.entity(rest) } else { writer.tag(rest) };
    }
    writer.text.push_str(rest);
    tidy(&writer.text)
}

#[derive(Default)]
struct Writer {
    text: String,
    /// The link that is open: its target, and where its text began.
    link: Option<(String, usize)>,
}

impl Writer {
    /// Takes what stands for one letter off the front.
    fn entity<'a>(&mut self, rest: &'a str) -> &'a str {
        let end = rest.bytes().take(LONGEST_ENTITY_BYTES).skip(1).position(|b| !b.is_ascii_alphanumeric() && b != b'#');
        let Some(end) = end.map(|end| end + 1).filter(|end| rest.as_bytes()[*end] == b';') else {
            return self.letter(rest);
        };
        let entity = &rest[..=end];
        let letter = html_to_text(entity).replace('\u{a0}', " ");
        // A space is nothing to a reader of pages.
        self.text.push_str(if letter.is_empty() { " " } else { &letter });
        &rest[end + 1..]
    }

    /// What looked like the beginning of something and is none.
    fn letter<'a>(&mut self, rest: &'a str) -> &'a str {
        let (letter, after) = rest.split_at(1);
        self.text.push_str(letter);
        after
    }

    /// Takes a tag off the front, or a part that nobody sees.
    fn tag<'a>(&mut self, rest: &'a str) -> &'a str {
        if let Some(comment) = rest.strip_prefix("<!--") {
            return comment.split_once("-->").map_or("", |(_, after)| after);
        }
        let inner = &rest[1..];
        let name = inner.strip_prefix('/').unwrap_or(inner);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!') {
            return self.letter(rest);
        }
        let Some((tag, after)) = inner.split_once('>') else {
            self.text.push_str(rest);
            return "";
        };
        let name: String =
            name.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        if matches!(name.as_str(), "style" | "script" | "head" | "title" | "template") && !tag.starts_with('/') {
            return hidden(after, &name);
        }
        self.mark(&name, tag);
        after
    }

    fn mark(&mut self, name: &str, tag: &str) {
        match (name, tag.starts_with('/')) {
            ("a", false) => self.link = href(tag).map(|target| (target, self.text.len())),
            ("a", true) => self.end_link(),
            ("br" | "hr", _) => self.text.push('\n'),
            ("li", false) => self.text.push_str("\n- "),
            ("td" | "th", true) => self.text.push(' '),
            (
                "p" | "div" | "tr" | "ul" | "ol" | "table" | "blockquote" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6",
                _,
            ) if !self.text.ends_with('\n') => {
                self.text.push('\n');
            }
            _ => {}
        }
    }

    /// A target that is not what the link says of itself stands behind it.
    fn end_link(&mut self) {
        if let Some((target, from)) = self.link.take()
            && !self.text.get(from..).is_some_and(|text| text.contains(&target))
        {
            self.text.push_str(&format!(" ({target})"));
        }
    }
}

fn hidden<'a>(rest: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}");
    let at = rest.as_bytes().windows(end.len()).position(|part| part.eq_ignore_ascii_case(end.as_bytes()));
    at.and_then(|at| rest[at..].split_once('>')).map_or("", |(_, after)| after)
}

/// The target of a link that leads somewhere.
fn href(tag: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let rest = tag[lower.find("href")? + 4..].trim_start().strip_prefix('=')?.trim_start();
    let quoted = ['"', '\''].into_iter().find_map(|quote| rest.strip_prefix(quote)?.split_once(quote));
    let target = quoted.map_or_else(|| rest.split_whitespace().next().unwrap_or_default(), |(target, _)| target);
    let target = html_to_text(target);
    let leads = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| target.starts_with(scheme));
    leads.then(|| target.trim().to_owned())
}

/// No blanks at the ends of lines, and no more than one empty line in a row.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(|line| line.trim_end_matches([' ', '\t', '\r', '\u{a0}'])) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_become_lines() {
        for (html, text) in [
            ("", ""),
            ("二次対応\n電話: 03-0000-0000", "二次対応\n電話: 03-0000-0000"),
            ("a < b & c", "a < b & c"),
            ("<b>作業</b><br>web01<br/>db01", "作業\nweb01\ndb01"),
            ("<p>one</p><p>two</p>", "one\ntwo"),
            ("<ul><li>one</li><li>two</li></ul>after", "- one\n- two\nafter"),
            ("A&amp;B &lt;x&gt; &#26085;&#x672C;&nbsp;&quot;q&quot;", "A&B <x> 日本 \"q\""),
            ("R&D; &unknown; &", "R&D; &unknown; &"),
            ("<style>p{x:y}</style><SCRIPT>alert('<b>')</SCRIPT>seen<!-- <b>not --> too", "seen too"),
            ("<a href=\"https://example.jp/a?x=1&amp;y=2\">手順</a>", "手順 (https://example.jp/a?x=1&y=2)"),
            ("<a href='https://example.jp/'>https://example.jp/</a>", "https://example.jp/"),
            ("<a href=\"javascript:alert(1)\">x</a>", "x"),
            ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
            ("x<br><br><br><br>y", "x\n\ny"),
            ("&lt;script&gt;", "<script>"),
        ] {
            assert_eq!(to_text(html), text, "{html}");
        }
    }

    #[test]
    fn what_is_broken_off_or_hostile_ends() {
        for (html, text) in
            [("a<b", "a<b"), ("a<!-- b", "a"), ("<script>x", ""), ("a<", "a<"), ("</", "</"), ("x</a>", "x")]
        {
            assert_eq!(to_text(html), text, "{html}");
        }
        for bomb in ["<", "<a ", "&", "&#", "<!--", "<style>", "<a href='", "日", "<a href=https://x>", "</a>"] {
            assert!(to_text(&bomb.repeat(100_000)).len() <= 4 * MOST_BYTES, "{bomb}");
        }
    }
}
