//! PostgreSQL: two small pools, one for signals and one for everything else. Every transaction runs in a task that is
//! never dropped, and a connection that did not end cleanly never goes back to its pool. Signals are written in groups,
//! one statement each.

use crate::inbox::{self, Line};
use crate::nag::{Nag, Over};
use crate::pressure::Pressure;
use crate::spool::Parcel;
use crate::tx::{Conn, Tx, Unit};
use crate::{Clock, StoreError, crash_point, error, faults, migrate};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use futures_util::FutureExt;
use model::signal::Signal;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Longer than any unit of ours takes; past it the database counts as hanging and the connection is given up.
const UNIT_TIMEOUT: Duration = Duration::from_secs(20);
const INTAKE_TIMEOUT: Duration = Duration::from_secs(5);
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(3);
/// How long a closing store waits for what was handed over: longer than the intake may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(6);
const MOST_INTAKE: usize = 256;
const MAX_WAITING_INTAKE: usize = 4_096;
/// Two groups under way: one is being written while the next gathers.
const INTAKE_TASKS: usize = 2;

/// A kind of group commit: what it is called in crash points, and its own row of receipts.
#[derive(Clone, Copy)]
struct Door {
    unit: &'static str,
    inserted: fn(),
    shard: i64,
}

const DRAIN: Door = Door { unit: "drain", inserted: || crash_point!("drain.inserted"), shard: INTAKE_TASKS as i64 };

type Intake = (Signal, oneshot::Sender<Result<(), StoreError>>);

pub struct Postgres {
    shared: Arc<Shared>,
    intake: mpsc::Sender<Intake>,
}

struct Shared {
    pool: Pool,
    /// Signals have connections of their own: no crowd of pages or slow units keeps them waiting.
    intake_pool: Pool,
    clock: Clock,
    migrated: AtomicBool,
    migrating: tokio::sync::Mutex<()>,
    pressure: Pressure,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Postgres {
    pub fn start(url: &str, readers: usize, clock: &Clock) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared {
            pool: pool(url, readers.max(1) + 4)?,
            // One more for what comes from the spool.
            intake_pool: pool(url, INTAKE_TASKS + 1)?,
            clock: clock.clone(),
            migrated: AtomicBool::new(false),
            migrating: tokio::sync::Mutex::new(()),
            pressure: Pressure::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        let (intake, waiting) = mpsc::channel(MAX_WAITING_INTAKE);
        let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
        for shard in (0..).take(INTAKE_TASKS) {
            shared.tasks.spawn(take_in(shared.clone(), waiting.clone(), shard));
        }
        Ok(Self { shared, intake })
    }

    /// Runs until the store is closed, which waits for it.
    pub fn keep_up(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.shared.tasks.spawn(task);
    }

    /// Says when the store is being closed.
    pub fn stopping(&self) -> CancellationToken {
        self.shared.stop.clone()
    }

    /// Commits rows that were made durable elsewhere. Those that are here already change nothing.
    pub async fn take_over(&self, parcels: &[Parcel]) -> Result<(), StoreError> {
        let lines = || parcels.iter().map(Line::from).collect();
        let written = write_group(&self.shared, lines(), DRAIN).await;
        if let Err(StoreError::Unwritable(_)) = &written {
            forget_idle(&self.shared);
        }
        written
    }

    pub fn is_storm(&self) -> bool {
        self.shared.pressure.is_storm()
    }

    pub async fn accept(&self, signal: Signal) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.intake.try_send((signal, reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Full,
            mpsc::error::TrySendError::Closed(_) => StoreError::Away("the store is closing".into()),
        })?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Away("the store is closing".into())))
    }

    pub async fn write<T, F>(&self, name: &'static str, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Unit<'a, T> + Send + 'static,
    {
        let shared = self.shared.clone();
        self.run(async move { transact(&shared, name, "BEGIN ISOLATION LEVEL READ COMMITTED", unit).await }).await
    }

    pub async fn read<T, F>(&self, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Unit<'a, T> + Send + 'static,
    {
        let shared = self.shared.clone();
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.run(async move { transact(&shared, "", begin, unit).await }).await
    }

    /// In a task of its own: a caller who goes away leaves no connection inside a transaction.
    async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.shared.tasks.spawn(work).await.unwrap_or_else(|_| Err(StoreError::Bug("a unit of work panicked".into())))
    }

    pub async fn close(&self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.shared.tasks.wait()).await;
        self.shared.pool.close();
        self.shared.intake_pool.close();
    }
}

