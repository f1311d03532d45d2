//! What was remembered of a ticket can't be read: what people were called for last is all that is known of it. Reads no store.

use super::Memory;
use super::reason::{End, Hit, Reason};

impl Memory {
    /// Begins after the last generation, for a key is used once; with that generation's hit, and how it ended, as far as they are known.
    /// A hit that nobody saw end goes on.
    pub fn after_loss(generation: i64, hit: Option<Hit>, end: Option<End>) -> Self {
        let mut memory = Self { generation, ..Self::default() };
        let Some(hit) = hit else { return memory };
        let proof = end.as_ref().and_then(|end| end.happening);
        // What people were called for is no reason to call them again.
        memory.judged = Some(hit.last).max(proof);
        memory.waited = matches!(hit.reason, Reason::Waits { .. }).then_some(hit.happening);
        match end {
            Some(end) => memory.ended = Some((hit, end)),
            None => memory.hit = Some(hit),
        }
        memory
    }
}
