//! The second path: what goes out, and what surely did not happen.

mod mail;
mod relay;
mod sms;
mod webhook;

pub use webhook::page;
