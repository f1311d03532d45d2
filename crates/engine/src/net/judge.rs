//! Mails whose grace time is over: an alert stands against them, or PagerDuty is asked, or they lack one. What PagerDuty was
//! asked once serves every mail that waits.

use super::{AT_ONCE, alone, late, lock_name, missing, proof, storm_lock, view};
use crate::interpret::Kept;
use crate::{Settings, Shared, bridges};
use duties::safety_net::arrive as decide;
use duties::safety_net::matching::{self, Candidate, Claim, Ready, Wanted};
use model::Micros;
use model::connection::{RecentState, poll as names};
use model::mail::{Ledger, Reason, State, Trust};
use model::reference::Kind;
use model::signal::source;
use std::collections::BTreeMap;
use store::mails::{self, Item, Standing, Whole};
use store::nets::{self, Net};
use store::{StoreError, Tx, alerts, crash_point, inbox, polls, reference};

/// Alerts of the mirror that are compared with the mails of one transaction.
const MOST_ALERTS: i64 = 3_000;
/// A mail that PagerDuty was asked for is looked at again after this.
const LOOK_AGAIN_MS: i64 = 1_500;
/// PagerDuty is asked this often at most, for all mails together.
const ASK_EVERY_S: i64 = 3;
/// Unanswered for so long, the verdict does not wait any more.
const BLIND_AFTER_S: i64 = 20;
/// An incident that a list showed has its alerts read by then.
const READ_WITHIN_S: i64 = 8;
/// PagerDuty's clock may be so far ahead of ours.
const CLOCKS_APART_S: i64 = 2;
/// PagerDuty is asked no further back: what is older is in the mirror, and a mail that says it is old makes nobody wait.
const ASKED_BACK_S: i64 = 2 * 3_600;

/// Judges until nothing is due.
pub async fn run(shared: &Shared) -> Result<(), StoreError> {
    loop {
        let is_due = shared.store.read(|tx| {
            Box::pin(async move {
                let now = tx.now();
                Ok(mails::oldest_due(tx, now).await?.is_some())
            })
        });
        if !is_due.await? {
            return Ok(());
        }
        let (settings, can_read) = (shared.settings.clone(), shared.outside.pagerduty.is_some());
        let judged = shared
            .store
            .write("judge", move |tx| Box::pin(async move { batch(tx, &settings, can_read).await }))
            .await?;
        shared.wake.act.notify_waiters();
        shared.wake.show.notify_waiters();
        if judged < AT_ONCE {
            return Ok(());
        }
    }
}

/// What is known for all mails of a batch.
struct Context<'a> {
    settings: &'a Settings,
    asked: Asked,
    /// From when on each mail's incident may have been created, as far as PagerDuty is asked for it.
    since: BTreeMap<i64, Micros>,
    windows: Vec<(String, String, Vec<String>)>,
}

/// How far PagerDuty has been asked.
#[derive(Clone, Debug, Default)]
struct Asked {
    /// The last round that is through, its answers read: when it began.
    through: Option<Micros>,
    /// From when on that round asked.
    since: Option<Micros>,
    can_read: bool,
    why: Option<String>,
    /// Its answers are here, and not all of them are read.
    is_being_read: bool,
}

impl Asked {
    /// Whether the last round began after a mail was due, and reached as far back as the mail's incident may lie.
    fn answers(&self, due: Micros, since: Option<&Micros>) -> bool {
        let reaches = self.since.zip(since).is_some_and(|(asked, since)| asked <= *since);
        reaches && self.through.is_some_and(|through| through >= due)
    }
}

/// From when on PagerDuty is asked in a mail's name. What an unproven mail says of its time is not believed for that.
fn asked_since(settings: &Settings, mail: &Whole, wanted: &Wanted, now: Micros) -> Micros {
    let at = if mail.item.trust == Trust::Trusted { wanted.received_at } else { mail.item.received_at };
    at.plus_s(-settings.net.window_s).max(now.plus_s(-ASKED_BACK_S))
}

