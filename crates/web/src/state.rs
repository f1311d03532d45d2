//! What the pages, the API and the doors are handed. Each router gets the few parts that it needs and nothing more;
//! nothing here decides or renders.

use crate::Language;
use crate::health::Pulse;
use crate::problem::Fault;
use jiff::tz::TimeZone;
use model::Micros;
use model::customer::Customer;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

/// The counts and the health mark on pages may be this old: counting the inbox is a walk over all of it.
pub(crate) const PULSE_AGE: Duration = Duration::from_secs(2);

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
}

impl Settings {
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
    pub read: Arc<Notify>,
    pub act: Arc<Notify>,
    pulse: Arc<Mutex<Option<Counted>>>,
}

impl Desk {
    pub(crate) fn of(web: &Web) -> Self {
        Self {
            store: web.store.clone(),
            settings: web.settings.clone(),
            read: web.read.clone(),
            act: web.act.clone(),
            pulse: Arc::default(),
        }
    }

    /// How we are, at most `PULSE_AGE` old: every page asks, and many who ask at once share one answer.
    pub(crate) async fn pulse(&self) -> Result<Arc<Pulse>, Fault> {
        let mut held = self.pulse.lock().await;
        if let Some((_, pulse)) = held.as_ref().filter(|(taken, _)| self.is_fresh(*taken)) {
            return Ok(pulse.clone());
        }
        let pulse = Arc::new(self.store.read(|tx| Box::pin(Pulse::load(tx))).await?);
        // The instant after the count: one that takes long is kept as long, or everybody would count after everybody.
        *held = Some((self.store.clock().now(), pulse.clone()));
        Ok(pulse)
    }

    /// A clock that was set back makes nothing young again.
    fn is_fresh(&self, taken: Micros) -> bool {
        let age_us = self.store.clock().now().since(taken);
        u64::try_from(age_us).is_ok_and(|age_us| Duration::from_micros(age_us) < PULSE_AGE)
    }
}
