//! A machine's services: what should run, what does, what has failed and with which words.

use jiff::Timestamp;

use super::super::cast::Role;
use super::super::trouble::{Laid, Trouble};
use super::{Distro, Machine};

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Unit {
    pub name: &'static str,
    pub description: &'static str,
    pub active: &'static str,
    pub sub: &'static str,
    pub since: Timestamp,
    pub pid: Option<u32>,
    /// How it ended, for one that has failed.
    pub ended: Option<Ended>,
}

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Ended {
    /// `exited` or `killed`
    pub how: &'static str,
    pub code: u8,
    pub result: &'static str,
}

type Line = (&'static str, &'static str);

impl Machine {
    /// The unit that the host is there for.
    pub(in crate::hosts) fn main_unit(&self) -> &'static str {
        match self.role {
            Role::Bastion => self.ssh_unit(),
            Role::Nginx => "nginx.service",
            Role::Java => "orders.service",
            Role::Postgres => "postgresql-16.service",
            Role::Mysql => "mysqld.service",
            Role::Redis => "redis-server.service",
            Role::Docker => "docker",
            Role::Batch => "backup.service",
            Role::Router => "strongswan.service",
        }
    }

    fn lines(&self) -> Vec<Line> {
        let mut all = vec![
            (self.chrony_unit(), "NTP client/server"),
            (self.cron_unit(), "Command Scheduler"),
            (self.ssh_unit(), "OpenSSH server daemon"),
            ("node-agent.service", "Monitoring agent"),
        ];
        if self.distro.has_systemd() {
            all.extend([
                ("dbus.service", "D-Bus System Message Bus"),
                ("rsyslog.service", "System Logging Service"),
                ("systemd-journald.service", "Journal Service"),
                ("systemd-logind.service", "User Login Management"),
                ("systemd-udevd.service", "Rule-based Manager for Device Events and Files"),
                ("logrotate.service", "Rotate log files"),
            ]);
        }
        all.extend(match self.role {
            Role::Bastion => Vec::new(),
            Role::Nginx => vec![
                ("nginx.service", "A high performance web server and a reverse proxy server"),
                ("puma.service", "Puma HTTP server for shop"),
            ],
            Role::Java => vec![("orders.service", "Orders API")],
            Role::Postgres => vec![("postgresql-16.service", "PostgreSQL 16 database server")],
            Role::Mysql => vec![("mysqld.service", "MySQL 8.0 database server")],
            Role::Redis => vec![("redis-server.service", "Advanced key-value store")],
            Role::Docker => vec![("docker", "Docker Application Container Engine")],
            Role::Batch => vec![("backup.service", "Nightly backup")],
            Role::Router => vec![
                ("bird.service", "BIRD Internet Routing Daemon"),
                ("strongswan.service", "strongSwan IPsec IKEv1/IKEv2 daemon"),
            ],
        });
        all
    }

    /// Whether nothing of that unit runs.
    pub(in crate::hosts) fn is_down(&self, unit: &str) -> bool {
        self.failure(unit).is_some_and(|(_, ended)| ended.how != "waiting")
    }

    fn failure(&self, unit: &str) -> Option<(&Laid, Ended)> {
        self.laid.iter().filter(|own| own.ended.is_none()).find_map(|own| {
            let ended = |how, code, result| Some((own, Ended { how, code, result }));
            match &own.trouble {
                Trouble::ServiceDown if unit == self.main_unit() && self.role != Role::Bastion => {
                    ended("exited", 1, "exit-code")
                }
                Trouble::UpstreamErrors if unit == "puma.service" => ended("killed", 9, "signal"),
                Trouble::JobFailed { code } if unit == "backup.service" => ended("exited", *code, "exit-code"),
                Trouble::DiskFull { percent: 95.. } if unit == "logrotate.service" => ended("exited", 1, "exit-code"),
                Trouble::LinkDown if unit == "strongswan.service" => ended("exited", 64, "exit-code"),
                _ => None,
            }
        })
    }

    pub(in crate::hosts) fn units(&self) -> Vec<Unit> {
        let processes = self.processes();
        let mut all: Vec<Unit> = self
            .lines()
            .into_iter()
            .map(|(name, description)| {
                let pid = processes.iter().find(|p| p.unit == name).map(|p| p.pid);
                let (active, sub, since, ended) = match self.failure(name) {
                    Some((laid, ended)) => ("failed", "failed", laid.since, Some(ended)),
                    None if pid.is_none() => ("inactive", "dead", self.boot, None),
                    None => ("active", "running", self.boot, None),
                };
                Unit { name, description, active, sub, since, pid, ended }
            })
            .collect();
        all.sort_by_key(|unit| unit.name);
        all
    }

    pub(in crate::hosts) fn unit(&self, name: &str) -> Option<Unit> {
        self.units().into_iter().find(|own| own.name == name || own.name.strip_suffix(".service") == Some(name))
    }

    /// Where the unit's file lies.
    pub(in crate::hosts) fn unit_file(&self, unit: &str) -> String {
        let folder = if self.distro == Distro::Debian { "/lib/systemd/system" } else { "/usr/lib/systemd/system" };
        let own = ["node-agent.service", "orders.service", "puma.service", "backup.service"];
        if own.contains(&unit) { format!("/etc/systemd/system/{unit}") } else { format!("{folder}/{unit}") }
    }
}
