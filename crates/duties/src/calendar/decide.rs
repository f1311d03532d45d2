//! The decision on one event: what is new of it, what somebody did, what is due. Moving it makes another generation; whatever
//! comes twice or late changes nothing.

use super::notice::{End, EndWhy, Notice};
use super::rule::{Purpose, Rule};
use super::{Decision, Memory, Settings, Sighting, Step, View, promise, window};
use model::Micros;
use model::calendar::CalendarEvent;
use model::signal::Origin;

pub fn decide(settings: &Settings, view: &View<'_>, now: Micros) -> Decision {
    let before = view.memory;
    let unchanged = || Decision { memory: before.clone(), steps: Vec::new() };
    let is_history = matches!(view.origin, Origin::Backfill | Origin::Replay);
    if is_history && before.event.is_some() {
        return unchanged();
    }
    let Some(event) = seen(view) else { return unchanged() };
    let mut run = Run { settings, now, memory: before.clone(), steps: Vec::new() };
    if matches!(view.sighting, Sighting::Timer) {
        run.memory.timer = None;
    }
    run.acted(view);
    run.meet(event, view.baseline_at);
    // History sets timers and acts on nothing; what is due is due at once.
    let next = if is_history { run.due_at_once() } else { run.follow() };
    run.timer(next);
    Decision { memory: run.memory, steps: run.steps }
}

/// The event as it is to be thought of now; `None` when there is nothing to think about.
fn seen(view: &View<'_>) -> Option<CalendarEvent> {
    let known = view.memory.event.as_ref();
    match view.sighting {
        Sighting::Event(event) if known.is_some_and(|known| is_stale(event, known)) => None,
        Sighting::Event(event) => Some(match known.filter(|_| event.is_cancelled) {
            // A calendar tells little of what was cancelled.
            Some(known) => cancelled(known, event.updated_at),
            None => event.clone(),
        }),
        Sighting::Gone => known.map(|known| cancelled(known, None)),
        Sighting::Timer | Sighting::Known => known.cloned(),
    }
}

/// Whoever restores an event changes it: what is as old as the cancelling is what was cancelled.
fn is_stale(event: &CalendarEvent, known: &CalendarEvent) -> bool {
    let (theirs, ours) = (event.updated_at, known.updated_at);
    theirs.is_some() && (theirs < ours || (theirs == ours && known.is_cancelled && !event.is_cancelled))
}

fn cancelled(known: &CalendarEvent, updated_at: Option<Micros>) -> CalendarEvent {
    CalendarEvent { is_cancelled: true, updated_at: updated_at.or(known.updated_at), ..known.clone() }
}

pub(super) struct Run<'a> {
    pub settings: &'a Settings,
    pub now: Micros,
    pub memory: Memory,
    pub steps: Vec<Step>,
}

