//! How much may go on at once: through each bastion, on each host, and how many logins behind each bastion.

use crate::settings::Settings;
use crate::way::{Hop, Way};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A set of places, by whom they belong to. Those that nobody uses are forgotten.
struct Places<K>(Mutex<HashMap<K, Arc<Semaphore>>>);

impl<K: Hash + Eq> Places<K> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    async fn take(&self, of: K, size: usize) -> OwnedSemaphorePermit {
        let place = {
            let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            places.entry(of).or_insert_with(|| Arc::new(Semaphore::new(size.max(1)))).clone()
        };
        taken(&place).await
    }

    fn tidy(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, place| Arc::strong_count(place) > 1);
    }
}

async fn taken(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    // These are never closed; one that were would have a place for nobody.
    match places.clone().acquire_owned().await {
        Ok(permit) => permit,
        Err(_) => std::future::pending().await,
    }
}

/// How fast logins follow each other behind some hops: many at once until a server hangs up on one, few from then on.
struct Pace {
    many: Arc<Semaphore>,
    few: Arc<Semaphore>,
    is_gentle: AtomicBool,
}

impl Pace {
    fn new(settings: &Settings) -> Self {
        let few = settings.logins_when_refused.max(1);
        Self {
            many: Arc::new(Semaphore::new(settings.logins_at_once.max(few))),
            few: Arc::new(Semaphore::new(few)),
            is_gentle: AtomicBool::new(false),
        }
    }
}

/// A place for one login, tried as often as need be.
pub(crate) struct LoginPlace {
    pace: Arc<Pace>,
    few: Option<OwnedSemaphorePermit>,
    _many: OwnedSemaphorePermit,
}

impl LoginPlace {
    /// A server hung up: there are too many logins at once, and this one waits until there are few.
    pub(crate) async fn was_refused(&mut self) {
        self.pace.is_gentle.store(true, Ordering::Release);
        self.go_gently().await;
    }

    async fn go_gently(&mut self) {
        if self.few.is_none() && self.pace.is_gentle.load(Ordering::Acquire) {
            self.few = Some(taken(&self.pace.few).await);
        }
    }
}

pub(crate) struct Gates {
    hosts: Places<Way>,
    bastions: Places<Vec<Hop>>,
    logins: Mutex<HashMap<Vec<Hop>, Arc<Pace>>>,
}

/// Places of one run, free again when it is dropped.
pub(crate) struct Admitted {
    _permits: Vec<OwnedSemaphorePermit>,
}

impl Gates {
    pub(crate) fn new() -> Self {
        Self { hosts: Places::new(), bastions: Places::new(), logins: Mutex::new(HashMap::new()) }
    }

    /// Waits for a place on the host, then on each bastion before it. Always in this order: whoever waits holds nothing that the one
    /// before it needs.
    pub(crate) async fn admit(&self, way: &Way, settings: &Settings) -> Admitted {
        let mut permits = vec![self.hosts.take(way.clone(), settings.per_host).await];
        for n in 1..way.hops.len() {
            permits.push(self.bastions.take(way.hops[..n].to_vec(), settings.per_bastion).await);
        }
        Admitted { _permits: permits }
    }

    /// A place for a login behind these hops.
    pub(crate) async fn login(&self, behind: &[Hop], settings: &Settings) -> LoginPlace {
        let pace = {
            let mut logins = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
            logins.entry(behind.to_vec()).or_insert_with(|| Arc::new(Pace::new(settings))).clone()
        };
        let many = taken(&pace.many).await;
        let mut place = LoginPlace { pace, few: None, _many: many };
        place.go_gently().await;
        place
    }

    pub(crate) fn tidy(&self) {
        self.hosts.tidy();
        self.bastions.tidy();
        self.logins.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, pace| Arc::strong_count(pace) > 1);
    }
}
