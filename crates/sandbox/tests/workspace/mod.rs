//! A client of the simulated Slack as an outside program is one, and an app that takes its callbacks.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use reqwest::Client;
use sandbox::slack::{Limits, Options, Sandbox, start};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub struct Workspace {
    pub slack: Sandbox,
    pub http: Client,
}

impl Workspace {
    pub async fn new(options: Options) -> Self {
        let slack = start(options).await.expect("it starts");
        Self { slack, http: Client::builder().pool_max_idle_per_host(0).build().expect("a client") }
    }

    pub async fn quick() -> Self {
        Self::new(Options { burst: 0, limits: Limits::NONE, ..Options::default() }).await
    }

    pub fn alerts(&self) -> String {
        self.slack.info().channels["alerts"].clone()
    }

    pub fn user(&self, name: &str) -> String {
        self.slack.info().users[name].id.clone()
    }

    /// As JSON with the bot's token: status and body.
    pub async fn raw(&self, method: &str, body: &Value) -> (u16, Value) {
        let info = self.slack.info();
        let request = self.http.post(format!("{}/{method}", info.api_url)).bearer_auth(&info.bot_token);
        let request = request.header("content-type", "application/json; charset=utf-8").body(body.to_string());
        let reply = request.send().await.expect("an answer");
        (reply.status().as_u16(), reply.json().await.expect("JSON"))
    }

    pub async fn api(&self, method: &str, body: Value) -> Value {
        self.raw(method, &body).await.1
    }

    /// As a form.
    pub async fn form(&self, method: &str, fields: &[(&str, &str)]) -> Value {
        let info = self.slack.info();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.http.post(format!("{}/{method}", info.api_url)).bearer_auth(&info.bot_token);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    pub async fn get(&self, path: &str) -> Value {
        let reply = self.http.get(format!("{}{path}", self.slack.info().url)).send().await.expect("an answer");
        reply.json().await.expect("JSON")
    }

    pub async fn page(&self, path: &str) -> String {
        let reply = self.http.get(format!("{}{path}", self.slack.info().url)).send().await.expect("an answer");
        reply.text().await.expect("a text")
    }

    pub async fn post(&self, channel: &str, text: &str) -> String {
        let told = self.api("chat.postMessage", json!({ "channel": channel, "text": text })).await;
        told["ts"].as_str().expect("a ts").to_owned()
    }

    pub async fn control(&self, what: &str, body: Value) -> Value {
        self.slack.control(what, &body).await.expect("a control that is taken")
    }

    pub async fn with_button(&self, text: &str) -> String {
        let told =
            self.api("chat.postMessage", json!({ "channel": self.alerts(), "text": text, "blocks": buttons() })).await;
        told["ts"].as_str().expect("a ts").to_owned()
    }
}

pub fn buttons() -> Value {
    let button = |id: &str| json!({ "type": "button", "action_id": id, "value": "4711", "text": { "type": "plain_text", "text": id } });
    json!([
        { "type": "section", "text": { "type": "mrkdwn", "text": "*disk full* on web01" } },
        { "type": "actions", "block_id": "inc:4711", "elements": [button("ack"), button("resolve")] },
    ])
}

#[derive(Debug, Clone)]
pub struct Came {
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Came {
    /// The JSON in a form's `payload`.
    pub fn payload(&self) -> Value {
        let found =
            url::form_urlencoded::parse(self.body.as_bytes()).find(|(name, _)| name == "payload").expect("a payload");
        serde_json::from_str(&found.1).expect("JSON")
    }

    pub fn fields(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }
}

/// What the app answers with; `None` says nothing and keeps the line open.
pub type Script = VecDeque<Option<(u16, String)>>;

pub struct App {
    pub url: String,
    seen: Arc<Mutex<(Vec<Came>, Script)>>,
    _tasks: JoinSet<()>,
}

impl App {
    /// Answers as scripted, then with an empty 200.
    pub async fn new(script: impl IntoIterator<Item = Option<(u16, &'static str)>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/slack", listener.local_addr().expect("an address"));
        let script: Script =
            script.into_iter().map(|one| one.map(|(status, body)| (status, body.to_owned()))).collect();
        let seen = Arc::new(Mutex::new((Vec::new(), script)));
        let shared = Arc::clone(&seen);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut each = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                each.spawn(take(stream, Arc::clone(&shared)));
            }
        });
        Self { url, seen, _tasks: tasks }
    }

    pub fn all(&self) -> Vec<Came> {
        self.seen.lock().expect("a lock").0.clone()
    }
}

async fn take(mut stream: TcpStream, shared: Arc<Mutex<(Vec<Came>, Script)>>) {
    let mut bytes = Vec::new();
    let came = loop {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
        if let Some(came) = parse(&bytes) {
            break came;
        }
    };
    let answer = {
        let mut shared = shared.lock().expect("a lock");
        shared.0.push(came);
        shared.1.pop_front().unwrap_or(Some((200, String::new())))
    };
    let Some((status, body)) = answer else {
        // The other side ends it.
        let _gone = stream.read_buf(&mut bytes).await;
        return;
    };
    let kind = if body.starts_with('{') { "application/json" } else { "text/plain" };
    let more = if status == 410 { "x-slack-no-retry: 1\r\n" } else { "" };
    let reply = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _gone = stream.write_all(reply.as_bytes()).await;
}

fn parse(bytes: &[u8]) -> Option<Came> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let pairs = head.lines().skip(1).filter_map(|l| l.split_once(": "));
    let headers: BTreeMap<String, String> = pairs.map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned())).collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let body = bytes.get(end + 4..end + 4 + length)?;
    Some(Came { headers, body: String::from_utf8(body.to_vec()).ok()? })
}
