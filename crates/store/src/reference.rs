//! What PagerDuty configures, as mirrored: services, people, policies, schedules, who is on call; and when each person
//! was last active. Written by the reading of signals alone.

use crate::{Row, StoreError, Tx, Val, vals};
use model::reference::{Kind, Thing};
use model::{Micros, Scope};

/// Writes one thing as seen at this instant; an earlier sight never overwrites a later one.
pub async fn save(tx: &mut Tx, thing: &Thing, seen_at: Micros) -> Result<(), StoreError> {
    let names = serde_json::to_string(&thing.names).map_err(StoreError::shape)?;
    tx.exec(
        "INSERT INTO reference (kind, id, name, url, email, status, person, starts_at, ends_at, level, names, seen_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (kind, id) DO UPDATE SET \
         name = excluded.name, url = excluded.url, email = excluded.email, status = excluded.status, \
         person = excluded.person, starts_at = excluded.starts_at, ends_at = excluded.ends_at, \
         level = excluded.level, names = excluded.names, seen_at = excluded.seen_at, gone_at = NULL \
         WHERE reference.seen_at <= excluded.seen_at",
        vals![
            thing.kind.as_str(),
            &thing.id,
            &thing.name,
            thing.url.clone(),
            thing.email.as_ref().map(|email| email.to_lowercase()),
            thing.status.clone(),
            thing.user.clone(),
            thing.starts_at,
            thing.ends_at,
            thing.level,
            names,
            seen_at
        ],
    )
    .await?;
    Ok(())
}

/// The same page as before: everything on it is still there.
pub async fn seen(tx: &mut Tx, kind: Kind, ids: &[String], seen_at: Micros) -> Result<(), StoreError> {
    let mut ordered: Vec<&String> = ids.iter().collect();
    ordered.sort();
    for id in ordered {
        tx.exec(
            "UPDATE reference SET seen_at = ?3, gone_at = NULL WHERE kind = ?1 AND id = ?2 AND seen_at < ?3",
            vals![kind.as_str(), id, seen_at],
        )
        .await?;
    }
    Ok(())
}

/// A whole round has been read: what it did not show is gone. Who was on call when is simply forgotten.
pub async fn round_ended(tx: &mut Tx, kind: Kind, begun_at: Micros) -> Result<(), StoreError> {
    let now = tx.now();
    if matches!(kind, Kind::OnCall | Kind::Shift) {
        tx.exec("DELETE FROM reference WHERE kind = ?1 AND seen_at < ?2", vals![kind.as_str(), begun_at]).await?;
    } else {
        tx.exec(
            "UPDATE reference SET gone_at = ?3 WHERE kind = ?1 AND seen_at < ?2 AND gone_at IS NULL",
            vals![kind.as_str(), begun_at, now],
        )
        .await?;
    }
    Ok(())
}

const THING: &str = "kind, id, name, url, email, status, person, starts_at, ends_at, level, names";

/// What there is of a kind, by level and name. People and policies are the account's, not a customer's.
pub async fn list(tx: &mut Tx, _scope: &Scope, kind: Kind) -> Result<Vec<Thing>, StoreError> {
    let sql = format!("SELECT {THING} FROM reference WHERE kind = ?1 AND gone_at IS NULL ORDER BY level, name, id");
    tx.all(&sql, vals![kind.as_str()]).await?.iter().map(thing).collect()
}

/// Who is on call by what was last read, and whose shift it is at this instant. Neither is a customer's.
pub async fn on_duty(tx: &mut Tx, _scope: &Scope, at: Micros) -> Result<Vec<Thing>, StoreError> {
    let sql = format!(
        "SELECT {THING} FROM reference WHERE gone_at IS NULL AND (kind = ?1 OR (kind = ?2 \
         AND coalesce(starts_at, ?3) <= ?3 AND (ends_at IS NULL OR ends_at > ?3))) ORDER BY level, name, id"
    );
    tx.all(&sql, vals![Kind::OnCall.as_str(), Kind::Shift.as_str(), at]).await?.iter().map(thing).collect()
}

pub async fn find(tx: &mut Tx, _scope: &Scope, kind: Kind, id: &str) -> Result<Option<Thing>, StoreError> {
    let sql = format!("SELECT {THING} FROM reference WHERE kind = ?1 AND id = ?2 AND gone_at IS NULL");
    tx.one(&sql, vals![kind.as_str(), id]).await?.map(|row| thing(&row)).transpose()
}

/// One thing as it was last seen, gone or not: when, when it was missed, and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    pub seen_at: Micros,
    pub gone_at: Option<Micros>,
    pub ends_at: Option<Micros>,
}

pub async fn sight(tx: &mut Tx, kind: Kind, id: &str) -> Result<Option<Sight>, StoreError> {
    let sql = "SELECT seen_at, gone_at, ends_at FROM reference WHERE kind = ?1 AND id = ?2";
    let row = tx.one(sql, vals![kind.as_str(), id]).await?;
    let sight =
        |row: Row| Ok(Sight { seen_at: row.micros(0)?, gone_at: row.opt_micros(1)?, ends_at: row.opt_micros(2)? });
    row.map(sight).transpose()
}

