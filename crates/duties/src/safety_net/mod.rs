//! The safety net: every alert mail is balanced by an incident of PagerDuty's; what lacks one is told to people and
//! registered, PagerDuty's own silence is noticed and survived. Decides; sends and stores nothing.

pub mod arrive;
pub mod called;
pub mod callout;
pub mod canary;
pub mod candidate;
pub mod cause;
pub mod desk;
pub mod matching;
pub mod outage;
pub mod register;
pub mod rhythm;
pub mod services;
pub mod tokens;
pub mod words;

pub use crate::say::Language;

use crate::Mode;
use model::Micros;

pub const DUTY: &str = "safety_net";
/// What the keys of registrations begin with.
pub const REGISTRATIONS: &str = "arayashiki/net/";
const STORMS: &str = "storm:";
/// What our own incidents' keys begin with: they never stand against a mail.
pub const OUR_KEYS: &str = "arayashiki/";
/// What the titles of our registrations begin with.
pub const OUR_TITLES: &str = "Arayashiki: ";
/// A day of the ledger is closed when its last mails have been judged.
pub const CLOSE_AFTER_S: i64 = 900;
/// The channel that posts go to.
pub const CHANNEL: &str = "alerts";

#[derive(Clone, Debug)]
pub struct Settings {
    pub mode: Mode,
    pub grace_s: i64,
    /// How far apart a mail and its alert may be.
    pub window_s: i64,
    /// Missing alerts a minute from one monitor that make one incident.
    pub storm: i64,
    /// What a problem may do whose sender is not proven.
    pub untrusted: Mode,
    /// Mails of one sender an hour that may be registered.
    pub per_sender: i64,
    pub public_url: String,
    pub language: Language,
    /// Whether people are paged besides PagerDuty.
    pub calls: bool,
    /// How long a registration may take to be seen before they are.
    pub call_after_s: i64,
    /// Unanswered for so long, the next level is called.
    pub unanswered_s: i64,
    pub levels: i64,
    /// The policy whose people are called, by id or name; `None`: whoever is on call.
    pub policy: Option<String>,
    /// How often each route is tested; 0: never by itself.
    pub canary_s: i64,
    /// Whether the silence of a source is told.
    pub tells_silence: bool,
    pub zone: jiff::tz::TimeZone,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Observe,
            grace_s: 60,
            window_s: 900,
            storm: 20,
            untrusted: Mode::Post,
            per_sender: 600,
            public_url: String::new(),
            language: Language::Ja,
            calls: false,
            call_after_s: 45,
            unanswered_s: 300,
            levels: 3,
            policy: None,
            canary_s: 0,
            tells_silence: false,
            zone: jiff::tz::TimeZone::UTC,
        }
    }
}

impl Settings {
    /// A page of ours; `None` where nobody has said where people reach us.
    pub fn link(&self, path: &str) -> Option<String> {
        (!self.public_url.is_empty()).then(|| format!("{}{path}", self.public_url))
    }

    /// The page of the mails of a monitor that lack an incident.
    pub fn lacking_link(&self, monitor: &str) -> Option<String> {
        self.link(&format!("/safety-net?monitor={}&ledger=lacking", model::text::encode(monitor)))
    }
}

/// The alert at its monitor that mails of this key are about.
pub fn net_id(monitor: &str, key: &str) -> String {
    let digest = model::signal::digest(format!("{monitor}\n{key}").as_bytes());
    hex::encode(&digest[..12])
}

/// The row that stands for a storm of a monitor's; each has its own.
pub fn storm_id(monitor: &str, began_at: Micros) -> String {
    format!("{STORMS}{monitor}#{}", began_at.0)
}

/// Whose storm that row stands for; `None` for an alert.
pub fn storm_monitor(id: &str) -> Option<&str> {
    Some(id.strip_prefix(STORMS)?.rsplit_once('#')?.0)
}

/// The key of a registration: monitor, host and check are in the alert's id.
pub fn dedup_key(net: &str, generation: i64) -> String {
    format!("{REGISTRATIONS}{net}/{generation}")
}

/// The alert and its generation that a registration's key names.
pub fn of_dedup_key(key: &str) -> Option<(&str, i64)> {
    let (net, generation) = key.strip_prefix(OUR_KEYS)?.strip_prefix("net/")?.rsplit_once('/')?;
    Some((net, generation.parse().ok()?))
}

/// Whether an alert or incident of PagerDuty's is our own registration.
pub fn is_ours(key: Option<&str>, title: &str) -> bool {
    key.is_some_and(|key| key.starts_with(OUR_KEYS)) || title.starts_with(OUR_TITLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registrations_key_names_its_alert_and_generation() {
        for (net, generation) in [(net_id("zbx", "k/1"), 3), (storm_id("zbx/tokyo", Micros(7)), 1)] {
            assert_eq!(of_dedup_key(&dedup_key(&net, generation)), Some((net.as_str(), generation)));
        }
        assert_eq!(storm_monitor(&storm_id("zbx #1", Micros(7))), Some("zbx #1"));
        assert_eq!(storm_monitor(&net_id("zbx", "k/1")), None);
        assert_eq!(of_dedup_key("arayashiki/canary/c1"), None);
        assert_eq!(of_dedup_key("arayashiki/net/x/y"), None);
    }
}
