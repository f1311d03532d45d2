//! The bridges, judged from outside: what people see in Slack and in PagerDuty of what happened elsewhere, and that it came once.

pub mod calendar;
mod clock;
pub mod desk;
mod entered;
mod forged;
mod hints;
mod hour;
mod limits;
mod modes;
mod people;
pub mod push;
mod seen;
mod slack;
pub mod spaces;
mod tickets;
mod tokens;
pub mod windows;
