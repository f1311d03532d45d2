//! Into the troubled host, tested from the outside: the program under test visits real OpenSSH servers through a real bastion, and
//! what it keeps, shows and tells of that is read as its users read it. `scripts/services install`, then ARAYASHIKI_SSHD names scripts/sshd.

mod apart;
pub mod bed;
mod incidents;
mod keys;
mod large;
mod logins;
pub mod runbook;
mod secrets;
pub mod seen;
mod steps;
mod trouble;

#[path = "../../../../probe/tests/it/sshd.rs"]
#[allow(dead_code, reason = "the probe's own tests use the rest of it")]
pub mod sshd;
