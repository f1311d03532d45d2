//! Looks for words in what hosts said: from the latest run back, within a bound of runs and bytes, and says how far it looked. What
//! is no longer in the database is not found: only its beginning ever was there.

use super::{Filter, Run, list};
use crate::search::grams::{self, Term};
use crate::{StoreError, Tx, many};
use model::Scope;
use std::collections::BTreeMap;

/// Runs whose output is held in memory at once.
const AT_ONCE: i64 = 8;
/// Of what was said, so much is looked at in one search.
const MOST_BYTES: usize = 16 << 20;
const MOST_LINE_CHARS: usize = 300;

/// A run in which a step said all the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub run: Run,
    /// The step.
    pub n: i64,
    pub stream: String,
    /// The line with the first of the words.
    pub line: String,
}

/// What was found, and how far was looked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    pub hits: Vec<Hit>,
    /// Runs that were looked through.
    pub looked: i64,
    /// Where to go on; `None`: there is no run before.
    pub before: Option<i64>,
}

/// At most so many runs, of at most `most_runs` that are looked through.
pub async fn search(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    text: &str,
    (limit, most_runs): (usize, i64),
) -> Result<Hits, StoreError> {
    let terms = grams::terms(text);
    let (mut found, mut bytes) = (Hits::default(), 0);
    let mut from = filter.clone();
    while !terms.is_empty() {
        let some = list(tx, scope, &from, AT_ONCE).await?;
        let said = said(tx, &some).await?;
        for run in &some {
            let own = said.range((run.id, 0, String::new())..(run.id + 1, 0, String::new()));
            for ((_, n, stream), body) in own {
                bytes += body.len();
                if let Some(line) = line_with(&terms, body) {
                    found.hits.push(Hit { run: run.clone(), n: *n, stream: stream.clone(), line });
                    break;
                }
            }
            found.looked += 1;
            from.before = Some(run.id);
            if found.hits.len() >= limit || found.looked >= most_runs || bytes >= MOST_BYTES {
                return Ok(Hits { before: from.before, ..found });
            }
        }
        if (some.len() as i64) < AT_ONCE {
            return Ok(found);
        }
    }
    Ok(found)
}

type Said = BTreeMap<(i64, i64, String), Vec<u8>>;

/// What the steps of these runs said, each stream in one piece: a word may lie across two.
async fn said(tx: &mut Tx, of: &[Run]) -> Result<Said, StoreError> {
    let ids: Vec<i64> = of.iter().map(|run| run.id).collect();
    let sql =
        format!("SELECT run, n, stream, body FROM run_output WHERE run IN ({}) ORDER BY run, n, piece", many::marks());
    let mut said = Said::new();
    for group in many::groups(&ids) {
        for row in tx.all(&sql, &group).await? {
            let of = (row.int(0)?, row.int(1)?, row.string(2)?);
            said.entry(of).or_default().extend_from_slice(row.blob(3)?);
        }
    }
    Ok(said)
}

/// The line with the first word, if every word is somewhere in it all.
fn line_with(terms: &[Term], body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    // Folding makes one line of many.
    let folded: Vec<String> = text.lines().map(grams::fold).collect();
    let has = |term: &Term| folded.iter().position(|line| line.contains(&term.text));
    let first = terms.first().and_then(has)?;
    if !terms.iter().all(|term| has(term).is_some()) {
        return None;
    }
    Some(text.lines().nth(first)?.chars().take(MOST_LINE_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_in_what_one_stream_said_and_spelling_does_not_count() {
        let line = |text: &str, body: &str| line_with(&grams::terms(text), body.as_bytes());
        let said = "first\nERROR: ﾃﾞｨｽｸ full on /VAR\nlast line\n";
        assert_eq!(line("error", said).as_deref(), Some("ERROR: ﾃﾞｨｽｸ full on /VAR"));
        assert_eq!(line("ディスク last", said).as_deref(), Some("ERROR: ﾃﾞｨｽｸ full on /VAR"));
        assert_eq!(line("error nowhere", said), None);
        assert_eq!(line("full\u{3000}var", said).as_deref(), Some("ERROR: ﾃﾞｨｽｸ full on /VAR"));
        assert_eq!(line_with(&grams::terms("x"), b"\xff\0x").as_deref(), Some("\u{FFFD}\0x"));
    }
}
