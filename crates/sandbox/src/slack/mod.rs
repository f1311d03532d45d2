//! A simulated Slack: Web API, incoming webhooks, callbacks over HTTP and Socket Mode, and the workspace as a page. It judges from
//! outside: every effect is in its journal before anybody is answered. Shares no type with the connector.

mod api;
mod blocks;
mod call;
mod callback;
mod change;
mod chat;
mod control;
mod conversations;
mod deliver;
mod files;
mod history;
mod html;
mod limits;
mod make;
mod message;
mod page;
mod payload;
mod respond;
mod socket;
mod text;
mod users;
mod views;
mod webhook;
mod world;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use hyper::upgrade::Upgraded;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::StartError;
use crate::clock::Clock;
use crate::dice::Dice;
use crate::ground;
use crate::journal::Journal;
use crate::script::Script;
use crate::web::{self, Ask, Site, Told};

pub use limits::Limits;
pub use make::{Known, Person};

#[derive(Debug, Clone)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the effects log is appended; none is written without it.
    pub log: Option<PathBuf>,
    pub seed: u64,
    /// The channels that the bot is in and that have a webhook each. `general`, without the bot, is there besides.
    pub channels: Vec<String>,
    /// So many messages may come to a channel or webhook at once before one a second is all that is taken; 0 takes all.
    pub burst: u32,
    pub limits: Limits,
    pub people: Vec<Person>,
    /// Where presses and views go, commands, and events; by socket without them.
    pub interactions_url: Option<String>,
    pub commands_url: Option<String>,
    pub events_url: Option<String>,
    /// How long the app has to answer.
    pub deadline_ms: u64,
    /// The waits before an event is sent again.
    pub event_retry_ms: [u64; 3],
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            log: None,
            seed: 1,
            channels: vec!["alerts".into()],
            burst: 10,
            limits: Limits::default(),
            people: make::people(),
            interactions_url: None,
            commands_url: None,
            events_url: None,
            deadline_ms: 3_000,
            event_retry_ms: [100, 60_000, 300_000],
        }
    }
}

/// What the other side needs to know.
#[derive(Debug, Clone, Serialize)]
pub struct Info {
    pub url: String,
    pub control_url: String,
    /// `…/api`; a method's name comes after it.
    pub api_url: String,
    pub bot_token: String,
    /// For Socket Mode.
    pub app_token: String,
    pub signing_secret: String,
    pub team_id: String,
    pub app_id: String,
    pub bot_user_id: String,
    /// channel → the address to post to
    pub webhooks: BTreeMap<String, String>,
    /// The first of them.
    pub webhook_url: String,
    /// name → id
    pub channels: BTreeMap<String, String>,
    /// short name → id, mail address, name
    pub users: BTreeMap<String, Known>,
    pub log: Option<PathBuf>,
}

/// A running simulation; it ends with `stop` or when dropped.
#[derive(Debug)]
pub struct Sandbox {
    info: Info,
    slack: Arc<Slack>,
    tasks: JoinSet<()>,
}

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Debug)]
struct Slack {
    script: Script,
    journal: Arc<Journal>,
    clock: Clock,
    world: Mutex<world::World>,
    /// One change after the other, so that the journal has them in the order in which they happened.
    turn: tokio::sync::Mutex<()>,
    webhooks: Mutex<Vec<webhook::Webhook>>,
    sockets: socket::Sockets,
    client: reqwest::Client,
    sent: Mutex<Vec<deliver::Sent>>,
    event_retry_ms: [u64; 3],
    jobs: mpsc::UnboundedSender<Job>,
    me: Weak<Slack>,
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

pub async fn start(options: Options) -> Result<Sandbox, StartError> {
    let journal = ground::journal(options.log.as_deref())?;
    let (listener, address) = ground::listen(options.listen).await?;
    let redirects = reqwest::redirect::Policy::limited(2);
    let client = reqwest::Client::builder().redirect(redirects).pool_max_idle_per_host(0).no_proxy().build();
    let client = client.map_err(|e| StartError::Client(e.to_string()))?;
    let url = format!("http://{address}");
    let mut dice = Dice::new(options.seed);
    let team = dice.code("T", 11);
    let webhooks = webhook::make(&mut dice, &team, &options.channels, options.burst);
    let world = make::world(&options, dice, team, &url);
    let info = info(&options, url, &webhooks, &world);
    let (jobs, queue) = mpsc::unbounded_channel();
    let slack = Arc::new_cyclic(|me| Slack {
        script: Script::default(),
        journal,
        clock: Clock::default(),
        world: Mutex::new(world),
        turn: tokio::sync::Mutex::default(),
        webhooks: Mutex::new(webhooks),
        sockets: socket::Sockets::default(),
        client,
        sent: Mutex::default(),
        event_retry_ms: options.event_retry_ms,
        jobs,
        me: Weak::clone(me),
    });
    let mut tasks = JoinSet::new();
    tasks.spawn(web::serve(listener, Arc::clone(&slack)));
    tasks.spawn(work(queue));
    Ok(Sandbox { info, slack, tasks })
}

/// Runs what has to happen later.
async fn work(mut queue: mpsc::UnboundedReceiver<Job>) {
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            Some(job) = queue.recv() => drop(running.spawn(job)),
            Some(_) = running.join_next() => {}
            else => return,
        }
    }
}

