//! From the inventory to the way that the probe goes: hops, logins, and under which names each hop's key is known. Holds the keys'
//! passphrases and shows them to nobody.

use super::Settings;
use duties::inventory::Inventory;
use model::host::{Endpoint, Host, Login};
use probe::{Hop, Way};
use std::collections::BTreeSet;

/// A key that people trust here is known under a name of its own: two customers' hosts may have one address.
pub fn alias(host: &str) -> String {
    format!("arayashiki/{}", host.to_ascii_lowercase())
}

/// The way to a host. `pinned` are the aliases of hosts whose keys are trusted here.
pub fn to(settings: &Settings, inventory: &Inventory, host: &Host, pinned: &BTreeSet<String>) -> Way {
    let bastions = inventory.way(host).into_iter().map(|bastion| (&bastion.name, &bastion.at));
    let all = bastions.chain(std::iter::once((&host.name, &host.at)));
    Way { hops: all.map(|(name, at)| hop(settings, name, at, pinned)).collect() }
}

/// The way to a bastion, for whoever wants to know its key.
pub fn to_bastion(settings: &Settings, inventory: &Inventory, name: &str, pinned: &BTreeSet<String>) -> Option<Way> {
    let bastion = inventory.bastion(name)?;
    let before = bastion.via.iter().filter_map(|name| inventory.bastion(name));
    let all = before.chain(std::iter::once(bastion));
    Some(Way { hops: all.map(|one| hop(settings, &one.name, &one.at, pinned)).collect() })
}

fn hop(settings: &Settings, name: &str, at: &Endpoint, pinned: &BTreeSet<String>) -> Hop {
    let alias = alias(name);
    let key_names = if pinned.contains(&alias) { vec![alias] } else { at.key_names.clone() };
    Hop {
        name: name.to_owned(),
        address: at.address.clone(),
        port: at.port,
        user: at.user.clone(),
        logins: at.logins.iter().map(|login| by(settings, login)).collect(),
        key_names,
    }
}

fn by(settings: &Settings, login: &Login) -> probe::Login {
    match login {
        Login::Key { file, certificate } => probe::Login::KeyFile {
            path: file.into(),
            passphrase: settings.passphrases.get(file).cloned(),
            certificate: certificate.as_ref().map(Into::into),
        },
        Login::Agent { socket } => probe::Login::Agent { socket: socket.into() },
    }
}