pub(super) async fn batch(tx: &mut Tx, settings: &Settings, can_read: bool) -> Result<i64, StoreError> {
    alone(tx).await?;
    let now = tx.now();
    let due = mails::due(tx, now, AT_ONCE).await?;
    let count = i64::try_from(due.len()).unwrap_or(0);
    let Some((oldest, _)) = mails::oldest_due(tx, now).await? else { return Ok(0) };
    let wanted: Vec<Option<Wanted>> = due.iter().map(view::wanted).collect();
    let first = wanted.iter().flatten().map(|wanted| wanted.received_at).min().unwrap_or(oldest);
    let since = first.plus_s(-settings.net.window_s);
    lock(tx, &due).await?;
    let candidates: Vec<Candidate> =
        alerts::near(tx, since, MOST_ALERTS).await?.into_iter().map(view::candidate).collect();
    let own = due
        .iter()
        .zip(&wanted)
        .filter_map(|(mail, wanted)| Some((mail.item.id, asked_since(settings, mail, wanted.as_ref()?, now))));
    let own: BTreeMap<i64, Micros> = own.collect();
    let since = own.values().min().copied().unwrap_or(now);
    let asked = asked(tx, can_read, since).await?;
    let context = Context { settings, asked, since: own, windows: windows(tx, now).await? };
    let mut board = Board::new(&candidates);
    let (mut waits, mut lacking) = (false, Vec::new());
    for (mail, wanted) in due.iter().zip(&wanted) {
        match one(tx, &context, &mut board, mail, wanted.as_ref()).await? {
            Done::Judged => {}
            Done::Waits => waits = true,
            Done::Lacks(reason) => lacking.push((mail, reason)),
        }
    }
    if waits && !context.asked.is_being_read {
        ask(tx, since).await?;
    }
    crash_point!("judge.verdicts_written");
    missing::all(tx, settings, &lacking).await?;
    Ok(count)
}

async fn lock(tx: &mut Tx, due: &[Whole]) -> Result<(), StoreError> {
    let mut names: Vec<String> = due.iter().filter_map(|mail| mail.item.net.as_deref().map(lock_name)).collect();
    names.extend(due.iter().map(|mail| storm_lock(&mail.item.monitor)));
    names.sort();
    names.dedup();
    tx.lock(&names).await
}

/// The alerts of a batch with the claims that the batch itself makes.
struct Board<'a> {
    ready: Vec<Ready<'a>>,
}

impl<'a> Board<'a> {
    fn new(candidates: &'a [Candidate]) -> Self {
        Self { ready: candidates.iter().map(Ready::new).collect() }
    }

    fn find(&self, wanted: &Wanted, window_s: i64) -> Option<matching::Found> {
        matching::find(wanted, &self.ready, window_s)
    }

    fn take(&mut self, found: &matching::Found, wanted: &Wanted) {
        if !matches!(found.ledger, Ledger::Matched | Ledger::Suppressed) {
            return;
        }
        if let Some(ready) = self.ready.iter_mut().find(|ready| ready.candidate.alert == found.alert) {
            ready.claim = Claim { mail: Some(wanted.mail), net: Some(wanted.net.clone()), score: found.score };
        }
    }
}

enum Done {
    Judged,
    Waits,
    /// Nothing stands against it.
    Lacks(Reason),
}

