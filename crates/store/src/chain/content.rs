//! What entries stand for, as it is now: rows read and brought into the form that is hashed. A row that can't be read is told
//! of and stops nothing.

use super::signed;
use crate::{Row, StoreError, Tx, Val, many};
use model::canonical;
use model::capsule::Capsule;
use model::chain::verify::Content;
use model::chain::{AnchorRow, AuditRow, Entry, Hash, kind};
use std::collections::BTreeMap;

const AUDIT: &str = "SELECT id, at, actor, action, subject, customer, detail FROM audit WHERE id IN";
const CAPSULE: &str =
    "SELECT id, run, step, incident, customer, host, ended_at, has_output, body FROM capsule WHERE id IN";
const CHECKPOINT: &str = "SELECT number, at, size, note, peaks FROM checkpoint WHERE number IN";
const ANCHOR: &str = "SELECT number, at, way, place, note FROM anchor WHERE number IN";

/// In the order of the entries.
pub async fn contents(tx: &mut Tx, entries: &[Entry]) -> Result<Vec<Content>, StoreError> {
    let subjects: Vec<(String, String)> = entries.iter().map(|e| (e.kind.clone(), e.subject.clone())).collect();
    of(tx, &subjects).await
}

/// In the order of the subjects, each by kind and name.
pub async fn of(tx: &mut Tx, subjects: &[(String, String)]) -> Result<Vec<Content>, StoreError> {
    let mut found: BTreeMap<(&str, String), Content> = BTreeMap::new();
    for kind in kind::ALL {
        let names = subjects.iter().filter(|(own, _)| own == kind).map(|(_, name)| name);
        let keys: Vec<Val> = names.filter_map(|name| key(kind, name)).collect();
        for (name, content) in of_kind(tx, kind, &keys).await? {
            found.insert((kind, name), content);
        }
    }
    let each = subjects.iter().map(|(kind, name)| {
        if !kind::ALL.contains(&kind.as_str()) {
            return Content::Unreadable("this program does not know its kind".to_owned());
        }
        found.get(&(kind.as_str(), name.clone())).cloned().unwrap_or(Content::Missing)
    });
    Ok(each.collect())
}

/// The row's key; `None` if no row can have that name.
fn key(of: &str, name: &str) -> Option<Val> {
    if of == kind::CAPSULE {
        return Some(name.into());
    }
    let id: i64 = name.parse().ok()?;
    (id.to_string() == name).then_some(Val::Int(id))
}

async fn of_kind(tx: &mut Tx, of: &str, keys: &[Val]) -> Result<Vec<(String, Content)>, StoreError> {
    let (select, read): (&str, Read) = match of {
        kind::AUDIT => (AUDIT, audit),
        kind::CAPSULE => (CAPSULE, capsule),
        kind::CHECKPOINT => (CHECKPOINT, signed::digest),
        _ => (ANCHOR, anchor),
    };
    let mut found = Vec::with_capacity(keys.len());
    for group in many::groups(keys) {
        let sql = format!("{select} ({})", many::marks());
        match tx.all(&sql, &group).await {
            Ok(rows) => found.extend(rows.iter().map(|row| (name(row), content(read(row))))),
            // Somebody put a value into one of them that no column of ours has: each by itself.
            Err(StoreError::Bug(_)) => found.extend(one_by_one(tx, &sql, &group, read).await?),
            Err(other) => return Err(other),
        }
    }
    Ok(found)
}

async fn one_by_one(tx: &mut Tx, sql: &str, keys: &[Val], read: Read) -> Result<Vec<(String, Content)>, StoreError> {
    let mut found = Vec::new();
    for key in keys {
        let filled = many::groups(std::slice::from_ref(key));
        match tx.all(sql, filled.first().map_or(&[], Vec::as_slice)).await {
            Ok(rows) => found.extend(rows.iter().map(|row| (name(row), content(read(row))))),
            Err(StoreError::Bug(why)) => found.push((written(key), Content::Unreadable(why))),
            Err(other) => return Err(other),
        }
    }
    Ok(found)
}

fn name(row: &Row) -> String {
    row.string(0).or_else(|_| row.int(0).map(|id| id.to_string())).unwrap_or_default()
}

fn written(key: &Val) -> String {
    match key {
        Val::Int(id) => id.to_string(),
        Val::Text(id) => id.clone(),
        Val::Null | Val::Blob(_) => String::new(),
    }
}

fn content(read: Result<String, Odd>) -> Content {
    read.map_or_else(|Odd(why)| Content::Unreadable(why), Content::Digest)
}

/// Makes a digest of a row.
type Read = fn(&Row) -> Result<String, Odd>;

/// Why a row is not what it should be.
pub struct Odd(pub String);

impl<E: std::fmt::Display> From<E> for Odd {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

fn audit(row: &Row) -> Result<String, Odd> {
    let row = AuditRow {
        id: row.int(0)?,
        at: row.int(1)?,
        actor: row.string(2)?,
        action: row.string(3)?,
        subject: row.string(4)?,
        customer: row.opt_string(5)?,
        detail: row.string(6)?,
    };
    Ok(canonical::digest(&row)?)
}

/// The digest of its body, as long as what stands beside the body is what the body says.
fn capsule(row: &Row) -> Result<String, Odd> {
    let body = row.text(8)?;
    let capsule: Capsule = serde_json::from_str(body)?;
    let is_same = row.text(0)? == capsule.id.0
        && row.text(1)? == capsule.run.0
        && row.text(2)? == capsule.step
        && row.opt_string(3)? == capsule.incident
        && row.opt_string(4)? == capsule.customer
        && row.text(5)? == capsule.host
        && row.micros(6)? == capsule.ended_at
        && row.bool(7)? == capsule.output.each().next().is_some();
    if is_same {
        Ok(Hash::of(body.as_bytes()).to_string())
    } else {
        Err(Odd("its row says another thing than its body".to_owned()))
    }
}

fn anchor(row: &Row) -> Result<String, Odd> {
    let row = AnchorRow {
        number: row.int(0)?,
        at: row.int(1)?,
        way: row.string(2)?,
        place: row.string(3)?,
        note: row.string(4)?,
    };
    Ok(canonical::digest(&row)?)
}
