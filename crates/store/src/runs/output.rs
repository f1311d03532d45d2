//! The beginning of what a step said, redacted, in pieces as they came: the page shows it while the step runs, and it is what is
//! kept of a step whose worker died. All of it lies in the evidence store.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub piece: i64,
    /// out or err.
    pub stream: String,
    pub at: Micros,
    pub body: Vec<u8>,
}

pub async fn add_output(
    tx: &mut Tx,
    run: i64,
    n: i64,
    piece: i64,
    stream: &str,
    body: &[u8],
) -> Result<(), StoreError> {
    // SQLite's part of nothing is no bytes but NULL.
    if body.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    tx.exec(
        "INSERT INTO run_output (run, n, piece, stream, at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (run, n, piece) DO NOTHING",
        vals![run, n, piece, stream, now, body],
    )
    .await?;
    Ok(())
}

/// For whoever carries the run out: what came of a step.
pub async fn pieces(tx: &mut Tx, run: i64, n: i64) -> Result<Vec<Piece>, StoreError> {
    let sql = "SELECT piece, stream, at, body FROM run_output WHERE run = ?1 AND n = ?2 ORDER BY piece";
    tx.all(sql, vals![run, n]).await?.iter().map(read).collect()
}

/// What came of a step, for whoever looks.
pub async fn output(tx: &mut Tx, scope: &Scope, run: i64, n: i64) -> Result<Vec<Piece>, StoreError> {
    output_after(tx, scope, run, n, -1).await
}

/// What came after this piece.
pub async fn output_after(tx: &mut Tx, scope: &Scope, run: i64, n: i64, after: i64) -> Result<Vec<Piece>, StoreError> {
    let mut vals = vals![run, n, after].to_vec();
    let clause = scope_clause(scope, "s.customer", &mut vals);
    let sql = format!(
        "SELECT o.piece, o.stream, o.at, o.body FROM run_output o JOIN run_step s ON s.run = o.run AND s.n = o.n \
         WHERE o.run = ?1 AND o.n = ?2 AND o.piece > ?3 AND {clause} ORDER BY o.piece"
    );
    tx.all(&sql, &vals).await?.iter().map(read).collect()
}

/// The pieces of runs that ended before this are no longer needed: all of it lies in the evidence store. At most so many steps;
/// gives how many.
pub async fn forget_output(tx: &mut Tx, before: Micros, most: i64) -> Result<u64, StoreError> {
    tx.exec(
        "DELETE FROM run_output WHERE (run, n) IN (SELECT s.run, s.n FROM run_step s JOIN run r ON r.id = s.run \
         WHERE r.ended_at < ?1 AND s.output <> '{}' \
         AND EXISTS (SELECT 1 FROM run_output o WHERE o.run = s.run AND o.n = s.n) LIMIT ?2)",
        vals![before, most],
    )
    .await
}

fn read(row: &Row) -> Result<Piece, StoreError> {
    Ok(Piece { piece: row.int(0)?, stream: row.string(1)?, at: row.micros(2)?, body: row.blob(3)?.to_vec() })
}
