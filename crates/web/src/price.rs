//! What a seat costs, in a currency that the reader names. Never rounds: hundredths are kept as whole numbers.

use crate::i18n::group;

const MOST_WHOLE: i64 = 1_000_000_000;
const MOST_CURRENCY_CHARS: usize = 8;

/// The price of one PagerDuty seat for a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatPrice {
    pub hundredths: i64,
    pub currency: String,
}

impl SeatPrice {
    /// Reads "6000", "6,000" or "41.50"; nothing for an empty text, or one that is no price.
    pub fn parse(price: &str, currency: &str) -> Option<Self> {
        let plain: String = price.trim().chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
        let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
        let is_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        if whole.is_empty() || part.len() > 2 || !is_digits(whole) || !is_digits(part) {
            return None;
        }
        let whole: i64 = whole.parse().ok().filter(|n| *n <= MOST_WHOLE)?;
        let part: i64 = format!("{part:0<2}").parse().ok()?;
        let currency = currency.trim().to_uppercase();
        let is_name = !currency.is_empty() && currency.chars().count() <= MOST_CURRENCY_CHARS;
        (is_name && currency.chars().all(char::is_alphanumeric))
            .then_some(Self { hundredths: whole * 100 + part, currency })
    }

    /// So many times the price, as people write it: `1,008,000 JPY`, `41.50 EUR`.
    pub fn times(&self, n: i64) -> String {
        let sum = self.hundredths.saturating_mul(n);
        let whole = group(sum / 100);
        match sum % 100 {
            0 => format!("{whole} {}", self.currency),
            part => format!("{whole}.{part:02} {}", self.currency),
        }
    }

    /// The number alone, as a field takes it.
    pub fn plain(&self) -> String {
        match self.hundredths % 100 {
            0 => (self.hundredths / 100).to_string(),
            part => format!("{}.{part:02}", self.hundredths / 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_people_write_them_and_never_rounded() {
        let price = SeatPrice::parse("6,000", "jpy").expect("a price");
        assert_eq!((price.times(1), price.times(14 * 12)), ("6,000 JPY".into(), "1,008,000 JPY".into()));
        let price = SeatPrice::parse("41.5", "EUR").expect("a price");
        assert_eq!(
            (price.times(1), price.times(12), price.plain()),
            ("41.50 EUR".into(), "498 EUR".into(), "41.50".into())
        );
        for (price, currency) in [
            ("", "JPY"),
            ("-1", "JPY"),
            ("1.234", "EUR"),
            ("x", "EUR"),
            ("1", ""),
            ("1", "<b>"),
            ("9999999999", "EUR"),
            (".5", "EUR"),
        ] {
            assert_eq!(SeatPrice::parse(price, currency), None, "{price} {currency}");
        }
    }
}
