//! The alerts of mirrored incidents, each a row to be found by key, time and words; and which mail each balances. Written
//! where incidents are; says nothing of likeness.

use crate::{Row, StoreError, Tx, vals};
use model::Micros;

/// An alert as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    pub id: String,
    pub key: Option<String>,
    pub title: String,
    pub created_at: Micros,
    pub resolved_at: Option<Micros>,
    pub is_open: bool,
    pub suppressed: bool,
    /// All that it says, folded.
    pub words: String,
    pub hosts: Vec<String>,
    pub reading: Option<String>,
}

/// An alert as it is compared with mails.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    pub id: String,
    pub incident: String,
    pub key: Option<String>,
    pub title: String,
    pub service_id: Option<String>,
    pub service_name: Option<String>,
    pub customer: Option<String>,
    pub created_at: Micros,
    pub resolved_at: Option<Micros>,
    pub is_open: bool,
    pub suppressed: bool,
    pub words: String,
    pub hosts: Vec<String>,
    pub reading: Option<String>,
    /// The mail that it balances, and that mail's alert.
    pub mail: Option<i64>,
    pub net: Option<String>,
    pub score: i64,
}

/// What an incident is called as long as none of its alerts is known.
pub fn stand_in(incident: &str) -> String {
    format!("incident:{incident}")
}

/// Writes the alerts of an incident, or its stand-in while it has none; the stand-in's mail goes over to the first alert.
/// What is new, or opened again, is fresh.
pub async fn save(
    tx: &mut Tx,
    incident: &str,
    (service_id, customer): (Option<&str>, Option<&str>),
    alerts: &[Saved],
) -> Result<(), StoreError> {
    let own = stand_in(incident);
    let is_known = alerts.iter().any(|alert| alert.id != own);
    for alert in alerts {
        let hosts = serde_json::to_string(&alert.hosts).map_err(StoreError::shape)?;
        tx.exec(
            "INSERT INTO alert (id, incident, key, title, service_id, customer, created_at, resolved_at, is_open, \
             suppressed, words, hosts, reading, score, fresh) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
             ?12, ?13, 0, 1) ON CONFLICT (id) DO UPDATE SET incident = excluded.incident, key = excluded.key, \
             title = excluded.title, service_id = excluded.service_id, customer = excluded.customer, \
             created_at = excluded.created_at, resolved_at = excluded.resolved_at, is_open = excluded.is_open, \
             suppressed = excluded.suppressed, words = excluded.words, hosts = excluded.hosts, \
             reading = excluded.reading, fresh = CASE WHEN alert.words <> excluded.words \
             OR alert.is_open < excluded.is_open THEN 1 ELSE alert.fresh END",
            vals![
                &alert.id,
                incident,
                alert.key.clone(),
                &alert.title,
                service_id,
                customer,
                alert.created_at,
                alert.resolved_at,
                alert.is_open,
                alert.suppressed,
                &alert.words,
                hosts,
                alert.reading.clone()
            ],
        )
        .await?;
    }
    if !alerts.iter().any(|alert| alert.is_open) {
        close(tx, incident, alerts.iter().filter_map(|alert| alert.resolved_at).max()).await?;
    }
    if is_known { forget_stand_in(tx, &own, alerts).await } else { Ok(()) }
}

/// The incident is over: so is whatever alert it had once.
async fn close(tx: &mut Tx, incident: &str, at: Option<Micros>) -> Result<(), StoreError> {
    let at = at.unwrap_or_else(|| tx.now());
    tx.exec(
        "UPDATE alert SET is_open = 0, resolved_at = coalesce(resolved_at, ?2) WHERE incident = ?1 AND is_open = 1",
        vals![incident, at],
    )
    .await?;
    Ok(())
}

async fn forget_stand_in(tx: &mut Tx, own: &str, alerts: &[Saved]) -> Result<(), StoreError> {
    // In one statement: whoever claims it meanwhile is seen, or sees that it has gone.
    let gone = tx.one("DELETE FROM alert WHERE id = ?1 RETURNING mail, score, title", vals![own]).await?;
    let Some(row) = gone else { return Ok(()) };
    let (Some(mail), title) = (row.opt_int(0)?, row.string(2)?) else { return Ok(()) };
    let same = alerts.iter().find(|alert| alert.title == title).or(alerts.first());
    if let Some(alert) = same {
        let taken = tx
            .exec(
                "UPDATE alert SET mail = ?2, score = ?3 WHERE id = ?1 AND mail IS NULL",
                vals![&alert.id, mail, row.int(1)?],
            )
            .await?;
        if taken == 1 {
            tx.exec("UPDATE mail SET alert = ?2 WHERE id = ?1", vals![mail, &alert.id]).await?;
        }
    }
    Ok(())
}

