//! The hosts that may be visited, from every place that knows them: the configuration, Ansible inventories, OpenSSH
//! configurations, answers of EC2. And from an incident to its hosts. Opens no file, asks nobody and trusts no name:
//! what can't be honoured is said, with its place and a remedy, and a host that can't be read as meant is left out.

pub mod ansible;
pub mod complaint;
pub mod draft;
pub mod ec2;
pub mod ec2_live;
pub mod facts;
pub mod find;
pub mod jump;
pub mod pattern;
pub mod shell_words;
pub mod ssh_config;
pub mod told;

mod chain;
mod join;
mod mentions;
mod tokens;

#[cfg(test)]
mod tests;

pub use complaint::{Complaint, Weight};
pub use draft::{Draft, Drafts};
pub use join::{Sources, inventory, nearest};

use model::host::{Bastion, Host};
use std::collections::BTreeMap;

/// The largest file of an inventory that is read.
pub const MOST_BYTES: usize = 8 << 20;

/// A file of somebody's, with the name that complaints use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub path: String,
    pub text: String,
}

/// Gives the files that a path or a glob names, in the order of their names; none where there is no such file. An error is
/// for people: what is so, and what to do.
pub type Fetch<'f> = dyn Fn(&str) -> Result<Vec<File>, String> + 'f;

/// What a reader has to know of where it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// What `~` is.
    pub home: Option<String>,
    /// The agent that the environment names (`SSH_AUTH_SOCK`).
    pub agent: Option<String>,
}

impl Surroundings {
    /// The path with `~` filled in; `None` where nobody knows what that is.
    pub fn expand(&self, path: &str) -> Option<String> {
        match path.strip_prefix('~') {
            None => Some(path.to_owned()),
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Some(format!("{}{rest}", self.home.as_deref()?)),
            Some(_) => None,
        }
    }
}

/// Every host and bastion, each under its one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// By folded name.
    hosts: BTreeMap<String, Host>,
    bastions: BTreeMap<String, Bastion>,
    are_customers: bool,
}

impl Inventory {
    pub fn new(hosts: Vec<Host>, bastions: Vec<Bastion>, are_customers: bool) -> Self {
        Self {
            hosts: hosts.into_iter().map(|host| (key(&host.name), host)).collect(),
            bastions: bastions.into_iter().map(|bastion| (key(&bastion.name), bastion)).collect(),
            are_customers,
        }
    }

    /// In the order of their names.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.hosts.values()
    }

    pub fn bastions(&self) -> impl Iterator<Item = &Bastion> {
        self.bastions.values()
    }

    /// By name, whatever its case.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.get(&key(name))
    }

    pub fn bastion(&self, name: &str) -> Option<&Bastion> {
        self.bastions.get(&key(name))
    }

    /// The bastions that lead to a host, in the order in which they are passed.
    pub fn way(&self, host: &Host) -> Vec<&Bastion> {
        host.via.iter().filter_map(|name| self.bastion(name)).collect()
    }

    /// Whether customers are configured, so that a host of nobody is nobody's to visit.
    pub const fn are_customers(&self) -> bool {
        self.are_customers
    }
}

/// A name as it is compared.
fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Whether it can be a host's name: letters, digits, `.`, `-` and `_`.
pub fn is_name(text: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    (1..=255).contains(&text.len()) && text.bytes().all(is_letter) && text.bytes().any(|b| b.is_ascii_alphanumeric())
}
