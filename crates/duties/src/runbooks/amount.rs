//! Spans and sizes as people write them: `90s`, `15m`, `64KB`. Whole numbers only.

/// `90s`, `15m`, `2h`, `1d` in seconds.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// `500KB`, `10 MB` in bytes.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor = match unit {
        "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        _ => return None,
    };
    number.checked_mul(factor)
}

fn split(text: &str) -> Option<(u64, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    Some((text[..at].parse().ok()?, text[at..].trim_start_matches(' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_written() {
        assert_eq!([seconds("90s"), seconds("15m"), seconds("2h"), seconds("1d")], [90, 900, 7_200, 86_400].map(Some));
        assert_eq!([bytes("7B"), bytes("64KB"), bytes("10 MB")], [7, 64_000, 10_000_000].map(Some));
        for wrong in ["", "10", "m", "-1m", "1.5h", "1w", "99999999999999999999s", "18446744073709551615d", "１０s"] {
            assert_eq!((seconds(wrong), bytes(wrong)), (None, None), "{wrong}");
        }
    }
}
