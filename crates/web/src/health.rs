//! Alive, able to take events, and in figures: for load balancers and Prometheus, open to strangers, without a name or
//! a secret. Never asks the store more often than its own short caches allow.

use crate::standing::Standing;
use crate::state::{Kept, MetricsText, Settings, Web};
use crate::view::{Cause, Health as Mark, Trouble};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use duties::webhook_guard::Health as Delivery;
use model::signal::source;
use model::{Micros, Scope};
use serde::Deserialize;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::breakers::Breaker;
use store::nag::{Nag, Over};
use store::receipts::{Account, SourceCount};
use store::{Spooled, Store, StoreError, Tx, breakers, duty_state, jobs, receipts};
use tokio::time::error::Elapsed;
use tokio_util::sync::CancellationToken;

const STOPPING: &str = "not ready: stopping; what is under way is finished\n";
const READY_AGE: Duration = Duration::from_secs(1);
const FIGURES_AGE: Duration = Duration::from_secs(5);
const PROBE_WAIT: Duration = Duration::from_secs(2);
const FIGURES_WAIT: Duration = Duration::from_secs(3);

/// Jobs that wait or run are counted no further: a backlog is no reason to walk it at every look.
pub(crate) const MOST_JOBS: i64 = 10_000;
/// The states of jobs that are counted. How many were done ever would be a walk over all of them.
pub(crate) const COUNTED: [&str; 5] = ["ready", "leased", "human", "skipped", "dead"];

/// The breaker of PagerDuty's REST API.
pub(crate) const PAGERDUTY: &str = "pagerduty";
/// Within this time after its pause a destination is tried again.
const RETRY_S: i64 = 90;

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
    /// By source.
    pub sources: Vec<SourceCount>,
    /// By state, but those that are done.
    pub jobs: Vec<(String, i64)>,
    pub breakers: Vec<Breaker>,
    /// Subscriptions whose signature is wrong just now.
    pub refusals: Vec<(String, Refusals)>,
    pub standing: Standing,
    /// What lies beside PostgreSQL in this process's spool.
    pub spool: Option<Spooled>,
    pub taken_at: Micros,
}

impl Pulse {
    pub(crate) async fn take(store: &Store) -> Result<Self, StoreError> {
        let pulse = store.read(|tx| Box::pin(Self::load(tx))).await?;
        Ok(Self { spool: store.spooled().await, ..pulse })
    }

    fn load(tx: &mut Tx) -> store::Unit<'_, Self> {
        Box::pin(async move {
            let account = receipts::count(tx, &Scope::All).await?;
            let refusals = duty_state::all::<Refusals>(tx, "intake_guard", 1).await?;
            Ok(Self {
                account,
                sources: receipts::list_by_source(tx, &Scope::All).await?,
                jobs: jobs::count_unfinished(tx, &Scope::All, MOST_JOBS).await?,
                breakers: breakers::all(tx).await?,
                refusals: refusals.into_iter().filter(|r| r.1.open_since.is_some()).map(|r| (r.0, r.1)).collect(),
                standing: Standing::load(tx).await?,
                spool: None,
                taken_at: tx.now(),
            })
        })
    }

    /// What is known of another key than the configured one counts for nothing.
    pub(crate) fn of_key(mut self, key_mark: &str) -> Self {
        let token = std::mem::take(&mut self.standing.token);
        self.standing.token = token.of_key(key_mark);
        self
    }

    /// When PagerDuty's API last brought something.
    pub(crate) fn last_read_at(&self) -> Option<Micros> {
        self.sources.iter().find(|s| s.source == source::PAGERDUTY_API).map(|s| s.last_at)
    }

    pub(crate) fn open_breakers(&self) -> impl Iterator<Item = &Breaker> {
        self.breakers.iter().filter(|b| b.open_until.is_some_and(|until| until > self.taken_at))
    }

    /// Destinations that fail: in their pause, or tried again and not heard yet.
    pub(crate) fn failing(&self) -> impl Iterator<Item = &Breaker> {
        let since = self.taken_at.plus_s(-RETRY_S);
        self.breakers.iter().filter(move |b| b.open_until.is_some_and(|until| until > since))
    }

    /// Why PagerDuty refuses the key itself, whatever it asks for. A refused key opens the breaker as well.
    pub(crate) fn key_refused(&self) -> Option<&str> {
        let of_breaker = self.failing().filter(|b| b.destination == PAGERDUTY).find_map(|b| b.why.as_deref());
        of_breaker.filter(|why| Cause::of(why) == Cause::Key).or_else(|| self.standing.key_refused())
    }

    /// What is wrong with the way in which the mirror is fed, the worst first, with since when it is so.
    pub(crate) fn troubles(&self, settings: &Settings, now: Micros) -> Vec<(Option<Micros>, Trouble)> {
        crate::troubles::of(self, settings, now)
    }

    /// Both counts: signals that were received and are not kept, incidents that the API shows and the mirror lacks; and
    /// what the spool can't account for.
    pub(crate) fn lost(&self) -> i64 {
        let spooled = self.spool.as_ref().map_or(0, Spooled::lost);
        self.account.lost().saturating_add(self.standing.lacking).saturating_add(spooled)
    }

    /// In one word, for the mark on every page.
    pub(crate) fn mark(&self, settings: &Settings) -> Mark {
        let account = &self.account;
        let troubles = self.troubles(settings, self.taken_at);
        let has = |shape: &str| troubles.iter().any(|(_, trouble)| trouble.shape() == shape);
        if self.lost() > 0 || has("triggered") || !self.refusals.is_empty() || self.failing().next().is_some() {
            return Mark::Broken;
        }
        if account.received == 0 {
            return Mark::Unknown;
        }
        let blind = settings.mirrors_pagerduty && !settings.can_read;
        if account.dead > 0 || account.dead_signals > 0 || blind || has("acknowledged") {
            Mark::Attention
        } else {
            Mark::Good
        }
    }
}

