//! Simulated outside systems: they judge Arayashiki from the outside, play its vendors in demos and let people try things.
//! This crate never shares a type with the code under test, so that one misreading of a vendor cannot hide in both.

mod mail;
pub mod pagerduty;
mod smtp;
