//! Writes an incident as folded: its row, its state, its people, its words. What did not change is not written: most
//! signals change an instant and the state, and every index left alone is time for the next signal.

use super::{choices, links};
use crate::search::{self, Words, grams};
use crate::{StoreError, Tx, vals};
use model::Micros;
use model::incident::Incident;

/// Slots of one second of creation.
pub(super) const SECOND: i64 = 1_000_000;

/// The first slot of the second in which something was created.
pub(super) const fn second(at: Micros) -> i64 {
    at.0.div_euclid(SECOND) * SECOND
}

/// What an incident is written from, in columns.
struct Columns<'a> {
    incident: &'a Incident,
    customer: Option<&'a str>,
    facts: i64,
    read_at: Option<Micros>,
    created_at: Micros,
    service_name: &'a str,
    merged_into: Option<&'a str>,
    indexed: i64,
}

/// What the row says before it is written.
struct Kept {
    slot: i64,
    number: Option<i64>,
    status: String,
    service_name: String,
    merged_into: Option<String>,
    customer: Option<String>,
    indexed: Option<i64>,
}

enum Inserted {
    At(i64),
    /// Somebody else was faster.
    Not(Kept),
}

/// Writes an incident as folded, with its customer.
pub async fn save(
    tx: &mut Tx,
    incident: &Incident,
    customer: Option<&str>,
    facts: usize,
    read_at: Option<Micros>,
) -> Result<(), StoreError> {
    let words = words(incident, customer);
    let columns = Columns::of(incident, customer, facts, read_at, words.digest());
    let kept = match kept(tx, &incident.data.id).await? {
        Some(kept) => kept,
        None => match insert(tx, &columns).await? {
            Inserted::At(slot) => return added(tx, slot, &columns, &words).await,
            Inserted::Not(kept) => kept,
        },
    };
    changed(tx, &kept, &columns, &words).await
}

fn words<'a>(incident: &'a Incident, customer: Option<&'a str>) -> Words<'a> {
    let data = &incident.data;
    let mut teams: Vec<&str> = data.teams.iter().map(|t| t.id.as_str()).filter(|id| !id.is_empty()).collect();
    teams.sort_unstable();
    teams.dedup();
    Words {
        id: &data.id,
        number: data.number,
        title: &data.title,
        urgency: data.urgency.as_str(),
        service: data.service.as_ref().map(|s| s.id.as_str()),
        customer,
        teams,
    }
}

impl<'a> Columns<'a> {
    fn of(
        incident: &'a Incident,
        customer: Option<&'a str>,
        facts: usize,
        read_at: Option<Micros>,
        indexed: i64,
    ) -> Self {
        let data = &incident.data;
        Self {
            incident,
            customer,
            facts: i64::try_from(facts).unwrap_or(i64::MAX),
            read_at,
            created_at: data.created_at.unwrap_or(incident.changed_at),
            service_name: data.service.as_ref().map_or("", |s| s.name.as_str()),
            merged_into: data.resolve_reason.as_ref().and_then(|r| r.into.as_ref()).map(|into| into.id.as_str()),
            indexed,
        }
    }

    /// Whether an index of the row has to follow.
    fn is_elsewhere(&self, kept: &Kept, slot: i64) -> bool {
        let data = &self.incident.data;
        kept.slot != slot
            || kept.indexed != Some(self.indexed)
            || kept.number != data.number
            || kept.status != data.status.as_str()
            || kept.service_name != self.service_name
            || kept.merged_into.as_deref() != self.merged_into
    }

    /// The slot that the incident would like: ordered by number within its second.
    fn slot(&self) -> i64 {
        let data = &self.incident.data;
        let tie = data.number.unwrap_or_else(|| {
            data.id.bytes().fold(0i64, |sum, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte)))
        });
        second(self.created_at) + tie.rem_euclid(SECOND)
    }
}

async fn kept(tx: &mut Tx, id: &str) -> Result<Option<Kept>, StoreError> {
    let sql = "SELECT slot, number, status, service_name, merged_into, customer, indexed FROM incident WHERE id = ?1";
    let Some(row) = tx.one(sql, vals![id]).await? else { return Ok(None) };
    Ok(Some(Kept {
        slot: row.int(0)?,
        number: row.opt_int(1)?,
        status: row.string(2)?,
        service_name: row.string(3)?,
        merged_into: row.opt_string(4)?,
        customer: row.opt_string(5)?,
        indexed: row.opt_int(6)?,
    }))
}

/// Inserts the row at its slot, or at the next free one.
async fn insert(tx: &mut Tx, columns: &Columns<'_>) -> Result<Inserted, StoreError> {
    let (data, incident) = (&columns.incident.data, columns.incident);
    let folded = grams::fold(&data.title);
    let mut slot = columns.slot();
    loop {
        let inserted = tx
            .exec(
                "INSERT INTO incident (slot, id, number, title, folded, status, urgency, service_id, service_name, \
                 priority, customer, created_at, acknowledged_at, resolved_at, changed_at, read_at, stale, facts, \
                 html_url, merged_into, indexed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
                 ?15, ?16, ?17, ?18, ?19, ?20, ?21) ON CONFLICT DO NOTHING",
                vals![
                    slot,
                    &data.id,
                    data.number,
                    &data.title,
                    &folded,
                    data.status.as_str(),
                    data.urgency.as_str(),
                    data.service.as_ref().map(|s| s.id.as_str()),
                    columns.service_name,
                    data.priority.as_ref().map(|p| p.name.as_str()),
                    columns.customer,
                    columns.created_at,
                    incident.acknowledged_at,
                    data.resolved_at,
                    incident.changed_at,
                    columns.read_at,
                    incident.stale,
                    columns.facts,
                    data.html_url.as_deref(),
                    columns.merged_into,
                    columns.indexed
                ],
            )
            .await?;
        if inserted == 1 {
            return Ok(Inserted::At(slot));
        }
        if let Some(kept) = kept(tx, &data.id).await? {
            return Ok(Inserted::Not(kept));
        }
        slot += 1;
    }
}

