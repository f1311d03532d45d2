//! `sandbox hosts`: bastions and hosts behind SSH, with state that breaks and heals.

use super::{announce, failed};
use crate::cli::Failure;
use crate::server;
use clap::Args;
use sandbox::hosts::{self, ClientFiles};
use serde::Serialize;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

/// Two bastions and three customers' hosts.
#[derive(Debug, Args)]
pub struct Hosts {
    /// Where the first bastion listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where /_control listens; a free port of the same address without it.
    #[arg(long, value_name = "ADDR")]
    control_listen: Option<SocketAddr>,
    /// Appends every login and command as a line of JSON, synced before the answer.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Where the client's key, known hosts, OpenSSH configuration and inventory are written; a new folder under the temporary one
    /// without it.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When its clock begins, as 2026-05-01T09:00:00+09:00; now without it.
    #[arg(long, value_name = "INSTANT")]
    start: Option<jiff::Timestamp>,
    /// Every host listens on a port of this machine as well.
    #[arg(long)]
    direct: bool,
}

/// What a client needs: the world and the files that open it.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    info: &'a hosts::Info,
    files: &'a ClientFiles,
}

pub(super) async fn hosts(asked: Hosts, json: bool) -> Result<(), Failure> {
    let own_folder = asked.folder.is_none().then(new_folder).transpose()?;
    let options = hosts::Options {
        listen: asked.listen,
        control_listen: asked.control_listen,
        log: asked.log,
        seed: asked.seed,
        start: asked.start,
        direct: asked.direct,
    };
    let running = hosts::start(options).await.map_err(failed)?;
    let folder = asked.folder.or_else(|| own_folder.clone()).unwrap_or_default();
    let files = running.write_client_files(&folder).map_err(|error| {
        failed(format_args!(
            "cannot write the client's files into {}: {error}; name another with --folder",
            folder.display()
        ))
    })?;
    let info = running.info();
    let shown = |path: &PathBuf| path.display().to_string();
    let (bastion, key, known) = (info.bastion.to_string(), shown(&files.key), shown(&files.known_hosts));
    let (config, inventory) = (shown(&files.ssh_config), shown(&files.inventory));
    let try_it = format!("ssh -F {config} hoshino-web01 uptime");
    let lines = [
        ("simulated bastion", bastion.as_str()),
        ("user", &info.user),
        ("key", &key),
        ("known hosts", &known),
        ("OpenSSH config", &config),
        ("inventory", &inventory),
        ("try", &try_it),
        ("troubles, faults", &info.control_url),
    ];
    announce(&Told { info, files: &files }, &lines, json)?;
    server::asked_to_stop().await;
    running.stop().await;
    if let Some(folder) = own_folder {
        std::fs::remove_dir_all(folder).map_err(failed)?;
    }
    Ok(())
}

/// A new folder that nobody else can look into; one that is there already is not trusted.
fn new_folder() -> Result<PathBuf, Failure> {
    let folder = std::env::temp_dir().join(format!("arayashiki-hosts-{}", std::process::id()));
    let made = std::fs::DirBuilder::new().mode(0o700).create(&folder);
    let named = |e| failed(format_args!("cannot make {}: {e}; name a folder with --folder", folder.display()));
    made.map_err(named)?;
    Ok(folder)
}
