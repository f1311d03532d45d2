//! What a person asked the lists of tickets and events for, exactly as it stands in the address. Never fails: a value that means nothing
//! is shown as typed and filters by nothing.

use crate::view::Asked;
use serde::Deserialize;

/// The query of `/tickets`. Empty text means "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TicketFilters {
    /// What watching came to, or "all" for tickets that are done as well; empty: the open ones.
    pub state: String,
    pub space: String,
    pub project: String,
    pub customer: String,
    pub text: String,
    pub cursor: String,
}

/// The query of `/calendar`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CalendarFilters {
    /// "over", or empty for what is to come.
    pub when: String,
    /// "all": also what no rule chooses.
    pub events: String,
    pub calendar: String,
    pub customer: String,
    pub text: String,
    pub cursor: String,
}

impl Asked for TicketFilters {
    const PATH: &'static str = "/tickets";
    const BESIDES: &'static [&'static str] = &["state"];

    fn pairs(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("state", &self.state),
            ("space", &self.space),
            ("project", &self.project),
            ("customer", &self.customer),
            ("text", &self.text),
            ("cursor", &self.cursor),
        ]
    }
}

impl CalendarFilters {
    pub fn is_over(&self) -> bool {
        self.when == "over"
    }

    /// What no rule chooses is shown as well.
    pub fn is_all(&self) -> bool {
        self.events == "all"
    }
}

impl Asked for CalendarFilters {
    const PATH: &'static str = "/calendar";
    const BESIDES: &'static [&'static str] = &["when", "events"];

    fn pairs(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("when", &self.when),
            ("events", &self.events),
            ("calendar", &self.calendar),
            ("customer", &self.customer),
            ("text", &self.text),
            ("cursor", &self.cursor),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changing_a_filter_forgets_the_place_in_the_list() {
        let held = TicketFilters {
            state: "called".into(),
            text: "障害 &".into(),
            cursor: "abc".into(),
            ..TicketFilters::default()
        };
        assert_eq!(held.but("state", ""), "/tickets?text=%E9%9A%9C%E5%AE%B3%20%26");
        assert_eq!(held.but("cursor", "next"), "/tickets?state=called&text=%E9%9A%9C%E5%AE%B3%20%26&cursor=next");
        assert_eq!(held.csv_href(), "/tickets.csv?state=called&text=%E9%9A%9C%E5%AE%B3%20%26");
        assert_eq!(held.narrowing(), [("text", "障害 &")]);
        let held = CalendarFilters { when: "over".into(), cursor: "abc".into(), ..CalendarFilters::default() };
        assert_eq!(held.but("when", ""), "/calendar");
        assert_eq!(held.but("events", "all"), "/calendar?when=over&events=all");
    }
}
