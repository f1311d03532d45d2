//! What the inventory and the folder of runbooks hold just now, as far as pages tell of it. Plain data; asked for at every
//! request, since both are read anew when their files change.

use model::host::{Bastion, Host};
use model::plan::{Class, Words};
use std::sync::Arc;

/// Hosts, bastions and runbooks, and what is wrong with them.
#[derive(Clone, Debug, Default)]
pub struct HostsShown {
    pub mode: HostsMode,
    pub hosts: Vec<Host>,
    pub bastions: Vec<Bastion>,
    pub complaints: Vec<Complaint>,
    pub runbooks: Vec<RunbookShown>,
}

/// What may be done on hosts without a person's press.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostsMode {
    /// What would be run is shown, and nothing is.
    #[default]
    Observe,
    Run,
}

impl HostsMode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Run => "run",
        }
    }
}

/// Something in the inventory that can't be read, or is not what it seems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaint {
    /// File and line, or the key.
    pub place: String,
    pub says: String,
    pub remedy: String,
    pub is_error: bool,
}

/// A runbook as it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunbookShown {
    pub name: String,
    pub title: Words,
    pub description: Words,
    /// The strongest of its steps'.
    pub class: Class,
    /// SHA-256 of the file.
    pub digest: String,
    pub is_shipped: bool,
    pub steps: Vec<StepShown>,
    pub parameters: Vec<ParameterShown>,
    /// When it runs by itself.
    pub when: Words,
    /// What its lint says, a line each.
    pub problems: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepShown {
    pub name: String,
    pub title: Words,
    /// As it stands in the file, before parameters are put in.
    pub command: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterShown {
    pub name: String,
    /// What it takes, such as `integer 1..100`.
    pub kind: String,
    pub default: Option<String>,
    pub is_required: bool,
    pub words: Words,
}

impl HostsShown {
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| host.name == name)
    }

    pub fn bastion(&self, name: &str) -> Option<&Bastion> {
        self.bastions.iter().find(|bastion| bastion.name == name)
    }

    pub fn runbook(&self, name: &str) -> Option<&RunbookShown> {
        self.runbooks.iter().find(|runbook| runbook.name == name)
    }
}

/// How the present state is asked for.
#[derive(Clone)]
pub struct HostsOf(pub Arc<dyn Fn() -> Arc<HostsShown> + Send + Sync>);

impl HostsOf {
    /// What never changes.
    pub fn fixed(shown: HostsShown) -> Self {
        let shown = Arc::new(shown);
        Self(Arc::new(move || shown.clone()))
    }

    pub fn now(&self) -> Arc<HostsShown> {
        (self.0)()
    }
}

impl Default for HostsOf {
    fn default() -> Self {
        Self::fixed(HostsShown::default())
    }
}

impl std::fmt::Debug for HostsOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HostsOf")
    }
}
