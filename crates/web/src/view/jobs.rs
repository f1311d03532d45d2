//! What is meant to be done to the outside: dead, waiting for a person, waiting for its time, skipped with the reason.

use super::frame::counted;
use super::{Frame, IncidentLink};
use crate::markup::encode;
use model::Micros;

#[derive(Clone, Debug)]
pub struct JobsView {
    pub counts: JobCounts,
    /// The state that is listed.
    pub state: JobState,
    pub rows: Vec<JobRow>,
    /// Dead jobs that died of the same cause, two or more, the most first. Only for those who may run them again.
    pub causes: Vec<CauseGroup>,
    /// Signals that nobody could read: those that are no fault of ours, and those that are.
    pub unreadable: u64,
    pub dead_signals: u64,
    pub next_cursor: Option<String>,
}

/// Dead jobs of one cause.
#[derive(Clone, Debug)]
pub struct CauseGroup {
    pub cause: String,
    pub ids: Vec<i64>,
}

impl CauseGroup {
    pub fn ids(&self) -> String {
        self.ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
    }

    pub fn count(&self) -> usize {
        self.ids.len()
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub struct JobCounts {
    pub dead: u64,
    pub human: u64,
    /// Waiting or running, counted up to a bound.
    pub waiting: u64,
    pub skipped: u64,
}

impl JobCounts {
    pub const fn for_people(&self) -> u64 {
        self.dead.saturating_add(self.human)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    Dead,
    Human,
    Waiting,
    Running,
    Skipped,
    Done,
}

impl JobState {
    pub const ALL: [Self; 6] = [Self::Dead, Self::Human, Self::Waiting, Self::Running, Self::Skipped, Self::Done];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Human => "human",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Skipped => "skipped",
            Self::Done => "done",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// Duties that want a job for one reason.
/// What is done in Slack has one reason each, but for what is said in a thread.
const SLACK_WHYS: [&str; 3] = ["show", "respond", "open_form"];
const WHYS: [&str; 10] =
    ["poll", "mirror", "gap", "backfill", "alerts", "link_note", "webhook_guard", "confirm", "tickets", "calendar"];

#[derive(Clone, Debug)]
pub struct JobRow {
    pub id: String,
    /// `model::action::Effect::name`.
    pub effect: String,
    pub state: JobState,
    pub incident: Option<IncidentLink>,
    /// Whose job it is: the beginning of its action's key.
    pub duty: String,
    /// Why it was wanted, as it was written down.
    pub why: String,
    /// Why it is in this state.
    pub cause: Option<String>,
    pub queue: String,
    pub due_at: Option<Micros>,
    pub ended_at: Option<Micros>,
    pub spent: u32,
    /// Newest first.
    pub attempts: Vec<AttemptRow>,
}

#[derive(Clone, Debug)]
pub struct AttemptRow {
    pub started_at: Micros,
    pub ended_at: Option<Micros>,
    /// `done`, `later`, `never`, `unknown`, `human`, `skipped`; `None` while nobody knows.
    pub outcome: Option<String>,
    pub why: Option<String>,
    pub worker: String,
}

impl JobRow {
    pub fn retry_href(&self) -> String {
        format!("/jobs/{}/retry", encode(&self.id))
    }

    /// Why it was wanted, in the reader's language where the duty has but one reason.
    pub fn why(&self, f: &Frame) -> String {
        let name = self.why.strip_suffix(" asked for it").unwrap_or(&self.why);
        match self.duty.as_str() {
            "act" => f.t1("why-act", "name", f.brief(name)),
            "slack" if SLACK_WHYS.contains(&self.effect.as_str()) => f.word("why-slack", &self.effect),
            duty if WHYS.contains(&duty) => f.word("why", duty),
            _ => self.why.clone(),
        }
    }

    pub fn settle_href(&self) -> String {
        format!("/jobs/{}/settle", encode(&self.id))
    }

    pub fn is_for_a_person(&self) -> bool {
        self.state == JobState::Human
    }

    pub fn may_be_retried(&self) -> bool {
        let is_at_end = matches!(self.state, JobState::Dead | JobState::Human | JobState::Skipped);
        is_at_end && !self.is_for_who_asked()
    }

    /// What a person asked for is sent in that person's name: nobody else sends it again. In doubt it may be looked up.
    pub fn is_for_who_asked(&self) -> bool {
        self.effect == "act" && matches!(self.state, JobState::Dead | JobState::Skipped)
    }
}

impl AttemptRow {
    pub fn outcome_word(&self, f: &Frame) -> String {
        self.outcome.as_deref().map_or_else(|| f.t("outcome-open"), |o| f.word("outcome", o))
    }
}

impl JobsView {
    pub fn sentence(&self, f: &Frame) -> String {
        let c = &self.counts;
        let key = match (c.dead, c.human, c.waiting) {
            (0, 0, 0) => "jobs-quiet",
            (0, 0, _) => "jobs-waiting",
            _ => "jobs-need-people",
        };
        f.t_args(key, &[("dead", c.dead.into()), ("human", c.human.into()), ("waiting", counted(c.waiting))])
    }

    pub fn tabs(&self) -> [(JobState, u64); 4] {
        let c = &self.counts;
        [
            (JobState::Dead, c.dead),
            (JobState::Human, c.human),
            (JobState::Waiting, c.waiting),
            (JobState::Skipped, c.skipped),
        ]
    }

    pub fn next_href(&self, cursor: &str) -> String {
        format!("/jobs?state={}&cursor={}", self.state.as_str(), encode(cursor))
    }
}
