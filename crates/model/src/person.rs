//! Roles and what they may do. Accounts, passwords and sessions live in the store.

use serde::{Deserialize, Serialize};

/// A person's or token's role. Each is named from the start; what it opens grows with the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Viewer,
    Responder,
    Approver,
    Leader,
    Auditor,
    Admin,
}

impl Role {
    pub const ALL: [Self; 6] =
        [Self::Viewer, Self::Responder, Self::Approver, Self::Leader, Self::Auditor, Self::Admin];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Responder => "responder",
            Self::Approver => "approver",
            Self::Leader => "leader",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// May ask for acts on incidents: acknowledge, resolve and the like, in their own name.
    pub const fn may_act(self) -> bool {
        matches!(self, Self::Responder | Self::Approver | Self::Leader | Self::Admin)
    }

    /// Raw signals are sealed: only these may open one, and every opening is an audit row.
    pub const fn may_open_raw(self) -> bool {
        matches!(self, Self::Responder | Self::Approver | Self::Leader | Self::Auditor | Self::Admin)
    }

    /// May change accounts, tokens and settings, and retry dead jobs.
    pub const fn may_administer(self) -> bool {
        matches!(self, Self::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_reads_back_from_its_own_name() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
    }
}
