//! Giving a job back that was claimed and not begun: a process that stops leaves no lease for others to wait for.

use super::Claimed;
use crate::{StoreError, Tx, vals};

/// The job is ready again at once, as if it had never been claimed, but for the try that says so. Only before anything
/// was sent: afterwards nobody may pretend to know that nothing happened.
pub async fn give_back(tx: &mut Tx, job: &Claimed) -> Result<(), StoreError> {
    let now = tx.now();
    let changed = tx
        .exec(
            "UPDATE job SET state = 'ready', lease_until = NULL WHERE id = ?1 AND token = ?2 AND state = 'leased'",
            vals![job.id, job.token],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::LeaseLost(job.id));
    }
    tx.exec(
        "UPDATE attempt SET ended_at = ?3, outcome = 'later', detail = ?4 WHERE job = ?1 AND token = ?2",
        vals![job.id, job.token, now, "given back: the process was stopping, nothing was begun"],
    )
    .await?;
    Ok(())
}
