//! A simulated Slack, so far its incoming webhooks: checks a message as Slack does, answers `ok` or one of its error words, and keeps
//! what was posted. No Web API, no events, no interactivity yet.

mod blocks;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::StartError;
use crate::clock::real_now;
use crate::dice::Dice;
use crate::journal::Journal;
use crate::script::Script;
use crate::web::{self, Ask, Site, Told};

#[derive(Debug, Clone)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the effects log is appended; none is written without it.
    pub log: Option<PathBuf>,
    pub seed: u64,
    /// The channels that have a webhook each.
    pub channels: Vec<String>,
    /// So many messages may come at once before one a second is all that is taken; 0 takes all.
    pub burst: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            log: None,
            seed: 1,
            channels: vec!["alerts".into()],
            burst: 10,
        }
    }
}

/// What the other side needs to know.
#[derive(Debug, Clone, Serialize)]
pub struct Info {
    pub url: String,
    pub control_url: String,
    /// channel → the address to post to
    pub webhooks: BTreeMap<String, String>,
    /// The first of them.
    pub webhook_url: String,
    pub log: Option<PathBuf>,
}

/// A running simulation; it ends with `stop` or when dropped.
#[derive(Debug)]
pub struct Sandbox {
    info: Info,
    slack: Arc<Slack>,
    tasks: JoinSet<()>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    Active,
    /// Nobody posts there any more.
    Removed,
    Archived,
    /// An administrator has restricted it.
    Prohibited,
}

#[derive(Debug)]
struct Webhook {
    channel: String,
    /// `T…/B…/secret`
    path: String,
    health: Health,
    /// Messages it may still take at once, and since when.
    allowance: f64,
    counted_us: i64,
}

#[derive(Debug)]
struct Slack {
    script: Script,
    journal: Arc<Journal>,
    webhooks: Mutex<Vec<Webhook>>,
    burst: u32,
}

pub async fn start(options: Options) -> Result<Sandbox, StartError> {
    let log_error = |e| StartError::Log(options.log.clone().unwrap_or_default(), e);
    let journal = Journal::open(options.log.as_deref()).map_err(log_error)?;
    let listener = TcpListener::bind(options.listen).await.map_err(|e| StartError::Listen(options.listen, e))?;
    let address = listener.local_addr().map_err(|e| StartError::Listen(options.listen, e))?;
    let webhooks = make(&options);
    let url = format!("http://{address}");
    let addresses: Vec<(String, String)> =
        webhooks.iter().map(|w| (w.channel.clone(), format!("{url}/services/{}", w.path))).collect();
    let info = Info {
        control_url: format!("{url}/_control"),
        url,
        webhook_url: addresses.first().map(|(_, address)| address.clone()).unwrap_or_default(),
        webhooks: addresses.into_iter().collect(),
        log: options.log,
    };
    let slack =
        Arc::new(Slack { script: Script::default(), journal, webhooks: Mutex::new(webhooks), burst: options.burst });
    let mut tasks = JoinSet::new();
    tasks.spawn(web::serve(listener, Arc::clone(&slack)));
    Ok(Sandbox { info, slack, tasks })
}

fn make(options: &Options) -> Vec<Webhook> {
    let mut dice = Dice::new(options.seed);
    let team = dice.code("T", 11);
    let mut one = |channel: &String| Webhook {
        channel: channel.clone(),
        path: format!("{team}/{}/{}", dice.code("B", 11), dice.secret(24)),
        health: Health::Active,
        allowance: f64::from(options.burst),
        counted_us: real_now().as_microsecond(),
    };
    options.channels.iter().map(&mut one).collect()
}

