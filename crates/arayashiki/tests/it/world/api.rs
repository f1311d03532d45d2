//! The program's own API, read as any client reads it.

use super::Site;
use serde_json::Value;
use std::io::{Error, Result};

impl Site {
    pub fn api(&self, path: &str) -> Result<Value> {
        let path = format!("/api/v1/{path}");
        let answer = self.authorized("GET", &path).send(self.address)?;
        if answer.status == 200 {
            return Ok(answer.json());
        }
        Err(Error::other(format!("{path}: {} {}", answer.status, answer.text())))
    }

    pub fn account(&self) -> Result<Value> {
        self.api("account")
    }

    /// Every item of a list, page after page.
    pub fn all(&self, list: &str) -> Result<Vec<Value>> {
        let mark = if list.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.api(&format!("{list}{mark}limit=500{cursor}"))?;
            let rows = page["items"].as_array().ok_or_else(|| Error::other(format!("no items: {page}")))?;
            items.extend(rows.iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }

    /// The incidents that the inbox has webhooks of, with their types, sorted.
    pub fn webhook_rows(&self) -> Result<Vec<(Option<String>, String)>> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let rows = self.all("inbox?source=pagerduty")?;
        let mut found: Vec<_> =
            rows.iter().map(|row| (text(&row["subject"]), text(&row["event_type"]).unwrap_or_default())).collect();
        found.sort();
        Ok(found)
    }
}
