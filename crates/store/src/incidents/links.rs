//! The people and teams of incidents, as rows that lists show and filters ask for. They follow the incident; nothing is
//! decided by them.

use super::Item;
use crate::{StoreError, Tx, many, vals};
use model::incident::{Incident, IncidentData, Ref};
use std::collections::HashMap;

const ASSIGNEE: &str = "assignee";
const HOLDER: &str = "holder";
const TEAM: &str = "team";

/// Who holds it acknowledged now, as far as that was told.
pub(super) fn holders(data: &IncidentData) -> impl Iterator<Item = &Ref> {
    data.acknowledgements.iter().flatten().map(|a| &a.by).filter(|by| !by.id.is_empty())
}

pub(super) async fn save(tx: &mut Tx, incident: &Incident) -> Result<(), StoreError> {
    let data = &incident.data;
    let wanted: Vec<(&str, &Ref)> = data
        .assignees
        .iter()
        .map(|r| (ASSIGNEE, r))
        .chain(data.teams.iter().map(|r| (TEAM, r)))
        .chain(holders(data).map(|r| (HOLDER, r)))
        .filter(|(_, r)| !r.id.is_empty())
        .collect();
    let known = tx.all("SELECT kind, other FROM incident_link WHERE incident = ?1", vals![&data.id]).await?;
    for row in &known {
        let (kind, other) = (row.text(0)?, row.text(1)?);
        if !wanted.iter().any(|(k, r)| *k == kind && r.id == other) {
            tx.exec(
                "DELETE FROM incident_link WHERE incident = ?1 AND kind = ?2 AND other = ?3",
                vals![&data.id, kind, other],
            )
            .await?;
        }
    }
    for (kind, other) in wanted {
        tx.exec(
            "INSERT INTO incident_link (incident, kind, other, name) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (incident, kind, other) DO UPDATE SET name = excluded.name",
            vals![&data.id, kind, &other.id, &other.name],
        )
        .await?;
    }
    Ok(())
}

/// Puts the people of all rows of a list into them.
pub(super) async fn fill(tx: &mut Tx, items: &mut [Item]) -> Result<(), StoreError> {
    let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
    let mut places: HashMap<String, &mut Item> = items.iter_mut().map(|item| (item.id.clone(), item)).collect();
    let sql = format!(
        "SELECT incident, kind, other, name FROM incident_link WHERE incident IN ({}) \
         AND kind IN ('{ASSIGNEE}', '{HOLDER}') ORDER BY incident, kind, name, other",
        many::marks()
    );
    for group in many::groups(&ids) {
        for row in tx.all(&sql, &group).await? {
            let Some(item) = places.get_mut(row.text(0)?) else { continue };
            let person = Ref { id: row.string(2)?, name: row.string(3)?, url: None };
            if row.text(1)? == HOLDER { item.holders.push(person) } else { item.assignees.push(person) }
        }
    }
    Ok(())
}
