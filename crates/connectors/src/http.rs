//! The one guarded HTTP client: time-outs, a cap on what is read, no redirects, no way into private networks unless
//! the operator's own base URL points there. Never retries and never logs; what went wrong is in the error's kind.

use crate::Secret;
use crate::error::{CallError, Kind};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use url::{Host, Url};

/// The client's limits.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub connect_timeout_ms: u64,
    /// From the first byte sent to the last one read.
    pub call_timeout_ms: u64,
    pub max_response_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { connect_timeout_ms: 5_000, call_timeout_ms: 20_000, max_response_bytes: 8 * 1024 * 1024 }
    }
}

/// A base URL that can't be used; found at the start, not at 3 a.m.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    #[error("{url:?} is not a URL: {why}")]
    NotAUrl { url: String, why: String },
    #[error("the address, which is not shown since it is a secret, is no URL: {why}")]
    NotAnAddress { why: String },
    #[error("{url} is not https: plain http is taken only for this machine or a private address, given by number")]
    NotTls { url: String },
    #[error("{url} must not carry a user, password, query or fragment")]
    Extras { url: String },
    #[error("the {what} holds a character that no header can carry; was it pasted with a line break?")]
    NotAHeader { what: &'static str },
    #[error("the HTTP client could not be set up: {why}")]
    Client { why: String },
}

/// A pooled client for one base URL.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    base: Url,
    max_response_bytes: usize,
}

/// Only the origin: the rest of an address may be its secret.
impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("origin", &self.base.origin().ascii_serialization()).finish_non_exhaustive()
    }
}

/// One call below the base URL.
#[derive(Debug)]
pub struct Request<'a> {
    pub method: Method,
    /// Path segments below the base; each is escaped.
    pub path: &'a [&'a str],
    pub query: &'a [(&'a str, String)],
    pub headers: HeaderMap,
    /// JSON, unless the headers say another type.
    pub body: Option<Vec<u8>>,
}

/// An answer of any status, read to its end.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub took_ms: i64,
}

const USER_AGENT: &str = concat!("arayashiki/", env!("CARGO_PKG_VERSION"));
/// A connection idle for longer may be closed under our feet, and a write cut that way is of unknown outcome.
const POOL_IDLE_MS: u64 = 15_000;

impl Http {
    pub fn new(base: &str, settings: Settings) -> Result<Self, SetupError> {
        Self::reaching(checked_base(base)?, settings)
    }

    /// A client whose name may lead into a private network, for systems that open a door there under their own name. Only for names that an
    /// operator or this program wrote, never for one that came from outside.
    #[cfg(feature = "aws")]
    pub fn inside(base: &str, settings: Settings) -> Result<Self, SetupError> {
        Self::at(checked_base(base)?, settings, true)
    }

    /// A client for one whole address that is itself a secret, as those of incoming webhooks are: its path and query are
    /// sent as they stand, and no message or Debug shows more of it than the host. Requests to it have no path.
    pub fn to_address(address: &Secret, settings: Settings) -> Result<Self, SetupError> {
        Self::reaching(checked_address(address)?, settings)
    }

    fn reaching(base: Url, settings: Settings) -> Result<Self, SetupError> {
        let allow_private = names_this_machine(&base);
        Self::at(base, settings, allow_private)
    }

    fn at(base: Url, settings: Settings, allow_private: bool) -> Result<Self, SetupError> {
        let resolver = Resolver { allow_private };
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .timeout(Duration::from_millis(settings.call_timeout_ms))
            .pool_idle_timeout(Duration::from_millis(POOL_IDLE_MS))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            // A proxy would resolve names for us, behind the guard's back.
            .no_proxy()
            .dns_resolver(resolver)
            .build()
            .map_err(|e| SetupError::Client { why: e.to_string() })?;
        Ok(Self { client, base, max_response_bytes: settings.max_response_bytes })
    }

    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Sends once. An answer of any status is `Ok`; what a status means is the connector's business.
    pub async fn send(&self, request: Request<'_>) -> Result<Response, CallError> {
        let started = tokio::time::Instant::now();
        let write = is_write(&request.method);
        let mut headers = request.headers;
        if request.body.is_some() {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        let mut builder = self.client.request(request.method, self.url(request.path, request.query)).headers(headers);
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let answer = builder.send().await.map_err(|e| self.failed(e, write))?;
        let status = answer.status();
        let headers = answer.headers().clone();
        let body = self.read(answer, write).await.map_err(|e| e.with_status(status.as_u16()))?;
        if status.is_redirection() {
            return Err(self.redirected(status, write));
        }
        let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Ok(Response { status: status.as_u16(), headers, body, took_ms })
    }

    /// Where a request will go; whoever signs it has to know.
    pub(crate) fn url(&self, path: &[&str], query: &[(&str, String)]) -> Url {
        let mut url = self.base.clone();
        // A base with a host always has a path that can be extended.
        if !path.is_empty()
            && let Ok(mut segments) = url.path_segments_mut()
        {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query.iter().map(|(name, value)| (*name, value.as_str())));
        }
        url
    }

