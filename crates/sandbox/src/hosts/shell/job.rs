//! What runs in the background. A job's beats are known at once; they are played when somebody waits for it, and one that only waits
//! (a watcher) is forgotten at the end, as it would be killed.

use super::ast::List;
use super::run::{Io, Shell, Stop};
use super::{Beat, length_ms};

#[derive(Debug, Clone)]
pub(super) struct Job {
    beats: Vec<Beat>,
    status: i32,
}

impl Shell<'_> {
    pub(super) fn begin_job(&mut self, list: &List, io: &mut Io) {
        let mut own = Io::new(io.input.clone());
        let status = match self.apart(|shell| shell.joined(list, &mut own)) {
            Ok(status) | Err(Stop::Exit(status) | Stop::Return(status)) => status,
            Err(_) => 0,
        };
        let pid = self.new_pid();
        self.vars.last_background = Some(pid);
        if length_ms(&own.beats) == 0 {
            io.beats.append(&mut own.beats);
        }
        self.jobs.insert(pid, Job { beats: own.beats, status });
    }

    /// `wait`, or `wait PID`.
    pub(super) fn wait_for(&mut self, pids: &[String], io: &mut Io) -> i32 {
        let wanted: Vec<u32> = match pids {
            [] => self.jobs.keys().copied().collect(),
            pids => pids.iter().filter_map(|pid| pid.parse().ok()).collect(),
        };
        let mut status = 0;
        for pid in &wanted {
            status = match self.jobs.remove(pid) {
                Some(mut job) => {
                    io.beats.append(&mut job.beats);
                    job.status
                }
                None => 127,
            };
        }
        if pids.is_empty() { 0 } else { status }
    }

    /// True when it was one of ours.
    pub(super) fn kill_job(&mut self, pid: u32) -> bool {
        self.jobs.remove(&pid).is_some()
    }

    /// At the end: what a job has said is heard, what it still waits for is not.
    pub(super) fn settle_jobs(&mut self, io: &mut Io) {
        for (_, job) in std::mem::take(&mut self.jobs) {
            let said = job.beats.into_iter().take_while(|beat| !matches!(beat, Beat::Pause(_)));
            io.beats.extend(said);
        }
    }
}
