//! Runs a script on a machine. Pure: everything that happens is a beat, a change of the disk's scratch, and a status.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::ast::{Command, Join, List, Pipeline, Script, What, Word};
use super::job::Job;
use super::pattern::matches;
use super::redirect::Routes;
use super::vars::Vars;
use super::{Beat, Input, parse, written};
use crate::hosts::machine::Machine;
use crate::hosts::machine::disk::{Disk, Scratch};
use crate::hosts::tools::{self, Call};

/// A script that runs more commands than that has lost its way.
const MAX_COMMANDS: usize = 200_000;
const MAX_DEPTH: usize = 200;
/// More than that is kept by no pipe here; only a fault makes larger outputs.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// As a shell says it that was killed for what it took.
const KILLED: i32 = 137;

/// What is asked of a machine.
pub(in crate::hosts) struct Asked<'a> {
    pub command: &'a str,
    pub stdin: &'a [u8],
    pub user: &'a str,
    pub machine: &'a Machine,
    pub scratch: Scratch,
}

pub(in crate::hosts) struct Played {
    pub beats: Vec<Beat>,
    pub status: i32,
    /// Somebody read what the client sends.
    pub read_stdin: bool,
    /// Files that were made, changed or removed.
    pub scratch: Scratch,
}

/// Why what runs does not go on with the next command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Break(u32),
    Continue(u32),
    Return(i32),
    Exit(i32),
}

/// What a command reads from, and what has happened so far.
pub(super) struct Io {
    pub input: Input,
    pub beats: Vec<Beat>,
}

impl Io {
    pub(super) fn new(input: Input) -> Self {
        Self { input, beats: Vec::new() }
    }

    pub(super) fn err(&mut self, text: &str) {
        self.beats.push(Beat::Err(format!("{text}\n").into_bytes()));
    }
}

pub(super) struct Shell<'m> {
    pub machine: &'m Machine,
    pub disk: Disk<'m>,
    pub vars: Vars,
    pub functions: BTreeMap<String, Rc<Command>>,
    /// Variables that a function has made its own, with what they were.
    pub locals: Vec<Vec<(String, Option<String>)>>,
    pub cwd: String,
    pub user: String,
    pub jobs: BTreeMap<u32, Job>,
    pub routes: Option<Routes>,
    next_pid: u32,
    commands_left: usize,
    depth: usize,
    /// Within what is asked whether it fails, failing ends nothing.
    in_condition: u32,
    /// How the last `$(…)` ended: the status of a command that is nothing but assignments.
    substituted: Option<i32>,
}

pub(in crate::hosts) fn play(asked: Asked<'_>) -> Played {
    let read = Rc::new(Cell::new(false));
    let mut io = Io::new(Input::of_client(asked.stdin.to_vec(), &read));
    let mut shell = Shell::new(asked.machine, asked.scratch, asked.user);
    let status = shell.source(asked.command, &mut io);
    shell.settle_jobs(&mut io);
    Played { beats: io.beats, status, read_stdin: read.get(), scratch: shell.disk.into_scratch() }
}

impl<'m> Shell<'m> {
    fn new(machine: &'m Machine, scratch: Scratch, user: &str) -> Self {
        let mut vars = Vars::new("sh", machine.next_pid());
        for (name, value) in machine.environment(user) {
            vars.set(&name, value);
            vars.export(&name);
        }
        let cwd = vars.get("HOME").unwrap_or_else(|| "/".to_owned());
        Self {
            machine,
            disk: Disk::new(machine, scratch),
            next_pid: vars.pid + 1,
            vars,
            functions: BTreeMap::new(),
            locals: Vec::new(),
            cwd,
            user: user.to_owned(),
            jobs: BTreeMap::new(),
            routes: None,
            commands_left: MAX_COMMANDS,
            depth: 0,
            in_condition: 0,
            substituted: None,
        }
    }

    pub(super) fn new_pid(&mut self) -> u32 {
        self.next_pid += 1;
        self.next_pid
    }

