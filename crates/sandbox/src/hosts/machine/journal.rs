//! What the machine has written down: the ordinary murmur of a day, and what the troubles made it say since they began.

use jiff::Timestamp;

use super::super::cast::Role;
use super::super::trouble::{Laid, Trouble};
use super::Machine;
use crate::clock::plus_s;

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Entry {
    pub at: Timestamp,
    /// As syslog has it: 3 is an error, 4 a warning, 6 information.
    pub priority: u8,
    pub unit: &'static str,
    pub program: &'static str,
    pub pid: u32,
    pub text: String,
}

/// The murmur goes back that far, with a line in so many seconds.
const SPAN_S: i64 = 26 * 3600;
const EVERY_S: i64 = 97;
/// A trouble repeats itself at most so often.
const MOST: i64 = 60;

/// unit, program, priority, text, seconds between two
type Line = (&'static str, &'static str, u8, String, i64);

impl Machine {
    /// Oldest first.
    pub(in crate::hosts) fn journal(&self) -> Vec<Entry> {
        let mut all = self.murmur();
        for laid in &self.laid {
            let until = laid.ended.unwrap_or(self.now);
            for (n, line) in self.said(laid).into_iter().enumerate() {
                self.repeat(&mut all, (laid.since, until), line, n);
            }
            if let (Some(ended), Trouble::ServiceDown | Trouble::UpstreamErrors) = (laid.ended, &laid.trouble) {
                let text = format!("Started {} - started again by hand.", self.main_unit());
                all.push(Entry { at: ended, priority: 6, unit: self.main_unit(), program: "systemd", pid: 1, text });
            }
        }
        all.sort_by_key(|entry| entry.at);
        all
    }

    fn repeat(&self, all: &mut Vec<Entry>, (since, until): (Timestamp, Timestamp), line: Line, n: usize) {
        let (unit, program, priority, text, every_s) = line;
        let pid = self.processes().iter().find(|p| p.unit == unit).map_or(812, |p| p.pid);
        let pid = if program == "systemd" { 1 } else { pid };
        let mut at = plus_s(since, i64::try_from(n).unwrap_or(0));
        for _ in 0..MOST {
            if at > until {
                return;
            }
            all.push(Entry { at, priority, unit, program, pid, text: text.clone() });
            if every_s == 0 {
                return;
            }
            at = plus_s(at, every_s);
        }
    }

    fn murmur(&self) -> Vec<Entry> {
        let first = plus_s(self.now, -SPAN_S).max(self.boot).as_second().div_euclid(EVERY_S) + 1;
        let last = self.now.as_second().div_euclid(EVERY_S);
        (first..=last).filter_map(|n| self.murmured(n)).collect()
    }

    fn murmured(&self, n: i64) -> Option<Entry> {
        let mut dice = self.dice(&format!("murmur/{n}"));
        let at = Timestamp::from_second(n * EVERY_S).ok()?;
        let pid = u32::try_from(dice.between(900, 39_000)).unwrap_or(900);
        let (unit, program, text): (&'static str, &'static str, String) = match dice.below(10) {
            0 | 1 => {
                (self.cron_unit(), "CRON", "(root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)".into())
            }
            2 => (
                self.cron_unit(),
                "CRON",
                "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)".into(),
            ),
            3 => (self.cron_unit(), "CRON", "pam_unix(cron:session): session closed for user root".into()),
            4 => (
                self.ssh_unit(),
                "sshd",
                format!(
                    "Accepted publickey for diag from 10.20.0.5 port {} ssh2: ED25519 SHA256:{}",
                    dice.between(30_000, 60_000),
                    dice.secret(43)
                ),
            ),
            5 => (
                self.ssh_unit(),
                "sshd",
                format!("Connection closed by 10.20.0.5 port {} [preauth]", dice.between(30_000, 60_000)),
            ),
            6 => ("systemd-logind.service", "systemd-logind", format!("Removed session {}.", dice.between(100, 9000))),
            7 => (
                "node-agent.service",
                "agent",
                format!("sent {} values to monitor.example.com in {} ms", dice.between(40, 90), dice.between(11, 240)),
            ),
            8 => ("", "systemd", "logrotate.service: Deactivated successfully.".into()),
            _ => (self.chrony_unit(), "chronyd", format!("Selected source 10.20.0.{}", dice.between(2, 4))),
        };
        let unit = if self.distro.has_systemd() { unit } else { "" };
        Some(Entry { at, priority: 6, unit, program, pid, text })
    }

