//! How much may go on at once: through each bastion, on each host, and how many logins behind each bastion.

use crate::settings::Settings;
use crate::way::{Hop, Way};
use std::collections::HashMap;
use std::hash::Hash;
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
        // These are never closed; one that were would have a place for nobody.
        match place.clone().acquire_owned().await {
            Ok(permit) => permit,
            Err(_) => std::future::pending().await,
        }
    }

    fn tidy(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, place| Arc::strong_count(place) > 1);
    }
}

pub(crate) struct Gates {
    hosts: Places<Way>,
    bastions: Places<Vec<Hop>>,
    logins: Places<Vec<Hop>>,
}

/// Places of one run, free again when it is dropped.
pub(crate) struct Admitted {
    _permits: Vec<OwnedSemaphorePermit>,
}

impl Gates {
    pub(crate) fn new() -> Self {
        Self { hosts: Places::new(), bastions: Places::new(), logins: Places::new() }
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
    pub(crate) async fn login(&self, behind: &[Hop], settings: &Settings) -> OwnedSemaphorePermit {
        self.logins.take(behind.to_vec(), settings.logins_at_once).await
    }

    pub(crate) fn tidy(&self) {
        self.hosts.tidy();
        self.bastions.tidy();
        self.logins.tidy();
    }
}
