//! Reads an awk program into rules, statements and expressions.

use super::lex::Token;

pub(super) struct Program {
    pub begin: Vec<Statement>,
    pub rules: Vec<(Pattern, Vec<Statement>)>,
    pub end: Vec<Statement>,
}

impl Program {
    pub(super) fn reads_input(&self) -> bool {
        !self.rules.is_empty() || !self.end.is_empty()
    }
}

pub(super) enum Pattern {
    Always,
    If(Expr),
    Range(Expr, Expr),
}

#[derive(Debug, Clone)]
pub(super) enum Statement {
    Print(Vec<Expr>),
    Printf(Vec<Expr>),
    Do(Expr),
    If(Expr, Vec<Statement>, Vec<Statement>),
    While(Expr, Vec<Statement>),
    For(Option<Box<Statement>>, Option<Expr>, Option<Box<Statement>>, Vec<Statement>),
    ForIn(String, String, Vec<Statement>),
    Delete(String, Option<Expr>),
    Next,
    Exit(Option<Expr>),
    Break,
    Continue,
}

#[derive(Debug, Clone)]
pub(super) enum Expr {
    Number(f64),
    Text(String),
    Pattern(String),
    Variable(String),
    Element(String, Box<Expr>),
    Field(Box<Expr>),
    Assign(Box<Expr>, &'static str, Box<Expr>),
    /// Before or behind, by one up or down.
    Step {
        of: Box<Expr>,
        by: f64,
        before: bool,
    },
    Unary(&'static str, Box<Expr>),
    Binary(Box<Expr>, &'static str, Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
    In(Box<Expr>, String),
    Call(String, Vec<Expr>),
}

type Read<T> = Result<T, String>;

/// Deeper nesting is refused before it fills the stack.
const MAX_DEPTH: usize = 60;

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

pub(super) fn program(tokens: Vec<Token>) -> Read<Program> {
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let mut program = Program { begin: Vec::new(), rules: Vec::new(), end: Vec::new() };
    loop {
        parser.skip_ends();
        match parser.peek().cloned() {
            None => return Ok(program),
            Some(Token::Name(name)) if name == "BEGIN" => {
                parser.at += 1;
                program.begin.extend(parser.block()?);
            }
            Some(Token::Name(name)) if name == "END" => {
                parser.at += 1;
                program.end.extend(parser.block()?);
            }
            Some(_) => program.rules.push(parser.rule()?),
        }
    }
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, mark: &str) -> bool {
        matches!(self.peek(), Some(Token::Mark(own)) if *own == mark)
    }

    fn eat(&mut self, mark: &str) -> bool {
        let found = self.is(mark);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, mark: &str) -> Read<()> {
        if self.eat(mark) { Ok(()) } else { Err(format!("'{mark}' is missing before {:?}", self.peek())) }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(own)) if own == word);
        self.at += usize::from(found);
        found
    }

    fn skip_newlines(&mut self) {
        while self.peek() == Some(&Token::Newline) {
            self.at += 1;
        }
    }

    fn skip_ends(&mut self) {
        while self.peek() == Some(&Token::Newline) || self.is(";") {
            self.at += 1;
        }
    }

    fn rule(&mut self) -> Read<(Pattern, Vec<Statement>)> {
        let mut pattern = Pattern::Always;
        if !self.is("{") {
            let first = self.expr()?;
            pattern = if self.eat(",") { Pattern::Range(first, self.expr()?) } else { Pattern::If(first) };
        }
        let body = if self.is("{") { self.block()? } else { vec![Statement::Print(Vec::new())] };
        Ok((pattern, body))
    }

    fn block(&mut self) -> Read<Vec<Statement>> {
        self.skip_newlines();
        self.need("{")?;
        let mut all = Vec::new();
        loop {
            self.skip_ends();
            if self.eat("}") {
                return Ok(all);
            }
            if self.peek().is_none() {
                return Err("'}' is missing".into());
            }
            all.push(self.statement()?);
        }
    }

    /// A block, or one statement.
    fn body(&mut self) -> Read<Vec<Statement>> {
        self.skip_newlines();
        if self.is("{") {
            return self.block();
        }
        if self.eat(";") {
            return Ok(Vec::new());
        }
        let own = self.statement()?;
        // The end of it does not end what it belongs to.
        if self.is(";") {
            self.at += 1;
        }
        Ok(vec![own])
    }

