//! How the mirror is fed: polls, subscriptions, gaps, the backfill under way. Read in a number of statements that does not
//! grow with the rows, and weighed for the pages. Never asks PagerDuty.

use crate::state::Settings;
use crate::view::{GapRow, Trouble};
use duties::webhook_guard::{self, Health, State};
use model::connection::{LogState, OpenState, SubscriptionsState, TokenState, poll};
use model::{Micros, Scope};
use serde::de::DeserializeOwned;
use store::backfills::{self, Backfill, Progress};
use store::gaps::{self, Gap};
use store::polls::{self, Poll};
use store::{StoreError, Tx, duty_state, sightings};

/// An incident that the API has shown is on its way for so long before it counts as lacking.
pub(crate) const SETTLES_S: i64 = 60;
/// The story of a gap stays on *Now* for so long after it was closed.
const TOLD_S: i64 = 3_600;
const GAPS: i64 = 20;
/// What stands in the place of a refusal where a poll is switched off.
pub(crate) const OFF: &str = "off";
/// The mirror counts as old when the log was last read through so long ago, or three polls ago.
const STALE_S: i64 = 300;

#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    pub polls: Vec<Poll>,
    pub token: TokenState,
    pub subscriptions: SubscriptionsState,
    pub log: LogState,
    pub open: OpenState,
    /// By subscription of ours.
    pub guards: Vec<(String, State)>,
    /// The latest, newest first.
    pub gaps: Vec<Gap>,
    /// Incidents that the API showed and the mirror lacks.
    pub lacking: i64,
    /// The backfill under way, or the next one.
    pub backfill: Option<(Backfill, Progress)>,
}

impl Standing {
    pub(crate) async fn load(tx: &mut Tx) -> Result<Self, StoreError> {
        let settled = tx.now().plus_s(-SETTLES_S);
        let polls = polls::list(tx, &Scope::All).await?;
        let guards = duty_state::all::<State>(tx, webhook_guard::DUTY, webhook_guard::VERSION).await?;
        let standing = Self {
            token: known(&polls, poll::TOKEN),
            subscriptions: known(&polls, poll::SUBSCRIPTIONS),
            log: known(&polls, poll::LOG),
            open: known(&polls, poll::OPEN),
            polls,
            guards: guards.into_iter().map(|(subscription, state, _)| (subscription, state)).collect(),
            gaps: gaps::list(tx, &Scope::All, GAPS).await?,
            lacking: sightings::lacking(tx, &Scope::All, settled).await?,
            backfill: under_way(tx).await?,
        };
        Ok(standing)
    }

    pub(crate) fn poll(&self, name: &str) -> Option<&Poll> {
        self.polls.iter().find(|poll| poll.name == name)
    }

    /// When a poll last came to its end: the API answered then.
    pub(crate) fn answered_at(&self) -> Option<Micros> {
        self.polls.iter().filter_map(|poll| poll.ended_at).max()
    }

    /// Why the key itself is refused, whatever it asks for.
    pub(crate) fn key_refused(&self) -> Option<&str> {
        self.poll(poll::TOKEN)?.refused.as_deref().filter(|why| *why != OFF)
    }

    /// How old the mirror is, if that is too old.
    pub(crate) fn stale(&self, settings: &Settings, now: Micros) -> Option<Micros> {
        let covered = self.log.covered.filter(|_| settings.is_polling())?;
        (now.since(covered) > stale_after_s(settings) * 1_000_000).then_some(covered)
    }

    /// What is wrong besides the key itself, with since when it is so.
    pub(crate) fn troubles(&self, settings: &Settings, now: Micros) -> Vec<(Option<Micros>, Trouble)> {
        let mut found = Vec::new();
        if !self.token.missing.is_empty() {
            let what = self.token.missing.iter().map(|m| m.what.clone()).collect();
            found.push((None, Trouble::MissingScopes { what }));
        }
        if let Some(covered) = self.stale(settings, now) {
            found.push((None, Trouble::Stale { covered }));
        }
        found.extend(self.guards.iter().filter(|(_, state)| state.health != Health::Ok).map(|(id, state)| {
            let trouble = Trouble::Subscription {
                subscription: id.clone(),
                health: state.health,
                asked_at: state.asked_at,
                tries: state.tries,
                would_enable: state.would_enable,
                every_s: settings.poll_s,
            };
            (state.since, trouble)
        }));
        let told = self.gaps.iter().filter(|gap| is_told(gap, now));
        found.extend(told.map(|gap| (None, Trouble::Gap(gap_row(gap)))));
        found
    }
}

pub(crate) fn stale_after_s(settings: &Settings) -> i64 {
    STALE_S.max(settings.poll_s.saturating_mul(3))
}

/// An open gap is told by what opened it.
fn is_told(gap: &Gap, now: Micros) -> bool {
    match gap.closed_at {
        None => gap.state != "open",
        Some(at) => now.since(at) < TOLD_S * 1_000_000,
    }
}

pub(crate) fn gap_row(gap: &Gap) -> GapRow {
    GapRow {
        id: gap.id.clone(),
        subscription: gap.subscription.clone(),
        why: gap.why.clone(),
        state: gap.state.clone(),
        since: gap.since,
        until: gap.until,
        pass: unsigned(gap.pass),
        entries: unsigned(gap.entries),
        lacking: unsigned(gap.lacking),
        repaired: unsigned(gap.repaired),
    }
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

fn known<T: DeserializeOwned + Default>(polls: &[Poll], name: &str) -> T {
    polls.iter().find(|poll| poll.name == name).map(Poll::known).unwrap_or_default()
}

async fn under_way(tx: &mut Tx) -> Result<Option<(Backfill, Progress)>, StoreError> {
    let mut live = backfills::live(tx).await?;
    if live.is_empty() {
        return Ok(None);
    }
    let at = live.iter().position(|backfill| backfill.state == "running").unwrap_or(0);
    let backfill = live.swap_remove(at);
    let progress = backfills::progress(tx, &Scope::All, &backfill).await?;
    Ok(Some((backfill, progress)))
}
