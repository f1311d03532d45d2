//! Text on its way into HTML: the one type that is not escaped again, addresses that may become links, and text that
//! tries to turn the line around. Never trusts a string that came from outside.

use std::borrow::Cow;
use std::fmt;

/// Finished HTML. Made only from escaped parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    pub(crate) fn new(html: String) -> Self {
        Self(html)
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}

impl askama::FastWritable for Markup {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(dest.write_str(&self.0)?)
    }
}

/// Escapes for text and for quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The address if it is one that may be followed: http or https, nothing else.
pub(crate) fn safe_url(url: &str) -> Option<&str> {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    let known = lower.starts_with("https://") || lower.starts_with("http://");
    (known && !url.chars().any(|c| c.is_control() || c.is_whitespace())).then_some(url)
}

/// A path inside this installation, for sending a person back where they came from; `/` for anything else.
pub(crate) fn safe_path(path: &str) -> &str {
    let inside = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    if inside && !path.chars().any(char::is_control) { path } else { "/" }
}

pub(crate) use model::text::encode;

/// Text from outside inside one of our sentences: if it could turn the direction of the rest, it is walled in.
pub(crate) fn isolated(text: &str) -> Cow<'_, str> {
    if !text.chars().any(turns_direction) {
        return Cow::Borrowed(text);
    }
    let inner: String = text.chars().filter(|c| !is_direction_control(*c)).collect();
    Cow::Owned(format!("\u{2068}{inner}\u{2069}"))
}

const fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

const fn turns_direction(c: char) -> bool {
    is_direction_control(c)
        || matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}')
        || matches!(c, '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// At most this many characters, with an ellipsis where something was cut.
pub(crate) fn shortened(text: &str, max_chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max_chars) {
        None => Cow::Borrowed(text),
        Some((cut, _)) => Cow::Owned(format!("{}…", &text[..cut])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(safe_url("https://example.jp/a?b=c"), Some("https://example.jp/a?b=c"));
        for bad in ["javascript:alert(1)", " https://x", "https://x\n", "data:text/html,x", "//x", "", "httpsあ"] {
            assert_eq!(safe_url(bad), None, "{bad}");
        }
    }

    #[test]
    fn nobody_is_sent_outside_after_signing_in() {
        assert_eq!(safe_path("/incidents?status=open"), "/incidents?status=open");
        for bad in ["//evil.example", "https://evil.example", "/\\evil", "", "/a\nb"] {
            assert_eq!(safe_path(bad), "/", "{bad}");
        }
    }

    #[test]
    fn text_that_turns_the_line_around_is_walled_in_and_other_text_is_untouched() {
        assert_eq!(isolated("db-01 障害"), "db-01 障害");
        assert_eq!(isolated("abc\u{202E}def"), "\u{2068}abcdef\u{2069}");
        assert_eq!(isolated("שלום"), "\u{2068}שלום\u{2069}");
    }

    #[test]
    fn cutting_counts_characters() {
        assert_eq!(shortened("障害発生", 2), "障害…");
        assert_eq!(shortened("障害", 2), "障害");
    }
}
