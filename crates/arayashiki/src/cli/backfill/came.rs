//! How far a backfill came, for people and programs: a bar, a line of words, an object. Pure.

use duties::backfill::{Done, estimate, percent};
use model::Micros;
use store::backfills::{Backfill, Progress};

const BAR_CHARS: usize = 24;

pub struct Came {
    state: String,
    percent: i64,
    progress: Progress,
    calls: i64,
    left_s: Option<i64>,
}

impl Came {
    pub fn of(backfill: &Backfill, progress: &Progress, now: Micros) -> Self {
        let done = backfill.begun_at.map(|begun_at| Done {
            span_s: progress.span_s,
            incidents_s: progress.incidents_s,
            log_s: progress.log_s,
            incidents: progress.incidents,
            entries: progress.entries,
            alerts_waiting: progress.alerts_waiting,
            calls: backfill.calls,
            rate_limit: progress.rate_limit,
            begun_at,
        });
        Self {
            percent: if backfill.state == "done" { 100 } else { done.map_or(0, percent).min(99) },
            state: backfill.state.clone(),
            progress: progress.clone(),
            calls: backfill.calls,
            left_s: done.and_then(|done| estimate(done, now)),
        }
    }

    pub fn bar(&self) -> String {
        let full = BAR_CHARS * usize::try_from(self.percent).unwrap_or(0) / 100;
        format!("[{}{}]", "#".repeat(full), "-".repeat(BAR_CHARS - full))
    }

    pub fn words(&self) -> String {
        let Progress { incidents, entries, alerts_waiting, .. } = &self.progress;
        let brought = format!("{} incidents, {} log entries", grouped(*incidents), grouped(*entries));
        let calls = format!("{} calls", grouped(self.calls));
        match self.state.as_str() {
            "waiting" => "waits for its turn: another backfill runs, or the server is about to begin".to_owned(),
            "running" => format!(
                "{:>3} %: {brought}, alerts of {} incidents to come, {calls}, {}",
                self.percent,
                grouped(*alerts_waiting),
                left(self.left_s)
            ),
            state => format!("{state}: {brought}, {calls}"),
        }
    }

    pub fn json(&self, backfill: &Backfill) -> serde_json::Value {
        serde_json::json!({
            "id": backfill.id, "since": backfill.since.rfc3339(), "until": backfill.until.rfc3339(), "state": self.state,
            "percent": self.percent, "incidents": self.progress.incidents, "entries": self.progress.entries,
            "alerts_waiting": self.progress.alerts_waiting, "calls": self.calls,
            "left_s": self.left_s.filter(|_| self.state == "running"), "why": backfill.why,
        })
    }
}

fn left(left_s: Option<i64>) -> String {
    match left_s {
        None => "how long it takes is not known yet".to_owned(),
        Some(s) if s < 90 => "about a minute left".to_owned(),
        Some(s) if s < 5_400 => format!("about {} minutes left", (s + 30) / 60),
        Some(s) => format!("about {} hours left", (s + 1_800) / 3_600),
    }
}

/// 12345 as 12,345.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(state: &str, calls: i64) -> Came {
        let at = Micros::from_seconds(0);
        let backfill = Backfill {
            id: "b".into(),
            since: at,
            until: Micros::from_seconds(1_000),
            state: state.into(),
            asked_by: String::new(),
            created_at: at,
            begun_at: Some(at),
            ended_at: None,
            calls,
            why: None,
        };
        let progress = Progress {
            span_s: 1_000,
            incidents_s: 1_000,
            log_s: 0,
            incidents: 12_345,
            entries: 7,
            alerts_waiting: 1_200,
            rate_limit: Some(960),
        };
        Came::of(&backfill, &progress, Micros::from_seconds(60))
    }

    #[test]
    fn words_tell_how_far_it_is_and_how_long_it_takes() {
        let early = came("running", 0).words();
        assert!(
            early.starts_with("  0 %: 12,345 incidents, 7 log entries, alerts of 1,200 incidents to come"),
            "{early}"
        );
        assert!(early.ends_with("not known yet"), "{early}");
        let later = came("running", 400).words();
        assert!(later.contains("400 calls, about") && later.ends_with("minutes left"), "{later}");
        assert_eq!(came("done", 10).words(), "done: 12,345 incidents, 7 log entries, 10 calls");
        assert_eq!(came("done", 10).bar(), format!("[{}]", "#".repeat(BAR_CHARS)));
        assert!(came("waiting", 0).words().contains("turn"));
    }

    #[test]
    fn times_are_told_as_people_tell_them() {
        assert_eq!(left(Some(10)), "about a minute left");
        assert_eq!(left(Some(600)), "about 10 minutes left");
        assert_eq!(left(Some(10_000)), "about 3 hours left");
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
