//! A simulated Google Calendar: the token endpoint for service accounts, events with the sync protocol and push channels, the private
//! iCalendar feed, a control interface that lets people plan things, and a page to watch. It knows no ACL, free/busy or colours calls.

mod api;
mod channels;
mod control;
mod errors;
mod ical;
mod key;
mod list;
mod page;
mod query;
mod rrule;
mod seed;
mod series;
mod settings;
mod shapes;
mod token;
mod when;
mod world;
mod write;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::StartError;
use crate::clock::Clock;
use crate::courier::{self, Courier, Retry};
use crate::dice::Dice;
use crate::ground;
use crate::journal::Journal;
use crate::script::Script;
use crate::web::{self, Ask, Site, Told};
pub use settings::{IcsCancelled, Settings};
pub use world::Role;
use world::State;

#[derive(Debug, Clone)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the effects log is appended; none is written without it.
    pub log: Option<PathBuf>,
    /// Where the service account's key file is written; no file without it.
    pub key_file: Option<PathBuf>,
    pub seed: u64,
    /// When its clock begins; now without it.
    pub start: Option<Timestamp>,
    /// The calendars are empty at the start.
    pub is_empty: bool,
    /// How long changes gather before a push tells of them.
    pub push_lag_ms: u64,
    /// The first wait before a push is tried again after a 5xx; doubles from there.
    pub retry_ms: u64,
    /// How long a receiver may take to answer.
    pub deadline_ms: u64,
    pub settings: Settings,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            log: None,
            key_file: None,
            seed: 1,
            start: None,
            is_empty: false,
            push_lag_ms: 500,
            retry_ms: 1_000,
            deadline_ms: 10_000,
            settings: Settings::default(),
        }
    }
}

/// What the other side needs to know.
#[derive(Debug, Clone, Serialize)]
pub struct Info {
    pub url: String,
    /// `…/calendar/v3`
    pub api_url: String,
    pub token_url: String,
    pub control_url: String,
    /// The path of the key file.
    pub service_account: Option<PathBuf>,
    /// What is in it.
    pub service_account_json: String,
    pub client_email: String,
    /// name → id
    pub calendars: BTreeMap<String, String>,
    /// name → the secret address of its feed
    pub ics_urls: BTreeMap<String, String>,
    /// name → address, of those whom the account may act for when delegation is on
    pub people: BTreeMap<String, String>,
    pub log: Option<PathBuf>,
}

