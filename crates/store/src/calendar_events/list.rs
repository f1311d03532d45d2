//! The list of events with the last thing that people were called for. Never decides.

use super::{KEPT, Kept, kept};
use crate::concerns::{self, Concern};
use crate::inbox::scope_clause;
use crate::incidents::like_pattern;
use crate::{StoreError, Tx, Val};
use model::{Micros, Scope};

/// What a list asks for. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Calendars that are left out: leave and holidays are nobody's promise.
    pub but: Vec<String>,
    pub calendar: Option<String>,
    pub customer: Option<String>,
    /// In the title.
    pub text: Option<String>,
    /// Those that end after the one and begin before the other.
    pub since: Option<Micros>,
    pub until: Option<Micros>,
    /// Those that are not over then, or those that are.
    pub over_by: Option<(Micros, bool)>,
    /// The first to come first; else the last that began.
    pub is_rising: bool,
    /// From this one on, by its beginning and id.
    pub after: Option<(Micros, String)>,
}

/// An event with the last thing that people were called for.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub kept: Kept,
    pub last: Option<Concern>,
}

pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, most: i64) -> Result<Vec<Item>, StoreError> {
    let mut vals = Vec::new();
    let join = concerns::join_last(super::DUTY, "e.id", scope, &mut vals);
    let wheres = wheres(scope, filter, &mut vals);
    vals.push(Val::Int(most));
    let own = KEPT.split(", ").map(|column| format!("e.{column}")).collect::<Vec<_>>();
    let order = if filter.is_rising { "ASC" } else { "DESC" };
    let sql = format!(
        "SELECT {}, {} FROM calendar_event e {join} WHERE {} ORDER BY e.starts_at {order}, e.id {order} LIMIT ?{}",
        own.join(", "),
        concerns::columns(),
        wheres.join(" AND "),
        vals.len()
    );
    let rows = tx.all(&sql, &vals).await?;
    rows.iter().map(|row| Ok(Item { kept: kept(row)?, last: concerns::joined(row, own.len())? })).collect()
}

fn wheres(scope: &Scope, filter: &Filter, vals: &mut Vec<Val>) -> Vec<String> {
    let mut wheres = vec![scope_clause(scope, "e.customer", vals)];
    let mut holds = |clause: &str, value: Val| {
        vals.push(value);
        wheres.push(clause.replace("{}", &format!("?{}", vals.len())));
    };
    for calendar in &filter.but {
        holds("e.calendar <> {}", calendar.into());
    }
    if let Some(calendar) = &filter.calendar {
        holds("e.calendar = {}", calendar.into());
    }
    if let Some(customer) = &filter.customer {
        holds("e.customer = {}", customer.into());
    }
    if let Some(text) = &filter.text {
        holds("lower(e.title) LIKE {} ESCAPE '\\'", like_pattern(text).into());
    }
    if let Some(since) = filter.since {
        holds("e.ends_at > {}", since.into());
    }
    if let Some(until) = filter.until {
        holds("e.starts_at < {}", until.into());
    }
    if let Some((now, is_over)) = filter.over_by {
        holds(if is_over { "e.ends_at <= {}" } else { "e.ends_at > {}" }, now.into());
    }
    if let Some((at, id)) = &filter.after {
        let sign = if filter.is_rising { ">" } else { "<" };
        holds(&format!("e.starts_at {sign}= {{}}"), (*at).into());
        let n = vals.len();
        vals.push(Val::from(id));
        wheres.push(format!("(e.starts_at {sign} ?{n} OR e.id {sign} ?{})", n + 1));
    }
    wheres
}
