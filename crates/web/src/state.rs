//! What the pages, the API and the doors are handed. Each router gets the few parts that it needs and nothing more;
//! nothing here decides or renders.

mod bridges;
mod hosts;

pub use bridges::{Bridges, Calendar, Pushing, Reads, Space};
pub use hosts::{Complaint, HostsMode, HostsOf, HostsShown, ParameterShown, RunbookShown, StepShown};

use crate::health::Pulse;
use crate::outputs::Outputs;
use crate::problem::Fault;
use crate::{Language, SeatPrice};
use duties::safety_net::canary::Lack;
use duties::safety_net::services::ServiceRule;
use jiff::tz::TimeZone;
use model::Micros;
use model::Scope;
use model::action::Channel;
use model::customer::Customer;
use model::mail::Door;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use store::ledger::{self, Balance};
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

/// The counts and the health mark on pages may be this old: counting the inbox is a walk over all of it.
pub(crate) const PULSE_AGE: Duration = Duration::from_secs(2);

/// How a database keeps things changes with a restart of it, if ever.
const DURABLE_AGE: Duration = Duration::from_secs(60);
const DURABLE_WAIT: Duration = Duration::from_secs(2);

/// Something that is read at most every so often, with when it was.
pub(crate) type Kept<T> = Arc<Mutex<Option<(Instant, T)>>>;

/// A pulse with the instant at which it was had.
type Counted = (Micros, Arc<Pulse>);

/// Text for `/metrics` that the process counts by itself.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

/// Everything that serving needs.
#[derive(Clone)]
pub struct Web {
    pub store: Store,
    pub settings: Arc<Settings>,
    /// Rung (`notify_waiters`) when there may be news to show.
    pub show: Arc<Notify>,
    /// We ring it when a signal shall be read again.
    pub read: Arc<Notify>,
    /// We ring it when a job shall be run again.
    pub act: Arc<Notify>,
    /// Ends the open streams, so that a stop need not wait for browsers.
    pub stop: CancellationToken,
    pub metrics: MetricsText,
    /// The inventory and the runbooks.
    pub hosts: HostsOf,
    /// Where what hosts said is kept whole; without it, pages have its beginning.
    pub evidence: Option<evidence::Settings>,
}

/// What the configuration says about the pages.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach us, without a trailing slash; empty if nobody said.
    pub public_url: String,
    /// For those who asked for no language.
    pub language: Language,
    /// For those who chose no zone.
    pub zone: TimeZone,
    pub customers: Vec<Customer>,
    /// Cookies travel over https alone.
    pub secure_cookies: bool,
    pub version: &'static str,
    /// A token for PagerDuty's API is configured.
    pub can_read: bool,
    /// Webhooks or the API of a PagerDuty account are configured.
    pub mirrors_pagerduty: bool,
    /// A secret for webhooks is configured; without one, polling alone feeds the mirror.
    pub has_webhook_secret: bool,
    /// A routing key for our own alarms is configured.
    pub has_routing_key: bool,
    /// A note with our page's address is to be put into each new incident.
    pub link_notes: bool,
    /// Which key is configured, by `model::connection::key_mark`: what is known of another one counts for nothing.
    pub key_mark: String,
    /// PagerDuty is asked every so many seconds; 0 for never.
    pub poll_s: i64,
    /// What a PagerDuty seat costs a month, if somebody said.
    pub seat_price: Option<SeatPrice>,
    pub safety_net: Arc<SafetyNet>,
    pub slack: Slack,
    pub people: Arc<crate::people::People>,
    pub bridges: Arc<Bridges>,
    /// Everything outside is simulated: pages say what there is to look at.
    pub is_demo: bool,
}

/// What the configuration says about Slack, as far as pages tell of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slack {
    /// A bot's token: messages that follow what they are about.
    pub bot: bool,
    /// An incoming webhook: messages that nobody can change or answer.
    pub webhook: bool,
    /// A signing secret: presses come to our address.
    pub http: bool,
    /// An app's token: presses come by Socket Mode.
    pub socket: bool,
    /// Each new incident gets a message.
    pub posts_incidents: bool,
    /// Of low urgency as well.
    pub all_urgencies: bool,
}

impl Slack {
    pub const fn is_set(self) -> bool {
        self.bot || self.webhook
    }

    /// What people press comes back to us.
    pub const fn hears(self) -> bool {
        self.http || self.socket
    }
}

