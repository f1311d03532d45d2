//! The one rule of time: the customer's side wrote last, and nobody of ours has answered for so many working minutes. A second
//! word of theirs does not begin the time anew.

use super::decide::Walk;
use super::history::Moment;
use super::rule::{HoursOf, Kind, Rule, Waits, first_waiting};
use super::{Ground, Reason, Step, Timer, Wait};
use model::Micros;
use model::hours::{Subject, after_working};

/// Sets, moves or cancels the ticket's timer, and calls somebody when it is due.
pub(super) fn decide(walk: &mut Walk<'_>, moments: &[Moment<'_>]) {
    let pending = pending(walk, moments).filter(|moment| walk.memory.waited != Some(moment.id()));
    let found = pending.and_then(|moment| Some((moment, due(&walk.ground, moment, moments.last()?)?)));
    match found {
        Some((moment, (rule, waits, due))) if due <= walk.now => {
            cancel(walk);
            walk.memory.waited = Some(moment.id());
            let of = name(&walk.ground, &waits.of);
            walk.hit(rule, Reason::Waits { since: moment.happening.at, minutes: waits.minutes, of }, moment);
        }
        Some((moment, (rule, _, due))) => {
            let wait = Wait { rule: rule.name.clone(), happening: moment.id(), since: moment.happening.at, due };
            if walk.has_fired() || walk.memory.wait.as_ref().is_none_or(|before| before.due != due) {
                walk.steps.push(Step::Timer(Timer::Set { due }));
            }
            walk.memory.wait = Some(wait);
        }
        None => cancel(walk),
    }
}

fn cancel(walk: &mut Walk<'_>) {
    if walk.memory.wait.take().is_some() {
        walk.steps.push(Step::Timer(Timer::Cancel));
    }
}

/// The first thing that the customer's side wrote since somebody of ours did.
fn pending<'m, 'a>(walk: &Walk<'_>, moments: &'m [Moment<'a>]) -> Option<&'m Moment<'a>> {
    let mut pending: Option<&Moment<'_>> = None;
    for moment in moments.iter().filter(|moment| !moment.is_tool && !walk.is_history(moment)) {
        let asks = !moment.party.is_ours() && (moment.wrote() || moment.kinds.contains(&Kind::Reopened));
        if moment.closes || (moment.party.is_ours() && moment.wrote()) {
            pending = None;
        } else if asks {
            pending = pending.or(Some(moment));
        }
    }
    let is_done = moments.last().is_some_and(|last| last.is_done);
    pending.filter(|moment| moment.is_done || !is_done)
}

/// When it is due: of the first rule that waits for the ticket as it stands now.
fn due<'s>(ground: &Ground<'s>, pending: &Moment<'_>, last: &Moment<'_>) -> Option<(&'s Rule, &'s Waits, Micros)> {
    let present = Moment { assignee: last.assignee.clone(), is_done: last.is_done, ..pending.clone() };
    let (rule, waits) = first_waiting(ground, &present)?;
    let subject = match &waits.of {
        HoursOf::Person(id) => Subject::Person { id, customer: ground.customer },
        HoursOf::Group(id) => Subject::Group(id),
        HoursOf::Customer => Subject::Customer(ground.customer?),
    };
    let due = after_working(ground.roster, subject, pending.happening.at, waits.minutes.saturating_mul(60))?;
    Some((rule, waits, due))
}

fn name(ground: &Ground<'_>, of: &HoursOf) -> String {
    let directory = &ground.settings.directory;
    match of {
        HoursOf::Person(id) => directory.person(id).map_or_else(|| id.clone(), |person| person.name.clone()),
        HoursOf::Group(id) => directory.group(id).map_or_else(|| id.clone(), |group| group.name.clone()),
        HoursOf::Customer => ground.customer.unwrap_or_default().to_owned(),
    }
}
