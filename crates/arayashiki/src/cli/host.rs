//! `host`: which hosts there are, whether they can be reached, and whose key is trusted. A key is trusted here and nowhere else.

mod find;

use super::{Failure, say, say_on_stderr};
use crate::config::Config;
use crate::wiring;
use clap::Subcommand;
use engine::hosts::Hosts;
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal};
use store::{StoreError, Tx, audit, hosts as known};

#[derive(Debug, Subcommand)]
pub enum Host {
    /// Every host and bastion of the inventory, and what is wrong with its files.
    List,
    /// To which hosts an incident with these words would lead, and why. Visits none.
    #[command(after_help = "Example:\n  arayashiki host find 'web-1: disk 95%' --service 'Example Bank: core'\n  \
        arayashiki host find 'Instance down' --details alert.json --customer example-bank\n\n\
        Exit status: 0 it leads to a host; 1 it leads to none; 2 the command or the configuration is wrong.")]
    Find(find::Find),
    /// Try now whether a host or a bastion can be reached, from this machine: login, host key, how long it took.
    Test {
        /// As the inventory calls it; all of them without a name.
        name: Option<String>,
    },
    /// Show the key that a host or a bastion offers, and trust it from now on.
    #[command(after_help = "Compare the fingerprint with the host's own before you say yes:\n  \
        ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n\n\
        Without a terminal: arayashiki host trust web-1 --fingerprint SHA256:…")]
    Trust {
        name: String,
        /// Trust it only if it offers the key with this fingerprint; asks nobody.
        #[arg(long, value_name = "SHA256:…")]
        fingerprint: Option<String>,
    },
}

pub async fn run(config: &Config, json: bool, command: Host) -> Result<(), Failure> {
    let hosts = wiring::hosts::some(config)?;
    let store = wiring::open_store(config)?;
    let keys = store.read(|tx| Box::pin(known::keys(tx))).await?;
    hosts.know(&keys);
    let done = match command {
        Host::List => list(&store, &hosts, json).await,
        Host::Find(asked) => find::run(config, &hosts.shown().inventory, &asked, json),
        Host::Test { name } => test(&hosts, name.as_deref(), json).await,
        Host::Trust { name, fingerprint } => trust(&store, &hosts, &name, fingerprint.as_deref(), json).await,
    };
    hosts.probe.close().await;
    store.close().await;
    done
}

async fn list(store: &store::Store, hosts: &Hosts, is_json: bool) -> Result<(), Failure> {
    let estate = hosts.shown();
    let reaches = store.read(|tx| Box::pin(async move { known::reaches(tx, &model::Scope::All).await })).await?;
    let state = |name: &str| reaches.iter().find(|reach| reach.host == name);
    if is_json {
        let rows: Vec<Value> = estate
            .inventory
            .hosts()
            .map(|host| {
                json!({
                    "name": host.name, "address": host.at.address, "port": host.at.port, "user": host.at.user, "via": host.via,
                    "customer": host.customer, "from": host.origin.to_string(),
                    "reach": state(&host.name).map(|reach| reach.state.clone()),
                    "checked_at": state(&host.name).map(|reach| reach.checked_at.rfc3339()),
                })
            })
            .collect();
        let complaints: Vec<String> = estate.complaints.iter().map(ToString::to_string).collect();
        say(json!({ "hosts": rows, "complaints": complaints }));
        return Ok(());
    }
    for bastion in estate.inventory.bastions() {
        let reach = state(&bastion.name).map_or("not tried yet", |reach| reach.state.as_str());
        say(format_args!(
            "{:<24} {:<28} bastion                {}",
            bastion.name,
            place(&bastion.at.address, bastion.at.port),
            reach
        ));
    }
    for host in estate.inventory.hosts() {
        let via = if host.via.is_empty() { String::new() } else { format!(" via {}", host.via.join(", ")) };
        let reach = state(&host.name).map_or("not tried yet", |reach| reach.state.as_str());
        let customer = host.customer.as_deref().unwrap_or("(no customer)");
        say(format_args!(
            "{:<24} {:<28} {customer:<22} {reach}{via}",
            host.name,
            place(&host.at.address, host.at.port)
        ));
    }
    for complaint in &estate.complaints {
        say_on_stderr(complaint);
    }
    Ok(())
}

fn place(address: &str, port: u16) -> String {
    if port == 22 { address.to_owned() } else { format!("{address}:{port}") }
}

