//! Carries webhooks and pushes of the smaller systems to their receivers, with mischief on the way: lost, doubled, late, held back.
//! Knows nothing of what it carries, and by itself tries again only what the vendor would.

mod mischief;
mod run;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use mischief::{Fate, Mischief};
pub(crate) use run::run;

/// How a vendor repeats what was not taken.
#[derive(Debug, Clone)]
pub(crate) struct Retry {
    /// These answers are tried again.
    pub statuses: &'static [u16],
    pub times: u32,
    /// The first wait; doubles from there.
    pub first_ms: u64,
}

impl Retry {
    pub(crate) fn never() -> Self {
        Self { statuses: &[], times: 0, first_ms: 0 }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// What the record says of it.
    pub about: Value,
}

#[derive(Debug)]
struct Job {
    id: u64,
    parcel: Parcel,
    delay_ms: u64,
    copies: u32,
}

#[derive(Debug, Default)]
struct Inner {
    mischief: Mischief,
    held: Vec<Job>,
    /// Every parcel, in the order in which it was handed over.
    record: Vec<Value>,
    lanes: HashMap<String, mpsc::UnboundedSender<Job>>,
}

#[derive(Debug)]
pub(crate) struct Courier {
    client: reqwest::Client,
    retry: Retry,
    inner: Mutex<Inner>,
    jobs: mpsc::UnboundedSender<Job>,
    /// How many are on their way.
    pending: watch::Sender<usize>,
}

/// What the courier's task reads.
#[derive(Debug)]
pub(crate) struct Inbox(mpsc::UnboundedReceiver<Job>);

/// Something that is going to be a parcel soon, so that nobody takes the courier for idle.
#[derive(Debug)]
pub(crate) struct Expected(Arc<Courier>);

impl Drop for Expected {
    fn drop(&mut self) {
        self.0.pending.send_modify(|n| *n = n.saturating_sub(1));
    }
}

impl Courier {
    pub(crate) fn new(deadline_ms: u64, retry: Retry) -> Result<(Arc<Self>, Inbox), reqwest::Error> {
        // A connection kept alive could hide a cut behind the client's own retry.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_millis(deadline_ms))
            .build()?;
        let (jobs, inbox) = mpsc::unbounded_channel();
        let own = Self { client, retry, inner: Mutex::default(), jobs, pending: watch::Sender::new(0) };
        Ok((Arc::new(own), Inbox(inbox)))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a parcel; its number in the record.
    pub(crate) fn post(&self, parcel: Parcel) -> u64 {
        let mut inner = self.inner();
        let id = inner.record.len() as u64 + 1;
        let fate = inner.mischief.draw();
        inner.record.push(json!({
            "id": id, "url": parcel.url, "about": parcel.about, "state": fate.word(), "answers": [], "body": parcel.body, "headers": pairs(&parcel.headers),
        }));
        let mut job = Job { id, parcel, delay_ms: 0, copies: 1 };
        match fate {
            Fate::Lost => return id,
            Fate::Held => {
                inner.held.push(job);
                return id;
            }
            Fate::Goes { delay_ms, copies } => (job.delay_ms, job.copies) = (delay_ms, copies),
        }
        drop(inner);
        self.hand_over(job);
        id
    }

    fn hand_over(&self, job: Job) {
        self.pending.send_modify(|n| *n += 1);
        // The receiver ends only with the whole sandbox.
        if self.jobs.send(job).is_err() {
            self.pending.send_modify(|n| *n = n.saturating_sub(1));
        }
    }

    pub(crate) fn expect(self: &Arc<Self>) -> Expected {
        self.pending.send_modify(|n| *n += 1);
        Expected(Arc::clone(self))
    }

    /// `{lose, duplicate, copies?, delay, delay_ms?, hold}`: counts of the next parcels; `hold: true` holds until released.
    pub(crate) fn set_mischief(&self, body: &Value) -> Result<Value, String> {
        let mut inner = self.inner();
        inner.mischief.set(body)?;
        Ok(json!({ "mischief": inner.mischief.shown(), "held": inner.held.len() }))
    }

    /// `{order: as_is|reversed, count?}`: lets go what is held, and holds no more unless only a part was asked for.
    pub(crate) fn release(&self, body: &Value) -> Result<Value, String> {
        let order = body["order"].as_str().unwrap_or("as_is");
        if !["as_is", "reversed"].contains(&order) {
            return Err("order is as_is or reversed".into());
        }
        let jobs: Vec<Job> = {
            let mut inner = self.inner();
            let count = body["count"].as_u64().map_or(inner.held.len(), |n| (n as usize).min(inner.held.len()));
            if order == "reversed" {
                inner.held.reverse();
            }
            if body["count"].is_null() {
                inner.mischief.stop_holding();
            }
            inner.held.drain(..count).collect()
        };
        let ids: Vec<u64> = jobs.iter().map(|j| j.id).collect();
        for job in jobs {
            self.note(job.id, "released");
            self.hand_over(job);
        }
        Ok(json!({ "released": ids }))
    }

    fn note(&self, id: u64, state: &str) {
        if let Some(own) = self.inner().record.get_mut(id as usize - 1) {
            own["state"] = json!(state);
        }
    }

    pub(crate) fn shown(&self) -> Vec<Value> {
        self.inner().record.clone()
    }

    /// Waits until nothing is on its way; what is held does not count. Whether it came to that in time.
    pub(crate) async fn idle(&self, wait_ms: u64) -> bool {
        let mut pending = self.pending.subscribe();
        let quiet = pending.wait_for(|n| *n == 0);
        tokio::time::timeout(Duration::from_millis(wait_ms), quiet).await.is_ok()
    }
}

fn pairs(headers: &[(String, String)]) -> Value {
    headers.iter().map(|(n, v)| (n.clone(), json!(v))).collect::<serde_json::Map<_, _>>().into()
}
