//! The matrix of hosts: by customer, how each was last reached and what was last run there; bastions, and what is wrong with the
//! inventory, for those who see everything.

use super::rows::rows;
use crate::auth::{Person, Reader};
use crate::page;
use crate::pages::live;
use crate::problem::Fault;
use crate::state::{Desk, HostsShown, Settings};
use crate::view::{HostRow, HostsView, ReachRow, RunRow, Section};
use axum::extract::State;
use axum::response::Response;
use model::Scope;
use model::host::{Endpoint, Host, SSH_PORT};
use std::collections::BTreeMap;
use store::hosts::{self, Reach};
use store::{StoreError, Tx, runs};

pub(in crate::pages) async fn show(State(desk): State<Desk>, reader: Reader) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Runs).await?;
    let (person, settings, shown) = (reader.person.clone(), desk.settings.clone(), desk.hosts.now());
    let view = desk.store.read(move |tx| Box::pin(async move { load(tx, &person, &settings, &shown).await }));
    live(&reader, &frame, &view.await?, page::hosts, page::hosts_partial)
}

async fn load(tx: &mut Tx, person: &Person, settings: &Settings, shown: &HostsShown) -> Result<HostsView, StoreError> {
    let scope = &person.sees;
    let known = seen(tx, person, settings, shown, scope).await?;
    let mut groups: BTreeMap<Option<String>, Vec<HostRow>> = BTreeMap::new();
    for (host, row) in known {
        let customer = host.customer.as_ref().map(|id| settings.customer_name(id));
        groups.entry(customer).or_default().push(row);
    }
    // A part of the inventory is nobody's to mend but whoever sees all of it.
    let is_whole = *scope == Scope::All;
    let bastions = if is_whole { bastions(tx, shown, scope).await? } else { Vec::new() };
    Ok(HostsView {
        mode: shown.mode,
        groups: groups.into_iter().collect(),
        bastions,
        complaints: if is_whole { shown.complaints.clone() } else { Vec::new() },
    })
}

/// The hosts of a scope with how they were last reached and what was last run there, by name.
pub(crate) async fn seen(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    shown: &HostsShown,
    scope: &Scope,
) -> Result<Vec<(Host, HostRow)>, StoreError> {
    let mut own: Vec<&Host> = shown.hosts.iter().filter(|host| scope.allows(host.customer.as_deref())).collect();
    own.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<String> = own.iter().map(|host| host.name.clone()).collect();
    let latest = runs::latest_of(tx, scope, &names).await?;
    let mut latest: BTreeMap<String, RunRow> =
        rows(tx, person, settings, &latest).await?.into_iter().map(|row| (row.host.clone(), row)).collect();
    let mut reaches = reaches(tx, scope).await?;
    let whole = own.into_iter().map(|host| {
        let row = HostRow {
            name: host.name.clone(),
            at: at(&host.at),
            reach: reaches.remove(&host.name),
            last: latest.remove(&host.name),
        };
        (host.clone(), row)
    });
    Ok(whole.collect())
}

async fn reaches(tx: &mut Tx, scope: &Scope) -> Result<BTreeMap<String, ReachRow>, StoreError> {
    let all = hosts::reaches(tx, scope).await?;
    Ok(all.into_iter().map(|one| (one.host.clone(), reach(one))).collect())
}

async fn bastions(tx: &mut Tx, shown: &HostsShown, scope: &Scope) -> Result<Vec<HostRow>, StoreError> {
    let mut reaches = reaches(tx, scope).await?;
    let row = |bastion: &model::host::Bastion| HostRow {
        name: bastion.name.clone(),
        at: at(&bastion.at),
        reach: reaches.remove(&bastion.name),
        last: None,
    };
    Ok(shown.bastions.iter().map(row).collect())
}

fn reach(one: Reach) -> ReachRow {
    ReachRow {
        state: one.state,
        since: one.since,
        checked_at: one.checked_at,
        hop: one.hop,
        cause: one.cause,
        elapsed_ms: one.elapsed_ms,
        clock_offset_ms: one.clock_offset_ms,
        sudo: one.sudo,
        system: one.system,
        host_key: one.host_key,
    }
}

/// `user@address`, with its port where that is not SSH's own.
pub(super) fn at(endpoint: &Endpoint) -> String {
    let Endpoint { user, address, port, .. } = endpoint;
    match (*port, address.contains(':')) {
        (SSH_PORT, _) => format!("{user}@{address}"),
        (port, true) => format!("{user}@[{address}]:{port}"),
        (port, false) => format!("{user}@{address}:{port}"),
    }
}
