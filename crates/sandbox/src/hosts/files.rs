//! What a client needs on its disk: the private key, the known hosts, a configuration for OpenSSH and a piece of an inventory.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::cast::{Role, Spec};
use super::keys::{private_text, public_line};
use super::machine::USER;
use super::state::Hosts;
use russh::keys::PrivateKey;
use std::net::SocketAddr;

/// Where the client's files lie.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ClientFiles {
    pub key: PathBuf,
    pub known_hosts: PathBuf,
    pub ssh_config: PathBuf,
    /// `[[bastion]]` and `[[host]]`, for a configuration.
    pub inventory: PathBuf,
}

/// Host and port under which a client reaches it.
pub(super) fn place(own: &Spec, bastion: SocketAddr) -> (String, u16) {
    if own.via.is_none() { (bastion.ip().to_string(), bastion.port()) } else { (own.address.clone(), 22) }
}

pub(super) fn known_hosts(hosts: &Hosts, bastion: SocketAddr) -> Result<String, String> {
    let mut text = String::new();
    for node in &hosts.nodes {
        let (host, port) = place(&node.spec, bastion);
        let name = if port == 22 { host } else { format!("[{host}]:{port}") };
        let _ = writeln!(text, "{name} {}", public_line(node.key.public_key())?);
    }
    Ok(text)
}

fn ssh_config(hosts: &Hosts, bastion: SocketAddr, key: &Path, known: &Path) -> String {
    let mut text = format!(
        "Host *\n  User {USER}\n  IdentityFile \"{}\"\n  IdentitiesOnly yes\n  UserKnownHostsFile \"{}\"\n  \
             GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n",
        key.display(),
        known.display()
    );
    for node in &hosts.nodes {
        let (host, port) = place(&node.spec, bastion);
        let _ = write!(text, "\nHost {}\n  HostName {host}\n  Port {port}\n", node.spec.name);
        if let Some(via) = node.spec.via {
            let _ = writeln!(text, "  ProxyJump {via}");
        }
    }
    text
}

pub(super) fn inventory(hosts: &Hosts, bastion: SocketAddr, key: &Path) -> String {
    let mut text = String::new();
    for node in &hosts.nodes {
        let own = &node.spec;
        let (host, port) = place(own, bastion);
        let table = if own.role == Role::Bastion { "bastion" } else { "host" };
        let _ = write!(
            text,
            "[[{table}]]\nname = \"{}\"\naddress = \"{host}:{port}\"\nuser = \"{USER}\"\nkey_file = \"{}\"\n",
            own.name,
            key.display()
        );
        if let Some(via) = own.via {
            let _ = writeln!(text, "via = \"{via}\"");
        }
        if own.role != Role::Bastion {
            let _ =
                write!(text, "customer = \"{}\"\nmatch = [\"{}\"]\n", own.customer.unwrap_or_default(), own.hostname);
        }
        text.push('\n');
    }
    text
}

pub(super) fn write(
    hosts: &Hosts,
    client: &PrivateKey,
    bastion: SocketAddr,
    folder: &Path,
) -> std::io::Result<ClientFiles> {
    std::fs::create_dir_all(folder)?;
    // Paths in the files must hold wherever they are read from.
    let folder = folder.canonicalize()?;
    let own = |name: &str| folder.join(name);
    let files = ClientFiles {
        key: own("id_ed25519"),
        known_hosts: own("known_hosts"),
        ssh_config: own("ssh_config"),
        inventory: own("inventory.toml"),
    };
    let other = std::io::Error::other;
    secret(&files.key, &private_text(client).map_err(other)?)?;
    std::fs::write(&files.known_hosts, known_hosts(hosts, bastion).map_err(other)?)?;
    std::fs::write(&files.ssh_config, ssh_config(hosts, bastion, &files.key, &files.known_hosts))?;
    std::fs::write(&files.inventory, inventory(hosts, bastion, &files.key))?;
    Ok(files)
}

/// Only the owner may read it; one that is there from before is replaced.
fn secret(path: &Path, text: &str) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
