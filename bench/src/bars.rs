//! The bars: what was promised about speed, cost and size, and whether it holds in what was measured.

use crate::report::Report;
use crate::rounds::Row;
use serde::Serialize;

const LEAST_OF_FLOOR: f64 = 0.6;
const MOST_CPU_US: f64 = 75.0;
const LEAST_DRAIN_A_S: f64 = 2_000.0;
/// A backlog this small is gone before its draining can be timed: the workers kept up.
const NO_BACKLOG: u64 = 1_000;
const MOST_READY_S: f64 = 1.0;
const MOST_IDLE_MB: f64 = 60.0;
const MOST_BINARY_MB: f64 = 60.0;
const MOST_BUILD_CPU_S: f64 = 1_200.0;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bar {
    pub name: &'static str,
    pub figure: String,
    pub bar: String,
    /// `None` for a figure that is stated beside the floor's and has no bar of its own.
    pub holds: Option<bool>,
}

/// One for each bar of which there is a measurement.
pub fn of(report: &Report) -> Vec<Bar> {
    let mut bars = Vec::new();
    if let Some(rows) = &report.ack {
        ack(rows, &mut bars);
    }
    if let Some(rows) = &report.open {
        open(rows, &mut bars);
    }
    if let Some(drain) = &report.drain {
        let kept_up = drain.backlog < NO_BACKLOG;
        bars.push(Bar {
            name: "backlog after the load drains at",
            figure: format!("{:.0}/s ({} in {:.1} s)", drain.signals_per_s, drain.backlog, drain.seconds),
            bar: format!(">= {LEAST_DRAIN_A_S:.0}/s"),
            holds: Some(kept_up || drain.signals_per_s >= LEAST_DRAIN_A_S),
        });
        bars.push(lost("drain: acknowledged but not stored", drain.lost));
    }
    if let Some(size) = &report.size {
        let ready_s = size.ready_fresh_s.median.max(size.ready_existing_s.median);
        bars.push(under("start to ready", ready_s, MOST_READY_S, 3, "s"));
        bars.push(under("idle memory (PSS)", size.idle_pss_mb, MOST_IDLE_MB, 1, "MB"));
        bars.push(under("binary", size.binary_mb, MOST_BINARY_MB, 1, "MB"));
    }
    if let Some(cpu_s) = report.build_cpu_s {
        bars.push(at_most("cold release build", cpu_s, MOST_BUILD_CPU_S, 0, "CPU s"));
    }
    bars
}

fn ack(rows: &[Row], bars: &mut Vec<Bar>) {
    let Some(ours) = find(rows, "ours") else { return };
    if let Some(floor) = find(rows, "floor") {
        bars.push(ratio("durable ack, share of the floor's rate", ours, floor, LEAST_OF_FLOOR));
    }
    if let Some(peer) = find(rows, "alertmanager") {
        bars.push(ratio("durable ack, times Alertmanager's rate", ours, peer, 1.0));
    }
    bars.push(at_most("CPU a request", ours.cpu_us_per_request.median, MOST_CPU_US, 1, "us"));
    let failed = ours.non_2xx + ours.errors;
    bars.push(Bar {
        name: "requests not answered 2xx",
        figure: failed.to_string(),
        bar: "0".into(),
        holds: Some(failed == 0),
    });
    bars.push(lost("acknowledged but not stored", ours.lost.unwrap_or(0)));
}

fn open(rows: &[Row], bars: &mut Vec<Bar>) {
    let (Some(ours), Some(floor)) = (find(rows, "ours"), find(rows, "floor")) else { return };
    for (name, ours, floor) in
        [("fixed rate, p99", ours.p99_ms, floor.p99_ms), ("fixed rate, p999", ours.p999_ms, floor.p999_ms)]
    {
        bars.push(Bar {
            name,
            figure: format!("{:.2} ms", ours.median),
            bar: format!("floor {:.2} ms", floor.median),
            holds: None,
        });
    }
}

fn ratio(name: &'static str, ours: &Row, other: &Row, least: f64) -> Bar {
    let (ours, other) = (ours.rate.median, other.rate.median);
    let ratio = ours / other.max(f64::EPSILON);
    Bar {
        name,
        figure: format!("{ratio:.2} ({ours:.0} to {other:.0}/s)"),
        bar: format!(">= {least}"),
        holds: Some(ratio >= least),
    }
}

fn find<'a>(rows: &'a [Row], target: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row.target == target)
}

fn lost(name: &'static str, lost: u64) -> Bar {
    Bar { name, figure: lost.to_string(), bar: "0".into(), holds: Some(lost == 0) }
}

fn under(name: &'static str, figure: f64, most: f64, decimals: usize, unit: &str) -> Bar {
    Bar {
        name,
        figure: format!("{figure:.decimals$} {unit}"),
        bar: format!("< {most:.0} {unit}"),
        holds: Some(figure < most),
    }
}

fn at_most(name: &'static str, figure: f64, most: f64, decimals: usize, unit: &str) -> Bar {
    Bar {
        name,
        figure: format!("{figure:.decimals$} {unit}"),
        bar: format!("<= {most:.0} {unit}"),
        holds: Some(figure <= most),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Spread;

    fn row(target: &'static str, rate: f64) -> Row {
        let spread = Spread::of([rate]);
        Row {
            target,
            rate: spread,
            p50_ms: spread,
            p99_ms: spread,
            p999_ms: spread,
            cpu_us_per_request: Spread::of([75.0]),
            load_cpu_us_per_request: spread,
            pss_mb: spread,
            lag_p99_ms: spread,
            non_2xx: 0,
            errors: 0,
            lost: Some(0),
            runs: Vec::new(),
        }
    }

    fn verdicts(rows: Vec<Row>) -> Vec<Option<bool>> {
        let report = Report { ack: Some(rows), ..Report::default() };
        of(&report).iter().map(|bar| bar.holds).collect()
    }

    #[test]
    fn the_bars_of_the_ack_are_at_six_tenths_of_the_floor_and_at_the_peer() {
        let all = |ours| verdicts(vec![row("floor", 10_000.0), row("ours", ours), row("alertmanager", 5_000.0)]);
        assert_eq!(all(6_000.0), [Some(true); 5]);
        assert_eq!(all(5_999.0)[..2], [Some(false), Some(true)]);
        assert_eq!(all(4_999.0)[..2], [Some(false), Some(false)]);
    }

    #[test]
    fn one_lost_or_refused_request_is_a_miss() {
        let ours = Row { lost: Some(1), non_2xx: 1, cpu_us_per_request: Spread::of([75.1]), ..row("ours", 1.0) };
        assert_eq!(verdicts(vec![ours]), [Some(false); 3]);
    }

    #[test]
    fn latencies_are_stated_and_what_was_not_measured_is_not_claimed() {
        let report = Report { open: Some(vec![row("ours", 1.0), row("floor", 2.0)]), ..Report::default() };
        assert!(of(&report).iter().all(|bar| bar.holds.is_none()));
        assert!(of(&Report::default()).is_empty());
    }
}
