//! A mail is read: its row in the ledger, its alert's state, what follows at once. Reading it twice changes nothing.

use super::{canary, lock_name, proof, storm, whose};
use crate::Settings;
use crate::interpret::Mailed;
use crate::read::apply;
use duties::mail::{Read, Standing};
use duties::safety_net::{self, DUTY, arrive as decide, register};
use duties::{Decision, mail};
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};
use model::mail::{Ledger, State, Trust};
use model::signal::Origin;
use store::actions::Doing;
use store::mails::{self, New};
use store::nets::{self, Net, Registration};
use store::{StoreError, Tx, callouts, canaries, crash_point, ledger};

/// The alert at its monitor that a mail is about; none for what is no alert.
pub fn net_of(read: &Read, standing: &Standing) -> Option<String> {
    let is_alert = matches!(read.reading.state, State::Problem | State::Recovery | State::Unknown | State::Update)
        && !matches!(standing, Standing::Canary { .. });
    is_alert.then(|| safety_net::net_id(&read.monitor, &read.reading.key))
}

/// The names to be locked before a mail is written.
pub fn subjects(mailed: &Mailed) -> Vec<String> {
    net_of(&mailed.read, &Standing::Alert).map(|net| lock_name(&net)).into_iter().collect()
}

/// Writes a mail and what follows from it.
pub async fn arrive(
    tx: &mut Tx,
    settings: &Settings,
    (id, received_at, origin): (i64, Micros, Origin),
    mailed: &Mailed,
) -> Result<(), StoreError> {
    let read = &mailed.read;
    let standing = match &read.standing {
        Standing::Canary { token, otherwise } if canaries::get(tx, token).await?.is_none() => otherwise.as_ref(),
        standing => standing,
    };
    let net = net_of(read, standing);
    let rule = match &net {
        Some(net) if read.reading.state.needs_balance() => ledger::rule_of(tx, net).await?,
        _ => None,
    };
    let arrived = decide::Arrived {
        origin,
        standing,
        state: read.reading.state,
        trust: read.trust,
        trust_why: &read.trust_why,
        received_at,
        grace_s: read.grace_s,
        rule: rule.as_ref().map(|rule| (rule.name.as_str(), rule.verdict == "suppressed")),
    };
    let first = decide::decide(&settings.net, &arrived);
    let map = duties::safety_net::services::find(
        &settings.services,
        &read.monitor,
        read.reading.host.as_deref(),
        read.reading.check.as_deref(),
    );
    let service = map.map(|rule| rule.service.clone()).or_else(|| read.service.clone());
    let customer = map.and_then(|rule| rule.customer.clone()).or_else(|| read.customer.clone());
    let customer = match customer {
        Some(customer) => Some(customer),
        None => whose::of_service(tx, settings, service.as_deref()).await?,
    };
    let new = row(id, received_at, mailed, &first, (net.clone(), service, customer))?;
    if !mails::add(tx, &new).await? {
        return Ok(());
    }
    crash_point!("net.mail_written");
    if first.ledger == Ledger::Baseline {
        return Ok(());
    }
    if let Standing::Canary { token, .. } = standing {
        return canary::received(tx, settings, token, received_at).await;
    }
    ledger::note_hour(tx, &read.monitor, received_at, 1, 0).await?;
    if mail::needs_authentication(read) {
        apply(tx, Decision::act(authenticate(id)), Doing::Really).await?;
    }
    let Some(net) = net else { return Ok(()) };
    match (read.reading.state, first.ledger, read.trust) {
        (State::Problem | State::Unknown, Ledger::Expected, _) => problem(tx, settings, &net, &new, read).await,
        (State::Recovery, Ledger::Recovery, Trust::Trusted) => over(tx, &net, received_at).await,
        _ => Ok(()),
    }
}

fn row(
    id: i64,
    received_at: Micros,
    mailed: &Mailed,
    first: &decide::First,
    (net, service, customer): (Option<String>, Option<String>, Option<String>),
) -> Result<New, StoreError> {
    let read = &mailed.read;
    Ok(New {
        id,
        received_at,
        door: mailed.door.source().to_owned(),
        message_id: read.message_id.clone(),
        sender: read.from.clone(),
        subject: read.subject.clone(),
        monitor: read.monitor.clone(),
        host: read.reading.host.clone(),
        check: read.reading.check.clone(),
        state: read.reading.state,
        severity: read.reading.severity.map(|severity| severity.as_str().to_owned()),
        key: read.reading.key.clone(),
        occurred_at: read.reading.at.or(read.sent_at),
        customer,
        service,
        trust: read.trust,
        net,
        ledger: first.ledger,
        reason: first.reason.clone(),
        due: first.due,
        reading: serde_json::to_string(&mailed.kept()).map_err(|error| StoreError::Bug(error.to_string()))?,
    })
}

