//! The running account: what was received, counted in the intake's own commit, against the rows that are there.

use crate::{StoreError, Tx, vals};
use model::{Micros, Scope};

/// Two independent counts side by side; `lost` is what the first has and the second lacks, and must be 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Acknowledged signals, repeats included.
    pub received: i64,
    pub duplicates: i64,
    /// Rows in the inbox, ever.
    pub rows: i64,
    pub waiting: i64,
    /// Authentic signals that nobody can read.
    pub unreadable: i64,
    /// Signals whose reading fails by our own fault.
    pub dead_signals: i64,
    /// Jobs that are not tried again unless a person says so.
    pub dead: i64,
    pub last_webhook_at: Option<Micros>,
}

impl Account {
    pub const fn lost(&self) -> i64 {
        let lost = self.received - self.duplicates - self.rows;
        if lost < 0 { 0 } else { lost }
    }

    pub const fn processed(&self) -> i64 {
        self.rows - self.waiting
    }
}

/// The account. It counts signals, not their content; what a person may see of a customer does not change it.
pub async fn count(tx: &mut Tx, _scope: &Scope) -> Result<Account, StoreError> {
    let sums = tx
        .sure("SELECT CAST(coalesce(sum(received), 0) AS BIGINT), CAST(coalesce(sum(duplicates), 0) AS BIGINT) FROM receipt", &[])
        .await?;
    let rows = tx.sure("SELECT count(*) FROM inbox", &[]).await?.int(0)?;
    let waiting = tx.sure("SELECT count(*) FROM inbox WHERE state = 'new'", &[]).await?.int(0)?;
    let unreadable = tx.sure("SELECT count(*) FROM inbox WHERE state = 'unreadable'", &[]).await?.int(0)?;
    let dead_signals = tx.sure("SELECT count(*) FROM inbox WHERE state = 'dead'", &[]).await?.int(0)?;
    let dead = tx.sure("SELECT count(*) FROM job WHERE state = 'dead'", &[]).await?.int(0)?;
    let last = tx
        .sure("SELECT max(last_at) FROM receipt WHERE source = ?1", vals![model::signal::source::PAGERDUTY_WEBHOOK])
        .await?
        .opt_micros(0)?;
    Ok(Account {
        received: sums.int(0)?,
        duplicates: sums.int(1)?,
        rows,
        waiting,
        unreadable,
        dead_signals,
        dead,
        last_webhook_at: last,
    })
}

/// The sources that ever sent something. Whose doors are in use tells nothing of a customer.
pub async fn list_sources(tx: &mut Tx, _scope: &Scope) -> Result<Vec<String>, StoreError> {
    tx.all("SELECT DISTINCT source FROM receipt ORDER BY source", &[]).await?.iter().map(|row| row.string(0)).collect()
}