impl Run<'_> {
    fn acted(&mut self, view: &View<'_>) {
        let Some(act) = view.act else { return };
        if self.memory.notice.as_ref().is_some_and(|notice| notice.key == act.notice) {
            self.memory.is_over = true;
            self.memory.is_served = true;
            self.ends(EndWhy::Acted { what: act.what }, act.by.clone(), act.at);
        }
    }

    /// What is new of it.
    fn meet(&mut self, event: CalendarEvent, baseline_at: Micros) {
        let before = self.memory.event.replace(event.clone());
        let is_new = before.as_ref().is_none_or(|before| before.is_cancelled);
        let is_moved = before.as_ref().is_some_and(|before| before.starts_at != event.starts_at);
        if event.is_cancelled {
            return;
        }
        if is_new || is_moved {
            self.plan(&event, is_moved && !is_new, baseline_at);
        } else if before.as_ref().is_some_and(|before| self.is_prolonged(before, &event, baseline_at)) {
            self.plan(&event, false, baseline_at);
        } else if before.is_some_and(|before| says_else(&before, &event)) {
            self.changed(&event);
        }
    }

    /// It was over, nobody had served it, and now it lasts longer.
    fn is_prolonged(&self, before: &CalendarEvent, event: &CalendarEvent, baseline_at: Micros) -> bool {
        let was_over = self.memory.is_over && !self.memory.is_served && event.starts_at > baseline_at;
        was_over && before.ends_at <= self.now && self.now < event.ends_at
    }

    /// Another time is another generation. Who moves what is served to the past only writes down how it was.
    fn plan(&mut self, event: &CalendarEvent, is_moved: bool, baseline_at: Micros) {
        if is_moved {
            self.ends(EndWhy::Moved { to: event.starts_at }, None, self.now);
        }
        let is_written_down = is_moved && self.memory.is_served && event.starts_at <= self.now;
        self.memory.generation += 1;
        self.memory.announced = None;
        self.memory.is_served = is_written_down;
        let has_begun = event.starts_at <= baseline_at;
        self.memory.is_over = has_begun || is_written_down;
        // What was over by then is nobody's any more, not even on a list.
        let rule = self.settings.rule(event).filter(|_| has_begun && event.ends_at > baseline_at);
        if let Some(rule) = rule {
            self.steps.push(Step::WouldHave { rule: rule.name.clone() });
        }
    }

    fn changed(&mut self, event: &CalendarEvent) {
        if let Some(notice) = &mut self.memory.notice {
            notice.ends_at = event.ends_at;
            self.steps.push(Step::Update { notice: notice.key.clone() });
        }
    }

    /// What is due, and when the next thing is.
    fn follow(&mut self) -> Option<Micros> {
        let settings = self.settings;
        let event = self.memory.event.clone()?;
        let rule = settings.rule(&event).filter(|_| !event.is_cancelled);
        let purpose = rule.map(|rule| (rule, &rule.purpose));
        let promise = match purpose {
            Some((rule, Purpose::Promise)) => promise::follow(self, rule, &event),
            _ => {
                self.take_back(event.is_cancelled);
                None
            }
        };
        let window = match purpose {
            Some((rule, Purpose::Maintenance { services })) => window::follow(self, rule, services, &event),
            _ => {
                window::take_back(self, event.is_cancelled);
                None
            }
        };
        promise.or(window)
    }

    /// Nobody is to hear of it any more. Chosen again it is another generation, for a key is used once.
    fn take_back(&mut self, is_cancelled: bool) {
        if self.memory.notice.is_some() {
            self.memory.generation += 1;
            self.ends(if is_cancelled { EndWhy::Cancelled } else { EndWhy::NotChosen }, None, self.now);
        }
    }

    /// The first thing that is to be done for it, at the earliest now.
    fn due_at_once(&self) -> Option<Micros> {
        let event = self.memory.event.as_ref().filter(|event| !event.is_cancelled && !self.memory.is_over)?;
        let (early, last) = self.settings.rule(event)?.dues(event, &self.settings.locale);
        Some(early.into_iter().find(|due| *due > self.now).unwrap_or(last).max(self.now))
    }

    fn timer(&mut self, next: Option<Micros>) {
        match next {
            Some(due) if self.memory.timer != Some(due) => self.steps.push(Step::SetTimer { due }),
            None if self.memory.timer.is_some() => self.steps.push(Step::CancelTimer),
            _ => {}
        }
        self.memory.timer = next;
    }

    /// The open notice, if there is one, is over.
    pub fn ends(&mut self, why: EndWhy, by: Option<String>, at: Micros) {
        let Some(notice) = self.memory.notice.take() else { return };
        let end = End { why, by, at };
        self.memory.ended = Some((notice.clone(), end.clone()));
        self.steps.push(Step::Ended { notice, end });
    }

    pub fn key(&self, rule: &Rule) -> String {
        format!("{}#{}", rule.name, self.memory.generation)
    }

    pub fn open(&mut self, notice: Notice) {
        self.steps.push(Step::Notice(notice.clone()));
        self.memory.notice = Some(notice);
    }
}

/// Whether it says something else than before to those who read it.
fn says_else(before: &CalendarEvent, event: &CalendarEvent) -> bool {
    let read = |event: &CalendarEvent| {
        (event.title.clone(), event.text.clone(), event.place.clone(), event.ends_at, event.registrant.clone())
    };
    read(before) != read(event)
}
