//! What keeps the mirror whole: the running account with both counts behind *lost*, the database that everything is kept in, and the processes at work.

use super::Said;
use crate::view::Frame;
use crate::when;
use model::Micros;

/// A process says that it lives several times in this time.
pub(super) const SILENT_S: i64 = 20;

/// The running account: what came in against what is kept, and what the API shows against what the mirror has.
#[derive(Clone, Debug, Default)]
pub struct Running {
    pub received: u64,
    pub duplicates: u64,
    /// Signals ever kept.
    pub rows: u64,
    /// Received, no repeat, and not kept.
    pub lost_signals: u64,
    /// Incidents that the API showed a minute ago or earlier, and the mirror lacks.
    pub lost_incidents: u64,
    pub sweep: Option<Sweep>,
}

/// What one source ever sent.
#[derive(Clone, Debug)]
pub struct SourceRow {
    pub source: String,
    pub last_at: Micros,
    /// Repeats included.
    pub received: u64,
    pub duplicates: u64,
}

/// The last whole look at everything that is open.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    pub at: Micros,
    pub shown: u64,
    pub lacked: u64,
    /// Open here, and not among those that PagerDuty showed.
    pub ours_alone: u64,
}

impl Running {
    pub const fn lost(&self) -> u64 {
        self.lost_signals.saturating_add(self.lost_incidents)
    }

    pub fn said(&self, f: &Frame) -> Said {
        match (self.lost(), self.received) {
            (0, 0) => Said { state: "unknown", what: f.t("conn-account-none"), remedy: None },
            (0, _) => Said::good(f.t("conn-account-good")),
            (lost, _) => Said::new("triggered", f.t1("conn-account-lost", "lost", lost), f.t("alarm-lost-do")),
        }
    }

    pub fn sweep_text(&self, f: &Frame) -> String {
        let Some(sweep) = self.sweep else { return f.t("conn-sweep-none") };
        f.t_args(
            "conn-sweep",
            &[("shown", sweep.shown.into()), ("lacked", sweep.lacked.into()), ("alone", sweep.ours_alone.into())],
        )
    }
}

#[derive(Clone, Debug, Default)]
pub struct Database {
    pub is_postgres: bool,
    /// (setting, value), as the live connection says; empty if it was not asked in time.
    pub settings: Vec<(String, String)>,
    pub spool: Option<SpoolRow>,
}

/// Where signals are kept while PostgreSQL does not take them.
#[derive(Clone, Debug, Default)]
pub struct SpoolRow {
    pub rows: u64,
    pub oldest_at: Option<Micros>,
    pub away_since: Option<Micros>,
    pub stuck: u64,
    pub lost: u64,
    pub trouble: Option<String>,
}

impl Database {
    fn is_durable(&self) -> bool {
        let value = |name: &str| self.settings.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        if self.is_postgres {
            value("fsync") == Some("on")
                && value("full_page_writes") == Some("on")
                && value("synchronous_commit").is_some_and(|v| v != "off")
        } else {
            matches!(value("synchronous"), Some("2" | "3"))
        }
    }

    pub fn said(&self, f: &Frame) -> Said {
        if let Some(said) = self.spool.as_ref().and_then(|spool| spool.said(f)) {
            return said;
        }
        if self.settings.is_empty() {
            return Said { state: "unknown", what: f.t("conn-database-unknown"), remedy: None };
        }
        let kind = self.kind();
        if self.is_durable() {
            Said::good(f.t1("conn-database-good", "kind", kind))
        } else {
            Said::new("triggered", f.t1("conn-database-unsafe", "kind", kind), f.t("conn-database-unsafe-do"))
        }
    }

    pub const fn kind(&self) -> &'static str {
        if self.is_postgres { "PostgreSQL" } else { "SQLite" }
    }
}

impl SpoolRow {
    /// Only what needs a word.
    fn said(&self, f: &Frame) -> Option<Said> {
        if self.lost > 0 || self.stuck > 0 {
            let what = f.t2("conn-spool-bad", "lost", self.lost, "stuck", self.stuck);
            return Some(Said::new("triggered", what, f.t("conn-spool-bad-do")));
        }
        if let Some(since) = self.away_since {
            let span = when::between(f.language, since, f.now);
            let what = f.t2("conn-spool-away", "span", span, "rows", self.rows);
            return Some(Said::new("triggered", what, f.t("conn-spool-away-do")));
        }
        if let Some(trouble) = &self.trouble {
            let what = f.t1("conn-spool-trouble", "trouble", f.whole(trouble));
            return Some(Said::new("acknowledged", what, f.t("conn-spool-trouble-do")));
        }
        (self.rows > 0).then(|| Said {
            state: "acknowledged",
            what: f.t1("conn-spool-drains", "rows", self.rows),
            remedy: None,
        })
    }

    pub fn text(&self, f: &Frame) -> String {
        f.t1("conn-spool-rows", "rows", self.rows)
    }
}

#[derive(Clone, Debug)]
pub struct ProcessRow {
    pub id: String,
    pub role: String,
    pub host: String,
    pub version: String,
    pub started_at: Micros,
    pub seen_at: Micros,
    pub stopped_at: Option<Micros>,
}

impl ProcessRow {
    pub(super) fn is_silent(&self, now: Micros) -> bool {
        self.stopped_at.is_none() && now.since(self.seen_at) > SILENT_S * 1_000_000
    }

    pub fn state(&self, f: &Frame) -> &'static str {
        match self.stopped_at {
            Some(_) => "unknown",
            None if self.is_silent(f.now) => "acknowledged",
            None => "resolved",
        }
    }

    pub fn word(&self, f: &Frame) -> String {
        match self.stopped_at {
            Some(_) => f.t("process-stopped"),
            None if self.is_silent(f.now) => f.t1("process-silent", "span", f.between(&self.seen_at, &f.now)),
            None => f.t("process-runs"),
        }
    }
}
