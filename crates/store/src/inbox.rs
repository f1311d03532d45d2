//! The inbox: every signal, raw, for ever. A row in state *new* is itself the job to read it. Rows are never changed
//! but for what the reading found, and never deleted.

use crate::{Row, StoreError, Tx, Val, ledger, vals};
use model::signal::{Key, Origin, Signal};
use model::{Micros, Scope};
use std::collections::BTreeMap;

/// A signal that waits to be read.
#[derive(Clone, Debug)]
pub struct New {
    pub id: i64,
    pub source: String,
    pub origin: Origin,
    pub received_at: Micros,
    /// The headers we kept, as JSON text.
    pub headers: String,
    pub raw: Vec<u8>,
}

/// What a reading found out about a signal.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub subject: Option<String>,
    pub event_type: Option<String>,
    pub customer: Option<String>,
    /// Why it could not be read; such a row is *unreadable*, kept and shown.
    pub unreadable: Option<String>,
    /// Why reading it fails by our own fault; such a row is *dead*: kept, shown, and good to be read again.
    pub dead: Option<String>,
}

/// A row as pages and programs see it.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: i64,
    pub source: String,
    pub key: String,
    pub received_at: Micros,
    pub origin: String,
    pub state: String,
    pub subject: Option<String>,
    pub event_type: Option<String>,
    pub customer: Option<String>,
    pub note: Option<String>,
    pub read_at: Option<Micros>,
    pub bytes: i64,
}

/// One signal with its bytes: sealed, so that every opening is an audit row of the caller's.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub item: Item,
    pub headers: String,
    pub raw: Vec<u8>,
    pub digest: String,
}

const INSERT: &str = "INSERT INTO inbox (key, source, received_at, origin, state, digest, headers, raw) \
     VALUES (?1, ?2, ?3, ?4, 'new', ?5, ?6, ?7) ON CONFLICT (key) DO NOTHING";
const RECEIPT: &str = "INSERT INTO receipt (source, shard, received, duplicates, last_at) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (source, shard) DO UPDATE SET received = receipt.received + excluded.received, \
     duplicates = receipt.duplicates + excluded.duplicates, last_at = excluded.last_at";

/// What a group brings to the receipts.
#[derive(Default)]
struct Counts<'a> {
    /// Received, duplicates and the last instant, by source.
    sources: BTreeMap<&'a str, (i64, i64, i64)>,
    /// Received and duplicates of the doors for mail, by source and quarter of an hour.
    mails: BTreeMap<(&'a str, i64), (i64, i64)>,
}

impl<'a> Counts<'a> {
    fn add(&mut self, source: &'a str, received_at: Micros, is_new: bool) {
        let entry = self.sources.entry(source).or_default();
        entry.0 += 1;
        entry.1 += i64::from(!is_new);
        entry.2 = entry.2.max(received_at.0);
        if ledger::is_mail(source) {
            let entry = self.mails.entry((source, ledger::slot(received_at))).or_default();
            entry.0 += 1;
            entry.1 += i64::from(!is_new);
        }
    }
}

/// The writer's own hot path: a group of signals through prepared statements, and the receipts beside them.
pub(crate) fn insert_group(conn: &rusqlite::Connection, signals: &[Signal]) -> Result<(), StoreError> {
    let mut counts = Counts::default();
    {
        let mut statement = conn.prepare_cached(INSERT)?;
        for s in signals {
            let changed = statement.execute(rusqlite::params![
                &s.key.0[..],
                s.source,
                s.received_at.0,
                s.origin.as_str(),
                &s.digest[..],
                s.headers,
                s.raw
            ])?;
            counts.add(s.source, s.received_at, changed == 1);
        }
    }
    let mut receipt = conn.prepare_cached(RECEIPT)?;
    for (source, (received, duplicates, last_at)) in counts.sources {
        receipt.execute(rusqlite::params![source, 0, received, duplicates, last_at])?;
    }
    if !counts.mails.is_empty() {
        count_mails(conn, counts.mails)?;
    }
    Ok(())
}

/// The spool has no ledger: what lies there is counted where it is moved to.
fn count_mails(conn: &rusqlite::Connection, mails: BTreeMap<(&str, i64), (i64, i64)>) -> Result<(), StoreError> {
    let mut count = match conn.prepare_cached(ledger::COUNT) {
        Err(_) if !conn.table_exists(None, "mail_count")? => return Ok(()),
        prepared => prepared?,
    };
    for ((door, slot), (received, duplicates)) in mails {
        count.execute(rusqlite::params![door, slot, 0, received, duplicates])?;
    }
    Ok(())
}

