//! The files of variables beside an inventory: `group_vars/NAME`, `host_vars/NAME`, with `.yml`, `.yaml` or `.json`, or
//! folders of such files.

use super::super::{Complaint, Fetch, File};
use super::book::Book;
use super::value::{Variables, is_vault};
use super::yaml::{self, Node};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct Beside {
    pub of_groups: BTreeMap<String, Variables>,
    pub of_hosts: BTreeMap<String, Variables>,
}

pub fn beside(files: &[File], book: &Book, fetch: &Fetch<'_>, complaints: &mut Vec<Complaint>) -> Beside {
    let folder = |file: &File| file.path.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    let folders: BTreeSet<String> = files.iter().map(folder).collect();
    let mut found = Beside::default();
    for folder in folders {
        let is_group = |name: &str| name == "all" || book.groups.contains_key(name);
        read(&format!("{folder}group_vars"), &is_group, fetch, &mut found.of_groups, complaints);
        read(
            &format!("{folder}host_vars"),
            &|name| book.hosts.contains_key(name),
            fetch,
            &mut found.of_hosts,
            complaints,
        );
    }
    found
}

fn read(
    folder: &str,
    is_known: &dyn Fn(&str) -> bool,
    fetch: &Fetch<'_>,
    into: &mut BTreeMap<String, Variables>,
    complaints: &mut Vec<Complaint>,
) {
    for pattern in [format!("{folder}/*"), format!("{folder}/*/*")] {
        let files = fetch(&pattern).unwrap_or_else(|why| {
            complaints.push(Complaint::error(&pattern, why, "mend its permissions"));
            Vec::new()
        });
        for file in files {
            let Some(name) = owner(&file.path, folder).filter(|name| is_known(name)) else { continue };
            let variables = variables(&file, complaints);
            into.entry(name).or_default().extend(variables);
        }
    }
}

/// Whose variables a file has, by its path; `None` for a file that Ansible passes over.
fn owner(path: &str, folder: &str) -> Option<String> {
    let rest = path.strip_prefix(folder)?.strip_prefix('/')?;
    let (name, inner) = rest.split_once('/').unwrap_or((rest, ""));
    let last = if inner.is_empty() { name } else { inner };
    if last.starts_with('.') || last.ends_with('~') || last.ends_with(".orig") || last.ends_with(".bak") {
        return None;
    }
    let bare = |name: &str| {
        let ends = [".yml", ".yaml", ".json"];
        ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned()
    };
    Some(if inner.is_empty() { bare(name) } else { name.to_owned() })
}

fn variables(file: &File, complaints: &mut Vec<Complaint>) -> Variables {
    if is_vault(&file.text) {
        let says = "is encrypted by ansible-vault, so that none of its variables are known";
        let remedy = "nothing is to do unless a host needs one of them, which is told then";
        complaints.push(Complaint::note(&file.path, says, remedy));
        return Variables::new();
    }
    match yaml::parse(file) {
        Ok(Node::Map(entries)) => yaml::variables(&file.path, &entries),
        Ok(Node::Nothing) => Variables::new(),
        Ok(_) => {
            complaints.push(Complaint::error(&file.path, "has no variables", "write name: value to a line"));
            Variables::new()
        }
        Err(complaint) => {
            complaints.push(complaint);
            Variables::new()
        }
    }
}
