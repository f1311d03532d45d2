//! How a check of the record is told: to people in lines, to programs as one JSON value.

use super::Keys;
use super::record::Checked;
use crate::cli::backfill::grouped;
use model::chain::AnchorRow;
use model::chain::checkpoint::Note;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// People read the first faults; a program gets all.
const MOST_LINES: usize = 20;

fn count(n: u64) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

pub fn text(checked: &Checked, keys: &Keys) -> String {
    let (verdict, counts) = (&checked.verdict, &checked.verdict.counts);
    let kinds: Vec<String> = counts.by_kind.iter().map(|(kind, n)| format!("{} {kind}", count(*n))).collect();
    let mut lines = vec![format!("entries: {} ({})", count(counts.entries), kinds.join(", "))];
    lines.push(format!(
        "outputs: {} checked, of which {} were given up by retention",
        count(counts.outputs),
        count(counts.outputs_expired)
    ));
    lines.push(format!("head of the chain: {}", verdict.head));
    lines.push(last(checked));
    if checked.waiting.0 > 0 {
        let since = checked.waiting.1.map_or_else(String::new, |at| format!(", the oldest since {at}"));
        lines.push(format!("written and not entered yet: {}{since}", grouped(checked.waiting.0)));
    }
    lines.extend(checked.anchors.iter().map(anchor));
    if checked.anchors.is_empty() {
        lines.push("shown outside: nowhere yet; without that nobody can prove that the end was not cut off by somebody with the key".to_owned());
    }
    lines.extend(signers(checked, keys).into_iter().map(|key| format!("believed: {key}")));
    lines.push(String::new());
    lines.push(faults(checked));
    lines.join("\n")
}

fn last(checked: &Checked) -> String {
    let Some(row) = &checked.last else { return "last checkpoint: none yet, so that nothing is signed".to_owned() };
    let Some(note) = Note::parse(&row.note) else {
        return format!("last checkpoint: {}, which can't be read", row.number);
    };
    let unsigned = checked.verdict.counts.unsigned;
    let since = if unsigned == 0 { String::new() } else { format!("; {} entries came after it", count(unsigned)) };
    format!(
        "last checkpoint: {}, over {} entries, {}{since}",
        row.number,
        count(note.checkpoint.size),
        note.checkpoint.at
    )
}

/// What to compare by eye with what stands outside.
fn anchor(row: &AnchorRow) -> String {
    let mut text =
        format!("shown outside: {} {}, as anchor {}; compare what stands there with:", row.way, row.place, row.number);
    for line in row.note.trim_end().lines() {
        let _ = write!(text, "\n  {line}");
    }
    text
}

/// As the record's own checkpoints call the signer.
fn signers(checked: &Checked, keys: &Keys) -> Vec<String> {
    let name = checked.last.as_ref().and_then(|row| Note::parse(&row.note)).map(|note| note.signer);
    keys.named(&name.unwrap_or_default()).iter().map(|key| key.text()).collect()
}

fn faults(checked: &Checked) -> String {
    let verdict = &checked.verdict;
    if verdict.is_whole() {
        return "The record is whole: nothing in it was changed, added, removed or moved since it was entered."
            .to_owned();
    }
    let mut lines: Vec<String> =
        verdict.faults.iter().take(MOST_LINES).map(|fault| format!("fault: {fault}")).collect();
    let more = (verdict.faults.len() - lines.len()) as u64 + verdict.unnamed;
    if more > 0 {
        lines.push(format!("and {} more; --json names them", count(more)));
    }
    lines.join("\n")
}

pub fn as_json(checked: &Checked, keys: &Keys) -> String {
    let verdict = &checked.verdict;
    let faults: Vec<Value> = verdict
        .faults
        .iter()
        .map(|fault| {
            let mut value = json!(fault);
            value["text"] = json!(fault.to_string());
            value
        })
        .collect();
    let anchors: Vec<Value> = checked.anchors.iter().map(|row| json!(row)).collect();
    json!({
        "whole": verdict.is_whole(),
        "counts": verdict.counts,
        "head": verdict.head,
        "root": verdict.root,
        "checkpoints": checked.checkpoints,
        "last_checkpoint": checked.last,
        "waiting": checked.waiting.0,
        "anchors": anchors,
        "keys": signers(checked, keys),
        "faults": faults,
        "unnamed": verdict.unnamed,
    })
    .to_string()
}
