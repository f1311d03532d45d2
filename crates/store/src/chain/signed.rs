//! Checkpoints and anchors: what was signed of the chain, and what of that was shown outside. Signs nothing itself.

use super::content::Odd;
use super::{entries, wait};
use crate::{Row, StoreError, Tx, vals};
use model::Micros;
use model::canonical;
use model::chain::checkpoint::{Checkpoint, Note};
use model::chain::merkle::{Peaks, leaf};
use model::chain::{AnchorRow, CheckpointRow, Entry, Hash, kind};

const CHECKPOINT: &str = "number, at, size, note, peaks";
const ANCHOR: &str = "number, at, way, place, note";
/// Entries read at once.
const AT_ONCE: i64 = 1_000;

/// What the next checkpoint is to say, before it is dated and signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub number: i64,
    /// Of the checkpoint before it; `None`: it is the first.
    pub origin: Option<String>,
    pub root: Hash,
    pub head: Hash,
    pub peaks: Peaks,
}

impl Draft {
    /// What is to be signed.
    pub fn checkpoint(&self, origin: &str, at: Micros) -> Checkpoint {
        let origin = self.origin.clone().unwrap_or_else(|| origin.to_owned());
        Checkpoint { origin, size: self.peaks.size(), root: self.root, head: self.head, at }
    }
}

/// When the next checkpoint is due: so many entries, or so long after the last one if there is any entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub entries: i64,
    pub after_s: i64,
}

/// The next checkpoint, if it is due. Entries of checkpoints alone make none, or each would make the next.
pub async fn next_checkpoint(tx: &mut Tx, due: Due) -> Result<Option<Draft>, StoreError> {
    let last = last_checkpoint(tx).await?;
    let mut peaks = match &last {
        Some(last) => begun(tx, last).await?,
        None => Peaks::default(),
    };
    let mut new = New { count: 0, is_any: false, head: Hash::NONE };
    // However much was entered at once, one checkpoint is over all of it.
    while fresh(tx, &mut peaks, &mut new, AT_ONCE).await? == AT_ONCE {}
    let is_time = last.as_ref().is_none_or(|last| tx.now() >= Micros(last.at).plus_s(due.after_s));
    if !new.is_any || !(is_time || new.count >= due.entries) {
        return Ok(None);
    }
    let number = last.as_ref().map_or(1, |last| last.number + 1);
    let origin = last.and_then(|last| Some(Note::parse(&last.note)?.checkpoint.origin));
    Ok(Some(Draft { number, origin, root: peaks.root(), head: new.head, peaks }))
}

struct New {
    count: i64,
    /// Any entry that is none of a checkpoint.
    is_any: bool,
    head: Hash,
}

/// Goes on with the tree by some entries; says how many there were.
async fn fresh(tx: &mut Tx, peaks: &mut Peaks, new: &mut New, most: i64) -> Result<i64, StoreError> {
    let from = i64::try_from(peaks.size()).map_err(StoreError::shape)?;
    let mut count = 0;
    for entry in entries(tx, from, most).await? {
        let bytes = entry.bytes().map_err(StoreError::shape)?;
        peaks.push(leaf(&bytes));
        count += 1;
        new.is_any |= is_news(&entry);
        new.head = Hash::of(&bytes);
    }
    new.count += count;
    Ok(count)
}

fn is_news(entry: &Entry) -> bool {
    entry.kind != kind::CHECKPOINT
}

/// The tree as it was at a checkpoint. What is kept of it is believed only if it fits what was signed; else it is made anew
/// from all entries.
async fn begun(tx: &mut Tx, last: &CheckpointRow) -> Result<Peaks, StoreError> {
    let sql = format!("SELECT {CHECKPOINT} FROM checkpoint WHERE number = ?1");
    let row = tx.sure(&sql, vals![last.number]).await?;
    if let Ok(peaks) = peaks(&row) {
        return Ok(peaks);
    }
    let (mut peaks, mut old, mut left) =
        (Peaks::default(), New { count: 0, is_any: false, head: Hash::NONE }, row.int(2)?);
    while left > 0 {
        let came = fresh(tx, &mut peaks, &mut old, left.min(AT_ONCE)).await?;
        left = if came == 0 { 0 } else { left - came };
    }
    Ok(peaks)
}