    /// Counts after decompression, so that a small body that unpacks to gigabytes stops here too.
    async fn read(&self, mut answer: reqwest::Response, write: bool) -> Result<Bytes, CallError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| self.cut(&e, write))? {
            if body.len() + chunk.len() > self.max_response_bytes {
                let text = format!("{} answered with more than {} bytes", self.host(), self.max_response_bytes);
                return Err(CallError::new(Kind::TooLarge, write, text));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn failed(&self, error: reqwest::Error, write: bool) -> CallError {
        let host = self.host();
        if let Some(refused) = in_chain::<PrivateAddress>(&error) {
            let text = format!(
                "{host} resolves to {}, which is private; give the address itself as the base URL if that is meant",
                refused.0
            );
            return CallError::new(Kind::Refused, write, text);
        }
        let why = deepest(&error);
        if error.is_builder() {
            return CallError::new(Kind::BadRequest, write, format!("the request to {host} can't be written: {why}"));
        }
        // A time-out while connecting is a connect error too, so this comes before the time-outs.
        if error.is_connect() || error.is_dns() {
            let text = format!("no connection to {host}: {why}; {}", remedy(&error, &why, &self.base));
            return CallError::new(Kind::NoConnection, write, text);
        }
        self.cut(&error, write)
    }

    fn cut(&self, error: &reqwest::Error, write: bool) -> CallError {
        let host = self.host();
        let text = if error.is_timeout() {
            format!("{host} did not answer in time")
        } else {
            format!("the connection to {host} was cut: {}", deepest(error))
        };
        CallError::new(Kind::Unknown, write, text)
    }

    fn redirected(&self, status: StatusCode, write: bool) -> CallError {
        let status = status.as_u16();
        let text = format!(
            "{} answered with a redirect ({status}), which is never followed: check the configured address; otherwise a \
                 proxy or a sign-in page is on the way, and this machine has to reach it directly",
            self.host()
        );
        CallError::new(Kind::InTheWay, write, text).with_status(status)
    }

    /// Whom a message may name.
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }
}

/// Whether a call by this method may change something over there.
pub fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

fn checked_base(text: &str) -> Result<Url, SetupError> {
    let not_a_url = |why: String| SetupError::NotAUrl { url: text.to_owned(), why };
    let url = Url::parse(text).map_err(|e| not_a_url(e.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(SetupError::Extras { url: url.host_str().unwrap_or_default().to_owned() });
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => Ok(url),
        ("http", Some(host)) if is_near(&host) => Ok(url),
        ("http", Some(_)) => Err(SetupError::NotTls { url: text.to_owned() }),
        _ => Err(not_a_url("it needs https:// and a host".to_owned())),
    }
}

/// No message quotes the address: all of it but the host may be secret.
fn checked_address(address: &Secret) -> Result<Url, SetupError> {
    let url = Url::parse(address.expose()).map_err(|e| SetupError::NotAnAddress { why: e.to_string() })?;
    let host = url.host_str().unwrap_or_default().to_owned();
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(SetupError::Extras { url: host });
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => Ok(url),
        ("http", Some(near)) if is_near(&near) => Ok(url),
        ("http", Some(_)) => Err(SetupError::NotTls { url: host }),
        _ => Err(SetupError::NotAnAddress { why: "it needs https:// and a host".to_owned() }),
    }
}

/// Only a base that is `localhost` or an address by number may lead into private networks.
pub(crate) fn names_this_machine(base: &Url) -> bool {
    match base.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

fn is_near(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => !is_public_v4(*ip),
        Host::Ipv6(ip) => !is_public_v6(*ip),
    }
}

/// Resolves names and refuses those that lead into private networks.
struct Resolver {
    allow_private: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("private address {0}")]
struct PrivateAddress(IpAddr);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if let Some(address) = found.iter().map(SocketAddr::ip).find(|ip| !allow_private && !is_public(*ip)) {
                return Err(PrivateAddress(address).into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// Everything that the registries keep for private, local, test or future use is not public.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b)))
}

/// Addresses that carry an IPv4 address inside (mapped, NAT64, 6to4) are judged by that one.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(v4(high, low)),
        [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        [0x2001, 0xdb8, ..] => false,
        // 2000::/3 is all that has been given out for public use.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// What to do about a connection that did not come about. A proxy is never used, and on some networks it is the only way out.
fn remedy(error: &reqwest::Error, why: &str, base: &Url) -> String {
    use std::io::ErrorKind;
    let port = base.port_or_known_default().unwrap_or_default();
    let io = io_kind(error);
    if error.is_dns() || why.contains("lookup address") {
        return "the name can't be resolved: check the configured address, and this machine's DNS".to_owned();
    }
    if matches!(io, Some(ErrorKind::InvalidData | ErrorKind::UnexpectedEof)) || why.contains("certificate") {
        return "TLS failed: check this machine's clock and its trusted certificates; a proxy that opens TLS on the way \
                must have its authority trusted here"
            .to_owned();
    }
    if io == Some(ErrorKind::ConnectionRefused) {
        return format!(
            "port {port} refused it: check the configured address, and whether a firewall or proxy is in the way"
        );
    }
    format!("let this machine reach port {port} there directly, without a proxy; a firewall may be in the way")
}

/// Errors of the network come wrapped in others of their own type, TLS ones twice.
fn io_kind(error: &reqwest::Error) -> Option<std::io::ErrorKind> {
    let mut io = in_chain::<std::io::Error>(error)?;
    while let Some(inner) = io.get_ref().and_then(|inner| inner.downcast_ref()) {
        io = inner;
    }
    Some(io.kind())
}

fn in_chain<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The innermost reason; the outer ones only repeat that a request failed, and quote its URL.
fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
