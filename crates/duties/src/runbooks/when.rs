//! When a runbook is run: on incidents that it knows, by schedule, by a button. Decides; starts nothing.

use jiff::tz::TimeZone;
use model::Micros;
use regex::Regex;

#[derive(Clone, Debug, PartialEq)]
pub enum When {
    Incident(Vec<Asks>),
    Schedule(Schedule),
    Button,
}

/// One field and what it may hold: any of these.
#[derive(Clone, Debug, PartialEq)]
pub struct Asks {
    pub field: Field,
    pub any_of: Vec<Pattern>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Title,
    Service,
    Urgency,
    Check,
    Monitor,
    Customer,
    Host,
    /// The kinds of the host: its tags.
    Kind,
}

impl Field {
    pub(super) const ALL: [(&'static str, Self); 8] = [
        ("title", Self::Title),
        ("service", Self::Service),
        ("urgency", Self::Urgency),
        ("check", Self::Check),
        ("monitor", Self::Monitor),
        ("customer", Self::Customer),
        ("host", Self::Host),
        ("kind", Self::Kind),
    ];
}

/// Text that is found anywhere, in any case and width; or `/a regular expression/`.
#[derive(Clone, Debug)]
pub enum Pattern {
    Text(String),
    Regex(Regex),
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Regex(a), Self::Regex(b)) => a.as_str() == b.as_str(),
            _ => false,
        }
    }
}

impl Pattern {
    fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Text(wanted) => model::text::fold(text).contains(wanted),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// What is known of an incident and one of its hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub title: String,
    pub service: String,
    pub urgency: String,
    pub check: String,
    pub monitor: String,
    pub customer: String,
    pub host: String,
    pub kinds: Vec<String>,
}

impl Facts {
    fn of(&self, field: Field) -> Vec<&str> {
        match field {
            Field::Title => vec![&self.title],
            Field::Service => vec![&self.service],
            Field::Urgency => vec![&self.urgency],
            Field::Check => vec![&self.check],
            Field::Monitor => vec![&self.monitor],
            Field::Customer => vec![&self.customer],
            Field::Host => vec![&self.host],
            Field::Kind => self.kinds.iter().map(String::as_str).collect(),
        }
    }
}

impl When {
    /// Whether it is an incident's and knows this one: every field that it asks for holds one of the texts.
    pub fn knows(&self, facts: &Facts) -> bool {
        let Self::Incident(asks) = self else { return false };
        asks.iter().all(|ask| {
            let held = facts.of(ask.field);
            ask.any_of.iter().any(|pattern| held.iter().any(|text| pattern.is_in(text)))
        })
    }
}

/// Every so long; whole days at a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub every_s: u64,
    /// Minutes since midnight, where it is a matter of days.
    pub at_minute: Option<u16>,
}

const DAY_S: u64 = 86_400;

impl Schedule {
    /// When it is due next, if it was last run, or first known, at `since`.
    pub fn next(&self, since: Micros, zone: &TimeZone) -> Micros {
        let seconds = i64::try_from(self.every_s).unwrap_or(i64::MAX);
        let plain = since.plus_s(seconds);
        self.at_minute.and_then(|minute| self.on_the_day(since, minute, zone)).unwrap_or(plain)
    }

    pub fn is_due(&self, since: Micros, now: Micros, zone: &TimeZone) -> bool {
        self.next(since, zone) <= now
    }

    /// The time of day on the day that is due: the first such time after `since`, and days later where it is not daily.
    fn on_the_day(&self, since: Micros, minute: u16, zone: &TimeZone) -> Option<Micros> {
        let begun = since.timestamp().to_zoned(zone.clone());
        let time = jiff::civil::time(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0);
        let more = i64::try_from(self.every_s / DAY_S).ok()?.saturating_sub(1);
        let mut day = begun.date();
        if day.to_datetime(time).to_zoned(zone.clone()).ok()? <= begun {
            day = day.tomorrow().ok()?;
        }
        let day = day.checked_add(jiff::Span::new().try_days(more).ok()?).ok()?;
        Some(Micros(day.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp().as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(field: Field, texts: &[&str]) -> Asks {
        Asks { field, any_of: texts.iter().map(|t| Pattern::Text(model::text::fold(t))).collect() }
    }

    #[test]
    fn an_incident_is_known_when_every_field_holds_one_of_its_texts() {
        let when = When::Incident(vec![asks(Field::Title, &["disk", "ディスク"]), asks(Field::Kind, &["db", "web"])]);
        let facts = |title: &str, kinds: &[&str]| Facts {
            title: title.into(),
            kinds: kinds.iter().map(|k| (*k).to_owned()).collect(),
            ..Facts::default()
        };
        assert!(when.knows(&facts("DISK 95% on web-1", &["web"])));
        assert!(when.knows(&facts("ﾃﾞｨｽｸ使用率", &["x", "DB"])));
        assert!(!when.knows(&facts("load", &["web"])));
        assert!(!when.knows(&facts("disk", &[])));
        assert!(When::Incident(Vec::new()).knows(&facts("anything", &[])));
        assert!(!When::Button.knows(&facts("disk", &["web"])));
        let regex = Pattern::Regex(Regex::new("^db-[0-9]+$").unwrap());
        let when = When::Incident(vec![Asks { field: Field::Host, any_of: vec![regex] }]);
        assert!(when.knows(&Facts { host: "db-12".into(), ..Facts::default() }));
        assert!(!when.knows(&Facts { host: "my-db-12".into(), ..Facts::default() }));
    }

    #[test]
    fn a_schedule_comes_round_in_the_zone_of_the_install() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let at = |text: &str| Micros::parse(text).unwrap();
        let hourly = Schedule { every_s: 3_600, at_minute: None };
        assert_eq!(hourly.next(at("2026-05-01T00:10:00Z"), &zone), at("2026-05-01T01:10:00Z"));
        let daily = Schedule { every_s: DAY_S, at_minute: Some(3 * 60) };
        // 3 o'clock in Tokyo is 18:00 UTC of the day before.
        assert_eq!(daily.next(at("2026-05-01T17:59:59Z"), &zone), at("2026-05-01T18:00:00Z"));
        assert_eq!(daily.next(at("2026-05-01T18:00:00Z"), &zone), at("2026-05-02T18:00:00Z"));
        let weekly = Schedule { every_s: 7 * DAY_S, at_minute: Some(3 * 60) };
        assert_eq!(weekly.next(at("2026-05-01T18:00:00Z"), &zone), at("2026-05-08T18:00:00Z"));
        assert!(daily.is_due(at("2026-05-01T18:00:01Z"), at("2026-05-02T18:00:00Z"), &zone));
        assert!(!daily.is_due(at("2026-05-01T18:00:01Z"), at("2026-05-02T17:59:59Z"), &zone));
        assert_eq!(Schedule { every_s: u64::MAX, at_minute: None }.next(at("2026-05-01T18:00:00Z"), &zone).0, i64::MAX);
    }

    /// The time of day that a change of clocks leaves out comes an hour later, never not at all.
    #[test]
    fn a_time_that_does_not_exist_comes_all_the_same() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let daily = Schedule { every_s: DAY_S, at_minute: Some(150) };
        let next = daily.next(Micros::parse("2026-03-28T12:00:00Z").unwrap(), &zone);
        assert_eq!(next, Micros::parse("2026-03-29T01:30:00Z").unwrap());
    }
}
