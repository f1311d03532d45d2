//! Backfill: how a span of history is cut into slices, and how long the rest of it will take. History never acts.

use model::Micros;
use serde::Serialize;

/// A slice at the first try: a month. One that holds more rows than PagerDuty pages through is halved when that shows.
pub const SLICE_S: i64 = 30 * 86_400;
/// PagerDuty pages through 10,000 rows; a little is left for what is added while we page.
pub const MOST_ROWS: u32 = 9_900;
/// The longest span that PagerDuty takes in one query is six months; slices are far below it.
pub const LONGEST_S: i64 = 20 * 366 * 86_400;
/// What PagerDuty allows one key, as long as it has not said otherwise. History may use half of it.
const CALLS_PER_MINUTE: i64 = 960;
/// What an incident costs: entries of the log by hundreds.
const ENTRIES_PER_INCIDENT: i64 = 10;

/// The slices of a span, newest first, without gap or overlap.
pub fn slices(since: Micros, until: Micros) -> Vec<(Micros, Micros)> {
    let mut slices = Vec::new();
    let mut end = until;
    while end > since {
        let begin = end.plus_s(-SLICE_S).max(since);
        slices.push((begin, end));
        end = begin;
    }
    slices
}

/// How far a backfill has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    pub span_s: i64,
    /// Seconds of the span that the lists of incidents, and the log, are through.
    pub incidents_s: i64,
    pub log_s: i64,
    pub incidents: i64,
    pub entries: i64,
    pub alerts_waiting: i64,
    pub calls: i64,
    /// Calls a minute that PagerDuty allows the key, if it has told.
    pub rate_limit: Option<i64>,
    pub begun_at: Micros,
}

/// Seconds that the rest will take at the pace so far; `None` before there is a pace.
pub fn estimate(done: Done, now: Micros) -> Option<i64> {
    let took_s = now.since(done.begun_at) / 1_000_000;
    if done.calls < 5 || took_s < 5 || done.span_s <= 0 || done.incidents_s <= 0 {
        return None;
    }
    let most = (done.rate_limit.unwrap_or(CALLS_PER_MINUTE) / 2).max(1);
    let pace = (done.calls.saturating_mul(60) / took_s).clamp(1, most);
    Some(calls_left(done).saturating_mul(60) / pace)
}

/// How much of it is through, by the calls that it takes: a hundred only when nothing is left.
pub fn percent(done: Done) -> i64 {
    let left = calls_left(done);
    let through = done.calls.saturating_mul(100) / done.calls.saturating_add(left).max(1);
    if left > 0 || done.incidents_s < done.span_s || done.log_s < done.span_s { through.min(99) } else { 100 }
}

fn calls_left(done: Done) -> i64 {
    if done.span_s <= 0 {
        return 0;
    }
    let share = |through_s: i64| through_s.clamp(1, done.span_s);
    // What the lists have shown so far, for the whole span.
    let incidents = match done.incidents_s >= done.span_s {
        true => done.incidents,
        false => (done.incidents + 1).saturating_mul(done.span_s) / share(done.incidents_s),
    };
    let lists = (incidents - done.incidents).max(0) / 50;
    let per_incident = if done.log_s > 0 && done.incidents > 0 {
        (done.entries.saturating_mul(done.span_s) / share(done.log_s)).max(1) / done.incidents.max(1)
    } else {
        ENTRIES_PER_INCIDENT
    };
    let log_left =
        (incidents.saturating_mul(per_incident) / 100).saturating_mul((done.span_s - done.log_s).max(0)) / done.span_s;
    let alerts = done.alerts_waiting.saturating_add((incidents - done.incidents).max(0));
    lists.saturating_add(log_left).saturating_add(alerts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_cover_the_span_newest_first_and_never_exceed_six_months() {
        let (since, until) = (Micros::from_seconds(1_000), Micros::from_seconds(400 * 86_400));
        let slices = slices(since, until);
        assert_eq!((slices.first().map(|s| s.1), slices.last().map(|s| s.0)), (Some(until), Some(since)));
        assert!(slices.windows(2).all(|w| w[0].0 == w[1].1));
        assert!(slices.iter().all(|s| s.1.since(s.0) <= 180 * 86_400 * 1_000_000 && s.1 > s.0));
        assert!(super::slices(until, since).is_empty());
    }

    #[test]
    fn the_estimate_shrinks_as_work_is_done_and_ends_at_nothing() {
        let begun_at = Micros::from_seconds(0);
        let at = |incidents_s, log_s, incidents, entries, alerts_waiting, calls, now_s| {
            let rate_limit = Some(960);
            let done = Done {
                span_s: 1_000,
                incidents_s,
                log_s,
                incidents,
                entries,
                alerts_waiting,
                calls,
                rate_limit,
                begun_at,
            };
            estimate(done, Micros::from_seconds(now_s))
        };
        let percent_at = |incidents_s, log_s, alerts_waiting, calls| {
            let (incidents, entries) = (20_000 * incidents_s / 1_000, 200_000 * log_s / 1_000);
            percent(Done {
                span_s: 1_000,
                incidents_s,
                log_s,
                incidents,
                entries,
                alerts_waiting,
                calls,
                rate_limit: None,
                begun_at,
            })
        };
        assert_eq!(percent_at(0, 0, 0, 0), 0);
        assert_eq!(percent_at(1_000, 1_000, 18_000, 2_400), 11, "alerts are most of the calls");
        assert_eq!(percent_at(1_000, 1_000, 1, 22_000), 99);
        assert_eq!(percent_at(1_000, 1_000, 0, 22_000), 100);
        assert_eq!(at(0, 0, 0, 0, 0, 0, 10), None);
        let early = at(500, 0, 10_000, 0, 10_000, 200, 30);
        let later = at(1_000, 500, 20_000, 100_000, 12_000, 9_000, 1_200);
        let end = at(1_000, 1_000, 20_000, 200_000, 0, 22_000, 2_700);
        assert!(early > later && later > end, "{early:?} {later:?} {end:?}");
        assert_eq!(end, Some(0));
    }
}