const ALERT: &str = "a.id, a.incident, a.key, a.title, a.service_id, i.service_name, a.customer, a.created_at, \
     a.resolved_at, a.is_open, a.suppressed, a.words, a.hosts, a.reading, a.mail, m.net, a.score";
const JOINED: &str = "alert a LEFT JOIN incident i ON i.id = a.incident LEFT JOIN mail m ON m.id = a.mail";

/// Alerts that may stand against mails received since then: created since, or open.
pub async fn near(tx: &mut Tx, since: Micros, most: i64) -> Result<Vec<Alert>, StoreError> {
    let created = format!("SELECT {ALERT} FROM {JOINED} WHERE a.created_at >= ?1 ORDER BY a.created_at DESC LIMIT ?2");
    let open = format!(
        "SELECT {ALERT} FROM {JOINED} WHERE a.is_open = 1 AND a.created_at < ?1 ORDER BY a.created_at DESC LIMIT ?2"
    );
    let mut alerts: Vec<Alert> =
        tx.all(&created, vals![since, most]).await?.iter().map(alert).collect::<Result<_, _>>()?;
    for row in tx.all(&open, vals![since, most]).await? {
        alerts.push(alert(&row)?);
    }
    Ok(alerts)
}

/// Alerts by key or by what a reader made of them, wherever they stand in time since then.
pub async fn named(
    tx: &mut Tx,
    keys: &[String],
    reading: Option<&str>,
    since: Micros,
) -> Result<Vec<Alert>, StoreError> {
    let sql = format!(
        "SELECT {ALERT} FROM {JOINED} WHERE a.reading = ?1 AND a.created_at >= ?2 ORDER BY a.created_at DESC LIMIT 20"
    );
    let mut found: Vec<Alert> =
        tx.all(&sql, vals![reading, since]).await?.iter().map(alert).collect::<Result<_, _>>()?;
    let sql = format!(
        "SELECT {ALERT} FROM {JOINED} WHERE a.key = ?1 AND a.created_at >= ?2 ORDER BY a.created_at DESC LIMIT 20"
    );
    for key in keys.iter().take(10) {
        for row in tx.all(&sql, vals![key, since]).await? {
            found.push(alert(&row)?);
        }
    }
    Ok(found)
}

/// Alerts that were not yet compared with the mails that lack one, oldest first.
pub async fn fresh(tx: &mut Tx, most: i64) -> Result<Vec<Alert>, StoreError> {
    let sql = format!("SELECT {ALERT} FROM {JOINED} WHERE a.fresh = 1 ORDER BY a.created_at LIMIT ?1");
    tx.all(&sql, vals![most]).await?.iter().map(alert).collect()
}

pub async fn compared(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE alert SET fresh = 0 WHERE id = ?1", vals![id]).await?;
    Ok(())
}

/// Incidents created in between of which the API has more to tell: their alerts are not all known.
pub async fn unread(tx: &mut Tx, since: Micros, until: Micros) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM dirty d JOIN incident i ON i.id = d.subject \
               WHERE d.kind = 'read' AND i.created_at >= ?1 AND i.created_at <= ?2";
    tx.sure(sql, vals![since, until]).await?.int(0)
}

/// The alert is this mail's now. It was a stand-in whose incident has got alerts meanwhile: the first free one of these is.
/// The id of the alert that it is.
pub async fn claim(
    tx: &mut Tx,
    (id, incident): (&str, &str),
    mail: i64,
    score: i64,
) -> Result<Option<String>, StoreError> {
    let sql = "UPDATE alert SET mail = ?2, score = ?3 WHERE id = ?1";
    if tx.exec(sql, vals![id, mail, score]).await? == 1 {
        return Ok(Some(id.to_owned()));
    }
    let first = "SELECT id FROM alert WHERE incident = ?1 AND mail IS NULL ORDER BY created_at, id LIMIT 1";
    let Some(row) = tx.one(first, vals![incident]).await? else { return Ok(None) };
    let id = row.string(0)?;
    tx.exec(sql, vals![&id, mail, score]).await?;
    Ok(Some(id))
}

fn alert(row: &Row) -> Result<Alert, StoreError> {
    Ok(Alert {
        id: row.string(0)?,
        incident: row.string(1)?,
        key: row.opt_string(2)?,
        title: row.string(3)?,
        service_id: row.opt_string(4)?,
        service_name: row.opt_string(5)?.filter(|name| !name.is_empty()),
        customer: row.opt_string(6)?,
        created_at: row.micros(7)?,
        resolved_at: row.opt_micros(8)?,
        is_open: row.bool(9)?,
        suppressed: row.bool(10)?,
        words: row.string(11)?,
        hosts: row.json(12)?,
        reading: row.opt_string(13)?,
        mail: row.opt_int(14)?,
        net: row.opt_string(15)?,
        score: row.int(16)?,
    })
}
