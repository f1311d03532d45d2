//! Runs an awk program over its input.

use std::collections::{BTreeMap, HashMap};

use regex::Regex;

use super::parse::{Expr, Pattern, Program, Statement};
use super::value::Value;
use crate::hosts::tools::grep::modern;
use crate::hosts::tools::print::formatted;

/// A program that takes more steps has lost its way.
const MAX_STEPS: usize = 5_000_000;

pub(super) struct Engine {
    pub out: String,
    variables: HashMap<String, Value>,
    /// Sorted, so that one program writes the same whenever it runs.
    arrays: HashMap<String, BTreeMap<String, Value>>,
    record: String,
    fields: Vec<String>,
    patterns: HashMap<String, Regex>,
    steps: usize,
}

enum Flow {
    Next,
    Exit(i32),
    Break,
    Continue,
    Fault(String),
}

type Done<T> = Result<T, Flow>;

impl Engine {
    pub(super) fn new() -> Self {
        let mut own = Self {
            out: String::new(),
            variables: HashMap::new(),
            arrays: HashMap::new(),
            record: String::new(),
            fields: Vec::new(),
            patterns: HashMap::new(),
            steps: 0,
        };
        for (name, value) in [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("RS", "\n"), ("SUBSEP", "\u{1c}")] {
            own.set_text(name, value);
        }
        own
    }

