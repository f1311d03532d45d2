//! HTML into lines of text, and the links that stand in it. Never runs, fetches or trusts anything of it.

use crate::mail::rx::Rx;
use mail_parser::decoders::html::html_to_text;

const MOST_BYTES: usize = 512 << 10;
const MOST_LINKS: usize = 200;

static HIDDEN: Rx = Rx::new(
    r"(?s)<(?:style|script|head|template|title)\b[^>]*>.*?</(?:style|script|head|template|title)\s*>|<!--.*?-->|<!\[[^>]*>",
);
static BREAK: Rx = Rx::new(
    r"<(?:br|hr|p|div|tr|li|h[1-6]|table|ul|ol|dl|dt|dd|blockquote|section|/tr|/div|/li|/h[1-6]|/table|/p)\b[^>]*>",
);
static CELL: Rx = Rx::new(r"</t[dh]\s*>");
static TAG: Rx = Rx::new(r"</?[a-z!][^>]*>");
static PRE: Rx = Rx::new(r"(?s)<pre\b[^>]*>(.*?)</pre\s*>");
static LINK: Rx = Rx::new(r#"<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))"#);
static BLANKS: Rx = Rx::new(r"[ \t\u{a0}]*\n[ \t\u{a0}]*");
static EMPTY: Rx = Rx::new(r"\n{3,}");

/// Tags become line ends before entities become letters, so that an entity never makes a tag.
pub fn to_text(html: &str) -> String {
    let html = cut(html);
    let html = HIDDEN.replace_all(html, "");
    let html = kept_lines(&html);
    let html = BREAK.replace_all(&html, "<br>");
    let html = CELL.replace_all(&html, " ");
    let lines = html.split("<br>").map(|line| html_to_text(&TAG.replace_all(line, "").replace('<', "&lt;")));
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = BLANKS.replace_all(&text, "\n");
    EMPTY.replace_all(&text, "\n\n").trim().to_owned()
}

/// Line ends within `pre` are meant.
fn kept_lines(html: &str) -> String {
    let Some(regex) = PRE.get() else { return html.to_owned() };
    regex.replace_all(html, |found: &regex::Captures<'_>| found[1].replace('\n', "<br>")).into_owned()
}

pub fn links(html: &str) -> Vec<String> {
    let Some(regex) = LINK.get() else { return Vec::new() };
    let targets = regex.captures_iter(cut(html)).filter_map(|found| {
        let target = found.get(1).or_else(|| found.get(2)).or_else(|| found.get(3))?;
        Some(html_to_text(target.as_str()).trim().to_owned())
    });
    targets.filter(|target| target.starts_with("http") && target.len() < 2_048).take(MOST_LINKS).collect()
}

fn cut(html: &str) -> &str {
    &html[..html.floor_char_boundary(MOST_BYTES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_lines_and_links() {
        let html = "<html><head><title>t</title><style type='text/css'>p { x: y }</style></head><body>\
            <!-- no --><h1>Alert</h1><p>Host: <b>web01</b><br />Severity:&nbsp;High &lt;b&gt; &amp;amp;</p>\
            <table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>\
            <pre>one\ntwo</pre><a class=\"x\" href=\"https://example.jp/a?b=1&amp;c=2\">View</a></body></html>";
        assert_eq!(
            to_text(html),
            "Alert\n\nHost: web01\nSeverity: High <b> &amp;\n\na b\n\nc\n\none\ntwoView"
                .replace("Severity: High", "Severity:\u{a0}High")
        );
        assert_eq!(links(html), ["https://example.jp/a?b=1&c=2"]);
    }

    #[test]
    fn what_is_no_html_does_no_harm() {
        for html in ["", "<", "<<<<>>>>", "<a href=", "&#xffffffff; &#0; &bogus;", "<pre>", "<style>x", "a < b > c"] {
            let _ = (to_text(html), links(html));
        }
        assert_eq!(to_text("100% < 200%"), "100% < 200%");
    }
}
