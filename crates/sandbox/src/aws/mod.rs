//! A simulated corner of AWS: SNS (publishing an SMS, signed notifications and confirmations to an HTTP endpoint), SES receiving, and
//! the GET of S3 by which a received mail is fetched. Nothing else of these services.

mod deliver;
mod ses;
mod sign;
mod sigv4;
mod sns;
mod xml;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::StartError;
use crate::dice::Dice;
use crate::ground;
use crate::journal::Journal;
use crate::script::Script;
use crate::web::{self, Ask, Site, Told};
use sign::Signing;
use sigv4::Key;

#[derive(Debug, Clone)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the effects log is appended; none is written without it.
    pub log: Option<PathBuf>,
    pub seed: u64,
    pub region: String,
    /// What notifications name as the address of their certificate; the sandbox's own, where it is served, without it.
    pub cert_url: Option<String>,
    /// How often a notification is tried again after a 5xx or no answer, and after how long.
    pub retries: u32,
    pub retry_ms: u64,
    /// How long an endpoint may take to answer.
    pub deadline_ms: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            log: None,
            seed: 1,
            region: "ap-northeast-1".into(),
            cert_url: None,
            retries: 3,
            retry_ms: 20_000,
            deadline_ms: 15_000,
        }
    }
}

/// What the other side needs to know.
#[derive(Debug, Clone, Serialize)]
pub struct Info {
    /// SNS and S3 answer here alike.
    pub url: String,
    pub control_url: String,
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
    pub topic_arn: String,
    pub bucket: String,
    /// Where the signing certificate is served.
    pub cert_url: String,
    pub cert_pem: String,
    pub log: Option<PathBuf>,
}

/// A running simulation; it ends with `stop` or when dropped.
#[derive(Debug)]
pub struct Sandbox {
    info: Info,
    aws: Arc<Aws>,
    tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Aws {
    script: Script,
    journal: Arc<Journal>,
    url: String,
    key: Key,
    signing: Signing,
    /// What notifications say, and where it is really served.
    cert_url: String,
    cert_path: String,
    topic: String,
    bucket: String,
    client: reqwest::Client,
    retries: u32,
    retry_ms: u64,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    dice: Dice,
    /// token → endpoint of a subscription that waits to be confirmed.
    waiting: BTreeMap<String, String>,
    /// endpoint → the subscription's name
    confirmed: BTreeMap<String, String>,
    /// `bucket/key` → content
    objects: BTreeMap<String, Bytes>,
    /// So many of the next publications are throttled.
    throttle: u32,
}

pub async fn start(options: Options) -> Result<Sandbox, StartError> {
    let journal = ground::journal(options.log.as_deref())?;
    let (listener, address) = ground::listen(options.listen).await?;
    let signing = tokio::task::spawn_blocking(Signing::new).await.map_err(|e| StartError::Key(e.to_string()))?;
    let signing = signing.map_err(StartError::Key)?;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_millis(options.deadline_ms))
        .build()
        .map_err(|e| StartError::Client(e.to_string()))?;
    let aws = Arc::new(world(&options, format!("http://{address}"), (journal, signing, client)));
    let info = Info {
        url: aws.url.clone(),
        control_url: format!("{}/_control", aws.url),
        region: options.region,
        access_key: aws.key.access.clone(),
        secret_key: aws.key.secret.clone(),
        topic_arn: aws.topic.clone(),
        bucket: aws.bucket.clone(),
        cert_url: format!("{}{}", aws.url, aws.cert_path),
        cert_pem: aws.signing.certificate_pem.clone(),
        log: options.log,
    };
    let mut tasks = JoinSet::new();
    tasks.spawn(web::serve(listener, Arc::clone(&aws)));
    Ok(Sandbox { info, aws, tasks })
}

fn world(options: &Options, url: String, (journal, signing, client): (Arc<Journal>, Signing, reqwest::Client)) -> Aws {
    let mut dice = Dice::new(options.seed);
    let key = Key { access: dice.code("AKIA", 20), secret: dice.secret(40), region: options.region.clone() };
    let cert_path = format!("/SimpleNotificationService-{}.pem", dice.hex(32));
    Aws {
        script: Script::default(),
        journal,
        cert_url: options.cert_url.clone().unwrap_or_else(|| format!("{url}{cert_path}")),
        cert_path,
        topic: format!("arn:aws:sns:{}:111122223333:alert-mail", options.region),
        bucket: "alert-mail-example".into(),
        url,
        key,
        signing,
        client,
        retries: options.retries,
        retry_ms: options.retry_ms,
        inner: Mutex::new(Inner {
            dice,
            waiting: BTreeMap::new(),
            confirmed: BTreeMap::new(),
            objects: BTreeMap::new(),
            throttle: 0,
        }),
    }
}

impl Sandbox {
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Every SMS that was taken, oldest first: `{seq, at, phone, message}`.
    pub fn messages(&self) -> Vec<Value> {
        self.aws.journal.of_kind("sns.sms")
    }

    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

impl Aws {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Path style, read only.
    async fn object(&self, ask: &Ask) -> Option<Told> {
        if let Err((code, said)) = sigv4::check(ask, &self.key, "s3") {
            return Some(xml::s3_error(403, code, &said));
        }
        let path = ask.path.trim_start_matches('/');
        let decoded: String = url::form_urlencoded::parse(format!("k={}", path.replace('+', "%2B")).as_bytes())
            .next()
            .map(|(_, v)| v.into_owned())
            .unwrap_or_default();
        let found = self.inner().objects.get(&decoded).cloned();
        let Some(content) = found else {
            self.journal.keep("s3.missed", json!({ "path": decoded })).await.ok()?;
            return Some(xml::s3_error(404, "NoSuchKey", "The specified key does not exist."));
        };
        self.journal.keep("s3.read", json!({ "path": decoded, "bytes": content.len() })).await.ok()?;
        Some(Told::of(200, "binary/octet-stream", content))
    }
}

impl Site for Aws {
    fn script(&self) -> &Script {
        &self.script
    }

    fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    async fn answer(&self, ask: Ask) -> Option<Told> {
        let is_action = ask.one("Action").is_some();
        match (ask.method.as_str(), ask.path.as_str()) {
            ("GET", path) if path == self.cert_path => {
                Some(Told::of(200, "application/x-pem-file", self.signing.certificate_pem.clone()))
            }
            ("GET", "/") if is_action => self.visited(&ask).await,
            ("POST", "/") => self.call(&ask).await,
            ("GET", _) => self.object(&ask).await,
            _ => Some(xml::s3_error(405, "MethodNotAllowed", "The specified method is not allowed.")),
        }
    }

    async fn control(&self, what: &str, ask: &Ask) -> Option<Result<Value, String>> {
        let body = || ask.json();
        Some(match (ask.method.as_str(), what) {
            ("GET", "messages") => Ok(json!({ "messages": self.journal.of_kind("sns.sms") })),
            ("GET", "subscriptions") => {
                Ok(json!({ "confirmed": self.inner().confirmed, "waiting": self.inner().waiting }))
            }
            ("POST", "throttle") => body().map(|b| {
                self.inner().throttle = b["next"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
                json!({})
            }),
            ("POST", "subscribe") => match body() {
                Ok(b) => self.subscribe(&b).await,
                Err(error) => Err(error),
            },
            ("POST", "notify") => match body() {
                Ok(b) => self.notify(&b).await,
                Err(error) => Err(error),
            },
            ("POST", "mail") => self.receive(ask).await,
            _ => return None,
        })
    }
}
