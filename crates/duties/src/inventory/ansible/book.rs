//! Groups, hosts and variables as inventory files write them, before anything is looked up.

use super::super::Complaint;
use super::super::complaint::quoted;
use super::value::{Content, Value, Variables};
use super::{range, shown};
use std::collections::{BTreeMap, BTreeSet};

/// The hosts that the lines of one inventory write out at most, each as often as it is written.
const MOST_HOSTS: usize = 500_000;

#[derive(Debug, Default)]
pub struct Group {
    pub variables: Variables,
    pub hosts: BTreeSet<String>,
    pub children: BTreeSet<String>,
    /// Where a file first names it.
    pub place: String,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub variables: Variables,
    pub file: String,
    pub line: usize,
    /// The group that it first stands in.
    pub group: String,
}

#[derive(Debug, Default)]
pub struct Book {
    pub groups: BTreeMap<String, Group>,
    pub hosts: BTreeMap<String, Entry>,
    written: usize,
}

/// Where something stands.
#[derive(Clone, Copy)]
pub struct At<'a> {
    pub file: &'a str,
    pub line: usize,
}

impl At<'_> {
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

impl Book {
    pub fn group(&mut self, name: &str, at: At<'_>) -> &mut Group {
        self.groups.entry(name.to_owned()).or_insert_with(|| Group { place: at.place(), ..Group::default() })
    }

    /// The hosts that a pattern writes, in this group, each with these variables.
    pub fn add(&mut self, pattern: &str, group: &str, variables: &Variables, at: At<'_>) -> Result<(), Complaint> {
        let bad = |what: &str| {
            let says = format!("the host {} is left out: {what}", quoted(pattern));
            Complaint::error(at.place(), says, "write it such as web-1 or web[01:10]")
        };
        let (pattern, port) = with_port(pattern);
        let names = range::expand(pattern).map_err(|what| bad(&what))?;
        if self.written + names.len() > MOST_HOSTS {
            return Err(bad("the inventory writes out over 500,000 hosts"));
        }
        self.written += names.len();
        self.group(group, at).hosts.extend(names.iter().cloned());
        for name in names {
            let new =
                || Entry { variables: Variables::new(), file: at.file.into(), line: at.line, group: group.into() };
            let entry = self.hosts.entry(name).or_insert_with(new);
            if let Some(port) = port {
                let value = Value { content: Content::Text(port.to_owned()), place: at.place() };
                entry.variables.insert("ansible_port".to_owned(), value);
            }
            entry.variables.extend(variables.clone());
        }
        Ok(())
    }

    /// Children that are no groups are told and taken out.
    pub fn settle(&mut self, complaints: &mut Vec<Complaint>) {
        let known: BTreeSet<String> = self.groups.keys().cloned().collect();
        for (name, group) in &mut self.groups {
            for child in group.children.iter().filter(|child| !known.contains(*child)) {
                let says = format!("{} has the child {}, which is no group", shown(name), quoted(child));
                complaints.push(Complaint::note(&group.place, says, "write that group, or take the child out"));
            }
            group.children.retain(|child| known.contains(child) && child != name);
        }
    }
}

/// `host:port`; an IPv6 address stands in brackets then, and a range has a colon of its own.
fn with_port(pattern: &str) -> (&str, Option<&str>) {
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some((address, after)) = pattern.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && address.parse::<core::net::Ipv6Addr>().is_ok()
    {
        return (address, after.strip_prefix(':').filter(|port| is_port(port)));
    }
    match pattern.rsplit_once(':') {
        Some((host, port)) if is_port(port) && host.matches('[').count() == host.matches(']').count() => {
            let is_address = host.contains(':') && !host.contains('[');
            if is_address { (pattern, None) } else { (host, Some(port)) }
        }
        _ => (pattern, None),
    }
}
