//! Asks Amazon EC2 which instances run in a region: DescribeInstances, page by page, all of them or an error. Only reads; decides nothing about
//! hosts.

mod answer;
mod keys;
mod refusal;

#[cfg(test)]
mod tests;

pub use answer::{Answer, Instance, Placement, Reservation, State, Tag};
pub use keys::Keys;
pub use refusal::Trouble;

use crate::http::{Http, Request, Settings as HttpSettings, SetupError};
use crate::sigv4::{Credentials, Scope, Unsigned, sign};
use crate::{Call, Kind};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method};
use url::form_urlencoded::Serializer;

/// What an operator configures.
#[derive(Clone, Debug)]
pub struct Ec2Settings {
    pub region: String,
    /// A door of one's own, such as a VPC endpoint; Amazon's of the region when absent.
    pub endpoint: Option<String>,
    pub keys: Keys,
}

impl Ec2Settings {
    fn endpoint(&self) -> String {
        let suffix = if self.region.starts_with("cn-") { ".cn" } else { "" };
        self.endpoint.clone().unwrap_or_else(|| format!("https://ec2.{}.amazonaws.com{suffix}", self.region))
    }
}

#[derive(Debug)]
pub struct Ec2 {
    http: Http,
    region: String,
    keys: Keys,
}

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
/// As many as EC2 gives at once.
const PAGE: &str = "1000";
/// More pages than a region has: an answer that never ends is not waited for.
const MOST_PAGES: usize = 200;
/// A thousand instances with all their networks and disks.
const MOST_BYTES: usize = 64 << 20;

impl Ec2 {
    pub fn new(settings: &Ec2Settings) -> Result<Self, SetupError> {
        let patience =
            HttpSettings { max_response_bytes: MOST_BYTES, call_timeout_ms: 60_000, ..HttpSettings::default() };
        // A VPC endpoint answers for Amazon's own name at a private address; its certificate tells that it is Amazon.
        let http = Http::inside(&settings.endpoint(), patience)?;
        Ok(Self { http, region: settings.region.clone(), keys: settings.keys.clone() })
    }

    /// Everything that runs in the region: half an answer would make the other half's hosts vanish.
    pub async fn running(&self, call: &Call) -> Result<Answer, Trouble> {
        let credentials = self.keys.credentials(&self.region).await?;
        let mut whole = Answer::default();
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let page = self.page(call, &credentials, token.as_deref()).await?;
            whole.reservations.extend(page.answer.reservations);
            match page.next_token {
                None => return Ok(whole),
                next if next == token => break,
                next => token = next,
            }
        }
        Err(Trouble::new(Kind::Unreadable, "EC2's answer has no end", refusal::AGAIN))
    }

    async fn page(&self, call: &Call, credentials: &Credentials, token: Option<&str>) -> Result<answer::Page, Trouble> {
        let body = body(token);
        let headers = self.signed(call, credentials, &body)?;
        let request = Request { method: Method::POST, path: &[], query: &[], headers, body: Some(body) };
        let answer = self.http.send(request).await.map_err(Trouble::from)?;
        if answer.status != 200 {
            return Err(refusal::told(&answer, credentials, &self.region));
        }
        answer::read(&answer.body)
    }

    fn signed(&self, call: &Call, credentials: &Credentials, body: &[u8]) -> Result<HeaderMap, Trouble> {
        let url = self.http.url(&[], &[]);
        let unsigned = Unsigned { method: &Method::POST, url: &url, headers: &[("content-type", FORM)], body };
        let scope = Scope { region: &self.region, service: "ec2" };
        let mut headers = sign(&unsigned, &scope, credentials, call.now)
            .map_err(|error| Trouble::new(Kind::Auth, error.to_string(), "mend the key that was found"))?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
        Ok(headers)
    }
}

fn body(token: Option<&str>) -> Vec<u8> {
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", "DescribeInstances")
        .append_pair("Version", "2016-11-15")
        .append_pair("Filter.1.Name", "instance-state-name")
        .append_pair("Filter.1.Value.1", "running")
        .append_pair("MaxResults", PAGE);
    if let Some(token) = token {
        form.append_pair("NextToken", token);
    }
    form.finish().into_bytes()
}
