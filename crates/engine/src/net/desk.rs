//! What people decided about mails and routes is done.

use super::{arrive, canary, lock_name, missing};
use crate::Settings;
use duties::safety_net::desk::{Act, Said};
use model::Scope;
use model::mail::{Ledger, Reason};
use store::ledger::{self, Rule};
use store::mails::{self, Item, Standing};
use store::{StoreError, Tx};

/// Does what somebody said; `id` is the signal's, unique for ever.
pub async fn said(tx: &mut Tx, settings: &Settings, id: i64, said: &Said) -> Result<(), StoreError> {
    match &said.act {
        Act::Register { mail } => missing::register_now(tx, settings, *mail).await.map(|_| ()),
        Act::NotAnAlert { mail, always } => no_alert(tx, id, *mail, (&said.by, *always), "not_an_alert").await,
        Act::HoldBack { mail } => no_alert(tx, id, *mail, (&said.by, true), "suppressed").await,
        Act::EndRule { rule } => ledger::end_rule(tx, rule).await.map(|_| ()),
        Act::TestRoute { route } => {
            // The page refuses it as well; it may have been asked for before the restart.
            if settings.routes.iter().any(|known| known.name == *route && known.lacks.is_none()) {
                canary::begin(tx, route, &said.by).await?;
            }
            Ok(())
        }
        Act::Run { .. } | Act::Diagnose { .. } | Act::StopRun { .. } | Act::TestHost { .. } => {
            crate::hosts::desk::said(tx, settings, id, said).await
        }
    }
}

async fn no_alert(
    tx: &mut Tx,
    id: i64,
    mail: i64,
    (by, always): (&str, bool),
    verdict: &str,
) -> Result<(), StoreError> {
    let Some(whole) = mails::find(tx, &Scope::All, mail).await? else { return Ok(()) };
    let item = whole.item;
    if let Some(net) = &item.net {
        tx.lock(&[lock_name(net)]).await?;
    }
    if always && let Some(net) = &item.net {
        ledger::add_rule(tx, &rule(tx.now(), id, &item, net, by, verdict)).await?;
    }
    let reason = Reason::Person { name: by.to_owned() };
    let ledger = if verdict == "suppressed" { Ledger::Suppressed } else { Ledger::NotAnAlert };
    mails::stand(tx, mail, &Standing::of(ledger, reason.clone())).await?;
    let Some(net) = &item.net else { return Ok(()) };
    if always {
        let all =
            [Ledger::Expected, Ledger::Missing, Ledger::Unreadable, Ledger::Registered, Ledger::UnreadableRegistered];
        mails::restate(tx, net, &all, &Standing::of(ledger, reason)).await?;
    }
    // What was registered for it is resolved, and nobody is called for it any more.
    let now = tx.now();
    arrive::over(tx, net, now).await
}

fn rule(now: model::Micros, id: i64, item: &Item, net: &str, by: &str, verdict: &str) -> Rule {
    Rule {
        id: format!("rule-{id}"),
        name: model::text::cut(&item.subject, 120),
        monitor: item.monitor.clone(),
        net: Some(net.to_owned()),
        verdict: verdict.to_owned(),
        created_by: by.to_owned(),
        created_at: now,
    }
}
