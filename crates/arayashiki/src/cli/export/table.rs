//! One row on its way out: named values, as a line of CSV or as a JSON object. JSON has every text as it is; CSV what a
//! spreadsheet may be given.

use serde_json::{Map, Value};

/// Columns in order, each with what CSV and JSON show of it.
#[derive(Default)]
pub struct Record {
    csv: Vec<String>,
    json: Map<String, Value>,
}

impl Record {
    /// The same in both.
    pub fn put(self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let csv = match &value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.put_both(name, csv, value)
    }

    pub fn put_both(mut self, name: &str, csv: impl Into<String>, json: impl Into<Value>) -> Self {
        self.csv.push(csv.into());
        self.json.insert(name.to_owned(), json.into());
        self
    }

    /// A column that only CSV has: part of what JSON nests.
    pub fn csv_only(mut self, csv: impl Into<String>) -> Self {
        self.csv.push(csv.into());
        self
    }

    pub fn json_only(mut self, name: &str, json: impl Into<Value>) -> Self {
        self.json.insert(name.to_owned(), json.into());
        self
    }

    pub fn csv_line(&self) -> String {
        web::csv::line(self.csv.iter().map(String::as_str))
    }

    pub fn json_text(&self) -> String {
        serde_json::to_string(&self.json).unwrap_or_default()
    }

    #[cfg(test)]
    pub fn columns(&self) -> usize {
        self.csv.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_a_line_and_an_object() {
        let record = Record::default().put("id", "Q1").put("n", 3).put("none", Value::Null).csv_only("x");
        let record = record.put_both("who", "A; B", serde_json::json!(["A", "B"])).json_only("notes", 0);
        let record = record.put("title", "=1+1");
        assert_eq!(record.csv_line(), "Q1,3,,x,A; B,\"'=1+1\"\r\n", "no formula for a spreadsheet");
        let json = r#"{"id":"Q1","n":3,"none":null,"notes":0,"title":"=1+1","who":["A","B"]}"#;
        assert_eq!(record.json_text(), json);
    }
}
