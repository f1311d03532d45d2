//! The inventory as it is configured: the configuration's own tables and the files that it names, read anew each time, and what was learned
//! of EC2. Reads files; asks nobody but by `live`, and opens no key.

mod files;
mod live;

pub use live::Live;

use crate::config::{self, BastionRow, Config, HostRow, SshAddress};
use duties::inventory::draft::{Agent, Defaults, Key};
use duties::inventory::jump::Jump;
use duties::inventory::{Complaint, Draft, Drafts, File, Inventory, Sources, Surroundings, ansible, ec2, ssh_config};
use model::host::Origin;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// All hosts and bastions, and what is wrong with where they were read.
pub fn inventory(config: &Config, live: &Live) -> (Inventory, Vec<Complaint>) {
    let around = surroundings();
    let mut complaints = Vec::new();
    let mut others = others(config, &around, &mut complaints);
    others.extend(live.drafts(config, &mut complaints));
    let (inventory, more) = duties::inventory::inventory(Sources {
        own: own(config, &around),
        others,
        defaults: defaults(config, &around),
        customers: config.customers.iter().map(|customer| customer.id.clone()).collect(),
        belongings: config.inventory.customers.clone(),
        leave_out: config.inventory.leave_out.clone(),
    });
    complaints.extend(more);
    complaints.sort();
    complaints.dedup();
    (inventory, complaints)
}

/// What opens the keys that are encrypted, by their files.
pub fn passphrases(config: &Config) -> BTreeMap<PathBuf, config::Secret> {
    let of_ssh = [(&config.ssh.key_file, &config.ssh.key_passphrase)];
    let of_bastions = config.bastions.iter().map(|bastion| (&bastion.key_file, &bastion.key_passphrase));
    let of_hosts = config.hosts.iter().map(|host| (&host.key_file, &host.key_passphrase));
    let all = of_ssh.into_iter().chain(of_bastions).chain(of_hosts);
    all.filter_map(|(file, passphrase)| Some((file.clone()?, passphrase.clone()?))).collect()
}

/// What `~` and the environment's agent are here.
fn surroundings() -> Surroundings {
    let mut around = Surroundings::default();
    for (name, value) in config::environment().filter(|(_, value)| !value.is_empty()) {
        match name.as_str() {
            "HOME" => around.home = Some(value),
            "SSH_AUTH_SOCK" => around.agent = Some(value),
            _ => {}
        }
    }
    around
}

fn others(config: &Config, around: &Surroundings, complaints: &mut Vec<Complaint>) -> Vec<Drafts> {
    let sources = &config.inventory;
    let mut found = Vec::new();
    for pattern in &sources.ssh_config {
        for file in named(pattern, around, complaints) {
            found.push(ssh_config::read(&file, &files::fetch, around, complaints));
        }
    }
    for pattern in &sources.ansible {
        let files = named(pattern, around, complaints);
        found.push(ansible::read(&files, &files::fetch, around, complaints));
    }
    for pattern in &sources.ec2 {
        found.extend(named(pattern, around, complaints).iter().map(|file| ec2::read(file, complaints)));
    }
    found
}

/// The files of a source. One that leads to none is told, for its hosts would be missed in silence.
fn named(pattern: &str, around: &Surroundings, complaints: &mut Vec<Complaint>) -> Vec<File> {
    let place = format!("[inventory] {pattern}");
    let Some(path) = around.expand(pattern) else {
        complaints.push(Complaint::error(
            place,
            "nobody knows what ~ is here",
            "write the path from / on, or set HOME",
        ));
        return Vec::new();
    };
    let path = if Path::new(&path).is_dir() { format!("{}/*", path.trim_end_matches('/')) } else { path };
    match files::fetch(&path) {
        Ok(files) if files.is_empty() => {
            complaints.push(Complaint::error(place, "there is no such file", "mend the path, or take it out"));
            files
        }
        Ok(files) => files,
        Err(why) => {
            complaints.push(Complaint::error(place, why, "mend the path or its permissions"));
            Vec::new()
        }
    }
}

fn own(config: &Config, around: &Surroundings) -> Drafts {
    Drafts {
        hosts: config.hosts.iter().map(|row| host(row, around)).collect(),
        bastions: config.bastions.iter().map(|row| bastion(row, around)).collect(),
    }
}

fn host(row: &HostRow, around: &Surroundings) -> Draft {
    let whole = Draft::new(&row.name, Origin::Config);
    let address = row.address.as_ref();
    Draft {
        user: row.user.clone(),
        keys: keys(row.key_file.as_ref(), row.certificate_file.as_ref()),
        agent: agent(row.agent.as_deref(), around),
        via: row.via.iter().map(Jump::named).collect(),
        customer: row.customer.clone(),
        matches: row.matches.clone(),
        tags: row.tags.clone(),
        ..at(whole, address)
    }
}

fn bastion(row: &BastionRow, around: &Surroundings) -> Draft {
    let whole = Draft::new(&row.name, Origin::Config);
    Draft {
        user: row.user.clone(),
        keys: keys(row.key_file.as_ref(), row.certificate_file.as_ref()),
        agent: agent(row.agent.as_deref(), around),
        via: row.via.iter().map(Jump::named).collect(),
        ..at(whole, Some(&row.address))
    }
}

fn at(draft: Draft, address: Option<&SshAddress>) -> Draft {
    let port = address.and_then(|address| address.port);
    Draft { address: address.map(|address| address.host.clone()), port, ..draft }
}

fn keys(file: Option<&PathBuf>, certificate: Option<&PathBuf>) -> Vec<Key> {
    let text = |path: &PathBuf| path.to_string_lossy().into_owned();
    file.iter().map(|file| Key { file: text(file), certificate: certificate.map(text) }).collect()
}

fn agent(named: Option<&str>, around: &Surroundings) -> Agent {
    named.and_then(|named| socket(named, around)).map_or(Agent::Unsaid, Agent::Socket)
}

fn socket(named: &str, around: &Surroundings) -> Option<String> {
    if named == "SSH_AUTH_SOCK" { around.agent.clone() } else { around.expand(named) }
}

fn defaults(config: &Config, around: &Surroundings) -> Defaults {
    let ssh = &config.ssh;
    Defaults {
        user: ssh.user.clone(),
        keys: keys(ssh.key_file.as_ref(), ssh.certificate_file.as_ref()),
        agent: ssh.agent.as_deref().and_then(|named| socket(named, around)),
    }
}

#[cfg(test)]
mod tests;
