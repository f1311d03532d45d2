//! What a person decided or asked for, put into the inbox as a signal in the transaction of its audit row. Knows no act by name.

use crate::auth::Reader;
use crate::pages::Decided;
use duties::safety_net::desk::{Act, Said};
use model::signal::{Key, Origin, Signal, digest, source};
use serde_json::Value;
use store::{StoreError, Tx, audit, inbox};

/// How the audit calls an act, what it is about and whose that is.
pub(in crate::pages) struct Meant {
    pub action: &'static str,
    pub subject: String,
    pub customer: Option<String>,
    /// What else the audit row says.
    pub trail: Value,
}

/// Takes an act on, once for a nonce.
pub(in crate::pages) async fn keep(
    tx: &mut Tx,
    by: &Reader,
    act: Act,
    nonce: &str,
    meant: &Meant,
) -> Result<Decided, StoreError> {
    let said = Said { by: by.person.name.clone(), account: by.person.actor(), act };
    let raw = serde_json::to_vec(&said).map_err(|error| StoreError::Bug(error.to_string()))?;
    let signal = Signal {
        source: source::DESK,
        // With what was decided: another button of the same page is another decision.
        key: Key::of(source::DESK, &[nonce.as_bytes(), &raw]),
        digest: digest(&raw),
        received_at: tx.now(),
        origin: Origin::Live,
        raw,
        headers: "{}".into(),
    };
    if !inbox::insert(tx, &signal).await? {
        return Ok(Decided::Again);
    }
    let actor = by.person.actor();
    audit::add(tx, &actor, meant.action, &meant.subject, meant.customer.as_deref(), &meant.trail).await?;
    Ok(Decided::New)
}
