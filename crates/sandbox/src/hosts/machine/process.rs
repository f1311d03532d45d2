//! What runs on a machine. Arguments hold secrets here and there, as they do in life.

use jiff::Timestamp;

use super::super::cast::Role;
use super::super::trouble::Trouble;
use super::{Distro, Machine};
use crate::clock::plus_s;

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Process {
    pub pid: u32,
    pub parent: u32,
    pub user: &'static str,
    pub cpu: f64,
    pub rss_kb: u64,
    pub vsz_kb: u64,
    pub state: &'static str,
    pub start: Timestamp,
    pub args: String,
    /// The unit that it belongs to.
    pub unit: &'static str,
}

impl Process {
    pub(in crate::hosts) fn is_kernel(&self) -> bool {
        self.args.starts_with('[')
    }

    /// As the kernel knows it: the program's name, cut off after fifteen letters.
    pub(in crate::hosts) fn name(&self) -> String {
        let first = self.args.split_whitespace().next().unwrap_or_default().trim_matches(['[', ']', ':']);
        first.rsplit('/').next().unwrap_or(first).chars().take(15).collect()
    }

    /// Processor time in seconds.
    pub(in crate::hosts) fn cpu_s(&self, now: Timestamp) -> i64 {
        (now.duration_since(self.start).as_secs().max(0) as f64 * self.cpu / 100.0) as i64
    }
}

/// A process as the lists below write it: unit, user, arguments, megabytes, processor percent.
type Line = (&'static str, &'static str, String, u64, f64);

impl Machine {
    pub(in crate::hosts) fn processes(&self) -> Vec<Process> {
        let mut all = self.kernel_threads();
        let mut pid = 400;
        for (unit, user, args, mb, cpu) in [self.common(), self.of_role()].concat() {
            if self.is_down(unit) {
                continue;
            }
            let mut dice = self.dice(&format!("process/{args}/{pid}"));
            pid += u32::try_from(dice.between(3, 190)).unwrap_or(3);
            let cpu = cpu * (0.6 + 0.8 * self.wave(&format!("cpu/{pid}"), 90));
            all.push(Process {
                pid,
                parent: 1,
                user,
                cpu,
                rss_kb: mb * 1024 + u64::from(pid) % 900,
                vsz_kb: mb * 2600 + 8_000,
                state: if cpu > 60.0 { "R" } else { "S" },
                start: plus_s(self.boot, dice.between(4, 40)),
                args,
                unit,
            });
        }
        self.children(&mut all);
        all.extend(self.runaways());
        all
    }

    fn kernel_threads(&self) -> Vec<Process> {
        let thread = |pid: u32, args: &str| Process {
            pid,
            parent: if pid == 1 { 0 } else { 2 },
            user: "root",
            cpu: 0.0,
            rss_kb: if pid == 1 { 12_864 } else { 0 },
            vsz_kb: if pid == 1 { 168_140 } else { 0 },
            state: if pid == 1 { "Ss" } else { "I<" },
            start: self.boot,
            args: args.to_owned(),
            unit: "",
        };
        let init = match self.distro {
            Distro::Alpine => "/sbin/init",
            Distro::Debian => "/lib/systemd/systemd --system --deserialize 31",
            _ => "/usr/lib/systemd/systemd --switched-root --system --deserialize 31",
        };
        let mut all = vec![thread(1, init)];
        let names = [
            "[kthreadd]",
            "[rcu_gp]",
            "[rcu_par_gp]",
            "[kworker/0:0H-events_highpri]",
            "[ksoftirqd/0]",
            "[migration/0]",
            "[kswapd0]",
            "[jbd2/sda1-8]",
        ];
        all.extend(names.iter().enumerate().map(|(n, name)| thread(2 + u32::try_from(n).unwrap_or(0) * 3, name)));
        all
    }

