//! One call of the Web API as it came in: its arguments from query, form, multipart or JSON, and its token. Judges no argument.

use bytes::Bytes;
use futures_util::stream;
use serde_json::{Map, Value, json};

use crate::web::Ask;

/// What Slack says instead of doing it.
#[derive(Debug)]
pub(super) struct Refusal {
    pub error: &'static str,
    /// Fields that stand beside it.
    pub beside: Value,
    /// Seconds until it may come again; the only refusal that is not told with 200.
    pub retry_s: Option<i64>,
}

pub(super) type Outcome = Result<Value, Refusal>;

impl From<&'static str> for Refusal {
    fn from(error: &'static str) -> Self {
        Self { error, beside: json!({}), retry_s: None }
    }
}

impl Refusal {
    pub(super) fn with_messages(error: &'static str, messages: Vec<String>) -> Self {
        Self { error, beside: json!({ "response_metadata": { "messages": messages } }), retry_s: None }
    }

    pub(super) fn later(seconds: i64) -> Self {
        Self { error: "ratelimited", beside: json!({}), retry_s: Some(seconds) }
    }

    fn argument(name: &str, what: &str) -> Self {
        Self::with_messages("invalid_arguments", vec![format!("[ERROR] {what} [json-pointer:/{name}]")])
    }
}

#[derive(Debug, Default)]
pub(super) struct Call {
    pub args: Map<String, Value>,
    pub token: Option<String>,
    pub is_post: bool,
    pub warnings: Vec<&'static str>,
    /// The body cannot be read as what it says it is.
    pub unreadable: Option<&'static str>,
}

impl Call {
    pub(super) async fn read(ask: &Ask, takes_json: bool) -> Self {
        let mut call = Self { is_post: ask.method == http::Method::POST, ..Self::default() };
        call.add(ask.query.iter().cloned());
        if call.is_post
            && !ask.body.is_empty()
            && let Err(word) = call.read_body(ask, takes_json).await
        {
            call.unreadable = Some(word);
        }
        let bearer = ask.header("authorization").and_then(|v| v.strip_prefix("Bearer "));
        let argument = call.args.remove("token");
        // A token in a JSON body does not count.
        let argument = argument.as_ref().and_then(Value::as_str).filter(|_| !is_json(ask));
        call.token = bearer.or(argument).map(|t| t.trim().to_owned());
        call
    }

    fn add(&mut self, pairs: impl Iterator<Item = (String, String)>) {
        self.args.extend(pairs.map(|(name, value)| (name, Value::String(value))));
    }

    async fn read_body(&mut self, ask: &Ask, takes_json: bool) -> Result<(), &'static str> {
        let kind = ask.header("content-type").unwrap_or_default().to_ascii_lowercase();
        match kind.split(';').next().unwrap_or_default().trim() {
            "" => Err("missing_post_type"),
            "application/json" => {
                if !kind.contains("charset") {
                    self.warnings.push("missing_charset");
                }
                let body: Value = serde_json::from_slice(&ask.body).map_err(|_| "invalid_json")?;
                let Value::Object(fields) = body else { return Err("json_not_object") };
                // What takes no JSON sees no arguments.
                if takes_json {
                    self.args.extend(fields);
                }
                Ok(())
            }
            "application/x-www-form-urlencoded" => {
                self.add(url::form_urlencoded::parse(&ask.body).into_owned());
                Ok(())
            }
            "multipart/form-data" => {
                let fields = multipart(&kind_of(ask), ask.body.clone()).await.ok_or("invalid_form_data")?;
                let text = |(name, _, bytes): (String, _, Bytes)| (name, String::from_utf8_lossy(&bytes).into_owned());
                self.add(fields.into_iter().map(text));
                Ok(())
            }
            "text/plain" => Ok(()),
            _ => Err("invalid_post_type"),
        }
    }

    /// A string; a number is refused, since a ts that was a number has lost digits.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.args.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::argument(name, "must be a string")),
        }
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        let missing =
            || Refusal::with_messages("invalid_arguments", vec![format!("[ERROR] missing required field: {name}")]);
        self.text(name)?.ok_or_else(missing)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        match self.args.get(name) {
            Some(Value::Bool(is)) => *is,
            Some(Value::String(text)) => matches!(text.as_str(), "1" | "true" | "True"),
            Some(Value::Number(n)) => n.as_i64() == Some(1),
            _ => false,
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let refused = || Refusal::argument(name, "must be an integer");
        match self.args.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => text.trim().parse().map(Some).map_err(|_| refused()),
            Some(value) => value.as_i64().map(Some).ok_or_else(refused),
        }
    }

    /// JSON as such, or in a string as forms have it; `word` when it is neither.
    pub(super) fn nested(&self, name: &str, word: &'static str) -> Result<Value, Refusal> {
        match self.args.get(name) {
            None => Ok(Value::Null),
            Some(Value::String(text)) if text.is_empty() => Ok(Value::Null),
            Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| Refusal::from(word)),
            Some(value) => Ok(value.clone()),
        }
    }
}

fn kind_of(ask: &Ask) -> String {
    ask.header("content-type").unwrap_or_default().to_owned()
}

fn is_json(ask: &Ask) -> bool {
    kind_of(ask).to_ascii_lowercase().starts_with("application/json")
}

/// Name, file name and bytes of each field; none when it is not well-formed.
pub(super) async fn multipart(kind: &str, body: Bytes) -> Option<Vec<(String, Option<String>, Bytes)>> {
    let boundary = multer::parse_boundary(kind).ok()?;
    let whole = stream::once(async move { Ok::<Bytes, std::convert::Infallible>(body) });
    let mut parts = multer::Multipart::new(whole, boundary);
    let mut found = Vec::new();
    while let Some(field) = parts.next_field().await.ok()? {
        let (name, file) = (field.name().unwrap_or_default().to_owned(), field.file_name().map(str::to_owned));
        found.push((name, file, field.bytes().await.ok()?));
    }
    Some(found)
}
