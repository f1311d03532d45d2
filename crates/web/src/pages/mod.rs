//! The pages: extract, call, render. What a page shows is loaded in one consistent read; what a form does is one
//! transaction with its audit row. Everything works without JavaScript.

mod account;
mod acts;
mod audit;
mod backfills;
mod bridges;
mod choose;
mod connections;
mod doors;
mod export;
mod filters;
mod frame;
mod hours;
mod incident;
mod incidents;
mod jobs;
mod net;
mod now;
mod people;
mod rules;
mod runs;
mod seats;
mod signals;
mod slack;
mod table;
mod tokens;
mod ways;

pub(crate) use backfills::stopped as stopped_backfill;
pub(crate) use backfills::{
    Wished, end as end_backfill, find as find_backfill, load as load_backfills, wish as wish_backfill,
};
pub(crate) use bridges::{baselines, listed_events, load_event, load_ticket};
pub(crate) use connections::load as load_connections;
pub(crate) use hours::{Told, load_people};
pub(crate) use jobs::{again as retry_job, settled as settle_job};
pub(crate) use net::{
    COUNTED_S, Decided, Decision, MOST_FORM_BYTES, WishedMail, call_row, decide, file as mail_file, load_mail,
    monitor_is_seen, open_original, outage_row, tried,
};
pub(crate) use runs::{
    MOST_LOOKED, No, OfIncident, Room, RunbookWish, Stream, Wished as WishedOfHost, ask as ask_of_host, decide_runbook,
    load_evidence, load_runbooks, plan_of, run_steps, seen_hosts, serve_output,
};
pub(crate) use seats::load as load_seats;
pub(crate) use signals::{open_sealed as open_signal, replay as read_signal_again};

use net::is_nonce;

use crate::auth::{Passwords, Reader, Tries, page_gate};
use crate::live;
use crate::page::PARTIAL_HEADER;
use crate::problem::Fault;
use crate::state::{Desk, Settings, Web};
use crate::view::Frame;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Query, Request};
use axum::http::{HeaderValue, header, request::Parts};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use store::Store;

/// Rows on a page of a list.
const PAGE_ROWS: i64 = 50;
/// A search text is cut here: what is longer is no title.
const MOST_TEXT_CHARS: usize = 200;

/// What signing in and passwords need.
#[derive(Clone)]
struct Door {
    store: Store,
    settings: Arc<Settings>,
    passwords: Passwords,
    tries: Arc<Tries>,
}

/// All pages: the ways in for strangers, everything else behind the gate.
pub(crate) fn routes(web: &Web, desk: &Desk) -> Router {
    // One pair of hashing slots and one count of tries for every door of this process.
    let door = Door {
        store: web.store.clone(),
        settings: web.settings.clone(),
        passwords: Passwords::new(),
        tries: Arc::default(),
    };
    let open = Router::new()
        .route("/sign-in", get(doors::sign_in_page).post(doors::sign_in))
        .route("/setup/{secret}", get(doors::setup_page).post(doors::setup))
        .route("/answer/{token}", get(net::answer::show).post(net::answer::take))
        .with_state(door.clone());
    open.merge(behind_the_gate(web, desk, door))
}

