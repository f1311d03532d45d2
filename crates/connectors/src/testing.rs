//! Tiny servers for tests: they answer as told and keep what they were sent.

use crate::{Call, Class};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use model::Micros;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What a server was sent.
#[derive(Clone, Debug)]
pub struct Heard {
    pub method: String,
    pub path: String,
    /// Undone from its escapes.
    pub query: Vec<(String, String)>,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

impl Heard {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn query(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect()
    }
}

type Answer = Arc<dyn Fn(&Heard) -> Response + Send + Sync>;

/// A server on this machine, gone when dropped.
pub struct Server {
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    count: watch::Receiver<usize>,
    _tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Shared {
    heard: Arc<Mutex<Vec<Heard>>>,
    count: watch::Sender<usize>,
    answer: Answer,
}

impl Server {
    pub async fn start(answer: impl Fn(&Heard) -> Response + Send + Sync + 'static) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (sender, count) = watch::channel(0);
        let shared = Shared { heard: heard.clone(), count: sender, answer: Arc::new(answer) };
        let app = Router::new().fallback(handle).with_state(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, heard, count, _tasks: tasks }
    }

    /// Answers everything with this.
    pub async fn always(status: u16, body: &'static str) -> Self {
        Self::start(move |_| reply(status, body)).await
    }

    /// Waits until that many calls have come; the limit only ends a test that would hang.
    pub async fn has_heard(&self, calls: usize) {
        let mut count = self.count.clone();
        let enough = count.wait_for(|heard| *heard >= calls);
        let waited = tokio::time::timeout(std::time::Duration::from_secs(30), enough).await;
        assert!(waited.is_ok(), "only {} of {calls} calls came", self.heard().len());
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

async fn handle(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let one = Heard {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: query.map(|(n, v)| (n.into_owned(), v.into_owned())).collect(),
        headers: parts.headers,
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
    };
    shared.heard.lock().unwrap().push(one.clone());
    shared.count.send_modify(|count| *count += 1);
    (shared.answer)(&one)
}

pub fn reply(status: u16, body: impl Into<axum::body::Body>) -> Response {
    (http::StatusCode::from_u16(status).unwrap(), body.into()).into_response()
}

/// A server that reads a request and then says nothing, for as long as it lives.
pub struct Mute {
    pub url: String,
    _tasks: JoinSet<()>,
}

impl Mute {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
            }
        });
        Self { url, _tasks: tasks }
    }
}

/// The URL of a port on which nobody listens.
pub async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

pub const NOW: Micros = Micros::from_seconds(1_780_000_000);

pub const fn call() -> Call {
    Call::new(Class::Live, NOW)
}
