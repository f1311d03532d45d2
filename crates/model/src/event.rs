//! What a signal means, in our own words. One signal becomes none, one or several events.

use crate::incident::Fact;
use serde::{Deserialize, Serialize};

/// A thing that happened, in our words, whoever told us.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Something about an incident. The fact carries its own identity, so that telling it twice changes nothing.
    Incident(Box<Fact>),
    /// A webhook that concerns no incident: a service changed, a ping.
    Service {
        service_id: String,
        what: String,
    },
    Ping {
        message: String,
    },
    /// Authentic, but of a kind we do not know: kept, counted, shown; never an error.
    Unknown {
        event_type: String,
    },
}
