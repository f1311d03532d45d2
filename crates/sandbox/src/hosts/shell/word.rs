//! Reads the words of a script: quotes, escapes, parameters, command substitution and arithmetic. It never looks a value up.

use super::ast::{Modify, Piece, Script, Word};
use super::parse::{Parser, Read, is_name};

/// The text of a word without any substitution.
pub(super) fn literal(word: &Word) -> String {
    let texts = word.iter().map(|piece| match piece {
        Piece::Bare(text) | Piece::Quoted(text) => text.as_str(),
        _ => "",
    });
    texts.collect()
}

/// A here-document: only `$` and backquotes mean something in it.
pub(super) fn document(body: &str) -> Read<Word> {
    let mut parser = Parser::new(body);
    let mut word = Vec::new();
    while parser.peek().is_some() {
        parser.quoted_piece(&mut word, &['$', '`', '\\'])?;
    }
    Ok(word)
}

fn push(word: &mut Word, text: char, quoted: bool) {
    match (word.last_mut(), quoted) {
        (Some(Piece::Bare(own)), false) | (Some(Piece::Quoted(own)), true) => own.push(text),
        (_, false) => word.push(Piece::Bare(text.into())),
        (_, true) => word.push(Piece::Quoted(text.into())),
    }
}

impl Parser {
    /// None when no word begins here.
    pub(super) fn word(&mut self) -> Read<Option<Word>> {
        let word = self.word_until(|c| c.is_whitespace() || ";&|<>()".contains(c))?;
        Ok((!word.is_empty()).then_some(word))
    }

    fn word_until(&mut self, ends: impl Fn(char) -> bool) -> Read<Word> {
        let mut word = Word::new();
        while let Some(c) = self.peek() {
            if ends(c) {
                break;
            }
            match c {
                '\\' if self.peek_at(1) == Some('\n') => self.at += 2,
                '\\' => {
                    push(&mut word, self.peek_at(1).unwrap_or('\\'), true);
                    self.at = (self.at + 2).min(self.text.len());
                }
                '\'' => self.single(&mut word)?,
                '"' => self.double(&mut word)?,
                '$' => self.dollar(&mut word, false)?,
                '`' => self.backquoted(&mut word, false)?,
                _ => {
                    push(&mut word, c, false);
                    self.at += 1;
                }
            }
        }
        Ok(word)
    }

    fn single(&mut self, word: &mut Word) -> Read<()> {
        self.at += 1;
        // Even an empty pair of quotes makes a word.
        word.push(Piece::Quoted(String::new()));
        while let Some(c) = self.peek() {
            self.at += 1;
            if c == '\'' {
                return Ok(());
            }
            push(word, c, true);
        }
        self.bad("Unterminated quoted string")
    }

    fn double(&mut self, word: &mut Word) -> Read<()> {
        self.at += 1;
        word.push(Piece::Quoted(String::new()));
        loop {
            match self.peek() {
                None => return self.bad("Unterminated quoted string"),
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(_) => self.quoted_piece(word, &['$', '`', '\\', '"'])?,
            }
        }
    }

    /// One step within quotes; a backslash frees only what has a meaning there.
    fn quoted_piece(&mut self, word: &mut Word, special: &[char]) -> Read<()> {
        match self.peek() {
            Some('$') => return self.dollar(word, true),
            Some('`') => return self.backquoted(word, true),
            Some('\\') => match self.peek_at(1) {
                Some('\n') => self.at += 1,
                Some(c) if special.contains(&c) => {
                    push(word, c, true);
                    self.at += 1;
                }
                _ => push(word, '\\', true),
            },
            Some(c) => push(word, c, true),
            None => {}
        }
        self.at += 1;
        Ok(())
    }

    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Read<()> {
        self.at += 1;
        if self.eat("((") {
            word.push(Piece::Arithmetic(self.arithmetic()?));
        } else if self.eat("(") {
            let script = self.script(&[])?;
            if !self.eat(")") {
                return self.bad("end of file unexpected (expecting \")\")");
            }
            word.push(Piece::Output { script, quoted });
        } else if self.eat("{") {
            word.push(self.braced(quoted)?);
        } else {
            match self.parameter_name() {
                Some(name) => word.push(Piece::Parameter { name, what: Modify::Plain, quoted }),
                None => push(word, '$', true),
            }
        }
        Ok(())
    }

