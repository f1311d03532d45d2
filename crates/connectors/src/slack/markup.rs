//! Slack's mark-up out of foreign text. What others wrote stays text: it names nobody, calls no channel and makes no link.

/// Text in Slack's mark-up. Made only by the functions here, so that nothing foreign gets in unescaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

const ELLIPSIS: char = '…';

impl Markup {
    /// Anybody's text, as it stands.
    pub fn text(foreign: &str) -> Self {
        Self(escaped(foreign))
    }

    /// On one line, since bold ends with it.
    pub fn bold(foreign: &str) -> Self {
        let line: String = foreign.split_whitespace().collect::<Vec<_>>().join(" ").replace('*', "");
        if line.is_empty() { Self::default() } else { Self(format!("*{}*", escaped(&line))) }
    }

    /// As code, for names and commands.
    pub fn code(foreign: &str) -> Self {
        let line = foreign.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'");
        if line.is_empty() { Self::default() } else { Self(format!("`{}`", escaped(&line))) }
    }

    /// A link; where the address is none that a browser opens, its label alone.
    pub fn link(url: &str, label: &str) -> Self {
        let label = label.replace('|', "/");
        match safe_url(url) {
            Some(url) => Self(format!("<{url}|{}>", escaped(&label))),
            None => Self::text(&label),
        }
    }

    #[must_use]
    pub fn and(mut self, next: &Self) -> Self {
        self.0.push_str(&next.0);
        self
    }

    /// On the next line.
    #[must_use]
    pub fn then(mut self, next: &Self) -> Self {
        if !self.0.is_empty() && !next.0.is_empty() {
            self.0.push('\n');
        }
        self.and(next)
    }

    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// At most so many characters, cut between entities and links.
    pub(super) fn cut(&self, max: usize) -> String {
        let Some((end, _)) = self.0.char_indices().nth(max) else { return self.0.clone() };
        // The ellipsis takes the place of the last one.
        let end = self.0[..end].char_indices().next_back().map_or(0, |(at, _)| at);
        let mut kept = &self.0[..end];
        for (open, close) in [('<', '>'), ('&', ';')] {
            let opened = kept.rfind(open);
            if opened.is_some_and(|at| !kept[at..].contains(close)) {
                kept = &kept[..opened.unwrap_or_default()];
            }
        }
        format!("{kept}{ELLIPSIS}")
    }
}

/// Plain text of at most so many characters before it is escaped: Slack counts what people see.
pub(super) fn cut_plain(foreign: &str, max: usize) -> String {
    let text = foreign.trim();
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max.saturating_sub(1)).chain([ELLIPSIS]).collect(),
    }
}

/// The three characters that begin Slack's entities and tags. Control characters would only hide things.
pub(super) fn escaped(foreign: &str) -> String {
    let mut text = String::with_capacity(foreign.len());
    for c in foreign.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\n' | '\t' => text.push(c),
            c if c.is_control() => text.push('\u{fffd}'),
            c => text.push(c),
        }
    }
    text
}

const MAX_URL_CHARS: usize = 3_000;

/// Only what a browser opens, with nothing in it that ends a link early.
pub(super) fn safe_url(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok()?;
    let text = parsed.as_str().replace('|', "%7C").replace('<', "%3C").replace('>', "%3E");
    (matches!(parsed.scheme(), "https" | "http") && text.len() <= MAX_URL_CHARS).then_some(text)
}
