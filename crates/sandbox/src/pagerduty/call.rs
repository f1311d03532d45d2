//! A request and a reply as the handlers see them: already read, no socket behind them, so that a late effect can replay one.

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub method: Method,
    pub path: String,
    pub segments: Vec<String>,
    pub query: Vec<(String, String)>,
    pub authorization: Option<String>,
    pub from: Option<String>,
    pub content_type: Option<String>,
    pub body: Bytes,
    /// Answer from the state of so many changes ago.
    pub stale: Option<usize>,
    /// How much later an accepted event shows; the account's own lag when absent.
    pub appear_ms: Option<u64>,
}

impl Call {
    pub(crate) fn new(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self {
            method: method.clone(),
            path: uri.path().to_owned(),
            segments: uri.path().split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
            query: pairs.into_owned().collect(),
            authorization: header("authorization"),
            from: header("from"),
            content_type: header("content-type"),
            body: Bytes::new(),
            stale: None,
            appear_ms: None,
        }
    }

    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(k, _)| k == name).map(|(_, v)| v.as_str()).collect()
    }

    pub(crate) fn segment(&self, place: usize) -> &str {
        self.segments.get(place).map_or("", String::as_str)
    }

    pub(crate) fn is_write(&self) -> bool {
        self.method != Method::GET
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type".into(), "application/json".into())];
        Self { status, headers, body: Bytes::from(body.to_string()) }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.into(), value.to_string()));
        self
    }
}

/// A refusal of REST: HTTP status and the vendor's own code.
#[derive(Debug, Clone)]
pub(crate) struct Fail {
    pub status: u16,
    pub code: u32,
    pub message: &'static str,
    pub errors: Vec<String>,
}

impl Fail {
    pub(crate) fn new(status: u16, code: u32, message: &'static str) -> Self {
        Self { status, code, message, errors: Vec::new() }
    }

    /// 400 with code 2001 and the reason.
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self { errors: vec![reason.into()], ..Self::new(400, 2001, "Invalid Input Provided") }
    }

    pub(crate) fn because(mut self, reason: impl Into<String>) -> Self {
        self.errors.push(reason.into());
        self
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, 2100, "Not Found")
    }

    pub(crate) fn reply(&self) -> Reply {
        let mut error = json!({ "message": self.message, "code": self.code });
        if !self.errors.is_empty() {
            error["errors"] = json!(self.errors);
        }
        Reply::json(self.status, &json!({ "error": error }))
    }
}

pub(crate) type Answer = Result<Reply, Fail>;
