//! Redirections: where a command's two streams go, and what it reads. Files are those of the simulated machine.

use super::ast::{Command, Redirect, Target};
use super::run::{Io, Shell, Stop};
use super::{Beat, Input};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Out,
    Err,
    Nowhere,
    /// A file that was emptied when it was opened, unless it is appended to.
    File(String),
}

#[derive(Debug, Clone)]
pub(super) struct Routes {
    input: Option<Input>,
    out: Way,
    err: Way,
}

impl Shell<'_> {
    pub(super) fn redirected(&mut self, command: &Command, io: &mut Io) -> Result<i32, Stop> {
        let routes = match self.routes_of(&command.redirects, io)? {
            Ok(routes) => routes,
            Err(says) => {
                io.err(&self.says(&says));
                return Ok(if self.machine.distro.has_bash() { 1 } else { 2 });
            }
        };
        if self.is_bare_exec(command) {
            self.routes = Some(routes);
            return Ok(0);
        }
        let mut own = Io::new(routes.input.clone().unwrap_or_else(|| io.input.clone()));
        let done = self.what(&command.what, &mut own);
        self.deliver(own.beats, &routes, io);
        done
    }

    /// `exec 2>&1` changes the shell itself.
    fn is_bare_exec(&self, command: &Command) -> bool {
        match &command.what {
            super::ast::What::Simple { assigns, words } => {
                assigns.is_empty() && matches!(words.as_slice(), [one] if super::word::literal(one) == "exec")
            }
            _ => false,
        }
    }

    fn routes_of(&mut self, redirects: &[Redirect], io: &mut Io) -> Result<Result<Routes, String>, Stop> {
        let mut routes = Routes { input: None, out: Way::Out, err: Way::Err };
        for redirect in redirects {
            if let Err(says) = self.route(redirect, &mut routes, io)? {
                return Ok(Err(says));
            }
        }
        Ok(Ok(routes))
    }

    fn route(&mut self, redirect: &Redirect, routes: &mut Routes, io: &mut Io) -> Result<Result<(), String>, Stop> {
        let way = match &redirect.to {
            Target::Here(word) => {
                routes.input = Some(Input::of(self.text(word, io)?.into_bytes()));
                return Ok(Ok(()));
            }
            Target::Read(word) => {
                let file = self.text(word, io)?;
                return Ok(match self.disk.read(&self.cwd, &file, &self.user) {
                    Ok(bytes) => {
                        routes.input = Some(Input::of(bytes));
                        Ok(())
                    }
                    Err(problem) => Err(self.machine.distro.cannot_open(&file, problem)),
                });
            }
            Target::Same(word) => match self.text(word, io)?.as_str() {
                "1" => routes.out.clone(),
                "2" => routes.err.clone(),
                _ => Way::Nowhere,
            },
            Target::Write { file, append } => {
                let file = self.text(file, io)?;
                match self.opened(&file, *append) {
                    Ok(way) => way,
                    Err(says) => return Ok(Err(says)),
                }
            }
        };
        match redirect.fd {
            1 => routes.out = way,
            2 => routes.err = way,
            // `<&-`: nothing is there to be read.
            0 => routes.input = Some(Input::of(Vec::new())),
            _ => {}
        }
        Ok(Ok(()))
    }

    fn opened(&mut self, file: &str, append: bool) -> Result<Way, String> {
        match file {
            "/dev/null" => return Ok(Way::Nowhere),
            "/dev/stdout" | "/dev/fd/1" => return Ok(Way::Out),
            "/dev/stderr" | "/dev/fd/2" | "/dev/tty" => return Ok(Way::Err),
            _ => {}
        }
        let written = self.disk.write(&self.cwd, file, &self.user, b"", append);
        let way = || Way::File(file.to_owned());
        written.map(|()| way()).map_err(|problem| self.machine.distro.cannot_create(file, problem))
    }

    pub(super) fn deliver(&mut self, beats: Vec<Beat>, routes: &Routes, io: &mut Io) {
        for beat in beats {
            let (way, bytes) = match beat {
                Beat::Pause(ms) => {
                    io.beats.push(Beat::Pause(ms));
                    continue;
                }
                Beat::Out(bytes) => (&routes.out, bytes),
                Beat::Err(bytes) => (&routes.err, bytes),
            };
            match way {
                Way::Out => io.beats.push(Beat::Out(bytes)),
                Way::Err => io.beats.push(Beat::Err(bytes)),
                Way::Nowhere => {}
                Way::File(file) => {
                    if let Err(problem) = self.disk.write(&self.cwd, file, &self.user, &bytes, true) {
                        io.err(&self.says(&format!("write error: {problem}")));
                    }
                }
            }
        }
    }
}