/// What a row keeps of the tree, held against its note.
fn peaks(row: &Row) -> Result<Peaks, Odd> {
    let note = Note::parse(row.text(3)?).ok_or_else(|| Odd("its note is none".to_owned()))?;
    let texts: Vec<String> = serde_json::from_str(row.text(4)?)?;
    let roots = texts.iter().map(|text| Hash::parse(text)).collect::<Option<Vec<Hash>>>();
    let peaks = roots.and_then(|roots| Peaks::new(note.checkpoint.size, roots));
    let is_size = i64::try_from(note.checkpoint.size).is_ok_and(|size| row.int(2).is_ok_and(|own| own == size));
    peaks
        .filter(|peaks| is_size && peaks.root() == note.checkpoint.root)
        .ok_or_else(|| Odd("its row says another thing than its note".to_owned()))
}

/// The digest that a checkpoint is entered with.
pub fn digest(row: &Row) -> Result<String, Odd> {
    peaks(row)?;
    let row = CheckpointRow { number: row.int(0)?, at: row.int(1)?, note: row.string(3)? };
    Ok(canonical::digest(&row)?)
}

/// Keeps a signed checkpoint; false if somebody else has made that one.
pub async fn add_checkpoint(tx: &mut Tx, draft: &Draft, note: &Note) -> Result<bool, StoreError> {
    let roots: Vec<String> = draft.peaks.roots().iter().map(Hash::to_string).collect();
    let size = i64::try_from(note.checkpoint.size).map_err(StoreError::shape)?;
    let peaks = serde_json::to_string(&roots).map_err(StoreError::shape)?;
    let added = tx
        .exec(
            "INSERT INTO checkpoint (number, at, size, note, peaks) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (number) DO NOTHING",
            vals![draft.number, note.checkpoint.at, size, note.text(), peaks],
        )
        .await?;
    if added == 1 {
        wait(tx, kind::CHECKPOINT, &draft.number.to_string()).await?;
    }
    Ok(added == 1)
}

/// From this number on, in their order.
pub async fn checkpoints(tx: &mut Tx, from: i64, most: i64) -> Result<Vec<CheckpointRow>, StoreError> {
    let sql = format!("SELECT {CHECKPOINT} FROM checkpoint WHERE number >= ?1 ORDER BY number LIMIT ?2");
    tx.all(&sql, vals![from, most]).await?.iter().map(checkpoint).collect()
}

pub async fn last_checkpoint(tx: &mut Tx) -> Result<Option<CheckpointRow>, StoreError> {
    let sql = format!("SELECT {CHECKPOINT} FROM checkpoint ORDER BY number DESC LIMIT 1");
    tx.one(&sql, &[]).await?.map(|row| checkpoint(&row)).transpose()
}

/// Says that a checkpoint is shown outside, and where; gives its number.
pub async fn add_anchor(tx: &mut Tx, way: &str, place: &str, note: &str) -> Result<i64, StoreError> {
    tx.lock(&["record/anchor".to_owned()]).await?;
    let now = tx.now();
    let number = tx.sure("SELECT coalesce(max(number), 0) + 1 FROM anchor", &[]).await?.int(0)?;
    tx.exec(
        "INSERT INTO anchor (number, at, way, place, note) VALUES (?1, ?2, ?3, ?4, ?5)",
        vals![number, now, way, place, note],
    )
    .await?;
    wait(tx, kind::ANCHOR, &number.to_string()).await?;
    Ok(number)
}

/// From this number on, in their order.
pub async fn anchors(tx: &mut Tx, from: i64, most: i64) -> Result<Vec<AnchorRow>, StoreError> {
    let sql = format!("SELECT {ANCHOR} FROM anchor WHERE number >= ?1 ORDER BY number LIMIT ?2");
    tx.all(&sql, vals![from, most]).await?.iter().map(anchor).collect()
}

pub async fn last_anchor(tx: &mut Tx, way: &str) -> Result<Option<AnchorRow>, StoreError> {
    let sql = format!("SELECT {ANCHOR} FROM anchor WHERE way = ?1 ORDER BY number DESC LIMIT 1");
    tx.one(&sql, vals![way]).await?.map(|row| anchor(&row)).transpose()
}

fn checkpoint(row: &Row) -> Result<CheckpointRow, StoreError> {
    Ok(CheckpointRow { number: row.int(0)?, at: row.int(1)?, note: row.string(3)? })
}

fn anchor(row: &Row) -> Result<AnchorRow, StoreError> {
    Ok(AnchorRow {
        number: row.int(0)?,
        at: row.int(1)?,
        way: row.string(2)?,
        place: row.string(3)?,
        note: row.string(4)?,
    })
}
