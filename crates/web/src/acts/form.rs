//! A form of the page into an act. Says which field is at fault; whether PagerDuty would take it is asked elsewhere.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use model::Micros;
use model::act::Act;

const HOUR_S: i64 = 3_600;
/// When the working day begins for whom nobody said otherwise.
const MORNING_HOUR: i8 = 9;
/// Ids and numbers of a merge that are read at most.
const MOST_TYPED: usize = 100;

/// The pairs of a form, in their order.
pub(crate) struct Form(pub Vec<(String, String)>);

impl Form {
    pub(crate) fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
    }

    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(n, _)| n == name).map(|(_, value)| value.trim());
        values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    fn text(&self, name: &str) -> Option<String> {
        // Browsers send CR LF.
        Some(self.one(name).replace("\r\n", "\n")).filter(|text| !text.is_empty())
    }

    /// Incidents to be merged: those ticked, and those typed as ids or numbers.
    pub(crate) fn sources(&self) -> Vec<String> {
        let typed = self.one("more").split([',', ' ', '\u{3000}', '、', '\n', '\r', '\t']);
        let typed = typed.map(|t| t.trim_start_matches('#').to_owned()).filter(|t| !t.is_empty());
        let mut sources = self.all("sources");
        for source in typed.take(MOST_TYPED) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        sources
    }

    /// The act that the form asks for; the name of the field that makes no sense otherwise.
    pub(crate) fn act(&self, zone: &TimeZone, now: Micros) -> Result<Act, &'static str> {
        Ok(match self.one("act") {
            "acknowledge" => Act::Acknowledge,
            "resolve" => Act::Resolve { resolution: self.text("resolution") },
            "note" => Act::Note { text: self.text("text").unwrap_or_default() },
            "snooze" => Act::Snooze { seconds: self.snooze(zone, now)? },
            "reassign" => Act::Reassign { users: self.all("users") },
            "escalate" => Act::Escalate { level: self.one("level").parse().map_err(|_| "level")? },
            "priority" => Act::Priority { to: self.text("to") },
            "merge" => Act::Merge { sources: self.sources() },
            _ => return Err("act"),
        })
    }

    fn snooze(&self, zone: &TimeZone, now: Micros) -> Result<i64, &'static str> {
        match self.one("for") {
            "1h" => Ok(HOUR_S),
            "4h" => Ok(4 * HOUR_S),
            "morning" => morning(zone, now).map(|at| at.since(now).div_euclid(1_000_000)).ok_or("for"),
            "" => self.one("minutes").parse::<i64>().ok().and_then(|m| m.checked_mul(60)).ok_or("minutes"),
            _ => Err("for"),
        }
    }
}

/// The next nine o'clock in a person's zone.
pub(crate) fn morning(zone: &TimeZone, now: Micros) -> Option<Micros> {
    let here = now.timestamp().to_zoned(zone.clone());
    let days = if here.hour() < MORNING_HOUR { 0 } else { 1 };
    let day = here.date().checked_add(days.days()).ok()?;
    let at: Timestamp = zone.to_zoned(day.at(MORNING_HOUR, 0, 0, 0)).ok()?.timestamp();
    Some(Micros(at.as_microsecond()))
}

/// The field that an act's content stands in.
pub(crate) const fn field_of(act: &Act) -> &'static str {
    match act {
        Act::Acknowledge => "act",
        Act::Resolve { .. } => "resolution",
        Act::Note { .. } => "text",
        Act::Snooze { .. } => "seconds",
        Act::Reassign { .. } => "users",
        Act::Escalate { .. } => "level",
        Act::Priority { .. } => "to",
        Act::Merge { .. } => "sources",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        Form(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    fn act(pairs: &[(&str, &str)]) -> Result<Act, &'static str> {
        // 03:14 in Tokyo.
        form(pairs).act(&TimeZone::get("Asia/Tokyo").unwrap(), Micros::parse("2026-11-21T18:14:00Z").unwrap())
    }

    #[test]
    fn every_form_becomes_its_act() {
        assert_eq!(act(&[("act", "acknowledge")]), Ok(Act::Acknowledge));
        assert_eq!(act(&[("act", "resolve"), ("resolution", "")]), Ok(Act::Resolve { resolution: None }));
        assert_eq!(act(&[("act", "note"), ("text", " a\r\nb ")]), Ok(Act::Note { text: "a\nb".into() }));
        assert_eq!(act(&[("act", "snooze"), ("for", "4h")]), Ok(Act::Snooze { seconds: 14_400 }));
        assert_eq!(act(&[("act", "snooze"), ("minutes", "90")]), Ok(Act::Snooze { seconds: 5_400 }));
        let morning = 5 * 3_600 + 46 * 60;
        assert_eq!(act(&[("act", "snooze"), ("for", "morning")]), Ok(Act::Snooze { seconds: morning }));
        assert_eq!(act(&[("act", "reassign"), ("users", "P1")]), Ok(Act::Reassign { users: vec!["P1".into()] }));
        assert_eq!(act(&[("act", "escalate"), ("level", "2")]), Ok(Act::Escalate { level: 2 }));
        assert_eq!(act(&[("act", "priority"), ("to", "")]), Ok(Act::Priority { to: None }));
        let merge = act(&[("act", "merge"), ("sources", "Q1"), ("sources", "Q2"), ("more", "#12, Q2　Q3")]);
        let sources = ["Q1", "Q2", "12", "Q3"].map(str::to_owned).to_vec();
        assert_eq!(merge, Ok(Act::Merge { sources }));
    }

    #[test]
    fn nonsense_is_told_by_its_field() {
        assert_eq!(act(&[]), Err("act"));
        assert_eq!(act(&[("act", "delete")]), Err("act"));
        assert_eq!(act(&[("act", "snooze"), ("minutes", "soon")]), Err("minutes"));
        assert_eq!(act(&[("act", "snooze"), ("minutes", "9223372036854775807")]), Err("minutes"));
        assert_eq!(act(&[("act", "escalate"), ("level", "-1")]), Err("level"));
    }

    #[test]
    fn the_morning_is_todays_before_nine_and_tomorrows_from_then_on() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let at = |text: &str| morning(&zone, Micros::parse(text).unwrap()).map(Micros::rfc3339);
        assert_eq!(at("2026-11-21T23:59:59Z"), Some("2026-11-22T00:00:00Z".into()));
        assert_eq!(at("2026-11-22T00:00:00Z"), Some("2026-11-23T00:00:00Z".into()));
    }
}
