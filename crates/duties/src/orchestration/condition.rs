//! Judges one condition of PagerDuty's condition language: `matches`, `matches part`, `matches regex` (each also `exactly`),
//! `exists`, `==` with text, `and`, `or`, `not`, parentheses. A part that is not understood, such as a schedule or a
//! count, can't be said, and the rest is judged around it.

use super::tokens::{self, Token};
use super::{Event, Field, Verdict, pattern};

/// Deeper than a person nests.
const DEEPEST: usize = 64;

/// Never panics; whatever it does not understand is `CantSay`.
pub fn judge(condition: &str, event: &Event) -> Verdict {
    let Some(tokens) = tokens::read(condition) else { return Verdict::CantSay };
    let mut reader = Reader { tokens: &tokens, at: 0, event };
    match reader.either(0) {
        Ok(verdict) if reader.at == tokens.len() => verdict,
        _ => Verdict::CantSay,
    }
}

/// The parentheses don't fit, or something is missing.
struct Garbled;

/// The value at one side of a comparison.
enum Side<'a> {
    Literal(&'a str),
    Path(Field<'a>),
}

impl<'a> Side<'a> {
    const fn field(&self) -> Field<'a> {
        match self {
            Self::Literal(text) => Field::Text(text),
            Self::Path(field) => *field,
        }
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    event: &'a Event,
}

impl<'a> Reader<'a> {
    fn either(&mut self, depth: usize) -> Result<Verdict, Garbled> {
        let mut verdict = self.both(depth)?;
        while self.take_word("or") {
            verdict = verdict.or(self.both(depth)?);
        }
        Ok(verdict)
    }

    fn both(&mut self, depth: usize) -> Result<Verdict, Garbled> {
        let mut verdict = self.one(depth)?;
        while self.take_word("and") {
            verdict = verdict.and(self.one(depth)?);
        }
        Ok(verdict)
    }

    fn one(&mut self, depth: usize) -> Result<Verdict, Garbled> {
        let mut is_turned = false;
        while self.take_word("not") {
            is_turned = !is_turned;
        }
        if self.is_at_an_end() {
            return Err(Garbled);
        }
        let verdict = if self.take_sign('(') { self.inside(depth + 1)? } else { self.comparison() };
        // Something follows that we don't understand: it belongs to this part.
        let verdict = match verdict {
            Some(verdict) if self.is_at_an_end() => verdict,
            _ => self.skip()?,
        };
        Ok(if is_turned { verdict.not() } else { verdict })
    }

    fn inside(&mut self, depth: usize) -> Result<Option<Verdict>, Garbled> {
        if depth > DEEPEST {
            return Err(Garbled);
        }
        let verdict = self.either(depth)?;
        if self.take_sign(')') { Ok(Some(verdict)) } else { Err(Garbled) }
    }

    /// `None`: not understood.
    fn comparison(&mut self) -> Option<Verdict> {
        if self.take_word("true") {
            return Some(Verdict::Matches);
        }
        if self.take_word("false") {
            return Some(Verdict::DoesNot);
        }
        let left = self.side()?;
        if self.take_word("exists") {
            return match left {
                Side::Path(Field::Text(_)) => Some(Verdict::Matches),
                Side::Path(Field::Absent) => Some(Verdict::DoesNot),
                Side::Path(Field::Unknown) => Some(Verdict::CantSay),
                Side::Literal(_) => None,
            };
        }
        if self.take_sign('=') {
            let right = if self.take_sign('=') { self.side()? } else { return None };
            return Some(compare(&left, &right, |left, right| Verdict::of(left == right)));
        }
        if self.take_word("matches") { self.matches(&left) } else { None }
    }

    fn matches(&mut self, left: &Side<'a>) -> Option<Verdict> {
        let (is_part, is_regex) = (self.take_word("part"), self.take_word("regex"));
        let is_exact = self.take_word("exactly");
        let right = self.side()?;
        match (is_part, is_regex, &right) {
            (false, true, Side::Literal(_)) => {
                Some(compare(left, &right, |text, regex| pattern::matches(regex, text, is_exact)))
            }
            (true, false, _) => Some(compare(left, &right, |text, part| {
                Verdict::of(folded(text, is_exact).contains(&folded(part, is_exact)))
            })),
            (false, false, _) => Some(compare(left, &right, |left, right| {
                Verdict::of(folded(left, is_exact) == folded(right, is_exact))
            })),
            // PagerDuty takes only literal patterns.
            _ => None,
        }
    }

    /// A text, or a path into the event.
    fn side(&mut self) -> Option<Side<'a>> {
        match self.tokens.get(self.at)? {
            Token::Text(text) => {
                self.at += 1;
                Some(Side::Literal(text))
            }
            Token::Word(root) if root == "event" || root == "raw_event" => {
                self.at += 1;
                let path = self.path(root.clone())?;
                Some(Side::Path(self.event.field(&path)))
            }
            _ => None,
        }
    }

    /// The path as an `Event` names it: names in brackets that need none lose them.
    fn path(&mut self, mut path: String) -> Option<String> {
        loop {
            if self.take_sign('.') {
                let Some(Token::Word(name)) = self.tokens.get(self.at) else { return None };
                path.push('.');
                path.push_str(name);
                self.at += 1;
            } else if self.take_sign('[') {
                match self.tokens.get(self.at)? {
                    Token::Text(name) if is_identifier(name) => path.push_str(&format!(".{name}")),
                    Token::Text(name) => path.push_str(&format!("['{name}']")),
                    Token::Word(index) => path.push_str(&format!("[{index}]")),
                    Token::Sign(_) => return None,
                }
                self.at += 1;
                if !self.take_sign(']') {
                    return None;
                }
            } else {
                return Some(path);
            }
        }
    }

    /// To the end of a part that is not understood.
    fn skip(&mut self) -> Result<Verdict, Garbled> {
        let mut open = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Sign('(') => open += 1,
                Token::Sign(')') if open > 0 => open -= 1,
                _ if open == 0 && self.is_at_an_end() => break,
                _ => {}
            }
            self.at += 1;
        }
        if open == 0 { Ok(Verdict::CantSay) } else { Err(Garbled) }
    }

    fn is_at_an_end(&self) -> bool {
        let token = self.tokens.get(self.at);
        token.is_none_or(|token| *token == Token::Sign(')') || token.is_word("and") || token.is_word("or"))
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.take(|token| token.is_word(word))
    }

    fn take_sign(&mut self, sign: char) -> bool {
        self.take(|token| *token == Token::Sign(sign))
    }

    fn take(&mut self, is_it: impl Fn(&Token) -> bool) -> bool {
        let is_here = self.tokens.get(self.at).is_some_and(is_it);
        self.at += usize::from(is_here);
        is_here
    }
}

/// What is absent equals nothing and matches nothing.
fn compare(left: &Side<'_>, right: &Side<'_>, how: impl Fn(&str, &str) -> Verdict) -> Verdict {
    match (left.field(), right.field()) {
        (Field::Text(left), Field::Text(right)) => how(left, right),
        (Field::Absent, _) | (_, Field::Absent) => Verdict::DoesNot,
        _ => Verdict::CantSay,
    }
}

fn folded(text: &str, is_exact: bool) -> String {
    if is_exact { text.to_owned() } else { text.to_lowercase() }
}

fn is_identifier(name: &str) -> bool {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts_well && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
