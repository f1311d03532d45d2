//! The builtins that touch the shell itself: variables, flow, directories. What only writes (`echo`, `test`) is a tool.

use super::run::{Io, Shell, Stop};
use super::wrap;
use crate::hosts::tools;

type Done = Result<i32, Stop>;

impl Shell<'_> {
    /// None: it is no builtin.
    pub(super) fn builtin(&mut self, name: &str, args: &[String], io: &mut Io) -> Option<Done> {
        let rest = &args[1..];
        let number = |n: usize| rest.get(n).and_then(|own| own.parse::<i32>().ok());
        let levels = u32::try_from(number(0).unwrap_or(1).max(1)).unwrap_or(1);
        Some(match name {
            ":" | "umask" | "hash" | "times" | "alias" | "unalias" | "trap" | "jobs" => Ok(0),
            "exit" => Err(Stop::Exit(number(0).unwrap_or(self.vars.last_status) & 0xff)),
            "return" => Err(Stop::Return(number(0).unwrap_or(self.vars.last_status))),
            "break" => Err(Stop::Break(levels)),
            "continue" => Err(Stop::Continue(levels)),
            "cd" => Ok(self.cd(rest, io)),
            "export" | "readonly" => Ok(self.export(rest)),
            "local" | "declare" | "typeset" => Ok(self.local(rest)),
            "unset" => {
                rest.iter().filter(|own| !own.starts_with('-')).for_each(|own| self.vars.unset(own));
                Ok(0)
            }
            "set" => Ok(self.set(rest, io)),
            "shift" => Ok(self.shift(number(0).unwrap_or(1))),
            "read" => Ok(self.read(rest, io)),
            "eval" => self.eval(&rest.join(" "), io),
            "." | "source" => Ok(self.dot(rest, io)),
            "wait" => Ok(self.wait_for(rest, io)),
            "kill" => Ok(self.kill(rest, io)),
            "command" | "builtin" => self.command_word(rest, io),
            "type" => Ok(self.tell_types(rest, io)),
            "exec" => match rest {
                [] => Ok(0),
                _ => self.program(&rest[0], rest.to_vec(), io).and_then(|status| Err(Stop::Exit(status))),
            },
            "getopts" | "ulimit" => Ok(self.limits(name, rest, io)),
            _ => return None,
        })
    }

    fn cd(&mut self, args: &[String], io: &mut Io) -> i32 {
        let to = args.iter().find(|own| !own.starts_with('-')).cloned();
        let to = to.or_else(|| self.vars.get("HOME")).unwrap_or_else(|| "/".into());
        let path = self.disk.absolute(&self.cwd, &to);
        if self.disk.is_folder(&path) {
            self.cwd = path;
            self.vars.set("PWD", self.cwd.clone());
            return 0;
        }
        io.err(&self.says(&format!("cd: can't cd to {to}")));
        2
    }

    fn export(&mut self, args: &[String]) -> i32 {
        for own in args.iter().filter(|own| !own.starts_with('-')) {
            let (name, value) = own.split_once('=').map_or((own.as_str(), None), |(n, v)| (n, Some(v)));
            if let Some(value) = value {
                self.vars.set(name, value);
            }
            self.vars.export(name);
        }
        0
    }

    fn local(&mut self, args: &[String]) -> i32 {
        for own in args.iter().filter(|own| !own.starts_with('-')) {
            let (name, value) = own.split_once('=').map_or((own.as_str(), None), |(n, v)| (n, Some(v)));
            let before = self.vars.get(name);
            if let Some(frame) = self.locals.last_mut() {
                frame.push((name.to_owned(), before));
            }
            self.vars.set(name, value.unwrap_or_default());
        }
        0
    }

    fn set(&mut self, args: &[String], io: &mut Io) -> i32 {
        if args.is_empty() {
            for (name, value) in self.vars.exported() {
                io.beats.push(super::Beat::Out(format!("{name}='{value}'\n").into_bytes()));
            }
            return 0;
        }
        let mut rest = args;
        while let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "--" => {
                    self.vars.args = after.to_vec();
                    return 0;
                }
                "-o" | "+o" => {
                    let short = match after.first().map(String::as_str) {
                        Some("errexit") => "e",
                        Some("nounset") => "u",
                        Some("noglob") => "f",
                        _ => "",
                    };
                    self.vars.option(&format!("{}{short}", &first[..1]));
                    rest = after.get(1..).unwrap_or_default();
                }
                flag if flag.len() > 1 && (flag.starts_with('-') || flag.starts_with('+')) => {
                    self.vars.option(flag);
                    rest = after;
                }
                _ => {
                    self.vars.args = rest.to_vec();
                    return 0;
                }
            }
        }
        0
    }

    fn shift(&mut self, by: i32) -> i32 {
        let by = usize::try_from(by).unwrap_or(0);
        if by > self.vars.args.len() {
            return 2;
        }
        self.vars.args.drain(..by);
        0
    }

    /// `read -r a b`: the last name takes the rest.
    fn read(&mut self, args: &[String], io: &mut Io) -> i32 {
        let is_raw = args.iter().any(|own| own.starts_with('-') && own.contains('r'));
        let names: Vec<&String> = args.iter().filter(|own| !own.starts_with('-')).collect();
        let line = io.input.line();
        let is_whole = line.as_ref().is_some_and(|bytes| bytes.ends_with(b"\n"));
        let text = String::from_utf8_lossy(&line.unwrap_or_default()).trim_end_matches('\n').to_owned();
        let text = if is_raw { text } else { text.replace('\\', "") };
        let separators = self.vars.get("IFS").unwrap_or_else(|| " \t\n".into());
        let blanks: String = separators.chars().filter(|c| c.is_whitespace()).collect();
        let mut rest = text.trim_matches(|c| blanks.contains(c)).to_owned();
        for (n, name) in names.iter().enumerate() {
            let end = if n + 1 == names.len() { None } else { rest.find(|c| separators.contains(c)) };
            let value = end.map_or(rest.clone(), |at| rest[..at].to_owned());
            rest = match end {
                Some(at) => rest[at..].chars().skip(1).collect::<String>(),
                None => String::new(),
            };
            rest = rest.trim_start_matches(|c| blanks.contains(c)).to_owned();
            self.vars.set(name, value);
        }
        i32::from(!is_whole)
    }

    fn eval(&mut self, text: &str, io: &mut Io) -> Done {
        match super::parse::parse(text) {
            Ok(script) => self.script(&script, io),
            Err(bad) => Err(self.fatal(io, &bad.to_string(), 2)),
        }
    }

    fn dot(&mut self, args: &[String], io: &mut Io) -> i32 {
        let file = args.first().cloned().unwrap_or_default();
        match self.disk.read(&self.cwd, &file, &self.user) {
            Ok(bytes) => self.source(&String::from_utf8_lossy(&bytes), io),
            Err(problem) => {
                io.err(&self.says(&format!(".: {file}: {problem}")));
                2
            }
        }
    }

    fn kill(&mut self, args: &[String], io: &mut Io) -> i32 {
        let mut status = 0;
        let asks_only = args.iter().any(|own| own == "-0");
        for pid in args.iter().filter_map(|own| own.parse::<u32>().ok()) {
            let is_own_job = if asks_only { self.jobs.contains_key(&pid) } else { self.kill_job(pid) };
            if is_own_job || pid == self.vars.pid {
                continue;
            }
            let is_known = self.machine.processes().iter().any(|own| own.pid == pid);
            io.err(&self.says(&format!(
                "kill: ({pid}) - {}",
                if is_known { "Operation not permitted" } else { "No such process" }
            )));
            status = 1;
        }
        status
    }

    fn command_word(&mut self, args: &[String], io: &mut Io) -> Done {
        match args.first().map(String::as_str) {
            Some("-v" | "-V") => Ok(self.locate(&args[1..], io)),
            Some("-p") => self.command_word(&args[1..], io),
            Some(name) => match self.builtin(name, args, io) {
                Some(done) => done,
                None => self.program(name, args.to_vec(), io),
            },
            None => Ok(0),
        }
    }

    fn locate(&mut self, names: &[String], io: &mut Io) -> i32 {
        let mut status = 0;
        for name in names {
            let found = if self.functions.contains_key(name) || wrap::is_builtin(name) {
                Some(name.clone())
            } else {
                tools::place(self.machine, name)
            };
            match found {
                Some(found) => io.beats.push(super::Beat::Out(format!("{found}\n").into_bytes())),
                None => status = if self.machine.distro.has_bash() { 1 } else { 127 },
            }
        }
        status
    }

    fn tell_types(&mut self, names: &[String], io: &mut Io) -> i32 {
        let mut status = 0;
        for name in names.iter().filter(|own| !own.starts_with('-')) {
            let told = if self.functions.contains_key(name) {
                Some(format!("{name} is a shell function"))
            } else if wrap::is_builtin(name) {
                Some(format!("{name} is a shell builtin"))
            } else {
                tools::place(self.machine, name).map(|place| format!("{name} is {place}"))
            };
            match told {
                Some(told) => io.beats.push(super::Beat::Out(format!("{told}\n").into_bytes())),
                None => {
                    io.err(&self.says(&format!("type: {name}: not found")));
                    status = 1;
                }
            }
        }
        status
    }

    fn limits(&mut self, name: &str, args: &[String], io: &mut Io) -> i32 {
        if name == "getopts" {
            return 1;
        }
        let value = match args.first().map(String::as_str) {
            Some("-n") => "1024",
            Some("-u") => "15450",
            Some("-c") => "0",
            _ => "unlimited",
        };
        io.beats.push(super::Beat::Out(format!("{value}\n").into_bytes()));
        0
    }
}
