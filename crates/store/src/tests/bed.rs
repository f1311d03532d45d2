//! Where a test lies: a SQLite file in a folder of its own, or a PostgreSQL database of its own that is copied from a
//! template. Never shares rows between two tests.

use crate::{Clock, Options, Place, Store};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

/// A store on an empty database with today's schema.
pub struct Bed {
    pub store: Store,
    pub clock: Clock,
    pub place: Place,
    /// A folder for this test alone.
    pub folder: tempfile::TempDir,
}

impl Bed {
    fn new(place: Place, folder: tempfile::TempDir) -> Self {
        let clock = Clock::default();
        Self { store: open(&place, &clock), clock, place, folder }
    }

    /// One more store on the same database: what another process would have. It shares the movable clock.
    pub fn another(&self) -> Store {
        open(&self.place, &self.clock)
    }

    /// A place beside this one where nothing was ever written.
    pub async fn fresh_place(&self) -> Place {
        match &self.place {
            Place::Sqlite(_) => Place::Sqlite(self.folder.path().join("fresh.db")),
            Place::Postgres(url) => {
                let fresh = format!("{}_fresh", database(url));
                psql(&on_database(url, "postgres"), &format!("CREATE DATABASE {fresh}")).await.unwrap();
                Place::Postgres(on_database(url, &fresh))
            }
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.store.is_postgres()
    }
}

pub fn open(place: &Place, clock: &Clock) -> Store {
    Store::open(Options { place: place.clone(), readers: 4, clock: clock.clone() }).unwrap()
}

/// Runs a case on each database that is at hand.
pub fn for_each_store(case: impl AsyncFn(&Bed)) {
    on_sqlite(&case);
    on_postgres(&case);
}

pub fn on_sqlite(case: impl AsyncFn(&Bed)) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Sqlite(folder.path().join("store.db"));
    runtime().block_on(async {
        let bed = Bed::new(place, folder);
        // The writer makes the file; a reader that is faster finds none.
        bed.store.probe().await.unwrap();
        case(&bed).await;
        bed.store.close().await;
    });
}

pub fn on_postgres(case: impl AsyncFn(&Bed)) {
    let Some(admin) = server() else { return };
    let runtime = runtime();
    let name = runtime.block_on(create(&admin));
    let ran = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let bed = Bed::new(Place::Postgres(on_database(&admin, &name)), tempfile::tempdir().unwrap());
            case(&bed).await;
            bed.store.close().await;
        });
    }));
    runtime.block_on(async {
        for database in [format!("{name}_fresh"), name] {
            psql(&admin, &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await.unwrap();
        }
    });
    if let Err(panic) = ran {
        resume_unwind(panic);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The server for tests, if there is one. CI has to have it.
fn server() -> Option<String> {
    static SAID: Once = Once::new();
    let url = environment("ARAYASHIKI_TEST_POSTGRES");
    if url.is_none() {
        assert!(!is_ci(), "CI has no PostgreSQL for the tests: eval \"$(scripts/services start)\"");
        SAID.call_once(|| eprintln!("PostgreSQL is skipped: eval \"$(scripts/services start)\" sets it up"));
    }
    url
}

pub fn is_ci() -> bool {
    environment("CI").as_deref() == Some("true")
}

#[expect(
    clippy::disallowed_methods,
    reason = "where a test's server is, and what a child has to do, comes from outside"
)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A database of its own, copied from the template.
async fn create(admin: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let template = template(admin).await;
    let name = format!("arayashiki_store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    // What a killed run of the same process id left behind is in nobody's way.
    psql(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
    psql(admin, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
    name
}

/// A migrated database that nobody may connect to, made once for a schema.
async fn template(admin: &str) -> String {
    let schema = hex::encode(&model::signal::digest(crate::migrate::postgres_text().as_bytes())[..6]);
    let name = format!("arayashiki_store_template_{schema}");
    with_client(admin, async |client| {
        client.batch_execute("SELECT pg_advisory_lock(7361)").await.unwrap();
        let is_whole = format!("SELECT 1 FROM pg_database WHERE datname = '{name}' AND NOT datallowconn");
        if client.query_opt(&is_whole, &[]).await.unwrap().is_some() {
            return;
        }
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let store = open(&Place::Postgres(on_database(admin, &name)), &Clock::default());
        store.read(|tx| Box::pin(crate::meta(tx, "schema"))).await.unwrap();
        store.close().await;
        client.batch_execute(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")).await.unwrap();
    })
    .await;
    name
}

/// The same server, another database.
pub fn on_database(url: &str, name: &str) -> String {
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

pub fn database(url: &str) -> &str {
    url.rsplit_once('/').unwrap().1
}

/// Runs statements on a connection of their own, beside any store.
pub async fn psql(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    with_client(url, async |client| client.batch_execute(sql).await).await
}

async fn with_client<T>(url: &str, work: impl AsyncFn(&tokio_postgres::Client) -> T) -> T {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::select! {
        done = work(&client) => done,
        ended = connection => panic!("the connection ended by itself: {ended:?}"),
    }
}
