//! Commands that tell of a change, in a runbook that only looks. A list of what is known to write: it catches slips, it is no
//! jail. Who may do what on a host is for the account there to say.

use super::shell::{Command, Redirect};

/// What gives a command away.
enum Tells {
    Always,
    /// One of these words among its arguments.
    Word(&'static [&'static str]),
    /// An argument that begins so.
    Start(&'static [&'static str]),
}
use Tells::{Always, Start, Word};

const SERVICE: &[&str] =
    &["start", "stop", "restart", "reload", "force-reload", "try-restart", "condrestart", "reload-or-restart"];
const PACKAGES: &[&str] = &[
    "add",
    "autoremove",
    "clean",
    "del",
    "dist-upgrade",
    "downgrade",
    "erase",
    "full-upgrade",
    "install",
    "makecache",
    "purge",
    "reinstall",
    "remove",
    "update",
    "upgrade",
];
const CONTAINERS: &[&str] = &[
    "build", "commit", "cp", "create", "down", "exec", "import", "kill", "load", "login", "pause", "prune", "pull",
    "push", "rename", "restart", "rm", "rmi", "run", "start", "stop", "tag", "unpause", "up", "update",
];
const FIREWALL: &[&str] =
    &["-A", "-D", "-E", "-F", "-I", "-N", "-P", "-R", "-X", "-Z", "--flush", "--delete", "--append"];

const KNOWN: &[(&[&str], Tells)] = &[
    (
        &[
            "rm",
            "rmdir",
            "unlink",
            "shred",
            "mv",
            "cp",
            "ln",
            "install",
            "mkdir",
            "mkfifo",
            "mknod",
            "touch",
            "truncate",
            "dd",
            "tee",
            "chmod",
            "chown",
            "chgrp",
            "chattr",
            "setfacl",
            "fallocate",
            "split",
        ],
        Always,
    ),
    (&["kill", "killall", "pkill", "skill", "reboot", "shutdown", "halt", "poweroff", "init", "telinit"], Always),
    (&["mkfs", "mkswap", "swapon", "swapoff", "parted", "umount", "insmod", "rmmod", "modprobe", "fsck"], Always),
    (&["useradd", "userdel", "usermod", "groupadd", "passwd", "chpasswd", "visudo", "adduser", "deluser"], Always),
    (&["scp", "sftp", "rsync", "at", "batch", "wall", "write", "logger", "logrotate", "patch"], Always),
    (&["service", "rc-service", "initctl", "supervisorctl"], Word(SERVICE)),
    (&["systemctl"], Word(SERVICE)),
    (
        &["systemctl"],
        Word(&[
            "kill",
            "enable",
            "disable",
            "mask",
            "unmask",
            "daemon-reload",
            "daemon-reexec",
            "reset-failed",
            "isolate",
            "set-property",
            "edit",
            "poweroff",
            "reboot",
            "rescue",
            "emergency",
        ]),
    ),
    (&["apt", "apt-get", "aptitude", "yum", "dnf", "apk", "zypper", "snap", "pip", "npm", "gem"], Word(PACKAGES)),
    (&["dpkg"], Word(&["-i", "--install", "-r", "--remove", "-P", "--purge", "--configure"])),
    (&["rpm"], Start(&["-U", "-e", "-F", "-i", "--install", "--erase", "--upgrade"])),
    (&["docker", "podman", "nerdctl", "docker-compose", "crictl"], Word(CONTAINERS)),
    (
        &["kubectl"],
        Word(&["apply", "create", "delete", "drain", "edit", "exec", "patch", "replace", "rollout", "scale", "cordon"]),
    ),
    (&["sysctl"], Start(&["-w", "-p", "--write", "--system", "--load"])),
    (&["ip"], Word(&["add", "append", "change", "del", "delete", "flush", "replace", "set"])),
    (&["iptables", "ip6tables", "ebtables"], Word(FIREWALL)),
    (&["nft"], Word(&["add", "create", "delete", "destroy", "flush", "insert", "replace", "reset"])),
    (&["tc"], Word(&["add", "change", "del", "delete", "replace"])),
    (&["crontab"], Start(&["-e", "-r", "-i"])),
    (&["sed"], Start(&["-i", "--in-place"])),
    (&["find"], Start(&["-delete", "-fprint", "-fls", "-ok"])),
    (&["journalctl"], Start(&["--vacuum", "--rotate", "--flush", "--sync", "--setup-keys"])),
    (&["dmesg"], Word(&["-c", "-C", "-n", "--clear", "--read-clear", "--console-off"])),
    (&["date"], Start(&["-s", "--set"])),
    (&["hwclock"], Start(&["-w", "-s", "--systohc", "--hctosys", "--set"])),
    (&["timedatectl", "hostnamectl", "localectl"], Start(&["set-"])),
    (&["loginctl"], Start(&["terminate-", "kill-", "enable-", "disable-"])),
    (&["chronyc"], Word(&["add", "burst", "delete", "makestep", "offline", "online", "reset", "shutdown"])),
    (&["nginx"], Start(&["-s"])),
    (
        &["apachectl", "apache2ctl", "httpd", "apache2"],
        Word(&["-k", "start", "stop", "restart", "graceful", "graceful-stop"]),
    ),
    (&["redis-cli", "valkey-cli"], Word(REDIS)),
    (
        &["mysqladmin", "mariadb-admin"],
        Start(&["create", "drop", "flush", "kill", "password", "refresh", "reload", "shutdown"]),
    ),
    (&["pg_ctl", "pg_ctlcluster"], Word(&["start", "stop", "restart", "reload", "promote", "kill"])),
    (&["jcmd"], Start(&["GC.run", "GC.heap_dump", "JFR.", "VM.set_flag", "Thread.dump_to_file", "ManagementAgent."])),
    (&["jmap"], Start(&["-dump", "-histo:live", "-F"])),
    (
        &["aws"],
        Start(&["create-", "delete-", "modify-", "put-", "reboot-", "start-", "stop-", "terminate-", "update-"]),
    ),
    (&["git"], Word(&["checkout", "clean", "commit", "merge", "pull", "push", "rebase", "reset", "stash"])),
    (&["tcpdump"], Start(&["-w"])),
];

