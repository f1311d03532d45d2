//! Alerts at their monitors, as their mails tell them: open or over, balanced or missing, and what we registered for them.
//! One row an alert for ever; each time it begins anew is a generation.

mod storms;

pub use storms::{grown_storms, last_storm, leave_storm, of_storm, put_into_list, seen_in_storm, unseen_of_storm};

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, vals};
use model::mail::Cause;
use model::{Micros, Scope};

/// How far our own registration of a missing alert has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Under way: sent, or waiting to be.
    Asked,
    /// Seen open in PagerDuty, and somebody assigned.
    Seen,
    /// Taken by PagerDuty and no incident came of it; it is sent again.
    Unseen,
    /// The mode does not allow it, or it is over: nothing is under way.
    None,
}

impl Registration {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Seen => "seen",
            Self::Unseen => "unseen",
            Self::None => "none",
        }
    }

    fn parse(text: &str) -> Self {
        [Self::Asked, Self::Seen, Self::Unseen].into_iter().find(|r| r.as_str() == text).unwrap_or(Self::None)
    }

    /// Whether an incident of ours stands, or is to stand.
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::None)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Net {
    pub id: String,
    pub monitor: String,
    pub host: Option<String>,
    pub check: Option<String>,
    pub title: String,
    pub customer: Option<String>,
    pub generation: i64,
    /// The alert lasts since then, by its mails; `None`: it is over.
    pub open_since: Option<Micros>,
    pub ended_at: Option<Micros>,
    pub mails: i64,
    pub last_mail: Option<Micros>,
    /// The incident that stands against it.
    pub incident: Option<String>,
    /// It lacks one since then.
    pub missing_since: Option<Micros>,
    pub registration: Registration,
    pub dedup_key: Option<String>,
    /// When PagerDuty was told last; of an alert in a storm, when a list that has it was made.
    pub asked_at: Option<Micros>,
    /// How often PagerDuty was told.
    pub tries: i64,
    /// When our incident was seen; of an alert in a storm, the storm's with it in the list.
    pub seen_at: Option<Micros>,
    /// Our incident.
    pub ours: Option<String>,
    /// The storm that has it in its list.
    pub storm: Option<String>,
    /// The call of the second path that is for it.
    pub called: Option<String>,
    pub cause: Option<Cause>,
    pub changed_at: Micros,
}

impl Net {
    /// As lists name it.
    pub fn named(&self) -> String {
        model::text::with_host(&self.title, self.host.as_deref())
    }
}

/// So far ahead is another machine's clock; more is another time.
const AHEAD_S: i64 = 30;

const NET: &str = "id, monitor, host, check_name, title, customer, generation, open_since, ended_at, mails, last_mail, incident, \
     missing_since, registration, dedup_key, asked_at, tries, seen_at, ours, storm, called, cause, changed_at";

pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Net>, StoreError> {
    tx.one(&format!("SELECT {NET} FROM net WHERE id = ?1"), vals![id]).await?.map(|row| net(&row)).transpose()
}

/// The alert whose registration has this key.
pub async fn of_key(tx: &mut Tx, dedup_key: &str) -> Result<Option<Net>, StoreError> {
    let sql = format!("SELECT {NET} FROM net WHERE dedup_key = ?1 ORDER BY id LIMIT 1");
    tx.one(&sql, vals![dedup_key]).await?.map(|row| net(&row)).transpose()
}

