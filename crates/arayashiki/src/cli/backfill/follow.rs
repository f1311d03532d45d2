//! Follows a backfill to its end: a bar on a terminal, a line every few seconds elsewhere. Where no server works on it,
//! this process does; as soon as one does, it leaves the work to that one.

use super::came::Came;
use super::state;
use crate::cli::{Failure, say};
use crate::config::Config;
use crate::{log, server, wiring};
use engine::Engine;
use std::io::{IsTerminal, Write};
use std::pin::Pin;
use std::time::Duration;
use store::backfills::{Backfill, Progress};
use store::{Store, StoreError, processes};

/// A server says that it lives every few seconds.
const ALIVE_S: i64 = 20;
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A line for every so many looks.
const LOOKS_A_LINE: u32 = 4;

pub enum Ended {
    Done,
    Interrupted,
}

pub struct Follow<'a> {
    config: &'a Config,
    store: Store,
    how: How,
    /// Set while this process does the work.
    engine: Option<Engine>,
    stop: Pin<Box<dyn Future<Output = ()>>>,
    looks: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Bar,
    Lines,
    Json,
}

impl<'a> Follow<'a> {
    pub fn new(config: &'a Config, store: Store, json: bool) -> Self {
        let how = match (json, std::io::stdout().is_terminal()) {
            (true, _) => How::Json,
            (false, true) => How::Bar,
            (false, false) => How::Lines,
        };
        Self { config, store, how, engine: None, stop: Box::pin(server::asked_to_stop()), looks: 0 }
    }

    pub async fn until_the_end(&mut self, id: &str) -> Result<Ended, Failure> {
        self.looks = 0;
        loop {
            let (backfill, progress) = match self.look(id).await {
                Ok(found) => found,
                Err(error) if error.is_passing() => {
                    if !self.wait().await {
                        return Ok(Ended::Interrupted);
                    }
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            self.show(&backfill, &progress);
            match backfill.state.as_str() {
                "done" => return Ok(Ended::Done),
                "stopped" => {
                    let why = backfill.why.as_deref().unwrap_or("somebody stopped it; what it brought stays");
                    return Err(Failure::Failed(format!("the backfill was stopped: {why}")));
                }
                _ => {}
            }
            if !self.wait().await {
                return Ok(Ended::Interrupted);
            }
        }
    }

    async fn look(&mut self, id: &str) -> Result<(Backfill, Progress), StoreError> {
        let found = state(&self.store, id).await?;
        if matches!(found.0.state.as_str(), "waiting" | "running") {
            self.work_if_nobody_does().await?;
        }
        Ok(found)
    }

    async fn work_if_nobody_does(&mut self) -> Result<(), StoreError> {
        let alive = self.store.read(|tx| Box::pin(processes::alive(tx, ALIVE_S))).await?;
        let somebody_works = alive.iter().any(|process| matches!(process.role.as_str(), "all" | "work"));
        match (somebody_works, self.engine.is_some()) {
            (false, false) => {
                log::start_quietly(&self.config.log);
                self.remark("No server runs: this process fetches. It may be stopped at any time.");
                let shared = wiring::assemble(self.config, self.store.clone())
                    .map_err(|failure| StoreError::Refused(failure.text().to_owned()))?;
                self.engine = Some(Engine::start(&shared));
            }
            (true, true) => {
                self.remark("A server was started: it goes on with this.");
                self.stop().await;
            }
            _ => {}
        }
        Ok(())
    }

    /// Lets the work in hand end, if any is done here; a second signal leaves it to the leases.
    pub async fn stop(&mut self) {
        if let Some(engine) = self.engine.take() {
            tokio::select! {
                () = engine.stop() => {}
                () = server::asked_to_stop() => {}
            }
        }
    }

    pub const fn goodbye(&self) -> &'static str {
        match self.engine {
            Some(_) => "Stopped before the end. The same command, or `arayashiki serve`, goes on from here.",
            None => "Not done yet: the server goes on with it. The same command shows again how far it is.",
        }
    }

    /// False when asked to stop.
    async fn wait(&mut self) -> bool {
        tokio::select! {
            () = &mut self.stop => {
                self.line_end();
                false
            }
            () = tokio::time::sleep(LOOK_EVERY) => true,
        }
    }

    fn show(&mut self, backfill: &Backfill, progress: &Progress) {
        let is_end = !matches!(backfill.state.as_str(), "waiting" | "running");
        let is_turn = self.looks.is_multiple_of(LOOKS_A_LINE);
        self.looks += 1;
        let came = Came::of(backfill, progress, self.store.clock().now());
        match self.how {
            How::Bar => {
                let mut out = std::io::stdout().lock();
                let _ = write!(out, "\r\x1b[2K{} {}", came.bar(), came.words());
                let _ = out.flush();
                drop(out);
                if is_end {
                    self.line_end();
                }
            }
            How::Lines if is_turn || is_end => say(came.words()),
            How::Json if is_turn || is_end => say(came.json(backfill)),
            How::Lines | How::Json => {}
        }
    }

    fn remark(&self, text: &str) {
        self.line_end();
        crate::cli::say_on_stderr(text);
    }

    fn line_end(&self) {
        if self.how == How::Bar && self.looks > 0 {
            say("");
        }
    }
}