fn pool(url: &str, size: usize) -> Result<Pool, StoreError> {
    let mut config: tokio_postgres::Config =
        url.parse().map_err(|e| StoreError::Refused(format!("[store] url is no PostgreSQL address: {e}")))?;
    config.application_name("arayashiki").connect_timeout(WAIT_FOR_CONNECTION);
    config.options(
        "-c statement_timeout=15000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000 \
         -c synchronous_commit=on -c timezone=UTC",
    );
    let manager = Manager::from_config(config, tls(), ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT_FOR_CONNECTION))
        .create_timeout(Some(WAIT_FOR_CONNECTION))
        .build()
        .map_err(|e| StoreError::Bug(e.to_string()))
}

/// TLS with the public roots; whether it is used is for `sslmode` in the address to say.
fn tls() -> MakeRustlsConnect {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_root_certificates(roots.clone()).with_no_client_auth());
    MakeRustlsConnect::new(
        config.unwrap_or_else(|_| rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()),
    )
}

/// Why no connection was to be had, without the layers through which it was told.
fn unreached(error: PoolError) -> StoreError {
    StoreError::Away(match error {
        PoolError::Backend(error) if error.as_db_error().is_some() => return away(error),
        PoolError::Backend(error) => format!("no connection to PostgreSQL: {}", error::deepest(&error)),
        PoolError::Timeout(_) => "PostgreSQL does not answer in time, or all connections are taken".to_owned(),
        other => error::chain(&other),
    })
}

/// Its own words for a connection that it refuses: a wrong password, no such database.
fn away(error: tokio_postgres::Error) -> StoreError {
    match StoreError::from(error) {
        StoreError::Bug(text) => StoreError::Away(text),
        other => other,
    }
}

async fn connection(shared: &Shared, pool: &Pool) -> Result<Object, StoreError> {
    let client = pool.get().await.map_err(unreached)?;
    if !shared.migrated.load(Ordering::Acquire) {
        let _one_at_a_time = shared.migrating.lock().await;
        if !shared.migrated.load(Ordering::Acquire) {
            // Whoever waits for this connection may give up in the middle of a step.
            let guarded = Guarded(Some(client));
            migrate::postgres(guarded.get()?).await?;
            shared.migrated.store(true, Ordering::Release);
            return guarded.take();
        }
    }
    Ok(client)
}

/// Takes a connection out of the pool for good: it is closed, and with it whatever it was in the middle of.
fn discard(client: Object) {
    drop(Object::take(client));
}

async fn begin(shared: &Shared, sql: &str) -> Result<Tx, StoreError> {
    let client = connection(shared, &shared.pool).await?;
    let begun = async {
        // Both are sent before either is answered: one round trip.
        let now = client.prepare_cached(migrate::NOW).await?;
        let (started, row) = futures_util::future::join(client.batch_execute(sql), client.query_one(&now, &[])).await;
        started?;
        row?.try_get::<_, i64>(0)
    };
    let timed = tokio::time::timeout(UNIT_TIMEOUT, begun).await;
    match timed {
        Ok(Ok(now)) => {
            let now = migrate::shifted(now, shared.clock.offset_us());
            Ok(Tx::new(Conn::Postgres(client), now))
        }
        Ok(Err(error)) => {
            discard(client);
            Err(error.into())
        }
        Err(_) => {
            discard(client);
            Err(StoreError::Away("PostgreSQL does not answer".into()))
        }
    }
}

async fn transact<T, F>(shared: &Shared, name: &'static str, sql: &str, unit: F) -> Result<T, StoreError>
where
    F: for<'a> FnOnce(&'a mut Tx) -> Unit<'a, T>,
{
    let mut tx = begin(shared, sql).await?;
    let work = AssertUnwindSafe(async {
        let value = unit(&mut tx).await?;
        tx.commit(name).await?;
        Ok(value)
    });
    // A panic is caught here and not only at the task's end: otherwise its connection would go back to the pool inside
    // the transaction, and the next commit would keep half a unit.
    let ran = match tokio::time::timeout(UNIT_TIMEOUT, work.catch_unwind()).await {
        Ok(Ok(ran)) => ran,
        Ok(Err(_)) => Err(StoreError::Bug("a unit of work panicked".into())),
        Err(_) => Err(StoreError::Away("PostgreSQL does not answer".into())),
    };
    if let Err(error) = &ran {
        end_failed(shared, tx, error).await;
    }
    ran
}

