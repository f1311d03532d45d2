//! What a person may see. Every public read of the store takes a scope; there is no read without one.

use serde::{Deserialize, Serialize};

/// The customers whose rows a person may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything, also what belongs to no customer.
    All,
    /// These customers' rows and nothing else.
    Customers(Vec<String>),
}

impl Scope {
    pub fn allows(&self, customer: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Customers(list) => customer.is_some_and(|c| list.iter().any(|own| own == c)),
        }
    }
}
