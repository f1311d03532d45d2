//! The record: gives what was written its place in the chain within a second, signs how far the chain has come, shows that
//! outside at intervals, and lets go of outputs whose time is over. Losing a beat loses nothing: what waits, waits.

mod anchors;
mod retention;

pub(crate) use anchors::show;

use crate::{Shared, wake};
use duties::record::Way;
use evidence::Signer;
use model::Micros;
use model::chain::checkpoint::{Note, VerifierKey};
use std::time::{Duration, Instant};
use store::chain::{self, Draft, Due};
use store::nag::{Nag, Over};
use tokio_util::sync::CancellationToken;

const TICK: Duration = Duration::from_millis(500);
const SIGN_EVERY: Duration = Duration::from_secs(5);
const SHOW_EVERY: Duration = Duration::from_secs(60);
const RETAIN_EVERY: Duration = Duration::from_secs(600);
/// Entries in one transaction.
const AT_ONCE: i64 = 256;

/// What is configured about the record.
#[derive(Clone, Debug)]
pub struct Settings {
    /// When a checkpoint is due.
    pub checkpoint: Due,
    /// The ways by which checkpoints are shown outside; two are advised.
    pub anchors: Vec<Way>,
    pub anchor_every_s: i64,
    /// For how long nobody, not even the bucket's owner, may change what was put into the bucket.
    pub lock_s: i64,
    /// After this the outputs of capsules go; `None`: never.
    pub retention: Option<Retention>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            checkpoint: Due { entries: 256, after_s: 60 },
            anchors: Vec::new(),
            anchor_every_s: 86_400,
            lock_s: 400 * 86_400,
            retention: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    pub after_s: i64,
    /// As it is configured, e.g. `5y`: so it stands in the audit record.
    pub text: String,
}

/// What is looked at seldom.
struct Beat {
    every: Duration,
    last: Option<Instant>,
}

impl Beat {
    const fn new(every: Duration) -> Self {
        Self { every, last: None }
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = self.last.is_none_or(|last| now.duration_since(last) >= self.every);
        if is_due {
            self.last = Some(now);
        }
        is_due
    }
}

pub async fn run(shared: Shared, stop: CancellationToken) {
    let [mut sign, mut show, mut retain] = [SIGN_EVERY, SHOW_EVERY, RETAIN_EVERY].map(Beat::new);
    let mut hand = Hand::default();
    while wake::pause(TICK, &stop).await {
        // In a storm the doors go first.
        if shared.store.is_storm() {
            continue;
        }
        let now = Instant::now();
        if let Err(error) = sequence(&shared, &stop).await {
            shared.trouble.failed(&error, "entering what was written into the record");
            continue;
        }
        if sign.is_due(now) {
            let signed = hand.sign(&shared).await;
            hand.told(signed, now);
        }
        if show.is_due(now)
            && let Err(error) = anchors::look(&shared).await
        {
            shared.trouble.failed(&error, "showing the record's checkpoints outside");
        }
        if retain.is_due(now) {
            retention::keep(&shared, &stop).await;
        }
    }
}

/// Until nothing waits.
async fn sequence(shared: &Shared, stop: &CancellationToken) -> Result<(), store::StoreError> {
    while !stop.is_cancelled() && shared.store.read(|tx| Box::pin(chain::is_waiting(tx))).await? {
        let taken = shared.store.write("record", |tx| Box::pin(chain::sequence(tx, AT_ONCE))).await?;
        if taken < AT_ONCE {
            break;
        }
    }
    Ok(())
}

/// The hand that signs.
#[derive(Default)]
struct Hand {
    signer: Option<Signer>,
    nag: Nag,
}

impl Hand {
    /// Makes the checkpoint that is due, if one is.
    async fn sign(&mut self, shared: &Shared) -> Result<(), String> {
        let Some(evidence) = &shared.outside.evidence else { return Ok(()) };
        let due = shared.settings.record.checkpoint;
        let read = shared.store.read(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                Ok(chain::next_checkpoint(tx, due).await?.map(|draft| (draft, now)))
            })
        });
        let Some((draft, now)) = read.await.map_err(|error| error.to_string())? else { return Ok(()) };
        let signer = match &self.signer {
            Some(signer) => signer,
            None => {
                let opened = Signer::open(&evidence.signing_key_file(), draft.number == 1).await;
                self.signer.insert(opened.map_err(|error| error.to_string())?)
            }
        };
        let note = note(&draft, signer, now);
        let unit = shared
            .store
            .write("checkpoint", move |tx| Box::pin(async move { chain::add_checkpoint(tx, &draft, &note).await }));
        unit.await.map(|_| ()).map_err(|error| error.to_string())
    }

    /// What the log says of it.
    fn told(&mut self, signed: Result<(), String>, now: Instant) {
        match signed {
            Ok(()) => {
                if let Some(Over { seconds }) = self.nag.over(now) {
                    tracing::info!(seconds, "checkpoints of the record are signed again");
                }
            }
            Err(why) => {
                if let Some(failures) = self.nag.failed(now) {
                    tracing::warn!(
                        why,
                        failures,
                        "the record can't be signed; what is written is entered all the same"
                    );
                }
            }
        }
    }
}

/// The name that an install signs by follows from its first key.
fn origin(public: &[u8; 32]) -> String {
    format!("arayashiki/{}", hex::encode(&model::signal::digest(public)[..8]))
}

fn note(draft: &Draft, signer: &Signer, at: Micros) -> Note {
    let checkpoint = draft.checkpoint(&origin(&signer.public()), at);
    let key = VerifierKey { name: checkpoint.origin.clone(), public: signer.public() };
    let signature = signer.sign(checkpoint.text().as_bytes());
    Note::new(checkpoint, &key, signature)
}

#[cfg(test)]
mod tests;