/// What the configuration says about alert mail, as far as pages tell of it.
#[derive(Clone, Debug, Default)]
pub struct SafetyNet {
    /// By which a mail is read: *Try a mail* reads as the door would.
    pub desk: duties::mail::Desk,
    pub net: duties::safety_net::Settings,
    /// The customers' service map.
    pub services: Vec<ServiceRule>,
    /// The doors that are open.
    pub doors: Vec<Door>,
    /// Routes that canaries test, by name.
    pub routes: Vec<String>,
    /// What keeps canaries from going some of them, by their names.
    pub lacks: BTreeMap<String, Lack>,
    /// The second path's ways that are configured.
    pub channels: Vec<Channel>,
    /// Missing alerts can be posted to Slack.
    pub posts: bool,
    /// Whom the second path calls: id and name.
    pub people: Vec<(String, String)>,
}

impl SafetyNet {
    /// The name of somebody that the second path called.
    pub fn person(&self, id: &str) -> String {
        self.people.iter().find(|(known, _)| known == id).map_or_else(|| id.to_owned(), |(_, name)| name.clone())
    }
}

impl Settings {
    /// PagerDuty is asked from time to time.
    pub const fn is_polling(&self) -> bool {
        self.can_read && self.poll_s > 0
    }

    /// Where PagerDuty should send webhooks; how to make it where nobody said how we are reached.
    pub(crate) fn webhook_address(&self) -> String {
        let base = if self.public_url.is_empty() { "[server] public_url + " } else { &self.public_url };
        format!("{base}/webhooks/pagerduty")
    }

    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    pub fn customer_name(&self, id: &str) -> String {
        self.customers.iter().find(|c| c.id == id).map_or_else(|| id.to_owned(), |c| c.name.clone())
    }
}

/// What pages and API handlers work with.
#[derive(Clone)]
pub struct Desk {
    pub store: Store,
    pub settings: Arc<Settings>,
    pub show: Arc<Notify>,
    pub read: Arc<Notify>,
    pub act: Arc<Notify>,
    pub(crate) hosts: HostsOf,
    pub(crate) outputs: Outputs,
    pulse: Arc<Mutex<Option<Counted>>>,
    today: Arc<Mutex<Option<(Micros, Balance)>>>,
    durable: Kept<Vec<(String, String)>>,
}

impl Desk {
    pub(crate) fn of(web: &Web) -> Self {
        Self {
            store: web.store.clone(),
            settings: web.settings.clone(),
            show: web.show.clone(),
            read: web.read.clone(),
            act: web.act.clone(),
            hosts: web.hosts.clone(),
            outputs: Outputs::new(web.evidence.clone()),
            pulse: Arc::default(),
            today: Arc::default(),
            durable: Arc::default(),
        }
    }

    /// How we are, at most `PULSE_AGE` old: every page asks, and many who ask at once share one answer.
    pub(crate) async fn pulse(&self) -> Result<Arc<Pulse>, Fault> {
        let mut held = self.pulse.lock().await;
        if let Some((_, pulse)) = held.as_ref().filter(|(taken, _)| self.is_fresh(*taken)) {
            return Ok(pulse.clone());
        }
        let pulse = Arc::new(Pulse::take(&self.store).await?.of_key(&self.settings.key_mark));
        // The instant after the count: one that takes long is kept as long, or everybody would count after everybody.
        *held = Some((self.store.clock().now(), pulse.clone()));
        Ok(pulse)
    }

    /// Both sides of today's ledger, at most `PULSE_AGE` old: counting a day's mails is a walk over all of them.
    pub(crate) async fn today(&self) -> Result<Balance, Fault> {
        let mut held = self.today.lock().await;
        if let Some((_, balance)) = held.as_ref().filter(|(taken, _)| self.is_fresh(*taken)) {
            return Ok(balance.clone());
        }
        let now = self.store.clock().now();
        let (since, until) = crate::when::day_of(&self.settings.zone, now);
        let balance = self
            .store
            .read(move |tx| Box::pin(async move { ledger::balance(tx, &Scope::All, since, until).await }))
            .await?;
        *held = Some((self.store.clock().now(), balance.clone()));
        Ok(balance)
    }

    /// What the database says of how it keeps things; empty if it does not say in time.
    pub(crate) async fn durability(&self) -> Vec<(String, String)> {
        let mut held = self.durable.lock().await;
        if let Some((taken, settings)) = held.as_ref()
            && taken.elapsed() < DURABLE_AGE
        {
            return settings.clone();
        }
        let asked = tokio::time::timeout(DURABLE_WAIT, self.store.durability()).await;
        let settings = asked.ok().and_then(Result::ok).unwrap_or_default();
        if !settings.is_empty() {
            *held = Some((Instant::now(), settings.clone()));
        }
        settings
    }

    /// A clock that was set back makes nothing young again.
    fn is_fresh(&self, taken: Micros) -> bool {
        let age_us = self.store.clock().now().since(taken);
        u64::try_from(age_us).is_ok_and(|age_us| Duration::from_micros(age_us) < PULSE_AGE)
    }
}
