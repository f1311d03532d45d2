//! The routers put together, in the layers that every answer passes: a name for the request, security headers, faults
//! turned into pages or problem details, panics caught, other sites' requests refused. Never handles a request itself.

use crate::auth::{Asked, LANGUAGE_COOKIE, Person, Reader, cookie, decoded, no_browser};
use crate::problem::Fault;
use crate::state::{Desk, Settings, Web};
use crate::view::{ErrorView, Frame, Health, Section, Untaken};
use crate::{api, health, page, pages, static_files};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response as HttpResponse, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::any;
use std::any::Any;
use std::sync::Arc;
use std::time::Instant;
use store::Clock;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tracing::Instrument;

/// The largest form or body of a program.
const MOST_BODY_BYTES: usize = 64 * 1024;
/// Of a path in the log.
const MOST_PATH_CHARS: usize = 200;
const YEAR_S: i64 = 365 * 86_400;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), "none"),
];
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Pages, API, static files and health. Webhooks are mounted beside it by whoever serves.
pub fn routes(web: Web) -> Router {
    let desk = Desk::of(&web);
    let dress = Dress { settings: web.settings.clone(), clock: web.store.clock().clone() };
    let guarded = pages::routes(&web, &desk)
        .nest("/api", api::routes(&desk))
        // The one address below it that nesting leaves out.
        .route("/api/", any(async || Fault::NotFound))
        .layer(csrf(&web.settings))
        // Outside the check, so that it finds the marks already taken off.
        .layer(from_fn(no_browser));
    guarded
        .merge(static_files::router())
        .merge(health::routes(&web))
        .layer(DefaultBodyLimit::max(MOST_BODY_BYTES))
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn_with_state(dress, frame))
}

/// Health alone, for a process that has no pages.
pub fn health_routes(web: &Web) -> Router {
    let dress = Dress { settings: web.settings.clone(), clock: web.store.clock().clone() };
    health::routes(web).layer(CatchPanicLayer::custom(caught)).layer(from_fn_with_state(dress, frame))
}

fn csrf(settings: &Settings) -> CsrfLayer {
    let layer = CsrfLayer::new();
    if settings.public_url.is_empty() {
        return layer;
    }
    // An origin is scheme and authority alone; the address may go on with a path.
    let origin: String = settings.public_url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/").to_lowercase();
    layer.add_trusted_origin(&origin).unwrap_or_else(|error| {
        tracing::warn!(%error, "[server] public_url is no origin that a browser would send");
        CsrfLayer::new()
    })
}

fn caught(panic: Box<dyn Any + Send>) -> HttpResponse<Body> {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    Fault::Internal { why: format!("a handler panicked: {words}") }.into_response()
}

#[derive(Clone)]
struct Dress {
    settings: Arc<Settings>,
    clock: Clock,
}

/// Outermost: what comes in is named, what goes out is dressed.
async fn frame(State(dress): State<Dress>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = Asked::of(&parts);
    let line = RequestLine::begin(&parts.method, &asked);
    let mut response = if is_text(&asked.address) {
        let mut request = Request::from_parts(parts, body);
        request.extensions_mut().insert(asked.clone());
        next.run(request).instrument(line.span.clone()).await
    } else {
        Fault::Bad { parameter: None, detail: "The address holds bytes that are no text.".into() }.into_response()
    };
    if let Some(fault) = fault_of(&response, &asked) {
        response = dress.up(&fault, &asked, response);
    }
    finish(&dress.settings, &asked, response.headers_mut());
    line.end(&response);
    response
}

/// What the log says of a request: its name, method, path and outcome; who asked by the account's id. Never a query, a
/// mail address, a name, or a one-time link.
struct RequestLine {
    span: tracing::Span,
    begun: Instant,
    /// Looking is told at debug, changing at info.
    is_write: bool,
}

impl RequestLine {
    fn begin(method: &axum::http::Method, asked: &Asked) -> Self {
        let path = told_path(asked);
        let span = tracing::info_span!("request", request = asked.reference, method = method.as_str(), path);
        Self { span, begun: Instant::now(), is_write: !asked.is_get }
    }

    fn end(&self, response: &Response) {
        let _entered = self.span.enter();
        let (status, ms) = (response.status().as_u16(), u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(0));
        let who = response.extensions().get::<Arc<Person>>().map_or("", |person| person.account.as_str());
        if self.is_write {
            tracing::info!(status, ms, who, "answered");
        } else {
            tracing::debug!(status, ms, who, "answered");
        }
    }
}

