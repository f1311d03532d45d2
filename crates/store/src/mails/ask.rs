//! What a list of mails is asked for, as SQL: every condition on the row itself, and the three ways to come to the rows,
//! each of which gives them by id. Builds text and values; but for the index of a new mail it runs nothing.

use super::New;
use super::classes::Class;
use super::spans::Span;
use crate::inbox::scope_clause;
use crate::search::grams::{self, Term};
use crate::search::{self, Need, tag};
use crate::{StoreError, Tx, Val, vals};
use model::mail::Ledger;
use model::{Micros, Scope};

/// Which mails a list shows. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub ledgers: Vec<Ledger>,
    pub monitor: Option<String>,
    pub state: Option<String>,
    pub trust: Option<String>,
    pub host: Option<String>,
    pub customer: Option<String>,
    /// Words, by blanks, each of which subject, host, check or sender contain.
    pub text: Option<String>,
    pub since: Option<Micros>,
    pub until: Option<Micros>,
    /// Mails older than this one.
    pub before: Option<i64>,
}

impl Filter {
    /// Whether it asks for some classes only.
    pub(crate) fn is_classed(&self) -> bool {
        !self.ledgers.is_empty() || self.state.is_some() || self.trust.is_some()
    }
}

/// Writes a mail's words into the index. What may change later is no part of it.
pub(super) async fn index(tx: &mut Tx, mail: &New, folded: &str) -> Result<(), StoreError> {
    let mut document = String::with_capacity(folded.len() * 9 + 140);
    for piece in grams::of_title(folded) {
        document.push_str(piece);
        document.push(' ');
    }
    let host = mail.host.as_deref().map(grams::fold).unwrap_or_default();
    let tags = [
        tag("monitor", &mail.monitor),
        tag("host", &host),
        tag("customer", mail.customer.as_deref().unwrap_or_default()),
        tag("state", mail.state.as_str()),
    ];
    document.push_str(&tags.join(" "));
    let sql = if tx.is_postgres() {
        "INSERT INTO mail_gram (slot, grams) VALUES (?1, string_to_array(?2, ' '))"
    } else {
        "INSERT INTO mail_gram (rowid, grams) VALUES (?1, ?2)"
    };
    tx.exec(sql, vals![mail.id, document]).await?;
    Ok(())
}

/// By what a query comes to its rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Drive<'a> {
    /// All of a span.
    Rows,
    /// One class.
    Class(&'a Class),
    /// The search index; `states` when it knows those of all mails of the span.
    Grams { states: bool },
}

/// A filter made ready: words folded.
pub(crate) struct Ask<'a> {
    pub scope: &'a Scope,
    pub filter: &'a Filter,
    terms: Vec<Term>,
    /// Empty when the index does not help.
    pub needs: Vec<Need>,
    pub is_postgres: bool,
}

impl<'a> Ask<'a> {
    pub fn new(scope: &'a Scope, filter: &'a Filter, is_postgres: bool) -> Self {
        let terms = filter.text.as_deref().map(grams::terms).unwrap_or_default();
        let host = filter.host.as_deref().map(grams::fold);
        let tags = [
            ("monitor", filter.monitor.as_deref()),
            ("host", host.as_deref()),
            ("customer", filter.customer.as_deref()),
        ];
        let tags = tags.into_iter().filter_map(|(kind, value)| Some(Need::tag(kind, value?)));
        let scoped = match scope {
            Scope::Customers(list) if filter.customer.is_none() && !list.is_empty() => {
                Some(Need::any_tag("customer", list))
            }
            _ => None,
        };
        let needs = terms.iter().filter_map(Need::term).chain(tags).chain(scoped).collect();
        Self { scope, filter, terms, needs, is_postgres }
    }

