//! A simulated PagerDuty on one listener: REST v2, Events v2, Webhooks V3 and a control interface. It is the outside judge of
//! Arayashiki's tests and the other side of its demos; README.md of this crate says what it does not simulate.

mod access;
mod account;
mod actions;
mod audit;
mod book;
mod call;
mod channel;
mod control;
mod crowd;
mod disaster;
mod effects;
mod events;
mod faults;
mod flow;
mod grouping;
mod happen;
mod hub;
mod limits;
mod mailbox;
mod orchestration;
mod post;
mod refs;
mod rest;
mod server;
mod shapes;
mod state;
mod story;
mod watch;
mod webhooks;
mod world;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::clock::{self, Clock};
use crate::dice::{self, Dice};
use effects::EffectsFile;
use hub::{At, Hub};
use state::{Settings, State};
pub use watch::{OpenAlert, Watch};

/// What lives in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Story {
    /// The account alone.
    #[default]
    None,
    /// The account and its history; nothing new happens by itself.
    Past,
    /// History, some open incidents, and a night that goes on.
    Night,
}

/// Which key `Info::token` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyLevel {
    /// The account's key that may do everything.
    #[default]
    Full,
    /// The account's key that may only read.
    ReadOnly,
    /// The key of the user that is named in `Info::from`.
    User,
}

#[derive(Debug, Clone)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where it takes mail; a free port of the same address without it.
    pub mail_listen: Option<SocketAddr>,
    /// Where the effects log is appended; none is written without it.
    pub log: Option<PathBuf>,
    pub webhook_url: Option<String>,
    pub seed: u64,
    pub story: Story,
    /// How many times faster than life the night goes.
    pub speed: f64,
    pub history_days: u32,
    /// So many seconds its clock begins behind: what then happens, and is told after `advance`, is old news.
    pub behind_s: u32,
    /// How many incidents the history holds; 0 leaves it to the story, about seven a day. More than 0 makes a past even
    /// without a story.
    pub incidents: usize,
    /// At least so many services; the three customers have eleven. One more is nobody's.
    pub services: usize,
    pub key_level: KeyLevel,
    /// Every key is answered as one of the other region.
    pub wrong_region: bool,
    /// So many seconds into the night the webhook subscription is disabled, until somebody enables it.
    pub night_outage_s: Option<u32>,
    /// The first wait before a webhook is tried again; doubles from there.
    pub retry_ms: u64,
    /// How long a receiver may take to answer.
    pub deadline_ms: u64,
    pub requests_per_minute: u32,
    pub events_per_minute: u32,
    /// How long an accepted event takes to become an alert.
    pub event_lag_ms: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            mail_listen: None,
            log: None,
            webhook_url: None,
            seed: 1,
            story: Story::None,
            speed: 1.0,
            history_days: 30,
            behind_s: 0,
            incidents: 0,
            services: 0,
            key_level: KeyLevel::Full,
            wrong_region: false,
            night_outage_s: Some(40),
            retry_ms: 30_000,
            deadline_ms: 5_000,
            requests_per_minute: 960,
            events_per_minute: 120,
            event_lag_ms: 150,
        }
    }
}

/// Everything that the other side needs to know to talk to this account.
#[derive(Debug, Clone, Serialize)]
pub struct Info {
    pub url: String,
    pub events_url: String,
    pub control_url: String,
    /// Where mail for the integrations' addresses is taken, by plain SMTP: host and port.
    pub mail: String,
    /// service id → addresses of its e-mail integrations
    pub integration_emails: BTreeMap<String, Vec<String>>,
    /// Of the level that was asked for.
    pub token: String,
    pub key_level: KeyLevel,
    pub full_token: String,
    pub read_only_token: String,
    /// address → token
    pub user_tokens: BTreeMap<String, String>,
    pub from: String,
    pub webhook_secret: String,
    pub webhook_subscription: String,
    /// service id → integration key
    pub routing_keys: BTreeMap<String, String>,
    /// service name → service id
    pub services: BTreeMap<String, String>,
    /// The service that is no customer's, where alerts go that no service is configured for: its id.
    pub unconfigured: String,
    /// One team each.
    pub customers: Vec<Customer>,
    pub log: Option<PathBuf>,
}

/// A customer of the simulated provider, as a configuration would name it.
#[derive(Debug, Clone, Serialize)]
pub struct Customer {
    pub id: String,
    pub name: String,
    /// The id of the team that stands for it.
    pub team: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("cannot listen on {0}: {1}; choose another address or port 0")]
    Listen(SocketAddr, std::io::Error),
    #[error("cannot open the effects log {0}: {1}")]
    Log(PathBuf, std::io::Error),
    #[error("the webhook address {0} is not a URL: {1}")]
    WebhookUrl(String, url::ParseError),
    #[error("speed must be above 0")]
    Speed,
    #[error("cannot build the HTTPS client: {0}")]
    Https(reqwest::Error),
}

/// A running simulation; it ends with `stop` or when dropped.
#[derive(Debug)]
pub struct Sandbox {
    info: Info,
    hub: Arc<Hub>,
    tasks: JoinSet<()>,
}

