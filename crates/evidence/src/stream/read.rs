//! Reads a stream: a part out of its middle for a page, or all of it in order, which holds it against its digest.

use super::form::{self, FRAME_BYTES, HEAD_BYTES, Index, Part, TAIL_BYTES};
use crate::{Evidence, EvidenceError, Sealed, blocking};
use sha2::{Digest, Sha256};
use std::ops::Range;

/// The index of most streams is in these last bytes.
const LOOK_BYTES: u64 = 64 << 10;

/// A finished stream.
#[derive(Debug)]
pub struct Reader {
    evidence: Evidence,
    name: String,
    head: Vec<u8>,
    sealed: Sealed,
    /// Where each frame lies.
    frames: Vec<Range<u64>>,
    next: usize,
    hasher: Sha256,
}

impl Reader {
    pub(crate) async fn open(evidence: &Evidence, name: &str) -> Result<Self, EvidenceError> {
        let length = evidence.place.length(name).await?;
        let smallest = (HEAD_BYTES + TAIL_BYTES) as u64;
        if length < smallest {
            return Err(form::damaged(name, "it is cut off"));
        }
        let head = evidence.place.range(name, 0..HEAD_BYTES as u64).await?;
        let key = form::key(name, &head, &evidence.keys)?;
        let (tail, index_at) = tail(evidence, name, length).await?;
        let (index, frames) = index(name, &head, key, &tail, index_at)?;
        let sealed = Sealed { bytes: index.bytes, digest: index.digest };
        Ok(Self {
            evidence: evidence.clone(),
            name: name.to_owned(),
            head,
            sealed,
            frames,
            next: 0,
            hasher: Sha256::new(),
        })
    }

    /// The stream's length and digest, as they were when it was finished.
    pub const fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    /// At most so many bytes from `offset` on; fewer at the end.
    pub async fn read(&self, offset: u64, most: usize) -> Result<Vec<u8>, EvidenceError> {
        let end = offset.saturating_add(most as u64).min(self.sealed.bytes);
        let mut found = Vec::new();
        let mut at = offset;
        while at < end {
            let place = usize::try_from(at / FRAME_BYTES as u64).map_err(|_| EvidenceError::Stopped)?;
            let frame = self.frame(place).await?;
            let begin = usize::try_from(at % FRAME_BYTES as u64).unwrap_or(0);
            let wanted = usize::try_from(end - at).unwrap_or(usize::MAX);
            let piece = frame.get(begin..).unwrap_or_default();
            let piece = &piece[..piece.len().min(wanted)];
            if piece.is_empty() {
                return Err(form::damaged(&self.name, "it is shorter than it says"));
            }
            found.extend_from_slice(piece);
            at += piece.len() as u64;
        }
        Ok(found)
    }

    /// The next part of the whole, in order; `None` at the end, and only if all of it fits its digest.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, EvidenceError> {
        if self.next == self.frames.len() {
            let digest: [u8; 32] = self.hasher.clone().finalize().into();
            return if digest == self.sealed.digest {
                Ok(None)
            } else {
                Err(form::damaged(&self.name, "its content does not fit its digest"))
            };
        }
        let frame = self.frame(self.next).await?;
        self.hasher.update(&frame);
        self.next += 1;
        Ok(Some(frame))
    }

    async fn frame(&self, place: usize) -> Result<Vec<u8>, EvidenceError> {
        let range = self.frames.get(place).ok_or_else(|| form::damaged(&self.name, "it is shorter than it says"))?;
        let sealed = self.evidence.place.range(&self.name, range.clone()).await?;
        let (keys, head, name) = (self.evidence.keys.clone(), self.head.clone(), self.name.clone());
        let open = move || {
            let key = form::key(&name, &head, &keys)?;
            let packed = form::open(&name, &head, key, Part::Frame(place as u64), &sealed)?;
            form::unpack(&name, &packed)
        };
        blocking(open).await
    }
}

/// The sealed index, and where it begins.
async fn tail(evidence: &Evidence, name: &str, length: u64) -> Result<(Vec<u8>, u64), EvidenceError> {
    let cut = || form::damaged(name, "it is cut off");
    let from = length.saturating_sub(LOOK_BYTES).max(HEAD_BYTES as u64);
    let end = evidence.place.range(name, from..length).await?;
    let (rest, told) = end.split_last_chunk::<TAIL_BYTES>().ok_or_else(cut)?;
    let wanted = u64::from(u32::from_be_bytes(*told));
    let index_at = (length - TAIL_BYTES as u64).checked_sub(wanted).ok_or_else(cut)?;
    if index_at < HEAD_BYTES as u64 {
        return Err(cut());
    }
    if let Some(here) = index_at.checked_sub(from) {
        let here = usize::try_from(here).unwrap_or(usize::MAX);
        return Ok((rest.get(here..).ok_or_else(cut)?.to_vec(), index_at));
    }
    Ok((evidence.place.range(name, index_at..length - TAIL_BYTES as u64).await?, index_at))
}

/// The index, and where the frames lie: one after the other, from the head to the index.
fn index(
    name: &str,
    head: &[u8],
    key: &crate::key::Key,
    sealed: &[u8],
    index_at: u64,
) -> Result<(Index, Vec<Range<u64>>), EvidenceError> {
    let frames = form::frames_of(sealed.len()).ok_or_else(|| form::damaged(name, "its index is none"))?;
    let index = Index::parse(name, &form::open(name, head, key, Part::Index(frames), sealed)?)?;
    let mut at = HEAD_BYTES as u64;
    let ranges: Vec<Range<u64>> = index
        .frames
        .iter()
        .map(|length| {
            let begin = at;
            at += u64::from(*length);
            begin..at
        })
        .collect();
    if at == index_at { Ok((index, ranges)) } else { Err(form::damaged(name, "its frames do not fit its index")) }
}
