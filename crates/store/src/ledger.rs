//! The ledger's two sides: what the receivers counted in the commit that made each mail durable, and what the states of the
//! mails amount to. A day that does not balance is an alarm.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, jobs, vals};
use model::mail::Door;
use model::{Micros, Scope};
use std::collections::BTreeMap;

/// The receivers count by quarters of an hour: every zone's day is made of them.
const SLOT_US: i64 = 900_000_000;

/// The quarter of an hour that an instant lies in.
pub const fn slot(at: Micros) -> i64 {
    at.0.div_euclid(SLOT_US)
}

pub(crate) const COUNT: &str = "INSERT INTO mail_count (door, slot, shard, received, duplicates) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (slot, door, shard) DO UPDATE SET received = mail_count.received + excluded.received, \
     duplicates = mail_count.duplicates + excluded.duplicates";

/// The doors' names as the index of unread mails has them.
const DOORS: &str = "'mail-smtp', 'mail-lmtp', 'mail-imap', 'mail-ses'";

/// Whether a source is a door for mail.
pub(crate) fn is_mail(source: &str) -> bool {
    Door::of_source(source).is_some()
}

/// A span's two sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    pub since: Micros,
    pub until: Micros,
    /// Mails that the receivers made durable, repeats included, and those that still lie in a bucket.
    pub received: i64,
    pub duplicates: i64,
    /// Mails that nobody has read yet, or that could not be fetched yet.
    pub waiting: i64,
    /// Mails by their state in the ledger.
    pub counts: BTreeMap<String, i64>,
}

impl Balance {
    pub fn entries(&self) -> i64 {
        self.counts.values().sum()
    }

    /// What the receivers have and the ledger lacks; below zero, the other way round.
    pub fn difference(&self) -> i64 {
        self.received - self.duplicates - self.waiting - self.entries()
    }
}

/// Both sides of a span, whose ends are quarters of an hour. Sums of all customers' mails name none of them; a person who may
/// see some customers is given the entries of those alone.
pub async fn balance(tx: &mut Tx, scope: &Scope, since: Micros, until: Micros) -> Result<Balance, StoreError> {
    let sums = "SELECT CAST(coalesce(sum(received), 0) AS BIGINT), CAST(coalesce(sum(duplicates), 0) AS BIGINT) \
                FROM mail_count WHERE slot >= ?1 AND slot < ?2";
    let row = tx.sure(sums, vals![slot(since), slot(until)]).await?;
    let mut vals = vals![since, until].to_vec();
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!(
        "SELECT ledger, count(*) FROM {} WHERE received_at >= ?1 AND received_at < ?2 AND {clause} GROUP BY ledger",
        tx.by("mail", "mail_received")
    );
    let mut counts = BTreeMap::new();
    for row in tx.all(&sql, &vals).await? {
        counts.insert(row.string(0)?, row.int(1)?);
    }
    let (unread, fetching) = (unread(tx, since, until).await?, jobs::fetching(tx, since, until).await?);
    let (received, duplicates) = (row.int(0)? + fetching, row.int(1)?);
    Ok(Balance { since, until, received, duplicates, waiting: unread + fetching, counts })
}

/// Mails that nobody has read yet. The conditions are the index's own words.
async fn unread(tx: &mut Tx, since: Micros, until: Micros) -> Result<i64, StoreError> {
    let sql = format!(
        "SELECT count(*) FROM {} WHERE state IN ('new', 'dead') AND source IN ({DOORS}) AND received_at >= ?1 \
         AND received_at < ?2",
        tx.by("inbox", "inbox_mail_waiting")
    );
    tx.sure(&sql, vals![since, until]).await?.int(0)
}

/// A day that was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// In the installation's zone.
    pub day: String,
    pub balance: Balance,
    pub closed_at: Micros,
}

/// Closes a day; false when somebody has.
pub async fn close(tx: &mut Tx, day: &str, balance: &Balance) -> Result<bool, StoreError> {
    let counts = serde_json::to_string(&balance.counts).map_err(StoreError::shape)?;
    let now = tx.now();
    let closed = tx
        .exec(
            "INSERT INTO ledger_day (day, since, until, received, duplicates, counts, closed_at, waiting) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (day) DO NOTHING",
            vals![
                day,
                balance.since,
                balance.until,
                balance.received,
                balance.duplicates,
                counts,
                now,
                balance.waiting
            ],
        )
        .await?;
    Ok(closed == 1)
}

