//! Whose Slack token it is, asked now and then: a token that was revoked is known before somebody waits for a post. Only looks.

use crate::{Shared, wake};
use connectors::slack::Client;
use connectors::{Call, CallError, Class, Kind};
use model::connection::{SlackToken, poll as names};
use std::time::Duration;
use store::{StoreError, polls};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(600);
/// After a try that told nothing.
const SOON: Duration = Duration::from_secs(20);

pub async fn run(shared: Shared, stop: CancellationToken) {
    let Some(bot) = &shared.outside.bot else { return };
    loop {
        let told = look(&shared, bot).await;
        if let Some(state) = &told
            && let Err(error) = keep(&shared, state.clone()).await
        {
            shared.trouble.failed(&error, "writing down whose Slack token it is");
        }
        if !wake::pause(if told.is_some() { EVERY } else { SOON }, &stop).await {
            return;
        }
    }
}

/// `None`: Slack did not say, and what is known stays.
async fn look(shared: &Shared, bot: &Client) -> Option<SlackToken> {
    let asked_at = shared.store.clock().now();
    match bot.auth_test(&Call::new(Class::Live, asked_at)).await {
        Ok(who) => Some(SlackToken {
            workspace: Some(who.team).filter(|name| !name.is_empty()).or(Some(who.team_id)),
            bot: Some(who.user).filter(|name| !name.is_empty()).or(Some(who.user_id)),
            asked_at: Some(asked_at),
            refused: None,
        }),
        Err(CallError { kind: Kind::Auth | Kind::Forbidden, text, .. }) => {
            tracing::warn!(why = text, "Slack refuses the bot's token");
            Some(SlackToken { refused: Some(text), asked_at: Some(asked_at), ..SlackToken::default() })
        }
        Err(_) => None,
    }
}

async fn keep(shared: &Shared, state: SlackToken) -> Result<(), StoreError> {
    let kept = shared.store.write("slack_token", move |tx| {
        let state = state.clone();
        Box::pin(async move {
            polls::register(tx, names::SLACK).await?;
            polls::keep(tx, names::SLACK, &state).await
        })
    });
    kept.await
}
