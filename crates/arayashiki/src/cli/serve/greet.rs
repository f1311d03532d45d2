//! What a server says once it reaches its database: who may make the first account, and whether the database syncs.

use super::Role;
use crate::cli::{say, say_on_stderr};
use crate::config::Config;
use crate::wiring;
use std::time::Duration;
use store::{Store, accounts};

const LINK_LASTS_S: i64 = 24 * 3_600;
const LOOK_EVERY: Duration = Duration::from_secs(2);

pub async fn run(config: Config, role: Role, store: Store) {
    if role.shows() {
        invite_the_first(&config, &store).await;
    }
    look_at_durability(&store).await;
}

/// While nobody can sign in, whoever reads the server's output may make the first account.
async fn invite_the_first(config: &Config, store: &Store) {
    let base = wiring::base_url(config);
    let mut is_told = false;
    loop {
        match first_link(store).await {
            Ok(Some(secret)) => {
                say(format_args!("The first account: open {base}/setup/{secret} within a day. It works once."));
                return;
            }
            Ok(None) => return,
            Err(error) => {
                if !is_told {
                    say_on_stderr(format_args!(
                        "the database does not answer yet ({error}); until it does, pages can't be shown, and webhooks \
                         go to the spool or are answered 503"
                    ));
                    is_told = true;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// What the live connection says of syncing. A database that does not sync makes our 202 a promise that nobody keeps.
async fn look_at_durability(store: &Store) {
    match store.durability().await {
        Ok(settings) => {
            let unsafe_ones = settings.iter().filter(|(name, value)| match name.as_str() {
                "fsync" | "full_page_writes" => value == "off",
                "synchronous_commit" => value == "off",
                "synchronous" => value != "2" && value != "3",
                _ => false,
            });
            for (name, value) in unsafe_ones {
                tracing::error!(
                    name,
                    value,
                    "the database does not sync: what is acknowledged would not survive a power cut"
                );
            }
            tracing::info!(?settings, "the database");
        }
        Err(error) => tracing::warn!(%error, "the database's settings could not be asked"),
    }
}

async fn first_link(store: &Store) -> Result<Option<String>, store::StoreError> {
    let (secret, digest) = web::auth::new_secret();
    let made = store
        .write("first_link", move |tx| {
            Box::pin(async move {
                if accounts::working_admins(tx).await? > 0 {
                    return Ok(false);
                }
                let expires_at = tx.now().plus_s(LINK_LASTS_S);
                accounts::add_link(tx, digest, "first_admin", None, expires_at).await?;
                Ok(true)
            })
        })
        .await?;
    Ok(made.then_some(secret))
}
