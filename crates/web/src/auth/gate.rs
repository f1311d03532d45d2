//! The gates: nothing behind them answers a stranger. They stand before whole routers, so that a new page is closed
//! until somebody opens it.

use super::person::{Person, Via};
use super::{Asked, claimed, session};
use crate::markup::{encode, safe_path};
use crate::problem::Fault;
use crate::state::Desk;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use model::Micros;
use model::time::SECOND_US;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, sessions, tokens};

/// `seen` and `used` are written at most this often.
const SEEN_EVERY_US: i64 = 60 * SECOND_US;
/// A note about having been here is not worth a longer wait.
const SEEN_WAIT: Duration = Duration::from_secs(1);

/// Before the pages: a session, or the sign-in page.
pub(crate) async fn pages(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let Some(asked) = asked(&request) else { return lost() };
    match by_session(&desk.store, &asked).await {
        Ok(Some(mut person)) => {
            person.choose(asked.customer.as_deref());
            pass(person, request, next).await
        }
        Ok(None) => to_sign_in(&asked).into_response(),
        Err(fault) => fault.into_response(),
    }
}

/// Before the API: a token, or the session of somebody who looks with a browser; else 401.
pub(crate) async fn api(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let Some(asked) = asked(&request) else { return lost() };
    let found = match request.headers().get(header::AUTHORIZATION) {
        Some(value) => by_token(&desk.store, value.to_str().unwrap_or_default()).await,
        None => by_session(&desk.store, &asked).await,
    };
    match found {
        Ok(Some(person)) => pass(person, request, next).await,
        Ok(None) => Fault::Stranger.into_response(),
        Err(fault) => fault.into_response(),
    }
}

/// No browser adds a bearer token by itself, so a request with one can't be forged by another site: the marks by which
/// such requests are known are taken off. The gate then looks at the token alone, never at a cookie.
pub(crate) async fn no_browser(mut request: Request, next: Next) -> Response {
    let bearer = |v: &header::HeaderValue| v.to_str().is_ok_and(|v| token_of(v).is_some());
    if request.headers().get(header::AUTHORIZATION).is_some_and(bearer) {
        request.headers_mut().remove(header::ORIGIN);
        request.headers_mut().remove("sec-fetch-site");
    }
    next.run(request).await
}

/// Is this session still good? For streams, which outlive a request.
pub(crate) async fn lives(store: &Store, asked: &Asked) -> bool {
    matches!(read_session(store, asked).await, Ok(Some(_)))
}

fn asked(request: &Request) -> Option<Arc<Asked>> {
    request.extensions().get::<Arc<Asked>>().cloned()
}

fn lost() -> Response {
    Fault::Internal { why: "a gate stands outside the frame".into() }.into_response()
}

async fn pass(person: Person, mut request: Request, next: Next) -> Response {
    let person = Arc::new(person);
    request.extensions_mut().insert(person.clone());
    let mut response = next.run(request).await;
    // Error pages are dressed outside the gate and show whose they are.
    response.extensions_mut().insert(person);
    response
}

fn to_sign_in(asked: &Asked) -> Redirect {
    let next = if asked.is_get { safe_path(&asked.address) } else { "/" };
    let ended = if asked.session.is_some() { "&ended=1" } else { "" };
    Redirect::to(&format!("/sign-in?next={}{ended}", encode(next)))
}

async fn by_session(store: &Store, asked: &Asked) -> Result<Option<Person>, Fault> {
    let Some((digest, seen_at, person)) = read_session(store, asked).await? else { return Ok(None) };
    if store.clock().now().since(seen_at) >= SEEN_EVERY_US {
        let seen = store.write("session_seen", move |tx| Box::pin(async move { sessions::seen(tx, digest).await }));
        let _ = tokio::time::timeout(SEEN_WAIT, seen).await;
    }
    Ok(Some(person))
}

async fn read_session(store: &Store, asked: &Asked) -> Result<Option<([u8; 32], Micros, Person)>, Fault> {
    let Some(digest) = asked.session.as_deref().and_then(claimed) else { return Ok(None) };
    let found = store.read(move |tx| Box::pin(async move { sessions::who(tx, digest).await })).await?;
    let now = store.clock().now();
    Ok(found.filter(|(s, _)| !session::is_idle(s.seen_at, now)).map(|(session, account)| {
        let seen_at = session.seen_at;
        (digest, seen_at, Person::of_account(account, session.id))
    }))
}

/// `Bearer`, a space, a token of ours.
fn token_of(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn by_token(store: &Store, value: &str) -> Result<Option<Person>, Fault> {
    let Some(digest) = token_of(value).filter(|t| t.starts_with(super::TOKEN_PREFIX)).and_then(claimed) else {
        return Ok(None);
    };
    let found = store.read(move |tx| Box::pin(async move { tokens::who(tx, digest).await })).await?;
    let Some(token) = found else { return Ok(None) };
    let now = store.clock().now();
    if token.used_at.is_none_or(|at| now.since(at) >= SEEN_EVERY_US) {
        let used = store.write("token_used", move |tx| Box::pin(async move { tokens::used(tx, digest).await }));
        let _ = tokio::time::timeout(SEEN_WAIT, used).await;
    }
    let person = Person::of_token(token);
    debug_assert!(person.via == Via::Token);
    Ok(Some(person))
}
