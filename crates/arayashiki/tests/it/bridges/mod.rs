//! The bridges, judged from outside: what people see in Slack and in PagerDuty of what happened elsewhere, and that it came once.

mod calendar;
pub mod desk;
mod people;
mod slack;
pub mod spaces;
mod tickets;
