//! Reads a POSIX shell script: lists, pipelines, compound commands and redirections. Words are read in `word.rs`. It never guesses: what
//! it does not understand is a syntax error, as in a real shell.

use std::rc::Rc;

use super::ast::{Command, Join, List, Pipeline, Redirect, Script, Target, What, Word};

const RESERVED: [&str; 16] =
    ["!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until", "while"];
/// A script that nests deeper is refused before it fills the stack.
const MAX_DEPTH: usize = 60;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}: Syntax error: {says}")]
pub(crate) struct Bad {
    pub line: usize,
    pub says: String,
}

pub(crate) type Read<T> = Result<T, Bad>;

pub(crate) struct Parser {
    pub(super) text: Vec<char>,
    pub(super) at: usize,
    depth: usize,
    /// Where reading goes on after this line, because here-documents follow it.
    after_here: Option<usize>,
}

pub(crate) fn parse(text: &str) -> Read<Script> {
    let mut parser = Parser::new(text);
    let script = parser.script(&[])?;
    match parser.peek() {
        None => Ok(script),
        Some(_) => Err(parser.unexpected()),
    }
}

impl Parser {
    pub(super) fn new(text: &str) -> Self {
        // A carriage return before the line's end comes from scripts that were written elsewhere.
        Self { text: text.replace("\r\n", "\n").chars().collect(), at: 0, depth: 0, after_here: None }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    pub(super) fn eat(&mut self, wanted: &str) -> bool {
        let found = wanted.chars().enumerate().all(|(n, c)| self.peek_at(n) == Some(c));
        if found {
            self.at += wanted.chars().count();
        }
        found
    }

    pub(super) fn bad<T>(&self, says: impl Into<String>) -> Read<T> {
        let line = 1 + self.text[..self.at.min(self.text.len())].iter().filter(|c| **c == '\n').count();
        Err(Bad { line, says: says.into() })
    }

    fn unexpected(&mut self) -> Bad {
        let what = match self.peek() {
            None => "end of file unexpected".to_owned(),
            Some('\n') => "newline unexpected".to_owned(),
            Some(c) => match self.bare_word() {
                Some(word) => format!("\"{word}\" unexpected"),
                None => format!("\"{c}\" unexpected"),
            },
        };
        match self.bad::<()>(what) {
            Err(bad) => bad,
            Ok(()) => Bad { line: 0, says: String::new() },
        }
    }

    /// Blanks, line continuations and comments.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => self.at += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn newline(&mut self) -> bool {
        if self.peek() != Some('\n') {
            return false;
        }
        self.at = self.after_here.take().unwrap_or(self.at + 1);
        true
    }

    fn skip_newlines(&mut self) {
        self.skip_blanks();
        while self.newline() {
            self.skip_blanks();
        }
    }

    /// The word that stands here when it is made of plain letters alone.
    fn bare_word(&self) -> Option<String> {
        let is_end = |c: char| c.is_whitespace() || ";&|<>()".contains(c);
        let word: String = self.text[self.at.min(self.text.len())..].iter().take_while(|c| !is_end(**c)).collect();
        (!word.is_empty() && !word.contains(['\'', '"', '\\', '$', '`'])).then_some(word)
    }

    fn at_reserved(&self, words: &[&str]) -> bool {
        self.bare_word().is_some_and(|own| words.contains(&own.as_str()))
    }

    fn reserved(&mut self, word: &str) -> Read<()> {
        self.skip_newlines();
        if self.at_reserved(&[word]) {
            self.at += word.chars().count();
            return Ok(());
        }
        let found = self.unexpected();
        self.bad(format!("{} (expecting \"{word}\")", found.says))
    }