/// A row to be, wherever it comes from: the receiver, or the spool.
pub(crate) struct Line<'a> {
    pub key: &'a [u8],
    pub source: &'a str,
    pub received_at: Micros,
    pub origin: &'a str,
    pub digest: &'a [u8],
    pub headers: &'a str,
    pub raw: &'a [u8],
}

impl<'a> From<&'a Signal> for Line<'a> {
    fn from(s: &'a Signal) -> Self {
        Self {
            key: &s.key.0,
            source: s.source,
            received_at: s.received_at,
            origin: s.origin.as_str(),
            digest: &s.digest,
            headers: &s.headers,
            raw: &s.raw,
        }
    }
}

/// The same for PostgreSQL: one statement for the whole group.
pub(crate) async fn insert_group_postgres(
    client: &deadpool_postgres::Object,
    mut lines: Vec<Line<'_>>,
    shard: i64,
) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached(
            "INSERT INTO inbox (key, source, received_at, origin, state, digest, headers, raw) \
             SELECT k, s, t, o, 'new', d, h, r FROM unnest($1::bytea[], $2::text[], $3::bigint[], $4::text[], \
             $5::bytea[], $6::text[], $7::bytea[]) AS g (k, s, t, o, d, h, r) \
             ON CONFLICT (key) DO NOTHING RETURNING key",
        )
        .await?;
    // In the order of their keys: two groups that hold the same repeats must not wait for each other crosswise.
    lines.sort_by_key(|line| line.key);
    let keys: Vec<&[u8]> = lines.iter().map(|line| line.key).collect();
    let sources: Vec<&str> = lines.iter().map(|line| line.source).collect();
    let times: Vec<i64> = lines.iter().map(|line| line.received_at.0).collect();
    let origins: Vec<&str> = lines.iter().map(|line| line.origin).collect();
    let digests: Vec<&[u8]> = lines.iter().map(|line| line.digest).collect();
    let headers: Vec<&str> = lines.iter().map(|line| line.headers).collect();
    let raws: Vec<&[u8]> = lines.iter().map(|line| line.raw).collect();
    let rows = client.query(&statement, &[&keys, &sources, &times, &origins, &digests, &headers, &raws]).await?;
    let mut inserted: std::collections::HashSet<Vec<u8>> =
        rows.iter().map(|row| row.try_get::<_, Vec<u8>>(0)).collect::<Result<_, _>>()?;
    let mut counts = Counts::default();
    for line in &lines {
        // Removing makes the second of two equal signals in one group a duplicate, as it is.
        counts.add(line.source, line.received_at, inserted.remove(line.key));
    }
    let receipt = client.prepare_cached(&RECEIPT.replace('?', "$")).await?;
    for (source, (received, duplicates, last_at)) in counts.sources {
        client.execute(&receipt, &[&source, &shard, &received, &duplicates, &last_at]).await?;
    }
    if !counts.mails.is_empty() {
        let count = client.prepare_cached(&ledger::COUNT.replace('?', "$")).await?;
        for ((door, slot), (received, duplicates)) in counts.mails {
            client.execute(&count, &[&door, &slot, &shard, &received, &duplicates]).await?;
        }
    }
    Ok(())
}

/// The number of the signal that came by this key.
pub async fn id_of(tx: &mut Tx, key: &Key) -> Result<Option<i64>, StoreError> {
    tx.one("SELECT id FROM inbox WHERE key = ?1", vals![key.0]).await?.map(|row| row.int(0)).transpose()
}

/// Writes a signal inside a transaction of our own making: a poll's answer, a timer that fired. True if it was new.
pub async fn insert(tx: &mut Tx, signal: &Signal) -> Result<bool, StoreError> {
    let s = signal;
    let new = tx
        .exec(
            INSERT,
            vals![s.key.0, s.source, s.received_at, s.origin.as_str(), s.digest, &s.headers, s.raw.as_slice()],
        )
        .await?
        == 1;
    tx.exec(RECEIPT, vals![s.source, -1i64, 1i64, i64::from(!new), s.received_at]).await?;
    if ledger::is_mail(s.source) {
        let slot = ledger::slot(s.received_at);
        tx.exec(ledger::COUNT, vals![s.source, slot, -1i64, 1i64, i64::from(!new)]).await?;
    }
    Ok(new)
}

