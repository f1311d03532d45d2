//! The listener of the smaller systems: reads a request, plays the scripted trouble around it and answers. What they share of the
//! control interface is here too: faults and the effects log.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::journal::Journal;
use crate::script::{Cut, Do, Script};

const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// A request, already read.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub method: Method,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// One simulated system.
pub(crate) trait Site: Send + Sync + 'static {
    fn script(&self) -> &Script;
    fn journal(&self) -> &Arc<Journal>;
    /// None ends the connection without a word.
    fn answer(&self, ask: Ask) -> impl Future<Output = Option<Told>> + Send;
    /// What stands under `/_control/` beside faults and effects; none: there is no such control.
    fn control(&self, what: &str, ask: &Ask) -> impl Future<Output = Option<Result<Value, String>>> + Send;
    /// The scripted trouble of a system whose requests are none of HTTP; it takes the place of `script`.
    fn faults(&self, _method: &str, _ask: &Ask) -> Option<Result<Value, String>> {
        None
    }
    /// What becomes of a connection that was answered with 101; most systems never say so.
    fn upgraded(&self, socket: Upgraded) -> impl Future<Output = ()> + Send {
        async move { drop(socket) }
    }
}

impl Ask {
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    fn is_form(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    }

    /// The pairs of a form.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The path's parts, decoded; a part keeps a slash that it was sent with as `%2F`.
    pub(crate) fn parts(&self) -> Vec<String> {
        let parts = self.path.split('/').filter(|p| !p.is_empty());
        parts.map(|p| percent_encoding::percent_decode_str(p).decode_utf8_lossy().into_owned()).collect()
    }

    /// The body as JSON, or the fields of a page's form; an empty one is an empty object.
    pub(crate) fn json(&self) -> Result<Value, String> {
        if self.body.is_empty() {
            return Ok(json!({}));
        }
        match serde_json::from_slice(&self.body) {
            Err(_) if self.is_form() => Ok(form(&self.body)),
            read => read.map_err(|e| format!("the body is not JSON: {e}")),
        }
    }

    /// Where a page's form wants to go next: a path of this listener.
    fn back(&self) -> Option<String> {
        let form = if self.is_form() { form(&self.body) } else { Value::Null };
        form["back"].as_str().filter(|to| to.starts_with('/') && !to.starts_with("//")).map(str::to_owned)
    }
}

