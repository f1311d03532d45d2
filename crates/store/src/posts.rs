//! Messages of ours that follow what they are about: which version of it is wanted, which is shown, and where the message stands.
//! What a version says is not known here.

use crate::{Row, StoreError, Tx, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    pub id: String,
    /// The post in whose thread it stands.
    pub parent: Option<String>,
    pub subject: String,
    pub customer: Option<String>,
    /// As it is configured: a name or an id.
    pub channel: String,
    /// Grows with every change of the subject.
    pub wanted: i64,
    /// The version that was wanted when it was shown last; 0: never.
    pub shown: i64,
    /// The channel's id, as Slack named it.
    pub place: Option<String>,
    /// The message's id there.
    pub ts: Option<String>,
    /// Of what was sent last.
    pub digest: Option<String>,
    pub made_at: Micros,
    /// When it was first about to be posted: from then on it may stand there, whatever we know.
    pub begun_at: Option<Micros>,
    pub posted_at: Option<Micros>,
    pub changed_at: Option<Micros>,
    /// Why it can't be shown, in words for people.
    pub trouble: Option<String>,
    pub trouble_since: Option<Micros>,
}

/// A post that is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub id: String,
    pub parent: Option<String>,
    pub subject: String,
    pub customer: Option<String>,
    pub channel: String,
}

const POST: &str = "id, parent, subject, customer, channel, wanted, shown, place, ts, digest, made_at, begun_at, posted_at, \
     changed_at, trouble, trouble_since";

/// A version more is wanted; gives it. A post keeps the channel that it was made for.
pub async fn want(tx: &mut Tx, post: &Wanted) -> Result<i64, StoreError> {
    let now = tx.now();
    tx.sure(
        "INSERT INTO post (id, parent, subject, customer, channel, wanted, shown, made_at) VALUES (?1, ?2, ?3, ?4, ?5, 1, 0, ?6) \
         ON CONFLICT (id) DO UPDATE SET wanted = post.wanted + 1, customer = excluded.customer RETURNING wanted",
        vals![&post.id, post.parent.clone(), &post.subject, post.customer.clone(), &post.channel, now],
    )
    .await?
    .int(0)
}

/// A version more of those that exist about a subject: their ids with what is wanted now, in one order for everybody.
pub async fn want_all(tx: &mut Tx, subject: &str) -> Result<Vec<Post>, StoreError> {
    tx.exec("UPDATE post SET wanted = wanted + 1 WHERE subject = ?1", vals![subject]).await?;
    of_subject(tx, &Scope::All, subject).await
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Post>, StoreError> {
    tx.one(&format!("SELECT {POST} FROM post WHERE id = ?1"), vals![id]).await?.map(|row| post(&row)).transpose()
}

/// Those about a subject. Their customer is the subject's, which the caller was shown.
pub async fn of_subject(tx: &mut Tx, _scope: &Scope, subject: &str) -> Result<Vec<Post>, StoreError> {
    let sql = format!("SELECT {POST} FROM post WHERE subject = ?1 ORDER BY id");
    tx.all(&sql, vals![subject]).await?.iter().map(post).collect()
}

/// The post that stands there, for a button that was pressed on it.
pub async fn at(tx: &mut Tx, place: &str, ts: &str) -> Result<Option<Post>, StoreError> {
    let sql = format!("SELECT {POST} FROM post WHERE place = ?1 AND ts = ?2");
    tx.one(&sql, vals![place, ts]).await?.map(|row| post(&row)).transpose()
}

/// It is about to be posted. Written before it is sent, so that whoever comes after a crash looks for it first.
pub async fn begin(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE post SET begun_at = coalesce(begun_at, ?2) WHERE id = ?1", vals![id, now]).await?;
    Ok(())
}

/// It stands there and says this; every version up to `version` is told with it.
pub async fn shown(
    tx: &mut Tx,
    id: &str,
    version: i64,
    (place, ts): (&str, &str),
    digest: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE post SET shown = CASE WHEN shown < ?2 THEN ?2 ELSE shown END, place = ?3, ts = ?4, digest = ?5, \
         posted_at = coalesce(posted_at, ?6), changed_at = ?6, trouble = NULL, trouble_since = NULL WHERE id = ?1",
        vals![id, version, place, ts, digest, now],
    )
    .await?;
    Ok(())
}

