//! Typed parameters of a runbook: what a value may be, and how it is written into a script. A value is always one quoted word:
//! it can't become a command, a pattern or a second word. Never guesses what was meant by a wrong one.

use model::plan::Words;

const MOST_BYTES: usize = 4096;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub title: Option<Words>,
    pub kind: Kind,
    pub default: Option<String>,
    pub required: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything but NUL; line breaks too.
    Text,
    /// No blanks, no leading dash.
    Word,
    /// A whole number within bounds.
    Number {
        min: Option<i64>,
        max: Option<i64>,
    },
    Choice(Vec<String>),
    /// An absolute path.
    Path,
    /// A host's name or address.
    Host,
    /// The name of a systemd unit or a service.
    Unit,
    /// `90s`, `15m`, `2h`, `1d`.
    Duration,
}

/// Why a value is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {name} can't be {value:?}: {why}")]
pub struct Refused {
    pub name: String,
    /// Cut where it is long.
    pub value: String,
    pub why: String,
}

impl Parameter {
    /// Whether the value is one of this parameter's.
    ///
    /// # Errors
    /// It is not, for the reason given.
    pub fn check(&self, value: &str) -> Result<(), Refused> {
        self.kind.check(value).map_err(|why| refused(&self.name, value, why))
    }
}

pub(super) fn refused(name: &str, value: &str, why: impl Into<String>) -> Refused {
    Refused { name: name.to_owned(), value: model::text::cut(value, 80), why: why.into() }
}

impl Kind {
    fn check(&self, value: &str) -> Result<(), String> {
        bounded(value)?;
        match self {
            Self::Text => Ok(()),
            Self::Number { min, max } => number(value, *min, *max),
            Self::Choice(known) if known.iter().any(|k| k == value) => Ok(()),
            Self::Choice(known) => Err(format!("it is one of {}", known.join(", "))),
            _ => self.one_word(value),
        }
    }

    fn one_word(&self, value: &str) -> Result<(), String> {
        if value.is_empty() {
            return Err("it is empty".into());
        }
        if value.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err("it has a blank or a control character".into());
        }
        if value.starts_with('-') {
            return Err("it begins with a dash, as an option does".into());
        }
        let all = |known: fn(char) -> bool| value.chars().all(known);
        match self {
            Self::Path if !value.starts_with('/') => Err("a path begins with /".into()),
            Self::Host if !all(|c| c.is_ascii_alphanumeric() || ".-_:".contains(c)) => {
                Err("a host has letters, digits, dots, dashes and colons".into())
            }
            Self::Unit if !all(|c| c.is_ascii_alphanumeric() || ":_.@-\\".contains(c)) => {
                Err("a unit has letters, digits and :_.@-\\".into())
            }
            Self::Duration if super::amount::seconds(value).is_none() => {
                Err("write a number and s, m, h or d, as in 15m".into())
            }
            _ => Ok(()),
        }
    }
}

fn bounded(value: &str) -> Result<(), String> {
    if value.contains('\0') {
        return Err("it has a NUL, which no command can be given".into());
    }
    if value.len() > MOST_BYTES {
        return Err(format!("it has {} bytes; at most {MOST_BYTES} are taken", value.len()));
    }
    Ok(())
}

fn number(value: &str, min: Option<i64>, max: Option<i64>) -> Result<(), String> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("it is a whole number".into());
    }
    let number: i64 = value.parse().map_err(|_| "it is too large".to_owned())?;
    match (min, max) {
        (Some(min), _) if number < min => Err(format!("it is at least {min}")),
        (_, Some(max)) if number > max => Err(format!("it is at most {max}")),
        _ => Ok(()),
    }
}

/// The value as one word of sh, whatever it holds.
pub fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(kind: Kind) -> Parameter {
        Parameter { name: "p".into(), title: None, kind, default: None, required: true }
    }

    #[test]
    fn values_are_taken_or_refused_by_their_type() {
        let number = || Kind::Number { min: Some(1), max: Some(99) };
        let choice = || Kind::Choice(vec!["a".into(), "-b".into()]);
        for (kind, good, bad) in [
            (Kind::Text, vec!["", "a b", "-x", "a\nb", "日本"], vec!["a\0b"]),
            (Kind::Word, vec!["a", "a;b", "日本", "*"], vec!["", "-a", "a b", "a\nb", "a\tb", "a\u{3000}b"]),
            (number(), vec!["1", "99", "007"], vec!["0", "100", "1.5", "x", "", "-", "+1", "99999999999999999999"]),
            (choice(), vec!["a", "-b"], vec!["c", "A", ""]),
            (Kind::Path, vec!["/", "/var/log/a b".trim_end_matches(" b")], vec!["var", "-/x", "/a\nb", "~/x"]),
            (Kind::Host, vec!["web-1", "10.0.0.1", "::1"], vec!["-web", "a b", "a;b", "$(x)", "日本"]),
            (Kind::Unit, vec!["nginx.service", "getty@tty1", r"dev-a\x2db"], vec!["-x", "a b", "a/b", ""]),
            (Kind::Duration, vec!["90s", "15m", "2h", "1d"], vec!["", "15", "m", "-1m", "1w", "1.5h"]),
        ] {
            let parameter = parameter(kind);
            for value in good {
                assert_eq!(parameter.check(value), Ok(()), "{:?} {value:?}", parameter.kind);
            }
            for value in bad {
                assert!(parameter.check(value).is_err(), "{:?} {value:?}", parameter.kind);
            }
        }
        assert!(parameter(Kind::Text).check(&"x".repeat(MOST_BYTES + 1)).is_err());
    }

    #[test]
    fn a_refusal_says_which_value_and_why() {
        let error = parameter(Kind::Path).check("etc").unwrap_err().to_string();
        assert_eq!(error, "the parameter p can't be \"etc\": a path begins with /");
    }
}
