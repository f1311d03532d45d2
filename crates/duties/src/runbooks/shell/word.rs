//! One word of a script: quotes, expansions, substitutions, and the uses of parameters between them.

use super::lexer::Lexer;
use super::{Spot, Use, Word, template};

impl Lexer<'_> {
    /// The word that begins here. Always advances.
    pub fn word(&mut self) -> Word {
        let mut word = Word { at: self.at, ..Word::default() };
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\\' => self.escaped(&mut word),
                '\'' => self.single(&mut word),
                '"' => self.double(&mut word),
                '`' => self.backticks(),
                '$' => self.dollar(&mut word, false),
                '{' if template(self.rest()).is_some() => self.used(&mut word),
                c => self.push(&mut word, c),
            }
        }
        word
    }

    fn push(&mut self, word: &mut Word, c: char) {
        word.text.push(c);
        self.at += c.len_utf8();
    }

    fn escaped(&mut self, word: &mut Word) {
        self.at += 1;
        match self.peek() {
            Some('\n') => self.at += 1,
            Some(c) => self.push(word, c),
            None => {}
        }
    }

    fn used(&mut self, word: &mut Word) {
        let Some((name, length)) = template(self.rest()) else { return };
        let (at, name) = (self.at, name.to_owned());
        word.uses.push(self.out.uses.len());
        word.text.push_str(&self.text[at..at + length]);
        let begins_word = at == word.at;
        self.out.uses.push(Use { at, end: at + length, name, spot: Spot::Plain, begins_word });
        self.at += length;
    }

    fn single(&mut self, word: &mut Word) {
        let began = self.at;
        let Some(length) = self.rest()[1..].find('\'') else {
            self.unclosed(began, "'");
            return;
        };
        let inner = self.text[began + 1..began + 1 + length].to_owned();
        self.uses_in(began + 1, &inner, Spot::SingleQuotes);
        word.text.push_str(&inner);
        self.at = began + length + 2;
    }

    fn unclosed(&mut self, began: usize, quote: &str) {
        self.fault(began, format!("{quote} is not closed"), "close it");
        self.at = self.text.len();
    }

    fn double(&mut self, word: &mut Word) {
        let began = self.at;
        self.at += 1;
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => self.escaped(word),
                '`' => self.backticks(),
                '$' => self.dollar(word, true),
                '{' if template(self.rest()).is_some() => self.quoted_use(word, Spot::DoubleQuotes),
                c => self.push(word, c),
            }
        }
        self.unclosed(began, "\"");
    }

    fn quoted_use(&mut self, word: &mut Word, spot: Spot) {
        let Some((_, length)) = template(self.rest()) else { return };
        let piece = self.text[self.at..self.at + length].to_owned();
        self.uses_in(self.at, &piece, spot);
        word.text.push_str(&piece);
        self.at += length;
    }

    /// What stands between backticks is not looked into, so nothing may.
    fn backticks(&mut self) {
        let began = self.at;
        self.fault(began, "commands between backticks are not followed here", "write $( ) instead");
        let mut is_escaped = false;
        let end = self.rest().char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '`' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            ends
        });
        let length = end.map_or(self.rest().len(), |(at, _)| at + 1);
        let inner = self.text[began..began + length].to_owned();
        self.uses_in(began, &inner, Spot::Backticks);
        self.at = began + length;
    }

    fn dollar(&mut self, word: &mut Word, is_quoted: bool) {
        let rest = self.rest();
        if rest.starts_with("$((") {
            self.balanced(word, "$((", "))", Spot::Arithmetic);
        } else if rest.starts_with("$(") {
            let began = self.at;
            self.at += 2;
            self.list(true);
            word.text.push_str(&self.text[began..self.at]);
        } else if rest.starts_with("${") {
            self.balanced(word, "${", "}", Spot::Expansion);
        } else if !is_quoted && (rest.starts_with("$'") || rest.starts_with("$\"")) {
            self.fault(self.at, "$' and $\" are of bash alone", "scripts are run by sh: use printf");
            self.push(word, '$');
        } else {
            self.push(word, '$');
        }
    }

    /// An expansion up to its end; substitutions inside it are commands like others.
    fn balanced(&mut self, word: &mut Word, open: &'static str, close: &'static str, spot: Spot) {
        let began = self.at;
        self.at += open.len();
        self.enter();
        let is_closed = self.until_close(close, spot);
        self.leave();
        if is_closed {
            word.text.push_str(&self.text[began..self.at]);
        } else {
            self.unclosed(began, open);
        }
    }

    fn until_close(&mut self, close: &str, spot: Spot) -> bool {
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            if depth == 0 && self.rest().starts_with(close) {
                self.at += close.len();
                return true;
            }
            match c {
                '(' | '{' if template(self.rest()).is_none() => depth += 1,
                ')' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.inner(c, spot);
        }
        false
    }

    fn inner(&mut self, c: char, spot: Spot) {
        // What is gathered here is pushed as it was written by the caller.
        let mut scrap = Word { at: self.at, ..Word::default() };
        match c {
            '\\' => self.escaped(&mut scrap),
            '\'' => self.single(&mut scrap),
            '"' => self.double(&mut scrap),
            '`' => self.backticks(),
            '$' => self.dollar(&mut scrap, false),
            '{' if template(self.rest()).is_some() => self.quoted_use(&mut scrap, spot),
            c => self.push(&mut scrap, c),
        }
    }
}
