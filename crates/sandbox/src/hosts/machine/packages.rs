//! What is installed on a machine, and what was changed lately.

use jiff::Timestamp;

use super::super::cast::Role;
use super::{Distro, Machine};
use crate::clock::plus_s;

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Package {
    pub name: &'static str,
    pub version: String,
    pub before: String,
    pub at: Timestamp,
}

impl Machine {
    /// Newest last.
    pub(in crate::hosts) fn packages(&self) -> Vec<Package> {
        let mut dice = self.dice("packages");
        let mut names =
            vec!["bash", "ca-certificates", "curl", "openssl", "tzdata", "openssh-server", "sudo", "chrony"];
        names.extend(match self.distro {
            Distro::Debian => ["libc6", "systemd", "linux-image-amd64"],
            Distro::Alpine => ["musl", "busybox", "linux-virt"],
            _ => ["glibc", "systemd", "kernel"],
        });
        names.extend(match self.role {
            Role::Nginx => vec!["nginx", "ruby3.1"],
            Role::Java => vec!["java-17-amazon-corretto-headless"],
            Role::Postgres => vec!["postgresql16-server"],
            Role::Mysql => vec!["mysql-server"],
            Role::Redis => vec!["redis-server"],
            Role::Docker => vec!["docker", "containerd"],
            Role::Router => vec!["bird2", "strongswan"],
            Role::Bastion | Role::Batch => vec!["rsync"],
        });
        let build = match self.distro {
            Distro::Debian => "deb12u",
            Distro::Alpine => "r",
            Distro::Amazon => "amzn2023.0.",
            Distro::Rhel => "el9_4.",
        };
        let mut all: Vec<Package> = names
            .into_iter()
            .map(|name| {
                let (major, minor, patch) = (dice.between(1, 9), dice.between(0, 20), dice.between(2, 9));
                let of = |patch: i64| format!("{major}.{minor}.{patch}-{build}{patch}").replace("-r", "-r");
                let days = dice.between(1, 70);
                Package {
                    name,
                    version: of(patch),
                    before: of(patch - 1),
                    at: plus_s(self.day_start(), -days * 86_400 + 12_780 + dice.between(0, 400)),
                }
            })
            .collect();
        all.sort_by_key(|package| package.at);
        all
    }

    fn day_start(&self) -> Timestamp {
        Timestamp::from_second(self.now.as_second().div_euclid(86_400) * 86_400).unwrap_or(self.now)
    }
}
