//! The safety net under fire: PagerDuty fails, kills, silences; in the end every alert mail has exactly one place.

pub mod alert;
mod canary;
mod jump;
mod many;
mod nothing_comes;
mod replayed;
mod rhythm;
mod sabotage;
pub mod scene;
mod silent;
mod smoke;
mod spooled;
mod storm;
pub mod verdict;
