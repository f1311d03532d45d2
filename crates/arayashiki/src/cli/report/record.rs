//! Hands the whole record to the verifier, a stretch at a time, each in one consistent view; goes on until it has caught up
//! with a server that writes beside it.

use super::Keys;
use super::outputs::Outputs;
use crate::cli::backfill::grouped;
use crate::cli::{Failure, say_on_stderr};
use model::Micros;
use model::chain::checkpoint::{Note, Signed, signed};
use model::chain::fault::{Verdict, Witness};
use model::chain::verify::{Claim, Content, Verifier};
use model::chain::{AnchorRow, CheckpointRow, Entry, kind};
use std::time::{Duration, Instant};
use store::{Store, StoreError, chain};

const AT_ONCE: i64 = 500;
/// Nobody reads more of what was added past the record.
const MOST_EXTRA: i64 = 1_000;
const TELL_EVERY: Duration = Duration::from_secs(4);

/// What was found, and what it was found by.
pub struct Checked {
    pub verdict: Verdict,
    pub checkpoints: i64,
    pub last: Option<CheckpointRow>,
    /// The last one of each way.
    pub anchors: Vec<AnchorRow>,
    /// Written and not entered yet, since when.
    pub waiting: (i64, Option<Micros>),
}

pub async fn check(
    store: &Store,
    keys: &Keys,
    (checkpoints, anchors): Witnesses,
    brought: &[(String, String)],
    outputs: &Option<evidence::Settings>,
) -> Result<Checked, Failure> {
    let claims = claims(&checkpoints, &anchors, brought);
    let check = |note: &Note| -> Signed { signed(note, &keys.named(&note.signer), evidence::holds) };
    let mut verifier = Verifier::new(&claims, check);
    let mut outputs = Outputs::new(outputs.clone());
    let mut told = Told { at: Instant::now(), all: store.read(|tx| Box::pin(chain::size(tx))).await? };
    let mut from = 0;
    loop {
        let entries = stretch(store, from).await?;
        let Some((last, _)) = entries.last() else { break };
        from = last.seq.saturating_add(1);
        entries.iter().for_each(|(entry, now)| verifier.entry(entry, now));
        outputs.of(store, &entries, &mut verifier, || told.tell(from)).await?;
        told.tell(from);
    }
    for kind in kind::ALL {
        let extra = store.read(move |tx| Box::pin(chain::unentered(tx, kind, MOST_EXTRA))).await?;
        extra.iter().for_each(|name| verifier.extra(kind, name));
    }
    let waiting = store.read(|tx| Box::pin(chain::waiting(tx))).await?;
    let count = i64::try_from(checkpoints.len()).unwrap_or(i64::MAX);
    let last = checkpoints.into_iter().next_back();
    Ok(Checked { verdict: verifier.finish(), checkpoints: count, last, anchors: last_of_each(anchors), waiting })
}

/// What stands at these places, and what it stands for now.
async fn stretch(store: &Store, from: i64) -> Result<Vec<(Entry, Content)>, StoreError> {
    let read = store.read(move |tx| {
        Box::pin(async move {
            let entries = chain::entries(tx, from, AT_ONCE).await?;
            let contents = chain::contents(tx, &entries).await?;
            Ok(entries.into_iter().zip(contents).collect())
        })
    });
    read.await
}

/// Signed checkpoints, and those that were shown outside.
pub type Witnesses = (Vec<CheckpointRow>, Vec<AnchorRow>);

/// All checkpoints and anchors. They are read before the entries, so that none is of an entry that was not read.
pub async fn witnesses(store: &Store) -> Result<Witnesses, Failure> {
    let (mut checkpoints, mut anchors) = (Vec::<CheckpointRow>::new(), Vec::<AnchorRow>::new());
    loop {
        let from = checkpoints.last().map_or(i64::MIN, |row| row.number.saturating_add(1));
        let more = store.read(move |tx| Box::pin(chain::checkpoints(tx, from, AT_ONCE))).await?;
        if more.is_empty() {
            break;
        }
        checkpoints.extend(more);
    }
    loop {
        let from = anchors.last().map_or(i64::MIN, |row| row.number.saturating_add(1));
        let more = store.read(move |tx| Box::pin(chain::anchors(tx, from, AT_ONCE))).await?;
        if more.is_empty() {
            break;
        }
        anchors.extend(more);
    }
    Ok((checkpoints, anchors))
}

fn claims(checkpoints: &[CheckpointRow], anchors: &[AnchorRow], brought: &[(String, String)]) -> Vec<Claim> {
    let claim = |by, note: &String, at| Claim { by, note: note.clone(), at };
    let of_checkpoints =
        checkpoints.iter().map(|row| claim(Witness::Checkpoint(row.number), &row.note, Some(Micros(row.at))));
    let of_anchors = anchors.iter().map(|row| claim(Witness::Anchor(row.number), &row.note, Some(Micros(row.at))));
    let of_files = brought.iter().map(|(name, text)| claim(Witness::Brought(name.clone()), text, None));
    of_checkpoints.chain(of_anchors).chain(of_files).collect()
}

fn last_of_each(anchors: Vec<AnchorRow>) -> Vec<AnchorRow> {
    let mut last = std::collections::BTreeMap::new();
    for row in anchors {
        last.insert(row.way.clone(), row);
    }
    last.into_values().collect()
}

/// A word every few seconds.
struct Told {
    at: Instant,
    all: i64,
}

impl Told {
    fn tell(&mut self, checked: i64) {
        if self.at.elapsed() > TELL_EVERY {
            say_on_stderr(format_args!("{} of {} entries", grouped(checked), grouped(self.all.max(checked))));
            self.at = Instant::now();
        }
    }
}