async fn one(
    tx: &mut Tx,
    context: &Context<'_>,
    board: &mut Board<'_>,
    mail: &Whole,
    wanted: Option<&Wanted>,
) -> Result<Done, StoreError> {
    let item = &mail.item;
    let net = match &item.net {
        Some(net) => nets::get(tx, net).await?,
        None => None,
    };
    if item.state == State::Recovery {
        if proof::is_awaited(tx, mail).await? {
            return Ok(Done::Judged);
        }
        // Its sender could not be proven in time.
        let first = decide::recovery(Trust::Untrusted, "DNS did not answer in time");
        mails::stand(tx, item.id, &Standing::of(first.ledger, first.reason)).await?;
        return Ok(Done::Judged);
    }
    let (Some(wanted), Some(net)) = (wanted, net) else {
        mails::stand(tx, item.id, &Standing::of(Ledger::Unreadable, Reason::Nothing)).await?;
        return Ok(Done::Judged);
    };
    if let Some(found) = board.find(wanted, context.settings.net.window_s) {
        board.take(&found, wanted);
        late::balance(tx, context.settings, mail, net, &found).await?;
        return Ok(Done::Judged);
    }
    if let Some(standing) = by_ours(tx, item, &net).await? {
        mails::stand(tx, item.id, &standing).await?;
        return Ok(Done::Judged);
    }
    match verdict(tx, context, mail).await? {
        None => Ok(Done::Waits),
        Some(reason @ Reason::MaintenanceWindow { .. }) => {
            mails::stand(tx, item.id, &Standing::of(Ledger::Suppressed, reason)).await?;
            Ok(Done::Judged)
        }
        Some(reason) => {
            if let Some(found) = named(tx, context, mail, wanted).await? {
                late::balance(tx, context.settings, mail, net, &found).await?;
                return Ok(Done::Judged);
            }
            if proof::is_awaited(tx, mail).await? {
                return Ok(Done::Judged);
            }
            Ok(Done::Lacks(reason))
        }
    }
}

/// In a storm the alerts of a window are more than are compared: one that has the mail's key is found all the same.
async fn named(
    tx: &mut Tx,
    context: &Context<'_>,
    mail: &Whole,
    wanted: &Wanted,
) -> Result<Option<matching::Found>, StoreError> {
    let Some(kept) = mail.reading::<Kept>() else { return Ok(None) };
    let window_s = context.settings.net.window_s;
    let since = wanted.received_at.plus_s(-window_s);
    let named = alerts::named(tx, &kept.reading.names, kept.alike.as_deref(), since).await?;
    let candidates: Vec<Candidate> = named.into_iter().map(view::candidate).collect();
    let ready: Vec<Ready<'_>> = candidates.iter().map(Ready::new).collect();
    Ok(matching::find(wanted, &ready, window_s))
}

/// We registered it, or the storm that it is part of, and that stands.
async fn by_ours(tx: &mut Tx, item: &Item, net: &Net) -> Result<Option<Standing>, StoreError> {
    if net.registration.is_live() {
        return missing::with_ours(tx, item, net).await.map(Some);
    }
    let Some(id) = &net.storm else { return Ok(None) };
    let Some(storm) = nets::get(tx, id).await?.filter(|storm| storm.registration.is_live()) else { return Ok(None) };
    let standing = Standing::of(Ledger::Joined, Reason::InStorm { storm: id.clone() });
    Ok(Some(Standing { incident: storm.ours, ..standing }))
}

/// Why there is nothing, or `None` as long as the answer is on its way. What is meant to have nothing is written here.
async fn verdict(tx: &mut Tx, context: &Context<'_>, mail: &Whole) -> Result<Option<Reason>, StoreError> {
    let (item, now) = (&mail.item, tx.now());
    let asked = &context.asked;
    let nothing = if let Some((id, name)) = maintenance(context, item.service.as_deref()) {
        Some(Reason::MaintenanceWindow { id, name })
    } else if !asked.can_read {
        Some(Reason::Blind { why: "no [pagerduty] token is set, so only webhooks tell".into() })
    } else {
        match item.judged_at {
            None => {
                mails::ask(tx, item.id, now.plus_ms(LOOK_AGAIN_MS)).await?;
                None
            }
            Some(first) if asked.answers(first, context.since.get(&item.id)) => Some(Reason::Nothing),
            Some(first) if now.since(first) >= BLIND_AFTER_S * 1_000_000 => {
                let why = asked.why.clone().unwrap_or_else(|| "PagerDuty did not answer in time".into());
                Some(Reason::Blind { why })
            }
            Some(_) => {
                mails::look_again(tx, item.id, now.plus_ms(LOOK_AGAIN_MS)).await?;
                None
            }
        }
    };
    Ok(nothing)
}

