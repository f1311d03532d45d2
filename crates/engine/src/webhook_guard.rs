//! Loads what the webhook guard has to know, and writes what it decides: states, gaps, actions. Decides nothing itself.

use crate::{Settings, poll, read};
use duties::webhook_guard::{self, DUTY, Gap, Health, State, VERSION, View};
use model::Micros;
use model::connection::SubscriptionsState;
use store::actions::Doing;
use store::{StoreError, Tx, duty_state, gaps, heard, receipts, unheard};

/// Changes that are older tell nothing of how things are now.
const MEMORY_S: i64 = 86_400;

/// Stands for whatever subscription there is, where none may be listed and none was heard yet.
const UNLISTED: &str = "unlisted";

/// A look at the subscriptions was read.
pub async fn look(tx: &mut Tx, look: &SubscriptionsState, settings: &Settings, doing: Doing) -> Result<(), StoreError> {
    let looked_at = look.looked_at.unwrap_or_else(|| tx.now());
    unheard::forget(tx, looked_at.plus_s(-MEMORY_S)).await?;
    let any_good_at = receipts::last_webhook(tx).await?;
    for subscription in ours(tx, look, settings).await? {
        let before: Option<State> = duty_state::get(tx, DUTY, &subscription, VERSION).await?;
        let before = before.unwrap_or_default();
        // What was missed before it was last mended is no sign of how it is now.
        let mut since = before.since.unwrap_or(Micros(0)).max(looked_at.plus_s(-MEMORY_S));
        // Where nothing is listed, only silence all round counts: from the last delivery on, in the log's whole seconds.
        if let (true, Some(good)) = (look.is_refused, any_good_at) {
            since = since.max(good.floor_s());
        }
        let (unheard, first_unheard_at) =
            unheard::between(tx, since, looked_at.plus_s(-settings.webhook_late_s)).await?;
        let view = View {
            subscription: &subscription,
            seen: look.seen.iter().find(|one| one.id == subscription),
            is_refused: look.is_refused,
            is_replaced: is_replaced(look, &subscription),
            last_good_at: heard::last(tx, &subscription).await?,
            any_good_at,
            unheard,
            first_unheard_at,
            looked_at,
            late_s: settings.webhook_late_s,
            may_enable: doing == Doing::Really,
        };
        let verdict = webhook_guard::decide(&before, &view);
        tell(&subscription, &before, &verdict);
        match &verdict.gap {
            Some(Gap::Opens { id, why, since }) => {
                gaps::open(tx, id, &subscription, why.as_str(), *since).await?;
            }
            Some(Gap::Ends { id, until }) => {
                poll::begin_pass(tx, id, *until).await?;
            }
            None => {}
        }
        duty_state::set(tx, DUTY, &subscription, VERSION, &verdict.state).await?;
        read::apply(tx, verdict.decision, doing).await?;
    }
    Ok(())
}

/// What changed, once.
fn tell(subscription: &str, before: &State, verdict: &webhook_guard::Verdict) {
    let health = verdict.state.health;
    if health != before.health {
        let (was, is) = (before.health.as_str(), health.as_str());
        if health == Health::Ok {
            tracing::info!(subscription, was, "the webhook subscription is well again");
        } else {
            tracing::warn!(subscription, was, is, "the webhook subscription is not well: the log is read meanwhile");
        }
    }
    for action in &verdict.decision.actions {
        tracing::info!(subscription, action = action.effect.name(), "the webhook guard acts, as its mode allows");
    }
}

/// By its address, by configuration, by a good delivery, or because it was ours before.
async fn ours(tx: &mut Tx, look: &SubscriptionsState, settings: &Settings) -> Result<Vec<String>, StoreError> {
    let mut ours: Vec<String> = look.seen.iter().filter(|one| one.is_ours).map(|one| one.id.clone()).collect();
    ours.extend(settings.webhook_subscriptions.iter().cloned());
    ours.extend(duty_state::subjects(tx, duties::intake_guard::DUTY).await?);
    ours.extend(duty_state::subjects(tx, DUTY).await?);
    ours.sort();
    ours.dedup();
    if ours.is_empty() && look.is_refused && !settings.webhook_secrets.is_empty() {
        ours.push(UNLISTED.to_owned());
    }
    Ok(ours)
}

fn is_replaced(look: &SubscriptionsState, gone: &str) -> bool {
    look.seen.iter().any(|one| one.is_ours && one.id != gone && one.active && !one.temporarily_disabled)
}
