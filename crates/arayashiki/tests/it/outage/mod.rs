//! The safety net under fire: PagerDuty fails, kills, silences; in the end every alert mail has exactly one place.

pub mod alert;
pub mod scene;
mod smoke;
pub mod verdict;