    /// What a trouble makes the machine say.
    fn said(&self, laid: &Laid) -> Vec<Line> {
        let main = self.main_unit();
        let program = self.main_program();
        let secrets = &self.secrets;
        match &laid.trouble {
            Trouble::DiskFull { percent } => self.said_of_disk(*percent),
            Trouble::InodesFull => vec![(main, program, 3, "write failed: No space left on device".into(), 61)],
            Trouble::Oom => vec![
                (main, "systemd", 4, format!("{main}: A process of this unit has been killed by the OOM killer."), 0),
                (main, program, 3, "fork: Cannot allocate memory".into(), 47),
            ],
            Trouble::HighLoad => vec![(
                main,
                program,
                4,
                format!("request queue is {} deep, oldest waits 4812 ms", self.spec.cores * 31),
                30,
            )],
            Trouble::ServiceDown => self.said_of_end(main, program),
            Trouble::UpstreamErrors => vec![
                (
                    "puma.service",
                    "systemd",
                    4,
                    "puma.service: Main process exited, code=killed, status=9/KILL".into(),
                    0,
                ),
                ("puma.service", "systemd", 4, "puma.service: Failed with result 'signal'.".into(), 0),
            ],
            Trouble::DbLocked => vec![(
                main,
                program,
                4,
                "process 21877 still waiting for ShareLock on \
                 transaction 88412733 after 1000.112 ms"
                    .into(),
                33,
            )],
            Trouble::DbConnections => vec![(main, program, 3, "FATAL:  sorry, too many clients already".into(), 5)],
            Trouble::SlowQueries => vec![(
                main,
                program,
                4,
                "duration: 8412.512 ms  statement: SELECT o.* FROM \
                 orders o JOIN order_lines l ON l.order_id = o.id WHERE l.sku LIKE '%0042%'"
                    .into(),
                21,
            )],
            Trouble::ReplicationLag { seconds } => vec![(
                main,
                program,
                4,
                format!(
                    "replication apply is \
                 {seconds} s behind the primary"
                ),
                60,
            )],
            Trouble::DnsBroken => vec![
                (
                    "node-agent.service",
                    "agent",
                    3,
                    "cannot send to monitor.example.com: Temporary failure in \
                     name resolution"
                        .into(),
                    60,
                ),
                (
                    main,
                    program,
                    3,
                    format!(
                        "upstream https://svc:{}@api.example.com/v1: Temporary failure in \
                     name resolution",
                        secrets.smtp_password
                    ),
                    41,
                ),
            ],
            Trouble::ClockOff { seconds } => vec![
                (self.chrony_unit(), "chronyd", 4, "Can't synchronise: no selectable sources".into(), 900),
                (self.chrony_unit(), "chronyd", 4, format!("System clock wrong by {seconds}.412071 seconds"), 0),
            ],
            Trouble::CertExpired { days } if *days < 0 => vec![(
                main,
                program,
                3,
                "peer closed connection: \
                 certificate has expired"
                    .into(),
                20,
            )],
            Trouble::CertExpired { .. } => vec![(
                "node-agent.service",
                "agent",
                4,
                "certificate check: renewal \
                 failed, see certbot's log"
                    .into(),
                3600,
            )],
            Trouble::LinkDown => vec![(
                "strongswan.service",
                "charon",
                3,
                "giving up after 5 retransmits; peer 203.0.113.18 does not answer".into(),
                95,
            )],
            Trouble::JobFailed { code } => vec![
                (
                    "backup.service",
                    "backup",
                    3,
                    format!(
                        "upload to s3://backup-example failed with \
                     AWS_SECRET_ACCESS_KEY={}: AccessDenied",
                        secrets.aws_secret
                    ),
                    0,
                ),
                (
                    "backup.service",
                    "systemd",
                    4,
                    format!(
                        "backup.service: Main process exited, code=exited, \
                     status={code}/n/a"
                    ),
                    0,
                ),
                ("backup.service", "systemd", 4, "backup.service: Failed with result 'exit-code'.".into(), 0),
                ("backup.service", "systemd", 3, "Failed to start backup.service - Nightly backup.".into(), 0),
            ],
            Trouble::QueueFull => vec![(
                main,
                program,
                4,
                "queue 'orders' holds 18422 entries, consumers do not \
                 keep up"
                    .into(),
                45,
            )],
            Trouble::HeapFull => {
                vec![(main, program, 3, "java.lang.OutOfMemoryError: GC overhead limit exceeded".into(), 29)]
            }
            Trouble::ContainerRestarting => {
                vec![("docker", "dockerd", 4, "restarting container worker: exit status 137".into(), 40)]
            }
            Trouble::PacketLoss => {
                vec![("node-agent.service", "agent", 4, "send took 7120 ms, 3 retransmits".into(), 30)]
            }
        }
    }

