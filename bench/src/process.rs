//! What `/proc` says about a process: its CPU time and its memory. Linux only.

use crate::sys;
use anyhow::{Context, Result};

/// User and system time of all threads so far, ended ones included, in microseconds.
pub fn cpu_us(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/stat");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let ticks = cpu_ticks(&text).with_context(|| format!("{path} has another shape than expected"))?;
    Ok(ticks * sys::tick_us())
}

fn cpu_ticks(stat: &str) -> Option<u64> {
    // The name in parentheses may hold anything, so count from its end: the state is field 3, utime 14, stime 15.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Proportional set size in bytes: shared pages are counted by their share.
pub fn pss_bytes(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    kilobytes(&text, "Pss:").map(|kb| kb * 1_024).with_context(|| format!("{path} has no Pss"))
}

/// Memory that can be had without swapping, in bytes.
pub fn available_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    kilobytes(&text, "MemAvailable:").unwrap_or(1 << 20) * 1_024
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 17 5 0 0 20 0 8 0 999 1 2";
        assert_eq!(cpu_ticks(stat), Some(22));
        assert_eq!(cpu_ticks("garbage"), None);
    }

    #[test]
    fn only_the_line_of_that_name_counts() {
        let text = "Rss:  900 kB\nPss:                1234 kB\nPss_Dirty:  7 kB\n";
        assert_eq!(kilobytes(text, "Pss:"), Some(1_234));
        assert!(pss_bytes(std::process::id()).unwrap() > 100_000);
    }
}
