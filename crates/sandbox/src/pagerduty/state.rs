//! Everything the simulated account knows, under one lock, and the timers that move it. Holds no socket and never waits.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::access::Access;
use super::account::Account;
use super::actions::Extension;
use super::book::Book;
use super::call::Call;
use super::dice::Dice;
use super::disaster::Disaster;
use super::effects::Effects;
use super::events::EventJob;
use super::faults::Faults;
use super::flow::Loose;
use super::limits::Limits;
use super::story::{Step, Story};
use super::webhooks::Hooks;

#[derive(Debug)]
pub(crate) struct Settings {
    pub retry_ms: u64,
    pub event_lag_ms: u64,
    pub requests_per_minute: u32,
    pub events_per_minute: u32,
}

/// What happens by itself, later.
#[derive(Debug)]
pub(crate) enum Timer {
    Escalate(usize),
    Unacknowledge(usize),
    AutoResolve(usize),
    Event(Box<EventJob>),
    /// A request whose connection was cut and whose effect comes late.
    Late(Box<Call>),
    Story(Step),
    /// Deliveries that were held back may go.
    Release(String),
    /// A paused or suspended alert becomes an incident, unless it was resolved.
    Unpause(u64),
}

#[derive(Debug)]
pub(crate) struct State {
    pub now: Timestamp,
    pub account: Account,
    pub dice: Dice,
    pub book: Book,
    pub hooks: Hooks,
    pub effects: Effects,
    pub faults: Faults,
    pub disaster: Option<Disaster>,
    pub limits: Limits,
    pub access: Access,
    pub story: Option<Story>,
    pub change_events: Vec<Value>,
    /// Custom incident actions.
    pub extensions: Vec<Extension>,
    /// Alerts without an incident.
    pub loose: Loose,
    /// Every mail that came in, and what became of it.
    pub mails: Vec<Value>,
    pub settings: Settings,
    timers: BTreeMap<(Timestamp, u64), Timer>,
    timers_made: u64,
}

impl State {
    pub(crate) fn new(now: Timestamp, account: Account, dice: Dice, settings: Settings) -> Self {
        Self {
            now,
            account,
            dice,
            book: Book::default(),
            hooks: Hooks::default(),
            effects: Effects::default(),
            faults: Faults::default(),
            disaster: None,
            limits: Limits::default(),
            access: Access::default(),
            story: None,
            change_events: Vec::new(),
            extensions: Vec::new(),
            loose: Loose::default(),
            mails: Vec::new(),
            settings,
            timers: BTreeMap::new(),
            timers_made: 0,
        }
    }

    pub(crate) fn at(&mut self, due: Timestamp, timer: Timer) {
        self.timers_made += 1;
        self.timers.insert((due, self.timers_made), timer);
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.timers.keys().next().map(|(due, _)| *due)
    }

    /// Effects that were promised and have not happened yet. A paused alert is none: a resolve may come.
    pub(crate) fn scheduled(&self) -> usize {
        self.timers.values().filter(|t| matches!(t, Timer::Event(_) | Timer::Late(_))).count()
    }

    /// What the story had in mind is dropped.
    pub(crate) fn forget_story_timers(&mut self) {
        self.timers.retain(|_, timer| !matches!(timer, Timer::Story(_)));
    }

    /// Lives through everything due up to `until`, each at its own instant. True when anything was.
    pub(crate) fn run_until(&mut self, until: Timestamp) -> bool {
        let mut fired = false;
        while let Some(entry) = self.timers.first_entry() {
            let due = entry.key().0;
            if due > until {
                break;
            }
            let timer = entry.remove();
            self.now = self.now.max(due);
            self.fire(due, timer);
            fired = true;
        }
        self.now = self.now.max(until);
        fired
    }

    fn fire(&mut self, due: Timestamp, timer: Timer) {
        match timer {
            Timer::Escalate(index) if self.book.incidents[index].escalate_at == Some(due) => {
                self.escalate_by_clock(index)
            }
            Timer::Unacknowledge(index) if self.book.incidents[index].unack_at == Some(due) => {
                self.unacknowledge_by_clock(index)
            }
            Timer::AutoResolve(index) if self.book.incidents[index].auto_resolve_at == Some(due) => {
                self.resolve_by_clock(index)
            }
            Timer::Escalate(_) | Timer::Unacknowledge(_) | Timer::AutoResolve(_) => {}
            Timer::Event(job) => {
                self.apply_event(*job);
            }
            Timer::Late(call) => {
                super::server::apply(self, &call);
            }
            Timer::Story(step) => self.tell_story(step),
            Timer::Release(id) => self.release(&id, due),
            Timer::Unpause(number) => self.unpause(number),
        }
    }
}

/// An account without a past at a fixed instant, and without any lag.
#[cfg(test)]
pub(crate) fn for_tests() -> State {
    let now: Timestamp = "2026-05-01T00:00:00Z".parse().expect("an instant");
    let mut dice = Dice::new(1);
    let account = super::world::build(&mut dice, 0, now);
    let settings = Settings { retry_ms: 1000, event_lag_ms: 0, requests_per_minute: 960, events_per_minute: 120 };
    let mut state = State::new(now, account, dice, settings);
    state.book.start_keeping_past();
    state
}
