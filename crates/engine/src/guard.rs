//! Which webhook subscriptions are ours, and whether one of them fails its signature. Told by the configuration, by
//! PagerDuty's own list, and by every good delivery. Writes at most one row a minute, whatever comes in.

use crate::{Shared, wake};
use connectors::{Call, Class};
use duties::intake_guard::{DUTY, Noticed, State, VERSION};
use model::signal::{Key, Origin, Signal, digest, source};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// At most one row a subscription in this time, however many deliveries fail.
const ALARM_EVERY: Duration = Duration::from_secs(60);
const REFRESH_EVERY: Duration = Duration::from_secs(300);
const RETRY_EVERY: Duration = Duration::from_secs(5);
/// More than an account has; a list that is longer is not ours to remember.
const MOST_SUBSCRIPTIONS: usize = 1_000;

/// Whose subscription a delivery with a wrong signature names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ours,
    Stranger,
}

#[derive(Default)]
struct Known {
    is_alarmed: bool,
    unwritten: u64,
    written_at: Option<Instant>,
}

#[derive(Default)]
pub struct Guard {
    known: Mutex<HashMap<String, Known>>,
}

impl Guard {
    pub fn new(subscriptions: &[String]) -> Self {
        let known = subscriptions.iter().map(|id| (id.clone(), Known::default())).collect();
        Self { known: Mutex::new(known) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, subscription: &str, is_alarmed: bool) {
        let mut known = self.lock();
        if known.len() < MOST_SUBSCRIPTIONS {
            known.entry(subscription.to_owned()).or_default().is_alarmed |= is_alarmed;
        }
    }

    /// A good delivery. Only the first one, and the first after an alarm, leave a row.
    pub(crate) async fn good(&self, shared: &Shared, subscription: &str) {
        let noticed = {
            let mut known = self.lock();
            let is_full = known.len() >= MOST_SUBSCRIPTIONS;
            match known.get_mut(subscription) {
                _ if subscription.is_empty() => None,
                Some(entry) if entry.is_alarmed => {
                    entry.is_alarmed = false;
                    Some(Noticed::GoodAgain { subscription: subscription.to_owned() })
                }
                Some(_) => None,
                None if is_full => None,
                None => {
                    known.insert(subscription.to_owned(), Known::default());
                    Some(Noticed::Learned { subscription: subscription.to_owned() })
                }
            }
        };
        if let Some(noticed) = noticed {
            write(shared, &noticed).await;
        }
    }

    /// A delivery with a wrong signature.
    pub(crate) async fn bad(&self, shared: &Shared, subscription: &str) -> Verdict {
        let noticed = {
            let mut known = self.lock();
            let Some(entry) = known.get_mut(subscription) else { return Verdict::Stranger };
            entry.unwritten += 1;
            if entry.written_at.is_some_and(|at| at.elapsed() < ALARM_EVERY) {
                return Verdict::Ours;
            }
            entry.is_alarmed = true;
            entry.written_at = Some(Instant::now());
            Noticed::BadSignature { subscription: subscription.to_owned(), count: std::mem::take(&mut entry.unwritten) }
        };
        tracing::error!(
            subscription,
            "webhooks of our subscription fail their signature: PagerDuty is told to keep them"
        );
        write(shared, &noticed).await;
        Verdict::Ours
    }
}

async fn write(shared: &Shared, noticed: &Noticed) {
    let Ok(raw) = serde_json::to_vec(noticed) else { return };
    let now = shared.store.clock().now();
    let signal = Signal {
        source: source::GUARD,
        key: Key::of(source::GUARD, &[&raw, &now.0.to_le_bytes()]),
        digest: digest(&raw),
        received_at: now,
        origin: Origin::Live,
        raw,
        headers: "{}".to_owned(),
    };
    match tokio::time::timeout(Duration::from_millis(500), shared.store.accept(signal)).await {
        Ok(Ok(())) => shared.wake.read.notify_one(),
        _ => tracing::warn!(
            "what the intake guard noticed could not be written; it is noticed again with the next delivery"
        ),
    }
}

/// Learns what the store remembers and what PagerDuty lists, at the start and every few minutes.
pub async fn refresh(shared: Shared, stop: CancellationToken) {
    while !from_store(&shared).await {
        if !wake::pause(RETRY_EVERY, &stop).await {
            return;
        }
    }
    loop {
        let next = if from_pagerduty(&shared).await { REFRESH_EVERY } else { RETRY_EVERY * 6 };
        if !wake::pause(next, &stop).await {
            return;
        }
    }
}

async fn from_store(shared: &Shared) -> bool {
    let states = shared.store.read(|tx| Box::pin(store::duty_state::all::<State>(tx, DUTY, VERSION))).await;
    match states {
        Ok(states) => {
            for (subscription, state, _) in states {
                shared.guard.learn(&subscription, state.open_since.is_some());
            }
            true
        }
        Err(error) => {
            tracing::warn!(%error, "the known subscriptions can't be read yet");
            false
        }
    }
}

/// Subscriptions whose address is this server's are ours before the first good delivery: the secret may be wrong from
/// the very start, and PagerDuty would give up on us after three refusals.
async fn from_pagerduty(shared: &Shared) -> bool {
    let (Some(client), false) = (&shared.outside.pagerduty, shared.settings.public_url.is_empty()) else { return true };
    let ours = format!("{}/webhooks/pagerduty", shared.settings.public_url);
    let mut offset = 0;
    loop {
        let call = Call::new(Class::Read, shared.store.clock().now());
        match client.webhook_subscriptions(&call, offset).await {
            Ok(page) => {
                for subscription in page.items.iter().filter(|s| s.url.as_deref() == Some(ours.as_str())) {
                    shared.guard.learn(&subscription.id, false);
                }
                if !page.more {
                    return true;
                }
                offset = page.next_offset;
            }
            Err(error) => {
                tracing::warn!(%error, "PagerDuty's list of webhook subscriptions can't be read; it is tried again");
                return false;
            }
        }
    }
}