/// The last days that were closed, the latest first. Sums of everybody's mails.
pub async fn list_days(tx: &mut Tx, _scope: &Scope, most: i64) -> Result<Vec<Day>, StoreError> {
    let sql = "SELECT day, since, until, received, duplicates, counts, closed_at, waiting FROM ledger_day \
               ORDER BY day DESC LIMIT ?1";
    tx.all(sql, vals![most]).await?.iter().map(day).collect()
}

fn day(row: &Row) -> Result<Day, StoreError> {
    Ok(Day {
        day: row.string(0)?,
        balance: Balance {
            since: row.micros(1)?,
            until: row.micros(2)?,
            received: row.int(3)?,
            duplicates: row.int(4)?,
            waiting: row.int(7)?,
            counts: row.json(5)?,
        },
        closed_at: row.micros(6)?,
    })
}

/// When the first mail ever came.
pub async fn began(tx: &mut Tx) -> Result<Option<Micros>, StoreError> {
    tx.sure("SELECT min(received_at) FROM mail", &[]).await?.opt_micros(0)
}

/// One more mail of a monitor in its hour; one more of them that an alert stood against.
pub async fn note_hour(tx: &mut Tx, monitor: &str, at: Micros, mails: i64, matched: i64) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO mail_hour (monitor, hour, mails, matched) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (monitor, hour) \
         DO UPDATE SET mails = mail_hour.mails + excluded.mails, matched = mail_hour.matched + excluded.matched",
        vals![monitor, at.0.div_euclid(3_600_000_000), mails, matched],
    )
    .await?;
    Ok(())
}

/// A monitor's hours since then: (hour since the epoch, mails).
pub async fn hours(tx: &mut Tx, monitor: &str, since: Micros) -> Result<Vec<(i64, i64)>, StoreError> {
    let sql = "SELECT hour, mails FROM mail_hour WHERE monitor = ?1 AND hour >= ?2 ORDER BY hour";
    let rows = tx.all(sql, vals![monitor, since.0.div_euclid(3_600_000_000)]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

/// A rule that a person made with a button: this alert is none, or is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: String,
    pub name: String,
    pub monitor: String,
    pub net: Option<String>,
    pub verdict: String,
    pub created_by: String,
    pub created_at: Micros,
}

pub async fn add_rule(tx: &mut Tx, rule: &Rule) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO mail_rule (id, name, monitor, net, verdict, created_by, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
        vals![&rule.id, &rule.name, &rule.monitor, rule.net.clone(), &rule.verdict, &rule.created_by, rule.created_at],
    )
    .await?;
    Ok(())
}

pub async fn end_rule(tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    Ok(tx.exec("UPDATE mail_rule SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL", vals![id, now]).await? == 1)
}

/// The rules that hold. They name monitors and alerts, which the audit shows as well.
pub async fn list_rules(tx: &mut Tx, _scope: &Scope) -> Result<Vec<Rule>, StoreError> {
    let sql = "SELECT id, name, monitor, net, verdict, created_by, created_at FROM mail_rule WHERE ended_at IS NULL \
               ORDER BY created_at, id";
    tx.all(sql, &[]).await?.iter().map(rule).collect()
}

/// The same as far as their alerts are of customers that the person may see: a rule's name is a mail's subject.
pub async fn list_rules_of(tx: &mut Tx, scope: &Scope) -> Result<Vec<Rule>, StoreError> {
    let mut vals = Vec::new();
    let clause = scope_clause(scope, "n.customer", &mut vals);
    let sql = format!(
        "SELECT r.id, r.name, r.monitor, r.net, r.verdict, r.created_by, r.created_at FROM mail_rule r \
         LEFT JOIN net n ON n.id = r.net WHERE r.ended_at IS NULL AND {clause} ORDER BY r.created_at, r.id LIMIT 1000"
    );
    tx.all(&sql, &vals).await?.iter().map(rule).collect()
}

/// The rule for this alert of this monitor.
pub async fn rule_of(tx: &mut Tx, net: &str) -> Result<Option<Rule>, StoreError> {
    let sql = "SELECT id, name, monitor, net, verdict, created_by, created_at FROM mail_rule WHERE ended_at IS NULL \
               AND net = ?1 ORDER BY created_at, id LIMIT 1";
    tx.one(sql, vals![net]).await?.map(|row| rule(&row)).transpose()
}

fn rule(row: &Row) -> Result<Rule, StoreError> {
    Ok(Rule {
        id: row.string(0)?,
        name: row.string(1)?,
        monitor: row.string(2)?,
        net: row.opt_string(3)?,
        verdict: row.string(4)?,
        created_by: row.string(5)?,
        created_at: row.micros(6)?,
    })
}
