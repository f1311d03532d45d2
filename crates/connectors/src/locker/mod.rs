//! Puts an object into a bucket so that nobody can change it until a date (S3 Object Lock). Never reads, lists or deletes.

#[cfg(test)]
mod tests;

use crate::http::{Http, Request, Response, Settings as HttpSettings, SetupError};
use crate::sigv4::{Credentials, Scope, Unsigned, sign};
use crate::{Call, CallError, Kind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use model::Micros;
use sha2::{Digest, Sha256};

/// What an operator configures.
#[derive(Clone, Debug)]
pub struct LockerSettings {
    pub region: String,
    pub credentials: Credentials,
    /// An S3 of one's own; Amazon's of the region when absent.
    pub endpoint: Option<String>,
    pub http: HttpSettings,
}

impl LockerSettings {
    fn endpoint(&self) -> String {
        let suffix = if self.region.starts_with("cn-") { ".cn" } else { "" };
        self.endpoint.clone().unwrap_or_else(|| format!("https://s3.{}.amazonaws.com{suffix}", self.region))
    }
}

/// What is put, and until when nobody may change it.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    pub bucket: &'a str,
    pub key: &'a str,
    pub body: &'a [u8],
    pub until: Micros,
}

#[derive(Debug)]
pub struct Locker {
    http: Http,
    region: String,
    credentials: Credentials,
}

impl Locker {
    pub fn new(settings: &LockerSettings) -> Result<Self, SetupError> {
        let http = Http::new(&settings.endpoint(), settings.http)?;
        Ok(Self { http, region: settings.region.clone(), credentials: settings.credentials.clone() })
    }

    /// The version that the bucket made of it, if it says so.
    pub async fn put(&self, call: &Call, object: &Object<'_>) -> Result<Option<String>, CallError> {
        let path: Vec<&str> = std::iter::once(object.bucket).chain(object.key.split('/')).collect();
        if path.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return Err(bad(format!("{:?} / {:?} can't be an object of S3", object.bucket, object.key)));
        }
        let headers = self.signed(call, &path, object)?;
        let body = Some(object.body.to_vec());
        let request = Request { method: Method::PUT, path: &path, query: &[], headers, body };
        let answer = self.http.send(request).await.and_then(|response| self.checked(&response, object));
        answer.map_err(|error| error.redacted(&self.credentials.secret_key))
    }

    fn signed(&self, call: &Call, path: &[&str], object: &Object<'_>) -> Result<HeaderMap, CallError> {
        let until = object.until.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let checksum = BASE64.encode(Sha256::digest(object.body));
        let lock = [
            ("x-amz-checksum-sha256", checksum.as_str()),
            ("x-amz-object-lock-mode", "COMPLIANCE"),
            ("x-amz-object-lock-retain-until-date", until.as_str()),
        ];
        let url = self.http.url(path, &[]);
        let unsigned = Unsigned { method: &Method::PUT, url: &url, headers: &lock, body: object.body };
        let scope = Scope { region: &self.region, service: "s3" };
        let mut headers = sign(&unsigned, &scope, &self.credentials, call.now).map_err(|e| bad(e.to_string()))?;
        for (name, value) in lock {
            let value = HeaderValue::from_str(value).map_err(|e| bad(e.to_string()))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        Ok(headers)
    }

    fn checked(&self, response: &Response, object: &Object<'_>) -> Result<Option<String>, CallError> {
        if response.status == 200 {
            let version = response.headers.get("x-amz-version-id").and_then(|value| value.to_str().ok());
            return Ok(version.map(str::to_owned));
        }
        let (status, code, bucket) = (response.status, code(&response.body), object.bucket);
        let (kind, advice) = match (status, code.as_str()) {
            (_, "NoSuchBucket") => (Kind::NotFound, "the bucket is not there".to_owned()),
            (_, "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken" | "ExpiredToken") => {
                (Kind::Auth, "check its access key".to_owned())
            }
            (_, "RequestTimeTooSkewed") => (Kind::Auth, "this machine's clock is wrong".to_owned()),
            (301 | 307, _) | (_, "AuthorizationHeaderMalformed") => {
                (Kind::BadRequest, format!("it lies in another region than {}", self.region))
            }
            (_, "InvalidRequest") => {
                (Kind::BadRequest, "it was made without Object Lock: make another one with it switched on".to_owned())
            }
            (403, _) => (
                Kind::Forbidden,
                format!("allow its key s3:PutObject and s3:PutObjectRetention on arn:aws:s3:::{bucket}/*"),
            ),
            (429, _) | (_, "SlowDown") => (Kind::Limited, "too many requests; it is tried again".to_owned()),
            (500.., _) => (Kind::Server, "S3 has trouble of its own; it is tried again".to_owned()),
            _ => (Kind::BadRequest, "it will not work as it is".to_owned()),
        };
        let code = if code.is_empty() { String::new() } else { format!(" {code}") };
        let text = format!("the bucket {bucket} does not take a checkpoint ({status}{code}): {advice}");
        Err(CallError::new(kind, true, text).with_status(status))
    }
}

/// `<Error><Code>AccessDenied</Code>…`
fn code(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(4_096)]);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    code.chars().filter(char::is_ascii_alphanumeric).take(60).collect()
}

fn bad(text: String) -> CallError {
    CallError::new(Kind::BadRequest, true, text)
}