pub async fn start(options: Options) -> Result<Sandbox, SandboxError> {
    if !(options.speed.is_finite() && options.speed > 0.0) {
        return Err(SandboxError::Speed);
    }
    if let Some(url) = &options.webhook_url {
        url::Url::parse(url).map_err(|e| SandboxError::WebhookUrl(url.clone(), e))?;
    }
    let log_error = |e| SandboxError::Log(options.log.clone().unwrap_or_default(), e);
    let log = EffectsFile::open(options.log.as_deref()).map_err(log_error)?;
    let listener = TcpListener::bind(options.listen).await.map_err(|e| SandboxError::Listen(options.listen, e))?;
    let address = listener.local_addr().map_err(|e| SandboxError::Listen(options.listen, e))?;
    let for_mail = options.mail_listen.unwrap_or_else(|| SocketAddr::from((options.listen.ip(), 0)));
    let mail = TcpListener::bind(for_mail).await.map_err(|e| SandboxError::Listen(for_mail, e))?;
    let mail_address = mail.local_addr().map_err(|e| SandboxError::Listen(for_mail, e))?;
    let https = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    let https = https.map_err(SandboxError::Https)?;
    let state = world_of(&options);
    let info = info(&state, &options, (address, mail_address));
    let at = At { events_url: info.events_url.clone(), mail: info.mail.clone() };
    let hub = Arc::new(Hub::new(state, Clock::behind(options.behind_s), log, (at, https.clone())));
    let mut tasks = JoinSet::new();
    tasks.spawn(server::serve(Arc::clone(&hub), listener));
    tasks.spawn(crate::smtp::serve(mail, post::PostOffice(Arc::clone(&hub))));
    tasks.spawn(Arc::clone(&hub).keep_time());
    tasks.spawn(webhooks::dispatch::run(Arc::clone(&hub), https, Duration::from_millis(options.deadline_ms)));
    Ok(Sandbox { info, hub, tasks })
}

/// The account, its past and its subscription. The past happens before the subscription exists, so nobody is told of it.
fn world_of(options: &Options) -> State {
    let mut dice = Dice::new(options.seed);
    let now = Clock::behind(options.behind_s).now();
    let account = world::build(&mut dice, options.services, now);
    let settings = Settings {
        retry_ms: options.retry_ms,
        event_lag_ms: options.event_lag_ms,
        requests_per_minute: options.requests_per_minute,
        events_per_minute: options.events_per_minute,
    };
    let mut state = State::new(now, account, dice, settings);
    state.access.wrong_region = options.wrong_region;
    if options.story != Story::None || options.incidents > 0 {
        let extent = (options.history_days, options.incidents);
        story::live_through_history(&mut state, extent, now, options.seed);
    }
    if options.story == Story::Night {
        story::begin_night(&mut state, options.seed, options.speed, options.night_outage_s, now);
    }
    state.book.start_keeping_past();
    state.subscribe(options.webhook_url.clone());
    state
}

fn info(state: &State, options: &Options, (address, mail): (SocketAddr, SocketAddr)) -> Info {
    let account = &state.account;
    let url = format!("http://{address}");
    let subscription = &state.hooks.subscriptions[0];
    let automation = &account.users[account.automation];
    let token = match options.key_level {
        KeyLevel::Full => &account.token,
        KeyLevel::ReadOnly => &account.read_only_token,
        KeyLevel::User => &automation.token,
    };
    Info {
        events_url: format!("{url}/v2/enqueue"),
        control_url: format!("{url}/_control"),
        mail: mail.to_string(),
        integration_emails: integration_emails(account),
        url,
        token: token.clone(),
        key_level: options.key_level,
        full_token: account.token.clone(),
        read_only_token: account.read_only_token.clone(),
        user_tokens: account.users.iter().map(|u| (u.email.clone(), u.token.clone())).collect(),
        from: automation.email.clone(),
        webhook_secret: subscription.secret.clone(),
        webhook_subscription: subscription.id.clone(),
        routing_keys: account.services.iter().map(|s| (s.id.clone(), s.routing_key.clone())).collect(),
        services: account.services.iter().map(|s| (s.name.clone(), s.id.clone())).collect(),
        unconfigured: account.services.iter().filter(|s| s.team.is_none()).map(|s| s.id.clone()).collect(),
        customers: account.teams.iter().map(customer).collect(),
        log: options.log.clone(),
    }
}

fn integration_emails(account: &account::Account) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for own in account.mailboxes.iter().filter(|m| !m.deleted) {
        all.entry(account.services[own.service].id.clone()).or_default().push(own.address.clone());
    }
    all
}

fn customer(team: &account::Team) -> Customer {
    let id = team.name.to_lowercase().split_whitespace().next().unwrap_or("customer").to_owned();
    Customer { id, name: team.name.clone(), team: team.id.clone() }
}

impl Sandbox {
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Points the first subscription somewhere; from then on events are kept for it.
    pub fn set_webhook_url(&self, url: &str) {
        self.hub.with(|state| {
            if let Some(own) = state.hooks.subscriptions.first_mut() {
                own.url = Some(url.to_owned());
            }
        });
    }

    /// For whoever wants to know what is wrong just now.
    pub fn watch(&self) -> Watch {
        Watch::new(&self.hub)
    }

    /// What `POST /_control/{what}` does, from inside the process; for `monitor` there is `monitors`. The reason when it is refused.
    pub fn control(&self, what: &str, body: &serde_json::Value) -> Result<serde_json::Value, String> {
        let uri = format!("/_control/{what}").parse::<http::Uri>().map_err(|e| e.to_string())?;
        let mut call = call::Call::new(&http::Method::POST, &uri, &http::HeaderMap::new());
        call.body = body.to_string().into();
        let reply = self.hub.with(|state| control::handle(state, &self.hub.clock, &call));
        let told: serde_json::Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        if reply.status == 200 { Ok(told) } else { Err(told["error"].as_str().unwrap_or_default().to_owned()) }
    }

    /// What `POST /_control/press` does, from inside the process.
    pub async fn press(&self, body: &serde_json::Value) -> Result<serde_json::Value, String> {
        control::press::run(&self.hub, body.clone()).await
    }

    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}
