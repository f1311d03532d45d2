//! What a person asked the list of incidents for, exactly as it stands in the address. Never fails: a value that means
//! nothing is shown as typed and filters by nothing.

use super::Asked;
use model::incident::{Status, Urgency};
use serde::Deserialize;

/// What `status` may say; empty is all of them.
pub const STATUSES: [&str; 5] = ["open", "triggered", "acknowledged", "resolved", ""];

/// What `sort` may say; a leading minus turns it round. Newest first is the default.
pub const SORTS: [&str; 4] = ["opened", "changed", "status", "service"];

/// The query of `/incidents`. Empty text means "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Filters {
    pub status: String,
    pub urgency: String,
    pub service: String,
    pub team: String,
    pub customer: String,
    pub assignee: String,
    pub text: String,
    /// Days as `YYYY-MM-DD`, in the person's zone; `until` includes its day.
    pub since: String,
    pub until: String,
    pub sort: String,
    pub cursor: String,
}

impl Filters {
    /// The statuses asked for; `None` is all.
    pub fn statuses(&self) -> Option<Vec<Status>> {
        match self.status.as_str() {
            "open" => Some(vec![Status::Triggered, Status::Acknowledged]),
            other => Status::parse(other).map(|s| vec![s]),
        }
    }

    pub fn urgency(&self) -> Option<Urgency> {
        Urgency::parse(&self.urgency)
    }

    /// (column, descending).
    pub fn sorting(&self) -> (&'static str, bool) {
        let (name, descending) = match self.sort.strip_prefix('-') {
            Some(name) => (name, true),
            None => (self.sort.as_str(), false),
        };
        SORTS.into_iter().find(|s| *s == name).map_or(("opened", true), |s| (s, descending))
    }

    pub fn aria_sort(&self, column: &str) -> &'static str {
        match self.sorting() {
            (by, true) if by == column => "descending",
            (by, false) if by == column => "ascending",
            _ => "none",
        }
    }

    /// The address that sorts by this column, or turns it round if it already does.
    pub fn sort_href(&self, column: &str) -> String {
        let (by, descending) = self.sorting();
        let newest_first = matches!(column, "opened" | "changed");
        let minus = if by == column { !descending } else { newest_first };
        self.but("sort", &format!("{}{column}", if minus { "-" } else { "" }))
    }
}

impl Asked for Filters {
    const PATH: &'static str = "/incidents";
    const BESIDES: &'static [&'static str] = &["status", "sort"];

    fn pairs(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("status", &self.status),
            ("urgency", &self.urgency),
            ("service", &self.service),
            ("team", &self.team),
            ("customer", &self.customer),
            ("assignee", &self.assignee),
            ("text", &self.text),
            ("since", &self.since),
            ("until", &self.until),
            ("sort", &self.sort),
            ("cursor", &self.cursor),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changing_a_filter_forgets_the_place_in_the_list() {
        let held =
            Filters { status: "open".into(), text: "障害 &".into(), cursor: "abc".into(), ..Filters::default() };
        assert_eq!(held.but("status", ""), "/incidents?text=%E9%9A%9C%E5%AE%B3%20%26");
        assert!(held.but("cursor", "next").ends_with("&cursor=next"));
        assert_eq!(Filters::default().but("status", ""), "/incidents");
    }

    #[test]
    fn sorting_turns_round_and_nonsense_sorts_by_newest() {
        let by = |sort: &str| Filters { sort: sort.into(), ..Filters::default() };
        assert_eq!(by("").sorting(), ("opened", true));
        assert_eq!(by("-drop table").sorting(), ("opened", true));
        assert_eq!(by("service").sort_href("service"), "/incidents?sort=-service");
        assert_eq!(by("").sort_href("opened"), "/incidents?sort=opened");
        assert_eq!(by("").sort_href("changed"), "/incidents?sort=-changed");
        assert_eq!(by("-status").aria_sort("status"), "descending");
    }

    #[test]
    fn open_means_both_open_statuses() {
        let by = |status: &str| Filters { status: status.into(), ..Filters::default() }.statuses();
        assert_eq!(by("open"), Some(vec![Status::Triggered, Status::Acknowledged]));
        assert_eq!(by("resolved"), Some(vec![Status::Resolved]));
        assert_eq!((by(""), by("nonsense")), (None, None));
    }
}