    fn parameter_name(&mut self) -> Option<String> {
        let first = self.peek()?;
        if "@*#?-$!".contains(first) || first.is_ascii_digit() {
            self.at += 1;
            return Some(first.into());
        }
        let rest = self.text[self.at..].iter();
        let name: String = rest.take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
        self.at += if is_name(&name) { name.len() } else { 0 };
        is_name(&name).then_some(name)
    }

    /// After `${`.
    fn braced(&mut self, quoted: bool) -> Read<Piece> {
        let counts = self.peek() == Some('#') && self.peek_at(1) != Some('}');
        if counts {
            self.at += 1;
        }
        let Some(mut name) = self.parameter_name() else { return self.bad("Bad substitution") };
        while name.chars().all(|c| c.is_ascii_digit())
            && let Some(c) = self.peek().filter(char::is_ascii_digit)
        {
            name.push(c);
            self.at += 1;
        }
        let what = if counts { Modify::Length } else { self.modifier(quoted)? };
        if !self.eat("}") {
            return self.bad("Bad substitution");
        }
        Ok(Piece::Parameter { name, what, quoted })
    }

    fn modifier(&mut self, quoted: bool) -> Read<Modify> {
        let colon = self.eat(":");
        let Some(how) = self.peek() else { return self.bad("Bad substitution") };
        if "-=+?".contains(how) {
            self.at += 1;
            return Ok(Modify::Or { how, colon, word: self.until_brace(quoted)? });
        }
        if "#%".contains(how) && !colon {
            self.at += 1;
            let longest = self.eat(&how.to_string());
            return Ok(Modify::Trim { at_end: how == '%', longest, pattern: self.until_brace(false)? });
        }
        if how == '}' && !colon { Ok(Modify::Plain) } else { self.bad("Bad substitution") }
    }

    fn until_brace(&mut self, quoted: bool) -> Read<Word> {
        if !quoted {
            return self.word_until(|c| c == '}');
        }
        let mut word = Word::new();
        while self.peek().is_some_and(|c| c != '}') {
            match self.peek() {
                Some('"') => self.double(&mut word)?,
                _ => self.quoted_piece(&mut word, &['$', '`', '\\', '"', '}'])?,
            }
        }
        Ok(word)
    }

    /// After `$((`, up to and with `))`.
    fn arithmetic(&mut self) -> Read<Word> {
        let mut word = Word::new();
        let mut open = 0;
        loop {
            match self.peek() {
                None => return self.bad("Missing '))'"),
                Some(')') if open == 0 => {
                    return if self.eat("))") { Ok(word) } else { self.bad("Missing '))'") };
                }
                Some(c) => {
                    open += i32::from(c == '(') - i32::from(c == ')');
                    self.quoted_piece(&mut word, &['$', '`', '\\'])?;
                }
            }
        }
    }

    fn backquoted(&mut self, word: &mut Word, quoted: bool) -> Read<()> {
        self.at += 1;
        let mut inner = String::new();
        loop {
            let Some(c) = self.peek() else { return self.bad("EOF in backquote substitution") };
            self.at += 1;
            match c {
                '`' => break,
                '\\' if self.peek().is_some_and(|n| "$`\\".contains(n)) => {
                    inner.extend(self.peek());
                    self.at += 1;
                }
                _ => inner.push(c),
            }
        }
        let script: Script = super::parse::parse(&inner)?;
        word.push(Piece::Output { script, quoted });
        Ok(())
    }
}
