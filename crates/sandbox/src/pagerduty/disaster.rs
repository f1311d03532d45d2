//! A scripted outage in phases: events rejected in many ways, accepted events that never become anything, webhooks late and
//! doubled, REST slow and failing. Every decision depends on the seed and on what is asked, never on the order of arrival.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clock::{micros, plus_ms};
use super::dice::Dice;
use super::faults::{Do, Point};
use super::state::State;

/// How an exchange is spoilt; the number is its weight among the others.
type Mix = BTreeMap<Spoil, u32>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Spoil {
    #[serde(rename = "429")]
    TooMany,
    #[serde(rename = "500")]
    Internal,
    #[serde(rename = "502")]
    Gateway,
    #[serde(rename = "503")]
    Unavailable,
    /// The connection ends and nothing has happened.
    #[serde(rename = "cut")]
    Cut,
    /// Nothing is said for `hang_ms`, then the connection ends and nothing has happened.
    #[serde(rename = "hang")]
    Hang,
    /// The effect has happened, the answer is missing.
    #[serde(rename = "cut_after")]
    CutAfter,
}

impl Spoil {
    pub(crate) fn told(self) -> Value {
        match self {
            Self::TooMany => json!(429),
            Self::Internal => json!(500),
            Self::Gateway => json!(502),
            Self::Unavailable => json!(503),
            Self::Cut => json!("cut"),
            Self::Hang => json!("hang"),
            Self::CutAfter => json!("cut_after"),
        }
    }

    fn act(self, hang_ms: u64) -> Do {
        let status = |status| Do { status: Some(status), ..Do::default() };
        match self {
            Self::TooMany => Do {
                body: Some(json!({ "status": "throttle exceeded", "message": "Request Limit Exceeded" })),
                ..status(429)
            },
            Self::Internal => status(500),
            Self::Gateway => status(502),
            Self::Unavailable => status(503),
            Self::Cut => Do { cut: Some(Point::MidBody), ..Do::default() },
            Self::Hang => Do { cut: Some(Point::MidBody), delay_ms: Some(hang_ms), ..Do::default() },
            Self::CutAfter => Do { cut: Some(Point::AfterEffect), ..Do::default() },
        }
    }
}

/// Shares are from 0 to 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Phase {
    pub seconds: f64,
    pub events: EventTrouble,
    pub mail: MailTrouble,
    pub rest: RestTrouble,
    pub webhooks: WebhookTrouble,
}