impl Told {
    pub(crate) fn of(status: u16, kind: &str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: vec![("content-type".into(), kind.into())], body: body.into() }
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self::of(status, "text/plain; charset=utf-8", body.to_owned())
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::of(status, "application/json", body.to_string())
    }

    pub(crate) fn html(body: String) -> Self {
        Self::of(200, "text/html; charset=utf-8", body)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// The end of a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut")]
struct Ended;

pub(crate) async fn serve<S: Site>(listener: TcpListener, site: Arc<S>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let site = Arc::clone(&site);
                    connections.spawn(converse(site, stream));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection: its requests, and what it is used for after a 101.
async fn converse<S: Site>(site: Arc<S>, stream: TcpStream) {
    let upgrade = Mutex::new(None);
    let service = service_fn(|request| exchange(Arc::clone(&site), request, &upgrade));
    // A connection that ends early is everyday life here.
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    let upgrade: Option<OnUpgrade> = upgrade.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(upgrade) = upgrade
        && let Ok(socket) = upgrade.await
    {
        site.upgraded(socket).await;
    }
}

async fn exchange<S: Site>(
    site: Arc<S>,
    mut request: Request<Incoming>,
    upgrade: &Mutex<Option<OnUpgrade>>,
) -> Result<Response<Full<Bytes>>, Ended> {
    let on_upgrade = hyper::upgrade::on(&mut request);
    let (head, mut incoming) = request.into_parts();
    let mut body = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        if let Some(data) = frame.map_err(|_| Ended)?.data_ref() {
            body.extend_from_slice(data);
        }
        if body.len() > MAX_BODY_BYTES {
            return Ok(response(Told::text(413, "the body is too long")));
        }
    }
    let query = url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let path = head.uri.path().to_owned();
    let ask = Ask { method: head.method, path, query, headers: head.headers, body: body.freeze() };
    let told = match ask.path.strip_prefix("/_control/").map(str::to_owned) {
        Some(what) => Some(control(&*site, &what, &ask).await),
        None => disturbed(&*site, ask).await,
    };
    if told.as_ref().is_some_and(|told| told.status == 101) {
        *upgrade.lock().unwrap_or_else(PoisonError::into_inner) = Some(on_upgrade);
    }
    told.map(response).ok_or(Ended)
}

/// A form's fields; one whose name is a JSON pointer stands within others.
fn form(body: &[u8]) -> Value {
    let mut whole = json!({});
    for (name, value) in url::form_urlencoded::parse(body) {
        let parts: Vec<String> = match name.strip_prefix('/') {
            Some(path) => path.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect(),
            None => vec![name.into_owned()],
        };
        let mut place = &mut whole;
        for part in parts {
            if !place.is_object() {
                *place = json!({});
            }
            place = &mut place[part];
        }
        *place = json!(value);
    }
    whole
}

async fn disturbed<S: Site>(site: &S, ask: Ask) -> Option<Told> {
    let trouble = site.script().hit(ask.method.as_str(), &ask.path).unwrap_or_default();
    if let Some(delay_ms) = trouble.delay_ms {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    }
    if trouble.hang {
        site.script().hang().await;
        return None;
    }
    if trouble.cut == Some(Cut::Before) {
        return None;
    }
    if let Some(status) = trouble.status {
        let refused = json!({ "path": ask.path, "method": ask.method.as_str(), "status": status });
        site.journal().keep("refused", refused).await.ok()?;
        return Some(scripted(status, trouble));
    }
    let told = site.answer(ask).await?;
    (trouble.cut != Some(Cut::After)).then_some(told)
}

fn scripted(status: u16, trouble: Do) -> Told {
    let mut told = match trouble.body {
        Some(Value::String(text)) => Told::text(status, &text),
        Some(body) => Told::json(status, &body),
        None => Told { status, headers: Vec::new(), body: Bytes::new() },
    };
    told.headers.extend(trouble.headers);
    told
}

/// `effects?count=N&wait_ms=…` waits until there are so many.
async fn control<S: Site>(site: &S, what: &str, ask: &Ask) -> Told {
    let script = site.script();
    let own_faults = if what == "faults" { site.faults(ask.method.as_str(), ask) } else { None };
    let outcome = match (ask.method.as_str(), what) {
        _ if own_faults.is_some() => own_faults,
        ("POST", "faults") => Some(ask.json().and_then(|b| script.add(&b))),
        ("GET", "faults") => Some(Ok(script.shown())),
        ("DELETE", "faults") => Some(Ok(script.clear())),
        ("GET", "effects") => {
            let number = |name: &str| ask.one(name).and_then(|n| n.parse::<u64>().ok());
            if let (Some(count), Some(wait_ms)) = (number("count"), number("wait_ms")) {
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                site.journal().wait_for(count, Duration::from_millis(wait_ms)).await;
            }
            Some(Ok(json!({ "effects": site.journal().all() })))
        }
        _ => site.control(what, ask).await,
    };
    match outcome {
        // A page's form is answered with the page, or with words.
        Some(Ok(_)) if let Some(back) = ask.back() => Told::text(303, "").with("location", &back),
        Some(Err(error)) if ask.back().is_some() => Told::text(400, &error),
        Some(Ok(body)) => Told::json(200, &body),
        Some(Err(error)) => Told::json(400, &json!({ "error": error })),
        None => Told::json(404, &json!({ "error": "no such control" })),
    }
}

fn response(told: Told) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(told.body));
    *response.status_mut() = http::StatusCode::from_u16(told.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &told.headers {
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
