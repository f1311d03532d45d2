//! Processes that the tests start, and signals to them. Ends only what it started.

use super::wait;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

pub const ABORTED: i32 = 6;

/// The program under test, with nothing of the test's own environment that could change it.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arayashiki"));
    for name in ["ARAYASHIKI_CRASH_POINT", "ARAYASHIKI_SABOTAGE", "ARAYASHIKI_CLOCK", "LD_PRELOAD"] {
        command.env_remove(name);
    }
    command
}

/// Runs a command of the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    program().args(arguments).stdin(Stdio::null()).output().unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A process that lives as long as the test wants.
pub struct Process {
    child: Child,
}

impl Process {
    /// Its words go to a file each: `LOG` and `LOG.out`, appended.
    pub fn start(mut command: Command, log: &Path) -> Self {
        let open = |path: &Path| File::options().create(true).append(true).open(path).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(open(&log.with_extension("out")))
            .stderr(open(log))
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        Self { child }
    }

    /// The same, and its first line on standard output.
    pub fn start_and_listen(mut command: Command, log: &Path) -> (Self, String) {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(log).unwrap()).spawn().unwrap();
        let mut line = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut line).unwrap();
        // A reader that goes away would end the process at its next word.
        std::thread::spawn(move || lines.lines().map_while(Result::ok).for_each(drop));
        (Self { child }, line)
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for it to end by itself; `None` if it does not.
    pub fn ends_within(&mut self, bound: Duration) -> Option<ExitStatus> {
        wait::within(bound, || self.has_ended())
    }

    /// Asserts that a crash point ended it.
    pub fn is_aborted(&mut self, what: &str) {
        let status = self.ends_within(Duration::from_secs(40));
        assert_eq!(status.and_then(|s| s.signal()), Some(ABORTED), "{what} was not hit: {status:?}");
    }

    /// Ends it as a power switch does for a process.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, and waits.
    pub fn stop(&mut self) -> ExitStatus {
        if self.has_ended().is_none() {
            self.signal("TERM");
        }
        wait::until("the end of a process that was asked to stop", || self.has_ended())
    }

    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Stops it wherever it is, and comes back when it stands still.
    pub fn freeze(&self) {
        self.signal("STOP");
        let stat = format!("/proc/{}/stat", self.id());
        wait::until("a process to stand still", || {
            std::fs::read_to_string(&stat).unwrap().contains(") T ").then_some(())
        });
    }

    /// A figure of `/proc/PID/status`, in KiB.
    pub fn status_kib(&self, name: &str) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.trim().split(' ').next().unwrap().parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn signal(id: u32, name: &str) {
    let _ = Command::new("kill").args(["-s", name, &id.to_string()]).stderr(Stdio::null()).status();
}

/// Whether a tool is on the path.
pub fn has_tool(name: &str) -> bool {
    let probe = Command::new("sh").args(["-c", &format!("command -v {name}")]).stdout(Stdio::null()).status();
    probe.is_ok_and(|status| status.success())
}
