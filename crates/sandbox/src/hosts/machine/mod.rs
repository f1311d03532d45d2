//! A simulated machine at one instant: a pure function of who it is, of the seed, of the time and of the troubles that lie over it. Each
//! part (disks, processes, logs…) is worked out when somebody looks; nothing is stored and nothing waits.

pub(super) mod database;
pub(super) mod disk;
pub(super) mod distro;
pub(super) mod docker;
mod etc;
mod files;
pub(super) mod journal;
mod kernel;
pub(super) mod memory;
pub(super) mod mounts;
pub(super) mod net;
pub(super) mod packages;
mod proc_files;
pub(super) mod process;
mod said;
pub(super) mod secrets;
pub(super) mod socket;
pub(super) mod units;
mod weblog;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::cast::{Role, Spec};
use super::trouble::{Laid, Trouble};
use crate::clock::plus_s;
use crate::dice::Dice;
use distro::Distro;
use secrets::Secrets;

/// The account that the world's client key opens.
pub(super) const USER: &str = "diag";

#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub spec: Spec,
    pub distro: Distro,
    pub role: Role,
    /// The true time; what the host's own clock says is `clock`.
    pub now: Timestamp,
    pub boot: Timestamp,
    pub seed: u64,
    pub laid: Vec<Laid>,
    pub secrets: Secrets,
    pub sudo_works: bool,
    /// Commands that are not installed here, though they usually are.
    pub missing: Vec<String>,
    /// Nothing can be written any more, whatever `df` says.
    pub no_space: bool,
}

impl Machine {
    pub(super) fn new(spec: &Spec, seed: u64, now: Timestamp, laid: Vec<Laid>) -> Self {
        let seed =
            spec.name.bytes().fold(seed ^ 0xC0_57, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3));
        let mut dice = Dice::new(seed);
        // Hosts are up for days or months, and stay up while somebody looks.
        let week = Timestamp::from_second(now.as_second().div_euclid(604_800) * 604_800).unwrap_or(now);
        let boot = plus_s(week, -dice.between(2 * 86_400, 190 * 86_400));
        Self {
            distro: spec.distro,
            role: spec.role,
            spec: spec.clone(),
            now,
            boot,
            seed,
            laid,
            secrets: Secrets::new(&mut dice),
            sudo_works: true,
            missing: Vec::new(),
            no_space: false,
        }
    }

    /// Dice that fall the same way whenever they are thrown for the same thing.
    pub(super) fn dice(&self, what: &str) -> Dice {
        let seed = what.bytes().fold(self.seed, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3));
        Dice::new(seed)
    }

    /// From 0 to 1, slowly up and down: one swing takes about `period_s`.
    pub(super) fn wave(&self, what: &str, period_s: i64) -> f64 {
        let (turn, rest) = (self.now.as_second().div_euclid(period_s), self.now.as_second().rem_euclid(period_s));
        let at = |n: i64| self.dice(&format!("{what}/{n}")).below(10_000) as f64 / 10_000.0;
        let share = rest as f64 / period_s as f64;
        let eased = (1.0 - (share * std::f64::consts::PI).cos()) / 2.0;
        at(turn) * (1.0 - eased) + at(turn + 1) * eased
    }

    /// The troubles that lie over it now.
    pub(super) fn troubles(&self) -> impl Iterator<Item = &Trouble> {
        self.laid.iter().filter(|own| own.ended.is_none()).map(|own| &own.trouble)
    }

    pub(super) fn suffers(&self, is_it: impl Fn(&Trouble) -> bool) -> bool {
        self.troubles().any(is_it)
    }

    pub(super) fn has(&self, trouble: &Trouble) -> bool {
        self.suffers(|own| own == trouble)
    }

    /// How wrong its clock is.
    pub(super) fn clock_off_s(&self) -> i64 {
        let off =
            self.troubles().find_map(|t| if let Trouble::ClockOff { seconds } = t { Some(*seconds) } else { None });
        off.unwrap_or(0)
    }

    pub(super) fn clock(&self) -> Timestamp {
        plus_s(self.now, self.clock_off_s())
    }

    pub(super) fn uptime_s(&self) -> i64 {
        self.now.duration_since(self.boot).as_secs().max(0)
    }

    /// Containers' hosts keep universal time, all others Japan's.
    pub(super) fn is_utc(&self) -> bool {
        self.distro == Distro::Alpine
    }

    pub(super) fn zone(&self) -> TimeZone {
        if self.is_utc() { TimeZone::UTC } else { TimeZone::fixed(Offset::constant(9)) }
    }

    pub(super) fn zone_name(&self) -> &'static str {
        if self.is_utc() { "UTC" } else { "JST" }
    }

    /// An instant in the host's zone; `%Z` is the zone's name.
    pub(super) fn time(&self, at: Timestamp, format: &str) -> String {
        let format = format.replace("%Z", self.zone_name());
        at.to_zoned(self.zone()).strftime(&format).to_string()
    }

    /// 1, 5 and 15 minutes.
    pub(super) fn load(&self) -> [f64; 3] {
        let cores = f64::from(self.spec.cores);
        let base = cores * (0.08 + 0.3 * self.wave("load", 240));
        let extra: f64 = self.troubles().map(|trouble| load_of(trouble, cores)).fold(0.0, f64::max);
        let slow = cores * (0.08 + 0.3 * self.wave("load", 1800));
        [base + extra, (base + slow) / 2.0 + extra * 0.93, slow + extra * 0.71]
    }

    pub(super) fn has_user(&self, user: &str) -> bool {
        etc::users(self).iter().any(|(name, ..)| *name == user)
    }

    pub(super) fn home(&self, user: &str) -> String {
        etc::users(self).iter().find(|(name, ..)| *name == user).map_or("/", |(_, _, _, home, _)| *home).to_owned()
    }

    pub(super) fn environment(&self, user: &str) -> Vec<(String, String)> {
        let home = self.home(user);
        let own = [
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            ("HOME", &home),
            ("USER", user),
            ("LOGNAME", user),
            ("SHELL", if self.distro.is_busybox() { "/bin/ash" } else { "/bin/bash" }),
            ("PWD", &home),
            ("LANG", if self.distro.is_busybox() { "C.UTF-8" } else { "ja_JP.UTF-8" }),
            ("SSH_CONNECTION", "10.20.0.5 52114 10.20.0.1 22"),
        ];
        own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    pub(super) fn sudo_rights(&self, user: &str) -> String {
        format!("User {user} may run the following commands on {}:\n    (ALL) NOPASSWD: ALL\n", self.spec.hostname)
    }

    /// The next number that a new process gets.
    pub(super) fn next_pid(&self) -> u32 {
        40_000 + u32::try_from(self.now.as_second().rem_euclid(50_000)).unwrap_or(0) * 8
    }

    pub(super) fn fqdn(&self) -> String {
        let customer = self.spec.customer.unwrap_or("noc");
        format!("{}.{customer}.example.com", self.spec.hostname)
    }
}

fn load_of(trouble: &Trouble, cores: f64) -> f64 {
    match trouble {
        Trouble::HighLoad => cores * 3.4,
        Trouble::HeapFull | Trouble::Oom => cores * 1.9,
        Trouble::SlowQueries | Trouble::DbConnections => cores * 1.5,
        Trouble::DbLocked | Trouble::DiskFull { percent: 100.. } => cores * 0.9,
        _ => 0.0,
    }
}