    /// How the machine's `sh` begins what it says.
    pub(super) fn says(&self, what: &str) -> String {
        self.machine.distro.shell_says(&self.vars.name, what)
    }

    /// Says what is wrong and ends the shell.
    pub(super) fn fatal(&mut self, io: &mut Io, says: &str, status: i32) -> Stop {
        io.err(&self.says(says));
        Stop::Exit(status)
    }

    /// Runs a text as a shell of its own would.
    pub(super) fn source(&mut self, text: &str, io: &mut Io) -> i32 {
        match parse::parse(text) {
            Ok(script) => match self.script(&script, io) {
                Ok(status) | Err(Stop::Exit(status) | Stop::Return(status)) => status,
                Err(Stop::Break(_) | Stop::Continue(_)) => self.vars.last_status,
            },
            Err(bad) => {
                io.err(&format!("{}: {bad}", self.vars.name));
                2
            }
        }
    }

    pub(super) fn script(&mut self, script: &Script, io: &mut Io) -> Result<i32, Stop> {
        let mut status = 0;
        for list in script {
            status = match self.routes.clone() {
                None => self.list(list, io)?,
                Some(routes) => {
                    let mut own = Io::new(io.input.clone());
                    let done = self.list(list, &mut own);
                    self.deliver(own.beats, &routes, io);
                    done?
                }
            };
        }
        Ok(status)
    }

    fn list(&mut self, list: &List, io: &mut Io) -> Result<i32, Stop> {
        if list.in_background {
            self.begin_job(list, io);
            return Ok(0);
        }
        self.joined(list, io)
    }

    pub(super) fn joined(&mut self, list: &List, io: &mut Io) -> Result<i32, Stop> {
        let mut is_last = list.rest.is_empty();
        let mut status = self.asked_or_not(&list.first, is_last, io)?;
        for (n, (join, pipeline)) in list.rest.iter().enumerate() {
            if (status == 0) != (*join == Join::And) {
                continue;
            }
            is_last = n + 1 == list.rest.len();
            status = self.asked_or_not(pipeline, is_last, io)?;
        }
        Ok(status)
    }

    /// Only the last pipeline of a list may end a shell that stops on errors.
    fn asked_or_not(&mut self, pipeline: &Pipeline, is_last: bool, io: &mut Io) -> Result<i32, Stop> {
        self.in_condition += u32::from(!is_last);
        let status = self.pipeline(pipeline, io);
        self.in_condition -= u32::from(!is_last);
        let status = status?;
        let may_end = self.vars.stops_on_error && self.in_condition == 0 && !pipeline.negated && is_last;
        if may_end && status != 0 { Err(Stop::Exit(status)) } else { Ok(status) }
    }

    fn condition(&mut self, script: &Script, io: &mut Io) -> Result<bool, Stop> {
        self.in_condition += 1;
        let status = self.script(script, io);
        self.in_condition -= 1;
        Ok(status? == 0)
    }

    fn pipeline(&mut self, pipeline: &Pipeline, io: &mut Io) -> Result<i32, Stop> {
        let status = match pipeline.commands.as_slice() {
            [one] => self.command(one, io)?,
            many => self.piped(many, io)?,
        };
        let status = if pipeline.negated { i32::from(status == 0) } else { status };
        self.vars.last_status = status;
        Ok(status)
    }

    fn piped(&mut self, commands: &[Command], io: &mut Io) -> Result<i32, Stop> {
        let (mut input, mut status) = (io.input.clone(), 0);
        for (n, command) in commands.iter().enumerate() {
            let mut own = Io::new(input);
            status = self.apart(|shell| shell.command(command, &mut own))?;
            if n + 1 == commands.len() {
                io.beats.append(&mut own.beats);
                break;
            }
            input = Input::of(written(&own.beats));
            // What was not written into the pipe stays where it was said.
            io.beats.extend(own.beats.into_iter().filter(|beat| !matches!(beat, Beat::Out(_))));
            self.refuse_floods(io)?;
        }
        Ok(status)
    }

