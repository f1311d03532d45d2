//! Hosts and bastions: where they are, who signs in there by what, whose they are. Holds no secret, opens nothing and
//! decides one thing alone: whether an incident may lead to a host.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The port of SSH where nobody says another.
pub const SSH_PORT: u16 = 22;

/// By what somebody signs in. A key's passphrase is kept elsewhere, by the key's file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    Key {
        file: String,
        /// Without one, `FILE-cert.pub` beside the key counts where it exists.
        certificate: Option<String>,
    },
    Agent {
        socket: String,
    },
}

/// Where SSH answers, and how one signs in there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// A name or an address, as the hop before it reaches it.
    pub address: String,
    pub port: u16,
    pub user: String,
    /// Tried in this order.
    pub logins: Vec<Login>,
    /// Names under which its host key is pinned; empty: its address, with its port where that is not 22.
    pub key_names: Vec<String>,
}

/// A machine that leads to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bastion {
    pub name: String,
    pub at: Endpoint,
    /// Names of the bastions before it, in the order in which they are passed.
    pub via: Vec<String>,
    pub origin: Origin,
}

/// A machine that may be visited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    pub name: String,
    pub at: Endpoint,
    /// Names of the bastions before it, in the order in which they are passed.
    pub via: Vec<String>,
    /// The id of the customer whose it is.
    pub customer: Option<String>,
    /// Texts that lead from an incident to it, besides its names.
    pub matches: Vec<String>,
    /// Groups of an Ansible inventory that it is in, those above them too.
    pub groups: BTreeSet<String>,
    /// What it is, such as `role = db`.
    pub tags: BTreeMap<String, String>,
    pub origin: Origin,
}

/// Where it was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum Origin {
    /// Its own table in the configuration.
    Config,
    SshConfig {
        file: String,
        line: usize,
    },
    Ansible {
        file: String,
        line: usize,
        group: String,
    },
    Ec2 {
        account: String,
        region: String,
        instance: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config => f.write_str("configuration"),
            Self::SshConfig { file, line } | Self::Ansible { file, line, .. } => write!(f, "{file}:{line}"),
            Self::Ec2 { account, region, instance } => write!(f, "{account}/{region}/{instance}"),
        }
    }
}

/// Why an incident does not lead to a host that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The host is a customer's, and the incident another's.
    AnotherCustomer,
    /// The host is a customer's, and the incident nobody's.
    IncidentOfNobody,
    /// The host is nobody's, although there are customers.
    HostOfNobody,
}

/// Whether an incident of this customer may lead to the host: only if both are the same customer's, or there are no
/// customers at all and neither is anybody's.
pub fn eligible(host: &Host, incident_customer: Option<&str>, are_customers: bool) -> Result<(), Refusal> {
    match (host.customer.as_deref(), incident_customer) {
        (Some(its), Some(wanted)) if its == wanted => Ok(()),
        (Some(_), Some(_)) => Err(Refusal::AnotherCustomer),
        (Some(_), None) => Err(Refusal::IncidentOfNobody),
        (None, None) if !are_customers => Ok(()),
        (None, _) => Err(Refusal::HostOfNobody),
    }
}
