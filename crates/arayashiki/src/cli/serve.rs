//! `serve`: receivers, workers and the web interface, until told to stop.

use super::{Failure, say, say_on_stderr};
use crate::config::Config;
use crate::{log, server, wiring};
use axum::Router;
use engine::{Engine, Shared, intake};
use std::net::SocketAddr;
use std::time::Duration;
use store::{Store, accounts};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::timeout::RequestBodyTimeoutLayer;

const LINK_LASTS_S: i64 = 24 * 3_600;
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

pub async fn run(config: &Config) -> Result<(), Failure> {
    log::start(&config.log);
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let listener = listen(config.server.listen).await?;
    let webhooks = match config.server.webhook_listen {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let running = start(config, listener, webhooks)?;
    invite_the_first(config, &running.shared.store).await;
    look_at_durability(&running.shared.store).await;
    server::asked_to_stop().await;
    tracing::info!("stopping: what is under way is finished first");
    running.stop().await;
    Ok(())
}

pub async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Failed(format!("can't listen on {address}: {error}. Is another one running? See [server] listen."))
    })
}

/// A server that is running.
pub struct Running {
    pub shared: Shared,
    engine: Engine,
    stop: CancellationToken,
    sockets: tokio::task::JoinSet<()>,
}

/// Starts everything on listeners that are bound already.
pub fn start(config: &Config, listener: TcpListener, webhooks: Option<TcpListener>) -> Result<Running, Failure> {
    let store = wiring::open_store(config)?;
    let shared = wiring::assemble(config, store)?;
    let engine = Engine::start(&shared);
    let stop = CancellationToken::new();
    let mut sockets = tokio::task::JoinSet::new();
    // A form that never comes must not hold a connection for ever; webhooks have a stricter bound of their own.
    let pages = wiring::web(config, &shared, &stop).layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT));
    server::raise_file_limit();
    let intake = intake::routes(shared.clone());
    match webhooks {
        Some(webhooks) => {
            sockets.spawn(server::serve(webhooks, Router::new().merge(intake), stop.clone()));
            sockets.spawn(server::serve(listener, pages, stop.clone()));
        }
        None => {
            sockets.spawn(server::serve(listener, pages.merge(intake), stop.clone()));
        }
    }
    tracing::info!(
        listen = %config.server.listen,
        link_note = config.link_note.mode.as_str(),
        intake_guard = config.intake_guard.mode.as_str(),
        version = env!("CARGO_PKG_VERSION"),
        "serving"
    );
    Ok(Running { shared, engine, stop, sockets })
}

impl Running {
    /// Stops accepting, lets requests and jobs end, closes the store.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.sockets.join_next().await.is_some() {}
        self.engine.stop().await;
        self.shared.store.close().await;
    }
}

/// While nobody can sign in, whoever reads the server's output may make the first account.
async fn invite_the_first(config: &Config, store: &Store) {
    let base = wiring::base_url(config);
    loop {
        match first_link(store).await {
            Ok(Some(secret)) => {
                say(format_args!("The first account: open {base}/setup/{secret} within a day. It works once."));
                return;
            }
            Ok(None) => return,
            Err(error) => {
                say_on_stderr(format_args!(
                    "the database does not answer yet ({error}); webhooks are answered 503 until it does"
                ));
                tokio::time::sleep(Duration::from_secs(2)).await;
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
