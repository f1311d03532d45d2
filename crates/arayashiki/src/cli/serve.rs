//! `serve`: receivers, workers and the web interface, or one of them, until told to stop.

mod beats;
mod doors;
mod greet;
mod role;
pub mod sole;

pub use doors::Doors;
pub use role::Role;

use super::Failure;
use crate::config::{self, Config, StoreUrl};
use crate::{log, server, wiring};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::any;
use clap::Args;
use engine::{Engine, Shared, intake};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use store::lock::Lock;
use store::processes::Me;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower_http::timeout::RequestBodyTimeoutLayer;

const BODY_TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Debug, Args)]
pub struct Serve {
    /// Which part of it this process is; several processes need one PostgreSQL.
    #[arg(long, value_enum, default_value_t = Role::All)]
    role: Role,
}

pub async fn run(asked: &Serve, config: &Config) -> Result<(), Failure> {
    asked.role.fits(config)?;
    log::start(&config.log);
    if let Some(words) = without_file(config) {
        tracing::warn!("{words}");
    }
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let mut signals = server::Signals::listen().map_err(|e| Failure::Failed(format!("no signals: {e}")))?;
    let lock = sole::hold(config)?;
    let listener = listen(config.server.listen).await?;
    let webhooks = match config.server.webhook_listen.filter(|_| asked.role.receives()) {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let doors = if asked.role.receives() { Some(Doors::open(config).await?) } else { None };
    let mut running = start_as(asked.role, config, lock, Listeners { pages: listener, webhooks, doors })?;
    running.tasks.spawn(greet::run(config.clone(), asked.role, running.shared.store.clone()));
    signals.next().await;
    tracing::info!("stopping: what is under way is finished first; a second signal ends it at once");
    tokio::select! {
        () = running.stop() => Ok(()),
        () = signals.next() => Err(Failure::Failed(
            "ended at once by a second signal: what was acknowledged is durable, and jobs that were in hand are looked up \
             when their leases are over".to_owned(),
        )),
    }
}

/// Defaults are fine for a look, and seldom what is meant.
fn without_file(config: &Config) -> Option<String> {
    if config.origin.is_some() {
        return None;
    }
    let looked_at = config::DEFAULT_PATHS.join(" and ");
    let data = match &config.store.url {
        StoreUrl::Sqlite(path) => format!("everything is kept in {}", path.display()),
        StoreUrl::Postgres(_) => "everything is kept in the PostgreSQL that the environment names".to_owned(),
    };
    Some(format!(
        "no configuration file: looked at {looked_at} (from the present folder) and found none, so defaults and ARAYASHIKI__ \
         variables apply; {data}, pages are at {}. If one is meant, name it with --config",
        config.server.listen
    ))
}

pub async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let what_to_do = match error.kind() {
            ErrorKind::AddrInUse => {
                "another program has it, maybe another arayashiki: `ss -ltnp` shows which. End that one, or take another \
                 port in [server]"
            }
            ErrorKind::AddrNotAvailable => {
                "this machine does not have the address. Write one that it has into [server], or 0.0.0.0 for all of them"
            }
            ErrorKind::PermissionDenied => "take a port of 1024 or above in [server], with a proxy in front",
            _ => "see [server] listen and webhook_listen",
        };
        Failure::Failed(format!("can't listen on {address} ({error}): {what_to_do}"))
    })
}

/// A server that is running.
pub struct Running {
    pub shared: Shared,
    engine: Engine,
    /// The database is ours alone until it is closed.
    lock: Option<Lock>,
    /// Begins the stop: readiness is denied and streams end.
    stopping: CancellationToken,
    /// Ends the sockets, a farewell later.
    closing: CancellationToken,
    sockets: JoinSet<()>,
    tasks: JoinSet<()>,
    farewell: Duration,
    patience: Duration,
}

/// Starts everything on listeners that are bound already.
pub fn start(
    config: &Config,
    lock: Option<Lock>,
    pages: TcpListener,
    doors: Option<Doors>,
) -> Result<Running, Failure> {
    start_as(Role::All, config, lock, Listeners { pages, webhooks: None, doors })
}

/// What listens, bound before anything starts.
struct Listeners {
    pages: TcpListener,
    webhooks: Option<TcpListener>,
    doors: Option<Doors>,
}