/// A running simulation; it ends with `stop` or when dropped.
#[derive(Debug)]
pub struct Sandbox {
    info: Info,
    google: Arc<Google>,
    tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Google {
    script: Script,
    journal: Arc<Journal>,
    clock: Clock,
    courier: Arc<Courier>,
    push_lag_ms: u64,
    state: Mutex<State>,
}

pub async fn start(options: Options) -> Result<Sandbox, StartError> {
    let journal = ground::journal(options.log.as_deref())?;
    let (listener, address) = ground::listen(options.listen).await?;
    let retry = Retry { statuses: &[500, 502, 503, 504], times: 5, first_ms: options.retry_ms };
    let (courier, inbox) = Courier::new(options.deadline_ms, retry).map_err(|e| StartError::Client(e.to_string()))?;
    let clock = Clock::starting_at(options.start);
    let (pushes, stirred) = mpsc::unbounded_channel();
    let (seed, url) = (options.seed, format!("http://{address}"));
    let mut dice = Dice::new(seed);
    let (account, dice) = tokio::task::spawn_blocking(move || (key::Account::new(&mut dice, &url), dice))
        .await
        .map_err(|e| StartError::Key(e.to_string()))?;
    let account = account.map_err(StartError::Key)?;
    if let Some(path) = &options.key_file {
        write_secret(path, &account.file).map_err(|e| StartError::KeyFile(path.clone(), e))?;
    }
    let mut state = world_of(&options, format!("http://{address}"), (account, dice), (Arc::clone(&courier), pushes));
    if !options.is_empty {
        seed::live_through(&mut state, clock.now());
    }
    let info = info(&state, &options);
    let google = Arc::new(Google {
        script: Script::default(),
        journal,
        clock,
        courier,
        push_lag_ms: options.push_lag_ms,
        state: Mutex::new(state),
    });
    let mut tasks = JoinSet::new();
    tasks.spawn(courier::run(Arc::clone(&google.courier), inbox));
    tasks.spawn(channels::run(Arc::clone(&google), stirred));
    tasks.spawn(web::serve(listener, Arc::clone(&google)));
    Ok(Sandbox { info, google, tasks })
}

/// For its owner alone.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

type Ways = (Arc<Courier>, mpsc::UnboundedSender<(String, courier::Expected)>);

fn world_of(
    options: &Options,
    url: String,
    (account, mut dice): (key::Account, Dice),
    (courier, pushes): Ways,
) -> State {
    State {
        url,
        people: seed::PEOPLE.to_vec(),
        account,
        calendars: seed::calendars(&mut dice),
        tokens: Vec::new(),
        channels: Vec::new(),
        sessions: BTreeMap::new(),
        listed: Vec::new(),
        settings: options.settings.clone(),
        dice,
        courier,
        pushes,
        refusals: VecDeque::new(),
        calls: Vec::new(),
        used: HashMap::new(),
        last_session: 0,
    }
}

fn encoded(id: &str) -> String {
    percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn info(state: &State, options: &Options) -> Info {
    let url = &state.url;
    let ics = |c: &world::Calendar| format!("{url}/ical/{}/private-{}/basic.ics", encoded(&c.id), c.secret);
    Info {
        url: url.clone(),
        api_url: format!("{url}/calendar/v3"),
        token_url: state.account.token_url.clone(),
        control_url: format!("{url}/_control"),
        service_account: options.key_file.clone(),
        service_account_json: state.account.file.clone(),
        client_email: state.account.email.clone(),
        calendars: state.calendars.iter().map(|c| (c.name.to_owned(), c.id.clone())).collect(),
        ics_urls: state.calendars.iter().map(|c| (c.name.to_owned(), ics(c))).collect(),
        people: state.people.iter().map(|p| (p.name.to_owned(), p.mail.to_owned())).collect(),
        log: options.log.clone(),
    }
}

impl Sandbox {
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// What `POST /_control/{what}` does, from inside the process. The reason when it is refused.
    pub fn control(&self, what: &str, body: &Value) -> Result<Value, String> {
        control::handle(&self.google, "POST", what, body).unwrap_or_else(|| Err("no such control".into()))
    }

    /// What `GET /_control/{what}` shows: `events`, `channels`, `deliveries`, `calls`, `settings`.
    pub fn shown(&self, what: &str) -> Value {
        control::handle(&self.google, "GET", what, &Value::Null).and_then(Result::ok).unwrap_or_default()
    }

    /// Every effect from outside, oldest first: `{seq, at, kind, detail}`.
    pub fn effects(&self) -> Vec<Value> {
        self.google.journal.all()
    }

    /// Waits until no push is on its way; what is held does not count.
    pub async fn settle(&self, wait_ms: u64) -> bool {
        self.google.courier.idle(wait_ms).await
    }

    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

fn told(status: u16, body: &Value) -> Told {
    Told::of(status, "application/json; charset=UTF-8", body.to_string())
}

impl Google {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn api(&self, ask: &Ask) -> Option<Told> {
        let (told, effect) = api::answer(&mut self.state(), ask, self.clock.now());
        if let Some((kind, detail)) = effect {
            self.journal.keep(kind, detail).await.ok()?;
        }
        Some(told)
    }

    /// `/ical/{id}/private-{secret}/basic.ics`
    fn feed(&self, ask: &Ask) -> Told {
        let parts = ask.parts();
        let state = self.state();
        let found = match parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["ical", id, secret, "basic.ics"] => {
                state.calendars.iter().find(|c| c.id == *id && secret.strip_prefix("private-") == Some(&c.secret))
            }
            _ => None,
        };
        let Some(own) = found else { return Told::text(404, "Not Found") };
        let bytes =
            own.frozen.clone().unwrap_or_else(|| ical::feed(own, state.settings.ics_cancelled, self.clock.now()));
        Told::of(200, "text/calendar; charset=UTF-8", bytes)
    }
}

impl Site for Google {
    fn script(&self) -> &Script {
        &self.script
    }

    fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    async fn answer(&self, ask: Ask) -> Option<Told> {
        let told = match (ask.method.as_str(), ask.path.as_str()) {
            (_, path) if path.starts_with("/calendar/v3/") => self.api(&ask).await?,
            ("POST", "/token") => {
                let told = self.state().token(&ask, self.clock.now());
                // Of a token's life only the outcome is anybody's business.
                self.state().call("POST", "/token", &[], told.status);
                told
            }
            ("GET", "/") => Told::html(page::coming(&self.state(), self.clock.now())),
            ("GET", path) if path.starts_with("/ical/") => self.feed(&ask),
            _ => Told::text(404, "Not Found"),
        };
        Some(told.with("date", &self.clock.date()))
    }

    async fn control(&self, what: &str, ask: &Ask) -> Option<Result<Value, String>> {
        let handle = |method: &str, body: &Value| control::handle(self, method, what, body);
        ground::controlled(&self.courier, (what, ask), handle).await
    }
}
