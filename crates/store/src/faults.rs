//! Faults on purpose, for the tests that must bite: crash points between the statements of the spine, and sabotage
//! switches that take one promise away. Without the feature `faults` all of it compiles to nothing.

/// Every place where a test may kill the process. A tidy test holds this list against the source; the kill test hits
/// each one. `NAME.before_commit` and `NAME.after_commit` belong to the unit of work of that name.
pub const POINTS: &[&str] = &[
    "intake.verified",
    "intake.inserted",
    "intake.before_commit",
    "intake.after_commit",
    "intake.before_answer",
    "read.before_commit",
    "read.facts_written",
    "read.incident_written",
    "read.actions_written",
    "read.after_commit",
    "claim.before_commit",
    "claim.job_taken",
    "claim.after_commit",
    "act.before_send",
    "act.after_send",
    "finish.attempt_closed",
    "finish.before_commit",
    "finish.after_commit",
    "timers.before_commit",
    "timers.signal_written",
    "timers.after_commit",
    "spool.inserted",
    "spool.before_commit",
    "spool.after_commit",
    "drain.inserted",
    "drain.before_commit",
    "drain.after_commit",
    "drained.before_commit",
    "drained.after_commit",
    "post.before_accept",
    "post.before_answer",
    "sns.before_answer",
    "judge.before_commit",
    "judge.verdicts_written",
    "judge.registration_saved",
    "judge.after_commit",
    "late.before_commit",
    "late.after_commit",
    "net.mail_written",
    "net.over_saved",
    "net.balanced",
    "net.seen_saved",
    "net.call_taken",
    "net.callout_added",
    "net.canary_added",
    "net.outage_begun",
    "net.outage_ended",
    "net.before_commit",
    "net.after_commit",
    "net_again.before_commit",
    "net_again.after_commit",
    "net_call.before_commit",
    "net_call.after_commit",
    "net_day.before_commit",
    "net_day.after_commit",
    "seal.before_mark",
    "run.taken_up",
    "run.step_begun",
    "run.step_came_back",
    "run.step_ended",
    "run.ended",
    "slack.before_answer",
    "show.begun",
    "show.before_update",
    "show.before_webhook",
    "backlog.before_answer",
    "ticket.judged",
    "event.judged",
    "remind.kept",
    "concern.raised",
    "concern.ended",
    "push.before_answer",
    "channel.heard",
    "channel.asked",
    "channel.opened",
    "window.wanted",
    "window.begun",
    "window.stands",
    "window.over",
    "reminders.before_commit",
    "reminders.after_commit",
    "record.entry_written",
    "record.before_commit",
    "record.after_commit",
    "checkpoint.before_commit",
    "checkpoint.after_commit",
];

/// Promises that a test may take away, to see that another test notices.
pub const SABOTAGES: &[&str] = &["ack_early", "no_look_up", "no_token_check", "synchronous_off", "no_action_key"];

#[cfg(feature = "faults")]
mod armed {
    use std::path::Path;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    struct Armed {
        point: String,
        left: AtomicI64,
        sabotage: Vec<String>,
    }

    static ARMED: OnceLock<Armed> = OnceLock::new();
    static OFFSET_US: AtomicI64 = AtomicI64::new(0);
    const LOOK_EVERY: Duration = Duration::from_millis(20);

    /// Arms a crash point (`name` or `name:nth`) and sabotages (comma-separated). Once a process.
    pub fn arm(point: &str, sabotage: &str) {
        let (name, nth) = point.split_once(':').unwrap_or((point, "1"));
        let _ = ARMED.set(Armed {
            point: name.to_owned(),
            left: AtomicI64::new(nth.parse().unwrap_or(1)),
            sabotage: sabotage.split(',').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
        });
    }

    fn is_armed(unit: &str, moment: &str) -> Option<&'static Armed> {
        let armed = ARMED.get()?;
        let rest = armed.point.strip_prefix(unit)?;
        (rest.strip_prefix('.').unwrap_or(rest) == moment).then_some(armed)
    }

    pub fn hit(unit: &str, moment: &str) {
        if let Some(armed) = is_armed(unit, moment)
            && armed.left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            std::process::abort();
        }
    }

    /// Shifts every clock of the process by what the file says, in microseconds, for as long as the process lives: a test
    /// lets time pass quickly, or jump, without waiting for it.
    pub fn follow_clock(file: &str) {
        if file.is_empty() {
            return;
        }
        let file = Path::new(file).to_path_buf();
        let look = move || {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if let Ok(offset_us) = text.trim().parse() {
                OFFSET_US.store(offset_us, Ordering::SeqCst);
            }
        };
        look();
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(LOOK_EVERY);
                look();
            }
        });
    }

    pub fn clock_offset_us() -> i64 {
        OFFSET_US.load(Ordering::Relaxed)
    }

    pub fn sabotaged(what: &str) -> bool {
        ARMED.get().is_some_and(|armed| armed.sabotage.iter().any(|s| s == what))
    }
}

#[cfg(feature = "faults")]
pub use armed::{arm, clock_offset_us, follow_clock, hit, sabotaged};

#[cfg(not(feature = "faults"))]
mod disarmed {
    pub const fn arm(_point: &str, _sabotage: &str) {}
    pub const fn hit(_unit: &str, _moment: &str) {}
    pub const fn follow_clock(_file: &str) {}
    pub const fn clock_offset_us() -> i64 {
        0
    }
    pub const fn sabotaged(_what: &str) -> bool {
        false
    }
}

#[cfg(not(feature = "faults"))]
pub use disarmed::{arm, clock_offset_us, follow_clock, hit, sabotaged};

/// Names a place where a test may kill the process.
#[macro_export]
macro_rules! crash_point {
    ($name:literal) => {
        $crate::faults::hit($name, "")
    };
}
