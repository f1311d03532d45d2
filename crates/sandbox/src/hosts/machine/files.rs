//! Which files a machine has. What is in one is worked out when it is read.

use super::super::cast::Role;
use super::{Distro, Machine};

#[derive(Debug, Clone)]
pub(in crate::hosts) struct File {
    pub path: String,
    pub mode: u32,
    pub owner: &'static str,
    pub group: &'static str,
    /// What `ls` says, for files that are not kept whole here.
    pub size: Option<u64>,
}

fn file(path: &str, mode: u32, owner: &'static str, group: &'static str) -> File {
    File { path: path.to_owned(), mode, owner, group, size: None }
}

impl Machine {
    pub(in crate::hosts) fn files(&self) -> Vec<File> {
        let open = [
            "/etc/passwd",
            "/etc/group",
            "/etc/hosts",
            "/etc/hostname",
            "/etc/resolv.conf",
            "/etc/fstab",
            "/etc/os-release",
            "/etc/crontab",
            "/etc/timezone",
            "/etc/nsswitch.conf",
            "/etc/ssh/sshd_config",
        ];
        let mut all: Vec<File> = open.iter().map(|path| file(path, 0o644, "root", "root")).collect();
        all.push(file("/etc/shadow", 0o640, "root", "shadow"));
        all.push(file("/etc/app.env", 0o640, "root", "diag"));
        match self.distro {
            Distro::Debian => {
                all.extend(
                    ["/etc/debian_version", "/var/log/dpkg.log", "/var/log/apt/history.log"]
                        .map(|p| file(p, 0o644, "root", "root")),
                );
                all.extend(["/var/log/syslog", "/var/log/auth.log"].map(|p| file(p, 0o640, "root", "adm")));
            }
            Distro::Amazon | Distro::Rhel => {
                all.push(file("/etc/system-release", 0o644, "root", "root"));
                all.extend(["/var/log/dnf.log", "/var/log/dnf.rpm.log"].map(|p| file(p, 0o644, "root", "root")));
                all.extend(["/var/log/messages", "/var/log/secure"].map(|p| file(p, 0o600, "root", "root")));
            }
            Distro::Alpine => {
                all.push(file("/etc/alpine-release", 0o644, "root", "root"));
                all.push(file("/var/log/messages", 0o640, "root", "wheel"));
            }
        }
        all.extend(self.role_files());
        all.extend(self.swollen());
        all.extend(self.proc_paths().into_iter().map(|path| file(&path, 0o444, "root", "root")));
        all
    }

    fn role_files(&self) -> Vec<File> {
        match self.role {
            Role::Nginx => vec![
                file("/etc/nginx/nginx.conf", 0o644, "root", "root"),
                file("/etc/ssl/shop/fullchain.pem", 0o644, "root", "root"),
                file("/var/log/nginx/access.log", 0o640, "www-data", "adm"),
                file("/var/log/nginx/error.log", 0o640, "www-data", "adm"),
            ],
            Role::Java => vec![
                file("/var/log/orders/app.log", 0o644, "app", "app"),
                file("/opt/orders/orders.jar", 0o644, "app", "app"),
            ],
            Role::Postgres => vec![
                file("/var/lib/pgsql/16/data/log/postgresql.log", 0o600, "postgres", "postgres"),
                file("/var/lib/pgsql/16/data/postgresql.conf", 0o600, "postgres", "postgres"),
            ],
            Role::Mysql => {
                vec![file("/var/log/mysqld.log", 0o640, "mysql", "mysql"), file("/etc/my.cnf", 0o644, "root", "root")]
            }
            Role::Redis => vec![
                file("/etc/redis/redis.conf", 0o640, "redis", "redis"),
                file("/var/log/redis/redis-server.log", 0o640, "redis", "adm"),
            ],
            Role::Docker => vec![
                file("/etc/docker/daemon.json", 0o644, "root", "root"),
                file("/var/log/docker.log", 0o644, "root", "root"),
            ],
            Role::Batch => vec![
                file("/srv/batch/bin/nightly.sh", 0o755, "batch", "batch"),
                file("/var/log/backup.log", 0o644, "batch", "batch"),
            ],
            Role::Bastion | Role::Router => Vec::new(),
        }
    }

    /// What fills the file system that grows: big, and named as such things are.
    fn swollen(&self) -> Vec<File> {
        let data = self.data_path();
        let base = if data == "/" { "/var" } else { data };
        let Some(mount) = self.mounts().into_iter().find(|m| m.path == data) else { return Vec::new() };
        let of = |name: &str, share: u64| File {
            size: Some(mount.used_kb * 1024 / 100 * share),
            ..file(&format!("{base}/{name}"), 0o640, "root", "adm")
        };
        vec![of("log/app/production.log.1", 41), of("log/app/production.log.2", 22), of("old.tar.gz", 12)]
    }

