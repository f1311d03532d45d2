//! The commands of a simulated machine, one file a family: each writes what the real tool of that distribution writes about the machine's
//! state. A command that stands in no list here is not installed, and the shell says so.

mod awk;
mod basic;
mod database;
mod docker;
mod files;
mod grep;
mod java;
mod lists;
mod logs;
mod network;
mod numbers;
pub(super) mod options;
mod packages;
mod print;
mod processes;
mod sed;
mod services;
mod sockets;
mod storage;
mod system;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod web;

use std::collections::BTreeMap;

use super::cast::Role;
use super::machine::Machine;
use super::machine::disk::Disk;
use super::machine::distro::Distro;
use super::shell::{Beat, Input};
use options::Options;

/// A command that is being run.
pub(super) struct Call<'a, 'm> {
    /// The first one is the command's own name.
    pub args: Vec<String>,
    pub machine: &'m Machine,
    pub disk: &'a mut Disk<'m>,
    pub input: Input,
    pub user: String,
    pub environment: BTreeMap<String, String>,
    pub cwd: String,
    pub beats: Vec<Beat>,
}

pub(super) type Tool = fn(&mut Call<'_, '_>) -> i32;

impl Call<'_, '_> {
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.write(text.into().into_bytes());
    }

    pub(super) fn write(&mut self, bytes: Vec<u8>) {
        match self.beats.last_mut() {
            Some(Beat::Out(own)) => own.extend(bytes),
            _ => self.beats.push(Beat::Out(bytes)),
        }
    }

    pub(super) fn line(&mut self, text: impl Into<String>) {
        self.say(text.into() + "\n");
    }

    /// On the stream for errors, after the command's name.
    pub(super) fn complain(&mut self, text: &str) {
        let name = self.args.first().cloned().unwrap_or_default();
        self.error(&format!("{name}: {text}"));
    }

    pub(super) fn error(&mut self, text: &str) {
        self.beats.push(Beat::Err(format!("{text}\n").into_bytes()));
    }

    pub(super) fn pause(&mut self, ms: u64) {
        self.beats.push(Beat::Pause(ms));
    }

    /// Options anywhere; `valued` ones have a word of their own.
    pub(super) fn options(&self, valued: &[&str]) -> Options {
        Options::gather(&self.args[1..], valued)
    }

    pub(super) fn is_root(&self) -> bool {
        self.user == "root"
    }

    /// What stands in these files, or what comes by the input without one. A file that cannot be read is complained of.
    pub(super) fn texts(&mut self, files: &[String]) -> (Vec<(String, Vec<u8>)>, bool) {
        if files.is_empty() {
            return (vec![("-".to_owned(), self.input.rest())], true);
        }
        let (mut all, mut is_good) = (Vec::new(), true);
        for file in files {
            if file == "-" {
                all.push((file.clone(), self.input.rest()));
                continue;
            }
            match self.disk.read(&self.cwd, file, &self.user) {
                Ok(bytes) => all.push((file.clone(), bytes)),
                Err(problem) => {
                    let says = if self.machine.distro.is_busybox() {
                        format!("can't open '{file}': {problem}")
                    } else {
                        format!("{file}: {problem}")
                    };
                    self.complain(&says);
                    is_good = false;
                }
            }
        }
        (all, is_good)
    }
}

/// Tools that are made of other projects say so when they are asked for their version; busybox's do not know the question.
const OF_GNU: [(&str, &str); 9] = [
    ("ps", "ps from procps-ng 4.0.2"),
    ("top", "top from procps-ng 4.0.2"),
    ("free", "free from procps-ng 4.0.2"),
    ("df", "df (GNU coreutils) 9.1"),
    ("ls", "ls (GNU coreutils) 9.1"),
    ("date", "date (GNU coreutils) 9.1"),
    ("sort", "sort (GNU coreutils) 9.1"),
    ("grep", "grep (GNU grep) 3.8"),
    ("sed", "sed (GNU sed) 4.9"),
];

/// Answers `NAME --version`; none: it is asked for something else.
pub(super) fn version(call: &mut Call<'_, '_>) -> Option<i32> {
    if call.args.len() != 2 || call.args[1] != "--version" {
        return None;
    }
    let (_, own) = OF_GNU.iter().find(|(name, _)| call.args[0] == *name)?;
    if call.machine.distro.is_busybox() {
        call.complain("unrecognized option: version");
        return Some(1);
    }
    call.line(*own);
    Some(0)
}

/// Where a command is installed.
#[derive(Clone, Copy)]
enum Here {
    Everywhere,
    /// Not on Alpine.
    Systemd,
    Debian,
    Rpm,
    Alpine,
    On(Role),
    /// With the database's server.
    Database,
}

type Line = (&'static str, Tool, Here);

fn is_here(machine: &Machine, here: Here) -> bool {
    match here {
        Here::Everywhere => true,
        Here::Systemd => machine.distro.has_systemd(),
        Here::Debian => machine.distro == Distro::Debian,
        Here::Rpm => machine.distro.has_rpm(),
        Here::Alpine => machine.distro == Distro::Alpine,
        Here::On(role) => machine.role == role,
        Here::Database => machine.role == Role::Mysql || machine.role == Role::Batch,
    }
}

/// Commands that run others; the shell itself does that.
const WRAPPERS: [&str; 18] = [
    "ash", "bash", "busybox", "dash", "env", "ionice", "nice", "nohup", "runuser", "setsid", "sh", "stdbuf", "su",
    "sudo", "time", "timeout", "xargs", "chronic",
];

fn has_wrapper(machine: &Machine, name: &str) -> bool {
    let is_busybox = machine.distro.is_busybox();
    match name {
        "bash" | "stdbuf" | "runuser" => !is_busybox,
        "busybox" | "ash" => is_busybox,
        "dash" => machine.distro == Distro::Debian,
        "chronic" => false,
        _ => WRAPPERS.contains(&name),
    }
}

/// The command's plain name when it is installed here.
pub(super) fn named(machine: &Machine, name: &str) -> Option<String> {
    let plain = match name.rsplit_once('/') {
        None => name,
        Some((folder, plain))
            if ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/pgsql-16/bin"].contains(&folder) =>
        {
            plain
        }
        Some(_) => return None,
    };
    if machine.missing.iter().any(|own| own == plain) {
        return None;
    }
    let is_known = has_wrapper(machine, plain) || lists::line(machine, plain).is_some();
    is_known.then(|| plain.to_owned())
}

pub(super) fn find(name: &str) -> Option<Tool> {
    lists::any(name)
}

/// As `command -v` says it.
pub(super) fn place(machine: &Machine, name: &str) -> Option<String> {
    let plain = named(machine, name)?;
    let is_system = [
        "ip",
        "ss",
        "sysctl",
        "nginx",
        "apachectl",
        "service",
        "rc-service",
        "rc-status",
        "hwclock",
        "ethtool",
        "ifconfig",
        "route",
        "arp",
    ]
    .contains(&plain.as_str());
    let folder = match (is_system, machine.distro.is_busybox()) {
        (true, true) => "/sbin",
        (true, false) => "/usr/sbin",
        (false, true) => "/bin",
        (false, false) => "/usr/bin",
    };
    Some(format!("{folder}/{plain}"))
}
