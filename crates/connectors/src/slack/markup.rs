//! Slack's mark-up out of foreign text. What others wrote stays text: it names nobody, calls no channel, makes no link, and
//! neither begins nor ends a format. Who is mentioned on purpose has a constructor of their own.

use model::Micros;

/// Text in Slack's mark-up. Made only by the functions here, so that nothing foreign gets in unescaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(Vec<Piece>);

/// What is cut as one: of a link or a bold text only the inside can be shortened, of a mention nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Around { open: String, text: String, close: &'static str },
    Whole(String),
}

/// The id of a person in Slack, as Slack writes it: a mention is made of nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(String);

/// The id of a group of people in Slack.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(String);

const ELLIPSIS: char = '…';
const MAX_ID_BYTES: usize = 32;

impl UserId {
    /// `None` for what is no id of a person: `U` or `W`, then capital letters and digits.
    pub fn parse(text: &str) -> Option<Self> {
        is_id(text, &['U', 'W']).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl GroupId {
    /// `None` for what is no id of a group: `S`, then capital letters and digits.
    pub fn parse(text: &str) -> Option<Self> {
        is_id(text, &['S']).then(|| Self(text.to_owned()))
    }
}

/// Slack's ids are a letter for what they are, then capital letters and digits.
pub(super) fn is_id(text: &str, kinds: &[char]) -> bool {
    let rest = text.strip_prefix(kinds).unwrap_or_default();
    let fits = !rest.is_empty() && text.len() <= MAX_ID_BYTES;
    fits && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

impl Markup {
    /// Anybody's text, as it stands.
    pub fn text(foreign: &str) -> Self {
        Self::one(Piece::Text(escaped(&unformatted(&cleaned(foreign)))))
    }

    /// On one line, since bold ends with it.
    pub fn bold(foreign: &str) -> Self {
        // Also inside of words: it would end the bold there.
        let line = one_line(foreign).replace('*', "∗");
        Self::around("*", unformatted(line.trim()).trim(), "*")
    }

    /// As code, for names and commands.
    pub fn code(foreign: &str) -> Self {
        Self::around("`", &one_line(foreign).replace('`', "'"), "`")
    }

    /// A link; where the address is none that a browser opens, its label alone. A label of nothing would show the bare address.
    pub fn link(url: &str, label: &str) -> Self {
        let label = one_line(label).replace('|', "/");
        match safe_url(url) {
            Some(url) if label.is_empty() => Self::around(format!("<{}|", escaped(&url)), "↗", ">"),
            Some(url) => Self::around(format!("<{}|", escaped(&url)), &unformatted(&label), ">"),
            None => Self::text(&label),
        }
    }

    /// Mentions all of a group, who are told of it. The only way to do so.
    pub fn group(id: &GroupId) -> Self {
        Self::one(Piece::Whole(format!("<!subteam^{}>", id.0)))
    }

    /// Mentions somebody, who is told of it. The only way to do so.
    pub fn person(id: &UserId) -> Self {
        Self::one(Piece::Whole(format!("<@{}>", id.0)))
    }

    /// An instant, shown in each reader's own time zone; `fallback` is for programs that can't.
    pub fn time(at: Micros, fallback: &str) -> Self {
        let fallback: String =
            one_line(fallback).chars().map(|c| if matches!(c, '|' | '^') { '/' } else { c }).collect();
        let fallback = if fallback.is_empty() { at.floor_s().rfc3339() } else { fallback };
        let seconds = at.second();
        Self::one(Piece::Whole(format!("<!date^{seconds}^{{date_short_pretty}} {{time}}|{}>", escaped(&fallback))))
    }

    #[must_use]
    pub fn and(mut self, next: &Self) -> Self {
        self.0.extend(next.0.iter().cloned());
        self
    }

    /// On the next line.
    #[must_use]
    pub fn then(mut self, next: &Self) -> Self {
        if !self.0.is_empty() && !next.0.is_empty() {
            self.0.push(Piece::Text("\n".to_owned()));
        }
        self.and(next)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Text(text) if text.trim().is_empty()))
    }

    fn one(piece: Piece) -> Self {
        match &piece {
            Piece::Text(text) if text.is_empty() => Self::default(),
            _ => Self(vec![piece]),
        }
    }

    fn around(open: impl Into<String>, text: &str, close: &'static str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        Self(vec![Piece::Around { open: open.into(), text: escaped(text), close }])
    }

    /// At most so many characters, cut between entities and outside of links; what is bold stays closed.
    pub(super) fn cut(&self, max: usize) -> String {
        let whole: String = self.0.iter().map(Piece::shown).collect();
        if whole.chars().count() <= max {
            return whole;
        }
        // The ellipsis takes the place of the last one.
        let mut left = max.saturating_sub(1);
        let mut kept = String::new();
        for piece in &self.0 {
            let shown = piece.shown();
            let length = shown.chars().count();
            if length > left {
                kept.push_str(&piece.cut(left));
                break;
            }
            left -= length;
            kept.push_str(&shown);
        }
        kept.push(ELLIPSIS);
        kept
    }
}

impl Piece {
    fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Whole(text) => text.clone(),
            Self::Around { open, text, close } => format!("{open}{text}{close}"),
        }
    }

    fn cut(&self, max: usize) -> String {
        match self {
            Self::Text(text) => cut_escaped(text, max).to_owned(),
            Self::Whole(_) => String::new(),
            Self::Around { open, text, close } => {
                let inside = max.saturating_sub(open.chars().count() + close.chars().count());
                let kept = cut_escaped(text, inside).trim_end();
                if kept.is_empty() { String::new() } else { format!("{open}{kept}{close}") }
            }
        }
    }
}