/// A refused unit leaves a connection worth keeping; anything else is closed rather than trusted.
async fn end_failed(shared: &Shared, tx: Tx, error: &StoreError) {
    let Conn::Postgres(client) = tx.conn else { return };
    if matches!(error, StoreError::Unwritable(_)) {
        discard(client);
        return forget_idle(shared);
    }
    let rolled = tokio::time::timeout(Duration::from_secs(2), client.batch_execute("ROLLBACK")).await;
    if !matches!(rolled, Ok(Ok(()))) {
        discard(client);
    }
}

/// A server that may not be written (a standby, say) says so once a session: connections made then stay read-only when
/// it has long been writable again. All that wait in the pool are made anew.
fn forget_idle(shared: &Shared) {
    shared.pool.retain(|_, _| false);
    shared.intake_pool.retain(|_, _| false);
}

async fn take_in(shared: Arc<Shared>, waiting: Arc<tokio::sync::Mutex<mpsc::Receiver<Intake>>>, shard: i64) {
    let door = Door { unit: "intake", inserted: || crash_point!("intake.inserted"), shard };
    let mut nag = Nag::default();
    loop {
        let group = next_group(&shared.stop, &waiting).await;
        if group.is_empty() {
            return;
        }
        shared.pressure.took(group.len());
        let (signals, mut replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        if faults::sabotaged("ack_early") {
            replies.drain(..).for_each(|reply: oneshot::Sender<_>| drop(reply.send(Ok(()))));
        }
        let written =
            tokio::time::timeout(INTAKE_TIMEOUT, write_group(&shared, signals.iter().map(Line::from).collect(), door))
                .await
                .unwrap_or_else(|_| Err(StoreError::Away("PostgreSQL does not answer".into())));
        say(&mut nag, written.as_ref().err());
        if matches!(written, Err(StoreError::Unwritable(_))) {
            forget_idle(&shared);
        }
        for reply in replies {
            let _ = reply.send(written.clone());
        }
    }
}

fn say(nag: &mut Nag, error: Option<&StoreError>) {
    match error {
        Some(error) => {
            if let Some(failures) = nag.failed(Instant::now()) {
                tracing::error!(%error, failures, "signals could not be written; everybody who sent one was told so");
            }
        }
        None => {
            if let Some(Over { seconds }) = nag.over(Instant::now()) {
                tracing::info!(seconds, "PostgreSQL takes signals again");
            }
        }
    }
}

/// What waits, and at the store's closing the rest of it; nothing once that is taken too.
async fn next_group(stop: &CancellationToken, waiting: &tokio::sync::Mutex<mpsc::Receiver<Intake>>) -> Vec<Intake> {
    let mut group = Vec::new();
    let mut waiting = waiting.lock().await;
    tokio::select! {
        _ = waiting.recv_many(&mut group, MOST_INTAKE) => {}
        () = stop.cancelled() => {
            waiting.close();
            waiting.recv_many(&mut group, MOST_INTAKE).await;
        }
    }
    group
}

async fn write_group(shared: &Shared, lines: Vec<Line<'_>>, door: Door) -> Result<(), StoreError> {
    // Dropped inside a transaction (by the time-out above), the connection closes with it.
    let client = Guarded(Some(connection(shared, &shared.intake_pool).await?));
    let open = client.get()?;
    open.batch_execute("BEGIN").await?;
    inbox::insert_group_postgres(open, lines, door.shard).await?;
    (door.inserted)();
    faults::hit(door.unit, "before_commit");
    open.batch_execute("COMMIT").await?;
    faults::hit(door.unit, "after_commit");
    drop(client.take()?);
    Ok(())
}

/// A connection that is closed when dropped, unless it was said to be clean.
struct Guarded(Option<Object>);

impl Guarded {
    fn get(&self) -> Result<&Object, StoreError> {
        self.0.as_ref().ok_or_else(|| StoreError::shape("a connection was used after it was given back"))
    }

    /// Clean: it may be used on, or go back to the pool.
    fn take(mut self) -> Result<Object, StoreError> {
        self.0.take().ok_or_else(|| StoreError::shape("a connection was used after it was given back"))
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            discard(client);
        }
    }
}
