//! Writes a stream: frame after frame to where it will lie, under its name only once it is whole. One that is dropped before
//! that leaves nothing behind in a folder, and in a bucket an upload that the bucket's own rule clears away.

use super::form::{self, FRAME_BYTES, Index, Part};
use crate::key::Keys;
use crate::place::Sink;
use crate::{Evidence, EvidenceError, Sealed, blocking};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// An unfinished stream.
#[derive(Debug)]
pub struct Writer {
    evidence: Evidence,
    name: String,
    /// What is not a whole frame yet.
    rest: Vec<u8>,
    /// Away while a frame is being sealed; for good if that failed.
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    name: String,
    keys: Arc<Keys>,
    head: Vec<u8>,
    hasher: Sha256,
    bytes: u64,
    frames: Vec<u32>,
    sink: Sink,
}

impl Writer {
    pub(crate) async fn begin(evidence: &Evidence, name: &str) -> Result<Self, EvidenceError> {
        let head = form::head(evidence.keys.newest());
        let sink = evidence.place.begin(name).await?.write(head.clone()).await?;
        let state = State {
            name: name.to_owned(),
            keys: evidence.keys.clone(),
            head,
            hasher: Sha256::new(),
            bytes: 0,
            frames: Vec::new(),
            sink,
        };
        let rest = Vec::with_capacity(FRAME_BYTES);
        Ok(Self { evidence: evidence.clone(), name: name.to_owned(), rest, state: Some(state) })
    }

    /// Adds to the stream. After an error it takes no more.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), EvidenceError> {
        let mut left = chunk;
        while !left.is_empty() {
            let (now, later) = left.split_at(left.len().min(FRAME_BYTES - self.rest.len()));
            self.rest.extend_from_slice(now);
            left = later;
            if self.rest.len() == FRAME_BYTES {
                self.frame().await?;
            }
        }
        Ok(())
    }

    /// Bytes of the stream so far.
    pub fn bytes(&self) -> u64 {
        self.state.as_ref().map_or(0, |state| state.bytes) + self.rest.len() as u64
    }

    async fn frame(&mut self) -> Result<(), EvidenceError> {
        let chunk = std::mem::replace(&mut self.rest, Vec::with_capacity(FRAME_BYTES));
        let state = self.state.take().ok_or(EvidenceError::Stopped)?;
        let (state, sealed) = blocking(move || state.frame(&chunk)).await?;
        let State { sink, .. } = state;
        self.state = Some(State { sink: sink.write(sealed).await?, ..state });
        Ok(())
    }

    /// Ends the stream and gives it its name: durable when it answers. The same content under a name that is taken is fine,
    /// another one is refused.
    pub async fn finish(mut self) -> Result<Sealed, EvidenceError> {
        if !self.rest.is_empty() {
            self.frame().await?;
        }
        let state = self.state.take().ok_or(EvidenceError::Stopped)?;
        let (sealed, index, sink) = blocking(move || state.index()).await?;
        if sink.write(index).await?.finish().await? {
            return Ok(sealed);
        }
        let there = self.evidence.reader(&self.name).await?;
        if there.sealed() == &sealed { Ok(sealed) } else { Err(EvidenceError::Different { name: self.name }) }
    }

    /// Gives the stream up.
    pub async fn abort(mut self) {
        if let Some(state) = self.state.take() {
            state.sink.abort().await;
        }
    }
}

impl State {
    fn frame(mut self, chunk: &[u8]) -> Result<(Self, Vec<u8>), EvidenceError> {
        self.hasher.update(chunk);
        self.bytes += chunk.len() as u64;
        let part = Part::Frame(self.frames.len() as u64);
        let sealed = form::seal(&self.name, &self.head, self.keys.newest(), part, form::pack(chunk)?)?;
        self.frames.push(u32::try_from(sealed.len()).map_err(|_| EvidenceError::Stopped)?);
        Ok((self, sealed))
    }

    fn index(self) -> Result<(Sealed, Vec<u8>, Sink), EvidenceError> {
        let Self { name, keys, head, hasher, bytes, frames, sink } = self;
        let part = Part::Index(frames.len() as u64);
        let index = Index { bytes, digest: hasher.finalize().into(), frames };
        let sealed = Sealed { bytes, digest: index.digest };
        let mut end = form::seal(&name, &head, keys.newest(), part, index.to_vec())?;
        let length = u32::try_from(end.len()).map_err(|_| EvidenceError::TooLarge { name, bytes: end.len() })?;
        end.extend_from_slice(&length.to_be_bytes());
        Ok((sealed, end, sink))
    }
}
