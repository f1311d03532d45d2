//! A client that speaks to the sandbox as an outside program does, and a receiver for its webhooks.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use reqwest::{Method, RequestBuilder, StatusCode};
use sandbox::pagerduty::{Options, Sandbox, start};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub struct World {
    pub sandbox: Sandbox,
    http: reqwest::Client,
}

/// An answer: status, headers in lower case, body (null when it has none).
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

impl World {
    pub async fn new(options: Options) -> Self {
        let sandbox = start(options).await.expect("the sandbox starts");
        // A connection kept alive could hide a cut behind the client's own retry.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
        Self { sandbox, http }
    }

    pub async fn quick() -> Self {
        Self::new(Options { event_lag_ms: 0, retry_ms: 20, ..Options::default() }).await
    }

    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.sandbox.info().url))
    }

    /// With the account's key and the automation's From.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let info = self.sandbox.info();
        self.bare(method, path)
            .header("authorization", format!("Token token={}", info.token))
            .header("from", &info.from)
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await.expect("an answer")
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await.expect("an answer")
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PUT, path).json(body)).await.expect("an answer")
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await.expect("an answer")
    }

    pub async fn control(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(&format!("/_control/{path}"), body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    pub async fn fault(&self, fault: Value) {
        self.control("faults", &json!({ "faults": [fault] })).await;
    }

    /// Waits until nothing is pending.
    pub async fn settle(&self) {
        let idle = self.get("/_control/idle?wait_ms=20000").await.body;
        assert_eq!(idle["idle"], true, "{idle}");
    }

    pub async fn state(&self) -> Value {
        self.get("/_control/state").await.body
    }

    pub async fn effects(&self) -> Vec<Value> {
        self.get("/_control/effects").await.body["effects"].as_array().expect("a list").clone()
    }

    /// The first service that takes events, and its key.
    pub fn service(&self) -> (String, String) {
        let keys = &self.sandbox.info().routing_keys;
        let (id, key) = keys.iter().next().expect("a service");
        (id.clone(), key.clone())
    }

    /// A service by a part of its name.
    pub async fn service_named(&self, part: &str) -> (String, String) {
        let found = self.get(&format!("/services?query={part}")).await.body["services"][0]["id"].clone();
        let id = found.as_str().expect("a service").to_owned();
        let key = self.sandbox.info().routing_keys[&id].clone();
        (id, key)
    }

    pub async fn trigger(&self, key: &str) -> Value {
        let (service, _) = self.service_named("EC").await;
        let body = json!({ "service": service, "title": format!("trouble {key}"), "key": key });
        self.control("trigger", &body).await["incident"].clone()
    }
}

pub fn event(routing_key: &str, action: &str, key: &str) -> Value {
    json!({
        "routing_key": routing_key, "event_action": action, "dedup_key": key,
        "payload": { "summary": "ディスク使用率90%超過", "source": "web01", "severity": "critical", "custom_details": { "disk": "/var" } },
        "links": [{ "href": "https://example.com/graph", "text": "graph" }], "client": "Monitor", "client_url": "https://example.com/",
    })
}

pub async fn send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let reply = request.send().await?;
    let status = reply.status();
    let text = |v: &reqwest::header::HeaderValue| v.to_str().unwrap_or_default().to_owned();
    let headers = reply.headers().iter().map(|(n, v)| (n.to_string(), text(v))).collect();
    let body = reply.bytes().await?;
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap_or(Value::Null) };
    Ok(Answer { status, headers, body })
}

/// One delivery as it came in.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    /// False: the connection ended before the promised length.
    pub whole: bool,
}

impl Delivery {
    pub fn event(&self) -> Value {
        serde_json::from_slice::<Value>(&self.body).expect("JSON")["event"].clone()
    }

    pub fn kind(&self) -> String {
        self.event()["event_type"].as_str().expect("a type").to_owned()
    }
}

type Shared = Arc<Mutex<(Vec<Delivery>, VecDeque<u16>)>>;

/// Takes webhooks; answers with the scripted statuses first and with 202 then.
pub struct Receiver {
    pub url: String,
    seen: Shared,
    _tasks: JoinSet<()>,
}

impl Receiver {
    pub async fn new(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let seen: Shared = Arc::new(Mutex::new((Vec::new(), statuses.iter().copied().collect())));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&seen);
        tasks.spawn(async move {
            let mut each = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                each.spawn(receive(stream, Arc::clone(&shared)));
            }
        });
        Self { url, seen, _tasks: tasks }
    }

    pub fn all(&self) -> Vec<Delivery> {
        self.seen.lock().expect("a lock").0.clone()
    }

    pub fn kinds(&self) -> Vec<String> {
        self.all().iter().filter(|d| d.whole).map(Delivery::kind).collect()
    }
}

async fn receive(mut stream: TcpStream, shared: Shared) {
    let mut seen = Vec::new();
    let mut delivery = None;
    while delivery.as_ref().is_none_or(|d: &Delivery| !d.whole) {
        let n = stream.read_buf(&mut seen).await.unwrap_or(0);
        delivery = parse(&seen);
        if n == 0 {
            break;
        }
    }
    let Some(delivery) = delivery else { return };
    let whole = delivery.whole;
    let status = {
        let mut shared = shared.lock().expect("a lock");
        shared.0.push(delivery);
        if whole { shared.1.pop_front().unwrap_or(202) } else { return }
    };
    let reply = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let _gone = stream.write_all(reply.as_bytes()).await;
}

fn parse(seen: &[u8]) -> Option<Delivery> {
    let end = seen.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&seen[..end]).ok()?;
    let pairs = head.lines().skip(1).filter_map(|l| l.split_once(": "));
    let headers: BTreeMap<String, String> = pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let body = seen[end + 4..].to_vec();
    Some(Delivery { headers, whole: body.len() == length, body })
}