    fn common(&self) -> Vec<Line> {
        let mut all = if self.distro == Distro::Alpine {
            vec![
                ("syslog", "root", "/sbin/syslogd -t".to_owned(), 2, 0.0),
                ("crond", "root", "/usr/sbin/crond -c /etc/crontabs".into(), 1, 0.0),
                ("chronyd", "chrony", "/usr/sbin/chronyd -f /etc/chrony/chrony.conf".into(), 3, 0.0),
            ]
        } else {
            let chrony = if self.distro == Distro::Debian { "_chrony" } else { "chrony" };
            vec![
                ("systemd-journald.service", "root", "/lib/systemd/systemd-journald".to_owned(), 38, 0.1),
                ("systemd-udevd.service", "root", "/lib/systemd/systemd-udevd".into(), 7, 0.0),
                (
                    "dbus.service",
                    "messagebus",
                    "/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation".into(),
                    4,
                    0.0,
                ),
                ("rsyslog.service", "root", "/usr/sbin/rsyslogd -n -iNONE".into(), 6, 0.0),
                (
                    self.cron_unit(),
                    "root",
                    if self.distro == Distro::Debian { "/usr/sbin/cron -f" } else { "/usr/sbin/crond -n" }.into(),
                    3,
                    0.0,
                ),
                ("systemd-logind.service", "root", "/lib/systemd/systemd-logind".into(), 8, 0.0),
                (self.chrony_unit(), chrony, "/usr/sbin/chronyd -F 1".into(), 4, 0.0),
            ]
        };
        all.push((self.ssh_unit(), "root", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups".into(), 9, 0.0));
        all.push((
            "node-agent.service",
            "agent",
            format!("/opt/monitor/bin/agent --server monitor.example.com:10051 --token {}", self.secrets.api_token),
            21,
            0.3,
        ));
        all
    }

    fn of_role(&self) -> Vec<Line> {
        let secrets = &self.secrets;
        match self.role {
            Role::Bastion => Vec::new(),
            Role::Nginx => vec![
                (
                    "nginx.service",
                    "root",
                    "nginx: master process /usr/sbin/nginx -g daemon on; master_process on;".to_owned(),
                    6,
                    0.0,
                ),
                ("puma.service", "deploy", "puma 6.4.2 (unix:///run/puma/shop.sock) [shop]".into(), 410, 3.1),
            ],
            Role::Java => vec![(
                "orders.service",
                "app",
                format!(
                    "/usr/lib/jvm/java-17-amazon-corretto/bin/java -Xms4g -Xmx4g -XX:+UseG1GC -Dspring.profiles.active=prod -Dspring.datasource.password={} -jar /opt/orders/orders.jar",
                    secrets.db_password
                ),
                4_700,
                18.0,
            )],
            Role::Postgres => vec![
                (
                    "postgresql-16.service",
                    "postgres",
                    "/usr/pgsql-16/bin/postgres -D /var/lib/pgsql/16/data/".to_owned(),
                    1_300,
                    0.4,
                ),
                ("postgresql-16.service", "postgres", "postgres: checkpointer ".into(), 900, 0.2),
                ("postgresql-16.service", "postgres", "postgres: background writer ".into(), 60, 0.1),
                ("postgresql-16.service", "postgres", "postgres: walwriter ".into(), 20, 0.2),
            ],
            Role::Mysql => {
                vec![("mysqld.service", "mysql", "/usr/libexec/mysqld --basedir=/usr".to_owned(), 7_400, 21.0)]
            }
            Role::Redis => {
                vec![("redis-server.service", "redis", "/usr/bin/redis-server 127.0.0.1:6379".to_owned(), 1_900, 2.2)]
            }
            Role::Docker => vec![
                ("docker", "root", "/usr/bin/dockerd -p /run/docker.pid".to_owned(), 92, 0.7),
                ("docker", "root", "containerd --config /var/run/docker/containerd/containerd.toml".into(), 44, 0.3),
            ],
            Role::Batch => vec![(
                self.cron_unit(),
                "batch",
                format!("mysqldump --single-transaction -h db-primary -u backup -p{} shop", secrets.db_password),
                38,
                6.0,
            )],
            Role::Router => vec![
                ("bird.service", "bird", "/usr/sbin/bird -f -u bird -g bird".to_owned(), 14, 0.2),
                ("strongswan.service", "root", "/usr/sbin/charon-systemd".into(), 19, 0.1),
            ],
        }
    }

    /// Workers, sessions and what runs in containers.
    fn children(&self, all: &mut Vec<Process>) {
        let parents: Vec<Process> = all.clone();
        for parent in &parents {
            let (count, name, user, mb) = match (self.role, parent.args.as_str()) {
                (Role::Nginx, args) if args.starts_with("nginx:") => {
                    (self.spec.cores, "nginx: worker process", "www-data", 28)
                }
                (Role::Nginx, args) if args.starts_with("puma") => (4, "puma: cluster worker [shop]", "deploy", 320),
                (Role::Postgres, args) if args.contains("-D") && args.contains("postgres") => (
                    u32::try_from(self.database().sessions.len()).unwrap_or(0).min(60),
                    "postgres: shop shop 10.20.1.31(43210) idle",
                    "postgres",
                    40,
                ),
                (Role::Docker, "containerd --config /var/run/docker/containerd/containerd.toml") => (
                    u32::try_from(self.containers().len()).unwrap_or(0),
                    "/usr/bin/containerd-shim-runc-v2 -namespace moby",
                    "root",
                    11,
                ),
                _ => continue,
            };
            all.extend((0..count).map(|n| Process {
                pid: parent.pid + n + 1,
                parent: parent.pid,
                user,
                cpu: 1.4 * self.wave(&format!("{name}/{n}"), 60),
                rss_kb: mb * 1024 + u64::from(n) * 512,
                vsz_kb: mb * 3000,
                args: name.to_owned(),
                ..parent.clone()
            }));
        }
    }

    /// What a trouble has set loose.
    fn runaways(&self) -> Vec<Process> {
        let mut all = Vec::new();
        for own in self.laid.iter().filter(|own| own.ended.is_none()) {
            let (count, user, args, cpu, mb): (u32, &'static str, String, f64, u64) = match own.trouble {
                Trouble::HighLoad => {
                    (self.spec.cores * 3, "app", "/opt/tools/bin/reindex --all --force".into(), 96.0 / 3.0, 210)
                }
                Trouble::Oom => (
                    1,
                    "app",
                    "/usr/bin/python3 /opt/report/monthly.py --month previous".into(),
                    41.0,
                    self.spec.memory_mb * 58 / 100,
                ),
                Trouble::DiskFull { .. } => {
                    (1, "root", format!("tar czf {}/old.tar.gz {}", self.data_path(), self.data_path()), 12.0, 9)
                }
                _ => continue,
            };
            all.extend((0..count).map(|n| Process {
                pid: 28_411 + n * 7,
                parent: 1,
                user,
                cpu,
                rss_kb: mb * 1024,
                vsz_kb: mb * 2048,
                state: if cpu > 30.0 { "R" } else { "D" },
                start: plus_s(own.since, -240),
                args: args.clone(),
                unit: "",
            }));
        }
        all
    }

    pub(in crate::hosts) fn ssh_unit(&self) -> &'static str {
        match self.distro {
            Distro::Debian => "ssh.service",
            Distro::Alpine => "sshd",
            _ => "sshd.service",
        }
    }

    pub(in crate::hosts) fn cron_unit(&self) -> &'static str {
        match self.distro {
            Distro::Debian => "cron.service",
            Distro::Alpine => "crond",
            _ => "crond.service",
        }
    }

    pub(in crate::hosts) fn chrony_unit(&self) -> &'static str {
        match self.distro {
            Distro::Debian => "chrony.service",
            Distro::Alpine => "chronyd",
            _ => "chronyd.service",
        }
    }
}