#[derive(Clone)]
struct Health {
    store: Store,
    metrics: MetricsText,
    stop: CancellationToken,
    ready: Kept<Result<String, &'static str>>,
    unready: Arc<std::sync::Mutex<Nag>>,
    spool: Kept<Arc<String>>,
    figures: Kept<Arc<String>>,
}

pub(crate) fn routes(web: &Web) -> Router {
    let health = Health {
        store: web.store.clone(),
        metrics: web.metrics.clone(),
        stop: web.stop.clone(),
        ready: Arc::default(),
        unready: Arc::default(),
        spool: Arc::default(),
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
    let answer = if health.stop.is_cancelled() { Err(STOPPING) } else { readiness(&health).await };
    match answer {
        Ok(text) => text.into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], why).into_response(),
    }
}

async fn readiness(health: &Health) -> Result<String, &'static str> {
    let mut held = health.ready.lock().await;
    if let Some((_, answer)) = held.as_ref().filter(|(taken, _)| taken.elapsed() < READY_AGE) {
        return answer.clone();
    }
    let answer = match probe(&health.store, &health.unready).await {
        Ok(()) => Ok(ready_words(health.store.spooled().await.as_ref())),
        Err(why) => Err(why),
    };
    *held = Some((Instant::now(), answer.clone()));
    answer
}

/// Who is ready by the spool alone says so: everything but taking events waits for PostgreSQL.
fn ready_words(spooled: Option<&Spooled>) -> String {
    match spooled {
        Some(Spooled { away_since: Some(since), rows, .. }) => format!(
            "ready: events are made durable in the spool; PostgreSQL is away since {since}, {rows} wait for it\n"
        ),
        _ => "ready: events are made durable\n".to_owned(),
    }
}

/// A load balancer asks every second: not a line each.
fn say(unready: &std::sync::Mutex<Nag>, probed: &Result<Result<(), StoreError>, Elapsed>) {
    let mut nag = unready.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match probed {
        Ok(Ok(())) => {
            if let Some(Over { seconds }) = nag.over(Instant::now()) {
                tracing::info!(seconds, "ready again");
            }
        }
        Ok(Err(error)) => {
            if let Some(failures) = nag.failed(Instant::now()) {
                tracing::warn!(%error, failures, "not ready");
            }
        }
        Err(_) => {
            if let Some(failures) = nag.failed(Instant::now()) {
                tracing::warn!(failures, "not ready: the database does not answer within 2 s");
            }
        }
    }
}

