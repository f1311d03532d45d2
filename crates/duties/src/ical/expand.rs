//! The wall times of a series within a window: the start, its rules, its extra dates. Bounded by a budget.

use super::rule::Rule;
use jiff::civil::DateTime;

/// What of a series is asked for.
pub struct Window {
    pub first: DateTime,
    pub last: DateTime,
}

/// The wall times that a rule gives within a window, the start included, which is the first of them even where the rule
/// does not name it. `until` is the rule's end by the same wall clock. `false`: cut, because the budget ran out.
pub fn walls(
    rule: &Rule,
    start: DateTime,
    until: Option<DateTime>,
    window: &Window,
    budget: &mut usize,
) -> (Vec<DateTime>, bool) {
    let rule = rule.clone().filled(start);
    let mut left = rule.count.unwrap_or(u32::MAX);
    let mut found = Vec::new();
    let mut take = |time: DateTime, left: &mut u32| {
        *left -= 1;
        if window.first <= time && time <= window.last {
            found.push(time);
        }
    };
    // A rule that counts is counted from its start; any other may begin where the window does.
    let mut number = if rule.count.is_some() { 0 } else { rule.near(start.date(), window.first.date()) };
    let is_named = rule.period(start, 0, budget).is_some_and(|times| times.contains(&start));
    if !is_named && left > 0 {
        take(start, &mut left);
    }
    let end = until.unwrap_or(window.last).min(window.last);
    while left > 0 && rule.first_day(start.date(), number).is_some_and(|day| day <= end.date()) {
        if *budget == 0 {
            return (found, false);
        }
        for time in rule.period(start, number, budget).unwrap_or_default() {
            if time >= start && time <= end && left > 0 {
                take(time, &mut left);
            }
        }
        number += 1;
    }
    (found, true)
}
