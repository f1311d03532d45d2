//! What each trouble makes a machine write into its journal. Says nothing of when; `journal.rs` repeats it.

use super::super::cast::Role;
use super::super::trouble::{Laid, Trouble};
use super::Machine;

/// A line that comes once, or again after so many seconds.
#[derive(Debug, Clone)]
pub(super) struct Saying {
    pub unit: &'static str,
    pub program: &'static str,
    /// As syslog has it: 3 is an error, 4 a warning.
    pub priority: u8,
    pub text: String,
    pub every_s: i64,
}

const ERROR: u8 = 3;
const WARNING: u8 = 4;
const AGENT: (&str, &str) = ("node-agent.service", "agent");

fn saying((unit, program): (&'static str, &'static str), priority: u8, text: impl Into<String>) -> Saying {
    Saying { unit, program, priority, text: text.into(), every_s: 0 }
}

impl Saying {
    fn every(self, every_s: i64) -> Self {
        Self { every_s, ..self }
    }
}

/// What systemd says of a unit whose main process has ended.
fn ended(unit: &'static str, how: &str, result: &str) -> Vec<Saying> {
    let by = (unit, "systemd");
    vec![
        saying(by, WARNING, format!("{unit}: Main process exited, {how}")),
        saying(by, WARNING, format!("{unit}: Failed with result '{result}'.")),
        saying(by, ERROR, format!("Failed to start {unit}.")),
    ]
}

impl Machine {
    pub(super) fn said(&self, laid: &Laid) -> Vec<Saying> {
        self.said_of_resources(&laid.trouble)
            .or_else(|| self.said_of_data(&laid.trouble))
            .unwrap_or_else(|| self.said_of_services(&laid.trouble))
    }

    fn main(&self) -> (&'static str, &'static str) {
        (self.main_unit(), self.main_program())
    }

    fn said_of_resources(&self, trouble: &Trouble) -> Option<Vec<Saying>> {
        let main = self.main();
        Some(match trouble {
            Trouble::DiskFull { percent } => self.said_of_disk(*percent),
            Trouble::InodesFull => vec![saying(main, ERROR, "write failed: No space left on device").every(61)],
            Trouble::Oom => {
                let killed = format!("{}: A process of this unit has been killed by the OOM killer.", main.0);
                vec![
                    saying((main.0, "systemd"), WARNING, killed),
                    saying(main, ERROR, "fork: Cannot allocate memory").every(47),
                ]
            }
            Trouble::HighLoad => {
                let deep = self.spec.cores * 31;
                vec![saying(main, WARNING, format!("request queue is {deep} deep, oldest waits 4812 ms")).every(30)]
            }
            Trouble::ClockOff { seconds } => {
                let by = (self.chrony_unit(), "chronyd");
                vec![
                    saying(by, WARNING, "Can't synchronise: no selectable sources").every(900),
                    saying(by, WARNING, format!("System clock wrong by {seconds}.412071 seconds")),
                ]
            }
            Trouble::PacketLoss => vec![saying(AGENT, WARNING, "send took 7120 ms, 3 retransmits").every(30)],
            Trouble::DnsBroken => {
                let why = "Temporary failure in name resolution";
                let upstream = format!("upstream https://svc:{}@api.example.com/v1: {why}", self.secrets.smtp_password);
                vec![
                    saying(AGENT, ERROR, format!("cannot send to monitor.example.com: {why}")).every(60),
                    saying(main, ERROR, upstream).every(41),
                ]
            }
            _ => return None,
        })
    }

    fn said_of_data(&self, trouble: &Trouble) -> Option<Vec<Saying>> {
        let main = self.main();
        let one = |priority, text: &str, every_s| Some(vec![saying(main, priority, text).every(every_s)]);
        match trouble {
            Trouble::DbLocked => {
                one(WARNING, "process 21877 still waiting for ShareLock on transaction 88412733 after 1000.112 ms", 33)
            }
            Trouble::DbConnections => one(ERROR, "FATAL:  sorry, too many clients already", 5),
            Trouble::SlowQueries => {
                one(WARNING, "duration: 8412.512 ms  statement: SELECT o.* FROM orders o WHERE o.sku LIKE '%0042%'", 21)
            }
            Trouble::ReplicationLag { seconds } => {
                one(WARNING, &format!("replication apply is {seconds} s behind the primary"), 60)
            }
            Trouble::QueueFull => one(WARNING, "queue 'orders' holds 18422 entries, consumers do not keep up", 45),
            _ => None,
        }
    }

    fn said_of_services(&self, trouble: &Trouble) -> Vec<Saying> {
        let main = self.main();
        match trouble {
            Trouble::ServiceDown => self.said_of_end(),
            Trouble::UpstreamErrors => ended("puma.service", "code=killed, status=9/KILL", "signal"),
            Trouble::CertExpired { days } if *days < 0 => {
                vec![saying(main, ERROR, "peer closed connection: certificate has expired").every(20)]
            }
            Trouble::CertExpired { .. } => {
                vec![saying(AGENT, WARNING, "certificate check: renewal failed, see certbot's log").every(3_600)]
            }
            Trouble::LinkDown => {
                let text = "giving up after 5 retransmits; peer 203.0.113.18 does not answer";
                vec![saying(("strongswan.service", "charon"), ERROR, text).every(95)]
            }
            Trouble::JobFailed { code } => self.said_of_job(*code),
            Trouble::HeapFull => {
                vec![saying(main, ERROR, "java.lang.OutOfMemoryError: GC overhead limit exceeded").every(29)]
            }
            Trouble::ContainerRestarting => {
                vec![saying(main, WARNING, "restarting container worker: exit status 137").every(40)]
            }
            _ => Vec::new(),
        }
    }

    fn said_of_disk(&self, percent: u8) -> Vec<Saying> {
        let path = self.data_path();
        let mut all = vec![saying(AGENT, WARNING, format!("disk {path} is at {percent}%")).every(300)];
        if percent >= 95 {
            let text = format!("error: error writing to {path}/log/big.log.1.gz: No space left on device");
            all.push(saying(("logrotate.service", "logrotate"), ERROR, text));
            all.extend(ended("logrotate.service", "code=exited, status=1/FAILURE", "exit-code"));
        }
        if percent >= 100 {
            all.push(saying(self.main(), ERROR, "write failed: No space left on device").every(20));
        }
        all
    }

    fn said_of_job(&self, code: u8) -> Vec<Saying> {
        let why = format!(
            "upload to s3://backup-example failed with AWS_SECRET_ACCESS_KEY={}: AccessDenied",
            self.secrets.aws_secret
        );
        let mut all = vec![saying(("backup.service", "backup"), ERROR, why)];
        all.extend(ended("backup.service", &format!("code=exited, status={code}/n/a"), "exit-code"));
        all
    }

    fn said_of_end(&self) -> Vec<Saying> {
        let main = self.main();
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
        let mut all = vec![saying(main, ERROR, why)];
        all.push(saying((main.0, "systemd"), WARNING, format!("{}: Start request repeated too quickly.", main.0)));
        all.extend(ended(main.0, "code=exited, status=1/FAILURE", "exit-code"));
        all
    }
}