/// Known addresses and unknown ones: a stranger learns from neither.
fn behind_the_gate(web: &Web, desk: &Desk, door: Door) -> Router {
    let own = Router::new()
        .route("/sign-out", post(doors::sign_out))
        .route("/account/password", post(account::set_password))
        .with_state(door);
    let pages = Router::new()
        .route("/", get(now::show))
        .route("/incidents", get(incidents::show))
        .route("/incidents.csv", get(export::incidents_csv))
        .route("/filters", post(filters::add))
        .route("/filters/{id}/delete", post(filters::delete))
        .route("/incidents/{id}", get(incident::show))
        .route("/incidents/{id}/acts", get(acts::place).post(acts::act))
        .route("/safety-net", get(net::list::show))
        .route("/safety-net.csv", get(net::export::mails_csv))
        .route("/safety-net/mails/{id}", get(net::one::show))
        .route("/safety-net/mails/{id}/open", get(net::one::place).post(net::one::open))
        .route("/safety-net/mails/{id}/download", get(net::one::place).post(net::one::download))
        .route("/safety-net/mails/{id}/{decision}", get(net::one::place_of).post(net::said::about_mail))
        .route("/safety-net/ledger", get(net::ledger::show))
        .route("/safety-net/monitors", get(net::monitors::show))
        .route(
            "/safety-net/monitors/{what}",
            get(async || Redirect::to("/safety-net/monitors")).post(net::monitors::say),
        )
        .route(
            "/safety-net/try",
            get(net::tries::show).post(net::tries::post).layer(DefaultBodyLimit::max(MOST_FORM_BYTES)),
        )
        .route("/safety-net/outages", get(net::outages::show))
        .route("/safety-net/rules/{id}/end", post(net::said::end_rule))
        .route("/connections/routes/{name}/test", post(net::said::test_route))
        .route("/tickets", get(bridges::tickets::show))
        .route("/tickets.csv", get(bridges::export::tickets_csv))
        .route("/tickets/{space}/{number}", get(bridges::ticket::show))
        .route("/calendar", get(bridges::calendar::show))
        .route("/calendar/{calendar}/{event}", get(bridges::event::show))
        .merge(runs())
        .route("/signals", get(signals::list))
        .route("/signals/{id}", get(signals::show))
        .route("/signals/{id}/open", post(signals::open))
        .route("/signals/{id}/read-again", post(signals::read_again))
        .route("/jobs", get(jobs::show))
        .route("/jobs/retry", post(jobs::retry_many))
        .route("/jobs/{id}/retry", post(jobs::retry))
        .route("/jobs/{id}/settle", post(jobs::settle))
        .route("/account", get(account::show))
        .route("/account/language", post(account::set_language))
        .route("/account/time-zone", post(account::set_zone))
        .route("/account/sessions/{id}/revoke", post(account::revoke))
        .route("/account/sessions/revoke-others", post(account::revoke_others))
        .route("/account/slack/{team}/{member}/unlink", post(slack::unlink))
        .route("/link/slack/{token}", get(slack::show).post(slack::link))
        .route("/people", get(people::show))
        .route("/people/hours", get(hours::show))
        .route("/people/hours/{id}", get(hours::show_one))
        .route("/people/hours/{id}/entries", get(back_to_person).post(hours::enter))
        .route("/people/hours/{id}/entries/{entry}/end", post(hours::end))
        .route("/people/hours/{id}/undo", get(back_to_person).post(hours::undo))
        .route("/people/groups/{id}", get(rules::group).post(rules::post_group))
        .route("/people/groups/{id}/turn", post(rules::turn_group))
        .route("/people/rules", get(rules::show).post(rules::post))
        .route("/people/rules/edit", get(rules::edit))
        .route("/people/rules/turn", get(async || Redirect::to("/people/rules")).post(rules::turn))
        .route("/people/{id}/role", post(people::set_role))
        .route("/people/{id}/disable", post(people::disable))
        .route("/people/{id}/enable", post(people::enable))
        .route("/people/{id}/slack/{team}/{member}/unlink", post(slack::unlink_of))
        .route("/tokens", get(async || Redirect::to("/people")).post(tokens::create))
        .route("/tokens/{id}/revoke", post(tokens::revoke))
        .route("/audit", get(audit::show))
        .route("/connections", get(connections::show))
        .route("/backfills", get(backfills::show).post(backfills::ask))
        .route("/backfills/{id}/stop", post(backfills::stop))
        .route("/seats", get(seats::show))
        .route("/seats.csv", get(seats::export))
        .route("/help", get(choose::help))
        .route("/scope", post(choose::customer))
        .fallback(async || Fault::NotFound)
        .with_state(desk.clone());
    own.merge(pages).merge(live::routes(web)).layer(from_fn_with_state(desk.clone(), page_gate))
}

