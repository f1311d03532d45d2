//! JSON that is read with indulgence: null stands for absent, a number for a text. Knows no vendor.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A list that may be null.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A text, or something else where one would expect a text.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}

/// A text alone: what is of another type counts as not there.
pub fn text_alone<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        _ => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Read {
        #[serde(default, deserialize_with = "list")]
        list: Vec<i64>,
        #[serde(default, deserialize_with = "text")]
        text: Option<String>,
        #[serde(default, deserialize_with = "text_alone")]
        alone: String,
    }

    #[test]
    fn null_is_absent_and_a_number_is_a_text_where_that_is_meant() {
        let read = |json: &str| serde_json::from_str::<Read>(json);
        let of = |list: &[i64], text: Option<&str>, alone: &str| Read {
            list: list.to_vec(),
            text: text.map(str::to_owned),
            alone: alone.to_owned(),
        };
        assert_eq!(read("{}").unwrap(), of(&[], None, ""));
        assert_eq!(read(r#"{"list":null,"text":null,"alone":null}"#).unwrap(), of(&[], None, ""));
        assert_eq!(read(r#"{"list":[1],"text":7,"alone":7}"#).unwrap(), of(&[1], Some("7"), ""));
        assert_eq!(read(r#"{"text":"a","alone":"b"}"#).unwrap(), of(&[], Some("a"), "b"));
        assert!(read(r#"{"list":7}"#).is_err(), "what is no list is none");
    }
}
