//! Which webhook subscriptions are ours, and whether one of them fails its signature. Told by the configuration, by
//! PagerDuty's own list, and by every good delivery. Writes at most one row a minute, whatever comes in.

use crate::{Shared, wake};
use connectors::{Call, Class, Kind};
use duties::intake_guard::{DUTY, Noticed, State, VERSION};
use model::Micros;
use model::signal::{Key, Origin, Signal, digest, source};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
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
    /// Ours, or maybe ours as long as we have not learnt which are: PagerDuty has to keep it.
    Ours,
    Stranger,
}

#[derive(Default)]
struct Known {
    /// An alarm is open that the next good delivery ends.
    is_alarmed: bool,
    /// A row about it is being written right now.
    is_writing: bool,
    unwritten: u64,
    written_at: Option<Instant>,
    /// When the last authentic delivery came.
    good_at: Option<Micros>,
}

#[derive(Default)]
pub struct Guard {
    known: Mutex<HashMap<String, Known>>,
    /// The store and PagerDuty's list were asked, so that an unknown subscription is a stranger's.
    has_learnt: AtomicBool,
}

impl Guard {
    pub fn new(subscriptions: &[String]) -> Self {
        let known = subscriptions.iter().map(|id| (id.clone(), Known::default())).collect();
        Self { known: Mutex::new(known), has_learnt: AtomicBool::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, subscription: &str) {
        let mut known = self.lock();
        if known.len() < MOST_SUBSCRIPTIONS {
            known.entry(subscription.to_owned()).or_default();
        }
    }

    /// What the store says of an alarm. True if a good delivery has ended it already, before we knew of it.
    fn recall(&self, subscription: &str, state: &State) -> bool {
        self.learn(subscription);
        let mut known = self.lock();
        let Some(entry) = known.get_mut(subscription) else { return false };
        if entry.is_writing {
            return false;
        }
        entry.is_alarmed = state.open_since.is_some();
        entry.is_alarmed && entry.good_at > state.last_refused_at
    }

    /// A good delivery. Only the first one, and the first after an alarm, leave a row.
    pub(crate) async fn good(&self, shared: &Shared, subscription: &str) {
        if subscription.is_empty() {
            return;
        }
        let now = shared.store.clock().now();
        let noticed = {
            let mut known = self.lock();
            let is_full = known.len() >= MOST_SUBSCRIPTIONS;
            match known.get_mut(subscription) {
                Some(entry) => {
                    entry.good_at = Some(now);
                    if !entry.is_alarmed || entry.is_writing {
                        return;
                    }
                    entry.is_writing = true;
                    Noticed::GoodAgain { subscription: subscription.to_owned() }
                }
                None if is_full => return,
                None => {
                    let entry = Known { good_at: Some(now), is_writing: true, ..Known::default() };
                    known.insert(subscription.to_owned(), entry);
                    Noticed::Learned { subscription: subscription.to_owned() }
                }
            }
        };
        let is_written = write(shared, &noticed).await;
        if let Some(entry) = self.lock().get_mut(subscription) {
            entry.is_writing = false;
            // An alarm stays ours to end until its end is written down.
            entry.is_alarmed &= !is_written;
        }
    }

    /// A delivery with a wrong signature.
    pub(crate) async fn bad(&self, shared: &Shared, subscription: &str) -> Verdict {
        let count = {
            let mut known = self.lock();
            let Some(entry) = known.get_mut(subscription) else {
                let maybe_ours = !subscription.is_empty() && !self.has_learnt.load(Relaxed);
                return if maybe_ours { Verdict::Ours } else { Verdict::Stranger };
            };
            entry.unwritten += 1;
            if entry.is_writing || entry.written_at.is_some_and(|at| at.elapsed() < ALARM_EVERY) {
                return Verdict::Ours;
            }
            entry.is_writing = true;
            std::mem::take(&mut entry.unwritten)
        };
        tracing::error!(
            subscription,
            "webhooks of our subscription fail their signature: PagerDuty is told to keep them"
        );
        let is_written = write(shared, &Noticed::BadSignature { subscription: subscription.to_owned(), count }).await;
        if let Some(entry) = self.lock().get_mut(subscription) {
            entry.is_writing = false;
            if is_written {
                entry.is_alarmed = true;
                entry.written_at = Some(Instant::now());
            } else {
                entry.unwritten += count;
            }
        }
        Verdict::Ours
    }
}

/// Makes a row of what was noticed; says whether it is there.
async fn write(shared: &Shared, noticed: &Noticed) -> bool {
    let Ok(raw) = serde_json::to_vec(noticed) else { return false };
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
        Ok(Ok(())) => {
            shared.wake.read.notify_one();
            true
        }
        // The next delivery tries again.
        Ok(Err(error)) => {
            shared.trouble.failed(&error, "writing what the intake guard noticed");
            false
        }
        Err(_) => false,
    }
}

/// Learns what the store remembers and what PagerDuty lists, at the start and every few minutes: another process may
/// have opened or ended an alarm meanwhile.
pub async fn refresh(shared: Shared, stop: CancellationToken) {
    let mut wait = RETRY_EVERY;
    loop {
        let learnt = from_store(&shared).await && from_pagerduty(&shared).await;
        if learnt {
            shared.guard.has_learnt.store(true, Relaxed);
        }
        // What does not come soon comes later: nobody is helped by asking every few seconds for days.
        wait = if learnt { REFRESH_EVERY } else { wait };
        if !wake::pause(wait, &stop).await {
            return;
        }
        wait = if learnt { RETRY_EVERY } else { (wait * 2).min(REFRESH_EVERY) };
    }
}

async fn from_store(shared: &Shared) -> bool {
    let states = shared.store.read(|tx| Box::pin(store::duty_state::all::<State>(tx, DUTY, VERSION))).await;
    match states {
        Ok(states) => {
            for (subscription, state, _) in states {
                if shared.guard.recall(&subscription, &state) {
                    shared.guard.good(shared, &subscription).await;
                }
            }
            true
        }
        Err(error) => {
            shared.trouble.failed(&error, "reading the known subscriptions");
            false
        }
    }
}

/// Subscriptions whose address is this server's are ours before the first good delivery: the secret may be wrong from
/// the very start, and PagerDuty would give up on us after three refusals.
async fn from_pagerduty(shared: &Shared) -> bool {
    let (Some(client), false) = (&shared.outside.pagerduty, shared.settings.public_url.is_empty()) else { return true };
    let mut offset = 0;
    loop {
        let call = Call::new(Class::Read, shared.store.clock().now());
        match client.webhook_subscriptions(&call, offset).await {
            Ok(page) => {
                for subscription in
                    page.items.iter().filter(|s| is_our_address(&shared.settings.public_url, s.url.as_deref()))
                {
                    shared.guard.learn(&subscription.id);
                }
                if !page.more {
                    return true;
                }
                offset = page.next_offset;
            }
            // What the key may not see it will not see in five seconds either: the configured and remembered ones count.
            Err(error) if matches!(error.kind, Kind::Forbidden | Kind::NotFound) => return true,
            Err(error) => {
                tracing::warn!(%error, "PagerDuty's list of webhook subscriptions can't be read; it is tried again");
                return false;
            }
        }
    }
}

/// Whether webhooks that go to this address come to us.
pub fn is_our_address(public_url: &str, url: Option<&str>) -> bool {
    let ours = url.and_then(|url| url.trim_end_matches('/').strip_suffix("/webhooks/pagerduty"));
    !public_url.is_empty() && ours == Some(public_url)
}