/// Between entities: half of one would show as rubbish.
fn cut_escaped(text: &str, max: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(max) else { return text };
    let kept = &text[..end];
    match kept.rfind('&') {
        Some(at) if !kept[at..].contains(';') => &kept[..at],
        _ => kept,
    }
}

/// Plain text of at most so many characters before it is escaped: Slack counts what people see.
pub(super) fn cut_plain(foreign: &str, max: usize) -> String {
    let text = cleaned(foreign);
    let text = text.trim();
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max.saturating_sub(1)).chain([ELLIPSIS]).collect(),
    }
}

pub(super) fn one_line(foreign: &str) -> String {
    cleaned(foreign).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without what hides or turns around other text: control characters, marks of direction, spaces of no width. The joiners stay,
/// which emoji and some scripts are written with.
pub(super) fn cleaned(foreign: &str) -> String {
    foreign
        .chars()
        .filter_map(|c| match c {
            '\n' | '\t' => Some(c),
            '\r' => None,
            '\u{2028}' | '\u{2029}' | '\u{85}' => Some('\n'),
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}' => None,
            c if c.is_control() => Some('\u{fffd}'),
            c => Some(c),
        })
        .collect()
}

/// The three characters that begin Slack's entities and tags.
pub(super) fn escaped(foreign: &str) -> String {
    let mut text = String::with_capacity(foreign.len());
    for c in foreign.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            c => text.push(c),
        }
    }
    text
}

/// Slack knows no escape for the characters of its formats, and a pair of them may stand in two texts of different origin.
/// Where one could begin or end a format a character that looks the same takes its place; inside of words (`db_01`) it stays.
fn unformatted(clean: &str) -> String {
    let letters: Vec<char> = clean.chars().collect();
    let is_word = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphanumeric());
    let begins_line = |at: usize| letters[..at].iter().rev().take_while(|c| **c != '\n').all(|c| c.is_whitespace());
    let replaced = letters.iter().enumerate().map(|(at, c)| match c {
        '`' => 'ˋ',
        '>' if begins_line(at) => '›',
        '*' | '_' | '~' if is_word(at.checked_sub(1)) && is_word(at.checked_add(1)) => *c,
        '*' => '∗',
        '_' => 'ˍ',
        '~' => '∼',
        c => *c,
    });
    replaced.collect()
}

const MAX_URL_CHARS: usize = 3_000;

/// Only what a browser opens, with nothing in it that ends a link early.
pub(super) fn safe_url(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok()?;
    let text = parsed.as_str().replace('|', "%7C").replace('<', "%3C").replace('>', "%3E");
    (matches!(parsed.scheme(), "https" | "http") && text.len() <= MAX_URL_CHARS).then_some(text)
}
