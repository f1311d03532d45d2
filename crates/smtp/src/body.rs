//! The buffer of one mail, which grows as needed within the mail's own limit and the one of all together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What all bodies may take together.
#[derive(Debug)]
pub struct Budget {
    left: AtomicUsize,
}

impl Budget {
    pub const fn new(bytes: usize) -> Self {
        Self { left: AtomicUsize::new(bytes) }
    }

    fn take(&self, bytes: usize) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }
}

/// A part of the budget, given back when dropped.
#[derive(Debug)]
pub struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Share {
    fn grow(&mut self, to: usize) -> bool {
        let is_granted = self.budget.take(to.saturating_sub(self.bytes));
        if is_granted {
            self.bytes = self.bytes.max(to);
        }
        is_granted
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.left.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// More than one mail may have.
    TooBig,
    /// More than is left for all.
    Crowded,
}

const FIRST: usize = 4 << 10;

#[derive(Debug)]
pub struct Body {
    raw: Vec<u8>,
    share: Share,
    most: usize,
    /// Bytes that came, also those that were thrown away after an overflow.
    came: usize,
    overflow: Option<Overflow>,
}

impl Body {
    pub fn new(budget: &Arc<Budget>, most: usize) -> Self {
        let share = Share { budget: budget.clone(), bytes: 0 };
        Self { raw: Vec::new(), share, most, came: 0, overflow: None }
    }

    pub const fn came(&self) -> usize {
        self.came
    }

    pub const fn overflow(&self) -> Option<Overflow> {
        self.overflow
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.came = self.came.saturating_add(bytes.len());
        if self.overflow.is_none() {
            match self.make_room(bytes.len()) {
                Ok(()) => self.raw.extend_from_slice(bytes),
                Err(overflow) => self.give_up(overflow),
            }
        }
    }

    fn make_room(&mut self, bytes: usize) -> Result<(), Overflow> {
        let needed = self.raw.len() + bytes;
        if needed > self.most {
            return Err(Overflow::TooBig);
        }
        if needed > self.raw.capacity() {
            let capacity = needed.max(self.raw.capacity() * 2).max(FIRST).min(self.most);
            if !self.share.grow(capacity) {
                return Err(Overflow::Crowded);
            }
            self.raw.reserve_exact(capacity - self.raw.len());
        }
        Ok(())
    }

    /// The rest is read and thrown away; what was kept so far goes back at once.
    fn give_up(&mut self, overflow: Overflow) {
        self.overflow = Some(overflow);
        self.raw = Vec::new();
        self.share = Share { budget: self.share.budget.clone(), bytes: 0 };
    }

    /// The mail, and its share of the memory for as long as it is under way.
    pub fn finish(self) -> Result<(Vec<u8>, Share), Overflow> {
        self.overflow.map_or(Ok((self.raw, self.share)), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(budget: &Budget) -> usize {
        budget.left.load(Ordering::Relaxed)
    }

    #[test]
    fn a_body_takes_what_it_needs_and_gives_it_back() {
        let budget = Arc::new(Budget::new(100_000));
        let mut body = Body::new(&budget, 50_000);
        assert_eq!(left(&budget), 100_000);
        body.push(b"x");
        assert_eq!(left(&budget), 100_000 - FIRST);
        body.push(&[b'y'; 49_999]);
        assert_eq!(left(&budget), 50_000);
        let (raw, share) = body.finish().unwrap();
        assert_eq!((raw.len(), left(&budget)), (50_000, 50_000));
        drop(share);
        assert_eq!(left(&budget), 100_000);
    }

    #[test]
    fn too_much_is_told_apart_and_holds_nothing() {
        for (most, all, expected) in [(9, 100_000, Overflow::TooBig), (100, 9, Overflow::Crowded)] {
            let budget = Arc::new(Budget::new(all));
            let mut body = Body::new(&budget, most);
            body.push(&[0; 10]);
            body.push(&[0; 10]);
            assert_eq!((body.came(), body.overflow(), left(&budget)), (20, Some(expected), all));
            assert_eq!(body.finish().unwrap_err(), expected);
        }
    }
}
