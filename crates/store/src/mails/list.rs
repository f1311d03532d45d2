//! Lists of mails and the search in them, newest first, by the same index of pieces as incidents have.

use super::{ITEM, Item, New, Whole, item, whole};
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

/// Writes a mail's words into the index.
pub(super) async fn index(tx: &mut Tx, mail: &New, folded: &str) -> Result<(), StoreError> {
    let mut document = String::with_capacity(folded.len() * 9 + 120);
    for piece in grams::of_title(folded) {
        document.push_str(piece);
        document.push(' ');
    }
    let host = mail.host.as_deref().map(grams::fold).unwrap_or_default();
    let tags = [
        tag("monitor", &mail.monitor),
        tag("host", &host),
        tag("customer", mail.customer.as_deref().unwrap_or_default()),
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

struct Ask<'a> {
    scope: &'a Scope,
    filter: &'a Filter,
    terms: Vec<Term>,
    needs: Vec<Need>,
    is_postgres: bool,
}

impl<'a> Ask<'a> {
    fn new(scope: &'a Scope, filter: &'a Filter, is_postgres: bool) -> Self {
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

    /// The few that lack something are had by their own index, the many others by the search index or by id.
    fn sql(&self, what: &str, limit: i64, is_ordered: bool) -> (String, Vec<Val>) {
        let (mut vals, mut wheres) = (Vec::new(), Vec::new());
        let is_narrow = self.terms.is_empty() && is_narrow(&self.filter.ledgers);
        let (from, id) = match (self.needs.is_empty() || is_narrow, self.is_postgres) {
            (true, true) => ("mail", "mail.id"),
            (true, false) if is_narrow => ("mail INDEXED BY mail_ledger", "mail.id"),
            (true, false) => ("mail NOT INDEXED", "mail.id"),
            (false, true) => ("mail_gram JOIN mail ON mail.id = mail_gram.slot", "mail_gram.slot"),
            (false, false) => ("mail_gram CROSS JOIN mail ON mail.id = mail_gram.rowid", "mail_gram.rowid"),
        };
        if !(self.needs.is_empty() || is_narrow) {
            wheres.push(if self.is_postgres {
                search::arrays(&self.needs, &mut vals)
            } else {
                format!("mail_gram MATCH {}", mark(&mut vals, search::fts(&self.needs).into()))
            });
        }
        if let Some(before) = self.filter.before {
            wheres.push(format!("{id} < {}", mark(&mut vals, before.into())));
        }
        self.conditions(&mut wheres, &mut vals);
        let order = if is_ordered { format!(" ORDER BY {id} DESC") } else { String::new() };
        let limit = mark(&mut vals, limit.into());
        (format!("SELECT {what} FROM {from} WHERE {}{order} LIMIT {limit}", wheres.join(" AND ")), vals)
    }

    /// Everything that has to hold for the row itself: no index is believed, for the scope least of all.
    fn conditions(&self, wheres: &mut Vec<String>, vals: &mut Vec<Val>) {
        let filter = self.filter;
        wheres.push(scope_clause(self.scope, "customer", vals));
        if !filter.ledgers.is_empty() {
            let marks: Vec<String> = filter.ledgers.iter().map(|l| mark(vals, l.as_str().into())).collect();
            wheres.push(format!("ledger IN ({})", marks.join(", ")));
        }
        for (column, sign, value) in [
            ("monitor", "=", filter.monitor.as_ref().map(Val::from)),
            ("state", "=", filter.state.as_ref().map(Val::from)),
            ("trust", "=", filter.trust.as_ref().map(Val::from)),
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

/// States that few mails are in; a single one has its mails in order.
fn is_narrow(ledgers: &[Ledger]) -> bool {
    let is_common = |ledger: &Ledger| {
        matches!(ledger, Ledger::Matched | Ledger::Joined | Ledger::Recovery | Ledger::NotAnAlert | Ledger::Baseline)
    };
    ledgers.len() == 1 || (!ledgers.is_empty() && !ledgers.iter().any(is_common))
}

fn mark(vals: &mut Vec<Val>, value: Val) -> String {
    vals.push(value);
    format!("?{}", vals.len())
}

pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<Item>, StoreError> {
    let (sql, vals) = Ask::new(scope, filter, tx.is_postgres()).sql(ITEM, limit, true);
    tx.all(&sql, &vals).await?.iter().map(item).collect()
}

/// How many there are, or `most` when there are as many or more.
pub async fn count_up_to(tx: &mut Tx, scope: &Scope, filter: &Filter, most: i64) -> Result<i64, StoreError> {
    let filter = Filter { before: None, ..filter.clone() };
    let (sql, vals) = Ask::new(scope, &filter, tx.is_postgres()).sql("1", most, false);
    tx.sure(&format!("SELECT count(*) FROM ({sql}) t"), &vals).await?.int(0)
}

/// All mails one after another, the first first, with what was read: for writing them out.
pub async fn list_every(tx: &mut Tx, scope: &Scope, after: Option<i64>, limit: i64) -> Result<Vec<Whole>, StoreError> {
    let mut vals = vec![Val::Int(after.unwrap_or(i64::MIN)), Val::Int(limit)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!("SELECT {ITEM}, mail.reading FROM mail WHERE id > ?1 AND {clause} ORDER BY id LIMIT ?2");
    tx.all(&sql, &vals).await?.iter().map(whole).collect()
}

/// A monitor that ever sent, as its hours count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    pub name: String,
    pub first_at: Micros,
    pub last_at: Micros,
    pub mails: i64,
    /// Of them, those that an alert stood against.
    pub matched: i64,
}

/// Which monitors sent since then. Their names are the configuration's, not a customer's.
pub async fn list_monitors(tx: &mut Tx, _scope: &Scope, since: Micros) -> Result<Vec<Monitor>, StoreError> {
    let sql = format!(
        "SELECT monitor, min(hour), max(hour), CAST(sum(mails) AS BIGINT), CAST(sum(matched) AS BIGINT) \
         FROM {} WHERE hour >= ?1 GROUP BY monitor ORDER BY monitor",
        tx.by("mail_hour", "mail_hour_hour")
    );
    let rows = tx.all(&sql, vals![since.0.div_euclid(3_600_000_000)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Monitor {
                name: row.string(0)?,
                first_at: Micros::from_seconds(row.int(1)? * 3_600),
                last_at: Micros::from_seconds(row.int(2)? * 3_600),
                mails: row.int(3)?,
                matched: row.int(4)?,
            })
        })
        .collect()
}
