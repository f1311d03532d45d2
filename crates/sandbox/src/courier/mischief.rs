//! What befalls the next parcels. Never touches one that is already on its way.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Lost,
    Held,
    Goes { delay_ms: u64, copies: u32 },
}

impl Fate {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Held => "held",
            Self::Goes { .. } => "sending",
        }
    }
}

/// A number of parcels, or all from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum HowMany {
    All(bool),
    Next(u32),
}

impl Default for HowMany {
    fn default() -> Self {
        Self::All(false)
    }
}

impl HowMany {
    fn take(&mut self) -> bool {
        match self {
            Self::All(all) => *all,
            Self::Next(0) => false,
            Self::Next(n) => {
                *n -= 1;
                true
            }
        }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Mischief {
    lose: HowMany,
    hold: HowMany,
    duplicate: HowMany,
    /// How many a doubled one becomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    copies: Option<u32>,
    delay: HowMany,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
}

impl Mischief {
    /// What is not named stays as it is.
    pub(super) fn set(&mut self, body: &Value) -> Result<(), String> {
        let mut all = json!(self);
        let named = body.as_object().ok_or("mischief is an object")?;
        for (name, value) in named {
            all[name.as_str()] = value.clone();
        }
        *self = serde_json::from_value(all).map_err(|e| format!("mischief: {e}; a count or true is meant"))?;
        Ok(())
    }

    pub(super) fn shown(&self) -> Value {
        json!(self)
    }

    pub(super) fn stop_holding(&mut self) {
        self.hold = HowMany::default();
    }

    pub(super) fn draw(&mut self) -> Fate {
        if self.lose.take() {
            return Fate::Lost;
        }
        if self.hold.take() {
            return Fate::Held;
        }
        let copies = if self.duplicate.take() { self.copies.unwrap_or(2) } else { 1 };
        let delay_ms = if self.delay.take() { self.delay_ms.unwrap_or(500) } else { 0 };
        Fate::Goes { delay_ms, copies }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_next_parcel_has_its_fate() {
        let mut own = Mischief::default();
        own.set(&json!({ "lose": 1, "hold": 1, "duplicate": 1, "copies": 3 })).expect("it is taken");
        own.set(&json!({ "delay": true, "delay_ms": 7 })).expect("it is taken");
        let seen: Vec<Fate> = (0..4).map(|_| own.draw()).collect();
        let goes = |copies| Fate::Goes { delay_ms: 7, copies };
        assert_eq!(seen, [Fate::Lost, Fate::Held, goes(3), goes(1)]);
        assert!(own.set(&json!({ "eat": 1 })).is_err());
        assert!(own.set(&json!([])).is_err());
    }
}