/// The service of this id, or of this name if exactly one has it.
pub async fn service(tx: &mut Tx, named: &str) -> Result<Option<Thing>, StoreError> {
    if let Some(thing) = find(tx, &Scope::All, Kind::Service, named).await? {
        return Ok(Some(thing));
    }
    let sql = format!("SELECT {THING} FROM reference WHERE kind = ?1 AND name = ?2 AND gone_at IS NULL LIMIT 2");
    match tx.all(&sql, vals![Kind::Service.as_str(), named]).await?.as_slice() {
        [row] => thing(row).map(Some),
        _ => Ok(None),
    }
}

/// The PagerDuty user with this mail address, if there is exactly one.
pub async fn user_by_email(tx: &mut Tx, email: &str) -> Result<Option<Thing>, StoreError> {
    let sql = format!("SELECT {THING} FROM reference WHERE email = ?1 AND kind = ?2 AND gone_at IS NULL LIMIT 2");
    let rows = tx.all(&sql, vals![email.trim().to_lowercase(), Kind::User.as_str()]).await?;
    match rows.as_slice() {
        [row] => thing(row).map(Some),
        _ => Ok(None),
    }
}

/// Somebody did something, or was told of something, at this instant.
pub async fn active(tx: &mut Tx, person: &str, kind: &str, at: Micros) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO activity (person, kind, last_at) VALUES (?1, ?2, ?3) ON CONFLICT (person, kind) DO UPDATE \
         SET last_at = excluded.last_at WHERE activity.last_at < excluded.last_at",
        vals![person, kind, at],
    )
    .await?;
    Ok(())
}

/// A PagerDuty user and when each kind of use of the seat was last seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Seat {
    pub user: Thing,
    /// The end of the last on-call shift that is known, or of the next one; `None` for never.
    pub on_call_until: Option<Micros>,
    /// On call at a level of a policy for ever: no shift begins or ends.
    pub always_on_call: bool,
    pub paged_at: Option<Micros>,
    pub acted_at: Option<Micros>,
}

/// Every PagerDuty user with the use of the seat: three statements however many there are.
pub async fn list_seats(tx: &mut Tx, scope: &Scope) -> Result<Vec<Seat>, StoreError> {
    let users = list(tx, scope, Kind::User).await?;
    let shifts = tx
        .all(
            "SELECT person, max(coalesce(ends_at, 0)), max(CASE WHEN ends_at IS NULL THEN 1 ELSE 0 END) FROM reference \
             WHERE kind IN (?1, ?2) AND person IS NOT NULL GROUP BY person",
            vals![Kind::Shift.as_str(), Kind::OnCall.as_str()],
        )
        .await?;
    let activity = tx.all("SELECT person, kind, last_at FROM activity", &[]).await?;
    let mut seats: Vec<Seat> = users
        .into_iter()
        .map(|user| Seat { user, on_call_until: None, always_on_call: false, paged_at: None, acted_at: None })
        .collect();
    let places: std::collections::HashMap<String, usize> =
        seats.iter().enumerate().map(|(i, seat)| (seat.user.id.clone(), i)).collect();
    for row in &shifts {
        let Some(seat) = places.get(row.text(0)?).and_then(|i| seats.get_mut(*i)) else { continue };
        seat.on_call_until = Some(row.int(1)?).filter(|at| *at > 0).map(Micros);
        seat.always_on_call = row.int(2)? == 1;
    }
    for row in &activity {
        let Some(seat) = places.get(row.text(0)?).and_then(|i| seats.get_mut(*i)) else { continue };
        match row.text(1)? {
            PAGED => seat.paged_at = Some(row.micros(2)?),
            ACTED => seat.acted_at = Some(row.micros(2)?),
            _ => {}
        }
    }
    Ok(seats)
}

/// Kinds of activity.
pub const PAGED: &str = "paged";
pub const ACTED: &str = "acted";

fn thing(row: &Row) -> Result<Thing, StoreError> {
    let kind = row.text(0)?;
    Ok(Thing {
        kind: Kind::parse(kind).ok_or_else(|| StoreError::shape(format!("no kind of thing {kind}")))?,
        id: row.string(1)?,
        name: row.string(2)?,
        url: row.opt_string(3)?,
        email: row.opt_string(4)?,
        status: row.opt_string(5)?,
        user: row.opt_string(6)?,
        starts_at: row.opt_micros(7)?,
        ends_at: row.opt_micros(8)?,
        level: row.opt_int(9)?,
        names: row.json(10)?,
    })
}

/// How many things of each kind there are, for the page of connections.
pub async fn count(tx: &mut Tx, _scope: &Scope) -> Result<Vec<(String, i64)>, StoreError> {
    tx.all("SELECT kind, count(*) FROM reference WHERE gone_at IS NULL GROUP BY kind ORDER BY kind", &[] as &[Val])
        .await?
        .iter()
        .map(|row| Ok((row.string(0)?, row.int(1)?)))
        .collect()
}
