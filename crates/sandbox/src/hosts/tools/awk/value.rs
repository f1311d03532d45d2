//! What an awk program computes with: numbers, texts, and input that may be either.

#[derive(Debug, Clone, PartialEq)]
pub(in crate::hosts::tools) enum Value {
    Number(f64),
    Text(String),
    /// From the input: a number when it looks like one.
    Input(String),
    Nothing,
}

/// A number as `print` writes it.
pub(in crate::hosts::tools) fn shown(number: f64) -> String {
    if number == number.trunc() && number.abs() < 1e16 {
        return format!("{}", number as i64);
    }
    // Six digits that mean something, without zeros behind them.
    let digits = 6 - 1 - number.abs().log10().floor() as i32;
    let text = format!("{number:.*}", usize::try_from(digits.max(0)).unwrap_or(0));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

impl Value {
    pub(super) fn number(&self) -> f64 {
        match self {
            Self::Number(n) => *n,
            Self::Text(text) | Self::Input(text) => leading(text),
            Self::Nothing => 0.0,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(n) => shown(*n),
            Self::Text(text) | Self::Input(text) => text.clone(),
            Self::Nothing => String::new(),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Number(n) => *n != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Input(text) => text.trim().parse::<f64>().map_or(!text.is_empty(), |n| n != 0.0),
            Self::Nothing => false,
        }
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Input(text) => text.trim().parse().ok(),
            Self::Nothing => Some(0.0),
            Self::Text(_) => None,
        }
    }

    pub(super) fn compare(&self, other: &Self) -> std::cmp::Ordering {
        match (self.as_number(), other.as_number()) {
            (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal),
            _ => self.text().cmp(&other.text()),
        }
    }
}

/// The number that a text begins with.
fn leading(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = usize::from(text.starts_with(['-', '+']));
    let mut has_point = false;
    for c in text[end..].chars() {
        if !(c.is_ascii_digit() || (c == '.' && !has_point)) {
            break;
        }
        has_point |= c == '.';
        end += 1;
    }
    text[..end].parse().unwrap_or(0.0)
}
