//! Simulated outside systems: they judge Arayashiki from the outside, play its vendors in demos and let people try things.
//! This crate never shares a type with the code under test, so that one misreading of a vendor cannot hide in both.

pub mod aws;
pub mod backlog;
mod clock;
mod courier;
mod dice;
pub mod google;
mod ground;
pub mod hosts;
mod journal;
mod mail;
pub mod monitors;
mod page;
pub mod pagerduty;
pub mod phone;
mod script;
pub mod slack;
mod smtp;
mod web;

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why one of the smaller systems did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {0}: {1}; choose another address or port 0")]
    Listen(SocketAddr, std::io::Error),
    #[error("cannot open the effects log {0}: {1}")]
    Log(PathBuf, std::io::Error),
    #[error("cannot make the signing key: {0}")]
    Key(String),
    #[error("cannot write the key file {0}: {1}; name another place with --key-file")]
    KeyFile(PathBuf, std::io::Error),
    #[error("cannot build the HTTP client: {0}")]
    Client(String),
    #[error("the webhook's address cannot be used: {0}")]
    Webhook(String),
}
