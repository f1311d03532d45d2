//! Alive, able to take events, and in figures: for load balancers and Prometheus, open to strangers, without a name or
//! a secret. Never asks the store more often than its own short caches allow.

use crate::state::{Kept, MetricsText, Settings, Web};
use crate::view::Health as Mark;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use model::{Micros, Scope};
use serde::Deserialize;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::breakers::Breaker;
use store::receipts::Account;
use store::{Store, StoreError, Tx, breakers, duty_state, jobs, receipts};

const READY_AGE: Duration = Duration::from_secs(1);
const FIGURES_AGE: Duration = Duration::from_secs(5);
const PROBE_WAIT: Duration = Duration::from_secs(2);
const FIGURES_WAIT: Duration = Duration::from_secs(3);

/// What the intake guard remembers of a subscription, as far as people are told.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Refusals {
    pub open_since: Option<Micros>,
    pub refused: u64,
    pub last_refused_at: Option<Micros>,
}

/// How we are, from the store's own counts.
#[derive(Clone, Debug)]
pub(crate) struct Pulse {
    pub account: Account,
    /// By state.
    pub jobs: Vec<(String, i64)>,
    pub breakers: Vec<Breaker>,
    /// Subscriptions whose signature is wrong just now.
    pub refusals: Vec<(String, Refusals)>,
    pub taken_at: Micros,
}

impl Pulse {
    pub(crate) fn load(tx: &mut Tx) -> store::Unit<'_, Self> {
        Box::pin(async move {
            let account = receipts::count(tx, &Scope::All).await?;
            let refusals = duty_state::all::<Refusals>(tx, "intake_guard", 1).await?;
            Ok(Self {
                account,
                jobs: jobs::count_by_state(tx, &Scope::All).await?,
                breakers: breakers::all(tx).await?,
                refusals: refusals.into_iter().filter(|r| r.1.open_since.is_some()).map(|r| (r.0, r.1)).collect(),
                taken_at: tx.now(),
            })
        })
    }

    pub(crate) fn open_breakers(&self) -> impl Iterator<Item = &Breaker> {
        self.breakers.iter().filter(|b| b.open_until.is_some_and(|until| until > self.taken_at))
    }

    /// In one word, for the mark on every page.
    pub(crate) fn mark(&self, settings: &Settings) -> Mark {
        let account = &self.account;
        if account.lost() > 0 || !self.refusals.is_empty() || self.open_breakers().next().is_some() {
            return Mark::Broken;
        }
        if account.received == 0 {
            return Mark::Unknown;
        }
        let blind = settings.mirrors_pagerduty && !settings.can_read;
        if account.dead > 0 || account.dead_signals > 0 || blind { Mark::Attention } else { Mark::Good }
    }
}

#[derive(Clone)]
struct Health {
    store: Store,
    metrics: MetricsText,
    ready: Kept<Result<(), &'static str>>,
    figures: Kept<Arc<String>>,
}

pub(crate) fn routes(web: &Web) -> Router {
    let health = Health {
        store: web.store.clone(),
        metrics: web.metrics.clone(),
        ready: Arc::default(),
        figures: Arc::default(),
    };
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(health)
}

/// Proven by a write. Many who ask at once share one proof.
async fn readyz(State(health): State<Health>) -> Response {
    let mut held = health.ready.lock().await;
    let fresh = held.filter(|(taken, _)| taken.elapsed() < READY_AGE).map(|(_, answer)| answer);
    let answer = match fresh {
        Some(answer) => answer,
        None => probe(&health.store).await,
    };
    if fresh.is_none() {
        *held = Some((Instant::now(), answer));
    }
    match answer {
        Ok(()) => "ready: events are made durable\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], why).into_response(),
    }
}

async fn probe(store: &Store) -> Result<(), &'static str> {
    let error = match tokio::time::timeout(PROBE_WAIT, store.probe()).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error,
        Err(_) => return Err("not ready: the database does not answer within 2 s\n"),
    };
    tracing::warn!(%error, "not ready");
    Err(match error {
        StoreError::Away(_) => "not ready: the database can't be reached\n",
        StoreError::Unwritable(_) => "not ready: the database can't be written; make room on its disk\n",
        StoreError::Busy(_) | StoreError::Full => "not ready: too much waits to be written\n",
        _ => "not ready: the store refuses to write; the log says why\n",
    })
}

async fn metrics(State(health): State<Health>) -> Response {
    let mut text = (health.metrics)();
    match figures(&health).await {
        Ok(figures) => text.push_str(&figures),
        Err(()) => text.push_str("# the store does not answer: its figures are missing\n"),
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

async fn figures(health: &Health) -> Result<Arc<String>, ()> {
    let mut held = health.figures.lock().await;
    if let Some((taken, text)) = held.as_ref()
        && taken.elapsed() < FIGURES_AGE
    {
        return Ok(text.clone());
    }
    let read = health.store.read(|tx| Box::pin(Pulse::load(tx)));
    let pulse = tokio::time::timeout(FIGURES_WAIT, read).await.map_err(|_| ())?.map_err(|_| ())?;
    let text = Arc::new(render(&pulse));
    *held = Some((Instant::now(), text.clone()));
    Ok(text)
}

fn render(pulse: &Pulse) -> String {
    let mut out = String::new();
    let a = &pulse.account;
    for (name, kind, help, value) in [
        ("arayashiki_signals_received_total", "counter", "Acknowledged signals, repeats included.", a.received),
        ("arayashiki_signals_duplicate_total", "counter", "Signals that had come before.", a.duplicates),
        ("arayashiki_inbox_waiting", "gauge", "Signals that wait to be read.", a.waiting),
        ("arayashiki_inbox_unreadable", "gauge", "Signals that nobody can read; kept.", a.unreadable),
        ("arayashiki_inbox_dead", "gauge", "Signals whose reading fails by our own fault; kept.", a.dead_signals),
        ("arayashiki_lost", "gauge", "Acknowledged signals that are not in the inbox; must be 0.", a.lost()),
        ("arayashiki_breakers_open", "gauge", "Destinations left alone for now.", pulse.open_breakers().count() as i64),
        (
            "arayashiki_subscriptions_refused",
            "gauge",
            "Our subscriptions with a wrong signature.",
            pulse.refusals.len() as i64,
        ),
    ] {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    let _ = writeln!(out, "# HELP arayashiki_jobs Jobs by state.\n# TYPE arayashiki_jobs gauge");
    for state in ["ready", "leased", "human", "done", "skipped", "dead"] {
        let count = pulse.jobs.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| *n);
        let _ = writeln!(out, "arayashiki_jobs{{state=\"{state}\"}} {count}");
    }
    out
}