const REDIS: &[&str] = &[
    "SET",
    "DEL",
    "UNLINK",
    "EXPIRE",
    "FLUSHALL",
    "FLUSHDB",
    "SHUTDOWN",
    "SAVE",
    "BGSAVE",
    "BGREWRITEAOF",
    "REPLICAOF",
    "SLAVEOF",
    "FAILOVER",
    "EVAL",
    "DEBUG",
    "RESETSTAT",
    "REWRITE",
    "KILL",
    "RESET",
    "MONITOR",
    "KEYS",
];
const DATABASES: [&str; 4] = ["mysql", "mariadb", "psql", "sqlite3"];
const STATEMENTS: [&str; 17] = [
    "alter",
    "call",
    "checkpoint",
    "create",
    "delete",
    "drop",
    "flush",
    "grant",
    "insert",
    "kill",
    "lock",
    "purge",
    "replace",
    "revoke",
    "truncate",
    "update",
    "vacuum",
];
/// What stands before a command and is not the command.
const PREFIXES: [&str; 14] = [
    "sudo", "doas", "$SUDO", "nice", "ionice", "timeout", "env", "nohup", "command", "exec", "time", "setsid", "xargs",
    "stdbuf",
];

/// Shells, by which commands run that can't be looked into here.
const SHELLS: [&str; 8] = ["eval", "sh", "bash", "dash", "ksh", "zsh", "su", "ssh"];

/// What in this command tells of a change.
pub(super) fn tells(command: &Command) -> Option<String> {
    if let Some(file) = command.redirects.iter().find_map(written) {
        return Some(format!("it writes to {file}"));
    }
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    (0..words.len()).filter(|at| begins(&words, *at)).find_map(|at| told(&words[at..]))
}

fn written(redirect: &Redirect) -> Option<&str> {
    let target = redirect.target.as_str();
    let harmless = target.starts_with("/dev/null") || matches!(target, "/dev/stderr" | "/dev/stdout" | "/dev/tty");
    let is_descriptor = redirect.operator == ">&" && target.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    (redirect.operator.contains('>') && !harmless && !is_descriptor).then_some(target)
}

/// Whether a command's name stands here: the first word, or what a prefix or find's -exec runs.
pub(super) fn begins(words: &[&str], at: usize) -> bool {
    let before = &words[..at];
    if before.last().is_some_and(|word| matches!(*word, "-exec" | "-execdir")) {
        return true;
    }
    let is_option = |word: &&str| word.starts_with('-') || is_assignment(word) || is_amount(word);
    let mut rest = before.iter().filter(|word| !is_option(word));
    rest.all(|word| PREFIXES.contains(word)) && !is_assignment(words[at])
}

pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// `10`, `5s`: what nice and timeout take.
fn is_amount(word: &str) -> bool {
    let digits = word.trim_end_matches(['s', 'm', 'h']);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// `words` begins with a command's name.
fn told(words: &[&str]) -> Option<String> {
    let (first, arguments) = words.split_first()?;
    let name = first.rsplit('/').next().unwrap_or(first);
    if SHELLS.contains(&name) || name.starts_with("mkfs.") {
        return Some(format!("{name} runs or writes what can't be looked into"));
    }
    let known = KNOWN.iter().filter(|(names, _)| names.contains(&name));
    let by_list = known.map(|(_, tells)| match tells {
        Always => Some(String::new()),
        Word(list) => arguments.iter().find(|a| list.iter().any(|w| a == &w)).map(|a| format!(" {a}")),
        Start(list) => arguments.iter().find(|a| list.iter().any(|w| a.starts_with(w))).map(|a| format!(" {a}")),
    });
    let found = by_list.flatten().next().or_else(|| of_its_own(name, arguments).map(|a| format!(" {a}")));
    found.map(|argument| format!("{name}{argument} writes"))
}

/// Commands for which no list of words will do.
fn of_its_own(name: &str, arguments: &[&str]) -> Option<String> {
    match name {
        "curl" => curl(arguments),
        "wget" => wget(arguments),
        "mount" => mount(arguments),
        name if DATABASES.contains(&name) => arguments.iter().find_map(|argument| statement(argument)),
        name if name.contains("awk") => {
            let program = arguments.iter().find(|a| a.contains("system(") || a.contains("inplace"));
            program.map(|_| "with system() or inplace".to_owned())
        }
        _ => None,
    }
}

/// Alone, or with nothing but options of listing and a type, it lists.
fn mount(arguments: &[&str]) -> Option<String> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "-l" | "-v" => {}
            "-t" => drop(rest.next()),
            other => return Some(other.to_owned()),
        }
    }
    None
}

fn statement(argument: &str) -> Option<String> {
    let starts = argument.split(';').filter_map(|part| part.split_whitespace().next());
    let mut words = starts.map(str::to_ascii_lowercase);
    words.find(|word| STATEMENTS.contains(&word.as_str()))
}

/// Asking AWS for the token with which its metadata is read takes a PUT and changes nothing.
fn curl(arguments: &[&str]) -> Option<String> {
    if arguments.iter().any(|a| a.contains("169.254.169.254/latest/api/token") || a.contains("fd00:ec2::254")) {
        return None;
    }
    let sends = |a: &str| {
        let letters = a.strip_prefix('-').into_iter().flat_map(|a| a.chars().take_while(char::is_ascii_alphabetic));
        letters.into_iter().any(|c| matches!(c, 'd' | 'F' | 'T'))
            || a.starts_with("--data")
            || a.starts_with("--form")
            || a.starts_with("--upload")
            || a.starts_with("--json")
    };
    let verb = |a: &&&str| ["POST", "PUT", "PATCH", "DELETE"].iter().any(|verb| a.trim_start_matches("-X") == *verb);
    let output = arguments.windows(2).find(|pair| is_output(pair[0]) && pair[1] != "/dev/null" && pair[1] != "-");
    arguments
        .iter()
        .find(verb)
        .or_else(|| arguments.iter().find(|a| sends(a) || **a == "-O" || **a == "--remote-name"))
        .or_else(|| output.and_then(|pair| pair.first()))
        .map(|a| (*a).to_owned())
}

fn is_output(argument: &str) -> bool {
    argument == "--output" || argument.starts_with('-') && !argument.starts_with("--") && argument.ends_with('o')
}

fn wget(arguments: &[&str]) -> Option<String> {
    let reads = arguments.iter().any(|a| matches!(*a, "--spider" | "-O-" | "-qO-" | "-O/dev/null"))
        || arguments.windows(2).any(|pair| pair[0].ends_with('O') && matches!(pair[1], "-" | "/dev/null"));
    let sends =
        arguments.iter().find(|a| a.starts_with("--post") || a.starts_with("--body") || a.starts_with("--method"));
    sends.map(|a| (*a).to_owned()).or_else(|| (!reads).then(|| "into a file".to_owned()))
}

/// The commands that a script runs by `$SUDO`, each once.
pub(super) fn with_sudo(script: &super::shell::Script) -> Vec<String> {
    let mut found: Vec<String> = script.commands.iter().filter_map(by_sudo).map(|word| word.text.clone()).collect();
    found.retain(|name| is_plain(name));
    found.sort();
    found.dedup();
    found
}

fn by_sudo(command: &Command) -> Option<&super::shell::Word> {
    command.words.iter().skip_while(|word| word.text != "$SUDO").nth(1)
}

/// Where something stands after `$SUDO` of which the host could not be asked whether it is allowed.
pub(super) fn unclear_sudo(script: &super::shell::Script) -> Option<usize> {
    script.commands.iter().filter_map(by_sudo).find(|word| !is_plain(&word.text)).map(|word| word.at)
}

fn is_plain(name: &str) -> bool {
    !name.starts_with('-') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
}
