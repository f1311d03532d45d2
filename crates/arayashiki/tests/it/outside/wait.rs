//! Waiting for a condition that comes about by itself, with a bound that only a broken program reaches.

use std::time::{Duration, Instant};

/// Longer than anything here takes, on a machine that is busy with other things too.
pub const LONG: Duration = Duration::from_secs(90);

/// Asked soon at first, then less often: whoever waits long leaves the machine to those that are waited for.
const SOON: Duration = Duration::from_millis(15);
const LATER: Duration = Duration::from_millis(100);

/// Asks until there is an answer; `None` when the bound is reached.
pub fn within<T>(bound: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if begun.elapsed() > bound {
            return None;
        }
        let is_young = begun.elapsed() < Duration::from_secs(2);
        std::thread::sleep(if is_young { SOON } else { LATER });
    }
}

/// The same, where no answer means that the test has failed.
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    within(LONG, ask).unwrap_or_else(|| panic!("waited {LONG:?} in vain: {what}"))
}