/// What it says is what is wanted already.
pub async fn unchanged(tx: &mut Tx, id: &str, version: i64) -> Result<(), StoreError> {
    let sql = "UPDATE post SET shown = CASE WHEN shown < ?2 THEN ?2 ELSE shown END WHERE id = ?1";
    tx.exec(sql, vals![id, version]).await?;
    Ok(())
}

/// The message is gone from its channel: the next version is posted anew.
pub async fn lost(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE post SET ts = NULL, place = NULL, digest = NULL, begun_at = NULL WHERE id = ?1", vals![id]).await?;
    Ok(())
}

pub async fn troubled(tx: &mut Tx, id: &str, why: &str) -> Result<(), StoreError> {
    let now = tx.now();
    let sql = "UPDATE post SET trouble = ?2, trouble_since = coalesce(trouble_since, ?3) WHERE id = ?1";
    tx.exec(sql, vals![id, why, now]).await?;
    Ok(())
}

/// Whether a job that will show it waits in its lane.
pub async fn is_coming(tx: &mut Tx, lane: &str, id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM job j JOIN action a ON a.key = j.action WHERE j.lane = ?1 AND j.state = 'ready' AND a.subject = ?2 \
               AND a.effect LIKE '{\"show\"%' LIMIT 1";
    Ok(tx.one(sql, vals![lane, id]).await?.is_some())
}

/// Whether any version of it waits to be shown.
pub async fn is_behind(tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
    Ok(tx.one("SELECT 1 FROM post WHERE id = ?1 AND shown < wanted", vals![id]).await?.is_some())
}

/// Those that have waited since before this instant, the oldest first: their job came to nothing.
pub async fn forgotten(tx: &mut Tx, before: Micros, most: i64) -> Result<Vec<Post>, StoreError> {
    let sql = format!(
        "SELECT {POST} FROM post WHERE shown < wanted AND made_at < ?1 AND NOT EXISTS \
         (SELECT 1 FROM job WHERE job.lane = 'post:' || coalesce(post.parent, post.id) AND job.state IN ('ready', 'leased', 'human', 'dead')) \
         ORDER BY made_at, id LIMIT ?2"
    );
    tx.all(&sql, vals![before, most]).await?.iter().map(post).collect()
}

/// What keeps posts from being shown, for the page of connections: (channel, why, since, how many). Names no customer.
pub async fn troubles(tx: &mut Tx, _scope: &Scope) -> Result<Vec<(String, String, Micros, i64)>, StoreError> {
    let sql = "SELECT channel, trouble, min(trouble_since), count(*) FROM post WHERE trouble IS NOT NULL \
               GROUP BY channel, trouble ORDER BY 3, 1, 2 LIMIT 50";
    let rows = tx.all(sql, &[]).await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.string(1)?, row.micros(2)?, row.int(3)?))).collect()
}

fn post(row: &Row) -> Result<Post, StoreError> {
    Ok(Post {
        id: row.string(0)?,
        parent: row.opt_string(1)?,
        subject: row.string(2)?,
        customer: row.opt_string(3)?,
        channel: row.string(4)?,
        wanted: row.int(5)?,
        shown: row.int(6)?,
        place: row.opt_string(7)?,
        ts: row.opt_string(8)?,
        digest: row.opt_string(9)?,
        made_at: row.micros(10)?,
        begun_at: row.opt_micros(11)?,
        posted_at: row.opt_micros(12)?,
        changed_at: row.opt_micros(13)?,
        trouble: row.opt_string(14)?,
        trouble_since: row.opt_micros(15)?,
    })
}
