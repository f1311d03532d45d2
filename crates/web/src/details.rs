//! What a monitor put into an alert, as tidy rows of name and value. Never drops silently: what is left out is counted.

use serde_json::Value;

/// Beyond this an alert is a dump, and the raw signal is the better view.
const MAX_ROWS: usize = 200;
const MAX_DEPTH: usize = 6;
const LONG_CHARS: usize = 480;
const LONG_LINES: usize = 8;

/// A name, its value, and whether the value is folded away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetailRow {
    pub key: String,
    pub value: String,
    /// The beginning, where the whole is folded.
    pub opening: Option<String>,
    /// Rows that found no place, said on the last one.
    pub left_out: usize,
}

/// The rows of a body. Names of nested values are joined by dots.
pub fn rows(body: &Value) -> Vec<DetailRow> {
    let mut flat = Vec::new();
    flatten(body, String::new(), 0, &mut flat);
    let left_out = flat.len().saturating_sub(MAX_ROWS);
    flat.truncate(MAX_ROWS);
    let mut rows: Vec<DetailRow> = flat.into_iter().map(|(key, value)| row(key, value)).collect();
    if let Some(last) = rows.last_mut() {
        last.left_out = left_out;
    }
    rows
}

fn row(key: String, value: String) -> DetailRow {
    let is_long = value.chars().nth(LONG_CHARS).is_some() || value.lines().nth(LONG_LINES).is_some();
    let first_line = value.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let opening = is_long.then(|| crate::markup::shortened(first_line, 96).into_owned());
    DetailRow { key, value, opening, left_out: 0 }
}

fn flatten(value: &Value, name: String, depth: usize, into: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(map) if depth < MAX_DEPTH => {
            for (key, inner) in map {
                flatten(inner, joined(&name, key), depth + 1, into);
            }
        }
        Value::Array(list) if depth < MAX_DEPTH && list.iter().any(|v| v.is_object() || v.is_array()) => {
            for (index, inner) in list.iter().enumerate() {
                flatten(inner, joined(&name, &(index + 1).to_string()), depth + 1, into);
            }
        }
        Value::Array(list) => into.push((name, list.iter().map(scalar).collect::<Vec<_>>().join("\n"))),
        other => into.push((name, scalar(other))),
    }
}

fn joined(name: &str, key: &str) -> String {
    if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_values_become_dotted_names_and_plain_lists_become_lines() {
        let body =
            json!({"host": "db-01", "load": {"1m": 12.5, "tags": ["a", "b"]}, "disks": [{"dev": "sda"}], "no": null});
        let pairs: Vec<(String, String)> = rows(&body).into_iter().map(|r| (r.key, r.value)).collect();
        assert!(pairs.contains(&("load.1m".into(), "12.5".into())));
        assert!(pairs.contains(&("load.tags".into(), "a\nb".into())));
        assert!(pairs.contains(&("disks.1.dev".into(), "sda".into())));
        assert_eq!(pairs.len(), 4);
    }

    #[test]
    fn a_text_alone_is_one_row_without_a_name_and_long_text_is_folded() {
        let short = rows(&json!("all quiet"));
        assert_eq!((short[0].key.as_str(), short[0].opening.clone()), ("", None));
        let long = rows(&json!({"log": "x".repeat(10_000)}));
        assert_eq!(long[0].opening.as_ref().map(|o| o.chars().count()), Some(97));
        assert_eq!(long[0].value.len(), 10_000);
    }

    #[test]
    fn a_dump_is_cut_and_says_by_how_much_and_depth_ends_somewhere() {
        let wide: serde_json::Map<String, Value> = (0..250).map(|i| (format!("k{i:03}"), json!(i))).collect();
        let cut = rows(&Value::Object(wide));
        assert_eq!((cut.len(), cut.last().map(|r| r.left_out)), (200, Some(50)));
        let deep = (0..50).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert_eq!(rows(&deep).len(), 1);
    }
}
