//! Runbooks: read from YAML, looked through for every mistake, turned into plans, and the judgement of what came back. Pure:
//! the engine reads the files and runs the plans.

mod amount;
mod build;
mod exec;
mod fields;
mod judge;
mod parameter;
mod problem;
mod read;
mod runbook;
mod set;
mod shell;
mod template;
mod told;
mod when;
mod writes;
mod yaml;

pub use build::Where;
pub use exec::{DENIED_STATUS, HOST_GRACE_MS, MISSING_STATUS, Sudo, TIMEOUT_STATUS, TORN_STATUS, exec_line};
pub use judge::{Came, Ended, Finding, Judged, State, judge};
pub use parameter::{Kind, Parameter, Refused, quoted};
pub use problem::{Place, Problem, Severity};
pub use read::{Linted, lint};
pub use runbook::{Runbook, Step, Target};
pub use set::{Set, set};
pub use when::{Asks, Facts, Field, Pattern, Schedule, When};

/// The runbook in a file's text.
///
/// # Errors
/// Everything that is wrong in it, warnings too.
pub fn parse(file: &str, text: &str) -> Result<Runbook, Vec<Problem>> {
    let linted = lint(file, text);
    linted.runbook.ok_or(linted.problems)
}
