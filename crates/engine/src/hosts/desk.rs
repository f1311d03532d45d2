//! What people asked of hosts on our own pages is done: a run, a look at an incident's hosts, the end of a run, a trial.

use super::ask::{self, For, Made, Wish};
use super::look::{self, Asking};
use super::reach;
use crate::Settings;
use duties::safety_net::desk::{Act, Said};
use serde_json::json;
use store::actions::{self, Doing};
use store::{StoreError, Tx, audit, runs};

/// Does what somebody said; `id` is the signal's, unique for ever.
pub async fn said(tx: &mut Tx, settings: &Settings, id: i64, said: &Said) -> Result<(), StoreError> {
    if let Act::StopRun { run } = &said.act {
        return runs::ask_to_stop(tx, *run, &said.by).await.map(|_| ());
    }
    let Some(hosts) = settings.hosts.clone() else { return Ok(()) };
    let estate = hosts.estate();
    let nonce = format!("desk-{id}");
    match &said.act {
        Act::Run { host, runbook, parameters, incident } => {
            let (host, runbook) = match ask::named(&estate, host, runbook) {
                Ok(known) => known,
                Err(why) => return refused(tx, said, &format!("host/{host}"), None, &why.en).await,
            };
            let customer = match incident {
                Some(incident) => ask::incident_of(tx, incident).await?.flatten(),
                None => None,
            };
            let wish = Wish {
                key: format!("run/{nonce}"),
                host,
                runbook,
                parameters,
                incident: incident.as_deref().map(|id| For { id, customer: customer.as_deref() }),
                reason: "button",
                asked_by: &said.account,
            };
            match ask::make(tx, &hosts, &estate, &wish).await? {
                Made::Run(run) => look::beside(tx, incident.as_deref(), run, &host.name, &runbook.name).await,
                Made::Refused(why) => {
                    refused(tx, said, &format!("host/{}", host.name), host.customer.as_deref(), &why.en).await
                }
            }
        }
        Act::Diagnose { incident } => {
            let asking = Asking { runbook: None, reason: "button", by: &said.account, nonce: &nonce };
            look::again(tx, settings, &hosts, incident, asking).await.map(|_| ())
        }
        Act::TestHost { host } => {
            let customer = estate.inventory.host(host).and_then(|host| host.customer.clone());
            let action = reach::action(host, customer.as_deref(), format!("reach/{host}/{nonce}"));
            actions::add(tx, &action, Doing::Really).await.map(|_| ())
        }
        _ => Ok(()),
    }
}

/// What was taken on and can't be done is not silent: the page asked when it was still so.
async fn refused(tx: &mut Tx, said: &Said, subject: &str, customer: Option<&str>, why: &str) -> Result<(), StoreError> {
    audit::add(tx, &said.account, "run.refused", subject, customer, &json!({ "why": why })).await
}
