//! Commands that run other commands: `sudo`, `timeout`, `env`, `xargs`, a shell within the shell. Each runs them on the same machine.

use super::run::{Io, Shell, Stop};
use super::{Beat, Input, length_ms};
use crate::hosts::tools::options::{Options, duration_ms, number};

type Done = Result<i32, Stop>;

const BUILTINS: [&str; 35] = [
    ".", ":", "[", "alias", "break", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export", "false",
    "getopts", "hash", "kill", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift", "test", "times",
    "trap", "true", "type", "ulimit", "umask", "unalias", "unset", "wait",
];
/// What a timed-out command ends with.
const TIMED_OUT: i32 = 124;

pub(super) fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name)
}

impl Shell<'_> {
    /// None: it runs no other command.
    pub(super) fn wrapper(&mut self, name: &str, args: &[String], io: &mut Io) -> Option<Done> {
        let rest = &args[1..];
        Some(match name {
            "sudo" | "doas" => self.sudo(rest, io),
            "su" | "runuser" => self.become_user(rest, io),
            "timeout" => self.timeout(rest, io),
            "nice" => self.after_options(rest, &["-n", "--adjustment"], io),
            "ionice" => self.after_options(rest, &["-c", "-n", "-t", "--class", "--classdata"], io),
            "nohup" | "setsid" | "time" | "chronic" => self.after_options(rest, &[], io),
            "stdbuf" => self.after_options(rest, &["-o", "-e", "-i"], io),
            "env" => self.env(rest, io),
            "xargs" => self.xargs(rest, io),
            "sh" | "bash" | "dash" | "ash" => Ok(self.inner_shell(rest, io)),
            "busybox" => self.after_options(rest, &[], io),
            _ => return None,
        })
    }

    /// Runs what stands behind the options; `valued` ones have a word of their own.
    fn after_options(&mut self, args: &[String], valued: &[&str], io: &mut Io) -> Done {
        match Options::read(args, valued).operands() {
            [] => Ok(0),
            words => self.run_words(words.to_vec(), io),
        }
    }

    pub(super) fn run_words(&mut self, words: Vec<String>, io: &mut Io) -> Done {
        let name = words[0].clone();
        // Builtins that only the shell itself has are no programs.
        if matches!(name.as_str(), "echo" | "printf" | "test" | "[" | "true" | "false" | "pwd" | "kill") {
            return self.call(&name, words, io);
        }
        self.program(&name, words, io)
    }

    fn sudo(&mut self, args: &[String], io: &mut Io) -> Done {
        let options = Options::read(args, &["-u", "-g", "-U", "-p", "-C", "-h"]);
        let user = options.value("-u").unwrap_or("root").to_owned();
        if !self.machine.sudo_works && self.user != "root" {
            io.err("sudo: a password is required");
            return Ok(1);
        }
        if options.has("-l") || options.has("-v") {
            if options.has("-l") {
                io.beats.push(Beat::Out(self.machine.sudo_rights(&self.user).into_bytes()));
            }
            return Ok(0);
        }
        let mut words = options.operands().to_vec();
        while words.first().is_some_and(|own| own.contains('=')) {
            words.remove(0);
        }
        if words.is_empty() {
            io.err("usage: sudo -h | -K | -k | -V");
            return Ok(1);
        }
        self.as_user(&user, |shell, io| shell.run_words(words, io), io)
    }

    fn as_user(&mut self, user: &str, work: impl FnOnce(&mut Self, &mut Io) -> Done, io: &mut Io) -> Done {
        if !self.machine.has_user(user) {
            io.err(&format!("sudo: unknown user {user}"));
            return Ok(1);
        }
        let before = std::mem::replace(&mut self.user, user.to_owned());
        let done = self.apart(|shell| work(shell, io));
        self.user = before;
        done
    }

    fn become_user(&mut self, args: &[String], io: &mut Io) -> Done {
        let options = Options::read(args, &["-c", "-s", "-u", "--command", "--shell"]);
        if self.user != "root" {
            io.err("su: Authentication failure");
            return Ok(1);
        }
        let named = options.value("-u").map(str::to_owned);
        let mut words: Vec<String> = options.operands().iter().filter(|own| *own != "-").cloned().collect();
        let user = match named {
            Some(user) => user,
            None if words.is_empty() => "root".to_owned(),
            None => words.remove(0),
        };
        match options.value("-c").map(str::to_owned) {
            Some(text) => self.as_user(&user, |shell, io| Ok(shell.source(&text, io)), io),
            None if words.is_empty() => Ok(0),
            None => self.as_user(&user, |shell, io| shell.run_words(words, io), io),
        }
    }

    fn timeout(&mut self, args: &[String], io: &mut Io) -> Done {
        let options = Options::read(args, &["-k", "-s", "--kill-after", "--signal", "-t"]);
        let (limit, words) = match (options.value("-t"), options.operands()) {
            (Some(limit), words) => (limit.to_owned(), words.to_vec()),
            (None, [limit, words @ ..]) => (limit.clone(), words.to_vec()),
            (None, []) => (String::new(), Vec::new()),
        };
        let (Some(limit_ms), false) = (duration_ms(&limit), words.is_empty()) else {
            io.err(&format!("timeout: invalid time interval '{limit}'"));
            return Ok(125);
        };
        let mut own = Io::new(io.input.clone());
        let done = self.run_words(words, &mut own);
        if length_ms(&own.beats) <= limit_ms {
            io.beats.append(&mut own.beats);
            return done;
        }
        io.beats.extend(cut_at(own.beats, limit_ms));
        Ok(TIMED_OUT)
    }

    fn env(&mut self, args: &[String], io: &mut Io) -> Done {
        let options = Options::read(args, &["-u", "-C"]);
        let words = options.operands().to_vec();
        let split = words.iter().position(|own| !own.contains('=')).unwrap_or(words.len());
        self.apart(|shell| {
            if options.has("-i") {
                for name in shell.vars.exported().keys() {
                    shell.vars.unset(name);
                }
            }
            for (name, value) in words[..split].iter().filter_map(|own| own.split_once('=')) {
                shell.vars.set(name, value);
                shell.vars.export(name);
            }
            if split < words.len() {
                return shell.run_words(words[split..].to_vec(), io);
            }
            for (name, value) in shell.vars.exported() {
                io.beats.push(Beat::Out(format!("{name}={value}\n").into_bytes()));
            }
            Ok(0)
        })
    }

    fn xargs(&mut self, args: &[String], io: &mut Io) -> Done {
        let options = Options::read(args, &["-n", "-I", "-P", "-d", "-L", "-s"]);
        let base = if options.operands().is_empty() { vec!["echo".to_owned()] } else { options.operands().to_vec() };
        let text = String::from_utf8_lossy(&io.input.rest()).into_owned();
        let words: Vec<String> =
            match (options.has("-0"), options.value("-I").is_some() || options.value("-d").is_some()) {
                (true, _) => text.split('\0').filter(|w| !w.is_empty()).map(str::to_owned).collect(),
                (_, true) => text.lines().map(|line| line.trim().to_owned()).filter(|w| !w.is_empty()).collect(),
                _ => text.split_whitespace().map(|w| w.trim_matches(['"', '\'']).to_owned()).collect(),
            };
        if words.is_empty()
            && (options.has("-r") || options.has("--no-run-if-empty") || self.machine.distro.is_busybox())
        {
            return Ok(0);
        }
        let each = number(options.value("-n")).unwrap_or(usize::MAX).max(1);
        let mut status = 0;
        let calls: Vec<Vec<String>> = match options.value("-I") {
            Some(mark) => words.iter().map(|word| base.iter().map(|own| own.replace(mark, word)).collect()).collect(),
            None if words.is_empty() => vec![base],
            None => words.chunks(each).map(|some| [base.as_slice(), some].concat()).collect(),
        };
        for call in calls {
            let mut own = Io::new(Input::of(Vec::new()));
            if self.run_words(call, &mut own)? != 0 {
                status = 123;
            }
            io.beats.append(&mut own.beats);
        }
        Ok(status)
    }

    /// `sh -c TEXT NAME ARGS`, `sh FILE ARGS`, or a script that comes by the way of the input.
    fn inner_shell(&mut self, args: &[String], io: &mut Io) -> i32 {
        let mut rest = args;
        let (mut flags, mut from_text) = (Vec::new(), false);
        while let Some((first, after)) = rest.split_first() {
            if first == "--" || first == "-" {
                rest = after;
                break;
            }
            if !first.starts_with(['-', '+']) {
                break;
            }
            from_text |= first.starts_with('-') && !first.starts_with("--") && first.contains('c');
            flags.push(first.clone());
            rest = if first == "-o" { after.get(1..).unwrap_or_default() } else { after };
        }
        let reads_input = flags.iter().any(|own| own.contains('s') && !own.starts_with("--"));
        let (text, name, args) = match rest.split_first() {
            Some((text, after)) if from_text => {
                let name = after.first().cloned().unwrap_or_else(|| "sh".into());
                (text.clone(), name, after.get(1..).unwrap_or_default().to_vec())
            }
            Some((file, after)) if !reads_input => match self.disk.read(&self.cwd, file, &self.user) {
                Ok(bytes) => (String::from_utf8_lossy(&bytes).into_owned(), file.clone(), after.to_vec()),
                Err(problem) => {
                    io.err(&self.says(&self.machine.distro.cannot_open(file, problem)));
                    return 127;
                }
            },
            _ => (String::from_utf8_lossy(&io.input.rest()).into_owned(), "sh".into(), rest.to_vec()),
        };
        let pid = self.new_pid();
        let done = self.apart(|shell| {
            shell.vars.args = args;
            shell.vars.name = name;
            shell.vars.pid = pid;
            shell.functions.clear();
            shell.routes = None;
            (shell.vars.stops_on_error, shell.vars.refuses_unset) = (false, false);
            flags.iter().for_each(|flag| shell.vars.option(flag));
            Ok(shell.source(&text, io))
        });
        done.unwrap_or(137)
    }
}

fn cut_at(beats: Vec<Beat>, limit_ms: u64) -> Vec<Beat> {
    let (mut left, mut kept) = (limit_ms, Vec::new());
    for beat in beats {
        match beat {
            Beat::Pause(ms) if ms >= left => {
                kept.push(Beat::Pause(left));
                break;
            }
            Beat::Pause(ms) => {
                left -= ms;
                kept.push(Beat::Pause(ms));
            }
            other => kept.push(other),
        }
    }
    kept
}
