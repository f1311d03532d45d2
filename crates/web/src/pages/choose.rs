//! Choosing whose rows to look at, and the page that explains. Never widens what a person may see.

use super::{Sent, html};
use crate::auth::{CUSTOMER_COOKIE, Reader, cookie};
use crate::markup::{encode, safe_path};
use crate::page;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::Section;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

const YEAR_S: i64 = 365 * 86_400;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Choice {
    customer: String,
    back: String,
}

/// The chosen customer is kept in a cookie and held against the person's scope at every request.
pub(super) async fn customer(
    State(desk): State<Desk>,
    reader: Reader,
    Sent(choice): Sent<Choice>,
) -> Result<Response, Fault> {
    if !choice.customer.is_empty() && !reader.person.scope.allows(Some(&choice.customer)) {
        return Err(Fault::NotFound);
    }
    let age_s = if choice.customer.is_empty() { 0 } else { YEAR_S };
    let mut response = Redirect::to(safe_path(&choice.back)).into_response();
    if let Some(value) = cookie(&desk.settings, CUSTOMER_COOKIE, &encode(&choice.customer), age_s) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

pub(super) async fn help(State(desk): State<Desk>, reader: Reader) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Elsewhere).await?;
    html(page::help(&frame, desk.settings.is_demo))
}