    fn refuse_floods(&mut self, io: &Io) -> Result<(), Stop> {
        let bytes: usize = io.beats.iter().map(|b| if let Beat::Out(b) | Beat::Err(b) = b { b.len() } else { 0 }).sum();
        if bytes > MAX_BYTES { Err(Stop::Exit(KILLED)) } else { Ok(()) }
    }

    /// As in a subshell: what is changed within is forgotten, and an exit ends only that.
    pub(super) fn apart(&mut self, work: impl FnOnce(&mut Self) -> Result<i32, Stop>) -> Result<i32, Stop> {
        let kept = (self.vars.clone(), self.functions.clone(), self.cwd.clone(), self.routes.clone());
        let done = work(self);
        (self.vars, self.functions, self.cwd, self.routes) = kept;
        match done {
            Err(Stop::Exit(KILLED)) if self.commands_left == 0 => Err(Stop::Exit(KILLED)),
            Ok(status) | Err(Stop::Exit(status) | Stop::Return(status)) => Ok(status),
            Err(Stop::Break(_) | Stop::Continue(_)) => Ok(0),
        }
    }

    /// `$(…)`: what it writes, without the line ends at its end.
    pub(super) fn output_of(&mut self, script: &Script, io: &mut Io) -> Result<String, Stop> {
        let mut own = Io::new(io.input.clone());
        let status = self.apart(|shell| shell.script(script, &mut own))?;
        self.vars.last_status = status;
        self.substituted = Some(status);
        let text = String::from_utf8_lossy(&written(&own.beats)).replace('\0', "");
        io.beats.extend(own.beats.into_iter().filter(|beat| !matches!(beat, Beat::Out(_))));
        Ok(text.trim_end_matches('\n').to_owned())
    }

    pub(super) fn command(&mut self, command: &Command, io: &mut Io) -> Result<i32, Stop> {
        if self.commands_left == 0 || self.depth > MAX_DEPTH {
            return Err(Stop::Exit(KILLED));
        }
        self.commands_left -= 1;
        self.depth += 1;
        let done =
            if command.redirects.is_empty() { self.what(&command.what, io) } else { self.redirected(command, io) };
        self.depth -= 1;
        done
    }

    pub(super) fn what(&mut self, what: &What, io: &mut Io) -> Result<i32, Stop> {
        match what {
            What::Simple { assigns, words } => self.simple(assigns, words, io),
            What::Group(script) => self.script(script, io),
            What::Subshell(script) => self.apart(|shell| shell.script(script, io)),
            What::If { arms, otherwise } => {
                for (condition, body) in arms {
                    if self.condition(condition, io)? {
                        return self.script(body, io);
                    }
                }
                otherwise.as_ref().map_or(Ok(0), |body| self.script(body, io))
            }
            What::For { name, words, body } => self.for_each((name, words.as_deref(), body), io),
            What::While { condition, body, until } => self.repeat((condition, body, *until), io),
            What::Case { word, arms } => self.case(word, arms, io),
            What::Function { name, body } => {
                self.functions.insert(name.clone(), Rc::clone(body));
                Ok(0)
            }
        }
    }

    fn for_each(&mut self, (name, words, body): (&str, Option<&[Word]>, &Script), io: &mut Io) -> Result<i32, Stop> {
        let values = match words {
            Some(words) => self.arguments(words, io)?,
            None => self.vars.args.clone(),
        };
        let mut status = 0;
        for value in values {
            self.vars.set(name, value);
            match looped(self.script(body, io))? {
                Next::Goes(own) => status = own,
                Next::Ends => break,
            }
        }
        Ok(status)
    }

    fn repeat(&mut self, (condition, body, until): (&Script, &Script, bool), io: &mut Io) -> Result<i32, Stop> {
        let mut status = 0;
        while self.condition(condition, io)? != until {
            if self.commands_left == 0 {
                return Err(Stop::Exit(KILLED));
            }
            match looped(self.script(body, io))? {
                Next::Goes(own) => status = own,
                Next::Ends => break,
            }
        }
        Ok(status)
    }

