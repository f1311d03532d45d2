//! Commands, operators, redirections, comments and here-documents of a script. Words are in `word`.

use super::{Command, Fault, Redirect, Script, Spot, Use, Word, template};

const DEEPEST: usize = 16;

/// What the script is made of.
pub(in crate::runbooks) fn lex(text: &str) -> Script {
    let mut lexer = Lexer { text, at: 0, out: Script::default(), here: Vec::new(), depth: 0 };
    lexer.list(false);
    lexer.out
}

pub(super) struct Lexer<'s> {
    pub text: &'s str,
    pub at: usize,
    pub out: Script,
    /// Here-documents whose bodies begin on the next line.
    here: Vec<(String, bool)>,
    depth: usize,
}

/// Words before a command that are no command.
const LEADING: [&str; 9] = ["if", "then", "elif", "else", "while", "until", "do", "!", "{"];
/// Words that end a compound command.
const ENDING: [&str; 4] = ["fi", "done", "esac", "}"];

#[derive(Default)]
struct State {
    command: Command,
    parentheses: usize,
    /// Between `in` or `;;` and `)` of a case: what stands there are patterns.
    in_pattern: bool,
}

impl Lexer<'_> {
    pub fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn fault(&mut self, at: usize, says: impl Into<String>, remedy: &'static str) {
        self.out.faults.push(Fault { at, says: says.into(), remedy });
    }

    /// Commands up to the end, or, inside `$(`, up to its `)`.
    pub fn list(&mut self, is_inner: bool) {
        let began = self.at;
        self.enter();
        let mut state = State::default();
        let is_closed = self.until_end(&mut state, is_inner);
        self.finish(&mut state);
        if is_inner && !is_closed {
            self.fault(began, "$( is not closed", "close it with )");
        }
        self.leave();
    }

    /// Deeper by one; what is too deep is not read any further, so that no script can exhaust our stack.
    pub fn enter(&mut self) {
        self.depth += 1;
        if self.depth > DEEPEST && self.at < self.text.len() {
            self.fault(self.at, "this is nested too deeply", "write it in simpler steps");
            self.at = self.text.len();
        }
    }

    pub const fn leave(&mut self) {
        self.depth -= 1;
    }

    fn until_end(&mut self, state: &mut State, is_inner: bool) -> bool {
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                '\n' => {
                    self.at += 1;
                    self.finish(state);
                    self.bodies();
                }
                '#' => self.comment(),
                ')' if is_inner && state.parentheses == 0 => {
                    self.at += 1;
                    return true;
                }
                '(' | ')' | ';' | '&' | '|' => self.operator(c, state),
                '<' | '>' => self.redirect(&mut state.command),
                _ => self.one_word(state, is_inner),
            }
        }
        false
    }

    fn one_word(&mut self, state: &mut State, is_inner: bool) {
        let word = self.word();
        let is_descriptor = !word.text.is_empty() && word.text.bytes().all(|b| b.is_ascii_digit());
        if is_descriptor && matches!(self.peek(), Some('<' | '>')) {
            return;
        }
        if is_inner && state.command.words.is_empty() && word.text == "case" {
            self.fault(word.at, "case inside $( ) is not followed here", "put it before, and use a variable");
        }
        if state.in_pattern && word.text == "esac" {
            state.in_pattern = false;
        }
        let is_first = state.command.words.is_empty();
        if is_first && LEADING.contains(&word.text.as_str()) {
            return;
        }
        let begins_patterns = word.text == "in" && is_case(&state.command);
        state.command.words.push(word);
        if begins_patterns {
            self.finish(state);
            state.in_pattern = true;
        }
    }

    fn operator(&mut self, c: char, state: &mut State) {
        self.at += 1;
        match c {
            ')' if state.in_pattern => {
                state.command = Command::default();
                state.in_pattern = false;
                return;
            }
            '|' | '(' if state.in_pattern => return,
            ';' if self.rest().starts_with(';') => {
                self.at += 1;
                self.finish(state);
                state.in_pattern = true;
                return;
            }
            '&' if self.rest().starts_with('>') => {
                self.fault(self.at, "&> is of bash alone", "write >FILE 2>&1");
            }
            '(' => state.parentheses += 1,
            ')' => state.parentheses = state.parentheses.saturating_sub(1),
            _ => {}
        }
        self.finish(state);
    }

    /// The command is whole. Reserved words are no part of it.
    fn finish(&mut self, state: &mut State) {
        if state.in_pattern {
            return;
        }
        let mut command = std::mem::take(&mut state.command);
        let first = command.words.first().map_or("", |w| w.text.as_str());
        if matches!(first, "for" | "case" | "select") {
            self.uses_only(&command.words);
            command.words.clear();
        } else if ENDING.contains(&first) {
            command.words.clear();
        }
        if !command.words.is_empty() || !command.redirects.is_empty() {
            self.out.commands.push(command);
        }
    }

    /// A value among a loop's words or as a case's subject begins no option.
    fn uses_only(&mut self, words: &[Word]) {
        for word in words {
            for used in &word.uses {
                if let Some(used) = self.out.uses.get_mut(*used) {
                    used.begins_word = false;
                }
            }
        }
    }

    fn redirect(&mut self, command: &mut Command) {
        let at = self.at;
        const OPERATORS: [&str; 10] = ["<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">"];
        let operator = OPERATORS.into_iter().find(|op| self.rest().starts_with(op)).unwrap_or(">");
        self.at += operator.len();
        if operator == "<<<" || self.rest().starts_with('(') {
            self.fault(at, "this redirection is of bash alone", "scripts are run by sh: use a pipe");
        }
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.at += 1;
        }
        let word = self.word();
        if let Some(used) = word.uses.first().and_then(|used| self.out.uses.get_mut(*used)) {
            used.begins_word = false;
        }
        if matches!(operator, "<<" | "<<-") {
            self.here.push((word.text, operator == "<<-"));
        } else {
            command.redirects.push(Redirect { at, operator, target: word.text });
        }
    }

    /// The bodies of the here-documents that were announced on the line before.
    fn bodies(&mut self) {
        for (delimiter, strips_tabs) in std::mem::take(&mut self.here) {
            let began = self.at;
            loop {
                let line = self.rest().split('\n').next().unwrap_or_default().to_owned();
                let is_last = self.at + line.len() >= self.text.len();
                let bare = if strips_tabs { line.trim_start_matches('\t') } else { &line };
                if bare != delimiter {
                    self.uses_in(self.at, &line, Spot::HereDocument);
                }
                self.at = (self.at + line.len() + 1).min(self.text.len());
                if bare == delimiter {
                    break;
                }
                if is_last {
                    self.fault(
                        began,
                        format!("the here-document is not ended by {delimiter}"),
                        "end it on a line of its own",
                    );
                    break;
                }
            }
        }
    }

    fn comment(&mut self) {
        let line = self.rest().split('\n').next().unwrap_or_default().to_owned();
        self.uses_in(self.at, &line, Spot::Comment);
        self.at += line.len();
    }

    /// Notes every use in a piece of text in which none may be.
    pub fn uses_in(&mut self, at: usize, text: &str, spot: Spot) {
        let mut from = 0;
        while let Some(found) = text.get(from..).and_then(|rest| rest.find("{{")) {
            let begins = from + found;
            let Some((name, length)) = template(&text[begins..]) else {
                from = begins + 1;
                continue;
            };
            // Go's templates, as docker takes them, have words of their own.
            if !matches!(name, "end" | "else") {
                let (at, name) = (at + begins, name.to_owned());
                self.out.uses.push(Use { at, end: at + length, name, spot, begins_word: false });
            }
            from = begins + length;
        }
    }
}

fn is_case(command: &Command) -> bool {
    command.words.len() == 2 && command.words.first().is_some_and(|word| word.text == "case")
}
