//! The words of an awk program.

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Pattern(String),
    Name(String),
    /// A name with a parenthesis right behind it.
    Call(String),
    Mark(&'static str),
    Newline,
}

const MARKS: [&str; 40] = [
    "**", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "++", "--", "&&", "||", ">>", "{", "}", "(", ")",
    "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=", "in",
];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut all, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        match chars[at] {
            ' ' | '\t' | '\r' => at += 1,
            '\\' if chars.get(at + 1) == Some(&'\n') => at += 2,
            '#' => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1
                }
            }
            '\n' => {
                all.push(Token::Newline);
                at += 1;
            }
            '"' => {
                let (text, end) = quoted(&chars, at + 1, '"')?;
                all.push(Token::Text(super::super::print::unescaped(&text.replace("\\\"", "\"").replace("\\/", "/"))));
                at = end;
            }
            '/' if may_begin_pattern(all.last()) => {
                let (text, end) = quoted(&chars, at + 1, '/')?;
                all.push(Token::Pattern(text.replace("\\/", "/")));
                at = end;
            }
            c if c.is_ascii_digit() || (c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) => {
                let word = number(&chars[at..]);
                at += word.len();
                all.push(Token::Number(word.parse().unwrap_or(0.0)));
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let word: String = chars[at..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
                at += word.len();
                all.push(match (word.as_str(), chars.get(at)) {
                    ("in", _) => Token::Mark("in"),
                    ("if" | "while" | "for" | "print" | "printf" | "return", _) => Token::Name(word),
                    (_, Some('(')) => Token::Call(word),
                    _ => Token::Name(word),
                });
            }
            _ => {
                let rest: String = chars[at..chars.len().min(at + 2)].iter().collect();
                let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) else {
                    return Err(format!("unexpected character '{}'", chars[at]));
                };
                at += mark.len();
                all.push(Token::Mark(mark));
            }
        }
    }
    Ok(all)
}

/// `12`, `0.5`, `1e6`
fn number(chars: &[char]) -> String {
    let mut word: String = chars.iter().take_while(|c| c.is_ascii_digit() || **c == '.').collect();
    let rest = &chars[word.len()..];
    let sign = usize::from(matches!(rest.get(1), Some('+' | '-')));
    let digits = rest.iter().skip(1 + sign).take_while(|c| c.is_ascii_digit()).count();
    if matches!(rest.first(), Some('e' | 'E')) && digits > 0 {
        word.extend(&rest[..1 + sign + digits]);
    }
    word
}

/// After what is no value, a slash begins a pattern.
fn may_begin_pattern(last: Option<&Token>) -> bool {
    match last {
        Some(Token::Number(_) | Token::Text(_) | Token::Name(_) | Token::Pattern(_)) => false,
        Some(Token::Mark(mark)) => !matches!(*mark, ")" | "]"),
        _ => true,
    }
}

fn quoted(chars: &[char], from: usize, end: char) -> Result<(String, usize), String> {
    let (mut text, mut at) = (String::new(), from);
    while let Some(c) = chars.get(at) {
        if *c == '\\' && at + 1 < chars.len() {
            text.extend([*c, chars[at + 1]]);
            at += 2;
            continue;
        }
        if *c == end {
            return Ok((text, at + 1));
        }
        text.push(*c);
        at += 1;
    }
    Err(format!("unterminated {end}"))
}
