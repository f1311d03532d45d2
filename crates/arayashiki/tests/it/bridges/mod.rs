//! The bridges, judged from outside: what people see in Slack and in PagerDuty of what happened elsewhere, and that it came once.

mod desk;
mod slack;
