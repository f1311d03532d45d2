//! Requests in order, made and signed before the run as far as memory allows; the rest is made when its turn comes.

use crate::payload::Maker;
use crate::process;

/// More than any request is long, head included.
const REQUEST_BYTES: usize = 2_560;
/// At most this part of the free memory holds prepared requests.
const MEMORY_SHARE: u64 = 8;

pub struct Requests {
    maker: Maker,
    chunks: Vec<Chunk>,
    per_chunk: u64,
}

#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Requests {
    /// Prepares the first `wanted` requests, or as many as fit.
    pub fn prepare(maker: Maker, wanted: u64) -> Self {
        let fitting = process::available_bytes() / MEMORY_SHARE / REQUEST_BYTES as u64;
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
        let per_chunk = wanted.min(fitting).div_ceil(threads).max(1);
        let maker_ref = &maker;
        let chunks = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..threads)
                .map(|chunk| scope.spawn(move || Chunk::of(maker_ref, chunk * per_chunk, per_chunk)))
                .collect();
            // A chunk whose thread failed stays empty: its requests are made when their turn comes.
            makers.into_iter().map(|thread| thread.join().unwrap_or_default()).collect()
        });
        Self { maker, chunks, per_chunk }
    }

    pub fn prepared(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.ends.len() as u64).sum()
    }

    /// Request `i`; `scratch` holds it if it had to be made.
    pub fn get<'a>(&'a self, i: u64, scratch: &'a mut Vec<u8>) -> &'a [u8] {
        let chunk = usize::try_from(i / self.per_chunk).ok().and_then(|chunk| self.chunks.get(chunk));
        if let Some(request) = chunk.and_then(|chunk| chunk.get((i % self.per_chunk) as usize)) {
            return request;
        }
        scratch.clear();
        self.maker.append(i, scratch);
        scratch
    }
}

impl Chunk {
    fn of(maker: &Maker, first: u64, count: u64) -> Self {
        let mut bytes = Vec::with_capacity(count as usize * REQUEST_BYTES);
        let mut ends = Vec::with_capacity(count as usize);
        for i in first..first + count {
            maker.append(i, &mut bytes);
            ends.push(bytes.len());
        }
        Self { bytes, ends }
    }

    fn get(&self, i: usize) -> Option<&[u8]> {
        let end = *self.ends.get(i)?;
        let begin = i.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.bytes.get(begin..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Shape;

    #[test]
    fn a_request_is_the_same_prepared_or_made() {
        let maker = || Maker::new(Shape::Pagerduty, 1, 1_790_000_000_000, 7);
        let requests = Requests::prepare(maker(), 101);
        assert!((101..=101 + 64).contains(&requests.prepared()));
        let mut scratch = Vec::new();
        for i in [0, 1, 50, 51, 100, requests.prepared() + 5] {
            let mut made = Vec::new();
            maker().append(i, &mut made);
            assert_eq!(requests.get(i, &mut scratch), made, "{i}");
        }
    }
}
