//! What the cause finder asks: how PagerDuty is set up where it decides what becomes of an event, and who changed that. Only
//! reads, in the limiter's first class, since a person waits. A permission that lacks is no failure here but an answer.

mod changes;
mod orchestrations;
mod services;

pub use changes::AuditOf;
pub(super) use services::WireWindow;

use super::Client;
use super::read::Query;
use super::whole::later;
use crate::{Call, CallError, Class, Kind};
use bytes::Bytes;
use tokio::time::Instant;

/// What was asked for, or that the token may not see it: a plan without the feature says the same as a key without the right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown<T> {
    Yes(T),
    NotAllowed { why: String },
}

impl<T> Shown<T> {
    pub fn ok(self) -> Option<T> {
        match self {
            Self::Yes(value) => Some(value),
            Self::NotAllowed { .. } => None,
        }
    }
}

fn shown<T>(asked: Result<T, CallError>) -> Result<Shown<T>, CallError> {
    match asked {
        Ok(value) => Ok(Shown::Yes(value)),
        Err(error) if error.kind == Kind::Forbidden => Ok(Shown::NotAllowed { why: error.text }),
        Err(error) => Err(error),
    }
}

/// `None` where PagerDuty has no such thing.
fn found<T>(asked: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match asked {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Client {
    /// One reading among several that began at `started`.
    async fn ask(&self, call: &Call, started: Instant, path: &[&str], query: &Query) -> Result<Bytes, CallError> {
        let call = Call { class: Class::Live, ..later(call, started) };
        self.get(&call, path, query).await
    }
}
