//! Inventories from every source, and the hosts that incidents lead to.

mod ansible;
mod ec2;
mod ec2_live;
mod find;
mod hostile;
mod join;
mod properties;
mod ssh_config;

use super::draft::{Defaults, Key};
use super::{Complaint, Draft, Drafts, File, Inventory, Sources, Surroundings, Weight, inventory, pattern};
use model::host::Origin;

fn around() -> Surroundings {
    Surroundings { home: Some("/srv/ops".into()), agent: Some("/run/agent".into()) }
}

fn defaults() -> Defaults {
    let keys = vec![Key { file: "/etc/key".into(), certificate: None }];
    Defaults { user: Some("diag".into()), keys, agent: None }
}

fn file(path: &str, text: &str) -> File {
    File { path: path.into(), text: text.into() }
}

/// Files by their names, for globs too: a star ends at a slash, as a file system has it.
fn fetch<'a>(files: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Result<Vec<File>, String> + 'a {
    move |wanted| {
        let depth = |path: &str| path.matches('/').count();
        let is_meant = |path: &str| depth(path) == depth(wanted) && pattern::matches(wanted, path);
        let meant = files.iter().filter(|(path, _)| is_meant(path));
        Ok(meant.map(|(path, text)| file(path, text)).collect())
    }
}

fn own(name: &str) -> Draft {
    Draft::new(name, Origin::Config)
}

/// The inventory of these hosts alone.
fn of_hosts(hosts: Vec<Draft>, customers: &[&str]) -> (Inventory, Vec<Complaint>) {
    let own = Drafts { hosts, bastions: Vec::new() };
    let customers = customers.iter().map(|id| (*id).to_owned()).collect();
    inventory(Sources { own, customers, defaults: defaults(), ..Sources::default() })
}

fn of_drafts(drafts: Drafts) -> (Inventory, Vec<Complaint>) {
    inventory(Sources { others: vec![drafts], defaults: defaults(), ..Sources::default() })
}

fn names(inventory: &Inventory) -> Vec<&str> {
    inventory.hosts().map(|host| host.name.as_str()).collect()
}

/// The lines of what is wrong, with a mark for its weight.
fn lines(complaints: &[Complaint]) -> Vec<String> {
    let mark = |complaint: &Complaint| if complaint.weight == Weight::Error { "!" } else { "-" };
    complaints.iter().map(|complaint| format!("{} {complaint}", mark(complaint))).collect()
}
