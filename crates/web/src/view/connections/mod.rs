//! *Connections*: for every way in or out, how it is, since when, how we know and what to do. Plain data; the words are
//! made here, in the reader's language.

mod calendars;
mod polls;
mod rest;
mod slack;
mod upkeep;
mod ways;
mod webhooks;

pub use calendars::{CalendarConnection, CalendarsView, Push};
pub(crate) use polls::is_of_pagerduty;
pub(super) use polls::remedy as poll_remedy;
pub use polls::{PollRow, PollWait, Polls};
pub(super) use rest::again;
pub use rest::{BreakerRow, EventsApi, Rest};
pub(super) use slack::channel as slack_channel;
pub use slack::{MutedChannel, PostTrouble, SlackView};
pub use upkeep::{Database, ProcessRow, Running, SourceRow, SpoolRow, Sweep};
pub use ways::{CanaryRow, DoorRow, RouteRow, WayOut, Ways, share};
pub use webhooks::{Lag, SubscriptionRow, Webhooks};

use super::{BackfillRow, Frame, GapRow};

#[derive(Clone, Debug)]
pub struct ConnectionsView {
    /// The reader sees everything; others see what concerns them, and nothing of the whole account.
    pub is_whole: bool,
    pub rest: Rest,
    pub webhooks: Webhooks,
    pub events: EventsApi,
    pub polls: Polls,
    pub database: Database,
    /// The latest first.
    pub processes: Vec<ProcessRow>,
    pub account: Running,
    /// What came in, by source.
    pub sources: Vec<SourceRow>,
    /// The latest first.
    pub gaps: Vec<GapRow>,
    pub backfill: Option<BackfillRow>,
    /// How many things of each kind are mirrored.
    pub reference: Vec<(String, u64)>,
    pub ways: Ways,
    pub slack: SlackView,
    pub calendars: CalendarsView,
    /// A test of a route was asked for a moment ago.
    pub tests: bool,
}

/// The answer of one block.
#[derive(Clone, Debug)]
pub struct Said {
    /// One of the five shapes.
    pub state: &'static str,
    pub what: String,
    pub remedy: Option<String>,
}

impl Said {
    fn good(what: String) -> Self {
        Self { state: "resolved", what, remedy: None }
    }

    fn new(state: &'static str, what: String, remedy: String) -> Self {
        Self { state, what, remedy: Some(remedy) }
    }
}

impl ConnectionsView {
    /// The same for somebody who sees some customers only: whether what happens arrives and how fresh it is, and
    /// nothing that counts, names or addresses the whole account.
    pub fn narrowed(self) -> Self {
        Self {
            is_whole: false,
            rest: self.rest.narrowed(),
            webhooks: self.webhooks.narrowed(),
            events: EventsApi { breaker: None, ..self.events },
            polls: self.polls,
            database: Database { is_postgres: self.database.is_postgres, ..Database::default() },
            processes: Vec::new(),
            account: Running { sweep: None, ..self.account },
            sources: Vec::new(),
            gaps: Vec::new(),
            backfill: None,
            reference: Vec::new(),
            ways: Ways::default(),
            slack: self.slack.narrowed(),
            calendars: self.calendars.narrowed(),
            tests: self.tests,
        }
    }

    /// Every block that is shown, with its name.
    fn all(&self, f: &Frame) -> Vec<(&'static str, Said)> {
        let mut all = vec![
            ("conn-rest", self.rest.said(f)),
            ("conn-webhooks", self.webhooks.said(f)),
            ("conn-polls", self.polls.said(f)),
        ];
        if self.is_whole {
            all.insert(2, ("conn-events", self.events.said(f)));
            all.extend([
                ("conn-account", self.account.said(f)),
                ("conn-database", self.database.said(f)),
                ("conn-processes", self.processes_said(f)),
            ]);
            if self.slack.settings.is_set() {
                all.push(("conn-slack", self.slack.said(f)));
            }
            if self.calendars.is_used() {
                all.push(("conn-calendars", self.calendars.said(f)));
            }
            if self.ways.is_used() {
                all.extend([("conn-routes", self.ways.routes_said(f)), ("conn-out", self.ways.out_said(f))]);
            }
        }
        all
    }

    /// The answer in words.
    pub fn sentence(&self, f: &Frame) -> String {
        let all = self.all(f);
        for (state, key) in [("triggered", "conn-broken"), ("acknowledged", "conn-attention")] {
            let which: Vec<String> = all.iter().filter(|(_, s)| s.state == state).map(|(key, _)| f.t(key)).collect();
            if !which.is_empty() {
                return f.t2(key, "n", which.len(), "which", f.join(&which));
            }
        }
        if !self.rest.configured && !self.webhooks.has_secret {
            return f.t("conn-nothing");
        }
        f.t(match self.is_whole {
            _ if !self.is_proven(f) => "conn-unproven",
            true => "conn-good",
            false => "conn-good-own",
        })
    }

    /// Every list that is asked for has been read and goes on being read.
    fn is_proven(&self, f: &Frame) -> bool {
        !self.polls.is_polling || self.polls.is_whole(f.now)
    }

    /// The shape beside the answer.
    pub fn state(&self, f: &Frame) -> &'static str {
        let all = self.all(f);
        let worst = ["triggered", "acknowledged"].into_iter().find(|state| all.iter().any(|(_, s)| s.state == *state));
        let connected = self.rest.configured || self.webhooks.has_secret;
        worst.unwrap_or(if connected && self.is_proven(f) { "resolved" } else { "unknown" })
    }

    pub fn processes_said(&self, f: &Frame) -> Said {
        let running = self.processes.iter().filter(|p| p.stopped_at.is_none()).count();
        let silent = self.processes.iter().filter(|p| p.is_silent(f.now)).count();
        match (running, silent) {
            (0, _) => Said { state: "unknown", what: f.t("conn-processes-none"), remedy: None },
            (_, 0) => Said::good(f.t1("conn-processes-good", "n", running)),
            _ => {
                let what = f.t2("conn-processes-silent", "n", silent, "span", f.span(&upkeep::SILENT_S));
                Said::new("acknowledged", what, f.t("conn-processes-silent-do"))
            }
        }
    }
}
