//! What may be done to an incident in PagerDuty, by whom, and what became of what was asked for. Knows nothing of how an
//! act is sent.

use super::{Frame, Named};
use crate::i18n::Arg;
use crate::markup::encode;
use model::Micros;
use model::act::{Act, Unfit};

/// Why there is nothing to press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bar {
    /// The words, which name reason and remedy, in the reader's language.
    MayNot(String),
    /// The incident is over: notes alone are left.
    Over,
}

#[derive(Clone, Debug)]
pub struct ActsView {
    /// PagerDuty's id of the incident, and what it is called.
    pub incident: String,
    pub label: String,
    /// As which PagerDuty user: (name, mail address).
    pub as_user: Option<(String, String)>,
    pub bar: Option<Bar>,
    /// Acts that are offered now, by their names.
    pub offered: Vec<&'static str>,
    /// The same for every form of this rendering: a form that is sent twice is one act.
    pub nonce: String,
    /// The next nine o'clock in the reader's zone.
    pub morning: Option<Micros>,
    pub users: Vec<Named>,
    /// Levels of the incident's policy from the second on, with who is on call there.
    pub levels: Vec<(i64, String)>,
    pub priorities: Vec<Named>,
    /// Other open incidents that could be merged into this one.
    pub others: Vec<Other>,
    pub more_others: bool,
    /// Newest first.
    pub asked: Vec<AskedRow>,
    pub problem: Option<ActProblem>,
    /// What was typed into the form that was refused: (act, text).
    pub draft: Option<(String, String)>,
}

/// An incident that could be merged.
#[derive(Clone, Debug)]
pub struct Other {
    pub id: String,
    pub label: String,
    pub title: String,
    pub service: Option<String>,
}

/// Why a form was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActProblem {
    Unfit(Unfit),
    /// A field that can't be read, or names what PagerDuty is not known to have.
    Field {
        field: String,
        value: String,
    },
    /// The same form was sent before with other words.
    OtherWords,
    Over,
    MayNot,
}

/// How far an act has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActState {
    Waiting,
    Sending,
    /// Put off: PagerDuty, or the way there, asks for it.
    Later,
    /// Nobody knows; it is looked up.
    Unknown,
    Done,
    /// Only a person can tell whether it happened.
    Human,
    Dead,
    Skipped,
}

impl ActState {
    /// From the store's words for the job's state and the last try's outcome.
    pub fn of(state: &str, outcome: Option<&str>) -> Self {
        match (state, outcome) {
            ("ready", Some("unknown")) => Self::Unknown,
            ("ready", Some("later")) => Self::Later,
            ("ready", _) => Self::Waiting,
            ("leased", _) => Self::Sending,
            ("done", _) => Self::Done,
            ("skipped", _) => Self::Skipped,
            ("human", _) => Self::Human,
            _ => Self::Dead,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Later => "later",
            Self::Unknown => "unknown",
            Self::Done => "done",
            Self::Human => "human",
            Self::Dead => "dead",
            Self::Skipped => "skipped",
        }
    }

    /// Whether it may still happen by itself.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Waiting | Self::Sending | Self::Later | Self::Unknown)
    }

    const fn shape(self) -> &'static str {
        match self {
            Self::Waiting | Self::Sending | Self::Later => "acknowledged",
            Self::Unknown => "unknown",
            Self::Done => "resolved",
            Self::Human => "missing",
            Self::Dead | Self::Skipped => "triggered",
        }
    }
}

/// An act that was asked for.
#[derive(Clone, Debug)]
pub struct AskedRow {
    pub job: i64,
    pub act: Act,
    /// Names of what it names: users, a priority, incidents.
    pub names: Vec<String>,
    /// PagerDuty's id of the person in whose name, and what they are called.
    pub user: String,
    pub who: String,
    pub asked_at: Micros,
    pub state: ActState,
    pub cause: Option<String>,
    pub due: Micros,
    pub ended_at: Option<Micros>,
    /// Only a person can tell whether it happened, and the reader may.
    pub may_settle: bool,
}

impl AskedRow {
    pub fn settle_href(&self) -> String {
        format!("/jobs/{}/settle", self.job)
    }

