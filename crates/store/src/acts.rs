//! What people asked to be done to an incident, with how far each act has come. Only reads: acts are actions like others.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val};
use model::act::Act;
use model::action::Effect;
use model::{Micros, Scope};

/// Acts that an incident's page shows.
const MOST: i64 = 50;

#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub job: i64,
    pub key: String,
    pub act: Act,
    /// The PagerDuty user in whose name: id and address.
    pub user: String,
    pub from: String,
    pub asked_at: Micros,
    /// ready, leased, done, skipped, human or dead.
    pub state: String,
    /// How the last try ended: done, later, never, unknown, human, skipped; none before the first one ended.
    pub outcome: Option<String>,
    /// Why it waits, was skipped or came to nothing.
    pub cause: Option<String>,
    /// The next try is not before this.
    pub due: Micros,
    pub ended_at: Option<Micros>,
}

const ASKED: &str = "SELECT j.id, a.key, a.effect, a.created_at, j.state, j.cause, j.due, j.ended_at, \
     (SELECT t.outcome FROM attempt t WHERE t.job = j.id ORDER BY t.token DESC LIMIT 1) \
     FROM action a JOIN job j ON j.action = a.key";

/// The latest acts on an incident, newest first.
pub async fn list(tx: &mut Tx, scope: &Scope, incident: &str) -> Result<Vec<Asked>, StoreError> {
    list_after(tx, scope, incident, None, MOST).await
}

/// The same, from the one after this place on: when it was asked for, and its key.
pub async fn list_after(
    tx: &mut Tx,
    scope: &Scope,
    incident: &str,
    place: Option<(Micros, &str)>,
    limit: i64,
) -> Result<Vec<Asked>, StoreError> {
    let mut vals = vec![Val::from(incident), Val::Int(limit)];
    let mut after = "";
    if let Some((at, key)) = place {
        vals.extend([Val::from(at), Val::from(key)]);
        after = "AND (a.created_at < ?3 OR (a.created_at = ?3 AND a.key > ?4))";
    }
    let clause = scope_clause(scope, "j.customer", &mut vals);
    let sql = format!(
        "{ASKED} WHERE a.subject = ?1 AND a.duty = 'act' {after} AND {clause} ORDER BY a.created_at DESC, a.key LIMIT ?2"
    );
    let rows = tx.all(&sql, &vals).await?;
    rows.iter().map(asked).filter_map(Result::transpose).collect()
}

/// How many acts of this kind, by this PagerDuty user, on this incident may have been done since an instant, one job left
/// out: what a look-up in PagerDuty's log could take for that job's. Acts of one incident run one after the other.
pub async fn done_since(
    tx: &mut Tx,
    incident: &str,
    kind: &str,
    user: &str,
    since: Micros,
    but: i64,
) -> Result<usize, StoreError> {
    let asked = list(tx, &Scope::All, incident).await?;
    let may_have_been = |one: &&Asked| {
        let is_alike = one.job != but && one.act.name() == kind && one.user == user;
        is_alike && one.state != "skipped" && one.ended_at.is_some_and(|at| at >= since)
    };
    Ok(asked.iter().filter(may_have_been).count())
}

/// One act by its key, if the person may see it.
pub async fn find(tx: &mut Tx, scope: &Scope, key: &str) -> Result<Option<Asked>, StoreError> {
    let mut vals = vec![Val::from(key)];
    let clause = scope_clause(scope, "j.customer", &mut vals);
    let sql = format!("{ASKED} WHERE a.key = ?1 AND a.duty = 'act' AND {clause}");
    match tx.one(&sql, &vals).await? {
        Some(row) => asked(&row),
        None => Ok(None),
    }
}

fn asked(row: &Row) -> Result<Option<Asked>, StoreError> {
    let Effect::Act { act, user, from, .. } = row.json::<Effect>(2)? else { return Ok(None) };
    Ok(Some(Asked {
        job: row.int(0)?,
        key: row.string(1)?,
        act,
        user,
        from,
        asked_at: row.micros(3)?,
        state: row.string(4)?,
        cause: row.opt_string(5)?,
        due: row.micros(6)?,
        ended_at: row.opt_micros(7)?,
        outcome: row.opt_string(8)?,
    }))
}
