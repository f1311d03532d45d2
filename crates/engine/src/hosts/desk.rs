//! What people asked of hosts on our own pages is done: a run, a look at an incident's hosts, the end of a run, a trial.

use super::ask::{self, For, Made, Wish};
use super::look::{self, Asking};
use super::{Estate, Hosts, judged, reach};
use crate::Settings;
use duties::safety_net::desk::{Act, Said};
use model::plan::{Class, Words};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::actions::{self, Doing};
use store::runs::New;
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
        Act::Run { host, runbook, parameters, incident, digest } => {
            let asked = Asked { host, runbook, parameters, incident: incident.as_deref(), digest: digest.as_deref() };
            run(tx, &hosts, said, &asked, &nonce).await
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

/// A run that a person asked for.
struct Asked<'a> {
    host: &'a str,
    runbook: &'a str,
    parameters: &'a BTreeMap<String, String>,
    incident: Option<&'a str>,
    digest: Option<&'a str>,
}

async fn run(tx: &mut Tx, hosts: &Hosts, said: &Said, asked: &Asked<'_>, nonce: &str) -> Result<(), StoreError> {
    let key = format!("run/{nonce}");
    let estate = as_shown(hosts, asked);
    let (host, runbook) = match ask::named(&estate, asked.host, asked.runbook) {
        Ok(known) => known,
        Err(why) => return refused(tx, said, asked, &key, None, &why).await,
    };
    let of_host = host.customer.as_deref();
    if asked.digest.is_some_and(|digest| digest != runbook.digest) {
        let why = Words::new(
            format!("{} was changed after it was asked for: look at what it does now, and ask again", runbook.name),
            format!("{} は依頼後に変更されました。現在の内容を確認のうえ、もう一度実行してください", runbook.name),
        );
        return refused(tx, said, asked, &key, of_host, &why).await;
    }
    let customer = match asked.incident {
        Some(incident) => ask::incident_of(tx, incident).await?.flatten(),
        None => None,
    };
    let wish = Wish {
        key: key.clone(),
        host,
        runbook,
        parameters: asked.parameters,
        incident: asked.incident.map(|id| For { id, customer: customer.as_deref() }),
        reason: "button",
        asked_by: &said.account,
    };
    match ask::make(tx, hosts, &estate, &wish).await? {
        Made::Run(run) => look::beside(tx, asked.incident, run, &host.name, &runbook.name).await,
        Made::Refused(why) => refused(tx, said, asked, &key, of_host, &why).await,
    }
}

/// What the files say; read anew where the page that was asked on may have seen newer ones. That takes milliseconds, and is done at once: a
/// unit of work waits for nothing but the database.
fn as_shown(hosts: &Hosts, asked: &Asked<'_>) -> Arc<Estate> {
    let estate = hosts.estate();
    let is_as_shown = ask::named(&estate, asked.host, asked.runbook)
        .is_ok_and(|(_, runbook)| asked.digest.is_none_or(|digest| digest == runbook.digest));
    if is_as_shown {
        return estate;
    }
    hosts.read_again();
    hosts.estate()
}

/// What was taken on and can't be done is not silent: the page asked when it was still so. It is a run that says why it never began.
async fn refused(
    tx: &mut Tx,
    said: &Said,
    asked: &Asked<'_>,
    key: &str,
    customer: Option<&str>,
    why: &Words,
) -> Result<(), StoreError> {
    let new = New {
        key,
        incident: asked.incident,
        host: asked.host,
        customer,
        runbook: asked.runbook,
        runbook_digest: asked.digest.unwrap_or_default(),
        class: Class::Read.as_str(),
        reason: "button",
        asked_by: &said.account,
        plan: "{}",
        plan_digest: "",
        steps: &[],
    };
    let Some(run) = runs::add(tx, &new).await? else { return Ok(()) };
    let cause = judged::json(why);
    let end = runs::End { state: "refused", cause: Some(&cause), level: None, findings: "[]", is_healthy: false };
    runs::end(tx, run, &end).await?;
    look::beside(tx, asked.incident, run, asked.host, asked.runbook).await?;
    let subject = format!("host/{}", asked.host);
    audit::add(tx, &said.account, "run.refused", &subject, customer, &json!({ "why": why.en, "run": run })).await
}
