//! What a step says, as it comes: secrets taken out, its beginning shown within a moment, all of it kept in the evidence store.
//! Nothing that was not redacted leaves this file.

use super::outputs::{Kept, Outputs, Writing};
use crate::Shared;
use bytes::Bytes;
use model::Micros;
use model::redaction::{Found, Redactor, Rules};
use probe::{Chunk, Stream};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use store::StoreError;
use store::jobs::{self, Claimed};
use store::runs;
use tokio::sync::mpsc;

/// So much of a step is shown while it runs, and is what remains of it when the evidence store can't take it.
const SHOWN_BYTES: usize = 256 << 10;
/// What came is shown after this at the latest.
const SHOWN_AFTER: Duration = Duration::from_millis(200);
const PIECE_BYTES: usize = 32 << 10;
/// Of each stream, what findings are read from.
const JUDGED_BYTES: usize = 1 << 20;

/// Where a step's output belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub run: i64,
    pub n: i64,
}

/// What was recorded of a step.
#[derive(Debug, Default)]
pub struct Recorded {
    pub out: Side,
    pub err: Side,
    pub redactions: Found,
    /// Why not all of it could be kept.
    pub trouble: Option<String>,
}

/// One of the two streams, redacted.
#[derive(Debug, Default)]
pub struct Side {
    /// As it came.
    pub raw_bytes: u64,
    /// What findings are read from: its beginning, and its end where it is longer.
    pub head: Vec<u8>,
    pub tail: Vec<u8>,
    pub kept: Option<Kept>,
}

pub struct Recorder<'a> {
    shared: &'a Shared,
    job: &'a Claimed,
    place: Place,
    /// When the run was asked for: its day is where the output lies.
    asked_at: Micros,
    out: Taking,
    err: Taking,
    pending: Vec<(Stream, Vec<u8>)>,
    pending_since: Option<Instant>,
    piece: i64,
    shown: usize,
    trouble: Option<String>,
    /// Another worker has the run: nothing more is written.
    pub is_lost: bool,
}

struct Taking {
    redactor: Redactor,
    raw_bytes: u64,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    writing: Option<Writing>,
}

impl Taking {
    fn new(rules: &Rules) -> Self {
        Self { redactor: Redactor::new(rules), raw_bytes: 0, head: Vec::new(), tail: VecDeque::new(), writing: None }
    }

    fn remember(&mut self, bytes: &[u8]) {
        let room = JUDGED_BYTES.saturating_sub(self.head.len());
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(JUDGED_BYTES);
        self.tail.drain(..over);
    }
}

impl<'a> Recorder<'a> {
    pub fn new(shared: &'a Shared, job: &'a Claimed, rules: &Rules, place: Place, asked_at: Micros) -> Self {
        Self {
            shared,
            job,
            place,
            asked_at,
            out: Taking::new(rules),
            err: Taking::new(rules),
            pending: Vec::new(),
            pending_since: None,
            piece: 0,
            shown: 0,
            trouble: None,
            is_lost: false,
        }
    }

    /// Takes what comes until the sender is gone.
    pub async fn record(mut self, mut chunks: mpsc::Receiver<Chunk>, outputs: &Outputs) -> (Recorded, bool) {
        loop {
            let next = match self.pending_since {
                None => chunks.recv().await,
                Some(since) => {
                    let left = SHOWN_AFTER.saturating_sub(since.elapsed());
                    match tokio::time::timeout(left, chunks.recv()).await {
                        Ok(next) => next,
                        Err(_) => {
                            self.show().await;
                            continue;
                        }
                    }
                }
            };
            let Some(Chunk { stream, bytes }) = next else { break };
            self.take(stream, &bytes, outputs).await;
        }
        self.finish(outputs).await
    }

    async fn take(&mut self, stream: Stream, bytes: &Bytes, outputs: &Outputs) {
        let side = self.side(stream);
        side.raw_bytes += bytes.len() as u64;
        let mut clean = Vec::with_capacity(bytes.len() + 64);
        side.redactor.push(bytes, &mut clean);
        self.keep(stream, clean, outputs).await;
    }

    const fn side(&mut self, stream: Stream) -> &mut Taking {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }

