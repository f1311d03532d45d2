//! One host: the way there, how one signs in, which keys are trusted, how it was last reached, what was run there; and the button
//! that tries it now.

use super::ask::{Wished, ask, refused};
use super::evidence::{asked, choices, led_back};
use super::hosts::seen;
use super::one::Nonce;
use super::rows::{name, names, rows};
use crate::acts::new_nonce;
use crate::auth::{Person, Reader};
use crate::markup::encode;
use crate::page;
use crate::pages::{Asks, Sent, live};
use crate::problem::Fault;
use crate::state::{Desk, HostsShown, Settings};
use crate::view::{HostView, RunForm, Section, TrustedKey};
use axum::extract::{Path, State};
use axum::response::Response;
use duties::safety_net::desk::Act;
use serde::Deserialize;
use store::hosts;
use store::runs::{self, Filter};
use store::{StoreError, Tx};

/// Runs listed on a host's page.
const MOST_RUNS: i64 = 20;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Query {
    pub asked: String,
    pub refused: String,
}

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(host): Path<String>,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Runs).await?;
    let (person, settings, shown) = (reader.person.clone(), desk.settings.clone(), desk.hosts.now());
    let found = desk.store.read(move |tx| Box::pin(async move { load(tx, &person, &settings, &shown, &host).await }));
    let mut view = found.await?.ok_or(Fault::NotFound)?;
    view.asked = asked(&query.asked);
    view.refused = refused(&frame, &query.refused);
    live(&reader, &frame, &view, page::host, page::host_partial)
}

async fn load(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    shown: &HostsShown,
    wanted: &str,
) -> Result<Option<HostView>, StoreError> {
    let scope = &person.scope;
    let Some(known) = shown.host(wanted).filter(|known| scope.allows(known.customer.as_deref())) else {
        return Ok(None);
    };
    let only = HostsShown { hosts: vec![known.clone()], ..HostsShown::default() };
    let Some((host, row)) = seen(tx, person, settings, &only, scope).await?.pop() else { return Ok(None) };
    let filter = Filter { host: Some(host.name.clone()), ..Filter::default() };
    let runs = runs::list(tx, scope, &filter, MOST_RUNS).await?;
    Ok(Some(HostView {
        customer: host.customer.as_ref().map(|id| settings.customer_name(id)),
        keys: keys(tx, &host.name).await?,
        runs: rows(tx, person, settings, &runs).await?,
        may_test: person.role.may_act(),
        nonce: new_nonce(),
        form: RunForm {
            may: person.role.may_act(),
            nonce: new_nonce(),
            hosts: vec![host.name.clone()],
            runbooks: choices(shown),
            incident: None,
        },
        asked: None,
        refused: None,
        row,
        host,
    }))
}

async fn keys(tx: &mut Tx, host: &str) -> Result<Vec<TrustedKey>, StoreError> {
    let keys = hosts::keys_of(tx, host).await?;
    let names = names(tx, keys.iter().map(|key| key.trusted_by.clone()).collect()).await?;
    let each = keys.into_iter().map(|key| TrustedKey {
        kind: key.line.split(' ').next().unwrap_or_default().to_owned(),
        fingerprint: key.fingerprint,
        at: key.trusted_at,
        by: name(&names, &key.trusted_by),
    });
    Ok(each.collect())
}

pub(in crate::pages) async fn test(
    State(desk): State<Desk>,
    reader: Reader,
    Path(host): Path<String>,
    Sent(form): Sent<Nonce>,
) -> Result<Response, Fault> {
    let wished = Wished { act: Act::TestHost { host: host.clone() }, nonce: form.nonce };
    led_back(ask(&desk, &reader, wished).await?, &format!("/hosts/{}", encode(&host)), "test", "")
}