async fn test(hosts: &Hosts, name: Option<&str>, is_json: bool) -> Result<(), Failure> {
    let estate = hosts.shown();
    let names: Vec<String> = match name {
        Some(name) => vec![name.to_owned()],
        None => {
            let bastions = estate.inventory.bastions().map(|bastion| bastion.name.clone());
            bastions.chain(estate.inventory.hosts().map(|host| host.name.clone())).collect()
        }
    };
    let mut failed = 0;
    for name in &names {
        let way = hosts.way(name).ok_or_else(|| unknown(hosts, name))?;
        match hosts.probe.reach(&way).await {
            Ok(reached) => {
                let hops: Vec<String> =
                    reached.hops.iter().map(|hop| format!("{} {} ms", hop.name, hop.elapsed_ms)).collect();
                if is_json {
                    say(json!({ "host": name, "state": "reached", "host_key": key(&reached), "hops": hops }));
                } else {
                    say(format_args!("{name}: reached ({}), key {}", hops.join(", "), key(&reached)));
                }
            }
            Err(error) => {
                failed += 1;
                if is_json {
                    say(
                        json!({ "host": name, "state": engine::hosts::reach_state(&error.kind), "hop": error.hop, "cause": error.to_string() }),
                    );
                } else {
                    say(format_args!("{name}: {error}"));
                }
            }
        }
    }
    match failed {
        0 => Ok(()),
        n => Err(Failure::Failed(format!("{n} of {} could not be reached", names.len()))),
    }
}

fn key(reached: &probe::Reached) -> &str {
    reached.hops.last().map_or("", |hop| hop.host_key.as_str())
}

fn unknown(hosts: &Hosts, name: &str) -> Failure {
    let estate = hosts.shown();
    let names: Vec<&str> = estate
        .inventory
        .hosts()
        .map(|host| host.name.as_str())
        .chain(estate.inventory.bastions().map(|bastion| bastion.name.as_str()))
        .collect();
    let near = duties::inventory::nearest(name, names.iter().copied());
    let hint =
        near.map_or_else(|| "`arayashiki host list` names them all".to_owned(), |near| format!("did you mean {near}?"));
    Failure::Failed(format!("no host or bastion is called {name}: {hint}"))
}

async fn trust(
    store: &store::Store,
    hosts: &Hosts,
    name: &str,
    wanted: Option<&str>,
    is_json: bool,
) -> Result<(), Failure> {
    let way = hosts.way(name).ok_or_else(|| unknown(hosts, name))?;
    let offered = hosts.probe.fingerprint(&way).await.map_err(|error| Failure::Failed(error.to_string()))?;
    let name = hosts.shown().inventory.host(name).map_or_else(|| name.to_owned(), |host| host.name.clone());
    let before = store
        .read({
            let name = name.clone();
            move |tx| {
                let name = name.clone();
                Box::pin(async move { known::keys_of(tx, &name).await })
            }
        })
        .await?;
    if before.iter().any(|key| key.fingerprint == offered.fingerprint) {
        say(format_args!("{name}: {} is trusted already", offered.fingerprint));
        return Ok(());
    }
    match wanted {
        Some(wanted) if wanted == offered.fingerprint => {}
        Some(wanted) => {
            return Err(Failure::Failed(format!(
                "{name} offers {}, not {wanted}: nothing is trusted. Find out who answers there",
                offered.fingerprint
            )));
        }
        None => confirm(&name, &offered, &before)?,
    }
    let (line, fingerprint, host) = (offered.key.clone(), offered.fingerprint.clone(), name.clone());
    store
        .write("trust_key", move |tx| {
            let (line, fingerprint, host) = (line.clone(), fingerprint.clone(), host.clone());
            Box::pin(async move { keep(tx, &host, &line, &fingerprint).await })
        })
        .await?;
    if is_json {
        say(json!({ "host": name, "fingerprint": offered.fingerprint, "trusted": true }));
    } else {
        say(format_args!(
            "{name}: {} is trusted from now on; a running server knows it within seconds",
            offered.fingerprint
        ));
    }
    Ok(())
}

async fn keep(tx: &mut Tx, host: &str, line: &str, fingerprint: &str) -> Result<(), StoreError> {
    known::trust(tx, host, host, line, fingerprint, "command line").await?;
    let detail = json!({ "fingerprint": fingerprint });
    audit::add(tx, "command line", "host.trust", &format!("host/{host}"), None, &detail).await
}

/// A person compares, and says so.
fn confirm(name: &str, offered: &probe::Offered, before: &[known::HostKey]) -> Result<(), Failure> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(Failure::Failed(format!(
            "{name} offers {}: nothing is trusted without a person. Compare it with the host's own (ssh-keygen -lf), then run \
             this again with --fingerprint {}",
            offered.fingerprint, offered.fingerprint
        )));
    }
    for key in before {
        say_on_stderr(format_args!(
            "{name} had {}, trusted {} by {}",
            key.fingerprint,
            key.trusted_at.rfc3339(),
            key.trusted_by
        ));
    }
    say_on_stderr(format_args!(
        "{name} offers {}\nIs this the key that the host itself shows (ssh-keygen -lf)? [yes/no]",
        offered.fingerprint
    ));
    let mut said = String::new();
    let read = input.lock().read_line(&mut said);
    if read.is_ok() && said.trim().eq_ignore_ascii_case("yes") {
        return Ok(());
    }
    Err(Failure::Failed(format!("nothing was changed: {name}'s key is not trusted")))
}
