//! Buttons in PagerDuty, which are custom incident actions: a press is believed when the incident's own log shows it, and runs what
//! looks, for those who may ask for that here. One press is one visit, however often its webhook comes.

use crate::effects::{Done, Hand, done, later, never};
use crate::follow::After;
use crate::hosts::ask::{self, Pressed};
use crate::{Settings, Shared};
use connectors::Kind;
use connectors::pagerduty::{Client, Press};
use model::Micros;
use model::action::{Action, Effect, Fault, Outcome, Precondition, Queue};
use model::press::Claim;
use model::reference::Kind as Thing;
use serde_json::{Value, json};
use store::accounts::{self, Account};
use store::actions::{self, Doing};
use store::{StoreError, Tx, audit, crash_point, duty_state, incidents, reference};

#[cfg(test)]
mod tests;

pub const DUTY: &str = "pagerduty_action";
const VERSION: i64 = 1;
/// What was pressed earlier than this is no longer wanted.
const PRESSED_S: i64 = 600;
/// PagerDuty's log may show a press a little later than its webhook comes.
const PATIENCE_S: i64 = 30;
const AGAIN_S: i64 = 3;
/// Who knows the address can claim as much as he likes: one row an hour tells of it.
const SELDOM_S: i64 = 3_600;
/// More presses in one delivery are none.
const MOST_CLAIMS: usize = 10;

/// Somebody claims that buttons were pressed: each claim is looked up.
pub async fn heard(tx: &mut Tx, (signal, at): (i64, Micros), claims: &[Claim]) -> Result<(), StoreError> {
    for (n, claim) in claims.iter().take(MOST_CLAIMS).enumerate() {
        let customer = incidents::customer_of(tx, &claim.incident).await?;
        let action = Action {
            key: format!("{DUTY}/{signal}/{n}"),
            duty: DUTY.into(),
            subject: claim.incident.clone(),
            lane: format!("press:{signal}/{n}"),
            effect: Effect::ConfirmPress { signal, heard_at: at, claim: claim.clone() },
            not_before: None,
            not_after: Some(at.plus_s(PRESSED_S)),
            precondition: Precondition::None,
            why: "a button was pressed in PagerDuty, as far as somebody claims".into(),
            customer,
            queue: Queue::Live,
        };
        actions::add(tx, &action, Doing::Really).await?;
    }
    Ok(())
}

/// Looks whether the incident's log shows the press.
pub async fn confirm(shared: &Shared, client: &Client, hand: &Hand<'_>) -> Done {
    let Effect::ConfirmPress { signal, heard_at, claim } = &hand.job.action.effect else {
        return never("this job confirms no press");
    };
    crash_point!("act.before_send");
    match client.find_press(&hand.call(), claim, heard_at.plus_s(-PRESSED_S)).await {
        Ok(Some(press)) => {
            let after = After::Pressed { signal: *signal, claim: claim.clone(), press: press.clone() };
            (done(Some(press.entry)), vec![after])
        }
        Ok(None) if hand.now().since(*heard_at) < PATIENCE_S * 1_000_000 => {
            later(hand.now().plus_s(AGAIN_S), Fault::Limit, "PagerDuty's log does not show the press yet")
        }
        Ok(None) => not_believed(claim, "PagerDuty's log of the incident shows no such press"),
        // No incident, or what could never be one's id.
        Err(error) if matches!(error.kind, Kind::NotFound | Kind::BadRequest) => not_believed(claim, &error.text),
        Err(error) => hand.failed(shared, &error),
    }
}

fn not_believed(claim: &Claim, why: &str) -> Done {
    (Outcome::Skipped { why: format!("not believed: {why}") }, vec![After::PressDoubted(claim.clone())])
}

/// Nothing but a row that tells of it.
pub async fn doubted(tx: &mut Tx, claim: &Claim) -> Result<(), StoreError> {
    let detail = json!({ "claimed_by": claim.user, "button": claim.label });
    tell(tx, "pagerduty.press-doubted", &claim.incident, detail).await
}

/// The log shows the press: what it asks for is asked for, if whoever pressed may.
pub async fn believed(
    tx: &mut Tx,
    settings: &Settings,
    (signal, claim): (i64, &Claim),
    press: &Press,
) -> Result<(), StoreError> {
    if !is_first(tx, signal, press).await? {
        return Ok(());
    }
    let account = match whose(tx, claim, press).await? {
        Ok(account) => account,
        Err(why) => {
            let detail = json!({ "pagerduty_user": press.user, "button": claim.label, "why": why });
            return tell(tx, "pagerduty.press-refused", &claim.incident, detail).await;
        }
    };
    let asked =
        ask::pressed(tx, settings, &claim.incident, claim.runbook.as_deref(), &account.id, &press.entry).await?;
    let came = match asked {
        Pressed::Asked(runs) => json!({ "runs": runs }),
        Pressed::Nothing(why) => json!({ "nothing": why }),
    };
    let detail = json!({ "button": claim.label, "runbook": claim.runbook, "press": press.entry, "came": came });
    let customer = incidents::customer_of(tx, &claim.incident).await?;
    let subject = format!("incident/{}", claim.incident);
    audit::add(tx, &account.id, "pagerduty.press", &subject, customer.as_deref(), &detail).await
}

/// Each entry of the log is one press. What tells of it a second time, for another runbook even, is a copy.
async fn is_first(tx: &mut Tx, signal: i64, press: &Press) -> Result<bool, StoreError> {
    tx.lock(&[format!("press/{}", press.entry)]).await?;
    if let Some(first) = duty_state::get::<i64>(tx, DUTY, &press.entry, VERSION).await? {
        return Ok(first == signal);
    }
    duty_state::set(tx, DUTY, &press.entry, VERSION, &signal).await?;
    Ok(true)
}

/// The account here of whoever pressed, by the mail address that both sides know; or why it may not ask for this.
async fn whose(tx: &mut Tx, claim: &Claim, press: &Press) -> Result<Result<Account, &'static str>, StoreError> {
    let user = reference::find(tx, &model::Scope::All, Thing::User, &press.user).await?;
    let Some(email) = user.and_then(|user| user.email) else {
        return Ok(Err("this PagerDuty user is not known here yet, or has no mail address"));
    };
    let Some(account) = accounts::by_email(tx, &email).await? else {
        return Ok(Err("nobody has an account here with the mail address of this PagerDuty user"));
    };
    Ok(if account.disabled_at.is_some() {
        Err("the account is disabled")
    } else if !account.role.may_act() {
        Err("the role of the account looks only")
    } else if incidents::find(tx, &account.scope, &claim.incident).await?.is_none() {
        Err("the incident is not known here, or is another customer's than the account may see")
    } else {
        Ok(account)
    })
}

async fn tell(tx: &mut Tx, what: &str, incident: &str, detail: Value) -> Result<(), StoreError> {
    audit::add_seldom(tx, "system", what, &format!("incident/{incident}"), &detail, SELDOM_S).await.map(|_| ())
}
