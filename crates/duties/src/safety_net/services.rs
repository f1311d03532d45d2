//! The customer's service map: to which PagerDuty service the alerts of a monitor, host or check should go. Pure.

use regex::Regex;

/// One line of the map; all that is given must match.
#[derive(Clone, Debug)]
pub struct ServiceRule {
    pub monitor: Option<String>,
    pub host: Option<Regex>,
    pub check: Option<Regex>,
    /// The service's id or name.
    pub service: String,
    pub customer: Option<String>,
}

/// The first line that holds.
pub fn find<'a>(
    rules: &'a [ServiceRule],
    monitor: &str,
    host: Option<&str>,
    check: Option<&str>,
) -> Option<&'a ServiceRule> {
    let fits = |pattern: &Option<Regex>, text: Option<&str>| match pattern {
        None => true,
        Some(pattern) => text.is_some_and(|text| pattern.is_match(text)),
    };
    rules.iter().find(|rule| {
        rule.monitor.as_deref().is_none_or(|name| name == monitor) && fits(&rule.host, host) && fits(&rule.check, check)
    })
}
