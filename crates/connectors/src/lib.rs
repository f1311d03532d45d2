//! The only crate that calls out over HTTP, IMAP and DNS: one guarded client, one limiter a token, one folder a system. It turns a
//! vendor's bytes into events in our words and our actions into requests; it never stores, never decides, and never
//! asks what time it is.

pub mod authenticate;
pub mod backlog;
#[cfg(feature = "aws")]
pub mod ec2;
pub mod error;
mod gate;
pub mod google;
pub mod http;
pub mod imap;
mod lenient;
pub mod limiter;
pub mod locker;
pub mod pager;
pub mod pagerduty;
pub mod secret;
pub mod ses;
pub mod sigv4;
pub mod slack;
pub mod sns;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod testing;

pub use error::{CallError, Kind};
pub use limiter::{Class, Limiter};
pub use secret::Secret;

/// On whose behalf a call is made, and when. Time is a parameter here as everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub class: Class,
    pub now: model::Micros,
}

impl Call {
    pub const fn new(class: Class, now: model::Micros) -> Self {
        Self { class, now }
    }
}
