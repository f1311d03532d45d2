//! What hours take from outside: holidays from a feed or a file, leave from calendar entries. Decides nothing about
//! whose calendar it is; whoever asks names the person.

use super::occurrence::{Occurrence, Status, When};
use jiff::ToSpan;
use model::hours::{HolidayLayer, HolidaySource, Leave, LeaveSource, LeaveSpan, Problem};

/// The whole-day entries of a feed as holidays, each of its days. Cancelled and timed ones are none.
pub fn holidays(occurrences: &[Occurrence], source: HolidaySource) -> HolidayLayer {
    let mut layer = HolidayLayer::new(source);
    for one in occurrences.iter().filter(|one| one.details.status != Status::Cancelled) {
        let When::Days { from, until, .. } = &one.when else { continue };
        // One entry of a year is the most that anybody calls a holiday.
        for day in from.series(1.day()).take_while(|day| day < until).take(366) {
            layer = layer.with(day, one.details.summary.trim());
        }
    }
    layer
}

/// Entries as a person's leave: whole days and times alike. Cancelled ones, ones without length and, unless whole days
/// are meant by it, free ones are none: most programs mark a whole-day entry as free by default.
pub fn leaves(occurrences: &[Occurrence], who: &str, calendar: &str) -> Vec<Leave> {
    let away = occurrences.iter().filter(|one| one.details.status != Status::Cancelled);
    away.filter_map(|one| {
        let span = match &one.when {
            When::Days { from, until, zone } => LeaveSpan::Days { from: *from, until: *until, zone: zone.clone() },
            When::Time { .. } if one.details.is_transparent => return None,
            When::Time { from, until } if from < until => LeaveSpan::Time { from: *from, until: *until },
            When::Time { .. } => return None,
        };
        let (who, note) = (who.to_owned(), one.details.summary.trim().to_owned());
        Some(Leave { who, span, note, source: LeaveSource::Calendar(calendar.to_owned()) })
    })
    .collect()
}

/// The bytes of a list of holidays as the Cabinet Office of Japan publishes it, in UTF-8 or Shift_JIS.
pub fn holiday_file(bytes: &[u8], source: HolidaySource) -> Result<HolidayLayer, Problem> {
    let (utf8, _, has_errors) = encoding_rs::UTF_8.decode(bytes);
    let text = if has_errors { encoding_rs::SHIFT_JIS.decode(bytes).0 } else { utf8 };
    HolidayLayer::from_csv(source, &text)
}
