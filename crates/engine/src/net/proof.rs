//! Mails whose sender only SPF and DKIM can prove: DNS has its chance before they count as unproven, also when we were down
//! while their grace time ran; and what it says later counts as well. Asks no DNS itself.

use super::arrive;
use crate::Settings;
use duties::safety_net::{arrive as decide, register};
use model::mail::{Ledger, Reason, State, Trust};
use store::mails::{self, Standing, Whole};
use store::{StoreError, Tx, nets};

/// From the first look at a mail whose time is over, DNS has so long.
const WITHIN_S: i64 = 20;
const LOOK_AGAIN_MS: i64 = 1_000;

/// Whether the verdict waits for DNS; it is then looked at again in a moment.
pub async fn is_awaited(tx: &mut Tx, mail: &Whole) -> Result<bool, StoreError> {
    let (item, now) = (&mail.item, tx.now());
    if item.trust != Trust::Waiting || item.judged_at.is_some_and(|first| now.since(first) >= WITHIN_S * 1_000_000) {
        return Ok(false);
    }
    mails::look_first(tx, item.id, now.plus_ms(LOOK_AGAIN_MS)).await?;
    Ok(true)
}

/// What follows from DNS's word for a mail as it stands by now.
pub async fn follow(
    tx: &mut Tx,
    settings: &Settings,
    mail: &Whole,
    (trust, why): (Trust, &str),
) -> Result<(), StoreError> {
    let item = &mail.item;
    match (item.state, item.ledger, &item.reason) {
        (State::Recovery, Ledger::Expected, _) | (State::Recovery, _, Reason::OverUntrusted { .. }) => {
            let first = decide::recovery(trust, why);
            mails::stand(tx, item.id, &Standing::of(first.ledger, first.reason)).await?;
            match (&item.net, trust) {
                (Some(net), Trust::Trusted) => arrive::over(tx, net, item.received_at).await,
                _ => Ok(()),
            }
        }
        (State::Problem | State::Unknown, Ledger::Missing | Ledger::Unreadable, _) => {
            may_more_now(tx, settings, mail, trust).await
        }
        _ => Ok(()),
    }
}

/// A mail that lacks an incident was held back for its sender's sake: it is judged once more, and may be registered then.
async fn may_more_now(tx: &mut Tx, settings: &Settings, mail: &Whole, trust: Trust) -> Result<(), StoreError> {
    let item = &mail.item;
    let allowed = |trust| register::allowed(&settings.net, trust, false);
    if allowed(trust) <= allowed(item.trust) {
        return Ok(());
    }
    let Some(id) = &item.net else { return Ok(()) };
    let lasts = nets::get(tx, id).await?.is_some_and(|net| net.open_since.is_some() && !net.registration.is_live());
    if lasts {
        let now = tx.now();
        mails::expect(tx, item.id, now, &Reason::Asked).await?;
    }
    Ok(())
}