    pub(super) fn set_text(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), Value::Input(value.to_owned()));
    }

    pub(super) fn set_environment(&mut self, name: &str, value: &str) {
        self.arrays.entry("ENVIRON".into()).or_default().insert(name.to_owned(), Value::Input(value.to_owned()));
    }

    pub(super) fn run(&mut self, program: &Program, input: &[(String, String)]) -> Result<i32, String> {
        let mut status = 0;
        let ended = match self.block(&program.begin).and_then(|()| self.records(program, input)) {
            Err(Flow::Exit(own)) => {
                status = own;
                true
            }
            Err(Flow::Fault(says)) => return Err(says),
            _ => false,
        };
        match self.block(&program.end) {
            Err(Flow::Exit(own)) if !ended || own != 0 => status = own,
            Err(Flow::Fault(says)) => return Err(says),
            _ => {}
        }
        Ok(status)
    }

    fn records(&mut self, program: &Program, input: &[(String, String)]) -> Done<()> {
        let mut inside = vec![false; program.rules.len()];
        let mut n = 0.0;
        for (name, text) in input {
            self.set_text("FILENAME", name);
            let by_paragraph = self.text_of("RS").is_empty();
            let records: Vec<&str> = if by_paragraph { text.split("\n\n").collect() } else { text.lines().collect() };
            for (own, record) in records.iter().enumerate() {
                n += 1.0;
                self.variables.insert("NR".into(), Value::Number(n));
                self.variables.insert("FNR".into(), Value::Number(own as f64 + 1.0));
                self.set_record(record);
                match self.rules(program, &mut inside) {
                    Ok(()) | Err(Flow::Next) => {}
                    Err(other) => return Err(other),
                }
            }
        }
        Ok(())
    }

    fn rules(&mut self, program: &Program, inside: &mut [bool]) -> Done<()> {
        for (n, (pattern, body)) in program.rules.iter().enumerate() {
            let is_meant = match pattern {
                Pattern::Always => true,
                Pattern::If(condition) => self.value(condition)?.is_true(),
                Pattern::Range(from, to) => {
                    let begins = inside[n] || self.value(from)?.is_true();
                    inside[n] = begins && !self.value(to)?.is_true();
                    begins
                }
            };
            if is_meant {
                self.block(body)?;
            }
        }
        Ok(())
    }

    fn text_of(&self, name: &str) -> String {
        self.variables.get(name).map(Value::text).unwrap_or_default()
    }

    fn set_record(&mut self, record: &str) {
        self.record = record.to_owned();
        let separator = self.text_of("FS");
        self.fields = self.parted(record, &separator);
        self.variables.insert("NF".into(), Value::Number(self.fields.len() as f64));
    }

    fn parted(&mut self, text: &str, separator: &str) -> Vec<String> {
        match separator {
            " " => text.split_whitespace().map(str::to_owned).collect(),
            _ if text.is_empty() => Vec::new(),
            one if one.chars().count() == 1 => text.split(one).map(str::to_owned).collect(),
            pattern => match self.regex(pattern) {
                Ok(own) => own.split(text).map(str::to_owned).collect(),
                Err(_) => vec![text.to_owned()],
            },
        }
    }

    fn regex(&mut self, text: &str) -> Done<Regex> {
        if let Some(own) = self.patterns.get(text) {
            return Ok(own.clone());
        }
        let own = Regex::new(&modern(text)).map_err(|_| Flow::Fault(format!("illegal regular expression {text}")))?;
        self.patterns.insert(text.to_owned(), own.clone());
        Ok(own)
    }

    fn block(&mut self, all: &[Statement]) -> Done<()> {
        all.iter().try_for_each(|own| self.statement(own))
    }

    fn statement(&mut self, own: &Statement) -> Done<()> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Flow::Fault("the program does not come to an end".into()));
        }
        match own {
            Statement::Print(values) => self.print(values)?,
            Statement::Printf(values) => {
                let mut texts = self.texts(values)?;
                if !texts.is_empty() {
                    let format = texts.remove(0);
                    self.out.push_str(&formatted(&format, &texts).0);
                }
            }
            Statement::Do(expr) => drop(self.value(expr)?),
            Statement::If(condition, yes, no) => {
                let branch = if self.value(condition)?.is_true() { yes } else { no };
                self.block(branch)?;
            }
            Statement::While(condition, body) => self.repeat(Some(condition), None, body)?,
            Statement::For(first, condition, step, body) => {
                if let Some(first) = first {
                    self.statement(first)?;
                }
                self.repeat(condition.as_ref(), step.as_deref(), body)?;
            }
            Statement::ForIn(name, array, body) => {
                let keys: Vec<String> = self.arrays.get(array).map(|a| a.keys().cloned().collect()).unwrap_or_default();
                for key in keys {
                    self.set_text(name, &key);
                    if !goes_on(self.block(body))? {
                        break;
                    }
                }
            }
            Statement::Delete(name, None) => drop(self.arrays.remove(name)),
            Statement::Delete(name, Some(index)) => {
                let key = self.value(index)?.text();
                if let Some(array) = self.arrays.get_mut(name) {
                    array.remove(&key);
                }
            }
            Statement::Next => return Err(Flow::Next),
            Statement::Break => return Err(Flow::Break),
            Statement::Continue => return Err(Flow::Continue),
            Statement::Exit(value) => {
                let status = value.as_ref().map(|own| self.value(own)).transpose()?;
                return Err(Flow::Exit(status.map_or(0, |own| own.number() as i32)));
            }
        }
        Ok(())
    }

    fn repeat(&mut self, condition: Option<&Expr>, step: Option<&Statement>, body: &[Statement]) -> Done<()> {
        loop {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return Err(Flow::Fault("the program does not come to an end".into()));
            }
            let is_true = condition.map(|own| self.value(own)).transpose()?.is_none_or(|own| own.is_true());
            if !is_true || !goes_on(self.block(body))? {
                return Ok(());
            }
            if let Some(step) = step {
                self.statement(step)?;
            }
        }
    }

    fn texts(&mut self, values: &[Expr]) -> Done<Vec<String>> {
        values.iter().map(|own| self.value(own).map(|v| v.text())).collect()
    }

    fn print(&mut self, values: &[Expr]) -> Done<()> {
        let text = if values.is_empty() { self.record.clone() } else { self.texts(values)?.join(&self.text_of("OFS")) };
        self.out.push_str(&text);
        let end = self.text_of("ORS");
        self.out.push_str(&end);
        Ok(())
    }

    fn field(&self, n: usize) -> Value {
        match n {
            0 => Value::Input(self.record.clone()),
            n => self.fields.get(n - 1).map_or(Value::Nothing, |own| Value::Input(own.clone())),
        }
    }

    fn value(&mut self, expr: &Expr) -> Done<Value> {
        Ok(match expr {
            Expr::Number(n) => Value::Number(*n),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Pattern(text) => Value::Number(f64::from(u8::from(self.regex(text)?.is_match(&self.record)))),
            Expr::Variable(name) => self.variables.get(name).cloned().unwrap_or(Value::Nothing),
            Expr::Element(name, index) => {
                let key = self.value(index)?.text();
                self.arrays.entry(name.clone()).or_default().entry(key).or_insert(Value::Nothing).clone()
            }
            Expr::Field(n) => {
                let n = self.value(n)?.number().max(0.0) as usize;
                self.field(n)
            }
            Expr::Assign(to, op, from) => self.assigned(to, op, from)?,
            Expr::Step { of, by, before } => {
                let old = self.value(of)?.number();
                self.assign(of, Value::Number(old + by))?;
                Value::Number(if *before { old + by } else { old })
            }
            Expr::Unary(op, inner) => {
                let own = self.value(inner)?;
                match *op {
                    "!" => truth(!own.is_true()),
                    "-" => Value::Number(-own.number()),
                    _ => Value::Number(own.number()),
                }
            }
            Expr::Binary(left, op, right) => self.binary(left, op, right)?,
            Expr::Concat(left, right) => Value::Text(self.value(left)?.text() + &self.value(right)?.text()),
            Expr::Choose(condition, yes, no) => {
                let branch = if self.value(condition)?.is_true() { yes } else { no };
                self.value(branch)?
            }
            Expr::In(key, array) => {
                let key = self.value(key)?.text();
                truth(self.arrays.get(array).is_some_and(|own| own.contains_key(&key)))
            }
            Expr::Call(name, args) => self.call(name, args)?,
        })
    }

    fn assigned(&mut self, to: &Expr, op: &str, from: &Expr) -> Done<Value> {
        let new = self.value(from)?;
        let value = match op {
            "=" => new,
            op => {
                let old = self.value(to)?.number();
                Value::Number(arithmetic(&op[..1], old, new.number())?)
            }
        };
        self.assign(to, value.clone())?;
        Ok(value)
    }

    fn assign(&mut self, to: &Expr, value: Value) -> Done<()> {
        match to {
            Expr::Variable(name) => drop(self.variables.insert(name.clone(), value)),
            Expr::Element(name, index) => {
                let key = self.value(index)?.text();
                self.arrays.entry(name.clone()).or_default().insert(key, value);
            }
            Expr::Field(n) => {
                let n = self.value(n)?.number().max(0.0) as usize;
                if n == 0 {
                    self.set_record(&value.text());
                    return Ok(());
                }
                let missing = n.min(10_000).saturating_sub(self.fields.len());
                self.fields.extend(std::iter::repeat_n(String::new(), missing));
                if let Some(own) = self.fields.get_mut(n - 1) {
                    *own = value.text();
                }
                self.variables.insert("NF".into(), Value::Number(self.fields.len() as f64));
                self.record = self.fields.join(&self.text_of("OFS"));
            }
            _ => return Err(Flow::Fault("cannot assign to that".into())),
        }
        Ok(())
    }

    fn binary(&mut self, left: &Expr, op: &str, right: &Expr) -> Done<Value> {
        match op {
            "&&" => return Ok(truth(self.value(left)?.is_true() && self.value(right)?.is_true())),
            "||" => return Ok(truth(self.value(left)?.is_true() || self.value(right)?.is_true())),
            "~" => {
                let text = self.value(left)?.text();
                let pattern = self.pattern(right)?;
                return Ok(truth(self.regex(&pattern)?.is_match(&text)));
            }
            _ => {}
        }
        let (left, right) = (self.value(left)?, self.value(right)?);
        let order = left.compare(&right);
        Ok(match op {
            "==" => truth(order.is_eq()),
            "!=" => truth(order.is_ne()),
            "<" => truth(order.is_lt()),
            "<=" => truth(order.is_le()),
            ">" => truth(order.is_gt()),
            ">=" => truth(order.is_ge()),
            op => Value::Number(arithmetic(op, left.number(), right.number())?),
        })
    }

    /// What is matched with: a pattern's own text, or a text that is one.
    fn pattern(&mut self, expr: &Expr) -> Done<String> {
        match expr {
            Expr::Pattern(text) => Ok(text.clone()),
            other => Ok(self.value(other)?.text()),
        }
    }

    fn call(&mut self, name: &str, args: &[Expr]) -> Done<Value> {
        match name {
            "split" => return self.split(args),
            "sub" | "gsub" => return self.substitute(name == "gsub", args),
            "match" => return self.find(args),
            "length" => return self.length(args),
            _ => {}
        }
        let values: Vec<Value> = args.iter().map(|own| self.value(own)).collect::<Done<_>>()?;
        let text = |n: usize| values.get(n).map(Value::text).unwrap_or_default();
        let number = |n: usize| values.get(n).map(Value::number).unwrap_or_default();
        Ok(match name {
            "substr" => {
                let from = (number(1).round() as i64).max(1);
                let end = if values.len() > 2 { number(1).round() as i64 + number(2).round() as i64 } else { i64::MAX };
                let count = usize::try_from((end - from).max(0)).unwrap_or(usize::MAX);
                Value::Text(text(0).chars().skip(usize::try_from(from - 1).unwrap_or(0)).take(count).collect())
            }
            "index" => {
                let (whole, part) = (text(0), text(1));
                Value::Number(whole.find(&part).map_or(0.0, |at| whole[..at].chars().count() as f64 + 1.0))
            }
            "tolower" => Value::Text(text(0).to_lowercase()),
            "toupper" => Value::Text(text(0).to_uppercase()),
            "int" => Value::Number(number(0).trunc()),
            "sqrt" => Value::Number(number(0).sqrt()),
            "log" => Value::Number(number(0).ln()),
            "exp" => Value::Number(number(0).exp()),
            "sprintf" => {
                let rest: Vec<String> = values.iter().skip(1).map(Value::text).collect();
                Value::Text(formatted(&text(0), &rest).0)
            }
            other => return Err(Flow::Fault(format!("calling undefined function {other}"))),
        })
    }

    fn length(&mut self, args: &[Expr]) -> Done<Value> {
        if let Some(Expr::Variable(name)) = args.first()
            && let Some(array) = self.arrays.get(name)
        {
            return Ok(Value::Number(array.len() as f64));
        }
        let text = match args.first() {
            Some(own) => self.value(own)?.text(),
            None => self.record.clone(),
        };
        Ok(Value::Number(text.chars().count() as f64))
    }

    fn split(&mut self, args: &[Expr]) -> Done<Value> {
        let [text, Expr::Variable(name), rest @ ..] = args else {
            return Err(Flow::Fault("split needs a text and an array".into()));
        };
        let text = self.value(text)?.text();
        let separator = match rest.first() {
            Some(own) => self.pattern(own)?,
            None => self.text_of("FS"),
        };
        let parts = self.parted(&text, &separator);
        let count = parts.len() as f64;
        let array = parts.into_iter().enumerate().map(|(n, part)| ((n + 1).to_string(), Value::Input(part))).collect();
        self.arrays.insert(name.clone(), array);
        Ok(Value::Number(count))
    }

    fn substitute(&mut self, all: bool, args: &[Expr]) -> Done<Value> {
        let [pattern, by, rest @ ..] = args else { return Err(Flow::Fault("sub needs a pattern and a text".into())) };
        let whole = Expr::Field(Box::new(Expr::Number(0.0)));
        let target = rest.first().unwrap_or(&whole);
        let pattern = self.pattern(pattern)?;
        let pattern = self.regex(&pattern)?;
        let by = self
            .value(by)?
            .text()
            .replace('$', "$$")
            .replace("\\&", "\u{1}")
            .replace('&', "${0}")
            .replace('\u{1}', "&");
        let text = self.value(target)?.text();
        let count = if all { pattern.find_iter(&text).count() } else { usize::from(pattern.is_match(&text)) };
        if count > 0 {
            let new = if all { pattern.replace_all(&text, by.as_str()) } else { pattern.replace(&text, by.as_str()) };
            let new = new.into_owned();
            self.assign(target, Value::Input(new))?;
        }
        Ok(Value::Number(count as f64))
    }

    fn find(&mut self, args: &[Expr]) -> Done<Value> {
        let [text, pattern, ..] = args else { return Err(Flow::Fault("match needs a text and a pattern".into())) };
        let text = self.value(text)?.text();
        let pattern = self.pattern(pattern)?;
        let found = self.regex(&pattern)?.find(&text).map(|own| (own.start(), own.end()));
        let (start, length) = match found {
            Some((from, to)) => (text[..from].chars().count() as f64 + 1.0, text[from..to].chars().count() as f64),
            None => (0.0, -1.0),
        };
        self.variables.insert("RSTART".into(), Value::Number(start));
        self.variables.insert("RLENGTH".into(), Value::Number(length));
        Ok(Value::Number(start))
    }
}

fn truth(is_so: bool) -> Value {
    Value::Number(f64::from(u8::from(is_so)))
}

fn arithmetic(op: &str, left: f64, right: f64) -> Done<f64> {
    Ok(match op {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" | "%" if right == 0.0 => return Err(Flow::Fault("division by zero".into())),
        "/" => left / right,
        "%" => left % right,
        _ => left.powf(right),
    })
}

/// Whether a loop goes on after its body.
fn goes_on(done: Done<()>) -> Done<bool> {
    match done {
        Ok(()) | Err(Flow::Continue) => Ok(true),
        Err(Flow::Break) => Ok(false),
        Err(other) => Err(other),
    }
}
