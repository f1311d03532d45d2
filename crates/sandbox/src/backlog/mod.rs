//! A simulated Backlog (Nulab): API v2 with keys and OAuth, limits and errors, webhooks that may be lost, doubled or late, a control
//! interface that lets people do things, and a page to watch. It does not know wikis, files, Git or stars.

mod access;
mod api;
mod control;
mod edit;
mod errors;
mod happen;
mod limits;
mod page;
mod seed;
mod settings;
mod shapes;
mod told;
mod world;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::StartError;
use crate::clock::Clock;
use crate::courier::{self, Courier, Retry};
use crate::ground;
use crate::journal::Journal;
use crate::script::Script;
use crate::web::{self, Ask, Site, Told};
pub use settings::{PerMinute, Settings};
pub use world::Side;
use world::State;

#[derive(Debug, Clone)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the effects log is appended; none is written without it.
    pub log: Option<PathBuf>,
    pub seed: u64,
    /// Receivers of every project's webhooks.
    pub webhook_urls: Vec<String>,
    /// When its clock begins; now without it.
    pub start: Option<Timestamp>,
    /// So many tickets of the past beside the six.
    pub old_tickets: usize,
    /// How long a webhook's receiver has.
    pub deadline_ms: u64,
    pub settings: Settings,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            log: None,
            seed: 1,
            webhook_urls: Vec::new(),
            start: None,
            old_tickets: 0,
            deadline_ms: 10_000,
            settings: Settings::default(),
        }
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct OAuth {
    pub client_id: String,
    pub client_secret: String,
    /// Of the API user.
    pub refresh_token: String,
    pub token_url: String,
    /// Consents at once and goes back with a code.
    pub authorize_url: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Person {
    pub id: u64,
    pub user_id: String,
    pub name: String,
    pub mail: String,
    pub side: Side,
    pub api_key: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct ProjectInfo {
    pub id: u64,
    pub name: String,
    pub issue_types: BTreeMap<String, u64>,
    pub categories: BTreeMap<String, u64>,
    pub statuses: BTreeMap<String, u64>,
}

/// What the other side needs to know.
#[derive(Debug, Clone, Serialize)]
pub struct Info {
    /// Below it are `/api/v2` and `/view`.
    pub url: String,
    pub control_url: String,
    /// Of the API user.
    pub api_key: String,
    pub oauth: OAuth,
    /// key → project
    pub projects: BTreeMap<String, ProjectInfo>,
    /// login → person
    pub users: BTreeMap<String, Person>,
    /// name → number
    pub teams: BTreeMap<String, u64>,
    /// Keys of the tickets that are there at the start.
    pub tickets: Vec<String>,
    pub log: Option<PathBuf>,
}

/// A running simulation; it ends with `stop` or when dropped.
#[derive(Debug)]
pub struct Sandbox {
    info: Info,
    backlog: Arc<Backlog>,
    tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Backlog {
    script: Script,
    journal: Arc<Journal>,
    clock: Clock,
    courier: Arc<Courier>,
    state: Mutex<State>,
}

pub async fn start(options: Options) -> Result<Sandbox, StartError> {
    let journal = ground::journal(options.log.as_deref())?;
    let (listener, address) = ground::listen(options.listen).await?;
    let (courier, inbox) =
        Courier::new(options.deadline_ms, Retry::never()).map_err(|e| StartError::Client(e.to_string()))?;
    let clock = Clock::starting_at(options.start);
    let url = format!("http://{address}");
    let mut state = seed::space(options.seed, url, options.settings.clone(), Arc::clone(&courier), clock.now());
    seed::crowd(&mut state, options.old_tickets, clock.now());
    let info = info(&mut state, &options);
    let backlog = Arc::new(Backlog { script: Script::default(), journal, clock, courier, state: Mutex::new(state) });
    let mut tasks = JoinSet::new();
    tasks.spawn(courier::run(Arc::clone(&backlog.courier), inbox));
    tasks.spawn(web::serve(listener, Arc::clone(&backlog)));
    let sandbox = Sandbox { info, backlog, tasks };
    sandbox.set_webhook_urls(&options.webhook_urls).map_err(StartError::Webhook)?;
    Ok(sandbox)
}

fn info(state: &mut State, options: &Options) -> Info {
    let refresh_token = state.access.new_refresh(seed::BOT, &mut state.dice);
    let oauth = OAuth {
        client_id: state.access.client_id.clone(),
        client_secret: state.access.client_secret.clone(),
        refresh_token,
        token_url: format!("{}/api/v2/oauth2/token", state.url),
        authorize_url: format!("{}/OAuth2AccessRequest.action", state.url),
    };
    Info {
        url: state.url.clone(),
        control_url: format!("{}/_control", state.url),
        api_key: state.user(seed::BOT).map(|u| u.api_key.clone()).unwrap_or_default(),
        oauth,
        projects: state.projects.iter().map(|p| (p.key.to_owned(), project(p))).collect(),
        users: state.users.iter().map(|u| (u.login.to_owned(), person(u))).collect(),
        teams: state.teams.iter().map(|t| (t.name.to_owned(), t.id)).collect(),
        tickets: state.issues.iter().map(|i| i.key.clone()).collect(),
        log: options.log.clone(),
    }
}

fn project(of: &world::Project) -> ProjectInfo {
    let by_name = |of: &[world::Choice]| of.iter().map(|c| (c.name.to_owned(), c.id)).collect();
    ProjectInfo {
        id: of.id,
        name: of.name.to_owned(),
        issue_types: by_name(&of.types),
        categories: by_name(&of.categories),
        statuses: by_name(&of.statuses),
    }
}

fn person(of: &world::User) -> Person {
    Person {
        id: of.id,
        user_id: of.login.to_owned(),
        name: of.name.to_owned(),
        mail: of.mail.clone(),
        side: of.side,
        api_key: of.api_key.clone(),
    }
}

impl Sandbox {
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Every project's webhooks go there from now on, and nowhere else.
    pub fn set_webhook_urls(&self, urls: &[String]) -> Result<(), String> {
        self.control("webhooks", &json!({ "urls": urls })).map(drop)
    }

    /// What `POST /_control/{what}` does, from inside the process. The reason when it is refused.
    pub fn control(&self, what: &str, body: &Value) -> Result<Value, String> {
        control::handle(&self.backlog, "POST", what, body).unwrap_or_else(|| Err("no such control".into()))
    }

    /// Every ticket as it really is, with its comments; deleted ones are marked.
    pub fn tickets(&self) -> Vec<Value> {
        let all = control::handle(&self.backlog, "GET", "tickets", &Value::Null);
        let all = all.and_then(Result::ok).map(|mut v| v["tickets"].take());
        all.and_then(|v| v.as_array().cloned()).unwrap_or_default()
    }

    /// Every effect from outside, oldest first: `{seq, at, kind, detail}`.
    pub fn effects(&self) -> Vec<Value> {
        self.backlog.journal.all()
    }

    /// The comments that came by the API, oldest first: `{seq, at, ticket, comment_id, by, content, …}`.
    pub fn comments(&self) -> Vec<Value> {
        self.backlog.journal.of_kind("backlog.commented")
    }

    /// Every webhook: `{id, url, about, state, answers, body, headers}`.
    pub fn deliveries(&self) -> Vec<Value> {
        self.backlog.courier.shown()
    }

    /// Waits until no webhook is on its way; what is held does not count.
    pub async fn settle(&self, wait_ms: u64) -> bool {
        self.backlog.courier.idle(wait_ms).await
    }

    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

/// JSON as Backlog labels it.
fn told(status: u16, body: &Value) -> Told {
    Told::of(status, "application/json;charset=utf-8", body.to_string())
}

impl Backlog {
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

    /// A button of the page.
    fn act(&self, ask: &Ask) -> Told {
        // Another site's page must not press it.
        if ask.header("sec-fetch-site").is_some_and(|from| !["same-origin", "none"].contains(&from)) {
            return Told::text(403, "press the button on this page");
        }
        let form = ask.form();
        let field = |name: &str| form.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
        let mut body = json!({ "as": field("as"), "ticket": field("ticket"), "content": field("content") });
        let what = match field("what") {
            "take" => {
                body["to"] = json!(field("as"));
                "assign"
            }
            "done" => {
                body["status"] = json!("完了");
                "status"
            }
            "reopen" => "reopen",
            _ => "comment",
        };
        match control::handle(self, "POST", what, &body) {
            Some(Ok(_)) => Told::empty(303).with("location", "/"),
            Some(Err(said)) => Told::text(400, &said),
            None => Told::text(404, "no such button"),
        }
    }
}

impl Site for Backlog {
    fn script(&self) -> &Script {
        &self.script
    }

    fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    async fn answer(&self, ask: Ask) -> Option<Told> {
        let told = match (ask.method.as_str(), ask.path.as_str()) {
            (_, path) if path.starts_with("/api/v2/") => self.api(&ask).await?,
            ("GET", "/") => Told::html(page::tickets(&self.state())),
            ("GET", "/OAuth2AccessRequest.action") => self.state().consent(&ask, seed::BOT),
            ("GET", path) => {
                let shown = path.strip_prefix("/view/").and_then(|key| page::one(&self.state(), key));
                shown.map_or_else(|| Told::text(404, "not found"), Told::html)
            }
            ("POST", "/act") => self.act(&ask),
            _ => Told::text(404, "not found"),
        };
        Some(told.with("date", &self.clock.date()))
    }

    async fn control(&self, what: &str, ask: &Ask) -> Option<Result<Value, String>> {
        let handle = |method: &str, body: &Value| control::handle(self, method, what, body);
        ground::controlled(&self.courier, (what, ask), handle).await
    }
}
