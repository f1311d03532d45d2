//! The list of incidents, and the row that *Now* shares with it.

use super::{Asked, Filters, Frame, Named, label};
use crate::markup::encode;
use model::Micros;
use model::incident::{Status, Urgency};

#[derive(Clone, Debug)]
pub struct IncidentsView {
    pub filters: Filters,
    pub choices: Choices,
    pub rows: Vec<IncidentRow>,
    /// How many match in all, where that was counted.
    pub total: Option<u64>,
    /// There are more than `total`: counting ended there.
    pub total_is_least: bool,
    /// Filters that are kept by name.
    pub saved: Vec<SavedRow>,
    pub may_share: bool,
    pub next_cursor: Option<String>,
    /// Whether the mirror holds any incident at all.
    pub any_known: bool,
}

/// A filter that is kept by name.
#[derive(Clone, Debug)]
pub struct SavedRow {
    pub id: String,
    pub name: String,
    pub href: String,
    pub own: bool,
    pub shared: bool,
}

impl SavedRow {
    pub fn delete_href(&self) -> String {
        format!("/filters/{}/delete", encode(&self.id))
    }
}

/// What the filters offer.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub services: Vec<Named>,
    pub teams: Vec<Named>,
    pub customers: Vec<Named>,
    pub assignees: Vec<Named>,
}

/// An incident in a list.
#[derive(Clone, Debug)]
pub struct IncidentRow {
    pub id: String,
    pub number: Option<i64>,
    pub title: String,
    pub status: Status,
    pub urgency: Urgency,
    pub service: Option<String>,
    pub customer: Option<String>,
    pub assignees: Vec<String>,
    /// Who holds it acknowledged now.
    pub taken_by: Vec<String>,
    pub opened_at: Option<Micros>,
    pub acknowledged_at: Option<Micros>,
    pub resolved_at: Option<Micros>,
    pub changed_at: Micros,
    /// PagerDuty shows it no more: how it is now is not known.
    pub is_hidden: bool,
}

impl IncidentRow {
    pub fn label(&self) -> String {
        label(self.number, &self.id)
    }

    pub fn href(&self) -> String {
        format!("/incidents/{}", encode(&self.id))
    }

    pub fn is_high(&self) -> bool {
        self.urgency == Urgency::High
    }

    /// Who has it: those who acknowledged, else those it is assigned to, else nobody.
    pub fn who(&self, f: &Frame) -> String {
        match (self.status, self.taken_by.as_slice(), self.assignees.as_slice()) {
            (Status::Acknowledged, [_, ..], _) => f.join(&self.taken_by),
            (_, _, [_, ..]) => f.join(&self.assignees),
            (status, ..) if status.is_open() => f.t("who-nobody"),
            _ => String::new(),
        }
    }

    pub fn to_acknowledge(&self, f: &Frame) -> String {
        self.after_opening(f, self.acknowledged_at)
    }

    pub fn to_resolve(&self, f: &Frame) -> String {
        self.after_opening(f, self.resolved_at)
    }

    fn after_opening(&self, f: &Frame, at: Option<Micros>) -> String {
        match (self.opened_at, at) {
            (Some(opened), Some(at)) => f.between(&opened, &at),
            _ => String::new(),
        }
    }
}

impl IncidentsView {
    /// The answer in words.
    pub fn sentence(&self, f: &Frame) -> String {
        let key = STATUS_KEYS.iter().find(|s| s.0 == self.filters.status).map_or("incidents-count", |s| s.1);
        let many = STATUS_KEYS.iter().find(|s| s.0 == self.filters.status).map_or("incidents-many", |s| s.2);
        match (self.is_narrowed(), self.total) {
            (true, _) if self.rows.is_empty() => f.t("incidents-no-match"),
            (true, Some(total)) if self.total_is_least => f.t1("incidents-match-many", "n", total),
            (false, Some(total)) if self.total_is_least => f.t1(many, "n", total),
            (true, Some(total)) => f.t1("incidents-match", "n", total),
            (false, Some(total)) => f.t1(key, "n", total),
            (_, None) if self.next_cursor.is_some() => f.t1("incidents-shown-more", "n", self.rows.len()),
            (true, None) => f.t1("incidents-match", "n", self.rows.len()),
            (false, None) => f.t1(key, "n", self.rows.len()),
        }
    }

    /// How long acknowledging and resolving took is asked of what is over, not of what is open.
    pub fn shows_ends(&self) -> bool {
        matches!(self.filters.status.as_str(), "" | "resolved")
    }

    /// The saved filter that is shown now.
    pub fn is_chosen(&self, saved: &SavedRow) -> bool {
        saved.href == self.filters.href()
    }

    pub fn is_narrowed(&self) -> bool {
        !self.filters.narrowing().is_empty()
    }

    /// What a filter's value is called, for the mark that takes it off again.
    pub fn filter_value(&self, f: &Frame, name: &str, value: &str) -> String {
        let list = match name {
            "service" => &self.choices.services,
            "team" => &self.choices.teams,
            "customer" => &self.choices.customers,
            "assignee" => &self.choices.assignees,
            "urgency" => return f.word("urgency", value),
            _ => return f.brief(value),
        };
        list.iter().find(|c| c.id == value).map_or_else(|| f.brief(value), |c| f.brief(&c.name))
    }
}

/// Status, its count, its count that ended early.
const STATUS_KEYS: [(&str, &str, &str); 4] = [
    ("open", "incidents-count-open", "incidents-many-open"),
    ("triggered", "incidents-count-triggered", "incidents-many-triggered"),
    ("acknowledged", "incidents-count-acknowledged", "incidents-many-acknowledged"),
    ("resolved", "incidents-count-resolved", "incidents-many-resolved"),
];
