//! Remind until somebody has moved, then stop: one engine for tickets, events, incidents and hand-overs. Decides whom to remind
//! and when to ask again; who that is at the time, and what was to be done, others know. Nothing is dropped by quiet hours.

mod quiet;
pub mod words;

#[cfg(test)]
mod tests;

pub use quiet::{Daily, Problem, Quiet};

use model::Micros;
use model::hours::Roster;
use model::incident::Urgency;
use serde::{Deserialize, Serialize};

pub const DUTY: &str = "reminders";
/// The version of the stored state.
pub const VERSION: i64 = 1;
/// Whatever is set, nobody is reminded more often.
const LEAST_S: i64 = 60;

#[derive(Clone, Debug)]
pub struct Settings {
    pub first_after_s: i64,
    pub every_s: i64,
    /// Whom, from the nearest outwards. Whoever was reminded goes on being so.
    pub circle: Vec<Target>,
    /// After so many reminders the circle grows by one; 0: all of it at once.
    pub grow_after: u32,
    pub quiet: Quiet,
    pub urgent_ignores_quiet: bool,
    /// After so many it is reported that nobody acted; `None`: for ever.
    pub most: Option<u32>,
    /// Of which incidents that have a message people are reminded.
    pub incidents: Incidents,
    /// Where quiet hours are told.
    pub zone: jiff::tz::TimeZone,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            first_after_s: 900,
            every_s: 900,
            circle: vec![Target::OnCall, Target::Registrant, Target::Channel],
            grow_after: 2,
            quiet: Quiet::None,
            urgent_ignores_quiet: true,
            most: Some(12),
            incidents: Incidents::High,
            zone: jiff::tz::TimeZone::UTC,
        }
    }
}

/// Incidents that people are reminded of while nobody has acknowledged them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Incidents {
    Off,
    #[default]
    High,
    All,
}

impl Incidents {
    pub fn means(self, urgency: Urgency) -> bool {
        match self {
            Self::Off => false,
            Self::High => urgency == Urgency::High,
            Self::All => true,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    OnCall,
    /// Who entered it, created it or hands it over.
    Registrant,
    Person(String),
    Group(String),
    Channel,
}

/// One reminding, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Since when somebody should have moved.
    pub since: Micros,
    pub is_urgent: bool,
    /// How many reminders there were. The next one's number is the key that makes it one.
    pub count: u32,
    /// When to ask again.
    pub next_at: Micros,
    pub moved: Option<Moved>,
    pub stopped: Option<Stop>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// A person's name, or what took the reason away.
    pub by: String,
    pub at: Micros,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Stop {
    Moved {
        by: String,
        at: Micros,
    },
    /// To be reported: so many reminders, and nobody acted.
    NobodyActed {
        count: u32,
    },
}

/// What is to be done now. Whenever it is not over, a timer is set for `state.next_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    Remind {
        n: u32,
        to: Vec<Target>,
    },
    Postpone {
        until: Micros,
        is_quiet: bool,
    },
    /// Told once.
    Stop(Stop),
    /// It has stopped before.
    Nothing,
}

pub fn start(settings: &Settings, since: Micros, is_urgent: bool) -> State {
    let next_at = since.plus_s(settings.first_after_s.max(0));
    State { since, is_urgent, count: 0, next_at, moved: None, stopped: None }
}

/// Somebody acted, or there is nothing to act on any more; the first one counts.
pub fn moved(state: &State, by: &str, at: Micros) -> State {
    let moved = state.moved.clone().or_else(|| Some(Moved { by: by.into(), at }));
    State { moved, ..state.clone() }
}

/// Whoever acted let it go: people are reminded anew. The numbers of reminders go on, for they are keys.
pub fn again(settings: &Settings, state: &State, now: Micros) -> State {
    State {
        since: now,
        next_at: now.plus_s(settings.first_after_s.max(0)),
        moved: None,
        stopped: None,
        ..state.clone()
    }
}

/// What a timer that fired means. However late it fires it is one reminder, and one that fires early is none.
pub fn due(settings: &Settings, state: &State, roster: &Roster, now: Micros) -> (State, Due) {
    let mut state = state.clone();
    if state.stopped.is_some() {
        return (state, Due::Nothing);
    }
    let due = match state.moved.clone() {
        Some(Moved { by, at }) => stop(&mut state, Stop::Moved { by, at }),
        None => turn(settings, &mut state, roster, now),
    };
    (state, due)
}

fn turn(settings: &Settings, state: &mut State, roster: &Roster, now: Micros) -> Due {
    if now < state.next_at {
        return Due::Postpone { until: state.next_at, is_quiet: false };
    }
    let ignores_quiet = state.is_urgent && settings.urgent_ignores_quiet;
    let quiet = if ignores_quiet { None } else { settings.quiet.until(&settings.zone, roster, now) };
    if let Some(until) = quiet {
        state.next_at = until;
        return Due::Postpone { until, is_quiet: true };
    }
    if settings.most.is_some_and(|most| state.count >= most) {
        let count = state.count;
        return stop(state, Stop::NobodyActed { count });
    }
    state.count = state.count.saturating_add(1);
    state.next_at = now.plus_s(settings.every_s.max(LEAST_S));
    Due::Remind { n: state.count, to: circle(settings, state.count) }
}

fn stop(state: &mut State, stop: Stop) -> Due {
    state.stopped = Some(stop.clone());
    Due::Stop(stop)
}

/// Whom the n-th reminder is for.
fn circle(settings: &Settings, n: u32) -> Vec<Target> {
    let levels = match settings.grow_after {
        0 => settings.circle.len(),
        after => usize::try_from(n.saturating_sub(1) / after).unwrap_or(usize::MAX).saturating_add(1),
    };
    let mut to = Vec::new();
    for target in settings.circle.iter().take(levels) {
        if !to.contains(target) {
            to.push(target.clone());
        }
    }
    to
}
