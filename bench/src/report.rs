//! All that was measured, as tables for people or as JSON for programs.

use crate::bars::{self, Bar};
use crate::drain::Drain;
use crate::machine::Machine;
use crate::rounds::Row;
use crate::size::Size;
use serde::Serialize;
use std::fmt::Write;

#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub machine: Machine,
    pub ack: Option<Vec<Row>>,
    pub open: Option<Vec<Row>>,
    pub drain: Option<Drain>,
    pub size: Option<Size>,
    pub build_cpu_s: Option<f64>,
}

impl Report {
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}", self.machine.text());
        if let Some(rows) = &self.ack {
            section(&mut out, "Closed loop", &rate_table(rows, false));
        }
        if let Some(rows) = &self.open {
            section(&mut out, "Fixed rate (latencies from the instant each request was due)", &rate_table(rows, true));
        }
        if let Some(drain) = &self.drain {
            section(&mut out, "Drain", &table(&["what", "figure"], &drain_lines(drain)));
        }
        if let Some(size) = &self.size {
            section(&mut out, "Size", &table(&["what", "figure"], &size_lines(size)));
        }
        let bars = bars::of(self);
        section(&mut out, "Bars", &table(&["bar", "figure", "asked", "verdict"], &bar_lines(&bars)));
        out
    }
}

fn section(out: &mut String, title: &str, table: &str) {
    let _ = write!(out, "\n{title}\n{table}");
}

fn rate_table(rows: &[Row], with_lag: bool) -> String {
    let mut head =
        vec!["target", "req/s", "p50 ms", "p99 ms", "p999 ms", "CPU us/req", "PSS MB", "non-2xx", "errors", "lost"];
    head.push(if with_lag { "sent late p99 ms" } else { "load CPU us/req" });
    let lines: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.target.to_owned(),
                row.rate.text(0),
                row.p50_ms.text(2),
                row.p99_ms.text(2),
                row.p999_ms.text(2),
                row.cpu_us_per_request.text(1),
                row.pss_mb.text(1),
                row.non_2xx.to_string(),
                row.errors.to_string(),
                row.lost.map_or_else(|| "keeps nothing".to_owned(), |lost| lost.to_string()),
                if with_lag { row.lag_p99_ms.text(2) } else { row.load_cpu_us_per_request.text(1) },
            ]
        })
        .collect();
    table(&head, &lines)
}

fn line(what: &str, figure: String) -> Vec<String> {
    vec![what.to_owned(), figure]
}

fn drain_lines(drain: &Drain) -> Vec<Vec<String>> {
    vec![
        line("taken under load", format!("{:.0}/s, {} in all", drain.load.rate, drain.load.acknowledged)),
        line("read meanwhile", format!("{:.0}/s", drain.read_under_load_per_s)),
        line("not answered 2xx, errors", format!("{}, {}", drain.load.non_2xx, drain.load.errors)),
        line("left to read", drain.backlog.to_string()),
        line("read after the load", format!("{:.0}/s, {:.1} s", drain.signals_per_s, drain.seconds)),
        line("CPU a request under load", format!("{:.1} us", drain.cpu_us_per_request)),
        line("CPU a signal, received and read", format!("{:.1} us", drain.cpu_us_per_signal)),
        line("PSS after the load", format!("{:.1} MB", drain.pss_after_load_mb)),
        line("write-ahead log after the load", format!("{:.1} MB", drain.log_after_load_mb)),
        line("database", format!("{:.0} bytes a signal", drain.database_bytes_per_signal)),
        line("acknowledged but not stored", drain.lost.to_string()),
    ]
}

fn size_lines(size: &Size) -> Vec<Vec<String>> {
    let existing = format!("start to ready, {} signals there", size.existing_signals);
    vec![
        line("start to ready, new database", format!("{} s", size.ready_fresh_s.text(3))),
        line(&existing, format!("{} s", size.ready_existing_s.text(3))),
        line("idle PSS", format!("{:.1} MB", size.idle_pss_mb)),
        line("idle CPU", format!("{:.1} ms a second", size.idle_cpu_ms_per_s)),
        line("binary", format!("{:.1} MB", size.binary_mb)),
    ]
}

fn bar_lines(bars: &[Bar]) -> Vec<Vec<String>> {
    let verdict = |bar: &Bar| match bar.holds {
        Some(true) => "holds",
        Some(false) => "missed",
        None => "stated",
    };
    bars.iter()
        .map(|bar| vec![bar.name.to_owned(), bar.figure.clone(), bar.bar.clone(), verdict(bar).to_owned()])
        .collect()
}

/// A Markdown table, aligned so that it reads well without being rendered.
fn table(head: &[&str], lines: &[Vec<String>]) -> String {
    let head: Vec<String> = head.iter().map(|text| (*text).to_owned()).collect();
    let width = |column: usize| {
        let texts = std::iter::once(&head).chain(lines).filter_map(|line| line.get(column));
        texts.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut out = String::new();
    for line in [&head, &rule].into_iter().chain(lines) {
        for (text, width) in line.iter().zip(&widths) {
            let _ = write!(out, "| {text:width$} ");
        }
        out.push_str("|\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown_with_columns_as_wide_as_their_widest() {
        let text = table(&["a", "long head"], &[vec!["花子".into(), "1".into()]]);
        assert_eq!(text, "| a  | long head |\n| -- | --------- |\n| 花子 | 1         |\n");
    }

    #[test]
    fn only_what_was_measured_is_shown() {
        let text = Report { build_cpu_s: Some(1_201.0), ..Report::default() }.text();
        assert!(text.contains("missed") && !text.contains("Closed loop") && !text.contains("holds"), "{text}");
    }
}
