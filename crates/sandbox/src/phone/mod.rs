//! The far ends of the second path: a generic webhook that "rings" and a mailbox that gets mail. Records what comes, fails or hangs as
//! scripted, and never answers the page itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::StartError;
use crate::ground;
use crate::journal::Journal;
use crate::mail::{Read, links, read};
use crate::script::{Cut, Script};
use crate::smtp::{self, Letter, Post};
use crate::web::{self, Ask, Site, Told};

#[derive(Debug, Clone)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where it takes mail; a free port of the same address without it.
    pub mail_listen: Option<SocketAddr>,
    /// Where the effects log is appended; none is written without it.
    pub log: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), mail_listen: None, log: None }
    }
}

/// What the other side needs to know.
#[derive(Debug, Clone, Serialize)]
pub struct Info {
    pub url: String,
    pub control_url: String,
    /// Where to post JSON.
    pub webhook_url: String,
    /// Where mail is taken, by plain SMTP: host and port.
    pub mail: String,
    pub log: Option<PathBuf>,
}

/// A running simulation; it ends with `stop` or when dropped.
#[derive(Debug)]
pub struct Sandbox {
    info: Info,
    phone: Arc<Phone>,
    tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Phone {
    script: Script,
    journal: Arc<Journal>,
}

/// The mailbox of the same phone.
#[derive(Debug)]
struct Mailbox(Arc<Phone>);

pub async fn start(options: Options) -> Result<Sandbox, StartError> {
    let journal = ground::journal(options.log.as_deref())?;
    let (listener, address) = ground::listen(options.listen).await?;
    let for_mail = options.mail_listen.unwrap_or_else(|| SocketAddr::from((options.listen.ip(), 0)));
    let (mail, mail_address) = ground::listen(for_mail).await?;
    let url = format!("http://{address}");
    let info = Info {
        control_url: format!("{url}/_control"),
        webhook_url: format!("{url}/call"),
        url,
        mail: mail_address.to_string(),
        log: options.log,
    };
    let phone = Arc::new(Phone { script: Script::default(), journal });
    let mut tasks = JoinSet::new();
    tasks.spawn(web::serve(listener, Arc::clone(&phone)));
    tasks.spawn(smtp::serve(mail, Mailbox(Arc::clone(&phone))));
    Ok(Sandbox { info, phone, tasks })
}

impl Sandbox {
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Every JSON post that was taken, oldest first: `{seq, at, path, body, links, headers}`.
    pub fn calls(&self) -> Vec<Value> {
        self.phone.journal.of_kind("phone.called")
    }

    /// Every mail that was taken, oldest first: `{seq, at, from, to, subject, text, links, message_id, headers}`.
    pub fn mails(&self) -> Vec<Value> {
        self.phone.journal.of_kind("phone.mailed")
    }

    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

impl Site for Phone {
    fn script(&self) -> &Script {
        &self.script
    }

    fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    async fn answer(&self, ask: Ask) -> Option<Told> {
        if ask.method != http::Method::POST {
            return Some(Told::json(405, &json!({ "error": "post JSON here" })));
        }
        let Ok(body) = serde_json::from_slice::<Value>(&ask.body) else {
            self.journal.keep("phone.unreadable", json!({ "path": ask.path, "bytes": ask.body.len() })).await.ok()?;
            return Some(Told::json(400, &json!({ "error": "the body is not JSON" })));
        };
        let found = links(&body.to_string());
        let own = |name: &str| name.starts_with("x-") || ["authorization", "idempotency-key"].contains(&name);
        let headers: serde_json::Map<String, Value> = ask
            .headers
            .iter()
            .filter(|(name, _)| own(name.as_str()))
            .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap_or_default())))
            .collect();
        let detail = json!({ "path": ask.path, "body": body, "links": found, "headers": headers });
        self.journal.keep("phone.called", detail).await.ok()?;
        Some(Told::json(200, &json!({ "ok": true })))
    }

    async fn control(&self, what: &str, ask: &Ask) -> Option<Result<Value, String>> {
        match (ask.method.as_str(), what) {
            ("GET", "calls") => Some(Ok(json!({ "calls": self.journal.of_kind("phone.called") }))),
            ("GET", "mails") => Some(Ok(json!({ "mails": self.journal.of_kind("phone.mailed") }))),
            _ => None,
        }
    }
}

/// A mail's headers that begin with `X-`.
fn own_headers(mail: &Read) -> serde_json::Map<String, Value> {
    let own = mail.headers.iter().filter(|(name, _)| name.to_lowercase().starts_with("x-"));
    own.map(|(name, value)| (name.to_lowercase(), json!(value))).collect()
}

impl Post for Mailbox {
    fn refuses(&self, _: &str) -> Option<String> {
        None
    }

    /// A fault whose path is `smtp` is for mail: its status is the reply's code.
    async fn take(&self, letter: Letter) -> Option<String> {
        let phone = &self.0;
        let trouble = phone.script.hit("", "smtp").unwrap_or_default();
        if let Some(delay_ms) = trouble.delay_ms {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
        if trouble.hang {
            phone.script.hang().await;
            return None;
        }
        if trouble.cut == Some(Cut::Before) {
            return None;
        }
        if let Some(status) = trouble.status {
            let class = status / 100;
            phone.journal.keep("refused", json!({ "path": "smtp", "status": status })).await.ok()?;
            return Some(format!("{status} {class}.3.0 as scripted"));
        }
        let mail = read(&letter.raw);
        let detail = json!({
            "from": letter.from, "to": letter.to, "subject": mail.subject, "text": mail.text, "links": links(&mail.text),
            "message_id": mail.message_id, "auto_submitted": mail.header("Auto-Submitted"), "headers": own_headers(&mail),
        });
        if phone.journal.keep("phone.mailed", detail).await.is_err() {
            return Some("451 4.3.0 try again later".into());
        }
        (trouble.cut != Some(Cut::After)).then(|| "250 2.0.0 kept".into())
    }
}
