//! What the engine is told: settings already read and checked, and the outside it may call. Never reads a file.

use crate::Pace;
use connectors::pagerduty::{Client, Events};
use duties::Mode;
use model::action::Queue;
use model::customer::Customer;
use store::jobs::Terms;

/// Workers a queue. A page never waits behind a backfill.
pub const WORKERS: [(Queue, usize); 3] = [(Queue::Live, 4), (Queue::Read, 3), (Queue::Bulk, 2)];

#[derive(Clone)]
pub struct Settings {
    /// The secrets of our webhook subscriptions; several during a rotation.
    pub webhook_secrets: Vec<Vec<u8>>,
    /// Subscriptions that are ours by configuration; others are learned.
    pub webhook_subscriptions: Vec<String>,
    pub customers: Vec<Customer>,
    pub link_note: Mode,
    pub intake_guard: Mode,
    /// Where people reach us, without a trailing slash; may be empty.
    pub public_url: String,
    /// The PagerDuty user that writes are made as, with an account-level key.
    pub from: Option<String>,
    /// May a subscription that PagerDuty switched off be switched on again?
    pub webhook_guard: Mode,
    /// Which key is configured, by `model::connection::key_mark`.
    pub key_mark: String,
    /// How late a webhook may be before it counts as not told.
    pub webhook_late_s: i64,
    /// How often PagerDuty is asked.
    pub pace: Pace,
    pub terms: Terms,
    /// Webhooks being received at once.
    pub in_flight: usize,
    pub readers: usize,
    /// This process's name in attempts.
    pub worker: String,
}

/// The outside systems that may be called; absent where nothing is configured.
#[derive(Default)]
pub struct Outside {
    pub pagerduty: Option<Client>,
    pub events: Option<Events>,
}