/// What is run on hosts, and beside which incident.
fn runs() -> Router<Desk> {
    Router::new()
        .route("/runs", get(runs::list::show).post(runs::evidence::run))
        .route("/runs.csv", get(runs::runs_csv))
        .route("/runs/{id}", get(runs::one::show))
        .route("/runs/{id}/stop", get(back_to_run).post(runs::one::stop))
        .route("/runs/{id}/diff", get(runs::diff::show))
        .route("/runs/{id}/steps/{n}/{stream}", get(runs::output::show))
        .route("/incidents/{id}/diagnose", get(back_to_incident).post(runs::evidence::diagnose))
        .route("/hosts", get(runs::hosts::show))
        .route("/hosts/{name}", get(runs::host::show))
        .route("/hosts/{name}/test", get(back_to_host).post(runs::host::test))
        .route("/runbooks", get(runs::runbooks::show))
        .route("/runbooks/{name}", get(runs::runbook::show))
        .route("/runbooks/{name}/approve", get(back_to_runbook).post(runs::runbook::approve))
        .route("/runbooks/{name}/withdraw", get(back_to_runbook).post(runs::runbook::withdraw))
}

async fn back_to_run(id: axum::extract::Path<String>) -> Redirect {
    back("runs", &id)
}

async fn back_to_incident(id: axum::extract::Path<String>) -> Redirect {
    back("incidents", &id)
}

async fn back_to_host(id: axum::extract::Path<String>) -> Redirect {
    back("hosts", &id)
}

async fn back_to_runbook(id: axum::extract::Path<String>) -> Redirect {
    back("runbooks", &id)
}

fn back(to: &str, id: &str) -> Redirect {
    Redirect::to(&format!("/{to}/{}", crate::markup::encode(id)))
}

/// A form that was refused stands at its own address; asked for again, the page is there without it.
async fn back_to_person(axum::extract::Path(id): axum::extract::Path<String>) -> Redirect {
    Redirect::to(&format!("/people/hours/{}", crate::markup::encode(&id)))
}

type Rendered = Result<String, askama::Error>;

/// A page that has no live part.
fn html(page: Rendered) -> Result<Response, Fault> {
    Ok(Html(page?).into_response())
}

/// The address is a secret: nobody who is linked from here may learn it, and nobody keeps the page.
fn secret(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A page, or its part that moves alone.
fn live<V>(
    reader: &Reader,
    frame: &Frame,
    view: &V,
    whole: fn(&Frame, &V) -> Rendered,
    part: fn(&Frame, &V) -> Rendered,
) -> Result<Response, Fault> {
    let page = if reader.asked.is_partial { part(frame, view) } else { whole(frame, view) };
    let mut response = html(page)?;
    response.headers_mut().insert(header::VARY, HeaderValue::from_static(PARTIAL_HEADER));
    Ok(response)
}

/// A form as it was sent. Fields that are missing are empty; what can't be read is the visitor's fault, never ours.
struct Sent<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), body);
        let bytes = Bytes::from_request(whole, state).await.map_err(|e| refused(e.status()))?;
        let has_zero = bytes.contains(&0) || bytes.windows(3).any(|w| w == b"%00");
        if has_zero {
            return Err(refused(axum::http::StatusCode::BAD_REQUEST));
        }
        let request = Request::from_parts(parts, Body::from(bytes));
        let Form(form) = Form::<T>::from_request(request, state).await.map_err(|e| refused(e.status()))?;
        Ok(Self(form))
    }
}

/// A query that never fails: a value that means nothing is as good as none.
struct Asks<T>(T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequestParts<S> for Asks<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(Query::<T>::try_from_uri(&parts.uri).map_or_else(|_| T::default(), |q| q.0)))
    }
}

fn refused(status: axum::http::StatusCode) -> Fault {
    Fault::of_status(status).unwrap_or(Fault::Bad { parameter: None, detail: "The form can't be read.".into() })
}

fn cut(text: &str) -> String {
    text.trim().chars().take(MOST_TEXT_CHARS).collect()
}