/// New signals of one reader's share, oldest first. Nothing is claimed yet: see `claim`.
pub async fn waiting(tx: &mut Tx, most: i64, reader: i64, readers: i64) -> Result<Vec<New>, StoreError> {
    let rows = tx
        .all(
            "SELECT id, source, origin, received_at, headers, raw FROM inbox WHERE state = 'new' AND id % ?1 = ?2 \
             ORDER BY id LIMIT ?3",
            vals![readers, reader, most],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(New {
                id: row.int(0)?,
                source: row.string(1)?,
                origin: Origin::parse(row.text(2)?).unwrap_or(Origin::Live),
                received_at: row.micros(3)?,
                headers: row.string(4)?,
                raw: row.blob(5)?.to_vec(),
            })
        })
        .collect()
}

/// When the oldest signal came that waits to be read. One that somebody has put back keeps its age and counts for nothing
/// here. How far reading is behind tells nothing of a customer.
pub async fn unread_since(tx: &mut Tx, _scope: &Scope) -> Result<Option<Micros>, StoreError> {
    let sql = "SELECT received_at FROM inbox WHERE state = 'new' AND read_at IS NULL ORDER BY id LIMIT 1";
    tx.one(sql, &[]).await?.map(|row| row.micros(0)).transpose()
}

/// Takes these rows for reading in this transaction; leaves out what somebody else has or has already read.
pub async fn claim(tx: &mut Tx, ids: &[i64]) -> Result<Vec<i64>, StoreError> {
    let lock = if tx.is_postgres() { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!("SELECT id FROM inbox WHERE id = ?1 AND state = 'new'{lock}");
    let mut taken = Vec::with_capacity(ids.len());
    for id in ids {
        if tx.one(&sql, vals![*id]).await?.is_some() {
            taken.push(*id);
        }
    }
    Ok(taken)
}

/// Writes down what the reading found; the row is done, or unreadable or dead with the reason.
pub async fn mark_read(tx: &mut Tx, id: i64, reading: &Reading) -> Result<(), StoreError> {
    let state = match reading {
        Reading { dead: Some(_), .. } => "dead",
        Reading { unreadable: Some(_), .. } => "unreadable",
        _ => "done",
    };
    let now = tx.now();
    tx.exec(
        "UPDATE inbox SET state = ?2, subject = ?3, event_type = ?4, customer = ?5, note = ?6, read_at = ?7 WHERE id = ?1",
        vals![
            id,
            state,
            reading.subject.clone(),
            reading.event_type.clone(),
            reading.customer.clone(),
            reading.dead.clone().or_else(|| reading.unreadable.clone()),
            now
        ],
    )
    .await?;
    Ok(())
}

/// Puts a row back to be read once more. Its facts stay and repeat themselves harmlessly; what is replayed never acts. What
/// was never read is no replay: nobody has acted on it, and an alert mail would never be judged.
pub async fn read_again(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    Ok(tx
        .exec(
            "UPDATE inbox SET state = 'new', origin = CASE WHEN state = 'done' THEN 'replay' ELSE origin END, note = NULL \
             WHERE id = ?1 AND state <> 'new'",
            vals![id],
        )
        .await?
        == 1)
}

/// Which rows a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: Option<String>,
    pub source: Option<String>,
    pub subject: Option<String>,
    /// Rows older than this one.
    pub before: Option<i64>,
}

const ITEM: &str = "id, source, key, received_at, origin, state, subject, event_type, customer, note, read_at, \
     length(raw)";

pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<Item>, StoreError> {
    let mut vals = Vec::new();
    let mut wheres = vec![scope_clause(scope, "customer", &mut vals)];
    let mut equal = |column: &str, value: Option<Val>, sign: &str| {
        if let Some(value) = value {
            vals.push(value);
            wheres.push(format!("{column} {sign} ?{}", vals.len()));
        }
    };
    equal("state", filter.state.as_ref().map(Val::from), "=");
    equal("source", filter.source.as_ref().map(Val::from), "=");
    equal("subject", filter.subject.as_ref().map(Val::from), "=");
    equal("id", filter.before.map(Val::from), "<");
    vals.push(Val::Int(limit));
    let sql = format!("SELECT {ITEM} FROM inbox WHERE {} ORDER BY id DESC LIMIT ?{}", wheres.join(" AND "), vals.len());
    tx.all(&sql, &vals).await?.iter().map(item).collect()
}