impl Sandbox {
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Every message that was taken, oldest first: `{seq, at, channel, text, blocks, shown}`.
    pub fn messages(&self) -> Vec<Value> {
        self.slack.journal.of_kind("slack.posted")
    }

    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
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
        let Some(path) = ask.path.strip_prefix("/services/") else { return Some(Told::text(404, "not found")) };
        if ask.method != http::Method::POST {
            return Some(Told::text(405, "method_not_allowed"));
        }
        let channel = match self.admit(path) {
            Ok(channel) => channel,
            Err(told) => return self.refuse(path, told).await,
        };
        let message = match message(&ask) {
            Ok(message) => message,
            Err(word) => return self.refuse(path, Told::text(400, word)).await,
        };
        let detail = json!({
            "channel": channel, "text": message["text"], "blocks": message["blocks"], "attachments": message["attachments"],
            "thread_ts": message["thread_ts"], "shown": blocks::shown(&message), "links": crate::mail::links(&message.to_string()),
        });
        self.journal.keep("slack.posted", detail).await.ok()?;
        Some(Told::text(200, "ok"))
    }

    async fn control(&self, what: &str, ask: &Ask) -> Option<Result<Value, String>> {
        match (ask.method.as_str(), what) {
            ("GET", "messages") => Some(Ok(json!({ "messages": self.journal.of_kind("slack.posted") }))),
            ("POST", "webhook") => Some(ask.json().and_then(|body| self.set_health(&body))),
            _ => None,
        }
    }
}

impl Slack {
    async fn refuse(&self, path: &str, told: Told) -> Option<Told> {
        let said = String::from_utf8_lossy(&told.body).into_owned();
        let team = path.split('/').next().unwrap_or_default();
        self.journal.keep("slack.refused", json!({ "team": team, "status": told.status, "said": said })).await.ok()?;
        Some(told)
    }

    /// The channel behind an address, if a message may go there now.
    fn admit(&self, path: &str) -> Result<String, Told> {
        let mut all = self.webhooks.lock().unwrap_or_else(PoisonError::into_inner);
        let team = path.split('/').next().unwrap_or_default();
        if !all.iter().any(|w| w.path.split('/').next() == Some(team)) {
            return Err(Told::text(404, "no_team"));
        }
        let own = all.iter_mut().find(|w| w.path == path).ok_or_else(|| Told::text(404, "no_service"))?;
        match own.health {
            Health::Removed => return Err(Told::text(404, "no_service")),
            Health::Archived => return Err(Told::text(410, "channel_is_archived")),
            Health::Prohibited => return Err(Told::text(403, "action_prohibited")),
            Health::Active => {}
        }
        if self.burst > 0 && !own.take(self.burst) {
            return Err(Told::text(429, "rate_limited").with("retry-after", "1"));
        }
        Ok(own.channel.clone())
    }

    fn set_health(&self, body: &Value) -> Result<Value, String> {
        let health: Health = serde_json::from_value(body["health"].clone())
            .map_err(|_| "health is active, removed, archived or prohibited")?;
        let mut all = self.webhooks.lock().unwrap_or_else(PoisonError::into_inner);
        let own = match body["channel"].as_str() {
            Some(channel) => all.iter_mut().find(|w| w.channel == channel),
            None => all.first_mut(),
        };
        let own = own.ok_or("no webhook of that channel")?;
        own.health = health;
        Ok(json!({ "channel": own.channel, "health": health }))
    }
}

impl Webhook {
    /// One a second, and a burst after a silence.
    fn take(&mut self, burst: u32) -> bool {
        let now_us = real_now().as_microsecond();
        let gained = (now_us - self.counted_us).max(0) as f64 / 1_000_000.0;
        self.allowance = (self.allowance + gained).min(f64::from(burst));
        self.counted_us = now_us;
        let fits = self.allowance >= 1.0;
        if fits {
            self.allowance -= 1.0;
        }
        fits
    }
}

/// JSON, or a form with JSON in `payload`; refused with Slack's own word.
fn message(ask: &Ask) -> Result<Value, &'static str> {
    let is_form = ask.header("content-type").is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
    let parsed = if is_form {
        let payload = url::form_urlencoded::parse(&ask.body).find(|(name, _)| name == "payload");
        payload.and_then(|(_, text)| serde_json::from_str::<Value>(&text).ok())
    } else {
        serde_json::from_slice(&ask.body).ok()
    };
    let message = parsed.filter(Value::is_object).ok_or("invalid_payload")?;
    let is_text = message["text"].is_null() || message["text"].is_string();
    if !is_text {
        return Err("invalid_payload");
    }
    let list = |name: &str| message[name].as_array().filter(|l| !l.is_empty());
    if list("attachments").is_some_and(|a| a.len() > 100) {
        return Err("too_many_attachments");
    }
    blocks::check(&message["blocks"])?;
    let has_text = message["text"].as_str().is_some_and(|t| !t.trim().is_empty());
    if has_text || list("blocks").is_some() || list("attachments").is_some() { Ok(message) } else { Err("no_text") }
}
