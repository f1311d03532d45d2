//! The program's own rows, read beside it through its store's typed readers, and what a person at the desk would put in. Speaks
//! no SQL of its own.

use engine::post::MailboxState;
use model::connection::{LogState, poll};
use model::mail::Ledger;
use model::signal::{Key, Origin, Signal, digest, source};
use model::{Micros, Scope};
use std::path::PathBuf;
use store::ledger::Balance;
use store::mails::{Filter, Item};
use store::nets::Net;
use store::{Clock, Options, Place, Store, Unit};
use tokio::runtime::Runtime;

pub struct Books {
    runtime: Runtime,
    store: Store,
}

impl Books {
    pub fn open(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let place = match url.strip_prefix("sqlite:") {
            Some(file) => Place::Sqlite(PathBuf::from(file)),
            None => Place::Postgres(url.to_owned()),
        };
        let options = Options { place, readers: 1, clock: Clock::default() };
        let store = runtime.block_on(async { Store::open(options) }).unwrap();
        Self { runtime, store }
    }

    fn read<T, F>(&self, unit: F) -> T
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut store::Tx) -> Unit<'a, T> + Send + 'static,
    {
        self.runtime.block_on(self.store.read(unit)).unwrap()
    }

    /// Every mail of the ledger, the first first.
    pub fn mails(&self) -> Vec<Item> {
        let mut all = Vec::new();
        let mut before = None;
        loop {
            let filter = Filter { before, ..Filter::default() };
            let page =
                self.read(move |tx| Box::pin(async move { store::mails::list(tx, &Scope::All, &filter, 2_000).await }));
            let Some(last) = page.last().map(|mail| mail.id) else { break };
            before = Some(last);
            all.extend(page);
        }
        all.reverse();
        all
    }

    /// How many mails are in these states; all of them for none.
    pub fn count(&self, ledgers: &[Ledger]) -> i64 {
        let filter = Filter { ledgers: ledgers.to_vec(), ..Filter::default() };
        self.read(move |tx| Box::pin(async move { store::mails::count_up_to(tx, &Scope::All, &filter, 1 << 30).await }))
    }

    pub fn net(&self, id: &str) -> Option<Net> {
        let id = id.to_owned();
        self.read(move |tx| Box::pin(async move { store::nets::get(tx, &id).await }))
    }

    /// Whose an incident is; `None`: the mirror has no such incident.
    pub fn customer_of(&self, incident: &str) -> Option<Option<String>> {
        let id = incident.to_owned();
        self.read(move |tx| {
            Box::pin(async move {
                let known = store::incidents::is_open(tx, &id).await?;
                let customer = store::incidents::customer_of(tx, &id).await?;
                Ok(known.map(|_| customer))
            })
        })
    }

    /// Whether a service of the account is known by this name.
    pub fn knows_service(&self, name: &str) -> bool {
        let name = name.to_owned();
        self.read(move |tx| Box::pin(async move { store::reference::service(tx, &name).await })).is_some()
    }

    /// The alert of a mail.
    pub fn net_of(&self, mail: &Item) -> Net {
        let id = mail.net.as_deref().unwrap_or_else(|| panic!("no alert: {mail:?}"));
        self.net(id).unwrap_or_else(|| panic!("the alert {id} has no row"))
    }

    /// The receivers' count and the ledger's, of the last day and the next.
    pub fn balance(&self) -> Balance {
        let now = self.store.clock().now();
        let (since, until) = (now.plus_s(-86_400), now.plus_s(86_400));
        self.read(move |tx| Box::pin(async move { store::ledger::balance(tx, &Scope::All, since, until).await }))
    }

    pub fn rules(&self) -> Vec<store::ledger::Rule> {
        self.read(|tx| Box::pin(async move { store::ledger::list_rules(tx, &Scope::All).await }))
    }

    /// Whether the mailbox that is followed was looked at.
    pub fn mailbox_was_looked_at(&self) -> bool {
        let all = self.read(|tx| {
            Box::pin(store::duty_state::all::<MailboxState>(tx, engine::post::MAILBOX, engine::post::MAILBOX_VERSION))
        });
        all.iter().any(|(_, state, _)| state.looked_at.is_some())
    }

    /// As if the account's log had last been read so long ago.
    pub fn log_was_read(&self, ago_s: i64) {
        let unit = self.store.write("log_was_read", move |tx| {
            Box::pin(async move {
                let covered = Some(tx.now().plus_s(-ago_s));
                let state = LogState { covered, ..LogState::default() };
                store::polls::keep(tx, poll::LOG, &state).await
            })
        });
        self.runtime.block_on(unit).unwrap();
    }

    /// Somebody at the desk has pressed a button.
    pub fn say(&self, by: &str, act: duties::safety_net::desk::Act) {
        let said = duties::safety_net::desk::Said { by: by.to_owned(), account: String::new(), act };
        let raw = serde_json::to_vec(&said).unwrap();
        let now: Micros = self.store.clock().now();
        let signal = Signal {
            source: source::DESK,
            key: Key::of(source::DESK, &[&now.0.to_be_bytes(), &raw]),
            digest: digest(&raw),
            received_at: now,
            origin: Origin::Live,
            raw,
            headers: "{}".into(),
        };
        self.runtime.block_on(self.store.accept(signal)).unwrap();
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        self.runtime.block_on(self.store.clone().close());
    }
}
