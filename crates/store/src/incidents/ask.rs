//! What a list is asked for, as SQL: every condition on the row itself, and the four ways to come to the rows. Builds
//! text and values; runs nothing.

use super::save::{SECOND, second};
use super::{By, Filter, Order};
use crate::Val;
use crate::inbox::scope_clause;
use crate::search::grams::{self, Term};
use crate::search::{self, Need};
use model::Scope;

/// By what a query comes to its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drive {
    /// The rows themselves, in an order's own index.
    Rows,
    /// The rows of a range of slots, whatever the order.
    Range,
    Statuses,
    Assignee,
    /// The search index.
    Grams,
}

/// A filter made ready: words folded, the cursor's row found.
#[derive(Clone)]
pub(crate) struct Ask<'a> {
    pub scope: &'a Scope,
    pub filter: &'a Filter,
    pub statuses: Vec<String>,
    pub terms: Vec<Term>,
    /// Empty when the index does not help or is not whole.
    pub needs: Vec<Need>,
    /// In the order of services: the names that rows may have; empty when nothing is known about them.
    pub names: Vec<String>,
    /// The last row of the page before.
    pub after: Option<Spot>,
    pub is_postgres: bool,
}

/// A place in an order.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// The value that the order goes by, but for the order of opening, where the slot is all.
    pub value: Val,
    pub slot: i64,
}

impl<'a> Ask<'a> {
    pub fn new(scope: &'a Scope, filter: &'a Filter, is_postgres: bool) -> Self {
        let mut statuses = filter.statuses.clone();
        statuses.sort();
        statuses.dedup();
        if statuses.len() >= 3 && super::STATUSES.iter().all(|s| statuses.iter().any(|have| have == s)) {
            statuses.clear();
        }
        let terms = filter.text.as_deref().map(grams::terms).unwrap_or_default();
        let needs = needs(scope, filter, &terms);
        Self { scope, filter, statuses, terms, needs, names: Vec::new(), after: None, is_postgres }
    }

    /// The same with one status alone.
    pub fn of_status(&self, status: &str, after: Option<Spot>) -> Self {
        Self { statuses: vec![status.to_owned()], after, ..self.clone() }
    }

    /// The order alone, within the slots asked for: where a page begins and nothing that needs the row.
    pub fn bare(&self, filter: &'a Filter) -> Self {
        let bare = Ask::new(&Scope::All, filter, self.is_postgres);
        Self { names: self.names.clone(), after: self.after.clone(), ..bare }
    }

    /// Whether any row may be left out at all.
    pub fn restricts(&self) -> bool {
        let f = self.filter;
        *self.scope != Scope::All
            || !self.statuses.is_empty()
            || !self.terms.is_empty()
            || [&f.urgency, &f.service, &f.team, &f.assignee, &f.customer].iter().any(|value| value.is_some())
            || f.since.or(f.until).is_some()
    }
}

fn needs(scope: &Scope, filter: &Filter, terms: &[Term]) -> Vec<Need> {
    let tags = [
        ("service", &filter.service),
        ("team", &filter.team),
        ("customer", &filter.customer),
        ("urgency", &filter.urgency),
    ];
    let tags = tags.into_iter().filter_map(|(kind, value)| Some(Need::tag(kind, value.as_ref()?)));
    let scoped = match scope {
        Scope::Customers(list) if filter.customer.is_none() && !list.is_empty() => {
            Some(Need::any_tag("customer", list))
        }
        _ => None,
    };
    terms.iter().filter_map(Need::term).chain(tags).chain(scoped).collect()
}

/// One statement about incidents.
pub(crate) struct Query<'a> {
    pub ask: &'a Ask<'a>,
    pub drive: Drive,
    /// None to count.
    pub order: Option<Order>,
    /// The last place that is looked at.
    pub fence: Option<&'a Spot>,
}

