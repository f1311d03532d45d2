//! A host or a bastion as one place describes it, before what others say is added. Nothing is looked up here.

use super::jump::Jump;
use model::host::Origin;
use std::collections::{BTreeMap, BTreeSet};

/// What one place says of a host or a bastion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub name: String,
    /// Empty: its name.
    pub address: Option<String>,
    pub port: Option<u16>,
    pub user: Option<String>,
    pub keys: Vec<Key>,
    pub agent: Agent,
    pub key_names: Vec<String>,
    /// Empty: one goes there directly.
    pub via: Vec<Jump>,
    pub customer: Option<String>,
    pub matches: Vec<String>,
    pub groups: BTreeSet<String>,
    pub tags: BTreeMap<String, String>,
    pub origin: Origin,
}

/// A private key's file, and its certificate's where that is not beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub file: String,
    pub certificate: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Agent {
    /// Whatever holds for all.
    #[default]
    Unsaid,
    /// Not used here.
    Off,
    Socket(String),
}

impl Draft {
    pub fn new(name: impl Into<String>, origin: Origin) -> Self {
        Self {
            name: name.into(),
            address: None,
            port: None,
            user: None,
            keys: Vec::new(),
            agent: Agent::Unsaid,
            key_names: Vec::new(),
            via: Vec::new(),
            customer: None,
            matches: Vec::new(),
            groups: BTreeSet::new(),
            tags: BTreeMap::new(),
            origin,
        }
    }

    /// Where people find it, in a table of this kind if it is in the configuration.
    pub(super) fn place(&self, table: &str) -> String {
        match &self.origin {
            Origin::Config => format!("[[{table}]] {}", self.name),
            Origin::Ec2 { .. } => format!("EC2 {}", self.origin),
            Origin::SshConfig { .. } | Origin::Ansible { .. } => self.origin.to_string(),
        }
    }
}

/// What one source has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafts {
    pub hosts: Vec<Draft>,
    pub bastions: Vec<Draft>,
}

/// What holds where nobody says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    pub user: Option<String>,
    pub keys: Vec<Key>,
    pub agent: Option<String>,
}

/// Whose the hosts are that don't say it themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging {
    pub of: Selection,
    /// The customer's id.
    pub customer: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// An Ansible group's name.
    Group(String),
    /// A pattern of host names, with `*` and `?`.
    Names(String),
}

impl Belonging {
    pub(super) fn is_of(&self, draft: &Draft) -> bool {
        match &self.of {
            Selection::Group(name) => draft.groups.contains(name),
            Selection::Names(pattern) => super::pattern::matches(pattern, &draft.name),
        }
    }
}