/// The path for the log; that of a one-time link without its secret.
fn told_path(asked: &Asked) -> String {
    let path = asked.path();
    let secret = ["/setup/", "/answer/", "/link/slack/"].into_iter().find(|start| path.starts_with(start));
    match secret {
        Some(start) => format!("{start}…"),
        None => path.chars().filter(|c| !c.is_control()).take(MOST_PATH_CHARS).collect(),
    }
}

/// A zero byte or broken UTF-8 anywhere in the address is nothing that we ever made.
fn is_text(address: &str) -> bool {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    decoded(path).is_some() && !query.contains("%00")
}

/// The fault that an answer stands for, if it has no body of its own.
fn fault_of(response: &Response, asked: &Asked) -> Option<Fault> {
    if let Some(fault) = response.extensions().get::<Fault>() {
        return Some(fault.clone());
    }
    if response.extensions().get::<ProtectionError>().is_some() {
        return Some(Fault::CrossSite);
    }
    if ["/static/", "/healthz", "/readyz", "/metrics"].iter().any(|p| asked.address.starts_with(p)) {
        return None;
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/html") || kind.starts_with("application/") {
        None
    } else {
        Fault::of_status(response.status())
    }
}

impl Dress {
    fn up(&self, fault: &Fault, asked: &Arc<Asked>, bare: Response) -> Response {
        if let Some(why) = fault.for_the_log() {
            tracing::error!(why, request = asked.reference, path = told_path(asked), "a request failed");
        }
        let person = bare.extensions().get::<Arc<Person>>().cloned();
        let status = fault.status();
        let mut response = if asked.path().starts_with("/api/") || asked.path() == "/api" {
            let body = fault.details(asked.path(), &asked.reference).to_string();
            let kind = HeaderValue::from_static("application/problem+json");
            (status, [(header::CONTENT_TYPE, kind)], body).into_response()
        } else {
            self.page(status, fault, asked, person.clone())
        };
        // The log says who asked, of what was refused too.
        if let Some(person) = person {
            response.extensions_mut().insert(person);
        }
        for name in [header::RETRY_AFTER, header::ALLOW, header::WWW_AUTHENTICATE] {
            if let Some(value) = bare.headers().get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    }

    fn page(&self, status: StatusCode, fault: &Fault, asked: &Arc<Asked>, person: Option<Arc<Person>>) -> Response {
        let frame = match person {
            Some(person) => Reader { person, asked: asked.clone() }.bare_frame(&self.settings, self.clock.now()),
            None => stranger(&self.settings, asked, self.clock.now()),
        };
        let view = ErrorView { kind: fault.kind(), reference: Some(asked.reference.clone()) };
        match page::error(&frame, &view) {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => status.into_response(),
        }
    }
}

/// The frame of a page for nobody in particular.
pub(crate) fn stranger(settings: &Settings, asked: &Asked, now: model::Micros) -> Frame {
    Frame {
        language: asked.language(None, settings.language),
        zone: settings.zone.clone(),
        now,
        address: asked.address.clone(),
        section: Section::Elsewhere,
        person: None,
        customers: Vec::new(),
        customer: None,
        health: Health::Unknown,
        open: 0,
        jobs_for_people: 0,
        lacking: 0,
        registering: 0,
        lacking_since: None,
        outage: None,
        tickets: Untaken::default(),
        events: Untaken::default(),
    }
}

fn finish(settings: &Settings, asked: &Asked, headers: &mut HeaderMap) {
    // Pages whose address is a secret are stricter with it than all others.
    let strict = headers.get(header::REFERRER_POLICY).cloned();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(strict) = strict {
        headers.insert(header::REFERRER_POLICY, strict);
    }
    if settings.is_https() {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(reference) = HeaderValue::from_str(&asked.reference) {
        headers.insert(REQUEST_ID, reference);
    }
    let is_page = !asked.path().starts_with("/api") && !asked.path().starts_with("/static");
    if let Some(language) = asked.lang_query.filter(|_| is_page && asked.is_get)
        && let Some(value) = cookie(settings, LANGUAGE_COOKIE, language.as_str(), YEAR_S)
    {
        headers.append(header::SET_COOKIE, value);
    }
}
