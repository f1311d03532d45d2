//! The words of a condition. Never fails on odd bytes: what is no word and no text is a sign.

/// A condition longer than this is none that a person wrote.
const MOST_TOKENS: usize = 5_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Letters, digits and underscores.
    Word(String),
    /// What stood in single quotes, undone from its escapes.
    Text(String),
    Sign(char),
}

impl Token {
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(text) if text == word)
    }
}

/// `None`: a text that does not end, or too much of it.
pub fn read(condition: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = condition.chars().peekable();
    while let Some(c) = rest.next() {
        if tokens.len() == MOST_TOKENS {
            return None;
        }
        match c {
            c if c.is_whitespace() => {}
            '\'' => tokens.push(Token::Text(text(&mut rest)?)),
            c if is_of_word(c) => {
                let mut word = String::from(c);
                while let Some(next) = rest.next_if(|next| is_of_word(*next)) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
            sign => tokens.push(Token::Sign(sign)),
        }
    }
    Some(tokens)
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A backslash stands before a quote or another backslash; before anything else nobody has said what it means.
fn text(rest: &mut impl Iterator<Item = char>) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()? {
            '\'' => return Some(text),
            '\\' => match rest.next()? {
                c @ ('\'' | '\\') => text.push(c),
                // In patterns people write it all the same.
                other => text.extend(['\\', other]),
            },
            c => text.push(c),
        }
    }
}