    fn proc_paths(&self) -> Vec<String> {
        let own = [
            "loadavg",
            "uptime",
            "meminfo",
            "cpuinfo",
            "version",
            "mounts",
            "stat",
            "net/dev",
            "sys/fs/file-nr",
            "sys/vm/swappiness",
            "sys/kernel/threads-max",
            "sys/net/core/somaxconn",
            "sys/kernel/hostname",
            "sys/net/netfilter/nf_conntrack_count",
            "sys/net/netfilter/nf_conntrack_max",
        ];
        let mut all: Vec<String> = own.iter().map(|name| format!("/proc/{name}")).collect();
        if self.distro != Distro::Alpine {
            all.extend(["cpu", "memory", "io"].map(|name| format!("/proc/pressure/{name}")));
        }
        for own in self.processes().iter().filter(|p| !p.is_kernel()) {
            all.extend(
                ["cmdline", "comm", "status", "environ", "limits"].map(|name| format!("/proc/{}/{name}", own.pid)),
            );
        }
        all
    }

    /// None for a file that is too big to be kept, or is none.
    pub(in crate::hosts) fn content(&self, path: &str) -> Option<String> {
        Some(match path {
            "/etc/passwd" => self.passwd(),
            "/etc/group" => "root:x:0:\nadm:x:4:diag\nshadow:x:42:\ndiag:x:1000:\n".into(),
            "/etc/shadow" => format!(
                "root:*:19801:0:99999:7:::\ndeploy:${}$rounds=5000${}:19801:0:99999:7:::\n",
                6, self.secrets.aws_secret
            ),
            "/etc/hosts" => self.hosts_file(),
            "/etc/resolv.conf" => self.resolv_conf(),
            "/etc/fstab" => self.fstab(),
            "/etc/os-release" => self.distro.os_release(),
            "/etc/crontab" => self.crontab(),
            "/etc/timezone" => {
                if self.is_utc() {
                    "Etc/UTC\n".into()
                } else {
                    "Asia/Tokyo\n".into()
                }
            }
            "/etc/nsswitch.conf" => "passwd: files\nhosts: files dns\n".into(),
            "/etc/ssh/sshd_config" => format!(
                "PermitRootLogin no\nPasswordAuthentication no\nAllowTcpForwarding {}\n",
                if self.role == Role::Bastion { "yes" } else { "no" }
            ),
            "/etc/app.env" => self.app_environment(),
            "/etc/debian_version" => "12.7\n".into(),
            "/etc/alpine-release" => "3.20.3\n".into(),
            "/etc/system-release" => format!("{}\n", self.distro.pretty()),
            "/etc/nginx/nginx.conf" => self.nginx_conf(),
            "/etc/redis/redis.conf" => self.redis_conf(),
            "/etc/docker/daemon.json" => "{\"log-driver\":\"json-file\",\"log-opts\":{\"max-size\":\"50m\"}}\n".into(),
            "/etc/my.cnf" => format!(
                "[client]\npassword={}\n\n[mysqld]\nmax_connections=100\nslow_query_log=1\n",
                self.secrets.db_password
            ),
            "/etc/ssl/shop/fullchain.pem" => {
                "-----BEGIN CERTIFICATE-----\nMIIFazCCBFOgAwIBAgISA0xample\n-----END CERTIFICATE-----\n".into()
            }
            "/srv/batch/bin/nightly.sh" => format!(
                "#!/bin/sh\nset -e\nmysqldump -h db-primary -u backup -p{} shop | gzip > /backup/shop.sql.gz\n",
                self.secrets.db_password
            ),
            "/var/lib/pgsql/16/data/postgresql.conf" => {
                "max_connections = 100\nshared_buffers = 8GB\nlog_min_duration_statement = 1000\n".into()
            }
            _ => return self.log_file(path).or_else(|| self.proc_file(path)),
        })
    }

    fn log_file(&self, path: &str) -> Option<String> {
        Some(match path {
            "/var/log/nginx/access.log" => self.access_log(),
            "/var/log/nginx/error.log" => self.error_log(),
            "/var/log/orders/app.log" => self.app_log(),
            "/var/log/syslog" | "/var/log/messages" => self.syslog(),
            "/var/log/auth.log" | "/var/log/secure" => self.auth_log(),
            "/var/log/dpkg.log" | "/var/log/dnf.rpm.log" | "/var/log/dnf.log" | "/var/log/apt/history.log" => {
                self.package_log()
            }
            "/var/lib/pgsql/16/data/log/postgresql.log"
            | "/var/log/mysqld.log"
            | "/var/log/docker.log"
            | "/var/log/redis/redis-server.log"
            | "/var/log/backup.log" => self.service_log(),
            _ => return None,
        })
    }
}
