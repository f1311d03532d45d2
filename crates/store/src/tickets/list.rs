//! The list of tickets with the last thing that people were called for, and where tickets are watched. Never decides: in which state a
//! watch is stands in the rows.

use super::{KEPT, Kept, kept};
use crate::concerns::{self, Concern};
use crate::inbox::scope_clause;
use crate::incidents::like_pattern;
use crate::{StoreError, Tx, Val};
use model::{Micros, Scope};

/// What watching a ticket came to, by the last thing that people were called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// People were called and nobody has taken it.
    Called,
    /// They would have been called, and the mode is observe.
    Observed,
    Taken,
    Ended,
    /// Nobody was called, for it was so before we looked.
    Would,
    /// No rule ever found anything.
    Watched,
}

impl Watch {
    pub const ALL: [Self; 6] = [Self::Called, Self::Observed, Self::Taken, Self::Ended, Self::Would, Self::Watched];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Called => "called",
            Self::Observed => "observed",
            Self::Taken => "taken",
            Self::Ended => "ended",
            Self::Would => "would",
            Self::Watched => "watched",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|watch| watch.as_str() == text)
    }

    pub fn of(last: Option<&Concern>) -> Self {
        match last {
            None => Self::Watched,
            Some(one) if one.generation == 0 => Self::Would,
            Some(one) if one.moved_at.is_some() => Self::Taken,
            Some(one) if one.ended_at.is_some() => Self::Ended,
            Some(one) if one.mode == "observe" => Self::Observed,
            Some(_) => Self::Called,
        }
    }

    /// The same as a condition on the joined concern.
    const fn clause(self) -> &'static str {
        match self {
            Self::Watched => "c.id IS NULL",
            Self::Would => "c.generation = 0",
            Self::Taken => "c.generation > 0 AND c.moved_at IS NOT NULL",
            Self::Ended => "c.generation > 0 AND c.moved_at IS NULL AND c.ended_at IS NOT NULL",
            Self::Observed => "c.generation > 0 AND c.moved_at IS NULL AND c.ended_at IS NULL AND c.mode = 'observe'",
            Self::Called => "c.generation > 0 AND c.moved_at IS NULL AND c.ended_at IS NULL AND c.mode <> 'observe'",
        }
    }
}

/// What a list asks for. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those that nobody has finished.
    pub open_only: bool,
    pub watch: Option<Watch>,
    /// Without these.
    pub but: Option<Watch>,
    pub space: Option<String>,
    pub project: Option<String>,
    pub customer: Option<String>,
    /// In the key, the title or the assignee's name.
    pub text: Option<String>,
    /// From this one on, by instant of change and id.
    pub before: Option<(Micros, String)>,
}

/// A ticket with the last thing that people were called for.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub kept: Kept,
    pub last: Option<Concern>,
}

impl Item {
    pub fn watch(&self) -> Watch {
        Watch::of(self.last.as_ref())
    }
}

/// Those changed last first.
pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, most: i64) -> Result<Vec<Item>, StoreError> {
    let mut vals = Vec::new();
    let join = concerns::join_last(super::DUTY, "t.id", scope, &mut vals);
    let wheres = wheres(scope, filter, &mut vals);
    vals.push(Val::Int(most));
    let own = KEPT.split(", ").map(|column| format!("t.{column}")).collect::<Vec<_>>();
    let sql = format!(
        "SELECT {}, {} FROM ticket t {join} WHERE {} ORDER BY t.updated_at DESC, t.id DESC LIMIT ?{}",
        own.join(", "),
        concerns::columns(),
        wheres.join(" AND "),
        vals.len()
    );
    let rows = tx.all(&sql, &vals).await?;
    rows.iter().map(|row| Ok(Item { kept: kept(row)?, last: concerns::joined(row, own.len())? })).collect()
}

fn wheres(scope: &Scope, filter: &Filter, vals: &mut Vec<Val>) -> Vec<String> {
    let mut wheres = vec![scope_clause(scope, "t.customer", vals)];
    if filter.open_only {
        wheres.push("t.is_done = 0 AND t.gone_at IS NULL".to_owned());
    }
    wheres.extend(filter.watch.map(|watch| watch.clause().to_owned()));
    wheres.extend(filter.but.map(|watch| format!("CASE WHEN {} THEN 1 ELSE 0 END = 0", watch.clause())));
    let equal = [("space", &filter.space), ("project", &filter.project), ("customer", &filter.customer)];
    for (column, value) in equal {
        if let Some(value) = value {
            vals.push(Val::from(value));
            wheres.push(format!("t.{column} = ?{}", vals.len()));
        }
    }
    if let Some(text) = &filter.text {
        vals.push(like_pattern(text).into());
        let n = vals.len();
        let has = |column: &str| format!("lower(t.{column}) LIKE ?{n} ESCAPE '\\'");
        wheres.push(format!("({} OR {} OR {})", has("key"), has("title"), has("assignee")));
    }
    if let Some((at, id)) = &filter.before {
        vals.extend([Val::from(*at), Val::from(id)]);
        let n = vals.len();
        wheres.push(format!("(t.updated_at < ?{} OR (t.updated_at = ?{} AND t.id < ?{n}))", n - 1, n - 1));
    }
    wheres
}

/// A project whose tickets are watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub space: String,
    pub project: String,
    /// Open tickets, and those of them that people were called for and nobody has taken.
    pub open: i64,
    pub called: i64,
    /// When one of them was read last.
    pub read_at: Micros,
}

pub async fn places(tx: &mut Tx, scope: &Scope) -> Result<Vec<Place>, StoreError> {
    let mut vals = Vec::new();
    let clause = scope_clause(scope, "t.customer", &mut vals);
    let theirs = scope_clause(scope, "c.customer", &mut vals);
    let sql = format!(
        "SELECT t.space, t.project, count(*), CAST(sum(CASE WHEN EXISTS (SELECT 1 FROM concern c WHERE c.duty = '{}' \
         AND c.subject = t.id AND c.ended_at IS NULL AND c.moved_at IS NULL AND c.mode <> 'observe' AND {theirs}) \
         THEN 1 ELSE 0 END) AS BIGINT), max(t.read_at) \
         FROM ticket t WHERE t.is_done = 0 AND t.gone_at IS NULL AND {clause} \
         GROUP BY t.space, t.project ORDER BY t.space, t.project",
        super::DUTY
    );
    let rows = tx.all(&sql, &vals).await?;
    let place = |row: &crate::Row| {
        Ok(Place {
            space: row.string(0)?,
            project: row.string(1)?,
            open: row.int(2)?,
            called: row.int(3)?,
            read_at: row.micros(4)?,
        })
    };
    rows.iter().map(place).collect()
}
