//! `$((…))`: whole numbers, the operators of C, variables by name and assignments. It divides by zero for nobody.

use super::vars::Vars;

pub(super) fn value(text: &str, vars: &mut Vars) -> Result<i64, String> {
    let mut own = Arith { text: text.chars().collect(), at: 0, vars };
    let value = own.binary(0)?;
    own.skip();
    if own.at < own.text.len() {
        return Err(format!("arithmetic expression: expecting EOF: \"{text}\""));
    }
    Ok(value)
}

/// By precedence, loosest first; longer ones stand before those that they begin with.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

struct Arith<'a> {
    text: Vec<char>,
    at: usize,
    vars: &'a mut Vars,
}

impl Arith<'_> {
    fn skip(&mut self) {
        while self.text.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn starts(&self, with: &str) -> bool {
        with.chars().enumerate().all(|(n, c)| self.text.get(self.at + n) == Some(&c))
    }

    fn eat(&mut self, wanted: &str) -> bool {
        self.skip();
        let found = self.starts(wanted);
        self.at += if found { wanted.len() } else { 0 };
        found
    }

    fn operator(&mut self, level: usize) -> Option<&'static str> {
        self.skip();
        let found = LEVELS[level].iter().copied().find(|op| self.starts(op))?;
        // `&` is not the first half of `&&`, and `a<b` is no shift.
        let next = self.text.get(self.at + found.len()).copied();
        let is_longer = found.len() == 1 && "|&<>".contains(found) && next.is_some_and(|c| found.starts_with(c));
        if is_longer {
            return None;
        }
        self.at += found.len();
        Some(found)
    }

    fn binary(&mut self, level: usize) -> Result<i64, String> {
        if level == LEVELS.len() {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        while let Some(op) = self.operator(level) {
            let right = self.binary(level + 1)?;
            left = apply(op, left, right)?;
        }
        if level == 0 && self.eat("?") {
            let yes = self.binary(0)?;
            if !self.eat(":") {
                return Err("arithmetic expression: expecting ':'".into());
            }
            let no = self.binary(0)?;
            return Ok(if left != 0 { yes } else { no });
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.skip();
        match self.text.get(self.at).copied() {
            Some('-') => {
                self.at += 1;
                Ok(self.unary()?.wrapping_neg())
            }
            Some('+') => {
                self.at += 1;
                self.unary()
            }
            Some('!') => {
                self.at += 1;
                Ok(i64::from(self.unary()? == 0))
            }
            Some('~') => {
                self.at += 1;
                Ok(!self.unary()?)
            }
            Some('(') => {
                self.at += 1;
                let value = self.binary(0)?;
                if self.eat(")") { Ok(value) } else { Err("arithmetic expression: expecting ')'".into()) }
            }
            Some(c) if c.is_ascii_digit() => self.number(),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => self.variable(),
            _ => Err("arithmetic expression: expecting primary".into()),
        }
    }

    fn letters(&mut self) -> String {
        let rest = self.text[self.at..].iter();
        let word: String = rest.take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
        self.at += word.len();
        word
    }

    fn number(&mut self) -> Result<i64, String> {
        let word = self.letters();
        number(&word).ok_or_else(|| format!("arithmetic expression: expecting EOF: \"{word}\""))
    }

    fn variable(&mut self) -> Result<i64, String> {
        let name = self.letters();
        self.skip();
        let is_assign = self.starts("=") && !self.starts("==");
        let op = ["+=", "-=", "*=", "/=", "%="].iter().find(|op| self.starts(op));
        let current = self.vars.get(&name).unwrap_or_default();
        let current = if current.trim().is_empty() { Some(0) } else { number(current.trim()) };
        let current = current.ok_or_else(|| format!("Illegal number: {}", self.vars.get(&name).unwrap_or_default()));
        if !is_assign && op.is_none() {
            return current;
        }
        self.at += if is_assign { 1 } else { 2 };
        let right = self.binary(0)?;
        let value = match op {
            Some(op) => apply(&op[..1], current?, right)?,
            None => right,
        };
        self.vars.set(&name, value.to_string());
        Ok(value)
    }
}

/// Decimal, `0x…` or octal with a leading zero.
fn number(word: &str) -> Option<i64> {
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok();
    }
    if word.len() > 1 && word.starts_with('0') {
        return i64::from_str_radix(word, 8).ok();
    }
    word.parse().ok()
}

fn apply(op: &str, left: i64, right: i64) -> Result<i64, String> {
    let shift = |n: i64| u32::try_from(n & 63).unwrap_or(0);
    Ok(match op {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<<" => left.wrapping_shl(shift(right)),
        ">>" => left.wrapping_shr(shift(right)),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" | "%" if right == 0 => return Err("division by zero".into()),
        "/" => left.wrapping_div(right),
        _ => left.wrapping_rem(right),
    })
}
