//! The program's own books, read straight from its database beside it, and changed where a test forges something.

use super::Site;
use crate::outside::wait;
use model::Scope;
use store::callouts::Callout;
use store::ledger::Balance;
use store::mails::{Filter, Item};
use store::nets::Net;
use store::outages::Outage;
use store::{Clock, Options, Place, Store, StoreError, Tx, Unit, Val};
use tokio::runtime::Runtime;

/// Far more than any test has.
const MOST: i64 = 100_000;

pub struct Books {
    runtime: Runtime,
    store: Option<Store>,
}

impl Books {
    pub fn of(site: &Site) -> Self {
        let text = std::fs::read_to_string(site.config()).unwrap();
        let url = text.lines().find_map(|line| line.strip_prefix("url = \"")).unwrap().trim_end_matches('"').to_owned();
        let place = match url.strip_prefix("sqlite:") {
            Some(path) => Place::Sqlite(path.into()),
            None => Place::Postgres(url),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let store =
            runtime.block_on(async { Store::open(Options { place, readers: 1, clock: Clock::default() }) }).unwrap();
        Self { runtime, store: Some(store) }
    }

    /// The server beside us may hold the database for a moment: then once more.
    pub fn read<T: Send + 'static>(
        &self,
        unit: impl for<'a> Fn(&'a mut Tx) -> Unit<'a, T> + Send + Clone + 'static,
    ) -> T {
        let read = || self.runtime.block_on(self.store.as_ref().unwrap().read(unit.clone()));
        wait::until("the books to be read", || read().ok())
    }

    pub fn write<T: Send + 'static>(
        &self,
        unit: impl for<'a> Fn(&'a mut Tx) -> Unit<'a, T> + Send + Clone + 'static,
    ) -> T {
        let write = || self.runtime.block_on(self.store.as_ref().unwrap().write("books", unit.clone()));
        wait::until("the books to be written", || write().ok())
    }

    /// A statement of the test's own: what it forges.
    pub fn forge(&self, sql: &'static str, vals: Vec<Val>) -> u64 {
        self.write(move |tx| {
            let vals = vals.clone();
            Box::pin(async move { tx.exec(sql, &vals).await })
        })
    }

    /// All mails, oldest first.
    pub fn mails(&self) -> Vec<Item> {
        let mut mails = self
            .read(|tx| Box::pin(async move { store::mails::list(tx, &Scope::All, &Filter::default(), MOST).await }));
        mails.sort_by_key(|mail| mail.id);
        mails
    }

    /// Pages that are still to be looked for.
    pub fn confirms(&self) -> i64 {
        let sql = "SELECT count(*) FROM timer WHERE duty = 'confirm'";
        self.read(move |tx| Box::pin(async move { tx.sure(sql, &[]).await?.int(0) }))
    }

    pub fn net(&self, id: &str) -> Option<Net> {
        let id = id.to_owned();
        self.read(move |tx| {
            let id = id.clone();
            Box::pin(async move { store::nets::get(tx, &id).await })
        })
    }

    pub fn callouts(&self) -> Vec<Callout> {
        self.read(|tx| Box::pin(async move { store::callouts::list(tx, &Scope::All, None, MOST).await }))
    }

    pub fn outages(&self) -> Vec<Outage> {
        self.read(|tx| Box::pin(async move { store::outages::list(tx, &Scope::All, MOST).await }))
    }

    /// Both sides of the ledger, of all time.
    pub fn balance(&self) -> Balance {
        self.read(|tx| {
            Box::pin(async move {
                let until = tx.now().plus_s(400 * 86_400);
                store::ledger::balance(tx, &Scope::All, model::Micros(0), until).await
            })
        })
    }

    /// Somebody presses the link of a call; by the secret in it, as the page does.
    pub fn answer(&self, link: &str) -> bool {
        let token = link.rsplit('/').next().unwrap().to_owned();
        self.write(move |tx| {
            let digest = model::signal::digest(token.as_bytes());
            Box::pin(async move {
                match store::callouts::by_digest(tx, digest).await? {
                    Some(call) => store::callouts::answer(tx, &call.id, &call.person).await,
                    None => Ok::<bool, StoreError>(false),
                }
            })
        })
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        if let Some(store) = self.store.take() {
            self.runtime.block_on(store.close());
        }
    }
}
