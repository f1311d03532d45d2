//! Actions and the jobs that carry them out. The action's key is unique for ever: deciding the same thing twice, by a
//! webhook and by a poll, makes one action and one job.

use crate::{StoreError, Tx, faults, vals};
use model::Micros;
use model::action::Action;

/// Whether a duty may do what it decided, or only show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    Really,
    /// Shown as what would have been done; no job.
    Observed,
}

/// The payload's version. A job of an unknown version goes to *dead* with that reason, never to a panic.
pub const PAYLOAD_VERSION: i64 = 1;

/// Writes an action and its job. False when the key is known: nothing is written then.
pub async fn add(tx: &mut Tx, action: &Action, doing: Doing) -> Result<bool, StoreError> {
    let now = tx.now();
    let key = if faults::sabotaged("no_action_key") { format!("{}#{}", action.key, now.0) } else { action.key.clone() };
    let effect = serde_json::to_string(&action.effect).map_err(StoreError::shape)?;
    let body = serde_json::to_string(action).map_err(StoreError::shape)?;
    let new = tx
        .exec(
            "INSERT INTO action (key, duty, subject, effect, body, why, customer, observed, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (key) DO NOTHING",
            vals![
                &key,
                &action.duty,
                &action.subject,
                effect,
                &body,
                &action.why,
                action.customer.clone(),
                doing == Doing::Observed,
                now
            ],
        )
        .await?
        == 1;
    if new && doing == Doing::Really {
        add_job(tx, &key, action, &body, now).await?;
    }
    Ok(new)
}

async fn add_job(tx: &mut Tx, key: &str, action: &Action, body: &str, now: Micros) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO job (action, queue, lane, destination, customer, priority, version, payload, state, blocking, \
         due, token, spent, not_after, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'ready', 0, ?9, 0, 0, ?10, ?11) ON CONFLICT (action) DO NOTHING",
        vals![
            key,
            action.queue.as_str(),
            &action.lane,
            action.effect.destination(),
            action.customer.clone().unwrap_or_default(),
            priority(action),
            PAYLOAD_VERSION,
            body,
            action.not_before.unwrap_or(now).max(now),
            action.not_after,
            now
        ],
    )
    .await?;
    Ok(())
}

/// Smaller is sooner. A page before a note before a list (which fills the pages) before single readings.
const fn priority(action: &Action) -> i64 {
    use model::action::Effect;
    match action.effect {
        Effect::Page { .. }
        | Effect::Acknowledge { .. }
        | Effect::Settle { .. }
        | Effect::Confirm { .. }
        | Effect::CallOut { .. } => 0,
        // What a post says, then the post; and what tells whether there is anything to say.
        Effect::FindCause { .. } | Effect::Tell { .. } => 2,
        // A form has three seconds; whoever asked waits.
        Effect::OpenForm { .. } | Effect::Respond { .. } => 0,
        Effect::Reply { .. } => 3,
        Effect::Comment { .. } => 10,
        Effect::ReadTicket { .. } => 6,
        Effect::KeepWindow { .. } => 2,
        Effect::OpenChannel { .. } | Effect::CloseChannel { .. } => 12,
        Effect::ListActivities { .. } | Effect::SyncCalendar { .. } | Effect::ReadFeed { .. } => 8,
        Effect::ListTickets { .. } | Effect::Reach { .. } => 25,
        Effect::Show { .. } => 4,
        Effect::ListRecent { .. } | Effect::Authenticate { .. } | Effect::FetchMail { .. } => 3,
        // Somebody waits for it before the page.
        Effect::Act { .. } | Effect::ConfirmPress { .. } | Effect::Run { .. } => 5,
        Effect::Note { .. } | Effect::KeepNote { .. } | Effect::Merge { .. } => 10,
        Effect::EnableSubscription { .. }
        | Effect::LookAtSubscriptions
        | Effect::LookAtToken
        | Effect::LookAtScopes { .. }
        | Effect::SendCanary { .. }
        | Effect::Anchor { .. } => 12,
        Effect::ListIncidents { .. } => 15,
        Effect::ListLog { .. } => 18,
        Effect::ReadIncident { .. } => 20,
        Effect::ListReference { .. } => 25,
        Effect::ReadAlerts { .. } => 30,
    }
}

/// What was decided about a subject and not done, because its duty only observes: (instant, duty, why).
pub async fn observed(tx: &mut Tx, subject: &str) -> Result<Vec<(Micros, String, String)>, StoreError> {
    tx.all(
        "SELECT created_at, duty, why FROM action WHERE subject = ?1 AND observed = 1 ORDER BY created_at, key",
        vals![subject],
    )
    .await?
    .iter()
    .map(|row| Ok((row.micros(0)?, row.string(1)?, row.string(2)?)))
    .collect()
}
