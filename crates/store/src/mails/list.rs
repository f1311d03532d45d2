//! Lists of mails and the search in them, newest first, by the same index of pieces as incidents have. Comes to the rows
//! by whatever is fewest, so that a page costs the same at a thousand mails and at a million.

use super::ask::{Ask, Drive, Filter};
use super::classes::{self, Class};
use super::spans::{self, Span};
use super::{ITEM, Item, Whole, item, whole};
use crate::inbox::scope_clause;
use crate::{StoreError, Tx, Val, many, vals};
use model::{Micros, Scope};
use std::collections::BTreeMap;

/// Bounds up to which it is counted what each way proposes. Under the first, nothing is worth more counting; past the last,
/// what is asked for is found soon.
const FEW: [i64; 2] = if cfg!(test) { [3, 9] } else { [4_000, 40_000] };

/// The way to the rows of a list.
enum Way {
    Rows,
    Classes(Vec<Class>),
    Grams,
}

pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<Item>, StoreError> {
    let ask = Ask::new(scope, filter, tx.is_postgres());
    let spans = spans::of(tx, filter).await?;
    let way = choose(tx, &ask, &spans).await?;
    let mut items = Vec::new();
    for span in spans {
        let left = limit - i64::try_from(items.len()).unwrap_or(limit);
        if left <= 0 {
            break;
        }
        match &way {
            Way::Classes(classes) => items.extend(classed(tx, &ask, classes, span, left).await?),
            _ => {
                for place in places(tx, &ask, &way, span).await? {
                    let left = limit - i64::try_from(items.len()).unwrap_or(limit);
                    items.extend(page(tx, &ask, place, left).await?);
                }
            }
        }
    }
    Ok(items)
}

/// How many there are, or `most` when there are as many or more.
pub async fn count_up_to(tx: &mut Tx, scope: &Scope, filter: &Filter, most: i64) -> Result<i64, StoreError> {
    let filter = Filter { before: None, ..filter.clone() };
    let ask = Ask::new(scope, &filter, tx.is_postgres());
    let spans = spans::of(tx, &filter).await?;
    let way = choose(tx, &ask, &spans).await?;
    let mut count = 0;
    for span in spans {
        for place in places(tx, &ask, &way, span).await? {
            if count < most {
                let (sql, vals) = ask.sql("1", place, most - count, false);
                count += tx.sure(&format!("SELECT count(*) FROM ({sql}) t"), &vals).await?.int(0)?;
            }
        }
    }
    Ok(count)
}

/// The way that proposes the fewest rows.
async fn choose(tx: &mut Tx, ask: &Ask<'_>, spans: &[Span]) -> Result<Way, StoreError> {
    if !ask.filter.is_classed() {
        return Ok(if ask.needs.is_empty() { Way::Rows } else { Way::Grams });
    }
    let classes = Way::Classes(classes::asked_for(tx, ask.filter).await?);
    if ask.needs.is_empty() {
        return Ok(classes);
    }
    for most in FEW {
        let of_classes = proposed(tx, ask, &classes, spans, most).await?;
        let of_grams = proposed(tx, ask, &Way::Grams, spans, most).await?;
        if of_classes < of_grams {
            return Ok(classes);
        }
        if of_grams < most {
            break;
        }
    }
    Ok(Way::Grams)
}

async fn proposed(tx: &mut Tx, ask: &Ask<'_>, way: &Way, spans: &[Span], most: i64) -> Result<i64, StoreError> {
    let mut count = 0;
    for span in spans {
        for place in places(tx, ask, way, *span).await? {
            if count < most {
                let (sql, vals) = ask.proposes(place, most - count);
                count += tx.sure(&sql, &vals).await?.int(0)?;
            }
        }
    }
    Ok(count)
}

/// A span's parts, the newest first but for classes, each with what it is driven by.
async fn places<'a>(
    tx: &mut Tx,
    ask: &Ask<'_>,
    way: &'a Way,
    span: Span,
) -> Result<Vec<(Drive<'a>, Span)>, StoreError> {
    Ok(match way {
        Way::Rows => vec![(Drive::Rows, span)],
        Way::Classes(classes) => classes.iter().map(|class| (Drive::Class(class), span)).collect(),
        Way::Grams if ask.filter.state.is_none() => vec![(Drive::Grams { states: false }, span)],
        Way::Grams => {
            let after = tx.sure("SELECT max(after) FROM mail_tagged", &[]).await?.opt_int(0)?.unwrap_or(i64::MAX);
            let (above, rest) = span.cut(after);
            let parts = [(above, true), (rest, false)];
            parts.into_iter().filter_map(|(span, states)| Some((Drive::Grams { states }, span?))).collect()
        }
    })
}

async fn page(tx: &mut Tx, ask: &Ask<'_>, place: (Drive<'_>, Span), limit: i64) -> Result<Vec<Item>, StoreError> {
    if limit <= 0 {
        return Ok(Vec::new());
    }
    let (sql, vals) = ask.sql(ITEM, place, limit, true);
    tx.all(&sql, &vals).await?.iter().map(item).collect()
}