/// One alert, if the person may see it.
pub async fn find(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<Net>, StoreError> {
    let mut vals = vec![Val::from(id)];
    let clause = scope_clause(scope, "customer", &mut vals);
    tx.one(&format!("SELECT {NET} FROM net WHERE id = ?1 AND {clause}"), &vals).await?.map(|row| net(&row)).transpose()
}

/// Alerts that lack an incident of PagerDuty's own, the oldest first.
pub async fn list_missing(tx: &mut Tx, scope: &Scope, most: i64) -> Result<Vec<Net>, StoreError> {
    let mut vals = vec![Val::Int(most)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!(
        "SELECT {NET} FROM net WHERE missing_since IS NOT NULL AND {clause} ORDER BY missing_since, id LIMIT ?1"
    );
    tx.all(&sql, &vals).await?.iter().map(net).collect()
}

/// How many alerts lack an incident of PagerDuty's own, of those that are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Nothing in PagerDuty stands against them.
    pub lacking: i64,
    /// Since when the first of these lacks one.
    pub oldest: Option<Micros>,
    /// Of the lacking, those whose registration is under way.
    pub registering: i64,
    /// Those that our own registration stands against, seen open and assigned: their settings are still to be mended.
    pub registered: i64,
}

/// The alerts that lack an incident of PagerDuty's own, no more than so many, the oldest first. A storm is its alerts.
pub async fn count_missing(tx: &mut Tx, scope: &Scope, most: i64) -> Result<Missing, StoreError> {
    let mut vals = vec![Val::Int(most)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!(
        "SELECT CASE WHEN n.registration = 'seen' OR (n.storm IS NOT NULL AND n.seen_at IS NOT NULL) THEN 'seen' \
         WHEN n.registration IS NOT NULL OR s.registration IS NOT NULL THEN 'asked' ELSE 'none' END, count(*), \
         min(n.missing_since) FROM (SELECT missing_since, registration, storm, seen_at FROM net \
         WHERE missing_since IS NOT NULL AND id NOT LIKE 'storm:%' AND {clause} ORDER BY missing_since, id LIMIT ?1) n \
         LEFT JOIN net s ON s.id = n.storm GROUP BY 1"
    );
    let mut missing = Missing::default();
    for row in tx.all(&sql, &vals).await? {
        let (stands, count, oldest) = (row.string(0)?, row.int(1)?, row.opt_micros(2)?);
        if stands == "seen" {
            missing.registered = count;
            continue;
        }
        missing.lacking += count;
        missing.oldest = missing.oldest.into_iter().chain(oldest).min();
        if stands == "asked" {
            missing.registering = count;
        }
    }
    Ok(missing)
}

/// Alerts that last, lack one, and whose registration stands so, asked for before then; the first first.
pub async fn registered(tx: &mut Tx, as_: Registration, before: Micros, most: i64) -> Result<Vec<Net>, StoreError> {
    let sql = format!(
        "SELECT {NET} FROM net WHERE registration = ?1 AND asked_at <= ?2 AND open_since IS NOT NULL \
         AND missing_since IS NOT NULL ORDER BY asked_at, id LIMIT ?3"
    );
    tx.all(&sql, vals![as_.as_str(), before, most]).await?.iter().map(net).collect()
}

/// The clock went back: what was ahead of it would hold up what comes by the new one.
pub async fn by_this_clock(tx: &mut Tx) -> Result<u64, StoreError> {
    let now = tx.now();
    let ahead = now.plus_s(AHEAD_S);
    tx.exec(
        "UPDATE net SET ended_at = CASE WHEN ended_at > ?2 THEN ?1 ELSE ended_at END, \
         last_mail = CASE WHEN last_mail > ?2 THEN ?1 ELSE last_mail END, \
         asked_at = CASE WHEN asked_at > ?2 THEN ?1 ELSE asked_at END, \
         missing_since = CASE WHEN missing_since > ?2 THEN ?1 ELSE missing_since END \
         WHERE ended_at > ?2 OR last_mail > ?2 OR asked_at > ?2 OR missing_since > ?2",
        vals![now, ahead],
    )
    .await
}

/// How many registrations of after then PagerDuty took and does not show.
pub async fn unseen_since(tx: &mut Tx, after: Micros) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM net WHERE registration = 'unseen' AND asked_at >= ?1";
    tx.sure(sql, vals![after]).await?.int(0)
}

/// When a registration that nobody has seen is one for the second path.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// Asked for by then, and …
    pub asked: Micros,
    /// … asked for by then as well, or …
    pub long_asked: Micros,
    /// … missing since then.
    pub missing: Micros,
}

/// Alerts that nobody has been called for and somebody is to be by now; the first first.
pub async fn uncalled(tx: &mut Tx, due: Due, most: i64) -> Result<Vec<Net>, StoreError> {
    let sql = format!(
        "SELECT {NET} FROM net WHERE called IS NULL AND registration IN ('asked', 'unseen') AND asked_at <= ?1 \
         AND (asked_at <= ?2 OR missing_since <= ?3) AND open_since IS NOT NULL AND missing_since IS NOT NULL \
         ORDER BY asked_at, id LIMIT ?4"
    );
    tx.all(&sql, vals![due.asked, due.long_asked, due.missing, most]).await?.iter().map(net).collect()
}

/// Alerts that joined a call and were told to nobody: it is over, or neither paged nor answered since then, and who answered it
/// did so before they joined.
pub async fn untold(tx: &mut Tx, since: Micros, most: i64) -> Result<Vec<Net>, StoreError> {
    let sql = format!(
        "SELECT {NET} FROM net WHERE joined_at IS NOT NULL AND called IS NOT NULL AND registration IN ('asked', 'unseen') \
         AND open_since IS NOT NULL AND missing_since IS NOT NULL AND NOT EXISTS (SELECT 1 FROM callout c \
         WHERE c.subject = net.called AND c.ended_at IS NULL \
         AND (c.answered_at >= net.joined_at OR coalesce(c.answered_at, c.asked_at) > ?1)) ORDER BY asked_at, id LIMIT ?2"
    );
    tx.all(&sql, vals![since, most]).await?.iter().map(net).collect()
}

