//! A promise: people hear of it before it begins, at once when it was found late, and it is reported when it ends unserved.

use super::Step;
use super::decide::Run;
use super::notice::{Announcement, EndWhy, Notice, Unserved};
use super::rule::Rule;
use model::Micros;
use model::calendar::CalendarEvent;
use model::mail::Severity;

/// Does what is due and gives back when the next thing is.
pub(super) fn follow(run: &mut Run<'_>, rule: &Rule, event: &CalendarEvent) -> Option<Micros> {
    if run.memory.is_over {
        return None;
    }
    if run.memory.notice.is_none() {
        let next = before(run, rule, event);
        if next.is_some() || run.memory.is_over {
            return next;
        }
    }
    let given_up_at = rule.given_up_at(event);
    if run.now < given_up_at {
        return Some(given_up_at);
    }
    run.ends(EndWhy::Unserved, None, run.now);
    give_up(run, rule, event, true);
    None
}

/// Until there is a notice. `None`: there is one now, or it is over.
fn before(run: &mut Run<'_>, rule: &Rule, event: &CalendarEvent) -> Option<Micros> {
    let (early, due) = rule.dues(event, &run.settings.locale);
    if rule.ends_at(event) <= run.now {
        give_up(run, rule, event, false);
        return None;
    }
    if due <= run.now {
        notice(run, rule, event, due);
        return None;
    }
    // Of several that are due at once the last says it all.
    let last = early.iter().copied().filter(|at| *at <= run.now).max();
    if let Some(at) = last.filter(|at| run.memory.announced.is_none_or(|told| told < *at)) {
        announce(run, rule, event, at);
    }
    Some(early.into_iter().find(|at| *at > run.now).unwrap_or(due))
}

fn announce(run: &mut Run<'_>, rule: &Rule, event: &CalendarEvent, due: Micros) {
    run.memory.announced = Some(due);
    let announcement = Announcement {
        key: format!("{}@{}", run.key(rule), due.second()),
        rule: rule.name.clone(),
        starts_at: event.starts_at,
        ends_at: event.ends_at,
        mode: rule.outcome.mode(run.settings.mode).min(crate::Mode::Post),
        channel: rule.outcome.channel.clone(),
    };
    run.steps.push(Step::Announce(announcement));
}

fn notice(run: &mut Run<'_>, rule: &Rule, event: &CalendarEvent, due: Micros) {
    let notice = Notice {
        key: run.key(rule),
        rule: rule.name.clone(),
        generation: run.memory.generation,
        starts_at: event.starts_at,
        ends_at: event.ends_at,
        due,
        at: run.now,
        mode: rule.outcome.mode(run.settings.mode),
        severity: rule.outcome.severity.unwrap_or(Severity::Error),
        channel: rule.outcome.channel.clone(),
    };
    run.open(notice);
}

pub(super) fn give_up(run: &mut Run<'_>, rule: &Rule, event: &CalendarEvent, was_noticed: bool) {
    run.memory.is_over = true;
    let unserved = Unserved {
        key: run.key(rule),
        rule: rule.name.clone(),
        starts_at: event.starts_at,
        ends_at: event.ends_at,
        was_noticed,
        is_afterthought: !was_noticed && event.updated_at.is_some_and(|at| at >= event.ends_at),
        mode: rule.outcome.mode(run.settings.mode).min(crate::Mode::Post),
        channel: rule.outcome.channel.clone(),
    };
    run.steps.push(Step::Unserved(unserved));
}