    /// Lists until one of the reserved words, a closing parenthesis, `;;` or the end.
    pub(super) fn script(&mut self, until: &[&str]) -> Read<Script> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.bad("too deeply nested");
        }
        let mut lists = Vec::new();
        loop {
            self.skip_newlines();
            let ends =
                matches!(self.peek(), None | Some(')')) || (self.peek() == Some(';') && self.peek_at(1) == Some(';'));
            if ends || self.at_reserved(until) {
                break;
            }
            lists.push(self.list()?);
        }
        self.depth -= 1;
        Ok(lists)
    }

    fn list(&mut self) -> Read<List> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let join = if self.eat("&&") {
                Join::And
            } else if self.eat("||") {
                Join::Or
            } else {
                break;
            };
            self.skip_newlines();
            rest.push((join, self.pipeline()?));
        }
        let in_background = self.peek() == Some('&');
        let is_case_end = self.peek() == Some(';') && self.peek_at(1) == Some(';');
        match self.peek() {
            Some('&') => self.at += 1,
            Some(';') if !is_case_end => self.at += 1,
            None | Some('\n' | ')' | ';') => {}
            Some(_) => return Err(self.unexpected()),
        }
        Ok(List { first, rest, in_background })
    }

    fn pipeline(&mut self) -> Read<Pipeline> {
        let mut negated = false;
        self.skip_blanks();
        while self.at_reserved(&["!"]) {
            self.at += 1;
            negated = !negated;
            self.skip_blanks();
        }
        let mut commands = vec![self.command()?];
        loop {
            self.skip_blanks();
            if self.peek() != Some('|') || self.peek_at(1) == Some('|') {
                return Ok(Pipeline { negated, commands });
            }
            self.at += 1;
            self.skip_newlines();
            commands.push(self.command()?);
        }
    }

    fn command(&mut self) -> Read<Command> {
        self.skip_blanks();
        if self.peek() == Some('(') {
            self.at += 1;
            let body = self.script(&[])?;
            if !self.eat(")") {
                return Err(self.unexpected());
            }
            return self.with_redirects(What::Subshell(body));
        }
        let what = match self.bare_word().as_deref() {
            Some("{") => self.group()?,
            Some("if") => self.conditional()?,
            Some("for") => self.for_loop()?,
            Some(word @ ("while" | "until")) => self.while_loop(word == "until")?,
            Some("case") => self.case()?,
            Some(word) if RESERVED.contains(&word) => return Err(self.unexpected()),
            _ => return self.simple(),
        };
        self.with_redirects(what)
    }

    fn with_redirects(&mut self, what: What) -> Read<Command> {
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => return Ok(Command { what, redirects }),
            }
        }
    }

    fn group(&mut self) -> Read<What> {
        self.reserved("{")?;
        let body = self.script(&["}"])?;
        self.reserved("}")?;
        Ok(What::Group(body))
    }

    fn conditional(&mut self) -> Read<What> {
        self.reserved("if")?;
        let mut arms = Vec::new();
        loop {
            let condition = self.script(&["then"])?;
            self.reserved("then")?;
            arms.push((condition, self.script(&["elif", "else", "fi"])?));
            if !self.at_reserved(&["elif"]) {
                break;
            }
            self.reserved("elif")?;
        }
        let otherwise = if self.at_reserved(&["else"]) {
            self.reserved("else")?;
            Some(self.script(&["fi"])?)
        } else {
            None
        };
        self.reserved("fi")?;
        Ok(What::If { arms, otherwise })
    }

    fn do_group(&mut self) -> Read<Script> {
        self.reserved("do")?;
        let body = self.script(&["done"])?;
        self.reserved("done")?;
        Ok(body)
    }

    fn while_loop(&mut self, until: bool) -> Read<What> {
        self.reserved(if until { "until" } else { "while" })?;
        let condition = self.script(&["do"])?;
        Ok(What::While { condition, body: self.do_group()?, until })
    }

    fn for_loop(&mut self) -> Read<What> {
        self.reserved("for")?;
        self.skip_blanks();
        let Some(name) = self.bare_word().filter(|n| is_name(n)) else {
            return self.bad("Bad for loop variable");
        };
        self.at += name.chars().count();
        self.skip_newlines();
        let mut words = None;
        if self.at_reserved(&["in"]) {
            self.reserved("in")?;
            words = Some(self.words()?);
        }
        self.skip_blanks();
        self.eat(";");
        Ok(What::For { name, words, body: self.do_group()? })
    }

    fn words(&mut self) -> Read<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.word()? {
                Some(word) => words.push(word),
                None => return Ok(words),
            }
        }
    }

    fn case(&mut self) -> Read<What> {
        self.reserved("case")?;
        self.skip_blanks();
        let Some(word) = self.word()? else { return Err(self.unexpected()) };
        self.reserved("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines();
            if self.at_reserved(&["esac"]) {
                self.reserved("esac")?;
                return Ok(What::Case { word, arms });
            }
            self.eat("(");
            arms.push((self.patterns()?, self.script(&["esac"])?));
            self.skip_newlines();
            self.eat(";;");
        }
    }

    /// `a|b)`
    fn patterns(&mut self) -> Read<Vec<Word>> {
        let mut patterns = Vec::new();
        loop {
            self.skip_blanks();
            let Some(word) = self.word()? else { return Err(self.unexpected()) };
            patterns.push(word);
            self.skip_blanks();
            if self.eat(")") {
                return Ok(patterns);
            }
            if !self.eat("|") {
                return Err(self.unexpected());
            }
        }
    }

    fn simple(&mut self) -> Read<Command> {
        let (mut assigns, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            if words.is_empty()
                && let Some(name) = self.assignment()
            {
                assigns.push((name, self.word()?.unwrap_or_default()));
                continue;
            }
            if assigns.is_empty()
                && words.is_empty()
                && redirects.is_empty()
                && let Some(function) = self.function()?
            {
                return Ok(function);
            }
            match self.word()? {
                Some(word) => words.push(word),
                None => break,
            }
        }
        if assigns.is_empty() && words.is_empty() && redirects.is_empty() {
            return Err(self.unexpected());
        }
        Ok(Command { what: What::Simple { assigns, words }, redirects })
    }

    /// Eats `NAME=` and gives the name.
    fn assignment(&mut self) -> Option<String> {
        let rest = &self.text[self.at.min(self.text.len())..];
        let name: String = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
        let is_one = is_name(&name) && rest.get(name.len()) == Some(&'=');
        if is_one {
            self.at += name.len() + 1;
        }
        is_one.then_some(name)
    }

    /// `name() { …; }`
    fn function(&mut self) -> Read<Option<Command>> {
        let Some(name) = self.bare_word().filter(|n| is_name(n)) else { return Ok(None) };
        let before = self.at;
        self.at += name.chars().count();
        self.skip_blanks();
        if !self.eat("(") {
            self.at = before;
            return Ok(None);
        }
        self.skip_blanks();
        if !self.eat(")") {
            return Err(self.unexpected());
        }
        self.skip_newlines();
        let body = Rc::new(self.command()?);
        Ok(Some(Command { what: What::Function { name, body }, redirects: Vec::new() }))
    }

    fn redirect(&mut self) -> Read<Option<Redirect>> {
        let digits = self.text[self.at.min(self.text.len())..].iter().take_while(|c| c.is_ascii_digit()).count();
        let Some(arrow @ ('<' | '>')) = self.peek_at(digits) else { return Ok(None) };
        let fd: String = self.text[self.at..self.at + digits].iter().collect();
        self.at += digits + 1;
        let fd = fd.parse().unwrap_or(u32::from(arrow == '>'));
        if arrow == '<' && self.eat("<") {
            return self.here(fd).map(Some);
        }
        let same = self.eat("&");
        let append = arrow == '>' && self.eat(">");
        self.eat("|");
        self.skip_blanks();
        let Some(file) = self.word()? else { return Err(self.unexpected()) };
        let to = match (same, arrow) {
            (true, _) => Target::Same(file),
            (false, '<') => Target::Read(file),
            (false, _) => Target::Write { file, append },
        };
        Ok(Some(Redirect { fd, to }))
    }

    /// The document stands after this line; it is read at once, and the line's end skips it.
    fn here(&mut self, fd: u32) -> Read<Redirect> {
        let strips_tabs = self.eat("-");
        self.skip_blanks();
        let Some(word) = self.word()? else { return Err(self.unexpected()) };
        let is_quoted = word.iter().any(|p| matches!(p, super::ast::Piece::Quoted(_)));
        let end = super::word::literal(&word);
        let line_end = (self.at..self.text.len()).find(|at| self.text[*at] == '\n').unwrap_or(self.text.len());
        let mut at = self.after_here.unwrap_or((line_end + 1).min(self.text.len()));
        let mut body = String::new();
        while at < self.text.len() {
            let stop = (at..self.text.len()).find(|n| self.text[*n] == '\n').unwrap_or(self.text.len());
            let line: String = self.text[at..stop].iter().collect();
            let line = if strips_tabs { line.trim_start_matches('\t') } else { &line };
            at = (stop + 1).min(self.text.len());
            if line == end {
                break;
            }
            body.push_str(line);
            body.push('\n');
        }
        self.after_here = Some(at);
        let word = if is_quoted { vec![super::ast::Piece::Quoted(body)] } else { super::word::document(&body)? };
        Ok(Redirect { fd, to: Target::Here(word) })
    }
}

pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
