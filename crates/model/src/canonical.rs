//! One way of writing a value, so that its digest means the value and nothing else: canonical JSON (RFC 8785) of what has
//! whole numbers only. A fraction or a number that JSON's readers would round is refused, never rounded.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Up to here every reader of JSON agrees on a whole number (RFC 7493).
const MOST: u64 = (1 << 53) - 1;

#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    #[error("{0} can't be written the same by everybody: only whole numbers up to 2^53 - 1 can")]
    Number(String),
    #[error("this is no JSON value: {0}")]
    Shape(#[from] serde_json::Error),
}

/// The value as canonical JSON.
///
/// # Errors
/// It has a number that is no whole one below 2^53, or is no JSON value at all.
pub fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::new();
    write(&serde_json::to_value(value)?, &mut out)?;
    Ok(out)
}

/// SHA-256 over the canonical JSON, in hexadecimal digits.
///
/// # Errors
/// As for [`to_vec`].
pub fn digest<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    Ok(hex::encode(Sha256::digest(to_vec(value)?)))
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Number(number) => {
            let whole = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            if whole.is_none_or(|size| size > MOST) {
                return Err(CanonicalError::Number(number.to_string()));
            }
            serde_json::to_writer(out, value)?;
        }
        Value::Array(items) => list(out, b'[', b']', items, write)?,
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            // The standard orders names by their UTF-16 units, which differs from UTF-8's order past U+FFFF.
            entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            list(out, b'{', b'}', &entries, |(name, value), out| {
                serde_json::to_writer(&mut *out, name)?;
                out.push(b':');
                write(value, out)
            })?;
        }
        Value::Null | Value::Bool(_) | Value::String(_) => serde_json::to_writer(out, value)?,
    }
    Ok(())
}

fn list<T>(
    out: &mut Vec<u8>,
    open: u8,
    close: u8,
    items: &[T],
    mut one: impl FnMut(&T, &mut Vec<u8>) -> Result<(), CanonicalError>,
) -> Result<(), CanonicalError> {
    out.push(open);
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        one(item, out)?;
    }
    out.push(close);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn text(value: &Value) -> String {
        String::from_utf8(to_vec(value).expect("whole numbers")).expect("UTF-8")
    }

    #[test]
    fn it_is_written_as_the_standard_does() {
        // RFC 8785, section 3.2.3: the order of these names.
        let value = json!({"\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis"});
        let text = text(&value);
        let order: Vec<usize> = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]
            .iter()
            .map(|word| text.find(word).expect("each is there"))
            .collect();
        assert!(order.is_sorted(), "{text}");
        assert_eq!(
            super::tests::text(&json!({"b": [1, -2, null, true], "a": "\u{f}\n\"\\/€"})),
            r#"{"a":"\u000f\n\"\\/€","b":[1,-2,null,true]}"#
        );
    }

    #[test]
    fn what_would_be_rounded_is_refused() {
        for value in [json!(1.5), json!(9_007_199_254_740_992_u64), json!(-9_007_199_254_740_992_i64), json!(u64::MAX)]
        {
            assert!(matches!(to_vec(&value), Err(CanonicalError::Number(_))), "{value}");
        }
        assert_eq!(text(&json!(9_007_199_254_740_991_u64)), "9007199254740991");
    }

    proptest! {
        #[test]
        fn it_reads_back_as_the_same_value(names in proptest::collection::btree_map(".*", any::<i32>(), 0..6)) {
            let value = json!(names);
            let again: Value = serde_json::from_slice(&to_vec(&value).expect("whole")).expect("JSON");
            prop_assert_eq!(again, value);
        }
    }
}