/// A maintenance window that holds the mail's service.
fn maintenance(context: &Context<'_>, service: Option<&str>) -> Option<(String, String)> {
    let service = service?;
    context
        .windows
        .iter()
        .find(|(_, _, services)| services.iter().any(|name| name == service))
        .map(|(id, name, _)| (id.clone(), name.clone()))
}

/// Maintenance windows that go on, with the services they hold, by name and id.
async fn windows(tx: &mut Tx, now: Micros) -> Result<Vec<(String, String, Vec<String>)>, StoreError> {
    let scope = model::Scope::All;
    let all = reference::list(tx, &scope, Kind::MaintenanceWindow).await?;
    let all = bridges::laid_over(tx, all).await?;
    let live = all
        .into_iter()
        .filter(|window| window.starts_at.is_none_or(|at| at <= now) && window.ends_at.is_none_or(|at| at > now));
    let mut windows: Vec<_> = live.map(|window| (window.id, window.name, window.names)).collect();
    if windows.is_empty() {
        return Ok(windows);
    }
    // A mail's service may be named by its id.
    for service in reference::list(tx, &scope, Kind::Service).await? {
        for (_, _, names) in &mut windows {
            if names.contains(&service.name) {
                names.push(service.id.clone());
            }
        }
    }
    Ok(windows)
}

/// How far PagerDuty has been asked: a round counts once everything it brought has been read. What begins after it, and there
/// is always something on a busy day, does not hold it up.
async fn asked(tx: &mut Tx, can_read: bool, since: Micros) -> Result<Asked, StoreError> {
    let mut asked = Asked { can_read, ..Asked::default() };
    let Some(poll) = polls::get(tx, names::RECENT).await? else { return Ok(asked) };
    asked.why.clone_from(&poll.refused);
    asked.since = poll.known::<RecentState>().asked_since;
    let (Some(begun), Some(ended)) = (poll.begun_at, poll.ended_at) else { return Ok(asked) };
    if ended < begun {
        return Ok(asked);
    }
    let is_over = tx.now().since(ended) >= READ_WITHIN_S * 1_000_000;
    let is_read = !inbox::is_waiting_since(tx, source::PAGERDUTY_API, ended).await?
        && (is_over || alerts::unread(tx, since, ended.plus_s(CLOCKS_APART_S)).await? == 0);
    asked.through = is_read.then_some(begun);
    // Another round would begin the waiting anew, and in a storm for ever.
    asked.is_being_read = !is_read && tx.now().since(ended) < BLIND_AFTER_S * 1_000_000;
    Ok(asked)
}

/// Asks PagerDuty for what was created since then, unless that is under way.
pub(super) async fn ask(tx: &mut Tx, since: Micros) -> Result<(), StoreError> {
    let Some(poll) = polls::get(tx, names::RECENT).await? else { return Ok(()) };
    let now = tx.now();
    let is_under_way = poll.begun_at.is_some_and(|begun| poll.ended_at.is_none_or(|ended| ended < begun));
    if is_under_way || poll.begun_at.is_some_and(|begun| now.since(begun) < ASK_EVERY_S * 1_000_000) {
        return Ok(());
    }
    // A round that was asked for and has not begun is to serve everybody who asked.
    let state: RecentState = poll.known();
    let since = state.since.map_or(since, |wanted| wanted.min(since));
    polls::keep(tx, names::RECENT, &RecentState { since: Some(since), ..state }).await?;
    polls::hurry(tx, names::RECENT).await
}
