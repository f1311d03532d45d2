//! From the Web API's answers to errors that tell a person what to do: Slack says nearly everything with status 200 and a word.
//! Quotes such words, names of scopes and Slack's remarks on a block, and nothing else.

use super::word;
use crate::gate::{self, Sent};
use crate::http::Response;
use crate::pagerduty::json;
use crate::{CallError, Kind};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Head {
    ok: bool,
    #[serde(default)]
    error: Option<String>,
    /// The scope that is lacking.
    #[serde(default)]
    needed: Option<String>,
    #[serde(default)]
    response_metadata: Option<Remarks>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Remarks {
    messages: Vec<String>,
}

const MAX_REMARKS: usize = 3;
const MAX_REMARK_CHARS: usize = 160;
const MAX_SCOPES_CHARS: usize = 200;

/// What went wrong, and Slack's own word for it, which may mean that nothing is wrong at all.
#[derive(Debug)]
pub struct Failed {
    pub error: CallError,
    pub word: Option<String>,
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Self {
        Self { error, word: None }
    }
}

impl From<Failed> for CallError {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

impl Failed {
    pub fn is(&self, words: &[&str]) -> bool {
        self.word.as_deref().is_some_and(|word| words.contains(&word))
    }
}

/// Lets `ok` through; everything else becomes an error about `what`.
pub fn check(sent: Sent, what: &str, host: &str) -> Result<Response, Failed> {
    let Sent { response, write, wait_ms } = sent;
    let head: Option<Head> = json::read(&json::without_nul(&response.body)).ok();
    let is_2xx = (200..300).contains(&response.status);
    let said = match head {
        Some(Head { ok: true, .. }) if is_2xx => return Ok(response),
        None if is_2xx => return Err(no_answer(&response, write, host).into()),
        head => head,
    };
    let word = said.as_ref().and_then(|head| head.error.as_deref()).and_then(|text| word::word(text.as_bytes()));
    let kind = match (word.and_then(word::kind), gate::kind(&response)) {
        // The status is plain, whatever the word.
        (_, kind @ (Kind::Limited | Kind::Server)) => kind,
        (Some(kind), _) => kind,
        (None, kind) => kind,
    };
    let text = text(&Refused { kind, word, said: said.as_ref(), status: response.status, what, host });
    let retry_after_ms = wait_ms.filter(|_| kind == Kind::Limited);
    let error = CallError { kind, status: Some(response.status), code: None, text, retry_after_ms, write };
    Err(Failed { error, word: word.map(str::to_owned) })
}

struct Refused<'a> {
    kind: Kind,
    word: Option<&'a str>,
    said: Option<&'a Head>,
    status: u16,
    what: &'a str,
    host: &'a str,
}

fn text(refused: &Refused) -> String {
    let Refused { kind, word, said, status, what, host } = refused;
    let reason = word.map_or_else(|| status.to_string(), str::to_owned);
    let needed = said.and_then(|head| head.needed.as_deref()).and_then(scopes);
    let advice = match (word, needed) {
        (Some("missing_scope"), Some(needed)) => format!(
            "the app lacks the scope {needed}: add it under OAuth & Permissions at api.slack.com/apps and install the app again"
        ),
        _ if *kind == Kind::InTheWay => in_the_way(host),
        _ => word::advice(*kind, word.unwrap_or_default()).unwrap_or("it will not work as it is").to_owned(),
    };
    let remarks = said.map(|head| remarks(head.response_metadata.as_ref())).unwrap_or_default();
    format!("{} ({what}: {reason}): {advice}{remarks}", word::headline(*kind))
}

fn in_the_way(host: &str) -> String {
    format!(
        "a proxy, a firewall or a sign-in page is on the way to {host}: let this machine reach it directly, and check [slack] api_url; it is \
         tried again"
    )
}

/// `chat:write,users:read.email`, or `None` where it is something else.
pub fn scopes(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-' | ',' | ' ');
    (!text.is_empty() && text.chars().count() <= MAX_SCOPES_CHARS && text.chars().all(is_name)).then_some(text)
}

/// Slack's remarks on what it did not take, short and in one line each. They come from outside, so they are no more than a quote.
fn remarks(remarks: Option<&Remarks>) -> String {
    let Some(remarks) = remarks else { return String::new() };
    let short = |text: &String| {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().filter(|c| !c.is_control()).take(MAX_REMARK_CHARS).collect::<String>()
    };
    let quoted: Vec<String> =
        remarks.messages.iter().take(MAX_REMARKS).map(|m| format!("\u{201c}{}\u{201d}", short(m))).collect();
    if quoted.is_empty() { String::new() } else { format!("; Slack remarks {}", quoted.join(", ")) }
}

/// A 2xx that is no word of Slack. Whether a write arrived nobody can tell then.
fn no_answer(response: &Response, write: bool, host: &str) -> CallError {
    let (kind, text) = match gate::is_page(&response.body) && !write {
        true => (Kind::InTheWay, format!("{}: {}", word::headline(Kind::InTheWay), in_the_way(host))),
        false => {
            let text = format!(
                "{host} answered something else than Slack's JSON: is [slack] api_url right, and is no proxy or sign-in page on the way?"
            );
            (Kind::Unreadable, text)
        }
    };
    CallError::new(kind, write, text).with_status(response.status)
}

/// Reads what came with `ok`.
pub fn read<T: DeserializeOwned>(response: &Response, write: bool) -> Result<T, CallError> {
    json::read(&json::without_nul(&response.body)).map_err(|e| {
        let text = format!("Slack's answer can't be read at {}: {}", e.place, e.why);
        CallError::new(Kind::Unreadable, write, text).with_status(response.status)
    })
}