impl Query<'_> {
    /// `what` of these incidents, at most so many.
    pub fn sql(&self, what: &str, limit: i64) -> (String, Vec<Val>) {
        let mut vals = Vec::new();
        let mut wheres = self.driven(&mut vals);
        self.ranged(&mut wheres, &mut vals);
        self.conditions(&mut wheres, &mut vals);
        let order = self.ordered();
        vals.push(limit.into());
        let sql =
            format!("SELECT {what} FROM {} WHERE {}{order} LIMIT ?{}", self.from(), wheres.join(" AND "), vals.len());
        (sql, vals)
    }

    /// The places of the order themselves, from its index alone.
    pub fn places(&self, column: &str) -> (String, Vec<Val>) {
        let (mut vals, mut wheres) = (Vec::new(), vec!["1 = 1".to_owned()]);
        self.ranged(&mut wheres, &mut vals);
        let sql = format!(
            "SELECT {column}, incident.slot FROM {} WHERE {}{}",
            self.from(),
            wheres.join(" AND "),
            self.ordered()
        );
        (sql, vals)
    }

    fn from(&self) -> String {
        let on = |table: &str, slot: &str| {
            // On SQLite CROSS JOIN also says which table comes first.
            let join = if self.ask.is_postgres { "JOIN" } else { "CROSS JOIN" };
            format!("{table} {join} incident ON incident.slot = {slot}")
        };
        let by = |hint: &str| if self.ask.is_postgres { "incident".to_owned() } else { format!("incident {hint}") };
        match (self.drive, self.order.map(|order| order.by)) {
            (Drive::Assignee, _) => on("incident_link d", "d.slot"),
            (Drive::Grams, _) => on("incident_gram", self.slot()),
            (Drive::Statuses, _) => by("INDEXED BY incident_status"),
            (Drive::Rows, Some(By::Changed)) => by("INDEXED BY incident_changed"),
            (Drive::Rows, Some(By::Service)) => by("INDEXED BY incident_service"),
            (Drive::Rows, None) => "incident".to_owned(),
            (Drive::Rows | Drive::Range, _) => by("NOT INDEXED"),
        }
    }

    /// The slot, by the name under which the drive gives it in order.
    fn slot(&self) -> &'static str {
        match self.drive {
            Drive::Assignee => "d.slot",
            Drive::Grams if self.ask.is_postgres => "incident_gram.slot",
            Drive::Grams => "incident_gram.rowid",
            _ => "incident.slot",
        }
    }

    fn driven(&self, vals: &mut Vec<Val>) -> Vec<String> {
        match self.drive {
            Drive::Assignee => {
                let other = mark(vals, self.ask.filter.assignee.as_ref().into());
                vec![format!("d.kind = 'assignee' AND d.other = {other}")]
            }
            Drive::Grams => vec![proposed(self.ask, vals)],
            _ => Vec::new(),
        }
    }

    /// What can be said about slots.
    fn ranged(&self, wheres: &mut Vec<String>, vals: &mut Vec<Val>) {
        let slot = self.slot();
        if let Some(since) = self.ask.filter.since {
            wheres.push(format!("{slot} >= {}", mark(vals, second(since).into())));
        }
        if let Some(until) = self.ask.filter.until {
            wheres.push(format!("{slot} < {}", mark(vals, (second(until).saturating_add(SECOND)).into())));
        }
        let Some(order) = self.order else { return };
        if self.drive == Drive::Rows && order.by == By::Service && !self.ask.names.is_empty() {
            // Few lengths of lists, so that few statements have to be prepared.
            let names = &self.ask.names;
            let filled = names.iter().chain(names.last().into_iter().cycle()).take(names.len().next_multiple_of(16));
            let marks: Vec<String> = filled.map(|name| mark(vals, name.into())).collect();
            wheres.push(format!("service_name IN ({})", marks.join(", ")));
        }
        let spots = [(self.ask.after.as_ref(), [">", "<"]), (self.fence, ["<=", ">="])];
        for (spot, signs) in spots {
            let (Some(spot), sign) = (spot, signs[usize::from(order.descending)]) else { continue };
            let before = |vals: &mut Vec<Val>| mark(vals, spot.slot.into());
            wheres.push(match column(order.by) {
                None => format!("{slot} {sign} {}", before(vals)),
                Some(column) => {
                    let value = mark(vals, spot.value.clone());
                    format!("({column}, incident.slot) {sign} ({value}, {})", before(vals))
                }
            });
        }
    }

    /// Everything that has to hold for the row itself: no index is believed, for the scope least of all.
    fn conditions(&self, wheres: &mut Vec<String>, vals: &mut Vec<Val>) {
        let filter = self.ask.filter;
        wheres.push(scope_clause(self.ask.scope, "customer", vals));
        // Tests of a route are ours: no list, count or figure has them.
        wheres.push("canary = 0".to_owned());
        if !self.ask.statuses.is_empty() {
            let marks: Vec<String> = self.ask.statuses.iter().map(|s| mark(vals, s.into())).collect();
            wheres.push(format!("status IN ({})", marks.join(", ")));
        }
        for (column, sign, value) in [
            ("urgency", "=", filter.urgency.as_ref().map(Val::from)),
            ("service_id", "=", filter.service.as_ref().map(Val::from)),
            ("customer", "=", filter.customer.as_ref().map(Val::from)),
            ("created_at", ">=", filter.since.map(Val::from)),
            ("created_at", "<", filter.until.map(Val::from)),
        ] {
            if let Some(value) = value {
                wheres.push(format!("{column} {sign} {}", mark(vals, value)));
            }
        }
        for (kind, value) in [("team", &filter.team), ("assignee", &filter.assignee)] {
            if let Some(value) = value {
                let other = mark(vals, value.into());
                wheres.push(format!(
                    "EXISTS (SELECT 1 FROM incident_link l WHERE l.slot = incident.slot AND l.kind = '{kind}' \
                     AND l.other = {other})"
                ));
            }
        }
        wheres.extend(self.ask.terms.iter().map(|term| contains(term, self.ask.is_postgres, vals)));
    }

    fn ordered(&self) -> String {
        let Some(order) = self.order else { return String::new() };
        let way = if order.descending { "DESC" } else { "ASC" };
        match column(order.by) {
            None => format!(" ORDER BY {} {way}", self.slot()),
            Some(column) => format!(" ORDER BY {column} {way}, incident.slot {way}"),
        }
    }
}

/// The column that an order goes by before the slot. Statuses are listed one after the other.
pub(crate) const fn column(by: By) -> Option<&'static str> {
    match by {
        By::Opened | By::Status => None,
        By::Changed => Some("changed_at"),
        By::Service => Some("service_name"),
    }
}

/// What the search index proposes.
pub(crate) fn proposed(ask: &Ask<'_>, vals: &mut Vec<Val>) -> String {
    if ask.is_postgres {
        return search::arrays(&ask.needs, vals);
    }
    format!("incident_gram MATCH {}", mark(vals, search::fts(&ask.needs).into()))
}

/// A comparison of texts, not a pattern: nothing in a word has a meaning of its own.
fn contains(term: &Term, is_postgres: bool, vals: &mut Vec<Val>) -> String {
    let text = mark(vals, (&term.text).into());
    let find = if is_postgres { "strpos" } else { "instr" };
    let number = term.number.map(|n| format!(" OR number = {}", mark(vals, n.into()))).unwrap_or_default();
    format!("({find}(folded, {text}) > 0 OR lower(id) = {text}{number})")
}

fn mark(vals: &mut Vec<Val>, value: Val) -> String {
    vals.push(value);
    format!("?{}", vals.len())
}