/// The alerts that a call is for and that nobody has seen yet, the first first, and how many there are.
pub async fn of_call(tx: &mut Tx, called: &str, most: i64) -> Result<(Vec<Net>, i64), StoreError> {
    let count = still_called(tx, called).await?;
    let sql = format!("SELECT {NET} FROM net WHERE {STILL_CALLED} ORDER BY missing_since, id LIMIT ?2");
    let nets = tx.all(&sql, vals![called, most]).await?.iter().map(net).collect::<Result<_, _>>()?;
    Ok((nets, count))
}

/// An alert is in a call: named by its page, or joined after that.
pub async fn call(tx: &mut Tx, id: &str, called: &str, joined_at: Option<Micros>) -> Result<(), StoreError> {
    tx.exec("UPDATE net SET called = ?2, joined_at = ?3 WHERE id = ?1", vals![id, called, joined_at]).await?;
    Ok(())
}

/// The alerts that joined a call and that no page has named yet.
pub async fn joined(tx: &mut Tx, called: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT id FROM net WHERE called = ?1 AND joined_at IS NOT NULL ORDER BY id";
    tx.all(sql, vals![called]).await?.iter().map(|row| row.string(0)).collect()
}

const STILL_CALLED: &str = "called = ?1 AND missing_since IS NOT NULL AND open_since IS NOT NULL \
     AND (registration IS NULL OR registration <> 'seen')";

/// How many alerts that a call is for still lack an incident and last.
pub async fn still_called(tx: &mut Tx, called: &str) -> Result<i64, StoreError> {
    tx.sure(&format!("SELECT count(*) FROM net WHERE {STILL_CALLED}"), vals![called]).await?.int(0)
}

pub async fn save(tx: &mut Tx, net: &Net) -> Result<(), StoreError> {
    let cause = net.cause.as_ref().map(serde_json::to_string).transpose().map_err(StoreError::shape)?;
    let now = tx.now();
    let registration = net.registration.is_live().then(|| net.registration.as_str());
    tx.exec(
        "INSERT INTO net (id, monitor, host, check_name, title, customer, generation, open_since, ended_at, mails, \
         last_mail, incident, missing_since, registration, dedup_key, asked_at, tries, seen_at, ours, storm, called, \
         cause, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
         ?19, ?20, ?21, ?22, ?23) ON CONFLICT (id) DO UPDATE SET monitor = excluded.monitor, host = excluded.host, \
         check_name = excluded.check_name, title = excluded.title, customer = excluded.customer, \
         generation = excluded.generation, open_since = excluded.open_since, ended_at = excluded.ended_at, \
         mails = excluded.mails, last_mail = excluded.last_mail, incident = excluded.incident, \
         missing_since = excluded.missing_since, registration = excluded.registration, dedup_key = excluded.dedup_key, \
         asked_at = excluded.asked_at, tries = excluded.tries, seen_at = excluded.seen_at, ours = excluded.ours, \
         storm = excluded.storm, called = excluded.called, cause = excluded.cause, changed_at = excluded.changed_at",
        vals![
            &net.id,
            &net.monitor,
            net.host.clone(),
            net.check.clone(),
            &net.title,
            net.customer.clone(),
            net.generation,
            net.open_since,
            net.ended_at,
            net.mails,
            net.last_mail,
            net.incident.clone(),
            net.missing_since,
            registration,
            net.dedup_key.clone(),
            net.asked_at,
            net.tries,
            net.seen_at,
            net.ours.clone(),
            net.storm.clone(),
            net.called.clone(),
            cause,
            now
        ],
    )
    .await?;
    Ok(())
}

/// Whether this generation of the alert still lasts: what a registration is sent for.
pub async fn is_open(tx: &mut Tx, id: &str, generation: i64) -> Result<bool, StoreError> {
    let sql =
        "SELECT 1 FROM net WHERE id = ?1 AND generation = ?2 AND open_since IS NOT NULL AND missing_since IS NOT NULL";
    Ok(tx.one(sql, vals![id, generation]).await?.is_some())
}

fn net(row: &Row) -> Result<Net, StoreError> {
    let cause = row.opt_string(21)?.and_then(|text| serde_json::from_str(&text).ok());
    Ok(Net {
        id: row.string(0)?,
        monitor: row.string(1)?,
        host: row.opt_string(2)?,
        check: row.opt_string(3)?,
        title: row.string(4)?,
        customer: row.opt_string(5)?,
        generation: row.int(6)?,
        open_since: row.opt_micros(7)?,
        ended_at: row.opt_micros(8)?,
        mails: row.int(9)?,
        last_mail: row.opt_micros(10)?,
        incident: row.opt_string(11)?,
        missing_since: row.opt_micros(12)?,
        registration: row.opt_string(13)?.map_or(Registration::None, |text| Registration::parse(&text)),
        dedup_key: row.opt_string(14)?,
        asked_at: row.opt_micros(15)?,
        tries: row.int(16)?,
        seen_at: row.opt_micros(17)?,
        ours: row.opt_string(18)?,
        storm: row.opt_string(19)?,
        called: row.opt_string(20)?,
        cause,
        changed_at: row.micros(22)?,
    })
}
