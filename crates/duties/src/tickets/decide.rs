//! The decision on one ticket: everything new that the customer's side did is judged in its order, what ended an open hit is
//! found in the same walk. Late or doubled readings change nothing.

use super::history::{Moment, moments};
use super::reason::{Again, End, EndWhy, Hit, Instead, Reason};
use super::rule::{Rule, first};
use super::{Decision, Ground, Memory, Seen, Settings, Sighting, Step, Timer, View, end, wait};
use crate::Mode;
use model::Micros;
use model::signal::Origin;
use model::ticket::Reading;

pub fn decide(settings: &Settings, view: &View<'_>, now: Micros) -> Decision {
    match (view.sighting, view.origin) {
        (Sighting::Read(reading), Origin::Live | Origin::Repair) => live(settings, view, reading, now),
        (Sighting::Read(reading), Origin::Backfill | Origin::Replay) => baseline(settings, view, reading, now),
        (Sighting::Deleted { at, by }, Origin::Live | Origin::Repair) => deleted(view.memory, at, by),
        (Sighting::Deleted { .. }, _) => Decision { memory: view.memory.clone(), steps: Vec::new() },
    }
}

fn live(settings: &Settings, view: &View<'_>, reading: &Reading, now: Micros) -> Decision {
    let seen = seen(view, reading);
    if view.memory.seen.is_some_and(|before| seen.is_stale(before)) {
        return Decision { memory: view.memory.clone(), steps: Vec::new() };
    }
    let moments = moments(settings, reading);
    let mut walk = Walk::new(settings, view, reading, now);
    walk.memory.seen = Some(seen);
    walk.memory.is_deleted = false;
    moments.iter().for_each(|moment| walk.pass(moment));
    walk.rest(moments.last());
    wait::decide(&mut walk, &moments);
    walk.done()
}

/// History never acts. A ticket that we don't know shows what it would have been; what happens after the baseline is left for
/// those who read it live, and one that we know has nothing to learn here.
fn baseline(settings: &Settings, view: &View<'_>, reading: &Reading, now: Micros) -> Decision {
    let memory = view.memory.clone();
    if memory.seen.is_some() || memory.judged.is_some() {
        return Decision { memory, steps: Vec::new() };
    }
    let moments = moments(settings, reading);
    let mut past = Walk::new(settings, view, reading, now);
    past.from = None;
    let old = moments.iter().filter(|moment| moment.happening.at <= view.baseline_at);
    old.clone().for_each(|moment| past.pass(moment));
    past.rest(moments.last());
    wait::decide(&mut past, &moments);
    let judged = old.map(Moment::id).max();
    let steps = past.memory.hit.into_iter().map(|hit| Step::WouldHave { hit, instead: Instead::Baseline }).collect();
    Decision { memory: Memory { judged, ..memory }, steps }
}

fn deleted(before: &Memory, at: Micros, by: Option<&str>) -> Decision {
    let mut memory = Memory { is_deleted: true, ..before.clone() };
    let mut steps = Vec::new();
    if let Some(hit) = memory.hit.take() {
        let end = End { why: EndWhy::Deleted, by: by.map(ToOwned::to_owned), at, happening: None };
        memory.ended = Some((hit.clone(), end.clone()));
        steps.push(Step::Ended { hit, end });
    }
    if memory.wait.take().is_some() {
        steps.push(Step::Timer(Timer::Cancel));
    }
    Decision { memory, steps }
}

fn seen(view: &View<'_>, reading: &Reading) -> Seen {
    let last = reading.history.iter().map(|happening| happening.id).max().unwrap_or(-1);
    Seen { updated_at: reading.ticket.updated_at, last, read_at: view.read_at }
}

impl Seen {
    /// Older by what it shows, and not read later: a comment that was deleted makes a newer reading look older.
    fn is_stale(self, before: Self) -> bool {
        (self.updated_at, self.last) < (before.updated_at, before.last) && self.read_at <= before.read_at
    }
}

/// A walk through a reading's moments.
pub(super) struct Walk<'a> {
    pub ground: Ground<'a>,
    pub memory: Memory,
    pub steps: Vec<Step>,
    pub now: Micros,
    /// What happened up to here acts on nothing.
    pub from: Option<Micros>,
    view: &'a View<'a>,
    opened: Vec<String>,
}

impl<'a> Walk<'a> {
    fn new(settings: &'a Settings, view: &'a View<'a>, reading: &'a Reading, now: Micros) -> Self {
        let ground = Ground { settings, roster: view.roster, customer: view.customer, ticket: &reading.ticket };
        let from = Some(view.baseline_at);
        Self { ground, memory: view.memory.clone(), steps: Vec::new(), now, from, view, opened: Vec::new() }
    }