/// One signal with its bytes, if the person may see it. The caller writes the audit row in the same transaction.
pub async fn find(tx: &mut Tx, scope: &Scope, id: i64) -> Result<Option<Sealed>, StoreError> {
    let mut vals = vec![Val::Int(id)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!("SELECT {ITEM}, headers, raw, digest FROM inbox WHERE id = ?1 AND {clause}");
    let Some(row) = tx.one(&sql, &vals).await? else { return Ok(None) };
    Ok(Some(Sealed {
        item: item(&row)?,
        headers: row.string(12)?,
        raw: row.blob(13)?.to_vec(),
        digest: hex::encode(row.blob(14)?),
    }))
}

fn item(row: &Row) -> Result<Item, StoreError> {
    Ok(Item {
        id: row.int(0)?,
        source: row.string(1)?,
        key: hex::encode(row.blob(2)?),
        received_at: row.micros(3)?,
        origin: row.string(4)?,
        state: row.string(5)?,
        subject: row.opt_string(6)?,
        event_type: row.opt_string(7)?,
        customer: row.opt_string(8)?,
        note: row.opt_string(9)?,
        read_at: row.opt_micros(10)?,
        bytes: row.int(11)?,
    })
}

/// The condition that keeps a person to the customers he may see. Always true for those who see everything.
pub(crate) fn scope_clause(scope: &Scope, column: &str, vals: &mut Vec<Val>) -> String {
    match scope {
        Scope::All => "1 = 1".to_owned(),
        Scope::Customers(list) => {
            // An empty name is how a job says that it is nobody's; no scope has it.
            let marks: Vec<String> = list
                .iter()
                .filter(|customer| !customer.is_empty())
                .map(|customer| {
                    vals.push(Val::from(customer));
                    format!("?{}", vals.len())
                })
                .collect();
            if marks.is_empty() { "1 = 0".to_owned() } else { format!("{column} IN ({})", marks.join(", ")) }
        }
    }
}

/// Webhooks are looked for among so many of the latest signals: while history pours in there may be none.
const LAG_SPAN: i64 = 2_000;

// A question a row and no join, so that no planner comes to read all facts for the sake of these few.
pub(crate) const LAGS: &str = "SELECT received_at, \
     (SELECT min(f.at) FROM fact f WHERE f.inbox_id = i.id AND f.source = 'webhook') FROM \
     (SELECT id, received_at FROM inbox WHERE id > (SELECT max(id) FROM inbox) - ?1 AND source = ?2 \
     ORDER BY id DESC LIMIT ?3) i";

/// How long after it happened each of the last webhooks came, in microseconds, the latest first. Says nothing of a
/// customer. One that told no fact is left out, and so is one whose fact another delivery told before.
pub async fn list_lags(tx: &mut Tx, _scope: &Scope, most: i64) -> Result<Vec<i64>, StoreError> {
    let vals = vals![LAG_SPAN, model::signal::source::PAGERDUTY_WEBHOOK, most];
    let mut lags = Vec::new();
    for row in tx.all(LAGS, vals).await? {
        if let Some(at) = row.opt_micros(1)? {
            lags.push(row.micros(0)?.since(at).max(0));
        }
    }
    Ok(lags)
}

/// So many waiting rows are looked at for one of a source; with more than that, one may well be among the rest.
const MOST_WAITING: i64 = 2_000;

/// May a signal of this source that came by then be waiting to be read? What comes all the time does not count.
pub async fn is_waiting_since(tx: &mut Tx, source: &str, by: Micros) -> Result<bool, StoreError> {
    let sql = "SELECT count(*), coalesce(sum(CASE WHEN source = ?1 THEN 1 ELSE 0 END), 0) FROM \
               (SELECT source, received_at FROM inbox WHERE state = 'new' ORDER BY id LIMIT ?2) t WHERE received_at <= ?3";
    let row = tx.sure(sql, vals![source, MOST_WAITING, by]).await?;
    Ok(row.int(0)? >= MOST_WAITING || row.int(1)? > 0)
}

/// May a signal of this source be waiting to be read? Asked each second, so a long backlog counts as yes.
pub async fn is_waiting(tx: &mut Tx, source: &str) -> Result<bool, StoreError> {
    let sql = "SELECT count(*), coalesce(sum(CASE WHEN source = ?1 THEN 1 ELSE 0 END), 0) FROM \
               (SELECT source FROM inbox WHERE state = 'new' ORDER BY id LIMIT ?2) t";
    let row = tx.sure(sql, vals![source, MOST_WAITING]).await?;
    Ok(row.int(0)? >= MOST_WAITING || row.int(1)? > 0)
}