fn info(options: &Options, url: String, webhooks: &[webhook::Webhook], world: &world::World) -> Info {
    let addresses: Vec<(String, String)> =
        webhooks.iter().map(|w| (w.channel.clone(), format!("{url}/services/{}", w.path))).collect();
    Info {
        control_url: format!("{url}/_control"),
        api_url: format!("{url}/api"),
        url,
        bot_token: world.app.bot_token.clone(),
        app_token: world.app.app_token.clone(),
        signing_secret: world.app.signing_secret.clone(),
        team_id: world.team.id.clone(),
        app_id: world.app.id.clone(),
        bot_user_id: world.app.user.clone(),
        webhook_url: addresses.first().map(|(_, address)| address.clone()).unwrap_or_default(),
        webhooks: addresses.into_iter().collect(),
        channels: make::channels(world),
        users: make::known(world),
        log: options.log.clone(),
    }
}

impl Sandbox {
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Every message that was posted for all to see, by whatever way, oldest first:
    /// `{seq, at, channel, channel_id, ts, thread_ts, user, text, blocks, attachments, files, metadata, via, shown, links, pings}`.
    pub fn messages(&self) -> Vec<Value> {
        self.effects("slack.posted")
    }

    /// Everything of one kind: `slack.posted`, `updated`, `deleted`, `ephemeral`, `uploaded`, `upload_completed`, `responded`,
    /// `view_opened`, `view_closed`, `said`, `callback`, `refused`, each with `slack.` before it.
    pub fn effects(&self, kind: &str) -> Vec<Value> {
        self.slack.journal.of_kind(kind)
    }

    /// What a post to `/_control/` does, without HTTP.
    pub async fn control(&self, what: &str, body: &Value) -> Result<Value, String> {
        let ask = Ask {
            method: http::Method::POST,
            path: format!("/_control/{what}"),
            query: Vec::new(),
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
        };
        match what {
            "faults" => self.slack.script.add(body),
            _ => self.slack.controlled(what, &ask).await.unwrap_or_else(|| Err("no such control".into())),
        }
    }

    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

impl Slack {
    fn with<R>(&self, act: impl FnOnce(&mut world::World) -> R) -> R {
        let mut world = locked(&self.world);
        world.now = self.clock.now();
        act(&mut world)
    }

    /// A change of the workspace, on disk when it is over.
    async fn change<R>(&self, act: impl FnOnce(&mut world::World) -> Result<R, String>) -> Result<R, String> {
        let _turn = self.turn.lock().await;
        let outcome = self.with(act)?;
        self.flush().await.map_err(|error| format!("the effects log cannot be written: {error}"))?;
        Ok(outcome)
    }

    /// Everything that was noted is on disk; an error withholds the reply.
    async fn flush(&self) -> std::io::Result<()> {
        let notes = self.with(|world| std::mem::take(&mut world.notes));
        for (kind, detail) in notes {
            self.journal.keep(kind, detail).await?;
        }
        Ok(())
    }

    async fn told(&self, act: impl FnOnce(&mut world::World) -> Told) -> Option<Told> {
        let _turn = self.turn.lock().await;
        let told = self.with(act);
        self.flush().await.ok()?;
        Some(told)
    }
}

impl Site for Slack {
    fn script(&self) -> &Script {
        &self.script
    }

    fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    async fn answer(&self, ask: Ask) -> Option<Told> {
        if let Some(path) = ask.path.strip_prefix("/services/") {
            return self.webhook(path, &ask).await;
        }
        if let Some(name) = ask.path.strip_prefix("/api/") {
            let takes_json = api::method(name).is_none_or(|m| m.takes_json);
            let call = call::Call::read(&ask, takes_json).await;
            return self.told(|world| api::answer(world, name, &call)).await;
        }
        let part = ask.path.split('/').nth(1).unwrap_or_default();
        if ["actions", "commands", "upload", "link"].contains(&part) && self.with(|world| world.is_down) {
            return Some(Told::text(503, "service_unavailable"));
        }
        match part {
            "actions" | "commands" => self.told(|world| respond::take(world, &ask)).await,
            "upload" => {
                let bytes = files::bytes_of(&ask).await;
                let secret = ask.path.strip_prefix("/upload/v1/").unwrap_or_default();
                self.told(|world| files::receive(world, secret, bytes)).await
            }
            "link" => self.told(|world| socket::admit(world, &ask)).await,
            _ if ask.method == http::Method::GET => {
                let last = self.journal.of_kind("slack.callback").pop();
                Some(self.with(|world| page::answer(world, &ask, last.as_ref())))
            }
            _ => Some(Told::text(404, "not found")),
        }
    }

    async fn control(&self, what: &str, ask: &Ask) -> Option<Result<Value, String>> {
        self.controlled(what, ask).await
    }

    async fn upgraded(&self, socket: Upgraded) {
        self.talk(socket).await;
    }
}
