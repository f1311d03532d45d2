//! How much at once and for how long: the numbers of the probe and of one run.

use std::sync::Arc;

/// Tells the seconds since 1970: certificates are good for a time. Whoever owns the clock hands it in.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What holds for all runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Runs at once through one bastion. sshd's `MaxSessions` does not count them: each is a forwarding there.
    pub per_bastion: usize,
    /// Runs at once on one host, each over a connection of its own.
    pub per_host: usize,
    /// Handshakes at once behind one bastion (and at once without any).
    pub logins_at_once: usize,
    /// The same once a server has hung up on one. sshd begins to do so at ten of its own (`MaxStartups 10:30:100`).
    pub logins_when_refused: usize,
    /// For a connection whose caller names no time: `reach` and `fingerprint`. Counts for each hop.
    pub connect_ms: u64,
    /// After so long without a byte a peer is asked whether it lives.
    pub keepalive_ms: u64,
    /// So many questions without an answer, and the connection is given up.
    pub keepalive_tries: usize,
    /// A connection that nobody uses is closed after this.
    pub idle_close_ms: u64,
    /// One that was unused for longer than this is asked whether it lives before it is used again.
    pub ask_after_ms: u64,
    /// How long it has for that answer.
    pub answer_ms: u64,
    /// How long a stopped command has to end after SIGTERM, and once more after SIGKILL.
    pub grace_ms: u64,
    /// What a host may send of one command before somebody took it.
    pub window_bytes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            per_bastion: 64,
            per_host: 4,
            logins_at_once: 32,
            logins_when_refused: 8,
            connect_ms: 10_000,
            keepalive_ms: 15_000,
            keepalive_tries: 3,
            idle_close_ms: 60_000,
            ask_after_ms: 2_000,
            answer_ms: 3_000,
            grace_ms: 1_000,
            window_bytes: 1 << 20,
        }
    }
}

/// What holds for one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For each hop that has to be connected to, its login included.
    pub connect_ms: u64,
    /// From the command's start.
    pub step_ms: u64,
    /// From the call: waiting for a place, connecting and the command together.
    pub total_ms: u64,
    /// Of both streams together; the command is stopped at the byte that would exceed it.
    pub output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect_ms: 10_000, step_ms: 60_000, total_ms: 120_000, output_bytes: 100 << 20 }
    }
}
