//! Slack: one message for each thing that people follow, brought to its state whenever that moves; answers to what people press and
//! ask. Decides nothing of what a message says.

mod card;
mod door;
mod follow;
mod forms;
mod heard;
mod render;
mod respond;
mod show;
mod socket;
mod whose;

pub(crate) use card::Said;
pub use door::routes;
pub(crate) use follow::{incident_changed, remind, reply, run, want};
pub(crate) use heard::{From, heard};
pub(crate) use respond::{act_ended, open_form, respond};
pub(crate) use show::{show, tell, thread};
pub(crate) use socket::run as run_socket;
pub(crate) use whose::run as run_whose;

use duties::say::Language;
use duties::wording::Wording;
use duties::wording::incident::Told;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is configured about Slack.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Each incident gets a message that follows it.
    pub incidents: duties::Mode,
    /// Of low urgency as well.
    pub all_urgencies: bool,
    /// Where messages of one kind go, by `alerts`, `handover`, `tickets` and `calendar`.
    pub channels: BTreeMap<String, String>,
    /// A customer's own, by the customer's id.
    pub customers: BTreeMap<String, String>,
    /// Secrets that sign what Slack sends; several during a rotation.
    pub signing_secrets: Vec<Vec<u8>>,
    /// A bot's token is there; without it only an incoming webhook, which neither changes nor answers anything.
    pub has_bot: bool,
    /// What people press comes back to us.
    pub hears: bool,
    pub wording: Arc<Wording>,
    pub language: Language,
    pub zone: TimeZone,
    pub public_url: String,
}

/// The channel that things go to whose own channel is not set.
const FALLBACK: &str = "alerts";
/// What the incoming webhook's channel is called: its address alone knows the real one.
pub const WEBHOOK_CHANNEL: &str = "webhook";

impl Settings {
    /// Where something of this kind goes: the customer's own channel, or that of the kind.
    pub fn channel(&self, kind: &str, customer: Option<&str>) -> Option<String> {
        if !self.has_bot {
            return Some(WEBHOOK_CHANNEL.to_owned());
        }
        let own = customer.and_then(|id| self.customers.get(id));
        own.or_else(|| self.channels.get(kind)).or_else(|| self.channels.get(FALLBACK)).cloned()
    }

    /// What is pressed comes back: by a bot's message alone, and only where somebody listens.
    pub const fn can_press(&self) -> bool {
        self.has_bot && self.hears
    }

    pub fn told<'a>(&'a self, customer: Option<&'a str>) -> Told<'a> {
        Told { language: self.language, zone: &self.zone, public_url: &self.public_url, customer }
    }
}