fn authenticate(mail: i64) -> Action {
    Action {
        key: format!("{DUTY}/mail/{mail}/authenticate"),
        duty: DUTY.into(),
        subject: format!("mail:{mail}"),
        lane: format!("mail:{mail}"),
        effect: Effect::Authenticate { mail },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "its sender is believed only by SPF or DKIM".into(),
        customer: None,
        queue: Queue::Read,
    }
}

/// The alert lasts, or begins anew.
async fn problem(tx: &mut Tx, settings: &Settings, id: &str, mail: &New, read: &Read) -> Result<(), StoreError> {
    let before = nets::get(tx, id).await?;
    let title = if read.reading.title.is_empty() { &read.subject } else { &read.reading.title };
    let mut net = match before {
        Some(net) if net.open_since.is_some() => net,
        // Read out of order: by now it is over.
        Some(net) if net.ended_at.is_some_and(|ended| mail.received_at <= ended) => net,
        Some(net) => begun(net.generation + 1, net.mails, id, mail.received_at),
        None => begun(1, 0, id, mail.received_at),
    };
    net.monitor.clone_from(&mail.monitor);
    net.host.clone_from(&mail.host);
    net.check.clone_from(&mail.check);
    net.title.clone_from(title);
    if net.customer != mail.customer {
        net.customer.clone_from(&mail.customer);
        whose::moved(tx, settings, net.ours.as_deref()).await?;
    }
    net.mails += 1;
    net.last_mail = net.last_mail.max(Some(mail.received_at));
    nets::save(tx, &net).await
}

/// A recovery without a problem: its problem may be read after it, when one of them lay in the spool.
async fn was_over(tx: &mut Tx, id: &str, known: Option<Net>, at: Micros) -> Result<(), StoreError> {
    let mut net = known.unwrap_or_else(|| Net { open_since: None, ..begun(0, 0, id, at) });
    net.ended_at = net.ended_at.max(Some(at));
    nets::save(tx, &net).await
}

/// A generation of an alert as it begins.
pub fn begun(generation: i64, mails: i64, id: &str, at: Micros) -> Net {
    Net {
        id: id.to_owned(),
        monitor: String::new(),
        host: None,
        check: None,
        title: String::new(),
        customer: None,
        generation,
        open_since: Some(at),
        ended_at: None,
        mails,
        last_mail: None,
        incident: None,
        missing_since: None,
        registration: Registration::None,
        dedup_key: None,
        asked_at: None,
        tries: 0,
        seen_at: None,
        ours: None,
        storm: None,
        called: None,
        cause: None,
        changed_at: at,
    }
}

/// An authentic recovery: the alert is over, and what we registered for it is resolved.
pub async fn over(tx: &mut Tx, id: &str, at: Micros) -> Result<(), StoreError> {
    let known = nets::get(tx, id).await?;
    let Some(mut net) = known.clone().filter(|net| net.open_since.is_some()) else {
        return was_over(tx, id, known, at).await;
    };
    // Read out of order: it recovered before the newest problem began.
    if net.last_mail.is_some_and(|last| at < last) {
        return Ok(());
    }
    net.open_since = None;
    net.ended_at = Some(at);
    net.missing_since = None;
    let was_live = net.registration.is_live();
    net.registration = Registration::None;
    let called = net.called.clone();
    let storm = net.storm.take();
    nets::save(tx, &net).await?;
    crash_point!("net.over_saved");
    if was_live {
        let settle = register::settle(id, net.generation, net.customer.as_deref(), "the monitor says that it is over");
        apply(tx, Decision::act(settle), Doing::Really).await?;
    }
    if let Some(called) = called {
        end_call(tx, &called).await?;
    }
    match storm {
        Some(storm) => storm::over(tx, &storm, at).await,
        None => Ok(()),
    }
}

/// Calls for alerts that are all over, or seen in PagerDuty, are answered by that.
pub async fn end_call(tx: &mut Tx, called: &str) -> Result<(), StoreError> {
    if nets::still_called(tx, called).await? == 0 {
        callouts::end(tx, called, i64::MAX).await?;
    }
    Ok(())
}

/// What SPF and DKIM said of a mail that came earlier: it is believed now, or not, and what that changes follows.
pub async fn checked(tx: &mut Tx, settings: &Settings, (id, trust, why): (i64, Trust, &str)) -> Result<(), StoreError> {
    let Some(whole) = mails::find(tx, &model::Scope::All, id).await? else { return Ok(()) };
    let Some(mut kept) = whole.reading::<crate::interpret::Kept>() else { return Ok(()) };
    why.clone_into(&mut kept.trust_why);
    let json = serde_json::to_string(&kept).map_err(|error| StoreError::Bug(error.to_string()))?;
    mails::trust(tx, id, trust, &json).await?;
    if let Some(net) = &whole.item.net {
        tx.lock(&[lock_name(net)]).await?;
    }
    proof::follow(tx, settings, &whole, (trust, why)).await
}