    /// `what` of the mails of a span, at most so many, the newest first or, for counting, in any order.
    pub fn sql(
        &self,
        what: &str,
        (drive, span): (Drive<'_>, Span),
        limit: i64,
        is_ordered: bool,
    ) -> (String, Vec<Val>) {
        let (mut wheres, mut vals) = self.proposed(drive, span);
        wheres.push(scope_clause(self.scope, "customer", &mut vals));
        self.conditions(drive, &mut wheres, &mut vals);
        let order = if is_ordered { format!(" ORDER BY {} DESC", self.id(drive)) } else { String::new() };
        let limit = mark(&mut vals, limit.into());
        let sql =
            format!("SELECT {what} FROM {} WHERE {}{order} LIMIT {limit}", self.from(drive), wheres.join(" AND "));
        (sql, vals)
    }

    /// How many rows a drive proposes, counted up to a bound, by its index alone.
    pub fn proposes(&self, (drive, span): (Drive<'_>, Span), most: i64) -> (String, Vec<Val>) {
        let (wheres, mut vals) = self.proposed(drive, span);
        let from = match drive {
            Drive::Grams { .. } => "mail_gram".to_owned(),
            _ => self.from(drive),
        };
        let most = mark(&mut vals, most.into());
        (format!("SELECT count(*) FROM (SELECT 1 FROM {from} WHERE {} LIMIT {most}) t", wheres.join(" AND ")), vals)
    }

    fn from(&self, drive: Drive<'_>) -> String {
        match (drive, self.is_postgres) {
            (Drive::Grams { .. }, true) => "mail_gram JOIN mail ON mail.id = mail_gram.slot".to_owned(),
            // CROSS JOIN also says which table comes first.
            (Drive::Grams { .. }, false) => "mail_gram CROSS JOIN mail ON mail.id = mail_gram.rowid".to_owned(),
            (_, true) => "mail".to_owned(),
            (Drive::Rows, false) => "mail NOT INDEXED".to_owned(),
            (Drive::Class(_), false) => "mail INDEXED BY mail_class".to_owned(),
        }
    }

    /// The id, by the name under which the drive gives it in order.
    const fn id(&self, drive: Drive<'_>) -> &'static str {
        match drive {
            Drive::Grams { .. } if self.is_postgres => "mail_gram.slot",
            Drive::Grams { .. } => "mail_gram.rowid",
            _ => "mail.id",
        }
    }

    fn proposed(&self, drive: Drive<'_>, span: Span) -> (Vec<String>, Vec<Val>) {
        let (id, mut wheres, mut vals) = (self.id(drive), Vec::new(), Vec::new());
        match drive {
            Drive::Rows => {}
            Drive::Class(class) => {
                for (column, value) in [("ledger", &class.ledger), ("state", &class.state), ("trust", &class.trust)] {
                    wheres.push(format!("{column} = {}", mark(&mut vals, value.into())));
                }
            }
            Drive::Grams { states } => wheres.push(self.grams(states, &mut vals)),
        }
        wheres.push(format!("{id} >= {}", mark(&mut vals, span.from.into())));
        wheres.push(format!("{id} <= {}", mark(&mut vals, span.to.into())));
        (wheres, vals)
    }

    fn grams(&self, states: bool, vals: &mut Vec<Val>) -> String {
        let mut needs = self.needs.clone();
        needs.extend(self.filter.state.as_deref().filter(|_| states).map(|state| Need::tag("state", state)));
        if self.is_postgres {
            return search::arrays(&needs, vals);
        }
        format!("mail_gram MATCH {}", mark(vals, search::fts(&needs).into()))
    }

    /// Everything that has to hold for the row itself: no index is believed, but the class that the row is had by.
    fn conditions(&self, drive: Drive<'_>, wheres: &mut Vec<String>, vals: &mut Vec<Val>) {
        let filter = self.filter;
        let classed = !matches!(drive, Drive::Class(_));
        if !filter.ledgers.is_empty() && classed {
            let marks: Vec<String> = filter.ledgers.iter().map(|l| mark(vals, l.as_str().into())).collect();
            wheres.push(format!("ledger IN ({})", marks.join(", ")));
        }
        for (column, sign, value) in [
            ("state", "=", filter.state.as_ref().filter(|_| classed).map(Val::from)),
            ("trust", "=", filter.trust.as_ref().filter(|_| classed).map(Val::from)),
            ("monitor", "=", filter.monitor.as_ref().map(Val::from)),
            ("customer", "=", filter.customer.as_ref().map(Val::from)),
            ("host", "=", filter.host.as_ref().map(Val::from)),
            ("received_at", ">=", filter.since.map(Val::from)),
            ("received_at", "<", filter.until.map(Val::from)),
        ] {
            if let Some(value) = value {
                wheres.push(format!("{column} {sign} {}", mark(vals, value)));
            }
        }
        let find = if self.is_postgres { "strpos" } else { "instr" };
        for term in &self.terms {
            wheres.push(format!("{find}(folded, {}) > 0", mark(vals, (&term.text).into())));
        }
    }
}

fn mark(vals: &mut Vec<Val>, value: Val) -> String {
    vals.push(value);
    format!("?{}", vals.len())
}