    fn statement(&mut self) -> Read<Statement> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("too deeply nested".into());
        }
        let own = self.one_statement();
        self.depth -= 1;
        own
    }

    fn one_statement(&mut self) -> Read<Statement> {
        if self.word("if") {
            return self.conditional();
        }
        if self.word("while") {
            self.need("(")?;
            let condition = self.expr()?;
            self.need(")")?;
            return Ok(Statement::While(condition, self.body()?));
        }
        if self.word("for") {
            return self.for_loop();
        }
        if self.word("next") {
            return Ok(Statement::Next);
        }
        if self.word("break") {
            return Ok(Statement::Break);
        }
        if self.word("continue") {
            return Ok(Statement::Continue);
        }
        if self.word("exit") {
            let value = if self.ends() { None } else { Some(self.expr()?) };
            return Ok(Statement::Exit(value));
        }
        self.simple()
    }

    fn ends(&self) -> bool {
        self.peek().is_none() || self.peek() == Some(&Token::Newline) || self.is(";") || self.is("}") || self.is(")")
    }

    fn simple(&mut self) -> Read<Statement> {
        if self.word("print") {
            return Ok(Statement::Print(self.printed()?));
        }
        if self.word("printf") {
            return Ok(Statement::Printf(self.printed()?));
        }
        if self.word("delete") {
            let Some(Token::Name(name)) = self.peek().cloned() else { return Err("delete what?".into()) };
            self.at += 1;
            let mut index = None;
            if self.eat("[") {
                index = Some(self.expr()?);
                self.need("]")?;
            }
            return Ok(Statement::Delete(name, index));
        }
        Ok(Statement::Do(self.expr()?))
    }

    fn printed(&mut self) -> Read<Vec<Expr>> {
        let mut all = Vec::new();
        if self.ends() {
            return Ok(all);
        }
        // `print(a, b)` and `print (a)(b)` both begin with a parenthesis.
        let before = self.at;
        if self.eat("(") {
            let inner = self.list(")")?;
            self.need(")")?;
            if self.ends() {
                return Ok(inner);
            }
            self.at = before;
        }
        all.push(self.expr()?);
        while self.eat(",") {
            self.skip_newlines();
            all.push(self.expr()?);
        }
        if self.is("|") || self.is(">>") {
            return Err("output into files and commands is not known here".into());
        }
        Ok(all)
    }

    fn list(&mut self, end: &str) -> Read<Vec<Expr>> {
        let mut all = Vec::new();
        while !self.is(end) {
            all.push(self.expr()?);
            if !self.eat(",") {
                break;
            }
            self.skip_newlines();
        }
        Ok(all)
    }

    fn conditional(&mut self) -> Read<Statement> {
        self.need("(")?;
        let condition = self.expr()?;
        self.need(")")?;
        let yes = self.body()?;
        let before = self.at;
        self.skip_ends();
        if self.word("else") {
            return Ok(Statement::If(condition, yes, self.body()?));
        }
        self.at = before;
        Ok(Statement::If(condition, yes, Vec::new()))
    }

    fn for_loop(&mut self) -> Read<Statement> {
        self.need("(")?;
        if let (Some(Token::Name(name)), Some(Token::Mark("in")), Some(Token::Name(array)), Some(Token::Mark(")"))) = (
            self.tokens.get(self.at),
            self.tokens.get(self.at + 1),
            self.tokens.get(self.at + 2),
            self.tokens.get(self.at + 3),
        ) {
            let (name, array) = (name.clone(), array.clone());
            self.at += 4;
            return Ok(Statement::ForIn(name, array, self.body()?));
        }
        let first = if self.is(";") { None } else { Some(Box::new(self.simple()?)) };
        self.need(";")?;
        let condition = if self.is(";") { None } else { Some(self.expr()?) };
        self.need(";")?;
        let step = if self.is(")") { None } else { Some(Box::new(self.simple()?)) };
        self.need(")")?;
        Ok(Statement::For(first, condition, step, self.body()?))
    }

    fn expr(&mut self) -> Read<Expr> {
        let left = self.choice()?;
        let op = ["=", "+=", "-=", "*=", "/=", "%=", "^="].into_iter().find(|op| self.is(op));
        match (op, &left) {
            (Some(op), Expr::Variable(_) | Expr::Element(..) | Expr::Field(_)) => {
                self.at += 1;
                self.skip_newlines();
                Ok(Expr::Assign(Box::new(left), op, Box::new(self.expr()?)))
            }
            _ => Ok(left),
        }
    }

    fn choice(&mut self) -> Read<Expr> {
        let condition = self.binary(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let yes = self.expr()?;
        self.need(":")?;
        Ok(Expr::Choose(Box::new(condition), Box::new(yes), Box::new(self.expr()?)))
    }

    fn binary(&mut self, level: usize) -> Read<Expr> {
        const LEVELS: [&[&str]; 7] =
            [&["||"], &["&&"], &["in"], &["~", "!~"], &["<=", ">=", "==", "!=", "<", ">"], &[], &["+", "-"]];
        if level == LEVELS.len() {
            return self.term();
        }
        if level == 5 {
            return self.concat();
        }
        let mut left = self.binary(level + 1)?;
        loop {
            if level == 3 && self.is("!") && matches!(self.tokens.get(self.at + 1), Some(Token::Mark("~"))) {
                self.at += 2;
                left = Expr::Unary("!", Box::new(Expr::Binary(Box::new(left), "~", Box::new(self.binary(level + 1)?))));
                continue;
            }
            let Some(op) = LEVELS[level].iter().copied().find(|op| self.is(op)) else { return Ok(left) };
            self.at += 1;
            self.skip_newlines();
            if op == "in" {
                let Some(Token::Name(array)) = self.peek().cloned() else {
                    return Err("an array is missing after 'in'".into());
                };
                self.at += 1;
                left = Expr::In(Box::new(left), array);
                continue;
            }
            left = Expr::Binary(Box::new(left), op, Box::new(self.binary(level + 1)?));
        }
    }

    /// Two values side by side are one text.
    fn concat(&mut self) -> Read<Expr> {
        let mut left = self.binary(6)?;
        while self.begins_value() {
            left = Expr::Concat(Box::new(left), Box::new(self.binary(6)?));
        }
        Ok(left)
    }

    fn begins_value(&self) -> bool {
        match self.peek() {
            Some(Token::Number(_) | Token::Text(_) | Token::Pattern(_) | Token::Call(_)) => true,
            Some(Token::Name(name)) => {
                !matches!(name.as_str(), "else" | "if" | "while" | "for" | "print" | "printf" | "next" | "exit")
            }
            Some(Token::Mark(mark)) => {
                matches!(*mark, "$" | "(" | "!" | "++" | "--")
                    && !(*mark == "!" && matches!(self.tokens.get(self.at + 1), Some(Token::Mark("~"))))
            }
            _ => false,
        }
    }

    fn term(&mut self) -> Read<Expr> {
        let mut left = self.unary()?;
        while let Some(op) = ["*", "/", "%"].into_iter().find(|op| self.is(op)) {
            self.at += 1;
            left = Expr::Binary(Box::new(left), op, Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Read<Expr> {
        for op in ["!", "-", "+"] {
            if self.eat(op) {
                return Ok(Expr::Unary(op, Box::new(self.unary()?)));
            }
        }
        let base = self.postfix()?;
        if self.eat("^") || self.eat("**") {
            return Ok(Expr::Binary(Box::new(base), "^", Box::new(self.unary()?)));
        }
        Ok(base)
    }

    fn postfix(&mut self) -> Read<Expr> {
        for (mark, by) in [("++", 1.0), ("--", -1.0)] {
            if self.eat(mark) {
                return Ok(Expr::Step { of: Box::new(self.primary()?), by, before: true });
            }
        }
        let own = self.primary()?;
        if matches!(own, Expr::Variable(_) | Expr::Element(..) | Expr::Field(_)) {
            for (mark, by) in [("++", 1.0), ("--", -1.0)] {
                if self.eat(mark) {
                    return Ok(Expr::Step { of: Box::new(own), by, before: false });
                }
            }
        }
        Ok(own)
    }

    fn primary(&mut self) -> Read<Expr> {
        let Some(token) = self.peek().cloned() else { return Err("unexpected end".into()) };
        self.at += 1;
        Ok(match token {
            Token::Number(n) => Expr::Number(n),
            Token::Text(text) => Expr::Text(text),
            Token::Pattern(text) => Expr::Pattern(text),
            Token::Mark("$") => Expr::Field(Box::new(self.field()?)),
            Token::Mark("(") => {
                let mut own = self.expr()?;
                while self.eat(",") {
                    // `(a, b) in array`
                    own = Expr::Concat(
                        Box::new(Expr::Concat(Box::new(own), Box::new(Expr::Text("\u{1c}".into())))),
                        Box::new(self.expr()?),
                    );
                }
                self.need(")")?;
                own
            }
            Token::Call(name) => {
                self.need("(")?;
                let args = self.list(")")?;
                self.need(")")?;
                Expr::Call(name, args)
            }
            Token::Name(name) if name == "length" => Expr::Call(name, Vec::new()),
            Token::Name(name) => {
                if !self.eat("[") {
                    return Ok(Expr::Variable(name));
                }
                let mut index = self.expr()?;
                while self.eat(",") {
                    index = Expr::Concat(
                        Box::new(Expr::Concat(Box::new(index), Box::new(Expr::Text("\u{1c}".into())))),
                        Box::new(self.expr()?),
                    );
                }
                self.need("]")?;
                Expr::Element(name, Box::new(index))
            }
            other => return Err(format!("unexpected {other:?}")),
        })
    }

    /// `$1`, `$NF`, `$(n + 1)`, `$i++` is a field's step.
    fn field(&mut self) -> Read<Expr> {
        if self.is("-") || self.is("++") || self.is("--") {
            return self.unary();
        }
        self.primary()
    }
}