/// Each class has its mails in order: the newest of all of them are among the newest of each.
async fn classed(
    tx: &mut Tx,
    ask: &Ask<'_>,
    classes: &[Class],
    span: Span,
    limit: i64,
) -> Result<Vec<Item>, StoreError> {
    if let [class] = classes {
        return page(tx, ask, (Drive::Class(class), span), limit).await;
    }
    let mut ids: Vec<i64> = Vec::new();
    for class in classes {
        let (sql, vals) = ask.sql("mail.id", (Drive::Class(class), span), limit, true);
        for row in tx.all(&sql, &vals).await? {
            ids.push(row.int(0)?);
        }
    }
    ids.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
    ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let sql = format!("SELECT {ITEM} FROM mail WHERE id IN ({}) ORDER BY id DESC", many::marks());
    let mut items = Vec::new();
    for group in many::groups(&ids) {
        for row in tx.all(&sql, &group).await? {
            items.push(item(&row)?);
        }
    }
    Ok(items)
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

/// How far a monitor's latest mails could be proven.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proofs {
    pub judged: i64,
    pub unproven: i64,
    /// What was read in the latest that were not, as it is kept.
    pub unproven_readings: Vec<String>,
}

/// So many of them tell why.
const TELLING: i64 = 20;

/// More monitors than these are looked at in further statements.
const AT_ONCE: usize = 100;

/// How far the latest mails of each monitor, no more than so many of one, could be proven, of those that came since then.
pub async fn list_proofs(
    tx: &mut Tx,
    scope: &Scope,
    monitors: &[&str],
    (since, most): (Micros, i64),
) -> Result<BTreeMap<String, Proofs>, StoreError> {
    let mut proofs = BTreeMap::<String, Proofs>::new();
    for some in monitors.chunks(AT_ONCE) {
        let mut vals = vec![Val::from(since), Val::Int(most)];
        let clause = scope_clause(scope, "m.customer", &mut vals);
        let what = "m.monitor, count(*), CAST(sum(CASE WHEN m.trust = 'untrusted' THEN 1 ELSE 0 END) AS BIGINT)";
        let counted = format!("{clause} AND m.trust <> 'waiting' GROUP BY m.monitor");
        for row in tx.all(&of_each(some, what, &counted, &mut vals), &vals).await? {
            let (judged, unproven) = (row.int(1)?, row.int(2)?);
            proofs.insert(row.string(0)?, Proofs { judged, unproven, ..Proofs::default() });
        }
    }
    let unproven: Vec<&str> =
        monitors.iter().filter(|name| proofs.get(**name).is_some_and(|p| p.unproven > 0)).copied().collect();
    for some in unproven.chunks(AT_ONCE) {
        let mut vals = vec![Val::from(since), Val::Int(most)];
        let clause = scope_clause(scope, "m.customer", &mut vals);
        let told = format!("{clause} AND m.trust = 'untrusted' ORDER BY m.id DESC LIMIT {TELLING}");
        for row in tx.all(&of_each(some, "m.monitor, m.reading", &told, &mut vals), &vals).await? {
            if let Some(proofs) = proofs.get_mut(row.text(0)?) {
                proofs.unproven_readings.push(row.string(1)?);
            }
        }
    }
    Ok(proofs)
}

/// The same of the latest mails of each monitor, in one statement: each is a walk along its own index, and none takes another's
/// place.
fn of_each(monitors: &[&str], what: &str, which: &str, vals: &mut Vec<Val>) -> String {
    let part = |monitor: &&str| {
        vals.push(Val::from(*monitor));
        format!(
            "SELECT * FROM (SELECT {what} FROM (SELECT id, monitor, received_at, trust, ledger, customer, reading FROM mail \
             WHERE monitor = ?{} ORDER BY id DESC LIMIT ?2) m WHERE m.received_at >= ?1 \
             AND m.ledger NOT IN ('canary', 'baseline') AND {which}) part",
            vals.len()
        )
    };
    monitors.iter().map(part).collect::<Vec<_>>().join(" UNION ALL ")
}

/// Which monitors sent since then. Their names are the configuration's, not a customer's.
pub async fn list_monitors(tx: &mut Tx, _scope: &Scope, since: Micros) -> Result<Vec<Monitor>, StoreError> {
    let sql = format!(
        "SELECT monitor, min(hour), max(hour), CAST(sum(mails) AS BIGINT), CAST(sum(matched) AS BIGINT), \
         (SELECT received_at FROM mail WHERE mail.monitor = mail_hour.monitor ORDER BY id DESC LIMIT 1) \
         FROM {} WHERE hour >= ?1 GROUP BY monitor ORDER BY monitor",
        tx.by("mail_hour", "mail_hour_hour")
    );
    let rows = tx.all(&sql, vals![since.0.div_euclid(3_600_000_000)]).await?;
    rows.iter()
        .map(|row| {
            // Of what is not kept any more the hour is told.
            let hour = Micros::from_seconds(row.int(2)? * 3_600);
            Ok(Monitor {
                name: row.string(0)?,
                first_at: Micros::from_seconds(row.int(1)? * 3_600),
                last_at: row.opt_micros(5)?.unwrap_or(hour),
                mails: row.int(3)?,
                matched: row.int(4)?,
            })
        })
        .collect()
}