    fn case(&mut self, word: &Word, arms: &[(Vec<Word>, Script)], io: &mut Io) -> Result<i32, Stop> {
        let text: Vec<char> = self.text(word, io)?.chars().collect();
        for (patterns, body) in arms {
            for pattern in patterns {
                let pattern = self.marks(pattern, io)?;
                if matches(&pattern, &text) {
                    return self.script(body, io);
                }
            }
        }
        Ok(0)
    }

    fn simple(&mut self, assigns: &[(String, Word)], words: &[Word], io: &mut Io) -> Result<i32, Stop> {
        self.substituted = None;
        let arguments = self.arguments(words, io)?;
        let mut values = Vec::new();
        for (name, word) in assigns {
            values.push((name.clone(), self.text(word, io)?));
        }
        let Some(name) = arguments.first().cloned() else {
            for (name, value) in values {
                self.vars.set(&name, value);
            }
            return Ok(self.substituted.unwrap_or(0));
        };
        let kept: Vec<_> = values.iter().map(|(name, _)| (name.clone(), self.vars.get(name))).collect();
        let exported = self.vars.exported();
        for (name, value) in values {
            self.vars.set(&name, value);
            self.vars.export(&name);
        }
        let done = self.call(&name, arguments, io);
        for (name, value) in kept {
            self.vars.unset(&name);
            if let Some(value) = value {
                self.vars.set(&name, value);
            }
            if exported.contains_key(&name) {
                self.vars.export(&name);
            }
        }
        done
    }

    /// A function, a builtin, a command that runs others, or a tool of the machine.
    pub(super) fn call(&mut self, name: &str, arguments: Vec<String>, io: &mut Io) -> Result<i32, Stop> {
        if let Some(body) = self.functions.get(name).cloned() {
            return self.function(&body, arguments, io);
        }
        if let Some(done) = self.builtin(name, &arguments, io) {
            return done;
        }
        self.program(name, arguments, io)
    }

    /// Anything but functions and builtins.
    pub(super) fn program(&mut self, name: &str, arguments: Vec<String>, io: &mut Io) -> Result<i32, Stop> {
        let known = tools::named(self.machine, name);
        if let Some(known) = &known
            && let Some(done) = self.wrapper(known, &arguments, io)
        {
            return done;
        }
        let tool = known.as_deref().and_then(tools::find);
        let Some(tool) = tool else {
            io.err(&self.says(&self.machine.distro.not_found(name)));
            return Ok(127);
        };
        let mut call = Call {
            args: arguments,
            machine: self.machine,
            disk: &mut self.disk,
            input: io.input.clone(),
            user: self.user.clone(),
            environment: self.vars.exported(),
            cwd: self.cwd.clone(),
            beats: Vec::new(),
        };
        let status = tools::version(&mut call).unwrap_or_else(|| tool(&mut call));
        io.beats.append(&mut call.beats);
        Ok(status)
    }

    fn function(&mut self, body: &Command, mut arguments: Vec<String>, io: &mut Io) -> Result<i32, Stop> {
        arguments.remove(0);
        let args = std::mem::replace(&mut self.vars.args, arguments);
        self.locals.push(Vec::new());
        let done = self.command(body, io);
        for (name, value) in self.locals.pop().unwrap_or_default().into_iter().rev() {
            match value {
                Some(value) => self.vars.set(&name, value),
                None => self.vars.unset(&name),
            }
        }
        self.vars.args = args;
        match done {
            Err(Stop::Return(status)) => Ok(status),
            other => other,
        }
    }
}

enum Next {
    Goes(i32),
    Ends,
}

/// What a loop makes of its body's end.
fn looped(done: Result<i32, Stop>) -> Result<Next, Stop> {
    match done {
        Ok(status) => Ok(Next::Goes(status)),
        Err(Stop::Break(0 | 1)) => Ok(Next::Ends),
        Err(Stop::Continue(0 | 1)) => Ok(Next::Goes(0)),
        Err(Stop::Break(n)) => Err(Stop::Break(n - 1)),
        Err(Stop::Continue(n)) => Err(Stop::Continue(n - 1)),
        Err(other) => Err(other),
    }
}