    /// What was asked for.
    pub fn what(&self, f: &Frame) -> String {
        let names = f.join(&self.names);
        match &self.act {
            Act::Acknowledge => f.t("asked-acknowledge"),
            Act::Resolve { .. } => f.t("asked-resolve"),
            Act::Note { .. } => f.t("asked-note"),
            Act::Snooze { seconds } => f.t1("asked-snooze", "span", f.span(seconds)),
            Act::Reassign { .. } => f.t1("asked-reassign", "names", names),
            Act::Escalate { level } => f.t1("asked-escalate", "level", *level),
            Act::Priority { to: Some(_) } => f.t1("asked-priority", "names", names),
            Act::Priority { to: None } => f.t("asked-priority-none"),
            Act::Merge { .. } => f.t1("asked-merge", "names", names),
        }
    }

    /// The words that go along.
    pub fn words(&self) -> Option<&str> {
        match &self.act {
            Act::Note { text } => Some(text),
            Act::Resolve { resolution } => resolution.as_deref(),
            _ => None,
        }
    }

    pub fn mark(&self, f: &Frame) -> crate::Markup {
        f.mark(self.state.shape(), f.word("acted", self.state.as_str()))
    }

    /// When it ended, or when it is tried or looked up next.
    pub fn when(&self) -> Option<Micros> {
        match self.state {
            ActState::Later | ActState::Unknown => Some(self.due),
            ActState::Waiting | ActState::Sending => None,
            _ => self.ended_at,
        }
    }

    /// What to do about it, where there is something to do.
    pub fn remedy(&self, f: &Frame) -> Option<String> {
        match self.state {
            ActState::Unknown | ActState::Human | ActState::Dead | ActState::Skipped => {
                Some(f.word("acted-remedy", self.state.as_str()))
            }
            _ => None,
        }
    }
}

impl ActsView {
    pub fn href(&self) -> String {
        format!("/incidents/{}/acts", encode(&self.incident))
    }

    pub fn offers(&self, act: &str) -> bool {
        self.offered.contains(&act)
    }

    pub fn offers_any(&self) -> bool {
        !self.offered.is_empty()
    }

    /// Whether one form stands open with what was typed.
    pub fn is_drafted(&self, act: &str) -> bool {
        self.draft.as_ref().is_some_and(|(held, _)| held == act)
    }

    pub fn drafted(&self, act: &str) -> &str {
        self.draft.as_ref().filter(|(held, _)| held == act).map_or("", |(_, text)| text)
    }

    pub fn hours(&self, f: &Frame, hours: i64) -> String {
        f.span(&(hours * 3_600))
    }

    /// "9 o'clock" with its day.
    pub fn morning(&self, f: &Frame) -> Option<String> {
        let at = self.morning?;
        Some(f.t2("act-until", "day", f.day(&at), "clock", crate::when::clock(&f.zone, at)[..5].to_owned()))
    }

    pub fn level(&self, f: &Frame, level: &i64, who: &str) -> String {
        if who.is_empty() { f.t1("act-level", "n", *level) } else { f.t2("act-level-who", "n", *level, "who", who) }
    }

    pub fn other(&self, f: &Frame, other: &Other) -> String {
        let service = other.service.as_deref().unwrap_or_default();
        let title = f.brief(&other.title);
        if service.is_empty() { title } else { f.t2("pair", "name", f.short(service), "value", title) }
    }

    /// Why the form was not taken, and what to do.
    pub fn problem_words(&self, f: &Frame) -> Option<String> {
        Some(match self.problem.as_ref()? {
            ActProblem::Unfit(unfit) => f.t(unfit_key(*unfit)),
            ActProblem::Field { field, value } if value.is_empty() => {
                f.t1("act-bad-field", "field", f.word("act-field", field))
            }
            ActProblem::Field { field, value } => {
                let args = [("field", f.word("act-field", field).value()), ("value", f.short(value).value())];
                f.t_args("act-unknown", &args)
            }
            ActProblem::OtherWords => f.t("act-other-words"),
            ActProblem::Over => f.t("act-over"),
            ActProblem::MayNot => f.t("act-may-not"),
        })
    }
}

const fn unfit_key(unfit: Unfit) -> &'static str {
    match unfit {
        Unfit::EmptyText => "unfit-empty-text",
        Unfit::TextTooLong => "unfit-text-too-long",
        Unfit::SnoozeOutOfRange => "unfit-snooze-out-of-range",
        Unfit::NobodyNamed => "unfit-nobody-named",
        Unfit::LevelOutOfRange => "unfit-level-out-of-range",
        Unfit::NothingToMerge => "unfit-nothing-to-merge",
        Unfit::OddId => "unfit-odd-id",
    }
}
