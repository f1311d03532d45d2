//! The bridges, judged from outside: what people see in Slack and in PagerDuty of what happened elsewhere, and that it came once.

pub mod calendar;
pub mod desk;
mod entered;
mod people;
pub mod push;
mod slack;
pub mod spaces;
mod tickets;
pub mod windows;
