//! A mail lacks an incident: it is written down, registered and told as far as mode and sender allow.

use super::{lock_name, storm};
use crate::Settings;
use crate::interpret::Kept;
use crate::read::apply;
use duties::safety_net::register::{self, Lacking};
use duties::safety_net::words::{self, Step};
use duties::safety_net::{dedup_key, storm_monitor};
use duties::{Decision, Mode};
use model::Scope;
use model::mail::{Cause, CauseKind, Ledger, Reason, Severity, State, Trust};
use std::collections::BTreeMap;
use store::actions::Doing;
use store::mails::{self, Item, Standing, Whole};
use store::nets::{self, Net, Registration};
use store::{StoreError, Tx, crash_point, outages};

const HOUR_S: i64 = 3_600;

/// The verdict for all of a batch that lack an incident: so many of one monitor are a storm, which has one incident.
pub async fn all(tx: &mut Tx, settings: &Settings, lacking: &[(&Whole, Reason)]) -> Result<(), StoreError> {
    let mut storms = storm::gather(tx, settings, lacking).await?;
    let mut senders = BTreeMap::<(&str, bool), i64>::new();
    for (mail, reason) in lacking {
        let item = &mail.item;
        // Who only writes a name has no part in what the one of that name may send.
        let sender = (item.sender.as_str(), item.trust == Trust::Trusted);
        let count = match senders.get(&sender) {
            Some(count) => *count,
            None => mails::lacking_of_sender(tx, sender, tx.now().plus_s(-HOUR_S)).await?,
        };
        senders.insert(sender, count + 1);
        let is_capped = count + 1 > settings.net.per_sender;
        let allowed = register::allowed(&settings.net, item.trust, is_capped);
        let storm = storms.get_mut(item.monitor.as_str());
        let reason = if is_capped { Reason::Capped { most: settings.net.per_sender } } else { reason.clone() };
        one(tx, settings, mail, (reason, allowed), storm).await?;
    }
    for (monitor, gathering) in storms {
        storm::rise(tx, settings, monitor, gathering).await?;
    }
    Ok(())
}

async fn one(
    tx: &mut Tx,
    settings: &Settings,
    mail: &Whole,
    (reason, allowed): (Reason, Mode),
    storm: Option<&mut storm::Gathering>,
) -> Result<(), StoreError> {
    let item = &mail.item;
    let Some(id) = &item.net else { return Ok(()) };
    // A repeat in the same batch may have changed it.
    let Some(mut net) = nets::get(tx, id).await? else { return Ok(()) };
    let ledger = if item.state == State::Unknown { Ledger::Unreadable } else { Ledger::Missing };
    if net.open_since.is_none() {
        mails::stand(tx, item.id, &Standing::of(ledger, Reason::RecoveredMeanwhile)).await?;
        net.missing_since = None;
        nets::save(tx, &net).await?;
        // It is over, and the setting is still to be mended.
        return find_cause(tx, &net, Some(item.id)).await;
    }
    if net.registration.is_live() {
        let standing = with_ours(tx, item, &net).await?;
        return mails::stand(tx, item.id, &standing).await;
    }
    if is_anew(tx, &net, item).await? {
        lacks_anew(&mut net, item);
    }
    mails::stand(tx, item.id, &Standing::of(ledger, reason)).await?;
    if let Some(storm) = storm {
        storm.take(&mut net, allowed);
        return nets::save(tx, &net).await;
    }
    register(tx, settings, &mut net, mail, allowed).await?;
    find_cause(tx, &net, Some(item.id)).await
}

/// Whether the alert lacks an incident once more: it had one, its monitor said that it was over, even if nobody proved that
/// it was the monitor, or it was told long ago.
async fn is_anew(tx: &mut Tx, net: &Net, item: &Item) -> Result<bool, StoreError> {
    match net.missing_since {
        Some(since) if register::is_told_again(since, item.received_at) => Ok(true),
        Some(since) => mails::has_recovered(tx, &net.id, since, item.received_at).await,
        None => Ok(true),
    }
}

/// What was told and registered before is another happening's.
fn lacks_anew(net: &mut Net, item: &Item) {
    if net.tries > 0 || net.dedup_key.is_some() {
        net.generation += 1;
    }
    net.missing_since = Some(item.received_at);
    net.tries = 0;
    (net.incident, net.ours, net.seen_at) = (None, None, None);
    (net.called, net.asked_at, net.dedup_key, net.storm) = (None, None, None, None);
}

/// Where a mail stands whose alert we registered: the first of them for the registration, which an original may still
/// replace; the others have joined it.
pub(super) async fn with_ours(tx: &mut Tx, item: &Item, net: &Net) -> Result<Standing, StoreError> {
    let standing = if mails::is_any_lacking(tx, &net.id).await? {
        Standing::of(Ledger::Joined, Reason::IsRegistered)
    } else {
        let is_unknown = item.state == State::Unknown;
        let ledger = match (net.registration, is_unknown) {
            (Registration::Seen, false) => Ledger::Registered,
            (Registration::Seen, true) => Ledger::UnreadableRegistered,
            (_, false) => Ledger::Missing,
            (_, true) => Ledger::Unreadable,
        };
        Standing::of(ledger, Reason::IsRegistered)
    };
    Ok(Standing { incident: net.ours.clone(), ..standing })
}