async fn added(tx: &mut Tx, slot: i64, columns: &Columns<'_>, words: &Words<'_>) -> Result<(), StoreError> {
    let state = serde_json::to_string(columns.incident).map_err(StoreError::shape)?;
    tx.exec("INSERT INTO incident_state (slot, state) VALUES (?1, ?2)", vals![slot, state]).await?;
    links::save(tx, slot, columns.incident, true).await?;
    search::write(tx, slot, words, &grams::fold(words.title), false).await?;
    keep_choices(tx, columns, words).await
}

async fn changed(tx: &mut Tx, kept: &Kept, columns: &Columns<'_>, words: &Words<'_>) -> Result<(), StoreError> {
    let slot = match second(Micros(kept.slot)) == second(columns.created_at) {
        true => kept.slot,
        false => move_away(tx, kept, columns).await?,
    };
    let state = serde_json::to_string(columns.incident).map_err(StoreError::shape)?;
    tx.exec("UPDATE incident_state SET state = ?2 WHERE slot = ?1", vals![slot, state]).await?;
    touch(tx, slot, columns).await?;
    let is_reworded = kept.indexed != Some(columns.indexed);
    if columns.is_elsewhere(kept, slot) {
        rewrite(tx, slot, columns).await?;
    }
    if is_reworded || slot != kept.slot {
        let is_known = kept.indexed.is_some() && slot == kept.slot;
        search::write(tx, slot, words, &grams::fold(words.title), is_known).await?;
    }
    let news = links::save(tx, slot, columns.incident, false).await?;
    if is_reworded || kept.service_name != columns.service_name || kept.customer.as_deref() != columns.customer {
        return keep_choices(tx, columns, words).await;
    }
    for (kind, other) in news {
        if kind == links::ASSIGNEE || kind == links::TEAM {
            choices::keep(tx, kind, columns.customer, &other.id, &other.name).await?;
        }
    }
    Ok(())
}

/// It turned out when it was created: its rows go where their order says. Its words are written anew.
async fn move_away(tx: &mut Tx, kept: &Kept, columns: &Columns<'_>) -> Result<i64, StoreError> {
    let mut slot = columns.slot();
    while tx.one("SELECT 1 FROM incident WHERE slot = ?1", vals![slot]).await?.is_some() {
        slot += 1;
    }
    if kept.indexed.is_some() {
        search::clear(tx, kept.slot).await?;
    }
    for table in ["incident", "incident_state", "incident_link"] {
        tx.exec(&format!("UPDATE {table} SET slot = ?2 WHERE slot = ?1"), vals![kept.slot, slot]).await?;
    }
    Ok(slot)
}

/// What nearly every signal changes; of the indexes, only that of the last change follows.
async fn touch(tx: &mut Tx, slot: i64, columns: &Columns<'_>) -> Result<(), StoreError> {
    let (data, incident) = (&columns.incident.data, columns.incident);
    tx.exec(
        "UPDATE incident SET priority = ?2, created_at = ?3, acknowledged_at = ?4, resolved_at = ?5, changed_at = ?6, \
         read_at = coalesce(?7, read_at), stale = ?8, facts = ?9, html_url = ?10, hidden_at = NULL, asked_at = NULL WHERE slot = ?1",
        vals![
            slot,
            data.priority.as_ref().map(|p| p.name.as_str()),
            columns.created_at,
            incident.acknowledged_at,
            data.resolved_at,
            incident.changed_at,
            columns.read_at,
            incident.stale,
            columns.facts,
            data.html_url.as_deref()
        ],
    )
    .await?;
    Ok(())
}

/// What lists filter and sort by, and what is searched.
async fn rewrite(tx: &mut Tx, slot: i64, columns: &Columns<'_>) -> Result<(), StoreError> {
    let data = &columns.incident.data;
    tx.exec(
        "UPDATE incident SET number = ?2, title = ?3, folded = ?4, status = ?5, urgency = ?6, service_id = ?7, \
         service_name = ?8, customer = ?9, merged_into = ?10, indexed = ?11 WHERE slot = ?1",
        vals![
            slot,
            data.number,
            &data.title,
            grams::fold(&data.title),
            data.status.as_str(),
            data.urgency.as_str(),
            data.service.as_ref().map(|s| s.id.as_str()),
            columns.service_name,
            columns.customer,
            columns.merged_into,
            columns.indexed
        ],
    )
    .await?;
    Ok(())
}

async fn keep_choices(tx: &mut Tx, columns: &Columns<'_>, words: &Words<'_>) -> Result<(), StoreError> {
    let (data, customer) = (&columns.incident.data, columns.customer);
    if let Some(customer) = customer {
        choices::keep(tx, choices::CUSTOMER, Some(customer), customer, customer).await?;
    }
    let service = (words.service.unwrap_or_default(), columns.service_name);
    choices::keep_name(tx, customer, service, &words.teams).await?;
    let service = data.service.iter().map(|s| (choices::SERVICE, s));
    let teams = data.teams.iter().map(|t| (links::TEAM, t));
    let people = data.assignees.iter().map(|a| (links::ASSIGNEE, a));
    for (kind, other) in service.chain(teams).chain(people) {
        if !other.id.is_empty() {
            choices::keep(tx, kind, customer, &other.id, &other.name).await?;
        }
    }
    Ok(())
}