    pub const fn has_fired(&self) -> bool {
        self.view.has_fired
    }

    pub fn is_history(&self, moment: &Moment<'_>) -> bool {
        self.from.is_some_and(|from| moment.happening.at <= from)
    }

    fn pass(&mut self, moment: &Moment<'_>) {
        self.closed(Some(moment.happening.at));
        let is_new = self.memory.judged.is_none_or(|judged| moment.id() > judged);
        self.memory.judged = self.memory.judged.max(Some(moment.id()));
        if moment.is_tool {
            return;
        }
        if is_new && self.judged(moment) {
            return;
        }
        let hit = self.memory.hit.as_ref().filter(|hit| hit.last < moment.id());
        if let Some(end) = hit.and_then(|hit| end::by_happening(self.ground.settings, hit, moment)) {
            self.ends(end);
        }
    }

    /// Whether it is a reason to call somebody, who is called then.
    fn judged(&mut self, moment: &Moment<'_>) -> bool {
        let is_case = !moment.party.is_ours() && !moment.kinds.is_empty() && !moment.closes;
        if !is_case || self.is_history(moment) {
            return false;
        }
        let Some((rule, reason)) = first(&self.ground, moment) else { return false };
        self.hit(rule, reason, moment);
        true
    }

    /// One hit is open at a time: another reason keeps it open and is noted.
    pub fn hit(&mut self, rule: &Rule, reason: Reason, moment: &Moment<'_>) {
        let happening = moment.happening;
        let by = self.ground.settings.directory.name(&happening.by);
        if let Some(hit) = &mut self.memory.hit {
            hit.last = hit.last.max(happening.id);
            // Who waits may be given to somebody and still wait; the hit ends with what it began with.
            if !matches!(reason, Reason::Waits { .. }) {
                hit.reason = reason.clone();
            }
            let (hit, rule) = (hit.key.clone(), rule.name.clone());
            self.steps.push(Step::Again(Again { hit, rule, reason, happening: happening.id, at: happening.at, by }));
            return;
        }
        self.memory.generation += 1;
        let ticket = self.ground.ticket;
        let hit = Hit {
            key: format!("{}#{}", rule.name, self.memory.generation),
            rule: rule.name.clone(),
            generation: self.memory.generation,
            reason,
            happening: happening.id,
            at: happening.at,
            by,
            kinds: moment.kinds.clone(),
            found_at: self.now,
            mode: rule.outcome.mode(self.ground.settings.mode),
            severity: rule.outcome.severity(ticket),
            channel: rule.outcome.channel.clone(),
            tells_customer: rule.outcome.tells_customer,
            last: self.memory.judged.max(Some(happening.id)).unwrap_or(happening.id),
            was_done: moment.is_done,
            project: ticket.project.clone(),
        };
        self.opened.push(hit.key.clone());
        self.steps.push(Step::Hit(hit.clone()));
        if hit.tells_customer && hit.mode == Mode::Page {
            self.steps.push(Step::Comment { hit: hit.key.clone() });
        }
        self.memory.hit = Some(hit);
    }

    /// Somebody closed it; of acts in the tracker those before `until` come first.
    fn closed(&mut self, until: Option<Micros>) {
        let Some(closed) = self.view.closed else { return };
        let is_it = self.memory.hit.as_ref().is_some_and(|hit| hit.key == closed.hit);
        if is_it && until.is_none_or(|until| closed.at < until) {
            let by = Some(closed.by.clone());
            self.ends(End { why: EndWhy::Resolved, by, at: closed.at, happening: None });
        }
    }

    /// What ended it outside of the history.
    fn rest(&mut self, last: Option<&Moment<'_>>) {
        self.closed(None);
        let end = self.memory.hit.as_ref().zip(last).and_then(|(hit, last)| end::by_state(&self.ground, hit, last));
        if let Some(end) = end {
            self.ends(end);
        }
    }

    fn ends(&mut self, end: End) {
        let Some(hit) = self.memory.hit.take() else { return };
        if self.opened.contains(&hit.key) {
            self.steps.retain(|step| !is_about(step, &hit.key));
            self.steps.push(Step::WouldHave { hit, instead: Instead::Over(end) });
        } else {
            self.memory.ended = Some((hit.clone(), end.clone()));
            self.steps.push(Step::Ended { hit, end });
        }
    }

    fn done(self) -> Decision {
        Decision { memory: self.memory, steps: self.steps }
    }
}

fn is_about(step: &Step, key: &str) -> bool {
    match step {
        Step::Hit(hit) => hit.key == key,
        Step::Comment { hit } => hit == key,
        Step::Again(again) => again.hit == key,
        _ => false,
    }
}