impl Default for Phase {
    fn default() -> Self {
        Self {
            seconds: 60.0,
            events: EventTrouble::default(),
            mail: MailTrouble::default(),
            rest: RestTrouble::default(),
            webhooks: WebhookTrouble::default(),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EventTrouble {
    pub reject: f64,
    pub with: Mix,
    pub hang_ms: u64,
    /// Of the accepted ones.
    pub lose: f64,
}

impl Default for EventTrouble {
    fn default() -> Self {
        Self { reject: 0.0, with: mix(), hang_ms: 10_000, lose: 0.0 }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MailTrouble {
    pub lose: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RestTrouble {
    pub fail: f64,
    /// For writes instead of `fail`, when it is higher.
    pub fail_writes: f64,
    pub with: Mix,
    pub hang_ms: u64,
    pub slow: f64,
    pub slow_ms: u64,
}

impl Default for RestTrouble {
    fn default() -> Self {
        Self { fail: 0.0, fail_writes: 0.0, with: mix(), hang_ms: 10_000, slow: 0.0, slow_ms: 3_000 }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WebhookTrouble {
    pub delay_s: f64,
    /// So many more copies of a share of the webhooks.
    pub copies: u32,
    pub share: f64,
}

fn mix() -> Mix {
    [(Spoil::TooMany, 2), (Spoil::Internal, 2), (Spoil::Unavailable, 3), (Spoil::Cut, 2), (Spoil::Hang, 1)].into()
}

#[derive(Debug)]
pub(crate) struct Disaster {
    seed: u64,
    began: Timestamp,
    phases: Vec<Phase>,
    /// How often each thing was asked for, so that a retry meets its own luck.
    asked: HashMap<String, u64>,
    counts: BTreeMap<String, u64>,
}

/// The outage of 2025-08-28 in shape: 38 minutes with 95 of 100 events rejected, 130 minutes in which 18 of 100 creations fail, then
/// half an hour of late and doubled webhooks.
fn like_august_2025(minute_s: f64) -> Vec<Phase> {
    let hang_ms = (minute_s * 500.0) as u64;
    let webhooks = |delay_min: f64, copies, share| WebhookTrouble { delay_s: delay_min * minute_s, copies, share };
    let first = Phase {
        seconds: 38.0 * minute_s,
        events: EventTrouble { reject: 0.95, hang_ms, ..EventTrouble::default() },
        rest: RestTrouble { fail: 0.4, slow: 0.4, slow_ms: hang_ms, hang_ms, ..RestTrouble::default() },
        webhooks: webhooks(10.0, 0, 0.0),
        mail: MailTrouble { lose: 0.5 },
    };
    let second = Phase {
        seconds: 130.0 * minute_s,
        events: EventTrouble { reject: 0.05, lose: 0.18, hang_ms, ..EventTrouble::default() },
        rest: RestTrouble {
            fail: 0.05,
            fail_writes: 0.18,
            slow: 0.2,
            slow_ms: hang_ms,
            hang_ms,
            ..RestTrouble::default()
        },
        webhooks: webhooks(5.0, 1, 0.2),
        mail: MailTrouble { lose: 0.18 },
    };
    let third = Phase { seconds: 30.0 * minute_s, webhooks: webhooks(1.0, 2, 0.5), ..Phase::default() };
    vec![first, second, third]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    #[serde(default = "one")]
    seed: u64,
    #[serde(default)]
    phases: Vec<Phase>,
    /// `2025-08-28`
    #[serde(default)]
    like: Option<String>,
    /// How long a minute of it takes here.
    #[serde(default = "minute")]
    minute_s: f64,
}

fn one() -> u64 {
    1
}

fn minute() -> f64 {
    60.0
}

impl Script {
    pub(crate) fn begin(self, now: Timestamp) -> Result<Disaster, String> {
        let phases = match self.like.as_deref() {
            Some("2025-08-28") if self.minute_s > 0.0 => like_august_2025(self.minute_s),
            Some("2025-08-28") => return Err("minute_s must be above 0".into()),
            Some(other) => return Err(format!("like can only be 2025-08-28, not {other}")),
            None => self.phases,
        };
        let shares = |p: &Phase| {
            [
                p.events.reject,
                p.events.lose,
                p.mail.lose,
                p.rest.fail,
                p.rest.fail_writes,
                p.rest.slow,
                p.webhooks.share,
            ]
        };
        if phases.is_empty() || phases.iter().flat_map(shares).any(|s| !(0.0..=1.0).contains(&s)) {
            return Err("phases must not be empty, and every share is from 0 to 1".into());
        }
        if phases.iter().any(|p| !(p.seconds > 0.0 && p.seconds.is_finite())) {
            return Err("seconds must be above 0".into());
        }
        Ok(Disaster { seed: self.seed, began: now, phases, asked: HashMap::new(), counts: BTreeMap::new() })
    }
}

impl Disaster {
    fn phase_at(&self, now: Timestamp) -> Option<(usize, Timestamp)> {
        let mut ends = self.began;
        for (place, phase) in self.phases.iter().enumerate() {
            ends = plus_ms(ends, (phase.seconds * 1000.0) as i64);
            if now < ends {
                return Some((place, ends));
            }
        }
        None
    }

    /// A number from 0 to 1 that depends on the seed and on what is asked for the how-manieth time.
    fn luck(&mut self, what: &str) -> f64 {
        let nth = self.asked.entry(what.to_owned()).or_default();
        *nth += 1;
        luck(self.seed, what, *nth)
    }

    fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    /// One of the ways, by weight.
    fn spoil(&mut self, what: &str, mix: &Mix) -> Spoil {
        let all: u32 = mix.values().sum();
        let mut left = (self.luck(&format!("how {what}")) * f64::from(all)) as u32;
        for (spoil, weight) in mix {
            if left < *weight {
                return *spoil;
            }
            left -= weight;
        }
        Spoil::Unavailable
    }
}

/// FNV-1a over the words, then one throw of the dice.
fn luck(seed: u64, what: &str, nth: u64) -> f64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    let hash = what.bytes().chain(nth.to_le_bytes()).fold(0xCBF2_9CE4_8422_2325 ^ seed.rotate_left(17), step);
    (Dice::new(hash).next() >> 11) as f64 / (1_u64 << 53) as f64
}

impl State {
    fn phase(&self) -> Option<Phase> {
        let own = self.disaster.as_ref()?;
        own.phase_at(self.now).map(|(place, _)| own.phases[place].clone())
    }

    /// What the outage does to an event of that key, and what its caller is told.
    pub(crate) fn spoil_event(&mut self, key: &str) -> Option<(Do, Spoil)> {
        let trouble = self.phase()?.events;
        let own = self.disaster.as_mut()?;
        if own.luck(&format!("event {key}")) >= trouble.reject {
            return None;
        }
        let spoil = own.spoil(key, &trouble.with);
        own.count(format!("events {}", spoil.told().to_string().trim_matches('"')));
        Some((spoil.act(trouble.hang_ms), spoil))
    }

    pub(crate) fn spoil_rest(&mut self, method: &str, path: &str) -> Option<Do> {
        let trouble = self.phase()?.rest;
        let own = self.disaster.as_mut()?;
        let what = format!("{method} {path}");
        let fail = if method == "GET" { trouble.fail } else { trouble.fail.max(trouble.fail_writes) };
        if own.luck(&what) < fail {
            let spoil = own.spoil(&what, &trouble.with);
            own.count("rest failed");
            return Some(spoil.act(trouble.hang_ms));
        }
        if own.luck(&format!("slow {what}")) < trouble.slow {
            own.count("rest slow");
            return Some(Do { delay_ms: Some(trouble.slow_ms), ..Do::default() });
        }
        None
    }

    /// Whether what was accepted under that key comes to nothing.
    pub(crate) fn loses(&mut self, key: &str, is_mail: bool) -> bool {
        let Some(phase) = self.phase() else { return false };
        let share = if is_mail { phase.mail.lose } else { phase.events.lose };
        let Some(own) = self.disaster.as_mut() else { return false };
        let lost = own.luck(&format!("lose {key}")) < share;
        if lost {
            own.count(if is_mail { "mails lost" } else { "events lost" });
        }
        lost
    }

    /// How much later a webhook goes out, and how many copies follow it.
    pub(crate) fn spoil_webhook(&mut self, what: &str) -> (i64, u32) {
        let Some(trouble) = self.phase().map(|p| p.webhooks) else { return (0, 0) };
        let Some(own) = self.disaster.as_mut() else { return (0, 0) };
        let copies = if own.luck(&format!("webhook {what}")) < trouble.share { trouble.copies } else { 0 };
        if copies > 0 {
            own.count("webhooks doubled");
        }
        ((trouble.delay_s * 1000.0) as i64, copies)
    }

    pub(crate) fn disaster_shown(&self) -> Value {
        let Some(own) = &self.disaster else { return json!({ "phase": null }) };
        let at = own.phase_at(self.now);
        json!({
            "phase": at.map(|(place, _)| place + 1), "phases": own.phases, "began": micros(own.began),
            "phase_ends": at.map(|(_, ends)| micros(ends)), "counts": own.counts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luck_is_even_and_repeats_itself() {
        let hits = (0..4000).filter(|n| luck(7, &format!("k{n}"), 1) < 0.18).count();
        assert!((600..840).contains(&hits), "{hits} of 4000");
        assert_eq!(luck(7, "a", 1), luck(7, "a", 1));
        assert_ne!(luck(7, "a", 1), luck(7, "a", 2));
        assert_ne!(luck(7, "a", 1), luck(8, "a", 1));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            r#"{}"#,
            r#"{"phases":[{"seconds":0}]}"#,
            r#"{"phases":[{"seconds":1,"events":{"reject":2}}]}"#,
            r#"{"like":"1999-12-31"}"#,
            r#"{"like":"2025-08-28","minute_s":0}"#,
        ] {
            let script: Script = serde_json::from_str(text).expect(text);
            assert!(script.begin(Timestamp::UNIX_EPOCH).is_err(), "{text}");
        }
    }
}
