//! Reads one object of a bucket. Never lists, never writes, never deletes.

use crate::http::{Http, Request, Response, Settings as HttpSettings, SetupError};
use crate::sigv4::{Credentials, Scope, Unsigned, sign};
use crate::{Call, CallError, Kind};
use http::{HeaderMap, Method};

/// What an operator configures.
#[derive(Clone, Debug)]
pub struct S3Settings {
    pub region: String,
    pub credentials: Credentials,
    /// An S3 of one's own; Amazon's of the region when absent.
    pub endpoint: Option<String>,
    pub http: HttpSettings,
}

/// SES takes no larger mail.
const MAX_MAIL_BYTES: usize = 40 << 20;

impl S3Settings {
    pub fn new(region: impl Into<String>, credentials: Credentials) -> Self {
        let http =
            HttpSettings { max_response_bytes: MAX_MAIL_BYTES, call_timeout_ms: 60_000, ..HttpSettings::default() };
        Self { region: region.into(), credentials, endpoint: None, http }
    }

    pub(super) fn endpoint(&self) -> String {
        let suffix = if self.region.starts_with("cn-") { ".cn" } else { "" };
        self.endpoint.clone().unwrap_or_else(|| format!("https://s3.{}.amazonaws.com{suffix}", self.region))
    }
}

#[derive(Debug)]
pub struct S3 {
    http: Http,
    region: String,
    credentials: Credentials,
}

impl S3 {
    pub fn new(settings: &S3Settings) -> Result<Self, SetupError> {
        let http = Http::new(&settings.endpoint(), settings.http)?;
        Ok(Self { http, region: settings.region.clone(), credentials: settings.credentials.clone() })
    }

    pub async fn get(&self, call: &Call, bucket: &str, key: &str) -> Result<Vec<u8>, CallError> {
        let path = path(bucket, key)?;
        let headers = self.signed(call, &path)?;
        let request = Request { method: Method::GET, path: &path, query: &[], headers, body: None };
        let answer = self.http.send(request).await.map_err(|error| self.astray(error, bucket));
        let answer = answer.and_then(|response| self.checked(response, bucket, key));
        answer.map_err(|error| error.redacted(&self.credentials.secret_key))
    }

    fn signed(&self, call: &Call, path: &[&str]) -> Result<HeaderMap, CallError> {
        let url = self.http.url(path, &[]);
        let unsigned = Unsigned { method: &Method::GET, url: &url, headers: &[], body: b"" };
        let scope = Scope { region: &self.region, service: "s3" };
        sign(&unsigned, &scope, &self.credentials, call.now).map_err(|e| bad(e.to_string()))
    }

    /// A redirect of S3 means another region.
    fn astray(&self, error: CallError, bucket: &str) -> CallError {
        match error.status {
            Some(301 | 307) => bad(format!(
                "the bucket {bucket} lies in another region than {}: set [mail.ses] region to the bucket's",
                self.region
            )),
            _ if error.kind == Kind::TooLarge => {
                CallError { text: format!("a mail in {bucket}: {}", error.text), ..error }
            }
            _ => error,
        }
    }

    fn checked(&self, response: Response, bucket: &str, key: &str) -> Result<Vec<u8>, CallError> {
        if response.status != 200 {
            return Err(self.refused(&response, bucket, key));
        }
        let is_sealed =
            ["x-amz-meta-x-amz-key-v2", "x-amz-meta-x-amz-key"].iter().any(|name| response.headers.contains_key(*name));
        if is_sealed {
            return Err(bad(format!(
                "{bucket}/{key} was encrypted by SES before it was stored, which only Amazon's encryption client can read: \
                 switch message encryption off in the rule's S3 action (the bucket's own encryption is fine)"
            )));
        }
        Ok(response.body.to_vec())
    }

    fn refused(&self, response: &Response, bucket: &str, key: &str) -> CallError {
        let code = code(&response.body);
        let status = response.status;
        let (kind, advice) = match (status, code.as_str()) {
            (_, "NoSuchKey") => (
                Kind::NotFound,
                format!("{key} is not there: was it deleted, or does a lifecycle rule delete too soon?"),
            ),
            (_, "NoSuchBucket") => (Kind::NotFound, "the bucket is not there: check the rule's S3 action".to_owned()),
            (_, "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken" | "ExpiredToken") => {
                (Kind::Auth, "check [mail.ses] access_key_id and secret_access_key".to_owned())
            }
            (_, "RequestTimeTooSkewed") => (Kind::Auth, "this machine's clock is wrong".to_owned()),
            (_, "AuthorizationHeaderMalformed") => {
                (Kind::BadRequest, format!("set [mail.ses] region to the bucket's, it is {} now", self.region))
            }
            (403, _) => (
                Kind::Forbidden,
                format!(
                    "allow the key {} s3:GetObject on arn:aws:s3:::{bucket}/* (without s3:ListBucket a missing object looks like this too)",
                    self.credentials.access_key
                ),
            ),
            (404, _) => (Kind::NotFound, format!("{key} is not there")),
            (429, _) | (_, "SlowDown") => (Kind::Limited, "too many requests; it is tried again".to_owned()),
            (500.., _) => (Kind::Server, "S3 has trouble of its own; it is tried again".to_owned()),
            _ => (Kind::BadRequest, "it will not work as it is".to_owned()),
        };
        let code = if code.is_empty() { String::new() } else { format!(" {code}") };
        CallError::new(kind, false, format!("S3 does not give a mail out of {bucket} ({status}{code}): {advice}"))
            .with_status(status)
    }
}

/// A key's segments go into the path one by one; what a URL would take for steps is refused.
fn path<'a>(bucket: &'a str, key: &'a str) -> Result<Vec<&'a str>, CallError> {
    let is_bucket = (3..=63).contains(&bucket.len())
        && bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.');
    let segments: Vec<&str> = std::iter::once(bucket).chain(key.split('/')).collect();
    let is_key = !key.is_empty() && key.len() <= 1_024 && !segments.iter().any(|part| matches!(*part, "" | "." | ".."));
    if is_bucket && is_key { Ok(segments) } else { Err(bad(format!("{bucket:?} / {key:?} can't be an object of S3"))) }
}

/// `<Error><Code>NoSuchKey</Code>…`
fn code(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(4_096)]);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    code.chars().filter(char::is_ascii_alphanumeric).take(60).collect()
}

fn bad(text: String) -> CallError {
    CallError::new(Kind::BadRequest, false, text)
}
