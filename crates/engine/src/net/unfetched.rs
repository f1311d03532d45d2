//! Mails that lie in a bucket and were not given to us: an alert of unknown kind stands in the place of each, so that none is
//! lost in silence. Fetches nothing.

use super::AT_ONCE;
use crate::post;
use model::signal::Origin;
use store::{StoreError, Tx, jobs};

/// A mail that is not given at once has so long before somebody has to hear of it.
const WITHIN_S: i64 = 120;

/// Says how many alerts stand in mails' places from now on.
pub async fn stand_in(tx: &mut Tx) -> Result<i64, StoreError> {
    let before = tx.now().plus_s(-WITHIN_S);
    let mut made = 0;
    for mail in jobs::unfetched(tx, before, AT_ONCE).await? {
        if !jobs::stood_in(tx, mail.job).await? {
            continue;
        }
        let (envelope, raw) = post::in_place_of(&mail);
        post::insert(tx, &envelope, raw, Origin::Live).await?;
        tracing::warn!(bucket = mail.bucket, object = mail.object, why = mail.why, "a mail can't be fetched");
        made += 1;
    }
    Ok(made)
}
