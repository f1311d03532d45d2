//! Scripted trouble of the smaller systems: which request is disturbed, at which hit, and how.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Where the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cut {
    /// Nothing has happened.
    Before,
    /// It has happened, and the reply is missing.
    After,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Do {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Text as it is, anything else as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    #[serde(skip_serializing_if = "HashMap::is_empty")]
    pub headers: HashMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// Nothing is said until the faults are cleared.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hang: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// The beginning of the path; `smtp` for mail.
    #[serde(default)]
    pub path: Option<String>,
    /// `GET`, `POST`…; every method without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    #[serde(default = "one")]
    pub nth: u32,
    #[serde(default = "one")]
    pub times: u32,
    #[serde(rename = "do")]
    pub act: Do,
    #[serde(default, skip_deserializing)]
    hits: u32,
    #[serde(default, skip_deserializing)]
    fired: u32,
}

impl Fault {
    fn is_about(&self, method: &str, path: &str) -> bool {
        self.path.as_deref().is_none_or(|p| path.starts_with(p)) && self.method.as_deref().is_none_or(|m| m == method)
    }
}

fn one() -> u32 {
    1
}

#[derive(Debug, Default)]
pub(crate) struct Script {
    all: Mutex<Vec<Fault>>,
    /// Rises when the faults are cleared, so that what hangs ends.
    cleared: tokio::sync::watch::Sender<u64>,
}

impl Script {
    /// `method` is empty where there is none.
    pub(crate) fn hit(&self, method: &str, path: &str) -> Option<Do> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let mut chosen = None;
        for fault in all.iter_mut().filter(|f| f.is_about(method, path)) {
            fault.hits += 1;
            if chosen.is_none() && fault.hits >= fault.nth && fault.fired < fault.times {
                fault.fired += 1;
                chosen = Some(fault.act.clone());
            }
        }
        chosen
    }

    pub(crate) fn add(&self, body: &Value) -> Result<Value, String> {
        let faults: Vec<Fault> = serde_json::from_value(body["faults"].clone()).map_err(|e| format!("faults: {e}"))?;
        if faults.iter().any(|f| f.nth == 0 || f.times == 0) {
            return Err("nth and times count from 1".into());
        }
        self.all.lock().unwrap_or_else(PoisonError::into_inner).extend(faults);
        Ok(self.shown())
    }

    pub(crate) fn clear(&self) -> Value {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.cleared.send_modify(|n| *n += 1);
        self.shown()
    }

    pub(crate) fn shown(&self) -> Value {
        json!({ "faults": *self.all.lock().unwrap_or_else(PoisonError::into_inner) })
    }

    /// Waits until the faults are cleared.
    pub(crate) async fn hang(&self) {
        let mut cleared = self.cleared.subscribe();
        // The sender lives as long as the system.
        let _cleared = cleared.changed().await;
    }
}
