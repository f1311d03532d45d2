//! The window of a maintenance: opened before it begins, moved and ended with its event. One that has begun keeps its beginning.

use super::Step;
use super::decide::Run;
use super::notice::{CloseWhy, Window};
use super::promise::give_up;
use super::rule::Rule;
use model::Micros;
use model::calendar::CalendarEvent;

/// Does what is due and gives back when the next thing is.
pub(super) fn follow(run: &mut Run<'_>, rule: &Rule, services: &[String], event: &CalendarEvent) -> Option<Micros> {
    if let Some(window) = run.memory.window.clone()
        && let Some(next) = keep(run, window, event)
    {
        return Some(next);
    }
    if run.memory.is_over {
        return None;
    }
    let (_, due) = rule.dues(event, &run.settings.locale);
    if event.ends_at <= run.now.max(event.starts_at) {
        give_up(run, rule, event, false);
        None
    } else if due > run.now {
        Some(due)
    } else {
        open(run, rule, services, event);
        Some(event.ends_at)
    }
}

fn open(run: &mut Run<'_>, rule: &Rule, services: &[String], event: &CalendarEvent) {
    let window = Window {
        key: run.key(rule),
        rule: rule.name.clone(),
        services: services.to_vec(),
        // PagerDuty opens none in the past.
        starts_at: event.starts_at.max(run.now),
        ends_at: event.ends_at,
        mode: rule.outcome.mode(run.settings.mode),
        channel: rule.outcome.channel.clone(),
    };
    run.steps.push(Step::OpenWindow(window.clone()));
    run.memory.window = Some(window);
}

/// What becomes of a window that there is; its end, while it stays.
fn keep(run: &mut Run<'_>, window: Window, event: &CalendarEvent) -> Option<Micros> {
    let has_begun = window.starts_at <= run.now;
    if has_begun && event.starts_at > run.now {
        close(run, CloseWhy::Moved);
        return None;
    }
    let starts_at = if has_begun { window.starts_at } else { event.starts_at.max(run.now) };
    if event.ends_at <= run.now.max(starts_at) {
        let why = if window.ends_at <= run.now { CloseWhy::Over } else { CloseWhy::Shortened };
        close(run, why);
        run.memory.is_over = true;
        return None;
    }
    let wanted = Window { starts_at, ends_at: event.ends_at, ..window.clone() };
    if wanted != window {
        run.steps.push(Step::ChangeWindow(wanted.clone()));
        run.memory.window = Some(wanted);
    }
    Some(event.ends_at)
}

/// Its event is gone, or no maintenance any more.
pub(super) fn take_back(run: &mut Run<'_>, is_cancelled: bool) {
    let Some(window) = &run.memory.window else { return };
    let why = match (window.ends_at <= run.now, is_cancelled) {
        (true, _) => CloseWhy::Over,
        (false, true) => CloseWhy::Cancelled,
        (false, false) => CloseWhy::NotChosen,
    };
    run.memory.generation += 1;
    close(run, why);
}

fn close(run: &mut Run<'_>, why: CloseWhy) {
    if let Some(window) = run.memory.window.take() {
        run.steps.push(Step::CloseWindow { window, why });
    }
}
