//! The people and teams of incidents, as rows that lists show and filters ask for. They follow the incident; nothing is
//! decided by them.

use super::Item;
use crate::{StoreError, Tx, many, vals};
use model::incident::{Incident, IncidentData, Ref};
use std::collections::HashMap;

pub(super) const ASSIGNEE: &str = "assignee";
pub(super) const TEAM: &str = "team";
const HOLDER: &str = "holder";

/// Who holds it acknowledged now, as far as that was told.
pub(super) fn holders(data: &IncidentData) -> impl Iterator<Item = &Ref> {
    data.acknowledgements.iter().flatten().map(|a| &a.by).filter(|by| !by.id.is_empty())
}

/// What an incident's rows shall be, each person or team once in a kind.
fn wanted(data: &IncidentData) -> Vec<(&'static str, &Ref)> {
    let all = data.assignees.iter().map(|r| (ASSIGNEE, r)).chain(data.teams.iter().map(|r| (TEAM, r)));
    let mut wanted: Vec<(&str, &Ref)> = Vec::new();
    for (kind, other) in all.chain(holders(data).map(|r| (HOLDER, r))) {
        if !other.id.is_empty() && !wanted.iter().any(|(k, r)| *k == kind && r.id == other.id) {
            wanted.push((kind, other));
        }
    }
    wanted
}

/// Makes the rows follow the incident; gives those that are new or have a new name.
pub(super) async fn save<'a>(
    tx: &mut Tx,
    slot: i64,
    incident: &'a Incident,
    is_new: bool,
) -> Result<Vec<(&'static str, &'a Ref)>, StoreError> {
    let mut wanted = wanted(&incident.data);
    let known = match is_new {
        true => Vec::new(),
        false => tx.all("SELECT kind, other, name FROM incident_link WHERE slot = ?1", vals![slot]).await?,
    };
    for row in &known {
        let (kind, other) = (row.text(0)?, row.text(1)?);
        match wanted.iter().position(|(k, r)| *k == kind && r.id == other) {
            Some(at) if wanted[at].1.name == row.text(2)? => drop(wanted.swap_remove(at)),
            Some(_) => {}
            None => {
                let gone = "DELETE FROM incident_link WHERE slot = ?1 AND kind = ?2 AND other = ?3";
                tx.exec(gone, vals![slot, kind, other]).await?;
            }
        }
    }
    for (kind, other) in &wanted {
        tx.exec(
            "INSERT INTO incident_link (slot, kind, other, name) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (slot, kind, other) DO UPDATE SET name = excluded.name",
            vals![slot, *kind, &other.id, &other.name],
        )
        .await?;
    }
    Ok(wanted)
}

/// Puts the people of all rows of a list into them; each item comes with its slot.
pub(super) async fn fill(tx: &mut Tx, listed: Vec<(i64, Item)>) -> Result<Vec<Item>, StoreError> {
    let slots: Vec<i64> = listed.iter().map(|(slot, _)| *slot).collect();
    let (mut items, mut places) = (Vec::with_capacity(listed.len()), HashMap::new());
    for (slot, item) in listed {
        places.insert(slot, items.len());
        items.push(item);
    }
    let sql = format!(
        "SELECT slot, kind, other, name FROM incident_link WHERE slot IN ({}) \
         AND kind IN ('{ASSIGNEE}', '{HOLDER}') ORDER BY slot, kind, name, other",
        many::marks()
    );
    for group in many::groups(&slots) {
        for row in tx.all(&sql, &group).await? {
            let Some(item) = places.get(&row.int(0)?).and_then(|at| items.get_mut(*at)) else { continue };
            let person = Ref { id: row.string(2)?, name: row.string(3)?, url: None };
            if row.text(1)? == HOLDER { item.holders.push(person) } else { item.assignees.push(person) }
        }
    }
    Ok(items)
}