    async fn keep(&mut self, stream: Stream, clean: Vec<u8>, outputs: &Outputs) {
        if clean.is_empty() {
            return;
        }
        self.side(stream).remember(&clean);
        self.store(stream, &clean, outputs).await;
        let room = SHOWN_BYTES.saturating_sub(self.shown);
        if room == 0 {
            return;
        }
        let mut clean = clean;
        clean.truncate(room);
        self.shown += clean.len();
        match self.pending.last_mut() {
            Some((last, waiting)) if *last == stream => waiting.extend_from_slice(&clean),
            _ => self.pending.push((stream, clean)),
        }
        self.pending_since.get_or_insert_with(Instant::now);
        if self.pending.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() >= PIECE_BYTES {
            self.show().await;
        }
    }

    /// A store that can't take it is said in the record, and the run goes on.
    async fn store(&mut self, stream: Stream, clean: &[u8], outputs: &Outputs) {
        if self.trouble.is_some() {
            return;
        }
        let (place, asked_at) = (self.place, self.asked_at);
        let side = self.side(stream);
        let result = match side.writing.as_mut() {
            Some(writing) => writing.write(clean).await,
            None => match outputs.begin(place, stream, asked_at).await {
                Ok(mut writing) => {
                    let written = writing.write(clean).await;
                    side.writing = Some(writing);
                    written
                }
                Err(why) => Err(why),
            },
        };
        if let Err(why) = result {
            tracing::warn!(run = place.run, step = place.n, why, "output can't be kept in the evidence store");
            self.trouble = Some(why);
        }
    }

    /// Puts what waits where pages read it; the lease is renewed with it, so that nobody writes who has lost the run.
    async fn show(&mut self) {
        self.pending_since = None;
        if self.pending.is_empty() || self.is_lost {
            self.pending.clear();
            return;
        }
        let pieces = std::mem::take(&mut self.pending);
        let first = self.piece;
        self.piece += i64::try_from(pieces.len()).unwrap_or(0);
        let (job, terms, place) = (self.job.clone(), self.shared.settings.terms, self.place);
        let written = self.shared.store.write("run_output", move |tx| {
            let (job, pieces) = (job.clone(), pieces.clone());
            Box::pin(async move {
                jobs::renew(tx, &job, terms).await?;
                for (piece, (stream, body)) in (first..).zip(&pieces) {
                    runs::add_output(tx, place.run, place.n, piece, name(*stream), body).await?;
                }
                Ok(())
            })
        });
        match written.await {
            Ok(()) => self.shared.wake.show.notify_waiters(),
            Err(StoreError::LeaseLost(_)) => self.is_lost = true,
            // It lies in the evidence store all the same.
            Err(error) => self.shared.trouble.failed(&error, "showing what a step says"),
        }
    }

    async fn finish(mut self, outputs: &Outputs) -> (Recorded, bool) {
        let mut redactions = Found::default();
        for stream in [Stream::Out, Stream::Err] {
            let side = self.side(stream);
            let mut rest = Vec::new();
            let redactor = std::mem::replace(&mut side.redactor, Redactor::new(&Rules::shipped()));
            redactions.merge(&redactor.finish(&mut rest));
            self.keep(stream, rest, outputs).await;
        }
        self.show().await;
        let out = self.end(Stream::Out).await;
        let err = self.end(Stream::Err).await;
        (Recorded { out, err, redactions, trouble: self.trouble }, self.is_lost)
    }

    async fn end(&mut self, stream: Stream) -> Side {
        let side = self.side(stream);
        let writing = side.writing.take();
        let (raw_bytes, head) = (side.raw_bytes, std::mem::take(&mut side.head));
        let tail = std::mem::take(&mut side.tail).into();
        let kept = match writing {
            None => None,
            Some(writing) if self.trouble.is_some() => {
                writing.abandon().await;
                None
            }
            Some(writing) => match writing.finish().await {
                Ok(kept) => Some(kept),
                Err(why) => {
                    self.trouble = Some(why);
                    None
                }
            },
        };
        Side { raw_bytes, head, tail, kept }
    }
}

pub const fn name(stream: Stream) -> &'static str {
    match stream {
        Stream::Out => "out",
        Stream::Err => "err",
    }
}