/// Registers the alert, if one may; else it is shown that one would.
async fn register(
    tx: &mut Tx,
    settings: &Settings,
    net: &mut Net,
    mail: &Whole,
    allowed: Mode,
) -> Result<(), StoreError> {
    let key = dedup_key(&net.id, net.generation);
    let severity = mail.reading::<Kept>().and_then(|kept| kept.reading.severity);
    let page = register::page(&settings.net, &lacking(net, severity, Some(mail.item.id)), net.tries);
    if allowed < Mode::Page {
        // Its number is used up: a page that is really sent later has another.
        net.tries += 1;
        nets::save(tx, net).await?;
        return apply(tx, Decision::act(page), Doing::Observed).await;
    }
    net.registration = Registration::Asked;
    net.dedup_key = Some(key);
    net.asked_at = Some(tx.now());
    net.tries += 1;
    nets::save(tx, net).await?;
    crash_point!("judge.registration_saved");
    apply(tx, Decision::act(page), Doing::Really).await
}

pub(super) fn lacking(net: &Net, severity: Option<Severity>, mail: Option<i64>) -> Lacking<'_> {
    Lacking {
        net: &net.id,
        generation: net.generation,
        monitor: &net.monitor,
        host: net.host.as_deref(),
        check: net.check.as_deref(),
        title: &net.title,
        severity,
        customer: net.customer.as_deref(),
        since: net.missing_since.unwrap_or(net.changed_at),
        mail,
        list: Vec::new(),
        count: 0,
    }
}

/// What a registration says, told once more.
pub(super) async fn page_again(tx: &mut Tx, settings: &Settings, net: &Net) -> Result<(), StoreError> {
    let mail = mails::list_of_net(tx, &Scope::All, &net.id, 1).await?.first().map(|mail| mail.id);
    let page = register::page(&settings.net, &lacking(net, None, mail), net.tries);
    apply(tx, Decision::act(page), Doing::Really).await
}

/// Looks for the cause, whatever the mode: it only reads. The post comes with it, if posts are allowed.
pub(super) async fn find_cause(tx: &mut Tx, net: &Net, mail: Option<i64>) -> Result<(), StoreError> {
    apply(tx, Decision::act(register::find_cause(&lacking(net, None, mail))), Doing::Really).await
}

/// The cause has been looked for: it is kept, and people are told.
pub async fn explained(
    tx: &mut Tx,
    settings: &Settings,
    (id, generation): (&str, i64),
    causes: Vec<Cause>,
) -> Result<(), StoreError> {
    tx.lock(&[lock_name(id)]).await?;
    let Some(mut net) = nets::get(tx, id).await? else { return Ok(()) };
    if net.generation != generation {
        return Ok(());
    }
    net.cause = causes.first().cloned();
    nets::save(tx, &net).await?;
    let lacking = mails::list_of_net(tx, &Scope::All, id, 20).await?;
    let mail = lacking.iter().find(|mail| mail.ledger.is_unbalanced());
    let is_storm = storm_monitor(id).is_some();
    // It has its incident by now: nothing is to be told.
    if mail.is_none() && !is_storm {
        return Ok(());
    }
    let count = if is_storm { nets::of_storm(tx, id, 1).await?.1.max(1) } else { 0 };
    let step = match mail.map(|mail| mail.trust) {
        _ if net.open_since.is_none() => Step::Over,
        _ if net.registration.is_live() && is_refused(tx, &causes).await? => Step::Refused,
        _ if net.registration.is_live() => Step::Registering,
        Some(trust) if trust != Trust::Trusted && settings.net.mode >= Mode::Page => Step::Untrusted,
        _ => Step::PostOnly,
    };
    let missing = words::Missing {
        monitor: &net.monitor,
        host: net.host.as_deref(),
        title: &net.title,
        since: net.missing_since.or_else(|| mail.map(|mail| mail.received_at)).unwrap_or(net.changed_at),
        mail: mail.map(|mail| mail.id),
        count,
        is_unreadable: mail
            .is_some_and(|mail| matches!(mail.ledger, Ledger::Unreadable | Ledger::UnreadableRegistered)),
        causes: &causes,
        step,
    };
    let message = words::missing(&settings.net, &missing);
    let reason = format!("{generation}/missing");
    let action = register::tell(id, &reason, net.customer.as_deref(), message, "an alert mail has no incident");
    let doing = if settings.posts && settings.net.mode >= Mode::Post { Doing::Really } else { Doing::Observed };
    apply(tx, Decision::act(action), doing).await
}

/// Whether a registration has to wait until PagerDuty takes events again.
async fn is_refused(tx: &mut Tx, causes: &[Cause]) -> Result<bool, StoreError> {
    let refuses = |cause: &Cause| matches!(cause.kind, CauseKind::EventsRejected | CauseKind::NotAnswering);
    Ok(causes.iter().any(refuses) || outages::open(tx, &Scope::All).await?.is_some())
}

/// A person registers what the mode or the sender did not allow. False when there is nothing to register.
pub async fn register_now(tx: &mut Tx, settings: &Settings, mail: i64) -> Result<bool, StoreError> {
    let Some(whole) = mails::find(tx, &Scope::All, mail).await? else { return Ok(false) };
    let Some(id) = whole.item.net.clone() else { return Ok(false) };
    tx.lock(&[lock_name(&id)]).await?;
    let Some(mut net) = nets::get(tx, &id).await?.filter(|net| !net.registration.is_live()) else { return Ok(false) };
    let is_over = net.open_since.is_none();
    if is_over {
        net.open_since = Some(whole.item.received_at);
        net.generation += 1;
    }
    if is_over || net.missing_since.is_none() || net.dedup_key.is_some() {
        lacks_anew(&mut net, &whole.item);
    }
    // The observed page of the same number was never sent: this one has a number of its own.
    net.tries += 1;
    net.registration = Registration::Asked;
    net.dedup_key = Some(dedup_key(&id, net.generation));
    net.asked_at = Some(tx.now());
    nets::save(tx, &net).await?;
    page_again(tx, settings, &net).await?;
    net.tries += 1;
    nets::save(tx, &net).await?;
    Ok(true)
}
