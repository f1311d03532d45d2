//! What was remembered of an event can't be read: what people were told last is all that is known of it. Reads no store.

use super::Memory;
use super::notice::{End, EndWhy, Notice};
use model::calendar::CalendarEvent;

impl Memory {
    /// Begins after the last generation, for a key is used once. A notice that nobody saw end goes on, and what was served or reported
    /// stays so; otherwise the event is met anew, as it was shown last. `event`: that.
    pub fn after_loss(generation: i64, event: &CalendarEvent, told: Option<(Notice, Option<End>)>) -> Self {
        let memory = Self { generation, ..Self::default() };
        let met = |memory: Self| Self { event: Some(event.clone()), ..memory };
        match told {
            Some((notice, None)) => met(Self { notice: Some(notice), ..memory }),
            Some((notice, Some(end))) if is_over(&end) && notice.starts_at == event.starts_at => met(Self {
                is_over: true,
                is_served: matches!(end.why, EndWhy::Acted { .. }),
                ended: Some((notice, end)),
                ..memory
            }),
            _ => memory,
        }
    }
}

/// The time of the notice had its end; it was not taken back.
const fn is_over(end: &End) -> bool {
    matches!(end.why, EndWhy::Acted { .. } | EndWhy::Unserved)
}