fn start_as(role: Role, config: &Config, lock: Option<Lock>, listeners: Listeners) -> Result<Running, Failure> {
    let Listeners { pages: listener, webhooks, doors } = listeners;
    let store = wiring::open_store(config)?;
    let store = if role.receives() { wiring::with_spool(config, store)? } else { store };
    let shared = wiring::assemble(config, store)?;
    let (stopping, closing) = (CancellationToken::new(), CancellationToken::new());
    server::raise_file_limit();
    let mut sockets = JoinSet::new();
    let pages = pages(role, config, &shared, &stopping);
    let intake = if role.receives() { receivers(config, &shared)? } else { no_receiver() };
    if let Some(doors) = doors {
        doors.start(&shared, &mut sockets, &closing);
    }
    match webhooks {
        Some(webhooks) => {
            sockets.spawn(server::serve(webhooks, Router::new().merge(intake), closing.clone()));
            sockets.spawn(server::serve(listener, pages, closing.clone()));
        }
        None => {
            sockets.spawn(server::serve(listener, pages.merge(intake), closing.clone()));
        }
    }
    tracing::info!(
        role = role.as_str(),
        listen = %config.server.listen,
        link_note = config.link_note.mode.as_str(),
        intake_guard = config.intake_guard.mode.as_str(),
        version = env!("CARGO_PKG_VERSION"),
        mirrors = match (config.pagerduty.webhook_secrets.is_empty(), config.pagerduty.token.is_some()) {
            (true, true) => "by asking alone",
            (false, true) => "by webhooks and asking",
            (false, false) => "by webhooks alone",
            (true, false) => "nothing: no [pagerduty] token and no webhook_secrets",
        },
        "serving"
    );
    Ok(Running {
        engine: engine(role, &shared),
        tasks: tasks(role, config, &shared, &closing),
        shared,
        lock,
        stopping,
        closing,
        sockets,
        farewell: config.server.farewell,
        patience: config.work.stop,
    })
}

/// Everything under `/webhooks/`.
fn receivers(config: &Config, shared: &Shared) -> Result<Router, Failure> {
    let router = intake::routes(shared.clone()).merge(engine::slack::routes(shared.clone()));
    let router = router.merge(engine::bridges::routes(shared.clone()));
    Ok(match wiring::net::sns(config)? {
        Some(sns) => router.merge(engine::sns::routes(shared.clone(), sns)),
        None => router,
    })
}

fn engine(role: Role, shared: &Shared) -> Engine {
    match role {
        Role::All | Role::Work => Engine::start(shared),
        Role::Ingest => Engine::start_ingest(shared),
        Role::Web => Engine::start_web(shared),
    }
}

fn tasks(role: Role, config: &Config, shared: &Shared, stop: &CancellationToken) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    if let Some(mailbox) = wiring::net::imap(config).filter(|_| role.receives()) {
        tasks.spawn(doors::follow(shared.clone(), mailbox, stop.clone()));
    }
    if role.shows() && shared.store.is_postgres() {
        tasks.spawn(engine::watch::run(shared.clone(), stop.clone()));
    }
    tasks.spawn(beats::run(shared.store.clone(), me(role, shared), stop.clone()));
    tasks
}

fn me(role: Role, shared: &Shared) -> Me {
    Me {
        id: shared.settings.worker.clone(),
        role: role.as_str().to_owned(),
        host: wiring::host_name(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: shared.store.clock().now(),
    }
}

fn pages(role: Role, config: &Config, shared: &Shared, stopping: &CancellationToken) -> Router {
    let web = wiring::web(config, shared, stopping);
    if !role.shows() {
        return web::health_routes(&web);
    }
    // A form that never comes must not hold a connection for ever; webhooks have a stricter bound of their own.
    web::routes(web).layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
}

/// PagerDuty drops an event for good on most 4xx: a webhook that comes to the wrong process is to be sent again.
fn no_receiver() -> Router {
    let words = "this process receives no webhooks: let them go to one with --role ingest\n";
    let refuse = move || async move { (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "30")], words) };
    Router::new().route("/webhooks/{*rest}", any(refuse))
}

impl Running {
    /// Says that it stops, goes on serving for a farewell, then closes the sockets; jobs in hand end meanwhile, within
    /// their time. The store is last: until then whatever was received is made durable.
    pub async fn stop(self) {
        let Self { shared, engine, lock, stopping, closing, mut sockets, mut tasks, farewell, patience } = self;
        stopping.cancel();
        let workers = async {
            if tokio::time::timeout(patience, engine.stop()).await.is_err() {
                tracing::warn!(
                    ?patience,
                    "jobs still in hand were cut off; they are looked up when their leases are over"
                );
            }
        };
        let doors = async {
            tokio::time::sleep(farewell).await;
            closing.cancel();
            while sockets.join_next().await.is_some() {}
        };
        futures_util::future::join(workers, doors).await;
        tasks.shutdown().await;
        beats::goodbye(&shared.store, shared.settings.worker.clone()).await;
        shared.store.close().await;
        drop(lock);
    }
}
