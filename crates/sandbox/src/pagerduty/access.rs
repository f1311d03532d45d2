//! Switches over who may call what: the region, what a key may not touch, features that are off. And how often each way was
//! called. Knows no incident.

use std::collections::{BTreeMap, BTreeSet};

use super::call::{Call, Fail};
use super::faults::path_matches;

/// Roles that may look and not act.
const ONLOOKERS: &[&str] = &["read_only_user", "observer"];
/// Second parts of a path that are words and no ids.
const WORDS: &[&str] = &["me", "records"];

#[derive(Debug, Default)]
pub(crate) struct Access {
    /// The keys belong to the vendor's other region.
    pub wrong_region: bool,
    /// token → what it may not do: a path's prefix or pattern, with a method before it or not.
    denied: BTreeMap<String, Vec<String>>,
    off: BTreeSet<String>,
    /// No key may read the audit trail.
    pub audit_forbidden: bool,
    /// How often each way of REST was asked for, whatever came of it.
    pub calls: BTreeMap<String, u64>,
}

impl Access {
    /// What a key may not do from now on; nothing gives it all back.
    pub(crate) fn deny(&mut self, token: &str, ways: Vec<String>) {
        if ways.is_empty() {
            self.denied.remove(token);
        } else {
            self.denied.insert(token.to_owned(), ways);
        }
    }

    pub(crate) fn allows(&self, token: &str, call: &Call) -> Result<(), Fail> {
        let ways = self.denied.get(token).map(Vec::as_slice).unwrap_or_default();
        let hits = |way: &String| match way.split_once(' ') {
            Some((method, path)) => call.method.as_str() == method && path_matches(path, &call.path),
            None => path_matches(way, &call.path),
        };
        if ways.iter().any(hits) { Err(denied()) } else { Ok(()) }
    }

    pub(crate) fn turn_off(&mut self, features: impl IntoIterator<Item = String>) {
        self.off = features.into_iter().collect();
    }

    pub(crate) fn is_off(&self, feature: &str) -> bool {
        self.off.contains(feature)
    }

    pub(crate) fn count(&mut self, call: &Call) {
        let parts = call.segments.iter().enumerate();
        // The one path that begins with two words.
        let odd = usize::from(call.path.starts_with("/event_orchestrations/services/"));
        let is_id = |i: usize, part: &str| i > odd && i % 2 != odd && !WORDS.contains(&part);
        let parts: Vec<&str> = parts.map(|(i, part)| if is_id(i, part) { "*" } else { part }).collect();
        *self.calls.entry(format!("{} /{}", call.method, parts.join("/"))).or_default() += 1;
    }
}

pub(crate) fn is_onlooker(role: &str) -> bool {
    ONLOOKERS.contains(&role)
}

pub(crate) fn denied() -> Fail {
    Fail::new(403, 2010, "Access Denied")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, Method, Uri};

    fn call(method: Method, path: &str) -> Call {
        Call::new(&method, &path.parse::<Uri>().expect("a path"), &HeaderMap::new())
    }

    #[test]
    fn ways_are_counted_without_their_ids() {
        let mut access = Access::default();
        for path in ["/incidents/Q1/alerts/A1", "/incidents/Q2/alerts/A2?x=1", "/users/me", "/users/P1", "/incidents"] {
            access.count(&call(Method::GET, path));
        }
        let counts: Vec<(&str, u64)> = access.calls.iter().map(|(way, n)| (way.as_str(), *n)).collect();
        let expected =
            [("GET /incidents", 1), ("GET /incidents/*/alerts/*", 2), ("GET /users/*", 1), ("GET /users/me", 1)];
        assert_eq!(counts, expected);
    }

    #[test]
    fn a_denied_way_may_name_its_method() {
        let mut access = Access::default();
        access.deny("t", vec!["/oncalls".into(), "PUT /incidents".into()]);
        assert!(access.allows("t", &call(Method::GET, "/oncalls")).is_err());
        assert!(access.allows("t", &call(Method::PUT, "/incidents/Q1")).is_err());
        assert!(access.allows("t", &call(Method::GET, "/incidents/Q1")).is_ok());
        assert!(access.allows("other", &call(Method::GET, "/oncalls")).is_ok());
        access.deny("t", Vec::new());
        assert!(access.allows("t", &call(Method::GET, "/oncalls")).is_ok());
    }
}
