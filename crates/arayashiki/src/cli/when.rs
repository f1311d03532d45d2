//! An instant as it is typed: `--at` in RFC 3339, or by the wall clock of the installation's zone. Never asks what time it is.

use super::Failure;
use jiff::civil::{DateTime, Time};
use model::Micros;
use model::hours::Zone;

/// `None`: nothing was said, so that now is meant.
pub fn at(text: Option<&str>, zone: &Zone) -> Result<Option<Micros>, Failure> {
    let Some(text) = text.map(str::trim) else { return Ok(None) };
    if let Some(at) = Micros::parse(text) {
        return Ok(Some(at));
    }
    local(text).map(|local| Some(zone.instant(local))).ok_or_else(|| {
        Failure::Wrong(format!(
            "--at {text:?} is no time: write it such as \"2026-12-30 19:00\" (in {zone}), or in RFC 3339 such as \
             2026-12-30T19:00:00+09:00"
        ))
    })
}

/// A day alone is its noon no less than its midnight, so a time is asked for.
fn local(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once([' ', 'T'])?;
    let date: jiff::civil::Date = if date.len() == 10 { date.parse().ok()? } else { return None };
    let mut parts = time.trim().split(':').map(|part| part.parse::<i8>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    Time::new(hour, minute, second, 0).ok().filter(|_| parts.next().is_none()).map(|time| date.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_the_installations_zone_unless_it_names_its_own() {
        let zone = Zone::parse("Asia/Tokyo").unwrap();
        let read = |text: &str| at(Some(text), &zone).map(|at| at.map(Micros::rfc3339));
        for (text, wanted) in [
            ("2026-12-30 19:00", "2026-12-30T10:00:00Z"),
            ("2026-12-30T09:05:30", "2026-12-30T00:05:30Z"),
            ("2026-12-30T19:00:00+09:00", "2026-12-30T10:00:00Z"),
            (" 2026-12-30T10:00:00Z ", "2026-12-30T10:00:00Z"),
        ] {
            assert_eq!(read(text).unwrap().as_deref(), Some(wanted), "{text}");
        }
        assert!(at(None, &zone).unwrap().is_none());
        for text in ["tomorrow", "2026-12-30", "2026-02-30 10:00", "2026-12-30 24:30", "2026-12-30 10", "19:00", ""] {
            let Err(Failure::Wrong(told)) = read(text) else { panic!("{text} was read") };
            assert!(told.contains("write it such as \"2026-12-30 19:00\" (in Asia/Tokyo)"), "{told}");
        }
    }
}
