//! What follows from a look at PagerDuty's webhook subscriptions: written down as they are, and told to their guard when something is, or
//! was, not well.

use super::Context;
use crate::guard::is_our_address;
use crate::interpret::Fetched;
use duties::webhook_guard;
use model::connection::{SubscriptionSeen, SubscriptionsState, poll as names};
use model::signal::Origin;
use store::{StoreError, Tx, duty_state, polls, unheard};

impl Context<'_> {
    /// What PagerDuty lists is written down; a signal is made of it only when something is, or was, not well.
    pub(super) async fn looked(
        &self,
        tx: &mut Tx,
        n: usize,
        mut seen: Vec<SubscriptionSeen>,
    ) -> Result<(), StoreError> {
        let now = tx.now();
        let learned = duty_state::subjects(tx, duties::intake_guard::DUTY).await?;
        let is_known = |id: &str| learned.iter().chain(&self.settings.webhook_subscriptions).any(|known| known == id);
        for one in &mut seen {
            one.is_ours = is_known(&one.id) || is_our_address(&self.settings.public_url, one.url.as_deref());
        }
        let state = SubscriptionsState { seen, is_refused: false, looked_at: Some(now) };
        polls::ended(tx, names::SUBSCRIPTIONS, Some(&state)).await?;
        let is_gone = |id: &String| !state.seen.iter().any(|one| one.id == *id);
        let is_any_gone = learned.iter().chain(&self.settings.webhook_subscriptions).any(is_gone);
        self.tell_guard(tx, n, &state, is_any_gone).await
    }

    /// A key that may not list subscriptions leaves silence to be noticed, by what the log tells.
    pub(super) async fn unlisted(&self, tx: &mut Tx, n: usize) -> Result<(), StoreError> {
        let poll = polls::get(tx, names::SUBSCRIPTIONS).await?;
        if poll.is_none_or(|poll| poll.refused.is_none()) {
            return Ok(());
        }
        let state = SubscriptionsState { seen: Vec::new(), is_refused: true, looked_at: Some(tx.now()) };
        self.tell_guard(tx, n, &state, false).await
    }

    async fn tell_guard(
        &self,
        tx: &mut Tx,
        n: usize,
        state: &SubscriptionsState,
        is_any_gone: bool,
    ) -> Result<(), StoreError> {
        let now = tx.now();
        let ours = state.seen.iter().filter(|one| one.is_ours);
        let mut is_news = is_any_gone || ours.clone().any(|one| !one.active || one.temporarily_disabled);
        is_news |= unheard::between(tx, now.plus_s(-86_400), now.plus_s(-self.settings.webhook_late_s)).await?.0 > 0;
        let before = duty_state::all::<webhook_guard::State>(tx, webhook_guard::DUTY, webhook_guard::VERSION).await?;
        is_news |= before.iter().any(|(_, state, _)| state.health != webhook_guard::Health::Ok || state.gap.is_some());
        is_news |= ours.clone().any(|one| !before.iter().any(|(id, ..)| *id == one.id));
        if !is_news {
            return Ok(());
        }
        let raw = serde_json::to_vec(state).map_err(|e| StoreError::Bug(e.to_string()))?;
        self.document(tx, n, &Fetched::Subscriptions { asked_at: now }, raw, Origin::Repair).await
    }
}
