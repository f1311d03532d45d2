//! Working time between two instants, and the instant after so much of it: "the customer waits for thirty working
//! minutes". Counts whole seconds, so that parts add up to the whole.

use super::roster::Roster;
use super::standing::shift;
use super::subject::{Hours, Subject};
use super::zone::second;
use crate::Micros;
use crate::time::SECOND_US;
use jiff::civil::Date;

/// How far ahead working time is looked for.
const AHEAD_DAYS: i32 = 3 * 366;
/// How many days are looked at in one go.
const STEP_DAYS: i32 = 14;

/// Worked seconds from one instant to another, each taken to its whole second. None backwards.
pub fn working_s(roster: &Roster, subject: Subject<'_>, from: Micros, until: Micros) -> i64 {
    let (from, until) = (second(from), second(until));
    if from >= until {
        return 0;
    }
    let hours = Hours::of(roster, subject);
    // A shift of the day before may go on into the first.
    let (first, last) = (shift(hours.zone.day_of(from), -1), hours.zone.day_of(until));
    let mut total = 0;
    let mut day = first;
    while day <= last {
        let step_last = shift(day, STEP_DAYS - 1).min(last);
        total += within(&hours, day, step_last, (from, until));
        day = shift(step_last, 1);
    }
    total
}

/// Seconds worked inside a span that no block of earlier days reaches into: each step clips at the end of the one
/// before, so that a night between two steps is counted once.
fn within(hours: &Hours<'_>, first: Date, last: Date, (from, until): (i64, i64)) -> i64 {
    let begin = hours.zone.midnight(first).max(from);
    let end = hours.zone.midnight(shift(last, 1)).min(until);
    let blocks = hours.blocks(shift(first, -1), last);
    blocks.iter().map(|(block_from, block_until)| ((*block_until).min(end) - (*block_from).max(begin)).max(0)).sum()
}

/// The instant at which so many seconds have been worked since `from`; `None` if that takes longer than three years.
pub fn after_working(roster: &Roster, subject: Subject<'_>, from: Micros, seconds: i64) -> Option<Micros> {
    if seconds <= 0 {
        return Some(from);
    }
    let hours = Hours::of(roster, subject);
    let from_s = second(from);
    let first = hours.zone.day_of(from_s);
    let mut left = seconds;
    for step in (0..AHEAD_DAYS).step_by(STEP_DAYS.unsigned_abs() as usize) {
        let (day, last) = (shift(first, step), shift(first, step + STEP_DAYS - 1));
        let (begin, end) = (hours.zone.midnight(day).max(from_s), hours.zone.midnight(shift(last, 1)));
        for (block_from, block_until) in hours.blocks(shift(day, -1), last) {
            let (block_from, block_until) = (block_from.max(begin), block_until.min(end));
            let long = (block_until - block_from).max(0);
            if long >= left {
                return Some(Micros((block_from + left).saturating_mul(SECOND_US)));
            }
            left -= long;
        }
    }
    None
}