    fn said_of_disk(&self, percent: u8) -> Vec<Line> {
        let path = self.data_path();
        let mut all: Vec<Line> = vec![("node-agent.service", "agent", 4, format!("disk {path} is at {percent}%"), 300)];
        if percent >= 95 {
            all.push((
                "logrotate.service",
                "logrotate",
                3,
                format!("error: error writing to {path}/log/big.log.1.gz: No space left on device"),
                0,
            ));
            all.push((
                "logrotate.service",
                "systemd",
                4,
                "logrotate.service: Main process exited, code=exited, status=1/FAILURE".into(),
                0,
            ));
            all.push((
                "logrotate.service",
                "systemd",
                4,
                "logrotate.service: Failed with result 'exit-code'.".into(),
                0,
            ));
            all.push((
                "logrotate.service",
                "systemd",
                3,
                "Failed to start logrotate.service - Rotate log files.".into(),
                0,
            ));
        }
        if percent >= 100 {
            all.push((self.main_unit(), self.main_program(), 3, "write failed: No space left on device".into(), 20));
        }
        all
    }

    fn said_of_end(&self, main: &'static str, program: &'static str) -> Vec<Line> {
        let why = match self.role {
            Role::Nginx => "[emerg] bind() to 0.0.0.0:443 failed (98: Address already in use)".to_owned(),
            Role::Java => format!(
                "Cannot connect to jdbc:postgresql://db-primary:5432/orders?user=app&password={}: Connection refused",
                self.secrets.db_password
            ),
            Role::Postgres => "FATAL:  could not write lock file \"postmaster.pid\": Input/output error".to_owned(),
            Role::Mysql => "[ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11".to_owned(),
            Role::Redis => "Can't open the append-only file: Permission denied".to_owned(),
            _ => "fatal: configuration file cannot be read".to_owned(),
        };
        vec![
            (main, program, 3, why, 0),
            (main, "systemd", 4, format!("{main}: Main process exited, code=exited, status=1/FAILURE"), 0),
            (main, "systemd", 4, format!("{main}: Failed with result 'exit-code'."), 0),
            (main, "systemd", 4, format!("{main}: Scheduled restart job, restart counter is at 5."), 0),
            (main, "systemd", 4, format!("{main}: Start request repeated too quickly."), 0),
            (main, "systemd", 3, format!("Failed to start {main}."), 0),
        ]
    }

    /// What the main unit's lines are signed with.
    pub(in crate::hosts) fn main_program(&self) -> &'static str {
        match self.role {
            Role::Bastion => "sshd",
            Role::Nginx => "nginx",
            Role::Java => "orders",
            Role::Postgres => "postgres",
            Role::Mysql => "mysqld",
            Role::Redis => "redis-server",
            Role::Docker => "dockerd",
            Role::Batch => "backup",
            Role::Router => "charon",
        }
    }

    /// A line as syslog and `journalctl` write it.
    pub(in crate::hosts) fn journal_line(&self, entry: &Entry) -> String {
        let at = self.time(plus_s(entry.at, self.clock_off_s()), "%b %d %H:%M:%S");
        let host = &self.spec.hostname;
        if entry.program == "kernel" {
            return format!("{at} {host} kernel: {}", entry.text);
        }
        format!("{at} {host} {}[{}]: {}", entry.program, entry.pid, entry.text)
    }

    /// The journal with what the kernel said among it, oldest first.
    pub(in crate::hosts) fn whole_journal(&self) -> Vec<Entry> {
        let kernel = self.kernel_log().into_iter().map(|line| Entry {
            at: line.at,
            priority: line.priority,
            unit: "",
            program: "kernel",
            pid: 0,
            text: line.text,
        });
        let mut all = self.journal();
        all.extend(kernel);
        all.sort_by_key(|entry| entry.at);
        all
    }
}
