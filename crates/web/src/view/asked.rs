//! What a person asked a list for, as it stands in the list's address: the links that change it, what narrows it. What each value
//! means is the list's own.

use crate::markup::encode;

/// A list's filters. Empty text means "any".
pub trait Asked {
    /// The list's address.
    const PATH: &'static str;
    /// What is chosen above the list and so is no narrowing of it.
    const BESIDES: &'static [&'static str];

    /// (name in the address, value), in the address's order.
    fn pairs(&self) -> Vec<(&'static str, &str)>;

    /// What narrows the list.
    fn narrowing(&self) -> Vec<(&'static str, &str)> {
        let mut pairs = self.pairs();
        pairs.retain(|(name, value)| !value.is_empty() && *name != CURSOR && !Self::BESIDES.contains(name));
        pairs
    }

    /// The address with one value changed; the place in the list is forgotten unless that is what changes.
    fn but(&self, name: &str, value: &str) -> String {
        address(Self::PATH, &query(&self.pairs(), (name, value)))
    }

    /// The address of this list, from its beginning.
    fn href(&self) -> String {
        self.but(CURSOR, "")
    }

    /// The same as a table for spreadsheets.
    fn csv_href(&self) -> String {
        address(&format!("{}.csv", Self::PATH), &self.query())
    }

    /// Without the path: what a saved filter keeps, and the audit row of an export.
    fn query(&self) -> String {
        query(&self.pairs(), (CURSOR, ""))
    }
}

/// The place in the list.
const CURSOR: &str = "cursor";

fn query(pairs: &[(&'static str, &str)], (name, value): (&str, &str)) -> String {
    let changed = pairs.iter().map(|(key, held)| match *key {
        key if key == name => (key, value),
        CURSOR => (CURSOR, ""),
        key => (key, *held),
    });
    let parts: Vec<String> =
        changed.filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key}={}", encode(value))).collect();
    parts.join("&")
}

fn address(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
