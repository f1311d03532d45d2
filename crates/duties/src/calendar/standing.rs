//! Where an event stands, for those who look: what is still to come of it, what people were told, what became of that. Reads what the
//! decisions left behind; decides nothing.

use super::Memory;
use super::notice::{End, EndWhy, Notice, Window};
use super::rule::{Purpose, Settings};
use model::Micros;
use model::calendar::CalendarEvent;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was cancelled or deleted.
    Cancelled,
    /// No rule chooses it.
    NotChosen,
    /// People are to hear of it then.
    Planned { due: Option<Micros> },
    /// They were told, and nobody has closed it.
    Told(Notice),
    /// Somebody acted.
    Served(Notice, End),
    /// It ended and nobody acted; without a notice it was found too late.
    Unserved(Option<Notice>),
    /// It had begun before we first looked: nobody heard of it.
    Baseline,
    /// Services are worked on, or are going to be.
    Window(Window),
    /// That is over.
    WindowOver,
}

impl Standing {
    /// Its name, for programs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::NotChosen => "not_chosen",
            Self::Planned { .. } => "planned",
            Self::Told(_) => "told",
            Self::Served(..) => "served",
            Self::Unserved(_) => "unserved",
            Self::Baseline => "baseline",
            Self::Window(_) => "window",
            Self::WindowOver => "window_over",
        }
    }

    pub const NAMES: [&str; 9] =
        ["cancelled", "not_chosen", "planned", "told", "served", "unserved", "baseline", "window", "window_over"];
}

/// `baseline_at`: when its calendar was first read.
pub fn standing(
    settings: &Settings,
    event: &CalendarEvent,
    memory: &Memory,
    (is_gone, baseline_at): (bool, Option<Micros>),
) -> Standing {
    if let Some(notice) = &memory.notice {
        return Standing::Told(notice.clone());
    }
    if let Some(window) = &memory.window {
        return Standing::Window(window.clone());
    }
    if let Some(standing) = served(memory) {
        return standing;
    }
    if is_gone || event.is_cancelled {
        return Standing::Cancelled;
    }
    let Some(rule) = settings.rule(event) else { return Standing::NotChosen };
    if !memory.is_over {
        return Standing::Planned { due: memory.timer };
    }
    match rule.purpose {
        _ if baseline_at.is_some_and(|at| event.starts_at <= at) => Standing::Baseline,
        Purpose::Maintenance { .. } => Standing::WindowOver,
        Purpose::Promise => Standing::Unserved(None),
    }
}

/// What became of the notice of this time, if it had one and it was not for nothing.
fn served(memory: &Memory) -> Option<Standing> {
    // Whoever moves what is served to the past only writes down how it was.
    let is_this = |notice: &Notice| memory.is_served || notice.generation == memory.generation;
    let (notice, end) = memory.ended.clone().filter(|(notice, _)| is_this(notice))?;
    match end.why {
        EndWhy::Acted { .. } => Some(Standing::Served(notice, end)),
        EndWhy::Unserved => Some(Standing::Unserved(Some(notice))),
        EndWhy::Cancelled | EndWhy::Moved { .. } | EndWhy::NotChosen | EndWhy::Lost => None,
    }
}
