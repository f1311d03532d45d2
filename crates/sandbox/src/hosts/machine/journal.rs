//! What the machine has written down: the ordinary murmur of a day, and what the troubles made it say since they began.

use jiff::Timestamp;

use super::super::cast::Role;
use super::super::trouble::Trouble;
use super::Machine;
use super::said::Saying;
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

impl Machine {
    /// Oldest first.
    pub(in crate::hosts) fn journal(&self) -> Vec<Entry> {
        let mut all = self.murmur();
        for laid in &self.laid {
            let until = laid.ended.unwrap_or(self.now);
            for (n, own) in self.said(laid).into_iter().enumerate() {
                self.repeat(&mut all, (plus_s(laid.since, i64::try_from(n).unwrap_or(0)), until), &own);
            }
            if let (Some(ended), Trouble::ServiceDown | Trouble::UpstreamErrors) = (laid.ended, &laid.trouble) {
                let text = format!("Started {} - started again by hand.", self.main_unit());
                all.push(Entry { at: ended, priority: 6, unit: self.main_unit(), program: "systemd", pid: 1, text });
            }
        }
        all.sort_by_key(|entry| entry.at);
        all
    }

    fn repeat(&self, all: &mut Vec<Entry>, (since, until): (Timestamp, Timestamp), own: &Saying) {
        let pid = self.processes().iter().find(|p| p.unit == own.unit).map_or(812, |p| p.pid);
        let pid = if own.program == "systemd" { 1 } else { pid };
        let mut at = since;
        for _ in 0..MOST {
            if at > until {
                return;
            }
            let Saying { unit, program, priority, .. } = *own;
            all.push(Entry { at, priority, unit, program, pid, text: own.text.clone() });
            if own.every_s == 0 {
                return;
            }
            at = plus_s(at, own.every_s);
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
