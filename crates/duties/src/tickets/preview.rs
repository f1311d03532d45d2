//! What rules would have done to histories that are known: the same decision, on each happening in its turn, as if it had been
//! read at that instant. Shows; acts on nothing.

use super::history::{Moment, moments};
use super::reason::{End, Hit};
use super::{Decision, Memory, Settings, Sighting, Step, View, decide};
use model::Micros;
use model::hours::Roster;
use model::signal::Origin;
use model::ticket::{Change, Named, Reading, Ticket};

/// A history, and whose ticket it is.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub reading: &'a Reading,
    pub customer: Option<&'a str>,
}

/// A hit that there would have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub ticket: String,
    pub key: String,
    pub title: String,
    pub hit: Hit,
    /// What would have ended it within the span.
    pub end: Option<End>,
}

/// By the instants of the happenings. Whatever lies before the span is history.
pub fn last_week(
    settings: &Settings,
    tickets: &[Told<'_>],
    (from, until): (Micros, Micros),
    roster: &Roster,
) -> Vec<Found> {
    let mut found: Vec<Found> =
        tickets.iter().flat_map(|told| of_ticket(settings, told, (from, until), roster)).collect();
    found.sort_by(|a, b| (a.hit.found_at, &a.ticket).cmp(&(b.hit.found_at, &b.ticket)));
    found
}

fn of_ticket(settings: &Settings, told: &Told<'_>, (from, until): (Micros, Micros), roster: &Roster) -> Vec<Found> {
    let moments = moments(settings, told.reading);
    let mut play = Play { settings, told, roster, from, memory: Memory::default(), found: Vec::new() };
    let mut before = None;
    for n in 0..moments.len() {
        let at = moments.get(n).map_or(from, |moment| moment.happening.at);
        if at > until {
            break;
        }
        play.wait(before.as_ref(), at);
        let reading = as_of(told.reading, &moments, n);
        play.step(&reading, at);
        before = Some(reading);
    }
    play.wait(before.as_ref(), until);
    play.found
}

struct Play<'a> {
    settings: &'a Settings,
    told: &'a Told<'a>,
    roster: &'a Roster,
    from: Micros,
    memory: Memory,
    found: Vec<Found>,
}

impl Play<'_> {
    /// The timer, if it fires before.
    fn wait(&mut self, reading: Option<&Reading>, before: Micros) {
        let due = self.memory.wait.as_ref().map(|wait| wait.due).filter(|due| *due <= before);
        if let (Some(due), Some(reading)) = (due, reading) {
            self.step(reading, due);
        }
    }

    fn step(&mut self, reading: &Reading, now: Micros) {
        let view = View {
            sighting: Sighting::Read(reading),
            memory: &self.memory,
            customer: self.told.customer,
            origin: Origin::Live,
            read_at: now,
            baseline_at: self.from,
            roster: self.roster,
            has_fired: false,
            closed: None,
        };
        let Decision { memory, steps } = decide(self.settings, &view, now);
        self.memory = memory;
        steps.into_iter().for_each(|step| self.note(step));
    }

    fn note(&mut self, step: Step) {
        let ticket = &self.told.reading.ticket;
        let (id, key, title) = (ticket.id.clone(), ticket.key.clone(), ticket.title.clone());
        match step {
            Step::Hit(hit) => self.found.push(Found { ticket: id, key, title, hit, end: None }),
            Step::Ended { hit, end } => {
                if let Some(found) = self.found.iter_mut().find(|found| found.hit.key == hit.key) {
                    found.end = Some(end);
                }
            }
            _ => {}
        }
    }
}

/// The reading as it was right after the n-th of its moments.
fn as_of(reading: &Reading, moments: &[Moment<'_>], n: usize) -> Reading {
    let history: Vec<_> = moments.iter().take(n + 1).map(|moment| moment.happening.clone()).collect();
    let Some(moment) = moments.get(n) else { return reading.clone() };
    let ticket = Ticket {
        assignee: moment.assignee.clone(),
        is_done: moment.is_done,
        status: status(&reading.ticket, moments, n),
        updated_at: moment.happening.at,
        ..reading.ticket.clone()
    };
    Reading { ticket, history }
}

/// What the next change of status replaced; the present one when there is none.
fn status(ticket: &Ticket, moments: &[Moment<'_>], n: usize) -> Named {
    let mut changes = moments.iter().skip(n + 1).flat_map(|moment| &moment.happening.changes);
    let replaced = changes.find_map(|change| match change {
        Change::Status { from, .. } => Some(from.clone()),
        _ => None,
    });
    match replaced {
        Some(name) if name != ticket.status.name => Named { id: -1, name },
        _ => ticket.status.clone(),
    }
}