async fn probe(store: &Store, unready: &std::sync::Mutex<Nag>) -> Result<(), &'static str> {
    let probed = tokio::time::timeout(PROBE_WAIT, store.probe()).await;
    say(unready, &probed);
    let error = match probed {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error,
        Err(_) => return Err("not ready: the database does not answer within 2 s\n"),
    };
    Err(match error {
        StoreError::Away(_) => "not ready: the database can't be reached\n",
        StoreError::Unwritable(_) => "not ready: the database can't be written; make room on its disk\n",
        StoreError::Busy(_) | StoreError::Full => "not ready: too much waits to be written\n",
        _ => "not ready: the store refuses to write; the log says why\n",
    })
}

async fn metrics(State(health): State<Health>) -> Response {
    let mut text = (health.metrics)();
    text.push_str(&spool(&health).await);
    match figures(&health).await {
        Ok(figures) => text.push_str(&figures),
        Err(()) => text.push_str("# the store does not answer: its figures are missing\n"),
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// What this process keeps for a PostgreSQL that is away; nothing where there is no spool.
async fn spool(health: &Health) -> Arc<String> {
    let mut held = health.spool.lock().await;
    if let Some((_, text)) = held.as_ref().filter(|(taken, _)| taken.elapsed() < READY_AGE) {
        return text.clone();
    }
    let spooled = health.store.spooled().await;
    let text = Arc::new(spooled.map(|s| render_spool(&s, health.store.clock().now())).unwrap_or_default());
    *held = Some((Instant::now(), text.clone()));
    text
}

fn render_spool(spooled: &Spooled, now: Micros) -> String {
    let age_s = spooled.oldest_at.map_or(0, |at| (now.since(at) / 1_000_000).max(0));
    let mut out = String::new();
    for (name, kind, help, value) in [
        ("rows", "gauge", "Acknowledged signals in the spool, not in PostgreSQL yet.", spooled.rows),
        ("oldest_seconds", "gauge", "Age of the oldest of them.", age_s),
        ("stuck", "gauge", "Rows that PostgreSQL refuses; kept.", spooled.stuck),
        ("lost", "gauge", "Signals kept in the spool and neither there nor moved; must be 0.", spooled.lost()),
        ("kept_total", "counter", "Signals ever made durable in the spool.", spooled.kept),
        ("moved_total", "counter", "Those of them that went to PostgreSQL.", spooled.moved),
        ("in_use", "gauge", "1 while PostgreSQL does not take signals.", i64::from(spooled.away_since.is_some())),
        ("broken", "gauge", "1 while the spool can't be written.", i64::from(spooled.trouble.is_some())),
    ] {
        let _ = writeln!(
            out,
            "# HELP arayashiki_spool_{name} {help}\n# TYPE arayashiki_spool_{name} {kind}\narayashiki_spool_{name} {value}"
        );
    }
    out
}

async fn figures(health: &Health) -> Result<Arc<String>, ()> {
    let mut held = health.figures.lock().await;
    if let Some((taken, text)) = held.as_ref()
        && taken.elapsed() < FIGURES_AGE
    {
        return Ok(text.clone());
    }
    let read = Pulse::take(&health.store);
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
        ("arayashiki_lost", "gauge", "Signals not kept, and incidents not mirrored; must be 0.", pulse.lost()),
        (
            "arayashiki_incidents_lacking",
            "gauge",
            "Incidents that the API shows and the mirror lacks; must be 0.",
            pulse.standing.lacking,
        ),
        (
            "arayashiki_subscriptions_down",
            "gauge",
            "Webhook subscriptions of ours that do not deliver.",
            pulse.standing.guards.iter().filter(|(_, state)| state.health != Delivery::Ok).count() as i64,
        ),
        (
            "arayashiki_gaps_open",
            "gauge",
            "Gaps in what webhooks told that are not proven closed.",
            pulse.standing.gaps.iter().filter(|gap| gap.state != "closed").count() as i64,
        ),
        (
            "arayashiki_breakers_open",
            "gauge",
            "Destinations whose pause is not over.",
            pulse.open_breakers().count() as i64,
        ),
        (
            "arayashiki_subscriptions_refused",
            "gauge",
            "Our subscriptions with a wrong signature.",
            pulse.refusals.len() as i64,
        ),
    ] {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    let _ = writeln!(out, "# HELP arayashiki_jobs Jobs by state; ready and leased together up to {MOST_JOBS}.");
    let _ = writeln!(out, "# TYPE arayashiki_jobs gauge");
    for state in COUNTED {
        let count = pulse.jobs.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| *n);
        let _ = writeln!(out, "arayashiki_jobs{{state=\"{state}\"}} {count}");
    }
    out
}
