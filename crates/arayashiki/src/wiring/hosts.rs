//! Hosts as they are configured: the inventory, runbooks from the program and from a folder, how they are visited. The only place that
//! reads their files.

mod shown;

pub use shown::shown;

use super::inventory::{self, Live};
use crate::cli::Failure;
use crate::config::{Config, Diagnosis};
use duties::diagnose::Mode;
use duties::runbooks;
use engine::hosts::{Estate, Hosts, Outputs, Settings};
use model::redaction::{Rules, UserRule};
use probe::Probe;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

macro_rules! shipped {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("../../../../runbooks/", $name)))),*] };
}

/// Runbooks that ship with the program: what is in them needs nobody's approval.
const SHIPPED: &[(&str, &str)] = shipped![
    "apache.yaml",
    "aws-metadata.yaml",
    "docker.yaml",
    "java.yaml",
    "linux.yaml",
    "mysql.yaml",
    "nginx.yaml",
    "postgresql.yaml",
    "redis.yaml",
    "tls.yaml",
];

/// The largest runbook that is read.
const MOST_BYTES: u64 = 1 << 20;
/// Each host is tried once a day.
const REACH_EVERY: Duration = Duration::from_secs(86_400);
/// Runs at once in one process; each waits for its host most of the time.
const RUNS_AT_ONCE: usize = 200;

/// `None` where no host is configured.
pub fn hosts(config: &Config) -> Result<Option<Arc<Hosts>>, Failure> {
    if !has_any(config) {
        return Ok(None);
    }
    let (of_load, live) = (config.clone(), Live::default());
    let settings = Settings {
        mode: match config.diagnose.mode {
            Diagnosis::Observe => Mode::Observe,
            Diagnosis::Run => Mode::Run,
        },
        most_hosts: config.inventory.max_hosts,
        runs_at_once: RUNS_AT_ONCE,
        connect_ms: ms(config.ssh.connect),
        step_ms: ms(config.ssh.step),
        total_ms: ms(config.ssh.total),
        output_bytes: config.ssh.output,
        reach_every: REACH_EVERY,
        rules: rules(config)?,
        language: super::slack::language(config),
        zone: config.server.time_zone.clone(),
        share: config.customers.iter().map(|customer| (customer.id.clone(), customer.share)).collect(),
        passphrases: passphrases(config),
        follow: live.follow(config)?,
        load: Arc::new(move || read(&of_load, &live)),
    };
    let of_probe = probe::Settings {
        per_bastion: config.ssh.per_bastion,
        per_host: config.ssh.per_host,
        connect_ms: ms(config.ssh.connect),
        keepalive_ms: ms(config.ssh.keepalive),
        ..probe::Settings::default()
    };
    let probe = Probe::new(of_probe, clock());
    let outputs = Outputs::new(Some(super::net::evidence(config)));
    Ok(Some(Arc::new(Hosts::new(settings, probe, outputs))))
}

/// The same for whoever can do nothing without.
pub fn some(config: &Config) -> Result<Arc<Hosts>, Failure> {
    hosts(config)?.ok_or_else(|| {
        Failure::Failed(
            "no host is configured: write [[host]] tables, or name an OpenSSH configuration, an Ansible inventory or EC2 in [inventory]"
                .to_owned(),
        )
    })
}

/// Certificates are good for a time.
fn clock() -> probe::Clock {
    let clock = store::Clock::default();
    Arc::new(move || u64::try_from(clock.now().0 / 1_000_000).unwrap_or(0))
}

pub fn has_any(config: &Config) -> bool {
    let sources = &config.inventory;
    let lists = [&sources.ssh_config, &sources.ansible, &sources.ec2, &sources.ec2_regions];
    !config.hosts.is_empty() || lists.iter().any(|list| !list.is_empty())
}

/// What the files say now.
pub fn estate(config: &Config) -> Result<Estate, Failure> {
    rules(config)?;
    Ok(read(config, &Live::default()))
}

fn read(config: &Config, live: &Live) -> Estate {
    let (inventory, complaints) = inventory::inventory(config, live);
    let (runbooks, problems) = runbooks::set(runbook_files(config));
    Estate {
        inventory,
        complaints,
        runbooks,
        problems,
        shipped: shipped(),
        known_hosts: config
            .ssh
            .known_hosts
            .as_ref()
            .and_then(|path| std::fs::read_to_string(path).ok())
            .unwrap_or_default(),
    }
}

/// Runbooks by their files: those of the folder, and those that ship and are not replaced by one of that name.
pub fn runbook_files(config: &Config) -> Vec<(String, String)> {
    let mut files = in_folder(&config.runbooks.dir);
    let own: BTreeSet<String> = files.iter().filter_map(|(path, _)| file_name(path)).collect();
    let rest = SHIPPED.iter().filter(|(name, _)| !own.contains(*name));
    files.extend(rest.map(|(name, text)| (format!("(shipped) {name}"), (*text).to_owned())));
    files
}

fn file_name(path: &str) -> Option<String> {
    Some(Path::new(path).file_name()?.to_string_lossy().into_owned())
}

fn in_folder(folder: &Path) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "yaml" || ext == "yml"));
    paths.sort();
    paths.iter().filter_map(|path| Some((path.display().to_string(), text(path)?))).collect()
}

/// One that can't be read is told with the place, like one that can't be understood.
fn text(path: &Path) -> Option<String> {
    let size = std::fs::metadata(path).ok()?.len();
    if size > MOST_BYTES {
        return Some(String::from_utf8_lossy(&vec![b'#'; 2 << 20]).into_owned());
    }
    std::fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn shipped() -> BTreeSet<String> {
    SHIPPED.iter().map(|(_, text)| hex::encode(Sha256::digest(text.as_bytes()))).collect()
}

fn rules(config: &Config) -> Result<Rules, Failure> {
    let own: Vec<UserRule> = config
        .redaction_rules
        .iter()
        .map(|rule| UserRule { name: rule.name.clone(), pattern: rule.pattern.clone() })
        .collect();
    Rules::with(&own).map_err(|error| Failure::Wrong(format!("[[redaction.rule]] {error}")))
}

fn passphrases(config: &Config) -> BTreeMap<String, probe::Secret> {
    let all = inventory::passphrases(config).into_iter();
    all.map(|(file, secret)| (file.to_string_lossy().into_owned(), probe::Secret::new(secret.expose()))).collect()
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runbook_of_the_folder_ships_and_is_right() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks");
        let there: BTreeSet<String> = in_folder(&folder).iter().filter_map(|(path, _)| file_name(path)).collect();
        let shipped: BTreeSet<String> = SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(there, shipped);
        let (set, problems) = runbooks::set(SHIPPED.iter().copied());
        assert!(problems.is_empty(), "{problems:?}");
        assert!(set.iter().all(|runbook| super::shipped().contains(&runbook.digest)));
    }
}
